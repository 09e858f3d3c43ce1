/** Codings of which the chart keeps the code. */

import { asString, type Json, printableCode } from '../fhir/json.ts';

/** What the chart keeps of codings: system and code, never a display; nothing that may be narrative. */
export const codesOf = (codings: readonly Json[]): { system: string; code: string }[] =>
  codings.flatMap((coding) => {
    const code = printableCode(coding.code);
    const system = asString(coding.system);
    return code && system && system.length <= 120 ? [{ system, code }] : [];
  });

/** Sessions of dialysis in code systems of procedures that conditions.json does not have, and words of access to it. */

import { asString, type Json } from '../fhir/json.ts';

/**
 * ICD-9-CM volume 3: 39.95 hemodialysis, 54.98 peritoneal dialysis. OPS: 8-853 hemofiltration, 8-854 hemodialysis,
 * 8-855 hemodiafiltration, 8-857 peritoneal dialysis; 8-856, hemoperfusion, is none. ICD-10-PCS: 3E1M39Z peritoneal
 * dialysis. Remembered, in no list that was opened: they raise findings and exempt from little.
 */
const sessions: readonly (readonly [system: RegExp, code: RegExp])[] = [
  [/icd-?9-?cm|2\.16\.840\.1\.113883\.6\.104$/, /^(?:39\.?95|54\.?98)$/],
  [/(?:^|[/:])ops(?:$|[/|])|1\.2\.276\.0\.76\.5\.\d+$/, /^8-85(?:3|4|5|7)(?:\.|$)/],
  [/icd-?10-?pcs|medicare\/coding\/icd10|2\.16\.840\.1\.113883\.6\.4$/, /^3E1M39Z$/],
];

/** Whether one of the codings of a Procedure is a session of dialysis in one of those systems. */
export const isDialysisSession = (codings: readonly Json[]): boolean =>
  codings.slice(0, 50).some((coding) => {
    const system = asString(coding.system)?.slice(0, 200).toLowerCase() ?? '';
    const code = asString(coding.code)?.trim().toUpperCase() ?? '';
    return sessions.some(([systems, codes]) => systems.test(system) && codes.test(code));
  });

const access =
  /cathet|fistula|graft|access|shunt|cannula|train|educat|teach|plan|remov|insert|creat|plac|evaluat/i;

/** Whether words are about access to dialysis or learning it, not about a session. */
export const namesAccess = (words: readonly unknown[]): boolean =>
  words.some((word) => typeof word === 'string' && word.length <= 500 && access.test(word));

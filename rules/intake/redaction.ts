/** Labels that say of a Bundle or a resource that something was left out of it. */

import { asArray, asObject, asString, type Json } from '../fhir/json.ts';

/** Of v3-ObservationValue. MASKED is read too, although no example of it is known. */
const redacted: ReadonlySet<string> = new Set(['REDACTED', 'MASKED']);

/** Whether `meta.security` says so (https://hl7.org/fhir/R4/security-labels.html). */
export const isRedacted = ({ meta }: Json): boolean =>
  asArray(asObject(meta)?.security).some(({ code }) => redacted.has(asString(code) ?? ''));

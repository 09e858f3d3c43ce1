/**
 * What turns the meaning of a medication around, whatever its status: modifier elements of the FHIR versions, and
 * extensions that negate.
 */

import { asObject, codeOf, type Json, printableCode } from '../fhir/json.ts';
import { negationIn } from '../fhir/negation.ts';
import { pastStatuses } from '../intake/resource-category.ts';

/** `no`: not taken; `unknown`: nobody knows whether it is. */
export interface Modifier {
  taken: 'no' | 'unknown';
  /** `taken \`n\``, for a message. */
  words: string;
  /** It was taken before: halted. */
  halted?: true;
}

/** https://hl7.org/fhir/R5/valueset-medication-statement-adherence.html */
const adherenceKinds: ReadonlyMap<string, Modifier['taken'] | 'yes'> = new Map([
  ['taking', 'yes'],
  ['not-taking', 'no'],
  ['not-taken', 'no'],
  ['on-hold', 'no'],
  ['stopped', 'no'],
  ['unknown', 'unknown'],
]);

function readAdherence(resource: Json): Modifier | null {
  const code = codeOf(asObject(resource.adherence)?.code);
  if (code === null) return null;
  const kind = code.replace(/-(?:not-)?as-directed$/, '');
  const taken = adherenceKinds.get(kind);
  if (taken === 'yes' || taken === undefined) return null;
  return {
    taken,
    words: `adherence \`${printableCode(code)}\``,
    ...(pastStatuses.has(kind) ? { halted: true } : {}),
  };
}

/** STU3: https://hl7.org/fhir/STU3/valueset-medication-statement-taken.html; `na` leaves it to the status. */
function readTaken({ taken }: Json): Modifier | null {
  if (taken === undefined || taken === null || taken === 'y' || taken === 'na') return null;
  const code = printableCode(taken);
  const words = code === null ? '`taken` in a form we do not know' : `\`taken\` \`${code}\``;
  return { taken: taken === 'n' ? 'no' : 'unknown', words };
}

/** Flags that mean no when they are true: R4 and R5, DSTU2, STU3. */
const flags = ['doNotPerform', 'wasNotTaken', 'wasNotGiven', 'notGiven', 'notDone'] as const;

/**
 * @returns null where nothing modifies the resource
 * @example
 * readModifier({ status: 'active', taken: 'n' }); // { taken: 'no', words: '`taken` `n`' }
 */
export function readModifier(resource: Json): Modifier | null {
  const flag = flags.find((name) => resource[name] === true);
  if (flag) return { taken: 'no', words: `\`${flag}\`` };
  const stated = ['notDoneCodeableConcept', 'notDoneReference'].find((name) => asObject(resource[name]));
  if (stated) return { taken: 'no', words: '`notDone`' };
  if (negationIn(resource) === true) return { taken: 'no', words: 'an extension that negates it' };
  return readTaken(resource) ?? readAdherence(resource);
}

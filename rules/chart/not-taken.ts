/**
 * What turns the meaning of a medication around, whatever its status: modifier elements of the FHIR versions, and
 * extensions that negate.
 */

import { asObject, asString, codeOf, codingsOf, type Json, printableCode } from '../fhir/json.ts';
import { isTrue, negationIn } from '../fhir/negation.ts';
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

/** One word or code of an adherence: `Not taking as directed`. */
const kindOfAdherence = (word: string): string =>
  word
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
    .replace(/-(?:not-)?as-directed$/, '');

/** By all its codings and its text: what is said not to be taken; what no word of it is known of is unknown. */
function readAdherence(resource: Json): Modifier | null {
  const stated = asObject(resource.adherence)?.code;
  const concept = asObject(stated);
  const words = [
    asString(stated) ?? asString(concept?.code),
    ...codingsOf(concept).flatMap((coding) => [asString(coding.code), asString(coding.display)]),
    asString(concept?.text),
  ].filter((word) => word !== null);
  if (words.length === 0) return null;
  const read = words.map((word) => ({ word, taken: adherenceKinds.get(kindOfAdherence(word)) }));
  const found =
    read.find(({ taken }) => taken === 'no') ??
    read.find(({ taken }) => taken === 'unknown') ??
    read.find(({ taken }) => taken === 'yes');
  if (found?.taken === 'yes') return null;
  const code = printableCode(found?.word ?? codeOf(stated));
  return {
    taken: found?.taken ?? 'unknown',
    words: code === null ? 'an adherence' : `adherence \`${code}\``,
    ...(found && pastStatuses.has(kindOfAdherence(found.word)) ? { halted: true } : {}),
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
  const flag = flags.find((name) => isTrue(resource[name]));
  if (flag) return { taken: 'no', words: `\`${flag}\`` };
  const stated = ['notDoneCodeableConcept', 'notDoneReference'].find((name) => asObject(resource[name]));
  if (stated) return { taken: 'no', words: '`notDone`' };
  if (negationIn(resource) === true) return { taken: 'no', words: 'an extension that negates it' };
  return readTaken(resource) ?? readAdherence(resource);
}

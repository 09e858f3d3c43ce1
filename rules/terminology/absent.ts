/**
 * Codes and texts that stand in place of an entry of a list: none known, no information, withheld. The table with
 * its sources is absent.json.
 */
import { asArray, asObject, asString, codingsOf, isObject, type Json } from '../fhir/json.ts';
import table from './absent.json' with { type: 'json' };

/** The lists that may be stated to be empty. */
export const absentLists = ['problems', 'medications', 'allergies', 'procedures'] as const;
export type AbsentList = (typeof absentLists)[number];

/**
 * `empty`: somebody stated that there is nothing. `unknown`: nothing may be concluded, or something is withheld.
 * `silent`: it is about something else (food, latex), and says neither.
 */
export type Absence = 'empty' | 'unknown' | 'silent';

interface CodeRow {
  system: string;
  code: string;
  means: string;
  covers?: string;
}

const absenceOfRow = ({ means, covers }: CodeRow): Absence =>
  covers === 'other' ? 'silent' : means === 'known-empty' ? 'empty' : 'unknown';

const tableOf = (rows: readonly CodeRow[]): ReadonlyMap<string, Absence> =>
  new Map(rows.map((row) => [`${row.system}|${row.code}`, absenceOfRow(row)]));

const codes: Readonly<Record<AbsentList, ReadonlyMap<string, Absence>>> = {
  problems: tableOf(table.codes.problems),
  medications: tableOf(table.codes.medications),
  allergies: tableOf(table.codes.allergies),
  procedures: tableOf(table.codes.procedures),
};
/** Codes that say of any element why it has no value. */
const ofAnyElement = tableOf(table.codes.any);
const withheld: ReadonlySet<string> = new Set(table.withheld);

const systems: ReadonlyMap<string, string> = new Map(
  Object.entries(table.systems).flatMap(([name, uris]) => uris.map((uri) => [uri, name] as const)),
);

/** `https`, a version after `|`, an edition after the system, another case: the system all the same. */
function systemOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 200) return null;
  const [bare = ''] = value.trim().toLowerCase().split('|');
  const uri = bare.replace(/^https:/, 'http:').replace(/\/$/, '');
  return systems.get(uri) ?? systems.get(uri.replace(/(\/sct)\/.*$/, '$1')) ?? null;
}

function keyOf(coding: Json): string | null {
  const system = systemOf(coding.system);
  const code = typeof coding.code === 'number' ? String(coding.code) : asString(coding.code)?.trim();
  return system !== null && code ? `${system}|${code}` : null;
}

// --- Texts -------------------------------------------------------------------------------------------------

const phrases = (words: readonly string[], absence: Absence): [string, Absence][] =>
  words.map((phrase) => [phrase, absence]);

const unknownTexts = phrases(table.texts.unknown, 'unknown');
const phrasesOf: Readonly<Record<AbsentList, ReadonlyMap<string, Absence>>> = {
  problems: new Map([...unknownTexts, ...phrases(table.texts.problems, 'empty')]),
  medications: new Map([...unknownTexts, ...phrases(table.texts.medications, 'empty')]),
  allergies: new Map([
    ...unknownTexts,
    ...phrases(table.texts.allergies, 'empty'),
    ...phrases(table.texts.drugAllergies, 'empty'),
    ...phrases(table.texts.otherAllergies, 'silent'),
  ]),
  procedures: new Map(unknownTexts),
};

const longestText = 120;
const plainWords = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    // "N.K.D.A."
    .replace(/(?<=^| )(\p{L}) (?=\p{L}(?: |$))/gu, '$1');
/** What surrounds such a phrase without changing it: "Patient has ... at this time", "Allergies: ... (verified)". */
const withoutFrame = (words: string): string =>
  words
    .replace(/^(?:(?:drug|medication) )?allerg(?:y|ies) /, '')
    .replace(/^(?:the )?(?:patient|pt) (?:(?:has|reports|states) )?/, '')
    .replace(/ (?:reported|documented|verified|confirmed|reviewed|at this time)(?: \d+)*$/, '');

/** What a text says as a whole, or in each of its parts: "NKA (no known allergies)". */
function absenceOfText(text: string, list: AbsentList): Absence | null {
  if (text.length > longestText) return null;
  const known = phrasesOf[list];
  const find = (part: string): Absence | undefined => {
    const words = plainWords(part);
    return known.get(words) ?? known.get(withoutFrame(words));
  };
  const whole = find(text);
  if (whole) return whole;
  const parts = text.split(/[()[\],;:/]|\s[-\u2013\u2014]\s/).filter((part) => plainWords(part) !== '');
  const found = parts.map(find);
  return found.includes(undefined) ? null : worstOf(found.flatMap((one) => one ?? []));
}

/** Of several the one that is least certain; what is about something else does not count beside another. */
function worstOf(absences: readonly Absence[]): Absence | null {
  if (absences.includes('unknown')) return 'unknown';
  return absences.includes('empty') ? 'empty' : (absences[0] ?? null);
}

// --- Concepts ----------------------------------------------------------------------------------------------

const dataAbsentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** Reasons that extensions of the concept or of its members give for having no value. */
const reasonsIn = (concept: Json): string[] =>
  [concept, concept._text, ...codingsOf(concept).flatMap((coding) => [coding, coding._code])]
    .flatMap((holder) => asArray(asObject(holder)?.extension))
    .filter(({ url }) => url === dataAbsentReason)
    .map((extension) => asString(extension.valueCode) ?? 'unknown');

/** A code of another list, such as "no known allergy" among the problems. */
const isOfAnotherList = (key: string, list: AbsentList): boolean =>
  absentLists.some((other) => other !== list && codes[other].has(key));

const mostCodings = 50;

/**
 * What a concept says in place of an entry of the list; null where it is an entry, or nothing at all.
 * @param concept CodeableConcept of Condition.code, a medication, AllergyIntolerance.code or Procedure.code
 * @example
 * const code = { coding: [{ system: 'http://snomed.info/sct', code: '716186003' }] };
 * absenceOf(code, 'allergies'); // 'empty'
 * absenceOf({ text: 'NKDA' }, 'allergies'); // 'empty'
 * absenceOf({ text: 'no known food allergies' }, 'allergies'); // 'silent'
 */
export function absenceOf(concept: unknown, list: AbsentList): Absence | null {
  if (!isObject(concept)) return null;
  const codings = codingsOf(concept).slice(0, mostCodings);
  const keys = codings.map(keyOf);
  const stated = keys.flatMap((key) => (key === null ? [] : (codes[list].get(key) ?? [])));
  if (stated.length > 0) return worstOf(stated);
  if (keys.some((key) => key !== null && isOfAnotherList(key, list))) return 'silent';
  const others = codings.filter((_, index) => !isAbsent(keys[index]));
  const reasons = [...reasonsIn(concept), ...keys.flatMap((key) => (isAbsent(key) ? codeIn(key) : []))];
  if (reasons.some((reason) => withheld.has(reason))) return 'unknown';
  const names = [...others.map(({ display }) => display), concept.text].flatMap(
    (name) => asString(name) ?? [],
  );
  if (names.length > 0) {
    const said = names.map((name) => absenceOfText(name, list));
    return said.includes(null) ? null : worstOf(said.flatMap((one) => one ?? []));
  }
  return reasons.length > 0 && !others.some(({ code }) => asString(code)) ? 'unknown' : null;
}

const isAbsent = (key: string | null | undefined): key is string =>
  typeof key === 'string' && ofAnyElement.has(key);
const codeIn = (key: string): string => key.slice(key.indexOf('|') + 1);

// --- Lists -------------------------------------------------------------------------------------------------

/** The list that a List, or a section of a Composition, is: by its LOINC code or the example code of FHIR. */
export function listOf(code: unknown): AbsentList | null {
  const values = codingsOf(code).map((coding) => asString(coding.code));
  return (
    absentLists.find((list) => values.some((value) => value !== null && table.lists[list].includes(value))) ??
    null
  );
}

const emptyReasons: Readonly<Record<string, string>> = table.emptyReasons;

/**
 * Why a List or a section is empty (https://hl7.org/fhir/R4/valueset-list-empty-reason.html): `nilknown` states that
 * there is nothing; every other reason, known to us or not, leaves it unknown. Null without one.
 */
export function absenceOfEmptyReason(reason: unknown, list: AbsentList): Absence | null {
  if (!isObject(reason)) return null;
  const [coded] = codingsOf(reason).flatMap(({ code }) => asString(code) ?? []);
  if (coded !== undefined) {
    const isNil = Object.hasOwn(emptyReasons, coded) && emptyReasons[coded] === 'known-empty';
    return isNil ? 'empty' : 'unknown';
  }
  const text = asString(reason.text);
  return (text === null ? null : absenceOfText(text, list)) ?? 'unknown';
}

/** What a searchset is an answer to: by its self link, else by our own prefetch key. */

import type { Category } from '../fhir/categories.ts';
import type { Json } from '../fhir/json.ts';
import {
  categoryOfKey,
  categoryOfType,
  isTypeWithoutList,
  typeOfKeyWithoutList,
} from './resource-category.ts';
import { narrowedBy, readSearch, type Search, selfSearchOf } from './search.ts';

/** A search as far as it concerns the kinds of data that the rules need. */
export interface SearchedFor {
  /** The kinds of data it answers for. */
  categories: readonly Category[];
  /** The codes it was narrowed to; null where it was not. */
  codes: readonly string[] | null;
  /** Null where only our key says what was asked. */
  type: string | null;
  /** To some statuses of therapy, or by anything below: its kind of data is known for what it holds. */
  narrowed?: boolean;
  /** Milliseconds since the epoch: everything at or after it was asked for, and nothing before. Null: no first day. */
  since: number | null;
  /** Of results: those of the category `laboratory` alone. */
  ofLaboratory?: true;
  /** Parameters that make it narrower than our templates: it answers none of them. */
  narrowedBy: readonly string[];
}

/** What was asked for, and for whom. */
export interface Question {
  /** Our prefetch templates, by key. */
  templates?: Readonly<Record<string, string>>;
  /** Bare id of the patient in context. */
  patientId?: string | null;
}

/** Whether the codes that were asked for are all of those of our template; where none is known, they are. */
function coversTemplate({ codes }: Search, key: string | undefined, { templates = {} }: Question): boolean {
  const template = key === undefined ? undefined : templates[key];
  if (codes === null || template === undefined) return true;
  const [type = '', query = ''] = template.split('?');
  const asked = new Set(codes);
  return readSearch(type, query)?.codes?.every((code) => asked.has(code)) ?? false;
}

/** What no parameter narrows. */
const whole = { codes: null, since: null, narrowedBy: [] } as const;

/**
 * What a search bundle was an answer to: by its self link, else by our own key. A search narrowed to other
 * things than ours (vital signs) is none; one narrowed to codes answers for those codes only, one narrowed to
 * statuses for the therapy that is taken, or for the one that is over. One that is narrowed by anything else answers
 * for what it holds.
 * @param key of the prefetch; undefined where the bundle came without one
 * @param question what was asked, and for whom, as far as that is known
 * @returns null where it answers none of our questions, or does not say which
 */
export function readSearchedFor(
  bundle: Json,
  key: string | undefined,
  question: Question = {},
): SearchedFor | null {
  const ours = key === undefined ? undefined : categoryOfKey(key);
  const search = selfSearchOf(bundle);
  if (!search) return ours ? { ...whole, categories: [ours], type: null } : null;
  const { type } = search;
  const category = categoryOfType(type);
  const isWithoutList = key !== undefined && typeOfKeyWithoutList(key) !== undefined;
  const isOurs = isWithoutList || (ours !== undefined && ours === category);
  const isTherapy = category === 'medications';
  const narrower = [
    ...ofAnother(search, question),
    ...narrowedBy(search, isOurs || (isTherapy && ours !== undefined)),
  ];
  // Under our own key the client may have written our codes in another way.
  const fewer = isOurs && coversTemplate(search, key, question) ? null : search.codes;
  if (isWithoutList || isTypeWithoutList(type)) return withoutListOf(search, narrower, isOurs ? fewer : null);
  // What was handed out is no list of therapy, past or present: it is known for what it holds.
  if (!category || category === 'pastMedications' || isOfOtherKind(search)) return null;
  if (narrower.length > 0) return narrowerThanOurs(type, narrower);
  if (isTherapy) return therapySearchedFor(search, ours !== undefined);
  return category === 'labs' ? labsSearchedFor(search, fewer) : recordSearchedFor(search, category, isOurs);
}

const ofAnother = ({ patients }: Search, { patientId = null }: Question): string[] =>
  patientId !== null && patients.length > 0 && !patients.includes(patientId) ? ['patient'] : [];

/** @param fewer codes, where they are not all of those of our template */
function labsSearchedFor(
  { kinds, codes, type, since }: Search,
  fewer: readonly string[] | null,
): SearchedFor {
  const ofLaboratory = kinds !== null || codes !== null;
  return {
    ...whole,
    categories: ['labs'],
    codes: fewer,
    type,
    since,
    ...(ofLaboratory ? { ofLaboratory } : {}),
  };
}

/** Of a key or type that asks for no list, what its link says was asked makes no list known. */
function withoutListOf(
  { type, codes, since }: Search,
  narrower: readonly string[],
  fewer: readonly string[] | null,
): SearchedFor {
  const names = fewer === null ? narrower : [...narrower, 'code'];
  return names.length > 0 ? narrowerThanOurs(type, names) : { ...whole, categories: [], codes, type, since };
}

const narrowerThanOurs = (type: string, names: readonly string[]): SearchedFor => ({
  ...whole,
  categories: [],
  type,
  narrowed: true,
  narrowedBy: names,
});

/** Vital signs and the like: https://hl7.org/fhir/R4/valueset-observation-category.html */
const isOfOtherKind = ({ type, kinds }: Search): boolean =>
  type === 'Observation' && kinds !== null && !kinds.some((kind) => kind === 'laboratory' || kind === 'LAB');

/** @param isOurs under our key it is the answer to our template, which asks for all that the rules need */
function therapySearchedFor({ type, statuses, codes }: Search, isOurs: boolean): SearchedFor {
  // Our template for statements names no status, since R4 and R5 have others: it answers for what is taken.
  const isOurStatements = isOurs && type === 'MedicationStatement' && statuses === null;
  if (codes !== null) return narrowerThanOurs(type, ['code']);
  return {
    ...whole,
    categories: isOurStatements ? (['medications'] as const) : therapyAnswered(statuses),
    type,
    narrowed: statuses !== null,
  };
}

/** Conditions, allergies and encounters. */
function recordSearchedFor(
  { type, codes, statuses }: Search,
  category: Category,
  isOurs: boolean,
): SearchedFor | null {
  if (category === 'encounter' && statuses && !statuses.includes('active')) return null;
  // Codes of these kinds of data are not ours to compare: such an answer is known for what it holds.
  if (!isOurs && codes !== null) return narrowerThanOurs(type, ['code']);
  return { ...whole, categories: [category], type };
}

/** Which lists of therapy a search of these statuses answers for; of all statuses where it names none. */
function therapyAnswered(statuses: readonly string[] | null): Category[] {
  if (!statuses) return ['medications', 'pastMedications'];
  const answered: Category[] = [];
  if (statuses.includes('active')) answered.push('medications');
  if (statuses.includes('completed') && statuses.includes('stopped')) answered.push('pastMedications');
  return answered;
}

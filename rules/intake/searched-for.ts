/** What a searchset is an answer to: by its self link, else by our own prefetch key. */

import type { Category } from '../fhir/categories.ts';
import type { Json } from '../fhir/json.ts';
import {
  categoryOfKey,
  categoryOfType,
  isTypeWithoutList,
  typeOfKeyWithoutList,
} from './resource-category.ts';
import { narrowedBy, type Search, selfSearchOf } from './search.ts';

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

/** What no parameter narrows. */
const whole = { codes: null, since: null, narrowedBy: [] } as const;

/**
 * What a search bundle was an answer to: by its self link, else by our own key. A search narrowed to other
 * things than ours (vital signs) is none; one narrowed to codes answers for those codes only, one narrowed to
 * statuses for the therapy that is taken, or for the one that is over. One that is narrowed by anything else answers
 * for what it holds.
 * @param key of the prefetch; undefined where the bundle came without one
 * @returns null where it answers none of our questions, or does not say which
 */
export function readSearchedFor(bundle: Json, key: string | undefined): SearchedFor | null {
  const withoutList = key === undefined ? undefined : typeOfKeyWithoutList(key);
  const ours = key === undefined ? undefined : categoryOfKey(key);
  const search = selfSearchOf(bundle);
  if (!search) return ours ? { ...whole, categories: [ours], type: null } : null;
  const { type, since, codes } = search;
  const category = categoryOfType(type);
  const isOurs = withoutList !== undefined || (ours !== undefined && ours === category);
  const isTherapy = category === 'medications';
  const narrower = narrowedBy(search, isOurs || (isTherapy && ours !== undefined));
  if (withoutList !== undefined || isTypeWithoutList(type)) {
    // Of a key of ours that asks for no list, what its link says was asked makes no list known.
    return narrower.length > 0
      ? narrowerThanOurs(type, narrower)
      : { categories: [], codes, type, since, narrowedBy: [] };
  }
  // What was handed out is no list of therapy, past or present: it is known for what it holds.
  if (!category || category === 'pastMedications' || isOfOtherKind(search)) return null;
  if (narrower.length > 0) return narrowerThanOurs(type, narrower);
  if (isTherapy) return therapySearchedFor(search, ours !== undefined);
  if (category === 'labs')
    return {
      categories: ['labs'],
      codes: isOurs ? null : codes,
      type,
      since,
      narrowedBy: [],
      ...(search.kinds !== null || codes !== null ? { ofLaboratory: true } : {}),
    };
  return recordSearchedFor(search, category, isOurs);
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
  const isForAllDrugs = codes === null || isOurs;
  // Our template for statements names no status, since R4 and R5 have others: it answers for what is taken.
  const isOurStatements = isOurs && type === 'MedicationStatement' && statuses === null;
  if (!isForAllDrugs) return narrowerThanOurs(type, ['code']);
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

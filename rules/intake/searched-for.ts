/** What a searchset is an answer to: by its self link, else by our own prefetch key. */

import type { Category } from '../fhir/categories.ts';
import { asArray, asString, type Json } from '../fhir/json.ts';
import { categoryOfKey, categoryOfType, typeOfKeyWithoutList } from './resource-category.ts';

/** A search as far as it concerns the kinds of data that the rules need. */
export interface SearchedFor {
  /** The kinds of data it answers for. */
  categories: readonly Category[];
  /** The codes it was narrowed to; null where it was not. */
  codes: readonly string[] | null;
  /** Null where only our key says what was asked. */
  type: string | null;
  /** To some statuses of therapy: its kind of data is known by what was asked, not by what it holds. */
  narrowed?: boolean;
}

interface Search {
  type: string;
  parameters: URLSearchParams;
}

/** The code of a search token: https://hl7.org/fhir/R4/search.html#token */
export const codeOfToken = (token: string): string => token.slice(token.lastIndexOf('|') + 1);

const codesOfTokens = (tokens: string | null): string[] | null => tokens?.split(',').map(codeOfToken) ?? null;

/** The search of the first self link that is one: https://hl7.org/fhir/R4/http.html#paging */
function selfSearchOf(bundle: Json): Search | null {
  for (const link of asArray(bundle.link)) {
    const url = link.relation === 'self' ? asString(link.url) : null;
    const match = url ? /(?:^|\/)([A-Z][A-Za-z]+)\?([^#]*)$/.exec(url) : null;
    if (match) return { type: match[1] ?? '', parameters: new URLSearchParams(match[2] ?? '') };
  }
  return null;
}

/** Of a key of ours that asks for no list: what its link says was asked, which makes no list known. */
function withoutListOf(bundle: Json): SearchedFor | null {
  const search = selfSearchOf(bundle);
  if (!search) return null;
  return { categories: [], codes: codesOfTokens(search.parameters.get('code')), type: search.type };
}

/**
 * What a search bundle was an answer to: by its self link, else by our own key. A search narrowed to other
 * things than ours (vital signs) is none; one narrowed to codes answers for those codes only, one narrowed to
 * statuses for the therapy that is taken, or for the one that is over.
 * @param key of the prefetch; undefined where the bundle came without one
 * @returns null where it answers none of our questions, or does not say which
 */
export function readSearchedFor(bundle: Json, key: string | undefined): SearchedFor | null {
  if (key !== undefined && typeOfKeyWithoutList(key) !== undefined) return withoutListOf(bundle);
  const ours = key === undefined ? undefined : categoryOfKey(key);
  const search = selfSearchOf(bundle);
  if (!search) return ours ? { categories: [ours], codes: null, type: null } : null;
  const category = categoryOfType(search.type);
  // What was given or handed out is no list of therapy, past or present: it is known for what it holds.
  if (!category || category === 'pastMedications') return null;
  if (category === 'medications') return therapySearchedFor(search, ours !== undefined);
  if (category === 'labs') return labsSearchedFor(search, ours === category);
  return recordSearchedFor(search, category, ours === category);
}

/** @param isOurs under our key it is the answer to our template, which asks for all that the rules need */
function therapySearchedFor({ type, parameters }: Search, isOurs: boolean): SearchedFor {
  const statuses = codesOfTokens(statusesOf(parameters));
  const isForAllDrugs = parameters.get('code') === null || isOurs;
  // Our template for statements names no status, since R4 and R5 have others: it answers for what is taken.
  const isOurStatements = isOurs && type === 'MedicationStatement' && statuses === null;
  const answered = isOurStatements ? (['medications'] as const) : therapyAnswered(statuses);
  return {
    categories: isForAllDrugs ? answered : [],
    codes: null,
    type,
    narrowed: statuses !== null,
  };
}

function labsSearchedFor({ type, parameters }: Search, isOurs: boolean): SearchedFor | null {
  const kind = parameters.get('category');
  if (kind !== null && !kind.includes('laboratory')) return null;
  return { categories: ['labs'], codes: isOurs ? null : codesOfTokens(parameters.get('code')), type };
}

/** Conditions, allergies and encounters. */
function recordSearchedFor(
  { type, parameters }: Search,
  category: Category,
  isOurs: boolean,
): SearchedFor | null {
  const statuses = codesOfTokens(statusesOf(parameters));
  if (statuses && !statuses.includes('active')) return null;
  // Codes of these kinds of data are not ours to compare: such an answer is known for what it holds.
  if (!isOurs && parameters.get('code') !== null) return null;
  return { categories: [category], codes: null, type };
}

const statusesOf = (parameters: URLSearchParams): string | null =>
  parameters.get('status') ?? parameters.get('clinical-status');

/** Which lists of therapy a search of these statuses answers for; of all statuses where it names none. */
function therapyAnswered(statuses: readonly string[] | null): Category[] {
  if (!statuses) return ['medications', 'pastMedications'];
  const answered: Category[] = [];
  if (statuses.includes('active')) answered.push('medications');
  if (statuses.includes('completed') && statuses.includes('stopped')) answered.push('pastMedications');
  return answered;
}

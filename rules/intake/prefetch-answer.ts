/** Whether a prefetch value that came makes one of our own prefetch queries unnecessary. */

import { asArray, isObject, type Json } from '../fhir/json.ts';
import { BundleReader } from './bundle-reader.ts';
import { categoryOf, categoryOfKey, typeOfKeyWithoutList } from './resource-category.ts';
import { codeOfToken, readSearchedFor, type SearchedFor } from './searched-for.ts';

/** `part`: it is an answer that lacks something, be it a further page or what an error stands for. */
export type AnswerExtent = 'whole' | 'part' | 'none';

interface Template {
  /** Of discovery: `labs`, `conditions`. */
  key: string;
  /** With the tokens replaced: `Patient/1`, `Condition?patient=1`. */
  query: string;
}

/**
 * How far one prefetch value answers one of our prefetch templates, whatever its key is called.
 * @param template its key in discovery, and its query with the tokens replaced
 * @param key under which the value came
 */
export function answerTo(template: Template, key: string, value: unknown): AnswerExtent {
  if (value === null) return key === template.key ? 'whole' : 'none';
  if (!isObject(value)) return 'none';
  const [path = '', query] = template.query.split('?');
  const [type = '', id] = path.split('/');
  if (query === undefined) return holdsResource(value, type, id) ? 'whole' : 'none';
  if (value.resourceType !== 'Bundle') return 'none';
  return answerToSearch({ key: template.key, type, query }, key, value);
}

/** Whether the resource, or one of the bundle, is the one that a read by its id asks for. */
function holdsResource(value: Json, type: string, id: string | undefined): boolean {
  const resources =
    value.resourceType === 'Bundle' ? asArray(value.entry).map((entry) => entry.resource) : [value];
  return resources.some(
    (resource) => isObject(resource) && resource.resourceType === type && (resource.id ?? id) === id,
  );
}

interface TemplateSearch {
  key: string;
  type: string;
  query: string;
}

function answerToSearch(template: TemplateSearch, key: string, bundle: Json): AnswerExtent {
  const category = categoryOfKey(template.key);
  if (category === undefined) return answerWithoutList(template, key, bundle);
  const reader = new BundleReader();
  reader.addBundle(bundle, 'prefetch', 'prefetch', key);
  const extent = reader.incomplete.size > 0 ? 'part' : 'whole';
  const searchedFor = readSearchedFor(bundle, key);
  if (searchedFor) {
    // The therapy that is taken and the one that is over are two questions to the same type.
    if (!searchedFor.categories.includes(category)) return 'none';
    return key === template.key || covers(searchedFor, template) ? extent : 'none';
  }
  // Without a self link only its content speaks. Some results, or therapies that are over, are not all; of the
  // rest, see `assembleIntake`.
  if (category === 'labs' || category === 'pastMedications') return 'none';
  const hasSelfLink = asArray(bundle.link).some(({ relation }) => relation === 'self');
  const holds = reader.items.some(
    ({ type, resource }) => type === template.type && categoryOf(type, resource) === category,
  );
  return holds && !hasSelfLink ? extent : 'none';
}

/** Of a template whose answer makes no list known: one under our key, or a search for all of its codes. */
function answerWithoutList(template: TemplateSearch, key: string, bundle: Json): AnswerExtent {
  if (typeOfKeyWithoutList(template.key) === undefined) return 'none';
  const hasMore = asArray(bundle.link).some(({ relation }) => relation === 'next');
  const extent = hasMore ? 'part' : 'whole';
  if (key === template.key) return extent;
  const searchedFor = readSearchedFor(bundle, key);
  return searchedFor && codesOf(template) !== null && covers(searchedFor, template) ? extent : 'none';
}

function codesOf({ query }: TemplateSearch): readonly string[] | null {
  const parameters = new URLSearchParams(query);
  return (parameters.get('combo-code') ?? parameters.get('code'))?.split(',') ?? null;
}

/** Whether a search of theirs asked for the type, and for all the codes, of ours. */
function covers({ type, codes }: SearchedFor, template: TemplateSearch): boolean {
  if (type !== template.type) return false;
  if (codes === null) return true;
  return (codesOf(template) ?? []).every((token) => codes.includes(codeOfToken(token)));
}

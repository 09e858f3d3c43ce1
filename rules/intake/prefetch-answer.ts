/** Whether a prefetch value that came makes one of our own prefetch queries unnecessary. */

import { asArray, asObject, isObject, type Json } from '../fhir/json.ts';
import { BundleReader } from './bundle-reader.ts';
import { isCut, totalOf } from './lacking.ts';
import { categoryOf, categoryOfKey, typeOfKeyWithoutList } from './resource-category.ts';
import { narrowedBy, readSearch, type Search, selfSearchOf } from './search.ts';
import { readSearchedFor } from './searched-for.ts';

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
  const extent = reader.incomplete.size > 0 || isShort(bundle, template) ? 'part' : 'whole';
  const searchedFor = readSearchedFor(bundle, key);
  const search = selfSearchOf(bundle);
  const isOurs = key === template.key;
  if (searchedFor) {
    // The therapy that is taken and the one that is over are two questions to the same type.
    if (!searchedFor.categories.includes(category)) return 'none';
    return search === null ? (isOurs ? extent : 'none') : covers(search, template, isOurs) ? extent : 'none';
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

/** Of a template whose answer makes no list known: one under our key, or a search that covers it. */
function answerWithoutList(template: TemplateSearch, key: string, bundle: Json): AnswerExtent {
  if (typeOfKeyWithoutList(template.key) === undefined) return 'none';
  const reader = new BundleReader();
  reader.addBundle(bundle, 'prefetch', 'prefetch', key);
  const extent = reader.unread.length > 0 || isShort(bundle, template) ? 'part' : 'whole';
  const search = selfSearchOf(bundle);
  const isOurs = key === template.key;
  if (!search) return isOurs ? extent : 'none';
  // What no laboratory measures is of many categories.
  return search.kinds === null && covers(search, template, isOurs) ? extent : 'none';
}

/** Whether it is less than the page we ask for, by what it says of itself. */
function isShort(bundle: Json, template: TemplateSearch): boolean {
  const entries = asArray(bundle.entry).filter((entry) => asObject(entry.search)?.mode !== 'include');
  const total = totalOf(bundle);
  const ours = readSearch(template.type, template.query)?.count ?? undefined;
  return isCut(bundle, entries.length, ours) || (total !== null && total > entries.length);
}

/** Whether a search of theirs asked for all that ours does. @param isOurs it came under the key of the template */
function covers(search: Search, template: TemplateSearch, isOurs: boolean): boolean {
  const ours = readSearch(template.type, template.query);
  if (!ours || search.type !== ours.type || narrowedBy(search, isOurs).length > 0) return false;
  if (search.since !== null && (ours.since === null || search.since > ours.since)) return false;
  if (search.patients.length > 0 && !ours.patients.every((id) => search.patients.includes(id))) return false;
  if (search.codes === null) return true;
  // The client that fills our template may write its codes in another way.
  if (!isOurs && ours.components && !search.components) return false;
  const codes = new Set(search.codes);
  return ours.codes?.every((code) => codes.has(code)) ?? false;
}

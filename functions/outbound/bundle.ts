/** Reading Bundles that nobody has validated: https://hl7.org/fhir/R4/bundle.html. Pure. */
import { asArray, asObject, asString, isObject, type Json } from '../../rules/fhir/json.ts';
import { normalReference } from '../../rules/fhir/reference.ts';

/** Deeper than bundles are put into bundles. */
const maxDepth = 3;

/** The resources in a resource or bundle, with what they may be called by. */
export function resourcesOf(value: unknown, depth = 0): { resource: Json; reference: string | null }[] {
  if (!isObject(value) || depth > maxDepth) return [];
  const isBundle = value.resourceType === 'Bundle' || (value.resourceType === undefined && value.entry);
  if (!isBundle) {
    const [type, id] = [asString(value.resourceType), asString(value.id)];
    return [{ resource: value, reference: type && id ? `${type}/${id}` : null }];
  }
  return asArray(value.entry).flatMap((entry) => {
    const inside = resourcesOf(entry.resource, depth + 1);
    const [only] = inside;
    const url = normalReference(entry.fullUrl);
    return only && url && inside.length === 1 ? [...inside, { resource: {}, reference: url }] : inside;
  });
}

/** R5 says `relation`, and so does R4; some servers say `rel`. */
const isNext = (link: Json): boolean => link.relation === 'next' || link.rel === 'next';

/** Where the further page of a searchset is; null where this is the last. */
export const nextLink = (bundle: Json): string | null => asString(asArray(bundle.link).find(isNext)?.url);

/** The address of the question that a searchset answers, as it says. */
export const selfLink = (bundle: Json): string | null =>
  asString(asArray(bundle.link).find(({ relation }) => relation === 'self')?.url);

/** A first page whose others were read: what is still missing of it, the others say. */
export function withoutNext(bundle: Json): Json {
  const { total: _, ...page } = bundle;
  return { ...page, link: asArray(bundle.link).filter((link) => !isNext(link)) };
}

/** How many results a page holds; what was included with them, and outcomes, are none. */
export const matchesIn = (bundle: Json): number =>
  asArray(bundle.entry).filter(
    (entry) =>
      asObject(entry.search)?.mode !== 'include' &&
      asObject(entry.resource)?.resourceType !== 'OperationOutcome',
  ).length;

/**
 * The pages of one search as one searchset.
 * @param isWhole false where pages are missing: then it says that a next one exists
 */
export function joinPages(pages: readonly Json[], isWhole: boolean): Json {
  const [first = {}] = pages;
  const self = asArray(first.link).filter(({ relation }) => relation === 'self');
  const next = isWhole ? [] : [{ relation: 'next', url: nextLink(pages.at(-1) ?? {}) ?? '' }];
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(typeof first.total === 'number' ? { total: first.total } : {}),
    link: [...self, ...next],
    entry: pages.flatMap(({ entry }) => asArray(entry)),
  };
}

/** Resources that were read one by one, in an order that does not depend on which answer came first. */
export const collectionOf = (entries: readonly { fullUrl: string; resource: Json }[]): Json => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [...entries].sort((a, b) => (a.fullUrl < b.fullUrl ? -1 : 1)),
});

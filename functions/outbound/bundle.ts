/** Reading Bundles that nobody has validated: https://hl7.org/fhir/R4/bundle.html. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { asArray, asObject, asString, isObject, type Json } from '../../rules/fhir/json.ts';
import { normalReference } from '../../rules/fhir/reference.ts';
import { isNextLink, isSelfLink } from '../../rules/intake/search.ts';

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

/** Whether a searchset says that there is a further page, also by a link that cannot be read. */
export const hasNext = (bundle: Json): boolean => asArray(bundle.link).some(isNextLink);

/** Where the further page of a searchset is; null where this is the last, or it does not say where. */
export const nextLink = (bundle: Json): string | null =>
  asArray(bundle.link)
    .filter(isNextLink)
    .map(({ url }) => asString(url))
    .find((url) => url !== null) ?? null;

/** The address of the question that a searchset answers, as it says. */
export const selfLink = (bundle: Json): string | null => asString(asArray(bundle.link).find(isSelfLink)?.url);

/** What an R5 bundle says beside its entries (https://hl7.org/fhir/R5/bundle.html#Bundle.issues), as an entry of R4. */
const issuesOf = ({ issues }: Json): Json[] =>
  isObject(issues) ? [{ resource: issues, search: { mode: 'outcome' } }] : [];

/**
 * A first page whose others were read: what is still missing of it, the others say. Where they were not all read, it no
 * longer says what it answers, so that its codes do not look answered in full.
 */
export function withoutNext(bundle: Json, isWhole: boolean): Json {
  const { total: _, issues: __, ...page } = bundle;
  const link = asArray(bundle.link).filter((one) => !isNextLink(one) && (isWhole || !isSelfLink(one)));
  const said = issuesOf(bundle);
  return { ...page, link, ...(said.length > 0 ? { entry: [...asArray(bundle.entry), ...said] } : {}) };
}

/** What an entry is known by, so that one that comes twice counts once; null where nothing says. */
function keyOf({ fullUrl, resource }: Json): string | null {
  const [type, id] = [asString(asObject(resource)?.resourceType), asString(asObject(resource)?.id)];
  const url = asString(fullUrl);
  return id === null && url === null ? null : `${url ?? ''} ${type}/${id ?? ''}`;
}

/** Whether an entry is a result; one that does not say so is where it is of the type that was asked for. */
function isMatch({ search, resource }: Json, type: string | undefined): boolean {
  const mode = asObject(search)?.mode;
  const its = asObject(resource)?.resourceType;
  if (its === 'OperationOutcome' || mode === 'include' || mode === 'outcome') return false;
  return mode === 'match' || type === undefined || its === type;
}

/**
 * How many results a page holds, each once; what was included with them, and outcomes, are none.
 * @param type that was asked for; left out, what does not say what it is counts
 */
export function matchesIn(bundle: Json, type?: string): number {
  const matches = asArray(bundle.entry).filter((entry) => isMatch(entry, type));
  const keys = matches.map(keyOf);
  return new Set(keys.filter((key) => key !== null)).size + keys.filter((key) => key === null).length;
}

const numberOf = (total: unknown): number => {
  const number = typeof total === 'string' && total.trim() !== '' ? Number(total) : total;
  return typeof number === 'number' && !Number.isNaN(number) ? number : -1;
};

/** The largest total that a page names, as it came: a server that counts anew for each page counts less. */
const totalOf = (pages: readonly Json[]): unknown =>
  pages
    .map(({ total }) => total)
    .filter((total) => total !== undefined && total !== null)
    .sort((a, b) => numberOf(b) - numberOf(a))[0];

/** Whether a searchset says that there is more than it holds. @param type that was asked for */
export const saysMore = (bundle: Json, type: string): boolean =>
  hasNext(bundle) || numberOf(bundle.total) > matchesIn(bundle, type);

/** An entry that does not say why it is there, and is of another type than was asked for, was included. */
function marked(entry: Json, type: string): Json {
  const its = asString(asObject(entry.resource)?.resourceType);
  const isOther = its !== null && !['OperationOutcome', 'Bundle', 'Medication', type].includes(its);
  return isOther && asObject(entry.search)?.mode === undefined
    ? { ...entry, search: { mode: 'include' } }
    : entry;
}

/** Entries without those that came before, the same to the letter: pages shift while they are read. */
function withoutRepeats(entries: readonly Json[]): Json[] {
  const before = new Map<string, Json[]>();
  return entries.filter((entry) => {
    const key = keyOf(entry);
    if (key === null) return true;
    const alike = before.get(key) ?? [];
    before.set(key, [...alike, entry]);
    return !alike.some(({ resource }) => isDeepStrictEqual(resource, entry.resource));
  });
}

/** How many were on a page says nothing of what several pages hold. */
const withoutCount = (link: Json): Json => {
  const url = asString(link.url);
  if (url === null) return link;
  return { ...link, url: url.replace(/([?&])_count=[^&#]*&?/, '$1').replace(/[?&](?=#|$)/, '') };
};

const entriesOf = (page: Json, type: string): Json[] => [
  ...asArray(page.entry).map((entry) => marked(entry, type)),
  ...issuesOf(page),
];

/**
 * The pages of one search as one searchset.
 * @param isWhole false where pages are missing: then it says that a next one exists
 * @param type that was asked for
 */
export function joinPages(pages: readonly Json[], isWhole: boolean, type: string): Json {
  const [first = {}] = pages;
  const self = asArray(first.link).filter(isSelfLink);
  const next = isWhole ? [] : [{ relation: 'next', url: nextLink(pages.at(-1) ?? {}) ?? '' }];
  const total = totalOf(pages);
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total === undefined ? {} : { total }),
    link: [...(pages.length > 1 ? self.map(withoutCount) : self), ...next],
    entry: withoutRepeats(pages.flatMap((page) => entriesOf(page, type))),
  };
}

/**
 * What follows a first page, as one searchset of its own. Of the total, what the first page holds has come.
 * @param pages at least one
 */
export function joinRest(first: Json, pages: readonly Json[], isWhole: boolean, type: string): Json {
  const all = joinPages([first, ...pages], isWhole, type);
  const { total: _, ...rest } = joinPages(pages, isWhole, type);
  const entry = asArray(all.entry).slice(asArray(joinPages([first], true, type).entry).length);
  const link = asArray(rest.link).map((one) => (isSelfLink(one) ? withoutCount(one) : one));
  const lacking = Math.max(0, numberOf(all.total) - matchesIn(all, type));
  return {
    ...rest,
    link,
    entry,
    ...(all.total === undefined ? {} : { total: matchesIn({ entry }, type) + lacking }),
  };
}

/** An entry by which the rules know that something was left out of an answer. */
const leftOut: Json = {
  resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'incomplete' }] },
  search: { mode: 'outcome' },
};

/**
 * Results by their own code and results by the code of a component, as the answer to `combo-code`.
 * @param byComponent null where it was not answered: results inside of panels are missing
 */
export function joinPanels(byCode: Json, byComponent: Json | null, type: string): Json {
  if (byComponent === null) return { ...byCode, entry: [...asArray(byCode.entry), leftOut] };
  // Two lists, one behind the other, are in no order, whatever each was sorted by.
  const combined = (self: Json): Json => {
    const url = asString(self.url);
    const both = url?.replace(/([?&])code=/, '$1combo-code=').replace(/&_sort=[^&]*/, '');
    return both === undefined ? self : { ...self, url: both };
  };
  const isWhole = [byCode, byComponent].every((one) => !saysMore(one, type));
  const { total: _, ...joined } = joinPages([byCode, byComponent], isWhole, type);
  const link = [...asArray(byCode.link).filter(isSelfLink), ...asArray(joined.link).filter(isNextLink)];
  return { ...joined, link: link.map(combined) };
}

/** Resources that were read one by one, in an order that does not depend on which answer came first. */
export const collectionOf = (entries: readonly { fullUrl: string; resource: Json }[]): Json => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [...entries].sort((a, b) => (a.fullUrl < b.fullUrl ? -1 : 1)),
});

/**
 * What of a search may be left out where a server does not take it: it then finds as much or more. The patient and the
 * codes stay. `combo-code` is asked as `code`, which finds no result that stands only inside of a panel. Pure.
 */
import { asArray, asObject, asString, isObject } from '../../rules/fhir/json.ts';

/** Parameters that may be left out, the one that is missed most first. */
const optional = 'combo-code _include _sort _count date effective-time status'.split(' ');

const nameOf = (part: string): string => part.slice(0, part.indexOf('='));
const isOptional = (part: string): boolean => optional.includes(nameOf(part));

/** By their value, too: a server may take one status and not another. Of the others the value says nothing, or changes. */
const namedWithValue = new Set(['status', '_include', '_sort']);

/** As what it is kept in mind that a server does not take a part of a query. */
export const keyOf = (part: string): string => (namedWithValue.has(nameOf(part)) ? part : nameOf(part));

export const partsOf = (query: string): string[] => (query === '' ? [] : query.split('&'));

/** The parts of a query that may be left out, the one that is missed most first. */
export const optionalParts = (query: string): string[] =>
  partsOf(query)
    .filter(isOptional)
    .sort((a, b) => optional.indexOf(nameOf(a)) - optional.indexOf(nameOf(b)));

/** A query with only those parts that may be left out for which `keeps` is true; the others stay. */
export const queryWith = (query: string, keeps: (part: string) => boolean): string =>
  partsOf(query)
    .flatMap((part) => {
      if (!isOptional(part) || keeps(part)) return [part];
      return nameOf(part) === 'combo-code' ? [`code=${part.slice('combo-code='.length)}`] : [];
    })
    .join('&');

/** More than a refusal has: what a server sends is not searched without end. */
const mostIssues = 20;

/**
 * What an OperationOutcome says, sentence by sentence, without the list of what would have been valid. What stands in
 * `expression` or `location` is what an issue is about.
 */
function sentencesOf(outcome: unknown): string[] {
  if (!isObject(outcome) || outcome.resourceType !== 'OperationOutcome') return [];
  const wordsOf = (text: unknown): string => (asString(text) ?? '').slice(0, 2000);
  return asArray(outcome.issue)
    .slice(0, mostIssues)
    .flatMap((issue) => [
      ...[issue.diagnostics, asObject(issue.details)?.text].flatMap((text) =>
        wordsOf(text)
          .replace(/\b(valid|supported|allowed|accepted|known)( search)? (parameters?|values?)\b.*$/gim, '')
          .split(/\n|;|[.!](?=\s)/),
      ),
      ...[issue.expression, issue.location]
        .flat()
        .slice(0, mostIssues)
        .map((text) => `invalid: ${wordsOf(text)}`),
    ]);
}

/** Words that refuse what stands beside them. */
const refuses =
  /\b(un(known|supported|recogni[sz]ed|expected)|invalid|illegal|bad|disallowed|not (a |an )?(\w+ )?(known|supported|valid|allowed|recogni[sz]ed|implemented|understood|accepted|permitted|in)|cannot|can't|refused|rejected)\b/i;

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether a text names a parameter or value. A word of plain English has to stand as a name: quoted, or behind "parameter". */
function names(text: string, name: string): boolean {
  const word = escaped(name);
  if (!/^[a-z]+$/.test(name)) return new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text);
  return new RegExp(
    `(["'\`])${word}(?:\\1|[=:])|\\b(?:parameters?|http\\.)[ :]*${word}\\b|\\b${word}=`,
    'i',
  ).test(text);
}

/**
 * The parts of a query that may be left out and that a refusal is about, by the name or by a value: the only one that it
 * names, or each of several in a sentence of its own that refuses it. A text that names several in another way may be
 * an echo of the question, or say what to use instead: that proves nothing.
 */
export function namedIn(outcome: unknown, query: string): string[] {
  const inSentences = sentencesOf(outcome).map((sentence) => ({
    sentence,
    parts: optionalParts(query).filter((part) => {
      const values = nameOf(part) === 'status' ? part.slice('status='.length).split(',') : [];
      return [nameOf(part), ...values].some((name) => names(sentence, name));
    }),
  }));
  const named = new Set(inSentences.flatMap(({ parts }) => parts));
  if (named.size <= 1) return [...named];
  const areRefused = inSentences.every(
    ({ sentence, parts }) => parts.length === 0 || (parts.length === 1 && refuses.test(sentence)),
  );
  return areRefused ? optionalParts(query).filter((part) => named.has(part)) : [];
}

/** One way to ask, and what of the optional parts it holds. */
export interface Variant {
  query: string;
  kept: readonly string[];
}

/** Each query once, and not the one that was refused. */
function variantsWith(query: string, kept: readonly (readonly string[])[]): Variant[] {
  const byQuery = new Map<string, Variant>();
  for (const some of kept) {
    const simpler = queryWith(query, (part) => some.includes(part));
    if (simpler !== query && !byQuery.has(simpler)) byQuery.set(simpler, { query: simpler, kept: some });
  }
  return [...byQuery.values()];
}

/**
 * The ways to ask a server that refused a search, the fullest first: without one part each, newest first with as many on
 * a page as there are, with one part alone, and without anything optional.
 */
export function variantsOf(query: string): Variant[] {
  const parts = optionalParts(query);
  const pair = parts.filter((part) => /^_(sort|count)=/.test(part));
  return variantsWith(query, [
    ...parts.toReversed().map((part) => parts.filter((other) => other !== part)),
    ...(pair.length === 2 ? [pair] : []),
    ...parts.map((part) => [part]),
    [],
  ]);
}

/** The ways to ask without what is suspected: with one of them each, which shows whether it is refused, and with none. */
export function variantsWithout(query: string, suspects: readonly string[]): Variant[] {
  const others = optionalParts(query).filter((part) => !suspects.includes(part));
  return variantsWith(query, [
    ...(suspects.length > 1 ? suspects.map((suspect) => [...others, suspect]) : []),
    others,
  ]);
}

/** A search as it is kept in mind, without what it says of a patient or an order: `Observation?patient=&_count=200`. */
export const formOf = (type: string, query: string): string =>
  `${type}?${query.replace(/(^|&)(patient|subject|_id)=[^&]*/g, '$1$2=')}`;

/** The barest form of a search. */
export const bareFormOf = (type: string, query: string): string =>
  formOf(
    type,
    queryWith(query, () => false),
  );

/** Whether a search finds results by the code of a component, too. */
export const isByPanels = (query: string): boolean => /(^|[?&])combo-code=/.test(query);

/** A search for results by the code of a component, for one by `combo-code`: https://hl7.org/fhir/R4/observation.html#search */
export const byComponent = (search: string): string =>
  search.replace(/([?&])combo-code=/, '$1component-code=');

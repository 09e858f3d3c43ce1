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

/** Everything that an OperationOutcome says in words, without the list of what would have been valid. */
function wordsOf(outcome: unknown): string {
  if (!isObject(outcome) || outcome.resourceType !== 'OperationOutcome') return '';
  const texts = asArray(outcome.issue)
    .slice(0, mostIssues)
    .flatMap((issue) => [
      issue.diagnostics,
      asObject(issue.details)?.text,
      ...[issue.expression, issue.location].flat(),
    ]);
  return texts
    .map((text) => (asString(text) ?? '').slice(0, 2000))
    .join('\n')
    .replace(/\b(valid|supported|allowed|accepted|known)( search)? (parameters?|values?)\b.*$/gim, '');
}

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

/** The parts of a query that may be left out and that a refusal names, by the name or by a value. */
export function namedIn(outcome: unknown, query: string): string[] {
  const text = wordsOf(outcome);
  if (text === '') return [];
  return optionalParts(query).filter((part) => {
    const values = nameOf(part) === 'status' ? part.slice('status='.length).split(',') : [];
    return [nameOf(part), ...values].some((name) => names(text, name));
  });
}

/** One way to ask, and what of the optional parts it holds. */
export interface Variant {
  query: string;
  kept: readonly string[];
}

/**
 * The ways to ask a server that refused a search, the fullest first: without one part each, newest first with as many on
 * a page as there are, with one part alone, and without anything optional.
 */
export function variantsOf(query: string): Variant[] {
  const parts = optionalParts(query);
  const pair = parts.filter((part) => /^_(sort|count)=/.test(part));
  const kept = [
    ...parts.toReversed().map((part) => parts.filter((other) => other !== part)),
    ...(pair.length === 2 ? [pair] : []),
    ...parts.map((part) => [part]),
    [],
  ];
  const byQuery = new Map<string, Variant>();
  for (const some of kept) {
    const simpler = queryWith(query, (part) => some.includes(part));
    // The whole of it was refused.
    if (simpler !== query && !byQuery.has(simpler)) byQuery.set(simpler, { query: simpler, kept: some });
  }
  return [...byQuery.values()];
}

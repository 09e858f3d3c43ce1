/**
 * Condition trees of json-rules-engine, read strictly: where the engine is lenient, an unknown fact, parameter or
 * operator, an empty `all` or a threshold of the wrong type is a problem with its place in the document.
 * Format: https://github.com/CacheControl/json-rules-engine/blob/master/docs/rules.md
 */
import * as z from 'zod/mini';
import { type FactName, factNames, factOf, isFactName, type Params } from '../facts/facts.ts';
import { numericOperators } from '../logic/range.ts';

export interface FactValueReference {
  fact: FactName;
  params: Record<string, unknown>;
  path: string;
}
export interface Leaf {
  fact: FactName;
  params: Record<string, unknown>;
  path?: string;
  operator: 'in' | (typeof numericOperators)[number];
  value: boolean | string | number | string[] | FactValueReference;
}
export type Conditions = { all: Condition[] } | { any: Condition[] } | { not: Condition };
export type Condition = Conditions | Leaf;

/** All leaves of a condition tree, in document order. */
export function* leavesOf(node: Condition): Generator<Leaf> {
  if ('all' in node) for (const child of node.all) yield* leavesOf(child);
  else if ('any' in node) for (const child of node.any) yield* leavesOf(child);
  else if ('not' in node) yield* leavesOf(node.not);
  else yield node;
}

/** Whether a threshold is another fact. */
export const isReference = (value: Leaf['value']): value is FactValueReference =>
  typeof value === 'object' && !Array.isArray(value);

/** Every fact that a tree asks for, thresholds included, in document order. */
export function* requestsOf(node: Condition): Generator<{ fact: FactName; params: Params }> {
  for (const leaf of leavesOf(node)) {
    yield leaf;
    if (isReference(leaf.value)) yield leaf.value;
  }
}

const reference = z.strictObject({
  fact: z.string(),
  params: z.record(z.string(), z.unknown()),
  path: z.string(),
});
const leafShape = z.strictObject({
  fact: z.string(),
  params: z.record(z.string(), z.unknown()),
  path: z.optional(z.string()),
  operator: z.string(),
  value: z.union([z.boolean(), z.string(), z.number(), z.array(z.string()), reference]),
});

const isNumber = (name: string): boolean => isFactName(name) && factOf(name).kind === 'number';

/** Says what is wrong with a fact's name, parameters or path; null when nothing is. */
function factProblem(name: string, params: Params, path: string | undefined): string | null {
  if (!isFactName(name)) return `unknown fact \`${name}\`; one of ${factNames.join(', ')}`;
  const parsed = factOf(name).params.safeParse(params);
  const issue = parsed.error?.issues[0];
  if (issue) {
    // What a fact says of all its parameters together is a sentence about the fact.
    if (issue.code === 'custom' && issue.path.length === 0) return `fact \`${name}\` ${issue.message}`;
    return `fact \`${name}\`, parameter \`${issue.path.join('.') || '(all)'}\`: ${issue.message}`;
  }
  const { paths } = factOf(name);
  const known = paths.find((one) => one === path);
  if (paths.length === 0) return path === undefined ? null : `fact \`${name}\` has no path`;
  if (known === '$.value' || known === '$.highest') return null;
  if (known === undefined) return `fact \`${name}\` is read with \`"path": "$.value"\``;
  const parameter = known.slice('$.'.length);
  return params[parameter] === undefined
    ? `\`${known}\` needs the parameter \`${parameter}\` for laboratories that give none`
    : null;
}

function leafProblem({ fact, params, path, operator, value }: z.infer<typeof leafShape>): string | null {
  const wrong = factProblem(fact, params, path);
  if (wrong || !isFactName(fact)) return wrong;
  switch (factOf(fact).kind) {
    case 'number':
      return path === '$.highest' && !operator.startsWith('greaterThan')
        ? '`$.highest` is for the lower end of a band: compare it with `greaterThan` or `greaterThanInclusive`'
        : numberProblem(fact, operator, value);
    case 'text': {
      const isText = operator === 'equal' && typeof value === 'string';
      const isList = operator === 'in' && Array.isArray(value) && value.length > 0;
      return isText || isList
        ? null
        : `fact \`${fact}\` takes \`equal\` with a text or \`in\` with a list of texts`;
    }
    case 'truth':
      return operator === 'equal' && typeof value === 'boolean'
        ? null
        : `fact \`${fact}\` takes \`equal\` with true or false`;
  }
}

function numberProblem(
  fact: FactName,
  operator: string,
  value: z.infer<typeof leafShape>['value'],
): string | null {
  if (!numericOperators.some((known) => known === operator))
    return `operator \`${operator}\` does not compare the number of fact \`${fact}\``;
  if (typeof value === 'number') return null;
  if (typeof value !== 'object' || Array.isArray(value)) return `fact \`${fact}\` is compared with a number`;
  return isNumber(value.fact)
    ? factProblem(value.fact, value.params, value.path)
    : `fact \`${value.fact}\` is no number to compare with`;
}

/** Lists what is wrong with a condition tree, each with its place in the document. */
export function conditionProblems(node: unknown, at: string): string[] {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return [`${at}: must be an object`];
  const record: Record<string, unknown> = { ...node };
  for (const key of ['all', 'any'] as const) {
    if (key in record) return listProblems(record, key, at);
  }
  if ('not' in record) {
    if (Object.keys(record).length > 1) return [`${at}: other keys beside \`not\``];
    return conditionProblems(record.not, `${at}.not`);
  }
  const leaf = leafShape.safeParse(node);
  if (!leaf.success) {
    const issue = leaf.error.issues[0];
    return [`${at}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not a condition'}`];
  }
  const problem = leafProblem(leaf.data);
  return problem ? [`${at}: ${problem}`] : [];
}

function listProblems(record: Record<string, unknown>, key: 'all' | 'any', at: string): string[] {
  const extra = Object.keys(record).find((other) => other !== key);
  if (extra !== undefined) return [`${at}: \`${extra}\` beside \`${key}\``];
  const list = record[key];
  if (!Array.isArray(list) || list.length === 0) return [`${at}.${key}: must be a list that is not empty`];
  return list.flatMap((child, index) => conditionProblems(child, `${at}.${key}[${index}]`));
}

/** A whole tree as a schema; `conditionProblems` says what is wrong with one. */
export const conditions = z.custom<Conditions>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    ('all' in value || 'any' in value || 'not' in value) &&
    conditionProblems(value, '').length === 0,
  'not a valid condition tree',
);

/**
 * Mutation testing of rule content: every threshold, operator, window, code set, parameter and branch of a rule
 * is changed, one at a time, and the rule's own cases are asked; its severity, and the catalogue is asked. A mutant that
 * nothing notices has survived: either a case is missing or the reason is written beside the rule.
 */
import { buildChart } from '../../rules/chart/chart.ts';
import { evaluateRule } from '../../rules/evaluation/evaluate-rule.ts';
import { createContext } from '../../rules/facts/context.ts';
import type { FactName } from '../../rules/facts/facts.ts';
import { isObject } from '../../rules/fhir/json.ts';
import { intakeOfHook } from '../../rules/intake/intake.ts';
import { type Case, evaluatedAt } from '../../rules/library/case.ts';
import { requestOf } from '../../rules/library/case-request.ts';
import { isWholeNumber } from '../../rules/library/lint.ts';
import { compileRule } from '../../rules/rule/compile.ts';
import type { Rule } from '../../rules/rule/document.ts';
import { createFactStore, FactRequests } from '../../rules/rule/fact-store.ts';
import { indicators } from '../../rules/rule/severity.ts';

export interface Mutant {
  /** `conditions.all[1]: lessThan 1 -> lessThanInclusive 1` */
  name: string;
  rule: Rule;
}

type Tree = Record<string, unknown>;

const otherOperators: Readonly<Record<string, readonly string[]>> = {
  lessThan: ['lessThanInclusive', 'greaterThanInclusive'],
  lessThanInclusive: ['lessThan', 'greaterThan'],
  greaterThan: ['greaterThanInclusive', 'lessThanInclusive'],
  greaterThanInclusive: ['greaterThan', 'lessThan'],
  equal: [],
  in: [],
};

const durations = new Set([
  'within',
  'forAtLeast',
  'forMoreThan',
  'span',
  'over',
  'orOlderBy',
  'endedWithin',
  'plannedForMoreThan',
]);
/** Parameters with a word of a few, of which each is tried. */
const words: Readonly<Record<string, readonly string[]>> = {
  as: ['percent', 'categories', 'perYear'],
  role: ['active', 'ordered', 'any'],
  status: ['active', 'ever'],
  pace: ['loading', 'other'],
  except: ['loading', 'slow-loading', 'emergency'],
};
const removable = new Set([
  'route',
  'endedWithin',
  'confirmed',
  'starting',
  'exceptIngredients',
  'pace',
  'except',
  'asPregnant',
]);

const scaled = (duration: string, factor: number): string =>
  duration.replace(/\d+/, (amount) => String(Math.max(1, Math.round(Number(amount) * factor))));

/** The list without each of its items in turn; nothing for a list of one. */
const withoutOne = (list: unknown): [item: unknown, rest: unknown[]][] =>
  Array.isArray(list) && list.length > 1
    ? list.map((item) => [item, list.filter((other) => other !== item)])
    : [];

/** Changes of one parameter, each as a description and the new value; undefined takes the parameter out. */
function* paramMutants(name: string, param: unknown): Generator<[string, unknown]> {
  for (const [item, rest] of withoutOne(param)) yield [`${name} without ${item}`, rest];
  const lengths = durations.has(name) ? [0.5, 2].map((factor) => scaled(String(param), factor)) : [];
  for (const other of [...lengths, ...(words[name] ?? [])])
    if (other !== param) yield [`${name} ${param} -> ${other}`, other];
  if (removable.has(name)) yield [`without ${name === 'route' ? `route ${param}` : name}`, undefined];
  if (name === 'lowerLimit' && typeof param === 'number') {
    const next = Number((param * 0.9).toPrecision(6));
    yield [`lowerLimit ${param} -> ${next}`, next];
  }
}

/** How far a threshold is moved: a tenth of it, or one for what comes in whole numbers. */
const stepOf = (leaf: Tree, threshold: number): number =>
  Math.max(
    Math.abs(threshold) * 0.1,
    isWholeNumber({ fact: leaf.fact as FactName, params: isObject(leaf.params) ? leaf.params : {} }) ? 1 : 0,
  );

/** Changes of what a leaf compares with. */
function* valueMutants(leaf: Tree): Generator<[string, unknown]> {
  const { value } = leaf;
  if (typeof value === 'number') {
    const step = stepOf(leaf, value);
    for (const next of [value + step, value - step].map((moved) => Number(moved.toPrecision(6))))
      yield [`${value} -> ${next}`, next];
  }
  if (typeof value === 'boolean') yield [`${value} -> ${!value}`, !value];
  for (const [item, rest] of withoutOne(value)) yield [`without ${item}`, rest];
  if (isObject(value) && isObject(value.params) && typeof value.params.lowerLimit === 'number') {
    const lowerLimit = value.params.lowerLimit * 0.9;
    yield ['limit compared with -> 90 % of it', { ...value, params: { ...value.params, lowerLimit } }];
  }
}

/** Changes of one leaf, each as a description and the new leaf. */
function* leafMutants(leaf: Tree): Generator<[string, Tree]> {
  const { operator, params, path } = leaf;
  if (path === '$.highest') yield ['path $.highest -> $.value', { ...leaf, path: '$.value' }];
  for (const other of otherOperators[String(operator)] ?? [])
    yield [`${operator} -> ${other}`, { ...leaf, operator: other }];
  for (const [change, value] of valueMutants(leaf)) yield [change, { ...leaf, value }];
  if (!isObject(params)) return;
  for (const [name, param] of Object.entries(params))
    for (const [change, next] of paramMutants(name, param)) {
      const { [name]: _, ...rest } = params;
      yield [change, { ...leaf, params: next === undefined ? rest : { ...params, [name]: next } }];
    }
}

/** Changes of a tree: of its leaves, and of its branches. */
function* treeMutants(node: Tree, at: string): Generator<[string, Tree]> {
  for (const key of ['all', 'any'] as const) {
    const list = node[key];
    if (!Array.isArray(list)) continue;
    if (list.length > 1) {
      const other = key === 'all' ? 'any' : 'all';
      yield [`${at}: ${key} -> ${other}`, { [other]: list }];
      for (const index of list.keys())
        yield [`${at}: without ${key}[${index}]`, { [key]: list.toSpliced(index, 1) }];
    }
    for (const [index, child] of list.entries()) {
      for (const [name, next] of treeMutants(child, `${at}.${key}[${index}]`))
        yield [name, { [key]: list.with(index, next) }];
    }
    return;
  }
  if (isObject(node.not)) {
    yield [`${at}: without not`, node.not];
    for (const [name, next] of treeMutants(node.not, `${at}.not`)) yield [name, { not: next }];
    return;
  }
  for (const [name, next] of leafMutants(node)) yield [`${at}: ${name}`, next];
}

/** A condition tree must begin with all, any or not. */
const topLevel = (tree: Tree): Tree =>
  'all' in tree || 'any' in tree || 'not' in tree ? tree : { all: [tree] };

export function mutantsOf(rule: Rule): Mutant[] {
  const mutants: Mutant[] = [];
  for (const part of ['conditions', 'unless'] as const) {
    const tree = rule[part];
    if (!tree) continue;
    for (const [name, next] of treeMutants(structuredClone(tree) as Tree, part)) {
      mutants.push({ name, rule: { ...rule, [part]: topLevel(next) } as Rule });
    }
  }
  if (rule.unless) {
    const { unless: _, ...rest } = rule;
    mutants.push({ name: 'without unless', rule: rest });
  }
  return mutants;
}

/** The rule with another severity. No case notices: what says which is right is the catalogue. */
export const indicatorMutantsOf = (rule: Rule): Mutant[] =>
  indicators
    .filter((indicator) => indicator !== rule.card.indicator)
    .map((indicator) => ({
      name: `indicator ${rule.card.indicator} -> ${indicator}`,
      rule: { ...rule, card: { ...rule.card, indicator } },
    }));

/** The mutants no case notices. */
export function survivorsOf(rule: Rule, cases: readonly Case[]): { survivors: string[]; count: number } {
  const [first] = rule.hooks;
  if (!first) return { survivors: [], count: 0 };
  const at = Date.parse(evaluatedAt);
  const charts = cases.map((one) => {
    const request = requestOf(one, first);
    const intake = intakeOfHook(request.hook, request.context, request.prefetch);
    const { chart, notices } = buildChart(intake, at);
    return { chart, notices: [...intake.notices, ...notices], expect: one.expect };
  });
  const mutants = mutantsOf(rule);
  const survivors = mutants.filter(({ rule: mutated }) => {
    const questions = new FactRequests();
    const compiled = compileRule(mutated, questions);
    return charts.every(({ chart, notices, expect }) => {
      const facts = createFactStore(questions.list, createContext(chart, at, notices));
      return evaluateRule(compiled, facts).outcome === expect;
    });
  });
  return { survivors: survivors.map(({ name }) => name), count: mutants.length };
}

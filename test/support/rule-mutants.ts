/**
 * Mutation testing of rule content: every threshold, operator, window, code set, parameter and branch of a rule
 * is changed, one at a time, and the rule's own cases are asked. A mutant that no case notices has survived:
 * either a case is missing or the reason is written beside the rule.
 */
import { buildChart } from '../../rules/chart/chart.ts';
import { evaluateRule } from '../../rules/evaluation/evaluate-rule.ts';
import { createContext } from '../../rules/facts/context.ts';
import type { FactName } from '../../rules/facts/facts.ts';
import { isObject } from '../../rules/fhir/json.ts';
import { intakeOfHook } from '../../rules/intake/intake.ts';
import { isWholeNumber } from '../../rules/library/lint.ts';
import { compileRule } from '../../rules/rule/compile.ts';
import type { Rule } from '../../rules/rule/document.ts';
import { createFactStore, FactRequests } from '../../rules/rule/fact-store.ts';
import { type Case, evaluatedAt, requestOf } from './case.ts';

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

const durations: ReadonlySet<string> = new Set([
  'within',
  'forAtLeast',
  'span',
  'over',
  'orOlderBy',
  'endedWithin',
]);

const scaled = (duration: string, factor: number): string =>
  duration.replace(/\d+/, (amount) => String(Math.max(1, Math.round(Number(amount) * factor))));

/** Changes of one leaf, each as a description and the new leaf. */
function* leafMutants(leaf: Tree): Generator<[string, Tree]> {
  const { operator, value } = leaf;
  for (const other of otherOperators[String(operator)] ?? [])
    yield [`${operator} -> ${other}`, { ...leaf, operator: other }];
  if (typeof value === 'number') {
    const step = Math.max(
      Math.abs(value) * 0.1,
      isWholeNumber({ fact: leaf.fact as FactName, params: isObject(leaf.params) ? leaf.params : {} })
        ? 1
        : 0,
    );
    for (const next of [value + step, value - step]) {
      const rounded = Number(next.toPrecision(6));
      yield [`${value} -> ${rounded}`, { ...leaf, value: rounded }];
    }
  }
  if (typeof value === 'boolean') yield [`${value} -> ${!value}`, { ...leaf, value: !value }];
  if (Array.isArray(value) && value.length > 1) {
    for (const item of value)
      yield [`without ${item}`, { ...leaf, value: value.filter((other) => other !== item) }];
  }
  if (isObject(value) && isObject(value.params) && typeof value.params.lowerLimit === 'number') {
    const lowerLimit = value.params.lowerLimit * 0.9;
    yield [
      'limit compared with -> 90 % of it',
      { ...leaf, value: { ...value, params: { ...value.params, lowerLimit } } },
    ];
  }
  if (!isObject(leaf.params)) return;
  for (const [name, param] of Object.entries(leaf.params)) {
    const put = (next: unknown): Tree => ({ ...leaf, params: { ...(leaf.params as Tree), [name]: next } });
    if (Array.isArray(param) && param.length > 1) {
      for (const item of param)
        yield [`${name} without ${item}`, put(param.filter((other) => other !== item))];
    }
    if (durations.has(name)) {
      for (const factor of [0.5, 2]) {
        const next = scaled(String(param), factor);
        if (next !== param) yield [`${name} ${param} -> ${next}`, put(next)];
      }
    }
    if (name === 'as') {
      for (const other of ['percent', 'categories', 'perYear'])
        if (other !== param) yield [`as ${param} -> ${other}`, put(other)];
    }
    if (name === 'role') {
      for (const role of ['active', 'ordered', 'any'])
        if (role !== param) yield [`role ${param} -> ${role}`, put(role)];
    }
    if (name === 'route') {
      const { route: _, ...rest } = leaf.params as Tree;
      yield [`without route ${param}`, { ...leaf, params: rest }];
    }
    if (name === 'status')
      yield [
        `status ${param} -> ${param === 'active' ? 'ever' : 'active'}`,
        put(param === 'active' ? 'ever' : 'active'),
      ];
    if (
      name === 'endedWithin' ||
      name === 'confirmed' ||
      name === 'starting' ||
      name === 'exceptIngredients'
    ) {
      const { [name]: _, ...rest } = leaf.params as Tree;
      yield [`without ${name}`, { ...leaf, params: rest }];
    }
    if (name === 'lowerLimit' && typeof param === 'number') {
      const next = Number((param * 0.9).toPrecision(6));
      yield [`lowerLimit ${param} -> ${next}`, put(next)];
    }
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

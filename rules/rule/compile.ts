/**
 * Facts x rules -> fired, not-fired or indeterminate, with the evidence.
 *
 * Rules are json-rules-engine documents (https://github.com/CacheControl/json-rules-engine); they are compiled
 * once into closures. Truth is three-valued, Kleene's strong logic: `null` stands for unknown. `all` is false as
 * soon as one part is false, `any` true as soon as one is true; otherwise one unknown part leaves the whole
 * unknown. A rule fires when its `conditions` are true and no documented exemption (`unless`) is.
 */
import {
  describe,
  type EvaluationContext,
  type Evidence,
  type Fact,
  type Range,
  statedRange,
} from '../facts/fact.ts';
import { prepareFact } from '../facts/facts.ts';
import { ingredientsOf } from '../facts/therapy.ts';
import { type Hook, hooksOf } from '../fhir/hooks.ts';
import {
  type Condition,
  type Conditions,
  type FactName,
  type Leaf,
  leavesOf,
  type Rule,
} from './document.ts';

/** `null` is unknown. */
export type Truth = true | false | null;
export type Outcome = 'fired' | 'not-fired' | 'indeterminate' | 'error';

/** A fact with its parameters, asked by any number of rules. */
export interface FactRequest {
  key: string;
  fact: FactName;
  params: Record<string, unknown>;
  compute(context: EvaluationContext): Fact;
}

/** The answers of one decision: each fact is computed when first asked. */
export interface FactStore {
  (question: number): Fact;
  /** The questions that were asked so far. */
  requested?(): number[];
}
type Test = (facts: FactStore) => Truth;

interface Compiled {
  test: Test;
  trace(facts: FactStore): Trace;
}

export interface CompiledRule {
  rule: Rule;
  /** Where it speaks. */
  hooks: ReadonlySet<Hook>;
  conditions: Compiled;
  unless: Compiled | null;
  /** Questions of `conditions` and `unless`, in document order, each once. */
  questions: number[];
  exemptions: number[];
  /** The question of each leaf of `unless`, in document order. */
  exemptionOf: number[];
  /** Ingredients whose order makes the finding relevant. */
  relevant: ReadonlySet<string> | null;
}

export type Trace =
  | { all: Trace[]; truth: Truth }
  | { any: Trace[]; truth: Truth }
  | { not: Trace; truth: Truth }
  | {
      fact: FactName;
      params: Record<string, unknown>;
      path?: string;
      operator: Leaf['operator'];
      value: unknown;
      /** What the fact was. */
      factValue: unknown;
      truth: Truth;
      missing?: string;
      /** Index of the question, to find its evidence. */
      question: number;
    };

/** All questions of a set of rules, each once. */
export class FactRequests {
  readonly list: FactRequest[] = [];
  private readonly byKey = new Map<string, number>();

  of(fact: FactName, params: Record<string, unknown>): number {
    const key = requestKey(fact, params);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const index = this.list.length;
    this.byKey.set(key, index);
    this.list.push({ key, fact, params, compute: prepareFact(fact, params) });
    return index;
  }
}

export const requestKey = (fact: string, params: Record<string, unknown>): string =>
  `${fact} ${JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))}`;

// --- Three-valued logic ------------------------------------------------------------------------------------

export function all(parts: readonly Truth[]): Truth {
  let result: Truth = true;
  for (const part of parts) {
    if (part === false) return false;
    if (part === null) result = null;
  }
  return result;
}

export function any(parts: readonly Truth[]): Truth {
  let result: Truth = false;
  for (const part of parts) {
    if (part === true) return true;
    if (part === null) result = null;
  }
  return result;
}

export const not = (part: Truth): Truth => (part === null ? null : !part);

type Operator = Leaf['operator'];

/** Compares everything a number may be with a threshold: decided only when all of it lies on one side. */
export function compareRange(range: Range, operator: Operator, threshold: number): Truth {
  const { low, high, lowOpen = false, highOpen = false } = range;
  const below = high < threshold || (high === threshold && highOpen);
  const atMost = high <= threshold;
  const above = low > threshold || (low === threshold && lowOpen);
  const atLeast = low >= threshold;
  switch (operator) {
    case 'lessThan':
      return below ? true : atLeast ? false : null;
    case 'lessThanInclusive':
      return atMost ? true : above ? false : null;
    case 'greaterThan':
      return above ? true : atMost ? false : null;
    case 'greaterThanInclusive':
      return atLeast ? true : below ? false : null;
    case 'equal':
      return low === high && low === threshold ? true : below || above ? false : null;
    case 'in':
      return null;
  }
}

function compareNumber(value: number, operator: Operator, threshold: number): Truth {
  switch (operator) {
    case 'lessThan':
      return value < threshold;
    case 'lessThanInclusive':
      return value <= threshold;
    case 'greaterThan':
      return value > threshold;
    case 'greaterThanInclusive':
      return value >= threshold;
    case 'equal':
      return value === threshold;
    case 'in':
      return null;
  }
}

// --- Compilation -------------------------------------------------------------------------------------------

/** The number a path of a fact leads to: `$.value` or `$.lowerLimit`; null where it is none, or a range. */
const numberAt = (fact: Fact, path: string | undefined): number | null => {
  if (fact.state !== 'known') return null;
  if (path === '$.lowerLimit') return fact.lowerLimit ?? null;
  return typeof fact.value === 'number' && !fact.range ? fact.value : null;
};

function compareAt(fact: Fact, path: string | undefined, operator: Operator, threshold: number): Truth {
  if (fact.state === 'known' && fact.range && path !== '$.lowerLimit') {
    return compareRange(fact.range, operator, threshold);
  }
  const amount = numberAt(fact, path);
  return amount === null ? null : compareNumber(amount, operator, threshold);
}

function leafTest(leaf: Leaf, question: number, questions: FactRequests): Test {
  const { operator, path, value } = leaf;
  if (typeof value === 'number') return (facts) => compareAt(facts(question), path, operator, value);
  if (typeof value === 'object' && !Array.isArray(value)) {
    const other = questions.of(value.fact, value.params);
    const otherPath = value.path;
    return (facts) => {
      const threshold = numberAt(facts(other), otherPath);
      return threshold === null ? null : compareAt(facts(question), path, operator, threshold);
    };
  }
  const accepts = Array.isArray(value)
    ? (found: unknown): boolean => value.some((one) => one === found)
    : (found: unknown): boolean => found === value;
  return (facts) => {
    const fact = facts(question);
    return fact.state === 'known' ? accepts(fact.value) : null;
  };
}

function compile(node: Condition, questions: FactRequests): Compiled {
  if ('all' in node || 'any' in node) {
    const isAll = 'all' in node;
    const parts = (isAll ? node.all : node.any).map((child) => compile(child, questions));
    const tests = parts.map(({ test }) => test);
    // Stops at the first part that decides: false for `all`, true for `any`.
    const decisive = !isAll;
    const test: Test = (facts) => {
      let result: Truth = isAll;
      for (const part of tests) {
        const truth = part(facts);
        if (truth === decisive) return decisive;
        if (truth === null) result = null;
      }
      return result;
    };
    return {
      test,
      trace: (facts) => {
        const traces = parts.map((part) => part.trace(facts));
        const truth = (isAll ? all : any)(traces.map((part) => part.truth));
        return isAll ? { all: traces, truth } : { any: traces, truth };
      },
    };
  }
  if ('not' in node) {
    const part = compile(node.not, questions);
    return {
      test: (facts) => not(part.test(facts)),
      trace: (facts) => {
        const inner = part.trace(facts);
        return { not: inner, truth: not(inner.truth) };
      },
    };
  }
  const question = questions.of(node.fact, node.params);
  const test = leafTest(node, question, questions);
  return { test, trace: (facts) => traceLeaf(node, question, test(facts), facts(question)) };
}

function traceLeaf(leaf: Leaf, question: number, truth: Truth, fact: Fact): Trace {
  const trace: Trace = {
    fact: leaf.fact,
    params: leaf.params,
    ...(leaf.path ? { path: leaf.path } : {}),
    operator: leaf.operator,
    value: leaf.value,
    factValue: fact.state === 'known' ? (fact.range ? statedRange(fact.range) : fact.value) : fact.state,
    truth,
    question,
  };
  if (truth === null)
    trace.missing =
      fact.state === 'known' ? `${describe(leaf.fact, leaf.params)} (not decided)` : fact.missing;
  return trace;
}

const questionsOf = (tree: Conditions, questions: FactRequests): number[] => [
  ...new Set([...leavesOf(tree)].map(({ fact, params }) => questions.of(fact, params))),
];

export function compileRule(rule: Rule, questions: FactRequests): CompiledRule {
  return {
    rule,
    hooks: hooksOf(
      rule,
      [...leavesOf(rule.conditions)].map(({ fact }) => fact),
    ),
    conditions: compile(rule.conditions, questions),
    unless: rule.unless ? compile(rule.unless, questions) : null,
    questions: questionsOf(rule.conditions, questions),
    exemptions: rule.unless ? questionsOf(rule.unless, questions) : [],
    relevant: rule.relevantTo ? ingredientsOf({ classes: rule.relevantTo }) : null,
    exemptionOf: rule.unless
      ? [...leavesOf(rule.unless)].map(({ fact, params }) => questions.of(fact, params))
      : [],
  };
}

/** Computes each fact once. */
export function createFactStore(questions: readonly FactRequest[], context: EvaluationContext): FactStore {
  const known: (Fact | undefined)[] = [];
  const answer = (index: number): Fact => {
    const cached = known[index];
    if (cached) return cached;
    const question = questions[index];
    if (!question) throw new Error(`no question ${index}`);
    const fact = computed(question, context);
    known[index] = fact;
    return fact;
  };
  return Object.assign(answer, {
    requested: () => [...known.keys()].filter((index) => known[index] !== undefined),
  });
}

/** A fact that throws costs the rules that need it, never the answer. */
function computed(question: FactRequest, context: EvaluationContext): Fact {
  try {
    return question.compute(context);
  } catch {
    const missing = `${describe(question.fact, question.params)} (could not be computed: please report)`;
    return { state: 'missing', cause: 'error', missing, evidence: [] };
  }
}

const failed = (facts: FactStore, question: number): boolean => {
  const fact = facts(question);
  return fact.state !== 'known' && fact.cause === 'error';
};

// --- Evaluation --------------------------------------------------------------------------------------------

export interface RuleResult {
  outcome: Outcome;
  /** Why it is not fired although its conditions hold, or what threw. */
  why: string | null;
}

/** What one rule says. Never throws: a rule that throws is an `error`, and the others still count. */
export function evaluateRule(compiled: CompiledRule, facts: FactStore): RuleResult {
  try {
    const truth = compiled.conditions.test(facts);
    if (truth === false) return notFired;
    // Unknown exempts nobody; a documented exemption ends the matter whatever the rest may be.
    if (compiled.unless?.test(facts) === true)
      return { outcome: 'not-fired', why: 'a documented exemption applies' };
    if (truth === null)
      return compiled.questions.some((question) => failed(facts, question)) ? thrown : indeterminate;
    return fired;
  } catch {
    return thrown;
  }
}
const thrown: RuleResult = { outcome: 'error', why: 'the rule could not be evaluated' };
const notFired: RuleResult = { outcome: 'not-fired', why: null };
const indeterminate: RuleResult = { outcome: 'indeterminate', why: null };
const fired: RuleResult = { outcome: 'fired', why: null };

type TraceLeaf = Extract<Trace, { question: number }>;

/** The leaves that carry the answer: of an unknown tree the unknown ones, of a true tree the true ones. */
export function* decisiveLeaves(trace: Trace, truth: Truth): Generator<TraceLeaf> {
  if (trace.truth !== truth) return;
  if ('all' in trace) for (const part of trace.all) yield* decisiveLeaves(part, truth);
  else if ('any' in trace) for (const part of trace.any) yield* decisiveLeaves(part, truth);
  else if ('not' in trace) yield* decisiveLeaves(trace.not, not(truth));
  else yield trace;
}

const traces = new WeakMap<FactStore, Map<CompiledRule, Trace>>();

/** The condition tree of a rule with its truths; made once for one set of facts. */
export function traceOf(compiled: CompiledRule, facts: FactStore): Trace {
  let known = traces.get(facts);
  if (!known) {
    known = new Map();
    traces.set(facts, known);
  }
  let trace = known.get(compiled);
  if (!trace) {
    trace = compiled.conditions.trace(facts);
    known.set(compiled, trace);
  }
  return trace;
}

/** What an undecided rule waits for, each thing once. */
export function missingOf(compiled: CompiledRule, facts: FactStore): string[] {
  const trace = traceOf(compiled, facts);
  return [...new Set([...decisiveLeaves(trace, null)].flatMap(({ missing }) => missing ?? []))];
}

/** The evidence of what made a rule fire. */
export function evidenceOfRule(compiled: CompiledRule, facts: FactStore): Evidence[] {
  const trace = traceOf(compiled, facts);
  const seen = new Set<string>();
  const evidence: Evidence[] = [];
  for (const leaf of decisiveLeaves(trace, true)) {
    for (const item of facts(leaf.question).evidence) {
      const key = `${item.reference} ${item.used}`;
      if (!seen.has(key)) {
        seen.add(key);
        evidence.push(item);
      }
    }
  }
  return evidence;
}

/** Exemptions of a fired rule that could not be checked. */
export function uncheckedExemptions(compiled: CompiledRule, facts: FactStore): Leaf[] {
  if (!compiled.rule.unless) return [];
  const leaves = [...leavesOf(compiled.rule.unless)];
  const open = new Set(compiled.exemptions.filter((question) => facts(question).state !== 'known'));
  return leaves.filter((_, index) => open.has(compiled.exemptionOf[index] ?? -1));
}

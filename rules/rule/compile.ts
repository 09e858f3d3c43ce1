/**
 * Rules are json-rules-engine documents; they are compiled once into closures over three-valued facts
 * (../logic/truth.ts). A rule fires when its `conditions` are true and no documented exemption (`unless`) is. Why its
 * own runtime is not on the path of an answer: docs/rules.md.
 */
import { type Evidence, type Fact, whyNotDecided } from '../facts/fact.ts';
import { categoriesRead, type FactName, factOf, type Params } from '../facts/facts.ts';
import { ingredientsOf, type WantedRoute } from '../facts/selection.ts';
import type { Category } from '../fhir/categories.ts';
import { type Hook, hooks, meaningOf } from '../fhir/hooks.ts';
import {
  compareHighest,
  compareNumber,
  compareRange,
  type NumericOperator,
  statedRange,
} from '../logic/range.ts';
import { all, any, not, type Truth } from '../logic/truth.ts';
import { renalLimits } from '../terminology/renal-limits.ts';
import {
  type Condition,
  type Conditions,
  isReference,
  type Leaf,
  leavesOf,
  requestsOf,
} from './conditions.ts';
import type { Rule } from './document.ts';
import { type FactRequests, type FactStore, requestKey, strictly } from './fact-store.ts';
import { decisiveLeaves, type MissingFact, type Trace, type TraceLeaf } from './trace.ts';
import { asksForTestAlone } from './way-out.ts';

type Test = (facts: FactStore) => Truth;

interface Compiled {
  test: Test;
  trace(facts: FactStore): Trace;
}

/** What an order must be to make a finding relevant: of these ingredients by that route, or a study with such contrast. */
interface Relevant {
  names: ReadonlySet<string>;
  route: WantedRoute;
  /** Not where a pregnancy is documented. */
  unlessPregnant: boolean;
  contrasts: ReadonlySet<string>;
}

/**
 * How soon the danger is there, among findings that are equally grave. 0: a critical value is there now. 1: it follows from
 * a drug, a dose or a state. 2: a test that is not there, or how orders were entered: no harm by itself.
 */
export type Immediacy = 0 | 1 | 2;

export interface CompiledRule {
  rule: Rule;
  /** 2: it asks about the other rules, and is evaluated after them. */
  stratum: 1 | 2;
  /** It speaks in notices and on the card of open checks. */
  isAboutData: boolean;
  immediacy: Immediacy;
  /** Where it speaks. */
  hooks: ReadonlySet<Hook>;
  conditions: Compiled;
  unless: Compiled | null;
  /** Requests of `conditions` and `unless`, in document order, each once. */
  requests: number[];
  exemptions: number[];
  /** The request of each leaf of `unless`, in document order. */
  exemptionOf: number[];
  /** Drugs and examinations with contrast whose order makes the finding relevant. */
  relevant: readonly Relevant[] | null;
}

/** The number a path of a fact leads to; null where it is none, or a range. */
const numberAt = (fact: Fact, path: string | undefined): number | null => {
  if (fact.state !== 'known') return null;
  if (path === '$.lowerLimit') return fact.lowerLimit ?? null;
  return typeof fact.value === 'number' && !fact.range ? fact.value : null;
};

function compareAt(
  fact: Fact,
  path: string | undefined,
  operator: NumericOperator,
  threshold: number,
): Truth {
  if (fact.state === 'known' && fact.range && path !== '$.lowerLimit') {
    return (path === '$.highest' ? compareHighest : compareRange)(fact.range, operator, threshold);
  }
  const amount = numberAt(fact, path);
  return amount === null ? null : compareNumber(amount, operator, threshold);
}

function leafTest({ operator, path, value }: Leaf, request: number, requests: FactRequests): Test {
  // A list is no threshold of a number, and a number no list of texts.
  if (operator === 'in' && !Array.isArray(value)) return () => null;
  if (operator !== 'in' && typeof value === 'number')
    return (facts) => compareAt(facts(request), path, operator, value);
  if (operator !== 'in' && isReference(value)) {
    const other = requests.of(value.fact, value.params);
    const otherPath = value.path;
    return (facts) => {
      const threshold = numberAt(facts(other), otherPath);
      return threshold === null ? null : compareAt(facts(request), path, operator, threshold);
    };
  }
  const accepts = Array.isArray(value)
    ? (found: unknown): boolean => value.some((one) => one === found)
    : (found: unknown): boolean => found === value;
  return (facts) => {
    const fact = facts(request);
    return fact.state === 'known' ? accepts(fact.value) : null;
  };
}

/** `all` and `any` stop at the first part that decides: false for `all`, true for `any`. */
function compileList(list: readonly Condition[], isAll: boolean, requests: FactRequests): Compiled {
  const parts = list.map((child) => compile(child, requests));
  const tests = parts.map(({ test }) => test);
  const decisive = !isAll;
  return {
    test: (facts) => {
      let result: Truth = isAll;
      for (const part of tests) {
        const truth = part(facts);
        if (truth === decisive) return decisive;
        if (truth === null) result = null;
      }
      return result;
    },
    trace: (facts) => {
      const traces = parts.map((part) => part.trace(facts));
      const truth = (isAll ? all : any)(traces.map((part) => part.truth));
      return isAll ? { all: traces, truth } : { any: traces, truth };
    },
  };
}

/** A tree of conditions as closures over questions; rules are made of two. */
export function compileConditions(node: Condition, requests: FactRequests): Compiled {
  return compile(node, requests);
}

function compile(node: Condition, requests: FactRequests): Compiled {
  if ('all' in node) return compileList(node.all, true, requests);
  if ('any' in node) return compileList(node.any, false, requests);
  if ('not' in node) {
    const part = compile(node.not, requests);
    return {
      test: (facts) => not(part.test(facts)),
      trace: (facts) => {
        const inner = part.trace(facts);
        return { not: inner, truth: not(inner.truth) };
      },
    };
  }
  const request = requests.of(node.fact, node.params);
  const test = leafTest(node, request, requests);
  return { test, trace: (facts) => traceLeaf(node, request, test(facts), facts(request)) };
}

function traceLeaf(leaf: Leaf, request: number, truth: Truth, fact: Fact): TraceLeaf {
  const { fact: name, params, path, operator, value } = leaf;
  return {
    fact: name,
    params,
    ...(path ? { path } : {}),
    operator,
    value,
    factValue: fact.state === 'known' ? (fact.range ? statedRange(fact.range) : fact.value) : fact.state,
    truth,
    ...(truth === null ? { missing: fact.state === 'known' ? [whyNotDecided(fact)] : fact.reasons } : {}),
    question: request,
  };
}

const requestNumbers = (tree: Conditions, requests: FactRequests): number[] => [
  ...new Set([...leavesOf(tree)].map(({ fact, params }) => requests.of(fact, params))),
];

/** Both trees of a rule. */
const treesOf = ({ conditions, unless }: Rule): Conditions[] => [conditions, ...(unless ? [unless] : [])];

const contrastClass = 'contrast-';

/** By name: a drug with a renal limit need be in no class. */
function withRenalLimit({ exceptClasses, exceptIngredients }: Except): ReadonlySet<string> {
  const except = ingredientsOf({ classes: exceptClasses, ingredients: exceptIngredients });
  return new Set(renalLimits.map(({ drug }) => drug).filter((drug) => !except.has(drug)));
}

interface Except {
  exceptClasses?: readonly string[] | undefined;
  exceptIngredients?: readonly string[] | undefined;
}

function relevantOf(item: NonNullable<Rule['relevantTo']>[number]): Relevant {
  if (typeof item !== 'string' && 'renalLimit' in item)
    return {
      names: withRenalLimit(item),
      route: 'systemic',
      unlessPregnant: false,
      contrasts: new Set(),
    };
  const { route = 'systemic', unless, ...drugs } = typeof item === 'string' ? { classes: [item] } : item;
  const contrasts = (drugs.classes ?? []).flatMap((name) =>
    name.startsWith(contrastClass) ? [name.slice(contrastClass.length)] : [],
  );
  return {
    names: ingredientsOf(drugs),
    route,
    unlessPregnant: unless === 'pregnancy',
    contrasts: new Set(contrasts),
  };
}

/** The branches of an exemption: each is one by itself. */
const branchesOf = (unless: Condition): readonly Condition[] => ('any' in unless ? unless.any : [unless]);

/** The tree with the question about all doses replaced by that of the leaf, about what is left of them. */
function askedOfRest(node: Condition, leaf: Leaf, whole: string): Condition {
  const again = (list: readonly Condition[]): Condition[] =>
    list.map((child) => askedOfRest(child, leaf, whole));
  if ('all' in node) return { all: again(node.all) };
  if ('any' in node) return { any: again(node.any) };
  if ('not' in node) return { not: askedOfRest(node.not, leaf, whole) };
  const isWhole = node.fact === leaf.fact && requestKey(node.fact, node.params) === whole;
  return isWhole ? { ...node, params: leaf.params } : node;
}

/** A branch that exempts some doses and not others, and the conditions about the others. */
interface PartlyExempt {
  applies: Test;
  conditions: Compiled;
}

function partlyExempt({ conditions, unless }: Rule, requests: FactRequests): PartlyExempt[] {
  if (!unless) return [];
  return branchesOf(unless).flatMap((branch) => {
    if (!('all' in branch)) return [];
    const leaf = branch.all.find((part): part is Leaf => 'fact' in part && part.params.except !== undefined);
    if (!leaf) return [];
    const { except: _, ...whole } = leaf.params;
    const reasons = compile({ all: branch.all.filter((part) => part !== leaf) }, requests);
    const rest = compile(leaf, requests);
    return {
      applies: (facts: FactStore): Truth => reasons.test(facts) === true && rest.test(facts) === null,
      conditions: compile(askedOfRest(conditions, leaf, requestKey(leaf.fact, whole)), requests),
    };
  });
}

/**
 * The conditions of a rule. Where an exemption is documented and covers some doses, and of the others it is not known
 * whether they keep to the limit, the conditions are asked of these: what is exempt makes nothing fire.
 */
function compileWithRest(rule: Rule, requests: FactRequests): Compiled {
  const whole = compile(rule.conditions, requests);
  const parts = partlyExempt(rule, requests);
  if (parts.length === 0) return whole;
  const asked = (facts: FactStore): Compiled =>
    parts.find(({ applies }) => applies(facts) === true)?.conditions ?? whole;
  return { test: (facts) => asked(facts).test(facts), trace: (facts) => asked(facts).trace(facts) };
}

/** Every fact that a rule asks for, exemptions and thresholds included. */
export const requestsOfRule = (rule: Rule): { fact: FactName; params: Params }[] =>
  treesOf(rule).flatMap((tree) => [...requestsOf(tree)]);

/** The hooks at which a rule speaks: at an entry, only where what is entered can be part of what the rule asks. */
function hooksOf(rule: Rule): ReadonlySet<Hook> {
  const leaves = [...leavesOf(rule.conditions)];
  const asksOnlyOfData = leaves.every(({ fact }) => factOf(fact).part === 'data');
  const read = new Set<Category>(leaves.flatMap(({ fact, params }) => [...categoriesRead(fact, params)]));
  return new Set(
    hooks.filter((hook) => {
      const { follows, entered } = meaningOf(hook);
      if (!rule.hooks.includes(follows) || rule.exceptHooks?.includes(hook)) return false;
      return !entered || asksOnlyOfData || read.has(entered);
    }),
  );
}

function immediacyOf(rule: Rule, criticalValues: ReadonlySet<string>): Immediacy {
  if (rule.speaks === 'always' || rule.supersedes?.some((id) => criticalValues.has(id))) return 0;
  return asksForTestAlone(rule) || rule.domain === 'data-quality' ? 2 : 1;
}

/**
 * Turns the conditions of a rule into closures over questions.
 * @param requests of the whole ruleset: rules that ask the same share one question
 * @param criticalValues ids of the rules that speak always: a rule that says one of them better is as immediate
 */
export function compileRule(
  rule: Rule,
  requests: FactRequests,
  criticalValues: ReadonlySet<string> = new Set(),
): CompiledRule {
  const asked = requestsOfRule(rule).map(({ fact }) => factOf(fact));
  return {
    rule,
    stratum: asked.some(({ stratum }) => stratum === 2) ? 2 : 1,
    isAboutData: rule.about === 'data',
    immediacy: immediacyOf(rule, criticalValues),
    hooks: hooksOf(rule),
    conditions: compileWithRest(rule, requests),
    unless: rule.unless ? compile(rule.unless, requests) : null,
    requests: requestNumbers(rule.conditions, requests),
    exemptions: rule.unless ? requestNumbers(rule.unless, requests) : [],
    relevant: rule.relevantTo?.map(relevantOf) ?? null,
    exemptionOf: rule.unless
      ? [...leavesOf(rule.unless)].map(({ fact, params }) => requests.of(fact, params))
      : [],
  };
}

// --- What a compiled rule says of one patient --------------------------------------------------------------

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

/** What an undecided rule waits for, each request once. */
export function missingOf(compiled: CompiledRule, facts: FactStore): MissingFact[] {
  const byRequest = Map.groupBy(decisiveLeaves(traceOf(compiled, facts), null), ({ question }) => question);
  return [...byRequest.values()].flatMap(([leaf]) =>
    leaf ? [{ fact: leaf.fact, params: leaf.params, reasons: leaf.missing ?? [] }] : [],
  );
}

/** The evidence of what made a rule fire, each piece once. */
export function evidenceOfRule(compiled: CompiledRule, facts: FactStore): Evidence[] {
  const leaves = [...decisiveLeaves(traceOf(compiled, facts), true)];
  return [...new Set(leaves.map(({ question }) => question))].flatMap((request) => facts(request).evidence);
}

/** Whether a rule that fired rests on results of which not all were read. */
export const restsOnPart = (compiled: CompiledRule, facts: FactStore): boolean =>
  strictly(facts) !== facts && traceOf(compiled, strictly(facts)).truth !== true;

/** Exemptions of a fired rule that could not be checked: what leaves them open, and not what is false already. */
export function uncheckedExemptions({ unless }: CompiledRule, facts: FactStore): TraceLeaf[] {
  if (!unless) return [];
  const open = [...decisiveLeaves(unless.trace(strictly(facts)), null)];
  return [...Map.groupBy(open, ({ question }) => question).values()].flatMap(([leaf]) => leaf ?? []);
}

/**
 * What the library's own documents must prove beyond the schema (rule.ts): every rule has cases that fire, do
 * not fire and are undecided, cases just beside every threshold, and a case saved by every exemption;
 * sources and attributes say what is true. Pure: the cases come with what the pipeline answered to them.
 */

import { maxSummary } from '../cards/profiles.ts';
import { limitProblems, textForReader } from '../cards/reader-units.ts';
import type { Outcome } from '../evaluation/evaluate-rule.ts';
import type { FactResult, WhyNot } from '../evaluation/findings.ts';
import { type FactName, factOf, type Params } from '../facts/facts.ts';
import { ruleHooks } from '../fhir/hooks.ts';
import { compareRange, type StatedRange } from '../logic/range.ts';
import type { Truth } from '../logic/truth.ts';
import { textAskingAll } from '../rule/asking.ts';
import { requestsOfRule } from '../rule/compile.ts';
import { type Condition, isReference, type Leaf, leavesOf } from '../rule/conditions.ts';
import type { Rule } from '../rule/document.ts';
import { requestKey } from '../rule/fact-store.ts';
import { familyOf, isFamily, reasonsOf } from '../rule/override-reasons.ts';
import { askingOfCard } from './asking-lint.ts';

/** A case as it was evaluated. */
export interface LintCase {
  name: string;
  expect: Outcome;
  /** Of the evaluation: that a documented exemption applies, where one did. */
  why: WhyNot | null;
  facts: readonly FactResult[];
}

export interface LintEntry {
  /** Folder under the library: `magnesium/MG-001`. */
  where: string;
  rule: Rule;
  cases: readonly LintCase[];
}

/** @returns one sentence per problem, each beginning with the rule; empty when there is none */
export function lintLibrary(entries: readonly LintEntry[]): string[] {
  const ids = new Set(entries.map(({ rule }) => rule.id));
  return entries.flatMap((entry) =>
    [
      ...identity(entry),
      ...outcomes(entry),
      ...thresholds(entry),
      ...exemptions(entry),
      ...superseded(entry, ids),
      ...bands(entry),
      ...wording(entry),
      ...askingOfCard(entry.rule),
      ...overrideReasons(entry),
      ...sources(entry),
      ...attributes(entry),
      ...dates(entry),
      ...about(entry),
      ...speaking(entry),
    ].map((problem) => `${entry.rule.id}: ${problem}`),
  );
}

/** Folders without an entry in library.ts, and entries without a folder. */
export function registryProblems(registered: readonly string[], folders: readonly string[]): string[] {
  return [
    ...folders.filter((where) => !registered.includes(where)).map((where) => `${where} is not in library.ts`),
    ...registered.filter((where) => !folders.includes(where)).map((where) => `${where} has no folder`),
    ...registered
      .filter((where, index) => registered.indexOf(where) !== index)
      .map((where) => `${where} is in library.ts twice`),
  ];
}

function identity({ where, rule }: LintEntry): string[] {
  const problems: string[] = [];
  const folder = `${rule.domain}/${rule.id}`;
  if (where !== folder) problems.push(`lies in ${where}, but its domain and id say ${folder}`);
  if (rule.name !== rule.id) problems.push('`name` must be the id');
  if (rule.event.type !== rule.id) problems.push('`event.type` must be the id');
  return problems;
}

function outcomes({ rule, cases }: LintEntry): string[] {
  // Facts about the data are always known: a rule that asks nothing else is never undecided.
  const decided = [...leavesOf(rule.conditions)].every(({ fact }) => factOf(fact).part === 'data');
  const needed: Outcome[] = ['fired', 'not-fired', ...(decided ? [] : (['indeterminate'] as const))];
  const names = cases.map(({ name }) => name);
  return [
    ...needed
      .filter((outcome) => !cases.some(({ expect }) => expect === outcome))
      .map((outcome) => `no case is ${outcome}`),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `two cases are called \`${name}\``),
  ];
}

// --- Thresholds --------------------------------------------------------------------------------------------

const answerTo = (
  { facts }: LintCase,
  { fact, params }: { fact: FactName; params: Params },
): FactResult | undefined => {
  const key = requestKey(fact, params);
  return facts.find((answer) => requestKey(answer.fact, answer.params) === key);
};

/**
 * Point values only: a one-sided result tests no threshold. Of an age in days, which a birth date leaves at one of two,
 * the one that lies nearer to it.
 */
function numberAt(
  answer: FactResult | undefined,
  path: string | undefined,
  threshold?: number,
): number | null {
  if (answer?.state !== 'known') return null;
  if (answer.range) return threshold === undefined ? null : nearerDay(answer, threshold);
  const value = path === '$.lowerLimit' ? answer.lowerLimit : answer.value;
  return typeof value === 'number' ? value : null;
}

function nearerDay({ fact, range }: FactResult & { range?: StatedRange }, threshold: number): number | null {
  const { low, high } = range ?? {};
  if (fact !== 'age' || typeof low !== 'number' || typeof high !== 'number' || high - low > 1) return null;
  return high < threshold ? high : low >= threshold ? low : null;
}

/** What counts as just beside a threshold: 5 % of it, or one for what comes in whole numbers. */
const margin = (leaf: Leaf, threshold: number): number =>
  isWholeNumber(leaf) ? 1 : Math.abs(threshold) * 0.05 + 1e-9;

/** Whether a fact comes in whole numbers only. */
export const isWholeNumber = ({ fact, params }: Pick<Leaf, 'fact' | 'params'>): boolean =>
  factOf(fact).isWhole(params);

/** The side of the threshold a case's value lies on, if it lies just beside or on it. */
function sideOf(one: LintCase, leaf: Leaf): { holds: Truth; side: 'below' | 'above' | 'on' } | null {
  const threshold =
    typeof leaf.value === 'number'
      ? leaf.value
      : isReference(leaf.value)
        ? numberAt(answerTo(one, leaf.value), leaf.value.path)
        : null;
  const value = numberAt(answerTo(one, leaf), leaf.path, threshold ?? undefined);
  const { operator } = leaf;
  if (value === null || threshold === null || operator === 'in') return null;
  if (Math.abs(value - threshold) > margin(leaf, threshold)) return null;
  const holds = compareRange({ low: value, high: value }, operator, threshold);
  return { holds, side: value < threshold ? 'below' : value > threshold ? 'above' : 'on' };
}

const thresholdName = ({ fact, params, operator, value }: Leaf): string => {
  const test = typeof params.test === 'string' ? ` ${params.test}` : '';
  return `${fact}${test} ${operator} ${isReference(value) ? value.path : value}`;
};

function thresholds({ rule, cases }: LintEntry): string[] {
  const leaves = [...leavesOf(rule.conditions), ...(rule.unless ? leavesOf(rule.unless) : [])];
  return leaves.flatMap((leaf) => {
    if (typeof leaf.value !== 'number' && !isReference(leaf.value)) return [];
    const near = cases.flatMap((one) => sideOf(one, leaf) ?? []);
    const problems: string[] = [];
    for (const truth of [true, false]) {
      if (!near.some(({ holds }) => holds === truth)) {
        problems.push(
          `no case where \`${thresholdName(leaf)}\` is just ${truth ? 'true' : 'false'} (within 5 %, or 1 for whole numbers)`,
        );
      }
    }
    if (leaf.operator === 'equal') {
      for (const wanted of ['below', 'above'] as const) {
        if (!near.some(({ side }) => side === wanted)) {
          problems.push(`no case just ${wanted} \`${thresholdName(leaf)}\``);
        }
      }
    }
    return problems;
  });
}

// --- Exemptions --------------------------------------------------------------------------------------------

const holdsIn = (one: LintCase, leaf: Leaf): boolean => {
  const answer = answerTo(one, leaf);
  if (answer?.state !== 'known') return false;
  const { operator, value } = leaf;
  if (typeof value === 'number' && operator !== 'in') {
    const number = numberAt(answer, leaf.path);
    return number !== null && compareRange({ low: number, high: number }, operator, value) === true;
  }
  return Array.isArray(value) ? value.includes(String(answer.value)) : answer.value === value;
};

function exemptions({ rule, cases }: LintEntry): string[] {
  if (!rule.unless) return [];
  const saved = cases.filter(({ expect, why }) => expect === 'not-fired' && why?.code === 'exempt');
  return [...leavesOf(rule.unless)].flatMap((leaf) => {
    const groups = Array.isArray(leaf.params.groups) ? leaf.params.groups.map(String) : [];
    const name = `${leaf.fact} ${groups.join(' or ')}`.trim();
    const problems: string[] = [];
    if (!saved.some((one) => holdsIn(one, leaf)))
      problems.push(`no case is saved by the exemption \`${name}\``);
    if (leaf.fact === 'condition') {
      if (groups.length > 1)
        problems.push(`the exemption \`${name}\` must be one condition each, so that each has a case`);
    }
    if ((leaf.fact === 'condition' || leaf.fact === 'pregnancy') && leaf.params.confirmed !== true)
      problems.push(`the exemption \`${name}\` must ask for \`confirmed\``);
    return problems;
  });
}

/** Where what a value may be at most is known: a band reads its lower end there, and an exemption never does. */
function bands({ rule }: LintEntry): string[] {
  const isExempting = rule.unless && [...leavesOf(rule.unless)].some(({ path }) => path === '$.highest');
  return [
    ...new Set(bandsOf(rule.conditions)),
    ...(isExempting ? ['an exemption reads `$.highest`: what a value may be at most exempts nobody'] : []),
  ];
}

function bandsOf(node: Condition): string[] {
  if ('not' in node) return bandsOf(node.not);
  if ('any' in node) return node.any.flatMap(bandsOf);
  if (!('all' in node)) return [];
  const leaves = node.all.filter((child): child is Leaf => 'fact' in child);
  const open = leaves.filter(
    ({ fact, params, path, operator }) =>
      path === '$.value' &&
      operator.startsWith('greaterThan') &&
      factOf(fact).paths.includes('$.highest') &&
      leaves.some(
        (other) =>
          other.operator.startsWith('lessThan') &&
          requestKey(other.fact, other.params) === requestKey(fact, params),
      ),
  );
  return [
    ...open.map((leaf) => `\`${thresholdName(leaf)}\` is the lower end of a band: read it at \`$.highest\``),
    ...node.all.flatMap(bandsOf),
  ];
}

const superseded = ({ rule }: LintEntry, ids: ReadonlySet<string>): string[] =>
  (rule.supersedes ?? []).filter((id) => !ids.has(id)).map((id) => `supersedes ${id}, which is no rule`);

// --- Texts, sources, attributes ----------------------------------------------------------------------------

/** What a placeholder needs at least; the longest in use are some fifty characters. */
const roomForValues = 40;

function wording({ rule }: LintEntry): string[] {
  const { orderSummary } = rule.card;
  if (orderSummary === undefined) return wordingOf(rule, rule.card.summary, false);
  const unnamed =
    rule.relevantTo && orderSummary.includes('{drug}')
      ? []
      : ['`orderSummary` needs `relevantTo` and a `{drug}`'];
  return [...wordingOf(rule, rule.card.summary, false), ...wordingOf(rule, orderSummary, true), ...unnamed];
}

/** @param namesOrder `{drug}` is what is ordered */
function wordingOf(rule: Rule, summary: string, namesOrder: boolean): string[] {
  const { detail, brief } = rule.card;
  const filled = new Set(
    [...leavesOf(rule.conditions)].flatMap(({ fact, params }) => factOf(fact).fills(params)),
  );
  const used = [...summary.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');
  const problems: string[] = [];
  for (const [index, name] of used.entries()) {
    if (name.includes(':')) continue;
    if (name !== 'values' && name !== 'drug')
      problems.push(`\`{${name}}\` is no placeholder: {values}, {drug}`);
    else if (used.indexOf(name) !== index) problems.push(`\`{${name}}\` is replaced only once`);
  }
  if (
    used.includes('values') &&
    !(['values', 'conditions', 'allergies'] as const).some((one) => filled.has(one))
  ) {
    problems.push(
      '`{values}` needs a laboratory value, a kidney estimate, a dose, a rate, a condition or an allergy in `conditions`',
    );
  }
  if (used.includes('drug') && !namesOrder && !filled.has('drug'))
    problems.push('`{drug}` needs a fact about a drug in `conditions`');
  const fixed = textForReader(textAskingAll(summary), undefined).replace(/\{[^}]*\}/g, '').length;
  if (used.length > 0 && fixed + roomForValues > maxSummary) {
    problems.push(
      `the summary leaves ${maxSummary - fixed} characters for values: ${roomForValues} are needed`,
    );
  }
  for (const text of [summary, detail, brief ?? ''])
    problems.push(...limitProblems(text), ...unitProblems(text));
  if (brief !== undefined && brief.length >= detail.length)
    problems.push('`brief` must be shorter than `detail`: leave it out where it is not');
  if (/!/.test(summary + detail)) problems.push('card texts have no exclamation marks');
  return problems;
}

/** A limit in a unit that not every reader has (clinical decision 45). */
const unitProblems = (text: string): string[] =>
  [...text.replace(/\{[^{}]*\}/g, '').matchAll(/[\d.]+ (?:mg\/dL|g\/dL|mEq\/L|mg\/g)/g)].map(
    ([limit]) => `\`${limit}\` is not in the unit of every reader: write \`{magnesium:1.0 mg/dL}\``,
  );

function overrideReasons({ rule }: LintEntry): string[] {
  if (!isFamily(rule.id.slice(0, 2))) return ['is of no family of override-reasons.ts'];
  const { usual, also } = familyOf(rule.id);
  return reasonsOf(rule)
    .filter((code) => ![...usual, ...also].includes(code))
    .map((code) => `the override reason \`${code}\` is none of its family: see override-reasons.ts`);
}

const sources = ({ rule }: LintEntry): string[] =>
  rule.status === 'active' && !rule.sources.some(({ section }) => section !== undefined)
    ? ['an active rule needs a source with its `section`; without one it is a draft']
    : [];

function attributes({ rule }: LintEntry): string[] {
  const uses = requestsOfRule(rule).map(({ fact }) => factOf(fact).uses);
  const { usesSex: sex, usesDateOfBirth: birth } = rule.sourceAttributes;
  const expected = {
    sex: uses.some((one) => one.sex),
    birth: uses.some(({ birthDate }) => birthDate),
  };
  return [
    ...(sex === expected.sex ? [] : [`\`usesSex\` must be ${expected.sex}: its facts say so`]),
    ...(birth === expected.birth ? [] : [`\`usesDateOfBirth\` must be ${expected.birth}: its facts say so`]),
  ];
}

function dates({ rule }: LintEntry): string[] {
  const released = rule.sourceAttributes.releaseAndRevisionDates;
  const latest = released
    .match(/\d{4}-\d{2}-\d{2}/g)
    ?.sort()
    .at(-1);
  if (latest === undefined) return ['`releaseAndRevisionDates` names no date'];
  return [
    ...(rule.reviewBy > latest ? [] : [`\`reviewBy\` must be after the revision of ${latest}`]),
    ...(released.includes(rule.version)
      ? []
      : [`\`releaseAndRevisionDates\` does not name version ${rule.version}`]),
  ];
}

/** A rule about the data asks only for facts about it; what asks about other rules is about the data. */
function about({ rule }: LintEntry): string[] {
  const asked = requestsOfRule(rule).map(({ fact }) => factOf(fact));
  if (rule.about === 'data' && asked.some(({ part }) => part !== 'data'))
    return ['is `about` data and asks for a fact about the patient'];
  return rule.about === undefined && asked.some(({ stratum }) => stratum === 2)
    ? ['asks about other rules, so it needs `"about": "data"`']
    : [];
}

/** What speaks whatever is ordered is a danger of its own, and is said wherever a chart or an order is looked at. */
function speaking({ rule }: LintEntry): string[] {
  if (rule.speaks === undefined) return [];
  const lacking = ruleHooks.filter((hook) => !rule.hooks.includes(hook));
  return [
    ...lacking.map((hook) => `speaks always, but not at ${hook}`),
    // Such an order is named in the summary and can be removed; without words of its own it would change nothing.
    ...(rule.relevantTo && rule.card.orderSummary === undefined
      ? ['speaks always, so `relevantTo` says nothing without an `orderSummary`']
      : []),
    ...(rule.card.indicator === 'info' ? ['speaks always, and is only an information'] : []),
  ];
}

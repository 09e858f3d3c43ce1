/**
 * Adding a rule changes no other rule. A random rule (active, shadow or draft; clinical or about the data; before or
 * after all others by id) joins the library; with limits off every other rule says what it said, and no card changes
 * but those that name the added rule.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Card } from '../../../rules/cards/types.ts';
import { type Decision, decide } from '../../../rules/decide.ts';
import type { Evaluation } from '../../../rules/evaluation/findings.ts';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import { factOf } from '../../../rules/facts/facts.ts';
import { parseCases } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { cases } from '../../../rules/library/cases.ts';
import { library } from '../../../rules/library/library.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { requestsOfRule } from '../../../rules/rule/compile.ts';
import { type Condition, leavesOf } from '../../../rules/rule/conditions.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { clock, document } from '../../support/rule-documents.ts';

const shipped = shippedRuleset();
const rules = new Map(shipped.documents.map((rule) => [`${rule.domain}/${rule.id}`, rule]));
const requests = cases.flatMap(({ where, json }) => {
  const [first] = rules.get(where)?.hooks ?? [];
  return first ? parseCases(json, where).map((one) => requestOf(one, first)) : [];
});

/** Every condition of the library, by whether it is about the patient or about the data. */
const leaves = shipped.documents.flatMap((rule) => [...leavesOf(rule.conditions)]);
const isAboutData = (leaf: (typeof leaves)[number]): boolean => factOf(leaf.fact).part === 'data';
const clinical = leaves.filter((leaf) => !isAboutData(leaf));
const data = leaves.filter(isAboutData);

const treeOf = (members: readonly (typeof leaves)[number][]) =>
  fc.letrec<{ tree: Condition; list: Condition[] }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      fc.constantFrom(...members),
      tie('list').map((all) => ({ all })),
      tie('list').map((any) => ({ any })),
      tie('tree').map((inner) => ({ not: inner })),
    ),
    list: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
  })).tree;

const addedId = fc.constantFrom('AA-000', 'MG-999', 'ZZ-999');
const more = fc.record({
  status: fc.constantFrom('active', 'shadow', 'draft'),
  hooks: fc.constantFrom(
    ['patient-view'],
    ['order-sign', 'order-select'],
    ['patient-view', 'order-sign', 'order-select'],
  ),
  card: fc.record({ indicator: fc.constantFrom('critical', 'warning', 'info') }),
});
const clinicalRule = fc
  .tuple(addedId, treeOf(clinical), more)
  .map(([id, tree, rest]) => document(id, { all: [tree] }, rest));
// Of two rules about one part of the card the first by id heads it, so an added one comes last.
const dataRule = fc
  .tuple(treeOf(data), more)
  .map(([tree, rest]) => document('ZZ-999', { all: [tree] }, { ...rest, about: 'data' }));

const decidedUnder = (ruleset: typeof shipped, index: number): Decision => {
  const request = requests[index];
  if (!request) throw new Error(`no request ${index}`);
  return decide(request, ruleset, clock);
};
const before = new Map<number, Decision>();
const shippedDecision = (index: number): Decision => {
  const decision = before.get(index) ?? decidedUnder(shipped, index);
  before.set(index, decision);
  return decision;
};

const said = ({ rule, outcome, shown, why, missing, fingerprint }: Evaluation) => ({
  rule,
  outcome,
  shown,
  why,
  missing,
  fingerprint,
});
const names = (id: string) => (card: Card) => JSON.stringify(card).includes(id);
/** The rules that a card lists, that of its topic first. */
const rulesOf = ({ source, detail }: Card): string[] => [
  source.topic.code,
  ...[...detail.matchAll(/\bRule (\S+) /g)].map(([, rule = '']) => rule),
];
/** What one card offers no later one offers again. */
const withoutButtons = ({ suggestions: _, selectionBehavior: __, ...card }: Card) => card;
const without = (cards: readonly Card[], isNamed: (card: Card) => boolean): Card[] =>
  cards.filter((card) => !isNamed(card));

/** Rules of the second stratum say that a check is open: one that is added may be that check. */
const isOfSecondStratum = new Set(
  shipped.rules.filter(({ stratum }) => stratum === 2).map(({ rule }) => rule.id),
);

function compareWith(json: object, index: number): void {
  const added = parseRule(json, 'added');
  const ruleset = createRuleset([...library, { where: 'added', json }]);
  const [one, other] = [shippedDecision(index), decidedUnder(ruleset, index)];
  const open = other.evaluations.filter(({ rule }) => isOfSecondStratum.has(rule) || rule === added.id);
  const opens = JSON.stringify(other.facts().filter(({ fact }) => fact === 'checkNotMade')).includes(
    added.id,
  );
  for (const { rule, ...rest } of other.evaluations.map(said)) {
    if (rule === added.id || (opens && isOfSecondStratum.has(rule))) continue;
    const was = one.evaluations.find((evaluation) => evaluation.rule === rule);
    expect({ rule, ...rest }).toEqual(was && said(was));
  }
  expect(open.length).toBeGreaterThan(0);
  const isNamed = names(added.id);
  const kept = without(other.cards, isNamed);
  // A card that now names the added rule too stood there without it, and so did those that it lists.
  const joined = other.cards.filter(isNamed).flatMap(rulesOf);
  const same = one.cards.filter((card) => !rulesOf(card).some((rule) => joined.includes(rule)));
  expect(kept.map(withoutButtons)).toEqual(same.map(withoutButtons));
}

describe('a rule that is added', () => {
  const someRequest = fc.integer({ min: 0, max: requests.length - 1 });

  test('that asks about the patient changes no other rule and no card but those that name it', () => {
    fc.assert(
      fc.property(clinicalRule, fc.array(someRequest, { minLength: 8, maxLength: 8 }), (json, indexes) => {
        for (const index of indexes) compareWith(json, index);
      }),
      { numRuns: 40 },
    );
  });

  test('that asks about the data and the other rules changes none of them', () => {
    fc.assert(
      fc.property(dataRule, fc.array(someRequest, { minLength: 8, maxLength: 8 }), (json, indexes) => {
        for (const index of indexes) compareWith(json, index);
      }),
      { numRuns: 40 },
    );
  });

  test('and asks for what could not be checked does not silence the card of open checks', () => {
    // Once a fact that was asked too early was remembered as false.
    const json = document(
      'AA-000',
      { all: [{ fact: 'checkNotMade', params: {}, operator: 'equal', value: true }] },
      { about: 'data', status: 'shadow' },
    );
    const index = requests.findIndex((_, place) =>
      shippedDecision(place).cards.some(({ source }) => source.topic.code === 'DQ-004'),
    );
    compareWith(json, index);
    const decision = decidedUnder(createRuleset([...library, { where: 'added', json }]), index);
    expect(decision.cards.map(({ source }) => source.topic.code)).toContain('DQ-004');
    expect(decision.evaluations.find(({ rule }) => rule === 'AA-000')?.outcome).toBe('fired');
  });

  test('is found open, fired and silent in these properties', () => {
    const random = fc.sample(fc.tuple(clinicalRule, someRequest), { numRuns: 200, seed: 20261129 });
    const outcomes = random.map(([json, index]) => {
      const { evaluations } = decidedUnder(createRuleset([...library, { where: 'added', json }]), index);
      const id = parseRule(json, 'added').id;
      return evaluations.find(({ rule }) => rule === id)?.outcome;
    });
    expect(new Set(outcomes)).toEqual(new Set(['fired', 'not-fired', 'indeterminate']));
    expect(requestsOfRule(parseRule(random[0]?.[0], 'added')).length).toBeGreaterThan(0);
  });
});

/**
 * What is among the drafts, signed or running is not asked for again, by no card of the answer (clinical decision 36): each
 * rule that can fire, with each thing that its card asks for or offers, in each place.
 */
import { describe, expect, test } from 'vitest';
import type { Card } from '../../../rules/cards/types.ts';
import { meaningOf } from '../../../rules/fhir/hooks.ts';
import { wordsAsked } from '../../../rules/library/asking-lint.ts';
import type { Case, GivenDrug } from '../../../rules/library/case.ts';
import { parseCases } from '../../../rules/library/case.ts';
import { cases } from '../../../rules/library/cases.ts';
import { library } from '../../../rules/library/library.ts';
import { askingsIn } from '../../../rules/rule/asking.ts';
import { parseRule, type Rule } from '../../../rules/rule/document.ts';
import { testsSuggestedBy } from '../../../rules/terminology/service-tests.ts';
import { decidedWith, type TestOrder } from '../../support/ordered-tests.ts';

/** Something that cards ask for: how texts name it, tests of it, and what replaces it. */
interface Thing {
  name: string;
  /** Of tests and demands. */
  keys: readonly string[];
  words: RegExp;
  orders: readonly TestOrder[];
  drug?: GivenDrug;
}

const named = (text: string): TestOrder => ({ code: { text } });
const ordersOf = (code: string, ...names: string[]): TestOrder[] => [code, ...names.map(named)];

const things: readonly Thing[] = [
  { name: 'ECG', keys: ['qtc', 'qt'], words: /ECG|EKG|QTc/, orders: ordersOf('11524-6') },
  {
    name: 'potassium',
    keys: ['potassium'],
    words: /potassium|\bK\b/,
    orders: ordersOf('2823-3'),
    drug: { drug: 'potassium chloride', route: 'oral', dose: '20 mEq', timesADay: 2 },
  },
  {
    name: 'magnesium',
    keys: ['magnesium', 'magnesium-by-injection'],
    words: /magnesium|\bMg\b/,
    orders: ordersOf('19123-9'),
    drug: { drug: 'magnesium sulfate', route: 'intravenous', dose: '2 g', hours: 2 },
  },
  {
    name: 'magnesium by mouth',
    keys: ['magnesium-by-mouth'],
    words: /oral (?:magnesium|replacement)/,
    orders: [],
    drug: { drug: 'magnesium oxide', route: 'oral', dose: '400 mg', timesADay: 2 },
  },
  {
    name: 'calcium',
    keys: ['calcium', 'calcium-by-injection', 'calcium-total', 'calcium-ionized'],
    words: /calcium|\bCa\b/,
    orders: ['17861-6', '1995-0'],
    drug: { drug: 'calcium gluconate', route: 'intravenous', dose: '1 g', hours: 1 },
  },
  {
    name: 'phosphate',
    keys: ['phosphate', 'phosphate-by-injection'],
    words: /phosphate/,
    orders: ordersOf('2777-1'),
    drug: { drug: 'sodium phosphate', route: 'intravenous' },
  },
  {
    name: 'creatinine',
    keys: ['creatinine', 'egfr'],
    words: /creatinine|eGFR|kidney function|metabolic panel/,
    orders: ordersOf('2160-0'),
  },
  { name: 'sodium', keys: ['sodium'], words: /sodium/, orders: ordersOf('2951-2') },
  { name: 'digoxin level', keys: ['digoxin-level'], words: /digoxin level/, orders: ordersOf('10535-3') },
  { name: 'lithium level', keys: ['lithium-level'], words: /lithium level/, orders: ordersOf('14334-7') },
  { name: 'blood count', keys: ['blood-count'], words: /blood count/, orders: ordersOf('58410-2') },
  { name: 'TSH', keys: ['thyrotropin'], words: /TSH/, orders: ordersOf('3016-3') },
  {
    name: 'parathyroid hormone',
    keys: ['parathyroid-hormone'],
    words: /PTH|parathyroid/,
    orders: ordersOf('2731-4'),
  },
  { name: 'urine albumin', keys: ['uacr'], words: /albumin/, orders: ordersOf('9318-7') },
];

const textsOf = ({ card }: Rule): string[] => [
  card.summary,
  card.orderSummary ?? '',
  card.brief ?? card.detail,
];

const demandsOf = (rule: Rule) =>
  textsOf(rule)
    .flatMap(askingsIn)
    .flatMap(({ anyOf }) => anyOf);
const keysOf = (rule: Rule, of: 'tests' | 'drug'): string[] =>
  demandsOf(rule).flatMap((demand): string[] =>
    (demand.verb === 'give') === (of === 'drug') ? [...demand.things] : [],
  );

/** Whether a card asks for the thing, or offers it. */
function isDemanded(rule: Rule, { keys, drug }: Thing, of: Check['of']): boolean {
  const offered = (rule.card.suggestions ?? []).flatMap((one): string[] =>
    one.type === 'order-service' ? [...testsSuggestedBy(one)] : [],
  );
  const isOf = (demanded: readonly string[]): boolean => keys.some((key) => demanded.includes(key));
  const ofTests = isOf([...offered, ...keysOf(rule, 'tests')]);
  const ofDrug = drug !== undefined && isOf(keysOf(rule, 'drug'));
  return of === 'both' ? ofTests && ofDrug : of === 'tests' ? ofTests : ofDrug;
}

/** Paragraphs of values and sources, and what says what is at hand. */
const isValues = /^(?:- |Already|Drafted|Running|Taken|Source|Also)/;

const explanationsIn = (detail: string): string[] =>
  detail.split('\n\n').filter((one) => !isValues.test(one));

/** What a card still asks for of a thing: words of its texts, and tests that it offers. */
function stillAsked({ summary, detail, source, suggestions = [] }: Card, { words, keys }: Thing): string[] {
  // The card of open checks names what is pending.
  const isAboutData = source.topic.code.startsWith('DQ-');
  const texts = explanationsIn(detail);
  const asked = isAboutData
    ? []
    : [...wordsAsked(summary, true), ...texts.flatMap((one) => wordsAsked(one, false))];
  const offered = suggestions.flatMap(({ label, actions: [action] }) => {
    const { code } = (action?.resource ?? {}) as { code?: { coding: { system: string; code: string }[] } };
    const [coding] = code?.coding ?? [];
    return coding && testsSuggestedBy(coding).some((one) => keys.includes(one)) ? [label] : [];
  });
  return [...asked.filter((word) => words.test(word)), ...offered];
}

const casesAt = new Map(cases.map(({ where, json }) => [where, parseCases(json, where)]));
const rules = library
  .map(({ where, json }) => ({ rule: parseRule(json, where), cases: casesAt.get(where) ?? [] }))
  .filter(({ rule }) => rule.status === 'active');

const isShown = (one: Case): boolean => one.expect === 'fired' && one.shown !== false;

const kinds = ['tests', 'drug', 'both'] as const;

interface Check {
  rule: Rule;
  one: Case;
  thing: Thing;
  place: 'drafts' | 'running';
  /** Tests of the thing, what replaces it, or both. */
  of: 'tests' | 'drug' | 'both';
}

const checks: Check[] = rules.flatMap(({ rule, cases: ofRule }) => {
  const shown = ofRule.filter(isShown);
  const isOrder = (one: Case): boolean =>
    meaningOf(one.hook ?? rule.hooks[0] ?? 'order-sign').kind === 'order';
  const chosen = [...shown.filter(isOrder).slice(0, 3), ...shown.filter((one) => !isOrder(one)).slice(0, 1)];
  return chosen.flatMap((one) =>
    things.flatMap((thing) =>
      (['drafts', 'running'] as const)
        .filter((place) => place === 'running' || isOrder(one))
        .flatMap((place) =>
          kinds.filter((of) => isDemanded(rule, thing, of)).map((of) => ({ rule, one, thing, place, of })),
        ),
    ),
  );
});

/** The case with the tests of the thing ordered, and what replaces it. */
function decidedBeside({ rule, one, thing, place, of }: Check) {
  const orders = of === 'drug' ? [] : thing.orders;
  const drug = of === 'tests' ? undefined : thing.drug;
  const hook = one.hook ?? rule.hooks[0] ?? 'order-sign';
  const { given } = one;
  const drugs = drug ? [drug] : [];
  if (place === 'drafts')
    return decidedWith({ ...given, ordered: [...(given.ordered ?? []), ...drugs] }, { hook, drafts: orders });
  const active = drugs.map((each) => ({ ...each, startedHoursAgo: 1 }));
  const therapy = given.active || active.length > 0 ? { active: [...(given.active ?? []), ...active] } : {};
  return decidedWith({ ...given, ...therapy }, { hook, running: orders });
}

const nameOf = ({ rule, one, thing, place, of }: Check): string =>
  `${rule.id}, ${thing.name} (${of}) in ${place}: ${one.name}`;

/** What the card of the rule itself still says of what it marks, whichever of several it is. */
function markedStill({ rule, thing, of }: Check, { detail }: Card): string[] {
  const isMeant = (verb: string): boolean => of === 'both' || (verb === 'give') === (of === 'drug');
  return textsOf(rule)
    .flatMap(askingsIn)
    .filter(({ anyOf }) =>
      anyOf.some(
        ({ verb, things: asked }) => isMeant(verb) && asked.every((key) => thing.keys.includes(key)),
      ),
    )
    .map(({ words }) => words)
    .filter(
      (words) =>
        words.length > 12 &&
        !words.includes('{') &&
        explanationsIn(detail).some((one) => one.includes(words)),
    );
}

/** What is asked for as a test and as a drug is named by the same word. */
const hasBoth = ({ orders, drug }: Thing): boolean => orders.length > 0 && drug !== undefined;

/** Whether a card says that the thing is at hand. */
const saysSo = ({ detail }: Card, { thing: { name, drug }, of }: Check): boolean => {
  const line =
    detail.split('\n\n').find((one) => /^(?:Already ordered|Drafted|Running|Taken): /.test(one)) ?? '';
  const isSaid = (one: string): boolean => line.toLowerCase().includes(one.toLowerCase());
  return (of === 'drug' || isSaid(name)) && (of === 'tests' || isSaid(String(drug?.drug)));
};

describe('what is at hand', () => {
  test('is not asked for by any card, nor offered', () => {
    const found: string[] = [];
    let spoken = 0;
    for (const check of checks) {
      const { cards, evaluations } = decidedBeside(check);
      if (evaluations.find(({ rule }) => rule === check.rule.id)?.shown) spoken += 1;
      for (const card of check.of === 'both' || !hasBoth(check.thing) ? cards : [])
        for (const asked of stillAsked(card, check.thing))
          found.push(`${nameOf(check)}: ${card.source.topic.code} ${asked}`);
      const own = cards.find(({ source }) => source.topic.code === check.rule.id);
      if (!own) continue;
      found.push(...markedStill(check, own).map((words) => `${nameOf(check)}: still ${words}`));
      if (!saysSo(own, check)) found.push(`${nameOf(check)}: does not say so`);
    }
    expect(found).toEqual([]);
    // What a thing exempts does not speak; most do.
    expect(spoken / checks.length).toBeGreaterThan(0.9);
  }, 600_000);
});

/**
 * How often the service speaks on an ordinary day, and that it speaks when there is danger: generated patients, seeded,
 * CDS Hooks calls with every prefetch key answered. `npm run burden` takes more seeds and prints which rules speak.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { Card } from '../rules/cards/types.ts';
import { decide } from '../rules/decide.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { resolveDrug } from '../rules/terminology/drugs/resolve.ts';
import before from './data/burden-before.json' with { type: 'json' };
import { row, writePart } from './support/generated-part.ts';
import {
  acute,
  admissions,
  childhood,
  chronic,
  comfort,
  heartFailureDrugs,
} from './support/ordinary-orders.ts';
import {
  at,
  callOf,
  type HookCall,
  heartFailureSet,
  inpatientOrder,
  type OrdinaryOrder,
  outpatientOrder,
} from './support/ordinary-patients.ts';
import { type Danger, dangers, plant } from './support/planted-dangers.ts';
import { randomOf } from './support/random.ts';

const isWhole = process.env.MODE === 'whole';
const ruleset = shippedRuleset();

const cardsOf = (order: OrdinaryOrder, hook?: HookCall['hook']): readonly Card[] =>
  decide(callOf(order, hook), ruleset, { decisionId: 'burden', decidedAt: at, evaluatedAt: at }).cards;

const seedsOf = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

function withoutAllergies(random: () => number): OrdinaryOrder {
  const order = inpatientOrder(random);
  return { ...order, patient: { ...order.patient, allergies: null } };
}

interface Ward {
  name: string;
  orders: number;
  /** Most cards over all of the orders: mean and worst of the seeds. */
  most: number;
  seeds: number;
  make: (random: () => number) => OrdinaryOrder;
}

const wards: readonly Ward[] = [
  { name: '50 inpatient orders with a complete chart', orders: 50, most: 2, seeds: 6, make: inpatientOrder },
  {
    name: '50 inpatient orders where allergies never came',
    orders: 50,
    most: 4,
    seeds: 6,
    make: withoutAllergies,
  },
  { name: '200 outpatient orders', orders: 200, most: 20, seeds: 4, make: outpatientOrder },
  {
    name: 'a heart failure set of 15 orders, normal results',
    orders: 1,
    most: 1,
    seeds: 20,
    make: heartFailureSet,
  },
];

/** What does not hold yet: it must fail, and leaves this list when it does not. */
const open: ReadonlySet<string> = new Set();

interface Tally {
  /** Cards of each seed. */
  cards: number[];
  /** By rule and indicator, with the summaries and how often each came. */
  rules: Map<string, Map<string, number>>;
}

function tallyOf({ orders, seeds, make }: Ward): Tally {
  const tally: Tally = { cards: [], rules: new Map() };
  for (const seed of seedsOf(isWhole ? seeds * 5 : seeds)) {
    const random = randomOf(seed);
    const cards = Array.from({ length: orders }, () => cardsOf(make(random))).flat();
    tally.cards.push(cards.length);
    for (const { source, indicator, summary } of cards) {
      const rule = `${source.topic?.code ?? source.label} ${indicator}`;
      const summaries = tally.rules.get(rule) ?? new Map<string, number>();
      summaries.set(summary, (summaries.get(summary) ?? 0) + 1);
      tally.rules.set(rule, summaries);
    }
  }
  return tally;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function print(name: string, { cards, rules }: Tally): void {
  const lines = [...rules]
    .map(([rule, summaries]) => ({ rule, summaries: [...summaries].toSorted((a, b) => b[1] - a[1]) }))
    .map(({ rule, summaries }) => ({ rule, summaries, count: summaries.reduce((sum, [, n]) => sum + n, 0) }))
    .toSorted((a, b) => b.count - a.count)
    .flatMap(({ rule, summaries, count }) => [
      `  ${count} ${rule}`,
      ...summaries.slice(0, 4).map(([summary, n]) => `      ${n} ${summary}`),
    ]);
  console.log(
    [
      `${name}: mean ${meanOf(cards).toFixed(1)}, most ${Math.max(...cards)} (${cards.join(' ')})`,
      ...lines,
    ].join('\n'),
  );
}

/** For docs/testing.md, as each ward comes. */
const written = new Map<string, readonly number[]>();
const dangersTold = new Map<string, string>();

function writeTable(): void {
  const known: Readonly<Record<string, string>> = before;
  writePart('docs/testing.md', 'burden', [
    row(['orders', 'seeds', 'limit', 'before: mean, most', 'now: mean, most']),
    row(['---', '---:', '---:', '---:', '---:']),
    ...wards.map(({ name, most }) => {
      const cards = written.get(name) ?? [];
      const now = `${meanOf(cards).toFixed(1)}, ${Math.max(...cards)}`;
      return row([name, cards.length, most, known[name] ?? '', now]);
    }),
    '',
    row(['planted danger', 'least', 'told in']),
    row(['---', '---', '---:']),
    ...dangers.map(({ name, least }) => row([name, least, dangersTold.get(name) ?? ''])),
  ]);
}

if (isWhole) afterAll(writeTable);

const testOf = (name: string) => (open.has(name) ? test.fails : test);

describe('what is said on an ordinary day', () => {
  for (const ward of wards)
    testOf(ward.name)(
      `${ward.name}: at most ${ward.most} cards, with each seed`,
      () => {
        const tally = tallyOf(ward);
        written.set(ward.name, tally.cards);
        if (isWhole) print(ward.name, tally);
        expect(Math.max(...tally.cards), tally.cards.join(' ')).toBeLessThanOrEqual(ward.most);
      },
      300_000,
    );

  test('every drug of the lists is recognised by its name', () => {
    const lists = [chronic, acute, childhood, admissions].flat().flatMap(({ drugs }) => drugs);
    const names = new Set([...lists, ...comfort, ...heartFailureDrugs].map(({ name }) => name));
    expect(names.size).toBeGreaterThan(100);
    expect([...names].filter((name) => resolveDrug([], name).resolvedBy === 'unresolved')).toEqual([]);
  });

  test('the same seed gives the same calls, and another one others', () => {
    const calls = (seed: number) => {
      const random = randomOf(seed);
      return Array.from({ length: 5 }, () => callOf(outpatientOrder(random)));
    };
    expect(calls(1)).toEqual(calls(1));
    expect(calls(1)).not.toEqual(calls(2));
  });

  test('two seeds give hundreds of different orders', () => {
    const orders = [1, 2].flatMap((seed) => {
      const random = randomOf(seed);
      return Array.from({ length: 200 }, () => outpatientOrder(random)).map(({ patient, orders: [order] }) =>
        JSON.stringify([order?.name, patient.age, patient.taken.map(({ name }) => name)]),
      );
    });
    expect(new Set(orders).size).toBeGreaterThan(350);
  });
});

const ranks = { critical: 3, warning: 2, info: 1 } as const;
const says = ({ least, says: words }: Danger, cards: readonly Card[]): boolean =>
  cards.some(
    ({ indicator, summary, detail }) =>
      ranks[indicator] >= ranks[least] && words.test(`${summary}\n${detail}`),
  );

describe('what must be said all the same', () => {
  for (const danger of dangers)
    testOf(danger.name)(`${danger.name}: ${danger.least}, in each of the ordinary patients`, () => {
      const random = randomOf(11);
      const make = danger.setting === 'outpatient' ? outpatientOrder : inpatientOrder;
      const patients = Array.from({ length: isWhole ? 40 : 8 }, () => make(random)).filter(
        ({ patient }) => patient.age >= 18,
      );
      const silent = patients
        .map((order) => cardsOf(plant(danger, order), danger.hook))
        .filter((cards) => !says(danger, cards))
        .map(
          (cards) =>
            cards.map(({ indicator, summary }) => `${indicator} ${summary}`).join(' | ') || 'no card',
        );
      dangersTold.set(danger.name, `${patients.length - silent.length} of ${patients.length}`);
      expect(silent).toEqual([]);
    });
});

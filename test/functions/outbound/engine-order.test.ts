/**
 * A long history that comes only in part, newest first, oldest first or in no order: no rule is cleared by results that
 * were not read, and one that fires by what a newer result may replace says so.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineSettings, type FhirEngine, fhirEngine } from '../../../bench/engine/fhir-engine.ts';
import { decideAsSent, decideGathered } from '../../../bench/engine/gathered.ts';
import {
  type Analyte,
  contextOf,
  patients,
  type RecordOf,
  result,
  thousand,
  wholePrefetch,
} from '../../../bench/engine/patients.ts';
import type { GatherOptions } from '../../../functions/outbound/gather.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { asString, type Json } from '../../../rules/fhir/json.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { firedIn, leftOpen, wrongsOf } from '../../support/gathered.ts';

const ruleset = shippedRuleset();
let engine: FhirEngine;
beforeAll(async () => {
  engine = await fhirEngine();
});
afterAll(() => engine.close());

const wholeOf = (hook: Hook, record: RecordOf) => {
  const prefetch = wholePrefetch(ruleset.prefetch[hook], record.resources, engine.url);
  return decideAsSent({ hook, context: contextOf(hook, record), prefetch }, ruleset, engine.url);
};
const gatheredOf = async (hook: Hook, record: RecordOf, options: Partial<GatherOptions> = {}) => {
  const call = { hook, context: contextOf(hook, record) };
  return (await decideGathered(call, ruleset, engine.url, options)).decision;
};

const ignored: [string, Partial<EngineSettings>][] = [
  ['newest first', {}],
  ['oldest first, `_sort` ignored', { ignored: ['_sort'] }],
  ['in no order, `_sort` ignored', { ignored: ['_sort'], order: 11 }],
  ['in another order, `_sort` and `_count` ignored', { ignored: ['_sort', '_count'], order: 12 }],
];
const pages = [50, 200];
/** How much comes: by the deadline, or as many pages as the server gives. */
const extents: [string, Partial<EngineSettings>, Partial<GatherOptions>][] = [
  ['until the deadline', { latencyMs: 40 }, { deadlineMs: 200 }],
  ['one page', { pageFault: { from: 2, fault: { status: 500 } } }, {}],
  ['three pages', { pageFault: { from: 4, fault: { status: 500 } } }, {}],
  ['as many pages as are read', {}, {}],
];
const hooksOfResults = ['patient-view', 'order-sign'] as const satisfies readonly Hook[];

describe.each([
  ['critical', ['patient-view', 'order-sign']],
  ['normal', ['order-sign']],
] as const)('a thousand results, the newest %s', (newest, ofThese) => {
  const record = thousand(newest);
  beforeAll(async () => {
    await engine.load(record.resources);
    // The engine takes a second for a first search of each kind, which no deadline here is about.
    for (const settings of [{}, { ignored: ['_sort'] }]) {
      engine.set(settings);
      for (const hook of ofThese) await gatheredOf(hook, record);
    }
  }, 120_000);

  describe.each(ofThese)('%s', (hook) => {
    const told = ignored.flatMap(([order, does]) =>
      pages.flatMap((pageSize) =>
        extents.map(
          ([extent, gives, options]) =>
            [`${order}, ${pageSize} a page, ${extent}`, { ...does, ...gives, pageSize }, options] as const,
        ),
      ),
    );
    test.each(told)('%s', async (_, settings, options) => {
      engine.set(settings);
      const decision = await gatheredOf(hook, record, options);
      expect(wrongsOf(wholeOf(hook, record), decision, ruleset, hook, true)).toEqual([]);
    });
  });

  test('oldest first, a part of it decides nothing that the newest does', async () => {
    const hook = 'order-sign';
    engine.set({ ignored: ['_sort'], pageSize: 50, pageFault: { from: 4, fault: { status: 500 } } });
    const whole = wholeOf(hook, record);
    const decision = await gatheredOf(hook, record);
    expect(leftOpen(whole, decision, ruleset, hook)).toEqual(expect.arrayContaining(['MG-001', 'HK-001']));
    const fired = firedIn(whole, ruleset, hook);
    expect(['MG-001', 'HK-001'].map((rule) => fired.includes(rule))).toEqual(
      newest === 'critical' ? [true, true] : [false, false],
    );
  });
  test('newest first, a part of it decides as all of it', async () => {
    const hook = 'order-sign';
    engine.set({ pageSize: 200, pageFault: { from: 3, fault: { status: 500 } } });
    const decision = await gatheredOf(hook, record);
    const open = leftOpen(wholeOf(hook, record), decision, ruleset, hook);
    expect(open.filter((rule) => rule === 'MG-001' || rule === 'HK-001')).toEqual([]);
  });
});

describe('any history', () => {
  const [failing] = patients;
  const values: Readonly<Record<Exclude<Analyte, 'hemoglobin'>, readonly number[]>> = {
    magnesium: [0.8, 1.4, 2, 6, 13],
    potassium: [2.4, 4, 5.7, 6.6],
    creatinine: [0.8, 1.6, 4.5],
    calcium: [5.9, 9, 12],
    albumin: [2, 4],
  };
  /** Results at whole hours: at most one of an analyte at a time, so that none contradicts another. */
  const historyOf = (analyte: keyof typeof values) =>
    fc
      .uniqueArray(
        fc.record({
          hours: fc.integer({ min: 1, max: 24 * 40 }),
          value: fc.constantFrom(...values[analyte]),
        }),
        {
          selector: ({ hours }) => hours,
          minLength: 1,
          maxLength: 9,
        },
      )
      .map((list) => list.map(({ hours, value }) => result(analyte, value, hours)));
  const histories = fc
    .tuple(...(Object.keys(values) as (keyof typeof values)[]).map(historyOf))
    .map((lists): Json[] =>
      lists
        .flat()
        .sort((a, b) =>
          (asString(a.effectiveDateTime) ?? '') < (asString(b.effectiveDateTime) ?? '') ? -1 : 1,
        ),
    );
  const served = fc.record({
    pageSize: fc.constantFrom(3, 5, 8),
    ignored: fc.constantFrom<string[][]>([], ['_sort'], ['_count'], ['_sort', '_count']),
    order: fc.oneof(fc.constantFrom('as stored' as const, 'reversed' as const), fc.nat({ max: 99 })),
    total: fc.boolean(),
    from: fc.integer({ min: 2, max: 5 }),
  });

  test('read in part, clears nothing and gains nothing', async () => {
    if (!failing) throw new Error('there is no patient');
    const others = failing.resources.filter(({ resourceType }) => resourceType !== 'Observation');
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.array(served, { minLength: 4, maxLength: 4 }),
        fc.constantFrom(...hooksOfResults),
        async (results, servers, hook) => {
          const record = { ...failing, resources: [...others, ...results] };
          await engine.load(record.resources);
          const whole = wholeOf(hook, record);
          for (const { from, ...settings } of servers) {
            engine.set({ ...settings, pageFault: { from, fault: { status: 500 } } });
            expect(wrongsOf(whole, await gatheredOf(hook, record), ruleset, hook, true)).toEqual([]);
          }
        },
      ),
      { numRuns: 30, seed: 20_260_131, endOnFailure: true, includeErrorInReport: true },
    );
  }, 60_000);
});

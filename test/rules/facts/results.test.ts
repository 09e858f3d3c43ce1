/** Reading results of a chart: what may be the newest, what was read, what came and cannot be used. Charts by hand. */
import { describe, expect, it } from 'vitest';
import type { Chart, Lab, RivalResult } from '../../../rules/chart/types.ts';
import { createContext } from '../../../rules/facts/context.ts';
import type { Reach } from '../../../rules/facts/fact.ts';
import {
  charted,
  isOtherThan,
  isReadSince,
  labEvidence,
  lackOfResults,
  latest,
  mayChange,
  newestOf,
  newestUnusable,
  openRangeIn,
  rangeIn,
  unusableOf,
  unusableReason,
  valueIn,
} from '../../../rules/facts/results.ts';
import type { LabTest } from '../../../rules/terminology/labs.ts';
import { at, chartWith, day, labOf } from '../../support/charts.ts';

const hour = 3_600_000;
const week = 7 * day;
type Given = Parameters<typeof chartWith>[0];
const contextOf = (given: Given) => createContext(chartWith(given), at, []);
const span = (from: number, to = from) => ({ span: { from: at - from * hour, to: at - to * hour } });
/** mmol/L, between so many hours ago and fewer. */
const potassium = (id: string, value: number | null, more: Partial<Lab> = {}): Lab =>
  labOf('potassium', value ?? 0, 1, { reference: `Observation/${id}`, value, ...more });
const rival = (value: number | null, more: Partial<RivalResult> = {}): RivalResult => ({
  reference: 'Observation/other',
  value,
  received: { value, unit: 'mmol/L' },
  statedUnit: 'mmol/L',
  time: '2026-01-30',
  why: null,
  ...more,
});
const idOf = (lab: Lab | undefined): string | undefined => lab?.reference.replace('Observation/', '');

describe('a result in a unit', () => {
  const magnesium = labOf('magnesium', 2.43);
  it.each<[string, Lab, string, ReturnType<typeof rangeIn>]>([
    ['as it is', potassium('k', 4), 'mmol/L', { low: 4, high: 4 }],
    [
      'in another unit',
      magnesium,
      'mmol/L',
      { low: expect.closeTo(1, 2), high: expect.closeTo(1, 2) } as never,
    ],
    ['that it cannot have', potassium('k', 4), 'kg', null],
    ['without a value', potassium('k', null, { received: { value: null, unit: 'mmol/L' } }), 'mmol/L', null],
    ['without a unit', potassium('k', 4, { statedUnit: null }), 'mmol/L', null],
    ['one of two', potassium('k', 4, { rival: rival(6) }), 'mmol/L', { low: 4, high: 6 }],
    ['one of two, the other without a value', potassium('k', 4, { rival: rival(null) }), 'mmol/L', null],
    [
      'one of two, the other without a unit',
      potassium('k', 4, { rival: rival(6, { statedUnit: null }) }),
      'mmol/L',
      null,
    ],
    ['one-sided', potassium('k', 4, { comparator: '<' }), 'mmol/L', { low: 0, high: 4, highOpen: true }],
  ])('%s', (_, lab, unit, expected) => {
    const range = rangeIn(lab, unit);
    if (expected === null) expect(range).toBeNull();
    else expect(range).toMatchObject(expected);
  });

  it('is open where it is no point', () => {
    expect(openRangeIn(potassium('k', 4))).toBeUndefined();
    expect(openRangeIn(potassium('k', 4, { rival: rival(4) }))).toBeUndefined();
    expect(openRangeIn(potassium('k', 4, { rival: rival(6) }))).toMatchObject({ low: 4, high: 6 });
    expect(openRangeIn(potassium('k', 4, { comparator: '>=' }))).toMatchObject({
      low: 4,
      high: Number.POSITIVE_INFINITY,
    });
    expect(valueIn(potassium('k', 4, { statedUnit: null }), 'mmol/L')).toBeNull();
  });

  it('says what the chart says of it, and nothing where it says nothing', () => {
    expect([charted(null), charted(''), charted('hemolyzed')]).toEqual([
      [],
      [],
      [{ code: 'charted', words: 'hemolyzed' }],
    ]);
  });
});

describe('the evidence of a result', () => {
  it.each<[string, Lab, object]>([
    [
      'plain',
      potassium('k', 4),
      { used: { kind: 'quantity', value: 4, unit: 'mmol/L', decimals: 2 }, notes: [] },
    ],
    [
      'one-sided',
      potassium('k', 4, { comparator: '<' }),
      { used: { kind: 'quantity', value: 4, comparator: '<' }, received: { comparator: '<' } },
    ],
    ['not used', potassium('k', 4, { statedUnit: null }), { used: { kind: 'unused' } }],
    [
      'one of two',
      potassium('k', 4, { rival: rival(6, { comparator: '>' }) }),
      {
        used: { kind: 'either', values: [{ value: 4 }, { value: 6, comparator: '>' }], unit: 'mmol/L' },
        received: { or: { value: 6, unit: 'mmol/L', comparator: '>' } },
        notes: [{ code: 'differs-from', reference: 'Observation/other', time: '2026-01-30' }],
      },
    ],
    [
      'one that states both ends',
      potassium('k', 4, { rival: rival(6), isRange: true }),
      { used: { kind: 'either', isRange: true }, notes: [] },
    ],
    [
      'one of two, the other of no unit',
      potassium('k', 4, { rival: rival(6, { statedUnit: null }) }),
      { used: { kind: 'quantity', value: 4 } },
    ],
  ])('%s', (_, lab, expected) => expect(labEvidence(lab)).toMatchObject(expected));

  it('names no comparator where there is none', () => {
    const { used, received } = labEvidence(potassium('k', 4, { rival: rival(6) }));
    expect([JSON.stringify(used), JSON.stringify(received)].join()).not.toContain('comparator');
    expect(used).not.toHaveProperty('isRange');
  });
});

describe('the newest result', () => {
  const overlaps = { overlaps: true } as const;
  const newest = (labs: Lab[], window = week) => {
    const found = newestOf(contextOf({ labs }), 'potassium', window);
    return (
      found && {
        low: found.lab.value,
        high: found.lab.rival?.value ?? found.lab.value,
        of: found.candidates.map(idOf).sort().join(''),
      }
    );
  };
  it.each<[string, Lab[], ReturnType<typeof newest>]>([
    ['none', [], undefined],
    ['outside the window', [potassium('a', 4, span(169))], undefined],
    ['at its very edge', [potassium('a', 4, span(168))], { low: 4, high: 4, of: 'a' }],
    ['one', [potassium('a', 4, span(1)), potassium('b', 5, span(2))], { low: 4, high: 4, of: 'a' }],
    [
      'either of two that overlap',
      [potassium('a', 4, { ...span(9, 1), ...overlaps }), potassium('b', 5, { ...span(9, 2), ...overlaps })],
      { low: 4, high: 5, of: 'ab' },
    ],
    [
      'two that overlap and agree',
      [potassium('a', 4, { ...span(9, 1), ...overlaps }), potassium('b', 4, { ...span(9, 2), ...overlaps })],
      { low: 4, high: 4, of: 'ab' },
    ],
    [
      'one that ends as the last begins',
      [potassium('a', 4, { ...span(5, 1), ...overlaps }), potassium('b', 5, { ...span(9, 5), ...overlaps })],
      { low: 4, high: 5, of: 'ab' },
    ],
    [
      'not one that ends before',
      [potassium('a', 4, { ...span(5, 1), ...overlaps }), potassium('b', 5, { ...span(9, 6), ...overlaps })],
      { low: 4, high: 4, of: 'a' },
    ],
    [
      'not one that overlaps with none',
      [potassium('a', 4, { ...span(9, 1), ...overlaps }), potassium('b', 5, span(2))],
      { low: 4, high: 4, of: 'a' },
    ],
    [
      'where it begins is what is sure',
      [
        potassium('a', 4, { ...span(9, 1), ...overlaps, since: at - 3 * hour } as never),
        potassium('b', 5, { ...span(9, 4), ...overlaps }),
      ],
      { low: 4, high: 4, of: 'a' },
    ],
    [
      'one that began outside the window heads nothing',
      [
        potassium('a', 4, { ...span(9, 1), ...overlaps }),
        potassium('b', 5, { ...span(300, 2), ...overlaps }),
      ],
      { low: 4, high: 5, of: 'ab' },
    ],
  ])('%s', (_, labs, expected) => expect(newest(labs)).toEqual(expected));

  it('has the time from the last beginning to the last end', () => {
    const labs = [
      potassium('a', 4, { ...span(9, 1), ...overlaps }),
      potassium('b', 5, { ...span(7, 3), ...overlaps }),
    ];
    expect(newestOf(contextOf({ labs }), 'potassium', week)?.lab.span).toEqual({
      from: at - 7 * hour,
      to: at - hour,
    });
  });

  it('another one is surely before it', () => {
    const last = potassium('a', 4, { ...span(5, 1), ...overlaps });
    expect(isOtherThan(last, last)).toBe(false);
    expect(isOtherThan(potassium('b', 5, { ...span(9, 6), ...overlaps }), last)).toBe(true);
    expect(isOtherThan(potassium('b', 5, { ...span(9, 5), ...overlaps }), last)).toBe(false);
    expect(isOtherThan(potassium('b', 5, span(4)), last)).toBe(true);
  });
});

// --- What was read -------------------------------------------------------------------------------------------

type Unread = NonNullable<Chart['unread']>[number];
const laboratory: Unread = { category: 'labs', of: 'laboratory' };
const since = at - day;

describe('whether every result since a time was read', () => {
  it.each<[string, Unread[] | undefined, Given, boolean]>([
    ['all of it', undefined, {}, true],
    ['an empty list of what was not', [], {}, true],
    ['of laboratory data not', [laboratory], {}, false],
    ['where it was asked for and answered', [laboratory], { testsAsked: ['potassium'] }, true],
    ['where another test was', [laboratory], { testsAsked: ['magnesium'] }, false],
    ['of measurements not', [{ category: 'labs', of: 'measurements' }], {}, true],
    ['of procedures not', [{ category: 'conditions', of: 'procedures' }], {}, true],
    ['of labs, nobody knows of which', [{ category: 'labs' }], {}, false],
    [
      'only what is older, and there is one',
      [{ ...laboratory, until: since - 1 }],
      { labs: [potassium('k', 4)] },
      true,
    ],
    ['of the very time', [{ ...laboratory, until: since }], { labs: [potassium('k', 4)] }, false],
    ['only what is older, and there is none', [{ ...laboratory, until: since - 1 }], {}, false],
    [
      'only what is older, and it was asked for',
      [{ ...laboratory, until: since - 1, asked: true }],
      {},
      true,
    ],
    [
      'two lists, one of which may hold it',
      [{ ...laboratory, until: since - 1 }, laboratory],
      { labs: [potassium('k', 4)] },
      false,
    ],
    [
      'two lists, neither',
      [
        { ...laboratory, until: since - 1 },
        { category: 'labs', of: 'measurements' },
      ],
      { labs: [potassium('k', 4)] },
      true,
    ],
  ])('%s', (_, unread, given, expected) => {
    const context = contextOf({ ...given, ...(unread ? { unread } : {}) });
    expect(isReadSince(context, 'potassium', since)).toBe(expected);
  });

  it('of a measurement, measurements count', () => {
    const unread = [laboratory];
    expect(isReadSince(contextOf({ unread }), 'body-weight', since)).toBe(true);
    expect(
      isReadSince(contextOf({ unread: [{ category: 'labs', of: 'measurements' }] }), 'body-weight', since),
    ).toBe(false);
  });

  it.each<[string, Reach[], number, number, boolean]>([
    // What lies before `until` was not read; the newest potassium is of an hour ago, there is no magnesium.
    ['the newest alone', [{ test: 'potassium' }], 2, week, false],
    ['what was not read reaches up to it', [{ test: 'potassium' }], 1, week, true],
    ['and two hours before it', [{ test: 'potassium', before: 2 * hour }], 4, week, false],
    ['and three', [{ test: 'potassium', before: 3 * hour }], 4, week, true],
    ['of a test that is not there, all of the window', [{ test: 'magnesium' }], 24, week, true],
    ['of one beside another, only since that', [{ test: 'magnesium', beside: 'potassium' }], 2, week, true],
    ['nothing', [], 1, week, false],
    ['one of two', [{ test: 'potassium' }, { test: 'magnesium' }], 2, week, true],
  ])('may change an answer: %s', (_, reach, hours, window, expected) => {
    const unread = [{ ...laboratory, until: at - hours * hour }];
    expect(mayChange(contextOf({ labs: [potassium('k', 4, span(1))], unread }), reach, window)).toBe(
      expected,
    );
  });

  it('one beside another, that was asked for', () => {
    const unread = [{ ...laboratory, until: at - 2 * hour, asked: true as const }];
    const context = contextOf({ labs: [potassium('k', 4, span(1))], unread });
    expect(mayChange(context, [{ test: 'magnesium', beside: 'potassium' }], week)).toBe(false);
    expect(mayChange(context, [{ test: 'magnesium' }], week)).toBe(true);
    expect(mayChange(context, [{ test: 'magnesium' }], hour)).toBe(false);
  });
});

describe('why nobody knows that there is no further result', () => {
  const reasonOf = (given: Given) => {
    const lack = lackOfResults(contextOf(given), ['potassium'], week);
    return lack && `${lack.cause} ${lack.category}`;
  };
  it.each<[string, Given, string | null]>([
    ['laboratory data came', {}, null],
    ['it never came', { completeness: { labs: 'absent' } }, 'category labs'],
    ['it came in part', { completeness: { labs: 'partial' } }, 'incomplete labs'],
    [
      'it never came, but this was asked for',
      { completeness: { labs: 'absent' }, testsAsked: ['potassium'] },
      null,
    ],
    [
      'what is older was not read',
      {
        completeness: { labs: 'partial' },
        labs: [potassium('k', 4)],
        unread: [{ ...laboratory, until: at - 8 * day }],
      },
      null,
    ],
    [
      'what is as new was not',
      { labs: [potassium('k', 4)], unread: [{ ...laboratory, until: at - 6 * day }] },
      'incomplete labs',
    ],
    [
      'procedures were not',
      { completeness: { labs: 'partial' }, unread: [{ category: 'conditions', of: 'procedures' }] },
      'incomplete labs',
    ],
  ])('%s', (_, given, expected) => expect(reasonOf(given)).toBe(expected));

  it('of two tests both must have been read', () => {
    const unread = [{ ...laboratory, until: at - 8 * day }];
    const lack = (tests: LabTest[]) =>
      lackOfResults(
        contextOf({ completeness: { labs: 'partial' }, labs: [potassium('k', 4)], unread }),
        tests,
        week,
      );
    expect(lack(['potassium'])).toBeNull();
    expect(lack(['potassium', 'magnesium'])?.cause).toBe('incomplete');
  });

  it('of data that never came, whatever was read of it', () => {
    const given = {
      completeness: { labs: 'absent' as const },
      labs: [potassium('k', 4)],
      unread: [{ ...laboratory, until: at - 8 * day }],
    };
    expect(reasonOf(given)).toBe('category labs');
  });
});

// --- What cannot be used -------------------------------------------------------------------------------------

describe('a result that cannot be used', () => {
  const unusable = (id: string, more: Partial<Lab> = {}): Lab =>
    potassium(id, null, { used: false, unusable: 'unit', why: 'no unit', ...span(1), ...more });
  const newest = (list: Lab[], window = week) =>
    idOf(newestUnusable(contextOf({ labs: list }), 'potassium', window));
  it.each<[string, Lab[], string | undefined]>([
    ['none', [], undefined],
    ['one', [unusable('a')], 'a'],
    ['of another test', [{ ...unusable('a'), test: 'magnesium' }], undefined],
    ['that came without a number', [unusable('a', { unusable: undefined as never })], undefined],
    ['outside the window', [unusable('a', span(169))], undefined],
    ['at its edge', [unusable('a', span(168))], 'a'],
    ['of the future', [unusable('a', span(-1))], undefined],
    ['of now', [unusable('a', span(0))], 'a'],
    ['that may be of now', [unusable('a', span(1, -1))], 'a'],
    ['beside an older one that can', [unusable('a'), potassium('k', 4, span(2))], 'a'],
    ['beside one that is as new', [unusable('a'), potassium('k', 4, span(1))], undefined],
    ['beside a newer one', [unusable('a'), potassium('k', 4, span(0))], undefined],
    [
      'of several, after the last that can',
      [unusable('a', span(9)), unusable('b', span(1)), potassium('k', 4, span(5))],
      'b',
    ],
    ['of several the newest', [unusable('a', span(9)), unusable('b', span(1)), unusable('c', span(5))], 'b'],
    ['of two of one time the first by name', [unusable('b'), unusable('a')], 'a'],
  ])('the newest: %s', (_, list, expected) => {
    for (const labsOf of [list, list.toReversed()]) expect(newest(labsOf)).toBe(expected);
  });

  it('all inside the window are said, the newest first, those of one time by name', () => {
    const list = [
      unusable('c', span(9)),
      unusable('b', span(1)),
      unusable('a', span(1)),
      unusable('d', span(169)),
      potassium('k', 4),
      { ...unusable('e'), test: 'magnesium' as const },
      unusable('f', { why: null }),
    ];
    const expected = ['a', 'b', 'c'];
    for (const labsOf of [list, list.toReversed()]) {
      const evidence = unusableOf(contextOf({ labs: labsOf }), 'potassium', week);
      expect(evidence.map(({ reference }) => reference.replace('Observation/', ''))).toEqual(expected);
      expect(evidence[0]).toMatchObject({
        used: { kind: 'unused' },
        notes: [{ code: 'charted', words: 'no unit' }],
      });
    }
  });

  it('the reason names each, and what the newest lacks', () => {
    const one = unusable('a');
    const evidence = unusableOf(
      contextOf({ labs: [one, unusable('b', { why: 'negative', unusable: 'value' })] }),
      'potassium',
      week,
    );
    const results = [
      { reference: 'Observation/a', why: 'no unit' },
      { reference: 'Observation/b', why: 'negative' },
    ];
    expect(unusableReason(evidence, one)).toEqual({
      code: 'unusable',
      of: { test: 'potassium', lack: 'unit' },
      results,
    });
    expect(unusableReason(evidence)).toEqual({ code: 'unusable', results });
    expect(unusableReason(evidence, potassium('k', 4))).toEqual({ code: 'unusable', results });
    const [first] = evidence;
    const noted = first && { ...first, notes: [{ code: 'by-words' } as const, ...first.notes] };
    expect(unusableReason(noted ? [noted] : [])).toEqual({ code: 'unusable', results: [results[0]] });
  });

  it.each<[string, Given, string]>([
    ['one is used', { labs: [potassium('k', 4)] }, 'known'],
    ['an old one', { labs: [potassium('k', 4, span(200))] }, 'stale'],
    [
      'an old one, and a newer may not have been read',
      { labs: [potassium('k', 4, span(200))], unread: [laboratory] },
      'incomplete',
    ],
    ['one that cannot be used', { labs: [unusable('a')] }, 'unresolved'],
    ['none', {}, 'absent'],
    ['none, of data that never came', { completeness: { labs: 'absent' } }, 'category'],
  ])('the latest: %s', (_, given, expected) => {
    const found = latest(contextOf(given), 'potassium', week);
    expect('state' in found ? (found.state === 'stale' ? 'stale' : found.cause) : 'known').toBe(expected);
  });

  it('of a measurement that was not asked nobody says that laboratory data lacks', () => {
    const found = latest(contextOf({ completeness: { labs: 'absent' } }), 'body-weight', week);
    expect(found).toMatchObject({ cause: 'absent', reasons: [] });
    const unread = [{ category: 'labs' as const, of: 'measurements' as const }];
    expect(latest(contextOf({ unread }), 'body-weight', week)).toMatchObject({ cause: 'incomplete' });
  });
});

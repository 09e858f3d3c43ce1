import { describe, expect, it } from 'vitest';
import { createContext } from '../../../rules/facts/context.ts';
import { newestWithin, rangeIn } from '../../../rules/facts/results.ts';
import { day } from '../../../rules/fhir/time.ts';
import {
  loincCode,
  noticeCodes,
  observation,
  patient,
  quantityOf,
  readBundle,
} from '../../support/chart-resources.ts';
import { at, type Resource } from '../../support/readings.ts';

describe('2 results of one test at one time', () => {
  const result = (id: string, value: number, more: Resource = {}): Resource =>
    observation({ id, valueQuantity: quantityOf(value), ...more });
  it('that differ are a notice and a range, in either order', () => {
    const [a, b] = [result('a', 1.0), result('b', 2.0)];
    for (const order of [
      [a, b],
      [b, a],
    ]) {
      const { chart, notices } = readBundle([patient, ...order]);
      expect(notices.map(({ code, reference }) => `${code} ${reference}`)).toEqual([
        'lab-conflict Observation/b',
      ]);
      expect(notices[0]?.message).toContain('Observation/a of the same time; nothing ranks them');
      expect(chart.labs.filter(({ used }) => used)).toMatchObject([
        { reference: 'Observation/a', value: 1, rival: { reference: 'Observation/b', value: 2 } },
      ]);
    }
  });
  it.each([
    ['the same value', result('b', 1.0)],
    ['the same value in another unit', result('b', 10, { valueQuantity: quantityOf(10, 'mg/L') })],
    ['another time', result('b', 2, { effectiveDateTime: '2026-01-31T08:00:01Z' })],
    ['another test', result('b', 2, { code: loincCode('19123-9') })],
    ['a status that withdraws it', result('b', 2, { status: 'cancelled' })],
  ])('with %s are no conflict', (_, other) => {
    expect(noticeCodes(readBundle([patient, result('a', 1.0), other]))).not.toContain('lab-conflict');
  });
  it('of which one is `0.5` and the other `< 0.5` are a notice', () => {
    const oneSided = result('b', 0.5, { valueQuantity: { ...quantityOf(0.5), comparator: '<' } });
    expect(noticeCodes(readBundle([patient, result('a', 0.5), oneSided]))).toEqual([
      'value-one-sided',
      'lab-conflict',
    ]);
  });
});

/** A potassium of 4.1 under the greater id, unless something says otherwise. */
const potassium = (id: string, value: number, more: Resource = {}): Resource =>
  observation({
    id,
    code: loincCode('2823-3'),
    valueQuantity: quantityOf(value, 'mmol/L'),
    effectiveDateTime: '2026-01-31T08:00:00Z',
    ...more,
  });
const issued = (time: string): Resource => ({ issued: `2026-01-31T${time}Z` });
const updated = (time: string): Resource => ({ meta: { lastUpdated: `2026-01-31T${time}Z` } });
const usedOf = (resources: readonly Resource[]): unknown =>
  readBundle([patient, ...resources])
    .chart.labs.filter(({ used }) => used)
    .map(({ value, rival }) => [value, rival?.value ?? value]);

describe('which of two results of one time is used', () => {
  it.each<[string, Resource, Resource, [number, number]]>([
    ['corrected before final', { status: 'final' }, { status: 'corrected' }, [6.4, 6.4]],
    ['amended before final', { status: 'final' }, { status: 'amended' }, [6.4, 6.4]],
    ['final before preliminary', { status: 'preliminary' }, { status: 'final' }, [6.4, 6.4]],
    [
      'corrected before a final issued later',
      issued('11:00:00'),
      { status: 'corrected', ...issued('09:00:00') },
      [6.4, 6.4],
    ],
    ['the later issued', issued('09:00:00'), issued('11:00:00'), [6.4, 6.4]],
    ['the later updated', updated('09:00:00'), updated('11:00:00'), [6.4, 6.4]],
    [
      'issued before updated',
      { ...issued('09:00:00'), ...updated('11:30:00') },
      { ...issued('11:00:00'), ...updated('09:00:00') },
      [6.4, 6.4],
    ],
    ['issued of one of them decides nothing', {}, issued('11:00:00'), [4.1, 6.4]],
    ['amended and corrected rank alike', { status: 'amended' }, { status: 'corrected' }, [4.1, 6.4]],
    ['nothing decides', {}, {}, [4.1, 6.4]],
    [
      'a second with its fraction is the same time',
      {},
      { effectiveDateTime: '2026-01-31T08:00:00.000Z', status: 'corrected' },
      [6.4, 6.4],
    ],
    [
      'the same instant at another offset',
      {},
      { effectiveDateTime: '2026-01-31T09:00:00+01:00', status: 'corrected' },
      [6.4, 6.4],
    ],
  ])('%s, whatever the ids and the order', (_name, low, high, expected) => {
    for (const [first, second] of [
      ['9', '10'],
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const [one, other] = [potassium(first, 4.1, low), potassium(second, 6.4, high)];
      expect(usedOf([one, other])).toEqual([expected]);
      expect(usedOf([other, one])).toEqual([expected]);
    }
  });

  it('among three, what only two of them state decides nothing', () => {
    const three = [
      potassium('a', 4.1),
      potassium('b', 5, issued('09:00:00')),
      potassium('c', 6.4, issued('10:00:00')),
    ];
    expect(usedOf(three)).toEqual([[4.1, 6.4]]);
    expect(usedOf(three.toReversed())).toEqual([[4.1, 6.4]]);
  });

  it('one result in two units is one, each rounded for itself', () => {
    const molar = observation({
      id: 'b',
      code: loincCode('14682-9'),
      valueQuantity: quantityOf(106, 'umol/L'),
    });
    const mass = observation({ id: 'a', valueQuantity: quantityOf(1.2) });
    expect(usedOf([molar, mass])).toEqual([[1.2, 1.2]]);
    expect(noticeCodes(readBundle([patient, molar, mass]))).toEqual([]);
  });

  it('a measured weight goes before a stated one', () => {
    const weight = (id: string, code: string, value: number) =>
      observation({ id, code: loincCode(code), valueQuantity: quantityOf(value, 'kg') });
    expect(usedOf([weight('b', '3142-7', 80), weight('a', '3141-9', 70)])).toEqual([[70, 70]]);
  });

  it('two parts of one resource may both be', () => {
    const part = (value: number) => ({
      code: loincCode('2823-3'),
      valueQuantity: quantityOf(value, 'mmol/L'),
    });
    const panel = observation({ code: loincCode('24321-2'), component: [part(6.4), part(4.1)] });
    expect(usedOf([panel])).toEqual([[4.1, 6.4]]);
  });
});

describe('times that overlap', () => {
  it.each<[string, Resource, Resource]>([
    [
      'a day and a time of it',
      { effectiveDateTime: '2026-01-31' },
      { effectiveDateTime: '2026-01-31T10:00:00Z' },
    ],
    [
      'a day and its last moment',
      { effectiveDateTime: '2026-01-30' },
      { effectiveDateTime: '2026-01-30T23:59:59.999Z' },
    ],
    [
      'a minute and a second of it',
      { effectiveDateTime: '2026-01-31T10:00Z' },
      { effectiveDateTime: '2026-01-31T10:00:30Z' },
    ],
    [
      'a period and a time in it',
      {
        effectiveDateTime: undefined,
        effectivePeriod: { start: '2026-01-31T08:00:00Z', end: '2026-01-31T10:00:00Z' },
      },
      { effectiveDateTime: '2026-01-31T09:00:00Z' },
    ],
    [
      'a corrected one of a day',
      { effectiveDateTime: '2026-01-31', status: 'corrected' },
      { effectiveDateTime: '2026-01-31T10:00:00Z' },
    ],
  ])('%s: each may be the newer, whatever the ids and the order', (_name, low, high) => {
    for (const [first, second] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      for (const resources of [
        [potassium(first, 4.1, low), potassium(second, 6.4, high)],
        [potassium(second, 6.4, high), potassium(first, 4.1, low)],
      ]) {
        const { chart, notices } = readBundle([patient, ...resources]);
        expect(chart.labs.map(({ overlaps, used }) => overlaps && used)).toEqual([true, true]);
        expect(notices.map(({ code }) => code)).toEqual(['lab-conflict']);
        const context = createContext(chart, at, notices);
        expect(rangeIn(newestWithin(context, 'potassium', 3 * day) ?? never())).toEqual({
          low: 4.1,
          high: 6.4,
        });
      }
    }
  });
  it('are none where one ends before the other begins', () => {
    const { chart, notices } = readBundle([
      patient,
      potassium('a', 4.1, { effectiveDateTime: '2026-01-30' }),
      potassium('b', 6.4),
    ]);
    expect(notices).toEqual([]);
    expect(chart.labs.some(({ overlaps }) => overlaps)).toBe(false);
  });
});

const never = (): never => {
  throw new Error('nothing is there');
};

describe('a result that only `issued` dates, beside one with a time of its specimen', () => {
  const dated = (value: number, effectiveDateTime: string): Resource =>
    observation({ id: 'a', valueQuantity: quantityOf(value), effectiveDateTime });
  const issuedAt = (value: number, time: string, id = 'b'): Resource =>
    observation({ id, valueQuantity: quantityOf(value), effectiveDateTime: undefined, issued: time });
  it.each<[string, Resource[], number[], { low: number; high: number }]>([
    [
      'that differ: both are possible',
      [dated(1.2, '2026-01-31T11:00:00Z'), issuedAt(1.5, '2026-01-31T11:40:00Z')],
      [1.2, 1.5],
      { low: 1.2, high: 1.5 },
    ],
    [
      'that say the same: one result',
      [dated(1.2, '2026-01-31T11:00:00Z'), issuedAt(1.2, '2026-01-31T11:40:00Z')],
      [1.2],
      { low: 1.2, high: 1.2 },
    ],
    [
      'issued before the other was taken: older',
      [dated(1.2, '2026-01-31T11:00:00Z'), issuedAt(1.5, '2026-01-31T10:40:00Z')],
      [1.2, 1.5],
      { low: 1.2, high: 1.2 },
    ],
    [
      'issued more than a day later: newer',
      [dated(1.2, '2026-01-30T11:00:00Z'), issuedAt(1.5, '2026-01-31T11:40:00Z')],
      [1.2, 1.5],
      { low: 1.5, high: 1.5 },
    ],
    [
      'two of them: the later one',
      [issuedAt(1.2, '2026-01-31T11:00:00Z'), issuedAt(1.5, '2026-01-31T11:40:00Z', 'c')],
      [1.2, 1.5],
      { low: 1.5, high: 1.5 },
    ],
  ])('%s', (_name, resources, used, range) => {
    for (const order of [resources, resources.toReversed()]) {
      const { chart } = readBundle([patient, ...order]);
      const values = chart.labs.flatMap((lab) => (lab.used ? [lab.value] : []));
      expect(values.toSorted()).toEqual(used);
      const [{ test } = { test: undefined }] = chart.labs;
      const newest = test && newestWithin(createContext(chart, at, []), test, 7 * day);
      expect(newest?.value).toBe(range.low);
      expect(newest?.rival?.value ?? newest?.value).toBe(range.high);
    }
  });
});

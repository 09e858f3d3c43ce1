import { describe, expect, it } from 'vitest';
import {
  loincCode,
  noticeCodes,
  observation,
  patient,
  quantityOf,
  readBundle,
} from '../../support/chart-resources.ts';
import { type Resource, readAll } from '../../support/readings.ts';
import { creatinineResult, quantity } from '../../support/results.ts';

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

describe('a result of a day and one of its last moment', () => {
  it('are not of one time: nothing is said', () => {
    const { said } = readAll([
      creatinineResult({ id: 'a', effectiveDateTime: '2026-01-30' }),
      creatinineResult({
        id: 'b',
        effectiveDateTime: '2026-01-30T23:59:59.999Z',
        valueQuantity: quantity(2, 'mg/dL'),
      }),
    ]);
    expect(said).toEqual([]);
  });
});

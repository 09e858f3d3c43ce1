import { describe, expect, it } from 'vitest';
import { type Resource, readAll } from '../../support/readings.ts';
import { creatinineResult, loinc } from '../../support/results.ts';

describe('a pregnancy status', () => {
  const status = (code: string, more: Resource = {}) =>
    readAll([
      creatinineResult({
        code: loinc('82810-3'),
        valueQuantity: undefined,
        valueCodeableConcept: { coding: [{ code: 'x' }, { system: 's', code }] },
        ...more,
      }),
    ]);
  it.each([
    ['77386006', 'pregnancy'],
    ['LA15173-0', 'pregnancy'],
    ['60001007', 'not-pregnant'],
    ['LA26683-5', 'not-pregnant'],
  ])('%s is %s', (code, group) => {
    expect(status(code).chart.conditions).toMatchObject([
      { groups: [group], codes: [{ system: 's', code }], status: 'active', confirmed: true },
    ]);
  });
  it('of another code, withdrawn or of the future is none', () => {
    expect(status('y').chart.conditions).toEqual([]);
    expect(status('77386006', { status: 'entered-in-error' }).chart.conditions).toEqual([]);
    const future = status('77386006', { effectiveDateTime: '2026-02-02' });
    expect(future.chart.conditions).toEqual([]);
    expect(future.said).toEqual([
      'lab-in-future: pregnancy status: is dated after the evaluation time: not used',
    ]);
  });
});

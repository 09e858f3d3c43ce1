/** As an exemption only a pregnancy counts that a code says and that is no suspicion. */
import { describe, expect, test } from 'vitest';
import { createContext } from '../../../rules/facts/context.ts';
import { factOf } from '../../../rules/facts/facts.ts';
import { type Resource, readAll } from '../../support/readings.ts';

const at = Date.parse('2026-01-31T12:00:00Z');
const pregnant = { coding: [{ system: 'http://snomed.info/sct', code: '77386006' }] };
const condition = (id: string, code: Resource, more: Resource = {}): Resource => ({
  resourceType: 'Condition',
  id,
  subject: { reference: 'Patient/1' },
  clinicalStatus: { coding: [{ code: 'active' }] },
  recordedDate: '2026-01-20',
  code,
  ...more,
});

const saidOf = (params: object, ...conditions: Resource[]): unknown => {
  const { chart } = readAll([{ resourceType: 'Patient', id: '1', gender: 'female' }, ...conditions]);
  const known = { ...chart, completeness: { ...chart.completeness, conditions: 'known' as const } };
  const fact = factOf('pregnancy').compute({ ...params })(createContext(known, at, []));
  return fact.state === 'known' ? fact.value : fact.cause;
};

const provisional = { verificationStatus: { coding: [{ code: 'provisional' }] } };

describe('a pregnancy', () => {
  test.each<[string, Resource[], unknown, unknown]>([
    // what is on the list, asked plainly, asked as an exemption
    ['by code', [condition('a', pregnant)], true, true],
    ['by words', [condition('a', { text: 'Pregnant' })], true, 'unresolved'],
    ['that is provisional', [condition('a', pregnant, provisional)], true, 'unresolved'],
    [
      'by words later than by code',
      [condition('a', pregnant), condition('b', { text: 'Pregnant' }, { recordedDate: '2026-01-25' })],
      true,
      true,
    ],
    ['that nobody names', [condition('a', { text: 'Fracture of wrist' })], false, false],
  ])('%s', (_, conditions, plainly, exempting) => {
    expect(saidOf({}, ...conditions)).toBe(plainly);
    expect(saidOf({ confirmed: true }, ...conditions)).toBe(exempting);
  });
});

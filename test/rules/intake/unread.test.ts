import { describe, expect, test } from 'vitest';
import type { Json } from '../../../rules/fhir/json.ts';
import { newestFirstUntil, unreadOf } from '../../../rules/intake/unread.ts';

let results = 0;
/** Two tests take turns. */
const observation = (effectiveDateTime: string | undefined, more: Json = {}): Json => {
  results += 1;
  const code = { coding: [{ code: results % 2 === 0 ? '2160-0' : '19123-9' }] };
  return { resource: { resourceType: 'Observation', effectiveDateTime, code, ...more } };
};
const selfOf = (query: string) => [
  { relation: 'self', url: `https://ehr.example.org/Observation?patient=1&${query}` },
];
const bundle = (entry: readonly Json[], more: Json = {}): Json => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link: selfOf('_sort=-date'),
  entry,
  ...more,
});
/** One a day, the newest first. */
const days = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => new Date(Date.UTC(2026, 0, 31 - index, 8)).toISOString());
const until = (times: readonly (string | undefined)[]): number | null =>
  newestFirstUntil(bundle(times.map((time) => observation(time))));

describe('until when results came newest first', () => {
  test('is the time of the last one', () => {
    expect(until(days(12))).toBe(Date.parse('2026-01-20T08:00:00Z'));
  });

  test.each<[string, (string | undefined)[]]>([
    ['nothing came', []],
    ['one result, which is in any order', days(1)],
    ['six, which chance gives once in 720 times', days(6)],
    ['oldest first', days(12).reverse()],
    ['one out of order', [...days(12).slice(0, 5), ...days(12).slice(6), ...days(12).slice(5, 6)]],
    ['all of one time', Array.from({ length: 50 }, () => '2026-01-31T08:00:00Z')],
    ['one without a date', [...days(12), undefined]],
    ['one whose date is none', [...days(12), '2026-02-30']],
  ])('is not proven by %s', (_, times) => {
    expect(until(times)).toBeNull();
  });

  test('seven different times are beyond chance, and so are two of ten times, ten of each', () => {
    expect(until(days(7))).not.toBeNull();
    const twoTimes = [...Array(10).fill('2026-01-31T08:00:00Z'), ...Array(10).fill('2026-01-30T08:00:00Z')];
    expect(until(twoTimes)).toBe(Date.parse('2026-01-30T08:00:00Z') + 999);
  });

  test('of a date it is the end of that day', () => {
    const dates = days(12).map((time) => time.slice(0, 10));
    expect(until(dates)).toBe(Date.parse('2026-01-20T23:59:59.999Z'));
  });

  test('what was included, and other types, are no results', () => {
    const others = [
      { resource: { resourceType: 'Patient' } },
      { ...observation('2026-02-01'), search: { mode: 'include' } },
    ];
    const entries = days(12).map((time) => observation(time));
    expect(newestFirstUntil(bundle([...entries, ...others]))).not.toBeNull();
  });

  test('results that are grouped by their code are in no order of time: nothing is proven by them', () => {
    const ofCode = (code: string, times: readonly string[]) =>
      times.map((time) => observation(time, { code: { coding: [{ code }] } }));
    expect(newestFirstUntil(bundle(ofCode('2160-0', days(12))))).toBeNull();
    const grouped = [...ofCode('2160-0', days(6)), ...ofCode('19123-9', days(12).slice(6))];
    expect(newestFirstUntil(bundle(grouped))).toBeNull();
  });

  test('a period has two ends, so that nothing is proven by it', () => {
    const entries = days(12).map((time) => observation(time));
    const period = observation(undefined, { effectivePeriod: { start: '2025-12-01', end: '2025-12-02' } });
    expect(newestFirstUntil(bundle([...entries, period]))).toBeNull();
  });

  test.each([
    ['_sort=-date', true],
    ['code=1&_sort=-date&_count=5', true],
    ['code=1', false],
    ['_sort=-_lastUpdated', false],
    ['_sort=date', false],
    ['_sort=-date,code', false],
  ])('a server that says it sorted by %s: %s', (query, isProven) => {
    const entries = days(12).map((time) => observation(time));
    expect(newestFirstUntil(bundle(entries, { link: selfOf(query) })) !== null).toBe(isProven);
  });

  test('a server that does not say how it sorted proves nothing', () => {
    const entries = days(12).map((time) => observation(time));
    expect(newestFirstUntil(bundle(entries, { link: [] }))).toBeNull();
  });
});

test('what is unread names its part where a key of ours asked for it', () => {
  expect(unreadOf('labs', 'labs')).toEqual({ category: 'labs', of: 'laboratory' });
  expect(unreadOf('labs', 'measurements')).toEqual({ category: 'labs', of: 'measurements' });
  expect(unreadOf('pastMedications', 'medicationAdministrations').of).toBe('administrations');
  expect(unreadOf('labs', 'toString')).toEqual({ category: 'labs' });
  expect(unreadOf('conditions', undefined)).toEqual({ category: 'conditions' });
});

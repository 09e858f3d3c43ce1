import { describe, expect, test } from 'vitest';
import { Problem } from '../../../functions/http/outcome.ts';
import { readQuery } from '../../../functions/service/evaluate-query.ts';
import { showAll } from '../../../rules/evaluation/presentation.ts';

const now = new Date('2026-02-01T08:30:00.123Z');
const bundle = { resourceType: 'Bundle', entry: [] };
const context = { patientId: 'p1' };
const prefetch = { patient: { resourceType: 'Patient', id: 'p1' } };
const recorded = { hook: 'order-sign', hookInstance: 'i', context, prefetch };

describe('the clinical time', () => {
  test.each([
    ['without `at` the time of the request', undefined, '2026-02-01T08:30:00.123Z'],
    ['a time in UTC', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['a time with an offset', '2026-01-31T12:00:00+01:00', '2026-01-31T11:00:00.000Z'],
    ['a plus sign that arrived as a space', '2026-01-31T12:00:00 01:00', '2026-01-31T11:00:00.000Z'],
    ['milliseconds', '2026-01-31T12:00:00.250Z', '2026-01-31T12:00:00.250Z'],
    ['the last moment of a date', '2026-01-31', '2026-01-31T23:59:59.999Z'],
  ])('%s', (_, at, expected) => {
    expect(readQuery(at === undefined ? {} : { at }, now, bundle).evaluatedAt).toBe(expected);
  });
});

describe('what to decide', () => {
  test.each<[string, Record<string, string>, unknown, unknown]>([
    ['a bundle, for patient-view', {}, bundle, { hook: 'patient-view', bundle, patient: null }],
    [
      'a bundle, for the hook and the patient that are named',
      { hook: 'order-sign', patient: 'p1' },
      bundle,
      { hook: 'order-sign', bundle, patient: 'p1' },
    ],
    ['a recorded request, for its own hook', {}, recorded, { hook: 'order-sign', context, prefetch }],
    [
      'a recorded request, for the hook that is named instead',
      { hook: 'order-select' },
      recorded,
      { hook: 'order-select', context, prefetch },
    ],
    [
      'a recorded request, whose context names the patient',
      { patient: 'other' },
      recorded,
      { hook: 'order-sign', context, prefetch },
    ],
    [
      'a recorded request that does not say its hook',
      {},
      { context },
      { hook: 'patient-view', context, prefetch: undefined },
    ],
    [
      'a resource that has a context is no recorded request',
      {},
      { resourceType: 'Encounter', hook: 'order-sign', context },
      {
        hook: 'patient-view',
        bundle: { resourceType: 'Encounter', hook: 'order-sign', context },
        patient: null,
      },
    ],
    [
      'an object without a context is passed on as it is',
      {},
      { hook: 'order-sign' },
      { hook: 'patient-view', bundle: { hook: 'order-sign' }, patient: null },
    ],
    ['what is no object too', {}, [1], { hook: 'patient-view', bundle: [1], patient: null }],
  ])('%s', (_, query, body, expected) => {
    expect(readQuery(query, now, body).request).toStrictEqual(expected);
  });
});

test('`units` are those of the cards; left out, each value is in the unit of its rule', () => {
  expect(readQuery({ units: 'si' }, now, bundle).presentation).toEqual({ ...showAll, units: 'si' });
  expect(readQuery({}, now, bundle).presentation).toBe(showAll);
});

test('`view` is how much of the reasoning is answered: all of it unless it is asked for less', () => {
  expect(readQuery({}, now, bundle).view).toBe('full');
  expect(readQuery({ view: 'full' }, now, bundle).view).toBe('full');
  expect(readQuery({ view: 'summary' }, now, bundle).view).toBe('summary');
});

describe('what cannot be used is refused', () => {
  const refusal = (query: Record<string, string>, body: unknown): unknown => {
    try {
      return readQuery(query, now, body);
    } catch (error) {
      return error instanceof Problem ? [error.status, error.code, error.message] : error;
    }
  };
  const noHook = [400, 'value', expect.stringMatching(/^`hook` must be one of patient-view, /)];
  const noTime = [400, 'value', '`at` must be a time such as `2026-01-31T12:00:00Z`, or a date'];
  const unknown = [400, 'not-supported', 'unknown parameter: use hook, at, patient, units, view'];

  test.each<[Record<string, string>, unknown, unknown]>([
    [{ when: 'now' }, bundle, unknown],
    [{ hook: 'order-sign', Hook: 'order-sign' }, bundle, unknown],
    [{ hook: 'appointment-book' }, bundle, noHook],
    [{ hook: '' }, bundle, noHook],
    [{}, { ...recorded, hook: 'appointment-book' }, noHook],
    [{ at: 'yesterday' }, bundle, noTime],
    [{ at: '' }, bundle, noTime],
    [{ at: '2026' }, bundle, noTime],
    [{ at: '2026-01' }, bundle, noTime],
    [{ at: '2026-02-30' }, bundle, noTime],
    [{ units: 'us' }, bundle, [400, 'value', '`units` must be one of si']],
    [{ units: '' }, bundle, [400, 'value', '`units` must be one of si']],
    [{ view: 'short' }, bundle, [400, 'value', '`view` must be one of summary, full']],
  ])('%j', (query, body, expected) => expect(refusal(query, body)).toEqual(expected));
});

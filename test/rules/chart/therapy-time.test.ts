import { describe, expect, it } from 'vitest';
import { courseOf, endOf, endWithin, startOf } from '../../../rules/chart/therapy-time.ts';
import type { Medication } from '../../../rules/chart/types.ts';
import { spanOf } from '../../../rules/fhir/time.ts';
import { at, type Resource, readAll } from '../../support/readings.ts';
import { request, statement } from '../../support/therapies.ts';

describe('the start', () => {
  it.each<[string, Resource, string | null, boolean]>([
    ['of a period', statement({ effectivePeriod: { start: '2025-01-01' } }), '2025-01-01', false],
    ['of a date', statement({ effectiveDateTime: '2025-02-01' }), '2025-02-01', false],
    [
      'of bounds',
      request({ dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: '2025-03-01' } } } }] }),
      '2025-03-01',
      false,
    ],
    ['of writing', request({ authoredOn: '2025-04-01' }), '2025-04-01', true],
    ['of asserting', statement({ dateAsserted: '2025-05-01' }), '2025-05-01', true],
    ['of nothing', request({}), null, false],
  ])('%s', (_name, resource, start, atLatest) => {
    const [medication] = readAll([resource]).chart.medications;
    expect(medication?.started?.from ?? null).toBe(start === null ? null : Date.parse(start));
    expect(medication?.startedAtLatest ?? false).toBe(atLatest);
  });
});

describe('when the last dose was', () => {
  const bounds = (start: string, end: string): Resource => ({
    dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start, end } } } }],
  });
  const instant = (time: string) => ({ from: Date.parse(time), to: Date.parse(time) });
  const now = '2026-01-31T12:00:00.000Z';
  const endOfDay = (date: string): number => Date.parse(`${date}T23:59:59.999Z`);
  it.each<[string, Resource, Medication['ended']]>([
    [
      'of a statement stopped before its end: between its start and now',
      statement({ status: 'stopped', effectivePeriod: { start: '2025-11-01', end: '2026-03-01' } }),
      { from: Date.parse('2025-11-01'), to: at },
    ],
    [
      'of one that ends this moment: now',
      statement({ status: 'completed', effectivePeriod: { start: '2025-11-01', end: now } }),
      instant(now),
    ],
    [
      'of a request that was planned until this moment: now',
      request({ status: 'completed', ...bounds('2025-11-01', now) }),
      instant(now),
    ],
    [
      'of a request on hold: some time before its planned end',
      request({ status: 'on-hold', ...bounds('2025-11-01', '2026-01-20') }),
      { from: Date.parse('2025-11-01'), to: endOfDay('2026-01-20') },
    ],
    [
      'of a statement on hold by adherence: between its start and now',
      statement({ adherence: { code: { coding: [{ code: 'on-hold' }] } }, effectiveDateTime: '2025-11-01' }),
      { from: Date.parse('2025-11-01'), to: at },
    ],
    [
      'of a statement not taken by adherence: there was none',
      statement({
        adherence: { code: { coding: [{ code: 'not-taken' }] } },
        effectiveDateTime: '2025-11-01',
      }),
      undefined,
    ],
    ['of active therapy: not yet', statement({ effectivePeriod: { start: '2025-11-01' } }), undefined],
  ])('%s', (_name, resource, ended) => {
    expect(readAll([resource]).chart.medications[0]?.ended).toEqual(ended);
  });
  it.each(['completed', 'stopped', 'ended'])('a draft of status %s was never begun', (status) => {
    const [draft] = readAll([], [request({ status, authoredOn: '2026-01-30' })]).chart.medications;
    expect(draft).toMatchObject({ role: 'inactive' });
    expect(draft).not.toHaveProperty('ended');
    expect(draft).not.toHaveProperty('over');
    expect(draft).not.toHaveProperty('dosing');
  });
});

describe('when a therapy began and ended, as its resource says', () => {
  const bounds = (start?: string, end?: string) => ({ timing: { repeat: { boundsPeriod: { start, end } } } });
  it('the course begins with the first of its dosages, and ends with its last step', () => {
    const dosageInstruction = [{ timing: {} }, bounds('2026-01-01'), bounds('2026-01-02')];
    expect(courseOf({ dosageInstruction }, null)).toMatchObject({ start: spanOf('2026-01-01'), end: null });
    const steps = [
      { ...bounds('2026-01-11', '2026-01-20'), sequence: 2 },
      { ...bounds('2026-01-01', '2026-01-10'), sequence: 1 },
    ];
    expect(courseOf({ dosageInstruction: steps }, null)).toMatchObject({
      start: spanOf('2026-01-01'),
      end: spanOf('2026-01-20'),
    });
    expect(courseOf({}, null)).toMatchObject({ start: null, end: null });
  });

  it.each<[string, Resource, string | null, boolean]>([
    ['a period', { effectivePeriod: { start: '2026-01-01' }, authoredOn: '2026-01-05' }, '2026-01-01', false],
    ['a date', { effectiveDateTime: '2026-01-02', authoredOn: '2026-01-05' }, '2026-01-02', false],
    ['bounds', { dosageInstruction: [bounds('2026-01-03')], authoredOn: '2026-01-05' }, '2026-01-03', false],
    [
      'when it was written, at the latest',
      { authoredOn: '2026-01-05', dateAsserted: '2026-01-06' },
      '2026-01-05',
      true,
    ],
    ['when it was said, at the latest', { dateAsserted: '2026-01-06' }, '2026-01-06', true],
    ['nothing', {}, null, true],
  ])('the start is of %s', (_name, resource, date, atLatest) => {
    expect(startOf(resource)).toEqual({ span: spanOf(date), atLatest });
  });

  const now = Date.parse('2026-01-31T12:00:00Z');
  const day = (date: string) => spanOf(date) ?? { from: Number.NaN, to: Number.NaN };
  it.each<[string, Resource, string | null, { from: number | null; to: number }]>([
    ['of a period', { effectivePeriod: { end: '2026-01-20' } }, 'active', day('2026-01-20')],
    [
      'of today, not after now',
      { effectivePeriod: { end: '2026-01-31' } },
      'active',
      { from: day('2026-01-31').from, to: now },
    ],
    ['of one date, completed', { effectiveDateTime: '2026-01-10' }, 'completed', day('2026-01-10')],
    [
      'of bounds',
      { dosageInstruction: [bounds('2026-01-01', '2026-01-10')] },
      'completed',
      day('2026-01-10'),
    ],
    [
      'of bounds, stopped: between them',
      { dosageInstruction: [bounds('2026-01-01', '2026-01-10')] },
      'stopped',
      { from: day('2026-01-01').from, to: day('2026-01-10').to },
    ],
    [
      'between its writing and its last change',
      { authoredOn: '2026-01-01', meta: { lastUpdated: '2026-01-20T00:00:00Z' } },
      'stopped',
      { from: day('2026-01-01').from, to: day('2026-01-20T00:00:00Z').to },
    ],
    ['not known, before now', {}, 'stopped', { from: null, to: now }],
  ])('the last dose is %s', (_name, resource, status, expected) => {
    expect(endOf(resource, status, now)).toEqual(expected);
  });

  it('the last dose never lies after now', () => {
    expect(endWithin({ from: 5, to: 9 }, 7)).toEqual({ from: 5, to: 7 });
    expect(endWithin({ from: 8, to: 9 }, 7)).toEqual({ from: 7, to: 7 });
  });
});

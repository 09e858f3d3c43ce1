import { describe, expect, it } from 'vitest';
import type { Medication } from '../../../rules/chart/types.ts';
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

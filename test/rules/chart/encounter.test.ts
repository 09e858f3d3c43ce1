/** The current encounter: https://hl7.org/fhir/R4/encounter.html */
import { describe, expect, it } from 'vitest';
import { type Resource, readAll } from '../../support/readings.ts';

const encounter = (more: Resource): Resource => ({
  resourceType: 'Encounter',
  id: 'e',
  status: 'in-progress',
  class: { code: 'IMP' },
  period: { start: '2026-01-30T08:00:00Z' },
  ...more,
});
const now = '2026-01-31T12:00:00.000Z';
const start = '2026-01-30';

describe('the encounter that runs now', () => {
  it.each<[string, Resource, boolean]>([
    ['in progress', {}, true],
    ['arrived', { status: 'arrived' }, true],
    ['triaged', { status: 'triaged' }, true],
    ['on leave', { status: 'onleave' }, true],
    ['on hold, R5', { status: 'on-hold' }, true],
    ['planned', { status: 'planned' }, false],
    ['of no status', { status: undefined }, false],
    ['of no period', { period: undefined }, true],
    ['begun this moment', { period: { start: now } }, true],
    ['beginning a millisecond later', { period: { start: '2026-01-31T12:00:00.001Z' } }, false],
    ['with a planned end ahead', { period: { start, end: '2026-02-03' } }, true],
    ['ending this moment', { period: { start, end: now } }, true],
    ['ended a millisecond ago', { period: { start, end: '2026-01-31T11:59:59.999Z' } }, false],
    ['ended, R5', { period: undefined, actualPeriod: { start, end: '2026-01-31T11:00:00Z' } }, false],
  ])('%s: %j', (_name, more, isCurrent) => {
    expect(readAll([encounter(more)]).chart.encounter !== null).toBe(isCurrent);
  });
  it('is the last of several', () => {
    const { chart } = readAll([encounter({}), encounter({ id: 'f', class: { code: 'AMB' } })]);
    expect(chart.encounter).toMatchObject({ reference: 'Encounter/f', class: 'ambulatory' });
  });
  it('is no other resource that is in progress', () => {
    const infusion = {
      resourceType: 'MedicationAdministration',
      id: 'i',
      status: 'in-progress',
      effectivePeriod: { start },
    };
    expect(readAll([infusion]).chart.encounter).toBeNull();
    expect(readAll([encounter({}), infusion]).chart.encounter?.reference).toBe('Encounter/e');
  });
  it.each<[string, Resource, string | null]>([
    ['as it was stated', { start: '2026-01-30T08:00:00+01:00' }, '2026-01-30T08:00:00+01:00'],
    ['unknown where it is no date', { start: 'on Friday' }, null],
    ['unknown where none is stated', {}, null],
  ])('has a start %s', (_name, period, expected) => {
    expect(readAll([encounter({ period })]).chart.encounter?.start).toBe(expected);
  });
});

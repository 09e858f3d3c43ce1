/** The current encounter: https://hl7.org/fhir/R4/encounter.html */
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { patient, readBundle, subject } from '../../support/chart-resources.ts';
import { at, type Resource, readAll } from '../../support/readings.ts';

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
    ['of no period', { period: undefined }, true],
    ['begun this moment', { period: { start: now } }, true],
    ['beginning in 5 minutes, by another clock', { period: { start: '2026-01-31T12:05:00Z' } }, true],
    ['beginning a millisecond later', { period: { start: '2026-01-31T12:05:00.001Z' } }, false],
    ['with a planned end ahead', { period: { start, end: '2026-02-03' } }, true],
    ['ending this moment', { period: { start, end: now } }, true],
    ['ended a millisecond ago', { period: { start, end: '2026-01-31T11:59:59.999Z' } }, false],
    ['ended, R5', { period: undefined, actualPeriod: { start, end: '2026-01-31T11:00:00Z' } }, false],
  ])('%s: %j', (_name, more, isCurrent) => {
    expect(readAll([encounter(more)]).chart.encounter !== null).toBe(isCurrent);
  });
  const other = (more: Resource): Resource => encounter({ id: 'f', class: { code: 'AMB' }, ...more });
  const unclear =
    'encounter-unclear: runs beside 1 other encounter(s) of another class, and nothing says which began last: the class is unknown';
  it.each<[string, Resource, string | null, string[]]>([
    ['the later start', other({ period: { start: '2026-01-31T08:00:00Z' } }), 'ambulatory', []],
    ['the earlier start', other({ period: { start: '2025-11-01' } }), 'inpatient', []],
    ['the same start', other({}), null, [unclear]],
    ['a start of the same day', other({ period: { start: '2026-01-30' } }), null, [unclear]],
    ['no start', other({ period: undefined }), null, [unclear]],
    ['no start, and the same class', encounter({ id: 'f', period: undefined }), 'inpatient', []],
    ['one that is over', other({ status: 'finished' }), 'inpatient', []],
  ])('of two that run: %s, in either order', (_name, second, expected, said) => {
    for (const list of [
      [encounter({}), second],
      [second, encounter({})],
    ]) {
      const read = readAll(list);
      expect(read.chart.encounter?.class).toBe(expected);
      expect(read.said).toEqual(said);
    }
  });
  it.each(['finished', 'cancelled', 'entered-in-error', 'discharged', 'completed', 'discontinued'])(
    'of status %s does not run',
    (status) => {
      expect(readAll([encounter({ status })]).chart.encounter).toBeNull();
    },
  );
  const open = 'encounter-unclear: has a status that does not say whether it runs now';
  it.each([['unknown'], [undefined], ['In-Progress'], ['active'], [7]])(
    'of status %j may run: its class is unknown, and that is said',
    (status) => {
      const read = readAll([encounter({ status })]);
      expect(read.chart.encounter).toEqual({ reference: 'Encounter/e', class: null, start: null });
      expect(read.said).toEqual([expect.stringContaining(open)]);
      const past = encounter({ status, period: { start, end: '2026-01-30T12:00:00Z' } });
      const ahead = encounter({ status, period: { start: '2026-02-01' } });
      for (const one of [past, ahead]) expect(readAll([one]).chart.encounter).toBeNull();
    },
  );
  it.each<[string, Resource, string | null]>([
    ['of the same class', { class: { code: 'IMP' } }, 'inpatient'],
    ['of another class', {}, null],
    ['of another class, begun before', { period: { start: '2026-01-01' } }, 'inpatient'],
  ])('beside one that may run %s', (_name, more, expected) => {
    const list = [encounter({}), other({ status: 'unknown', ...more })];
    for (const both of [list, [...list].reverse()]) {
      expect(readAll(both).chart.encounter).toMatchObject({ reference: 'Encounter/e', class: expected });
    }
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

describe('an encounter', () => {
  const admission = (more: Resource): Resource => ({
    resourceType: 'Encounter',
    id: 'e',
    status: 'in-progress',
    subject,
    class: { code: 'IMP' },
    period: { start: '2026-01-30T08:00:00Z' },
    ...more,
  });
  const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
  it.each([
    ['R4 Coding IMP', { class: { system: actCode, code: 'IMP' } }, 'inpatient'],
    ['R4 Coding ACUTE', { class: { code: 'ACUTE' } }, 'inpatient'],
    ['R4 Coding NONAC', { class: { code: 'NONAC' } }, 'inpatient'],
    ['R4 Coding OBSENC', { class: { code: 'OBSENC' } }, 'inpatient'],
    ['R4 Coding EMER', { class: { code: 'EMER' } }, 'emergency'],
    ['R4 Coding AMB', { class: { code: 'AMB' } }, 'ambulatory'],
    ['R4 Coding HH', { class: { code: 'HH' } }, 'home'],
    ['R4 Coding VR', { class: { code: 'VR' } }, 'virtual'],
    ['R4 Coding nobody has heard of', { class: { code: 'X' } }, null],
    ['R5 list of 1 concept', { class: [{ coding: [{ system: actCode, code: 'EMER' }] }] }, 'emergency'],
    [
      'R5 list of 1 concept with 2 codings',
      { class: [{ coding: [{ code: 'X' }, { code: 'AMB' }] }] },
      'ambulatory',
    ],
    ['R5 list of 2 concepts', { class: [{ coding: [{ code: 'X' }] }, { coding: [{ code: 'HH' }] }] }, 'home'],
    ['DSTU2 text', { class: 'inpatient' }, 'inpatient'],
    ['no class', { class: undefined }, null],
    ['a name that every object has', { class: { code: 'constructor' } }, null],
  ])('with class %s', (_, more, expected) => {
    expect(readBundle([patient, admission(more)]).chart.encounter).toEqual({
      reference: 'Encounter/e',
      class: expected,
      start: '2026-01-30T08:00:00Z',
    });
  });

  it.each([
    ['finished', { status: 'finished' }],
    ['planned', { status: 'planned' }],
    ['ended an hour ago', { period: { start: '2026-01-30', end: '2026-01-31T11:00:00Z' } }],
    ['beginning tomorrow', { period: { start: '2026-02-01' } }],
  ])('%s is not the current one', (_, more) => {
    const { chart } = readBundle([patient, admission(more)]);
    expect(chart.encounter).toBeNull();
    expect(chart.completeness.encounter).toBe('known');
  });

  it.each([
    ['`period` of R4', { period: { start: '2026-01-30' } }],
    ['`actualPeriod` of R5', { period: undefined, actualPeriod: { start: '2026-01-30' } }],
  ])('has its start from %s', (_, more) => {
    expect(readBundle([patient, admission(more)]).chart.encounter?.start).toBe('2026-01-30');
  });

  it('of the context is the one of 2, running or not', () => {
    const encounters = [admission({}), admission({ id: 'f', status: 'finished', class: { code: 'AMB' } })];
    const prefetch = {
      encounter: { resourceType: 'Bundle', entry: encounters.map((resource) => ({ resource })) },
    };
    const context = { patientId: '1', userId: 'Practitioner/1', encounterId: 'f' };
    const { chart } = buildChart(intakeOfHook('patient-view', context, prefetch), at);
    expect(chart.encounter).toMatchObject({ reference: 'Encounter/f', class: 'ambulatory' });
  });

  it('of the context that did not come has no class', () => {
    const context = { patientId: '1', userId: 'Practitioner/1', encounterId: 'f' };
    const { chart } = buildChart(intakeOfHook('patient-view', context, { patient }), at);
    expect(chart.encounter).toEqual({ reference: 'Encounter/f', class: null, start: null });
  });
});

describe('the encounter of the context', () => {
  const read = (named: unknown, entries: readonly Resource[], fhirServer: string | null = null) => {
    const context = { patientId: '1', userId: 'Practitioner/1', encounterId: named };
    const prefetch = { patient, x: { resourceType: 'Bundle', entry: entries } };
    const { chart, notices } = buildChart(
      intakeOfHook('patient-view', context, prefetch, undefined, fhirServer),
      at,
    );
    return {
      class: chart.encounter?.class,
      said: notices.filter(({ code }) => code === 'encounter-unclear').length,
    };
  };
  const a = 'https://a/fhir';
  const one = (more: Resource = {}, fullUrl?: string): Resource => ({
    ...(fullUrl ? { fullUrl } : {}),
    resource: encounter({ subject: { reference: `${a}/Patient/1` }, ...more }),
  });
  const amb = { class: { code: 'AMB' } };
  it.each<[string, unknown, Resource[], string | null, number]>([
    ['a bare id', 'e', [one()], 'inpatient', 0],
    ['a reference', 'Encounter/e', [one()], 'inpatient', 0],
    ['a version', 'Encounter/e/_history/3', [one()], 'inpatient', 0],
    ['an address', `${a}/Encounter/e`, [one({}, `${a}/Encounter/e`)], 'inpatient', 0],
    ['a urn', 'urn:uuid:1', [one({}, 'urn:uuid:1')], 'inpatient', 0],
    ['one of another server', 'e', [one({}, 'https://b/fhir/Encounter/e')], null, 1],
    ['an address on another server', 'https://b/fhir/Encounter/e', [one()], null, 1],
    ['another id', 'f', [one()], null, 1],
    ['none that came', 'f', [], null, 0],
    ['one that came twice and differs', 'e', [one(), one(amb)], null, 1],
    ['one that came twice with one class', 'e', [one(), one({ period: { start } })], 'inpatient', 0],
    ['one entered in error', 'e', [one({ status: 'entered-in-error' })], null, 1],
    ['one that was cancelled', 'e', [one({ status: 'cancelled' })], null, 1],
    ['one that is over', 'e', [one({ status: 'finished' })], 'inpatient', 0],
  ])('is named by %s', (_name, named, entries, expected, said) => {
    expect(read(named, entries, a)).toEqual({ class: expected, said });
    expect(read(named, [...entries].reverse(), a)).toEqual({ class: expected, said });
  });
});

describe('the class of an encounter, as versions and vendors state it', () => {
  const v3 = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
  it.each<[string, unknown, string | null]>([
    ['a Coding', { system: v3, code: 'ACUTE' }, 'inpatient'],
    ['in small letters', { code: 'imp' }, 'inpatient'],
    ['a concept', { coding: [{ code: 'EMER' }] }, 'emergency'],
    ['concepts, R5', [{ coding: [{ system: v3, code: 'IMP' }] }], 'inpatient'],
    ['concepts of one class', [{ coding: [{ code: 'IMP' }] }, { coding: [{ code: 'ACUTE' }] }], 'inpatient'],
    ['concepts of two classes', [{ coding: [{ code: 'IMP' }] }, { coding: [{ code: 'AMB' }] }], null],
    ['a word of DSTU2', 'outpatient', 'ambulatory'],
    ['home, DSTU2', 'home', 'home'],
    ['virtual, DSTU2', 'virtual', 'virtual'],
    [
      'a local code with a display',
      { system: 'urn:oid:1.2.3', code: '101', display: 'Inpatient' },
      'inpatient',
    ],
    ['observation', { code: 'OBSENC' }, 'inpatient'],
    ['short stay', { code: 'SS' }, 'inpatient'],
    ['home health', { code: 'HH' }, 'home'],
    ['virtual', { code: 'VR' }, 'virtual'],
    ['before admission', { code: 'PRENC' }, null],
    ['in the field', { code: 'FLD' }, null],
    ['none', undefined, null],
  ])('%s', (_name, stated, expected) => {
    const { chart, said } = readAll([encounter({ class: stated })]);
    expect(chart.encounter?.class).toBe(expected);
    expect(said.length).toBe(expected === null ? 1 : 0);
  });
});

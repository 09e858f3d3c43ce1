/** What was given or handed out: when the last dose was, and which of many doses is kept. */
import { describe, expect, it } from 'vitest';
import { at, type Resource, readAll } from '../../support/readings.ts';

const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const digoxin = { coding: [{ system: rxnorm, code: '3407' }] };
const now = '2026-01-31T12:00:00.000Z';
const endOfDay = (date: string): number => Date.parse(`${date}T23:59:59.999Z`);

let count = 0;
const resource = (resourceType: string, more: Resource): Resource => {
  count += 1;
  return {
    resourceType,
    id: `m-${count}`,
    status: 'completed',
    medicationCodeableConcept: digoxin,
    ...more,
  };
};
const given = (more: Resource): Resource => resource('MedicationAdministration', more);
const handedOut = (more: Resource): Resource => resource('MedicationDispense', more);

describe('a dose in the chart', () => {
  it('that was given is taken for a day, by its route, and never ordered', () => {
    const dose = given({
      id: 'dose',
      effectiveDateTime: '2026-01-30',
      dosage: { route: { text: 'intravenous' } },
    });
    expect(readAll([dose]).chart.medications).toEqual([
      {
        reference: 'MedicationAdministration/dose',
        role: 'active',
        status: 'completed',
        selected: false,
        route: 'parenteral',
        ingredients: [{ rxnorm: '3407', name: 'digoxin' }],
        resolvedBy: 'rxnorm-ingredient',
        codes: [{ system: rxnorm, code: '3407' }],
        started: { from: Date.parse('2026-01-30'), to: endOfDay('2026-01-30') },
        startedAtLatest: true,
        ended: { from: Date.parse('2026-01-30'), to: endOfDay('2026-01-30') },
        over: true,
        given: true,
        dosing: {
          instructions: [{ begins: { from: Date.parse('2026-01-30'), to: endOfDay('2026-01-30') } }],
        },
        why: 'given within a day',
      },
    ]);
  });
  it('that was handed out says so', () => {
    expect(readAll([handedOut({ whenHandedOver: '2026-01-30' })]).chart.medications).toMatchObject([
      { role: 'inactive', selected: false, why: 'handed out' },
    ]);
  });
  it.each([undefined, 'unknown', 'odd'])('of status %s counts, and is flagged', (status) => {
    expect(readAll([given({ status, effectiveDateTime: '2026-01-20' })])).toMatchObject({
      chart: { medications: [{ why: 'given' }] },
      said: ['medication-status: has no status we know: counted as given, and flagged'],
    });
  });
  it.each<[string, Resource]>([
    ['DSTU2 wasNotGiven', { wasNotGiven: true, effectiveTimeDateTime: '2026-01-30' }],
    ['STU3 notGiven', { notGiven: true, effectiveDateTime: '2026-01-30' }],
    [
      'an extension',
      {
        extension: [{ url: 'http://ehr.example/isNegated', valueBoolean: true }],
        effectiveDateTime: '2026-01-30',
      },
    ],
  ])('that was not given, by %s, is said', (_name, more) => {
    const { chart, said } = readAll([given(more)]);
    expect(chart.medications).toEqual([]);
    expect(said).toEqual([expect.stringMatching(/^medication-not-counted: says .*: not counted as given$/)]);
  });
  it.each(['entered-in-error', 'not-done', 'cancelled', 'declined', 'preparation'])(
    'of status %s was none',
    (status) => {
      expect(readAll([handedOut({ status, whenHandedOver: '2026-01-30' })])).toMatchObject({
        chart: { medications: [] },
        said: [],
      });
    },
  );
});

describe('when the last dose was', () => {
  const handed = '2026-01-01';
  const days = (value: unknown, more: Resource = { code: 'd' }): Resource => ({
    whenHandedOver: handed,
    daysSupply: { value, ...more },
  });
  const until = (to: number) => ({ from: Date.parse(handed), to });
  it.each<[string, Resource, { from: number; to: number }]>([
    ['given this moment', given({ effectiveDateTime: now }), { from: at, to: at }],
    ['handed out this moment', handedOut({ whenHandedOver: now }), { from: at, to: at }],
    ['prepared, not yet handed out', handedOut({ whenPrepared: handed }), until(at)],
    ['a supply of ten days', handedOut(days(10)), until(endOfDay('2026-01-11'))],
    [
      'a supply of ten days, the unit as a text',
      handedOut(days(10, { unit: 'd' })),
      until(endOfDay('2026-01-11')),
    ],
    ['a supply of no day', handedOut(days(0)), until(endOfDay(handed))],
    ['a supply of a negative number of days', handedOut(days(-10)), until(at)],
    ['a supply of two weeks, which may be anything', handedOut(days(2, { code: 'wk' })), until(at)],
    ['a supply of days in words', handedOut(days('10')), until(at)],
  ])('%s', (_name, dose, ended) => {
    expect(readAll([dose]).chart.medications).toMatchObject([{ ended }]);
  });
  it('given tomorrow: it is not counted', () => {
    expect(readAll([given({ effectiveDateTime: '2026-02-01' })])).toMatchObject({
      chart: { medications: [] },
      said: ['medication-not-counted: lies after the evaluation time: not counted'],
    });
  });
  it.each<[string, Resource]>([
    ['handed out tomorrow', handedOut({ whenHandedOver: '2026-02-01' })],
    ['handed out at no time', handedOut({})],
    ['given at a time that is none', given({ effectiveDateTime: 'at noon' })],
  ])('%s: it is not counted', (_name, dose) => {
    expect(readAll([dose])).toMatchObject({
      chart: { medications: [] },
      said: ['medication-not-counted: says no time at which it was given: not counted'],
    });
  });
});

describe('of the doses of one drug the last is kept', () => {
  const on = (date: string, concept: Resource, more: Resource = {}): Resource =>
    given({ effectiveDateTime: date, medicationCodeableConcept: concept, ...more });
  const coded = (code: string): Resource => ({ coding: [{ system: 'http://hospital.example', code }] });
  const partly = (...texts: string[]): Resource => ({
    contained: [
      {
        resourceType: 'Medication',
        id: 'x',
        ingredient: texts.map((text) => ({ itemCodeableConcept: { text } })),
      },
    ],
    medicationCodeableConcept: undefined,
    medicationReference: { reference: '#x' },
  });
  const kept = (...doses: Resource[]) => {
    const { chart, said } = readAll(doses);
    return {
      days: chart.medications.map(({ ended }) => new Date(ended?.to ?? 0).getUTCDate()),
      said: said.filter((one) => !one.startsWith('drug-unresolved')),
    };
  };
  const earlier =
    'medication-not-counted: 1 earlier dose(s) or supplies of drugs that came again: of each the last is kept';
  it.each<[string, Resource[], number[], string[]]>([
    ['one dose', [on('2026-01-10', digoxin)], [10], []],
    ['two doses', [on('2026-01-10', digoxin), on('2026-01-11', digoxin)], [11], [earlier]],
    ['two doses, the last first', [on('2026-01-11', digoxin), on('2026-01-10', digoxin)], [11], [earlier]],
    [
      'under two codes of one drug',
      [on('2026-01-10', digoxin), on('2026-01-11', { ...coded('D1'), text: 'digoxin' })],
      [11],
      [earlier],
    ],
    [
      'under one code that is not recognised',
      [on('2026-01-10', coded('X1')), on('2026-01-11', coded('X1'))],
      [11],
      [earlier],
    ],
    [
      'under two codes that are not recognised: they may be two drugs',
      [on('2026-01-10', coded('X1')), on('2026-01-11', coded('X2'))],
      [10, 11],
      [],
    ],
    ['of two drugs', [on('2026-01-10', digoxin), on('2026-01-11', { text: 'omeprazole' })], [10, 11], []],
    [
      'alone, and with a part that is not recognised: that may be any drug',
      [on('2026-01-10', {}, partly('digoxin', 'unobtainium')), on('2026-01-11', digoxin)],
      [10, 11],
      [],
    ],
  ])('%s', (_name, doses, days, said) => {
    expect(kept(...doses)).toEqual({ days, said });
  });
  it('what was given and what was handed out are kept beside each other', () => {
    const { chart } = readAll([on('2026-01-10', digoxin), handedOut({ whenHandedOver: '2026-01-20' })]);
    expect(chart.medications.map(({ why }) => why)).toEqual(['given', 'handed out']);
  });
});

describe('what runs, and what was interrupted', () => {
  const period = (start: string, end?: string): Resource => ({ start, ...(end ? { end } : {}) });
  const started = '2026-01-31T08:00:00Z';
  it.each<[string, Resource, Resource]>([
    ['R4', { effectivePeriod: period(started) }, { role: 'active', started: { from: Date.parse(started) } }],
    ['R5, as it spells it', { occurencePeriod: period(started) }, { role: 'active' }],
    ['R5, spelled right', { occurrencePeriod: period(started) }, { role: 'active' }],
    ['DSTU2', { effectiveTimePeriod: period(started) }, { role: 'active' }],
    ['one instant', { effectiveDateTime: started }, { role: 'active' }],
    ['no time', {}, { role: 'active', started: null }],
    ['an end ahead', { effectivePeriod: period(started, '2026-01-31T20:00:00Z') }, { role: 'active' }],
    ['an end of two days ago', { effectivePeriod: period('2026-01-28', '2026-01-29') }, { role: 'inactive' }],
  ])('in progress, %s', (_name, more, expected) => {
    const { chart } = readAll([given({ status: 'in-progress', ...more })]);
    expect(chart.medications).toMatchObject([{ given: true, ...expected }]);
    expect(chart.completeness.medications).not.toBe('known');
  });
  it('in progress from tomorrow on is not counted', () => {
    const { chart, said } = readAll([
      given({ status: 'in-progress', effectivePeriod: period('2026-02-01') }),
    ]);
    expect(chart.medications).toEqual([]);
    expect(said).toEqual(['medication-not-counted: lies after the evaluation time: not counted']);
  });
  it.each(['stopped', 'on-hold'])('%s counts up to its end, and is not taken', (status) => {
    const ended = given({ status, effectivePeriod: period(started, '2026-01-31T10:00:00Z') });
    expect(readAll([ended]).chart.medications).toMatchObject([
      { role: 'inactive', over: true, ended: { from: Date.parse('2026-01-31T10:00:00Z') } },
    ]);
    const open = given({ status, effectivePeriod: period(started) });
    expect(readAll([open]).chart.medications).toMatchObject([
      { ended: { from: Date.parse(started), to: at } },
    ]);
  });
  it('doses of a course say since when', () => {
    const on = (date: string): Resource => given({ effectiveDateTime: date });
    const doses = ['2026-01-31T08:00:00Z', '2026-01-26', '2026-01-21', '2025-06-01'].map(on);
    const { chart } = readAll(doses.reverse());
    expect(chart.medications[0]).toMatchObject({
      role: 'active',
      started: { from: Date.parse('2026-01-21') },
      startedAtLatest: true,
    });
    expect(chart.medications.slice(1)).toMatchObject([{ role: 'inactive', earlier: true }]);
  });
});

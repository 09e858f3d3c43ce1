import { describe, expect, it } from 'vitest';
import { type Resource, readAll } from './readings.ts';

const digoxin = {
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '3407', display: 'digoxin' }],
};
const request = (more: Resource): Resource => ({
  resourceType: 'MedicationRequest',
  id: 'm',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: digoxin,
  ...more,
});
const statement = (more: Resource): Resource => ({
  ...request({}),
  resourceType: 'MedicationStatement',
  ...more,
});

describe('whether a medication is taken, and what is said of it', () => {
  const unknownStatus = 'medication-status: has no status we know: counted as taken, and flagged';
  it.each<[string, Resource, string, string | null, string[]]>([
    ['active', request({}), 'active', null, []],
    [
      'marked doNotPerform',
      request({ doNotPerform: true }),
      'inactive',
      'doNotPerform',
      ['medication-not-counted: is marked doNotPerform: not an order'],
    ],
    [
      'a proposal',
      request({ intent: 'proposal' }),
      'inactive',
      'intent proposal',
      ['medication-not-counted: has intent `proposal`: not counted as taken'],
    ],
    [
      'an option',
      request({ intent: 'option' }),
      'inactive',
      'intent option',
      ['medication-not-counted: has intent `option`: not counted as taken'],
    ],
    ['a plan', request({ intent: 'plan' }), 'active', null, []],
    [
      'of status unknown',
      request({ status: 'unknown' }),
      'active',
      'status unknown',
      ['medication-status: has status `unknown`: counted as taken, and flagged'],
    ],
    ['of no status', request({ status: undefined }), 'active', 'status unknown', [unknownStatus]],
    ['of an odd status', request({ status: 'odd' }), 'active', 'status unknown', [unknownStatus]],
    ['completed', request({ status: 'completed' }), 'inactive', 'status completed', []],
    ['stopped', request({ status: 'stopped' }), 'inactive', 'status stopped', []],
    ['on hold', request({ status: 'on-hold' }), 'inactive', 'status on-hold', []],
    ['cancelled', request({ status: 'cancelled' }), 'inactive', 'status cancelled', []],
    ['ended', request({ status: 'ended' }), 'inactive', 'status ended', []],
    ['a draft that is no order now', request({ status: 'draft' }), 'inactive', 'status draft', []],
    ['intended, of a request', request({ status: 'intended' }), 'inactive', 'status intended', []],
    ['intended, of a statement', statement({ status: 'intended' }), 'active', null, []],
    ['recorded', statement({ status: 'recorded' }), 'active', null, []],
    ['not taken', statement({ status: 'not-taken' }), 'inactive', 'status not-taken', []],
    [
      'not adhered to',
      statement({ status: 'recorded', adherence: { code: { coding: [{ code: 'not-taking' }] } } }),
      'inactive',
      'adherence not-taking',
      [],
    ],
    [
      'stopped by adherence',
      statement({ adherence: { code: { coding: [{ code: 'stopped' }] } } }),
      'inactive',
      'adherence stopped',
      [],
    ],
    [
      'taken by adherence',
      statement({ adherence: { code: { coding: [{ code: 'taking' }] } } }),
      'active',
      null,
      [],
    ],
    [
      'of the past',
      statement({ effectivePeriod: { end: '2026-01-30' } }),
      'inactive',
      'ended',
      ['medication-not-counted: ended before the evaluation time: not counted as taken'],
    ],
    ['that ends today', statement({ effectivePeriod: { end: '2026-01-31' } }), 'active', null, []],
    [
      'with bounds of the past',
      request({ dosageInstruction: [{}, { timing: { repeat: { boundsPeriod: { end: '2026-01-30' } } } }] }),
      'inactive',
      'ended',
      ['medication-not-counted: ended before the evaluation time: not counted as taken'],
    ],
  ])('%s', (_name, resource, role, why, said) => {
    const read = readAll([resource]);
    expect(read.said).toEqual(said);
    expect(read.chart.medications).toMatchObject([{ role, why, selected: false }]);
  });

  it.each(['entered-in-error', 'cancelled', 'stopped', 'completed', 'ended'])(
    'a draft of status %s is no order',
    (status) => {
      const read = readAll([], [request({ status })]);
      expect(read.said).toEqual([`medication-not-counted: has status \`${status}\`: not an order`]);
      expect(read.chart.medications).toMatchObject([
        { role: 'inactive', why: `status ${status}`, selected: false },
      ]);
    },
  );
  it('a draft of status draft or of none is an order', () => {
    for (const status of ['draft', undefined]) {
      const read = readAll([], [request({ status })]);
      expect(read.said).toEqual([]);
      expect(read.chart.medications).toMatchObject([{ role: 'ordered', why: null, selected: true }]);
    }
  });
  it('one entered in error is left out', () => {
    expect(readAll([request({ status: 'entered-in-error' })]).chart.medications).toEqual([]);
  });
});

describe('a medication that matches no ingredient', () => {
  const coding = (code: string) => ({ system: 'http://hospital.example', code });
  const said = (more: Resource) => readAll([request({ medicationCodeableConcept: undefined, ...more })]).said;
  it.each<[string, Resource, string[]]>([
    [
      'codes',
      { medicationCodeableConcept: { coding: ['1', '2', '3', '4', '5', '6', '7'].map(coding) } },
      [
        'drug-unresolved: medication with code 1, 2, 3, 4, 5, 6 could not be matched to an ingredient: send an RxNorm ingredient or an RxNorm name',
      ],
    ],
    [
      'text',
      { medicationCodeableConcept: { text: 'unobtainium' } },
      ['drug-unresolved: medication given as text only, and the text matches no ingredient: send a code'],
    ],
    ['nothing', {}, ['drug-unresolved: the resource names no medication']],
    [
      'a reference that leads nowhere',
      { medicationReference: { reference: 'Medication/9' } },
      [
        'medication-reference: its medicationReference leads to no Medication that came',
        'drug-unresolved: the resource names no medication',
      ],
    ],
    [
      'a reference with a text',
      { medicationReference: { display: 'unobtainium' } },
      ['drug-unresolved: medication given as text only, and the text matches no ingredient: send a code'],
    ],
    [
      'a Medication of which one part is not recognised',
      {
        contained: [
          {
            resourceType: 'Medication',
            id: 'x',
            ingredient: [{ itemCodeableConcept: digoxin }, { itemCodeableConcept: { text: 'unobtainium' } }],
          },
        ],
        medicationReference: { reference: '#x' },
      },
      ['drug-unresolved: the resource names no medication'],
    ],
  ])('says so: %s', (_name, more, expected) => {
    expect(said(more)).toEqual(expected);
  });
  it('is not spoken of where it is not taken', () => {
    expect(said({ status: 'stopped' })).toEqual([]);
  });
  it('behind a reference is found, with what its parts are', () => {
    const medication = {
      resourceType: 'Medication',
      id: 'x',
      ingredient: [{ item: { reference: { reference: '#s' } } }, { itemReference: { reference: '#outer' } }],
      contained: [{ resourceType: 'Substance', id: 's', code: digoxin }],
    };
    const { chart } = readAll([
      medication,
      request({
        medicationCodeableConcept: undefined,
        medication: { reference: { reference: 'Medication/x' } },
        contained: [{ resourceType: 'Substance', id: 'outer', code: { text: 'omeprazole' } }],
      }),
    ]);
    expect(chart.medications[0]?.ingredients.map(({ name }) => name)).toEqual(['digoxin', 'omeprazole']);
  });
});

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

describe('the route', () => {
  const given = (...texts: (string | undefined)[]) => ({
    dosageInstruction: texts.map((text) => ({ route: { text } })),
  });
  it('is the first that is known', () => {
    expect(readAll([request(given(undefined, 'oral', 'intravenous'))]).chart.medications[0]?.route).toBe(
      'oral',
    );
    expect(readAll([request({})]).chart.medications[0]?.route).toBeNull();
  });
  it('of an order with a rate is parenteral, and of no other', () => {
    const infusion = { dosageInstruction: [{ doseAndRate: [{ rateQuantity: { value: 1, unit: 'g/h' } }] }] };
    const dose = { dosageInstruction: [{ doseAndRate: [{ doseQuantity: { value: 1, unit: 'g' } }] }] };
    expect(readAll([], [request({ ...infusion, status: 'draft' })]).chart.medications[0]?.route).toBe(
      'parenteral',
    );
    expect(readAll([], [request({ ...dose, status: 'draft' })]).chart.medications[0]?.route).toBeNull();
    expect(readAll([request(infusion)]).chart.medications[0]?.route).toBeNull();
    expect(
      readAll([], [request({ ...infusion, status: 'stopped' })]).chart.medications[0],
    ).not.toHaveProperty('dosing');
  });
});

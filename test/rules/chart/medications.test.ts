import { describe, expect, it } from 'vitest';
import {
  furosemide,
  quantityOf,
  readMedication,
  requestOf,
  snomed,
  statementOf,
} from '../../support/chart-resources.ts';
import { type Resource, readAll } from '../../support/readings.ts';
import { digoxin, readAt, request, statement } from '../../support/therapies.ts';

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
    [
      'a code of RxNorm that is not known',
      { medicationCodeableConcept: { coding: [{ system: 'RxNorm', code: '99999999' }] } },
      [
        'drug-unresolved: medication with code 99999999 could not be matched to an ingredient: send the name that RxNorm has for it as `display`, or the code of its ingredient',
      ],
    ],
    [
      'a code without a system',
      { medicationCodeableConcept: { coding: [{ code: '9997' }] } },
      [
        'drug-unresolved: medication with code 9997 comes without `system`: not used; send it, such as http://www.nlm.nih.gov/research/umls/rxnorm',
      ],
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
  it('behind a Medication of which a part names nothing leaves the others counted', () => {
    const { chart, said: notices } = readAll([
      request({
        medicationCodeableConcept: undefined,
        contained: [
          { resourceType: 'Medication', id: 'x', ingredient: [{ itemCodeableConcept: digoxin }, {}] },
        ],
        medicationReference: { reference: '#x' },
      }),
    ]);
    expect(chart.medications).toMatchObject([
      { resolvedBy: 'unresolved', ingredients: [{ rxnorm: '3407', name: 'digoxin' }] },
    ]);
    expect(notices).toEqual(['drug-unresolved: the resource names no medication']);
  });
  it('is not spoken of where it is not taken', () => {
    const long = { boundsPeriod: { start: '2020-01-01', end: '2020-02-01' } };
    expect(said({ status: 'completed', dosageInstruction: [{ timing: { repeat: long } }] })).toEqual([]);
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

describe('the route', () => {
  const given = (...texts: (string | undefined)[]) => ({
    dosageInstruction: texts.map((text) => ({ route: { text } })),
  });
  it('is the one that is stated, in whichever dosage; of two that differ none', () => {
    const routeOf = (...texts: (string | undefined)[]) =>
      readAll([request(given(...texts))]).chart.medications[0]?.route;
    expect(routeOf(undefined, 'oral', 'by mouth')).toBe('oral');
    expect(routeOf('oral', 'intravenous')).toBeNull();
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

describe('therapy when a problem is entered', () => {
  it.each([
    ['active', true],
    ['stopped', undefined],
  ])('of status %s is under review: %s', (status, underReview) => {
    const entry = { resourceType: 'Condition', id: 'c', code: { text: 'x' } };
    const [medication] = readAt('problem-list-item-create', { conditions: entry }, [request({ status })]);
    expect(medication?.underReview).toBe(underReview);
  });
});

describe('therapy that was completed counts in a sum for seven days', () => {
  const daily = [{ timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } } }];
  const completed = (more: Resource): Resource => statement({ status: 'completed', dosage: daily, ...more });
  it.each<[string, Resource, boolean]>([
    [
      'a statement that ended yesterday',
      completed({ effectivePeriod: { start: '2025-01-01', end: '2026-01-30' } }),
      true,
    ],
    ['to the millisecond', completed({ effectivePeriod: { end: '2026-01-24T12:00:00.000Z' } }), true],
    ['and no longer', completed({ effectivePeriod: { end: '2026-01-24T11:59:59.999Z' } }), false],
    [
      'a request with a planned end of yesterday',
      request({
        status: 'completed',
        authoredOn: '2025-01-01',
        dosageInstruction: [
          { timing: { repeat: { boundsPeriod: { start: '2025-01-01', end: '2026-01-30' } } } },
        ],
      }),
      true,
    ],
    ['one dose of yesterday', completed({ effectiveDateTime: '2026-01-30' }), true],
    ['one dose of last year', completed({ effectiveDateTime: '2025-01-30' }), false],
    ['of no date', completed({}), false],
    [
      'one that was stopped yesterday',
      completed({ status: 'stopped', effectivePeriod: { end: '2026-01-30' } }),
      false,
    ],
  ])('%s: %j', (_name, resource, over) => {
    const [medication] = readAll([resource]).chart.medications;
    expect(medication?.over ?? false).toBe(over);
    expect(medication?.dosing !== undefined).toBe(over);
  });
});

describe('what kind of therapy it is', () => {
  it('a stated end is kept, and a statement is told from a request', () => {
    const day = { from: Date.parse('2026-03-01'), to: Date.parse('2026-03-02') - 1 };
    const [stated] = readAll([statement({ effectivePeriod: { end: '2026-03-01' } })]).chart.medications;
    expect(stated).toMatchObject({ statement: true, ends: day });
    const [ordered] = readAll([request({})]).chart.medications;
    expect(ordered).not.toHaveProperty('statement');
    expect(ordered).not.toHaveProperty('ends');
  });
  const parts = [{ itemCodeableConcept: { text: 'unobtainium' } }];
  it.each<[string, Resource, boolean]>([
    ['a form with no drug yet', {}, true],
    ['a text that is not recognised', { medicationCodeableConcept: { text: 'unobtainium' } }, false],
    ['a display that is not recognised', { medicationReference: { display: 'unobtainium' } }, false],
    ['a reference that leads nowhere', { medicationReference: { reference: 'Medication/9' } }, false],
    [
      'a Medication whose parts are not recognised',
      {
        contained: [{ resourceType: 'Medication', id: 'x', ingredient: parts }],
        medicationReference: { reference: '#x' },
      },
      false,
    ],
    ['a drug that is recognised', { medicationCodeableConcept: digoxin }, false],
  ])('an order is an unnamed one where it is %s: %j', (_name, more, unnamed) => {
    const order = request({ status: 'draft', medicationCodeableConcept: undefined, ...more });
    expect(readAll([], [order]).chart.medications[0]?.unnamed ?? false).toBe(unnamed);
    expect(readAll([{ ...order, status: 'active' }]).chart.medications[0]).not.toHaveProperty('unnamed');
  });
});

describe('the route and the start of a medication', () => {
  const drug = { medicationCodeableConcept: furosemide };
  it.each([
    [
      'a SNOMED code',
      { dosageInstruction: [{ route: { coding: [{ system: snomed, code: '26643006' }] } }] },
      'oral',
    ],
    ['R5 `dosage` of a statement', { dosage: [{ route: { text: 'IV' } }] }, 'parenteral'],
    ['the 2nd dosage', { dosageInstruction: [{ text: 'x' }, { route: { text: 'oral' } }] }, 'oral'],
    ['nothing', {}, null],
  ])('route from %s', (_, more, route) => {
    expect(readMedication(requestOf({ ...drug, ...more })).medication.route).toBe(route);
  });

  it('the dosage goes before the dose form in the name', () => {
    const more = {
      medicationCodeableConcept: { text: 'furosemide 40 MG Oral Tablet' },
      dosageInstruction: [{ route: { text: 'intravenous' } }],
    };
    expect(readMedication(requestOf(more)).medication.route).toBe('parenteral');
  });

  it.each([
    [
      'effectivePeriod.start',
      statementOf({ effectivePeriod: { start: '2025-03' }, dateAsserted: '2026-01-01' }),
      '2025-03-01T00:00:00.000Z',
    ],
    [
      'effectiveDateTime',
      statementOf({ effectiveDateTime: '2025-04-01', dateAsserted: '2026-01-01' }),
      '2025-04-01T00:00:00.000Z',
    ],
    [
      'boundsPeriod.start before authoredOn',
      requestOf({
        authoredOn: '2026-01-01',
        dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: '2025-05-01' } } } }],
      }),
      '2025-05-01T00:00:00.000Z',
    ],
    ['authoredOn', requestOf({ authoredOn: '2025-06-01' }), '2025-06-01T00:00:00.000Z'],
    ['dateAsserted', statementOf({ dateAsserted: '2025-07-01' }), '2025-07-01T00:00:00.000Z'],
  ])('start from %s', (_, resource, from) => {
    const { started } = readMedication({ ...resource, ...drug }).medication;
    expect(started && new Date(started.from).toISOString()).toBe(from);
  });

  it('an infusion rate without a route makes the order parenteral', () => {
    const more = {
      status: 'draft',
      dosageInstruction: [{ doseAndRate: [{ rateQuantity: quantityOf(1, 'g/h') }] }],
    };
    expect(readMedication(requestOf({ ...drug, ...more })).medication).toMatchObject({
      route: 'parenteral',
      dosing: { instructions: [{ perHour: [{ value: 1, unit: 'g' }] }] },
    });
  });

  it('therapy has its dose too, and a rate of 1 g/h does not make it parenteral', () => {
    const more = { dosageInstruction: [{ doseAndRate: [{ rateQuantity: quantityOf(1, 'g/h') }] }] };
    const { medication } = readMedication(requestOf({ ...drug, ...more }));
    expect(medication.dosing).toEqual({ instructions: [{ perHour: [{ value: 1, unit: 'g' }] }] });
    expect(medication.route).toBeNull();
  });
});

it('RxNorm under its bare name is RxNorm', () => {
  const medicationCodeableConcept = { coding: [{ system: 'RxNorm', code: '9997' }] };
  expect(readAll([request({ medicationCodeableConcept })]).chart.medications).toMatchObject([
    { resolvedBy: 'rxnorm-ingredient', ingredients: [{ name: 'spironolactone' }] },
  ]);
});

it.each<[string, Resource, boolean]>([
  ['given 3 days ago', { resourceType: 'MedicationAdministration', effectiveDateTime: '2026-01-28' }, true],
  ['given a year ago', { resourceType: 'MedicationAdministration', effectiveDateTime: '2025-01-28' }, false],
  ['handed out 3 days ago', { resourceType: 'MedicationDispense', whenHandedOver: '2026-01-28' }, true],
])('an unknown drug %s is said where a rule may look back to it', (_name, more, isSaid) => {
  const medicationCodeableConcept = { text: 'unobtainium' };
  const { said } = readAll([request({ status: 'completed', medicationCodeableConcept, ...more })]);
  expect(said.some((one) => one.startsWith('drug-unresolved'))).toBe(isSaid);
});

describe('an order of magnesium in millilitres', () => {
  const orderOf = (text: string, doseAndRate: Resource) =>
    readMedication(
      requestOf({
        status: 'draft',
        medicationCodeableConcept: { text },
        dosageInstruction: [{ route: { text: 'IV' }, doseAndRate: [doseAndRate] }],
      }),
    ).codes;
  const rate = { rateQuantity: { value: 25, unit: 'mL/h' } };
  it.each<[string, string, Resource, boolean]>([
    ['a rate', 'magnesium sulfate', rate, true],
    ['a dose', 'magnesium sulfate', { doseQuantity: { value: 4, unit: 'mL' } }, true],
    ['a rate of a known strength', 'magnesium sulfate 40 g/L', rate, false],
    [
      'a dose in grams beside the rate',
      'magnesium sulfate',
      { doseQuantity: { value: 4, unit: 'g' }, ...rate },
      false,
    ],
    ['a rate of another drug', 'furosemide', rate, false],
  ])('%s', (_, text, doseAndRate, isSaid) => {
    expect(orderOf(text, doseAndRate).includes('dose-not-understood')).toBe(isSaid);
  });
});

import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { ingredientName } from '../../../rules/chart/medication-name.ts';
import type { Medication } from '../../../rules/chart/types.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { at, type Resource, readAll } from '../../support/readings.ts';

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
      'that ends at the evaluation time',
      statement({ effectivePeriod: { end: '2026-01-31T12:00:00.000Z' } }),
      'active',
      null,
      [],
    ],
    [
      'a statement with an intent, which only a request has',
      statement({ intent: 'proposal' }),
      'active',
      null,
      [],
    ],
    [
      'a statement with the dosage instruction of a request',
      statement({ dosageInstruction: [{ timing: { repeat: { boundsPeriod: { end: '2026-01-30' } } } }] }),
      'active',
      null,
      [],
    ],
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

/** What is read when orders of a moment come to therapy: a refill, a new problem. */
const readAt = (hook: Hook, context: Resource, therapy: readonly Resource[]): Medication[] => {
  const bundle = (list: readonly Resource[]) => ({
    resourceType: 'Bundle',
    entry: list.map((resource) => ({ resource: { subject: { reference: 'Patient/1' }, ...resource } })),
  });
  const lists = Object.entries(context).map(([key, list]) => [key, bundle([list].flat() as Resource[])]);
  const patient = { resourceType: 'Patient', id: '1' };
  const intake = intakeOfHook(
    hook,
    { patientId: '1', userId: 'Practitioner/1', ...Object.fromEntries(lists) },
    { patient, all: bundle(therapy) },
  );
  return buildChart(intake, at).chart.medications;
};

describe('a refill', () => {
  const lisinopril = { text: 'lisinopril' };
  const withThiazide = { text: 'lisinopril 10 MG / hydrochlorothiazide 12.5 MG Oral Tablet' };
  const withAmlodipine = { text: 'lisinopril 10 MG / amlodipine 5 MG Oral Capsule' };
  const unknown = { text: 'unobtainium' };
  const by = (text: string): Resource => ({ route: { text } });
  const order = (concept: Resource, more: Resource = {}): Resource =>
    request({ id: 'refill', status: 'draft', medicationCodeableConcept: concept, ...more });
  const taken = (concept: Resource, more: Resource = {}): Resource =>
    statement({ id: 'taken', medicationCodeableConcept: concept, ...more });
  const refilled = (refill: Resource, ...therapy: Resource[]) => {
    const read = readAt('medication-refill', { medications: refill }, therapy);
    return {
      order: read.find(({ role }) => role === 'ordered'),
      renewed: read.filter(({ renewed }) => renewed).map(({ reference }) => reference),
    };
  };
  const renews = ['MedicationStatement/taken'];

  it.each<[string, Resource, Resource, string[]]>([
    ['the same drug', order(lisinopril), taken(lisinopril), renews],
    ['the same two drugs', order(withThiazide), taken(withThiazide), renews],
    ['another drug', order(lisinopril), taken(digoxin), []],
    ['one drug of a combination', order(lisinopril), taken(withThiazide), []],
    ['a combination of which one drug is taken', order(withThiazide), taken(lisinopril), []],
    ['a combination with another partner', order(withThiazide), taken(withAmlodipine), []],
    ['a drug not recognised, as the other is not', order(unknown), taken(unknown), []],
    ['therapy that is over', order(lisinopril), taken(lisinopril, { status: 'completed' }), []],
    [
      'the same drug by another route',
      order(lisinopril, { dosageInstruction: [by('oral')] }),
      taken(lisinopril, { dosage: [by('intravenous')] }),
      [],
    ],
    [
      'the same drug by the same route',
      order(lisinopril, { dosageInstruction: [by('oral')] }),
      taken(lisinopril, { dosage: [by('oral')] }),
      renews,
    ],
    [
      'the same drug, its route only on the order',
      order(lisinopril, { dosageInstruction: [by('oral')] }),
      taken(lisinopril),
      renews,
    ],
    [
      'the same drug, its route only on the therapy',
      order(lisinopril),
      taken(lisinopril, { dosage: [by('oral')] }),
      renews,
    ],
  ])('of %s', (_name, refill, therapy, expected) => {
    expect(refilled(refill, therapy).renewed).toEqual(expected);
  });

  it.each<[string, Resource, Resource, string | null, boolean]>([
    [
      'of therapy begun years ago goes on since then',
      { authoredOn: '2026-01-31' },
      { effectivePeriod: { start: '2020-01-01' } },
      '2020-01-01',
      false,
    ],
    [
      'of therapy that only its writing dates has begun then at the latest',
      { authoredOn: '2026-01-31' },
      { dateAsserted: '2020-01-01' },
      '2020-01-01',
      true,
    ],
    ['without a date takes that of the therapy', {}, { dateAsserted: '2020-01-01' }, '2020-01-01', true],
    ['of therapy without a date keeps its own', { authoredOn: '2026-01-31' }, {}, '2026-01-31', true],
    ['of therapy without a date, having none', {}, {}, null, false],
    [
      'written before the therapy was asserted keeps its own date',
      { authoredOn: '2025-01-01' },
      { effectivePeriod: { start: '2025-06-01' } },
      '2025-01-01',
      true,
    ],
  ])('%s', (_name, own, therapy, start, atLatest) => {
    const refill = refilled(order(lisinopril, own), taken(lisinopril, therapy)).order;
    expect(refill?.started?.from ?? null).toBe(start === null ? null : Date.parse(start));
    expect(refill?.startedAtLatest ?? false).toBe(atLatest);
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

describe('how strong a product is', () => {
  const tablet = [{ doseAndRate: [{ doseQuantity: { value: 1, unit: 'tablet' } }] }];
  const strengths = (more: Resource) =>
    readAll([request({ medicationCodeableConcept: undefined, dosageInstruction: tablet, ...more })]).chart
      .medications[0]?.dosing?.strengths;
  const milligrams = (value: number) => ({
    numerator: { value, unit: 'mg' },
    denominator: { value: 1, unit: 'tablet' },
  });
  const behind = (...ingredient: Resource[]): Resource => ({
    contained: [{ resourceType: 'Medication', id: 'x', ingredient }],
    medicationReference: { reference: '#x' },
  });
  it('is read from the display of a reference', () => {
    expect(strengths({ medicationReference: { display: 'FUROSEMIDE 40 MG PO TABS' } })).toEqual([
      { ingredient: 'furosemide', gramsAPiece: 0.04 },
    ]);
  });
  it('is read from its Medication in figures', () => {
    expect(strengths(behind({ itemCodeableConcept: digoxin, strength: milligrams(0.25) }))).toEqual([
      { ingredient: 'digoxin', gramsAPiece: 0.000_25 },
    ]);
  });
});

describe('the name of an ingredient', () => {
  it.each<[string, Parameters<typeof ingredientName>[0], string]>([
    ['with an RxNorm code is kept', { rxnorm: '1', name: 'unobtainium', classes: [] }, 'unobtainium'],
    ['of a class is kept', { rxnorm: null, name: 'unobtainium', classes: ['digoxin'] }, 'unobtainium'],
    ['that we know is kept', { rxnorm: null, name: 'acetaminophen', classes: [] }, 'acetaminophen'],
    ['that may be a person is not', { rxnorm: null, name: 'jane doe', classes: [] }, 'another drug'],
    [
      'beside words that are no part of it is not',
      { rxnorm: null, name: 'furosemide of jane doe', classes: [] },
      'another drug',
    ],
    [
      'of a whole product is not',
      { rxnorm: null, name: 'furosemide 40 MG Oral Tablet', classes: [] },
      'another drug',
    ],
  ])('%s', (_name, ingredient, name) => {
    expect(ingredientName(ingredient)).toEqual({ rxnorm: ingredient.rxnorm, name });
  });
});

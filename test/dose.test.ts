/** Dose a day, number of drugs, allergy to an order and duplicate of an order: https://hl7.org/fhir/R4/dosage.html */
import { describe, expect, it } from 'vitest';
import { chartOf } from '../rules/chart.ts';
import { readDosing, strengthOf } from '../rules/dosage.ts';
import type { Fact } from '../rules/fact.ts';
import { prepareFact, situationOf } from '../rules/facts.ts';
import { intakeOfHook } from '../rules/intake.ts';
import type { FactName } from '../rules/rule.ts';
import { at, searchset } from './hook-requests.ts';

type Resource = Record<string, unknown>;

const mg = (value: number) => ({ value, unit: 'mg', code: 'mg', system: 'http://unitsofmeasure.org' });
const daily = (frequency: number, period = 1, periodUnit = 'd'): Resource => ({
  repeat: { frequency, period, periodUnit },
});
const dose = (quantity: Resource, timing: Resource | undefined, more: Resource = {}): Resource => ({
  ...(timing ? { timing } : {}),
  doseAndRate: [{ doseQuantity: quantity }],
  ...more,
});

describe('grams a day', () => {
  const cases: [string, Resource[], number | null, number | null][] = [
    ['500 mg twice a day is 1 g', [dose(mg(500), daily(2))], null, 1],
    ['500 mg every 8 hours is 1.5 g', [dose(mg(500), daily(1, 8, 'h'))], null, 1.5],
    ['70 mg once a week is 0.01 g', [dose(mg(70), daily(1, 1, 'wk'))], null, 0.01],
    ['BID as a code is 2 times', [dose(mg(500), { code: { coding: [{ code: 'BID' }] } })], null, 1],
    [
      '1 to 3 times a day counts as 3',
      [dose(mg(100), { repeat: { frequency: 1, frequencyMax: 3, period: 1, periodUnit: 'd' } })],
      null,
      0.3,
    ],
    ['one dose only is that dose', [dose(mg(2000), { repeat: { count: 1 } })], null, 2],
    [
      'a range of 100 to 300 mg counts as 300 mg',
      [{ timing: daily(1), doseAndRate: [{ doseRange: { low: mg(100), high: mg(300) } }] }],
      null,
      0.3,
    ],
    [
      'morning and evening of one step add up',
      [dose(mg(500), daily(1)), dose(mg(1000), daily(1))],
      null,
      1.5,
    ],
    [
      'of 2 steps the larger counts',
      [dose(mg(500), daily(1), { sequence: 1 }), dose(mg(1000), daily(1), { sequence: 2 })],
      null,
      1,
    ],
    ['as needed counts as if always needed', [dose(mg(200), daily(3), { asNeededBoolean: true })], null, 0.6],
    [
      '2 tablets of 400 mg are 0.8 g',
      [dose({ value: 2, unit: 'tablet', code: '{tbl}' }, daily(1))],
      0.4,
      0.8,
    ],
    [
      '2 tablets of unknown strength are missing, not 0',
      [dose({ value: 2, unit: 'tablet' }, daily(1))],
      null,
      null,
    ],
    ['2 mL are missing, not 0', [dose({ value: 2, unit: 'mL', code: 'mL' }, daily(1))], 0.4, null],
    ['a dose without timing is missing', [dose(mg(500), undefined)], null, null],
    [
      'one dosage that cannot be computed leaves all of it open',
      [dose(mg(500), daily(1)), dose({ value: 1, unit: 'puff' }, daily(1))],
      null,
      null,
    ],
  ];
  it.each(cases)('%s', (_, dosages, strength, expected) => {
    expect(readDosing(dosages, strength)?.gramsPerDay).toBe(expected);
  });
  it('3 rows of doseAndRate (calculated, admin-amount, ordered) are one dose of 40 mg, not 3', () => {
    const row = (code: string, quantity: Resource): Resource => ({
      type: { coding: [{ code }] },
      doseQuantity: quantity,
    });
    const rows = [
      row('calculated', mg(40)),
      row('admin-amount', { value: 1, unit: 'tablet', code: '{tbl}' }),
      row('ordered', mg(40)),
    ];
    expect(readDosing([{ timing: daily(2), doseAndRate: rows }])?.gramsPerDay).toBe(0.08);
  });
});

describe('the strength of a product', () => {
  it.each([
    ['metformin hydrochloride 500 MG Oral Tablet', 0.5],
    ['levothyroxine sodium 75 MCG Oral Tablet', 0.000075],
    ['magnesium sulfate 500 MG/ML Injectable Solution', null],
    ['amoxicillin 250 MG / clavulanate 125 MG Oral Tablet', null],
    ['digoxin', null],
  ])('of `%s` is %s g', (name, expected) => {
    expect(strengthOf([name])).toBe(expected);
  });
});

// --- Facts -------------------------------------------------------------------------------------------------

const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const coded = (code: string): Resource => ({ coding: [{ system: rxnorm, code }] });
let number = 0;
function medication(code: string | null, role: 'ordered' | 'active', more: Resource = {}): Resource {
  number += 1;
  return {
    resourceType: 'MedicationRequest',
    id: `${role}-${number}`,
    status: role === 'ordered' ? 'draft' : 'active',
    intent: 'order',
    subject: { reference: 'Patient/p1' },
    medicationCodeableConcept: code === null ? { text: 'little pink pill' } : coded(code),
    authoredOn: '2026-01-30',
    ...more,
  };
}
const omeprazole = '7646';
const furosemide = '4603';
const ibuprofen = '5640';
const naproxen = '7258';
const magnesiumOxide = '6582';

function ask(
  fact: FactName,
  params: Resource,
  given: { orders?: Resource[]; therapy?: Resource[]; allergies?: Resource[] | undefined },
): Fact {
  const prefetch: Resource = { patient: { resourceType: 'Patient', id: 'p1' } };
  if (given.therapy) prefetch.medicationRequests = searchset(...given.therapy);
  if (given.allergies) prefetch.allergies = searchset(...given.allergies);
  const draftOrders = { entry: (given.orders ?? []).map((resource) => ({ resource })) };
  const intake = intakeOfHook('order-sign', { patientId: 'p1', draftOrders }, prefetch);
  const { chart, notices } = chartOf(intake, Date.parse(at));
  return prepareFact(fact, params)(situationOf(chart, Date.parse(at), notices));
}

describe('drugCount', () => {
  const wasting = { classes: ['ppi', 'loop-diuretic'], role: 'any', by: 'class' };
  it('a PPI and a loop diuretic are 2 classes', () => {
    const fact = ask('drugCount', wasting, {
      therapy: [medication(omeprazole, 'active'), medication(furosemide, 'active')],
    });
    expect(fact).toMatchObject({ state: 'known', value: 2 });
    expect('range' in fact).toBe(false);
  });
  it('2 orders of one class are 1 by class, 2 by ingredient and 2 by order', () => {
    const orders = [medication(ibuprofen, 'ordered'), medication(naproxen, 'ordered')];
    const count = (by: string) =>
      ask('drugCount', { classes: ['nsaid'], role: 'ordered', by }, { orders, therapy: [] });
    expect(count('class')).toMatchObject({ value: 1 });
    expect(count('ingredient')).toMatchObject({ value: 2 });
    expect(count('order')).toMatchObject({ value: 2 });
  });
  it('1 beside a medication that is not recognised is at least 1', () => {
    const therapy = [medication(omeprazole, 'active'), medication(null, 'active')];
    expect(ask('drugCount', wasting, { therapy })).toMatchObject({
      value: 1,
      range: { low: 1, high: Number.POSITIVE_INFINITY },
    });
  });
  it('none where no medications came is missing, not 0', () => {
    expect(ask('drugCount', { ...wasting, role: 'active' }, {})).toMatchObject({
      state: 'missing',
      cause: 'category',
    });
  });
  it('what was written 4 days ago is not inside P3D', () => {
    const old = medication(ibuprofen, 'active', { authoredOn: '2026-01-27' });
    const params = { classes: ['nsaid'], role: 'active', by: 'order', within: 'P3D' };
    expect(ask('drugCount', params, { therapy: [old] })).toMatchObject({ state: 'known', value: 0 });
  });
});

describe('dailyDose', () => {
  const oral = { route: { text: 'oral' } };
  const params = { classes: ['magnesium'], role: 'any', route: 'oral', unit: 'mg' };
  const oxide = (milligrams: number, more: Resource = {}) =>
    medication(magnesiumOxide, 'active', {
      dosageInstruction: [dose(mg(milligrams), daily(1), { ...oral, ...more })],
    });
  it('400 mg magnesium oxide a day is 400 mg of the salt and 241.2 mg of elemental magnesium', () => {
    expect(ask('dailyDose', params, { therapy: [oxide(400)] })).toMatchObject({ value: 400, unit: 'mg' });
    const elemental = { ...params, elementalMagnesium: true };
    expect(ask('dailyDose', elemental, { therapy: [oxide(400)] })).toMatchObject({ value: 241.2 });
  });
  it('two products add up', () => {
    expect(ask('dailyDose', params, { therapy: [oxide(400), oxide(200)] })).toMatchObject({ value: 600 });
  });
  it('one product that cannot be computed leaves the sum open upwards', () => {
    const unclear = medication(magnesiumOxide, 'active', { dosageInstruction: [{ ...oral }] });
    expect(ask('dailyDose', params, { therapy: [oxide(400), unclear] })).toMatchObject({
      value: 400,
      range: { low: 400, high: Number.POSITIVE_INFINITY },
    });
    expect(ask('dailyDose', params, { therapy: [unclear] })).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
    });
  });
  it('no such product, in a list that is complete, is 0 mg', () => {
    expect(ask('dailyDose', params, { therapy: [] })).toMatchObject({ state: 'known', value: 0 });
  });
});

describe('drug starting', () => {
  const params = { classes: ['nsaid'], role: 'ordered', starting: true };
  it('an order of what is already taken is no start; of another NSAID it is', () => {
    const orders = [medication(ibuprofen, 'ordered')];
    expect(ask('drug', params, { orders, therapy: [medication(ibuprofen, 'active')] })).toMatchObject({
      value: false,
    });
    expect(ask('drug', params, { orders, therapy: [medication(naproxen, 'active')] })).toMatchObject({
      value: true,
    });
  });
  it('without a list of therapy it is not known', () => {
    expect(ask('drug', params, { orders: [medication(ibuprofen, 'ordered')] })).toMatchObject({
      state: 'missing',
    });
  });
});

describe('allergyToOrder', () => {
  const allergy = (code: Resource): Resource => ({
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: { reference: 'Patient/p1' },
    code,
  });
  const orders = [medication(ibuprofen, 'ordered')];
  it.each([
    ['to the ingredient', coded(ibuprofen), true],
    ['to another NSAID', coded(naproxen), true],
    ['to another class', coded(omeprazole), false],
  ])('%s: %s', (_, code, expected) => {
    expect(ask('allergyToOrder', {}, { orders, allergies: [allergy(code)] })).toMatchObject({
      state: 'known',
      value: expected,
    });
  });
  it('to something not recognised is not known, and names the order it concerns', () => {
    const fact = ask('allergyToOrder', {}, { orders, allergies: [allergy({ text: 'painkillers' })] });
    expect(fact).toMatchObject({ state: 'missing', cause: 'unresolved', evidence: [{ order: 'selected' }] });
  });
  it('without a list of allergies is not known; with an empty one there is none', () => {
    expect(ask('allergyToOrder', {}, { orders })).toMatchObject({ state: 'missing', cause: 'category' });
    expect(ask('allergyToOrder', {}, { orders, allergies: [] })).toMatchObject({
      state: 'known',
      value: false,
    });
  });
});

describe('duplicateOrder', () => {
  it('of therapy, and of another draft order', () => {
    const order = medication(ibuprofen, 'ordered');
    expect(
      ask('duplicateOrder', {}, { orders: [order], therapy: [medication(ibuprofen, 'active')] }),
    ).toMatchObject({ value: true });
    expect(
      ask('duplicateOrder', {}, { orders: [order, medication(ibuprofen, 'ordered')], therapy: [] }),
    ).toMatchObject({ value: true });
    expect(
      ask('duplicateOrder', {}, { orders: [order], therapy: [medication(naproxen, 'active')] }),
    ).toMatchObject({ value: false });
    expect(ask('duplicateOrder', {}, { orders: [order] })).toMatchObject({ state: 'missing' });
  });
});

/** Daily dose, single dose, frequency and dose by weight: from FHIR Dosage to the fact. */
import { describe, expect, it } from 'vitest';
import { ingredientByName } from '../../../rules/terminology/drugs/ingredients.ts';
import { daily, dose, mg, type Resource, ucum } from '../../support/dosages.ts';
import { ask, coded, medication, rxnorm } from '../../support/order-facts.ts';

const magnesiumOxide = '6582';

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
  it.each<[string, [number, string | undefined, string | undefined][], number]>([
    [
      'a step that begins later counts later',
      [
        [400, '2026-01-01', '2026-02-20'],
        [800, '2026-02-21', undefined],
      ],
      400,
    ],
    [
      'so does one that follows it without a date',
      [
        [400, '2026-01-01', '2026-02-20'],
        [800, undefined, undefined],
      ],
      400,
    ],
    [
      'a step that is over does not count',
      [
        [400, '2025-01-01', '2025-02-20'],
        [800, '2025-02-21', undefined],
      ],
      800,
    ],
    [
      'one that begins today may have begun',
      [
        [400, '2026-01-01', '2026-01-31'],
        [800, '2026-01-31', undefined],
      ],
      800,
    ],
  ])('%s', (_name, steps, value) => {
    const dosageInstruction = steps.map(([milligrams, start, end], index) => ({
      ...dose(
        mg(milligrams),
        { repeat: { ...(daily(1).repeat as Resource), ...(start ? { boundsPeriod: { start, end } } : {}) } },
        oral,
      ),
      sequence: index + 1,
    }));
    const therapy = [medication(magnesiumOxide, 'active', { dosageInstruction })];
    expect(ask('dailyDose', params, { therapy })).toMatchObject({ value });
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

describe('dose by weight, single dose and frequency', () => {
  const enoxaparin = ingredientByName('enoxaparin')?.rxnorm ?? '';
  const order = (dosage: Resource, more: Resource = {}): Resource =>
    medication(enoxaparin, 'ordered', { dosageInstruction: [dosage], ...more });
  const byWeight = dose({ value: 1, code: 'mg/kg', unit: 'mg/kg' }, daily(2));
  const drugs = { ingredients: ['enoxaparin'], role: 'ordered' };

  it('1 mg/kg twice a day at 80 kg is 160 mg a day, 2 mg/kg a day, 80 mg a dose and 2 doses', () => {
    const given = { orders: [order(byWeight)], therapy: [], weight: 80 };
    expect(ask('dailyDose', { ...drugs, unit: 'mg' }, given)).toMatchObject({ value: 160, unit: 'mg' });
    expect(ask('dailyDose', { ...drugs, unit: 'mg/kg' }, given)).toMatchObject({ value: 2, unit: 'mg/kg' });
    expect(ask('dose', { ...drugs, unit: 'mg' }, given)).toMatchObject({ value: 80, unit: 'mg' });
    expect(ask('dose', { ...drugs, unit: 'mg/kg' }, given)).toMatchObject({ value: 1 });
    expect(ask('doseFrequency', drugs, given)).toMatchObject({ value: 2 });
  });

  it('without a weight it is known by weight, and missing in mg', () => {
    const given = { orders: [order(byWeight)], therapy: [] };
    expect(ask('dailyDose', { ...drugs, unit: 'mg/kg' }, given)).toMatchObject({ state: 'known', value: 2 });
    expect(ask('dailyDose', { ...drugs, unit: 'mg' }, given)).toMatchObject({ state: 'missing' });
  });

  it('80 mg at 80 kg is 1 mg/kg, and missing by weight without a weight or with one of 181 days ago', () => {
    const orders = [order(dose(mg(80), daily(1)))];
    const asked = { ...drugs, unit: 'mg/kg' };
    expect(ask('dailyDose', asked, { orders, therapy: [], weight: 80 })).toMatchObject({ value: 1 });
    expect(ask('dailyDose', asked, { orders, therapy: [] })).toMatchObject({ state: 'missing' });
    const old = { orders, therapy: [], weight: 80, weighed: '2025-08-03' };
    expect(ask('dailyDose', asked, old)).toMatchObject({ state: 'missing' });
  });

  it('a syringe of 40 mg by its name once a day is 40 mg, and 0.4 mL of it too', () => {
    const concept = {
      ...coded(enoxaparin),
      text: '0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe',
    };
    for (const quantity of [
      { value: 1, unit: 'syringe' },
      { value: 0.4, unit: 'mL' },
    ]) {
      const orders = [order(dose(quantity, daily(1)), { medicationCodeableConcept: concept })];
      expect(ask('dailyDose', { ...drugs, unit: 'mg' }, { orders, therapy: [] })).toMatchObject({
        value: 40,
      });
    }
  });

  it('the larger of two single doses counts, and beside one that is not known it is at least that', () => {
    const asked = { ...drugs, unit: 'mg' };
    const [small, large, unclear] = [mg(30), mg(60), { value: 1 }].map((one) => order(dose(one, daily(1))));
    expect(ask('dose', asked, { orders: [small ?? {}, large ?? {}] })).toMatchObject({ value: 60 });
    expect(ask('dose', asked, { orders: [small ?? {}, unclear ?? {}] })).toMatchObject({
      value: 30,
      range: { low: 30, high: Number.POSITIVE_INFINITY },
    });
  });

  it('an order that says nothing of doses is missing, and names itself', () => {
    const fact = ask('doseFrequency', drugs, { orders: [order({ text: 'as before' })], therapy: [] });
    expect(fact).toMatchObject({ state: 'missing', cause: 'unresolved', evidence: [{ order: 'selected' }] });
  });
});

describe('one part of a combination', () => {
  const names = ['sulfamethoxazole', 'trimethoprim'];
  const order = (text: string, quantity: Resource, more: Resource = {}): Resource =>
    medication(null, 'ordered', {
      medicationCodeableConcept: {
        coding: names.map((name) => ({ system: rxnorm, code: ingredientByName(name)?.rxnorm })),
        text,
      },
      dosageInstruction: [dose(quantity, daily(2))],
      ...more,
    });
  const asked = { ingredients: ['trimethoprim'], role: 'ordered', unit: 'mg' };
  const tablets = { value: 1, unit: 'tablet' };

  it('1 tablet of 800/160 twice a day is 320 mg of trimethoprim a day', () => {
    const orders = [order('sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet', tablets)];
    expect(ask('dailyDose', asked, { orders })).toMatchObject({ value: 320 });
  });

  it('20 mL of 40/8 mg/mL twice a day are 320 mg too', () => {
    const name = 'sulfamethoxazole 40 MG/ML / trimethoprim 8 MG/ML Oral Suspension';
    const orders = [order(name, { value: 20, unit: 'mL' })];
    expect(ask('dailyDose', asked, { orders })).toMatchObject({ value: 320 });
  });

  it('960 mg of the combination, or a tablet of an unknown strength, is missing', () => {
    const name = 'sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet';
    expect(ask('dailyDose', asked, { orders: [order(name, mg(960))] })).toMatchObject({ state: 'missing' });
    expect(ask('dailyDose', asked, { orders: [order('co-trimoxazole', tablets)] })).toMatchObject({
      state: 'missing',
    });
  });

  it('a Medication that states its strengths needs no name', () => {
    const part = (name: string, value: number): Resource => ({
      itemCodeableConcept: coded(ingredientByName(name)?.rxnorm ?? ''),
      strength: { numerator: mg(value), denominator: { value: 1, code: '{tbl}', system: ucum } },
    });
    const contained = {
      resourceType: 'Medication',
      id: 'm',
      ingredient: [part('sulfamethoxazole', 400), part('trimethoprim', 80)],
    };
    const { medicationCodeableConcept: _, ...rest } = order('', tablets);
    const orders = [{ ...rest, contained: [contained], medicationReference: { reference: '#m' } }];
    expect(ask('dailyDose', asked, { orders })).toMatchObject({ value: 160 });
  });

  it('a Medication with a part that is not recognised has no dose in grams', () => {
    const contained = {
      resourceType: 'Medication',
      id: 'm',
      ingredient: [
        { itemCodeableConcept: coded(ingredientByName('trimethoprim')?.rxnorm ?? '') },
        { itemCodeableConcept: { text: 'something' } },
      ],
    };
    const { medicationCodeableConcept: _, ...rest } = order('', mg(160));
    const orders = [{ ...rest, contained: [contained], medicationReference: { reference: '#m' } }];
    expect(ask('dailyDose', asked, { orders })).toMatchObject({ state: 'missing' });
  });
});

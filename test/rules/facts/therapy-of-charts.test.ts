/** Number of drugs, a drug that is started, allergy to an order and duplicate of an order: from FHIR to the fact. */
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../support/dosages.ts';
import { ask, coded, medication } from '../../support/order-facts.ts';

const omeprazole = '7646';
const furosemide = '4603';
const ibuprofen = '5640';
const naproxen = '7258';

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

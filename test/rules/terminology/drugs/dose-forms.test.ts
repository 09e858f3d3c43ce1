import { describe, expect, it } from 'vitest';
import { formWords, routeOfDoseForm } from '../../../../rules/terminology/drugs/dose-forms.ts';
import { resolveDrug } from '../../../../rules/terminology/drugs/resolve.ts';
import { tokenize } from '../../../../rules/terminology/drugs/spelling.ts';
import { resolveText, rxnorm } from '../../../support/drugs.ts';
import { indexOf, productOf } from '../../../support/product-index.ts';

describe('the route of a dose form', () => {
  it.each([
    ['Ophthalmic Irrigation Solution', 'ophthalmic'],
    ['Oral Inhalation Powder', 'inhaled'],
    ['Nasal Inhaler', 'nasal'],
    ['Oral Solution for Injection', null],
    ['Irrigation Solution', 'other'],
    ['Chewing Gum', 'other'],
    ['Enema', 'rectal'],
    ['Suppository', 'rectal'],
    ['Prefilled Syringe', 'parenteral'],
    ['Auto-Injector', 'parenteral'],
    ['2 ML vial', 'parenteral'],
    ['Cream', 'topical'],
    ['Medicated Shampoo', 'topical'],
    ['72 HR Patch', 'transdermal'],
    ['Extended Release Capsule', 'oral'],
    ['Syrup', 'oral'],
    ['Lozenge', 'oral'],
    ['Solution', null],
    ['Powder', null],
  ])('furosemide as "%s" is %s', (form, route) => {
    expect(routeOfDoseForm(tokenize(form.toLowerCase()))).toBe(route);
    expect(resolveText(`furosemide 10 MG ${form}`).route).toBe(route);
    expect(
      resolveDrug(
        [{ system: rxnorm, code: '42' }],
        undefined,
        indexOf({ 42: productOf([['4603', 'furosemide']], form) }),
      ).route,
    ).toBe(route);
  });
});

describe('words of dose forms', () => {
  it.each([
    ['tablet', true, 'written out'],
    ['injektionslosung', true, 'in German, without the accent that names lose'],
    ['tbec', true, 'an abbreviation that implies a route'],
    ['susp', true, 'an abbreviation that implies none'],
    ['m/r', false, 'three tokens'],
    ['Tablet', false, 'in capitals'],
    ['furosemide', false, 'an ingredient'],
  ])('"%s" is one: %s (%s)', (word, expected, _why) => {
    expect(formWords.has(word)).toBe(expected);
  });

  it.each([
    ['40 mg po tbec', 'oral', 'two words for one route'],
    ['soln', null, 'an abbreviation that implies no route'],
    ['inj', 'parenteral', 'an abbreviation beside nothing else'],
    ['oral inj', 'oral', 'a word for a route before a dose form'],
    ['tablet patch', 'transdermal', 'the first of the list, not of the name'],
    ['nasal oral inhalation', null, 'nasal and oral'],
    ['irrigation implant', 'other', 'twice the same'],
    ['', null, 'nothing'],
  ])('"%s" tells %s (%s)', (name, route, _why) => {
    expect(routeOfDoseForm(tokenize(name))).toBe(route);
  });
});

describe('a flush', () => {
  it.each([
    'saline flush',
    'sodium chloride 0.9% flush',
    'normal saline flush',
    'heparin flush',
    'heparin lock flush 10 units/mL',
  ])('%s is what is flushed with', (text) => {
    expect(resolveText(text).resolvedBy).not.toBe('unresolved');
  });
});

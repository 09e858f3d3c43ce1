import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { ingredientName, isUnnamed } from '../../../rules/chart/medication-name.ts';
import type { Medication } from '../../../rules/chart/types.ts';
import { intakeOfBundle, intakeOfHook } from '../../../rules/intake/intake.ts';
import {
  furosemide,
  names,
  only,
  patient,
  readBundle,
  readMedication,
  requestOf,
  rxnorm,
  subject,
} from '../../support/chart-resources.ts';
import { indexOf } from '../../support/product-index.ts';
import { at, type Resource, readAll } from '../../support/readings.ts';
import { digoxin, request } from '../../support/therapies.ts';

describe('what a medication is', () => {
  const sibling: Resource = { resourceType: 'Medication', id: 'x', code: furosemide };
  it.each([
    ['medicationCodeableConcept', { medicationCodeableConcept: furosemide }],
    [
      'medicationReference to a contained resource',
      { contained: [sibling], medicationReference: { reference: '#x' } },
    ],
    ['R5 medication.concept', { medication: { concept: furosemide } }],
    [
      'R5 medication.reference to a contained resource',
      { contained: [sibling], medication: { reference: { reference: '#x' } } },
    ],
    [
      'contained that is an object and not a list',
      { contained: sibling, medicationReference: { reference: '#x' } },
    ],
  ])('is read from %s', (_, more) => {
    const { medication, codes } = readMedication(requestOf(more));
    expect(names(medication)).toEqual(['furosemide']);
    expect(medication.resolvedBy).toBe('rxnorm-ingredient');
    expect(medication.codes).toEqual([{ system: rxnorm, code: '4603' }]);
    expect(codes).toEqual([]);
  });

  it.each([
    ['relative', 'Medication/x', { resource: sibling }],
    ['relative with a version', 'Medication/x/_history/3', { resource: sibling }],
    ['absolute', 'https://ehr.example/fhir/Medication/x', { resource: sibling }],
    [
      'absolute to a fullUrl',
      'https://ehr.example/fhir/Medication/x',
      { fullUrl: 'https://ehr.example/fhir/Medication/x', resource: { ...sibling, id: undefined } },
    ],
    [
      'relative to a fullUrl',
      'Medication/x',
      { fullUrl: 'https://ehr.example/fhir/Medication/x', resource: { ...sibling, id: undefined } },
    ],
    ['urn:uuid', 'urn:uuid:0000-9', { fullUrl: 'urn:uuid:0000-9', resource: { ...sibling, id: undefined } }],
    [
      'urn:uuid to a Medication with an id',
      'urn:uuid:0000-9',
      { fullUrl: 'urn:uuid:0000-9', resource: sibling },
    ],
  ])('is read from a sibling entry by a reference that is %s, R4 and R5', (_, reference, entry) => {
    for (const more of [
      { medicationReference: { reference } },
      { medication: { reference: { reference } } },
    ]) {
      const intake = intakeOfBundle(
        { resourceType: 'Bundle', entry: [{ resource: requestOf(more) }, entry] },
        null,
      );
      expect(names(only(buildChart(intake, at).chart.medications))).toEqual(['furosemide']);
    }
  });

  it('is read from the Medication beside a draft order (Epic)', () => {
    const draftOrders = {
      entry: [
        { resource: requestOf({ status: 'draft', medicationReference: { reference: 'Medication/x' } }) },
        { resource: sibling },
      ],
    };
    const intake = intakeOfHook(
      'order-sign',
      { patientId: '1', userId: 'Practitioner/1', draftOrders },
      { patient },
    );
    const { chart, notices } = buildChart(intake, at);
    expect(only(chart.medications)).toMatchObject({
      role: 'ordered',
      selected: true,
      ingredients: [{ name: 'furosemide' }],
    });
    expect(notices).toEqual([]);
  });

  it('is read from the display of a reference that leads nowhere, `FUROSEMIDE 40 MG PO TABS`', () => {
    const { medication, codes } = readMedication(
      requestOf({
        medicationReference: { reference: 'Medication/gone', display: 'FUROSEMIDE 40 MG PO TABS' },
      }),
    );
    expect(medication).toMatchObject({ resolvedBy: 'name', route: 'oral', codes: [] });
    expect(names(medication)).toEqual(['furosemide']);
    expect(codes).toEqual([]);
  });

  it.each([
    [
      'a reference that leads nowhere',
      { medicationReference: { reference: 'Medication/gone' } },
      ['medication-reference', 'drug-unresolved'],
    ],
    [
      'a contained reference that leads nowhere',
      { medicationReference: { reference: '#gone' } },
      ['medication-reference', 'drug-unresolved'],
    ],
    [
      'a reference that leads nowhere with a display we cannot read',
      { medicationReference: { reference: 'Medication/gone', display: 'study drug A' } },
      ['medication-reference', 'drug-unresolved'],
    ],
    ['no medication at all (the sandbox before a drug is picked)', {}, ['drug-unresolved']],
    [
      'a reference without a reference',
      { medicationReference: { identifier: { value: '7' } } },
      ['medication-reference', 'drug-unresolved'],
    ],
    [
      'a code of no system we know',
      { medicationCodeableConcept: { coding: [{ system: 'urn:x', code: 'A7' }] } },
      ['drug-unresolved'],
    ],
    [
      'a text that names no drug',
      { medicationCodeableConcept: { text: 'the small white ones' } },
      ['drug-unresolved'],
    ],
  ])('is unresolved for %s, with a notice', (_, more, expected) => {
    const { medication, codes } = readMedication(requestOf(more));
    expect(medication).toMatchObject({ role: 'active', resolvedBy: 'unresolved', ingredients: [] });
    expect(codes).toEqual(expected);
  });

  it('is resolved by RxNorm although its coding is the 4th of 6 (Epic)', () => {
    const coding = ['urn:a', 'urn:b', 'urn:c', rxnorm, 'urn:d', rxnorm].map((system) => ({
      system,
      code: '4603',
    }));
    expect(names(readMedication(requestOf({ medicationCodeableConcept: { coding } })).medication)).toEqual([
      'furosemide',
    ]);
  });

  it('is resolved by a product index where there is one', () => {
    const resource = requestOf({
      medicationCodeableConcept: { coding: [{ system: rxnorm, code: '999999999' }] },
    });
    expect(only(readBundle([patient, resource]).chart.medications).resolvedBy).toBe('unresolved');
    const products = indexOf({
      999999999: [
        ['4603', 'furosemide'],
        ['7646', 'omeprazole'],
      ],
    });
    const medication = only(readBundle([patient, resource], products).chart.medications);
    expect(medication.resolvedBy).toBe('product-index');
    expect(names(medication)).toEqual(['furosemide', 'omeprazole']);
  });

  it('keeps no text of its own: `esomeprazole magnesium` is esomeprazole and no magnesium', () => {
    const { medication } = readMedication(
      requestOf({ medicationCodeableConcept: { text: 'esomeprazole magnesium 20 MG Oral Capsule' } }),
    );
    expect(names(medication)).toEqual(['esomeprazole']);
  });
});

describe('Medication.ingredient', () => {
  const potassium = { coding: [{ system: rxnorm, code: '8591', display: 'potassium chloride' }] };
  const of = (...ingredient: Resource[]): Medication | undefined =>
    readBundle([
      patient,
      {
        resourceType: 'MedicationRequest',
        id: 'm',
        status: 'active',
        subject,
        contained: [{ resourceType: 'Medication', id: 'x', ingredient }],
        medicationReference: { reference: '#x' },
      },
    ]).chart.medications[0];

  it('names the drug where the code does not: R4 itemCodeableConcept and R5 item.concept', () => {
    for (const part of [{ itemCodeableConcept: potassium }, { item: { concept: potassium } }]) {
      expect(of(part)).toMatchObject({
        ingredients: [{ name: 'potassium chloride' }],
        resolvedBy: 'rxnorm-ingredient',
      });
    }
  });
  it('with 1 of 2 parts not recognised counts the other, and stays unresolved', () => {
    expect(
      of({ itemCodeableConcept: potassium }, { itemCodeableConcept: { text: 'a secret' } }),
    ).toMatchObject({
      ingredients: [{ name: 'potassium chloride' }],
      resolvedBy: 'unresolved',
    });
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

it.each([
  ['a concept', false, { concept: { text: 'x' } }],
  ['a definition', false, { definition: {} }],
  ['a text beside the reference', false, { display: 'x' }],
  ['a reference that leads nowhere', false, { isDangling: true }],
  ['nothing', true, {}],
])('what has %s is unnamed: %j', (_name, expected, more) => {
  expect(isUnnamed({ concept: null, definition: null, display: null, isDangling: false, ...more })).toBe(
    expected,
  );
});

describe('a Medication that does not hold', () => {
  const bad: [string, Resource][] = [
    ['entered in error', { status: 'entered-in-error' }],
    ['entered in error, in upper case', { status: 'Entered-In-Error' }],
    [
      'with a modifierExtension',
      { modifierExtension: [{ url: 'http://example.org/x', valueBoolean: true }] },
    ],
  ];
  it.each(bad)('%s names no drug, and that is said', (_name, more) => {
    const definition: Resource = { resourceType: 'Medication', id: 'x', code: furosemide, ...more };
    const link = (reference: string) => ({ medicationReference: { reference, display: 'furosemide' } });
    const readings = [
      readBundle([patient, requestOf(link('Medication/x')), definition]),
      readBundle([patient, requestOf({ ...link('#x'), contained: [definition] })]),
    ];
    for (const { chart, notices } of readings) {
      expect(only(chart.medications)).toMatchObject({ resolvedBy: 'unresolved', ingredients: [] });
      expect(notices.map(({ code }) => code)).toEqual(['drug-unresolved']);
      expect(notices[0]?.message).toContain('entered in error, or has a modifierExtension');
    }
  });
  it.each(bad)('nor does a Substance %s', (_name, more) => {
    const substance: Resource = { resourceType: 'Substance', id: 's', code: furosemide, ...more };
    const definition: Resource = {
      resourceType: 'Medication',
      id: 'x',
      ingredient: [{ itemReference: { reference: '#s' } }],
    };
    const { medication } = readMedication(
      requestOf({ contained: [definition, substance], medicationReference: { reference: '#x' } }),
    );
    expect(medication.resolvedBy).toBe('unresolved');
  });
});

describe('Medication.product.ingredient of DSTU2', () => {
  it.each<[string, Resource]>([
    ['a Substance', { resourceType: 'Substance', id: 's', code: furosemide }],
    ['a Medication', { resourceType: 'Medication', id: 's', code: furosemide }],
  ])('is read where it is %s', (_name, part) => {
    const definition: Resource = {
      resourceType: 'Medication',
      id: 'x',
      product: { ingredient: [{ item: { reference: '#s' } }] },
    };
    const { medication } = readMedication(
      requestOf({ contained: [definition, part], medicationReference: { reference: '#x' } }),
    );
    expect(names(medication)).toEqual(['furosemide']);
  });
});

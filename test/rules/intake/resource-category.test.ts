/** Which kind of data a resource is. */
import { describe, expect, it } from 'vitest';
import type { Category } from '../../../rules/fhir/categories.ts';
import {
  categoryOf,
  categoryOfKey,
  categoryOfType,
  clinicalTypes,
  isDrugDefinition,
  pastStatuses,
} from '../../../rules/intake/resource-category.ts';

describe('the kind of data', () => {
  it.each<[string, string | undefined, Category | undefined]>([
    ['Observation', 'final', 'labs'],
    ['MedicationRequest', 'active', 'medications'],
    ['MedicationRequest', undefined, 'medications'],
    ['MedicationRequest', 'completed', 'pastMedications'],
    ['MedicationStatement', 'on-hold', 'pastMedications'],
    ['MedicationAdministration', 'in-progress', 'pastMedications'],
    ['MedicationDispense', 'completed', 'pastMedications'],
    ['Condition', 'completed', 'conditions'],
    ['AllergyIntolerance', undefined, 'allergies'],
    ['Encounter', 'completed', 'encounter'],
    ['Patient', undefined, undefined],
    ['ServiceRequest', 'active', undefined],
    ['constructor', undefined, undefined],
  ])('of a %s with status %s is %s', (type, status, category) => {
    expect(categoryOf(type, { status })).toBe(category);
  });

  it('of therapy is past for 4 statuses', () => {
    const past = [...pastStatuses].map((status) => categoryOf('MedicationStatement', { status }));
    expect(past).toEqual(Array(4).fill('pastMedications'));
  });

  it('that a search or a key asks for is of the type or the key alone', () => {
    expect(categoryOfType('MedicationRequest')).toBe('medications');
    expect(categoryOfType('toString')).toBeUndefined();
    expect(categoryOfKey('pastMedicationStatements')).toBe('pastMedications');
    expect(categoryOfKey('patient')).toBeUndefined();
    expect(categoryOfKey('toString')).toBeUndefined();
  });

  it('is read of what is clinical: every kind of data, the patient, its drugs and services', () => {
    expect([...clinicalTypes].filter((type) => categoryOfType(type) === undefined)).toEqual([
      'Patient',
      'Medication',
      'ServiceRequest',
      'Procedure',
    ]);
    expect(['Medication', 'Substance', 'MedicationRequest'].map(isDrugDefinition)).toEqual([
      true,
      true,
      false,
    ]);
  });
});

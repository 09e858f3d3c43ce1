import { describe, expect, it } from 'vitest';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import type { Intake } from '../../../rules/intake/types.ts';
import { context, observation, patient, type Resource, searchset, selfLink } from '../../support/intakes.ts';

describe('an answer narrowed by its search', () => {
  const labs = (query: string, ...results: Resource[]): Intake =>
    intakeOfHook('patient-view', context, {
      patient,
      mine: searchset(results, selfLink(`https://ehr.example/fhir/Observation?${query}`)),
    });

  it('to 1 code, with no result: known for that code only', () => {
    const intake = labs('patient=1&code=http://loinc.org|2160-0');
    expect(intake.completeness.labs).toBe('partial');
    expect([...intake.codesAsked]).toEqual(['2160-0']);
  });
  it('to 2 codes with their system, with no result: known for these', () => {
    const intake = labs('patient=1&code=http://loinc.org|2160-0,http://loinc.org|19123-9');
    expect([...intake.codesAsked]).toEqual(['2160-0', '19123-9']);
  });
  it('to 1 code, with a result: labs are known', () => {
    const intake = labs('patient=1&code=2160-0', observation('o'));
    expect(intake.completeness.labs).toBe('known');
    expect(intake.codesAsked.size).toBe(0);
  });
  it('to 1 drug, with no result: nothing is known of any therapy', () => {
    const link = selfLink('https://ehr.example/fhir/MedicationRequest?patient=1&code=6585');
    const { completeness } = intakeOfHook('patient-view', context, { patient, mine: searchset([], link) });
    expect(completeness).toEqual({
      labs: 'absent',
      medications: 'absent',
      pastMedications: 'absent',
      orders: 'known',
      conditions: 'absent',
      allergies: 'absent',
      encounter: 'absent',
    });
  });
  it('to the laboratory category, with no result: known', () => {
    const intake = labs('patient=1&category=laboratory');
    expect(intake.completeness.labs).toBe('known');
    expect(intake.codesAsked.size).toBe(0);
  });
  it('to ended therapy, with no result: nothing is known of medications', () => {
    const link = selfLink('https://ehr.example/fhir/MedicationRequest?patient=1&status=completed,stopped');
    const intake = intakeOfHook('patient-view', context, { patient, mine: searchset([], link) });
    expect(intake.completeness.medications).toBe('absent');
  });
});

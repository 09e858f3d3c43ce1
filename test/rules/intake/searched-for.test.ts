import { describe, expect, it } from 'vitest';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { codeOfToken, readSearchedFor, type SearchedFor } from '../../../rules/intake/searched-for.ts';
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

describe('what a bundle was searched for', () => {
  const theirs = 'https://ehr.example/fhir';
  const read = (query: string, key?: string) =>
    readSearchedFor(searchset([], selfLink(`${theirs}/${query}`)), key);
  const therapy = (categories: SearchedFor['categories'], narrowed: boolean, type = 'MedicationRequest') => ({
    categories,
    codes: null,
    type,
    narrowed,
  });
  it.each<[string, string, string | undefined, SearchedFor | null]>([
    ['labs', 'Observation?patient=1', undefined, { categories: ['labs'], codes: null, type: 'Observation' }],
    [
      'labs of 2 codes',
      'Observation?code=http://loinc.org|2160-0,2823-3',
      'x',
      { categories: ['labs'], codes: ['2160-0', '2823-3'], type: 'Observation' },
    ],
    [
      'labs of 1 code under our key',
      'Observation?code=2160-0',
      'labs',
      { categories: ['labs'], codes: null, type: 'Observation' },
    ],
    ['vital signs', 'Observation?category=vital-signs', undefined, null],
    ['therapy', 'MedicationRequest?patient=1', undefined, therapy(['medications', 'pastMedications'], false)],
    ['active therapy', 'MedicationRequest?status=active', undefined, therapy(['medications'], true)],
    [
      'statements that are over',
      'MedicationStatement?status=completed,stopped',
      undefined,
      therapy(['pastMedications'], true, 'MedicationStatement'),
    ],
    ['therapy of 1 drug', 'MedicationRequest?code=6585', undefined, therapy([], false)],
    [
      'therapy of 1 drug under our key',
      'MedicationRequest?code=6585',
      'medicationRequests',
      therapy(['medications', 'pastMedications'], false),
    ],
    ['supplies', 'MedicationDispense?patient=1', undefined, null],
    [
      'active problems',
      'Condition?clinical-status=active',
      undefined,
      { categories: ['conditions'], codes: null, type: 'Condition' },
    ],
    ['resolved problems', 'Condition?clinical-status=resolved', undefined, null],
    ['problems of 1 code', 'Condition?code=73211009', undefined, null],
    [
      'problems of 1 code under our key',
      'Condition?code=73211009',
      'conditions',
      { categories: ['conditions'], codes: null, type: 'Condition' },
    ],
    ['immunizations', 'Immunization?patient=1', 'conditions', null],
  ])('%s', (_name, query, key, expected) => {
    expect(read(query, key)).toEqual(expected);
  });

  it('is said by our key alone where there is no self link, and by nothing under a key of theirs', () => {
    expect(readSearchedFor(searchset([]), 'allergies')).toEqual({
      categories: ['allergies'],
      codes: null,
      type: null,
    });
    expect(readSearchedFor(searchset([]), 'x')).toBeNull();
    expect(readSearchedFor(searchset([]), undefined)).toBeNull();
  });

  it('is said by the first self link that is a search, and not by other links', () => {
    const link = [
      { relation: 'next', url: 'Condition?page=2' },
      { relation: 'self', url: `${theirs}?page=1` },
      { relation: 'self', url: 'AllergyIntolerance?patient=1' },
      { relation: 'self', url: 'Encounter?patient=1' },
    ];
    expect(readSearchedFor(searchset([], { link }), 'x')?.categories).toEqual(['allergies']);
  });
});

it.each([
  ['2160-0', '2160-0'],
  ['http://loinc.org|2160-0', '2160-0'],
  ['|2160-0', '2160-0'],
  ['http://loinc.org|', ''],
])('the code of the search token `%s` is `%s`', (token, code) => {
  expect(codeOfToken(token)).toBe(code);
});

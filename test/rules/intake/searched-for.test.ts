import { describe, expect, it } from 'vitest';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { readSearchedFor, type SearchedFor } from '../../../rules/intake/searched-for.ts';
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
  it('to 1 code, with a result: known for that code only, too', () => {
    const intake = labs('patient=1&code=2160-0', observation('o'));
    expect(intake.completeness.labs).toBe('partial');
    expect([...intake.codesAsked]).toEqual(['2160-0']);
  });
  it('since a day: known, and nothing is known of before', () => {
    const intake = labs('patient=1&date=ge2026-01-01', observation('o'));
    expect(intake.completeness.labs).toBe('known');
    expect(intake.unread).toEqual([
      { category: 'labs', until: Date.parse('2026-01-01T12:00:00Z') - 1, asked: true },
    ]);
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
  const asked = (
    type: string | null,
    categories: SearchedFor['categories'],
    more: Partial<SearchedFor> = {},
  ): SearchedFor => ({ categories, codes: null, type, since: null, narrowedBy: [], ...more });
  const narrower = (type: string, ...narrowedBy: string[]): SearchedFor =>
    asked(type, [], { narrowed: true, narrowedBy });
  const requests = 'MedicationRequest';
  const both = ['medications', 'pastMedications'] as const;
  it.each<[string, string, string | undefined, SearchedFor | null]>([
    ['labs', 'Observation?patient=1', undefined, asked('Observation', ['labs'])],
    [
      'labs of 2 codes',
      'Observation?code=http://loinc.org|2160-0,2823-3',
      'x',
      asked('Observation', ['labs'], { codes: ['2160-0', '2823-3'], ofLaboratory: true }),
    ],
    [
      'labs of 1 code under our key',
      'Observation?code=2160-0',
      'labs',
      asked('Observation', ['labs'], { ofLaboratory: true }),
    ],
    [
      'labs since a day',
      'Observation?patient=1&date=ge2026-01-01',
      'x',
      asked('Observation', ['labs'], { since: Date.parse('2026-01-01T12:00:00Z') }),
    ],
    ['vital signs', 'Observation?category=vital-signs', undefined, null],
    // A corrected result is no final one: such a search does not find it.
    ['final results', 'Observation?status=final', 'x', narrower('Observation', 'status')],
    ['labs of a stay', 'Observation?patient=1&encounter=e', 'labs', narrower('Observation', 'encounter')],
    [
      'measurements under our key',
      'Observation?combo-code=29463-7',
      'measurements',
      asked('Observation', [], { codes: ['29463-7'] }),
    ],
    [
      'measurements of a stay under our key',
      'Observation?combo-code=29463-7&encounter=e',
      'measurements',
      narrower('Observation', 'encounter'),
    ],
    ['therapy', 'MedicationRequest?patient=1', undefined, asked(requests, both, { narrowed: false })],
    [
      'active therapy',
      'MedicationRequest?status=active',
      undefined,
      asked(requests, ['medications'], { narrowed: true }),
    ],
    [
      'statements that are over',
      'MedicationStatement?status=completed,stopped',
      undefined,
      asked('MedicationStatement', ['pastMedications'], { narrowed: true }),
    ],
    ['therapy of 1 drug', 'MedicationRequest?code=6585', undefined, narrower(requests, 'code')],
    [
      'therapy of 1 drug under our key',
      'MedicationRequest?code=6585',
      'medicationRequests',
      narrower(requests, 'code'),
    ],
    [
      'therapy of 1 intent',
      'MedicationRequest?intent=plan',
      'medicationRequests',
      narrower(requests, 'intent'),
    ],
    ['supplies', 'MedicationDispense?patient=1', undefined, null],
    ['what was given', 'MedicationAdministration?patient=1', 'x', asked('MedicationAdministration', [])],
    [
      'what was given since a day',
      'MedicationAdministration?effective-time=ge2026-01-01T00:00:00Z',
      'medicationAdministrations',
      asked('MedicationAdministration', [], { since: Date.parse('2026-01-01T00:00:00Z') }),
    ],
    ['what was done', 'Procedure?patient=1', 'x', asked('Procedure', [])],
    // The rules ask for problems that ever were, too.
    ['active problems', 'Condition?clinical-status=active', undefined, narrower('Condition', 'status')],
    [
      'active allergies',
      'AllergyIntolerance?clinical-status=active',
      'x',
      asked('AllergyIntolerance', ['allergies']),
    ],
    ['resolved problems', 'Condition?clinical-status=resolved', undefined, narrower('Condition', 'status')],
    ['problems of 1 code', 'Condition?code=73211009', undefined, narrower('Condition', 'code')],
    [
      'problems of 1 code under our key',
      'Condition?code=73211009',
      'conditions',
      asked('Condition', ['conditions']),
    ],
    [
      'problems of 1 category under our key',
      'Condition?category=problem-list-item',
      'conditions',
      narrower('Condition', 'category'),
    ],
    [
      'the encounters of a day',
      'Encounter?patient=1&date=2026-01-01',
      'x',
      asked('Encounter', ['encounter']),
    ],
    ['immunizations', 'Immunization?patient=1', 'conditions', null],
  ])('%s', (_name, query, key, expected) => {
    expect(read(query, key)).toEqual(expected);
  });

  it('is said by our key alone where there is no self link, and by nothing under a key of theirs', () => {
    expect(readSearchedFor(searchset([]), 'allergies')).toEqual(asked(null, ['allergies']));
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

import { describe, expect, it } from 'vitest';
import { answerTo } from '../../../rules/intake/prefetch-answer.ts';
import {
  condition,
  observation,
  order,
  outcome,
  patient,
  searchset,
  selfLink,
} from '../../support/intakes.ts';

describe('how far a prefetch value answers one of our templates', () => {
  const theirs = 'https://ehr.example/fhir';
  const templates: Readonly<Record<string, string>> = {
    patient: 'Patient/1',
    encounter: 'Encounter/e',
    labs: 'Observation?patient=1&code=http://loinc.org|2160-0,http://loinc.org|19123-9&_sort=-date',
    measurements: 'Observation?patient=1&combo-code=29463-7,8634-8&_sort=-date&_count=200',
    procedures: 'Procedure?patient=1&_sort=-date&_count=100',
    medicationAdministrations:
      'MedicationAdministration?patient=1&status=in-progress,completed,stopped,on-hold&_count=200',
    conditions: 'Condition?patient=1&_count=500',
    allergies: 'AllergyIntolerance?patient=1&_count=200',
    medicationRequests: 'MedicationRequest?patient=1&status=active,unknown&_count=200',
    medicationStatements: 'MedicationStatement?patient=1&_sort=-effective',
    pastMedicationRequests: 'MedicationRequest?patient=1&status=completed,stopped,on-hold,ended',
    // What the edge reads for orders is no data of the patient.
    medications: 'Medication?_id=m',
    constructor: 'Condition?patient=1',
  };
  const answers = (template: string, key: string, value: unknown) =>
    answerTo({ key: template, query: templates[template] ?? '' }, key, value);
  const none = (query: string) => searchset([], selfLink(`${theirs}/${query}`));
  const taken = order('a', { status: 'active' });
  const over = order('a', { status: 'completed' });
  const next = { relation: 'next', url: `${theirs}?page=2` };
  const failed = { resource: outcome('error'), search: { mode: 'outcome' } };

  it.each<[string, string, string, unknown, 'whole' | 'part' | 'none']>([
    ['null under our key: there is none', 'conditions', 'conditions', null, 'whole'],
    ['null under a key of theirs', 'conditions', 'problems', null, 'none'],
    ['null under another key of ours', 'conditions', 'allergies', null, 'none'],
    ['no value', 'conditions', 'conditions', undefined, 'none'],
    ['a text', 'patient', 'patient', 'Patient/1', 'none'],
    ['a list', 'patient', 'patient', [patient], 'none'],

    ['the patient, whatever the key', 'patient', 'who', patient, 'whole'],
    ['a patient without an id', 'patient', 'patient', { resourceType: 'Patient' }, 'whole'],
    ['another patient', 'patient', 'patient', { ...patient, id: '2' }, 'none'],
    ['a resource of another type with that id', 'patient', 'patient', observation('1'), 'none'],
    ['the patient in a bundle', 'patient', 'x', searchset([observation('o'), patient]), 'whole'],
    ['a bundle of another patient', 'patient', 'x', searchset([{ ...patient, id: '2' }]), 'none'],
    ['a bundle of nothing', 'patient', 'patient', searchset([]), 'none'],
    ['a bundle of an empty entry', 'patient', 'x', { resourceType: 'Bundle', entry: [{}] }, 'none'],
    ['the encounter of the context', 'encounter', 'x', { resourceType: 'Encounter', id: 'e' }, 'whole'],
    ['another encounter', 'encounter', 'encounter', { resourceType: 'Encounter', id: 'f' }, 'none'],

    ['1 resource to a search', 'conditions', 'conditions', condition('c'), 'none'],
    ['an OperationOutcome to a search', 'conditions', 'conditions', outcome('error'), 'none'],
    ['an empty searchset under our key', 'conditions', 'conditions', searchset([]), 'whole'],
    ['an empty searchset under theirs', 'conditions', 'problems', searchset([]), 'none'],
    ['an empty searchset under another of ours', 'conditions', 'allergies', searchset([]), 'none'],
    ['a further page', 'conditions', 'conditions', searchset([condition('c')], { link: [next] }), 'part'],
    ['an error', 'conditions', 'conditions', { resourceType: 'Bundle', entry: [failed] }, 'part'],
    ['fewer than it says', 'conditions', 'conditions', searchset([], { total: 1 }), 'part'],
    ['a search for drugs', 'medications', 'medications', searchset([]), 'none'],
    [
      'the drugs of a search for drugs',
      'medications',
      'medications',
      searchset([{ resourceType: 'Medication', id: 'm' }]),
      'none',
    ],
    ['a key that every object has', 'constructor', 'constructor', searchset([condition('c')]), 'none'],

    ['a search of theirs for the type', 'conditions', 'x', none('Condition?patient=1'), 'whole'],
    ['a search of theirs for another type', 'conditions', 'x', none('AllergyIntolerance?patient=1'), 'none'],
    [
      'a search of theirs with a further page',
      'conditions',
      'x',
      searchset([condition('c')], {
        link: [{ relation: 'self', url: `${theirs}/Condition?patient=1` }, next],
      }),
      'part',
    ],
    ['for active problems', 'conditions', 'x', none('Condition?clinical-status=active'), 'none'],
    [
      'for problems active or recurring',
      'conditions',
      'x',
      none('Condition?clinical-status=recurrence,active'),
      'none',
    ],
    [
      'for active problems, with a system',
      'conditions',
      'x',
      none('Condition?clinical-status=http://terminology.hl7.org/CodeSystem/condition-clinical|active'),
      'none',
    ],
    ['for resolved problems', 'conditions', 'x', none('Condition?clinical-status=resolved'), 'none'],
    ['for problems of 1 code', 'conditions', 'x', none('Condition?patient=1&code=73211009'), 'none'],
    [
      '1 problem of a search for 1 code',
      'conditions',
      'x',
      searchset([condition('c')], selfLink(`${theirs}/Condition?patient=1&code=73211009`)),
      'none',
    ],

    ['labs for all our codes', 'labs', 'x', none('Observation?code=19123-9,2160-0,2823-3'), 'whole'],
    [
      'labs for all our codes, with their system',
      'labs',
      'x',
      none('Observation?code=http://loinc.org|19123-9,http://loinc.org|2160-0'),
      'whole',
    ],
    ['labs for 1 of our 2 codes', 'labs', 'x', none('Observation?code=http://loinc.org|2160-0'), 'none'],
    ['labs as a category', 'labs', 'x', none('Observation?category=laboratory'), 'whole'],
    ['vital signs', 'labs', 'x', none('Observation?category=vital-signs'), 'none'],
    ['final results', 'labs', 'x', none('Observation?category=laboratory&status=final'), 'none'],
    ['labs under our key, of 1 code', 'labs', 'labs', none('Observation?code=2160-0'), 'none'],
    ['labs under another key of ours', 'labs', 'conditions', none('Observation?code=2160-0'), 'none'],

    ['therapy of every status', 'medicationRequests', 'x', none('MedicationRequest?patient=1'), 'whole'],
    ['therapy of every status', 'pastMedicationRequests', 'x', none('MedicationRequest?patient=1'), 'whole'],
    ['statements', 'medicationRequests', 'x', none('MedicationStatement?patient=1'), 'none'],
    ['statements', 'medicationStatements', 'x', none('MedicationStatement?patient=1'), 'whole'],
    ['active therapy', 'medicationRequests', 'x', none('MedicationRequest?status=active'), 'whole'],
    ['active therapy', 'pastMedicationRequests', 'x', none('MedicationRequest?status=active'), 'none'],
    [
      'completed therapy',
      'medicationRequests',
      'x',
      none('MedicationRequest?status=completed,stopped'),
      'none',
    ],
    [
      'completed and stopped therapy',
      'pastMedicationRequests',
      'x',
      none('MedicationRequest?status=completed,stopped'),
      'whole',
    ],
    [
      'completed therapy only',
      'pastMedicationRequests',
      'x',
      none('MedicationRequest?status=completed'),
      'none',
    ],
    ['stopped therapy only', 'pastMedicationRequests', 'x', none('MedicationRequest?status=stopped'), 'none'],
    ['therapy of 1 drug', 'medicationRequests', 'x', none('MedicationRequest?code=6585'), 'none'],
    [
      'therapy of 1 drug under our key',
      'medicationRequests',
      'medicationRequests',
      none('MedicationRequest?code=6585'),
      'none',
    ],
    ['what was handed out', 'pastMedicationRequests', 'x', none('MedicationDispense?patient=1'), 'none'],

    ['1 problem without a self link', 'conditions', 'x', searchset([condition('c')]), 'whole'],
    [
      '1 problem without a self link, with a further page',
      'conditions',
      'x',
      searchset([condition('c')], { link: [next] }),
      'part',
    ],
    [
      '1 problem of a page that does not say what was asked',
      'conditions',
      'x',
      searchset([condition('c')], selfLink(`${theirs}?page=1`)),
      'none',
    ],
    ['1 result without a self link', 'labs', 'x', searchset([observation('o')]), 'none'],
    ['1 therapy without a self link', 'medicationRequests', 'x', searchset([taken]), 'whole'],
    ['1 therapy without a self link', 'medicationStatements', 'x', searchset([taken]), 'none'],
    ['1 therapy that is over, without a self link', 'medicationRequests', 'x', searchset([over]), 'none'],
    ['1 therapy that is over, without a self link', 'pastMedicationRequests', 'x', searchset([over]), 'none'],
    ['2 of which 1 is taken', 'medicationRequests', 'x', searchset([over, { ...taken, id: 'b' }]), 'whole'],
    ['1 problem under another key of ours', 'allergies', 'x', searchset([condition('c')]), 'none'],
  ])('%s: to %s under `%s`', (_name, template, key, value, expected) => {
    expect(answers(template, key, value)).toBe(expected);
  });

  const full = (query: string, more = {}) =>
    searchset([condition('a'), condition('b')], {
      ...selfLink(`${theirs}/${query}`),
      total: undefined,
      ...more,
    });
  it.each<[string, string, string, unknown, 'whole' | 'part' | 'none']>([
    ['laboratory data', 'measurements', 'measurements', none('Observation?category=laboratory'), 'none'],
    ['laboratory data', 'measurements', 'x', none('Observation?category=laboratory'), 'none'],
    ['every result', 'measurements', 'x', none('Observation?patient=1'), 'whole'],
    ['every result', 'labs', 'x', none('Observation?patient=1'), 'whole'],
    ['our codes', 'measurements', 'x', none('Observation?combo-code=8634-8,29463-7'), 'whole'],
    ['our codes, not in panels', 'measurements', 'x', none('Observation?code=8634-8,29463-7'), 'none'],
    ['one of our codes', 'measurements', 'measurements', none('Observation?code=8634-8'), 'none'],
    [
      'our codes as its client writes them',
      'measurements',
      'measurements',
      none('Observation?code=http://loinc.org|29463-7,http://loinc.org|8634-8,1-8'),
      'whole',
    ],
    ['the record of another patient', 'conditions', 'conditions', none('Condition?patient=2'), 'none'],
    ['the record of the patient', 'conditions', 'conditions', none('Patient/1/Condition?'), 'whole'],
    ['results of a stay', 'labs', 'labs', none('Encounter/e/Observation?_count=200'), 'none'],
    ['our codes in panels, too', 'labs', 'x', none('Observation?combo-code=19123-9,2160-0'), 'whole'],
    ['results since a day', 'labs', 'labs', none('Observation?code=2160-0&date=ge2026-01-01'), 'none'],
    ['results of a stay', 'labs', 'labs', none('Observation?code=2160-0&encounter=e'), 'none'],
    ['problems of other than our type', 'conditions', 'conditions', none('Encounter?patient=1'), 'none'],
    ['statements', 'medicationRequests', 'medicationRequests', none('MedicationStatement?patient=1'), 'none'],
    ['what was done', 'procedures', 'x', none('Procedure?patient=1'), 'whole'],
    ['what was done since', 'procedures', 'procedures', none('Procedure?date=ge2020'), 'none'],
    ['a procedure', 'procedures', 'procedures', none('Procedure?patient=1&code=1'), 'none'],
    ['a procedure', 'procedures', 'x', none('Procedure?patient=1&code=1'), 'none'],
    ['what was given', 'medicationAdministrations', 'x', none('MedicationAdministration?patient=1'), 'whole'],
    [
      'what was completed',
      'medicationAdministrations',
      'medicationAdministrations',
      none('MedicationAdministration?status=completed'),
      'none',
    ],
    ['a full page that is smaller than ours', 'conditions', 'conditions', full('Condition?_count=2'), 'part'],
    [
      'a full page, with all in total',
      'conditions',
      'conditions',
      full('Condition?_count=2', { total: 2 }),
      'whole',
    ],
    ['a smaller page that is not full', 'conditions', 'conditions', full('Condition?_count=3'), 'whole'],
    ['a full page of our size', 'conditions', 'conditions', full('Condition?_count=500'), 'whole'],
  ])('narrower or not, %s: to %s under `%s`', (_name, template, key, value, expected) => {
    expect(answers(template, key, value)).toBe(expected);
  });

  it.each([
    `${theirs}/Condition?patient=1&_count=500`,
    'Condition?_count=500&patient=1',
    `${theirs}/Condition?patient:Patient=1`,
    `${theirs}/Condition?patient%3APatient=1`,
    'Condition?subject=Patient/1',
    'Condition?subject=https%3A%2F%2Fehr.example%2Ffhir%2FPatient%2F1',
    'Condition?patient.identifier=urn:oid:1.2|1',
    'Condition?patient=1&patient=1&_format=json&_format=xml',
    'Condition?patient=1&amp;_count=500',
    `${theirs}/Condition/_search?_count=500&patient=1`,
    `${theirs}/Condition/_search`,
    `${theirs}/Condition/?patient=1`,
    `${theirs}/Patient/1/Condition?_count=500`,
    `${theirs}/Condition?_getpages=4711&_getpagesoffset=0&_bundletype=searchset`,
    `${theirs}?_getpages=4711`,
    `${theirs}/Condition?sessionID=9-A`,
    'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
  ])('under our key a self link %s is the answer', (url) => {
    expect(answers('conditions', 'conditions', searchset([], selfLink(url)))).toBe('whole');
  });

  it('a list of codes that a client writes as several parameters is our search under our key alone', () => {
    const twice = none('Observation?code=2160-0&code=19123-9');
    expect([answers('labs', 'labs', twice), answers('labs', 'x', twice)]).toEqual(['whole', 'none']);
  });

  it.each([
    ['the day of ours', 'labs', 'ge2023-01-29', 'whole'],
    ['an earlier day', 'x', 'ge2022-12-31', 'whole'],
    ['a later day', 'labs', 'ge2023-01-30', 'none'],
    ['a last day', 'labs', 'le2026-01-30', 'none'],
  ])('to a search of ours since a day, one with %s under `%s`', (_name, key, date, expected) => {
    const query = 'Observation?patient=1&code=2160-0&date=ge2023-01-29';
    const value = none(`Observation?patient=1&code=2160-0&date=${date}`);
    expect(answerTo({ key: 'labs', query }, key, value)).toBe(expected);
  });
});

/** Codes and texts in place of an entry of a list. Meanings: HL7 IPS, data-absent-reason, list-empty-reason, SNOMED CT. */
import { describe, expect, it } from 'vitest';
import {
  type Absence,
  type AbsentList,
  absenceOf,
  absenceOfEmptyReason,
  listOf,
} from '../../../rules/terminology/absent.ts';

const snomed = 'http://snomed.info/sct';
const ips = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips';
const reasons = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
const nullFlavor = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';
const coded = (system: string, code: unknown, more: object = {}) => ({
  coding: [{ system, code }],
  ...more,
});
const extension = [
  { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
];

describe('a code in place of an entry', () => {
  it.each<[AbsentList, string, string, Absence]>([
    ['problems', snomed, '160245001', 'empty'],
    ['problems', ips, 'no-known-problems', 'empty'],
    ['problems', ips, 'no-problem-info', 'unknown'],
    ['problems', snomed, '1224831000168103', 'unknown'],
    ['problems', snomed, '716186003', 'silent'],
    ['medications', snomed, '787481004', 'empty'],
    ['medications', ips, 'no-known-medications', 'empty'],
    ['medications', ips, 'no-medication-info', 'unknown'],
    ['medications', snomed, '182849000', 'empty'],
    ['medications', snomed, '408350003', 'unknown'],
    ['medications', snomed, '182904002', 'unknown'],
    ['medications', snomed, '1234391000168107', 'empty'],
    ['allergies', snomed, '716186003', 'empty'],
    ['allergies', snomed, '160244002', 'empty'],
    ['allergies', snomed, '409137002', 'empty'],
    ['allergies', ips, 'no-known-allergies', 'empty'],
    ['allergies', ips, 'no-known-medication-allergies', 'empty'],
    ['allergies', ips, 'no-allergy-info', 'unknown'],
    ['allergies', snomed, '1631000175102', 'unknown'],
    ['allergies', snomed, '429625007', 'silent'],
    ['allergies', snomed, '428607008', 'silent'],
    ['allergies', snomed, '716184000', 'silent'],
    ['allergies', snomed, '428197003', 'silent'],
    ['allergies', snomed, '716220001', 'silent'],
    ['allergies', snomed, '1003774007', 'silent'],
    ['allergies', ips, 'no-known-food-allergies', 'silent'],
    ['allergies', ips, 'no-known-environmental-allergies', 'silent'],
    ['procedures', snomed, '787480003', 'empty'],
    ['procedures', ips, 'no-known-procedures', 'empty'],
    ['procedures', ips, 'no-procedure-info', 'unknown'],
    ...['unknown', 'asked-unknown', 'temp-unknown', 'not-asked', 'asked-declined', 'masked', 'unsupported']
      .concat('as-text', 'error', 'not-performed', 'not-permitted', 'not-applicable')
      .map((code): [AbsentList, string, string, Absence] => ['problems', reasons, code, 'unknown']),
    ...['UNK', 'ASKU', 'MSK', 'NI', 'NASK', 'NAV'].map((code): [AbsentList, string, string, Absence] => [
      'medications',
      nullFlavor,
      code,
      'unknown',
    ]),
    ['allergies', snomed, '261665006', 'unknown'],
    ['problems', snomed, '385432009', 'unknown'],
  ])('among %s, %s %s: %s', (list, system, code, expected) => {
    expect(absenceOf(coded(system, code), list)).toBe(expected);
  });

  it.each([
    ['http://snomed.info/sct/83821000000107', '716186003'],
    ['http://snomed.info/sct/32506021000036107/version/20240630', '716186003'],
    ['https://snomed.info/sct', '716186003'],
    ['http://snomed.info/sct/', ' 716186003 '],
    ['http://snomed.info/sct', 716186003],
    ['urn:oid:2.16.840.1.113883.6.96', '716186003'],
    ['https://hl7.org/fhir/uv/ips/STU1.1/CodeSystem-absent-unknown-uv-ips.html', 'no-known-allergies'],
    [`${ips}|1.1.0`, 'no-known-allergies'],
  ])('is read in the system %s', (system, code) =>
    expect(absenceOf(coded(system, code), 'allergies')).toBe('empty'),
  );
  it.each([
    ['http://example.org', '716186003'],
    ['http://snomed.info/sctx', '716186003'],
    [undefined, '716186003'],
    [snomed, '373270004'],
    [snomed, null],
  ])('is none in %s as %s', (system, code) =>
    expect(absenceOf({ coding: [{ system, code }] }, 'allergies')).toBeNull(),
  );
  it('of two that differ is the one that is less certain; what is about food does not count beside another', () => {
    const both = (one: string, other: string) =>
      absenceOf({ coding: [one, other].map((code) => ({ system: ips, code })) }, 'allergies');
    expect(both('no-known-allergies', 'no-allergy-info')).toBe('unknown');
    expect(both('no-known-food-allergies', 'no-known-medication-allergies')).toBe('empty');
    expect(both('no-known-food-allergies', 'no-allergy-info')).toBe('unknown');
  });
});

describe('a reason for having no code', () => {
  it.each<[string, unknown, Absence | null]>([
    ['on the concept', { extension }, 'unknown'],
    ['on the coding', { coding: [{ extension }] }, 'unknown'],
    ['on the code of the coding', { coding: [{ system: snomed, _code: { extension } }] }, 'unknown'],
    ['on the text', { _text: { extension } }, 'unknown'],
    ['beside words that name it', { extension, text: 'myasthenia gravis' }, null],
    ['beside a code that names it', { ...coded(snomed, '91637004'), extension }, null],
    ['as a code beside words', coded(reasons, 'as-text', { text: 'myasthenia gravis' }), null],
    ['masked, whatever the words', coded(reasons, 'masked', { text: 'not for you' }), 'unknown'],
    ['masked in version 3', coded(nullFlavor, 'MSK', { text: 'not for you' }), 'unknown'],
    ['as its own words', { coding: [{ system: reasons, code: 'unknown', display: 'Unknown' }] }, 'unknown'],
    ['of no kind we know', coded(reasons, 'because'), null],
    ['nowhere: nothing at all', {}, null],
    ['no concept', null, null],
  ])('%s', (_name, concept, expected) => expect(absenceOf(concept, 'problems')).toBe(expected));
});

describe('a text in place of an entry', () => {
  it.each<[AbsentList, string, Absence | null]>([
    ['allergies', 'NKDA', 'empty'],
    ['allergies', 'N.K.D.A.', 'empty'],
    ['allergies', 'N K A', 'empty'],
    ['allergies', 'No Known Drug Allergy', 'empty'],
    ['allergies', 'No known medication allergy', 'empty'],
    ['allergies', 'No drug allergies', 'empty'],
    ['allergies', 'None', 'empty'],
    ['allergies', 'None known', 'empty'],
    ['allergies', 'Nil known', 'empty'],
    ['allergies', 'Denies allergies', 'empty'],
    ['allergies', 'Patient denies any allergies', 'empty'],
    ['allergies', 'NKDA - verified', 'empty'],
    ['allergies', 'NKDA (reviewed 2026)', 'empty'],
    ['allergies', 'Allergies: NKDA', 'empty'],
    ['allergies', 'Drug allergies: none', 'empty'],
    ['allergies', 'Allergies: penicillin', null],
    ['allergies', 'Denies allergies except penicillin', null],
    ['allergies', 'None but penicillin', null],
    ['allergies', 'Allergies not on file', 'unknown'],
    ['allergies', 'No allergies on file', 'unknown'],
    ['allergies', 'No allergies documented', 'unknown'],
    ['allergies', 'Allergies: unknown', 'unknown'],
    ['problems', 'None known', 'empty'],
    ['medications', 'None known', 'empty'],
    ['allergies', 'No known drug allergies', 'empty'],
    ['allergies', 'No Known Allergies (NKA)', 'empty'],
    ['allergies', 'NKA - No Known Allergies', 'empty'],
    ['allergies', 'Patient has no known allergies', 'empty'],
    ['allergies', 'no known food allergies', 'silent'],
    ['allergies', 'No known drug allergies; no known latex allergy', 'empty'],
    ['allergies', 'no known contrast allergy', 'silent'],
    ['allergies', 'Unable to obtain', 'unknown'],
    ['allergies', 'no known allergies except penicillin', null],
    ['allergies', 'No known allergies; penicillin', null],
    ['allergies', 'penicillin', null],
    ['problems', 'No known problems.', 'empty'],
    ['problems', 'not on file', 'unknown'],
    ['problems', 'no active problems', 'empty'],
    ['problems', 'NKDA', null],
    ['medications', 'Not on any medications', 'empty'],
    ['medications', 'see paper chart', 'unknown'],
    ['medications', 'no medications but aspirin', null],
    ['procedures', 'not recorded', 'unknown'],
    ['allergies', 'x'.repeat(5000), null],
    ['allergies', '-', null],
  ])('among %s, %s: %s', (list, text, expected) => {
    expect(absenceOf({ text }, list)).toBe(expected);
    expect(absenceOf({ coding: [{ system: 'urn:local', code: '1', display: text }] }, list)).toBe(expected);
  });
  it('counts only where every display and text is one', () => {
    const coding = [{ system: 'urn:local', code: '1', display: 'No known allergies' }];
    expect(absenceOf({ coding, text: 'NKA' }, 'allergies')).toBe('empty');
    expect(absenceOf({ coding, text: 'penicillin' }, 'allergies')).toBeNull();
  });
});

describe('a list that is empty', () => {
  const system = 'http://terminology.hl7.org/CodeSystem/list-empty-reason';
  it.each<[unknown, Absence | null]>([
    [coded(system, 'nilknown'), 'empty'],
    ...['notasked', 'withheld', 'unavailable', 'notstarted', 'closed', 'other-reason'].map(
      (code): [unknown, Absence] => [coded(system, code), 'unknown'],
    ),
    [{ text: 'No known allergies' }, 'empty'],
    [{ text: 'nobody asked' }, 'unknown'],
    [{}, 'unknown'],
    [undefined, null],
  ])('for the reason %j is %s', (reason, expected) =>
    expect(absenceOfEmptyReason(reason, 'allergies')).toBe(expected),
  );
  it.each([
    ['11450-4', 'problems'],
    ['10160-0', 'medications'],
    ['48765-2', 'allergies'],
    ['47519-4', 'procedures'],
    ['medications', 'medications'],
    ['8716-3', null],
  ])('of code %s is the list of %s', (code, list) =>
    expect(listOf({ coding: [{ system: 'http://loinc.org', code }] })).toBe(list),
  );
});

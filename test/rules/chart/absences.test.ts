/** What a list is known to hold when an entry, a List or a document says that there is nothing, or that nobody knows. */
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import type { Category } from '../../../rules/fhir/categories.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { patient, type Read, readBundle, subject } from '../../support/chart-resources.ts';
import { at, type Resource } from '../../support/readings.ts';

const snomed = 'http://snomed.info/sct';
const ips = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips';
const reasons = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
const coded = (system: string, code: string): Resource => ({ coding: [{ system, code }] });
const status = (code: string): Resource => ({ coding: [{ code }] });
const condition = (code: unknown, more: Resource = {}): Resource => ({
  resourceType: 'Condition',
  id: 'c',
  subject,
  clinicalStatus: status('active'),
  code,
  ...more,
});
const allergy = (code: unknown, more: Resource = {}): Resource => ({
  resourceType: 'AllergyIntolerance',
  id: 'a',
  patient: subject,
  clinicalStatus: status('active'),
  code,
  ...more,
});
const statement = (medicationCodeableConcept: unknown, more: Resource = {}): Resource => ({
  resourceType: 'MedicationStatement',
  id: 'm',
  subject,
  status: 'active',
  medicationCodeableConcept,
  ...more,
});
const penicillin = { text: 'ciprofloxacin' };
const held = ({ chart }: Read): number =>
  chart.conditions.length + chart.allergies.length + chart.medications.length;
const said = ({ notices }: Read): string[] => [
  ...new Set(notices.map(({ code, reference }) => `${code} ${reference}`)),
];

describe('an entry in place of one', () => {
  it.each<[string, Resource, Category, 'known' | 'partial']>([
    ['no known problems', condition(coded(ips, 'no-known-problems')), 'conditions', 'known'],
    ['no current problems', condition(coded(snomed, '160245001')), 'conditions', 'known'],
    ['no known problems, as text', condition({ text: 'No known problems' }), 'conditions', 'known'],
    ['no information about problems', condition(coded(ips, 'no-problem-info')), 'conditions', 'partial'],
    ['a masked problem', condition(coded(reasons, 'masked')), 'conditions', 'partial'],
    ['no known allergy among the problems', condition(coded(snomed, '716186003')), 'conditions', 'partial'],
    ['no known medications', statement(coded(ips, 'no-known-medications')), 'medications', 'known'],
    [
      'no known medications, R5',
      statement(undefined, { medication: { concept: coded(snomed, '787481004') } }),
      'medications',
      'known',
    ],
    ['no medication information', statement(coded(ips, 'no-medication-info')), 'medications', 'partial'],
    [
      'no medication information, requested',
      { ...statement(coded(ips, 'no-medication-info')), resourceType: 'MedicationRequest' },
      'medications',
      'partial',
    ],
    [
      'an unknown medication beside a reference',
      statement(undefined, { medicationReference: { display: 'Not on file' } }),
      'medications',
      'partial',
    ],
    ['no known allergies', allergy(coded(ips, 'no-known-allergies')), 'allergies', 'known'],
    ['no known allergies, inactive code', allergy(coded(snomed, '160244002')), 'allergies', 'known'],
    ['no known drug allergy', allergy(coded(snomed, '409137002')), 'allergies', 'known'],
    ['NKDA', allergy({ text: 'NKDA' }), 'allergies', 'known'],
    [
      'unconfirmed: no known allergy',
      allergy(coded(snomed, '716186003'), { verificationStatus: status('unconfirmed') }),
      'allergies',
      'known',
    ],
    [
      'DSTU2: no known allergy',
      allergy(undefined, { substance: coded(snomed, '716186003'), status: 'confirmed' }),
      'allergies',
      'known',
    ],
    ['no information about allergies', allergy(coded(ips, 'no-allergy-info')), 'allergies', 'partial'],
    ['no known food allergy', allergy(coded(snomed, '429625007')), 'allergies', 'partial'],
    ['no known latex allergy', allergy(coded(snomed, '716184000')), 'allergies', 'partial'],
    ['no known environmental allergy', allergy(coded(snomed, '428607008')), 'allergies', 'partial'],
    [
      'no known food allergies, as text',
      allergy({ text: 'no known food allergies' }),
      'allergies',
      'partial',
    ],
    [
      'no known allergy, of category food',
      allergy(coded(snomed, '716186003'), { category: ['food'] }),
      'allergies',
      'partial',
    ],
    [
      'refuted: no known allergy',
      allergy(coded(snomed, '716186003'), { verificationStatus: status('refuted') }),
      'allergies',
      'partial',
    ],
    [
      'DSTU2, in error: no known allergy',
      allergy(undefined, { substance: coded(snomed, '716186003'), status: 'entered-in-error' }),
      'allergies',
      'partial',
    ],
    [
      'resolved: no known allergy',
      allergy(coded(snomed, '716186003'), { clinicalStatus: status('resolved') }),
      'allergies',
      'partial',
    ],
    [
      'in error: no known problems',
      condition(coded(ips, 'no-known-problems'), { verificationStatus: status('entered-in-error') }),
      'conditions',
      'partial',
    ],
    [
      'in error: no known medications',
      statement(coded(ips, 'no-known-medications'), { status: 'entered-in-error' }),
      'medications',
      'partial',
    ],
  ])('%s', (_name, entry, category, expected) => {
    const read = readBundle([patient, entry]);
    expect(read.chart.completeness[category]).toBe(expected);
    expect(held(read)).toBe(0);
    expect(said(read)).toEqual(
      expected === 'known' ? [] : [`category-incomplete ${entry.resourceType}/${entry.id}`],
    );
  });

  it('is contradicted by another entry, which counts', () => {
    const read = readBundle([patient, allergy(coded(snomed, '716186003'), { id: 'n' }), allergy(penicillin)]);
    expect(read.chart.allergies).toMatchObject([{ reference: 'AllergyIntolerance/a' }]);
    expect(read.chart.completeness.allergies).toBe('known');
  });
  it('about food says nothing beside others; one of no information leaves the list incomplete', () => {
    const beside = (code: Resource) =>
      readBundle([patient, allergy(code, { id: 'n' }), allergy(penicillin)]).chart.completeness.allergies;
    expect(beside(coded(snomed, '429625007'))).toBe('known');
    expect(beside(coded(ips, 'no-allergy-info'))).toBe('partial');
  });
  it('with a code of a problem or a drug is that one', () => {
    const both = {
      coding: [...asCodings(coded(ips, 'no-known-problems')), { system: snomed, code: '91637004' }],
    };
    expect(readBundle([patient, condition(both)]).chart.conditions).toMatchObject([
      { groups: expect.arrayContaining(['myasthenia-gravis']) },
    ]);
    const drug = statement({ ...coded(reasons, 'unknown'), text: 'furosemide' });
    expect(readBundle([patient, drug]).chart.medications).toMatchObject([
      { ingredients: [{ name: 'furosemide' }] },
    ]);
  });
  it('as an order of this moment is still an order that names no drug', () => {
    const draft = {
      ...statement(coded(reasons, 'unknown')),
      resourceType: 'MedicationRequest',
      status: 'draft',
    };
    expect(readBundle([patient, draft]).chart.medications).toMatchObject([
      { role: 'ordered', resolvedBy: 'unresolved' },
    ]);
  });
  it('leaves an answered search incomplete; of therapy under review the orders, too', () => {
    const answer = (resource: Resource) => ({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      entry: [{ resource }],
    });
    const context = { patientId: '1', userId: 'Practitioner/1' };
    const intake = intakeOfHook('problem-list-item-create', context, {
      patient: patient,
      medicationStatements: answer(statement(coded(ips, 'no-medication-info'))),
      allergies: answer(allergy(coded(ips, 'no-allergy-info'))),
    });
    expect(buildChart(intake, at).chart.completeness).toMatchObject({
      medications: 'partial',
      orders: 'partial',
      allergies: 'partial',
    });
  });
});

const asCodings = ({ coding }: Resource): object[] => coding as object[];

describe('a List or a document that says why a list is empty', () => {
  const system = 'http://terminology.hl7.org/CodeSystem/list-empty-reason';
  const reason = (code: string): Resource => ({ emptyReason: coded(system, code) });
  const loinc = (code: string): Resource => coded('http://loinc.org', code);
  const list = (code: string, more: Resource): Resource => ({
    resourceType: 'List',
    id: 'l',
    status: 'current',
    mode: 'working',
    subject,
    code: loinc(code),
    ...more,
  });
  const documentOf = (sections: unknown, more: Resource = {}): Resource => ({
    resourceType: 'Composition',
    id: 'd',
    status: 'final',
    subject,
    section: sections,
    ...more,
  });
  const section = (code: string, more: Resource): Resource => ({ code: loinc(code), ...more });
  it.each<[string, Resource, Category, string]>([
    ['nil known problems', list('11450-4', reason('nilknown')), 'conditions', 'known'],
    ['nil known medications', documentOf([section('10160-0', reason('nilknown'))]), 'medications', 'known'],
    ['nil known allergies', documentOf([section('48765-2', reason('nilknown'))]), 'allergies', 'known'],
    [
      'a section of a section',
      documentOf({ section: [section('48765-2', reason('nilknown'))] }),
      'allergies',
      'known',
    ],
    ['withheld problems', documentOf([section('11450-4', reason('withheld'))]), 'conditions', 'absent'],
    ['allergies not asked', list('48765-2', reason('notasked')), 'allergies', 'absent'],
    [
      'a list in error',
      list('11450-4', { ...reason('nilknown'), status: 'entered-in-error' }),
      'conditions',
      'absent',
    ],
    [
      'a list of changes',
      list('11450-4', { ...reason('nilknown'), mode: 'changes' }),
      'conditions',
      'absent',
    ],
    [
      'a document in error',
      documentOf([section('48765-2', reason('nilknown'))], { status: 'entered-in-error' }),
      'allergies',
      'absent',
    ],
    ['another list', list('8716-3', reason('nilknown')), 'conditions', 'absent'],
    ['a list without a reason', list('11450-4', {}), 'conditions', 'absent'],
    [
      'a section that holds entries',
      documentOf([section('11450-4', { ...reason('nilknown'), entry: [{ reference: 'Condition/x' }] })]),
      'conditions',
      'absent',
    ],
  ])('%s', (_name, resource, category, expected) =>
    expect(readBundle([patient, resource]).chart.completeness[category]).toBe(expected),
  );
  it('withheld beside entries leaves the list incomplete, and says so', () => {
    const read = readBundle([
      patient,
      condition(coded(snomed, '91637004')),
      documentOf([section('11450-4', reason('withheld'))]),
    ]);
    expect(read.chart.completeness.conditions).toBe('partial');
    expect(said(read)).toContain('category-incomplete Composition/d');
  });
  it('of another patient says nothing', () => {
    const other = list('11450-4', { ...reason('nilknown'), subject: { reference: 'Patient/2' } });
    expect(readBundle([patient, other]).chart.completeness.conditions).toBe('absent');
  });
});

describe('a label that something was left out', () => {
  const security = [
    { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'REDACTED' },
  ];
  it('of a resource leaves its list incomplete', () => {
    const redacted = condition(coded(snomed, '91637004'), { meta: { security } });
    const read = readBundle([patient, redacted]);
    expect(read.chart.completeness.conditions).toBe('partial');
    expect(read.chart.conditions).toHaveLength(1);
  });
  it('of an answer leaves what it was asked for incomplete', () => {
    const answer = {
      resourceType: 'Bundle',
      type: 'searchset',
      meta: { security },
      total: 0,
      entry: [],
    };
    const intake = intakeOfHook(
      'patient-view',
      { patientId: '1', userId: 'Practitioner/1' },
      {
        patient,
        conditions: answer,
      },
    );
    expect(intake.completeness.conditions).toBe('partial');
  });
  it('of another kind says nothing', () => {
    const meta = { security: [{ code: 'R' }] };
    const read = readBundle([patient, condition(coded(snomed, '91637004'), { meta })]);
    expect(read.chart.completeness.conditions).toBe('known');
  });
});

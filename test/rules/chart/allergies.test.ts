import { describe, expect, it } from 'vitest';
import { type Resource, readAll } from '../../support/readings.ts';

const snomed = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const icd = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] });
const allergy = (more: Resource): Resource => ({
  resourceType: 'AllergyIntolerance',
  id: 'a',
  patient: { reference: 'Patient/1' },
  code: { text: 'Penicillin' },
  ...more,
});
const partly = ['allergy-unresolved: was matched in part: it may be to other drugs, too'];
const unresolved = ['allergy-unresolved: could not be matched to an ingredient: it may be to any drug'];

describe('an allergy to a group of drugs', () => {
  it.each<[string, Resource, object | null, string[]]>([
    ['has the group, and no ingredient', {}, { ingredients: [], groups: ['penicillins'] }, []],
    [
      'has both where a reaction names a drug',
      { reaction: [{ substance: { text: 'Augmentin' } }] },
      { ingredients: [{ name: 'amoxicillin' }, { name: 'clavulanate' }], groups: ['penicillins'] },
      [],
    ],
    [
      'has what a reaction names where nothing else does',
      { code: undefined, reaction: [{ substance: snomed('294505008') }] },
      { ingredients: [{ name: 'amoxicillin' }], status: 'active' },
      [],
    ],
    [
      'is open too where part of it is not understood',
      { code: { text: 'Penicillin, unobtainium' } },
      { groups: ['penicillins'], open: true },
      partly,
    ],
    ['is open behind a negation', { code: { text: 'no penicillin' } }, { ingredients: [] }, unresolved],
    ['counts in category food', { category: ['food'] }, { groups: ['penicillins'] }, []],
    ['is none of a food', { code: { text: 'Allergy to peanuts' } }, null, []],
    ['is none of a food by its code', { code: snomed('762952008') }, null, []],
  ])('%s', (_, more, expected, said) => {
    const read = readAll([allergy(more)]);
    expect(read.chart.allergies).toMatchObject(expected === null ? [] : [expected]);
    expect(read.said).toEqual(said);
  });
  it.each<[string, Resource, string | undefined]>([
    ['an intolerance', { type: 'intolerance' }, 'recorded as an intolerance'],
    ['of high criticality', { type: 'allergy', criticality: 'high' }, 'high criticality'],
    ['of high criticality, DSTU2', { criticality: 'CRITH' }, 'high criticality'],
    ['unconfirmed', { verificationStatus: { coding: [{ code: 'unconfirmed' }] } }, 'not confirmed'],
    ['unconfirmed, STU3', { verificationStatus: 'unconfirmed' }, 'not confirmed'],
    ['unconfirmed, DSTU2', { status: 'unconfirmed' }, 'not confirmed'],
    ['confirmed, DSTU2', { status: 'confirmed' }, undefined],
    ['plain', { clinicalStatus: 'active' }, undefined],
  ])('that is %s says so', (_, more, why) => {
    expect(readAll([allergy(more)]).chart.allergies.map((one) => one.why)).toEqual([why]);
  });
  it.each([
    ['inactive, R4', { clinicalStatus: { coding: [{ code: 'inactive' }] } }],
    ['resolved, STU3', { clinicalStatus: 'resolved' }],
    ['inactive, DSTU2', { status: 'inactive' }],
  ])('that is %s is inactive', (_, more) => {
    expect(readAll([allergy(more)]).chart.allergies).toMatchObject([{ status: 'inactive' }]);
  });
  it.each(['refuted', 'entered-in-error'])('that is %s in DSTU2 is not on the chart', (status) => {
    expect(readAll([allergy({ status })]).chart.allergies).toEqual([]);
  });
});

describe('the status of an allergy', () => {
  const noneKnown = snomed('716186003');
  const coded = (code: string) => ({ coding: [{ code }] });
  const withdrawn: readonly unknown[] = [
    ...['refuted', 'Refuted', 'REFUTED', 'entered-in-error', 'ENTERED-IN-ERROR', 'Entered in Error'],
    ...['entered_in_error', 'Refuted'].map(coded),
    ...['refuted', 'Refuted', 'Entered in Error'].map((text) => ({ text })),
    { coding: [{ display: 'Refuted' }] },
    { coding: [{ system: 'urn:local', code: 'x' }, { code: 'refuted' }] },
    snomed('410516002'),
    snomed('723511001'),
  ];
  it.each(withdrawn)('%j is withdrawn: no allergy, and no statement that there is none', (status) => {
    expect(readAll([allergy({ verificationStatus: status })]).chart.allergies).toEqual([]);
    const { chart } = readAll([allergy({ code: noneKnown, verificationStatus: status })]);
    expect(chart.completeness.allergies).not.toBe('known');
    const code = icd('Z88.0');
    const problem = { resourceType: 'Condition', id: 'c', verificationStatus: status, code };
    expect(readAll([problem]).chart.allergies).toEqual([]);
  });
  const over: readonly unknown[] = [
    ...['inactive', 'Inactive', 'RESOLVED', coded('Resolved')],
    ...['Resolved', 'Inactive'].map((text) => ({ text })),
    snomed('73425007'),
    snomed('413322009'),
  ];
  it.each(over)('%j is over, and so is a statement that there is none', (status) => {
    expect(readAll([allergy({ clinicalStatus: status })]).chart.allergies).toMatchObject([
      { status: 'inactive' },
    ]);
    const { chart } = readAll([allergy({ code: noneKnown, clinicalStatus: status })]);
    expect(chart.completeness.allergies).not.toBe('known');
    const problem = { resourceType: 'Condition', id: 'c', clinicalStatus: status, code: icd('Z88.0') };
    expect(readAll([problem]).chart.allergies).toMatchObject([{ status: 'inactive' }]);
  });
  it('of one that stands leaves the statement that there is none', () => {
    const more = {
      code: noneKnown,
      verificationStatus: { text: 'Confirmed' },
      clinicalStatus: coded('Active'),
    };
    expect(readAll([allergy(more)]).chart.completeness.allergies).toBe('known');
  });
});

describe('the code of an allergy', () => {
  const unii = (code: string) => ({ system: 'http://fdasis.nlm.nih.gov', code });
  it.each<[string, unknown]>([
    ['a list of concepts', [{ text: 'ibuprofen' }]],
    ['a list with a code', [{ coding: [{ system: 'http://www.whocc.no/atc', code: 'M01AE01' }] }]],
    ['a plain text', 'Ibuprofen'],
    ['a coding', { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '5640' }],
    ['a UNII', { coding: [unii('WK2XYI10QM')] }],
    ['a UNII in a list', [{ coding: [unii('WK2XYI10QM')] }]],
  ])('may be %s', (_, code) => {
    const { chart, said } = readAll([allergy({ code })]);
    expect([chart.allergies, said]).toMatchObject([[{ ingredients: [{ name: 'ibuprofen' }] }], []]);
  });
  it('of several concepts is each of them', () => {
    const { chart } = readAll([allergy({ code: [{ text: 'ibuprofen' }, { text: 'Penicillin' }] })]);
    expect(chart.allergies).toMatchObject([
      { ingredients: [{ name: 'ibuprofen' }], groups: ['penicillins'] },
    ]);
  });
  it.each([[[{ text: 'NKDA' }]], ['NKDA']])('%j says that there is none', (code) => {
    const { chart, said } = readAll([allergy({ code })]);
    expect([chart.completeness.allergies, chart.allergies, said]).toEqual(['known', [], []]);
  });
});

describe('an allergy to sulfur', () => {
  it.each([
    { text: 'sulphur' },
    { text: 'Sulfur' },
    { text: 'sulfur drugs' },
    { text: 'Sulfur containing drugs' },
    { coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '10223', display: 'Sulfur' }] },
  ])('as %j may be one to sulfonamides', (code) => {
    const { chart, said } = readAll([allergy({ code })]);
    expect(chart.allergies).toMatchObject([{ ingredients: [{ name: 'sulfur' }], open: true }]);
    expect(said).toEqual(partly);
  });
});

describe('a problem that is an allergy', () => {
  const problem = (more: Resource): Resource => ({
    resourceType: 'Condition',
    id: 'c',
    clinicalStatus: { coding: [{ code: 'active' }] },
    ...more,
  });
  it.each<[string, Resource, object | null, string[]]>([
    ['by ICD-10-CM', { code: icd('Z88.0') }, { groups: ['penicillins'], why: 'from the problem list' }, []],
    ['by SNOMED CT', { code: snomed('294505008') }, { ingredients: [{ name: 'amoxicillin' }] }, []],
    ['in words', { code: { text: 'Allergy to sulfonamides' } }, { groups: ['sulfonamide-antibiotics'] }, []],
    ['that is over', { code: icd('Z88.0'), abatementDateTime: '2020-01-01' }, { status: 'inactive' }, []],
    ['to a drug it does not say', { code: icd('Z88.8') }, { ingredients: [] }, unresolved],
    ['to a food', { code: icd('Z91.010') }, null, []],
    [
      'that is refuted',
      { code: icd('Z88.0'), verificationStatus: { coding: [{ code: 'refuted' }] } },
      null,
      [],
    ],
    [
      'in name only',
      { code: { text: 'Allergic rhinitis' } },
      null,
      ['condition-uncoded: has no code of SNOMED CT or an ICD: only its words were read'],
    ],
  ])('%s', (_, more, expected, said) => {
    const read = readAll([problem(more)]);
    expect(read.chart.allergies).toMatchObject(expected === null ? [] : [expected]);
    expect(read.said).toEqual(said);
  });
  it('beside a code of a condition is read as both', () => {
    const code = { coding: [...icd('Z88.0').coding, ...snomed('265764009').coding] };
    const { chart } = readAll([problem({ code })]);
    expect([chart.allergies.length, chart.conditions.length]).toEqual([1, 1]);
  });
});

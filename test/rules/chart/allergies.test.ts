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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionGroups, conditionGroupsOf, leavesUnknown } from '../../../rules/terminology/conditions.ts';
import codes from '../../data/condition-codes.json' with { type: 'json' };

describe('the table of conditions', () => {
  it('has 70 groups, each with a name and a code that is in it', () => {
    expect(conditionGroups.size).toBe(70);
    for (const [group, { name, example }] of conditionGroups) {
      expect(name, group).toMatch(/^[A-Za-z0-9 -]+$/);
      expect(conditionGroupsOf([example], undefined).groups, group).toContain(group);
    }
  });

  it('says that AV block of unspecified degree leaves second and third degree unknown', () => {
    expect(leavesUnknown('av-block-2-3')).toEqual(['av-block-unspecified']);
    expect(leavesUnknown('pregnancy')).toEqual([]);
    expect(leavesUnknown('constructor')).toEqual([]);
  });
});

describe('condition codes', () => {
  for (const { system, code, groups, ...more } of codes) {
    const why = 'why' in more ? ` (${more.why})` : '';
    it(`${system} "${code}" is ${groups.join(', ') || 'in no group'}${why}`, () => {
      expect(conditionGroupsOf([{ system, code }], undefined).groups.toSorted()).toEqual(groups);
    });
  }

  it('joins the groups of several codings', () => {
    const codings = [
      { system: 'http://snomed.info/sct', code: '84114007' },
      { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'N18.4' },
    ];
    const reading = conditionGroupsOf(codings, undefined);
    expect(reading.groups.toSorted()).toEqual(['ckd-any', 'ckd-stage-4', 'heart-failure']);
    expect(reading).toMatchObject({ by: 'code', coded: true, past: [], open: [] });
  });
});

describe('the code of a condition', () => {
  const asthma = { groups: ['asthma'], coded: true };
  const failure = { groups: ['heart-failure'], coded: true };
  const none = { groups: [], coded: true };
  const uncoded = { groups: [], coded: false };
  const icd = 'http://hl7.org/fhir/sid/icd-10-cm';
  const sct = 'http://snomed.info/sct';

  it.each([
    ['a number', { system: sct, code: 195967001 }, asthma],
    ['SNOMED with spaces around it', { system: sct, code: ' 195967001 ' }, asthma],
    ['ICD-10 with spaces around it', { system: icd, code: ' I50.9 ' }, failure],
    ['https', { system: 'https://snomed.info/sct', code: '195967001' }, asthma],
    ['a slash at the end', { system: 'http://snomed.info/sct/', code: '195967001' }, asthma],
    ['a system in capitals, with spaces', { system: ' HTTP://SNOMED.INFO/SCT ', code: '195967001' }, asthma],
    ['the OID of ICD-10', { system: 'urn:oid:2.16.840.1.113883.6.3', code: 'I50.9' }, failure],
    ['a code of 64 characters, nothing of ours', { system: icd, code: `X${'1'.repeat(63)}` }, none],
    ['a code of 65 characters', { system: icd, code: `I50.9 ${'x'.repeat(59)}` }, uncoded],
    ['a category with another letter after it', { system: icd, code: 'I50.9Z.1' }, none],
    ['more than seven characters', { system: icd, code: 'I50.90123' }, none],
    ['a letter before it', { system: icd, code: 'XI50.9' }, none],
    ['two dots', { system: icd, code: 'I50..9' }, none],
    ['an appended remark of two lines', { system: icd, code: 'I50.9 (\nacute)' }, failure],
    [
      'a system of 200 characters',
      { system: 'http://snomed.info/sct'.padEnd(200), code: '195967001' },
      asthma,
    ],
    ['a minus behind a category', { system: icd, code: 'I50-' }, failure],
    ['another letter behind a category', { system: icd, code: 'I50!Z' }, failure],
    ['an empty code', { system: sct, code: '  ' }, uncoded],
    ['no code', { system: sct }, uncoded],
    ['no system', { code: '195967001' }, uncoded],
    [
      'a system that only ends like SNOMED',
      { system: 'urn:x:http://snomed.info/sct', code: '195967001' },
      uncoded,
    ],
    [
      'a system of more than 200 characters',
      { system: `http://snomed.info/sct${' '.repeat(200)}`, code: '195967001' },
      uncoded,
    ],
  ])('%s', (_title, coding, expected) => {
    expect(conditionGroupsOf([coding], undefined)).toMatchObject(expected);
  });

  it('stage 3 by ICD-10-CM is a whole code; N18.31 and N18.32 are 3a and 3b, and so stage 3', () => {
    const stages = (code: string) =>
      conditionGroupsOf([{ system: icd, code }], undefined).groups.filter((group) => group !== 'ckd-any');
    expect([stages('N18.3'), stages('N18.31'), stages('N18.32')]).toEqual([
      ['ckd-stage-3'],
      ['ckd-stage-3a', 'ckd-stage-3'],
      ['ckd-stage-3b', 'ckd-stage-3'],
    ]);
  });

  it('is read from the first 50 codings, entries that are none left out', () => {
    const other = { system: 'urn:local', code: '1' };
    const known = { system: sct, code: '195967001' };
    const list = (before: number) => [...Array.from({ length: before }, () => other), known];
    expect(conditionGroupsOf(list(49), undefined)).toMatchObject(asthma);
    expect(conditionGroupsOf(list(50), undefined)).toMatchObject(uncoded);
    const odd = [null, 'J45', 7, known] as unknown as (typeof known)[];
    expect(conditionGroupsOf(odd, undefined)).toMatchObject(asthma);
    expect(conditionGroupsOf({ 0: known } as unknown as (typeof known)[], 'Asthma').coded).toBe(false);
  });
});

describe('words beside a code of our lists', () => {
  const icd = (code: string, display?: string) => ({
    system: 'http://hl7.org/fhir/sid/icd-10-cm',
    code,
    ...(display ? { display } : {}),
  });
  const words = (said: object) => ({ by: 'words', groups: [], past: [], open: [], ...said });
  it.each<[string, ReturnType<typeof icd>, string, string[], object | undefined]>([
    [
      'are read too',
      icd('C90.00'),
      'Myeloma with acute kidney injury',
      ['malignancy'],
      words({ groups: ['aki'] }),
    ],
    ['a past', icd('C90.00'), 'Myeloma, history of asthma', ['malignancy'], words({ past: ['asthma'] })],
    ['a suspicion', icd('C90.00'), 'Myeloma, suspected asthma', ['malignancy'], words({ open: ['asthma'] })],
    [
      'add nothing that is denied',
      icd('I50.9'),
      'Heart failure, no acute kidney injury',
      ['heart-failure'],
      undefined,
    ],
    ['nor what the code says', icd('C90.00'), 'Multiple myeloma', ['malignancy'], undefined],
    [
      'and a display is that of its code',
      icd('E11.22', 'Diabetes with diabetic chronic kidney disease'),
      'Diabetes with diabetic chronic kidney disease',
      ['diabetes', 'diabetic-nephropathy', 'ckd-any'],
      undefined,
    ],
  ])('%s', (_, coding, text, groups, beside) => {
    const reading = conditionGroupsOf([coding], text);
    expect(reading).toMatchObject({ by: 'code', groups });
    if (beside) expect(reading.beside).toMatchObject(beside);
    else expect(reading.beside).toBeUndefined();
  });

  it('leave it open where the code says what may be', () => {
    const suspected = {
      ...icd('C90.0'),
      system: 'http://fhir.de/CodeSystem/bfarm/icd-10-gm',
      extension: [
        {
          url: 'http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit',
          valueCoding: { code: 'V' },
        },
      ],
    };
    expect(conditionGroupsOf([suspected], 'Myeloma with acute kidney injury')).toMatchObject({
      by: 'code',
      open: ['malignancy'],
      beside: { groups: [], open: ['aki'] },
    });
  });
});

describe('conditions without a code of our lists', () => {
  it('are read by a text up to 1,000 characters, in any case, with what SNOMED CT appends', () => {
    for (const text of [
      'Asthma',
      'asthma (disorder)',
      ' ASTHMA ',
      'asthma (context)',
      `asthma${' '.repeat(994)}`,
    ]) {
      expect(conditionGroupsOf([], text), text).toMatchObject({ by: 'words', groups: ['asthma'] });
    }
    expect(conditionGroupsOf([], `asthma${' '.repeat(995)}`)).toMatchObject({ by: 'nothing', groups: [] });
  });

  it.each<[string, { system?: string; code?: string }, boolean]>([
    ['a local code', { system: 'urn:local', code: '1' }, false],
    ['a known system without a code', { system: 'http://snomed.info/sct' }, false],
    ['a code without a system', { code: '1' }, false],
    ['a code of SNOMED CT in no list', { system: 'http://snomed.info/sct', code: '80967001' }, true],
    ['a code of an ICD in no list', { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I21.4' }, true],
  ])('%s keeps no words from being read: a text, a display', (_name, coding, coded) => {
    expect(conditionGroupsOf([coding], 'Asthma')).toMatchObject({ by: 'words', groups: ['asthma'] });
    const named = { ...coding, display: 'Myasthenia gravis (HCC)' };
    expect(conditionGroupsOf([named], undefined)).toMatchObject({
      by: 'words',
      groups: ['myasthenia-gravis'],
    });
    expect(conditionGroupsOf([coding], undefined)).toMatchObject({ by: 'nothing', groups: [] });
    expect(conditionGroupsOf([{ ...coding, display: 'Hallux valgus' }], undefined)).toEqual({
      by: 'words',
      coded,
      groups: [],
      past: [],
      open: [],
    });
  });

  it('are not read by words where any coding is in a list', () => {
    const codings = [
      { system: 'http://snomed.info/sct', code: '1', display: 'Myasthenia gravis' },
      { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I10', display: 'Asthma' },
    ];
    const reading = { by: 'code', groups: ['hypertension'], past: [], open: [] };
    expect(conditionGroupsOf(codings, 'Asthma')).toMatchObject(reading);
    expect(conditionGroupsOf(codings.toReversed(), 'Asthma')).toMatchObject(reading);
  });

  it.each([
    undefined,
    '',
    '***',
    'Masked',
    'unknown problem',
    'n/a',
    'N18.4',
    '12345',
    'See comment',
    '重症筋無力症',
    7,
  ])('are read by nothing where the text is %j', (text) => {
    expect(conditionGroupsOf([], text)).toEqual({
      by: 'nothing',
      coded: false,
      groups: [],
      past: [],
      open: [],
    });
  });

  it('never throws, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (codings, text) => {
        const list = codings as unknown as Parameters<typeof conditionGroupsOf>[0];
        expect(conditionGroupsOf(list, text).groups).toBeInstanceOf(Array);
      }),
    );
  });

  it('a code or text of 100,000 characters belongs to no group', () => {
    const code = 'O'.repeat(100_000);
    expect(conditionGroupsOf([{ system: code, code, display: code }], code).groups).toEqual([]);
    const icd = conditionGroupsOf([{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: `X${code}` }], code);
    expect(icd.groups).toEqual([]);
  });
});

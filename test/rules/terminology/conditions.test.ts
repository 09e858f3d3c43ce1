import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionGroups, conditionGroupsOf, leavesUnknown } from '../../../rules/terminology/conditions.ts';
import codes from '../../data/condition-codes.json' with { type: 'json' };

describe('the table of conditions', () => {
  it('has 44 groups, each with a name and codes, no code twice in a group', () => {
    expect(conditionGroups.size).toBe(44);
    for (const [group, { name, codes: list }] of conditionGroups) {
      expect(name, group).toMatch(/^[A-Za-z0-9 -]+$/);
      expect(list.length, group).toBeGreaterThan(0);
      expect(new Set(list.map(({ system, code }) => `${system}|${code}`)).size, group).toBeLessThanOrEqual(
        list.length,
      );
      for (const { display } of list) expect(display, group).not.toBe('');
    }
  });

  it('puts every code that it lists in its group', () => {
    for (const [group, { codes: list }] of conditionGroups) {
      for (const { system, code } of list) {
        if (code === 'O') continue;
        expect(conditionGroupsOf([{ system, code }], undefined).groups, code).toContain(group);
      }
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
    expect(conditionGroupsOf(codings, undefined)).toEqual({
      groups: ['heart-failure', 'ckd-any', 'ckd-stage-4'].toSorted((a, b) =>
        a === 'heart-failure' ? -1 : b === 'heart-failure' ? 1 : a.localeCompare(b),
      ),
      coded: true,
    });
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
    expect(conditionGroupsOf([coding], undefined)).toEqual(expected);
  });

  it('stage 3 by ICD-10 is a whole code: N18.3 is, N18.31 and N18.32 are 3a and 3b', () => {
    const stages = (code: string) =>
      conditionGroupsOf([{ system: icd, code }], undefined).groups.filter((group) => group !== 'ckd-any');
    expect([stages('N18.3'), stages('N18.31'), stages('N18.32')]).toEqual([
      ['ckd-stage-3'],
      ['ckd-stage-3a'],
      ['ckd-stage-3b'],
    ]);
  });

  it('is read from the first 50 codings, entries that are none left out', () => {
    const other = { system: 'urn:local', code: '1' };
    const known = { system: sct, code: '195967001' };
    const list = (before: number) => [...Array.from({ length: before }, () => other), known];
    expect(conditionGroupsOf(list(49), undefined)).toEqual(asthma);
    expect(conditionGroupsOf(list(50), undefined)).toEqual(uncoded);
    const odd = [null, 'J45', 7, known] as unknown as (typeof known)[];
    expect(conditionGroupsOf(odd, undefined)).toEqual(asthma);
    expect(conditionGroupsOf({ 0: known } as unknown as (typeof known)[], 'Asthma').coded).toBe(false);
  });
});

describe('conditions without a known code', () => {
  it.each([
    ['Pregnancy (finding)', ['pregnancy']],
    ['pregnancy', ['pregnancy']],
    ['HEMODIALYSIS', ['dialysis']],
    ['Hemodialysis (procedure)', ['dialysis']],
    ['asthma  (disorder) ', ['asthma']],
    ['asthma (context)', []],
    [`asthma${' '.repeat(294)}`, ['asthma']],
    [`asthma${' '.repeat(295)}`, []],
  ])('the text "%s" is %j', (text, groups) => {
    expect(conditionGroupsOf([], text)).toEqual({ groups, coded: false });
  });

  it('a local code does not keep the text from being read, nor a known system without a code', () => {
    for (const coding of [
      { system: 'urn:local', code: '1' },
      { system: 'http://snomed.info/sct' },
      { code: '1' },
    ])
      expect(conditionGroupsOf([coding], 'Asthma')).toEqual({ groups: ['asthma'], coded: false });
  });

  it('counts a text equal to the display of a code, in any case, without "(disorder)"', () => {
    for (const text of ['Asthma', 'asthma (disorder)', ' ASTHMA ']) {
      expect(conditionGroupsOf([], text)).toEqual({ groups: ['asthma'], coded: false });
    }
    expect(
      conditionGroupsOf([{ system: 'urn:local', code: '1', display: 'Myasthenia gravis' }], undefined),
    ).toEqual({ groups: ['myasthenia-gravis'], coded: false });
  });

  it('does not count a text that only contains it, nor the title of an ICD category', () => {
    for (const text of [
      'no asthma',
      'family history of asthma',
      'Pregnancy, childbirth and the puerperium',
      'Spinal muscular atrophy and related syndromes',
    ]) {
      expect(conditionGroupsOf([], text), text).toEqual({ groups: [], coded: false });
    }
  });

  it('does not read the text where a known system has a code, whatever that is', () => {
    expect(conditionGroupsOf([{ system: 'http://snomed.info/sct', code: '1' }], 'Asthma')).toEqual({
      groups: [],
      coded: true,
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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionGroups, conditionGroupsOf, leavesUnknown } from '../../rules/terminology/conditions.ts';
import codes from '../data/condition-codes.json' with { type: 'json' };

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

describe('conditions without a known code', () => {
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

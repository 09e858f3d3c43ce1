/** What a problem says of a group: by code, by words, not at all, or of the past. */
import { describe, expect, it } from 'vitest';
import type { ChartCondition } from '../../../rules/chart/types.ts';
import { computeCondition, restsOnWords } from '../../../rules/facts/conditions.ts';
import type { EvaluationContext } from '../../../rules/facts/fact.ts';
import { type Resource, readAll } from '../../support/readings.ts';

const patient: Resource = { resourceType: 'Patient', id: '1' };
const sct = 'http://snomed.info/sct';
const condition = (more: Resource): Resource => ({
  resourceType: 'Condition',
  id: 'c',
  subject: { reference: 'Patient/1' },
  clinicalStatus: { coding: [{ code: 'active' }] },
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  ...more,
});
const conditionsOf = (more: Resource): ChartCondition[] =>
  readAll([patient, condition(more)]).chart.conditions;

function answer(more: Resource, group: string, asked: object = {}) {
  const { chart } = readAll([patient, condition(more)]);
  const known = { ...chart, completeness: { ...chart.completeness, conditions: 'known' as const } };
  const params = { groups: [group], status: 'active' as const, ...asked };
  return computeCondition(params)({ chart: known } as unknown as EvaluationContext);
}
const said = (more: Resource, group: string, asked: object = {}) => {
  const fact = answer(more, group, asked);
  return fact.state === 'known' ? fact.value : fact.cause;
};

const coded = (code: string) => ({ code: { coding: [{ system: sct, code }] } });
const text = (words: string) => ({ code: { text: words } });
const resolved = { clinicalStatus: 'resolved' };

describe('a condition', () => {
  it.each<[string, Resource, string, boolean | string, boolean | string]>([
    // name, condition, group, asked plainly, asked as an exemption
    ['by code', coded('91637004'), 'myasthenia-gravis', true, true],
    ['by words', text('Myasthenia gravis'), 'myasthenia-gravis', true, 'unresolved'],
    ['suspected in words', text('Suspected torsades'), 'torsades', 'unresolved', 'unresolved'],
    ['denied in words', text('No myasthenia gravis'), 'myasthenia-gravis', false, false],
    ['of other words', text('Dental caries'), 'myasthenia-gravis', false, false],
    ['without code and words', { code: undefined }, 'myasthenia-gravis', 'unresolved', 'unresolved'],
    ['that nobody can read', text('***'), 'dialysis', 'unresolved', 'unresolved'],
    ['a code in no list', coded('80967001'), 'torsades', 'unresolved', 'unresolved'],
    ['by a hint', coded('473397008'), 'dialysis', 'unresolved', 'unresolved'],
    ['resolved, for good', { ...coded('195967001'), ...resolved }, 'asthma', true, false],
    ['resolved, not known', { ...coded('105502003'), ...resolved }, 'dialysis', 'unresolved', 'unresolved'],
    ['resolved, over', { ...coded('14669001'), ...resolved }, 'aki', false, false],
    ['history in words, for good', text('History of torsades'), 'torsades', true, false],
    ['history in words, over', text('History of preeclampsia'), 'preeclampsia', false, false],
    ['AV block in words', text('AV block'), 'av-block-2-3', 'unresolved', 'unresolved'],
  ])('%s', (_name, more, group, plainly, exempting) => {
    expect(said(more, group)).toBe(plainly);
    expect(said(more, group, { confirmed: true })).toBe(exempting);
  });

  it('of the past was there once', () => {
    expect(said(text('History of preeclampsia'), 'preeclampsia', { status: 'ever' })).toBe(true);
    expect(said({ ...coded('14669001'), ...resolved }, 'aki', { status: 'ever' })).toBe(true);
  });

  it('that cannot be read is named, and one by words says so', () => {
    expect(answer({ code: undefined }, 'asthma')).toMatchObject({
      reasons: [{ code: 'conditions-open', conditions: [{ reference: 'Condition/c' }] }],
    });
    expect(restsOnWords(answer(text('Dialysis dependent'), 'dialysis'))).toBe(true);
    expect(restsOnWords(answer(coded('105502003'), 'dialysis'))).toBe(false);
  });
});

describe('Condition.code and its neighbours, as systems send them', () => {
  it.each<[string, Resource]>([
    ['a text', { code: 'Myasthenia gravis' }],
    ['a coding', { code: { system: sct, code: '91637004' } }],
    ['a list of concepts', { code: [{ text: 'x' }, { coding: [{ system: sct, code: '91637004' }] }] }],
    [
      'the second coding',
      {
        code: {
          coding: [
            { system: 'urn:local', code: '1' },
            { system: sct, code: '91637004' },
          ],
        },
      },
    ],
    ['DSTU2', { ...coded('91637004'), clinicalStatus: 'active', verificationStatus: 'confirmed' }],
    ['a status as text', { ...coded('91637004'), clinicalStatus: { text: 'Active' } }],
    ['a status of SNOMED CT', { ...coded('91637004'), clinicalStatus: { coding: [{ code: '55561003' }] } }],
  ])('%s', (_name, more) => {
    expect(conditionsOf(more)).toMatchObject([{ groups: ['myasthenia-gravis'], status: 'active' }]);
  });

  it.each<[string, Resource]>([
    ['abatementBoolean of STU3', { clinicalStatus: undefined, abatementBoolean: true }],
    ['Resolved as a text', { clinicalStatus: { text: 'Resolved' } }],
    ['a status of SNOMED CT', { clinicalStatus: { coding: [{ system: sct, code: '413322009' }] } }],
  ])('is over: %s', (_name, more) => {
    expect(conditionsOf({ ...coded('91637004'), ...more })).toMatchObject([{ status: 'inactive' }]);
  });

  it('marked as negated it is not counted, and that is said', () => {
    const extension = [{ url: 'http://example.org/isNegated', valueBoolean: true }];
    const read = readAll([patient, condition({ ...coded('91637004'), extension })]);
    expect(read.chart.conditions).toEqual([]);
    expect(read.said).toContain('condition-status: is marked as negated: not counted');
  });
});

describe('a pacemaker that was removed', () => {
  const day = (date: string) => {
    const from = Date.parse(`${date}T00:00:00Z`);
    return { from, to: from + 86_399_999 };
  };
  const entry = (more: Partial<ChartCondition>): ChartCondition => ({
    reference: 'Procedure/p',
    groups: [],
    codes: [],
    status: 'active',
    confirmed: true,
    onset: null,
    ...more,
  });
  const implanted = entry({ groups: ['pacemaker'], onset: day('2020-01-01') });
  const gone = (onset: ChartCondition['onset']) => entry({ ends: ['pacemaker'], onset });
  it.each<[string, ChartCondition[], boolean | string]>([
    ['never', [implanted], true],
    ['later', [implanted, gone(day('2025-01-01'))], 'missing'],
    ['some day', [implanted, gone(null)], 'missing'],
    ['before it', [gone(day('2019-01-01')), implanted], true],
    ['the same day', [gone(day('2020-01-01')), implanted], true],
    [
      'and implanted again',
      [implanted, gone(day('2025-01-01')), entry({ groups: ['pacemaker'], onset: day('2025-02-01') })],
      true,
    ],
    ['and was never listed', [gone(day('2025-01-01'))], false],
  ])('%s', (_name, conditions, expected) => {
    const { chart } = readAll([patient]);
    const known = {
      ...chart,
      conditions,
      completeness: { ...chart.completeness, conditions: 'known' as const },
    };
    const fact = computeCondition({ groups: ['pacemaker'], status: 'active', confirmed: true })({
      chart: known,
    } as unknown as EvaluationContext);
    expect(fact.state === 'known' ? fact.value : fact.state).toBe(expected);
  });
});

describe('a disease of pregnancy', () => {
  it.each([
    ['HELLP', { coding: [{ system: sct, code: '95605009' }] }],
    ['superimposed pre-eclampsia', { coding: [{ system: sct, code: '67359005' }] }],
    ['O11', { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'O11.3' }] }],
    ['words', { text: 'Severe preeclampsia' }],
  ])('%s is a pregnancy, too', (_, code) => {
    expect(said({ code }, 'pregnancy')).toBe(true);
  });
});

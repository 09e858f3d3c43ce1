import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { ChartBuilder } from '../../../rules/chart/chart-builder.ts';
import type { Category, Completeness } from '../../../rules/fhir/categories.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import { intakeOfBundle, intakeOfHook } from '../../../rules/intake/intake.ts';
import type { Intake, IntakeItem } from '../../../rules/intake/types.ts';
import { labCodes } from '../../../rules/terminology/labs.ts';
import { at } from '../../support/readings.ts';

const context = { patientId: '1', userId: 'Practitioner/1' };
const patient = { resourceType: 'Patient', id: '1' };
const asked = (prefetch: Json): Intake => intakeOfHook('order-sign', context, { patient, ...prefetch });
const builderWith = (completeness: Partial<Record<Category, Completeness>>): ChartBuilder => {
  const intake = asked({});
  return new ChartBuilder(
    { ...intake, completeness: { ...intake.completeness, ...completeness } },
    at,
    undefined,
  );
};

describe('whose chart it is', () => {
  const condition = (subject: Json | undefined): Json => ({ resourceType: 'Condition', id: 'c', subject });
  it.each<[string, Json | undefined, string | null]>([
    ['by a reference', { reference: 'Patient/7' }, 'Patient/7'],
    ['by the urn of a bundle', { reference: 'urn:uuid:0000-7' }, 'urn:uuid:0000-7'],
    ['not said', undefined, null],
  ])('%s', (_name, subject, reference) => {
    const { chart } = buildChart(intakeOfBundle(condition(subject), null), at);
    expect(chart.patient).toEqual({ reference, sex: null, birthDate: null });
  });
});

describe('therapy is under review', () => {
  it.each([
    ['problem-list-item-create', true],
    ['allergyintolerance-create', true],
    ['order-sign', undefined],
    ['patient-view', undefined],
  ] as const)('at %s: %j', (hook, expected) => {
    const { chart } = buildChart(intakeOfHook(hook, context, { patient }), at);
    expect(chart.therapyUnderReview).toBe(expected);
    expect(Object.hasOwn(chart, 'therapyUnderReview')).toBe(expected === true);
  });
});

describe('tests that were asked for and have no result', () => {
  const search = (codes: string): Json => ({
    x: {
      resourceType: 'Bundle',
      type: 'searchset',
      total: 0,
      link: [{ relation: 'self', url: `https://ehr.example/fhir/Observation?patient=1&code=${codes}` }],
    },
  });
  const codesOf = (test: string): string =>
    labCodes
      .filter((one) => one.test === test)
      .map(({ code }) => code)
      .join(',');
  it.each<[string, string, string[]]>([
    ['one of its codes: its result may come under another', 'http://loinc.org|2160-0', []],
    ['all codes of one test', codesOf('creatinine'), ['creatinine']],
    ['all of two', `${codesOf('potassium')},${codesOf('creatinine')}`, ['creatinine', 'potassium']],
    ['one that is none of ours', '99999-9', []],
  ])('%s', (_name, codes, tests) => {
    expect(new ChartBuilder(asked(search(codes)), at, undefined).chart.testsAsked.toSorted()).toEqual(tests);
  });
  it('under our own key by any of its codes: an older template had fewer', () => {
    const { x } = search('2160-0');
    const intake = intakeOfHook('patient-view', context, { patient, labs: x }, undefined, null, {
      labs: 'Observation?patient=1&combo-code=2160-0,2823-3',
    });
    expect(new ChartBuilder(intake, at, undefined).chart.testsAsked).toEqual(['creatinine']);
    expect(intake.completeness.labs).toBe('partial');
  });
  it('none, where laboratory data was not narrowed to codes', () => {
    expect(new ChartBuilder(asked({ labs: null }), at, undefined).chart.testsAsked).toEqual([]);
  });
});

describe('a resource that could not be read', () => {
  const item = (type: string, from: IntakeItem['from'], resource: Json = {}): IntakeItem => ({
    type,
    resource,
    reference: `${type}/x`,
    from,
    selected: false,
  });
  it.each<[string, IntakeItem, Category | null]>([
    ['a result', item('Observation', 'prefetch'), 'labs'],
    [
      'a statement of what is taken',
      item('MedicationStatement', 'prefetch', { status: 'active' }),
      'medications',
    ],
    ['a draft', item('MedicationRequest', 'draft', { status: 'draft' }), 'orders'],
    ['a condition', item('Condition', 'bundle'), 'conditions'],
    ['a patient, which is no list', item('Patient', 'prefetch'), null],
  ])('leaves its kind of data known in part: %s', (_name, lost, category) => {
    const known = { labs: 'known', medications: 'known', orders: 'known', conditions: 'known' } as const;
    const builder = builderWith(known);
    const before = { ...builder.chart.completeness };
    builder.markIncomplete(lost);
    expect(builder.chart.completeness).toEqual({ ...before, ...(category ? { [category]: 'partial' } : {}) });
  });
  it('does not make known what never came', () => {
    const builder = builderWith({ labs: 'absent' });
    builder.markIncomplete(item('Observation', 'prefetch'));
    expect(builder.chart.completeness.labs).toBe('absent');
  });
});

describe('a result shows that laboratory data came', () => {
  it.each<[Completeness, Completeness]>([
    ['absent', 'known'],
    ['partial', 'partial'],
    ['known', 'known'],
  ])('what was %s is %s', (before, after) => {
    const builder = builderWith({ labs: before });
    builder.noteLaboratory();
    expect(builder.chart.completeness.labs).toBe(after);
  });
  it('but not all of it, where a part is known to be missing', () => {
    const intake: Intake = { ...asked({}), incomplete: new Set(['labs']) };
    const builder = new ChartBuilder(intake, at, undefined);
    builder.noteLaboratory();
    expect(builder.chart.completeness.labs).toBe('partial');
  });
});

/** Kidney function that is not known because its newest result could not be used, or because of what nobody measured. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../../rules/decide.ts';
import { evaluatedAt, type GivenLab } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { decidedWith, type Given, patient } from '../../support/ordered-tests.ts';

const result = (test: GivenLab['test'], value: number, unit: string | null, hoursAgo: number): GivenLab => ({
  test,
  value,
  unit,
  hoursAgo,
});
const creatinine = (value: number, hoursAgo: number, unit: string | null = 'mg/dL') =>
  result('creatinine', value, unit, hoursAgo);
const egfr = (value: number, hoursAgo: number, unit: string | null = 'mL/min/{1.73_m2}') =>
  result('egfr', value, unit, hoursAgo);
const weight = (value: number, hoursAgo: number, unit: string | null = 'kg') =>
  result('body-weight', value, unit, hoursAgo);
const others = [
  result('potassium', 4.1, 'mmol/L', 2),
  result('magnesium', 2, 'mg/dL', 2),
  result('calcium-total', 9, 'mg/dL', 2),
  result('albumin', 4, 'g/dL', 2),
];
const oral = (drug: string, dose?: string) => ({
  drug,
  route: 'oral',
  ...(dose ? { dose, timesADay: 2 } : {}),
});
const intravenous = (drug: string) => ({ drug, route: 'intravenous' });

const earlier = ['warning', 'an earlier creatinine'];

type Ordered = NonNullable<Given['ordered']>[number];

/** What the card of open checks says is missing at the signing of an order of a woman in hospital. */
function missing(ordered: Ordered, labs: readonly GivenLab[], more: Given = {}) {
  const given = patient({
    sex: 'female',
    encounter: 'inpatient',
    ...more,
    labs: [...others, ...labs],
    ordered: [ordered],
  });
  const card = decidedWith(given).cards.find(({ source }) => source.topic.code === 'DQ-004');
  return card && [card.indicator, /Missing: (.*)/.exec(card.summary)?.[1]];
}

describe('a newest creatinine that could not be used is named, whatever an older one says', () => {
  const before = [creatinine(1, 60), weight(70, 24)];
  const orders = [
    oral('metformin', '500 mg'),
    oral('eplerenone'),
    intravenous('gentamicin'),
    intravenous('ketorolac'),
    oral('dabigatran etexilate', '150 mg'),
  ];
  const unit = ['warning', 'creatinine (unit not usable)'];

  it.each(orders)('at the order of $drug', (order) => {
    expect(missing(order, [...before, creatinine(3.4, 2, null)])).toEqual(unit);
    expect(missing(order, [...before, creatinine(3.4, 2, 'foo')])).toEqual(unit);
    expect(missing(order, [...before, creatinine(3400, 2)])).toEqual([
      'warning',
      'creatinine (value not usable)',
    ]);
    expect(missing(order, [...before, creatinine(1.1, 2)])).toBeUndefined();
    expect(missing(order, [...before, creatinine(3.4, 61, null)]), 'before a usable one').toBeUndefined();
  });

  it('of a reported eGFR, too, unless a creatinine is as new', () => {
    const old = [egfr(80, 60), egfr(12, 2, null)];
    expect(missing(oral('metformin', '500 mg'), old)).toEqual(['warning', 'estimated GFR (unit not usable)']);
    expect(missing(oral('metformin', '500 mg'), [...old, creatinine(1, 2)])).toBeUndefined();
  });

  it('stands for itself where an eGFR was reported beside it: for the stage, and no estimate', () => {
    const given = patient({
      encounter: 'inpatient',
      labs: [...others, creatinine(1, 60), creatinine(3.4, 2, null), egfr(80, 2)],
      ordered: [oral('metformin', '500 mg')],
    });
    const card = decidedWith(given).cards.find(({ source }) => source.topic.code === 'DQ-004');
    expect(card?.summary).toBe(
      '1 safety check of this order could not be made. Missing: creatinine (unit not usable)',
    );
    expect(card?.detail).toContain('Acute kidney injury, KDIGO stage 2 or 3');
  });

  it('of the weight, for a clearance', () => {
    const labs = [creatinine(1.9, 60), creatinine(1.9, 2), weight(120, 60)];
    expect(missing(oral('eplerenone'), [...labs, weight(45, 2, null)])).toEqual([
      'warning',
      'body weight (unit not usable)',
    ]);
  });

  it('not where codes say it, or no estimate holds', () => {
    const labs = [creatinine(1, 60), creatinine(3.4, 2, null)];
    expect(missing(intravenous('gentamicin'), labs, { conditions: ['dialysis'] })).toBeUndefined();
  });

  it('offers no test that has come', () => {
    const given = patient({
      encounter: 'inpatient',
      labs: [...others, ...before, creatinine(3.4, 2, null)],
      ordered: [oral('metformin', '500 mg')],
    });
    const card = decidedWith(given).cards.find(({ source }) => source.topic.code === 'DQ-004');
    expect(card?.suggestions).toBeUndefined();
  });
});

describe('an injury that nobody can compare is feared in hospital where the eGFR is below 60', () => {
  const orders = [
    intravenous('vancomycin'),
    intravenous('tobramycin'),
    intravenous('amikacin'),
    oral('lisinopril'),
    oral('ibuprofen'),
  ];

  it.each(orders)('at the order of $drug after one creatinine', (order) => {
    for (const value of [1.6, 3.1, 5])
      expect(missing(order, [creatinine(value, 2)]), `${value}`).toEqual(earlier);
    expect(missing(order, [creatinine(1, 2)]), 'eGFR of 60 or more').toBeUndefined();
    expect(missing(order, [creatinine(1.6, 60), creatinine(1.6, 2)]), 'two').toBeUndefined();
  });

  it('at an order of a contrast medium', () => {
    const given = patient({
      sex: 'female',
      encounter: 'inpatient',
      labs: [...others, creatinine(5, 2)],
      ordered: [],
      studies: ['CT abdomen with IV contrast'],
    });
    const { cards } = decidedWith(given);
    const card = cards.find(({ source }) => source.topic.code === 'DQ-004');
    expect(card?.summary).toContain('Missing: an earlier creatinine');
  });

  it.each<[string, GivenLab[], Given, unknown]>([
    ['an outpatient', [creatinine(3.1, 2)], { encounter: 'ambulatory' }, undefined],
    ['in the emergency department', [creatinine(3.1, 2)], { encounter: 'emergency' }, earlier],
    ['as high a month ago', [creatinine(1.6, 720), creatinine(1.6, 2)], {}, undefined],
    ['half as high a month ago, which is a stage', [creatinine(0.8, 720), creatinine(1.6, 2)], {}, undefined],
    ['half as high a year ago and more', [creatinine(0.8, 8800), creatinine(1.6, 2)], {}, earlier],
    ['on dialysis', [creatinine(5, 2)], { conditions: ['dialysis'] }, undefined],
    ['nobody measured anything', [], {}, undefined],
    ['an eGFR alone that fell to 35', [egfr(90, 48), egfr(35, 2)], {}, ['warning', 'creatinine']],
    ['an eGFR alone of 90', [egfr(90, 48), egfr(90, 2)], {}, undefined],
  ])('%s', (_, labs, more, said) => {
    expect(missing(intravenous('vancomycin'), labs, more)).toEqual(said);
  });

  it('says nothing of an order that has no part in it', () => {
    expect(missing(oral('levothyroxine'), [creatinine(5, 2)])).toBeUndefined();
  });
});

describe('an injury that nobody can compare', () => {
  const vancomycin = intravenous('vancomycin');
  const height = (value: number) => result('body-height', value, 'cm', 24);
  it.each<[string, number, GivenLab[], unknown]>([
    ['a child of 5 with 2.4 mg/dL', 5, [creatinine(2.4, 2)], earlier],
    ['a child of 5 with 0.9 mg/dL, whatever its height', 5, [creatinine(0.9, 2)], earlier],
    ['a child of 5 with 0.4 mg/dL', 5, [creatinine(0.4, 2)], undefined],
    ['a child of 5 with 0.8 mg/dL and 105 cm', 5, [creatinine(0.8, 2), height(105)], earlier],
    ['a child of 5 with 0.7 mg/dL and 105 cm', 5, [creatinine(0.7, 2), height(105)], undefined],
    ['one of 16 with 1.0 mg/dL', 16, [creatinine(1, 2)], undefined],
    ['one that had as much a month ago', 5, [creatinine(1.2, 720), creatinine(1.2, 2)], undefined],
  ])('is feared of a child by bedside Schwartz: %s', (_, age, labs, said) => {
    expect(missing(vancomycin, labs, { age })).toEqual(said);
  });

  it('is feared where the class of the encounter is not known', () => {
    const given = patient({
      sex: 'female',
      encounter: 'inpatient',
      labs: [...others, creatinine(3.1, 2)],
      ordered: [vancomycin],
    });
    const request = requestOf({ name: 'x', given, hook: 'order-sign', expect: 'fired' }, 'order-sign');
    const unknown = JSON.parse(JSON.stringify(request).replaceAll('"IMP"', '"other"'));
    expect(unknown).not.toEqual(request);
    const clock = { decisionId: 'd', decidedAt: evaluatedAt, evaluatedAt };
    const { cards } = decide(unknown, shippedRuleset(), clock);
    const card = cards.find(({ source }) => source.topic.code === 'DQ-004');
    expect(card?.summary).toContain('Missing: an earlier creatinine');
  });
});

describe('a creatinine that could not be used, when a chart is opened', () => {
  const opened = (labs: GivenLab[]) => {
    const given = patient({ sex: 'female', encounter: 'inpatient', labs: [...others, ...labs], active: [] });
    return decidedWith(given, { hook: 'patient-view' }).cards.find(
      ({ source }) => source.topic.code === 'DQ-004',
    );
  };
  it('is said, since the stage of an injury waits for it', () => {
    expect(opened([creatinine(3.4, 2, null)])?.summary).toContain('creatinine (unit not usable)');
    expect(opened([creatinine(1, 60), creatinine(3.4, 2, null)])?.summary).toContain('creatinine');
    expect(opened([creatinine(1, 60), creatinine(1, 2)])).toBeUndefined();
    expect(opened([creatinine(1, 2)])).toBeUndefined();
    expect(opened([])).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { rangeOf } from '../../../rules/chart/lab-range.ts';
import { fastestRate } from '../../../rules/dosage/compute.ts';
import { readDosing } from '../../../rules/dosage/dosing.ts';
import { createContext, withOpenChecks } from '../../../rules/facts/context.ts';
import type { EvaluationContext } from '../../../rules/facts/fact.ts';
import { type FactName, type FactParams, factOf } from '../../../rules/facts/facts.ts';
import { completedYears } from '../../../rules/facts/person.ts';
import { isWithin } from '../../../rules/facts/results.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import {
  mayAsk,
  prepareFact,
  type WordedFact,
  type WordedKnown,
  type WordedUnknown,
} from '../../support/worded.ts';

type Resource = Record<string, unknown>;

const at = Date.parse('2026-01-31T12:00:00Z');
const subject = { reference: 'Patient/1' };
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const snomed = 'http://snomed.info/sct';
const ucum = 'http://unitsofmeasure.org';

interface Given {
  /** Left out: a woman born on 1960-05-17, 65 years old. Null: no Patient came. */
  patient?: Resource | null;
  labs?: readonly Resource[];
  /** Taken now. */
  therapy?: readonly Resource[];
  orders?: readonly Resource[];
  conditions?: readonly Resource[];
  allergies?: readonly Resource[];
  encounter?: readonly Resource[];
  /** Prefetch keys of which a page was not followed. */
  partial?: readonly string[];
}

/** What a hook call with this data gives: a kind of data that is left out never came. */
function context(given: Given): EvaluationContext {
  const bundle = (key: string, resources: readonly Resource[]): Resource => ({
    resourceType: 'Bundle',
    type: 'searchset',
    entry: resources.map((resource) => ({ resource })),
    link: given.partial?.includes(key) ? [{ relation: 'next', url: 'https://ehr.example/?page=2' }] : [],
  });
  const { labs, therapy, conditions, allergies, encounter } = given;
  const kinds = { labs, medicationRequests: therapy, conditions, allergies, encounter };
  const prefetch: Record<string, unknown> = {
    patient:
      given.patient === undefined
        ? { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1960-05-17' }
        : given.patient,
  };
  for (const [key, resources] of Object.entries(kinds)) if (resources) prefetch[key] = bundle(key, resources);
  const draftOrders = given.orders && bundle('draftOrders', given.orders);
  const intake = intakeOfHook(
    'order-sign',
    { patientId: '1', userId: 'Practitioner/1', ...(draftOrders ? { draftOrders } : {}) },
    prefetch,
  );
  const { chart, notices } = buildChart(intake, at);
  return createContext(chart, at, [...intake.notices, ...notices]);
}

function ask<N extends FactName>(name: N, params: FactParams<N>, given: Given): WordedFact {
  // What no rule could ask proves nothing.
  if (!mayAsk(name, params)) throw new Error(`no rule may ask ${name} ${JSON.stringify(params)}`);
  return prepareFact(name, params)(context(given));
}

function known(fact: WordedFact): WordedKnown {
  if (fact.state !== 'known') throw new Error(`expected a known fact, is ${fact.state}: ${fact.missing}`);
  return fact;
}
function unknown(fact: WordedFact): WordedUnknown {
  if (fact.state === 'known') throw new Error(`expected an unknown fact, is ${JSON.stringify(fact.value)}`);
  return fact;
}

const codes = {
  creatinine: '2160-0',
  magnesium: '19123-9',
  potassium: '2823-3',
  egfr: '98979-8',
  raceBased: '48642-3',
  weight: '29463-7',
  height: '8302-2',
  calcium: '17861-6',
  ionizedCalcium: '1995-0',
  correctedCalcium: '29265-6',
  albumin: '1751-7',
  pregnancy: '82810-3',
} as const;
const units: Partial<Record<keyof typeof codes, string>> = {
  potassium: 'mmol/L',
  egfr: 'mL/min/{1.73_m2}',
  raceBased: 'mL/min/{1.73_m2}',
  weight: 'kg',
  height: 'cm',
  albumin: 'g/dL',
  correctedCalcium: 'mmol/L',
  ionizedCalcium: 'mmol/L',
};

let count = 0;
/** A final result; `time` is by default 4 hours before the evaluation. */
function lab(
  test: keyof typeof codes,
  value: number,
  time = '2026-01-31T08:00:00Z',
  more: Resource = {},
): Resource {
  count += 1;
  const { unit = units[test] ?? 'mg/dL', comparator, ...rest } = more;
  return {
    resourceType: 'Observation',
    id: `${test}-${count}`,
    status: 'final',
    subject,
    code: { coding: [{ system: 'http://loinc.org', code: codes[test] }] },
    effectiveDateTime: time,
    valueQuantity: { value, unit, code: unit, system: ucum, comparator },
    ...rest,
  };
}
const condition = (id: string, code: string, more: Resource = {}): Resource => ({
  resourceType: 'Condition',
  id,
  subject,
  code: { coding: [{ system: snomed, code }] },
  clinicalStatus: { coding: [{ code: 'active' }] },
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  ...more,
});
const drug = (id: string, code: string | null, more: Resource = {}): Resource => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  subject,
  medicationCodeableConcept:
    code === null ? { text: 'the small white ones' } : { coding: [{ system: rxnorm, code }] },
  ...more,
});
const order = (id: string, code: string | null, more: Resource = {}): Resource =>
  drug(id, code, { status: 'draft', ...more });
const omeprazole = '7646';
const furosemide = '4603';
const magnesiumSulfate = '6585';
const gentamicin = '1596450';
const ciprofloxacin = '2551';

describe('age', () => {
  const born = (birthDate: unknown): Given => ({ patient: { resourceType: 'Patient', id: '1', birthDate } });
  it.each([
    ['1960-05-17', 65],
    ['1961-01-31', 65],
    ['1961-02-01', 64],
    ['2008-01-31', 18],
    ['2008-02-01', 17],
    ['2026-01-31', 0],
  ])('of a patient born on %s is %d years', (birthDate, years) => {
    const fact = known(ask('age', { unit: 'year' }, born(birthDate)));
    expect(fact).toMatchObject({ value: years, unit: 'year' });
    expect(fact.range).toBeUndefined();
  });

  it.each([
    ['1960', { low: 65, high: 66 }],
    ['1961', { low: 64, high: 65 }],
    ['2008-02', { low: 17, high: 17 }],
    ['2008-01', { low: 18, high: 18 }],
    ['2008', { low: 17, high: 18 }],
    ['2026', { low: 0, high: 0 }],
  ])('of a patient born in %s is a range', (birthDate, range) => {
    const fact = known(ask('age', { unit: 'year' }, born(birthDate)));
    expect(fact.range ?? { low: fact.value, high: fact.value }).toEqual(range);
  });

  it('of a patient born on 2026-01-01 is 29 or 30 days: the hour of birth is not known', () => {
    expect(known(ask('age', { unit: 'day' }, born('2026-01-01'))).range).toEqual({ low: 29, high: 30 });
  });

  it.each([
    ['no birth date', born(undefined)],
    ['a birth date that is none', born('1960-02-30')],
    ['a birth date in the future', born('2026-02-01')],
    ['no Patient', { patient: null, labs: [] }],
  ])('with %s is missing', (_, given) => {
    expect(unknown(ask('age', { unit: 'year' }, given))).toMatchObject({ state: 'missing', cause: 'absent' });
  });

  it('on 29 February of a leap year is complete on 1 March of other years', () => {
    expect(completedYears(Date.parse('2008-02-29'), Date.parse('2026-02-28'))).toBe(17);
    expect(completedYears(Date.parse('2008-02-29'), Date.parse('2026-03-01'))).toBe(18);
  });
});

describe('sex', () => {
  it.each([['female'], ['male']])('%s is known', (gender) => {
    const given = { patient: { resourceType: 'Patient', id: '1', gender } };
    expect(known(ask('sex', {}, given))).toMatchObject({
      value: gender,
      evidence: [{ reference: 'Patient/1' }],
    });
  });
  it.each([['other'], ['unknown'], [undefined]])('%s is missing', (gender) => {
    expect(unknown(ask('sex', {}, { patient: { resourceType: 'Patient', id: '1', gender } })).state).toBe(
      'missing',
    );
  });
});

const magnesium: FactParams<'lab'> = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };

describe('lab', () => {
  it('is the newest of 3 usable results, with its evidence', () => {
    const labs = [
      lab('magnesium', 1.6, '2026-01-30T08:00:00Z'),
      lab('magnesium', 0.9, '2026-01-31T08:00:00Z', { id: 'newest' }),
      lab('magnesium', 2.0, '2026-01-29T08:00:00Z'),
      lab('magnesium', 5.0, '2026-01-31T09:00:00Z', { status: 'cancelled' }),
    ];
    expect(known(ask('lab', magnesium, { labs }))).toEqual({
      state: 'known',
      value: 0.9,
      unit: 'mg/dL',
      evidence: [
        {
          reference: 'Observation/newest',
          name: 'Mg',
          received: '0.9 mg/dL',
          used: '0.9 mg/dL',
          time: '2026-01-31T08:00:00Z',
        },
      ],
    });
  });

  it('is converted once, straight from the unit as received: 0.41 mmol/L is 0.996505 mg/dL and 0.82 meq/L', () => {
    const labs = [lab('magnesium', 0.41, undefined, { unit: 'mmol/L' })];
    expect(known(ask('lab', magnesium, { labs })).value).toBeCloseTo(0.996505, 10);
    expect(known(ask('lab', { ...magnesium, unit: 'meq/L' }, { labs })).value).toBe(0.82);
    expect(known(ask('lab', { ...magnesium, unit: 'mmol/L' }, { labs })).value).toBe(0.41);
  });

  it('says on its evidence that mmol/L contradicts LOINC 19123-9', () => {
    const [evidence] = known(
      ask('lab', magnesium, { labs: [lab('magnesium', 0.8, undefined, { unit: 'mmol/L' })] }),
    ).evidence;
    expect(evidence).toMatchObject({ received: '0.8 mmol/L', used: '1.94 mg/dL' });
    expect(evidence?.note).toContain('19123-9');
  });

  it.each([
    ['no laboratory data came', {}, 'missing', 'category'],
    [
      'laboratory data came in part, without it',
      { labs: [lab('potassium', 4)], partial: ['labs'] },
      'missing',
      'incomplete',
    ],
    ['it is not among the laboratory data', { labs: [lab('potassium', 4)] }, 'missing', 'absent'],
    ['the laboratory has no result at all', { labs: [] }, 'missing', 'absent'],
    [
      'its unit is not understood',
      { labs: [lab('magnesium', 1, undefined, { unit: 'Mg/dl' })] },
      'missing',
      'unresolved',
    ],
    ['it is 4 days old', { labs: [lab('magnesium', 1, '2026-01-27T11:59:59Z')] }, 'stale', 'absent'],
    ['it is undated, so never recent', { labs: [lab('magnesium', 1, '')] }, 'stale', 'absent'],
    [
      'it was withdrawn',
      { labs: [lab('magnesium', 1, undefined, { status: 'cancelled' })] },
      'missing',
      'unresolved',
    ],
    [
      'it was withdrawn 4 days ago',
      { labs: [lab('magnesium', 1, '2026-01-27', { status: 'cancelled' })] },
      'missing',
      'absent',
    ],
  ] as const)('when %s is unknown', (_, given, state, cause) => {
    const fact = unknown(ask('lab', magnesium, given));
    expect(fact).toMatchObject({ state, cause });
    expect(fact.missing).toContain('lab magnesium within P3D');
    expect(fact.category).toBe(cause === 'category' || cause === 'incomplete' ? 'labs' : undefined);
  });

  it('that came in part, with it, is known for what it holds', () => {
    const given = { labs: [lab('magnesium', 1)], partial: ['labs'] };
    expect(known(ask('lab', magnesium, given)).value).toBe(1);
  });

  it('that is stale names its date and keeps it as evidence', () => {
    const fact = unknown(ask('lab', magnesium, { labs: [lab('magnesium', 1, '2026-01-01', { id: 'old' })] }));
    expect(fact.missing).toContain('2026-01-01');
    expect(fact.evidence).toMatchObject([{ reference: 'Observation/old' }]);
  });

  describe('inside a window of 3 days, back to 2026-01-28T12:00:00Z', () => {
    it.each([
      ['2026-01-28T12:00:00Z', 'known'],
      ['2026-01-28T11:59:59Z', 'stale'],
      ['2026-01-28T12:00', 'known'],
      ['2026-01-28T13:00:00+01:00', 'known'],
      ['2026-01-28T12:59:59+01:00', 'stale'],
      ['2026-01-29', 'known'],
      ['2026-01-28', 'stale'],
      ['2026-01-31', 'known'],
      ['2026-01', 'stale'],
      ['2026', 'stale'],
    ])('a result of %s is %s: the whole of what its date may mean must lie inside', (time, state) => {
      expect(ask('lab', magnesium, { labs: [lab('magnesium', 1, time)] }).state).toBe(state);
    });

    it.each([
      ['2026-01', 'P31D', 'known'],
      ['2026-01', 'P30D', 'stale'],
      ['2025', 'P396D', 'known'],
      ['2025', 'P395D', 'stale'],
      ['2026-01-31T00:00:00Z', 'PT12H', 'known'],
      ['2026-01-31', 'PT12H', 'known'],
      ['2026-01-31', 'PT11H', 'stale'],
    ])('a result of %s inside %s is %s', (time, within, state) => {
      expect(ask('lab', { ...magnesium, within }, { labs: [lab('magnesium', 1, time)] }).state).toBe(state);
    });

    it('a window holds a result exactly when it holds the earliest and the latest instant its date may mean', () => {
      const labs = context({ labs: [lab('magnesium', 1)] }).labsOf('magnesium');
      const [some] = labs;
      if (!some) throw new Error('no result');
      fc.assert(
        fc.property(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), (before, width, window) => {
          const from = at - before;
          const span = { from, to: Math.min(from + width, at) };
          const inside = (instant: number): boolean => instant >= at - window && instant <= at;
          return isWithin({ ...some, span }, at, window) === (inside(span.from) && inside(span.to));
        }),
      );
    });
  });

  it('a result of `2026-01` does not hide one of yesterday: either may be the newer', () => {
    const labs = [lab('magnesium', 0.9, '2026-01'), lab('magnesium', 1.4, '2026-01-30T08:00:00Z')];
    for (const given of [labs, labs.toReversed()]) {
      expect(known(ask('lab', magnesium, { labs: given })).range).toEqual({ low: 0.9, high: 1.4 });
    }
  });

  it('of 2 results of the same second is a range, in either order of arrival', () => {
    const labs = [
      lab('magnesium', 0.9, undefined, { id: 'a' }),
      lab('magnesium', 1.4, undefined, { id: 'b' }),
    ];
    for (const given of [labs, labs.toReversed()]) {
      expect(known(ask('lab', magnesium, { labs: given })).range).toEqual({ low: 0.9, high: 1.4 });
    }
  });

  describe('that is one-sided is a range', () => {
    it.each([
      ['<', { low: 0, high: 0.5, highOpen: true }],
      ['<=', { low: 0, high: 0.5 }],
      ['>', { low: 0.5, high: Number.POSITIVE_INFINITY, lowOpen: true }],
      ['>=', { low: 0.5, high: Number.POSITIVE_INFINITY }],
    ])('`%s 0.5`', (comparator, range) => {
      const fact = known(ask('lab', magnesium, { labs: [lab('magnesium', 0.5, undefined, { comparator })] }));
      expect(fact.range).toEqual(range);
      expect(fact.evidence[0]).toMatchObject({
        received: `${comparator} 0.5 mg/dL`,
        used: `${comparator} 0.5 mg/dL`,
      });
    });
    it('`< 0.2 mmol/L` in mg/dL ends at 0.4861', () => {
      const labs = [lab('magnesium', 0.2, undefined, { comparator: '<', unit: 'mmol/L' })];
      const { range } = known(ask('lab', magnesium, { labs }));
      expect(range?.high).toBeCloseTo(0.4861, 10);
      expect(range).toMatchObject({ low: 0, highOpen: true });
    });
    it('and a plain one is not', () => {
      expect(rangeOf(undefined, 0.5)).toBeUndefined();
      expect(known(ask('lab', magnesium, { labs: [lab('magnesium', 0.5)] })).range).toBeUndefined();
    });
  });

  describe('with a lower limit of 1.7 by the rule', () => {
    const params = { ...magnesium, lowerLimit: 1.7 };
    it.each([
      ['1.6 mg/dL by the laboratory', { referenceRange: [{ low: { value: 1.6, unit: 'mg/dL' } }] }, 1.6],
      ['no limit by the laboratory', {}, 1.7],
      ['a limit without a unit', { referenceRange: [{ low: { value: 1.6 } }] }, 1.7],
    ])('and %s has the limit expected', (_, more, lowerLimit) => {
      expect(known(ask('lab', params, { labs: [lab('magnesium', 1.65, undefined, more)] })).lowerLimit).toBe(
        lowerLimit,
      );
    });
    it('and 0.7 mmol/L by the laboratory has it in the unit of the rule', () => {
      const labs = [
        lab('magnesium', 1.65, undefined, { referenceRange: [{ low: { value: 0.7, unit: 'mmol/L' } }] }),
      ];
      expect(known(ask('lab', params, { labs })).lowerLimit).toBeCloseTo(1.70135, 10);
      expect(known(ask('lab', { ...params, unit: 'mmol/L' }, { labs })).lowerLimit).toBeCloseTo(0.7, 10);
    });
    it('and none asked for has none', () => {
      expect(known(ask('lab', magnesium, { labs: [lab('magnesium', 1)] })).lowerLimit).toBeUndefined();
    });
  });

  it('of a race-based eGFR is missing, though it came', () => {
    const params: FactParams<'lab'> = { test: 'egfr', unit: 'mL/min/{1.73_m2}', within: 'P90D' };
    expect(ask('lab', params, { labs: [lab('raceBased', 50)] }).state).toBe('missing');
  });

  it('of a weight is missing, not unknown for want of laboratory data', () => {
    const params: FactParams<'lab'> = { test: 'body-weight', unit: 'kg', within: 'P180D' };
    expect(unknown(ask('lab', params, {}))).toMatchObject({ state: 'missing', cause: 'absent' });
  });
});

describe('corrected calcium', () => {
  const params: FactParams<'lab'> = { test: 'calcium-corrected', unit: 'mg/dL', within: 'P7D' };
  it('of 8.0 mg/dL at an albumin of 2.0 g/dL is 9.6 mg/dL, with both as evidence', () => {
    const labs = [lab('calcium', 8, undefined, { id: 'ca' }), lab('albumin', 2, undefined, { id: 'alb' })];
    const fact = known(ask('lab', params, { labs }));
    expect(fact.value).toBe(9.6);
    expect(fact.evidence).toMatchObject([
      { reference: 'Observation/ca', note: 'corrected for albumin (Payne 1973)' },
      { reference: 'Observation/alb' },
    ]);
  });
  it('in mmol/L is that of 9.6 mg/dL', () => {
    const labs = [lab('calcium', 8), lab('albumin', 20, undefined, { unit: 'g/L' })];
    expect(known(ask('lab', { ...params, unit: 'mmol/L' }, { labs })).value).toBeCloseTo(
      (9.6 * 10) / 40.078,
      9,
    );
  });
  it('as reported goes before the computed one', () => {
    const labs = [lab('correctedCalcium', 2.5), lab('calcium', 8), lab('albumin', 2)];
    expect(known(ask('lab', { ...params, unit: 'mmol/L' }, { labs })).value).toBe(2.5);
  });
  it.each([
    ['no albumin', [lab('calcium', 8)], 'missing'],
    ['an albumin of 8 days ago', [lab('calcium', 8), lab('albumin', 2, '2026-01-23')], 'stale'],
    ['no calcium', [lab('albumin', 2)], 'missing'],
    ['an albumin `< 2`', [lab('calcium', 8), lab('albumin', 2, undefined, { comparator: '<' })], 'missing'],
    ['a calcium `> 8`', [lab('calcium', 8, undefined, { comparator: '>' }), lab('albumin', 2)], 'missing'],
  ])('with %s is unknown', (_, labs, state) => {
    expect(unknown(ask('lab', params, { labs })).state).toBe(state);
  });
  it('with no laboratory data is unknown for want of the category', () => {
    expect(unknown(ask('lab', params, {})).cause).toBe('category');
  });
});

describe('hasLab', () => {
  const params: FactParams<'hasLab'> = { tests: ['creatinine', 'egfr'], within: 'P7D' };
  it.each([
    ['1 creatinine inside the window', { labs: [lab('creatinine', 1)] }, true],
    ['1 eGFR inside the window', { labs: [lab('egfr', 60)] }, true],
    ['1 creatinine inside it, in part', { labs: [lab('creatinine', 1)], partial: ['labs'] }, true],
    ['1 creatinine of 8 days ago', { labs: [lab('creatinine', 1, '2026-01-23')] }, false],
    ['1 potassium', { labs: [lab('potassium', 4)] }, false],
    ['a race-based eGFR', { labs: [lab('raceBased', 60)] }, false],
    [
      '1 creatinine that is not used',
      { labs: [lab('creatinine', 1, undefined, { status: 'cancelled' })] },
      false,
    ],
    ['no result', { labs: [] }, false],
  ])('with %s is known', (_, given, value) => {
    const fact = known(ask('hasLab', params, given));
    expect(fact.value).toBe(value);
    if (value) expect(fact.evidence).toHaveLength(1);
  });
  it.each([
    ['no laboratory data', {}, 'category'],
    ['a page not followed', { labs: [lab('potassium', 4)], partial: ['labs'] }, 'incomplete'],
    [
      'a page not followed and an old creatinine',
      { labs: [lab('creatinine', 1, '2025-01-01')], partial: ['labs'] },
      'incomplete',
    ],
  ] as const)('with %s is unknown', (_, given, cause) => {
    expect(unknown(ask('hasLab', params, given))).toMatchObject({
      state: 'missing',
      cause,
      category: 'labs',
    });
  });
  it('finds the creatinine of yesterday behind one of `2026-01`', () => {
    const labs = [lab('creatinine', 1, '2026-01'), lab('creatinine', 1, '2026-01-30T08:00:00Z')];
    expect(known(ask('hasLab', params, { labs })).value).toBe(true);
  });
});

describe('hasLab since admission', () => {
  const stay = (code: string, start?: string): Resource => ({
    resourceType: 'Encounter',
    id: 'stay',
    status: 'in-progress',
    class: { code },
    subject,
    ...(start ? { period: { start } } : {}),
  });
  const since = (encounter: readonly Resource[] | undefined, ...times: string[]): WordedFact =>
    ask(
      'hasLab',
      { tests: ['magnesium'], within: 'admission' },
      {
        labs: times.map((time) => lab('magnesium', 1.9, time)),
        ...(encounter ? { encounter } : {}),
      },
    );

  it.each<[string, string, boolean]>([
    ['2026-01-29T08:00:00Z', '2026-01-29T08:00:00Z', true],
    ['2026-01-29T08:00:00Z', '2026-01-29T07:59:00Z', false],
    ['2026-01-29', '2026-01-29T00:00:00Z', true],
    ['2026-01-29', '2026-01-28T23:59:00Z', false],
  ])('admitted %s, magnesium of %s: %s', (start, time, value) =>
    expect(known(since([stay('IMP', start)], time)).value).toBe(value),
  );

  it('a magnesium of the day of admission, without a time, may be before or after', () =>
    expect(unknown(since([stay('IMP', '2026-01-29T08:00:00Z')], '2026-01-29')).cause).toBe('unresolved'));

  it.each<[string, readonly Resource[] | undefined, string]>([
    ['an outpatient', [stay('AMB', '2026-01-29')], 'not-applicable'],
    ['no encounter', [], 'not-applicable'],
    ['an encounter that never came', undefined, 'category'],
    ['an encounter without a class', [stay('?', '2026-01-29')], 'absent'],
    ['a stay without a start', [stay('IMP')], 'absent'],
  ])('%s: missing', (_, encounter, cause) =>
    expect(unknown(since(encounter, '2026-01-30')).cause).toBe(cause),
  );
});

describe('labNewer', () => {
  const params: FactParams<'labNewer'> = {
    test: 'calcium-ionized',
    than: 'calcium-corrected',
    within: 'P7D',
    orOlderBy: 'P1D',
  };
  const newer = (...labs: Resource[]): WordedFact => ask('labNewer', params, { labs });
  const corrected = (time: string): Resource => lab('correctedCalcium', 2, time);
  const total = (time: string): Resource => lab('calcium', 8, time);
  const ionized = (time: string, more?: Resource): Resource => lab('ionizedCalcium', 1.2, time, more);

  it.each<[string, boolean, Resource[]]>([
    ['the same time', true, [corrected('2026-01-30T08:00:00Z'), ionized('2026-01-30T08:00:00Z')]],
    ['newer by 3 days', true, [corrected('2026-01-27T08:00:00Z'), ionized('2026-01-30T08:00:00Z')]],
    ['older by 24 hours', true, [corrected('2026-01-31T08:00:00.000Z'), ionized('2026-01-30T08:00:00Z')]],
    ['older by 25 hours', false, [corrected('2026-01-31T09:00:00Z'), ionized('2026-01-30T08:00:00Z')]],
    ['no calcium to compare with', true, [ionized('2026-01-30T08:00:00Z')]],
    ['no ionized calcium', false, [corrected('2026-01-30T08:00:00Z')]],
    ['an ionized calcium of 9 days ago', false, [ionized('2026-01-22T08:00:00Z')]],
    [
      'a total calcium that is newer by 3 days',
      false,
      [total('2026-01-30T08:00:00Z'), ionized('2026-01-27T08:00:00Z')],
    ],
    [
      'a corrected calcium is what counts, not the total one after it',
      true,
      [corrected('2026-01-26T08:00:00Z'), total('2026-01-31T08:00:00Z'), ionized('2026-01-27T08:00:00Z')],
    ],
    ['dates of one day', true, [corrected('2026-01-30'), ionized('2026-01-30')]],
  ])('%s: %s', (_, value, labs) => expect(known(newer(...labs)).value).toBe(value));

  it('a date of the day before may be older by more or by less', () =>
    expect(unknown(newer(corrected('2026-01-30'), ionized('2026-01-29')))).toMatchObject({
      cause: 'unresolved',
    }));

  it('one that cannot be used is none, and is said', () => {
    const noUnit = { ...ionized('2026-01-30T08:00:00Z'), valueQuantity: { value: 1.2 } };
    expect(known(newer(corrected('2026-01-30T08:00:00Z'), noUnit))).toMatchObject({
      value: false,
      evidence: [{ used: 'not used' }],
    });
  });

  it('is missing when laboratory data never came or came in part', () => {
    expect(unknown(ask('labNewer', params, {}))).toMatchObject({ cause: 'category' });
    const partial = { labs: [corrected('2026-01-30T08:00:00Z')], partial: ['labs'] };
    expect(unknown(ask('labNewer', params, partial))).toMatchObject({ cause: 'incomplete' });
  });
});

describe('labTrend', () => {
  const params = (change: 'rise' | 'fall' | 'ratio'): FactParams<'labTrend'> => ({
    test: 'creatinine',
    unit: 'mg/dL',
    within: 'P7D',
    span: 'P2D',
    change,
  });
  const labs = [
    lab('creatinine', 1.2, '2026-01-31T08:00:00Z'),
    lab('creatinine', 0.9, '2026-01-30T08:00:00Z'),
    lab('creatinine', 1.5, '2026-01-29T08:00:01Z'),
    lab('creatinine', 0.3, '2026-01-29T07:59:59Z'),
  ];
  it.each([
    ['rise', 0.3, 'mg/dL'],
    ['fall', 0.3, 'mg/dL'],
    ['ratio', 1.33333333333, '1'],
  ] as const)('%s of 1.2 against 0.9 and 1.5 within 2 days is %d', (change, value, unit) => {
    expect(known(ask('labTrend', params(change), { labs }))).toMatchObject({ value, unit });
  });
  it.each([
    ['1 result', [lab('creatinine', 1)], 'missing'],
    [
      'another result outside the span',
      [lab('creatinine', 1), lab('creatinine', 2, '2026-01-28')],
      'missing',
    ],
    [
      'another result that is one-sided',
      [lab('creatinine', 1), lab('creatinine', 2, '2026-01-30', { comparator: '<' })],
      'missing',
    ],
    [
      'a one-sided latest result',
      [lab('creatinine', 1, undefined, { comparator: '>' }), lab('creatinine', 2, '2026-01-30T08:00:00Z')],
      'missing',
    ],
    [
      '2 old results',
      [lab('creatinine', 1, '2026-01-01T08:00:00Z'), lab('creatinine', 2, '2026-01-01T07:00:00Z')],
      'stale',
    ],
  ])('with %s is unknown', (_, given, state) => {
    expect(unknown(ask('labTrend', params('rise'), { labs: given })).state).toBe(state);
  });
});

// Expected estimates were computed outside this project from the published equation.
describe('egfr', () => {
  const params: FactParams<'egfr'> = { within: 'P90D' };
  const conditions: readonly Resource[] = [];
  const egfr = (given: Given): WordedFact => ask('egfr', params, { conditions, ...given });

  it('of a woman of 65 with a creatinine of 1.1 mg/dL is 55.76 by CKD-EPI 2021', () => {
    const fact = known(egfr({ labs: [lab('creatinine', 1.1, undefined, { id: 'c' })] }));
    expect(fact.value).toBeCloseTo(55.763469808, 8);
    expect(fact).toMatchObject({
      unit: 'mL/min/{1.73_m2}',
      evidence: [{ reference: 'Observation/c', note: 'CKD-EPI 2021' }],
    });
  });

  it('is the same for 97.24 umol/L', () => {
    expect(
      known(egfr({ labs: [lab('creatinine', 97.24, undefined, { unit: 'umol/L' })] })).value,
    ).toBeCloseTo(55.763469808, 8);
  });

  it('says that dialysis and pregnancy could not be checked when no conditions came', () => {
    const fact = known(ask('egfr', params, { labs: [lab('creatinine', 1.1)] }));
    expect(fact.evidence[0]?.note).toContain('could not be checked');
  });

  describe('of a creatinine and a reported one', () => {
    it.each([
      ['the reported one is an hour newer', '2026-01-31T09:00:00Z', 40],
      ['the creatinine is an hour newer', '2026-01-31T07:00:00Z', 55.763469808],
      ['both are of one time', '2026-01-31T08:00:00Z', 55.763469808],
      ['the reported one is outside the window', '2025-01-31T08:00:00Z', 55.763469808],
    ])('when %s', (_, time, value) => {
      const labs = [lab('creatinine', 1.1), lab('egfr', 40, time)];
      expect(known(egfr({ labs })).value).toBeCloseTo(value, 8);
    });

    it('takes the reported one, and names its equation, where there is no creatinine', () => {
      const fact = known(egfr({ labs: [lab('egfr', 40)] }));
      expect(fact.value).toBe(40);
      expect(fact.evidence[0]?.note).toBe('as reported, CKD-EPI 2021');
    });

    it('takes the reported one where the creatinine is 91 days old', () => {
      expect(known(egfr({ labs: [lab('egfr', 40), lab('creatinine', 1.1, '2025-11-01')] })).value).toBe(40);
    });

    it('recomputes a newer race-based one from the creatinine, and says so', () => {
      const fact = known(
        egfr({
          labs: [lab('creatinine', 1.1), lab('raceBased', 40, '2026-01-31T09:00:00Z', { id: 'race' })],
        }),
      );
      expect(fact.value).toBeCloseTo(55.763469808, 8);
      expect(fact.evidence[0]?.note).toContain('Observation/race');
      expect(fact.evidence[0]?.note).toContain('race-based');
    });

    it('of which only a race-based one came is missing', () => {
      expect(unknown(egfr({ labs: [lab('raceBased', 40)] }))).toMatchObject({
        state: 'missing',
        cause: 'absent',
      });
    });

    it('reported as `> 60` is a range from 60 on', () => {
      const { range } = known(egfr({ labs: [lab('egfr', 60, undefined, { comparator: '>' })] }));
      expect(range).toEqual({ low: 60, high: Number.POSITIVE_INFINITY, lowOpen: true });
    });
  });

  describe('of a one-sided creatinine is a range the other way round', () => {
    it.each([
      ['<', 0.5, { low: 104.0208073276, high: Number.POSITIVE_INFINITY, lowOpen: true, highOpen: false }],
      ['<=', 0.5, { low: 104.0208073276, high: Number.POSITIVE_INFINITY, lowOpen: false, highOpen: false }],
      ['>', 4.0, { low: 0, high: 11.845380667, lowOpen: false, highOpen: true }],
      ['>=', 4.0, { low: 0, high: 11.845380667, lowOpen: false, highOpen: false }],
    ])('`%s %d`', (comparator, value, range) => {
      const found = known(egfr({ labs: [lab('creatinine', value, undefined, { comparator })] })).range;
      expect(found?.low).toBeCloseTo(range.low, 8);
      if (Number.isFinite(range.high)) expect(found?.high).toBeCloseTo(range.high, 8);
      else expect(found?.high).toBe(range.high);
      expect(found?.lowOpen ?? false).toBe(range.lowOpen);
      expect(found?.highOpen ?? false).toBe(range.highOpen);
    });
  });

  it('of a woman born in 1960 is a range from 55.42 (66 years) to 55.76 (65 years)', () => {
    const patient = { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1960' };
    const { range } = known(egfr({ patient, labs: [lab('creatinine', 1.1)] }));
    expect(range?.low).toBeCloseTo(55.4177362956, 8);
    expect(range?.high).toBeCloseTo(55.7634698084, 8);
  });

  const labs = [lab('creatinine', 1.1)];
  const dialysis = condition('d', '265764009');
  const someone = (more: Resource): Resource => ({
    resourceType: 'Patient',
    id: '1',
    gender: 'female',
    birthDate: '1995-05-17',
    ...more,
  });
  it.each([
    ['at 17 years', { labs, patient: someone({ birthDate: '2008-02-01' }) }],
    ['at 17 or 18 years', { labs, patient: someone({ birthDate: '2008' }) }],
  ])('%s is not applicable', (_, given) => {
    for (const name of ['egfr', 'creatinineClearance'] as const) {
      const fact = unknown(
        ask(name, params, { conditions, ...given, labs: [...given.labs, lab('weight', 70)] }),
      );
      expect(fact).toMatchObject({ state: 'missing', cause: 'not-applicable' });
    }
  });

  // Clinical decision 33: what lies below a limit does, and nothing is proved to be at least one.
  it.each([
    ['rose by 0.3 mg/dL in a day', [...labs, lab('creatinine', 0.8, '2026-01-30T08:00:00Z')]],
    ['fell by 0.3 mg/dL in a day', [...labs, lab('creatinine', 1.4, '2026-01-30T08:00:00Z')]],
    ['rose 1.5 times in 6 days', [lab('creatinine', 1.5), lab('creatinine', 1.0, '2026-01-25T08:00:00Z')]],
    [
      'is changing and the reported one is newer',
      [
        lab('creatinine', 1.5, '2026-01-31T07:00:00Z'),
        lab('creatinine', 1.0, '2026-01-25T08:00:00Z'),
        lab('egfr', 40),
      ],
    ],
  ])('when creatinine %s is known at most', (_, results) => {
    for (const name of ['egfr', 'creatinineClearance'] as const) {
      const fact = known(ask(name, params, { conditions, labs: [...results, lab('weight', 70)] }));
      expect(fact.range).toMatchObject({ low: 0, high: fact.value });
    }
  });

  // Clinical decision 30: dialysis stands for "below 15" and outranks any estimate.
  it('on dialysis is below 15, by the code and not by the creatinine', () => {
    for (const name of ['egfr', 'creatinineClearance'] as const) {
      expect(ask(name, params, { labs, conditions: [dialysis] })).toMatchObject({
        state: 'known',
        range: { low: 0, high: 15, highOpen: true },
      });
    }
  });

  it.each([
    [
      'on a dialysis that is over',
      {
        labs,
        conditions: [condition('d', '265764009', { clinicalStatus: { coding: [{ code: 'resolved' }] } })],
      },
    ],
    ['at 18 years', { labs, patient: someone({ birthDate: '2008-01-31' }) }],
    [
      'when creatinine rose by 0.29 mg/dL in a day',
      { labs: [...labs, lab('creatinine', 0.81, '2026-01-30T08:00:00Z')] },
    ],
    [
      'when creatinine rose by 0.4 mg/dL in 3 days, 1.38 times',
      { labs: [lab('creatinine', 1.45), lab('creatinine', 1.05, '2026-01-28T08:00:00Z')] },
    ],
    [
      'a creatinine of 8 days ago was half of it',
      { labs: [...labs, lab('creatinine', 0.5, '2026-01-23T07:00:00Z')] },
    ],
    ['a creatinine of `2026-01` was half of it', { labs: [...labs, lab('creatinine', 0.5, '2026-01')] }],
  ])('%s is known', (_, given) => {
    expect(egfr(given).state).toBe('known');
  });

  it.each([
    ['no birth date', { labs, patient: someone({ birthDate: undefined }) }, 'missing', 'birth date'],
    ['sex not known', { labs, patient: someone({ gender: 'other' }) }, 'missing', 'sex'],
    ['no creatinine', { labs: [lab('potassium', 4)] }, 'missing', 'creatinine'],
    ['a creatinine of 91 days ago', { labs: [lab('creatinine', 1, '2025-11-01')] }, 'stale', 'creatinine'],
    [
      'a creatinine after dialysis (11042-9)',
      {
        labs: [
          lab('creatinine', 1, undefined, {
            code: { coding: [{ system: 'http://loinc.org', code: '11042-9' }] },
          }),
        ],
      },
      'missing',
      'creatinine',
    ],
  ])('with %s is unknown, and says what is missing', (_, given, state, word) => {
    const fact = unknown(egfr(given));
    expect(fact.state).toBe(state);
    expect(fact.missing).toContain(word);
  });

  it('with no laboratory data is unknown for want of the category', () => {
    expect(unknown(egfr({}))).toMatchObject({ cause: 'category', category: 'labs' });
  });
});

describe('creatinineClearance', () => {
  const params: FactParams<'creatinineClearance'> = { within: 'P90D' };
  const clearance = (given: Given): WordedFact =>
    ask('creatinineClearance', params, { conditions: [], ...given });
  it('of a woman of 65 and 70 kg with a creatinine of 1.1 mg/dL is 56.34 mL/min (Cockcroft-Gault)', () => {
    const fact = known(clearance({ labs: [lab('creatinine', 1.1), lab('weight', 70)] }));
    expect(fact.value).toBeCloseTo(56.3446969697, 8);
    expect(fact.unit).toBe('mL/min');
    expect(fact.evidence[0]?.note).toContain('Cockcroft-Gault');
    expect(fact.evidence).toHaveLength(2);
  });
  it('is never that of an eGFR: with a reported eGFR alone it is missing', () => {
    expect(unknown(clearance({ labs: [lab('egfr', 60), lab('weight', 70)] })).missing).toContain(
      'creatinine',
    );
  });
  it('of a woman born in 1960 is a range', () => {
    const patient = { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1960' };
    const { range } = known(clearance({ patient, labs: [lab('creatinine', 1.1), lab('weight', 70)] }));
    expect(range?.low).toBeCloseTo(55.5934343434, 8);
    expect(range?.high).toBeCloseTo(56.3446969697, 8);
  });
  it.each([
    ['no weight', [lab('creatinine', 1)], 'missing'],
    ['a weight of 181 days ago', [lab('creatinine', 1), lab('weight', 70, '2025-08-02')], 'stale'],
    [
      'a weight `> 200 kg`',
      [lab('creatinine', 1), lab('weight', 200, undefined, { comparator: '>' })],
      'missing',
    ],
  ])('with %s is unknown', (_, labs, state) => {
    expect(unknown(clearance({ labs })).state).toBe(state);
  });
});

describe('akiStage', () => {
  const params: FactParams<'akiStage'> = { within: 'P7D' };
  const stage = (given: Given): WordedFact => ask('akiStage', params, { conditions: [], ...given });
  const rangeIn = ({ value, range }: WordedKnown): [unknown, unknown] => [
    range?.low ?? value,
    range?.high ?? value,
  ];

  // Decision 18: stage 3, 2 or 1 is ruled out where a third, half or two thirds of it is below 0.4 mg/dL.
  it.each([
    [0.59, [0, 0]],
    [0.6, [0, 1]],
    [0.79, [0, 1]],
    [0.8, [0, 2]],
    [1.19, [0, 2]],
  ])('of an adult with a single creatinine of %d mg/dL is from 0 to %j', (value, expected) => {
    expect(rangeIn(known(stage({ labs: [lab('creatinine', value)] })))).toEqual(expected);
  });
  it.each([[1.2], [2], [5]])(
    'of an adult with a single creatinine of %d mg/dL is missing: one alone gives no stage',
    (value) => {
      expect(unknown(stage({ labs: [lab('creatinine', value)] }))).toMatchObject({
        state: 'missing',
        cause: 'absent',
      });
    },
  );
  it('of a patient of unknown age with a single creatinine of 0.5 mg/dL is missing: children have lower ones', () => {
    const patient = { resourceType: 'Patient', id: '1', gender: 'female' };
    expect(stage({ patient, labs: [lab('creatinine', 0.5)] }).state).toBe('missing');
  });

  it.each([
    [
      '0.9 to 1.2 mg/dL in a day',
      [lab('creatinine', 1.2), lab('creatinine', 0.9, '2026-01-30T08:00:00Z')],
      1,
    ],
    [
      '0.9 to 1.19 mg/dL in a day',
      [lab('creatinine', 1.19), lab('creatinine', 0.9, '2026-01-30T08:00:00Z')],
      0,
    ],
    [
      '1.0 to 1.5 mg/dL in 6 days',
      [lab('creatinine', 1.5), lab('creatinine', 1.0, '2026-01-25T08:00:00Z')],
      1,
    ],
    [
      '1.0 to 2.0 mg/dL in 6 days',
      [lab('creatinine', 2.0), lab('creatinine', 1.0, '2026-01-25T08:00:00Z')],
      2,
    ],
    [
      '1.0 to 3.0 mg/dL in 6 days',
      [lab('creatinine', 3.0), lab('creatinine', 1.0, '2026-01-25T08:00:00Z')],
      3,
    ],
    [
      '3.6 to 4.0 mg/dL in a day',
      [lab('creatinine', 4.0), lab('creatinine', 3.6, '2026-01-30T08:00:00Z')],
      3,
    ],
    [
      '100 to 126.5 umol/L in a day',
      [
        lab('creatinine', 126.5, undefined, { unit: 'umol/L' }),
        lab('creatinine', 100, '2026-01-30T08:00:00Z', { unit: 'umol/L' }),
      ],
      1,
    ],
  ])('of %s', (_, labs, expected) => {
    const fact = known(stage({ labs }));
    expect(rangeIn(fact)).toEqual([expected, expected]);
    expect(fact.evidence).toHaveLength(2);
  });

  it('does not place a creatinine of `2026-01` in a window of 48 hours', () => {
    const labs = [lab('creatinine', 2.0), lab('creatinine', 0.9, '2026-01')];
    expect(stage({ labs }).state).toBe('missing');
  });

  it.each([
    [
      'on dialysis',
      { labs: [lab('creatinine', 5)], conditions: [condition('d', '265764009')] },
      'missing',
      'not-applicable',
    ],
    ['without laboratory data', {}, 'missing', 'category'],
    ['without a creatinine', { labs: [lab('potassium', 4)] }, 'missing', 'absent'],
    ['of a creatinine 8 days ago', { labs: [lab('creatinine', 5, '2026-01-23')] }, 'stale', 'absent'],
    [
      'of a creatinine `> 5`',
      { labs: [lab('creatinine', 5, undefined, { comparator: '>' })] },
      'missing',
      // As of any one creatinine: an earlier one is what is missing.
      'absent',
    ],
  ] as const)('%s is unknown', (_, given, state, cause) => {
    expect(unknown(stage(given))).toMatchObject({ state, cause });
  });

  const child = { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '2016-01-31' };
  const risen = [lab('creatinine', 1.5), lab('creatinine', 1.2, '2026-01-30T08:00:00Z')];
  it('of a child of 10 and 120 cm with 1.5 mg/dL is 3: the eGFR fell to 33, below 35 (bedside Schwartz)', () => {
    expect(rangeIn(known(stage({ patient: child, labs: [...risen, lab('height', 120)] })))).toEqual([3, 3]);
  });
  it('of the same child at 130 cm is 1: the eGFR is 35.8', () => {
    expect(rangeIn(known(stage({ patient: child, labs: [...risen, lab('height', 130)] })))).toEqual([1, 1]);
  });
  it('of the same child without a height is from 1 to 3', () => {
    expect(rangeIn(known(stage({ patient: child, labs: risen })))).toEqual([1, 3]);
  });
  it('of the same child with a creatinine that was 1.5 yesterday is 0, whatever the eGFR', () => {
    const steady = [lab('creatinine', 1.5), lab('creatinine', 1.5, '2026-01-30T08:00:00Z')];
    for (const height of [[], [lab('height', 120)]])
      expect(rangeIn(known(stage({ patient: child, labs: [...steady, ...height] })))).toEqual([0, 0]);
  });
});

describe('drug', () => {
  const ppi: FactParams<'drug'> = { classes: ['ppi'], role: 'active' };
  const none = { orders: [], therapy: [] };

  const cases: readonly { name: string; params: FactParams<'drug'>; given: Given; is: boolean | string }[] = [
    {
      name: 'omeprazole active, as active',
      params: ppi,
      given: { ...none, therapy: [drug('a', omeprazole)] },
      is: true,
    },
    {
      name: 'omeprazole active, as ordered',
      params: { ...ppi, role: 'ordered' },
      given: { ...none, therapy: [drug('a', omeprazole)] },
      is: false,
    },
    {
      name: 'omeprazole active, as any',
      params: { ...ppi, role: 'any' },
      given: { ...none, therapy: [drug('a', omeprazole)] },
      is: true,
    },
    {
      name: 'omeprazole ordered, as active',
      params: ppi,
      given: { ...none, orders: [order('a', omeprazole)] },
      is: false,
    },
    {
      name: 'omeprazole ordered, as ordered',
      params: { ...ppi, role: 'ordered' },
      given: { ...none, orders: [order('a', omeprazole)] },
      is: true,
    },
    {
      name: 'omeprazole ordered, as any',
      params: { ...ppi, role: 'any' },
      given: { ...none, orders: [order('a', omeprazole)] },
      is: true,
    },
    {
      name: 'omeprazole stopped',
      params: { ...ppi, role: 'any' },
      given: { ...none, therapy: [drug('a', omeprazole, { status: 'stopped' })] },
      is: false,
    },
    { name: 'furosemide', params: ppi, given: { ...none, therapy: [drug('a', furosemide)] }, is: false },
    {
      name: 'furosemide by ingredient',
      params: { ingredients: ['furosemide'], role: 'active' },
      given: { ...none, therapy: [drug('a', furosemide)] },
      is: true,
    },
    {
      name: 'omeprazole as a member that is not meant',
      params: { ...ppi, exceptIngredients: ['omeprazole'] },
      given: { ...none, therapy: [drug('a', omeprazole)] },
      is: false,
    },
    { name: 'nothing', params: ppi, given: none, is: false },
    {
      name: 'an unresolved drug',
      params: ppi,
      given: { ...none, therapy: [drug('a', null)] },
      is: 'unresolved',
    },
    {
      name: 'an unresolved drug that was stopped',
      params: ppi,
      given: { ...none, therapy: [drug('a', null, { status: 'stopped' })] },
      is: false,
    },
    {
      name: 'an unresolved order, as active',
      params: ppi,
      given: { ...none, orders: [order('a', null)] },
      is: false,
    },
    {
      name: 'an unresolved order, as any',
      params: { ...ppi, role: 'any' },
      given: { ...none, orders: [order('a', null)] },
      is: 'unresolved',
    },
    {
      name: 'an unresolved drug beside omeprazole',
      params: ppi,
      given: { ...none, therapy: [drug('a', null), drug('b', omeprazole)] },
      is: true,
    },
    {
      name: 'no medications, as active',
      params: ppi,
      given: { orders: [order('a', omeprazole)] },
      is: 'category',
    },
    {
      name: 'no medications, as any',
      params: { ...ppi, role: 'any' },
      given: { orders: [] },
      is: 'category',
    },
    {
      name: 'no medications, as any, but ordered',
      params: { ...ppi, role: 'any' },
      given: { orders: [order('a', omeprazole)] },
      is: true,
    },
    {
      name: 'no orders, as ordered',
      params: { ...ppi, role: 'ordered' },
      given: { therapy: [drug('a', omeprazole)] },
      is: 'category',
    },
    { name: 'no orders, as active', params: ppi, given: { therapy: [] }, is: false },
    {
      name: 'medications in part',
      params: ppi,
      given: { ...none, therapy: [drug('a', furosemide)], partial: ['medicationRequests'] },
      is: 'incomplete',
    },
    {
      name: 'medications in part that hold it',
      params: ppi,
      given: { ...none, therapy: [drug('a', omeprazole)], partial: ['medicationRequests'] },
      is: true,
    },
  ];
  it.each(cases)('$name: $is', ({ params, given, is }) => {
    const fact = ask('drug', params, given);
    if (typeof is === 'boolean') expect(known(fact).value).toBe(is);
    else expect(unknown(fact)).toMatchObject({ state: 'missing', cause: is });
  });

  describe('by route', () => {
    const route = (text: string): Resource => ({ dosageInstruction: [{ route: { text } }] });
    const magnesiumBy = (more: Resource): Given => ({
      ...none,
      therapy: [drug('a', magnesiumSulfate, more)],
    });
    const unresolved = (more: Resource): Given => ({ ...none, therapy: [drug('a', null, more)] });
    const aminoglycoside = (more: Resource): Given => ({ ...none, therapy: [drug('a', gentamicin, more)] });
    const of = (classes: string, wanted: 'oral' | 'parenteral' | 'systemic'): FactParams<'drug'> => ({
      classes: [classes],
      role: 'active',
      route: wanted,
    });
    it.each([
      ['magnesium by mouth, oral', of('magnesium', 'oral'), magnesiumBy(route('oral')), true],
      ['magnesium by mouth, parenteral', of('magnesium', 'parenteral'), magnesiumBy(route('oral')), false],
      [
        'magnesium by vein, parenteral',
        of('magnesium', 'parenteral'),
        magnesiumBy(route('intravenous')),
        true,
      ],
      [
        'magnesium by a route not known, parenteral',
        of('magnesium', 'parenteral'),
        magnesiumBy({}),
        // Recognised, and waiting for its route.
        'absent',
      ],
      ['magnesium by a route not known, systemic', of('magnesium', 'systemic'), magnesiumBy({}), true],
      [
        'an unresolved drug by vein, parenteral',
        of('magnesium', 'parenteral'),
        unresolved(route('intravenous')),
        'unresolved',
      ],
      [
        'an unresolved drug by mouth, parenteral',
        of('magnesium', 'parenteral'),
        unresolved(route('oral')),
        false,
      ],
      [
        'an unresolved drug by a route not known, parenteral',
        of('magnesium', 'parenteral'),
        unresolved({}),
        'unresolved',
      ],
      [
        'gentamicin by vein, systemic',
        of('aminoglycoside', 'systemic'),
        aminoglycoside(route('intravenous')),
        true,
      ],
      [
        'gentamicin in the eye, systemic',
        of('aminoglycoside', 'systemic'),
        aminoglycoside(route('ophthalmic')),
        false,
      ],
      [
        'gentamicin in the ear, systemic',
        of('aminoglycoside', 'systemic'),
        aminoglycoside(route('otic')),
        false,
      ],
      [
        'gentamicin on the skin, systemic',
        of('aminoglycoside', 'systemic'),
        aminoglycoside(route('topical')),
        false,
      ],
      [
        'gentamicin inhaled, systemic',
        of('aminoglycoside', 'systemic'),
        aminoglycoside(route('inhaled')),
        false,
      ],
      [
        'gentamicin through the skin, systemic',
        of('aminoglycoside', 'systemic'),
        aminoglycoside(route('transdermal')),
        true,
      ],
    ])('%s', (_, params, given, is) => {
      const fact = ask('drug', params, given);
      if (typeof is === 'boolean') expect(known(fact).value).toBe(is);
      else
        expect(unknown(fact)).toMatchObject({ cause: is, evidence: [{ reference: 'MedicationRequest/a' }] });
    });
  });

  describe('for at least 90 days, since 2025-11-02T12:00:00Z', () => {
    const params: FactParams<'drug'> = { ...ppi, forAtLeast: 'P90D' };
    const since = (start: string | undefined): Resource => ({
      dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start } } } }],
    });
    it.each([
      ['2025-11-02T12:00:00.000Z', true],
      ['2025-11-01', true],
      ['2025-11-02', 'unresolved'],
      ['2025-11-03', false],
      ['2025-10', true],
      ['2025-11', 'unresolved'],
      ['2025-12', false],
      ['2025', 'unresolved'],
      ['2024', true],
      [undefined, 'unresolved'],
    ])('started %s: %s', (start, is) => {
      const fact = ask('drug', params, { ...none, therapy: [drug('a', omeprazole, since(start))] });
      if (typeof is === 'boolean') expect(known(fact).value).toBe(is);
      else expect(unknown(fact).cause).toBe(is);
    });
    it.each([
      ['2025-11-01', true],
      ['2025-11-03', 'unresolved'],
      ['2026-01-30', 'unresolved'],
    ])('written on %s: %s, as a renewal hides the years before it', (authoredOn, is) => {
      const fact = ask('drug', params, { ...none, therapy: [drug('a', omeprazole, { authoredOn })] });
      if (typeof is === 'boolean') expect(known(fact).value).toBe(is);
      else expect(unknown(fact).cause).toBe(is);
    });
    it('an unresolved drug that was started yesterday is none', () => {
      const therapy = [drug('a', null, since('2026-01-30'))];
      expect(known(ask('drug', params, { ...none, therapy })).value).toBe(false);
    });
  });

  it('says which orders are selected', () => {
    const { evidence } = known(
      ask('drug', { ...ppi, role: 'ordered' }, { ...none, orders: [order('a', omeprazole)] }),
    );
    expect(evidence).toMatchObject([
      { reference: 'MedicationRequest/a', order: 'selected', received: omeprazole },
    ]);
  });

  it('names what could be it', () => {
    const fact = unknown(ask('drug', ppi, { ...none, therapy: [drug('a', null), drug('b', null)] }));
    expect(fact.missing).toContain('MedicationRequest/a, MedicationRequest/b could be one');
  });
});

describe('infusionRate', () => {
  const params: FactParams<'infusionRate'> = { ingredients: ['magnesium sulfate'], unit: 'g/h' };
  const quantity = (value: unknown, unit: string): Resource => ({ value, unit, code: unit, system: ucum });
  const over = (duration: number, durationUnit: string, more: Resource = {}): Resource => ({
    timing: { repeat: { duration, durationUnit, ...more } },
  });
  const type = (code: string): Resource => ({ coding: [{ code }] });

  const rates: readonly { name: string; dosage: Resource; rate: number; basis?: string }[] = [
    { name: 'rateQuantity 1 g/h', dosage: { doseAndRate: [{ rateQuantity: quantity(1, 'g/h') }] }, rate: 1 },
    {
      name: 'rateQuantity 150 mg/min',
      dosage: { doseAndRate: [{ rateQuantity: quantity(150, 'mg/min') }] },
      rate: 9,
    },
    {
      name: 'rateQuantity 16.24 mEq/h of magnesium sulfate',
      dosage: { doseAndRate: [{ rateQuantity: quantity(16.24, 'mEq/h') }] },
      rate: 2,
    },
    {
      name: 'rateRatio 2 g to 1 h',
      dosage: {
        doseAndRate: [{ rateRatio: { numerator: quantity(2, 'g'), denominator: quantity(1, 'h') } }],
      },
      rate: 2,
    },
    {
      name: 'rateRatio 4000 mg to 30 min',
      dosage: {
        doseAndRate: [{ rateRatio: { numerator: quantity(4000, 'mg'), denominator: quantity(30, 'min') } }],
      },
      rate: 8,
    },
    {
      name: '4 g over 20 min',
      dosage: { ...over(20, 'min'), doseAndRate: [{ doseQuantity: quantity(4, 'g') }] },
      rate: 12,
      basis: 'dose over duration',
    },
    {
      name: '4 g over 1 to 4 h: at the fastest 4 g/h',
      dosage: { ...over(1, 'h', { durationMax: 4 }), doseAndRate: [{ doseQuantity: quantity(4, 'g') }] },
      rate: 4,
      basis: 'dose over duration',
    },
    {
      name: '2 g over 2 h beside a rate of 1.5 g/h',
      dosage: {
        ...over(2, 'h'),
        doseAndRate: [{ doseQuantity: quantity(2, 'g'), rateQuantity: quantity(1.5, 'g/h') }],
      },
      rate: 1.5,
    },
    {
      name: 'a rate of 1 g/h after a dose row of 4 g over 1 h',
      dosage: {
        ...over(1, 'h'),
        doseAndRate: [{ doseQuantity: quantity(4, 'g') }, { rateQuantity: quantity(1, 'g/h') }],
      },
      rate: 1,
    },
    {
      name: 'a rate of 1 g/h before a dose row of 4 g over 1 h',
      dosage: {
        ...over(1, 'h'),
        doseAndRate: [{ rateQuantity: quantity(1, 'g/h') }, { doseQuantity: quantity(4, 'g') }],
      },
      rate: 1,
    },
    {
      name: '3 rows of 2 g over 1 h, calculated, admin-amount and ordered (Epic)',
      dosage: {
        ...over(1, 'h'),
        doseAndRate: [
          { type: type('calculated'), doseQuantity: quantity(2, 'g') },
          { type: type('admin-amount'), doseQuantity: quantity(1, '{tbl}') },
          { type: type('ordered'), doseQuantity: quantity(2, 'g') },
        ],
      },
      rate: 2,
      basis: 'dose over duration',
    },
    {
      name: '3 rows without a type, 2 g over 1 h each',
      dosage: {
        ...over(1, 'h'),
        doseAndRate: [
          { doseQuantity: quantity(2, 'g') },
          { doseQuantity: quantity(2, 'g') },
          { doseQuantity: quantity(2, 'g') },
        ],
      },
      rate: 2,
      basis: 'dose over duration',
    },
    {
      name: 'the ordered row of 1 g/h beside a calculated one of 9 g/h',
      dosage: {
        doseAndRate: [
          { type: type('calculated'), rateQuantity: quantity(9, 'g/h') },
          { type: type('ordered'), rateQuantity: quantity(1, 'g/h') },
        ],
      },
      rate: 1,
    },
    {
      name: 'the older form, doseQuantity on the dosage, 2 g over 1 h',
      dosage: { ...over(1, 'h'), doseQuantity: quantity(2, 'g') },
      rate: 2,
      basis: 'dose over duration',
    },
    {
      name: 'doseAndRate that is an object and not a list',
      dosage: { doseAndRate: { rateQuantity: quantity(1, 'g/h') } },
      rate: 1,
    },
    { name: 'a rate of 0 g/h', dosage: { doseAndRate: [{ rateQuantity: quantity(0, 'g/h') }] }, rate: 0 },
    {
      name: '0.1 g over 3 h, without the noise of floating point',
      dosage: { ...over(3, 'h'), doseAndRate: [{ doseQuantity: quantity(0.3, 'g') }] },
      rate: 0.1,
      basis: 'dose over duration',
    },
  ];
  it.each(rates)('of $name is $rate g/h', ({ dosage, rate, basis }) => {
    const fact = known(
      ask('infusionRate', params, {
        orders: [order('m', magnesiumSulfate, { dosageInstruction: [dosage] })],
      }),
    );
    expect(fact).toMatchObject({ value: rate, unit: 'g/h' });
    expect(fact.range).toBeUndefined();
    expect(fact.evidence).toMatchObject([
      { reference: 'MedicationRequest/m', note: basis ?? 'rate as ordered', order: 'selected' },
    ]);
  });

  it.each([
    ['no dosage', []],
    ['a dosage of text alone', [{ text: '2 g over 1 h' }]],
    ['a dose without a duration', [{ doseAndRate: [{ doseQuantity: quantity(2, 'g') }] }]],
    ['a duration without a dose', [over(1, 'h')]],
    ['a duration of 0 h', [{ ...over(0, 'h'), doseAndRate: [{ doseQuantity: quantity(2, 'g') }] }]],
    [
      'a duration without a unit',
      [{ timing: { repeat: { duration: 1 } }, doseAndRate: [{ doseQuantity: quantity(2, 'g') }] }],
    ],
    ['a rate in mL/h', [{ doseAndRate: [{ rateQuantity: quantity(50, 'mL/h') }] }]],
    ['a rate by weight', [{ doseAndRate: [{ rateQuantity: quantity(10, 'mg/kg/h') }] }]],
    ['a dose by weight', [{ ...over(1, 'h'), doseAndRate: [{ doseQuantity: quantity(10, 'mg/kg') }] }]],
    ['a rate of mass by mass', [{ doseAndRate: [{ rateQuantity: quantity(10, 'mg/kg') }] }]],
    ['a rate that is a string', [{ doseAndRate: [{ rateQuantity: quantity('1', 'g/h') }] }]],
    ['a negative rate', [{ doseAndRate: [{ rateQuantity: quantity(-1, 'g/h') }] }]],
    [
      'a rateRatio without a denominator',
      [{ doseAndRate: [{ rateRatio: { numerator: quantity(2, 'g') } }] }],
    ],
    [
      'a rateRatio to 0 h',
      [{ doseAndRate: [{ rateRatio: { numerator: quantity(2, 'g'), denominator: quantity(0, 'h') } }] }],
    ],
    ['tablets', [{ ...over(1, 'h'), doseAndRate: [{ doseQuantity: quantity(1, '{tbl}') }] }]],
    ['a unit that every object has', [{ doseAndRate: [{ rateQuantity: quantity(1, 'constructor/h') }] }]],
  ])('with %s is missing, not zero', (_, dosageInstruction) => {
    const fact = ask('infusionRate', params, {
      orders: [order('m', magnesiumSulfate, { dosageInstruction })],
    });
    expect(unknown(fact).state).toBe('missing');
    expect(unknown(fact).evidence).toMatchObject([{ reference: 'MedicationRequest/m' }]);
  });

  it('is missing without an order of the drug, and of what is taken already', () => {
    const dosageInstruction = [{ doseAndRate: [{ rateQuantity: quantity(1, 'g/h') }] }];
    const other = order('f', furosemide, { dosageInstruction });
    const taken = drug('m', magnesiumSulfate, { dosageInstruction });
    expect(ask('infusionRate', params, { orders: [other], therapy: [taken] }).state).toBe('missing');
    expect(ask('infusionRate', params, {}).state).toBe('missing');
  });

  it('of 2 dosages in one order is the fastest', () => {
    const dosage = (rate: number): Resource => ({ doseAndRate: [{ rateQuantity: quantity(rate, 'g/h') }] });
    const orders = [order('m', magnesiumSulfate, { dosageInstruction: [dosage(1), dosage(4), dosage(2)] })];
    expect(known(ask('infusionRate', params, { orders })).value).toBe(4);
  });

  it('of 2 orders is the faster one; beside one without a rate it is that or more', () => {
    const rated = (id: string, rate: number): Resource =>
      order(id, magnesiumSulfate, {
        dosageInstruction: [{ doseAndRate: [{ rateQuantity: quantity(rate, 'g/h') }] }],
      });
    const both = known(ask('infusionRate', params, { orders: [rated('a', 1), rated('b', 2)] }));
    expect(both).toMatchObject({ value: 2, evidence: [{ reference: 'MedicationRequest/b' }] });
    expect(both.range).toBeUndefined();
    const open = known(
      ask('infusionRate', params, { orders: [rated('a', 1), order('b', magnesiumSulfate)] }),
    );
    expect(open.range).toEqual({ low: 1, high: Number.POSITIVE_INFINITY });
  });

  it('is finite and not negative, or null, for any numbers and units', () => {
    const value = fc.oneof(fc.double(), fc.integer(), fc.constant(null), fc.constant('1'));
    const unit = fc.constantFrom('g', 'mg', 'h', 'min', 'g/h', 'mg/min', 'mL/h', '/', '', 'g/');
    const any = fc.record({ value, code: unit });
    const row = fc.record(
      { doseQuantity: any, rateQuantity: any, rateRatio: fc.record({ numerator: any, denominator: any }) },
      { requiredKeys: [] },
    );
    const dosage = fc.record(
      {
        doseAndRate: fc.array(row, { maxLength: 3 }),
        timing: fc.record({ repeat: fc.record({ duration: value, durationUnit: unit }) }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(dosage, { maxLength: 2 }), (dosages) => {
        const dosing = readDosing(dosages);
        const product = dosing && { dosing, ingredients: ['x'], ingredient: 'x', kilograms: null };
        const rate = (product && fastestRate(product))?.gramsAnHour ?? null;
        return rate === null || (Number.isFinite(rate) && rate >= 0);
      }),
    );
  });
});

describe('condition', () => {
  const params: FactParams<'condition'> = { groups: ['myasthenia-gravis'], status: 'active' };
  const active = condition('mg', '91637004');
  const resolved = condition('mg', '91637004', { clinicalStatus: { coding: [{ code: 'resolved' }] } });
  const provisional = condition('mg', '91637004', {
    verificationStatus: { coding: [{ code: 'provisional' }] },
  });
  const heartBlock: FactParams<'condition'> = { groups: ['av-block-2-3'], status: 'active' };
  const unspecified = condition('av', '233917008');
  const complete = condition('av3', '27885002');
  const cases: readonly {
    name: string;
    params: FactParams<'condition'>;
    given: Given;
    is: boolean | string;
  }[] = [
    { name: 'active, as active', params, given: { conditions: [active] }, is: true },
    { name: 'resolved, as active: it still counts', params, given: { conditions: [resolved] }, is: true },
    {
      name: 'resolved, as ever',
      params: { ...params, status: 'ever' },
      given: { conditions: [resolved] },
      is: true,
    },
    { name: 'another condition', params, given: { conditions: [complete] }, is: false },
    { name: 'no condition', params, given: { conditions: [] }, is: false },
    { name: 'no conditions came', params, given: {}, is: 'category' },
    {
      name: 'conditions in part, without it',
      params,
      given: { conditions: [complete], partial: ['conditions'] },
      is: 'incomplete',
    },
    {
      name: 'conditions in part, with it',
      params,
      given: { conditions: [active], partial: ['conditions'] },
      is: true,
    },
    { name: 'provisional', params, given: { conditions: [provisional] }, is: true },
    {
      name: 'provisional, as confirmed',
      params: { ...params, confirmed: true },
      given: { conditions: [provisional] },
      is: 'unresolved',
    },
    {
      name: 'provisional and confirmed, as confirmed',
      params: { ...params, confirmed: true },
      given: { conditions: [provisional, condition('mg2', '91637004')] },
      is: true,
    },
    {
      name: 'confirmed, as confirmed',
      params: { ...params, confirmed: true },
      given: { conditions: [active] },
      is: true,
    },
    {
      name: 'refuted',
      params,
      given: {
        conditions: [condition('mg', '91637004', { verificationStatus: { coding: [{ code: 'refuted' }] } })],
      },
      is: false,
    },
    {
      name: 'AV block of unspecified degree leaves second and third degree unknown',
      params: heartBlock,
      given: { conditions: [unspecified] },
      is: 'unresolved',
    },
    {
      name: 'AV block of unspecified degree beside a complete one',
      params: heartBlock,
      given: { conditions: [unspecified, complete] },
      is: true,
    },
    {
      name: 'AV block of unspecified degree that is resolved',
      params: heartBlock,
      given: {
        conditions: [condition('av', '233917008', { clinicalStatus: { coding: [{ code: 'resolved' }] } })],
      },
      is: 'unresolved',
    },
    {
      name: 'AV block of first degree',
      params: heartBlock,
      given: { conditions: [condition('av1', '270492004')] },
      is: false,
    },
    {
      name: 'AV block of unspecified degree, asked for myasthenia',
      params,
      given: { conditions: [unspecified] },
      is: false,
    },
  ];
  it.each(cases)('$name: $is', ({ params: asked, given, is }) => {
    const fact = ask('condition', asked, given);
    if (typeof is === 'boolean') expect(known(fact).value).toBe(is);
    else expect(unknown(fact)).toMatchObject({ state: 'missing', cause: is });
  });
  it('says that it is not confirmed', () => {
    expect(known(ask('condition', params, { conditions: [provisional] })).evidence).toMatchObject([
      { reference: 'Condition/mg', received: '91637004', note: 'not confirmed' },
    ]);
  });
});

describe('pregnancy, which lasts at most 300 days', () => {
  const noted = (more: Resource): Resource => condition('p', '77386006', more);
  const observed = (id: string, code: string, time: string): Resource => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    subject,
    code: { coding: [{ system: 'http://loinc.org', code: codes.pregnancy }] },
    effectiveDateTime: time,
    valueCodeableConcept: { coding: [{ system: snomed, code }] },
  });
  const yes = '77386006';
  const no = '60001007';
  const cases: readonly { name: string; given: Given; is: boolean | string }[] = [
    {
      name: 'noted on 2026-01-01',
      given: { conditions: [noted({ onsetDateTime: '2026-01-01' })] },
      is: true,
    },
    { name: 'noted 299 days ago', given: { conditions: [noted({ onsetDateTime: '2025-04-07' })] }, is: true },
    {
      name: 'noted 301 days ago, still on the problem list',
      given: { conditions: [noted({ onsetDateTime: '2025-04-05' })] },
      is: false,
    },
    {
      name: 'noted in 2025: it may be over or not',
      given: { conditions: [noted({ onsetDateTime: '2025' })] },
      is: 'unresolved',
    },
    { name: 'noted in 2024', given: { conditions: [noted({ onsetDateTime: '2024' })] }, is: false },
    { name: 'noted without a date', given: { conditions: [noted({})] }, is: 'unresolved' },
    {
      name: 'recorded on 2026-01-01 without an onset',
      given: { conditions: [noted({ recordedDate: '2026-01-01' })] },
      is: true,
    },
    {
      name: 'noted and resolved',
      given: {
        conditions: [
          noted({ onsetDateTime: '2026-01-01', clinicalStatus: { coding: [{ code: 'resolved' }] } }),
        ],
      },
      is: false,
    },
    {
      name: 'noted and abated',
      given: { conditions: [noted({ onsetDateTime: '2026-01-01', abatementDateTime: '2026-01-20' })] },
      is: false,
    },
    {
      name: 'noted of a man',
      given: {
        patient: { resourceType: 'Patient', id: '1', gender: 'male' },
        conditions: [noted({ onsetDateTime: '2026-01-01' })],
      },
      is: false,
    },
    { name: 'not noted', given: { conditions: [] }, is: false },
    { name: 'no conditions came', given: {}, is: 'category' },
    { name: 'conditions came in part', given: { conditions: [], partial: ['conditions'] }, is: 'incomplete' },
    {
      name: 'observed on 2026-03-01, after the evaluation',
      given: { conditions: [], labs: [observed('a', yes, '2026-03-01')] },
      is: false,
    },
    {
      name: 'observed without a date',
      given: { conditions: [], labs: [observed('a', yes, '')] },
      is: 'unresolved',
    },
    {
      name: 'observed in error',
      given: { conditions: [], labs: [{ ...observed('a', yes, '2026-01-30'), status: 'entered-in-error' }] },
      is: false,
    },
    {
      name: 'observed yesterday, and no conditions came',
      given: { labs: [observed('a', yes, '2026-01-30')] },
      is: true,
    },
    {
      name: 'observed not to be yesterday, and no conditions came',
      given: { labs: [observed('a', no, '2026-01-30')] },
      is: false,
    },
    {
      name: 'observed not to be after it was noted',
      given: {
        conditions: [noted({ onsetDateTime: '2026-01-01' })],
        labs: [observed('a', no, '2026-01-30')],
      },
      is: false,
    },
    {
      name: 'noted after it was observed not to be',
      given: {
        conditions: [noted({ onsetDateTime: '2026-01-30' })],
        labs: [observed('a', no, '2026-01-02')],
      },
      is: true,
    },
    {
      name: 'observed not to be on 2026-01-30 and 2025-12-01, and noted between',
      given: {
        conditions: [noted({ onsetDateTime: '2026-01-01' })],
        labs: [observed('a', no, '2026-01-30'), observed('b', no, '2025-12-01')],
      },
      is: false,
    },
    {
      name: 'the same in the other order',
      given: {
        conditions: [noted({ onsetDateTime: '2026-01-01' })],
        labs: [observed('b', no, '2025-12-01'), observed('a', no, '2026-01-30')],
      },
      is: false,
    },
  ];
  it.each(cases)('$name: $is', ({ given, is }) => {
    const fact = ask('pregnancy', {}, given);
    if (typeof is === 'boolean') expect(known(fact).value).toBe(is);
    else expect(unknown(fact)).toMatchObject({ state: 'missing', cause: is });
  });
});

describe('allergy', () => {
  const params: FactParams<'allergy'> = { classes: ['fluoroquinolone'] };
  const allergy = (code: string, more: Resource = {}): Resource => ({
    resourceType: 'AllergyIntolerance',
    id: 'a',
    patient: subject,
    code: { coding: [{ system: rxnorm, code }] },
    ...more,
  });
  const cases: readonly { name: string; given: Given; is: boolean | string }[] = [
    { name: 'to ciprofloxacin', given: { allergies: [allergy(ciprofloxacin)] }, is: true },
    { name: 'to omeprazole', given: { allergies: [allergy(omeprazole)] }, is: false },
    {
      name: 'to ciprofloxacin, resolved',
      given: { allergies: [allergy(ciprofloxacin, { clinicalStatus: { coding: [{ code: 'resolved' }] } })] },
      is: false,
    },
    { name: 'to nothing', given: { allergies: [] }, is: false },
    { name: 'never came', given: {}, is: 'category' },
    { name: 'came in part', given: { allergies: [], partial: ['allergies'] }, is: 'incomplete' },
  ];
  it.each(cases)('$name: $is', ({ given, is }) => {
    const fact = ask('allergy', params, given);
    if (typeof is === 'boolean') expect(known(fact).value).toBe(is);
    else expect(unknown(fact)).toMatchObject({ state: 'missing', cause: is, category: 'allergies' });
  });
});

describe('encounter', () => {
  const stay = (more: Resource): Given => ({
    encounter: [
      { resourceType: 'Encounter', id: 'e', status: 'in-progress', subject, class: { code: 'IMP' }, ...more },
    ],
  });
  it.each([
    ['of class IMP', stay({}), 'inpatient'],
    ['that is finished', stay({ status: 'finished' }), 'none'],
    ['asked for, and there is none', { encounter: [] }, 'none'],
  ])('%s gives the class expected', (_, given, value) => {
    expect(known(ask('encounter', {}, given)).value).toBe(value);
  });
  it.each([
    ['without a class', stay({ class: undefined }), 'absent'],
    ['that never came', {}, 'category'],
    ['that came in part', { encounter: [], partial: ['encounter'] }, 'incomplete'],
  ] as const)('%s is missing', (_, given, cause) => {
    expect(unknown(ask('encounter', {}, given))).toMatchObject({ state: 'missing', cause });
  });
});

describe('notice', () => {
  const given = {
    labs: [lab('magnesium', 1, undefined, { id: 'x', unit: 'Mg/dl' })],
    therapy: [drug('a', null)],
  };
  it.each([
    [['unit-unknown'] as const, true, ['Observation/x']],
    [['unit-unknown', 'drug-unresolved'] as const, true, ['Observation/x', 'MedicationRequest/a']],
    [['lab-conflict'] as const, false, []],
  ])('%j is known: %s', (wanted, value, references) => {
    const fact = known(ask('notice', { codes: [...wanted] }, given));
    expect(fact.value).toBe(value);
    expect(fact.evidence.map(({ reference }) => reference)).toEqual(references);
  });
});

describe('checkNotMade', () => {
  it('is false while nothing is open, and true with the rules that could not be decided', () => {
    const compute = prepareFact('checkNotMade', {});
    const now = context({ labs: [] });
    expect(compute(now)).toMatchObject({ state: 'known', value: false, evidence: [] });
    expect(compute(withOpenChecks(now, []))).toMatchObject({ state: 'known', value: false, evidence: [] });
    const open = withOpenChecks(now, [{ rule: 'IV-004', unrecognised: false }]);
    expect(compute(open)).toMatchObject({ state: 'known', value: true, evidence: [{ reference: 'IV-004' }] });
  });
});

describe('a fact in words', () => {
  it.each([
    ['lab', { ...magnesium }, 'lab magnesium within P3D'],
    ['hasLab', { tests: ['creatinine', 'egfr'], within: 'P7D' }, 'lab creatinine or egfr within P7D'],
    [
      'drug',
      { classes: ['ppi', 'loop-diuretic'], role: 'active', route: 'oral', forAtLeast: 'P90D' },
      'drug ppi or loop-diuretic active oral for at least P90D',
    ],
    ['condition', { groups: ['dialysis'], status: 'active' }, 'condition dialysis'],
    ['egfr', { within: 'P90D' }, 'egfr within P90D'],
    ['sex', {}, 'sex'],
  ] as const)('%s', (fact, params, words) => {
    expect(factOf(fact).describe(params)).toBe(words);
  });
});

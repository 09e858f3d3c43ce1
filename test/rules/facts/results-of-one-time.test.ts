/** What facts make of results of one time, and that neither order, nor ids, nor units, nor offsets change them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../../rules/facts/context.ts';
import type { FactName } from '../../../rules/facts/facts.ts';
import { minute } from '../../../rules/fhir/time.ts';
import { unitTable } from '../../../rules/terminology/units.ts';
import { loincCode, observation, patient, readBundle } from '../../support/chart-resources.ts';
import { at, type Resource } from '../../support/readings.ts';
import { mayAsk, prepareFact, type WordedFact } from '../../support/worded.ts';

const ucum = 'http://unitsofmeasure.org';

/** A result as it is sent. */
interface Sent {
  id: string;
  code: string;
  value: number;
  unit: string;
  time: string;
  more?: Resource;
}
const resourceOf = ({ id, code, value, unit, time, more }: Sent): Resource =>
  observation({
    id,
    code: loincCode(code),
    valueQuantity: { value, unit, code: unit, system: ucum },
    effectiveDateTime: time,
    ...more,
  });

function ask(sent: readonly Sent[], fact: FactName, params: Record<string, unknown>): WordedFact {
  if (!mayAsk(fact, params)) throw new Error(`no rule may ask ${fact} like this`);
  const { chart, notices } = readBundle([patient, ...sent.map(resourceOf)]);
  return prepareFact(fact, params)(createContext(chart, at, notices));
}

const creatinine = (id: string, value: number, time: string, more: Resource = {}): Sent => ({
  id,
  code: '2160-0',
  value,
  unit: 'mg/dL',
  time,
  more,
});
const eight = '2026-01-31T08:00:00Z';
const trend = { test: 'creatinine', unit: 'mg/dL', within: 'P7D', span: 'P7D' } as const;

describe('two results of one time that differ', () => {
  const two = [creatinine('a', 1, eight), creatinine('b', 3, eight)];
  it('are a range for the fact of the test, with both in the evidence', () => {
    const fact = ask(two, 'lab', { test: 'creatinine', unit: 'mg/dL', within: 'P7D' });
    expect(fact).toMatchObject({ state: 'known', value: 1, range: { low: 1, high: 3 } });
    expect(fact.evidence).toMatchObject([{ reference: 'Observation/a', used: '1 or 3 mg/dL' }]);
    expect(JSON.stringify(fact.evidence)).toContain('Observation/b');
  });
  it('give a range of estimates', () => {
    const of = (value: number) => ask([creatinine('x', value, eight)], 'egfr', { within: 'P7D' });
    expect(ask(two, 'egfr', { within: 'P7D' })).toMatchObject({
      range: { low: Number(Object(of(3)).value), high: Number(Object(of(1)).value) },
    });
  });
  it('are no trend, and give no stage of a kidney injury', () => {
    expect(ask(two, 'labTrend', { ...trend, change: 'rise' })).toMatchObject({ state: 'missing' });
    expect(ask(two, 'akiStage', { within: 'P7D' })).toMatchObject({ state: 'missing' });
  });
  it('are a range of what rose, and of the stage, after an earlier one', () => {
    const three = [...two, creatinine('c', 1, '2026-01-30T08:00:00Z')];
    expect(ask(three, 'labTrend', { ...trend, change: 'rise' })).toMatchObject({
      range: { low: 0, high: 2 },
    });
    expect(ask(three, 'akiStage', { within: 'P7D' })).toMatchObject({ range: { low: 0, high: 3 } });
  });
  it('that both mean the same stage decide it', () => {
    const three = [
      creatinine('a', 3.1, eight),
      creatinine('b', 3.9, eight),
      creatinine('c', 1, '2026-01-30T08:00:00Z'),
    ];
    const fact = ask(three, 'akiStage', { within: 'P7D' });
    expect(fact).toMatchObject({ state: 'known', value: 3 });
    expect(fact).not.toHaveProperty('range');
  });
});

describe('one result under two ids', () => {
  it('is one: no trend, no stage', () => {
    const twice = [creatinine('x1', 1.2, eight), creatinine('x2', 1.2, eight)];
    expect(ask(twice, 'labTrend', { ...trend, change: 'ratio' })).toMatchObject({ state: 'missing' });
    expect(ask(twice, 'akiStage', { within: 'P7D' })).toEqual(
      ask(twice.slice(0, 1), 'akiStage', { within: 'P7D' }),
    );
  });
});

describe('results whose times overlap', () => {
  const day = creatinine('a', 1, '2026-01-31');
  const timed = creatinine('b', 2.4, '2026-01-31T10:00:00Z');
  it('are no trend by themselves: they may be of one time', () => {
    expect(ask([day, timed], 'labTrend', { ...trend, change: 'rise' })).toMatchObject({ state: 'missing' });
    expect(ask([day, timed], 'akiStage', { within: 'P7D' })).toMatchObject({ state: 'missing' });
  });
  it('leave open which is the newest, after an earlier one', () => {
    const all = [day, timed, creatinine('c', 1.2, '2026-01-29T08:00:00Z')];
    const rise = ask(all, 'labTrend', { ...trend, change: 'rise' });
    expect(rise).toMatchObject({ range: { low: -0.2, high: 1.4 } });
    // The higher one was reached on that day, whichever of the two came last.
    expect(ask(all, 'akiStage', { within: 'P7D' })).toMatchObject({ state: 'known', value: 2 });
  });
});

describe('a chart that was recorded before results of one time were settled', () => {
  it('is answered as it was: the greater reference counts', () => {
    const { chart } = readBundle([
      patient,
      resourceOf(creatinine('a', 1, eight)),
      resourceOf(creatinine('b', 3, eight)),
    ]);
    const older = chart.labs.map(({ rival: _, ...lab }) => ({ ...lab, used: true, why: null }));
    for (const labs of [older, older.toReversed()]) {
      const fact = prepareFact('lab', { test: 'creatinine', unit: 'mg/dL', within: 'P7D' })(
        createContext({ ...chart, labs }, at, []),
      );
      expect(fact).toMatchObject({ state: 'known', value: 3 });
      expect(fact).not.toHaveProperty('range');
    }
  });
});

describe('two versions of one resource that differ', () => {
  it('are a range, although their references are the same', () => {
    const { chart } = readBundle([patient, resourceOf(creatinine('a', 1, eight))]);
    const [lab] = chart.labs;
    expect(lab?.rival).toBeUndefined();
    const part = (value: number) => ({ code: loincCode('2160-0'), valueQuantity: { value, unit: 'mg/dL' } });
    const both = readBundle([
      patient,
      observation({ id: 'a', code: loincCode('24323-8'), component: [part(3), part(1)] }),
    ]);
    expect(both.chart.labs.filter(({ used }) => used)).toMatchObject([
      { reference: 'Observation/a', value: 1, rival: { reference: 'Observation/a', value: 3 } },
    ]);
    expect(both.notices.map(({ code }) => code)).toEqual(['lab-conflict']);
  });
});

describe('corrected calcium of two albumins', () => {
  it('is a range', () => {
    const of = (id: string, code: string, value: number, unit: string): Sent => ({
      id,
      code,
      value,
      unit,
      time: eight,
    });
    const fact = ask(
      [of('c', '17861-6', 8, 'mg/dL'), of('a', '1751-7', 2, 'g/dL'), of('b', '1751-7', 4, 'g/dL')],
      'lab',
      { test: 'calcium-corrected', unit: 'mg/dL', within: 'P7D' },
    );
    expect(fact).toMatchObject({ state: 'known', range: { low: 8, high: 9.6 } });
  });
});

describe('a reported eGFR', () => {
  const reported: Sent = { id: 'r', code: '98979-8', value: 55, unit: 'mL/min', time: eight };
  it('without the body surface is used as reported, and says so', () => {
    const fact = ask([reported], 'egfr', { within: 'P7D' });
    expect(fact).toMatchObject({ state: 'known', value: 55 });
    expect(fact.evidence[0]?.note).toContain('without the body surface');
  });
  it('of the time of a creatinine is named beside the computed one', () => {
    const fact = ask([reported, creatinine('c', 1, eight)], 'egfr', { within: 'P7D' });
    expect(fact.evidence.map(({ reference }) => reference)).toEqual(['Observation/c', 'Observation/r']);
    expect(fact.evidence[1]?.note).toContain('as the laboratory reported it');
    expect(fact).toMatchObject({
      value: Object(ask([creatinine('c', 1, eight)], 'egfr', { within: 'P7D' })).value,
    });
  });
});

describe('a reported creatinine clearance', () => {
  const reported: Sent = { id: 'r', code: '2164-2', value: 25, unit: 'mL/min', time: eight };
  it('is used where none can be computed, as reported', () => {
    const fact = ask([reported], 'creatinineClearance', { within: 'P7D' });
    expect(fact).toMatchObject({ state: 'known', value: 25, unit: 'mL/min' });
    expect(fact.evidence[0]?.note).toContain('as reported');
    expect(ask([reported, creatinine('c', 1, eight)], 'creatinineClearance', { within: 'P7D' })).toEqual(
      fact,
    );
  });
  it('gives way to the computed one', () => {
    const weight: Sent = { id: 'w', code: '29463-7', value: 70, unit: 'kg', time: eight };
    const fact = ask([reported, creatinine('c', 1, eight), weight], 'creatinineClearance', { within: 'P7D' });
    expect(fact.evidence.map(({ reference }) => reference)).toEqual(['Observation/c', 'Observation/w']);
  });
});

// --- Properties --------------------------------------------------------------------------------------------

const tests = { creatinine: '2160-0', potassium: '2823-3', magnesium: '19123-9', albumin: '1751-7' } as const;
const base = { creatinine: 'mg/dL', potassium: 'mmol/L', magnesium: 'mg/dL', albumin: 'g/dL' } as const;
const times = [
  '2026-01-31T08:00:00Z',
  '2026-01-31T08:00Z',
  '2026-01-31',
  '2026-01-30T20:30:00Z',
  '2026-01-30',
  '2026-01-28T06:00:00Z',
];
const statuses = ['final', 'corrected', 'preliminary', 'entered-in-error'];

const sentOf = fc
  .array(
    fc.record({
      test: fc.constantFrom(...(Object.keys(tests) as (keyof typeof tests)[])),
      tenths: fc.integer({ min: 10, max: 45 }),
      time: fc.constantFrom(...times),
      status: fc.constantFrom(...statuses),
      issued: fc.constantFrom(undefined, '2026-01-31T09:00:00Z', '2026-01-31T10:00:00Z'),
    }),
    { maxLength: 7 },
  )
  .map((list) =>
    list.map(
      ({ test, tenths, time, status, issued }, index): Sent => ({
        id: `o${index}`,
        code: tests[test],
        value: tenths / 10,
        unit: base[test],
        time,
        more: { status, ...(issued ? { issued } : {}) },
      }),
    ),
  );

const questions: readonly [FactName, Record<string, unknown>][] = [
  ...(Object.keys(tests) as (keyof typeof tests)[]).map((test): [FactName, Record<string, unknown>] => [
    'lab',
    { test, unit: base[test], within: 'P3D' },
  ]),
  ['egfr', { within: 'P3D' }],
  ['akiStage', { within: 'P3D' }],
  ['labTrend', { ...trend, change: 'rise' }],
  ['labTrend', { ...trend, test: 'potassium', unit: 'mmol/L', change: 'fall' }],
  ['egfrFall', { within: 'P3D', span: 'P30D', over: 'P1D', as: 'percent' }],
  ['hasLab', { tests: ['magnesium'], within: 'P3D' }],
];

/** State, value and range of every question; what it rests on has ids and units as they came. */
const answers = (sent: readonly Sent[]): unknown =>
  questions.map(([fact, params]) => {
    const { evidence: _, ...rest } = ask(sent, fact, params);
    return rest.state === 'known' ? rest : { state: rest.state };
  });

const runs = { numRuns: 60, seed: 11 };

describe('facts of results do not change', () => {
  it('with the order of entries', () => {
    fc.assert(
      fc.property(sentOf, (sent) => {
        expect(answers(sent.toReversed())).toEqual(answers(sent));
      }),
      runs,
    );
  });
  it('with their ids', () => {
    fc.assert(
      fc.property(sentOf, (sent) => {
        const renamed = sent.map((one, index) => ({ ...one, id: `${sent.length - index}-x` }));
        expect(answers(renamed)).toEqual(answers(sent));
      }),
      runs,
    );
  });
  it('when every result comes again under another id', () => {
    fc.assert(
      fc.property(sentOf, (sent) => {
        expect(answers([...sent, ...sent.map((one) => ({ ...one, id: `again-${one.id}` }))])).toEqual(
          answers(sent),
        );
      }),
      runs,
    );
  });
  it('with the offset of their times', () => {
    fc.assert(
      fc.property(sentOf, fc.constantFrom(-300, 60, 345), (sent, minutes) => {
        expect(answers(sent.map((one) => ({ ...one, time: atOffset(one.time, minutes) })))).toEqual(
          answers(sent),
        );
      }),
      runs,
    );
  });
  it('with the unit that a value is stated in, to nine digits', () => {
    const testOf = (code: string) =>
      (Object.keys(tests) as (keyof typeof tests)[]).find((test) => tests[test] === code);
    fc.assert(
      fc.property(sentOf, fc.nat(), (sent, pick) => {
        const other = sent.map((one) => {
          const test = testOf(one.code) ?? 'creatinine';
          const units = unitTable[test];
          const from = units.find(({ unit }) => unit === one.unit)?.factor ?? 1;
          // Without umol/L, for which KDIGO has a threshold of its own.
          const choice = units.filter(({ unit }) => unit !== 'umol/L');
          const to = choice[pick % choice.length];
          return to
            ? { ...one, unit: to.unit, value: Number(((one.value * from) / to.factor).toPrecision(15)) }
            : one;
        });
        expect(rounded(answers(other))).toEqual(rounded(answers(sent)));
      }),
      runs,
    );
  });
});

const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, one) =>
    typeof one === 'number' ? Number(one.toPrecision(9)) + 0 : one,
  );

/** The same instant written at another offset; a date stays as it is. */
function atOffset(time: string, minutes: number): string {
  if (!time.endsWith('Z')) return time;
  const local = new Date(Date.parse(time) + minutes * minute).toISOString().slice(0, time.length - 1);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
}

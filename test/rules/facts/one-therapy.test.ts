/** One therapy, several resources (decision 27), and what was given (decision 28): from FHIR to the facts. */
import { describe, expect, it } from 'vitest';
import { daily, dose, type Resource } from '../../support/dosages.ts';
import { at } from '../../support/hook-requests.ts';
import { ask, coded, medication } from '../../support/order-facts.ts';

const gabapentin = '25480';
const sulfate = '6585';
const subject = { reference: 'Patient/p1' };
const mg = (value: number): Resource => ({ value, unit: 'mg', code: 'mg' });
const hoursAgo = (hours: number): string => new Date(Date.parse(at) - hours * 3_600_000).toISOString();
const oral = { route: { text: 'oral' } };

let count = 0;
const next = (): string => {
  count += 1;
  return `x${count}`;
};
const order = (milligrams: number | null, more: Resource = {}): Resource =>
  medication(gabapentin, 'active', {
    ...(milligrams === null ? {} : { dosageInstruction: [{ ...oral, ...dose(mg(milligrams), daily(1)) }] }),
    ...more,
  });
const draft = (milligrams: number, more: Resource = {}): Resource =>
  medication(gabapentin, 'ordered', {
    dosageInstruction: [{ ...oral, ...dose(mg(milligrams), daily(1)) }],
    ...more,
  });
const statement = (milligrams: number | null, more: Resource = {}): Resource => ({
  resourceType: 'MedicationStatement',
  id: next(),
  status: 'active',
  subject,
  medicationCodeableConcept: coded(gabapentin),
  ...(milligrams === null ? {} : { dosage: [{ ...oral, ...dose(mg(milligrams), daily(1)) }] }),
  ...more,
});
const given = (milligrams: number, hours: number, more: Resource = {}): Resource => ({
  resourceType: 'MedicationAdministration',
  id: next(),
  status: 'completed',
  subject,
  medicationCodeableConcept: coded(gabapentin),
  effectiveDateTime: hoursAgo(hours),
  dosage: { ...oral, dose: mg(milligrams) },
  ...more,
});
const list = { therapy: [] as Resource[] };

describe('the daily dose of one therapy', () => {
  const daySum = (asked: Parameters<typeof ask>[2]): [number, number] | 'missing' => {
    const fact = ask(
      'dailyDose',
      { ingredients: ['gabapentin'], role: 'any', unit: 'mg' },
      { ...list, ...asked },
    );
    if (fact.state !== 'known' || typeof fact.value !== 'number') return 'missing';
    return [fact.range?.low ?? fact.value, fact.range?.high ?? fact.value];
  };
  const first = order(300, { id: 'first' });
  it.each<[string, Parameters<typeof ask>[2], [number, number]]>([
    ['a request and a statement', { therapy: [order(300), statement(300)] }, [300, 300]],
    ['the larger counts', { therapy: [order(300), statement(600)] }, [600, 600]],
    ['a plan and an order', { therapy: [order(300, { intent: 'plan' }), order(300)] }, [300, 300]],
    ['two orders add up', { therapy: [order(300), order(300)] }, [600, 600]],
    ['two orders and a statement', { therapy: [order(300), order(300), statement(300)] }, [600, 600]],
    ['two statements add up', { therapy: [statement(300), statement(300)] }, [600, 600]],
    ['an order and a draft add up', { therapy: [order(300)], orders: [draft(300)] }, [600, 600]],
    [
      'a draft that replaces the order',
      {
        therapy: [first],
        orders: [draft(300, { priorPrescription: { reference: 'MedicationRequest/first' } })],
      },
      [300, 300],
    ],
    [
      'three parts of an order',
      {
        therapy: [
          first,
          ...[1, 2, 3].map(() =>
            order(100, { intent: 'instance-order', basedOn: [{ reference: 'MedicationRequest/first' }] }),
          ),
        ],
      },
      [300, 300],
    ],
    [
      'two doses of the last day and the order',
      { therapy: [order(300), given(300, 2), given(300, 10)] },
      [600, 600],
    ],
    [
      'the dose of yesterday is none of today',
      { therapy: [order(300), given(300, 2), given(300, 30)] },
      [300, 300],
    ],
    ['a statement without a dose repeats the order', { therapy: [order(300), statement(null)] }, [300, 300]],
    [
      'of which nobody knows whether it is taken',
      { therapy: [order(300), statement(300, { taken: 'unk' })] },
      [300, Number.POSITIVE_INFINITY],
    ],
  ])('%s', (_name, asked, expected) => {
    expect(daySum(asked)).toEqual(expected);
    const reversed = { ...asked, therapy: [...(asked.therapy ?? [])].reverse() };
    expect(daySum(reversed)).toEqual(expected);
  });
  it('a step that is over is no dose of today', () => {
    const step = (sequence: number, milligrams: number, start: string, end: string): Resource => ({
      sequence,
      ...oral,
      doseAndRate: [{ doseQuantity: mg(milligrams) }],
      timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', boundsPeriod: { start, end } } },
    });
    const dosageInstruction = [
      step(2, 300, '2026-01-11', '2026-03-31'),
      step(1, 900, '2026-01-01', '2026-01-10'),
    ];
    expect(daySum({ therapy: [order(null, { dosageInstruction })] })).toEqual([300, 300]);
  });
});

describe('a duplicate', () => {
  const named = (asked: Parameters<typeof ask>[2]): string[] => {
    const fact = ask('duplicateOrder', {}, { ...list, ...asked });
    return fact.state === 'known' && fact.value === true
      ? fact.evidence.map(({ reference }) => reference)
      : [];
  };
  const active = order(300, { id: 'active' });
  const of = (reference: string): Resource => ({ basedOn: [{ reference }] });
  it.each<[string, Parameters<typeof ask>[2], number]>([
    ['a draft and an order', { therapy: [active], orders: [draft(300)] }, 2],
    ['a draft and two orders: all are named', { therapy: [active, order(300)], orders: [draft(300)] }, 3],
    ['a draft and what is said to be taken', { therapy: [statement(300)], orders: [draft(300)] }, 2],
    [
      'a statement that repeats the order is not named',
      { therapy: [active, statement(300)], orders: [draft(300)] },
      2,
    ],
    ['two drafts', { orders: [draft(300), draft(300)] }, 2],
    [
      'an order that begins later',
      {
        therapy: [
          order(300, {
            dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: '2026-03-01' } } } }],
          }),
        ],
        orders: [draft(300)],
      },
      2,
    ],
    [
      'a draft that carries the order out',
      { therapy: [active], orders: [draft(300, of('MedicationRequest/active'))] },
      0,
    ],
    ['a dose that was given', { therapy: [given(300, 2)], orders: [draft(300)] }, 0],
    [
      'an infusion that runs',
      { therapy: [given(300, 2, { status: 'in-progress' })], orders: [draft(300)] },
      2,
    ],
    [
      'of which nobody knows whether it is taken',
      { therapy: [statement(300, { taken: 'unk' })], orders: [draft(300)] },
      0,
    ],
  ])('%s', (_name, asked, expected) => {
    expect(named(asked).length).toBe(expected);
    const reversed = {
      therapy: [...(asked.therapy ?? [])].reverse(),
      orders: [...(asked.orders ?? [])].reverse(),
    };
    expect(named(reversed).sort()).toEqual(named(asked).sort());
  });
});

describe('the sum of what was given', () => {
  const iv = { route: { text: 'intravenous' } };
  const g = (value: number): Resource => ({ value, unit: 'g', code: 'g' });
  const perHour = (value: number): Resource => ({ value, unit: 'g/h', code: 'g/h' });
  const params = { classes: ['magnesium'], role: 'any', route: 'parenteral', unit: 'g', within: 'PT48H' };
  const sum = (asked: Parameters<typeof ask>[2]): [number, number] | 'missing' => {
    const fact = ask('cumulativeDose', params, { ...list, ...asked });
    if (fact.state !== 'known' || typeof fact.value !== 'number') return 'missing';
    return [fact.range?.low ?? fact.value, fact.range?.high ?? fact.value];
  };
  const infusion = (time: Resource, dosage: Resource, status = 'completed'): Resource => ({
    resourceType: 'MedicationAdministration',
    id: next(),
    status,
    subject,
    medicationCodeableConcept: coded(sulfate),
    ...time,
    dosage: { ...iv, ...dosage },
  });
  const bolus = (hours: number, grams = 4): Resource =>
    infusion({ effectiveDateTime: hoursAgo(hours) }, { dose: g(grams) });
  const ordered = medication(sulfate, 'ordered', {
    dosageInstruction: [{ ...iv, ...dose(g(4), { repeat: { count: 1 } }) }],
  });
  const running = medication(sulfate, 'active', {
    authoredOn: hoursAgo(10),
    dosageInstruction: [
      {
        ...iv,
        doseAndRate: [{ rateQuantity: perHour(1) }],
        timing: { repeat: { boundsPeriod: { start: hoursAgo(10), end: hoursAgo(0) } } },
      },
    ],
  });
  const span = (from: number, to?: number): Resource => ({
    effectivePeriod: { start: hoursAgo(from), ...(to === undefined ? {} : { end: hoursAgo(to) }) },
  });
  it.each<[string, Parameters<typeof ask>[2], [number, number]]>([
    [
      'six doses and one ordered',
      { therapy: [40, 34, 28, 22, 16, 10].map((hours) => bolus(hours)), orders: [ordered] },
      [28, 28],
    ],
    ['a dose of three days ago is not in it', { therapy: [bolus(72), bolus(2)] }, [4, 4]],
    [
      'an infusion by its rate and time',
      { therapy: [infusion(span(12, 2), { rateQuantity: perHour(1) })] },
      [10, 10],
    ],
    [
      'stopped: up to its end',
      { therapy: [infusion(span(12, 6), { rateQuantity: perHour(1) }, 'stopped')] },
      [6, 6],
    ],
    [
      'on hold: up to its end',
      { therapy: [infusion(span(12, 6), { rateQuantity: perHour(1) }, 'on-hold')] },
      [6, 6],
    ],
    [
      'runs until it ends',
      { therapy: [infusion(span(12, -12), { rateQuantity: perHour(1) }, 'in-progress')] },
      [24, 24],
    ],
    ['R5 names', { therapy: [infusion({ occurenceDateTime: hoursAgo(2) }, { dose: g(4) })] }, [4, 4]],
    [
      'DSTU2 names',
      { therapy: [infusion({ effectiveTimeDateTime: hoursAgo(2) }, { quantity: g(4) })] },
      [4, 4],
    ],
    [
      'the order of an infusion and its administration',
      { therapy: [running, infusion(span(10, 0), { rateQuantity: perHour(1) })] },
      [10, 10],
    ],
    ['not given', { therapy: [bolus(2), { ...bolus(3), notGiven: true }] }, [4, 4]],
  ])('%s', (_name, asked, expected) => {
    expect(sum(asked)).toEqual(expected);
  });
});

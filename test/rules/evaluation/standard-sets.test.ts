/**
 * The standard set of pre-eclampsia, 4 g over 20 minutes and an infusion, signed together: no alarm, by whatever code the
 * problem list names it; and the ten-fold error beside it is told.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../rules/decide.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import conditions from '../../../rules/terminology/conditions.json' with { type: 'json' };

const ruleset = shippedRuleset();
const evaluatedAt = '2026-01-31T12:00:00.000Z';
const clock = { decisionId: 'set', decidedAt: evaluatedAt, evaluatedAt };
const set = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '../../records/newcomer/m4b-pe-loading-and-maintenance.json'),
    'utf8',
  ),
) as Json;

const systems = {
  icd10cm: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd10: 'http://hl7.org/fhir/sid/icd-10',
  icd9cm: 'http://hl7.org/fhir/sid/icd-9-cm',
  snomed: 'http://snomed.info/sct',
};

/** The set with another problem on the list, and another rate of the infusion. */
function asked(code: Json, gramsAnHour = 2): Set<string> {
  const bundle = structuredClone(set);
  for (const { resource } of bundle.entry as { resource: Record<string, unknown> }[]) {
    if (resource.resourceType === 'Condition') resource.code = code;
    if (resource.id === 'maint') {
      const rate = { value: gramsAnHour, unit: 'g/h', system: 'http://unitsofmeasure.org', code: 'g/h' };
      const [dosage] = resource.dosageInstruction as Record<string, unknown>[];
      if (dosage) dosage.doseAndRate = [{ rateQuantity: rate }];
    }
  }
  const { evaluations } = decide({ hook: 'order-sign', bundle, patient: null }, ruleset, clock);
  return new Set(evaluations.filter(({ shown }) => shown).map(({ rule }) => rule));
}

const alarms = ['IV-006', 'IV-007', 'IV-008', 'IV-009', 'DQ-006', 'IV-019'];
const alarmsOf = (code: Json, gramsAnHour?: number): string[] => {
  const shown = asked(code, gramsAnHour);
  return alarms.filter((rule) => shown.has(rule));
};

const groups = conditions.groups.filter(({ group }) =>
  ['preeclampsia', 'eclampsia', 'hellp'].includes(group),
);
const codings = groups.flatMap(({ group, icd10cm, icd10, icd9cm, snomed }) => {
  const listed = (system: string, codes = '') =>
    codes
      .split(' ')
      .filter((code) => code !== '')
      .map((code) => ({ group, system, code }));
  return [
    ...listed(systems.icd10cm, icd10cm?.prefixes),
    ...listed(systems.icd10, icd10?.prefixes),
    ...listed(systems.icd9cm, icd9cm?.prefixes),
    ...listed(systems.snomed, snomed),
  ];
});

describe('every coding of pre-eclampsia, eclampsia and HELLP syndrome', () => {
  it('is tried', () => expect(codings.length).toBeGreaterThan(60));
  it.each(codings)(
    '$group $code ($system): the set is no alarm, 20 g/h beside the load is',
    ({ system, code }) => {
      const coded = { coding: [{ system, code }] };
      expect(alarmsOf(coded)).toEqual([]);
      expect(alarmsOf(coded, 20)).toEqual(['IV-009']);
    },
  );
});

describe('what exempts nobody', () => {
  it.each<[string, Json]>([
    ['words alone', { text: 'Severe pre-eclampsia' }],
    ['words beside a local code', { coding: [{ system: 'urn:local', code: 'x', display: 'Eclampsia' }] }],
    ['gestational hypertension', { coding: [{ system: systems.icd10cm, code: 'O13.3' }] }],
    ['a history of pre-eclampsia', { coding: [{ system: systems.snomed, code: '161807003' }] }],
  ])('%s', (_, code) => expect(alarmsOf(code)).toContain('IV-009'));
});

describe('rates beside the load', () => {
  const severe = { coding: [{ system: systems.icd10cm, code: 'O14.13' }] };
  it.each([
    [1, []],
    [2, []],
    [2.5, ['IV-008']],
    [9, ['IV-008']],
    [10, ['IV-009']],
    [40, ['IV-009']],
  ] as const)('of %d g/h: %s', (gramsAnHour, rules) => expect(alarmsOf(severe, gramsAnHour)).toEqual(rules));
});

const intravenous = '47625008';
const intramuscular = '78421000';
const oral = '26643006';

interface Beside {
  text: string;
  route?: string;
  grams?: number;
  dosage?: Json;
}

/** An order of this moment; without a rate where its dosage has none. */
const orderOf = ({ text, route, grams, dosage = {} }: Beside, index: number): Json => ({
  resourceType: 'MedicationRequest',
  id: `beside-${index}`,
  status: 'draft',
  intent: 'order',
  medicationCodeableConcept: { text },
  subject: { reference: 'Patient/p' },
  authoredOn: evaluatedAt,
  dosageInstruction: [
    {
      ...(route ? { route: { coding: [{ system: 'http://snomed.info/sct', code: route }] } } : {}),
      ...(grams ? { doseAndRate: [{ doseQuantity: quantity(grams, 'g') }] } : {}),
      ...dosage,
    },
  ],
});
const quantity = (value: number, code: string): Json => ({
  value,
  unit: code,
  code,
  system: 'http://unitsofmeasure.org',
});
const over = (duration: number, durationUnit: string): Json => ({
  timing: { repeat: { count: 1, duration, durationUnit } },
});

/** The rules of a rate that fire, and those that are open, of orders that are signed together. */
function ratesAsked(code: string, drafts: readonly Json[]): { fired: string[]; open: string[] } {
  const patient = { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '1998-01-01' };
  const problem = {
    resourceType: 'Condition',
    id: 'c',
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    code: { coding: [{ system: systems.icd10cm, code }] },
    subject: { reference: 'Patient/p' },
    recordedDate: '2026-01-29',
  };
  const entry = [patient, problem, ...drafts].map((resource) => ({ resource }));
  const bundle = { resourceType: 'Bundle', type: 'collection', entry };
  const { evaluations } = decide({ hook: 'order-sign', bundle, patient: null }, ruleset, clock);
  const of = (outcome: string): string[] =>
    evaluations
      .filter((one) => one.outcome === outcome && ['IV-008', 'IV-009'].includes(one.rule))
      .map(({ rule }) => rule)
      .sort();
  return { fired: of('fired'), open: of('indeterminate') };
}

const load: Beside = {
  text: 'magnesium sulfate',
  route: intravenous,
  grams: 4,
  dosage: over(20, 'min'),
};
const infusion = (gramsAnHour: number): Beside => ({
  text: 'magnesium sulfate',
  route: intravenous,
  dosage: { doseAndRate: [{ rateQuantity: quantity(gramsAnHour, 'g/h') }] },
});
const push: Beside = { ...load, grams: 2, dosage: over(2, 'min') };
const slow: Beside = { ...load, grams: 2, dosage: over(2, 'h') };

const withoutAnyRate: [string, Beside][] = [
  [
    'milk of magnesia as needed',
    { text: 'magnesium hydroxide', route: oral, dosage: { asNeededBoolean: true } },
  ],
  ['milk of magnesia without a route', { text: 'magnesium hydroxide' }],
  ['aluminum and magnesium hydroxide', { text: 'aluminum hydroxide / magnesium hydroxide', route: oral }],
  ['magnesium oxide', { text: 'magnesium oxide', route: oral, grams: 0.4 }],
  ['magnesium into a muscle', { text: 'magnesium sulfate', route: intramuscular, grams: 5 }],
  [
    'a balanced fluid',
    {
      text: 'magnesium chloride / potassium chloride / sodium chloride / sodium acetate / sodium gluconate',
      route: intravenous,
      dosage: { doseAndRate: [{ rateQuantity: quantity(75, 'mL/h') }] },
    },
  ],
];
const none = { fired: [], open: [] };
const preeclampsia = 'O14.13';
const pneumonia = 'J18.9';

describe('magnesium without a rate, signed with others', () => {
  describe.each(withoutAnyRate)('%s', (_, beside) => {
    it.each<[string, string, Beside[], { fired: string[]; open: string[] }]>([
      ['leaves the set exempt', preeclampsia, [load, infusion(2)], none],
      [
        'leaves the ten-fold error told',
        preeclampsia,
        [load, infusion(20)],
        { fired: ['IV-008', 'IV-009'], open: [] },
      ],
      ['leaves the push in torsades exempt', 'I47.21', [push], none],
      ['leaves the rate of a slow dose known', pneumonia, [slow], none],
      ['asks for no rate', pneumonia, [], none],
    ])('%s', (_name, code, orders, expected) =>
      expect(ratesAsked(code, [...orders, beside].map(orderOf))).toEqual(expected),
    );
  });

  const asNeeded: Beside = { text: 'magnesium sulfate', route: intravenous, grams: 2 };
  it.each<[string, string, Beside[], { fired: string[]; open: string[] }]>([
    ['alone is open', pneumonia, [asNeeded], { fired: [], open: ['IV-008', 'IV-009'] }],
    [
      'beside the set it alone is open',
      preeclampsia,
      [load, infusion(2), asNeeded],
      { fired: [], open: ['IV-008', 'IV-009'] },
    ],
    [
      'beside a ten-fold error',
      preeclampsia,
      [load, infusion(20), asNeeded],
      { fired: ['IV-008', 'IV-009'], open: [] },
    ],
    [
      'beside the set without its reason',
      pneumonia,
      [load, infusion(2), asNeeded],
      { fired: ['IV-008', 'IV-009'], open: [] },
    ],
  ])('by vein: %s', (_name, code, orders, expected) =>
    expect(ratesAsked(code, orders.map(orderOf))).toEqual(expected),
  );
  it.each([
    ['intravenous or intramuscular', { text: 'IV or IM' }, ['IV-008', 'IV-009']],
    ['intramuscular in words', { text: 'intramuscular' }, []],
    ['i.m.', { text: 'i.m.' }, []],
    [
      'IM, HL7 v3',
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', code: 'IM' }] },
      [],
    ],
    ['subcutaneous', { text: 'subcutaneous' }, ['IV-008', 'IV-009']],
  ])('whose route is %s', (_, route, open) =>
    expect(
      ratesAsked(pneumonia, [orderOf({ text: 'magnesium sulfate', grams: 1, dosage: { route } }, 0)]),
    ).toEqual({
      fired: [],
      open,
    }),
  );
});

describe('the set as one order of two instructions', () => {
  it.each([
    [2, []],
    [20, ['IV-008', 'IV-009']],
  ])('4 g over 20 minutes, then %d g/h', (gramsAnHour, fired) => {
    const [first, then] = [load, infusion(gramsAnHour)].map(orderOf);
    const steps = [first, then].flatMap((one) => one?.dosageInstruction as Json[]);
    expect(ratesAsked(preeclampsia, [{ ...first, dosageInstruction: steps }])).toEqual({ fired, open: [] });
  });
});

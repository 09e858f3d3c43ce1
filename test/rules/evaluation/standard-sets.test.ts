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

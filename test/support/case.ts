/**
 * Cases of a rule: `cases.json` beside its `rule.json`. A case is a patient in a few words and what the rule
 * must say; it becomes a CDS Hooks request and goes through the whole pipeline. The time is always noon (UTC)
 * of 2026-01-31. Read by clinicians, so names are sentences: "magnesium 0.99 mg/dL fires, 1.0 does not".
 *
 *   {
 *     "name": "magnesium 0.99 mg/dL an hour ago fires",
 *     "given": {
 *       "age": 70,                   years, with a birthday today; null: no birth date; left out: 60
 *       "sex": "female",             or "male"; null: not stated; left out: female
 *       "labs": [                    left out: no laboratory data came; []: asked for, and there is none
 *         { "test": "magnesium", "value": 0.99, "unit": "mg/dL", "hoursAgo": 1,
 *           "lowerLimit": 1.6,       the laboratory's own lower limit, in the same unit
 *           "comparator": "<",       for a one-sided result
 *           "status": "preliminary", left out: final
 *           "loinc": "2601-3" } ],   left out: a LOINC code of the test
 *       "active": [                  taken now; left out: no medication list came; []: takes nothing
 *         { "drug": "omeprazole", "route": "oral", "startedDaysAgo": 730,
 *           "startedHoursAgo": 5,    instead, to the hour
 *           "completed": true } ],   it was taken, and is over
 *       "ended": [                   over; left out: past therapy never came; []: there is none
 *         { "drug": "cetuximab", "route": "intravenous", "endedDaysAgo": 20 } ],   left out: no end stated
 *       "ordered": [                 draft orders; left out on an order hook: the drafts did not come
 *         { "drug": "magnesium sulfate", "route": "intravenous",
 *           "selected": false,       order-select: in the draft, but not what is being chosen now
 *           "gramsPerHour": 1,       a rate
 *           "milligramsADay": 400,   once a day
 *           "dose": "40 mg",         or "1 mg/kg", "2 tablets", "10 mL"
 *           "timesADay": 2,          of that dose; left out: how often is not said
 *           "count": 1,              so many doses in all
 *           "hours": 4,              that one dose takes
 *           "forHours": 48,          until the order ends
 *           "asNeeded": true,
 *           "product": "sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet" } ],
 *       "conditions": [ "myasthenia-gravis",
 *         { "group": "torsades", "status": "resolved", "verification": "unconfirmed", "daysAgo": 10 },
 *         { "icd10cm": "Z3A.24", "daysAgo": 7 } ],     a code that is in no group
 *       "dueInDays": 120,            an estimated delivery date, stated a week ago; only with labs
 *       "allergies": [ "ciprofloxacin" ],
 *       "entered": [ "dialysis" ],   at an entry: conditions (or allergies) that are new this moment
 *       "encounter": "inpatient"     left out: not known; null: asked for, and there is none
 *     },
 *     "hook": "order-sign",          left out: the rule's first
 *     "expect": "fired",             "not-fired", "indeterminate"
 *     "missing": ["egfr"],           words of what an undecided rule waits for
 *     "shown": true,                 whether there is a card at this moment
 *     "why": "does not contribute",  words of why it is not shown or did not fire
 *     "summary": "Mg 0.99 mg/dL"     words of the card's summary
 *   }
 *
 * A drug is an ingredient of rules/terminology/drugs.json, or several (one product); `{ "text": "..." }`
 * is a drug given as text only. A condition is a group of rules/terminology/conditions.json, a test one of
 * labs.json. `"unit": null` is a result without a unit.
 */
import * as z from 'zod/mini';
import { type Clock, type Decision, decide } from '../../rules/decide.ts';
import type { Evaluation } from '../../rules/evaluation/findings.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { type Hook, hooks, meaningOf } from '../../rules/fhir/hooks.ts';
import type { LintCase } from '../../rules/library/lint.ts';
import type { Rule } from '../../rules/rule/document.ts';
import { conditionGroups } from '../../rules/terminology/conditions.ts';
import { ingredientByName } from '../../rules/terminology/drugs/ingredients.ts';
import { type LabTest, labCodes, labTestNames } from '../../rules/terminology/labs.ts';

const lab = z.strictObject({
  test: z.enum(labTestNames),
  value: z.number(),
  unit: z.nullable(z.string()),
  hoursAgo: z.number(),
  lowerLimit: z.optional(z.number()),
  comparator: z.optional(z.enum(['<', '<=', '>', '>='])),
  status: z.optional(z.string()),
  loinc: z.optional(z.string()),
});
const drug = z.strictObject({
  drug: z.optional(z.union([z.string(), z.array(z.string()).check(z.minLength(1))])),
  text: z.optional(z.string()),
  route: z.optional(z.string()),
  startedDaysAgo: z.optional(z.number()),
  startedHoursAgo: z.optional(z.number()),
  completed: z.optional(z.boolean()),
  selected: z.optional(z.boolean()),
  gramsPerHour: z.optional(z.number()),
  milligramsADay: z.optional(z.number()),
  endedDaysAgo: z.optional(z.number()),
  dose: z.optional(z.string().check(z.regex(/^\d+(\.\d+)? \S+$/, 'write a dose as `40 mg`'))),
  timesADay: z.optional(z.number()),
  count: z.optional(z.number()),
  hours: z.optional(z.number()),
  forHours: z.optional(z.number()),
  asNeeded: z.optional(z.boolean()),
  product: z.optional(z.string()),
});
const condition = z.union([
  z.string(),
  z.strictObject({
    group: z.string(),
    status: z.optional(z.string()),
    verification: z.optional(z.string()),
    daysAgo: z.optional(z.number()),
  }),
  z.strictObject({ icd10cm: z.string(), daysAgo: z.optional(z.number()) }),
]);
const given = z.strictObject({
  age: z.optional(z.nullable(z.number())),
  sex: z.optional(z.nullable(z.enum(['female', 'male']))),
  labs: z.optional(z.array(lab)),
  dueInDays: z.optional(z.number()),
  active: z.optional(z.array(drug)),
  ended: z.optional(z.array(drug)),
  ordered: z.optional(z.array(drug)),
  conditions: z.optional(z.array(condition)),
  allergies: z.optional(z.array(z.string())),
  entered: z.optional(z.array(z.union([z.string(), condition]))),
  encounter: z.optional(z.nullable(z.enum(['inpatient', 'emergency', 'ambulatory', 'home', 'virtual']))),
});
export const caseSchema = z.strictObject({
  name: z.string().check(z.minLength(1)),
  given,
  hook: z.optional(z.enum(hooks)),
  expect: z.enum(['fired', 'not-fired', 'indeterminate']),
  missing: z.optional(z.array(z.string())),
  shown: z.optional(z.boolean()),
  why: z.optional(z.string()),
  summary: z.optional(z.string()),
});
export type Case = z.infer<typeof caseSchema>;
type Given = z.infer<typeof given>;
type GivenDrug = z.infer<typeof drug>;

/** @throws Error naming the file and the first problem of a case that is not well formed */
export function parseCases(json: unknown, where: string): Case[] {
  const parsed = z.array(caseSchema).safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${where}: ${issue?.path.join('.')}: ${issue?.message}`);
}

export const evaluatedAt = '2026-01-31T12:00:00.000Z';
const at = Date.parse(evaluatedAt);
const hour = 3_600_000;
const ago = (hours: number): string => new Date(at - hours * hour).toISOString();
const dayAgo = (days: number): string => ago(days * 24).slice(0, 10);

type Resource = Record<string, unknown>;
const subject = { reference: 'Patient/case' };
const bundle = (resources: readonly Resource[]): Resource => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  entry: resources.map((resource) => ({ resource })),
});

function patient({ age = 60, sex = 'female' }: Given): Resource {
  return {
    resourceType: 'Patient',
    id: 'case',
    ...(sex === null ? {} : { gender: sex }),
    ...(age === null ? {} : { birthDate: `${2026 - age}-01-31` }),
  };
}

/** The test's first code, of the kind its unit is: moles, or else mass. */
function loincOf(test: LabTest, unit: string | null): string {
  const codes = labCodes.filter((entry) => entry.test === test);
  const property = unit !== null && /mol|meq/i.test(unit) ? 'molar' : 'mass';
  const code = codes.find((entry) => entry.property === property) ?? codes[0];
  if (!code) throw new Error(`no LOINC code for ${test}`);
  return code.code;
}

function observation(entry: z.infer<typeof lab>, index: number): Resource {
  const { test, value, unit, hoursAgo, lowerLimit, comparator, status = 'final', loinc } = entry;
  const stated = unit === null ? {} : { unit, system: 'http://unitsofmeasure.org', code: unit };
  return {
    resourceType: 'Observation',
    id: `lab-${index + 1}`,
    status,
    category: [{ coding: [{ code: 'laboratory' }] }],
    code: { coding: [{ system: 'http://loinc.org', code: loinc ?? loincOf(test, unit) }] },
    subject,
    effectiveDateTime: ago(hoursAgo),
    valueQuantity: { value, ...(comparator ? { comparator } : {}), ...stated },
    ...(lowerLimit === undefined ? {} : { referenceRange: [{ low: { value: lowerLimit, ...stated } }] }),
  };
}

const dueDate = (days: number): Resource => ({
  resourceType: 'Observation',
  id: 'due-date',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '11778-8' }] },
  subject,
  effectiveDateTime: ago(7 * 24),
  valueDateTime: dayAgo(-days),
});

function concept({ drug: names, text, product }: GivenDrug): Resource {
  if (names === undefined) return { text: text ?? 'not named' };
  return {
    ...(product === undefined ? {} : { text: product }),
    coding: [names].flat().map((name) => {
      const known = ingredientByName(name);
      if (!known) throw new Error(`\`${name}\` is no ingredient of rules/terminology/drugs.json`);
      return known.rxnorm === null
        ? { display: known.name }
        : { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: known.rxnorm };
    }),
  };
}

/** `40 mg` as a Quantity. */
function quantity(dose: string): Resource {
  const [value, unit] = dose.split(' ');
  return { value: Number(value), unit };
}

const dosage = (entry: GivenDrug): Resource[] => {
  const { route, gramsPerHour, milligramsADay, timesADay, count, hours, forHours, asNeeded } = entry;
  const dose = milligramsADay === undefined ? entry.dose : `${milligramsADay} mg`;
  const times = milligramsADay === undefined ? timesADay : 1;
  const repeat: Resource = {
    ...(times === undefined ? {} : { frequency: times, period: 1, periodUnit: 'd' }),
    ...(count === undefined ? {} : { count }),
    ...(hours === undefined ? {} : { duration: hours, durationUnit: 'h' }),
    ...(forHours === undefined ? {} : { boundsDuration: { value: forHours, code: 'h' } }),
  };
  const row: Resource = {
    ...(dose === undefined ? {} : { doseQuantity: quantity(dose) }),
    ...(gramsPerHour === undefined ? {} : { rateQuantity: quantity(`${gramsPerHour} g/h`) }),
  };
  return [
    {
      ...(route === undefined ? {} : { route: { text: route } }),
      ...(asNeeded === undefined ? {} : { asNeededBoolean: asNeeded }),
      ...(Object.keys(repeat).length === 0 ? {} : { timing: { repeat } }),
      ...(Object.keys(row).length === 0 ? {} : { doseAndRate: [row] }),
    },
  ];
};

const startOf = ({ startedDaysAgo, startedHoursAgo }: GivenDrug): string | undefined =>
  startedHoursAgo === undefined
    ? startedDaysAgo === undefined
      ? undefined
      : dayAgo(startedDaysAgo)
    : ago(startedHoursAgo);

const statement = (entry: GivenDrug, index: number): Resource => ({
  resourceType: 'MedicationStatement',
  id: `active-${index + 1}`,
  status: entry.completed ? 'completed' : 'active',
  subject,
  medicationCodeableConcept: concept(entry),
  dosage: dosage(entry),
  ...(startOf(entry) === undefined ? {} : { effectivePeriod: { start: startOf(entry) } }),
});

const past = (entry: GivenDrug, index: number): Resource => ({
  ...statement(entry, index),
  id: `past-${index + 1}`,
  status: 'completed',
  ...(entry.endedDaysAgo === undefined ? {} : { effectivePeriod: { end: dayAgo(entry.endedDaysAgo) } }),
});

const order = (entry: GivenDrug, index: number, status = 'draft'): Resource => ({
  resourceType: 'MedicationRequest',
  id: `order-${index + 1}`,
  status,
  intent: 'order',
  subject,
  medicationCodeableConcept: concept(entry),
  dosageInstruction: dosage(entry),
});

const icd10cm = 'http://hl7.org/fhir/sid/icd-10-cm';

function codeOfGroup(group: string): { system: string; code: string } {
  const code = conditionGroups.get(group)?.codes[0];
  if (!code) throw new Error(`\`${group}\` is no group of rules/terminology/conditions.json`);
  return code;
}

function conditionOf(said: z.infer<typeof condition>, index: number): Resource {
  const entry = typeof said === 'string' ? { group: said } : said;
  const { daysAgo = 30 } = entry;
  const code = 'group' in entry ? codeOfGroup(entry.group) : { system: icd10cm, code: entry.icd10cm };
  const { status = 'active', verification = 'confirmed' } = 'group' in entry ? entry : {};
  return {
    resourceType: 'Condition',
    id: `condition-${index + 1}`,
    clinicalStatus: { coding: [{ code: status }] },
    verificationStatus: { coding: [{ code: verification }] },
    code: { coding: [{ system: code.system, code: code.code }] },
    subject,
    onsetDateTime: dayAgo(daysAgo),
  };
}

const allergy = (name: string, index: number): Resource => ({
  resourceType: 'AllergyIntolerance',
  id: `allergy-${index + 1}`,
  clinicalStatus: { coding: [{ code: 'active' }] },
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  code: concept({ drug: name }),
  patient: subject,
});

const encounterCodes = {
  inpatient: 'IMP',
  emergency: 'EMER',
  ambulatory: 'AMB',
  home: 'HH',
  virtual: 'VR',
} as const;
const encounter = (kind: keyof typeof encounterCodes): Resource => ({
  resourceType: 'Encounter',
  id: 'case',
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: encounterCodes[kind] },
  subject,
  period: { start: dayAgo(2) },
});

type Facts = Case['given'];

/** What the hook's context says of the orders. */
function orderContext(hook: Hook, facts: Facts, orders: Resource[] | undefined): Resource {
  const { kind, brings, names } = meaningOf(hook);
  if (!orders || kind !== 'order') return {};
  const references = orders.map(({ id }) => `MedicationRequest/${id}`);
  const [field] = brings;
  return {
    ...(names ? { [names]: references } : {}),
    ...(field ? { [field]: hook === 'medication-verify' ? orders[0] : bundle(orders) } : {}),
    ...(hook === 'order-select'
      ? { selections: references.filter((_, index) => facts.ordered?.[index]?.selected !== false) }
      : {}),
  };
}

/** What the hook's context says of conditions or allergies that are new this moment. */
function entryContext(hook: Hook, facts: Facts): Resource {
  const {
    brings: [field],
    entered,
  } = meaningOf(hook);
  if (!field || !entered || !facts.entered) return {};
  const news = facts.entered.map((entry, index) => ({
    ...(entered === 'conditions' ? conditionOf(entry, index) : allergy(String(entry), index)),
    id: `new-${index + 1}`,
  }));
  return { [field]: entered === 'conditions' ? bundle(news) : news[0] };
}

/** What came with the call, in the order of the prefetch templates. */
function prefetchOf(hook: Hook, facts: Facts, orders: Resource[] | undefined): Resource {
  const { labs, active, ended, conditions, allergies, dueInDays } = facts;
  const prefetch: Resource = { patient: patient(facts) };
  const due = dueInDays === undefined ? [] : [dueDate(dueInDays)];
  if (labs) prefetch.labs = bundle([...labs.map(observation), ...due]);
  if (meaningOf(hook).names && orders) prefetch.dispatched = bundle(orders);
  if (active) {
    prefetch.medicationRequests = bundle([]);
    prefetch.medicationStatements = bundle(active.map(statement));
  }
  if (ended) {
    prefetch.pastMedicationRequests = bundle([]);
    prefetch.pastMedicationStatements = bundle(ended.map(past));
  }
  if (conditions) prefetch.conditions = bundle(conditions.map(conditionOf));
  if (allergies) prefetch.allergies = bundle(allergies.map(allergy));
  if (facts.encounter !== undefined)
    prefetch.encounter = facts.encounter === null ? null : encounter(facts.encounter);
  return prefetch;
}

/** The CDS Hooks call of a case: what `decide` takes. */
export function requestOf(
  { given: facts, hook: asked }: Case,
  first: Hook,
): { hook: Hook; context: Resource; prefetch: Resource } {
  const hook = asked ?? first;
  const { names, encounterId } = meaningOf(hook);
  const status = hook === 'medication-verify' || names ? 'active' : 'draft';
  const orders = facts.ordered?.map((entry, index) => order(entry, index, status));
  const context = {
    patientId: 'case',
    userId: 'Practitioner/case',
    ...(facts.encounter && encounterId !== 'none' ? { encounterId: 'case' } : {}),
    ...orderContext(hook, facts, orders),
    ...entryContext(hook, facts),
  };
  return { hook, context, prefetch: prefetchOf(hook, facts, orders) };
}

const clock: Clock = { decisionId: 'case', decidedAt: evaluatedAt, evaluatedAt };

/** A case after the pipeline: the decision, what its rule said, and what the linter looks at. */
export interface DecidedCase {
  decision: Decision;
  evaluation: Evaluation;
  lint: LintCase;
}

export function decideCase(one: Case, rule: Rule, ruleset: Ruleset): DecidedCase {
  const [first] = rule.hooks;
  const decision = first && decide(requestOf(one, first), ruleset, clock);
  const evaluation = decision?.evaluations.find((found) => found.rule === rule.id);
  if (!decision || !evaluation) throw new Error(`${rule.id} was not evaluated`);
  const lint = { name: one.name, expect: one.expect, why: evaluation.why, facts: decision.facts() };
  return { decision, evaluation, lint };
}

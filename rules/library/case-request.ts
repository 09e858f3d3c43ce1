/** What a case of a rule (case.ts) comes as: the CDS Hooks call of its patient, in FHIR R4. */
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import { hour } from '../fhir/time.ts';
import { conditionGroups } from '../terminology/conditions.ts';
import { ingredientByName } from '../terminology/drugs/ingredients.ts';
import { type LabTest, labCodes, labTests } from '../terminology/labs.ts';
import {
  type Case,
  type CaseData,
  evaluatedAt,
  type GivenCondition,
  type GivenDrug,
  type GivenLab,
} from './case.ts';

const at = Date.parse(evaluatedAt);
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

function patient({ age = 60, ageDays, sex = 'female' }: CaseData): Resource {
  const birthDate = ageDays === undefined ? `${2026 - (age ?? 0)}-01-31` : dayAgo(ageDays);
  return {
    resourceType: 'Patient',
    id: 'case',
    ...(sex === null ? {} : { gender: sex }),
    ...(age === null ? {} : { birthDate }),
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

function observation(entry: GivenLab, index: number): Resource {
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

const study = (text: string, index: number, status: string): Resource => ({
  resourceType: 'ServiceRequest',
  id: `study-${index + 1}`,
  status,
  intent: 'order',
  subject,
  code: { text },
});

const icd10cm = 'http://hl7.org/fhir/sid/icd-10-cm';

function codeOfGroup(group: string): { system: string; code: string } {
  const code = conditionGroups.get(group)?.example;
  if (!code) throw new Error(`\`${group}\` is no group of rules/terminology/conditions.json`);
  return code;
}

function conditionOf(said: GivenCondition, index: number): Resource {
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
    ...(daysAgo === null ? {} : { onsetDateTime: dayAgo(daysAgo) }),
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

/** What the hook's context says of the orders. */
function orderContext(hook: Hook, facts: CaseData, orders: Resource[] | undefined): Resource {
  const { kind, brings, names } = meaningOf(hook);
  if (!orders || kind !== 'order') return {};
  const references = orders.map(({ resourceType, id }) => `${resourceType}/${id}`);
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
function entryContext(hook: Hook, facts: CaseData): Resource {
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
function prefetchOf(hook: Hook, facts: CaseData, orders: Resource[] | undefined): Resource {
  const { labs, active, ended, conditions, allergies, dueInDays } = facts;
  const prefetch: Resource = { patient: patient(facts) };
  const due = dueInDays === undefined ? [] : [dueDate(dueInDays)];
  if (labs) {
    const isOfLaboratory = (_: unknown, index: number): boolean =>
      labTests[labs[index]?.test ?? 'creatinine'].laboratory;
    const results = labs.map(observation);
    prefetch.labs = bundle(results.filter(isOfLaboratory));
    prefetch.measurements = bundle([...results.filter((one, index) => !isOfLaboratory(one, index)), ...due]);
  }
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
  const drugs = facts.ordered?.map((entry, index) => order(entry, index, status));
  const studies = facts.studies?.map((text, index) => study(text, index, status));
  const orders = drugs || studies ? [...(drugs ?? []), ...(studies ?? [])] : undefined;
  const context = {
    patientId: 'case',
    userId: 'Practitioner/case',
    ...(facts.encounter && encounterId !== 'none' ? { encounterId: 'case' } : {}),
    ...orderContext(hook, facts, orders),
    ...entryContext(hook, facts),
  };
  return { hook, context, prefetch: prefetchOf(hook, facts, orders) };
}

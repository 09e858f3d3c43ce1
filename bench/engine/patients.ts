/**
 * Patients with a history, and what each hook is called about: five as hospitals have them, and one with a thousand
 * results. The same every time. Results are stored oldest first, which is how some servers answer.
 */
import { type Hook, meaningOf } from '../../rules/fhir/hooks.ts';
import { asArray, asObject, asString, type Json } from '../../rules/fhir/json.ts';

export const at = '2026-01-31T12:00:00.000Z';
const hour = 3_600_000;
export const ago = (hours: number): string => new Date(Date.parse(at) - hours * hour).toISOString();

export const subject = { reference: 'Patient/p1' };
const ucum = 'http://unitsofmeasure.org';
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const snomed = 'http://snomed.info/sct';
const categoryOf = (code: string) => [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] },
];
const quantity = (value: number, unit: string) => ({ value, unit, code: unit, system: ucum });
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });

/** Codes and units of the results that histories are made of. */
export const analytes = {
  magnesium: ['19123-9', 'mg/dL'],
  potassium: ['2823-3', 'mmol/L'],
  creatinine: ['2160-0', 'mg/dL'],
  calcium: ['17861-6', 'mg/dL'],
  albumin: ['1751-7', 'g/dL'],
  hemoglobin: ['718-7', 'g/dL'],
} as const;
export type Analyte = keyof typeof analytes;

export const result = (analyte: Analyte, value: number, hoursAgo: number, more: Json = {}): Json => ({
  resourceType: 'Observation',
  id: `${analyte}-${Math.round(hoursAgo * 10)}`,
  status: 'final',
  category: categoryOf('laboratory'),
  code: loinc(analytes[analyte][0]),
  subject,
  effectiveDateTime: ago(hoursAgo),
  valueQuantity: quantity(value, analytes[analyte][1]),
  ...more,
});

/** Several results as components of one, as a metabolic panel is filed by some laboratories. */
const panel = (hoursAgo: number, values: Partial<Record<Analyte, number>>): Json => ({
  resourceType: 'Observation',
  id: `panel-${hoursAgo}`,
  status: 'final',
  category: categoryOf('laboratory'),
  code: loinc('24323-8'),
  subject,
  effectiveDateTime: ago(hoursAgo),
  component: Object.entries(values).map(([analyte, value]) => ({
    code: loinc(analytes[analyte as Analyte][0]),
    valueQuantity: quantity(value, analytes[analyte as Analyte][1]),
  })),
});

const measurement = (code: string, value: number, unit: string, hoursAgo: number): Json => ({
  resourceType: 'Observation',
  id: `measurement-${code}-${hoursAgo}`,
  status: 'final',
  category: categoryOf('vital-signs'),
  code: loinc(code),
  subject,
  effectiveDateTime: ago(hoursAgo),
  valueQuantity: quantity(value, unit),
});

/** RxNorm ingredients. */
const drugs = {
  'magnesium sulfate': '6585',
  omeprazole: '7646',
  furosemide: '4603',
  metformin: '6809',
  digoxin: '3407',
  lisinopril: '29046',
  spironolactone: '9997',
  ciprofloxacin: '2551',
  levothyroxine: '10582',
  ibuprofen: '5640',
  cetuximab: '318341',
  sotalol: '9947',
  amiodarone: '703',
} as const;
type Drug = keyof typeof drugs;
const concept = (drug: Drug) => ({
  coding: [{ system: rxnorm, code: drugs[drug], display: drug }],
  text: drug,
});

const intravenous = {
  route: { coding: [{ system: snomed, code: '47625008', display: 'Intravenous route' }] },
};
const oral = { route: { coding: [{ system: snomed, code: '26643006', display: 'Oral route' }] } };

const request = (id: string, drug: Drug, more: Json = {}): Json => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  subject,
  authoredOn: ago(72),
  medicationCodeableConcept: concept(drug),
  dosageInstruction: [oral],
  ...more,
});

/** An order whose drug is a resource of its own. */
const referring = (id: string, drug: Drug, more: Json = {}): Json[] => {
  const { medicationCodeableConcept: _, ...order } = request(id, drug, more);
  return [
    { resourceType: 'Medication', id: `drug-${id}`, code: concept(drug) },
    { ...order, medicationReference: { reference: `Medication/drug-${id}` } },
  ];
};

const statement = (id: string, drug: Drug, more: Json = {}): Json => ({
  resourceType: 'MedicationStatement',
  id,
  status: 'active',
  subject,
  medicationCodeableConcept: concept(drug),
  effectivePeriod: { start: ago(24 * 400) },
  dosage: [oral],
  ...more,
});

const administration = (id: string, drug: Drug, more: Json): Json => ({
  resourceType: 'MedicationAdministration',
  id,
  status: 'completed',
  subject,
  medicationCodeableConcept: concept(drug),
  dosage: intravenous,
  ...more,
});

const condition = (id: string, code: string): Json => ({
  resourceType: 'Condition',
  id,
  clinicalStatus: { coding: [{ code: 'active' }] },
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  code: { coding: [{ system: snomed, code }] },
  subject,
  recordedDate: ago(24 * 100),
});

const allergy = (id: string, drug: Drug): Json => ({
  resourceType: 'AllergyIntolerance',
  id,
  clinicalStatus: { coding: [{ code: 'active' }] },
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  code: concept(drug),
  patient: subject,
});

const encounter = (kind: 'IMP' | 'AMB'): Json => ({
  resourceType: 'Encounter',
  id: 'e1',
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: kind },
  subject,
  period: { start: ago(48) },
});

const person = (birthDate: string, gender = 'female'): Json => ({
  resourceType: 'Patient',
  id: 'p1',
  gender,
  birthDate,
});

/** Results every so many hours, the newest `hours` ago, as `valueAt` says by hours ago; oldest first. */
export const history = (
  analyte: Analyte,
  { count, every, newest = 2 }: { count: number; every: number; newest?: number },
  valueAt: (hoursAgo: number) => number,
): Json[] =>
  Array.from({ length: count }, (_, index) => newest + (count - 1 - index) * every).map((hoursAgo) =>
    result(analyte, Math.round(valueAt(hoursAgo) * 100) / 100, hoursAgo),
  );

const oldestFirst = (resources: readonly Json[]): Json[] =>
  [...resources].sort((a, b) =>
    (asString(a.effectiveDateTime) ?? '') < (asString(b.effectiveDateTime) ?? '') ? -1 : 1,
  );

/** What a server has of one patient. */
export interface RecordOf {
  name: string;
  resources: readonly Json[];
  /** The order that the hooks about orders are called with. */
  ordered: Json;
  /** The problem that the hook about problems is called with. */
  problem: Json;
}

const draft = (drug: Drug, more: Json = {}): Json => request('draft-1', drug, { status: 'draft', ...more });
const problem = condition('new-1', '46177005');
const infusion = draft('magnesium sulfate', { dosageInstruction: [intravenous] });

/** A kidney that fails, potassium that rises, magnesium that fell: the newest says other than most. */
const failing: RecordOf = {
  name: 'a kidney that fails',
  ordered: draft('spironolactone'),
  problem,
  resources: [
    person('1948-03-01'),
    ...oldestFirst([
      ...history('creatinine', { count: 20, every: 12 }, (hours) => (hours < 30 ? 3.9 : 1.1)),
      ...history('potassium', { count: 20, every: 12 }, (hours) => (hours < 20 ? 6.2 : 4.2)),
      ...history('magnesium', { count: 20, every: 24 }, (hours) => (hours < 20 ? 0.9 : 2)),
      ...history('hemoglobin', { count: 10, every: 24 }, () => 13),
      measurement('29463-7', 62, 'kg', 50),
      measurement('8636-3', 512, 'ms', 12),
    ]),
    request('lisinopril', 'lisinopril'),
    ...referring('metformin', 'metformin'),
    ...referring('digoxin', 'digoxin'),
    statement('omeprazole', 'omeprazole'),
    encounter('IMP'),
  ],
};

/** Results only as components of panels. */
const panels: RecordOf = {
  name: 'results in panels',
  ordered: draft('digoxin'),
  problem,
  resources: [
    person('1960-03-01'),
    ...Array.from({ length: 12 }, (_, index) => (11 - index) * 24 + 3).map((hours) =>
      panel(hours, { magnesium: hours < 20 ? 0.8 : 1.9, potassium: hours < 20 ? 2.7 : 4, creatinine: 1 }),
    ),
    ...history('hemoglobin', { count: 10, every: 24 }, () => 12),
    ...referring('furosemide', 'furosemide'),
    statement('sotalol', 'sotalol'),
    encounter('AMB'),
  ],
};

/** Dialysis that only a procedure says. */
const dialysis: RecordOf = {
  name: 'dialysis as a procedure',
  ordered: infusion,
  problem,
  resources: [
    person('1955-03-01', 'male'),
    ...oldestFirst([
      ...history('magnesium', { count: 12, every: 48 }, () => 1.9),
      ...history('calcium', { count: 12, every: 48 }, () => 7.2),
      ...history('albumin', { count: 6, every: 48 }, () => 4),
    ]),
    {
      resourceType: 'Procedure',
      id: 'session',
      status: 'completed',
      code: { coding: [{ system: snomed, code: '302497006', display: 'Hemodialysis' }] },
      subject,
      performedDateTime: ago(30),
    },
    ...referring('metformin', 'metformin'),
    request('levothyroxine', 'levothyroxine'),
    encounter('IMP'),
  ],
};

/** An infusion that runs, a pregnancy, myasthenia. */
const running: RecordOf = {
  name: 'an infusion that runs',
  ordered: infusion,
  problem,
  resources: [
    person('1995-03-01'),
    ...oldestFirst([
      ...history('magnesium', { count: 14, every: 6 }, (hours) => (hours < 12 ? 9.1 : 5)),
      ...history('creatinine', { count: 14, every: 24 }, () => 0.7),
      measurement('29463-7', 70, 'kg', 20),
    ]),
    administration('running', 'magnesium sulfate', {
      status: 'in-progress',
      effectivePeriod: { start: ago(24 * 6) },
    }),
    administration('given', 'furosemide', { effectiveDateTime: ago(30) }),
    condition('pregnancy', '77386006'),
    condition('myasthenia', '91637004'),
    encounter('IMP'),
  ],
};

/** Therapy that is over, allergies, drugs that bind each other. */
const past: RecordOf = {
  name: 'therapy that is over',
  ordered: draft('ciprofloxacin'),
  problem,
  resources: [
    person('1970-03-01'),
    ...oldestFirst([
      ...history('magnesium', { count: 12, every: 200, newest: 400 }, () => 1.8),
      ...history('creatinine', { count: 12, every: 200, newest: 30 }, () => 1.2),
      ...history('potassium', { count: 12, every: 200, newest: 30 }, () => 4.4),
    ]),
    request('cetuximab', 'cetuximab', { status: 'completed', dosageInstruction: [intravenous] }),
    ...referring('past-amiodarone', 'amiodarone', { status: 'stopped' }),
    statement('cetuximab-said', 'cetuximab', { status: 'completed', effectivePeriod: { end: ago(24 * 20) } }),
    ...referring('magnesium', 'magnesium sulfate'),
    request('ibuprofen', 'ibuprofen'),
    request('lisinopril', 'lisinopril'),
    statement('levothyroxine', 'levothyroxine'),
    allergy('allergy', 'ciprofloxacin'),
    condition('fibrillation', '49436004'),
    encounter('AMB'),
  ],
};

export const patients: readonly RecordOf[] = [failing, panels, dialysis, running, past];

/** A thousand results, oldest first: all is well for long, and the newest are critical; or the other way round. */
export const thousand = (newest: 'critical' | 'normal'): RecordOf => {
  const value = (critical: number, normal: number) => (hours: number) =>
    hours < 40 === (newest === 'critical') ? critical : normal;
  return {
    ...failing,
    name: `a thousand results, the newest ${newest}`,
    resources: [
      ...failing.resources.filter(({ resourceType }) => resourceType !== 'Observation'),
      ...oldestFirst([
        ...history('magnesium', { count: 250, every: 12 }, value(0.9, 2)),
        ...history('potassium', { count: 250, every: 12 }, value(6.4, 4.1)),
        ...history('creatinine', { count: 250, every: 12 }, value(4.8, 0.9)),
        ...history('calcium', { count: 250, every: 12 }, value(6.1, 9.2)),
      ]),
    ],
  };
};

/** What the hook is called with. */
export function contextOf(hook: Hook, { ordered, problem: newProblem }: RecordOf): Json {
  const { kind, brings, names, encounterId, userId, entered } = meaningOf(hook);
  const [field = ''] = brings;
  const active = { ...ordered, status: 'active' };
  const bundleOf = (resource: Json) => ({ resourceType: 'Bundle', entry: [{ resource }] });
  return {
    patientId: 'p1',
    ...(userId === 'none' ? {} : { userId: 'Practitioner/1' }),
    ...(encounterId === 'none' ? {} : { encounterId: 'e1' }),
    ...(names ? { [names]: [`MedicationRequest/${dispatchedId}`] } : {}),
    ...(kind === 'order' && field
      ? { [field]: hook === 'medication-verify' ? active : bundleOf(ordered) }
      : {}),
    ...(hook === 'order-select' ? { selections: [`MedicationRequest/${ordered.id}`] } : {}),
    ...(entered === 'allergies' ? { [field]: { ...allergy('new-1', 'furosemide') } } : {}),
    ...(entered === 'conditions' ? { [field]: bundleOf(newProblem) } : {}),
  };
}

const dispatchedId = 'dispatched';
/** What the server holds when the hook is called: for an order that is only named, that order, too. */
export const resourcesFor = (hook: Hook, { resources, ordered }: RecordOf): readonly Json[] =>
  meaningOf(hook).names ? [...resources, { ...ordered, id: dispatchedId, status: 'active' }] : resources;

const over = new Set(['completed', 'stopped', 'on-hold']);

/** LOINC codes that a template asks for. */
const codesOf = (template: string | undefined): readonly string[] =>
  /[?&](?:combo-)?code=([^&]*)/
    .exec(template ?? '')?.[1]
    ?.split(',')
    .map((token) => token.split('|').at(-1) ?? '') ?? [];

/** Which key of the templates asks for such a resource, whatever its code: by type, status and kind of result. */
function isAskedFor(key: string, templates: Templates, resource: Json): boolean {
  const type = typeOf(templates[key] ?? '');
  if (resource.resourceType !== type) return false;
  if (type === 'Observation') {
    const own = asArray(asObject(resource.code)?.coding).map(({ code }) => code);
    const isMeasured = codesOf(templates.measurements).some((code) => own.includes(code));
    return (key === 'measurements') === isMeasured;
  }
  if (type !== 'MedicationRequest' && type !== 'MedicationStatement') return true;
  return key.startsWith('past') === over.has(asString(resource.status) ?? '');
}

/** Prefetch templates by key. */
type Templates = Readonly<Record<string, string>>;

/** What a template asks for, by key: `Observation`. */
const typeOf = (template: string): string => template.split(/[/?]/)[0] ?? '';

/**
 * The whole record as a client would send it: every resource under the key whose template asks for its kind, all
 * codes, in one page.
 * @param base of the server, for the addresses of entries
 */
export function wholePrefetch(
  templates: Templates,
  resources: readonly Json[],
  base: string,
): Record<string, unknown> {
  const searchset = (found: readonly Json[], included: readonly Json[] = []) => ({
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    entry: [
      ...found.map((one) => [one, 'match'] as const),
      ...included.map((one) => [one, 'include'] as const),
    ].map(([resource, mode]) => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
      resource,
      search: { mode },
    })),
  });
  const drugResources = resources.filter(({ resourceType }) => resourceType === 'Medication');
  const answered = Object.entries(templates).map(([key, template]): [string, unknown] => {
    const type = typeOf(template);
    const found = resources.filter((resource) => isAskedFor(key, templates, resource));
    if (!template.includes('?')) return [key, found[0] ?? null];
    return [key, searchset(found, type === 'MedicationRequest' ? drugResources : [])];
  });
  // A kind that no template asks for would be read all the same where it came.
  const types = new Set(Object.values(templates).map(typeOf));
  const procedures = resources.filter(({ resourceType }) => resourceType === 'Procedure');
  const more = types.has('Condition') && !types.has('Procedure') ? { procedures: searchset(procedures) } : {};
  return { ...Object.fromEntries(answered), ...more };
}

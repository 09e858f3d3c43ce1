/**
 * Ordinary patients, and what is ordered for them on an ordinary day: CDS Hooks calls in FHIR R4 with every prefetch key
 * answered. Seeded. What a reader should be told is no ordinary order, and never comes of this (`together`, `single`,
 * renal drugs only with a clearance of 60 or more): a danger is planted by the caller.
 */
import {
  acute,
  admissions,
  childhood,
  chronic,
  comfort,
  type Drug,
  heartFailureDrugs,
  heartFailureTests,
  type Problem,
  single,
  together,
} from './ordinary-orders.ts';

export const at = '2026-01-31T12:00:00.000Z';

type Resource = Record<string, unknown>;
type Random = () => number;

export interface Result {
  loinc: string;
  value: number;
  unit: string;
  hoursAgo: number;
}

export interface OrdinaryPatient {
  setting: 'inpatient' | 'outpatient';
  age: number;
  sex: 'female' | 'male';
  results: Result[];
  /** ICD-10-CM and words. */
  problems: { code: string; display: string; daysAgo?: number }[];
  taken: Drug[];
  /** What was taken at home, as a statement. */
  home?: Drug[];
  /** null: the category never came. */
  allergies: { code: string; display: string }[] | null;
}

export interface OrdinaryOrder {
  patient: OrdinaryPatient;
  orders: Drug[];
  /** Tests that are ordered with them: LOINC and words. */
  tests?: readonly (readonly [code: string, display: string])[];
  /** The order carries on this entry of what is taken. */
  renews?: number;
}

const loinc = {
  creatinine: '2160-0',
  potassium: '2823-3',
  magnesium: '19123-9',
  calcium: '17861-6',
  albumin: '1751-7',
  weight: '29463-7',
  height: '8302-2',
  qtc: '8636-3',
  digoxin: '10535-3',
} as const;

const units: Readonly<Record<string, string>> = {
  creatinine: 'mg/dL',
  potassium: 'mmol/L',
  magnesium: 'mg/dL',
  calcium: 'mg/dL',
  qtc: 'ms',
  digoxin: 'ng/mL',
};
const measured: ReadonlySet<string> = new Set([loinc.weight, loinc.height, loinc.qtc]);

const between = (random: Random, low: number, high: number, decimals = 0): number =>
  Number((low + random() * (high - low)).toFixed(decimals));
function oneOf<T>(random: Random, list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

/** Cockcroft and Gault, for the choice of ordinary drugs alone. */
function clearanceOf(patient: OrdinaryPatient): number {
  const latestOf = (code: string): number =>
    patient.results.find((one) => one.loinc === code)?.value ?? Number.NaN;
  const share = patient.sex === 'female' ? 0.85 : 1;
  return (((140 - patient.age) * latestOf(loinc.weight)) / (72 * latestOf(loinc.creatinine))) * share;
}

/** Whether a reader would want to be told about this drug beside those. */
function fits(drug: Drug, beside: readonly Drug[], clearance: number): boolean {
  if (drug.tags.includes('renal') && !(clearance >= 60)) return false;
  const names = new Set(beside.map(({ name }) => name.split(' ')[0]));
  if (names.has(drug.name.split(' ')[0])) return false;
  const tags = new Set(beside.flatMap((one) => one.tags));
  if (drug.tags.some((tag) => single.includes(tag) && tags.has(tag))) return false;
  return !together.some(
    ([one, other]) =>
      (drug.tags.includes(one) && tags.has(other)) || (drug.tags.includes(other) && tags.has(one)),
  );
}

interface Body {
  age: number;
  sex: 'female' | 'male';
  weight: number;
  height: number;
  /** eGFR between 45 and 59 for years, and on the problem list. */
  isStage3a: boolean;
}

function bodyOf(random: Random, from: number, to: number): Body {
  const sex = random() < 0.5 ? 'female' : 'male';
  const height = sex === 'female' ? between(random, 155, 172) : between(random, 167, 188);
  const weight = Math.round(between(random, 21, 31, 1) * (height / 100) ** 2);
  const age = between(random, from, to);
  return { age, sex, weight, height, isStage3a: age >= 60 && random() < 0.15 };
}

const bodyResults = ({ weight, height }: Body, hoursAgo: number): Result[] => [
  { loinc: loinc.weight, value: weight, unit: 'kg', hoursAgo },
  { loinc: loinc.height, value: height, unit: 'cm', hoursAgo },
];

/** A creatinine with an estimate of 60 or more at this age, or between 45 and 59. */
function creatinineOf(random: Random, { sex, age, isStage3a }: Body): number {
  if (isStage3a) return Number(((sex === 'female' ? 1.1 : 1.45) - (age - 70) * 0.006).toFixed(2));
  return between(random, 0.6, (sex === 'female' ? 0.9 : 1.15) - Math.max(0, age - 60) * 0.004, 2);
}

const stage3a = { code: 'N18.31', display: 'Chronic kidney disease, stage 3a' };

const panel = (random: Random, creatinine: number, hoursAgo: number): Result[] => [
  { loinc: loinc.creatinine, value: creatinine, unit: 'mg/dL', hoursAgo },
  { loinc: loinc.potassium, value: between(random, 3.7, 4.8, 1), unit: 'mmol/L', hoursAgo },
  { loinc: loinc.calcium, value: between(random, 8.8, 10, 1), unit: 'mg/dL', hoursAgo },
];

const day = 24;

/** Labs of the last two days, each morning's; an ECG and a weight at admission. */
function hospitalResults(random: Random, body: Body): Result[] {
  const creatinine = creatinineOf(random, body);
  const [morning, stay] = [between(random, 4, 9), between(random, 1, 3)];
  const mornings = Array.from({ length: stay + 1 }, (_, index) =>
    panel(random, Number((creatinine + (index % 2) * 0.05).toFixed(2)), morning + index * day),
  );
  return [
    ...mornings.flat(),
    { loinc: loinc.magnesium, value: between(random, 1.8, 2.3, 1), unit: 'mg/dL', hoursAgo: morning },
    {
      loinc: loinc.albumin,
      value: between(random, 3.5, 4.5, 1),
      unit: 'g/dL',
      hoursAgo: morning + stay * day,
    },
    { loinc: loinc.qtc, value: between(random, 395, 445), unit: 'ms', hoursAgo: stay * day },
    ...bodyResults(body, stay * day),
  ];
}

/** What a practice has: bloods within a year for those who have a reason, a weight for most. */
function practiceResults(random: Random, body: Body, hasReason: boolean): Result[] {
  const weighed = random() < 0.85 ? bodyResults(body, between(random, 1, 300) * day) : [];
  const isTested = hasReason ? random() < 0.9 : random() < 0.3;
  if (!isTested) return weighed;
  const creatinine = creatinineOf(random, body);
  const last = hasReason ? between(random, 3, 180) : between(random, 3, 340);
  const earlier = random() < 0.6 ? panel(random, creatinine, (last + between(random, 120, 360)) * day) : [];
  return [...panel(random, creatinine, last * day), ...earlier, ...weighed];
}

/** Adds what fits of the drugs of these problems: one or two each. */
function takenFor(random: Random, problems: readonly Problem[], clearance: number): Drug[] {
  const taken: Drug[] = [];
  for (const { drugs } of problems) {
    const wanted = random() < 0.35 ? 2 : 1;
    for (let index = 0; index < wanted; index += 1) {
      const drug = oneOf(random, drugs);
      if (fits(drug, taken, clearance)) taken.push(drug);
    }
  }
  return taken;
}

function problemsFor(random: Random, { age, sex }: Body, most: number): Problem[] {
  const possible = chronic.filter(
    ({ from, code }) =>
      age >= from && !(sex === 'female' && code === 'N40.0') && !(sex === 'male' && code === 'M81.0'),
  );
  const wanted = age < 40 ? between(random, 0, Math.min(1, most)) : between(random, 1, most);
  const chosen = new Set<Problem>();
  while (chosen.size < Math.min(wanted, possible.length)) chosen.add(oneOf(random, possible));
  return [...chosen];
}

const named = (problems: readonly Problem[]) => problems.map(({ code, display }) => ({ code, display }));

/** Tries until something fits. */
function orderOf(
  random: Random,
  from: readonly Drug[],
  beside: readonly Drug[],
  clearance: number,
): Drug | null {
  const fitting = from.filter((drug) => fits(drug, beside, clearance));
  return fitting.length === 0 ? null : oneOf(random, fitting);
}

/** A patient in hospital with a complete chart, and one order. */
export function inpatientOrder(random: Random): OrdinaryOrder {
  const body = bodyOf(random, 35, 88);
  const reason = oneOf(
    random,
    admissions.filter(({ from }) => body.age >= from),
  );
  const problems = problemsFor(random, body, 3);
  const patient: OrdinaryPatient = {
    setting: 'inpatient',
    age: body.age,
    sex: body.sex,
    results: hospitalResults(random, body),
    problems: [...named([reason, ...problems]), ...(body.isStage3a ? [stage3a] : [])],
    taken: [],
    allergies: [],
  };
  const clearance = clearanceOf(patient);
  patient.taken = takenFor(random, problems, clearance);
  for (let index = 0; index < 3; index += 1) {
    const running = orderOf(random, [...reason.drugs, ...comfort], patient.taken, clearance);
    if (running && !running.tags.includes('potassium')) patient.taken.push(running);
  }
  const order = orderOf(random, random() < 0.4 ? reason.drugs : comfort, patient.taken, clearance);
  if (!order) return inpatientOrder(random);
  if (order.tags.includes('potassium'))
    for (const result of patient.results) if (result.loinc === loinc.potassium) result.value = 3.6;
  return { patient, orders: [order] };
}

/** Somebody in a practice: a new drug for a long-term problem, something acute, a renewal; now and then a child. */
export function outpatientOrder(random: Random): OrdinaryOrder {
  if (random() < 0.05) return childOrder(random);
  const body = bodyOf(random, 19, 86);
  const problems = problemsFor(random, body, 3);
  const results = practiceResults(random, body, problems.length > 0 || body.isStage3a);
  const patient: OrdinaryPatient = {
    setting: 'outpatient',
    age: body.age,
    sex: body.sex,
    results,
    problems: [...named(problems), ...(body.isStage3a ? [stage3a] : [])],
    taken: [],
    allergies: [],
  };
  // Where there is no creatinine or no weight, the prescriber takes the kidneys of somebody well for granted.
  const known = clearanceOf(patient);
  const clearance = Number.isNaN(known) ? (body.age < 65 && !body.isStage3a ? 90 : 50) : known;
  patient.taken = takenFor(random, problems, clearance);
  const kind = random();
  if (kind < 0.1 && patient.taken.length > 0) {
    const renews = Math.floor(random() * patient.taken.length);
    const order = patient.taken[renews];
    if (order) return { patient, orders: [order], renews };
  }
  const source = kind < 0.55 && problems.length > 0 ? oneOf(random, problems) : oneOf(random, acute);
  const order = source.from <= body.age ? orderOf(random, source.drugs, patient.taken, clearance) : null;
  if (!order || (order.tags.includes('pill') && body.sex === 'male')) return outpatientOrder(random);
  if (!problems.includes(source)) patient.problems.push(...named([source]));
  return { patient, orders: [order] };
}

function childOrder(random: Random): OrdinaryOrder {
  const age = between(random, 3, 12);
  const { code, display, drugs } = oneOf(random, childhood);
  const weight = 8 + age * 2.5;
  const row = oneOf(random, drugs);
  const perDose = row.dose.endsWith('mg/kg')
    ? `${Math.round(Number.parseFloat(row.dose) * weight)} mg`
    : row.dose;
  return {
    patient: {
      setting: 'outpatient',
      age,
      sex: random() < 0.5 ? 'female' : 'male',
      results: [{ loinc: loinc.weight, value: weight, unit: 'kg', hoursAgo: 1 }],
      problems: [{ code, display }],
      taken: [],
      allergies: [],
    },
    orders: [{ ...row, dose: perDose }],
  };
}

/** Admitted for heart failure with normal results: fifteen orders signed at once; every second one took three of them at home. */
export function heartFailureSet(random: Random): OrdinaryOrder {
  const body = bodyOf(random, 55, 82);
  const results = hospitalResults(random, body);
  const patient: OrdinaryPatient = {
    setting: 'inpatient',
    age: body.age,
    sex: body.sex,
    results,
    problems: [{ code: 'I50.23', display: 'Acute on chronic systolic (congestive) heart failure' }],
    taken: [],
    home: random() < 0.5 ? heartFailureDrugs.slice(1, 4) : [],
    allergies: [],
  };
  if (!(clearanceOf(patient) >= 60)) return heartFailureSet(random);
  return { patient, orders: [...heartFailureDrugs], tests: heartFailureTests };
}

/** The results with those of one test replaced; value and hours ago of each. */
export function resultsOf(
  results: readonly Result[],
  test: string,
  values: readonly (readonly [value: number, hoursAgo: number])[],
): Result[] {
  const code = Object.entries(loinc).find(([name]) => name === test)?.[1];
  const unit = units[test];
  if (!code || !unit) throw new Error(`\`${test}\` is no test of an ordinary patient`);
  return [
    ...results.filter((one) => one.loinc !== code),
    ...values.map(([value, hoursAgo]) => ({ loinc: code, value, unit, hoursAgo })),
  ];
}

// As FHIR.

const ago = (hours: number): string => new Date(Date.parse(at) - hours * 3_600_000).toISOString();
const subject = { reference: 'Patient/ordinary' };
const ucum = 'http://unitsofmeasure.org';

const searchset = (resources: readonly Resource[]): Resource => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  entry: resources.map((resource) => ({
    fullUrl: `https://fhir.example/${resource.resourceType}/${resource.id}`,
    resource,
  })),
});

const resultResource = ({ loinc: code, value, unit, hoursAgo }: Result, index: number): Resource => ({
  resourceType: 'Observation',
  id: `result-${index + 1}`,
  status: 'final',
  category: [{ coding: [{ code: measured.has(code) ? 'vital-signs' : 'laboratory' }] }],
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject,
  effectiveDateTime: ago(hoursAgo),
  valueQuantity: { value, unit, code: unit, system: ucum },
});

const problemResource = (
  { code, display, daysAgo = 400 }: OrdinaryPatient['problems'][number],
  index: number,
): Resource => ({
  resourceType: 'Condition',
  id: `problem-${index + 1}`,
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
  },
  verificationStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
  },
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code, display }], text: display },
  subject,
  onsetDateTime: ago(daysAgo * day).slice(0, 10),
});

const allergyResource = ({ code, display }: { code: string; display: string }, index: number): Resource => ({
  resourceType: 'AllergyIntolerance',
  id: `allergy-${index + 1}`,
  clinicalStatus: { coding: [{ code: 'active' }] },
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  code: { coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code, display }], text: display },
  patient: subject,
});

const routes: Readonly<Record<string, string>> = {
  oral: '26643006',
  intravenous: '47625008',
  subcutaneous: '34206005',
  ophthalmic: '54485002',
  topical: '6064005',
  nasal: '46713006',
  sublingual: '37839007',
};

function dosageOf({ route, dose, timesADay, asNeeded }: Drug): Resource {
  const code = routes[route];
  const [value, unit] = dose.split(' ');
  const amount = { value: Number(value), unit };
  const isRate = unit?.endsWith('/h') ?? false;
  const timing =
    timesADay === null
      ? {}
      : {
          timing: {
            repeat:
              timesADay < 1
                ? { frequency: 1, period: Math.round(1 / timesADay), periodUnit: 'd' }
                : { frequency: timesADay, period: 1, periodUnit: 'd' },
          },
        };
  return {
    ...timing,
    ...(asNeeded ? { asNeededBoolean: true } : {}),
    route: { ...(code ? { coding: [{ system: 'http://snomed.info/sct', code }] } : {}), text: route },
    doseAndRate: [isRate ? { rateQuantity: amount } : { doseQuantity: amount }],
  };
}

const requestResource = (drug: Drug, id: string, status: string, authoredOn: string): Resource => ({
  resourceType: 'MedicationRequest',
  id,
  status,
  intent: 'order',
  medicationCodeableConcept: { text: drug.name },
  subject,
  authoredOn,
  dosageInstruction: [dosageOf(drug)],
});

const statementResource = (drug: Drug, index: number): Resource => ({
  resourceType: 'MedicationStatement',
  id: `home-${index + 1}`,
  status: 'active',
  medicationCodeableConcept: { text: drug.name },
  subject,
  effectivePeriod: { start: ago(300 * day).slice(0, 10) },
  dosage: [dosageOf(drug)],
});

const testResource = ([code, display]: readonly [string, string], index: number): Resource => ({
  resourceType: 'ServiceRequest',
  id: `test-${index + 1}`,
  status: 'draft',
  intent: 'order',
  code: { coding: [{ system: 'http://loinc.org', code, display }], text: display },
  subject,
});

function draftsOf({ orders, tests = [], renews }: OrdinaryOrder): Resource[] {
  return [
    ...orders.map((drug, index) => ({
      ...requestResource(drug, `order-${index + 1}`, 'draft', at),
      ...(renews === undefined
        ? {}
        : { priorPrescription: { reference: `MedicationRequest/taken-${renews + 1}` } }),
    })),
    ...tests.map(testResource),
  ];
}

export interface HookCall {
  hook: 'order-sign' | 'patient-view';
  context: Resource;
  prefetch: Resource;
}

/** The call, with every prefetch key answered, but that of a category that never came. */
export function callOf(order: OrdinaryOrder, hook: HookCall['hook'] = 'order-sign'): HookCall {
  const { patient } = order;
  const isStay = patient.setting === 'inpatient';
  const results = patient.results.map(resultResource);
  const isMeasured = (_: unknown, index: number): boolean =>
    measured.has(patient.results[index]?.loinc ?? '');
  const encounter = {
    resourceType: 'Encounter',
    id: 'visit',
    status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: isStay ? 'IMP' : 'AMB' },
    subject,
    period: { start: ago(isStay ? 3 * day : 1) },
  };
  return {
    hook,
    context: {
      patientId: 'ordinary',
      userId: 'Practitioner/1',
      encounterId: 'visit',
      ...(hook === 'order-sign'
        ? {
            draftOrders: {
              resourceType: 'Bundle',
              type: 'collection',
              entry: draftsOf(order).map((resource) => ({ resource })),
            },
          }
        : {}),
    },
    prefetch: {
      patient: {
        resourceType: 'Patient',
        id: 'ordinary',
        gender: patient.sex,
        birthDate: `${2026 - patient.age}-01-15`,
      },
      labs: searchset(results.filter((one, index) => !isMeasured(one, index))),
      measurements: searchset(results.filter(isMeasured)),
      medicationRequests: searchset(
        patient.taken.map((drug, index) =>
          requestResource(drug, `taken-${index + 1}`, 'active', ago((isStay ? 2 : 200) * day)),
        ),
      ),
      medicationStatements: searchset((patient.home ?? []).map(statementResource)),
      medicationAdministrations: searchset([]),
      pastMedicationRequests: searchset([]),
      pastMedicationStatements: searchset([]),
      conditions: searchset(patient.problems.map(problemResource)),
      procedures: searchset([]),
      ...(patient.allergies ? { allergies: searchset(patient.allergies.map(allergyResource)) } : {}),
      encounter,
    },
  };
}

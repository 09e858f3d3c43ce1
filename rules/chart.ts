/**
 * FHIR resources -> Chart: what is known about the patient now, coded, without names or narrative, each item
 * with its FHIR reference. The decision record keeps the chart, and a replay starts from it.
 *
 * Status and time are decided here, once: see docs/data.md.
 */
import { type Dosing, readDosing } from './dosage.ts';
import {
  codeOf,
  codingsOf,
  isObject,
  type Json,
  normalReference,
  object,
  objects,
  printableCode,
  type Span,
  spanOf,
  text,
  tidy,
} from './fhir.ts';
import type { Category, Completeness, Intake, Item } from './intake.ts';
import { type Notice, type NoticeCode, notice } from './notice.ts';
import { conditionGroupsOf } from './terminology/conditions.ts';
import {
  type DrugResolution,
  type Ingredient,
  type ProductIndex,
  type Route,
  readRoute,
  resolveDrug,
} from './terminology/drugs.ts';
import { analyteNamedIn, type LabCode, type LabTest, labCodeOf, labTests } from './terminology/labs.ts';
import { contradictsProperty, convert, readUnit } from './terminology/units.ts';

export type Comparator = '<' | '<=' | '>' | '>=';

export interface Lab {
  reference: string;
  test: LabTest;
  /** LOINC code the test was recognised by. */
  loinc: string;
  /** In the test's canonical unit (`unit`), unrounded; null when the value is not used. */
  value: number | null;
  unit: string;
  comparator?: Comparator;
  /** As it came; `unit` only where it looks like a unit. */
  received: { value: number | null; unit: string | null };
  /** UCUM unit of `received.value` as understood. */
  statedUnit: string | null;
  /** Lower reference limit of the laboratory, canonical unit. */
  lowerLimit?: number;
  /** Equation of a reported eGFR. */
  method?: string;
  raceBased?: boolean;
  time: string | null;
  span: Span | null;
  used: boolean;
  /** Why it is not used, or what the reader must know although it is. */
  why: string | null;
  versionId?: string;
}

export interface Medication {
  reference: string;
  role: 'active' | 'ordered' | 'inactive';
  status: string | null;
  /** An order the clinician is working on now. */
  selected: boolean;
  route: Route | null;
  ingredients: { rxnorm: string | null; name: string }[];
  resolvedBy: DrugResolution['resolvedBy'];
  codes: { system: string; code: string }[];
  started: Span | null;
  /** `started` is a date of writing: the therapy may be older. */
  startedAtLatest?: boolean;
  dosing?: Dosing;
  why: string | null;
}

export interface ChartCondition {
  reference: string;
  groups: string[];
  codes: { system: string; code: string }[];
  /** `inactive` covers resolved and remission. */
  status: 'active' | 'inactive';
  confirmed: boolean;
  onset: Span | null;
}

export interface Allergy {
  reference: string;
  ingredients: { rxnorm: string | null; name: string }[];
  status: 'active' | 'inactive';
}

export interface ServiceOrder {
  reference: string;
  codes: { system: string; code: string }[];
  selected: boolean;
}

export type EncounterClass = 'inpatient' | 'emergency' | 'ambulatory' | 'home' | 'virtual';

export interface Chart {
  patient: {
    reference: string | null;
    sex: 'male' | 'female' | null;
    birthDate: string | null;
  };
  encounter: { reference: string | null; class: EncounterClass | null; start: string | null } | null;
  labs: Lab[];
  medications: Medication[];
  conditions: ChartCondition[];
  allergies: Allergy[];
  serviceOrders: ServiceOrder[];
  completeness: Record<Category, Completeness>;
}

const fiveMinutes = 300_000;
/** A date without an offset may have begun this much earlier somewhere on earth. */
const earliestOffset = 14 * 3_600_000;

const patientReference = (id: string | null): string | null =>
  id === null || id.startsWith('urn:') ? id : `Patient/${id}`;

class Reading {
  readonly chart: Chart;
  readonly notices: Notice[] = [];
  readonly at: number;
  readonly intake: Intake;
  readonly products: ProductIndex | undefined;
  /** Counts of what is not used, by code, so that a thousand observations make one notice. */
  readonly unused = new Map<string, number>();

  constructor(intake: Intake, at: number, products: ProductIndex | undefined) {
    this.intake = intake;
    this.at = at;
    this.products = products;
    this.chart = {
      patient: {
        reference: patientReference(intake.patientId),
        sex: null,
        birthDate: null,
      },
      encounter: null,
      labs: [],
      medications: [],
      conditions: [],
      allergies: [],
      serviceOrders: [],
      completeness: { ...intake.completeness },
    };
  }

  say(code: NoticeCode, reference: string | null, message: string): void {
    this.notices.push(notice(code, reference, message));
  }

  /** Laboratory data came: whether all of it, the intake knows. */
  sawLaboratory(): void {
    const { completeness } = this.chart;
    if (completeness.labs === 'absent') {
      completeness.labs = this.intake.incomplete.has('labs') ? 'partial' : 'known';
    }
  }
}

/**
 * @param at evaluation time in milliseconds: results after it are not used, ended therapy is not active
 * @param products optional index of RxNorm products, supplied by the operator
 */
export function chartOf(
  intake: Intake,
  at: number,
  products?: ProductIndex,
): { chart: Chart; notices: Notice[] } {
  const reading = new Reading(intake, at, products);
  let patientSeen = false;
  for (const item of intake.items) {
    try {
      switch (item.type) {
        case 'Observation':
          readObservation(reading, item);
          break;
        case 'MedicationRequest':
        case 'MedicationStatement':
          readMedication(reading, item);
          break;
        case 'Condition':
          readCondition(reading, item);
          break;
        case 'AllergyIntolerance':
          readAllergy(reading, item);
          break;
        case 'ServiceRequest':
          readServiceRequest(reading, item);
          break;
        case 'Patient':
          patientSeen = true;
          readPatient(reading, item);
          break;
      }
    } catch {
      reading.say('resource-malformed', item.reference, `could not be read as ${item.type}: not used`);
    }
  }
  readEncounter(reading);
  if (!patientSeen && intake.patientId !== null) {
    reading.say('patient-missing', null, 'no Patient resource came: age and sex are unknown');
  }
  for (const [code, count] of reading.unused) {
    reading.say(
      'observation-not-used',
      null,
      `${count} observation(s) with code ${code}: no rule asks for them`,
    );
  }
  notConflicting(reading);
  return { chart: reading.chart, notices: reading.notices };
}

function readPatient({ chart }: Reading, { resource, reference }: Item): void {
  chart.patient.reference = reference;
  chart.patient.sex = resource.gender === 'male' || resource.gender === 'female' ? resource.gender : null;
  const birthDate = text(resource.birthDate);
  chart.patient.birthDate = birthDate && spanOf(birthDate) ? birthDate.slice(0, 10) : null;
}

const codesOf = (codings: readonly Json[]): { system: string; code: string }[] =>
  codings.flatMap((coding) => {
    const code = printableCode(coding.code);
    const system = text(coding.system);
    return code && system && system.length <= 120 ? [{ system, code }] : [];
  });

// --- Observation: https://hl7.org/fhir/R4/observation.html -------------------------------------------------

/** effectiveDateTime, else effectivePeriod.end, else issued; nothing else is a time of the specimen. */
function observationTime(resource: Json): { time: string | null; span: Span | null } {
  const candidates = [
    resource.effectiveDateTime,
    resource.effectiveInstant,
    object(resource.effectivePeriod)?.end,
    resource.issued,
  ];
  for (const candidate of candidates) {
    const span = spanOf(candidate);
    if (span) return { time: candidate as string, span };
  }
  return { time: null, span: null };
}

/** With 5 minutes for clocks that differ; a date has begun when it has begun anywhere on earth. */
function isInFuture({ at }: Reading, time: string | null, span: Span | null): boolean {
  if (time === null || span === null) return false;
  return (time.length <= 10 ? span.from - earliestOffset : span.from) > at + fiveMinutes;
}

const withdrawn = new Set(['entered-in-error', 'cancelled', 'registered']);
const settled = new Set(['final', 'amended', 'corrected', 'appended']);

const isLaboratory = (resource: Json): boolean =>
  objects(resource.category).some((category) =>
    codingsOf(category).some((coding) => coding.code === 'laboratory' || coding.code === 'LAB'),
  );

function readObservation(reading: Reading, item: Item): void {
  const { resource } = item;
  const codings = codingsOf(resource.code);
  const code = labCodeOf(codings);
  if ((code && labTests[code.test].laboratory) || (!code && isLaboratory(resource))) {
    reading.sawLaboratory();
  }
  if (code) readResult(reading, item, resource, code);
  let componentsUsed = false;
  for (const component of objects(resource.component)) {
    const part = labCodeOf(codingsOf(component.code));
    if (!part) continue;
    componentsUsed = true;
    if (labTests[part.test].laboratory) reading.sawLaboratory();
    readResult(reading, item, component, part);
  }
  if (code || componentsUsed) return;
  const named = nameOfUncoded(codings, resource.code);
  if (named && (resource.valueQuantity !== undefined || resource.valueString !== undefined)) {
    const codes = codesOf(codings).map(({ code: value }) => value);
    reading.say(
      'lab-code-unknown',
      item.reference,
      `seems to be ${labTests[named].name} but ${codes.length > 0 ? `code ${codes.join(', ')} is not one we know` : 'has no code'}: not used; send a LOINC code`,
    );
    return;
  }
  const key = printableCode(codings[0]?.code) ?? '(none)';
  reading.unused.set(key, (reading.unused.get(key) ?? 0) + 1);
}

function nameOfUncoded(codings: readonly Json[], concept: unknown): LabTest | null {
  for (const coding of codings) {
    if (typeof coding.display === 'string') {
      const named = analyteNamedIn(coding.display);
      if (named) return named;
    }
  }
  const label = isObject(concept) ? text(concept.text) : null;
  return label ? analyteNamedIn(label) : null;
}

const comparators = new Set<unknown>(['<', '<=', '>', '>=']);
const isComparator = (value: unknown): value is Comparator => comparators.has(value);

/** `< 8.0`, `0.9 mg/dL`: an optional comparator, a decimal, an optional unit. Nothing else is read from text. */
const resultText = /^\s*(<=|>=|<|>)?\s*(\d{1,7}(?:\.\d{1,6})?)\s*(\S.{0,24})?$/;

interface Stated {
  value: number | null;
  comparator: unknown;
  quantity: { unit?: unknown; code?: unknown; system?: unknown };
  /** It was found in a text: what follows the number may be anything. */
  inText?: boolean;
}

function statedValue(part: Json): Stated | null {
  if (isObject(part.valueQuantity)) {
    const { value, comparator, unit, code, system } = part.valueQuantity;
    return {
      value: typeof value === 'number' && Number.isFinite(value) ? value : null,
      comparator,
      quantity: { unit, code, system },
    };
  }
  if (typeof part.valueString === 'string' && part.valueString.length <= 60) {
    const match = resultText.exec(part.valueString);
    if (match) {
      const quantity = { unit: match[3]?.trim() };
      return { value: Number(match[2]), comparator: match[1], quantity, inText: true };
    }
  }
  if (typeof part.valueInteger === 'number') {
    return { value: part.valueInteger, comparator: undefined, quantity: {} };
  }
  return null;
}

/** A unit that may be repeated: short, without two words in a row that could be a name. */
const printableUnit = (unit: unknown): string | null =>
  typeof unit === 'string' &&
  unit.length <= 24 &&
  /^[\p{L}\p{N}µμ%/.[\]{}^*()_²³ -]+$/u.test(unit) &&
  !/\p{L}{9,}|\p{L}{2,}[ -]+\p{L}{2,}/u.test(unit)
    ? unit
    : null;

function readResult(reading: Reading, item: Item, part: Json, code: LabCode): void {
  const { resource, reference } = item;
  const info = labTests[code.test];
  if (code.test === 'pregnancy-status') {
    readPregnancyStatus(reading, item, part);
    return;
  }
  const stated = statedValue(part);
  const { time, span } = observationTime(resource);
  const unitText =
    stated && !stated.inText
      ? (printableUnit(stated.quantity.unit) ?? printableUnit(stated.quantity.code))
      : null;
  const lab: Lab = {
    reference,
    test: code.test,
    loinc: code.code,
    value: null,
    unit: info.unit,
    received: { value: stated?.value ?? null, unit: unitText },
    statedUnit: null,
    time,
    span,
    used: false,
    why: null,
  };
  const versionId = printableCode(object(resource.meta)?.versionId);
  if (versionId) lab.versionId = versionId;
  const refused = judgeResult(reading, item, part, lab, stated, code);
  if (refused === 'panel') return;
  reading.chart.labs.push(lab);
  if (refused) {
    lab.why = refused.why;
    reading.say(refused.code, reference, `${info.name}: ${refused.why}`);
    return;
  }
  lab.used = true;
  if (stated && isComparator(stated.comparator)) {
    lab.comparator = stated.comparator;
    reading.say(
      'value-one-sided',
      reference,
      `${info.name}: \`${stated.comparator} ${stated.value}\` decides a comparison only when all it may mean does`,
    );
  }
  const flags: string[] = [];
  const status = text(resource.status);
  if (!status || !settled.has(status)) {
    flags.push(
      status && status.length < 20
        ? `status \`${printableCode(status) ?? 'unreadable'}\``
        : 'status not given',
    );
    reading.say('value-preliminary', reference, `${info.name}: ${flags[0]}: used, and flagged`);
  }
  if (lab.statedUnit && contradictsProperty(code, lab.statedUnit)) {
    flags.push(`unit \`${lab.statedUnit}\` contradicts LOINC ${code.code}`);
    reading.say(
      'unit-code-mismatch',
      reference,
      `${info.name}: unit \`${lab.statedUnit}\` and LOINC ${code.code} (${code.property}) disagree: read as ${lab.received.value} ${lab.statedUnit}`,
    );
  }
  if (code.method) lab.method = code.method;
  if (code.raceBased) {
    lab.raceBased = true;
    lab.used = false;
    flags.push('race-based equation: not used');
    reading.say(
      'egfr-recomputed',
      reference,
      'eGFR from a race-based equation: not used, recomputed from creatinine',
    );
  }
  if (flags.length > 0) lab.why = flags.join('; ');
  const low = lowerLimit(part, code.test, info.unit);
  if (low !== null) lab.lowerLimit = low;
}

interface Refusal {
  code: NoticeCode;
  why: string;
}
const refusal = (code: NoticeCode, why: string): Refusal => ({ code, why });

/**
 * Reads the value into `lab`, or says why it is not used. `panel`: the value sits in components or members, so
 * there is none of its own to miss.
 */
function judgeResult(
  reading: Reading,
  { resource }: Item,
  part: Json,
  lab: Lab,
  stated: Stated | null,
  code: LabCode,
): Refusal | 'panel' | null {
  const info = labTests[code.test];
  const { time, span } = lab;
  const status = text(resource.status);
  if (status && withdrawn.has(status)) {
    return refusal('value-withdrawn', `status \`${status}\`: not used`);
  }
  if (!stated) {
    // A panel or a result whose value sits in its components or members has no value of its own to miss.
    if (part === resource && (resource.component !== undefined || resource.hasMember !== undefined))
      return 'panel';
    const absent = printableCode(codeOf(part.dataAbsentReason));
    return absent || part.dataAbsentReason !== undefined
      ? refusal('value-absent', `no value, reason \`${absent ?? 'not coded'}\``)
      : refusal('value-not-a-number', 'the result is no number with a unit: not used');
  }
  if (stated.value === null) {
    const absent = printableCode(codeOf(part.dataAbsentReason));
    return absent
      ? refusal('value-absent', `no value, reason \`${absent}\``)
      : refusal('value-not-a-number', 'the value is not a JSON number: not used');
  }
  if (stated.comparator !== undefined && !isComparator(stated.comparator)) {
    return refusal('value-not-a-number', 'the comparator is none of <, <=, >, >=: not used');
  }
  const unit = readUnit(code.test, stated.quantity);
  if ('problem' in unit) {
    if (unit.problem === 'missing') {
      return refusal(
        'unit-missing',
        `${stated.value} came without a unit: not used; send \`valueQuantity.code\``,
      );
    }
    return refusal(
      'unit-unknown',
      unit.problem === 'disagree'
        ? `the unit and the unit code of ${stated.value} say different things: not used`
        : `the unit ${lab.received.unit ? `\`${lab.received.unit}\`` : 'of the value'} is not understood: not used; send \`${info.unit}\``,
    );
  }
  const value = convert(code.test, stated.value, unit.unit, info.unit);
  if (value === null)
    return refusal('unit-unknown', `\`${unit.unit}\` cannot be converted to ${info.unit}: not used`);
  lab.statedUnit = unit.unit;
  lab.received.unit ??= unit.unit;
  const [lowest, highest] = info.plausible;
  // A one-sided value is judged by the side it states: `< 0.2` may lie below what is measurable.
  const tooLow = stated.comparator === '<' || stated.comparator === '<=' ? value < 0 : value < lowest;
  if (tooLow || value > highest) {
    return refusal('value-implausible', `${stated.value} ${unit.unit} is outside what is possible: not used`);
  }
  if (!span) {
    lab.value = value;
    return refusal(
      'lab-undated',
      'has no usable date (effective or issued): it is never recent, so not used',
    );
  }
  if (isInFuture(reading, time, span)) {
    lab.value = value;
    return refusal('lab-in-future', 'is dated after the evaluation time: not used');
  }
  lab.value = value;
  return null;
}

/** The laboratory's own lower limit, if it states exactly one normal range with a unit we understand. */
function lowerLimit(part: Json, test: LabTest, unit: string): number | null {
  const ranges = objects(part.referenceRange).filter((range) => {
    const type = codeOf(range.type);
    return (type === null || type === 'normal') && isObject(range.low);
  });
  const low = ranges.length === 1 ? object(ranges[0]?.low) : null;
  if (!low || typeof low.value !== 'number') return null;
  const stated = readUnit(test, low);
  return 'problem' in stated ? null : convert(test, low.value, stated.unit, unit);
}

const pregnant = new Set(['77386006', 'LA15173-0']);
const notPregnant = new Set(['60001007', 'LA26683-5']);

function readPregnancyStatus(reading: Reading, { resource, reference }: Item, part: Json): void {
  if (withdrawn.has(text(resource.status) ?? '')) return;
  const { time, span } = observationTime(resource);
  if (isInFuture(reading, time, span)) {
    reading.say('lab-in-future', reference, 'pregnancy status: is dated after the evaluation time: not used');
    return;
  }
  for (const coding of codingsOf(part.valueCodeableConcept)) {
    const code = text(coding.code) ?? '';
    if (!pregnant.has(code) && !notPregnant.has(code)) continue;
    reading.chart.conditions.push({
      reference,
      groups: pregnant.has(code) ? ['pregnancy'] : ['not-pregnant'],
      codes: codesOf([coding]),
      status: 'active',
      confirmed: true,
      onset: span,
    });
    return;
  }
}

/** Two results of one test, at one time, that differ: the order in which they came must not decide silently. */
function notConflicting(reading: Reading): void {
  const seen = new Map<LabTest, Map<number, Lab>>();
  for (const lab of reading.chart.labs) {
    if (!lab.used || !lab.span) continue;
    let times = seen.get(lab.test);
    if (!times) {
      times = new Map();
      seen.set(lab.test, times);
    }
    const other = times.get(lab.span.to);
    if (!other) {
      times.set(lab.span.to, lab);
      continue;
    }
    if (other.span?.from !== lab.span.from) continue;
    if (other.value === lab.value && other.comparator === lab.comparator) continue;
    reading.say(
      'lab-conflict',
      lab.reference,
      `${labTests[lab.test].name}: differs from ${other.reference} of the same time; ${tieWinner(lab, other).reference} is used`,
    );
  }
}

/** Of two results of the same time the one with the greater reference, so that order of arrival cannot matter. */
export const tieWinner = (first: Lab, second: Lab): Lab =>
  first.reference > second.reference ? first : second;

// --- MedicationRequest, MedicationStatement: R4 and R5 -----------------------------------------------------

/** The CodeableConcept of a medication, wherever it sits: R4 choice, R5 CodeableReference, any kind of reference. */
function medicationConcept(reading: Reading, item: Item): { concept: Json | null; missing: string | null } {
  const { resource } = item;
  const r5 = object(resource.medication);
  const own = object(resource.medicationCodeableConcept) ?? object(r5?.concept);
  if (own) return { concept: own, missing: null };
  const link = object(resource.medicationReference) ?? object(r5?.reference);
  const target = normalReference(link);
  if (link && target) {
    const contained = target.startsWith('#')
      ? objects(resource.contained).find((inner) => inner.id === target.slice(1))
      : undefined;
    const found = contained ?? reading.intake.medications.get(target);
    const concept = object(found?.code);
    if (concept) return { concept, missing: null };
    // The reference may still carry a display: Epic sends `FUROSEMIDE 40 MG PO TABS` beside it.
    const display = text(link.display);
    if (display) return { concept: { text: display }, missing: found ? null : 'reference' };
    return { concept: null, missing: found ? null : 'reference' };
  }
  return { concept: null, missing: null };
}

const statementActive = new Set(['active', 'intended', 'recorded']);
const requestActive = new Set(['active']);
const notTaken = new Set(['not-taken', 'not-taking', 'stopped', 'on-hold']);

function roleOf(reading: Reading, item: Item): { role: Medication['role']; why: string | null } {
  const { resource, type, reference } = item;
  const status = text(resource.status);
  if (resource.doNotPerform === true) {
    reading.say('medication-not-counted', reference, 'is marked doNotPerform: not an order');
    return { role: 'inactive', why: 'doNotPerform' };
  }
  if (item.from === 'draft') {
    if (status && ['entered-in-error', 'cancelled', 'stopped', 'completed', 'ended'].includes(status)) {
      reading.say('medication-not-counted', reference, `has status \`${status}\`: not an order`);
      return { role: 'inactive', why: `status ${status}` };
    }
    return { role: 'ordered', why: null };
  }
  if (type === 'MedicationRequest' && (resource.intent === 'proposal' || resource.intent === 'option')) {
    reading.say(
      'medication-not-counted',
      reference,
      `has intent \`${resource.intent}\`: not counted as taken`,
    );
    return { role: 'inactive', why: `intent ${resource.intent}` };
  }
  const active = type === 'MedicationStatement' ? statementActive : requestActive;
  const adherence = codeOf(object(resource.adherence)?.code);
  if (adherence && notTaken.has(adherence)) return { role: 'inactive', why: `adherence ${adherence}` };
  const end =
    spanOf(object(resource.effectivePeriod)?.end) ??
    (type === 'MedicationRequest' ? spanOf(boundsOf(resource)?.end) : null);
  if (status === null || status === 'unknown' || !knownStatus.has(status)) {
    reading.say(
      'medication-status',
      reference,
      `has ${status === 'unknown' ? 'status `unknown`' : 'no status we know'}: counted as taken, and flagged`,
    );
    return { role: 'active', why: 'status unknown' };
  }
  if (!active.has(status)) return { role: 'inactive', why: `status ${status}` };
  if (end && end.to < reading.at) {
    reading.say(
      'medication-not-counted',
      reference,
      'ended before the evaluation time: not counted as taken',
    );
    return { role: 'inactive', why: 'ended' };
  }
  return { role: 'active', why: null };
}

const knownStatus = new Set(
  'active intended recorded completed entered-in-error stopped on-hold not-taken cancelled ended draft'.split(
    ' ',
  ),
);

const boundsOf = (resource: Json): Json | null => {
  for (const dosage of objects(resource.dosageInstruction)) {
    const bounds = object(object(object(dosage.timing)?.repeat)?.boundsPeriod);
    if (bounds) return bounds;
  }
  return null;
};

/**
 * When the therapy began. A date of writing (authoredOn, dateAsserted) only says when it had begun at the
 * latest: a renewal hides the years before it.
 */
function startOf(resource: Json): { span: Span | null; atLatest: boolean } {
  const stated =
    spanOf(object(resource.effectivePeriod)?.start) ??
    spanOf(resource.effectiveDateTime) ??
    spanOf(boundsOf(resource)?.start);
  if (stated) return { span: stated, atLatest: false };
  return { span: spanOf(resource.authoredOn) ?? spanOf(resource.dateAsserted), atLatest: true };
}

/**
 * The name of an ingredient is kept where the terminology has it. A name that was only read out of the
 * structure of a text (`X 10 MG Oral Tablet`) may be anything.
 */
function named({ rxnorm, name, classes }: Ingredient): { rxnorm: string | null; name: string } {
  const known =
    rxnorm !== null ||
    classes.length > 0 ||
    resolveDrug([], name).ingredients.some((ingredient) => ingredient.name === name);
  return { rxnorm, name: known ? name : 'another drug' };
}

function readMedication(reading: Reading, item: Item): void {
  const { resource, reference } = item;
  const status = text(resource.status);
  if (status === 'entered-in-error' && item.from !== 'draft') return;
  const { role, why } = roleOf(reading, item);
  const { concept, missing } = medicationConcept(reading, item);
  const codings = codingsOf(concept);
  const resolved: DrugResolution = concept
    ? resolveDrug(codings, concept.text, reading.products)
    : { ingredients: [], resolvedBy: 'unresolved', route: null };
  const dosages = objects(resource.dosageInstruction ?? resource.dosage);
  let route: Route | null = null;
  for (const dosage of dosages) {
    route ??= readRoute(codingsOf(dosage.route), object(dosage.route)?.text);
  }
  const codes = codesOf(codings);
  if (resolved.resolvedBy === 'unresolved' && role !== 'inactive') {
    const known = codes.map(({ code }) => code).slice(0, 6);
    if (missing) {
      reading.say(
        'medication-reference',
        reference,
        'its medicationReference leads to no Medication that came',
      );
    }
    reading.say(
      'drug-unresolved',
      reference,
      known.length > 0
        ? `medication with code ${known.join(', ')} could not be matched to an ingredient: send an RxNorm ingredient or an RxNorm name`
        : concept
          ? 'medication given as text only, and the text matches no ingredient: send a code'
          : 'the resource names no medication',
    );
  }
  const start = startOf(resource);
  const medication: Medication = {
    reference,
    role,
    status: printableCode(status),
    selected: role === 'ordered' && item.selected,
    route: route ?? resolved.route,
    ingredients: resolved.ingredients.map(named),
    resolvedBy: resolved.resolvedBy,
    codes,
    started: start.span,
    ...(start.span && start.atLatest ? { startedAtLatest: true } : {}),
    why,
  };
  if (role === 'ordered') {
    const dosing = readDosing(dosages);
    if (dosing) {
      medication.dosing = dosing;
      if (medication.route === null && dosing.gramsPerHour !== null) medication.route = 'parenteral';
    }
  }
  reading.chart.medications.push(medication);
}

// --- Condition, AllergyIntolerance, ServiceRequest, Encounter ----------------------------------------------

const activeClinical = new Set(['active', 'recurrence', 'relapse']);
const endedClinical = new Set(['inactive', 'remission', 'resolved']);

function readCondition(reading: Reading, { resource, reference }: Item): void {
  const verification = codeOf(resource.verificationStatus);
  if (verification === 'entered-in-error' || verification === 'refuted') return;
  const codings = codingsOf(resource.code);
  const { groups, coded } = conditionGroupsOf(codings, object(resource.code)?.text);
  if (!coded && groups.length === 0) {
    reading.say('condition-uncoded', reference, 'has no SNOMED CT or ICD-10 code: no rule can use it');
  }
  const clinical = codeOf(resource.clinicalStatus);
  const abated = spanOf(resource.abatementDateTime) ?? spanOf(object(resource.abatementPeriod)?.end);
  const ended =
    (clinical !== null && endedClinical.has(clinical)) || (abated !== null && abated.to < reading.at);
  const onset =
    spanOf(resource.onsetDateTime) ??
    spanOf(object(resource.onsetPeriod)?.start) ??
    spanOf(resource.recordedDate);
  if (onset && onset.from - earliestOffset > reading.at + fiveMinutes) {
    reading.say('condition-status', reference, 'begins after the evaluation time: not counted');
    return;
  }
  const confirmed = verification === null || verification === 'confirmed';
  if (groups.length > 0 && !ended && (clinical === null || !activeClinical.has(clinical))) {
    reading.say(
      'condition-status',
      reference,
      'has no clinical status we know: counted as active, and flagged',
    );
  }
  if (groups.length > 0 && !confirmed) {
    reading.say(
      'condition-status',
      reference,
      `verification status \`${printableCode(verification) ?? 'not coded'}\`: counted, but exempts from nothing`,
    );
  }
  if (groups.length === 0) return;
  reading.chart.conditions.push({
    reference,
    groups: [...groups],
    codes: codesOf(codings),
    status: ended ? 'inactive' : 'active',
    confirmed,
    onset,
  });
}

function readAllergy(reading: Reading, { resource, reference }: Item): void {
  const verification = codeOf(resource.verificationStatus);
  if (verification === 'entered-in-error' || verification === 'refuted') return;
  const substance = resolveDrug(codingsOf(resource.code), object(resource.code)?.text, reading.products);
  const clinical = codeOf(resource.clinicalStatus);
  if (substance.ingredients.length === 0) return;
  reading.chart.allergies.push({
    reference,
    ingredients: substance.ingredients.map(named),
    status: clinical !== null && endedClinical.has(clinical) ? 'inactive' : 'active',
  });
}

function readServiceRequest(reading: Reading, item: Item): void {
  if (item.from !== 'draft' || item.resource.doNotPerform === true) return;
  const code = item.resource.code;
  const codings = codingsOf(isObject(code) && isObject(code.concept) ? code.concept : code);
  reading.chart.serviceOrders.push({
    reference: item.reference,
    codes: codesOf(codings),
    selected: item.selected,
  });
}

/** HL7 v3 ActCode, https://terminology.hl7.org/ValueSet-v3-ActEncounterCode.html */
const encounterClasses: Readonly<Record<string, EncounterClass>> = {
  IMP: 'inpatient',
  ACUTE: 'inpatient',
  NONAC: 'inpatient',
  OBSENC: 'inpatient',
  SS: 'inpatient',
  EMER: 'emergency',
  AMB: 'ambulatory',
  HH: 'home',
  VR: 'virtual',
  inpatient: 'inpatient',
  outpatient: 'ambulatory',
  ambulatory: 'ambulatory',
  emergency: 'emergency',
};
const running = new Set(['in-progress', 'arrived', 'triaged', 'onleave', 'on-hold']);

function readEncounter({ chart, intake, at }: Reading): void {
  const encounters = intake.items.filter((item) => item.type === 'Encounter');
  const wanted = intake.encounterId;
  const current =
    wanted !== null
      ? encounters.find((item) => item.reference === `Encounter/${wanted}`)
      : encounters.filter((item) => isRunning(item.resource, at)).at(-1);
  if (!current) {
    if (wanted !== null) chart.encounter = { reference: `Encounter/${wanted}`, class: null, start: null };
    return;
  }
  const period = object(current.resource.period) ?? object(current.resource.actualPeriod);
  const classes = objects(current.resource.class);
  const named = classes.flatMap((entry) => [codeOf(entry), ...codingsOf(entry).map(codeOf)]);
  const code = [...named, text(current.resource.class)].find(
    (name) => name && Object.hasOwn(encounterClasses, name),
  );
  const start = text(period?.start);
  chart.encounter = {
    reference: current.reference,
    class: code ? (encounterClasses[code] ?? null) : null,
    start: start && spanOf(start) ? start : null,
  };
}

function isRunning(resource: Json, at: number): boolean {
  const period = object(resource.period) ?? object(resource.actualPeriod);
  const [start, end] = [spanOf(period?.start), spanOf(period?.end)];
  return running.has(text(resource.status) ?? '') && (!start || start.from <= at) && (!end || end.to >= at);
}

/** Rounds what is shown of a number to the test's decimals. */
export const shown = (value: number, decimals: number): string =>
  String(Number(tidy(value).toFixed(decimals)));

/** Observation (https://hl7.org/fhir/R4/observation.html) -> labs: status, time, unit and value, decided once. */

import {
  asArray,
  asObject,
  asString,
  codeOf,
  codingsOf,
  isObject,
  type Json,
  printableCode,
} from '../fhir/json.ts';
import type { NoticeCode } from '../fhir/notice.ts';
import type { IntakeItem } from '../intake/types.ts';
import { analyteNamedIn, type LabCode, type LabTest, labCodeOf, labTests } from '../terminology/labs.ts';
import { contradictsProperty, convert, readUnit } from '../terminology/units.ts';
import { readDeliveryDate, readPregnancyStatus } from './pregnancy.ts';
import { type ChartBuilder, codesOf, isInFuture, observationTime, settled, withdrawn } from './reading.ts';
import type { Comparator, Lab } from './types.ts';

const isLaboratory = (resource: Json): boolean =>
  asArray(resource.category).some((category) =>
    codingsOf(category).some((coding) => coding.code === 'laboratory' || coding.code === 'LAB'),
  );

export function readObservation(reading: ChartBuilder, item: IntakeItem): void {
  const { resource } = item;
  const codings = codingsOf(resource.code);
  const code = labCodeOf(codings);
  if ((code && labTests[code.test].laboratory) || (!code && isLaboratory(resource))) {
    reading.sawLaboratory();
  }
  if (code) readResult(reading, item, resource, code);
  let componentsUsed = false;
  for (const component of asArray(resource.component)) {
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
    reading.addNotice(
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
  const label = isObject(concept) ? asString(concept.text) : null;
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
      const quantity = { unit: match[3] };
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

function readResult(reading: ChartBuilder, item: IntakeItem, part: Json, code: LabCode): void {
  const { resource, reference } = item;
  const info = labTests[code.test];
  if (code.test === 'pregnancy-status') {
    readPregnancyStatus(reading, item, part);
    return;
  }
  if (code.test === 'delivery-date') {
    readDeliveryDate(reading, item, part);
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
  const versionId = printableCode(asObject(resource.meta)?.versionId);
  if (versionId) lab.versionId = versionId;
  const refused = judgeResult(reading, item, part, lab, stated, code);
  if (refused === 'panel') return;
  reading.chart.labs.push(lab);
  if (refused) {
    lab.why = refused.why;
    reading.addNotice(refused.code, reference, `${info.name}: ${refused.why}`);
    return;
  }
  lab.used = true;
  if (stated && isComparator(stated.comparator)) {
    lab.comparator = stated.comparator;
    reading.addNotice(
      'value-one-sided',
      reference,
      `${info.name}: \`${stated.comparator} ${stated.value}\` decides a comparison only when all it may mean does`,
    );
  }
  const flags: string[] = [];
  const status = asString(resource.status);
  if (!status || !settled.has(status)) {
    flags.push(
      status && status.length < 20
        ? `status \`${printableCode(status) ?? 'unreadable'}\``
        : 'status not given',
    );
    reading.addNotice('value-preliminary', reference, `${info.name}: ${flags[0]}: used, and flagged`);
  }
  if (lab.statedUnit && contradictsProperty(code, lab.statedUnit)) {
    flags.push(`unit \`${lab.statedUnit}\` contradicts LOINC ${code.code}`);
    reading.addNotice(
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
    reading.addNotice(
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
  reading: ChartBuilder,
  { resource }: IntakeItem,
  part: Json,
  lab: Lab,
  stated: Stated | null,
  code: LabCode,
): Refusal | 'panel' | null {
  const info = labTests[code.test];
  const { time, span } = lab;
  const status = asString(resource.status);
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
  const sign = stated.comparator ? `${stated.comparator} ` : '';
  const tooLow =
    stated.comparator === '<' ? value <= 0 : stated.comparator === '<=' ? value < 0 : value < lowest;
  if (tooLow || value > highest) {
    return refusal(
      'value-implausible',
      `${sign}${stated.value} ${unit.unit} is outside what is possible: not used`,
    );
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
  const ranges = asArray(part.referenceRange).filter((range) => {
    const type = codeOf(range.type);
    return (type === null || type === 'normal') && isObject(range.low);
  });
  const low = ranges.length === 1 ? asObject(ranges[0]?.low) : null;
  if (!low || typeof low.value !== 'number') return null;
  const stated = readUnit(test, low);
  return 'problem' in stated ? null : convert(test, low.value, stated.unit, unit);
}

/** Two results of one test, at one time, that differ: the order in which they came must not decide silently. */
export function reportConflicts(reading: ChartBuilder): void {
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
    reading.addNotice(
      'lab-conflict',
      lab.reference,
      `${labTests[lab.test].name}: differs from ${other.reference} of the same time; ${newestOfTie(lab, other).reference} is used`,
    );
  }
}

/** Of two results of the same time the one with the greater reference, so that order of arrival cannot matter. */
export const newestOfTie = (first: Lab, second: Lab): Lab =>
  first.reference > second.reference ? first : second;

/** The value of an Observation or of one of its components as it states it, and as the test's canonical unit has it. */

import { asArray, asObject, asString, codeOf, isObject, type Json, printableCode } from '../fhir/json.ts';
import type { NoticeCode } from '../fhir/notice.ts';
import { type LabCode, labTests } from '../terminology/labs.ts';
import { printableSystem } from '../terminology/systems.ts';
import { convert, readUnit, type UnitProblem } from '../terminology/units.ts';
import type { Comparator } from './types.ts';

const comparators = new Set<unknown>(['<', '<=', '>', '>=']);
export const isComparator = (value: unknown): value is Comparator => comparators.has(value);

/** `< 8.0`, `0.9 mg/dL`: an optional comparator, a decimal, an optional unit. Nothing else is read from text. */
const resultText = /^\s*(<=|>=|<|>)?\s*(\d{1,7}(?:\.\d{1,6})?)\s*(\S.{0,24})?$/;
const longestText = 60;

/** A number as it came, with what may be its unit. */
export interface StatedValue {
  value: number | null;
  comparator: unknown;
  quantity: { unit?: unknown; code?: unknown; system?: unknown };
  /** It was found in a text: what follows the number may be anything. */
  isFromText?: boolean;
}

const numberOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

function ofQuantity({ value, comparator, unit, code, system }: Json): StatedValue {
  return {
    value: numberOrNull(value),
    comparator: asciiComparator(comparator),
    quantity: { unit, code, system },
  };
}

/** `>=` where a system writes one sign for it, or an entity of XML. */
const asciiComparator = (comparator: unknown): unknown =>
  typeof comparator === 'string' ? asciiSigns(comparator.trim()) : comparator;
const asciiSigns = (text: string): string =>
  text.replace('\u2265', '>=').replace('\u2264', '<=').replace('&gt;', '>').replace('&lt;', '<');

function ofText(text: unknown): StatedValue | null {
  if (typeof text !== 'string' || text.length > longestText) return null;
  const match = resultText.exec(asciiSigns(text));
  if (!match) return null;
  const [, comparator, value, unit] = match;
  return { value: Number(value), comparator, quantity: { unit }, isFromText: true };
}

/** `4.1 mmol` to `1 L`: a concentration. A ratio without units, a titre, is none. */
function ofRatio({ numerator, denominator }: Json): StatedValue | null {
  const [above, below] = [asObject(numerator), asObject(denominator)];
  const [unit, per] = [above && unitTextOf(above), below && unitTextOf(below)];
  const divisor = numberOrNull(below?.value ?? 1);
  const value = numberOrNull(above?.value);
  if (!above || !unit || !per || value === null || !divisor || below?.comparator !== undefined) return null;
  return {
    value: value / divisor,
    comparator: asciiComparator(above.comparator),
    quantity: { unit: `${unit}/${per}` },
  };
}
const unitTextOf = ({ code, unit }: Json): string | null => asString(code) ?? asString(unit);

/** One end of a range alone is a one-sided value. */
function ofRange({ low, high }: Json): StatedValue | null {
  const [least, most] = [asObject(low), asObject(high)];
  if (least) return most ? ofQuantity(least) : { ...ofQuantity(least), comparator: '>=' };
  return most ? { ...ofQuantity(most), comparator: '<=' } : null;
}

/** The upper end of a result that states two. */
export function readUpperEnd(part: Json): StatedValue | null {
  const range = asObject(part.valueRange);
  const high = asObject(range?.high);
  return range && isObject(range.low) && high && part.valueQuantity === undefined ? ofQuantity(high) : null;
}

/** @param part an Observation or a component; null where it states no number in a form that is read */
export function readStatedValue(part: Json): StatedValue | null {
  if (isObject(part.valueQuantity)) return ofQuantity(part.valueQuantity);
  const text = ofText(part.valueString) ?? ofText(asObject(part.valueCodeableConcept)?.text);
  if (text) return text;
  if (typeof part.valueInteger === 'number') {
    return { value: part.valueInteger, comparator: undefined, quantity: {} };
  }
  if (isObject(part.valueRange)) return ofRange(part.valueRange);
  return isObject(part.valueRatio) ? ofRatio(part.valueRatio) : null;
}

/** A unit that may be repeated: short, without two words in a row that could be a name. */
const printableUnit = (unit: unknown): string | null =>
  typeof unit === 'string' &&
  unit.length <= 24 &&
  /^[\p{L}\p{N}µμ%/.[\]{}^*()_²³ -]+$/u.test(unit) &&
  !/\p{L}{9,}|\p{L}{2,}[ -]+\p{L}{2,}/u.test(unit)
    ? unit
    : null;

/** The unit as it came, where it looks like one. */
export const printableUnitOf = (stated: StatedValue | null): string | null =>
  stated && !stated.isFromText
    ? (printableUnit(stated.quantity.unit) ?? printableUnit(stated.quantity.code))
    : null;

/** Why a value is not used. */
export interface Refusal {
  code: NoticeCode;
  why: string;
}

/** A stated value as the rules use it, or why they do not. */
export interface ConvertedValue {
  /** In the test's canonical unit, unrounded; null where it is refused. */
  value: number | null;
  /** UCUM unit of the stated value as understood. */
  statedUnit: string | null;
  refusal: Refusal | null;
}

const refuse = (code: NoticeCode, why: string, statedUnit: string | null = null): ConvertedValue => ({
  value: null,
  statedUnit,
  refusal: { code, why },
});

/** The value in the test's canonical unit; refused where it is no number, its unit is not understood, or it is impossible. */
export function convertStated(part: Json, stated: StatedValue | null, code: LabCode): ConvertedValue {
  if (!stated || stated.value === null) return refuseAbsent(part, stated);
  if (stated.comparator !== undefined && !isComparator(stated.comparator)) {
    return refuse('value-not-a-number', 'the comparator is none of <, <=, >, >=: not used');
  }
  const info = labTests[code.test];
  const reading = readUnit(code.test, stated.quantity);
  const unit = 'problem' in reading ? assumedUnit(reading.problem, stated, code) : reading.unit;
  if (unit === null) return refuseUnit('problem' in reading ? reading.problem : 'missing', stated, code);
  const value = convert(code.test, stated.value, unit, info.unit);
  if (value === null)
    return refuse('unit-unknown', `\`${unit}\` cannot be converted to ${info.unit}: not used`);
  if (!isPlausible(value, stated.comparator, info.plausible)) {
    const sign = stated.comparator ? `${stated.comparator} ` : '';
    const why = `${sign}${stated.value} ${unit} is outside what is possible: not used`;
    return refuse('value-implausible', why, unit);
  }
  return { value, statedUnit: unit, refusal: null };
}

function refuseAbsent(part: Json, stated: StatedValue | null): ConvertedValue {
  const reason = printableCode(codeOf(part.dataAbsentReason));
  if (reason) return refuse('value-absent', `no value, reason \`${reason}\``);
  if (stated) return refuse('value-not-a-number', 'the value is not a JSON number: not used');
  return part.dataAbsentReason === undefined
    ? refuse('value-not-a-number', 'the result is no number with a unit: not used')
    : refuse('value-absent', 'no value, reason `not coded`');
}

/** `>60` of an eGFR is how laboratories report it: its code says what it is of. No other unit is supplied. */
const assumedUnit = (problem: UnitProblem, { comparator }: StatedValue, { test }: LabCode): string | null =>
  problem === 'missing' && test === 'egfr' && comparator !== undefined ? 'mL/min' : null;

function refuseUnit(problem: UnitProblem, stated: StatedValue, { test }: LabCode): ConvertedValue {
  const canonicalUnit = labTests[test].unit;
  switch (problem) {
    case 'missing':
      return refuse(
        'unit-missing',
        `${stated.value} came without a unit: not used; send \`valueQuantity.code\``,
      );
    case 'disagree':
      return refuse(
        'unit-unknown',
        `the unit and the unit code of ${stated.value} say different things: not used`,
      );
    case 'other-system':
      return refuse('unit-unknown', wordOtherSystem(stated));
    case 'not-understood': {
      const { what, unit } = notUnderstood(stated, test);
      const name = unit ? `\`${unit}\`` : 'of the value';
      return refuse(
        'unit-unknown',
        `the ${what} ${name} is not understood: not used; send \`${canonicalUnit}\``,
      );
    }
  }
}

/** The unit may be right and its system is not: that is what has to change. */
function wordOtherSystem({ quantity }: StatedValue): string {
  const code = printableUnit(quantity.code);
  const system = printableSystem(quantity.system);
  return `the unit code${code ? ` \`${code}\`` : ''} comes under the system${system ? ` \`${system}\`` : ' of another kind'}, not UCUM: not used; send \`system\` http://unitsofmeasure.org`;
}

/** What of a unit is not understood: of a unit that is right, its code. */
function notUnderstood(stated: StatedValue, test: LabCode['test']): { what: string; unit: string | null } {
  const { unit, code } = stated.quantity;
  const isUnitRight = code !== undefined && !('problem' in readUnit(test, { unit }));
  return isUnitRight
    ? { what: 'unit code', unit: printableUnit(code) }
    : { what: 'unit', unit: printableUnitOf(stated) };
}

/** A one-sided value is judged by the side it states: `< 0.2` may lie below what is measurable. */
function isPlausible(
  value: number,
  comparator: unknown,
  [lowest, highest]: readonly [number, number],
): boolean {
  if (value > highest) return false;
  if (comparator === '<') return value > 0;
  return comparator === '<=' ? value >= 0 : value >= lowest;
}

/** The laboratory's own lower limit, if it states exactly one normal range with a unit we understand. */
export function lowerLimitOf(part: Json, { test }: LabCode): number | null {
  const ranges = asArray(part.referenceRange).filter((range) => {
    const type = codeOf(range.type);
    return (type === null || type === 'normal') && isObject(range.low);
  });
  const low = ranges.length === 1 ? asObject(ranges[0]?.low) : null;
  if (typeof low?.value !== 'number') return null;
  const reading = readUnit(test, low);
  return 'problem' in reading ? null : convert(test, low.value, reading.unit, labTests[test].unit);
}

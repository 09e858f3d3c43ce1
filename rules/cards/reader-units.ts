/**
 * Units of the reader (clinical decision 45): where a client asks for SI units, values, thresholds and texts of a card
 * are in mmol/L and µmol/L; otherwise a result is told in the unit in which the laboratory reported it. What is compared
 * stays as it is; only its words change.
 */
import type { ReaderUnits } from '../evaluation/presentation.ts';
import type { Evidence, EvidenceNote, Fact, KnownFact, UsedValue } from '../facts/fact.ts';
import type { Params } from '../facts/facts.ts';
import type { Range } from '../logic/range.ts';
import { type LabTest, labTestNames, labTests } from '../terminology/labs.ts';
import { convert, readableUnit } from '../terminology/units.ts';

interface ReadersUnit {
  unit: string;
  /** How many of them are read. */
  decimals: number;
}

const millimoles = { unit: 'mmol/L', decimals: 2 } as const;

/** Levels of drugs stay as they are: laboratories with SI units report most of them by mass, too. */
const siUnits: Partial<Readonly<Record<LabTest, ReadersUnit>>> = {
  magnesium: millimoles,
  creatinine: { unit: 'umol/L', decimals: 0 },
  'creatinine-dialysis': { unit: 'umol/L', decimals: 0 },
  'calcium-total': millimoles,
  'calcium-corrected': millimoles,
  'calcium-ionized': millimoles,
  phosphate: millimoles,
  potassium: millimoles,
  sodium: { unit: 'mmol/L', decimals: 0 },
  'lithium-level': millimoles,
  albumin: { unit: 'g/L', decimals: 0 },
  uacr: { unit: 'mg/mmol', decimals: 1 },
};

/** From one unit to that of the reader. */
export interface Conversion extends ReadersUnit {
  of(value: number): number;
}

/** Null where a value is read in the unit it has. */
function conversionOf(units: ReaderUnits | undefined, test: LabTest, unit: string): Conversion | null {
  const readers = units === 'si' ? siUnits[test] : undefined;
  if (!readers || readers.unit === unit || convert(test, 1, unit, readers.unit) === null) return null;
  return { ...readers, of: (value) => convert(test, value, unit, readers.unit) ?? value };
}

const isTest = (name: unknown): name is LabTest => labTestNames.some((test) => test === name);

const decimalsOf = (value: number): number => String(value).split('.')[1]?.length ?? 0;

/** Back to the unit of one result as it came; null where that is the rule's, or one with the same numbers. */
function conversionToReported({ unit, evidence }: KnownFact, test: LabTest): Conversion | null {
  const [first, ...rest] = evidence;
  const received = first?.received;
  if (unit === undefined || rest.length > 0 || received?.kind !== 'quantity' || received.or) return null;
  if (first?.name !== labTests[test].short || received.value === null || !received.unit) return null;
  const reported = received.unit;
  const one = convert(test, 1, unit, reported);
  if (one === null || one === 1) return null;
  const usual = [{ unit: labTests[test].unit, decimals: labTests[test].decimals }, siUnits[test]];
  const decimals = usual.find((known) => known?.unit === reported)?.decimals ?? 2;
  return {
    unit: reported,
    decimals: Math.max(decimals, decimalsOf(received.value)),
    of: (value) => convert(test, value, unit, reported) ?? value,
  };
}

/** Whether a result is told in the unit in which it came: to who asks for no units all of them, else levels of drugs. */
const isAsReported = (test: LabTest, units: ReaderUnits | undefined): boolean =>
  units === undefined || siUnits[test] === undefined;

const inRange = <R extends { low: number; high?: number }>(range: R, { of }: Conversion): R => ({
  ...range,
  low: of(range.low),
  ...(range.high === undefined ? {} : { high: Number.isFinite(range.high) ? of(range.high) : range.high }),
});

/** A fact about a result as the reader reads it. */
export interface ReadFact {
  fact: KnownFact;
  params: Params;
  /** Null where nothing was converted. */
  conversion: Conversion | null;
}

export function factForReader(fact: KnownFact, params: Params, units: ReaderUnits | undefined): ReadFact {
  const { test } = params;
  const conversion =
    fact.unit === undefined || !isTest(test)
      ? null
      : isAsReported(test, units)
        ? conversionToReported(fact, test)
        : conversionOf(units, test, fact.unit);
  const evidence = fact.evidence.map((one) => evidenceForReader(one, units));
  if (!conversion || typeof fact.value !== 'number')
    return { fact: { ...fact, evidence }, params, conversion: null };
  const { unit, of } = conversion;
  const range: { range?: Range } = fact.range ? { range: inRange(fact.range, conversion) } : {};
  const limit = fact.lowerLimit === undefined ? {} : { lowerLimit: of(fact.lowerLimit) };
  return {
    fact: { ...fact, evidence, value: of(fact.value), unit, ...range, ...limit },
    params: { ...params, unit },
    conversion,
  };
}

const testByShortName: ReadonlyMap<string, LabTest> = new Map(
  labTestNames.map((test) => [labTests[test].short, test]),
);

function usedForReader(used: UsedValue, test: LabTest, units: ReaderUnits | undefined): UsedValue {
  if (used.kind !== 'quantity' && used.kind !== 'either' && used.kind !== 'range') return used;
  const conversion = conversionOf(units, test, used.unit);
  if (!conversion) return used;
  const { unit, decimals, of } = conversion;
  if (used.kind === 'quantity') return { ...used, value: of(used.value), unit, decimals };
  if (used.kind === 'range') return { ...used, range: inRange(used.range, conversion), unit };
  return { ...used, values: used.values.map((one) => ({ ...one, value: of(one.value) })), unit, decimals };
}

/** What a stage rests on is said in words: each creatinine in them has its unit behind it. */
function noteForReader(
  note: EvidenceNote,
  { received }: Evidence,
  units: ReaderUnits | undefined,
): EvidenceNote {
  if (note.code === 'aki' && units === 'si') {
    const basis = note.basis.replace(/([\d.]+) (mg\/dL)/g, (_, value: string, unit: string) =>
      inWords('creatinine', value, unit, units),
    );
    return { ...note, basis };
  }
  // The limit has its own figure in either unit, and is told in that of the value.
  const isMolar =
    units === 'si' || (received?.kind === 'quantity' && received.unit?.includes('mol') === true);
  return note.code === 'in-pregnancy' && isMolar ? { ...note, molar: true } : note;
}

/** The creatinine that an estimate was made from is told as any other. */
function withBasis(evidence: Evidence, units: ReaderUnits | undefined): Evidence {
  const { used, received } = evidence;
  const isEstimate = (used.kind === 'quantity' || used.kind === 'range') && used.unit.startsWith('mL/min');
  if (!isEstimate || received?.kind !== 'quantity' || received.value === null || received.or) return evidence;
  const conversion = received.unit ? conversionOf(units, 'creatinine', received.unit) : null;
  if (!conversion) return evidence;
  const value = Number(conversion.of(received.value).toFixed(conversion.decimals));
  return { ...evidence, received: { ...received, value, unit: conversion.unit } };
}

export function evidenceForReader(evidence: Evidence, units: ReaderUnits | undefined): Evidence {
  const test = testByShortName.get(evidence.name ?? '');
  const notes = evidence.notes.map((note) => noteForReader(note, evidence, units));
  const read = withBasis({ ...evidence, notes }, units);
  return test ? { ...read, used: usedForReader(evidence.used, test, units) } : read;
}

// --- Texts of rules ----------------------------------------------------------------------------------------

/** A limit that a text names: three significant digits, as laboratories convert them. */
const threeDigits = (value: number): string => String(Number(value.toPrecision(3)));

/** The units in which results came, by test; for who asks for none. */
export type ReportedUnits = ReadonlyMap<LabTest, string>;

/** The unit of a result that is told as it came; null where its rule's unit is. */
export function reportedUnit(
  fact: Fact,
  { test }: Params,
  units: ReaderUnits | undefined,
): [LabTest, string] | null {
  if (!isTest(test) || !isAsReported(test, units) || fact.state !== 'known') return null;
  const conversion = conversionToReported(fact, test);
  return conversion && [test, conversion.unit];
}

function inWords(
  test: LabTest,
  words: string,
  stated: string,
  units: ReaderUnits | undefined,
  reported?: ReportedUnits,
): string {
  const unit = stated.replace('mEq', 'meq');
  const to = reported?.get(test);
  const conversion =
    to === undefined || convert(test, 1, unit, to) === null
      ? conversionOf(units, test, unit)
      : { unit: to, of: (value: number) => convert(test, value, unit, to) ?? value };
  if (!conversion || conversion.unit === unit) return `${words} ${stated}`;
  const converted = words.replace(/\d+(\.\d+)?/g, (value) => threeDigits(conversion.of(Number(value))));
  return `${converted} ${readableUnit(conversion.unit)}`;
}

/** `{magnesium:1.0 mg/dL}`, `{magnesium:1.0 and 1.5 mg/dL}`: the test, numbers, their unit. */
const placeholder = /\{([a-z-]+):([^{}]*\d) ([^\s{}]+)\}/g;

/**
 * A text of a rule with its limits in the unit of the reader.
 * @example
 * textForReader('Below {magnesium:1.0 mg/dL}', 'si'); // Below 0.411 mmol/L
 */
export const textForReader = (
  text: string,
  units: ReaderUnits | undefined,
  reported?: ReportedUnits,
): string =>
  text.replace(placeholder, (whole, test: string, words: string, unit: string) =>
    isTest(test) ? inWords(test, words, unit, units, reported) : whole,
  );

/** For the reader of SI units; a level of a drug to the unit in which it was reported. */
const isConverted = (test: LabTest, unit: string): boolean =>
  siUnits[test] === undefined
    ? convert(test, 1, unit, labTests[test].unit) !== null
    : conversionOf('si', test, unit) !== null;

/** What is no limit of a text as it must be written; empty where all are. */
export const limitProblems = (text: string): string[] =>
  [...text.matchAll(/\{([^{}]*:[^{}]*)\}/g)].flatMap(([whole, content = '']) => {
    const [, test, , unit = ''] = new RegExp(placeholder.source).exec(whole) ?? [];
    const isRead = isTest(test) && isConverted(test, unit.replace('mEq', 'meq'));
    return isRead ? [] : [`\`{${content}}\` is no limit: write \`{magnesium:1.0 mg/dL}\``];
  });

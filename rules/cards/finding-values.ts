/** The values of a finding beside their thresholds, and what they rest on: the lines of a card's detail. */

import { nameOfGroup } from '../facts/conditions.ts';
import type { Evidence, Fact, KnownFact } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { restsOnPregnancy } from '../facts/kidney-in-pregnancy.ts';
import { traceOf } from '../rule/compile.ts';
import { isReference } from '../rule/conditions.ts';
import type { FactStore } from '../rule/fact-store.ts';
import { decisiveLeaves, type Trace, type TraceLeaf } from '../rule/trace.ts';
import { readableUnit, roundTo } from '../terminology/units.ts';
import type { FindingInput } from './card-input.ts';
import { escapeMarkdown } from './markdown.ts';
import {
  type Conversion,
  evidenceForReader,
  factForReader,
  type ReadFact,
  type ReportedUnits,
  reportedUnit,
} from './reader-units.ts';
import {
  capital,
  comparisonWords,
  drugsInShort,
  shownNumber,
  valueWords,
  wordCounted,
  wordNotes,
  wordReceived,
  wordUsed,
} from './wording.ts';

type Units = FindingInput['units'];

/** All the conditions on one fact: both ends of a band are two conditions on one value. */
export type Alike = readonly [TraceLeaf, ...TraceLeaf[]];

export const byRequest = (leaves: readonly TraceLeaf[]): Alike[] =>
  [...Map.groupBy(leaves, ({ question }) => question).values()].flatMap(([first, ...rest]) =>
    first ? [[first, ...rest] as const] : [],
  );

/** The conditions that made a rule fire; of an amount, what of it an exemption leaves that holds otherwise. */
export function leavesOfFinding({ compiled, facts }: FindingInput): TraceLeaf[] {
  const left = compiled.unless ? leftOfExempt(compiled.unless.trace(facts)) : [];
  const told = toldOf(compiled, [...decisiveLeaves(traceOf(compiled, facts), true)]);
  return withoutQuoted(told, facts).map((leaf) => {
    const offending = left.find((other) => isPartOf(other, leaf));
    return offending ? { ...leaf, params: offending.params, question: offending.question } : leaf;
  });
}

/** What the card tells of its conditions: all of them, or results of `card.tells` and what the patient has or takes. */
function toldOf({ rule }: FindingInput['compiled'], leaves: TraceLeaf[]): TraceLeaf[] {
  const { tells } = rule.card;
  if (!tells) return leaves;
  return leaves.filter(({ fact, params, value }) => {
    const { kind, tests } = factOf(fact);
    return kind === 'truth' ? value === true : tests(params).some((test) => tells.includes(test));
  });
}

/** Without a creatinine that stands for an estimate in pregnancy, which is quoted there. */
function withoutQuoted(leaves: readonly TraceLeaf[], facts: FactStore): TraceLeaf[] {
  const quoted = new Set(
    leaves.flatMap(({ question }) => {
      const fact = facts(question);
      return restsOnPregnancy(fact) ? fact.evidence.slice(0, 1).map(({ reference }) => reference) : [];
    }),
  );
  return leaves.filter(({ fact, question }) => {
    const [result] = facts(question).evidence;
    return fact !== 'lab' || !result || !quoted.has(result.reference);
  });
}

/** Of exemptions that fail by one comparison alone: that comparison, the least first. */
const leftOfExempt = (unless: Trace): TraceLeaf[] =>
  ('any' in unless ? unless.any : [unless])
    .flatMap((branch) => {
      if (!('all' in branch)) return [];
      const [failing, ...others] = branch.all.filter(({ truth }) => truth !== true);
      const isAlone = failing !== undefined && others.length === 0 && failing.truth === false;
      return isAlone && 'fact' in failing && typeof failing.factValue === 'number' ? [failing] : [];
    })
    .sort((one, other) => Number(one.factValue) - Number(other.factValue));

/** Whether it asks the same of the same, with something left out. */
const isPartOf = (part: TraceLeaf, whole: TraceLeaf): boolean =>
  part.question !== whole.question &&
  part.fact === whole.fact &&
  part.value === whole.value &&
  'except' in part.params &&
  Object.entries(whole.params).every(
    ([name, value]) => JSON.stringify(part.params[name]) === JSON.stringify(value),
  );

/** The units in which the results of a finding came, where it is told in them. */
export const reportedUnitsOf = (input: FindingInput): ReportedUnits =>
  new Map(
    leavesOfFinding(input).flatMap(({ question, params }) => {
      const reported = reportedUnit(input.facts(question), params, input.units);
      return reported ? [reported] : [];
    }),
  );

// --- Numbers -----------------------------------------------------------------------------------------------

const isSameSide = (a: number, b: number, limit: number, of: number): boolean =>
  Math.sign(a - limit) === Math.sign(b - of);

/** Rounded for reading, but never across a threshold: 0.9965 between 0.5 and 1 is not shown as 1. */
export function roundedBeside(value: number, decimals: number, thresholds: readonly number[]): string {
  for (let digits = decimals; digits < 6; digits += 1) {
    const text = roundTo(value, digits);
    if (thresholds.every((limit) => isSameSide(Number(text), value, limit, limit))) return text;
  }
  return thresholds.includes(value) ? onLimit(value, thresholds) : String(value);
}

/** A converted value that is its limit, rounded as the limit is: both are 0.411. */
function onLimit(value: number, thresholds: readonly number[]): string {
  const others = thresholds.filter((limit) => limit !== value);
  for (let digits = 3; digits < 12; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (others.every((limit) => isSameSide(rounded, value, limit, limit))) return String(rounded);
  }
  return String(value);
}

/** A converted threshold, rounded; never across a value as that is shown: 0.41 is below 0.411, not below 0.41. */
function limitBeside(limit: number, decimals: number, values: readonly number[]): number {
  for (let digits = 3; digits < 12; digits += 1) {
    const rounded = Number(limit.toPrecision(digits));
    const isTrue = values.every((value) =>
      isSameSide(Number(roundedBeside(value, decimals, [limit])), value, rounded, limit),
    );
    if (isTrue) return rounded;
  }
  return limit;
}

const endsOf = ({ value, range }: KnownFact): number[] =>
  range ? [range.low, range.high].filter((end) => Number.isFinite(end) && end > 0) : [Number(value)];

/** The threshold of a condition in the unit of the reader; null where it is no number. */
function thresholdOf(leaf: TraceLeaf, { fact, conversion }: ReadFact): number | null {
  if (typeof leaf.value !== 'number') return fact.lowerLimit ?? null;
  return conversion ? conversion.of(leaf.value) : leaf.value;
}

/** The value as its fact words it: `Mg 0.9 mg/dL`; null where it has none. */
export function wordValue(leaves: Alike, fact: Fact, units: Units): string | null {
  if (fact.state !== 'known') return null;
  const [{ fact: name, params }] = leaves;
  const read = factForReader(fact, params, units);
  const thresholds = leaves.flatMap((leaf) => thresholdOf(leaf, read) ?? []);
  const evidence = read.fact.evidence.map((one) => evidenceForReader(one, units));
  return factOf(name).word({ ...read.fact, evidence }, read.params, (value, decimals) =>
    roundedBeside(value, read.conversion?.decimals ?? decimals, thresholds),
  );
}

/** What a number without a unit counts, as its words before any bracket have it: ` drugs` of `2 drugs`, `stage ` of `AKI stage 3`. */
function countedIn(value: string): { before: string; after: string } {
  const [, before = '', after = ''] =
    /(\S+ )?[\d.]+( [A-Z]+ [a-z]+| [a-z]+)?/.exec(value.split(' (')[0] ?? '') ?? [];
  return after === '' ? { before, after } : { before: '', after };
}

/** The lower end of a band, where the value may lie below it: the worse band is not excluded. */
const isOpenBelow = (leaf: TraceLeaf, { range }: KnownFact): boolean =>
  leaf.path === '$.highest' && typeof leaf.value === 'number' && (range?.low ?? leaf.value) < leaf.value;

/**
 * `below 30 mL/min`; of a band `at least 15 and below 30 mL/min`, or what of it is certain. Empty where the value itself
 * is the limit.
 */
function wordLimits(leaves: Alike, read: ReadFact, value: string, beyond: readonly TraceLeaf[]): string {
  const open = leaves.filter((leaf) => isOpenBelow(leaf, read.fact));
  const certain = leaves.filter((leaf) => leaf.operator !== 'equal' && !open.includes(leaf));
  const unit = read.fact.unit ? ` ${readableUnit(read.fact.unit)}` : '';
  const worse = open.map((leaf) => valueWords.notExcluded(`below ${leaf.value}${unit}`));
  const words = certain.length > 0 ? [wordCertainLimits(certain, read, value)] : [];
  const limits = restsOnPregnancy(read.fact) ? words.map(valueWords.countsAs) : words;
  const alsoOpen = beyond.map((leaf) => valueWords.notExcluded(wordCertainLimits([leaf], read, value)));
  return [...limits, ...worse, ...alsoOpen].join('; ');
}

/**
 * Limits of graver rules that this value may be beyond: those that say it better and wait for nothing but what a one-sided
 * result (`> 8`) leaves open.
 */
function openBeyond(
  { compiled, undecided, facts }: FindingInput,
  question: TraceLeaf['question'],
): TraceLeaf[] {
  return undecided
    .filter(({ rule }) => rule.supersedes?.includes(compiled.rule.id))
    .flatMap((worse) => {
      const open = [...decisiveLeaves(traceOf(worse, facts), null)];
      return open.every((leaf) => leaf.question === question) ? open : [];
    });
}

function wordCertainLimits(leaves: readonly TraceLeaf[], read: ReadFact, value: string): string {
  const { fact, conversion } = read;
  const hasUnit = fact.unit !== undefined && fact.unit !== '1';
  const { before, after } = hasUnit
    ? { before: '', after: ` ${readableUnit(fact.unit ?? '')}` }
    : countedIn(value);
  const limits = tightest(leaves).map((leaf): { words: string; limit: number | null } => {
    const words = comparisonWords[leaf.operator] ?? leaf.operator;
    const threshold = thresholdOf(leaf, read);
    if (threshold !== null) {
      const limit = shownLimit(threshold, fact, conversion);
      return { words: `${words} ${before}${limit}`, limit };
    }
    // Of a number, what is neither a number nor the laboratory's limit is another fact (rule/conditions.ts).
    const other = leaf.value;
    const of = isReference(other) ? ` ${escapeMarkdown(factOf(other.fact).ask(other.params))}` : '';
    return { words: `${words}${of}`, limit: null };
  });
  return limits
    .map(({ words, limit }, index) => {
      const isLastNumber = limit !== null && (limits[index + 1]?.limit ?? null) === null;
      return isLastNumber ? `${words}${hasUnit ? after : wordCounted(after, limit)}` : words;
    })
    .join(' and ');
}

/** Of limits on the same side of a value the nearest to it, which says the others. */
function tightest(leaves: readonly TraceLeaf[]): readonly TraceLeaf[] {
  const isWithin = ({ operator, value }: TraceLeaf, other: TraceLeaf): boolean => {
    if (typeof value !== 'number' || typeof other.value !== 'number') return false;
    const isBelow = operator.startsWith('lessThan');
    if (isBelow !== other.operator.startsWith('lessThan')) return false;
    const isStricter = !operator.endsWith('Inclusive') && other.operator.endsWith('Inclusive');
    if (value === other.value) return isStricter;
    return isBelow ? value < other.value : value > other.value;
  };
  const distinct = [
    ...new Map(leaves.map((leaf) => [JSON.stringify([leaf.operator, leaf.value]), leaf])).values(),
  ];
  return distinct.filter((leaf) => !distinct.some((other) => isWithin(other, leaf)));
}

const shownLimit = (threshold: number, fact: KnownFact, conversion: Conversion | null): number =>
  conversion ? limitBeside(threshold, conversion.decimals, endsOf(fact)) : threshold;

// --- Evidence ----------------------------------------------------------------------------------------------

/** To the minute; a date stays as it is. */
const readableTime = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** An estimate says what it was made from. */
const isEstimate = ({ used, received }: Evidence): boolean =>
  received?.kind === 'quantity' &&
  (used.kind === 'quantity' || used.kind === 'range') &&
  used.unit.startsWith('mL/min') &&
  /mol|mg/.test(received.unit ?? '');

/** A value that was converted is shown as it came, too; codes are for the log. */
function convertedFrom({ used, received }: Evidence): string | null {
  if (received?.kind !== 'quantity') return null;
  const { value, unit, comparator, or } = received;
  if (used.kind === 'either' && used.unit === unit && used.unit === or?.unit) return null;
  if (value === null || value < 0 || !unit) return null;
  const shown = shownNumber(used);
  const isSame = shown?.unit === unit && shown.comparator === comparator && shown.value === String(value);
  return isSame ? null : wordReceived(received);
}

/** What it came to, when and as what it was received, and what must be known about it. */
interface EvidenceParts {
  used: string;
  basis: string[];
  notes: string[];
}

/** @param shown what the line says already */
function evidenceParts(evidence: Evidence, shown = ''): EvidenceParts {
  const converted = convertedFrom(evidence);
  const received = converted !== null && shown.endsWith(` ${readableUnit(converted)}`) ? null : converted;
  return {
    used: escapeMarkdown(readableUnit(wordUsed(evidence))),
    basis: [
      ...(evidence.time ? [escapeMarkdown(readableTime(evidence.time))] : []),
      ...(received
        ? [valueWords[isEstimate(evidence) ? 'from' : 'receivedAs'](escapeMarkdown(readableUnit(received)))]
        : []),
    ],
    notes: evidence.notes.map((note) => escapeMarkdown(wordNotes([note]))).filter((note) => note !== ''),
  };
}

/** Parts of a line; notes are one of them. */
const inLine = (parts: readonly string[], notes: readonly string[]): string =>
  [...parts, ...(notes.length > 0 ? [notes.join('; ')] : [])].join(' · ');

/** Kinds of evidence that say what they are about themselves. */
function saysItsName({ used, name }: Evidence): boolean {
  switch (used.kind) {
    case 'medication':
    case 'condition':
    case 'allergy':
      return true;
    case 'dose':
      return used.elementalMagnesium === true && name === 'magnesium';
    default:
      return false;
  }
}

/** What it is about, said once, and what it came to. */
function namedUsed(evidence: Evidence): string {
  const { used } = evidenceParts(evidence);
  return evidence.name && !saysItsName(evidence) ? `${evidence.name} ${used}` : used;
}

function evidenceLine(evidence: Evidence): string {
  const { basis, notes } = evidenceParts(evidence);
  return inLine([namedUsed(evidence), ...basis], notes);
}

// --- Lines -------------------------------------------------------------------------------------------------

/** What is said on a card already, so that it is said once. */
export interface Said {
  /** In lower case: what names a drug or a problem needs no line for it. */
  summary: string;
  lines: Set<string>;
  /** Of a finding beside a worse one: what its summary names is enough, taken or ordered. */
  isBeside: boolean;
}

const isAmount = ({ used }: Evidence): boolean =>
  used.kind === 'dose' || used.kind === 'rate' || used.kind === 'sum';

/** An amount is of its drug, and says no more than the number: `digoxin 0.25 mg/day`. */
function nameOfAmount(evidence: Evidence, worded: string): string | null {
  const amount = /[\d.]+/.exec(wordUsed(evidence))?.[0];
  const { used } = evidence;
  const rounded = used.kind === 'dose' ? roundTo(used.value, 2) : amount;
  const isSame =
    isAmount(evidence) && [amount, rounded].some((one) => one !== undefined && worded.includes(one));
  return isSame && evidence.name ? evidence.name : null;
}

/** The drug that a value is an amount of; null for any other value, and for the amount of several together. */
export function drugOfValue({ evidence: [first, ...rest] }: Fact, worded: string): string | null {
  return first && !rest.some(isAmount) ? nameOfAmount(first, worded) : null;
}

/** A value with its name: of amounts, the drug. */
export function namedValue(leaves: Alike, fact: Fact, units: Units): string | null {
  const worded = wordValue(leaves, fact, units);
  if (worded === null) return null;
  const drug = drugOfValue(fact, worded);
  return drug === null ? worded : `${drug} ${worded}`;
}

/** A result that a line rests on. */
interface Basis {
  /** The result: its name, value and time. */
  of: string;
  parts: string[];
  notes: string[];
}

interface Line {
  /** What it says but for the result that it rests on; null where it only names that. */
  head: string | null;
  /** Of a value: its limits, and the results that it is. */
  number?: { limits: string; names: readonly string[] };
  basis: Basis | null;
}

const withoutBasis = (head: string): Line => ({ head, basis: null });

/** A result is the same by its name, value and time, whichever condition asked for it. */
const resultOf = (words: string, { time }: Evidence): string =>
  `${words.toLowerCase()} · ${time === null ? '' : readableTime(time)}`;

const isResult = ({ used }: Evidence): boolean =>
  used.kind === 'quantity' || used.kind === 'either' || used.kind === 'range';

/** A line that names a result, and nothing else. */
function lineOfResult(evidence: Evidence): Line {
  const { basis, notes } = evidenceParts(evidence);
  const words = namedUsed(evidence);
  return { head: null, basis: { of: resultOf(words, evidence), parts: [words, ...basis], notes } };
}

/** `**Mg 0.9 mg/dL** (below 1 mg/dL) · 2026-01-31 11:00` */
function numberLines(leaves: Alike, fact: KnownFact, input: FindingInput, said: Said): Line[] {
  const { units } = input;
  const [first, ...rest] = fact.evidence.map((evidence) => evidenceForReader(evidence, units));
  const [{ fact: name, params }] = leaves;
  const value = namedValue(leaves, fact, units) ?? String(fact.value);
  const read = factForReader(fact, params, units);
  const limits = wordLimits(leaves, read, value, openBeyond(input, leaves[0].question));
  const head = `**${escapeMarkdown(value)}**${limits === '' ? '' : ` (${limits})`}`;
  const others = rest.map((one) => (isResult(one) ? lineOfResult(one) : withoutBasis(evidenceLine(one))));
  if (!first) return [withoutBasis(head)];
  // What is counted is named by lines of its own.
  if (first.used.kind === 'medication')
    return [withoutBasis(head), ...linesOfEntries([first, ...rest], said)];
  // A plain result is its own evidence, and so is an amount; a computed value says what it was computed from.
  const isItsOwn =
    first.used.kind === 'condition' ||
    first.used.kind === 'age' ||
    restsOnPregnancy(fact) ||
    (rest.length === 0 && `${first.name} ${readableUnit(wordUsed(first))}` === value) ||
    (rest.length === 0 && (factOf(name).isPlainResult || value !== wordValue(leaves, fact, units)));
  // A code that answers for a number is that line, and none of its own.
  if (first.used.kind === 'condition') said.lines.add(first.reference);
  const { basis, notes } = evidenceParts(first, isItsOwn ? value : '');
  const of = resultOf(escapeMarkdown(value), first);
  const evidenceOf = resultOf(namedUsed(first), first);
  const line: Line = {
    head: `**${escapeMarkdown(value)}**`,
    number: { limits, names: isItsOwn ? [of, evidenceOf] : [of] },
    basis: isItsOwn
      ? { of, parts: basis, notes }
      : { of: evidenceOf, parts: [namedUsed(first), ...basis], notes },
  };
  return [line, ...others];
}

/** With a note it came and could not be used; without one it is what says no. */
function noLines([{ fact: name, params }]: Alike, fact: KnownFact, { summary }: Said): Line[] {
  const unusable = fact.evidence
    .flatMap(({ reference, notes }) => (notes.length > 0 ? [`${reference}: ${wordNotes(notes)}`] : []))
    .join('; ');
  const line = valueWords.none(factOf(name).ask(params), unusable);
  return summary.includes(line.toLowerCase()) ? [] : [withoutBasis(escapeMarkdown(line))];
}

/** The order itself and a problem that the summary names already, where nothing else is to be known about them. */
function isSaid(
  { used, name, notes, time, reference }: Evidence,
  { summary, isBeside, lines }: Said,
): boolean {
  if (used.kind === 'condition' && lines.has(reference)) return true;
  const isPlain = notes.every(({ code }) => code === 'matched-by');
  const isDrug = used.kind === 'medication' && (isBeside || used.state === 'ordered');
  // Since when a problem is known is news; what beside a worse finding is named is not.
  const isProblem = used.kind === 'condition' && (isBeside || time === null);
  const words = isProblem
    ? [nameOfGroup(used.group)]
    : isDrug && name !== undefined
      ? drugsInShort(name)
      : [];
  return isPlain && words.length > 0 && words.every((one) => summary.includes(one.toLowerCase()));
}

/** Drugs and problems, a line each. Two entries that read the same are still two. */
const linesOfEntries = (evidence: readonly Evidence[], said: Said): Line[] =>
  [...Map.groupBy(evidence, (one) => capital(evidenceLine(one)))].flatMap(([line, same]) => {
    const entries = new Set(same.map(({ reference }) => reference)).size;
    const isRepeated = entries === 1 && same.every((one) => isSaid(one, said));
    return isRepeated ? [] : [withoutBasis(valueWords.entries(line, entries))];
  });

const inCapitals = (line: Line): Line =>
  line.basis
    ? {
        ...line,
        basis: { ...line.basis, parts: line.basis.parts.map((part, i) => (i ? part : capital(part))) },
      }
    : line;

/** What one fact contributed. */
function factLines(leaves: Alike, fact: Fact, input: FindingInput, said: Said): Line[] {
  if (fact.state !== 'known') return [];
  if (typeof fact.value === 'number') return numberLines(leaves, fact, input, said);
  if (fact.value === false) return noLines(leaves, fact, said);
  const evidence = fact.evidence.map((one) => evidenceForReader(one, input.units));
  const results = evidence.filter(isResult);
  return [
    ...linesOfEntries(
      evidence.filter((one) => !isResult(one)),
      said,
    ),
    ...results.map(lineOfResult).map(inCapitals),
  ];
}

/** Conditions on one result, asked of different windows: a line with the limits of all. */
function withLimitsTogether(lines: readonly Line[]): Line[] {
  const byResult = Map.groupBy(lines, ({ number }) => number?.names[0]);
  return lines.flatMap((line): Line[] => {
    const { number } = line;
    if (!number) return [line];
    const alike = byResult.get(number.names[0]) ?? [];
    if (alike[0] !== line) return [];
    const all = new Set(alike.flatMap((one) => one.number?.limits || []));
    return [{ ...line, number: { ...number, limits: [...all].join(' and ') } }];
  });
}

const headOf = ({ head, number }: Line): string | null =>
  number && number.limits !== '' ? `${head} (${number.limits})` : head;

/** Of limits of one result in several units, those in the unit that it came in. */
function inOwnUnit(leaves: readonly TraceLeaf[], facts: FindingInput['facts']): TraceLeaf[] {
  const isOwn = ({ params, question }: TraceLeaf): boolean =>
    facts(question).evidence.some(
      ({ received }) => received?.kind === 'quantity' && received.unit === params.unit,
    );
  const own = leaves.filter(isOwn);
  return leaves.filter(
    (leaf) =>
      !factOf(leaf.fact).isPlainResult ||
      own.includes(leaf) ||
      !own.some(({ operator, params }) => operator === leaf.operator && params.test === leaf.params.test),
  );
}

/** The lines of a finding; without what its summary says as well, and what was said before. */
export function linesOf(input: FindingInput, said: Said): string[] {
  // What selects the rule is no finding.
  const leaves = leavesOfFinding(input).filter(
    ({ fact, params }) => factOf(fact).part !== 'selector' || params.criterion === true,
  );
  const lines = byRequest(inOwnUnit(leaves, input.facts)).flatMap((alike) =>
    factLines(alike, input.facts(alike[0].question), input, said),
  );
  return eachResultOnce(withRolesTogether(withLimitsTogether(lines)), said.lines);
}

/** A result that stands for two, the lowest and the highest of a week, is one line that says both. */
function withRolesTogether(lines: readonly Line[]): Line[] {
  const byResult = Map.groupBy(lines, ({ head, basis }) => (head === null ? basis?.of : undefined));
  return lines.flatMap((line): Line[] => {
    const { head, basis } = line;
    if (head !== null || !basis) return [line];
    const alike = byResult.get(basis.of) ?? [];
    if (alike[0] !== line) return [];
    return [
      { ...line, basis: { ...basis, notes: [...new Set(alike.flatMap((one) => one.basis?.notes ?? []))] } },
    ];
  });
}

/**
 * The lines in words. A result is named once: in the line of its own value, or else in that of a value which was computed
 * from it, or else in a line that says nothing more.
 * @param said what was said before; what these lines say is added
 */
function eachResultOnce(lines: readonly Line[], said: Set<string>): string[] {
  const isNew = (text: string): boolean => {
    const isFirst = !said.has(text);
    said.add(text);
    return isFirst;
  };
  const before = new Set(said);
  const isBare = ({ head }: Line): boolean => head === null;
  // What is known of a result stands beside its value rather than in a line of its own, and there rather than apart.
  const noted = ({ basis }: Line): number => basis?.notes.length ?? 0;
  const bare = lines.filter(isBare).toSorted((a, b) => noted(b) - noted(a));
  const inTurn = [...lines.filter((one) => !isBare(one)), ...bare];
  const naming = new Set<Line>();
  for (const { number } of lines) for (const name of number?.names ?? []) said.add(name);
  for (const line of inTurn) {
    const { basis, number } = line;
    if (!basis) continue;
    const isOwn = number?.names.includes(basis.of) === true;
    if (isOwn ? !before.has(basis.of) : isNew(basis.of)) naming.add(line);
  }
  const wordedOf = (line: Line): string => {
    const { basis } = line;
    const head = headOf(line);
    if (head !== null && !isNew(capital(head))) return '';
    const notes = basis?.notes.filter((note) => isNew(`${basis.of} · ${note}`)) ?? [];
    const names = naming.has(line) || (head === null && notes.length > 0);
    return inLine([...(head === null ? [] : [head]), ...(names && basis ? basis.parts : [])], notes);
  };
  const worded = new Map(inTurn.map((line) => [line, wordedOf(line)] as const));
  return lines.flatMap((line) => worded.get(line) || []);
}

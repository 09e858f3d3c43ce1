/**
 * All words for a reader, in one place: what is missing and why, what a piece of evidence says, why a finding is not
 * shown, and the sentences of cards. Codes come in, sentences go out; no sentence is ever read back.
 */

import type { UnreadRoute } from '../chart/medication-route.ts';
import type { Comparator } from '../chart/types.ts';
import type { WhyNot } from '../evaluation/findings.ts';
import { boundedReasons } from '../facts/bounded.ts';
import { nameOfGroup } from '../facts/conditions.ts';
import type {
  Evidence,
  EvidenceNote,
  LeftOut,
  NeededInput,
  Reason,
  ReceivedValue,
  UsedValue,
} from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import type { Category } from '../fhir/categories.ts';
import type { Rule } from '../rule/document.ts';
import type { Indicator } from '../rule/severity.ts';
import type { MissingFact } from '../rule/trace.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { isLabTest, type OrderedTest, otherTests } from '../terminology/service-tests.ts';
import { roundTo } from '../terminology/units.ts';

/** The members of a union that a code stands for. */
type WithCode<T, C> = T extends { code: infer K } ? (C extends K ? T : never) : never;
/** One sentence for each code; a code without one is a type error. */
type Words<T extends { code: string }> = { readonly [C in T['code']]: (value: WithCode<T, C>) => string };

const oneOf = <T extends { code: string }>(words: Words<T>, value: T): string =>
  // The table has the entry of each code, for just the members that have it.
  (words[value.code as T['code']] as (of: T) => string)(value);

// --- Kinds of data -----------------------------------------------------------------------------------------

/** As an engineer reads it: `no laboratory data came`. */
export const categoryWords: Readonly<Record<Category, string>> = {
  labs: 'laboratory data',
  medications: 'medications',
  pastMedications: 'past medications',
  orders: 'draft orders',
  conditions: 'conditions',
  allergies: 'allergies',
  encounter: 'encounter',
};

/** As a clinician looks for it. */
export const listWords: Readonly<Record<Category, string>> = {
  labs: 'laboratory data',
  medications: 'medication list',
  pastMedications: 'list of past medications',
  orders: 'draft orders',
  conditions: 'problem list',
  allergies: 'allergies',
  encounter: 'encounter',
};

/** The notice about a kind of data that never came. */
export const wordAbsentCategory = (category: Category): string =>
  `no ${categoryWords[category]} came: what needs it is indeterminate, not clear`;

/** The same of what no laboratory measures, which is no kind of data of its own. */
export const absentMeasurements =
  'no measurements (body weight, height, QTc, pregnancy) came: what needs them is indeterminate, not clear';

// --- What is missing ---------------------------------------------------------------------------------------

const inputWords: Readonly<Record<NeededInput, string>> = {
  creatinine: 'creatinine',
  albumin: 'albumin',
  'body-weight': 'body weight within P180D',
  'birth-date': 'the birth date',
  sex: 'the sex',
};

const leftOutWords = ({ unsteady, inPregnancy, underAge }: LeftOut): string =>
  [
    unsteady > 0 ? `${unsteady} while creatinine was changing` : '',
    inPregnancy > 0 ? `${inPregnancy} in pregnancy` : '',
    underAge > 0 ? `${underAge} under 18` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');

const routeWords = {
  'not-stated': 'is not stated',
  'not-understood': 'is stated and not understood',
  several: 'is unknown: routes that differ are stated',
} as const;

const inBrackets = (words: string) => (): string => ` (${words})`;

/** What follows the name of what is missing. */
const reasonWords: Words<Reason> = {
  lacks: () => '',
  needs: ({ input }) => `: needs ${inputWords[input]}`,
  'category-absent': ({ category }) => ` (no ${categoryWords[category]} came)`,
  'category-partial': ({ category }) => ` (${categoryWords[category]} came in part)`,
  stale: ({ time }) => ` (the latest usable one ${time ? `is of ${time}` : 'has no date'})`,
  unusable: ({ results }) => ` (${results.map(({ reference, why }) => `${reference}: ${why}`).join('; ')})`,
  'not-in-unit': ({ unit }) => ` in ${unit}`,
  'no-measurements': inBrackets('no measurements came'),
  'no-stay': inBrackets('no stay in hospital'),
  'encounter-class-unknown': inBrackets('the class of the encounter is not known'),
  'not-inpatient': inBrackets('no inpatient'),
  'stay-without-start': inBrackets('the encounter has no start'),
  'may-be-inside': ({ reference, time }) => ` (${reference} is dated ${time}, which may be inside)`,
  'order-unclear': ({ results }) =>
    ` (${results.map(({ reference, time }) => `${reference} of ${time}`).join(' and ')})`,
  'needs-earlier-result': inBrackets('needs an earlier result'),
  'conditions-open': ({ conditions }) =>
    ` (${conditions
      .map(
        ({ group, reference }) =>
          `${group === undefined ? 'a problem that cannot be read' : nameOfGroup(group)}, ${reference}`,
      )
      .join('; ')} leaves it open)`,
  'no-estimate-on-dialysis': inBrackets('on dialysis: no estimate is quoted'),
  'no-estimate-in-pregnancy': inBrackets('pregnancy: the equation does not apply'),
  'no-estimate-under-18': inBrackets('under 18: the adult equation does not apply'),
  'creatinine-changing': inBrackets('creatinine is changing: an estimate is not reliable'),
  'upper-bound-only': inBrackets('creatinine is changing: the estimate is an upper bound'),
  'on-dialysis': inBrackets('on dialysis'),
  'one-creatinine': inBrackets('one creatinine alone gives no stage'),
  'not-pregnant': inBrackets('not pregnant'),
  'no-dating': inBrackets('no gestational age, estimated delivery date or ICD-10-CM Z3A'),
  'results-left-out': (leftOut) => {
    const words = leftOutWords(leftOut);
    return ` (${words ? `left out: ${words}` : 'the results give no estimate'})`;
  },
  'needs-older-estimate': ({ before }) => ` (needs another estimate at least that long before ${before})`,
  'not-plain': ({ reference }) => ` (the latest, ${reference}, is no plain number)`,
  'needs-estimates': ({ count, over, before, otherEquation }) =>
    ` (needs ${count === 2 ? 'an earlier estimate' : `${count} estimates`}, the first at least ${over} before ${before}${otherEquation ? '; others are by another equation' : ''})`,
  'drug-open': ({ references, unknown, others }) =>
    ` (${references.join(', ')}${others === undefined ? '' : ` and ${others} others`} could be one: ingredient, route or ${unknown} not known)`,
  'route-unknown': ({ medications }) =>
    ` (${medications.map(({ reference, name, unread }) => `the route of ${name}, ${reference}, ${routeWords[unread ?? 'not-stated']}`).join('; ')})`,
  'could-be-one': ({ reference }) => ` (${reference} could be one)`,
  'allergies-open': ({ references }) => ` (${references.join(', ')} could be one)`,
  'dose-needs-weight': ({ references }) => ` of ${references.join(', ')}: needs ${inputWords['body-weight']}`,
  'dose-not-computed': ({ references }) => ` (the dose of ${references.join(', ')} cannot be computed)`,
  'delivery-not-stated': ({ references }) => ` (how much ${references.join(', ')} delivers is not stated)`,
  'no-rate': ({ reference }) => ` (${reference} states no rate that gives grams an hour)`,
  'too-many-doses': inBrackets('too many doses to add up'),
  'pregnancy-undated': ({ reference }) => ` (${reference} has no date that decides it)`,
  'pregnancy-not-documented': ({ reference }) => ` (${reference} dates one that is not documented)`,
  'not-decided': inBrackets('not decided'),
  'and-others': ({ count }) => ` and ${count} more`,
  'computation-failed': inBrackets('could not be computed: please report'),
};

/**
 * What is missing and why, for an engineer.
 * @example
 * wordMissing({ fact: 'lab', params, reasons: [{ code: 'category-absent', category: 'labs' }] });
 * // lab magnesium within P3D (no laboratory data came)
 */
export function wordMissing({ fact, params, reasons }: MissingFact): string {
  const [first] = reasons;
  const what = first?.code === 'lacks' ? first.what : factOf(fact).describe(params);
  return (
    what +
    boundedReasons(reasons)
      .map((reason) => oneOf<Reason>(reasonWords, reason))
      .join('')
  );
}

/** The same of several, each sentence once. */
export const wordAllMissing = (missing: readonly MissingFact[]): string[] => [
  ...new Set(missing.map(wordMissing)),
];

// --- Evidence ----------------------------------------------------------------------------------------------

const quantityWords = (
  { comparator }: { comparator?: string | undefined },
  value: string,
  unit: string | null,
): string => `${comparator ? `${comparator} ` : ''}${value} ${unit ?? ''}`.trim();

/** Four significant digits; the exact value is the fact's. */
const readable = (value: number): number => Number(value.toPrecision(4));

/** One number as it is shown, with its sign. */
interface ShownNumber {
  comparator?: Comparator | undefined;
  value: string;
  unit: string;
}

/** What was used, where that is one number. */
export function shownNumber(used: UsedValue): ShownNumber | null {
  if (used.kind === 'quantity')
    return { comparator: used.comparator, value: roundTo(used.value, used.decimals), unit: used.unit };
  if (used.kind !== 'range') return null;
  const { range, unit } = used;
  const { low, high, lowOpen, highOpen } = range;
  if (high === undefined) return { comparator: lowOpen ? '>' : '>=', value: toTenths(low), unit };
  if (toTenths(low) === toTenths(high)) return { value: toTenths(low), unit };
  return low === 0 ? { comparator: highOpen ? '<' : '<=', value: toTenths(high), unit } : null;
}

const toTenths = (value: number): string => String(Number(value.toFixed(1)));

const rangeWords = (used: Extract<UsedValue, { kind: 'range' }>): string => {
  const shown = shownNumber(used);
  if (shown) return quantityWords(shown, shown.value, shown.unit);
  const { low, high = low } = used.range;
  return `${toTenths(low)} to ${toTenths(high)} ${used.unit}`;
};

function doseWords({ value, unit, per, elementalMagnesium }: Extract<UsedValue, { kind: 'dose' }>): string {
  const what = unit === null ? 'times' : elementalMagnesium ? 'mg elemental magnesium' : unit;
  return `${readable(value)} ${what} a ${per}`;
}

function sumWords({ least, most, hours, state }: Extract<UsedValue, { kind: 'sum' }>): string {
  const from = readable(least);
  const upTo = most === null ? null : readable(most);
  const amount = from === upTo ? `${from} g` : upTo === null ? `${from} g or more` : `${from} to ${upTo} g`;
  return `${amount} in ${hours} hours, ${state}`;
}

/** `4.1 or 6.4 mmol/L`; `4 to 5 mmol/L` where one result states both. */
const eitherWords = ({ values, unit, decimals, isRange }: Extract<UsedValue, { kind: 'either' }>): string =>
  `${values.map((one) => quantityWords(one, roundTo(one.value, decimals), null)).join(isRange ? ' to ' : ' or ')} ${unit}`.trim();

function usedWords(used: UsedValue, name: string | undefined): string {
  switch (used.kind) {
    case 'quantity':
      return quantityWords(used, roundTo(used.value, used.decimals), used.unit);
    case 'either':
      return eitherWords(used);
    case 'range':
      return rangeWords(used);
    case 'unused':
      return 'not used';
    case 'age':
      return `${used.low === used.high ? used.low : `${used.low} to ${used.high}`} ${used.unit}s`;
    case 'code':
      return used.code;
    case 'condition':
      return nameOfGroup(used.group);
    case 'medication':
      return [name ?? 'not matched to an ingredient', ...(used.route ? [used.route] : []), used.state].join(
        ', ',
      );
    case 'dose':
      return doseWords(used);
    case 'rate':
      return `${used.gramsAnHour} g/h`;
    case 'sum':
      return sumWords(used);
    case 'allergy':
      return used.toOrder
        ? `allergy to ${used.to.join(', ')}`
        : used.to.join(', ') || 'not matched to an ingredient';
    case 'just-entered':
      return 'just entered';
    case 'notice':
      return used.message;
    case 'open-check':
      return 'could not be decided';
  }
}

export function wordReceived(received: ReceivedValue): string {
  switch (received.kind) {
    case 'quantity': {
      const one = quantityWords(received, String(received.value), received.unit);
      const { or } = received;
      return or ? `${one} or ${quantityWords(or, String(or.value), or.unit)}` : one;
    }
    case 'codes':
      return received.codes.join(', ');
    case 'text':
      return 'text';
    case 'stated':
      return received.value;
  }
}

const trendWords = { rising: 'is rising', changing: 'may be changing' } as const;

/** To tenths, but never across a whole number, which a threshold may be: 29.97 is not `at most 30`. */
const upToTenths = (value: number): number => {
  const tenths = Number(value.toFixed(1));
  return Number.isInteger(tenths) && tenths !== value ? readable(value) : tenths;
};

const noteWords: Words<EvidenceNote> = {
  charted: ({ words }) => words,
  'matched-by': ({ by }) => `matched by ${by}`,
  'same-group': ({ drugs, group }) => {
    const [named, verb] = [drugs.join(', ') || 'the order', drugs.length > 1 ? 'are' : 'is'];
    return `${named} ${verb} ${group === null ? 'among them' : `of the same group: ${group}`}`;
  },
  'not-confirmed': () => 'not confirmed',
  'from-problem-list': () => 'from the problem list',
  'from-procedure': () => 'from a procedure',
  'transplant-may-end-it': ({ reference }) => `a kidney transplant (${reference}) may have ended it`,
  'by-words': () => 'by its words, without a code we know',
  equation: ({ equation }) => equation,
  'creatinine-trend': ({ trend, atMost }) =>
    trend === 'falling'
      ? 'creatinine is falling'
      : `at most ${upToTenths(atMost)}: creatinine ${trendWords[trend]}`,
  'as-reported': ({ method }) => `as reported${method ? `, ${method}` : ''}`,
  'race-based-not-used': ({ reference }) =>
    `the reported eGFR (${reference}) uses a race-based equation and was not used`,
  'dialysis-and-pregnancy-unchecked': () => 'dialysis and pregnancy could not be checked',
  aki: ({ basis }) => `KDIGO 2012: ${basis}`,
  'aki-recovered': ({ stage }) => `stage ${stage} within 7 days; now below 1.5 times the lowest of 14 days`,
  'in-pregnancy': ({ isReduced, molar }) => {
    const limit = molar ? '97 µmol/L' : '1.1 mg/dL';
    return isReduced
      ? `in pregnancy ${limit} or more, or twice an earlier one, is reduced kidney function`
      : `in pregnancy below ${limit} and not doubled`;
  },
  'half-of-it': () => 'it has doubled since',
  'lowest-of-7-days': () => 'lowest of the 7 days before',
  'aki-baseline': () => 'taken as the baseline: of before the 7 days',
  'highest-of-7-days': () => 'highest of the 7 days',
  'corrected-for-albumin': () => 'corrected for albumin (Payne 1973)',
  'gfr-category': ({ categories }) => categories,
  'left-out': (leftOut) => `left out: ${leftOutWords(leftOut)}`,
  baseline: ({ estimates }) =>
    estimates === undefined ? 'baseline' : `baseline; straight line through ${estimates} estimates`,
  'sources-differ': () => 'the sources differ',
  'differs-from': ({ reference, time }) =>
    `${reference}${time ? ` of ${time}` : ''} differs and nothing says which is right or newer: both are possible`,
  'reported-beside': () => 'as the laboratory reported it of that time',
  'last-dose': ({ from, to }) => `last dose ${from ? `between ${from} and` : 'not after'} ${to}`,
  'rate-basis': ({ basis }) => basis,
};

/** A piece of evidence as it stands in an answer. */
export interface WordedEvidence {
  reference: string;
  name?: string;
  /** As it came; only what looks like a value, a unit or a code. */
  received?: string | undefined;
  used: string;
  time: string | null;
  note?: string;
  order?: 'selected' | 'background';
}

export const wordNotes = (notes: readonly EvidenceNote[]): string =>
  notes.map((note) => oneOf<EvidenceNote>(noteWords, note)).join('; ');

export const wordUsed = ({ used, name }: Evidence): string => usedWords(used, name);

/** Evidence as answers show it; values keep their UCUM units. */
export function wordEvidence(evidence: Evidence): WordedEvidence {
  const { notes, order, ...rest } = evidence;
  const note = wordNotes(notes);
  return {
    ...rest,
    received: rest.received && wordReceived(rest.received),
    used: wordUsed(evidence),
    ...(note === '' ? {} : { note }),
    ...(order ? { order } : {}),
  };
}

// --- Why a finding is not shown ----------------------------------------------------------------------------

const pluralOf: Readonly<Record<Indicator, string>> = {
  critical: 'critical cards',
  warning: 'warnings',
  info: 'info cards',
};

/** How a route is said. */
export const routeNames: Readonly<Record<string, string>> = {
  oral: 'by mouth',
  parenteral: 'by injection',
};

const whyNotWords: Words<WhyNot> = {
  exempt: () => 'a documented exemption applies',
  'rule-failed': () => 'the rule could not be evaluated',
  'not-in-force': ({ status }) => `its status is ${status}: evaluated and recorded, never shown`,
  'switched-off': () => 'switched off for this client',
  'other-hook': ({ hook }) => `it is no rule of ${hook}`,
  'not-entered': () => 'what was entered does not contribute to it',
  'not-ordered': () => 'the order does not contribute to it',
  'said-in-notices': () =>
    'said in notices and in `missing`; a card is shown on order hooks when a check of the order could not be made',
  'nothing-chosen': () => 'no drug is chosen yet',
  'test-ordered': () => 'the test that it asks for is ordered, and not back',
  superseded: ({ by }) => `superseded by ${by}`,
  'by-route': ({ order, routes, unread }) =>
    `the route of ${order} ${routeWords[unread ?? 'not-stated']}: said on its card, since it fires if it is given ${routes.map((route) => routeNames[route]).join(' or ')}`,
  overridden: ({ on, reason, until }) => `withheld: overridden on ${on} (${reason}) until ${until}`,
  'over-limit': ({ limit, indicator }) => `held back: over the limit of ${limit} ${pluralOf[indicator]}`,
};

/** Why a rule did not fire although its conditions hold, or why its finding is not shown. */
export const wordWhyNot = (why: WhyNot | null): string | null =>
  why === null ? null : oneOf<WhyNot>(whyNotWords, why);

// --- Sentences of cards ------------------------------------------------------------------------------------

/** Begins with a capital, but eGFR stays eGFR. */
export const capital = (text: string): string =>
  /^[a-z](?:[a-z]| )/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** Drugs of `a + b`, without what tells salts and forms apart: `sodium phosphate` of `sodium phosphate, dibasic`. */
export const drugsInShort = (names: string): string[] => [
  ...new Set(names.split(' + ').map((name) => name.replace(/, .*$/, ''))),
];

/** What is counted, with its number: `dose` for 1, `doses` for others. */
export const wordCounted = (noun: string, count: number): string =>
  count === 1
    ? noun.replace(/(?:(categor)ies|(dose|drug|order|kind|time)s)$/, (_, y, other) => (y ? `${y}y` : other))
    : noun.replace(/(?:(categor)y|(dose|drug|order|kind|time))$/, (_, y, other) =>
        y ? `${y}ies` : `${other}s`,
      );

/** The notice that every card ends with, once. */
export const disclaimer = '*Decision support for review; not a medical device.*';

export const comparisonWords: Readonly<Record<string, string>> = {
  lessThan: 'below',
  lessThanInclusive: 'at most',
  greaterThan: 'above',
  greaterThanInclusive: 'at least',
  equal: 'equal to',
};

/** Which rule of which version spoke. */
export const wordRule = ({ id, version }: Pick<Rule, 'id' | 'version'>): string => `Rule ${id} ${version}.`;

/** The source of a rule that a card names: the first whose text was read. All of them are in GET /rules/{id}. */
function firstSource({ sources }: Rule): string[] {
  const [first] = [...sources].sort((a, b) => Number(b.read) - Number(a.read));
  if (!first) return [];
  const { short, year } = first;
  return [short.includes(String(year)) ? short : `${short} ${year}`];
}

/** The sources of a card, each once, and its rules. */
export function wordSources(rules: readonly Rule[]): string {
  const sources = [...new Set(rules.flatMap(firstSource))];
  return `Source: ${sources.join('; ')}. ${rules.map(wordRule).join(' ')}`;
}

/** The values of a finding and what they are held against. */
export const valueWords = {
  /** Of a creatinine in pregnancy, which stands for an estimate. */
  countsAs: (limits: string): string => `counts as ${limits}`,
  notExcluded: (limits: string): string => `${limits} is not excluded`,
  from: (creatinine: string): string => `from creatinine ${creatinine}`,
  receivedAs: (received: string): string => `received as ${received}`,
  /** Of a truth that does not hold: what there is none of, and what came and could not be used. */
  none: (asked: string, unusable: string): string =>
    unusable === '' ? `No ${asked}` : `No usable ${asked} (${unusable})`,
  /** Of a finding that rests on results of which not all came. */
  inPart: 'Not all results were read: a newer one may say otherwise.',
  /** Before what is listed beside the worst finding. */
  also: 'Also about it:',
  entries: (line: string, count: number): string => (count > 1 ? `${line} (${count} entries)` : line),
} as const;

/** What a summary says of allergies, and of findings beside the worst one. */
export const summaryWords = {
  allergy: (to: readonly string[]): string => `allergy or intolerance to ${to.join(' and ')}`,
  also: (values: readonly string[]): string => `; also ${values.join(', ')}`,
  more: (count: number): string => ` (+${count} more ${count === 1 ? 'finding' : 'findings'})`,
} as const;

/** The first few of a list, and how many more there are. */
export const wordSome = (shown: readonly string[], more: number): string =>
  `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;

/** A finding over the limit of cards. */
export const wordOverLimit = (count: number): string =>
  `${count} more ${count === 1 ? 'finding is' : 'findings are'} not shown: over the limit of cards set for this site`;

export const wordRemoval = (reference: string): string => `Remove the draft order ${reference}`;
export const wordCreation = (display: string): string => `Order: ${display}`;

/** A test as it is named beside others: `magnesium`, `digoxin level`, `ECG`. */
export function nameOfTest(test: OrderedTest): string {
  if (test === 'qtc' || test === 'qt') return 'ECG';
  if (isLabTest(test)) return labTests[test].name.replace(/^serum /, '');
  return otherTests[test];
}

/** What a card would ask for, and need not: names by what is known of them. */
export function wordAtHand(
  states: Readonly<Record<'ordered' | 'drafted' | 'running' | 'taken', readonly string[]>>,
): string {
  const { ordered, ...others } = states;
  const parts = [
    ...(ordered.length > 0 ? [`already ordered: ${ordered.join(', ')}`] : []),
    ...Object.entries(others).flatMap(([state, names]) =>
      names.length > 0 ? [`${state}: ${names.join(', ')}`] : [],
    ),
  ];
  return parts.length > 0 ? `${capital(parts.join('; '))}.` : '';
}

/** The button that orders a test; creatinine without a name of its own comes with its panel. */
export function wordTestOrder(test: LabTest, name: string | null): string {
  if (test === 'qtc' || test === 'qt') return 'Order an ECG';
  if (name === null) return 'Order a basic metabolic panel (creatinine, K)';
  return `Order ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

export const openChecksWords = {
  notRecognisedOrder: 'Ordered medication not recognised: its drug checks could not be made',
  notRecognisedTherapy: 'A medication on the list was not recognised: not every drug check could be made',
  noAllClear: 'This is not an all-clear. What could not be checked:',
  noMatch: 'matches no ingredient we know',
  notTheWholeList: 'This is not the whole list. Held back:',
  exemptions: 'Not checked:',
  secondCreatinine: 'a second creatinine',
  untilRecognised: 'Open until the medication is recognised:',
  /** How many checks, of what this moment is about. */
  count: (checks: number, of: 'order' | 'entry' | 'chart'): string => {
    const noun = checks === 1 ? 'check' : 'checks';
    return of === 'chart'
      ? `${checks} critical safety ${noun} could not be made`
      : `${checks} safety ${noun} of this ${of} could not be made`;
  },
  missing: (count: string, needs: readonly string[], pending: readonly string[]): string =>
    `${count}. Missing: ${needs.join(', ')}${pending.length > 0 ? `; pending: ${pending.join(', ')}` : ''}`,
  dataMissing: (count: string): string => `${count}: data missing`,
  /** Of tests that are ordered and not back. */
  pending: (pending: readonly string[], checks: number, of: 'order' | 'entry' | 'chart'): string =>
    `${capital(pending.join(', '))} pending, not checked: ${checks} safety ${checks === 1 ? 'check' : 'checks'} of this ${of}`,
  /** A result that came and could not be used: without `serum`, as one says it. */
  unusable: (test: LabTest, lack: 'unit' | 'value' | 'contradicting'): string => {
    const why = { unit: 'unit not usable', value: 'value not usable', contradicting: 'results contradict' };
    return `${labTests[test].name.replace(/^serum /, '')} (${why[lack]})`;
  },
  pendingNeed: (need: string): string => `${need} (pending)`,
  more: (needs: readonly string[], more: number): string[] => [...needs, `${more} more`],
} as const;

/** What a card says of a route that is not known: of one order, and of several. */
const routeLack = {
  'not-stated': ['its route is not given', 'their route is not given'],
  'not-understood': ['its route is stated, and not understood', 'their route is stated, and not understood'],
  several: ['the routes stated differ', 'the routes stated differ'],
} as const;

/** Of orders whose route is not known. */
export const routeWordsOfCard = {
  /** What is known of the patient, and that it matters by every route. */
  summary: (
    drugs: readonly string[],
    {
      routes,
      values,
      orders,
      unread,
    }: {
      routes: readonly string[];
      values: readonly string[];
      /** How many orders. */
      orders: number;
      unread: UnreadRoute | undefined;
    },
  ): string => {
    const by = routes.map((route) => routeNames[route] ?? route).join(' and ');
    const [ofOne, ofSeveral] = routeLack[unread ?? 'not-stated'];
    const named = drugs.join(' and ');
    const several = drugs.length > 1 ? named : `${orders} orders of ${named}`;
    const said =
      orders === 1 ? `${named} is a risk ${by}; ${ofOne}` : `${several} are a risk ${by}; ${ofSeveral}`;
    return values.length > 0 ? `${values.join(', ')}: ${said}` : capital(said);
  },
  line: (route: string, findings: readonly string[]): string =>
    `- **${capital(routeNames[route] ?? route)}**: ${findings.join(' ')}`,
  finding: (summary: string, { id, version }: Pick<Rule, 'id' | 'version'>, indicator: Indicator): string =>
    `${summary} (${indicator}; rule ${id} ${version}).`,
  explanation:
    'By each route that this drug is given, one of these holds. Options: state the route, or change the order.',
  label: { 'not-given': 'Epsom: route not given', 'not-understood': 'Epsom: route not understood' },
  topic: {
    'not-given': 'An order whose route is not given, and that warns by every route',
    'not-understood': 'An order whose route is stated and not understood, and that warns by every route',
  },
  /** Which of several orders that are alike a button removes. */
  place: (label: string, place: number, of: number): string =>
    of > 1 ? `${label} (${place} of ${of})` : label,
} as const;

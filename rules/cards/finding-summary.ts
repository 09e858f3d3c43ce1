/** The summary of a card: the patient's value, the danger, the way out. */
import { relevantOrders } from '../evaluation/this-moment.ts';
import type { Evidence, Fact } from '../facts/fact.ts';
import { factOf } from '../facts/facts.ts';
import { meaningOf } from '../fhir/hooks.ts';
import { textOfRule } from './at-hand.ts';
import type { CardInput, FindingInput } from './card-input.ts';
import {
  type Alike,
  byRequest,
  drugOfValue,
  leavesOfFinding,
  reportedUnitsOf,
  wordValue,
} from './finding-values.ts';
import { fitting, maxSummary } from './profiles.ts';
import { textForReader } from './reader-units.ts';
import { capital, drugsInShort, summaryWords } from './wording.ts';

/** A value of this patient as a summary says it. */
interface Value {
  words: string;
  /** It is an amount of this drug. */
  drug: string | null;
  /** A problem or an allergy, by its name. */
  isProblem: boolean;
}

/** What a summary can say of this patient: each once. */
interface Filled {
  values: readonly Value[];
  drugs: readonly string[];
}

/** What follows an estimate while creatinine changes. */
const trend = /, creatinine (rising|falling|changing)$/;
const withoutTrend = (value: Value): Value => ({ ...value, words: value.words.replace(trend, '') });

/** `Cr 1.0 to 2.4 mg/dL`: which of them is a baseline, and of when, the detail says, too. */
const baseline = /\(Cr (.+?) (\S+); baseline (\S+) \S+ of [\d-]+\)/;
const inShort = (value: Value): Value => {
  const { words, ...rest } = withoutTrend(value);
  return { ...rest, words: words.replace(baseline, '(Cr $3 to $1 $2)') };
};

/** Beside the stage of an injury, whose creatinines are named, an estimate need not say that creatinine changes. */
const sayRiseOnce = (values: readonly Value[]): readonly Value[] =>
  values.some(({ words }) => words.startsWith('AKI stage')) ? values.map(withoutTrend) : values;

const eachOnce = (values: readonly Value[]): Value[] => [
  ...new Map(values.map((value) => [value.words, value])).values(),
];

const namesIn = (evidence: readonly Evidence[]): string[] => evidence.flatMap(({ name }) => name ?? []);
const isAllergy = ({ used }: Evidence): boolean => used.kind === 'allergy';

/** The drugs that a fact names; an allergy is to a drug, and is none. */
const drugsIn = (fact: Fact): string[] =>
  namesIn(fact.evidence.filter((one) => !isAllergy(one))).flatMap(drugsInShort);

/** An allergy to the very drug that is named beside it is one `to it`. */
function allergyIn(fact: Fact): Value[] {
  const [drug, ...others] = new Set(drugsIn(fact));
  const to = new Set(namesIn(fact.evidence.filter(isAllergy)));
  const isToIt = drug !== undefined && others.length === 0 && to.delete(drug);
  const words = summaryWords.allergy([...(isToIt ? ['it'] : []), ...to]);
  return to.size > 0 || isToIt ? [{ words, drug: null, isProblem: true }] : [];
}

function valuesIn(alike: Alike, fact: Fact, input: FindingInput): Value[] {
  const [{ fact: name, params }] = alike;
  const fills = factOf(name).fills(params);
  const words = fills.includes('values') ? wordValue(alike, fact, input.units) : null;
  const problems = fills.includes('conditions') ? namesIn(fact.evidence) : [];
  return [
    ...(words === null ? [] : [{ words, drug: drugOfValue(fact, words), isProblem: false }]),
    ...problems.map((problem) => ({ words: problem, drug: null, isProblem: true })),
    ...(fills.includes('allergies') ? allergyIn(fact) : []),
  ];
}

/** A creatinine that stands for the kidney function in pregnancy is not said by itself, too. */
function sayCreatinineOnce(values: readonly Value[]): readonly Value[] {
  const said = new Set(values.map(({ words }) => words));
  return values.filter(({ words }) => !said.has(`${words.replace(/^creatinine /, 'Cr ')} in pregnancy`));
}

function filled(input: FindingInput): Filled {
  const values: Value[] = [];
  const drugs = new Set<string>();
  for (const alike of byRequest(leavesOfFinding(input))) {
    const [{ fact: name, params, question }] = alike;
    const fact = input.facts(question);
    values.push(...valuesIn(alike, fact, input));
    if (factOf(name).fills(params).includes('drug')) for (const one of drugsIn(fact)) drugs.add(one);
  }
  return { values: sayCreatinineOnce(sayRiseOnce(eachOnce(values))), drugs: [...drugs] };
}

/** What is being ordered that makes the finding relevant. */
const drugsOrdered = ({ compiled, chart, hook, pregnant }: FindingInput): string[] =>
  meaningOf(hook).kind === 'order'
    ? [
        ...new Set(
          relevantOrders(compiled, chart, pregnant).map(({ name }) => drugsInShort(name).join(' + ')),
        ),
      ]
    : [];

/** Of several drugs, each with its own amounts: whose 500 mg they are is not left to guess. */
function drugsWithAmounts({ values, drugs }: Filled): Filled {
  if (drugs.length < 2) return { values, drugs };
  const isAmountOfOne = ({ drug }: Value): boolean => drug !== null && drugs.includes(drug);
  return {
    values: values.filter((value) => !isAmountOfOne(value)),
    drugs: drugs.map((drug) =>
      [drug, ...values.flatMap((value) => (value.drug === drug ? value.words : []))].join(' '),
    ),
  };
}

/** The summary as the rule has it: beside an order that it names, that one. */
const textOfSummary = ({ compiled }: FindingInput, ordered: readonly string[]): string => {
  const { summary, orderSummary = summary } = compiled.rule.card;
  return ordered.length > 0 ? orderSummary : summary;
};

/** The summary of a finding with these values. */
function composed(input: FindingInput, all: Filled, ordered: readonly string[]): string {
  const { values, drugs } = ordered.length > 0 ? all : drugsWithAmounts(all);
  const text = textForReader(
    textOfRule(textOfSummary(input, ordered), input),
    input.units,
    reportedUnitsOf(input),
  );
  const words = values.map((value) => value.words);
  // Where nothing was measured, there is nothing to say `with` of.
  const summary = (words.length > 0 ? text : text.replace(/(?:,| with) \{values\}/, ''))
    .replace('{values}', words.join(', '))
    .replace('{drug}', ordered.length > 0 ? ordered.join(', ') : drugs.join(' + '));
  return capital(summary);
}

/** The same values, and fewer and fewer: first why an estimate is one at most and when a baseline was, then problems, then numbers; one is left. */
function fewerAndFewer(values: readonly Value[]): (readonly Value[])[] {
  const shorter = values.map(inShort);
  const lists: (readonly Value[])[] = [values, shorter];
  const least = [...shorter.filter(({ isProblem }) => isProblem).reverse(), ...shorter.toReversed()];
  let left: readonly Value[] = shorter;
  for (const one of new Set(least)) {
    if (left.length === 1) break;
    left = left.filter((value) => value !== one);
    lists.push(left);
  }
  return lists;
}

/** What can be left out at the end: a remark in brackets, or what follows a semicolon; of one clause, what a comma adds. */
const lastClauses = [/(?: \([^()]*\)|; [^;]*)$/, /, [^,]*$/] as const;

/** The same with fewer clauses behind the colon, each of those left whole. */
function clausesLeft(summary: string): string[] {
  const colon = summary.indexOf(': ');
  const [head, clauses] = [summary.slice(0, colon + 1), summary.slice(colon + 1)];
  const last = lastClauses.find((one) => one.test(clauses));
  if (last === undefined) return [];
  const cut = head + clauses.replace(last, '');
  return [`${cut}…`, ...clausesLeft(cut)];
}

/** The drug or examination that is ordered, where the rule has words for it. */
const orderedIn = (input: FindingInput): string[] =>
  input.compiled.rule.card.orderSummary === undefined ? [] : drugsOrdered(input);

/** The summary as the rule has it, with what it asks for. */
export const summaryAsked = (input: FindingInput): string => textOfSummary(input, orderedIn(input));

/** The summary of one finding, whatever its length. */
export const summaryOfFinding = (input: FindingInput): string =>
  composed(input, filled(input), orderedIn(input));

/** The same in so many characters: values go first, then whole clauses, so that no way out is said by half. */
function summaryWithin(input: FindingInput, most: number): string {
  const all = filled(input);
  const ordered = orderedIn(input);
  const forms = fewerAndFewer(all.values).map((values) => composed(input, { ...all, values }, ordered));
  const shortest = forms.at(-1) ?? '';
  return [...forms, ...clausesLeft(shortest)].find(({ length }) => length <= most) ?? fitting(shortest, most);
}

/** Values that are not said yet; of an amount its drug, unless that is. */
const newIn = ({ values, drugs }: Filled, summary: string): string[] =>
  values.flatMap(({ words, drug }) => {
    if (summary.includes(words.toLowerCase())) return [];
    const isNamed = drugs.some((one) => summary.includes(one.toLowerCase()));
    return isNamed || drug === null ? words : `${drug} ${words}`;
  });

/** The drugs of this moment's orders that a finding rests on, and that are not said yet. */
const drugsNewIn = (input: FindingInput, summary: string): string[] =>
  leavesOfFinding(input)
    .flatMap(({ question }) => input.facts(question).evidence)
    .flatMap(({ order, name }) => (order === 'selected' && name !== undefined ? [name] : []))
    .filter((name) => !summary.includes(name.toLowerCase()));

/**
 * What is listed beside the worst finding, in short: its values where all of them have one that is not said yet; of a
 * finding that has the same, the drug that is ordered.
 */
function othersInShort(others: readonly FindingInput[], said: string): string | null {
  const summary = said.toLowerCase();
  const values = others.map((other) => {
    const own = newIn(filled(other), summary);
    return own.length > 0 ? own : drugsNewIn(other, summary);
  });
  return values.every((own) => own.length > 0) ? summaryWords.also([...new Set(values.flat())]) : null;
}

/** The values of graver findings of a list that are not said yet, in short, and how many findings are beside them. */
function graveInShort(others: readonly FindingInput[], said: string, most: number): string {
  const named: { value: string; by: FindingInput }[] = [];
  for (const other of others.filter(({ compiled }) => compiled.rule.card.indicator === 'critical'))
    for (const value of newIn(filled(other), said.toLowerCase())) named.push({ value, by: other });
  // As many as leave the worst finding its words.
  for (let count = named.length; count > 0; count -= 1) {
    const shown = named.slice(0, count);
    const covered = new Set(shown.map(({ by }) => by));
    for (const { by } of named.slice(count)) covered.delete(by);
    const rest = others.length - covered.size;
    const values = summaryWords.also([...new Set(shown.map(({ value }) => value))]);
    const short = `${values}${rest > 0 ? summaryWords.more(rest) : ''}`;
    if (count === 1 || short.length <= most / 2) return short;
  }
  return summaryWords.more(others.length);
}

/**
 * The summary of a card: that of its worst finding, and what is listed with it where that fits. A critical finding is
 * never only counted: the value that it rests on stands there, whatever of the worst is cut for it.
 */
export function summaryOf(
  { findings: [worst, ...others], ...setting }: CardInput,
  most = maxSummary,
): string {
  const input = { ...setting, compiled: worst };
  const own = summaryOfFinding(input);
  if (others.length === 0) return summaryWithin(input, most);
  const inputs = others.map((compiled) => ({ ...setting, compiled }));
  const short = othersInShort(inputs, own);
  if (short !== null && own.length + short.length <= most) return own + short;
  const first = graveInShort(inputs, own, most);
  // What was cut is not said.
  const grave = graveInShort(inputs, summaryWithin(input, most - first.length), most);
  return summaryWithin(input, most - grave.length) + grave;
}

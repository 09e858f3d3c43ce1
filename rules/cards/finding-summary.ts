/** The summary of a card: the patient's value, the danger, the way out. */
import { relevantOrders } from '../evaluation/this-moment.ts';
import { factOf } from '../facts/facts.ts';
import { meaningOf } from '../fhir/hooks.ts';
import type { CardInput, FindingInput } from './card-input.ts';
import { byRequest, leavesOfFinding, namedValue, reportedUnitsOf, wordValue } from './finding-values.ts';
import { fitting, maxSummary } from './profiles.ts';
import { textForReader } from './reader-units.ts';
import { capital, summaryWords } from './wording.ts';

/** What a summary can say of this patient: each once. */
interface Filled {
  values: string[];
  /** The same, amounts with their drug. */
  named: string[];
  drugs: string[];
}

/** Beside the stage of an injury, whose creatinines are named, an estimate need not say that creatinine changes. */
const sayRiseOnce = (values: string[]): string[] =>
  values.some((value) => value.startsWith('AKI stage'))
    ? values.map((value) => value.replace(/, creatinine (rising|falling|changing)$/, ''))
    : values;

/** A creatinine that stands for the kidney function in pregnancy is not said by itself, too. */
const sayCreatinineOnce = (values: string[]): string[] =>
  values.filter((value) => !values.includes(`${value.replace(/^creatinine /, 'Cr ')} in pregnancy`));

function filled(input: FindingInput): Filled {
  const [values, named, drugs] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const alike of byRequest(leavesOfFinding(input))) {
    const [{ fact: name, params, question }] = alike;
    const fact = input.facts(question);
    const fills = factOf(name).fills(params);
    const worded = fills.includes('values') ? wordValue(alike, fact, input.units) : null;
    if (worded !== null) values.add(worded);
    if (worded !== null) named.add(namedValue(alike, fact, input.units) ?? worded);
    const names = fact.evidence.flatMap((evidence) => evidence.name ?? []);
    for (const one of fills.includes('conditions') ? names : []) values.add(one);
    for (const one of fills.includes('conditions') ? names : []) named.add(one);
    for (const one of fills.includes('drug') ? names : []) drugs.add(one);
  }
  return {
    values: sayCreatinineOnce(sayRiseOnce([...values])),
    named: sayCreatinineOnce([...named]),
    drugs: [...drugs],
  };
}

/** What is being ordered that makes the finding relevant. */
const drugsOrdered = ({ compiled, chart, hook, pregnant }: FindingInput): string[] =>
  meaningOf(hook).kind === 'order'
    ? [...new Set(relevantOrders(compiled, chart, pregnant).map(({ name }) => name))]
    : [];

/** The summary of one finding, whatever its length. */
export function summaryOfFinding(input: FindingInput): string {
  const { values, drugs } = filled(input);
  const { summary: usual, orderSummary } = input.compiled.rule.card;
  const ordered = orderSummary === undefined ? [] : drugsOrdered(input);
  const text = textForReader(
    ordered.length > 0 ? (orderSummary ?? usual) : usual,
    input.units,
    reportedUnitsOf(input),
  );
  // Where nothing was measured, there is nothing to say `with` of.
  const summary = (values.length > 0 ? text : text.replace(/(?:,| with) \{values\}/, ''))
    .replace('{values}', values.join(', '))
    .replace('{drug}', ordered.length > 0 ? ordered.join(', ') : drugs.join(' + '));
  return capital(summary);
}

/** Values that are not said yet; of an amount its drug, unless that is. */
const newIn = ({ values, named, drugs }: Filled, summary: string): string[] =>
  values.flatMap((value, index) => {
    if (summary.includes(value.toLowerCase())) return [];
    const isNamed = drugs.some((drug) => summary.includes(drug.toLowerCase()));
    return isNamed ? value : (named[index] ?? value);
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
  const own = summaryOfFinding({ ...setting, compiled: worst });
  if (others.length === 0) return fitting(own, most);
  const inputs = others.map((compiled) => ({ ...setting, compiled }));
  const short = othersInShort(inputs, own);
  if (short !== null && own.length + short.length <= most) return own + short;
  const first = graveInShort(inputs, own, most);
  // What was cut is not said.
  const grave = graveInShort(inputs, fitting(own, most - first.length), most);
  return fitting(own, most - grave.length) + grave;
}

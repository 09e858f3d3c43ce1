/** Whether an answer is what a handed case expects: the words of `test/records/README.md`. */
import { asArray, asString, isObject, type Json } from '../../rules/fhir/json.ts';
import type { Answer } from './serving.ts';

const indicators = ['info', 'warning', 'critical'];
const rank = (indicator: unknown): number => indicators.indexOf(String(indicator));

/** One of a group of cards that may hold. */
interface Wanted {
  rules?: string[];
  min?: string;
  text?: string;
}

export interface Judge {
  need?: Wanted[][];
  not?: string[];
  cards?: number;
  most?: string;
  notText?: string;
}

/** A case: what is posted how, and what should come. All members are optional but those that choose the request. */
export interface Expectation extends Wanted {
  hook: string;
  at?: string;
  service?: string;
  rule?: string;
  outcome?: string[];
  shown?: boolean;
  card?: string;
  noCard?: string;
  notice?: string;
  noNotice?: string;
  saidWhenIndeterminate?: string;
  cardText?: string;
  cardText2?: string;
  notText?: string;
  noText?: string;
  about?: string;
  orCard?: string;
  anyCard?: boolean;
  noteOrOpen?: boolean;
  status?: number[];
  orRefused?: boolean | number[];
  permute?: boolean;
  judge?: Judge;
}

const ruleOf = (card: Json): string => {
  const source = isObject(card.source) ? card.source : {};
  return isObject(source.topic) ? String(source.topic.code) : '';
};
const textOf = (card: Json): string => `${asString(card.summary) ?? ''}\n${asString(card.detail) ?? ''}`;
const matches = (text: string, pattern: string): boolean => new RegExp(pattern, 'i').test(text);

/** Rules a card speaks for: its topic, and those it names. */
const isOfRule = (card: Json, rule: string): boolean =>
  ruleOf(card) === rule || new RegExp(`\\bRule ${rule}\\b`).test(textOf(card));

const isMet = (card: Json, { rules, min, text }: Wanted): boolean =>
  (rules ? rules.some((rule) => isOfRule(card, rule)) : !ruleOf(card).startsWith('DQ-')) &&
  (min === undefined || rank(card.indicator) >= rank(min)) &&
  (text === undefined || matches(textOf(card), text));

function judgeProblems(judge: Judge, cards: readonly Json[]): string[] {
  const problems: string[] = [];
  for (const group of judge.need ?? []) {
    const isThere = group.some((wanted) => cards.some((card) => isMet(card, wanted)));
    if (!isThere) problems.push(`no card meets ${JSON.stringify(group)}`);
  }
  for (const rule of judge.not ?? []) {
    if (cards.some((card) => isOfRule(card, rule))) problems.push(`a card of ${rule}`);
  }
  const { cards: count, most, notText } = judge;
  if (count !== undefined && cards.length !== count) problems.push(`${cards.length} cards, not ${count}`);
  if (most !== undefined && cards.some(({ indicator }) => rank(indicator) > rank(most)))
    problems.push(`a card above ${most}`);
  if (notText !== undefined && cards.some((card) => matches(textOf(card), notText)))
    problems.push(`a card says ${notText}`);
  return problems;
}

const isRefusedAsAllowed = ({ orRefused, status }: Expectation, answered: number): boolean =>
  (status ?? []).includes(answered) ||
  (Array.isArray(orRefused) ? orRefused.includes(answered) : orRefused === true && answered === 400);

/** @returns what is not as expected, in words; empty where all is */
export function problemsOf(expected: Expectation, { status, body }: Answer): string[] {
  if (status !== 200)
    return isRefusedAsAllowed(expected, status) ? [] : [`answered ${status}: ${JSON.stringify(body)}`];
  if (expected.status || (expected.orRefused === true && !expected.anyCard)) return ['was not refused'];
  const cards = asArray(body.cards);
  return [
    ...judgeProblems(expected.judge ?? {}, cards),
    ...(expected.orRefused
      ? cardProblems({ ...expected, anyCard: true }, cards)
      : cardProblems(expected, cards)),
    ...(Array.isArray(body.evaluations) ? evaluationProblems(expected, body, cards) : []),
  ];
}

function cardProblems(expected: Expectation, cards: readonly Json[]): string[] {
  const { min, text, rules, rule, card, about, cardText, cardText2, anyCard, noCard, notText, noText } =
    expected;
  const problems: string[] = [];
  const some = (what: string, test: (one: Json) => boolean): void => {
    if (!cards.some(test)) problems.push(`no card: ${what}`);
  };
  if (anyCard && text === undefined) some('any', () => true);
  if (min !== undefined || rules !== undefined || (text !== undefined && rule === undefined)) {
    some(`${min ?? ''} ${rules ?? ''} ${text ?? ''}`, (one) =>
      rules
        ? isMet(one, expected)
        : (min === undefined || rank(one.indicator) >= rank(min)) && matches(textOf(one), text ?? ''),
    );
  }
  if (card !== undefined && rule !== undefined) {
    some(
      `${card} of ${rule}`,
      (one) =>
        rank(one.indicator) >= rank(card) &&
        (isOfRule(one, rule) || (about !== undefined && matches(textOf(one), about))) &&
        (text === undefined || matches(textOf(one), text)),
    );
  }
  for (const wanted of [cardText, cardText2]) {
    if (wanted !== undefined) some(wanted, (one) => matches(textOf(one), wanted));
  }
  if (noCard !== undefined && cards.some((one) => isOfRule(one, noCard)))
    problems.push(`a card of ${noCard}`);
  for (const unwanted of [notText, noText]) {
    if (unwanted !== undefined && cards.some((one) => matches(textOf(one), unwanted)))
      problems.push(`a card says ${unwanted}`);
  }
  return problems;
}

const noticeText = ({ code, reference, message }: Json): string => `${code} ${reference} ${message}`;

function evaluationProblems(expected: Expectation, body: Json, cards: readonly Json[]): string[] {
  const { rule, outcome, shown, notice, noNotice, saidWhenIndeterminate, orCard, noteOrOpen } = expected;
  const notices = asArray(body.notices).map(noticeText);
  const evaluation = asArray(body.evaluations).find((one) => one.rule === rule);
  const problems: string[] = [];
  if (outcome && !outcome.includes(String(evaluation?.outcome))) {
    problems.push(`${rule} is ${evaluation?.outcome}, not ${outcome.join(' or ')}`);
  }
  if (shown && evaluation?.shown !== true && expected.about === undefined)
    problems.push(`${rule} is not shown`);
  if (notice !== undefined && !notices.some((one) => matches(one, notice))) {
    if (orCard === undefined || !cards.some((card) => isOfRule(card, orCard)))
      problems.push(`no notice ${notice}`);
  }
  if (noNotice !== undefined && notices.some((one) => matches(one, noNotice)))
    problems.push(`a notice ${noNotice}`);
  if (saidWhenIndeterminate !== undefined && evaluation?.outcome === 'indeterminate') {
    const said = [...notices, JSON.stringify(evaluation.missing), JSON.stringify(evaluation.why)];
    if (!said.some((one) => matches(one, saidWhenIndeterminate)))
      problems.push(`${saidWhenIndeterminate} is not named`);
  }
  if (
    noteOrOpen &&
    evaluation?.outcome === 'fired' &&
    !cards.some((card) => matches(textOf(card), 'lapsed'))
  ) {
    problems.push('the lapse is not said');
  }
  return problems;
}

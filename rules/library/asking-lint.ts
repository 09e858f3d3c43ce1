/**
 * What a card's texts ask for is marked (rules/rule/asking.ts), so that it is left out where it is at hand, and what is left
 * reads well (clinical decision 36).
 */
import { askingsIn, textAsking, textAskingAll } from '../rule/asking.ts';
import type { Rule } from '../rule/document.ts';

/** Tests and replacements as texts name them. */
const named =
  /\b(?:ECG|EKG|QTc|potassium|K|magnesium|Mg|calcium|Ca|phosphate|creatinine|eGFR|kidney function|metabolic panel|sodium|albumin|levels?|PTH|parathyroid hormone|TSH|blood count|vitamin D|replac(?:ement|ing|e|ed)|electrolytes?)\b/g;

/** They are named and not asked for: what is stopped, left out or waited for, what a drug does, a drug by another name. */
const notAsked = new RegExp(
  [
    'stopping calcium, vitamin D',
    '(?:no|without|stop|stopping|stop every|hold|holding|until|lower|lowers|waste|wastes|raise|raises) (?:serum )?(?:potassium|magnesium|calcium|phosphate|creatinine|levels?)',
    'potassium-sparing',
    'potassium is high',
    'calcium channel',
    'calcium-lowering',
    'calcium carbonate',
    'potassium binder',
    'parenteral magnesium',
    'suits? the kidney function',
    '(?:and the|at this) kidney function',
    'when (?:kidney function|eGFR)',
    'kidney function, myasthenia gravis and AV block',
    'kidney function allow',
    'symptoms and kidney function',
    'with the (?:potassium|calcium)',
    'by level',
    'levels where there are any',
    'lengthen QTc',
    'replace drugs',
  ].join('|'),
  'g',
);

/** A clause of a summary that asks has one of these words. */
const asks = /\b(?:consider|check|option|monitor|repeat|advise|enough|first\b)/;

/** The part of a text that asks: the options of an explanation, the way out of a summary. */
function askingPart(text: string, isSummary: boolean): string {
  if (isSummary)
    return text
      .split(/[;:] /)
      .filter((clause) => asks.test(clause))
      .join('; ');
  return /\bOptions?\b.*?(?:$|\.(?= [A-Z]))/.exec(text)?.[0] ?? '';
}

const withoutMarks = (text: string): string => text.replace(/\[[^[\]]*\]/g, '');

/** Tests and replacements that a text without marks asks for, by its words. */
export const wordsAsked = (text: string, isSummary: boolean): string[] =>
  [
    ...askingPart(text, isSummary)
      .replace(/\{[^{}]*\}/g, '')
      .replace(notAsked, '')
      .matchAll(named),
  ].map(([word]) => word);

const unmarked = (text: string, isSummary: boolean): string[] =>
  wordsAsked(withoutMarks(text), isSummary).map(
    (word) => `asks for \`${word}\` and does not mark it: write \`[test potassium: potassium]\` (asking.ts)`,
  );

/** What remains of a text where its parts are gone, and reads badly. */
const broken =
  /(?:\b(?:consider|and|or|with|before|an?|Options?:)\s*(?:[,.;:]|$))|[,;:]\s*[,.;:]|^\s*[,.;]|\(\s*\)|\s[,.;]| {2}|\bOptions?: (?:and|or|otherwise)\b/;

/** The text for each choice of what is at hand. */
function readings(text: string): string[] {
  const count = askingsIn(text).length;
  return Array.from({ length: 1 << count }, (_, choice) => {
    let index = -1;
    return textAsking(text, () => {
      index += 1;
      return ((choice >> index) & 1) === 1;
    });
  });
}

/** What a card asks for and does not mark, and what of it reads badly without. */
export function askingOfCard({ card }: Pick<Rule, 'card'>): string[] {
  const summaries = [card.summary, card.orderSummary ?? ''];
  const texts = [card.detail, card.brief ?? ''];
  const problems = [
    ...summaries.flatMap((text) => unmarked(text, true)),
    ...texts.flatMap((text) => unmarked(text, false)),
    ...[...summaries, ...texts]
      .flatMap((text) =>
        readings(text).filter((one) => broken.test(one) && !broken.test(textAskingAll(text))),
      )
      .map((text) => `reads badly where what it asks for is at hand: \`${text}\``),
  ];
  return [...new Set(problems)];
}

/** The words and numbers of a clause of the catalogue, and whether a rule asks them. */
import type { Params } from '../facts/facts.ts';
import { isReference, type Leaf, leavesOf } from '../rule/conditions.ts';
import type { Rule } from '../rule/document.ts';
import { drugClasses, ingredientsByName, otherIngredients } from '../terminology/drugs/ingredients.ts';
import { canonicalName } from '../terminology/drugs/spelling.ts';
import { askedWords, drugWords, measureWords, plainWords, unitMeasures } from './catalogue-words.ts';

/** A word or number of a clause that rules can ask. */
export interface Term {
  label: string;
  from: number;
  to: number;
  isAsked: (rule: Rule) => boolean;
}

function leavesOfRule({ conditions, unless }: Rule): Leaf[] {
  return [...leavesOf(conditions), ...(unless ? leavesOf(unless) : [])];
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** What a rule says of drugs: in its conditions; one about a state of the patient, in the orders that it is shown for. */
function drugParamsOf(rule: Rule): Params[] {
  const asked = leavesOfRule(rule)
    .map(({ params }) => params)
    .filter(({ classes, ingredients }) => classes !== undefined || ingredients !== undefined);
  if (asked.length > 0) return asked;
  return (rule.relevantTo ?? []).map((one) => (typeof one === 'string' ? { classes: [one] } : { ...one }));
}

/** Whether a rule asks for a class or an ingredient: by name, or by all that is in it. */
function asksDrug(rule: Rule, name: string): boolean {
  const asked = drugParamsOf(rule);
  if (asked.some(({ classes, ingredients }) => [...texts(classes), ...texts(ingredients)].includes(name)))
    return true;
  const members = new Set(
    asked.flatMap((params) => [
      ...texts(params.ingredients),
      ...texts(params.classes).flatMap((one) =>
        (drugClasses.get(one) ?? [])
          .map((ingredient) => ingredient.name)
          .filter((ingredient) => !texts(params.exceptIngredients).includes(ingredient)),
      ),
    ]),
  );
  const wanted = drugClasses.get(name)?.map((ingredient) => ingredient.name) ?? [name];
  return wanted.every((one) => members.has(one));
}

const asks = (is: (leaf: Leaf) => boolean) => (rule: Rule) => leavesOfRule(rule).some(is);

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** A word as it stands in a clause: not in the middle of another; a plural counts. */
const wordPattern = (word: string): RegExp =>
  new RegExp(`${/^\w/.test(word) ? '(?<![\\w-])' : ''}${escaped(word)}(?:s|es)?(?![\\w])`, 'g');

interface Word {
  label: string;
  pattern: RegExp;
  isAsked: (rule: Rule) => boolean;
  measure?: (leaf: Leaf) => boolean;
}

const words: readonly Word[] = [
  ...Object.entries(drugWords).map(([label, names]) => ({
    label,
    isAsked: (rule: Rule) => names.some((name) => asksDrug(rule, name)),
  })),
  ...Object.entries(askedWords).map(([label, is]) => ({ label, isAsked: asks(is) })),
  ...Object.entries(measureWords).map(([label, is]) => ({ label, isAsked: asks(is), measure: is })),
]
  .toSorted((a, b) => b.label.length - a.label.length)
  .map((word) => ({ ...word, pattern: wordPattern(word.label) }));

const isFree = (terms: readonly Term[], from: number, to: number): boolean =>
  terms.every((term) => to <= term.from || from >= term.to);

interface Measured extends Term {
  measure?: (leaf: Leaf) => boolean;
}

/** Words of the tables, the longer first. */
function wordTerms(clause: string): Measured[] {
  const found: Measured[] = [];
  for (const { label, pattern, isAsked, measure } of words)
    for (const match of clause.matchAll(pattern)) {
      const [from, to] = [match.index, match.index + match[0].length];
      if (isFree(found, from, to)) found.push({ label, from, to, isAsked, ...(measure ? { measure } : {}) });
    }
  return found;
}

const hoursOf: readonly [RegExp, number][] = [
  [/^h\b/, 1],
  [/^d(ays?)?\b(?!L)/, 24],
  [/^w(ee)?ks?\b(?!\))/, 168],
  [/^mo(nths?)?\b/, 720],
  [/^y(ears?|r)?\b/, 8760],
];

const durationParams = [
  'within',
  'span',
  'over',
  'forAtLeast',
  'forMoreThan',
  'endedWithin',
  'orOlderBy',
  'plannedForMoreThan',
];
function hasHours({ params }: Leaf, hours: number): boolean {
  return durationParams.some((name) => {
    const match = /^P(T?)(\d+)[DH]$/.exec(String(params[name] ?? ''));
    if (!match) return false;
    const length = Number(match[2]) * (match[1] === 'T' ? 1 : 24);
    // Twelve months are 365 days.
    return length === hours || (hours === 8640 && length === 8760);
  });
}

const operators: Readonly<Record<string, readonly string[]>> = {
  '<': ['lessThan'],
  '<=': ['lessThanInclusive'],
  '>': ['greaterThan'],
  '>=': ['greaterThanInclusive'],
};

/** Whether a leaf compares with this number; without an operator in any way. */
const comparesWith = (
  { operator, value, params }: Leaf,
  sign: string | undefined,
  number: number,
): boolean => {
  const compared = isReference(value) ? value.params.lowerLimit : value;
  const isLimit = compared === number || (sign === undefined && params.lowerLimit === number);
  return isLimit && (sign === undefined || (operators[sign]?.includes(operator) ?? false));
};

const numberPattern = /(<=|>=|<|>|~)?\s?(?<![\w.])(\d+(?:\.\d+)?)(?![\d.]*\w*[a-z]\d)\s?/gi;

function numberTerm(clause: string, match: RegExpExecArray, measures: readonly Measured[]): Term {
  const [whole, sign, digits = ''] = match;
  const [from, to] = [match.index, match.index + whole.length];
  const number = Number(digits);
  const rest = clause.slice(to);
  const hours = hoursOf.find(([unit]) => unit.test(rest))?.[1];
  const shown = `${sign ?? ''}${digits}`;
  if (hours !== undefined) {
    const label = `${shown} ${/^[a-z]+/.exec(rest)?.[0]}`;
    return { label, from, to, isAsked: asks((leaf) => hasHours(leaf, number * hours)) };
  }
  const byUnit = unitMeasures.find(({ unit }) => unit.test(rest));
  const before = measures.findLast((term) => term.to <= from && term.measure);
  const measure = byUnit?.is ?? before?.measure ?? (() => true);
  const name = byUnit?.measure ?? before?.label;
  return {
    label: name === undefined ? shown : `${name} ${shown}`,
    from,
    to,
    isAsked: asks((leaf) => measure(leaf) && comparesWith(leaf, sign, number)),
  };
}

function numberTerms(clause: string, measured: readonly Measured[]): Term[] {
  return [...clause.matchAll(numberPattern)]
    .filter(({ index, 0: whole }) => isFree(measured, index, index + whole.length))
    .map((match) => numberTerm(clause, match, measured));
}

/** Names of drugs in what the tables left over, of two words before those of one. */
function drugTerms(clause: string, taken: readonly Term[]): Term[] {
  const found: Term[] = [];
  for (const pattern of [/[a-z]+ [a-z]+ [a-z]+/gi, /[a-z]+ [a-z]+/gi, /[a-z]{4,}/gi])
    for (const match of clause.matchAll(pattern)) {
      const [from, to] = [match.index, match.index + match[0].length];
      const name = canonicalName(match[0]);
      const ingredient = ingredientsByName.get(name);
      if (!ingredient && !otherIngredients.has(name)) continue;
      if (!isFree([...taken, ...found], from, to)) continue;
      const label = match[0];
      found.push({
        label,
        from,
        to,
        isAsked: (rule) => ingredient !== undefined && asksDrug(rule, ingredient.name),
      });
    }
  return found;
}

/** What a clause leaves over once its terms are taken out: words that nobody knows. */
function strangeWords(clause: string, terms: readonly Term[]): string[] {
  let rest = clause;
  for (const { from, to } of terms) rest = `${rest.slice(0, from)}${' '.repeat(to - from)}${rest.slice(to)}`;
  return [...rest.matchAll(/[a-z][a-z0-9]*/gi)].map(([word]) => word).filter((word) => !plainWords.has(word));
}

export function termsOf(clause: string): { terms: readonly Term[]; strange: readonly string[] } {
  const measured = wordTerms(clause).toSorted((a, b) => a.from - b.from);
  const numbers = numberTerms(clause, measured);
  const known = [...measured, ...numbers];
  const terms = [...known, ...drugTerms(clause, known)].toSorted((a, b) => a.from - b.from);
  return { terms, strange: strangeWords(clause, terms) };
}

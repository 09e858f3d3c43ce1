/**
 * A drug name cut into its named parts, each of which must be an ingredient or a brand: "lisinopril 10 MG /
 * hydrochlorothiazide 12.5 MG Oral Tablet" has two. Amounts, separators, brackets and words of dose forms end a part.
 */
import { ingredientsOfBrand } from './brands.ts';
import { formWords } from './dose-forms.ts';
import { ingredientsByName } from './ingredients.ts';
import { canonicalName, startsWithDigit } from './spelling.ts';
import { announcingSeparators, doseUnits, isUnit, noiseWords, separators } from './words.ts';

/** A stretch of words that must be explained: one named part of the product. */
export interface Part {
  words: string[];
  /** An amount of it is stated: "10 MG". */
  hasStrength: boolean;
  inParentheses: boolean;
  /** An amount stands right before it: "(65 MG IRON)". */
  afterAmount: boolean;
  /** It follows the dose form without a sign that another drug begins: maker, pack, remarks. */
  afterForm: boolean;
}

export interface NameParts {
  parts: readonly Part[];
  hasForm: boolean;
  /** Two amounts in one unit ("20 mg/12.5 mg", "20/12.5"): a product of at least two drugs. */
  hasTwoAmounts: boolean;
  /** A sign that another drug follows, and none does. */
  isIncomplete: boolean;
}

/** What stands at one place of a name; `length` in tokens. */
type Item =
  | { kind: 'amount'; length: number; isDose: boolean; isTwo: boolean }
  | { kind: 'unit'; length: 1; isDose: boolean }
  | { kind: 'separator'; length: 1; announces: boolean }
  | { kind: 'word' | 'comma' | 'form' | 'open' | 'close' | 'end'; length: number };

const word: Item = { kind: 'word', length: 1 };
const comma: Item = { kind: 'comma', length: 1 };
const form: Item = { kind: 'form', length: 1 };
const openParenthesis: Item = { kind: 'open', length: 1 };
const closeParenthesis: Item = { kind: 'close', length: 1 };
const otherSign: Item = { kind: 'end', length: 1 };
const slashedForm: Item = { kind: 'end', length: 3 };

/** "20/12.5", but not half a tablet. */
const isPair = (number: string): boolean => {
  const [first = '', second = '', ...more] = number.split('/');
  return more.length === 0 && Number.parseFloat(first) >= Number.parseFloat(second);
};

const isNumber = (token: string): boolean => startsWithDigit(token) && !/\p{L}/u.test(token);

/** British "m/r" (modified release), "e/c", "s/r", "g/r", "f/c". */
const isSlashedForm = (tokens: readonly string[], at: number): boolean =>
  tokens[at + 1] === '/' && /^[megsf]\/[rc]$/.test(`${tokens[at]}/${tokens[at + 2]}`);

/** A number with the units after it, if any: "20", "mg/ml", "250 mg/5 ml", "0.09 mg/actuat". */
function amountAt(tokens: readonly string[], at: number): Item {
  let isTwo = isPair(tokens[at] ?? '');
  let unit = tokens[at + 1];
  if (!isUnit(unit)) return { kind: 'amount', length: 1, isDose: false, isTwo };
  let isDose = doseUnits.has(unit);
  let length = 2;
  while (tokens[at + length] === '/') {
    const hasNumber = startsWithDigit(tokens[at + length + 1] ?? '');
    const step = hasNumber ? 3 : 2;
    const next = tokens[at + length + step - 1];
    if (!isUnit(next)) break;
    if (hasNumber && next === unit) isTwo = true;
    length += step;
    unit = next;
    isDose ||= doseUnits.has(unit);
  }
  return { kind: 'amount', length, isDose, isTwo };
}

function itemAt(tokens: readonly string[], at: number): Item {
  const token = tokens[at] ?? '';
  if (isNumber(token)) return amountAt(tokens, at);
  const before = tokens[at - 1];
  // "108 (90 Base) MCG/ACT", "75-200 MG-MCG"
  if (isUnit(token) && (before === ')' || before === '/' || isUnit(before)))
    return { kind: 'unit', length: 1, isDose: doseUnits.has(token) };
  if (token === ',') return comma;
  // "(MAALOX PLUS)": the end of a brand, nothing is announced.
  if (token === 'plus' && tokens[at + 1] === ')') return word;
  if (separators.has(token))
    return { kind: 'separator', length: 1, announces: announcingSeparators.has(token) };
  if (formWords.has(token)) return form;
  if (isSlashedForm(tokens, at)) return slashedForm;
  if (token === '(') return openParenthesis;
  if (token === ')') return closeParenthesis;
  return /[\p{L}\d]/u.test(token) ? word : otherSign;
}

const headLimit = 6;

/** A name at the beginning that holds words which otherwise end one: "Tylenol with Codeine", "insulin soluble human". */
function headOf(tokens: readonly string[]): string[] {
  let end = 0;
  while (end < Math.min(tokens.length, headLimit) && !/^[\d(]/.test(tokens[end] ?? '')) end += 1;
  for (; end > 1; end -= 1) {
    const head = tokens.slice(0, end);
    if (!head.some((token) => separators.has(token) || formWords.has(token))) continue;
    const name = canonicalName(head.join(' '));
    if (ingredientsOfBrand(name) || ingredientsByName.has(name)) return head;
  }
  return [];
}

const isNamed = (part: Part): boolean => part.words.some((token) => token !== ',' && !noiseWords.has(token));

/**
 * @param tokens of the name (see `tokenize`)
 * @returns the parts in their order, without those that hold nothing but noise
 */
export function splitName(tokens: readonly string[]): NameParts {
  const head = headOf(tokens);
  const isPack = tokens.includes('{');
  const parts: Part[] = [];
  /** The part that takes the next word. */
  let open: Part | null = null;
  let depth = 0;
  let hasForm = false;
  let hasTwoAmounts = false;
  let isAnnounced = false;
  let afterAmount = false;
  let afterForm = false;

  if (head.length > 0)
    parts.push({
      words: head,
      hasStrength: false,
      inParentheses: false,
      afterAmount: false,
      afterForm: false,
    });

  for (let at = head.length; at < tokens.length; ) {
    const token = tokens[at] ?? '';
    const item = itemAt(tokens, at);
    at += item.length;
    switch (item.kind) {
      case 'word':
        if (open === null) {
          open = {
            words: [],
            hasStrength: false,
            inParentheses: depth > 0 && !isPack,
            afterAmount,
            afterForm,
          };
          parts.push(open);
        }
        open.words.push(token);
        isAnnounced = false;
        break;
      case 'comma':
        // "insulin, regular, human" is one name: what the comma means is decided when the part is read.
        open?.words.push(token);
        break;
      case 'amount':
        hasTwoAmounts ||= item.isTwo;
        if (item.isDose) markStrength(ownerOfAmount(parts, depth));
        break;
      case 'unit':
        if (item.isDose) markStrength(parts.findLast((part) => !part.inParentheses));
        break;
      case 'separator':
        // "(Brown & Burk UK Ltd)" is one maker.
        if (depth === 0) afterForm = false;
        isAnnounced = item.announces && !isSecondAmount(tokens, at, afterAmount);
        break;
      case 'form':
        hasForm = true;
        afterForm = parts.length > 0;
        break;
      case 'open':
        depth += 1;
        break;
      case 'close':
        depth = Math.max(0, depth - 1);
        break;
      case 'end':
        break;
    }
    if (item.kind !== 'word' && item.kind !== 'comma') open = null;
    if (item.kind !== 'unit') afterAmount = item.kind === 'amount';
  }
  return { parts: parts.filter(isNamed), hasForm, hasTwoAmounts, isIncomplete: isAnnounced };
}

/** "Metformin (Apo) 500 mg": an amount after parentheses is not of what stands in them. */
const ownerOfAmount = (parts: readonly Part[], depth: number): Part | undefined =>
  (depth > 0 ? undefined : parts.findLast((part) => !part.inParentheses)) ?? parts.at(-1);

/** "160mg + 800mg": a second amount, no second name. */
const isSecondAmount = (tokens: readonly string[], at: number, afterAmount: boolean): boolean =>
  afterAmount && tokens[at - 1] === '+' && startsWithDigit(tokens[at] ?? '');

function markStrength(part: Part | undefined): void {
  if (part) part.hasStrength = true;
}

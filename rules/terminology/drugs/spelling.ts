/** One spelling for every way to write a drug name, and the tokens it consists of. */
import { isUnit } from './words.ts';

/** A longer name is not a drug's name: it stays unresolved. */
const nameLimit = 1_000;

/**
 * One spelling for every letter case, without trade mark signs and with single spaces. Upper-casing in between folds
 * the letters whose case mapping is not one to one ("ß").
 *
 * @returns null for what is not text, and for what is too long to be a name (more than 1,000 characters)
 */
export function foldCase(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > nameLimit) return null;
  const text = value.toLowerCase().toUpperCase().toLowerCase();
  if (text.length > nameLimit) return null;
  return text.replace(/[\s®™©]+/gu, ' ').trim();
}

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** Without the accents of Latin letters: "sulfate de magnésium" as "magnesium", "lösung" as "losung". */
export const unaccent = (text: string): string =>
  isAscii(text)
    ? text
    : text
        .normalize('NFD')
        .replace(/[\u0300-\u036f]/g, '')
        .normalize('NFC');

/** The same name however it is written: lower case, no accents, hyphens and commas as spaces. The tables have it as key. */
export function canonicalName(name: string): string {
  return unaccent(name.toLowerCase()).replaceAll('-', ' ').replaceAll(',', ' ').replace(/ {2,}/g, ' ').trim();
}

/** Takes "[Percocet]" off: the brand that RxNorm writes after a product's ingredients. */
export function removeBrackets(text: string): { text: string; bracketed: boolean } {
  if (!text.includes('[')) return { text, bracketed: false };
  let outside = '';
  let depth = 0;
  for (const char of text) {
    if (char === '[') depth += 1;
    else if (char === ']') depth = Math.max(0, depth - 1);
    else if (depth === 0) outside += char;
  }
  return { text: outside, bracketed: true };
}

export const startsWithDigit = (text: string): boolean => {
  const code = text.charCodeAt(0);
  return code >= 48 && code <= 57;
};

// Every alternative consumes at least one character and none nests a quantifier: linear in the text.
const tokenPattern = /\d+-\p{L}[\p{L}\d-]*|\d[\d.,/-]*\d|\d|\p{L}[\p{L}\p{M}\d'’.-]*|[^\s]/gu;

/**
 * Words, numbers ("12.5", "20/12.5") and signs, each a token; a unit never stays joined to its number.
 *
 * @param text as `foldCase` returns it
 */
export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  for (const token of text.match(tokenPattern) ?? []) {
    const dash = token.indexOf('-');
    if (dash <= 0) {
      tokens.push(trimWord(token));
      continue;
    }
    const before = token.slice(0, dash);
    const after = token.slice(dash + 1);
    // '100-unit' and '8-hour' are numbers with a unit, '5-hydroxytryptophan' is a word.
    if (startsWithDigit(token) && isUnit(after)) tokens.push(before, after);
    // "75-200 MG-MCG", "0.25 MG-35 MCG"
    else if (isUnit(before)) tokens.push(...token.split('-'));
    else tokens.push(trimWord(token));
  }
  return tokens;
}

/** Without the signs at its end that a word may hold inside. */
function trimWord(word: string): string {
  let end = word.length;
  while (end > 1 && "'’.-".includes(word.charAt(end - 1))) end -= 1;
  return word.slice(0, end);
}

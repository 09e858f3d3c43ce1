/**
 * What a JSON text is refused for, found in one pass over its bytes, before it is decoded or parsed. It does not
 * decide whether the text is JSON: `JSON.parse` does.
 */
import { lengthOfNumber, lengthOfString, lengthOfWord, nul, spells } from './json-bytes.ts';

/** Deeper than any FHIR resource; a hostile body may nest 100,000 deep. */
const maxDepth = 100;
/** Real bundles have at most one value for each 23 bytes: 182,000 in 4 MiB. */
const maxValues = 500_000;
export const jsonLimits: JsonLimits = { depth: maxDepth, values: maxValues };

export interface JsonLimits {
  depth: number;
  values: number;
}

/** Every reason, with its sentence. */
export const jsonProblems = {
  depth: `the JSON is nested deeper than ${maxDepth} levels`,
  values: `the JSON has more than ${maxValues} values: send less data`,
  number: 'the JSON has a number that is too large to be one',
  surrogate: 'the JSON has half of a surrogate pair (`\\ud800` to `\\udfff`): it is no character',
  nul: 'the JSON has the character `\\u0000`, which FHIR does not allow',
  key: 'the JSON has a key `__proto__`, or `prototype` in `constructor`',
} as const;
export type JsonProblem = keyof typeof jsonProblems;

/** What an open bracket is; `inConstructor` is the object under a key `constructor`. */
type Bracket = 'array' | 'object' | 'inConstructor';

/** Keys by which a prototype could be changed. */
const reserved = ['__proto__', 'constructor', 'prototype'] as const;
type ReservedKey = (typeof reserved)[number];
/** The length of the shortest. */
const shortest = 9;

/** The reserved key that stands between two indexes, or null. Nearly every other key ends at its first byte. */
function reservedKey(bytes: Buffer, from: number, to: number): ReservedKey | null {
  if (to - from < shortest) return null;
  switch (bytes[from]) {
    case 0x5f:
      return spells(bytes, from, to, '__proto__') ? '__proto__' : null;
    case 0x63:
      return spells(bytes, from, to, 'constructor') ? 'constructor' : null;
    case 0x70:
      return spells(bytes, from, to, 'prototype') ? 'prototype' : null;
    case 0x5c:
      // An escape may be any letter.
      return reserved.find((key) => spells(bytes, from, to, key)) ?? null;
    default:
      return null;
  }
}

/**
 * What each byte begins outside of a string, as a number of the `switch` below: one look instead of ten comparisons.
 * 1 a string, 2 an array, 3 an object, 4 the end of either, 5 another member, 6 a number, 7 a word, 0 nothing.
 */
const begins = new Uint8Array(256);
const mark = (kind: number, characters: string): void => {
  for (const character of characters) begins[character.charCodeAt(0)] = kind;
};
// Letters, and what comes behind them.
begins.fill(7, 0x61);
mark(1, '"');
mark(2, '[');
mark(3, '{');
mark(4, ']}');
mark(5, ',');
mark(6, '-0123456789');

/** @returns the first thing a text is refused for, or null */
export function problemOfJson(bytes: Uint8Array, limits: JsonLimits): JsonProblem | null {
  const { depth: mostOpen, values: mostValues } = limits;
  const kinds = begins;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = text.length;
  const open: Bracket[] = [];
  let values = 0;
  let isKeyNext = false;
  let isUnderConstructor = false;
  let index = 0;
  while (index < end) {
    const byte = text[index] ?? 0;
    // White space, and the colon between a key and its value.
    if (byte <= 0x20 || byte === 0x3a) {
      index += 1;
      continue;
    }
    switch (kinds[byte]) {
      case 1: {
        // A key or a value.
        const from = index + 1;
        const length = lengthOfString(text, index);
        if (length < 0) return problemOfEscape(length);
        index += length;
        if (!isKeyNext) {
          values += 1;
          break;
        }
        isKeyNext = false;
        const key = reservedKey(text, from, index - 1);
        if (isRefused(key, open)) return 'key';
        isUnderConstructor = key === 'constructor';
        continue;
      }
      case 2:
      case 3:
        if (open.length >= mostOpen) return 'depth';
        open.push(bracketOf(byte, isUnderConstructor));
        isKeyNext = byte === 0x7b;
        values += 1;
        index += 1;
        break;
      case 4:
        open.pop();
        isKeyNext = false;
        index += 1;
        break;
      case 5:
        isKeyNext = isInObject(open);
        index += 1;
        break;
      case 6: {
        const length = lengthOfNumber(text, index);
        if (length < 0) return 'number';
        index += length;
        values += 1;
        break;
      }
      case 7:
        // True, false and null are counted by their first letter.
        values += valuesBegunBy(byte);
        index += lengthOfWord(text, index);
        break;
      default:
        index += 1;
    }
    isUnderConstructor = false;
    if (values > mostValues) return 'values';
  }
  return null;
}

const problemOfEscape = (length: number): JsonProblem => (length === nul ? 'nul' : 'surrogate');

const isInObject = (open: readonly Bracket[]): boolean =>
  open.length > 0 && open[open.length - 1] !== 'array';

const isRefused = (key: ReservedKey | null, open: readonly Bracket[]): boolean =>
  key === '__proto__' || (key === 'prototype' && open.at(-1) === 'inConstructor');

const bracketOf = (byte: number, isUnderConstructor: boolean): Bracket =>
  byte === 0x5b ? 'array' : isUnderConstructor ? 'inConstructor' : 'object';

const valuesBegunBy = (byte: number | undefined): number =>
  byte === 0x74 || byte === 0x66 || byte === 0x6e ? 1 : 0;

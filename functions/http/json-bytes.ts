/** JSON text (RFC 8259) as bytes: where strings and numbers end, and what a key spells. Nothing is decoded or copied. */

const quote = 0x22;
const backslash = 0x5c;
const lowerU = 0x75;

/** Whether a JSON text nests deeper than a limit, from its bytes alone. */
export function nestsDeeperThan(bytes: Uint8Array, limit: number): boolean {
  const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (inString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1;
  }
  return false;
}

/** Instead of a length: an escape spells U+0000, or half of a surrogate pair; a number is more than a double holds. */
export const [nul, surrogate, infinite] = [-1, -2, -3];

/** Four hexadecimal digits; -1 where they are none. */
function hexadecimal(bytes: Buffer, at: number): number {
  let code = 0;
  for (let index = at; index < at + 4; index += 1) {
    const byte = bytes[index] ?? 0;
    const digit = byte >= 0x61 ? byte - 0x57 : byte >= 0x41 ? byte - 0x37 : byte - 0x30;
    if (digit < 0 || digit > 15 || (byte > 0x39 && byte < 0x41)) return -1;
    code = code * 16 + digit;
  }
  return code;
}

/** Bytes of the escape `\u` at an index, of both where two are one character; else `nul` or `surrogate`. */
function lengthOfUnicodeEscape(bytes: Buffer, at: number): number {
  const code = hexadecimal(bytes, at + 2);
  if (code === 0) return nul;
  if (code < 0xd800 || code > 0xdfff) return 6;
  // Only a high one with a low one behind it is a character.
  if (code > 0xdbff || bytes[at + 6] !== backslash || bytes[at + 7] !== lowerU) return surrogate;
  const low = hexadecimal(bytes, at + 8);
  return low >= 0xdc00 && low <= 0xdfff ? 12 : surrogate;
}

/**
 * Bytes of the string whose quote is at an index, with both quotes, also where the text ends before the second; `nul`
 * or `surrogate` where an escape in it is no character FHIR allows.
 */
export function lengthOfString(bytes: Buffer, at: number): number {
  const end = bytes.length;
  let index = at + 1;
  while (index < end && bytes[index] !== 0x22) {
    if (bytes[index] !== 0x5c) index += 1;
    else if (bytes[index + 1] !== 0x75) index += 2;
    else {
      const length = lengthOfUnicodeEscape(bytes, index);
      if (length < 0) return length;
      index += length;
    }
  }
  return index + 1 - at;
}

/** Digits before the point and exponent together: a number with no more is finite. */
const safeDigits = 308;

/** Bytes of the number at an index; `infinite` where a double does not hold it (`1e400`). */
export function lengthOfNumber(bytes: Buffer, at: number): number {
  const end = bytes.length;
  let index = at;
  let exponent = -1;
  for (; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte >= 0x30 && byte <= 0x39) {
      if (exponent >= 0 && exponent < 1000) exponent = exponent * 10 + byte - 0x30;
    } else if (byte === 0x65 || byte === 0x45) exponent = 0;
    // A point or a sign.
    else if (byte !== 0x2e && byte !== 0x2d && byte !== 0x2b) break;
  }
  const length = index - at;
  // Length and exponent bound a number: only one that could be infinite is read.
  if (length + exponent <= safeDigits) return length;
  const number = Number(bytes.toString('latin1', at, index));
  return Math.abs(number) === Number.POSITIVE_INFINITY ? infinite : length;
}

/** One for the byte at an index, and as many as letters follow it. */
export function lengthOfWord(bytes: Buffer, at: number): number {
  const end = bytes.length;
  let index = at + 1;
  while (index < end && (bytes[index] ?? 0) > 0x60 && (bytes[index] ?? 0) < 0x7b) index += 1;
  return index - at;
}

/** Whether the bytes of a key, without its quotes, spell a name of ASCII letters, also by escapes. */
export function spells(bytes: Buffer, from: number, to: number, name: string): boolean {
  // An escape is longer than what it spells.
  if (to - from < name.length) return false;
  let index = from;
  for (let at = 0; at < name.length; at += 1) {
    if (index >= to) return false;
    let code = bytes[index] ?? 0;
    let width = 1;
    if (code === backslash) {
      // No letter has an escape of its own but this one.
      if (bytes[index + 1] !== lowerU) return false;
      code = hexadecimal(bytes, index + 2);
      width = 6;
    }
    if (code !== name.charCodeAt(at)) return false;
    index += width;
  }
  return index === to;
}

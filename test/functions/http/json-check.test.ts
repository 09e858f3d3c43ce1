/** The look at JSON before it is parsed: what is refused, and that nothing else is changed by looking. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nestsDeeperThan } from '../../../functions/http/json-bytes.ts';
import { problemOfJson } from '../../../functions/http/json-check.ts';
import { parseJson } from '../../../functions/http/parse-json.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const limits = { depth: 100, values: 500_000 };
const problem = (text: string) => problemOfJson(bytesOf(text), limits);

describe('one pass over the bytes', () => {
  test.each<[string, string, ReturnType<typeof problem>]>([
    ['100 levels', '['.repeat(100) + ']'.repeat(100), null],
    ['101 levels', '['.repeat(101) + ']'.repeat(101), 'depth'],
    ['101 levels of objects', '{"a":'.repeat(101), 'depth'],
    ['brackets in a string', `["${'['.repeat(200)}"]`, null],
    ['brackets after an escaped quote', `["\\"${'['.repeat(200)}"]`, null],
    ['brackets after an escaped backslash', `["\\\\",${'['.repeat(100)}`, 'depth'],
    ['siblings are not depth', `[${'[],'.repeat(1000)}[]]`, null],
    ['500,000 values', `[${'0,'.repeat(499_998)}0]`, null],
    ['500,001 values', `[${'0,'.repeat(499_999)}0]`, 'values'],
    ['a million empty lists', `[${'[],'.repeat(1_000_000)}[]]`, 'values'],
    ['a million strings', `[${'"",'.repeat(1_000_000)}""]`, 'values'],
    ['a million keys', `{${'"a":1,'.repeat(1_000_000)}"a":1}`, 'values'],
    ['a million nulls', `[${'null,'.repeat(1_000_000)}true]`, 'values'],
    ['1e400', '{"a":1e400}', 'number'],
    ['-1E+400', '[-1E+400]', 'number'],
    ['400 digits', `[${'9'.repeat(400)}]`, 'number'],
    ['400 zeros behind the point', `[0.${'0'.repeat(400)}1]`, null],
    ['1e308', '[1e308]', null],
    ['1e400 in a string', '["1e400"]', null],
    ['1e-400', '[1e-400]', null],
    ['a high surrogate alone', '["\\ud800"]', 'surrogate'],
    ['a high surrogate and a letter', '["\\ud800x"]', 'surrogate'],
    ['two high surrogates', '["\\ud83d\\ud83d"]', 'surrogate'],
    ['a low surrogate alone', '["\\uDC00"]', 'surrogate'],
    ['the wrong way round', '["\\udc00\\ud800"]', 'surrogate'],
    ['a pair', '["\\uD83D\\uDE00"]', null],
    ['in a key', '{"\\ud800":1}', 'surrogate'],
    ['escaped backslash before ud800', '["\\\\ud800"]', null],
    ['NUL', '["\\u0000"]', 'nul'],
    ['NUL in a key', '{"a\\u0000":1}', 'nul'],
    ['escaped backslash before u0000', '["\\\\u0000"]', null],
    ['tab and newline', '["\\t\\n\\u0009"]', null],
    ['__proto__', '{"a":{"__proto__":{}}}', 'key'],
    ['__proto__ in escapes', '{"\\u005f\\u005fproto\\u005F\\u005f":{}}', 'key'],
    ['__proto__ as a value', '["__proto__",{"a":"__proto__"}]', null],
    ['___proto___', '{"___proto___":1}', null],
    ['constructor.prototype', '{"constructor" : { "a":1, "prototype":{} } }', 'key'],
    ['constructor.prototype in escapes', '{"const\\u0072uctor":{"\\u0070rototype":1}}', 'key'],
    ['constructor alone', '{"constructor":"x","prototype":1}', null],
    ['prototype beside constructor', '{"constructor":{"a":1},"prototype":{"b":2}}', null],
    ['prototype deeper in constructor', '{"constructor":{"a":{"prototype":1}}}', null],
    ['a key after a list', '{"a":[1,2],"__proto__":1}', 'key'],
    ['a key in an object in a list', '[1,{"__proto__":1}]', 'key'],
  ])('%s', (_, text, expected) => expect(problem(text)).toBe(expected));

  test('any JSON of fast-check: the value of JSON.parse, or refused for what is really in it', () => {
    const odd = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'prototype', '\0', '\ud800', '\udc00\ud800'),
      fc.string({ unit: 'binary' }),
    );
    const key = fc.oneof(fc.constantFrom('constructor', 'prototype', '__proto__'), fc.string());
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.oneof(
          odd,
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
          fc.constant(null),
          fc.integer(),
        ),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    const strings = (json: unknown): string[] =>
      typeof json === 'string'
        ? [json]
        : typeof json === 'object' && json !== null
          ? Object.entries(json).flatMap(([name, inner]) => [
              ...(Array.isArray(json) ? [] : [name]),
              ...strings(inner),
            ])
          : [];
    const badKey = (json: unknown): boolean =>
      typeof json === 'object' &&
      json !== null &&
      (Object.hasOwn(json, '__proto__') ||
        Object.entries(json).some(
          ([name, inner]) =>
            badKey(inner) ||
            (name === 'constructor' &&
              typeof inner === 'object' &&
              inner !== null &&
              !Array.isArray(inner) &&
              Object.hasOwn(inner, 'prototype')),
        ));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), fc.boolean(), (json, space, escapes) => {
        const plain = JSON.stringify(json, null, space);
        // The same text with every character of strings beyond ASCII spelled as an escape.
        const text = escapes
          ? plain.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : plain;
        const parsed: unknown = JSON.parse(text);
        const bad = [
          ...(strings(parsed).some((one) => one.includes('\0')) ? ['nul'] : []),
          ...(strings(parsed).some((one) => !one.isWellFormed()) ? ['surrogate'] : []),
          ...(badKey(parsed) ? ['key'] : []),
        ];
        const found = problem(text);
        if (bad.length > 0) expect(bad).toContain(found);
        else {
          expect(found).toBeNull();
          expect(parseJson(bytesOf(text))).toEqual(parsed);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('depth is counted as nestsDeeperThan counts it', () => {
    fc.assert(
      fc.property(fc.json({ depthSize: 'large' }), fc.integer({ min: 1, max: 5 }), (text, depth) => {
        const bytes = bytesOf(text.replaceAll('__proto__', 'x'));
        const deep = problemOfJson(bytes, { depth, values: 1_000_000 }) === 'depth';
        expect(deep).toBe(nestsDeeperThan(bytes, depth));
      }),
    );
  });
});

const corpus = resolve(import.meta.dirname, '../../../../shared/corpus');
describe.skipIf(!existsSync(corpus))('real data (skipped where ../shared/corpus is absent)', () => {
  const files = existsSync(corpus)
    ? readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
    : [];

  test('no file is refused, and none shrinks to less than a fiftieth when it is packed', () => {
    expect(files.length).toBeGreaterThan(100);
    let largest = 0;
    for (const name of files) {
      const bytes = readFileSync(join(corpus, name));
      expect([name, problemOfJson(bytes, limits)]).toEqual([name, null]);
      if (bytes.length > 64 * 1024) largest = Math.max(largest, bytes.length / gzipSync(bytes).length);
    }
    expect(largest).toBeLessThan(50);
  });

  test('3.9 MB of bundles pass', () => {
    const one = readFileSync(join(corpus, 'load/medium-1MB.synthea-r4.json'), 'utf8');
    const bytes = bytesOf(`[${[one, one, one, one].join(',')}]`).subarray(0, 4_090_000);
    expect(problemOfJson(bytes, limits)).toBeNull();
  });
});

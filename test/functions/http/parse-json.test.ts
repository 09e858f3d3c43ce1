/** Parsing a body that was read: a value, or a sentence that repeats nothing of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../../functions/http/outcome.ts';
import { parseJson } from '../../../functions/http/parse-json.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('parseJson', () => {
  test('any bytes at all: an answer, and never an exception but the refusal', () => {
    const alphabet = fc.constantFrom(...'{}[]",:\\u0dDeE1-+.tfn \n');
    const text = fc.oneof(fc.string({ unit: alphabet, maxLength: 60 }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, (some) => {
        let expected: unknown;
        let valid = true;
        try {
          expected = JSON.parse(some);
        } catch {
          valid = false;
        }
        try {
          expect(parseJson(bytesOf(some))).toEqual(expected);
          expect(valid).toBe(true);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          expect(error.status).toBe(400);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('what is no JSON or no UTF-8 is 400, with the place where it is known', () => {
    const refusal = (bytes: Uint8Array): unknown => {
      try {
        return parseJson(bytes);
      } catch (error) {
        return error instanceof Problem ? [error.status, error.message] : error;
      }
    };
    expect(refusal(bytesOf('{"a":1,}'))).toEqual([400, expect.stringContaining('character 7')]);
    expect(refusal(bytesOf(''))).toEqual([400, expect.stringContaining('not JSON')]);
    expect(refusal(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))).toEqual([400, 'the body is not UTF-8']);
    expect(refusal(bytesOf('"\0"'))).toEqual([400, expect.stringContaining('not JSON')]);
    expect(parseJson(bytesOf('\uFEFF{"a":1}'))).toEqual({ a: 1 });
  });

  test('a refusal repeats nothing of the body, also not as its cause', () => {
    for (const text of ['{"name":"ZZCANARY"', 'ZZCANARY', '{"ZZCANARY":1e400}', '["\\ud800ZZCANARY"]']) {
      try {
        parseJson(bytesOf(text));
        expect.unreachable();
      } catch (error) {
        const { message, cause } = error instanceof Problem ? error : new Error(String(error));
        expect(`${message} ${String(cause)}`).not.toContain('ZZCANARY');
      }
    }
  });
});

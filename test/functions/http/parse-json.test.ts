/** Parsing a body that was read: a value, or a sentence that repeats nothing of it. */
import { deflateSync, gzipSync } from 'node:zlib';
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
          expect([400, 415]).toContain(error.status);
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
    expect(refusal(bytesOf(''))).toEqual([400, 'the body is empty: send a JSON object']);
    expect(refusal(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))).toEqual([400, 'the body is not UTF-8']);
    expect(refusal(bytesOf('"\0"'))).toEqual([400, expect.stringContaining('not JSON')]);
    expect(parseJson(bytesOf('\uFEFF{"a":1}'))).toEqual({ a: 1 });
  });

  test.each<[string, Uint8Array, number, string]>([
    ['XML', bytesOf('<Bundle xmlns="http://hl7.org/fhir"/>'), 415, 'XML'],
    ['XML with a prolog, a BOM and blanks', bytesOf('\uFEFF \r\n<?xml version="1.0"?><Bundle/>'), 415, 'XML'],
    ['gzip without its header', gzipSync('{}'), 415, 'the body is gzip: send `Content-Encoding: gzip`'],
    ['deflate', deflateSync('{}'), 415, 'deflate'],
    ['zstd', new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0]), 415, 'zstd'],
    ['a ZIP file', bytesOf('PK\u0003\u0004'), 415, 'ZIP'],
    ['NDJSON', bytesOf('{"resourceType":"Patient"}\n{"resourceType":"Observation"}\n'), 400, 'NDJSON'],
    ['NDJSON of Windows', bytesOf('{"a":1}\r\n{"b":2}'), 400, 'NDJSON'],
    ['JSON with something behind it', bytesOf('{"a":1}\n]'), 400, 'not JSON'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 400, 'UTF-8'],
  ])('%s is recognised and named', (_, bytes, status, said) => {
    try {
      parseJson(bytes);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ status, message: expect.stringContaining(said) });
    }
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

/** Reading the bytes of a body: bounded in size and time, packed or not. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../../functions/http/body.ts';
import { Problem } from '../../../functions/http/outcome.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('gzip', () => {
  const send = async (body: Uint8Array, encoding: string | null, most = 100_000): Promise<string> => {
    const headers = new Headers({ 'content-type': 'application/json' });
    if (encoding) headers.set('content-encoding', encoding);
    const request = new Request('http://x', {
      method: 'POST',
      headers,
      body: new Blob([new Uint8Array(body)]),
    });
    try {
      return new TextDecoder().decode(await readBody(request, most, AbortSignal.timeout(5000)));
    } catch (error) {
      if (error instanceof Problem) return `${error.status} ${error.message}`;
      throw error;
    }
  };
  const text = JSON.stringify({
    name: 'magnesium',
    values: Array.from({ length: 500 }, (_, index) => index),
  });

  test.each([[null], ['identity'], ['gzip'], ['GZIP'], ['x-gzip']])(
    'Content-Encoding %s',
    async (encoding) => {
      const packed = /gzip/i.test(encoding ?? '');
      expect(await send(packed ? gzipSync(text) : bytesOf(text), encoding)).toBe(text);
    },
  );

  test.each<[string, Uint8Array, string, RegExp]>([
    ['brotli', bytesOf(text), 'br', /^415 .*gzip/],
    ['gzip twice', gzipSync(gzipSync(text)), 'gzip, gzip', /^415/],
    ['no gzip', bytesOf(text), 'gzip', /^415 .*not gzip/],
    ['gzip that breaks off', gzipSync(text).subarray(0, 100), 'gzip', /^415/],
    [
      '100,001 bytes unpacked',
      gzipSync(createHash('shake256', { outputLength: 100_001 }).digest()),
      'gzip',
      /^413 .*100000 bytes/,
    ],
    ['90,000 equal bytes in 120', gzipSync('x'.repeat(90_000)), 'gzip', /^413 .*100 times/],
  ])('%s', async (_, body, encoding, expected) => {
    expect(await send(body, encoding)).toMatch(expected);
  });
});

describe('bounds', () => {
  const outcome = async (sent: Request, signal = AbortSignal.timeout(5000)): Promise<string> => {
    try {
      return `${(await readBody(sent, 10, signal)).byteLength} bytes`;
    } catch (error) {
      return error instanceof Problem ? `${error.status} ${error.code}` : String(error);
    }
  };
  const headers = { 'content-type': 'application/json' };
  const request = (body: string | ReadableStream | null, more: Record<string, string> = {}): Request =>
    new Request('http://x', {
      method: 'POST',
      headers: { ...headers, ...more },
      body,
      duplex: 'half',
    } as RequestInit);
  const slow = (): ReadableStream<Uint8Array> =>
    new ReadableStream({ start: (controller) => controller.enqueue(bytesOf('{')) });

  test.each<[string, () => Request, string]>([
    ['nothing', () => request(null), '0 bytes'],
    ['10 bytes of 10', () => request('x'.repeat(10)), '10 bytes'],
    ['11 bytes of 10', () => request('x'.repeat(11)), '413 too-costly'],
    ['a Content-Length beyond it', () => request('x', { 'content-length': '11' }), '413 too-costly'],
    ['text', () => request('x', { 'content-type': 'text/plain' }), '415 not-supported'],
    ['FHIR JSON', () => request('x', { 'content-type': 'Application/FHIR+JSON;charset=utf-8' }), '1 bytes'],
    [
      'no type',
      () => new Request('http://x', { method: 'POST', body: new Blob(['x']) }),
      '415 not-supported',
    ],
  ])('%s', async (_, made, expected) => expect(await outcome(made())).toBe(expected));

  test('a body that does not end is 503 at the deadline, also where that has passed', async () => {
    expect(await outcome(request(slow()), AbortSignal.timeout(20))).toBe('503 timeout');
    expect(await outcome(request(slow()), AbortSignal.abort())).toBe('503 timeout');
  });
});

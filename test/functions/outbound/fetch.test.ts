/** Calling out: every address, answer and name here is one that somebody could put into a request. */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLoopbackAddress, isPublicAddress } from '../../../functions/outbound/addresses.ts';
import { createFetchJson, type FetchRequest, fetchJson } from '../../../functions/outbound/fetch.ts';
import { OutboundError } from '../../../functions/outbound/outbound-error.ts';

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

const outcomeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof OutboundError ? error.code : `no OutboundError: ${String(error)}`),
  );

/** Names and the addresses they lead to, in the order they are asked for; the last one stays. */
const resolving = (answers: Record<string, string[][]>): LookupFunction & { asked: string[] } => {
  const asked: string[] = [];
  const lookup: LookupFunction = (name, _options, callback) => {
    asked.push(name);
    const list = answers[name];
    const found = (list && list.length > 1 ? list.shift() : list?.[0]) ?? [];
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return Object.assign(lookup, { asked });
};

describe('addresses', () => {
  const never: [string, string][] = [
    ['this network', '0.0.0.0'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['link-local: the metadata service of a cloud', '169.254.169.254'],
    ['documentation', '192.0.2.1'],
    ['benchmarking', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['unique local', 'fd00::1'],
    ['the metadata service of a cloud over IPv6', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['private in mapped clothes', '::ffff:10.0.0.1'],
    ['private in mapped clothes, in hexadecimal', '::ffff:a00:1'],
    ['private in compatible clothes', '::10.0.0.1'],
    ['private behind NAT64', '64:ff9b::10.0.0.1'],
    ['NAT64 of a local network', '64:ff9b:1::8.8.8.8'],
    ['private behind 6to4', '2002:a00:1::'],
    ['Teredo', '2001:0:a00:1::'],
    ['no address', 'localhost'],
    ['no address', ''],
  ];
  test.each(never)('%s is neither public nor loopback: `%s`', (_, address) => {
    expect([isPublicAddress(address), isLoopbackAddress(address)]).toEqual([false, false]);
  });

  test.each([
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::127.0.0.1',
  ])('%s is loopback and not public', (address) =>
    expect([isPublicAddress(address), isLoopbackAddress(address)]).toEqual([false, true]),
  );

  test.each(['8.8.8.8', '172.15.255.255', '172.32.0.0', '100.128.0.1', '2a00:1450::1', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => expect([isPublicAddress(address), isLoopbackAddress(address)]).toEqual([true, false]),
  );

  test('an IPv4 address means the same bare, mapped and behind NAT64 (1,000 random addresses)', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        for (const clothed of [`::ffff:${address}`, `64:ff9b::${address}`]) {
          expect(isPublicAddress(clothed)).toBe(isPublicAddress(address));
          expect(isLoopbackAddress(clothed)).toBe(isLoopbackAddress(address));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('no address is both public and loopback, and no text makes the check throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => {
        expect(isPublicAddress(address) && isLoopbackAddress(address)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a call', () => {
  const megabyte = 1024 * 1024;
  let server: Server;
  let port: number;
  let seen: { path: string; headers: Record<string, unknown> }[] = [];
  const answers: Record<string, RequestListener> = {
    '/json': (_, response) => response.end('{"resourceType":"Patient"}'),
    '/gzip': (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('{"packed":true}'));
    },
    '/brotli': (_, response) => {
      response.setHeader('content-encoding', 'br');
      response.end('{}');
    },
    '/torn-gzip': (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('{"packed":true}').subarray(0, 12));
    },
    '/gzip-bomb': (_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(50 * megabyte, 0x20)));
    },
    '/html': (_, response) => response.end('<!doctype html>'),
    '/empty': (_, response) => response.end(),
    '/not-utf8': (_, response) => response.end(Buffer.from([0x22, 0xff, 0x22])),
    '/deep': (_, response) => response.end('['.repeat(100_000)),
    '/html-503': (_, response) => {
      response.statusCode = 503;
      response.end('<h1>maintenance</h1>');
    },
    '/outcome-404': (_, response) => {
      response.statusCode = 404;
      response.end('{"resourceType":"OperationOutcome"}');
    },
    '/redirect': (_, response) => {
      response.statusCode = 302;
      response.setHeader('location', `http://127.0.0.1:${port}/json`);
      response.end();
    },
    '/not-modified': (_, response) => {
      response.statusCode = 304;
      response.end();
    },
    '/announced-50-mb': (_, response) => {
      response.setHeader('content-length', String(50 * megabyte));
      response.flushHeaders();
    },
    '/streamed-50-mb': (_, response) => {
      const chunk = Buffer.alloc(megabyte, 0x20);
      let left = 50;
      const more = (): void => {
        while (left > 0) {
          left -= 1;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    },
    '/closing': (_, response) => {
      response.setHeader('connection', 'close');
      response.end('{}');
    },
    '/headers-only': (_, response) => response.flushHeaders(),
    '/slow-body': (_, response) => {
      response.write('{');
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    },
    '/never': () => undefined,
    '/breaks-off': (_, response) => {
      response.write('{"resourceType":');
      setImmediate(() => response.destroy());
    },
    '/huge-header': (_, response) => {
      response.setHeader('x-filler', 'a'.repeat(100_000));
      response.end('{}');
    },
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push({ path: request.url ?? '', headers: request.headers });
      const answer = answers[request.url ?? ''];
      if (answer) answer(request, response);
      else response.end('{}');
    });
    port = await listening(server);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const fetching = (more: Partial<FetchRequest> = {}): FetchRequest => ({
    allowed: () => true,
    maxBytes: megabyte,
    signal: AbortSignal.timeout(5000),
    loopback: true,
    ...more,
  });
  const local = (path: string): string => `http://127.0.0.1:${port}${path}`;

  test.each([
    ['/json', 200, { resourceType: 'Patient' }],
    ['/gzip', 200, { packed: true }],
    ['/html-503', 503, null],
    ['/outcome-404', 404, { resourceType: 'OperationOutcome' }],
  ])('%s answers %i with its JSON, or with null where an error has none', async (path, status, json) => {
    expect(await fetchJson(local(path), fetching())).toMatchObject({ status, json, url: local(path) });
  });

  test.each([
    ['/html', 'not-json'],
    ['/empty', 'not-json'],
    ['/not-utf8', 'not-json'],
    ['/deep', 'not-json'],
    ['/brotli', 'not-json'],
    ['/torn-gzip', 'not-json'],
    ['/redirect', 'redirect'],
    ['/not-modified', 'redirect'],
    ['/announced-50-mb', 'too-large'],
    ['/streamed-50-mb', 'too-large'],
    ['/gzip-bomb', 'too-large'],
    ['/huge-header', 'too-large'],
    ['/breaks-off', 'unreachable'],
  ])('%s is %s', async (path, code) => {
    expect(await outcomeOf(fetchJson(local(path), fetching()))).toBe(code);
  });

  test.each(['/headers-only', '/slow-body', '/never'])(
    '%s is too-slow when the signal fires',
    async (path) => {
      const signal = AbortSignal.timeout(100);
      expect(await outcomeOf(fetchJson(local(path), fetching({ signal })))).toBe('too-slow');
    },
  );

  test('a signal that fired before is too-slow, and nobody is called', async () => {
    seen = [];
    expect(await outcomeOf(fetchJson(local('/json'), fetching({ signal: AbortSignal.abort() })))).toBe(
      'too-slow',
    );
    expect(seen).toEqual([]);
  });

  test('a redirect is not followed: the server sees 1 call', async () => {
    seen = [];
    await outcomeOf(fetchJson(local('/redirect'), fetching()));
    expect(seen.map(({ path }) => path)).toEqual(['/redirect']);
  });

  test('nothing listens: unreachable, with the reason of the system', async () => {
    const idle = createServer();
    const free = await listening(idle);
    await new Promise((resolve) => idle.close(resolve));
    const error: unknown = await fetchJson(`http://127.0.0.1:${free}/`, fetching()).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'unreachable', reason: 'ECONNREFUSED' });
  });

  test('the caller\u2019s headers go out with our user agent, and a proxy of the environment is not asked', async () => {
    seen = [];
    const before = process.env.http_proxy;
    process.env.http_proxy = 'http://127.0.0.1:9';
    try {
      await createFetchJson()(
        local('/json'),
        fetching({ headers: { authorization: 'Bearer t', accept: 'application/fhir+json' } }),
      );
    } finally {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    }
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer t',
      accept: 'application/fhir+json',
      'accept-encoding': 'gzip',
    });
    expect(seen[0]?.headers['user-agent']).toMatch(/^epsom\/\d+\.\d+\.\d+$/);
  });

  test('a header that cannot be sent is not-allowed, and no error repeats a header or the URL', async () => {
    const hostile = {
      'not-allowed': [
        () => fetchJson(local('/json?secret'), fetching({ headers: { authorization: 'secret\r\nx: y' } })),
        () => fetchJson('https://secret.example/', fetching({ allowed: () => false })),
      ],
      'not-json': [
        () => fetchJson(local('/html?secret'), fetching({ headers: { authorization: 'secret' } })),
        () => fetchJson(local('/html'), fetching({ headers: { authorization: 'Bearer secret' } })),
      ],
    };
    answers['/html?secret'] = (_, response) => response.end('<!doctype html>');
    for (const [code, calls] of Object.entries(hostile)) {
      for (const call of calls) {
        const error: unknown = await call().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code });
        expect(`${String(error)} ${JSON.stringify(error)} ${inspect(error)}`).not.toContain('secret');
      }
    }
  });

  test.each([
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'data:application/json,{}',
    'http://user:pass@127.0.0.1/',
    'https://user@ehr.test/',
    'not a url',
    '',
    '//127.0.0.1/',
  ])('`%s` is not-allowed', async (url) => {
    expect(await outcomeOf(fetchJson(url, fetching()))).toBe('not-allowed');
  });

  test('what `allowed` refuses is not even looked up', async () => {
    const lookup = resolving({ 'ehr.test': [['127.0.0.1']] });
    const call = createFetchJson({ lookup })('https://ehr.test/', fetching({ allowed: () => false }));
    expect(await outcomeOf(call)).toBe('not-allowed');
    expect(lookup.asked).toEqual([]);
  });

  test('plain http without loopback is not-allowed', async () => {
    expect(await outcomeOf(fetchJson(local('/json'), fetching({ loopback: false })))).toBe('not-allowed');
  });

  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0',
    '10.0.0.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    'localhost',
  ])('https://%s is refused by its address without loopback', async (host) => {
    const call = fetchJson(`https://${host}:${port}/json`, fetching({ loopback: false }));
    expect(await outcomeOf(call)).toBe('address');
  });

  test.each(['10.0.0.1', '169.254.169.254', '0.0.0.0', '[::]', '[::ffff:10.0.0.1]', '8.8.8.8', '[2a00::1]'])(
    'with loopback http://%s is still refused: plain http goes to this machine only',
    async (host) => {
      expect(await outcomeOf(fetchJson(`http://${host}:${port}/json`, fetching()))).toBe('address');
    },
  );

  test.each([
    ['a private address', [['10.0.0.1']]],
    ['this machine', [['127.0.0.1']]],
    ['a public and a private address', [['8.8.8.8', '10.0.0.1']]],
    ['a public address and the metadata service over IPv6', [['2a00::1', 'fd00:ec2::254']]],
    ['nothing', [[]]],
  ])('a name that leads to %s is refused before a connection is made', async (_, found) => {
    seen = [];
    const lookup = resolving({ 'ehr.test': found });
    const call = createFetchJson({ lookup })(`https://ehr.test:${port}/`, fetching({ loopback: false }));
    expect(await outcomeOf(call)).toBe('address');
    expect([lookup.asked, seen]).toEqual([['ehr.test'], []]);
  });

  test('a name that moves to a private address after its first answer is refused at the next connection', async () => {
    const lookup = resolving({ 'ehr.test': [['127.0.0.1'], ['10.0.0.1']] });
    const call = createFetchJson({ lookup });
    const url = `http://ehr.test:${port}`;
    // This answer closes its connection, so that the next call needs a new one.
    expect(await outcomeOf(call(`${url}/closing`, fetching()))).toBe('answered');
    expect(lookup.asked).toEqual(['ehr.test']);
    expect(await outcomeOf(call(`${url}/json`, fetching()))).toBe('address');
    expect(lookup.asked).toEqual(['ehr.test', 'ehr.test']);
  });

  test('a resolver that never answers is too-slow', async () => {
    const call = createFetchJson({ lookup: () => undefined })('https://ehr.test/', {
      ...fetching({ loopback: false }),
      signal: AbortSignal.timeout(100),
    });
    expect(await outcomeOf(call)).toBe('too-slow');
  });

  describe('over https', () => {
    const pem = (name: string): string => readFileSync(join(import.meta.dirname, '../../data', name), 'utf8');
    const certificate = pem('ehr.test.cert.pem');
    let secure: Server;
    let securePort: number;
    beforeAll(async () => {
      secure = createSecureServer({ cert: certificate, key: pem('ehr.test.key.pem') }, (_, response) =>
        response.end('{"secure":true}'),
      );
      securePort = await listening(secure);
    });
    afterAll(() => {
      secure.closeAllConnections();
      secure.close();
    });

    test('a server with a trusted certificate of its name answers', async () => {
      const lookup = resolving({ 'ehr.test': [['127.0.0.1']] });
      const call = createFetchJson({ lookup, ca: certificate });
      expect((await call(`https://ehr.test:${securePort}/`, fetching())).json).toEqual({ secure: true });
    });

    test('one with an untrusted certificate, or that of another name, is unreachable', async () => {
      const lookup = resolving({ 'ehr.test': [['127.0.0.1']], 'other.test': [['127.0.0.1']] });
      const untrusting = createFetchJson({ lookup })(`https://ehr.test:${securePort}/`, fetching());
      expect(await outcomeOf(untrusting)).toBe('unreachable');
      const other = createFetchJson({ lookup, ca: certificate })(
        `https://other.test:${securePort}/`,
        fetching(),
      );
      expect(await outcomeOf(other)).toBe('unreachable');
    });
  });
});

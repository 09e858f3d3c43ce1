/** Verification of a JWT, without a server: the specification's own example, Epic's shape, and the edges of time. */
import { describe, expect, test } from 'vitest';
import { createLocalKeySet } from '../../../../functions/trust/jwks/local.ts';
import type { ExpectedClaims } from '../../../../functions/trust/jwt/claims.ts';
import { rejections, UnauthorizedError } from '../../../../functions/trust/jwt/rejections.ts';
import { verify } from '../../../../functions/trust/jwt/verify.ts';
import type { Json } from '../../../../rules/fhir/json.ts';
import { type Issuer, newIssuer, tokenOf } from '../../../support/trust.ts';

const aud = 'https://epsom.example.org/cds-services/order-sign';
const now = new Date('2026-01-31T12:00:00Z');
const seconds = now.getTime() / 1000;
const ehr = await newIssuer('https://ehr.example.org');

const expecting = (issuers: Issuer[], more: Partial<ExpectedClaims> = {}) => {
  return (issuer: string): ExpectedClaims | null => {
    const found = issuers.find((known) => known.issuer === issuer);
    return found
      ? {
          findKey: createLocalKeySet([found.jwk]),
          mayNameKeyUrl: () => false,
          audiences: [aud],
          types: ['jwt'],
          jti: true,
          ...more,
        }
      : null;
  };
};
const options = { now, longestLifetime: 3600, signal: new AbortController().signal };
/** The token's fields, or the code it was refused with. */
const outcome = async (
  token: string,
  expectedOf = expecting([ehr]),
  more: Partial<typeof options> = {},
): Promise<string> => {
  try {
    await verify(`Bearer ${token}`, expectedOf, { ...options, ...more });
    return 'verified';
  } catch (error) {
    if (error instanceof UnauthorizedError) return error.rejection;
    throw error;
  }
};
const signed = (claims: Json, header: Json = {}) => tokenOf(ehr, now, { aud, ...claims }, header);

describe('the example of the specification', () => {
  // https://cds-hooks.hl7.org/2.0/#trusting-cds-clients; HL7/cds-hooks input/pagecontent/index.md, CC-BY-4.0
  const example = {
    token:
      'eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImV4YW1wbGUta2lkIiwiamt1IjoiaHR0cHM6Ly9maGlyLWVoci5leGFtcGxlLmNvbS9qd2tfdXJpIn0.eyJpc3MiOiJodHRwczovL2ZoaXItZWhyLmV4YW1wbGUuY29tLyIsImF1ZCI6Imh0dHBzOi8vY2RzLmV4YW1wbGUub3JnL2Nkcy1zZXJ2aWNlcy9zb21lLXNlcnZpY2UiLCJleHAiOjE0MjI1Njg4NjAsImlhdCI6MTMxMTI4MDk3MCwianRpIjoiZWUyMmIwMjEtZTFiNy00NjExLWJhNWItOGVlYzZhMzNhYzFlIiwidGVuYW50IjoiMmRkZDZjM2EtOGU5YS00NGM2LWEzMDUtNTIxMTFhZDMwMmEyIn0.d1WfLjGRKlcWB94l9do4cM8REXeYJLL6SGUBO8VHZhfM8mwKYP70EMxJ67War4TQblEpaQrp11wx5p7oPFm2ETYgCicS84vXWEIYTdjooZdooCSDf2L8-i4awdoUwiEb',
    jwk: {
      kty: 'EC',
      use: 'sig',
      crv: 'P-384',
      kid: 'example-kid',
      x: '46SDH7Znh821wblCBglA61sNE9ZrHYKKt3qRtRTmSXyOI_FIGBLWrWa0GPUkDCEk',
      y: 'XMcRuuoGW7CXjQdy-F5i3FeBE0x9hPLdeFdSoDd3ELmx404tLX0VRRcqzAsPhXcI',
      alg: 'ES384',
    },
  };
  const expectedOf = (issuer: string): ExpectedClaims | null =>
    issuer === 'https://fhir-ehr.example.com/'
      ? {
          findKey: createLocalKeySet([example.jwk]),
          mayNameKeyUrl: (jku) => jku === 'https://fhir-ehr.example.com/jwk_uri',
          audiences: ['https://cds.example.org/cds-services/some-service'],
          types: ['jwt'],
          jti: true,
        }
      : null;
  // A second before `exp`; its `iat` is three and a half years earlier.
  const then = { now: new Date(1_422_568_859_000), longestLifetime: 1_422_568_860 - 1_311_280_970 };

  test('verifies with the key printed beside it', async () => {
    const token = await verify(`Bearer ${example.token}`, expectedOf, { ...options, ...then });
    expect(token).toEqual({
      issuer: 'https://fhir-ehr.example.com/',
      kid: 'example-kid',
      jti: 'ee22b021-e1b7-4611-ba5b-8eec6a33ac1e',
      subject: null,
      tenant: '2ddd6c3a-8e9a-44c6-a305-52111ad302a2',
      scopes: [],
      expiresAt: 1_422_568_860,
    });
  });

  test('is refused by the rule of one hour, and expired today', async () => {
    expect(await outcome(example.token, expectedOf, { ...then, longestLifetime: 3600 })).toBe('lifetime');
    expect(await outcome(example.token, expectedOf)).toBe('expired');
  });

  test('is refused with one character of the signature changed', async () => {
    const edited = example.token.replace('d1WfLjGR', 'd1WfLjGS');
    expect(await outcome(edited, expectedOf, then)).toBe('signature');
  });
});

describe("Epic's shape: RS384, nbf five minutes before iat, sub, 15 minutes, a kid in base64", () => {
  test('verifies', async () => {
    const epic = await newIssuer('https://epic.example.org/api/FHIR/R4', 'RS384', 'd3bmo5+a/b0LY0=');
    const token = await tokenOf(epic, now, {
      aud,
      sub: 'client-id',
      iat: seconds,
      nbf: seconds - 300,
      exp: seconds + 900,
    });
    expect(await outcome(token, expecting([epic]))).toBe('verified');
  });
});

describe('time, to the second', () => {
  test.each<[string, Json, string]>([
    ['exp 4 s ago', { exp: seconds - 4 }, 'verified'],
    ['exp 5 s ago', { exp: seconds - 5 }, 'expired'],
    ['iat 30 s ahead', { iat: seconds + 30 }, 'verified'],
    ['iat 31 s ahead', { iat: seconds + 31 }, 'issued-in-future'],
    ['nbf 30 s ahead', { nbf: seconds + 30 }, 'verified'],
    ['nbf 31 s ahead', { nbf: seconds + 31 }, 'not-yet-valid'],
    ['a life of 3,600 s', { iat: seconds, exp: seconds + 3600 }, 'verified'],
    ['a life of 3,601 s', { iat: seconds, exp: seconds + 3601 }, 'lifetime'],
    ['iat of a year ago', { iat: seconds - 31_536_000 }, 'lifetime'],
    ['exp equal to iat', { iat: seconds, exp: seconds }, 'lifetime'],
    ['parts of a second', { iat: seconds - 0.5, exp: seconds + 0.5 }, 'verified'],
  ])('%s: %s', async (_, claims, expected) => {
    expect(await outcome(await signed(claims))).toBe(expected);
  });
});

describe('algorithms', () => {
  test.each(['ES384', 'RS384', 'ES256', 'RS256'])('%s is taken', async (alg) => {
    const issuer = await newIssuer('https://x.example.org', alg);
    expect(await outcome(await tokenOf(issuer, now, { aud }), expecting([issuer]))).toBe('verified');
  });

  test.each(['ES512', 'PS256', 'RS512', 'EdDSA'])('%s is not on the list', async (alg) => {
    const issuer = await newIssuer('https://x.example.org', alg);
    expect(await outcome(await tokenOf(issuer, now, { aud }), expecting([issuer]))).toBe('algorithm');
  });

  test('a key that says RS384 does not verify RS256', async () => {
    const issuer = await newIssuer('https://x.example.org', 'RS256');
    const registered = { ...issuer, jwk: { ...issuer.jwk, alg: 'RS384' } };
    expect(await outcome(await tokenOf(issuer, now, { aud }), expecting([registered]))).toBe('key');
  });
});

describe('a token is spelled', () => {
  test('with the scheme in any case, and nothing after it', async () => {
    const token = await signed({});
    const read = (header: string) =>
      verify(header, expecting([ehr]), options).then(
        () => true,
        () => false,
      );
    expect(await read(`bearer ${token}`)).toBe(true);
    expect(await read(`BEARER  ${token}`)).toBe(true);
    for (const header of [
      '',
      'Bearer',
      token,
      `Basic ${token}`,
      `Bearer ${token} x`,
      `Bearer ${token}.x`,
      `Bearer ${token},x`,
    ]) {
      expect([header, await read(header)]).toEqual([header, false]);
    }
  });

  test('with typ JWT in any case', async () => {
    expect(await outcome(await signed({}, { typ: 'jwt' }))).toBe('verified');
    expect(await outcome(await signed({}, { typ: 'JOSE' }))).toBe('type');
  });
});

describe('what a refusal tells', () => {
  test('the caller: the same for every reason; the operator: a code, and what is printable of iss, kid and jti', async () => {
    const tell = async (token: string): Promise<UnauthorizedError> => {
      const error: unknown = await verify(`Bearer ${token}`, expecting([ehr]), options).catch(
        (thrown) => thrown,
      );
      if (error instanceof UnauthorizedError) return error;
      throw new Error('it was not refused');
    };
    const expired = await tell(await signed({ exp: seconds - 60, iat: seconds - 300, jti: 'id-7' }));
    const broken = await tell(await signed({ jti: 'line\nbreak' }, { kid: 'x'.repeat(300) }));
    expect(expired.message).toBe(broken.message);
    expect([expired.rejection, expired.claimed]).toEqual([
      'expired',
      { iss: ehr.issuer, kid: 'ES384-1', jti: 'id-7' },
    ]);
    expect([broken.rejection, broken.claimed]).toEqual(['key', { iss: ehr.issuer }]);
  });

  test('every code has its meaning', () => {
    for (const meaning of Object.values(rejections)) expect(meaning.length).toBeGreaterThan(10);
  });
});

describe('people', () => {
  const forPeople = expecting([ehr], { types: ['jwt', 'at+jwt', null], jti: false, audiences: ['epsom'] });
  test.each<[string, Json, Json, string]>([
    ['typ at+jwt', {}, { typ: 'at+jwt' }, 'verified'],
    ['no typ', {}, { typ: undefined }, 'verified'],
    ['no jti', { jti: undefined }, {}, 'verified'],
    ['typ id+jwt', {}, { typ: 'id+jwt' }, 'type'],
    ['no aud', { aud: undefined }, {}, 'claims'],
  ])('%s: %s', async (_, claims, header, expected) => {
    expect(await outcome(await signed({ aud: 'epsom', ...claims }, header), forPeople)).toBe(expected);
  });

  test('scopes are words, parted by spaces', async () => {
    const token = await signed({ aud: 'epsom', scope: ' openid  epsom/evaluate ' });
    expect((await verify(`Bearer ${token}`, forPeople, options)).scopes).toEqual([
      'openid',
      'epsom/evaluate',
    ]);
  });
});

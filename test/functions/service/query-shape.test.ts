import { describe, expect, test } from 'vitest';
import { queryShapeOf } from '../../../functions/service/query-shape.ts';
import type { Client } from '../../../functions/trust/registry.ts';

const registered = (prefetch: Client['prefetch']): Client => ({
  issuer: 'https://ehr.example',
  tenant: 'a',
  profile: 'epic',
  fhirServers: [],
  origins: [],
  rules: { off: [] },
  prefetch,
});

describe('how the FHIR server of a client is asked', () => {
  test.each([
    ['generic', { sort: true, count: true, since: false, combo: true, include: true }],
    ['epic', { sort: false, count: true, since: true, combo: false, include: true }],
    ['cerner', { sort: false, count: true, since: true, combo: false, include: false }],
  ] as const)('by the profile %s', (profile, expected) => {
    expect(queryShapeOf({ profile, registered: null })).toEqual(expected);
  });

  test('its entry in the registry goes before its profile, member by member', () => {
    const own = registered({ sort: true, count: false, combo: true, include: false });
    expect(queryShapeOf({ profile: 'epic', registered: own })).toEqual({
      sort: true,
      count: false,
      since: true,
      combo: true,
      include: false,
    });
  });
});

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
    ['generic', { sort: true, count: true, since: false }],
    ['epic', { sort: false, count: true, since: true }],
    ['cerner', { sort: false, count: true, since: true }],
  ] as const)('by the profile %s', (profile, expected) => {
    expect(queryShapeOf({ profile, registered: null })).toEqual(expected);
  });

  test('its entry in the registry goes before its profile, member by member', () => {
    expect(queryShapeOf({ profile: 'epic', registered: registered({ sort: true, count: false }) })).toEqual({
      sort: true,
      count: false,
      since: true,
    });
  });
});

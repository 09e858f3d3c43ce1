/** What is expected of the tokens of EHRs, and of those of auditors and engineers. */

import type { FindKey } from './jwks/key.ts';
import type { ExpectedClaims } from './jwt/claims.ts';
import type { Auditors, Client } from './registry.ts';

/**
 * Keys behind a URL: `jku` must be that URL. Keys written out: it may name the issuer's own key set, which is not
 * looked at; the CDS Hooks sandbox sends it always.
 */
const keyUrlOf =
  ({ issuer, jwksUrl }: Pick<Client, 'issuer' | 'jwksUrl'>) =>
  (jku: string): boolean =>
    jwksUrl === undefined
      ? URL.canParse(issuer) && URL.canParse(jku) && new URL(issuer).origin === new URL(jku).origin
      : jku === jwksUrl;

/** @param audience the address that is called; null: any, for a caller who is only told that this path is not his */
export const expectedOfClient = (
  client: Client,
  findKey: FindKey,
  audience: string | null,
): ExpectedClaims => ({
  findKey,
  mayNameKeyUrl: keyUrlOf(client),
  // https://cds-hooks.hl7.org/2.0/#trusting-cds-clients: the URL of the endpoint being invoked, feedback included.
  audiences: audience === null ? null : [audience, ...(client.audience ? [client.audience] : [])],
  types: ['jwt'],
  jti: true,
});

export const expectedOfPeople = (people: Auditors, findKey: FindKey): ExpectedClaims => ({
  findKey,
  mayNameKeyUrl: keyUrlOf(people),
  audiences: [people.audience],
  // Access tokens are of type `at+jwt` (RFC 9068); several providers set none.
  types: ['jwt', 'at+jwt', 'application/at+jwt', null],
  jti: false,
});

/** Auditors and engineers: which paths are theirs is said by the scopes of their tokens (RFC 6749, section 3.3). */
import { type Caller, ForbiddenError } from './caller.ts';
import type { Token } from './jwt/verify.ts';
import { printableName } from './registry.ts';

const readsDecisions = 'epsom/decisions.read';
const evaluates = 'epsom/evaluate';
/** What people need for each first part of a path; one of them is enough. What is not listed is for auditors. */
const scopesOf: Readonly<Record<string, readonly string[]>> = {
  decisions: [readsDecisions],
  fhir: [readsDecisions],
  rules: [readsDecisions, evaluates],
  evaluate: [evaluates],
};

/**
 * The person a token stands for.
 * @param area the first part of the path
 * @throws ForbiddenError without a tenant, or without a scope for the area
 */
export function personOf(token: Token, area: string): Caller {
  const scopes = scopesOf[area] ?? [readsDecisions];
  const { tenant, issuer } = token;
  // The tenant becomes part of a key in the table: only what could be registered as one is one.
  if (tenant === null || !printableName.test(tenant)) {
    throw new ForbiddenError('the token needs a claim `tenant`: whose decisions it is about', null);
  }
  const caller: Caller = { tenant, client: issuer, profile: 'generic', registered: null, token };
  if (!scopes.some((scope) => token.scopes.includes(scope))) {
    const wanted = scopes.map((scope) => `\`${scope}\``).join(' or ');
    throw new ForbiddenError(`the token needs the scope ${wanted} for this path`, caller, {
      'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`,
    });
  }
  return caller;
}

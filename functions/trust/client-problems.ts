/** What is wrong with a client registry that has the right shape: a sentence for each, with its place. Pure. */
import { isObject } from '../../rules/fhir/json.ts';
import { isLoopback } from '../config/settings.ts';
import { readKey } from './jwks/key.ts';
import type { Client, Registry } from './registry.ts';

/** The issuer of a public test page. Anybody can sign as it: its private key is in the page's repository. */
const sandboxIssuer = 'https://sandbox.cds-hooks.org';
/** Public halves of pairs whose private half is published, by `x`: with them anybody is the client. */
const publishedKeys = new Set([
  // github.com/cds-hooks/sandbox, keys/jwk-keypair.json, and the pair before it
  'dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB',
  'QWI9fI8TcNtdikhVs_M1N_Szb7BOj19etvIKfrQMa9k',
  // the example of https://cds-hooks.hl7.org/2.0/#trusting-cds-clients
  '46SDH7Znh821wblCBglA61sNE9ZrHYKKt3qRtRTmSXyOI_FIGBLWrWa0GPUkDCEk',
]);

export interface RegistryChecks {
  allowLoopback: boolean;
  /** Ids of all rules, to check `rules.off` against. */
  ruleIds: ReadonlySet<string>;
  /** For a whole request, in milliseconds: what is read cannot take longer. */
  deadlineMs: number;
}

/** Every problem, in the order of the file. */
export function registryProblems(registry: Registry, checks: RegistryChecks): string[] {
  const problems = [
    ...registry.clients.flatMap((one, index) => clientProblems(one, index, checks)),
    ...(registry.auditors ? keyProblems(registry.auditors, 'auditors', checks.allowLoopback) : []),
    ...issuerProblems(registry),
    ...retentionProblems(registry),
  ];
  if (registry.clients.length === 0 && !registry.auditors) problems.push('it names nobody: add a client');
  return problems;
}

/** A retention for a name that nobody has is a misspelling, and would be a purge too early. */
function retentionProblems({ clients, retentionDays }: Registry): string[] {
  const tenants = new Set(clients.map(({ tenant }) => tenant));
  return Object.keys(retentionDays ?? {})
    .filter((tenant) => !tenants.has(tenant))
    .map((tenant) => `retentionDays: no client is of the tenant \`${tenant}\``);
}

function clientProblems(one: Client, index: number, checks: RegistryChecks): string[] {
  const place = `clients[${index}]`;
  const { allowLoopback, ruleIds, deadlineMs } = checks;
  const problems = keyProblems(one, place, allowLoopback);
  if (one.issuer === sandboxIssuer && !allowLoopback) {
    problems.push(
      `${place}.issuer: anybody can sign as \`${sandboxIssuer}\`, whose private key is public; only with EPSOM_ALLOW_LOOPBACK=true, for trials`,
    );
  }
  for (const [at, url] of one.fhirServers.entries()) {
    const where = `${place}.fhirServers[${at}]`;
    if (url.includes('?')) problems.push(`${where} must be the base URL of a server, without \`?\``);
    problems.push(...urlProblems(url, where, allowLoopback));
  }
  if (one.fhirDeadlineMs !== undefined && one.fhirDeadlineMs > deadlineMs) {
    problems.push(
      `${place}.fhirDeadlineMs must be at most ${deadlineMs}, the time for the whole request (EPSOM_DEADLINE_MS)`,
    );
  }
  for (const [at, origin] of one.origins.entries()) {
    problems.push(...originProblems(origin, `${place}.origins[${at}]`, allowLoopback));
  }
  for (const [at, id] of one.rules.off.entries()) {
    if (!ruleIds.has(id))
      problems.push(`${place}.rules.off[${at}]: there is no rule \`${id}\`: see GET /rules`);
  }
  return problems;
}

function keyProblems(
  source: Pick<Client, 'jwks' | 'jwksUrl'>,
  place: string,
  allowLoopback: boolean,
): string[] {
  const { jwks, jwksUrl } = source;
  if ((jwks === undefined) === (jwksUrl === undefined)) {
    return [`${place} needs \`jwks\` (keys written out) or \`jwksUrl\`, one of the two`];
  }
  if (jwksUrl !== undefined) return urlProblems(jwksUrl, `${place}.jwksUrl`, allowLoopback);
  const keys = jwks?.keys ?? [];
  if (keys.length === 0) return [`${place}.jwks.keys is empty: without a key no token can be checked`];
  const problems: string[] = [];
  const seen = new Set<unknown>();
  for (const [at, key] of keys.entries()) {
    const where = `${place}.jwks.keys[${at}]`;
    const read = readKey(key);
    if (typeof read === 'string') problems.push(`${where} ${read}`);
    else if (seen.has(read.kid)) problems.push(`${where} has the \`kid\` of another key of the list`);
    if (isObject(key) && publishedKeys.has(String(key.x)) && !allowLoopback) {
      problems.push(
        `${where}: the private half of this key is published, so anybody can sign with it; only with EPSOM_ALLOW_LOOPBACK=true, for trials`,
      );
    }
    seen.add(key.kid);
  }
  return problems;
}

function urlProblems(text: string, place: string, allowLoopback: boolean): string[] {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return [`${place}: \`${text}\` is not a URL`];
  if (`${url.username}${url.password}` !== '') return [`${place} must not hold a user or a password`];
  if (text.includes('#')) return [`${place} must be without \`#\``];
  if (url.protocol === 'http:' && !(allowLoopback && isLoopback(url.hostname))) {
    return [
      `${place}: \`${text}\` must begin with https:// (http only on loopback, with EPSOM_ALLOW_LOOPBACK=true)`,
    ];
  }
  return [];
}

function originProblems(text: string, place: string, allowLoopback: boolean): string[] {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.origin !== text || !/^https?:$/.test(url.protocol)) {
    return [`${place}: \`${text}\` is not an origin: scheme and host, such as \`https://ehr.example.org\``];
  }
  return urlProblems(text, place, allowLoopback);
}

function issuerProblems({ clients, auditors: people }: Registry): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const [index, { issuer }] of clients.entries()) {
    if (seen.has(issuer)) {
      problems.push(`clients[${index}].issuer: \`${issuer}\` is registered twice: one entry per issuer`);
    }
    seen.add(issuer);
  }
  if (people && seen.has(people.issuer)) {
    problems.push(
      `auditors.issuer: \`${people.issuer}\` is a client too: people need an issuer of their own`,
    );
  }
  return problems;
}

/**
 * The client registry: which EHRs may call, for which organisation, with which keys, and who issues the tokens of
 * auditors and engineers. It holds issuers and public keys, no secret. Read once; what cannot be used is refused
 * at the start, with a sentence for each problem.
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { isObject } from '../../rules/fhir/json.ts';
import { isLoopback } from '../config/settings.ts';
import { leastRetentionDays } from '../log/retention.ts';
import { readKey } from './keys.ts';

/** Printable, without the `#` that separates the parts of a key in the table. */
const name = z.string().check(z.regex(/^[!-"$-~]{1,200}$/, 'must be printable, without spaces and `#`'));
const address = z.string().check(z.regex(/^https?:\/\/[!-~]+$/, 'must be a URL'));
const count = (least: number) => z.optional(z.int().check(z.gte(least), z.lte(100)));

const keySource = {
  jwks: z.optional(z.strictObject({ keys: z.array(z.looseObject({})) })),
  jwksUrl: z.optional(address),
};

const client = z.strictObject({
  /** `iss` of its tokens. */
  issuer: name,
  /** The organisation whose decisions these are. */
  tenant: name,
  profile: z.enum(['generic', 'epic', 'cerner']),
  ...keySource,
  /** Base URLs of FHIR servers this client may name in `fhirServer`. */
  fhirServers: z._default(z.array(address), []),
  /** Origins of pages that may call from a browser. */
  origins: z._default(z.array(z.string()), []),
  rules: z._default(z.strictObject({ off: z._default(z.array(z.string()), []) }), { off: [] }),
  /** Accepted as audience beside the address that is called, for an EHR that cannot set one per address. */
  audience: z.optional(name),
  /** At most so many cards of each indicator are shown. Critical ones cannot be switched off. */
  alertLimit: z.optional(z.strictObject({ critical: count(1), warning: count(0), info: count(0) })),
  /** A card that a clinician has overridden is not shown again for so many days; a critical one only if said so. */
  withholdOverridden: z.optional(
    z.strictObject({ days: z.int().check(z.gte(1), z.lte(365)), critical: z.optional(z.boolean()) }),
  ),
});
export type Client = z.infer<typeof client>;

const auditors = z.strictObject({ issuer: name, audience: name, ...keySource });
export type Auditors = z.infer<typeof auditors>;

const schema = z.strictObject({
  clients: z.array(client),
  auditors: z.optional(auditors),
  /** Days that the decisions of a tenant are kept at least, where they are not those of EPSOM_RETENTION_DAYS. */
  retentionDays: z.optional(z.record(name, z.int().check(z.gte(leastRetentionDays)))),
});
export type Registry = z.infer<typeof schema>;

/** How long decisions of a tenant are kept at least. @param otherwise days for tenants that the registry is silent about */
export const retentionDaysOf = (registry: Registry | null, tenant: string, otherwise: number): number =>
  new Map(Object.entries(registry?.retentionDays ?? {})).get(tenant) ?? otherwise;

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
}

/** @throws Error with a sentence for each problem */
export function readClients(text: string, { allowLoopback, ruleIds }: RegistryChecks): Registry {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw refusal(['the file is not JSON: look for a missing comma, quote or bracket']);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw refusal(parsed.error.issues.map(sentence));
  const registry = parsed.data;
  const problems = [
    ...registry.clients.flatMap((one, index) => clientProblems(one, index, { allowLoopback, ruleIds })),
    ...(registry.auditors ? keyProblems(registry.auditors, 'auditors', allowLoopback) : []),
    ...issuerProblems(registry),
    ...retentionProblems(registry),
  ];
  if (registry.clients.length === 0 && !registry.auditors) problems.push('it names nobody: add a client');
  if (problems.length > 0) throw refusal(problems);
  return registry;
}

const refusal = (problems: readonly string[]): Error =>
  new Error(`the client registry (EPSOM_CLIENTS) is not usable:\n  ${problems.join('\n  ')}`);

/** A retention for a name that nobody has is a misspelling, and would be a purge too early. */
function retentionProblems({ clients, retentionDays }: Registry): string[] {
  const tenants = new Set(clients.map(({ tenant }) => tenant));
  return Object.keys(retentionDays ?? {})
    .filter((tenant) => !tenants.has(tenant))
    .map((tenant) => `retentionDays: no client is of the tenant \`${tenant}\``);
}

/** `clients[0].rules.off` */
const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');

function sentence(issue: z.core.$ZodIssue): string {
  const place = placeOf(issue.path) || 'the file';
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${place}: unknown ${issue.keys.map((key) => `\`${key}\``).join(', ')}; correct the spelling or leave it out`;
    case 'invalid_type':
      return `${place} is missing, or not of the kind it must be: ${issue.expected}`;
    case 'invalid_value':
      return `${place} must be one of ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`;
    case 'too_small':
      return `${place} must be at least ${issue.minimum}`;
    case 'too_big':
      return `${place} must be at most ${issue.maximum}`;
    default:
      return `${place} ${issue.message}`;
  }
}

function clientProblems(one: Client, index: number, checks: RegistryChecks): string[] {
  const place = `clients[${index}]`;
  const { allowLoopback, ruleIds } = checks;
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

const fromParameterStore = /^ssm:(.+)$/;

/**
 * Fetches the registry's text: `ssm:/name` is a parameter of AWS Systems Manager, anything else a path, which on
 * AWS may be a file of a layer (`/opt/clients.json`).
 * @throws Error that names neither path nor content
 */
export async function clientsText(where: string): Promise<string> {
  const parameter = fromParameterStore.exec(where)?.[1];
  if (parameter === undefined) {
    return readFile(where, 'utf8').catch(() => {
      throw refusal([`there is no readable file at \`${where}\``]);
    });
  }
  // Loaded only where it is used.
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const ssm = new SSMClient({ maxAttempts: 3 });
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter, WithDecryption: true }));
    if (Parameter?.Value) return Parameter.Value;
    throw refusal([`the parameter \`${parameter}\` is empty`]);
  } finally {
    ssm.destroy();
  }
}

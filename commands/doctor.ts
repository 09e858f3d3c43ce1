/**
 * `npm run doctor -- --client ISSUER --patient ID`: tries what Epsom asks on the FHIR servers of a client.
 * Exit 0: everything can be read, be it in part. 1: something cannot. 2: it was called in a wrong way. 141: whoever
 * read its lines went away (`| head`), as the shell has it.
 */
import { readSettings, type Settings } from '../functions/config/settings.ts';
import { type Capability, readCapability } from '../functions/outbound/capability.ts';
import { fetchJson } from '../functions/outbound/fetch.ts';
import { type Server, serverOf } from '../functions/outbound/fhir-access.ts';
import { createFhirClient } from '../functions/outbound/fhir-client.ts';
import { metadataOf } from '../functions/outbound/read-capability.ts';
import { queryShapeOf } from '../functions/service/query-shape.ts';
import { readClients } from '../functions/trust/clients.ts';
import { clientsText } from '../functions/trust/clients-text.ts';
import type { Client } from '../functions/trust/registry.ts';
import { type QueryShape, shapeTemplates } from '../rules/evaluation/query-shape.ts';
import { hooks } from '../rules/fhir/hooks.ts';
import { isFhirId } from '../rules/intake/identity.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { type CommandLine, runCommand, UsageError } from './command-line.ts';
import { deadlineAdvice, shapeAdvice } from './doctor-advice.ts';
import type { Subject } from './doctor-reading.ts';
import { nameOf, type Question, type Tried, tryQuery } from './doctor-search.ts';

/** Where the access token is read from: an argument is seen by everybody on the machine. */
const tokenVariable = 'EPSOM_FHIR_TOKEN';
/** For each call: it is about what the server can do, and says how long it took. */
const deadlineMs = 30_000;

const command = {
  about: `Tries what Epsom asks on a FHIR server: its capability statement, and each query of discovery once, as shaped
for the client. Says what the server understood, refused and ignored, what is read in part or not at all, how many
results, how long, and what to set in the registry. Nothing is recorded, and nothing of the patient is printed. The client is one of EPSOM_CLIENTS; without a
registry name a server on this machine. The patient should be one with results and orders; an encounter may be named.
An access token is read from the environment variable ${tokenVariable}.`,
  calls: [
    'npm run doctor -- --client <issuer> --patient <id> [--encounter <id>]',
    'npm run doctor -- --server http://127.0.0.1:8081/fhir --patient <id> [--encounter <id>]',
  ],
  options: {
    client: { type: 'string' },
    server: { type: 'string' },
    patient: { type: 'string' },
    encounter: { type: 'string' },
  },
  failed: 1,
} as const satisfies CommandLine;

interface Values {
  client?: string | undefined;
  server?: string | undefined;
  patient?: string | undefined;
  encounter?: string | undefined;
}

/** Whom the servers belong to: null without a registry. */
async function registeredClient(issuer: string, settings: Settings): Promise<Client> {
  if (settings.clients === null) {
    throw new UsageError(
      'EPSOM_CLIENTS names no registry, so there is no client; name a server on this machine',
    );
  }
  const { clients } = readClients(await clientsText(settings.clients), {
    allowLoopback: settings.allowLoopback,
    deadlineMs: settings.deadlineMs,
    ruleIds: new Set(shippedRuleset().rules.map(({ rule }) => rule.id)),
  });
  const client = clients.find((one) => one.issuer === issuer);
  if (!client) throw new UsageError(`\`${issuer}\` is the issuer of no client in the registry`);
  if (client.fhirServers.length === 0)
    throw new UsageError('this client has no `fhirServers` in the registry');
  return client;
}

/** A server to be read, with the token of the environment. */
function serverAt(address: string, servers: readonly string[] | 'loopback'): Server {
  const token = process.env[tokenVariable];
  const fhirAuthorization = token ? { access_token: token, token_type: 'Bearer' } : undefined;
  const server = serverOf({ fhirServer: address, fhirAuthorization }, servers);
  if ('unusable' in server) {
    throw new UsageError(
      servers === 'loopback'
        ? '`--server` must be the base address of a FHIR server on this machine, and a token printable'
        : `a registered address, or the token in ${tokenVariable}, cannot be used`,
    );
  }
  return server;
}

/** Whom the questions are about. @throws UsageError */
const subjectOf = (values: Values, { base }: Server): Subject => ({
  patientId: idOf('patient', values.patient),
  encounterId: values.encounter === undefined ? null : idOf('encounter', values.encounter),
  base: base.href,
  patient: null,
});

const idOf = (name: string, id: string | undefined): string => {
  if (id === undefined) throw new UsageError(`\`--${name}\` is missing`);
  if (!isFhirId(id)) throw new UsageError(`\`--${name}\` is no id of FHIR`);
  return id;
};

/** Every query of discovery once, with the keys that ask it. */
function questionsOf(shape: QueryShape, { patientId, encounterId }: Subject): Question[] {
  const { prefetch } = shippedRuleset();
  const byTemplate = new Map<string, Set<string>>();
  for (const [key, template] of hooks.flatMap((hook) => Object.entries(prefetch[hook]))) {
    if (encounterId === null && template.includes('{{context.encounterId}}')) continue;
    const filled = template
      .replaceAll('{{context.patientId}}', patientId)
      .replaceAll('{{context.encounterId}}', encounterId ?? '');
    byTemplate.set(filled, (byTemplate.get(filled) ?? new Set()).add(key));
  }
  return [...byTemplate].map(([template, keys]) => questionIn(shape, { keys: [...keys], template }));
}

const questionIn = (shape: QueryShape, { keys, template }: Omit<Question, 'query'>): Question => ({
  keys,
  template,
  query: shapeTemplates({ template }, shape, Date.now()).template ?? template,
});

/** Reads and prints the capability statement. @returns null where nothing is known from it */
async function printStatement(
  { base }: Server,
  loopback: boolean,
  maxBytes: number,
): Promise<Capability | null> {
  const started = performance.now();
  const said = await fetchJson(metadataOf(base), {
    allowed: ({ origin }) => origin === base.origin,
    headers: { accept: 'application/fhir+json' },
    maxBytes,
    signal: AbortSignal.timeout(deadlineMs),
    loopback,
  }).catch(() => null);
  const capability = said?.status === 200 ? readCapability(said.json) : null;
  const status = said ? ` (status ${said.status})` : '';
  const what = capability
    ? 'understood; what it lacks is a hint beside what was answered'
    : `no statement that can be used${status}`;
  console.log(`  metadata: ${what}, ${Math.round(performance.now() - started)} ms`);
  return capability;
}

/** How much of a query is printed: long ones are lists of codes. The patient is not. */
const shown = ({ keys, query }: Question): string => {
  const [path = '', search = ''] = query.split('?');
  const names = search.split('&').map(nameOf);
  return `${keys.join(', ')} (${path.split('/')[0]}${search ? `: ${names.join(' ')}` : ''})`;
};

/** What the statement lacks of a query, beside what the server answered. */
function hintOf({ query }: Question, capability: Capability | null): string {
  const [path = '', search = ''] = query.split('?');
  const [type = ''] = path.split('/');
  if (capability === null) return '';
  if (!capability.lists(type)) return `; hint: its statement does not list ${type}`;
  const lacking = search.split('&').filter((part) => capability.lacks(type, part));
  return lacking.length > 0 ? `; hint: its statement lacks ${lacking.map(nameOf).join(', ')}` : '';
}

/** What the server did with the query, in words. */
function saidOf({ extent, why, refusedWith, refused, ignored }: Tried): string {
  if (extent === 'none') return why.join(', ');
  if (extent === 'lost') return `failed, ${why.join(', ')}`;
  const names = refused.length > 0 ? refused.join(', ') : 'a part that cannot be told';
  const said = [
    ...(refusedWith === null ? [] : [`refused with status ${refusedWith} for ${names}`]),
    ...(ignored.length > 0
      ? [`ignored ${ignored.map((one) => `${nameOf(one.part)} (${one.why})`).join(', ')}`]
      : []),
  ];
  return `${said.join('; ') || 'understood'}${extent === 'part' ? `; read in part: ${why.join(', ')}` : ''}`;
}

function print(tried: Tried, capability: Capability | null): void {
  const { results, pages, milliseconds } = tried;
  const on = pages > 1 ? ` on ${pages} pages` : '';
  const said = `${saidOf(tried)}; ${results} results${on}, ${milliseconds} ms`;
  console.log(`  ${shown(tried)}: ${said}${hintOf(tried, capability)}`);
}

/** The keys of what came to an extent, each once. */
const keysOf = (all: readonly Tried[], extent: Tried['extent']): string[] => [
  ...new Set(all.filter((tried) => tried.extent === extent).flatMap(({ keys }) => keys)),
];

/** The last lines. @returns whether everything can be read */
function printOutcome(all: readonly Tried[]): boolean {
  const [none, part, lost] = [keysOf(all, 'none'), keysOf(all, 'part'), keysOf(all, 'lost')];
  if (none.length > 0) console.log(`  Taken for a server without: ${none.join(', ')}`);
  if (part.length > 0) console.log(`  Read in part: ${part.join(', ')}`);
  if (lost.length > 0) console.log(`  Cannot be read: ${lost.join(', ')}`);
  return lost.length === 0;
}

/** Tries one server. @returns whether everything can be read */
async function examine(
  server: Server,
  settings: Settings,
  values: Values,
  client: Client | null,
): Promise<boolean> {
  const loopback = client === null || settings.allowLoopback;
  const shape = queryShapeOf({ profile: client?.profile ?? 'generic', registered: client });
  const fhir = createFhirClient(server, {
    loopback,
    maxBytes: settings.maxBody,
    deadlineMs: deadlineMs * 10,
    signal: new AbortController().signal,
  });
  const subject = subjectOf(values, server);
  console.log(server.base.href);
  const capability = await printStatement(server, loopback, settings.maxBody);
  const all: Tried[] = [];
  // One after the other: the times are those of a server that is not busy with us.
  for (const question of questionsOf(shape, subject)) {
    const tried = await tryQuery(fhir, question, subject);
    if (tried.extent === 'whole' && tried.keys.includes('patient')) subject.patient = tried.answer;
    print(tried, capability);
    all.push(tried);
  }
  if (subject.encounterId === null) console.log('  encounter: not tried; name one with --encounter');
  const prefetch = await shapeAdvice(all, shape, (tried, other) =>
    tryQuery(fhir, questionIn(other, tried), subject),
  );
  const members = Object.entries(prefetch).map(([name, value]) => `"${name}": ${value}`);
  const own = client?.fhirDeadlineMs ?? settings.fhirDeadlineMs;
  const wanted = [
    ...(members.length > 0 ? [`"prefetch": { ${members.join(', ')} }`] : []),
    ...[deadlineAdvice(all, own, settings.deadlineMs) ?? []].flat(),
  ];
  console.log(
    wanted.length > 0
      ? `  Set in the registry: ${wanted.join('; ')}`
      : '  Nothing needs to be set in the registry.',
  );
  return printOutcome(all);
}

async function examineAll(values: Values): Promise<number> {
  if ((values.client === undefined) === (values.server === undefined)) {
    throw new UsageError('`--client` or `--server` is needed, one of the two');
  }
  idOf('patient', values.patient);
  const settings = readSettings(process.env);
  const client = values.client === undefined ? null : await registeredClient(values.client, settings);
  const addresses = client?.fhirServers ?? [values.server ?? ''];
  const servers = addresses.map((address) => serverAt(address, client?.fhirServers ?? 'loopback'));
  let isWhole = true;
  for (const server of servers) if (!(await examine(server, settings, values, client))) isWhole = false;
  return isWhole ? 0 : 1;
}

// Whoever read this went away: nothing is left to be said, and to no one.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(141);
  throw error;
});
await runCommand(command, ({ values }) => examineAll(values));

/**
 * `npm run doctor -- --client ISSUER --patient ID`: tries what Epsom asks on the FHIR servers of a client.
 * Exit 0: everything can be read. 1: something cannot. 2: it was called in a wrong way.
 */
import { readSettings, type Settings } from '../functions/config/settings.ts';
import { readCapability } from '../functions/outbound/capability.ts';
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
import { type Tried, tryQuery } from './doctor-search.ts';

/** Where the access token is read from: an argument is seen by everybody on the machine. */
const tokenVariable = 'EPSOM_FHIR_TOKEN';
/** For each call: it is about what the server can do, and says how long it took. */
const deadlineMs = 30_000;

const command = {
  about: `Tries what Epsom asks on a FHIR server: its capability statement, and each query of discovery once, as shaped
for the client. Says what the server understood, refused and ignored, how many results, how long, and what to set in the
registry. Nothing is recorded, and nothing of the patient is printed. The client is one of EPSOM_CLIENTS; without a
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

const idOf = (name: string, id: string | undefined): string => {
  if (id === undefined) throw new UsageError(`\`--${name}\` is missing`);
  if (!isFhirId(id)) throw new UsageError(`\`--${name}\` is no id of FHIR`);
  return id;
};

/** Every query of discovery once, with the keys that ask it. */
function questionsOf(shape: QueryShape, values: Values): { keys: string[]; query: string }[] {
  const patient = idOf('patient', values.patient);
  const encounter = values.encounter === undefined ? null : idOf('encounter', values.encounter);
  const { prefetch } = shippedRuleset();
  const byQuery = new Map<string, Set<string>>();
  for (const hook of hooks) {
    for (const [key, template] of Object.entries(shapeTemplates(prefetch[hook], shape, Date.now()))) {
      if (encounter === null && template.includes('{{context.encounterId}}')) continue;
      const query = template
        .replaceAll('{{context.patientId}}', patient)
        .replaceAll('{{context.encounterId}}', encounter ?? '');
      byQuery.set(query, (byQuery.get(query) ?? new Set()).add(key));
    }
  }
  return [...byQuery].map(([query, keys]) => ({ query, keys: [...keys] }));
}

/** What the statement says, as a line. @returns whether it could be read */
async function printStatement({ base }: Server, loopback: boolean, maxBytes: number): Promise<void> {
  const started = performance.now();
  const said = await fetchJson(metadataOf(base), {
    allowed: ({ origin }) => origin === base.origin,
    headers: { accept: 'application/fhir+json' },
    maxBytes,
    signal: AbortSignal.timeout(deadlineMs),
    loopback,
  }).catch(() => null);
  const capability = said?.status === 200 ? readCapability(said.json) : null;
  const types = ['Observation', 'MedicationRequest', 'MedicationStatement', 'MedicationAdministration'];
  const missing = capability ? types.filter((type) => !capability.lists(type)) : [];
  const what = capability
    ? missing.length > 0
      ? `understood, does not list ${missing.join(', ')}`
      : 'understood'
    : `no statement that can be used${said ? ` (status ${said.status})` : ''}`;
  console.log(`  metadata: ${what}, ${Math.round(performance.now() - started)} ms`);
}

/** How much of a query is printed: long ones are lists of codes. The patient is not. */
const shown = ({ keys, query }: Tried): string => {
  const [path = '', search = ''] = query.split('?');
  const names = search.split('&').map((part) => part.split('=')[0] ?? '');
  return `${keys.join(', ')} (${path.split('/')[0]}${search ? `: ${names.join(' ')}` : ''})`;
};

function print(tried: Tried): void {
  const { said, results, hasMore, milliseconds } = tried;
  const pages = hasMore ? ', further pages' : '';
  console.log(`  ${shown(tried)}: ${said}; ${results} results${pages}, ${milliseconds} ms`);
}

/** Parts that were refused or ignored, as the registry can turn them off. */
function settingsFor(
  all: readonly Tried[],
  shape: QueryShape,
  fhirDeadlineMs: number,
  most: number,
): string[] {
  const lacks = (name: string): boolean =>
    all.some(({ parts }) => parts.some((part) => part.startsWith(`${name}=`)));
  const prefetch = [
    ...(shape.sort && lacks('_sort') ? ['"sort": false'] : []),
    ...(shape.count && lacks('_count') ? ['"count": false'] : []),
    ...(shape.since && (lacks('date') || lacks('effective-time')) ? ['"since": false'] : []),
    ...(!shape.since && lacks('_sort') ? ['"since": true'] : []),
  ];
  const slowest = Math.max(...all.map(({ milliseconds }) => milliseconds));
  // One round of calls, and half as much again.
  const wanted = Math.ceil((slowest * 1.5) / 50) * 50;
  return [
    ...(prefetch.length > 0 ? [`"prefetch": { ${prefetch.join(', ')} }`] : []),
    ...(wanted > fhirDeadlineMs
      ? [`"fhirDeadlineMs": ${Math.min(wanted, most)}, if the EHR waits as long`]
      : []),
  ];
}

/** Tries one server. @returns whether everything can be read */
async function examine(server: Server, settings: Settings, values: Values, client: Client | null) {
  const loopback = client === null || settings.allowLoopback;
  const shape = queryShapeOf({ profile: client?.profile ?? 'generic', registered: client });
  const fhir = createFhirClient(server, {
    loopback,
    maxBytes: settings.maxBody,
    deadlineMs: deadlineMs * 10,
    signal: new AbortController().signal,
  });
  console.log(server.base.href);
  await printStatement(server, loopback, settings.maxBody);
  const all: Tried[] = [];
  // One after the other: the times are those of a server that is not busy with us.
  for (const question of questionsOf(shape, values)) {
    const tried = await tryQuery(fhir, question);
    print(tried);
    all.push(tried);
  }
  if (values.encounter === undefined) console.log('  encounter: not tried; name one with --encounter');
  const own = client?.fhirDeadlineMs ?? settings.fhirDeadlineMs;
  const wanted = settingsFor(all, shape, own, settings.deadlineMs);
  console.log(
    wanted.length > 0
      ? `  Set in the registry: ${wanted.join('; ')}`
      : '  Nothing needs to be set in the registry.',
  );
  const lost = all.filter(({ isLost }) => isLost).flatMap(({ keys }) => keys);
  if (lost.length > 0) console.log(`  Cannot be read: ${[...new Set(lost)].join(', ')}`);
  return lost.length === 0;
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

await runCommand(command, ({ values }) => examineAll(values));

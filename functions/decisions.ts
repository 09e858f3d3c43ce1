/** For auditors: lists of decisions, one decision with its feedback, its replay, and the proof of its place in the log. */
import { handle } from 'hono/aws-lambda';
import { canonicalJson } from '../rules/digest/digest.ts';
import { spanOf } from '../rules/fhir/time.ts';
import { wordRecord } from '../rules/record.ts';
import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import { wholeNumber } from './http/whole-number.ts';
import type { StoredDecision } from './log/decision-log.ts';
import { decisionKey, nameOf, placeOf } from './log/keys.ts';
import type { Filter } from './log/queries.ts';
import { recordAccess } from './service/access.ts';
import { decodeCursor, encodeCursor } from './service/cursor.ts';
import { csv, exportDecisions, ndjson, streamOf } from './service/export.ts';
import { replay } from './service/replay.ts';
import { type Call, callerOf, canonical, createApp, onlyMethods, type Service } from './service/service.ts';
import { ForbiddenError } from './trust/callers.ts';

const largestPage = 100;
const filters = [
  'patient',
  'rule',
  'service',
  'client',
  'outcome',
  'indicator',
  'from',
  'to',
  'limit',
  'cursor',
] as const;

export function decisions(service: Service) {
  const app = createApp(service);
  app.get('/decisions', async (call) => {
    const query = call.req.query();
    const { tenant, client } = await callerOf(call, service);
    const { filter, limit } = readFilter(query);
    const bound = canonicalJson({ tenant, client, filter });
    const key = await service.cursorKey();
    const after = query.cursor === undefined ? null : decodeCursor(query.cursor, bound, key, service.now());
    const { ids, next } = await service.log.list(tenant, filter, limit, after);
    const found = await service.log.findAll(tenant, ids);
    const { patient, ...others } = filter;
    await recordAccess(call, service, { ...searched, filter: others, patient, count: found.length });
    return call.json({
      decisions: await Promise.all(found.map((decision) => withFeedback(service, decision))),
      next: next === null ? null : encodeCursor(next, bound, key, service.now()),
    });
  });
  app.all('/decisions', onlyMethods(service, 'GET'));

  app.get('/decisions/export', async (call) => {
    const { format = 'ndjson', after, ...query } = call.req.query();
    const { tenant } = await callerOf(call, service);
    const chosen = oneOf(format, 'format', ['ndjson', 'csv'] as const);
    if (query.limit !== undefined || query.cursor !== undefined)
      throw new Problem(
        400,
        'not-supported',
        'an export has no pages: go on after a decision with `after=<id>`',
      );
    const { filter } = readFilter(query);
    const last = after === undefined ? null : await service.log.find(tenant, name(after, 'after'));
    if (after !== undefined && !last) throw new Problem(400, 'value', '`after` must be the id of a decision');
    const { patient, ...others } = filter;
    await recordAccess(call, service, {
      what: 'export',
      path: '/decisions/export',
      filter: others,
      patient,
      count: 0,
    });
    const decisions = exportDecisions(service.log, tenant, filter, last ? placeOf(last) : null);
    const body = streamOf(chosen === 'csv' ? csv(decisions) : ndjson(decisions));
    const type = chosen === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
    return call.body(body, 200, { 'Content-Type': type });
  });
  app.all('/decisions/export', onlyMethods(service, 'GET'));

  app.get('/decisions/:id', async (call) => {
    const decision = await stored(call, service);
    await recordAccess(call, service, lookedAt('read', decision));
    const [whole, related] = await Promise.all([
      withFeedback(service, decision),
      service.log.relatedTo(decision),
    ]);
    return call.json({ ...whole, related });
  });
  app.all('/decisions/:id', onlyMethods(service, 'GET'));

  app.post('/decisions/:id/replay', async (call) => {
    const decision = await stored(call, service);
    await recordAccess(call, service, lookedAt('replay', decision));
    const asked = oneOf(call.req.query('ruleset') ?? 'own', 'ruleset', ['own', 'current'] as const);
    if (asked === 'current') {
      const terminology = decision.ruleset.digest === service.ruleset.digest ? 'same' : 'changed';
      return canonical(call, { ...(await replay(decision, service.ruleset)), terminology });
    }
    const own = await service.rulesetAt(decision.ruleset.digest);
    if (!own)
      throw new Problem(
        409,
        'business-rule',
        `it was decided under ruleset ${decision.ruleset.digest}, which this log does not hold: \`?ruleset=current\` replays it under today's`,
      );
    const terminology = own.exact ? 'same' : 'changed';
    return canonical(call, { ...(await replay(decision, own.ruleset)), terminology });
  });
  app.all('/decisions/:id/replay', onlyMethods(service, 'POST'));

  app.get('/decisions/:id/proof', async (call) => {
    const decision = await stored(call, service);
    await recordAccess(call, service, lookedAt('proof', decision));
    return call.json(await proofOf(decision, call.req.query('since'), service));
  });
  app.all('/decisions/:id/proof', onlyMethods(service, 'GET'));
  return app;
}

/** @throws Problem 404, Forbidden (403) where it is another organisation's */
async function stored(call: Call, service: Service): Promise<StoredDecision> {
  const id = call.req.param('id') ?? '';
  const caller = await callerOf(call, service);
  const possible = /^[A-Za-z0-9-]{8,64}$/.test(id);
  const decision = possible ? await service.log.find(caller.tenant, id) : null;
  if (decision) return decision;
  const others = service.callers?.tenants.filter((tenant) => tenant !== caller.tenant) ?? [];
  if (possible && (await service.log.belongsTo(others, 'decision', id))) {
    throw new ForbiddenError(
      'this decision is of another organisation than the `tenant` of the token',
      caller,
    );
  }
  throw new Problem(404, 'not-found', 'there is no decision with this id');
}

const searched = { what: 'search', path: '/decisions' } as const;
const lookedAt = (what: 'read' | 'replay' | 'proof', { decisionId, patient }: StoredDecision) => ({
  what,
  path: '/decisions',
  decisionId,
  patient,
  count: 1,
});

/** A record in words, with what clinicians answered to its cards. */
const withFeedback = async (service: Service, decision: StoredDecision) => ({
  ...wordRecord(decision),
  feedback: await service.log.feedbackOf(decision),
});

/**
 * That the record is in the log and the log was only added to: its leaf, the audit path to the root of the last
 * seal, and the path from an earlier seal to that one (`?since=`; by default the one that first covered it).
 * @throws Problem 409 when it is not sealed yet
 */
async function proofOf(decision: StoredDecision, since: string | undefined, service: Service) {
  const { sealer } = service;
  const [leaf, seal] = await Promise.all([
    sealer.leafOf(nameOf(decisionKey(decision.tenant, decision.decisionId))),
    sealer.last(),
  ]);
  if (!leaf || !seal)
    throw new Problem(
      409,
      'business-rule',
      `this decision is chained, but not sealed yet: ask again in ${service.settings.sealInterval} seconds`,
    );
  const earlier = since === undefined ? leaf.seal : Number(since);
  const from = Number.isInteger(earlier) && earlier >= 1 ? await sealer.at(earlier) : null;
  if (!from) throw new Problem(400, 'value', '`since` must be the number of a seal');
  const { writer, seq, prevHash, hash } = decision;
  return {
    decisionId: decision.decisionId,
    record: { writer, seq, prevHash, hash },
    leaf: leaf.leaf,
    seal,
    inclusion: await sealer.inclusion(leaf.leaf, seal.size),
    consistency: { from, path: await sealer.consistency(from.size, seal.size) },
    algorithm:
      'RFC 6962 with SHA-256; the data of a leaf is the 32 bytes of the record hash; seals are signed with ECDSA P-256 over their canonical JSON (RFC 8785) without hash, keyId and signature',
    publicKey: await sealer.publicKey(),
  };
}

function readFilter(query: Readonly<Record<string, string>>): {
  filter: Filter & Record<string, string>;
  limit: number;
} {
  for (const name of Object.keys(query)) {
    if (!filters.some((known) => known === name))
      throw new Problem(400, 'not-supported', `unknown parameter: filter by ${filters.join(', ')}`);
  }
  const filter: Filter & Record<string, string> = {};
  if (query.patient !== undefined) filter.patient = name(query.patient.replace(/^Patient\//, ''), 'patient');
  for (const field of ['rule', 'service', 'client'] as const) {
    const value = query[field];
    if (value !== undefined) filter[field] = name(value, field);
  }
  if (query.outcome !== undefined)
    filter.outcome = oneOf(query.outcome, 'outcome', ['accepted', 'overridden', 'none'] as const);
  if (query.indicator !== undefined)
    filter.indicator = oneOf(query.indicator, 'indicator', ['critical', 'warning', 'info'] as const);
  for (const end of ['from', 'to'] as const) {
    const value = query[end];
    if (value !== undefined) filter[end] = time(value, end);
  }
  // DynamoDB refuses an empty range, which would read as a failure of the log.
  if (filter.from && filter.to && filter.from > filter.to)
    throw new Problem(400, 'value', '`from` must not be after `to`');
  const limit = wholeNumber(query.limit ?? '20');
  if (limit === null)
    throw new Problem(400, 'value', `\`limit\` must be a whole number from 1 to ${largestPage}`);
  return { filter, limit: Math.min(limit, largestPage) };
}

function name(value: string, field: string): string {
  if (!/^[^\s#~]{1,200}$/.test(value))
    throw new Problem(400, 'value', `\`${field}\` is not a name this log uses`);
  return value;
}

function oneOf<T extends string>(value: string, field: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined)
    throw new Problem(400, 'value', `\`${field}\` must be one of ${allowed.join(', ')}`);
  return found;
}

/** A date means its whole day. */
function time(value: string, end: 'from' | 'to'): string {
  // An unencoded plus sign of an offset arrives as a space.
  const span = spanOf(value.replace(/ (\d{2}:\d{2})$/, '+$1'));
  if (!span)
    throw new Problem(400, 'value', `\`${end}\` must be a date or a time such as \`2026-01-31T12:00:00Z\``);
  return new Date(end === 'from' ? span.from : span.to).toISOString();
}

export const handler = serviceOnAws((service) => handle(decisions(service)));

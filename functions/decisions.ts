/** For auditors: lists of decisions, one decision with its feedback, its replay, and the proof of its place in the log. */
import { handle } from 'hono/aws-lambda';
import type { Ruleset } from '../rules/evaluation/ruleset.ts';
import { differingParts, type RulesetParts } from '../rules/evaluation/ruleset-digest.ts';
import { wordRecord } from '../rules/record.ts';
import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import type { StoredDecision } from './log/decision-log.ts';
import { placeOf } from './log/keys.ts';
import { canonical } from './service/answer.ts';
import { createApp } from './service/app.ts';
import type { Call } from './service/call.ts';
import { callerOf } from './service/caller-of.ts';
import { boundTo, decodeCursor, encodeCursor } from './service/cursor.ts';
import { deadlineOf } from './service/deadline.ts';
import { nameIn, oneOf, readFilter } from './service/decision-filter.ts';
import { pageOf } from './service/decision-page.ts';
import { proofOf } from './service/decision-proof.ts';
import { csv, exportDecisions, ndjson, streamOf } from './service/decision-stream.ts';
import { queryOf } from './service/query.ts';
import { recordAccess } from './service/record-access.ts';
import { assertReplayable, replay } from './service/replay-decision.ts';
import type { Service } from './service/service.ts';
import { readStatisticsQuery, statisticsOf } from './service/statistics.ts';
import { ForbiddenError } from './trust/caller.ts';

export const decisions = (service: Service) =>
  createApp(service, (app) => {
    app.get('/decisions', (call) => listDecisions(call, service));
    app.get('/statistics', (call) => countDecisions(call, service));
    app.get('/decisions/export', (call) => streamDecisions(call, service));
    app.get('/decisions/:id', async (call) => {
      const decision = await stored(call, service);
      await recordAccess(call, service, lookedAt('read', decision));
      const [whole, related] = await Promise.all([
        withFeedback(service, decision),
        service.log.relatedTo(decision),
      ]);
      return call.json({ ...whole, related });
    });
    app.post('/decisions/:id/replay', async (call) => {
      const decision = await stored(call, service);
      await recordAccess(call, service, lookedAt('replay', decision));
      return canonical(call, await replayUnder(decision, queryOf(call), service));
    });
    app.get('/decisions/:id/proof', async (call) => {
      const decision = await stored(call, service);
      await recordAccess(call, service, lookedAt('proof', decision));
      return call.json(await proofOf(decision, queryOf(call).since, service));
    });
  });

async function listDecisions(call: Call, service: Service): Promise<Response> {
  const query = queryOf(call);
  const caller = await callerOf(call, service);
  const { tenant } = caller;
  const { filter, limit } = readFilter(query);
  const bound = boundTo(caller, { filter });
  const key = await service.cursorKey();
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, bound, key, service.now());
  const { ids, next } = await service.log.list(tenant, filter, limit, after);
  const page = await pageOf(service.log, tenant, ids);
  const last = page.cutAfter ?? next;
  const { patient = null, ...others } = filter;
  await recordAccess(call, service, { ...searched, filter: others, patient, count: page.decisions.length });
  const about = {
    next: last === null ? null : encodeCursor(last, bound, key, service.now()),
    completeUpTo: await service.log.completeUpTo(),
  };
  const body = `{"decisions":[${page.decisions.join(',')}],${JSON.stringify(about).slice(1)}`;
  return call.body(body, 200, { 'Content-Type': 'application/json' });
}

/** Counts name no patient; who asked is recorded all the same. */
async function countDecisions(call: Call, service: Service): Promise<Response> {
  const query = queryOf(call);
  const { tenant } = await callerOf(call, service);
  const asked = readStatisticsQuery(query);
  const counts = await service.log.countsOf(tenant, asked.days);
  const rulesAt = async (digest: string) =>
    (await service.rulesetAt(digest))?.ruleset.rules.map(({ rule }) => rule.id) ?? null;
  const statistics = await statisticsOf(asked, counts, rulesAt);
  await recordAccess(call, service, {
    what: 'search',
    path: '/statistics',
    filter: query,
    patient: null,
    count: statistics.decisions,
  });
  return call.json({
    from: asked.days.at(0),
    to: asked.days.at(-1),
    completeUpTo: await service.log.completeUpTo(),
    ...statistics,
  });
}

async function streamDecisions(call: Call, service: Service): Promise<Response> {
  const { format = 'ndjson', after, ...query } = queryOf(call);
  const { tenant } = await callerOf(call, service);
  const chosen = oneOf(format, 'format', ['ndjson', 'csv'] as const);
  if (query.limit !== undefined || query.cursor !== undefined)
    throw new Problem(
      400,
      'not-supported',
      'an export has no pages: go on after a decision with `after=<id>`',
    );
  const { filter } = readFilter(query);
  const last = after === undefined ? null : await service.log.find(tenant, nameIn(after, 'after'));
  if (after !== undefined && !last) throw new Problem(400, 'value', '`after` must be the id of a decision');
  const { patient = null, ...others } = filter;
  await recordAccess(call, service, {
    what: 'export',
    path: '/decisions/export',
    filter: others,
    patient,
    count: 0,
  });
  const exported = exportDecisions(service.log, tenant, filter, last ? placeOf(last) : null);
  const body = streamOf(chosen === 'csv' ? csv(exported) : ndjson(exported));
  const type = chosen === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
  return call.body(body, 200, { 'Content-Type': type });
}

/** @throws Problem 400 for another word than `own` and `current`, 409 where the rules of the day are not there */
async function replayUnder(
  decision: StoredDecision,
  { ruleset = 'own', rule }: Readonly<Record<string, string>>,
  service: Service,
) {
  assertReplayable(decision);
  const asked = oneOf(ruleset, 'ruleset', ['own', 'current'] as const);
  const { run } = deadlineOf(service);
  const own = await service.rulesetAt(decision.ruleset.digest);
  if (asked === 'current') {
    const isSame = decision.ruleset.digest === service.ruleset.digest;
    return {
      ...(await replay(decision, service.ruleset, rule, run)),
      terminology: isSame ? 'same' : 'changed',
      differs: isSame ? [] : differencesOf(own?.parts, service.ruleset),
    };
  }
  if (!own)
    throw new Problem(
      409,
      'business-rule',
      `it was decided under ruleset ${decision.ruleset.digest}, which this log does not hold: \`?ruleset=current\` replays it under today's`,
    );
  return {
    ...(await replay(decision, own.ruleset, rule, run)),
    terminology: own.exact ? 'same' : 'changed',
    differs: own.exact ? [] : differencesOf(own.parts, own.ruleset),
  };
}

/** What is other than on the day of the decision; null where that was not kept. */
const differencesOf = (then: RulesetParts | null | undefined, now: Ruleset): string[] | null =>
  then ? differingParts(then, now.parts) : null;

/** @throws Problem 404, ForbiddenError (403) where it is another organisation's */
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

export const handler = serviceOnAws((service) => handle(decisions(service)));

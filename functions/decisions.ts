/** For auditors: decisions of a patient, one decision with its feedback, and its replay. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { handle } from 'hono/aws-lambda';
import { firesInJsonRulesEngine, isComparable } from '../rules/cross-check.ts';
import { decideChart } from '../rules/decide.ts';
import { canonicalJson } from '../rules/digest.ts';
import { factsOf, questionKey } from '../rules/evaluate.ts';
import { situationOf } from '../rules/facts.ts';
import { isObject, spanOf, text } from '../rules/fhir.ts';
import { isHook } from '../rules/hooks.ts';
import { everything } from '../rules/presentation.ts';
import { serviceOnAws } from './aws.ts';
import { type Caller, Forbidden } from './callers.ts';
import type { Page, StoredDecision } from './decision-log.ts';
import { Problem } from './outcome.ts';
import { callerOf, canonical, newApp, onlyMethods, type Service } from './service.ts';

const largestPage = 100;
const filters = new Set(['patient', 'from', 'to', 'limit', 'cursor']);

export function decisions(service: Service) {
  const app = newApp(service);
  app.get('/decisions', async (call) => {
    const query = call.req.query();
    const { tenant } = await callerOf(call, service);
    const filter = readFilter(query);
    const bound = canonicalJson({ tenant, patient: filter.patient, from: filter.from, to: filter.to });
    const after =
      query.cursor === undefined ? null : openCursor(query.cursor, bound, await service.cursorKey());
    const page = await service.log.ofPatient(tenant, filter.patient, { ...filter, after });
    return call.json({
      decisions: await Promise.all(page.decisions.map((decision) => withFeedback(service, decision))),
      next: page.next ? sealCursor(page.next, bound, await service.cursorKey()) : null,
    });
  });
  app.all('/decisions', onlyMethods(service, 'GET'));

  app.get('/decisions/:id', async (call) =>
    call.json(
      await withFeedback(service, await stored(call.req.param('id'), await callerOf(call, service), service)),
    ),
  );
  app.all('/decisions/:id', onlyMethods(service, 'GET'));

  app.post('/decisions/:id/replay', async (call) => {
    const decision = await stored(call.req.param('id'), await callerOf(call, service), service);
    return canonical(call, await replay(decision, service));
  });
  app.all('/decisions/:id/replay', onlyMethods(service, 'POST'));
  return app;
}

async function stored(id: string, caller: Caller, service: Service): Promise<StoredDecision> {
  const possible = /^[A-Za-z0-9-]{8,64}$/.test(id);
  const decision = possible ? await service.log.find(caller.tenant, id) : null;
  if (decision) return decision;
  const others = service.callers?.tenants.filter((tenant) => tenant !== caller.tenant) ?? [];
  if (possible && (await service.log.belongsTo(others, 'decision', id))) {
    throw new Forbidden('this decision is of another organisation than the `tenant` of the token', caller);
  }
  throw new Problem(404, 'not-found', 'there is no decision with this id');
}

const withFeedback = async (service: Service, decision: StoredDecision) => ({
  ...decision,
  feedback: await service.log.feedbackOf(decision),
});

function readFilter(query: Readonly<Record<string, string>>) {
  for (const name of Object.keys(query)) {
    if (!filters.has(name)) {
      throw new Problem(
        400,
        'not-supported',
        `unknown parameter: this version filters by ${[...filters].join(', ')}`,
      );
    }
  }
  const patient = query.patient?.replace(/^Patient\//, '');
  if (!patient) throw new Problem(400, 'required', 'say whose decisions: `?patient=<id>`');
  const limit = query.limit === undefined ? 20 : Number(query.limit);
  if (!/^\d{1,9}$/.test(query.limit ?? '20') || limit < 1) {
    throw new Problem(400, 'value', `\`limit\` must be a whole number from 1 to ${largestPage}`);
  }
  const time = (name: 'from' | 'to'): string | undefined => {
    const value = query[name];
    if (value === undefined) return undefined;
    const span = spanOf(value.replace(/ (\d{2}:\d{2})$/, '+$1'));
    if (!span)
      throw new Problem(
        400,
        'value',
        `\`${name}\` must be a date or a time such as \`2026-01-31T12:00:00Z\``,
      );
    return new Date(name === 'from' ? span.from : span.to).toISOString();
  };
  const [from, to] = [time('from'), time('to')];
  // DynamoDB refuses an empty range, which would read as a failure of the log.
  if (from && to && from > to) throw new Problem(400, 'value', '`from` must not be after `to`');
  return { patient, limit: Math.min(limit, largestPage), from, to };
}

const signature = (payload: string, bound: string, key: string): string =>
  createHmac('sha256', key).update(`${bound}\n${payload}`).digest('base64url');

/** A cursor names a place in one caller's one list; edited or used elsewhere it is refused. */
function sealCursor(next: NonNullable<Page['next']>, bound: string, key: string): string {
  const payload = Buffer.from(JSON.stringify(next)).toString('base64url');
  return `${payload}.${signature(payload, bound, key)}`;
}

function openCursor(cursor: string, bound: string, key: string): NonNullable<Page['next']> {
  const [payload = '', given = ''] = cursor.split('.');
  const expected = Buffer.from(signature(payload, bound, key));
  const received = Buffer.from(given);
  if (expected.length === received.length && timingSafeEqual(expected, received)) {
    const next: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const decidedAt = isObject(next) ? text(next.decidedAt) : null;
    const decisionId = isObject(next) ? text(next.decisionId) : null;
    if (decidedAt && decisionId) return { decidedAt, decisionId };
  }
  throw new Problem(400, 'value', 'this cursor is not one of this list: begin again without `cursor`');
}

/**
 * The second half of `decide` again, from the stored chart, under the stored clock; and json-rules-engine on
 * every rule whose facts are fully known.
 */
export async function replay(decision: StoredDecision, service: Service) {
  const { ruleset } = service;
  if (!decision.chart || !isHook(decision.hook) || !decision.evaluatedAt) {
    throw new Problem(409, 'business-rule', 'this request was not evaluated, so there is nothing to replay');
  }
  if (decision.ruleset.digest !== ruleset.digest) {
    throw new Problem(
      409,
      'business-rule',
      `it was decided under ruleset ${decision.ruleset.digest}, which this version does not hold`,
    );
  }
  const noted = decision.notices.filter(({ code }) => code !== 'category-missing');
  const { decisionId, decidedAt, evaluatedAt, hook, chart } = decision;
  const clock = { decisionId, decidedAt, evaluatedAt };
  // Records of the first version have none.
  const presentation = decision.presentation ?? everything;
  const again = decideChart(hook, decision.patient, chart, noted, ruleset, clock, presentation);
  const cardsEqual = canonicalJson(again.cards) === canonicalJson(decision.cards);
  const outcomes = new Map(decision.evaluations.map(({ rule, outcome }) => [rule, outcome]));
  const differences = again.evaluations.flatMap(({ rule, outcome }) =>
    outcomes.get(rule) === outcome ? [] : [{ rule, stored: outcomes.get(rule) ?? null, replayed: outcome }],
  );

  const situation = situationOf(chart, Date.parse(evaluatedAt), noted);
  const facts = factsOf(ruleset.questions, situation);
  const byKey = new Map(ruleset.questions.map(({ key }, index) => [key, index]));
  const disagreements: string[] = [];
  let compared = 0;
  for (const compiled of ruleset.rules) {
    // DQ-004 asks about the other rules, which json-rules-engine has no word for.
    if (compiled.rule.id === 'DQ-004' || !isComparable(compiled, facts)) continue;
    compared += 1;
    const fires = await firesInJsonRulesEngine(compiled, (fact, params) =>
      facts(byKey.get(questionKey(fact, params)) ?? -1),
    );
    const outcome = again.evaluations.find(({ rule }) => rule === compiled.rule.id)?.outcome;
    if (fires !== (outcome === 'fired')) disagreements.push(compiled.rule.id);
  }
  return {
    decisionId,
    equal: cardsEqual && differences.length === 0 && disagreements.length === 0,
    cards: again.cards,
    differences,
    ruleset: again.ruleset,
    secondEvaluator: { name: 'json-rules-engine', compared, disagreements },
  };
}

export const handler = serviceOnAws((service) => handle(decisions(service)));

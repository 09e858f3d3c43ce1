/** Replays: of many decisions, to the byte; under candidate rules, exactly the decisions that flip. */

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmbeddedDynamo } from '../../../functions/host/embedded.ts';
import type { Running } from '../../../functions/local.ts';
import { compareRulesets } from '../../../functions/log/comparison.ts';
import type { StoredDecision } from '../../../functions/log/decision-log.ts';
import { createRulesets, rulesetItem } from '../../../functions/log/rulesets.ts';
import { replay } from '../../../functions/service/replay-decision.ts';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import { digestOfParts } from '../../../rules/evaluation/ruleset-digest.ts';
import { isObject } from '../../../rules/fhir/json.ts';
import { library } from '../../../rules/library/library.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { at, complete, hookRequest, magnesiumSulfate, observation } from '../../support/hook-requests.ts';
import { get, post, serving } from '../../support/serving.ts';

const shipped = shippedRuleset();
/** The library with another threshold of MG-001: severe below 1.2 instead of 1.0 mg/dL. */
const candidate = createRuleset(
  library.map(({ where, json }) =>
    where.endsWith('/MG-001')
      ? { where, json: JSON.parse(JSON.stringify(json).replace('"value":1}', '"value":1.2}')) as unknown }
      : { where, json },
  ),
);

const values = [0.7, 0.95, 0.99, 1, 1.05, 1.1, 1.19, 1.2, 1.4, 1.9];
const decided: { id: string; magnesium: number }[] = [];
let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
let running: Running;
beforeAll(async () => {
  dynamo = await createEmbeddedDynamo(null);
  running = await serving(
    { AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint },
    { memory: true, now: () => new Date(at) },
  );
  for (let round = 0; round < 5; round += 1) {
    for (const magnesium of values) {
      const time = new Date(Date.parse(at) - 3_600_000).toISOString();
      const hook = round % 2 === 0 ? 'patient-view' : 'order-sign';
      const request = hookRequest(
        hook,
        complete([observation('mg', '19123-9', magnesium, 'mg/dL', time)]),
        hook === 'order-sign' ? [magnesiumSulfate()] : [],
      );
      const answer = await post(`${running.url}/cds-services/${hook}`, request);
      decided.push({ id: answer.headers.get('epsom-decision') ?? '', magnesium });
    }
  }
  await post(`${running.url}/cds-services/patient-view`, '{');
});
afterAll(async () => {
  await running.close();
  await dynamo.close();
});

async function* all(): AsyncGenerator<StoredDecision> {
  const { ids } = await running.service.log.list('local', {}, 100, null);
  yield* await running.service.log.findAll('local', ids);
}

test('50 stored decisions replay equal to the byte, by both evaluators', async () => {
  let count = 0;
  for await (const decision of all()) {
    if (!decision.chart) continue;
    count += 1;
    const { equal, differences, secondEvaluator } = await replay(decision, shipped);
    expect({ equal, differences, disagreements: secondEvaluator.disagreements }).toEqual({
      equal: true,
      differences: [],
      disagreements: [],
    });
    expect(secondEvaluator.compared).toBeGreaterThan(50);
  }
  expect(count).toBe(50);
});

test('a card that is not the same to the byte is named, with the engine that wrote it', async () => {
  for await (const decision of all()) {
    const [card] = decision.cards;
    if (!card) continue;
    const cards = [{ ...card, detail: 'as an older engine worded it' }, ...decision.cards.slice(1)];
    const stored = { name: 'epsom', version: '0.1.0' };
    expect(await replay({ ...decision, cards, engine: stored }, shipped)).toMatchObject({
      equal: false,
      differences: [],
      cardsDiffer: [card.source.topic.code],
      engine: { stored, replayed: decision.engine },
    });
    expect(await replay({ ...decision, cards: cards.slice(1) }, shipped)).toMatchObject({ equal: false });
    return;
  }
  throw new Error('no decision has a card');
});

test('a threshold of 1.2 instead of 1.0 mg/dL flips the decisions from 1.0 to below 1.2, and no other', async () => {
  const result = await compareRulesets(all(), async () => shipped, candidate);
  const between = decided.filter(({ magnesium }) => magnesium >= 1 && magnesium < 1.2);
  expect(result).toMatchObject({ compared: 50, skipped: 1, flipped: between.length });
  expect([...result.byRule.keys()]).toEqual(['MG-001']);
  expect(result.byRule.get('MG-001')).toMatchObject({ gained: between.length, lost: 0 });
  expect(new Set(between.map(({ id }) => id))).toEqual(
    new Set([...new Set(result.byRule.get('MG-001')?.examples), ...between.map(({ id }) => id)]),
  );
});

describe('why there was no alert', () => {
  const traced = async (rule: string) => {
    const [{ id } = { id: '' }] = decided;
    return post(`${running.url}/decisions/${id}/replay?rule=${rule}`, '');
  };

  test('the condition tree of one rule, on request', async () => {
    const { body } = await traced('MG-004');
    expect(body).toMatchObject({ equal: true, evaluation: { rule: 'MG-004', outcome: 'not-fired' } });
    expect(JSON.stringify(body.evaluation)).toContain('0.7');
    expect((await traced('MG-001')).body).toMatchObject({ evaluation: { outcome: 'fired' } });
  });

  test('a rule that is not evaluated is named so', async () => {
    for (const rule of ['ZZ-001', 'x', '']) expect((await traced(rule)).status).toBe(400);
  });

  test('of an erased decision nobody can say: 409, with the reason', async () => {
    const request = hookRequest('patient-view', complete([observation('mg', '19123-9', 0.7, 'mg/dL', at)]));
    const answer = await post(`${running.url}/cds-services/patient-view`, request);
    const id = answer.headers.get('epsom-decision') ?? '';
    const [decision] = await running.service.log.findAll('local', [id]);
    if (!decision) throw new Error('not there');
    await expect(replay({ ...decision, chart: null, erased: true }, shipped)).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/^erased: /),
    });
  });
});

describe('under which rules', () => {
  const rulesetAt = () => createRulesets(dynamo.client, 'epsom', candidate);

  test('the rules of the day are kept with the first record, and found by another version', async () => {
    const found = await rulesetAt()(shipped.digest);
    expect(found?.exact).toBe(true);
    expect(found?.ruleset.digest).toBe(shipped.digest);
    expect(await rulesetAt()('sha256:0')).toBeNull();
  });

  test('a ruleset whose terminology is not that of this version says so', async () => {
    const digest = `sha256:${'1'.repeat(64)}`;
    const Item = await rulesetItem({ ...shipped, digest });
    await dynamo.client.send(new PutItemCommand({ TableName: 'epsom', Item }));
    expect((await rulesetAt()(digest))?.exact).toBe(false);
  });

  test('and by which parts it differs; one that was kept without them says nothing of it', async () => {
    const parts = { ...shipped.parts, drugs: 'sha256:other', units: 'sha256:other' };
    const other = { ...shipped, digest: digestOfParts(parts), parts };
    const { parts: kept, ...older } = await rulesetItem({ ...shipped, digest: `sha256:${'2'.repeat(64)}` });
    for (const Item of [await rulesetItem(other), older])
      await dynamo.client.send(new PutItemCommand({ TableName: 'epsom', Item }));
    expect(kept).toBeDefined();
    const [decision] = await Array.fromAsync(all());
    const under = async (digest: string, query = '') => {
      const found = await running.service.rulesetAt(digest);
      if (!found || !decision) throw new Error('not there');
      const ruleset = { ...decision.ruleset, digest };
      const find = running.service.log.find;
      running.service.log.find = async () => ({ ...decision, ruleset });
      try {
        const url = `${running.url}/decisions/${decision.decisionId}/replay${query}`;
        const { terminology, differs } = (await post(url, '')).body;
        return { terminology, differs };
      } finally {
        running.service.log.find = find;
      }
    };
    const changed = { terminology: 'changed', differs: ['drugs', 'units'] };
    expect(await under(other.digest)).toEqual(changed);
    expect(await under(other.digest, '?ruleset=current')).toEqual(changed);
    expect(await under(`sha256:${'2'.repeat(64)}`)).toEqual({ terminology: 'changed', differs: null });
  });

  test('POST /decisions/{id}/replay uses those of the day, and with ?ruleset=current those of today', async () => {
    const [{ id } = { id: '' }] = decided;
    for (const query of ['', '?ruleset=own', '?ruleset=current']) {
      const { status, body } = await post(`${running.url}/decisions/${id}/replay${query}`, '');
      expect([status, body.equal, body.terminology, body.differs]).toEqual([200, true, 'same', []]);
    }
    expect((await post(`${running.url}/decisions/${id}/replay?ruleset=x`, '')).status).toBe(400);
    const { body } = await get(`${running.url}/decisions/${id}`);
    expect(isObject(body.ruleset) && body.ruleset.digest).toBe(shipped.digest);
  });
});

/** Seals of an interval, and what keeps two sealers from forking the log. */
import type { BatchGetItemCommandOutput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLocalDynamo } from '../../../functions/host/embedded.ts';
import { decisionKey, nameOf } from '../../../functions/log/keys.ts';
import { createSealer } from '../../../functions/log/sealer.ts';
import { lease } from '../../../functions/log/sealing/claim.ts';
import { createTestLog, decisionRecord, minute, type TestLog, table } from '../../support/logs.ts';
import { createSealedLog, type SealedLog } from '../../support/sealed-log.ts';

let it: SealedLog;
beforeAll(async () => {
  it = await createSealedLog();
});
afterEach(() => it.restore());
afterAll(() => it.close());

test('nothing new is no seal: the interval of the next one covers it', async () => {
  it.clock.now += minute;
  expect(await it.sealer.seal()).toBeNull();
  it.clock.now += minute;
  await it.log.append(decisionRecord(100, { at: it.clock.now }));
  it.clock.now += 1;
  const seal = await it.sealer.seal();
  expect(seal).toMatchObject({
    n: 4,
    size: 12,
    prevSealHash: it.seals[2]?.hash,
    interval: { from: it.seals[2]?.interval.to, to: new Date(it.clock.now).toISOString() },
  });
  expect((await it.verify()).ok).toBe(true);
});

const append = (log: TestLog, numbers: readonly number[]): Promise<string[]> =>
  Promise.all(
    numbers.map(async (number) => (await log.log.append(decisionRecord(number))).record.decisionId),
  );

describe('several sealers of one log', () => {
  let fresh: TestLog;
  const sealers = () =>
    Array.from({ length: 4 }, () =>
      createSealer({
        client: fresh.dynamo.client,
        table,
        signer: fresh.signer,
        publish: async (seal) => void fresh.published.push(seal),
        now: () => new Date(fresh.clock.now),
      }),
    );
  beforeAll(async () => {
    fresh = await createTestLog();
  });
  afterAll(() => fresh.close());

  test('at once make one seal of each number, and the log verifies', async () => {
    await append(fresh, [1, 2, 3]);
    for (let round = 0; round < 3; round += 1) {
      if (round > 0) await append(fresh, [3 + round]);
      fresh.clock.now += minute;
      await Promise.all(sealers().map((sealer) => sealer.seal()));
    }
    expect(fresh.published.length).toBeGreaterThanOrEqual(3);
    expect(fresh.published.map(({ n }) => n)).toEqual(fresh.published.map((_, index) => index + 1));
    expect(await fresh.verify({ published: fresh.published })).toMatchObject({ ok: true, verified: 5 });
  });

  test('of which one died with its claim: the others wait for the lease, then one takes over', async () => {
    const [dead, next] = sealers();
    const before = fresh.published.length;
    await fresh.log.append(decisionRecord(8, { at: fresh.clock.now }));
    const held = createSealer({
      client: fresh.dynamo.client,
      table,
      signer: { ...fresh.signer, sign: () => Promise.reject(new Error('killed')) },
      publish: async () => undefined,
      now: () => new Date(fresh.clock.now),
    });
    await expect(held.seal()).rejects.toThrow('killed');
    expect(await next?.seal()).toBeNull();
    fresh.clock.now += lease + 1;
    expect(await dead?.seal()).toMatchObject({ n: before + 1 });
  });

  test('of which one died between its seal and its notes: the next writes them', async () => {
    const seal = await fresh.sealer.last();
    const broken = createSealer({
      client: fresh.dynamo.client,
      table,
      signer: fresh.signer,
      publish: () => Promise.reject(new Error('killed')),
      now: () => new Date(fresh.clock.now),
    });
    const { record } = await fresh.log.append(decisionRecord(9, { at: fresh.clock.now }));
    const id = record.decisionId;
    fresh.clock.now += lease + 1;
    await expect(broken.seal()).rejects.toThrow('killed');
    const name = nameOf(decisionKey('hospital', id));
    expect(await fresh.sealer.leafOf(name)).toBeNull();
    fresh.clock.now += lease + 1;
    expect(await fresh.sealer.seal()).toBeNull();
    expect(await fresh.sealer.leafOf(name)).toEqual({ leaf: 6, seal: (seal?.n ?? 0) + 1 });
    expect((await fresh.verify()).faults).toEqual([]);
  });
});

test('stopped before any of its writes, the next one seals all of it', async () => {
  let isStopped = true;
  let limit = 0;
  for (; isStopped; limit += 1) {
    const fresh = await createTestLog();
    await append(fresh, [1, 2]);
    await fresh.sealer.seal();
    await append(fresh, [3, 4, 5]);
    fresh.clock.now += minute;
    const client = createLocalDynamo(fresh.dynamo.endpoint);
    let writes = 0;
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        (call) => {
          if (!/Put|Write/.test(commandName)) return next(call);
          if (writes === limit) throw new Error('the process was stopped');
          writes += 1;
          return next(call);
        },
      { step: 'initialize' },
    );
    const sealerOf = (own: DynamoDBClient) =>
      createSealer({
        client: own,
        table,
        signer: fresh.signer,
        publish: async (seal) => void fresh.published.push(seal),
        alone: true,
        now: () => new Date(fresh.clock.now),
      });
    isStopped = await sealerOf(client)
      .seal()
      .then(
        () => false,
        () => true,
      );
    fresh.clock.now += minute;
    await sealerOf(fresh.dynamo.client).seal();
    const names = [1, 2, 3, 4, 5].map((number) =>
      nameOf(decisionKey('hospital', decisionRecord(number).decisionId)),
    );
    for (const name of names)
      expect(await fresh.sealer.leafOf(name), `${name} after ${limit}`).not.toBeNull();
    expect(await fresh.verify(), `stopped after ${limit} writes`).toMatchObject({ ok: true, verified: 5 });
    client.destroy();
    await fresh.close();
  }
  expect(limit).toBeGreaterThan(5);
});

describe('an embedded DynamoDB that was killed', () => {
  test.each<[string, 'gone' | 'another']>([
    ['does not have (yet)', 'gone'],
    ['has of another writer, which put the same request', 'another'],
  ])(
    'an index that shows a record which the table %s: it is sealed when the table has it',
    async (_, shown) => {
      const fresh = await createTestLog();
      const [id = '', other = ''] = await append(fresh, [1, 2]);
      const hidden = new Set([id]);
      const client = createLocalDynamo(fresh.dynamo.endpoint);
      client.middlewareStack.add(
        (next) => async (sent) => {
          const answer = await next(sent);
          const { Responses } = answer.output as BatchGetItemCommandOutput;
          const found = Responses?.[table];
          if (Responses && found)
            Responses[table] = found.flatMap((item) => {
              if (![...hidden].some((one) => item.pk?.S?.includes(one))) return [item];
              return shown === 'gone' ? [] : [{ ...item, hash: { S: 'sha256:another' } }];
            });
          return answer;
        },
        { step: 'initialize' },
      );
      const sealer = createSealer({
        client,
        table,
        signer: fresh.signer,
        publish: async () => undefined,
        indexMayLead: true,
        now: () => new Date(fresh.clock.now),
      });
      fresh.clock.now += minute;
      const seal = await sealer.seal();
      // Its writer is looked at again anyway, for as long as it may write.
      expect(seal).toMatchObject({ size: 1, waiting: [] });
      expect((await fresh.verify()).faults).toEqual([]);
      hidden.clear();
      fresh.clock.now += minute;
      expect(await sealer.seal()).toMatchObject({ size: 2, waiting: [] });
      expect(await fresh.verify()).toMatchObject({ ok: true, records: 2, verified: 2 });
      for (const one of [id, other]) expect(await fresh.log.find('hospital', one)).not.toBeNull();
      client.destroy();
      await fresh.close();
    },
  );
});

/**
 * A log on Amazon's DynamoDB Local, which is not dynalite: the same results. All tests of the log on it:
 * `npm run dynamodb:local`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rebuild } from '../../../functions/log/rebuild.ts';
import { hasJava } from '../../support/dynamodb-local.ts';
import {
  createTestLog,
  decisionRecord,
  feedbackOn,
  minute,
  type TestLog,
  table,
} from '../../support/logs.ts';

describe.skipIf(!hasJava())('on DynamoDB Local (needs Java 17)', () => {
  let it: TestLog;
  /** Of the calls of a kind since the last look, in capacity units as DynamoDB counts them. */
  const units = { write: 0, read: 0 };
  beforeAll(async () => {
    it = await createTestLog({ dynamodbLocal: true });
    it.dynamo.client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (call) => {
          Object.assign(call.input, { ReturnConsumedCapacity: 'TOTAL' });
          const answer = await next(call);
          const { ConsumedCapacity } = answer.output as {
            ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[];
          };
          for (const one of [ConsumedCapacity ?? []].flat())
            units[/Put|Write|Delete|Update/.test(commandName) ? 'write' : 'read'] += one.CapacityUnits ?? 0;
          return answer;
        },
      { step: 'initialize' },
    );
  });
  afterAll(() => it.close());

  test('what is written is listed, joined, counted, sealed and whole; rebuilt, it is equal', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    await it.log.append(decisionRecord(1000));
    await it.log.projector.caughtUp();
    Object.assign(units, { write: 0, read: 0 });
    const records = [];
    for (const number of numbers) records.push((await it.log.append(decisionRecord(number))).record);
    await it.log.projector.caughtUp();
    const perDecision = { write: units.write / numbers.length, read: units.read / numbers.length };
    console.info(
      `DynamoDB Local: ${perDecision.write.toFixed(1)} write units and ${perDecision.read.toFixed(1)} read units for each decision, all that follows from it included`,
    );
    const [first] = records;
    if (!first) throw new Error('nothing was written');
    await it.log.addFeedback(feedbackOn(first), 'event');
    expect((await it.log.append(decisionRecord(0))).repeated).toBe(true);

    const { ids } = await it.log.list('hospital', { rule: 'IV-001' }, 100, null);
    expect(ids).toHaveLength(21);
    expect((await it.log.list('hospital', { outcome: 'overridden' }, 100, null)).ids).toEqual([
      first.decisionId,
    ]);
    const days = ['2026-01-31'];
    const counts = await it.log.countsOf('hospital', days);
    it.clock.now += minute;
    await it.sealer.seal();
    expect((await it.verify()).faults).toEqual([]);
    const { complete } = await rebuild({ client: it.dynamo.client, table }, it.open().log.projector);
    expect(complete).toBe(true);
    expect(await it.open().log.countsOf('hospital', days)).toEqual(counts);
    expect((await it.verify()).ok).toBe(true);
  });
});

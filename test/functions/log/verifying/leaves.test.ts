/** Records that are gone, that were put in, and that changed places are named. */
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { S } from '../../../../functions/log/items.ts';
import { cardPartition, decisionKey, feedbackPrefix, keyItem } from '../../../../functions/log/keys.ts';
import { decisionRecord, table } from '../../../support/logs.ts';
import { createSealedLog, type SealedLog } from '../../../support/sealed-log.ts';

let it: SealedLog;
beforeAll(async () => {
  it = await createSealedLog();
});
afterEach(() => it.restore());
afterAll(() => it.close());

describe('a record is deleted', () => {
  test.each([
    ['the first', 0],
    ['one in the middle', 4],
    ['the last', 8],
  ])('%s', async (_, index) => {
    const id = it.ids[index] ?? '';
    await it.deleteItem(decisionKey('hospital', id));
    expect(await it.faults()).toEqual([`record-missing ${id}`]);
  });

  test('the last one of a writer, before it was sealed, with a later one there', async () => {
    for (const number of [50, 51, 52, 53]) await it.log.append(decisionRecord(number, { at: it.clock.now }));
    const gone = decisionRecord(50).decisionId;
    await it.deleteItem(decisionKey('hospital', gone));
    const found = await it.faults();
    expect(found.filter((fault) => fault.startsWith('record-'))).toHaveLength(1);
    // What follows from it says which one it was.
    expect(found).toContain(`item-extra ${gone}`);
  });

  test('a feedback', async () => {
    const card = (await it.log.find('hospital', it.ids[0] ?? ''))?.cards[0]?.uuid ?? '';
    const pk = cardPartition('hospital', card);
    const { Items } = await it.dynamo.client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :f)',
        ExpressionAttributeValues: { ':pk': S(pk), ':f': S(feedbackPrefix) },
      }),
    );
    const sk = Items?.[0]?.sk?.S ?? '';
    await it.deleteItem({ pk, sk });
    // The decision has an outcome that nothing says any more.
    expect(await it.faults()).toEqual([`record-missing ${pk} ${sk}`, `item-extra ${it.ids[0]}`]);
  });
});

test('a record is inserted under a writer of the log', async () => {
  const item = await it.itemAt(it.middle());
  const forged = decisionKey('hospital', 'f'.repeat(32));
  await it.putItem({ ...item, ...keyItem(forged) });
  expect(await it.faults()).toContain(`record-extra ${'f'.repeat(32)}`);
});

test('two records change places', async () => {
  const [one, other] = [await it.itemAt(it.ids[3] ?? ''), await it.itemAt(it.ids[4] ?? '')];
  await it.putItem({ ...other, ...keyItem(decisionKey('hospital', it.ids[3] ?? '')) });
  await it.putItem({ ...one, ...keyItem(decisionKey('hospital', it.ids[4] ?? '')) });
  const found = await it.faults();
  expect(found).toContain(`record-altered ${it.ids[3]}`);
  expect(found).toContain(`record-altered ${it.ids[4]}`);
});

test('a record is moved to another tenant', async () => {
  const item = await it.itemAt(it.middle());
  await it.deleteItem(decisionKey('hospital', it.middle()));
  await it.putItem({ ...item, ...keyItem(decisionKey('clinic', it.middle())) });
  const found = await it.faults();
  expect(found).toContain(`record-missing ${it.middle()}`);
  expect(found).toContain(`record-altered ${it.middle()}`);
  expect(found).toContain(`record-extra ${it.middle()}`);
});

/** Records of a writer that no seal covers yet, up to the first gap. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChains } from '../../../../functions/log/chains.ts';
import { N, S } from '../../../../functions/log/items.ts';
import { chainPartition, decisionKey, keyItem, nameOf } from '../../../../functions/log/keys.ts';
import { unsealedOf } from '../../../../functions/log/sealing/unsealed.ts';
import { createTestLog, type TestLog, table } from '../../../support/logs.ts';

let it: TestLog;
const unsealed = (writer: string, after: number, indexMayLead = false) =>
  unsealedOf(createChains({ client: it.dynamo.client, table, indexMayLead }), writer, after);
const put = (Item: Parameters<typeof keyItem>[0], more = {}) =>
  it.dynamo.client.send(new PutItemCommand({ TableName: table, Item: { ...keyItem(Item), ...more } }));

beforeAll(async () => {
  it = await createTestLog();
  for (const seq of [1, 2, 3, 5])
    await put(decisionKey('north', String(seq)), {
      gsi3pk: S(chainPartition('today')),
      gsi3sk: N(seq),
      hash: S(`sha256:${seq}`),
      at: S('2026-01-31T12:00:00.000Z'),
    });
});
afterAll(() => it.close());

describe('records of a writer', () => {
  test.each<[string, number, number[], boolean]>([
    ['from the first end before the gap', 0, [1, 2, 3], true],
    ['after the second', 2, [3], true],
    ['after the third are none, and one waits', 3, [], true],
    ['after the fourth', 4, [5], false],
    ['after the last are none', 5, [], false],
  ])('%s', async (_, after, seqs, gap) => {
    for (const indexMayLead of [false, true]) {
      const found = await unsealed('today', after, indexMayLead);
      expect(found.entries.map(({ seq }) => seq)).toEqual(seqs);
      expect(found.gap).toBe(gap);
    }
  });

  test('are manifest entries', async () => {
    expect((await unsealed('today', 4)).entries).toEqual([
      {
        name: nameOf(decisionKey('north', '5')),
        hash: 'sha256:5',
        writer: 'today',
        seq: 5,
        at: '2026-01-31T12:00:00.000Z',
      },
    ]);
  });
});

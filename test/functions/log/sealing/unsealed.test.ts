/** Which writers may have written, and their records up to the first gap. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChains } from '../../../../functions/log/chains.ts';
import { N, S } from '../../../../functions/log/items.ts';
import { chainPartition, decisionKey, keyItem, nameOf, writerKeys } from '../../../../functions/log/keys.ts';
import { createUnsealed } from '../../../../functions/log/sealing/unsealed.ts';
import { createTestLog, type TestLog, table } from '../../../support/logs.ts';

let it: TestLog;
const unsealed = (indexMayLead = false) =>
  createUnsealed(createChains({ client: it.dynamo.client, table, indexMayLead }));
const put = (Item: Parameters<typeof keyItem>[0], more = {}) =>
  it.dynamo.client.send(new PutItemCommand({ TableName: table, Item: { ...keyItem(Item), ...more } }));

beforeAll(async () => {
  it = await createTestLog();
  for (const [day, writer] of [
    ['2026-01-28', 'old'],
    ['2026-01-30', 'yesterday'],
    ['2026-01-31', 'today'],
    ['2026-01-31', 'yesterday'],
  ] as const)
    for (const note of writerKeys(day, writer)) await put(note);
  for (const seq of [1, 2, 3, 5])
    await put(decisionKey('north', String(seq)), {
      gsi3pk: S(chainPartition('today')),
      gsi3sk: N(seq),
      hash: S(`sha256:${seq}`),
      at: S('2026-01-31T12:00:00.000Z'),
    });
});
afterAll(() => it.close());

describe('writers that may have written', () => {
  const since = (to: string, waiting: string[] = []) => ({ waiting, interval: { from: null, to } });

  test.each<[string, Parameters<ReturnType<typeof unsealed>['writers']>[0], string[]]>([
    ['ever', null, ['old', 'today', 'yesterday']],
    ['since yesterday and the day before', since('2026-01-31T00:30:00.000Z'), ['today', 'yesterday']],
    ['since tomorrow', since('2026-02-01T12:00:00.000Z'), ['today', 'yesterday']],
    ['since the day after', since('2026-02-02T12:00:00.000Z'), []],
    ['or wait since long ago', since('2026-02-02T12:00:00.000Z', ['old', '']), ['old']],
  ])('%s', async (_, seal, names) => expect(await unsealed().writers(seal)).toEqual(names));
});

describe('records of a writer', () => {
  test.each<[string, number, number[], boolean]>([
    ['from the first end before the gap', 0, [1, 2, 3], true],
    ['after the second', 2, [3], true],
    ['after the third are none, and one waits', 3, [], true],
    ['after the fourth', 4, [5], false],
    ['after the last are none', 5, [], false],
  ])('%s', async (_, after, seqs, gap) => {
    for (const indexMayLead of [false, true]) {
      const found = await unsealed(indexMayLead).of('today', after);
      expect(found.entries.map(({ seq }) => seq)).toEqual(seqs);
      expect(found.gap).toBe(gap);
    }
  });

  test('are manifest entries', async () => {
    expect((await unsealed().of('today', 4)).entries).toEqual([
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

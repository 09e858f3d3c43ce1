/** A log of eleven records under three seals that a test may tamper with; `restore` makes it whole again. */
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { compressJson, decompressJson } from '../../functions/log/compression.ts';
import { type Item, S } from '../../functions/log/items.ts';
import { decisionKey, type Key, keyIn, keyItem, nameOf } from '../../functions/log/keys.ts';
import { scanItems } from '../../functions/log/paging.ts';
import type { Seal } from '../../functions/log/seal.ts';
import { canonicalJson, sha256 } from '../../rules/digest/digest.ts';
import { isObject } from '../../rules/fhir/json.ts';
import {
  createTestLog,
  decisionRecord,
  feedbackOn,
  minute,
  refusalRecord,
  type TestLog,
  table,
} from './logs.ts';

/** Nine decisions, a refusal and a feedback over three seals, written by two writers. */
export async function createSealedLog() {
  const log = await createTestLog();
  const { client } = log.dynamo;
  const ids: string[] = [];
  const seals: Seal[] = [];
  /** The table after each seal. */
  const snapshots: Item[][] = [];
  const everything = (): Promise<Item[]> => Array.fromAsync(scanItems(client, { TableName: table }));
  for (let round = 0; round < 3; round += 1) {
    for (let number = 0; number < 3; number += 1) {
      const record = decisionRecord(round * 3 + number, { at: log.clock.now });
      ids.push(record.decisionId);
      const { record: stored } = await log.log.append(record);
      if (round === 0 && number === 0) await log.log.addFeedback(feedbackOn(stored), 'event');
    }
    if (round === 0) await log.log.append(refusalRecord(1));
    log.clock.now += minute;
    const seal = await log.sealer.seal();
    if (seal) seals.push(seal);
    snapshots.push(await everything());
  }
  const untouched = snapshots.at(-1) ?? [];
  const sealedAt = log.clock.now;

  const putItem = (item: Item) => client.send(new PutItemCommand({ TableName: table, Item: item }));
  const deleteItem = (key: Key) =>
    client.send(new DeleteItemCommand({ TableName: table, Key: keyItem(key) }));
  async function itemAt(id: string): Promise<Item> {
    const key = keyItem(decisionKey('hospital', id));
    const answer = await client.send(new GetItemCommand({ TableName: table, Key: key }));
    if (!answer.Item) throw new Error('not there');
    return answer.Item;
  }

  async function restore(state: readonly Item[]): Promise<void> {
    log.clock.now = sealedAt;
    const names = new Set(state.map((item) => nameOf(keyIn(item))));
    for (const item of await everything()) if (!names.has(nameOf(keyIn(item)))) await deleteItem(keyIn(item));
    for (const item of state) await putItem(item);
  }

  return {
    ...log,
    /** Of the nine decisions, in order. */
    ids,
    seals,
    sealedAt,
    /** The decision in the middle of its writer's chain. */
    middle: (): string => ids[4] ?? '',
    itemAt,
    putItem,
    deleteItem,

    /** Edits the record of a decision; with `rehash` as an attacker who knows how the hash is made. */
    async edit(
      id: string,
      change: (record: { [field: string]: unknown }) => void,
      rehash = false,
    ): Promise<void> {
      const item = await itemAt(id);
      const record = await decompressJson(item.record?.B ?? new Uint8Array());
      if (!isObject(record)) throw new Error('no record');
      const changed: { [field: string]: unknown } = { ...record };
      change(changed);
      const { hash: _, ...body } = changed;
      if (rehash) changed.hash = `sha256:${sha256(canonicalJson(body))}`;
      await putItem({
        ...item,
        record: { B: await compressJson(changed) },
        ...(rehash ? { hash: S(String(changed.hash)) } : {}),
      });
    },

    /** What the verifier names: `record-missing 0a1b...`. */
    faults: async (given?: Parameters<TestLog['verify']>[0]): Promise<string[]> =>
      (await log.verify(given)).faults.map(({ fault, what }) => `${fault} ${what}`),

    /** The whole table as it was after a seal, as a backup would bring it back. */
    restoreTo: (n: number): Promise<void> => restore(snapshots[n - 1] ?? []),
    restore: (): Promise<void> => restore(untouched),
  };
}
export type SealedLog = Awaited<ReturnType<typeof createSealedLog>>;

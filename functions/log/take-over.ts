/**
 * Takes over a table that an earlier version wrote, once: writers that did not announce themselves are announced, what
 * stood otherwise beside a record is made as it is today, and what follows from records is made again. Records are not
 * touched; reading, replay and proof of older ones are elsewhere (older-records.ts, rules/record.ts).
 */

import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { asString, isObject } from '../../rules/fhir/json.ts';
import { writeItems } from './batch.ts';
import { decompressJson } from './compression.ts';
import { listItem } from './index-items.ts';
import { writerNotes } from './insert.ts';
import { type Item, N, S } from './items.ts';
import { formatKey, keyIn, keyItem, nameOf, slotOf, writerIn } from './keys.ts';
import { asStoredToday } from './older-records.ts';
import { itemAt } from './one-item.ts';
import { scanItems } from './paging.ts';
import type { Projector } from './projector.ts';
import { rebuild } from './rebuild.ts';
import { isDecision } from './records.ts';

/** What a table is written as. 2: writers announce themselves by five minutes, everything derived is the projector's. */
const format = 2;

export interface TakenOver {
  /** Records that were found. */
  records: number;
  /** False where something could not be made again: what, the projector said. */
  complete: boolean;
}

/** What stands beside a record and is not a key, as it is written today. */
async function besideToday(item: Item): Promise<Item> {
  const stored: unknown = await decompressJson(item.record?.B ?? new Uint8Array()).catch(() => null);
  const record = isObject(stored) ? asStoredToday(stored) : {};
  const at = isDecision(record)
    ? record.decidedAt
    : (asString(record.receivedAt) ?? asString(record.at) ?? item.at?.S);
  return { ...(isDecision(record) ? listItem(record) : {}), ...(at === undefined ? {} : { at: S(at) }) };
}

/**
 * @param projector a new one, which remembers nothing
 * @returns null where the table is of this version, or was taken over before
 */
export async function takeOver(
  { client, table, now }: { client: DynamoDBClient; table: string; now(): Date },
  projector: Pick<Projector, 'projectAll'>,
): Promise<TakenOver | null> {
  const note = await itemAt({ client, table }, formatKey);
  if (Number(note?.format?.N ?? 0) >= format) return null;
  const isDone = () =>
    client.send(new PutItemCommand({ TableName: table, Item: { ...keyItem(formatKey), format: N(format) } }));

  const notes = new Map<string, Item>();
  let records = 0;
  for await (const item of scanItems(client, { TableName: table })) {
    if (!item.record?.B || !item.gsi3pk?.S) continue;
    records += 1;
    const beside = await besideToday(item);
    const writtenAt = beside.at?.S ?? now().toISOString();
    for (const one of writerNotes(slotOf(writtenAt), writerIn(item.gsi3pk.S)))
      notes.set(nameOf(keyIn(one)), one);
    if (item.at === undefined)
      await client.send(new PutItemCommand({ TableName: table, Item: { ...item, ...beside } }));
  }
  await writeItems(client, table, [...notes.values()]);
  const { complete } = records > 0 ? await rebuild({ client, table }, projector) : { complete: true };
  if (complete) await isDone();
  return records > 0 ? { records, complete } : null;
}

/** Everything that follows from records, thrown away and made again from them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isObject } from '../../rules/fhir/json.ts';
import { deleteItems } from './batch.ts';
import { decompressJson } from './compression.ts';
import type { Item } from './items.ts';
import { dayOf, dayOfCounts, isDerivedKey, type Key, keyIn } from './keys.ts';
import { scanItems } from './paging.ts';
import type { Projector } from './projector.ts';

/** Keys deleted at once. */
const batchSize = 500;

export interface Rebuilt {
  /** Items that were thrown away. */
  removed: number;
  /** False where something could not be made again: what, the projector said. */
  complete: boolean;
}

/** The first day of each tenant of which nothing was purged. */
async function readFirstDays(items: AsyncIterable<Item>): Promise<ReadonlyMap<string, string>> {
  const days = new Map<string, string>();
  for await (const item of items) {
    const record: unknown = item.record?.B ? await decompressJson(item.record.B).catch(() => null) : null;
    if (!isObject(record) || record.schema !== 'epsom.purge/1') continue;
    const [tenant, before] = [String(record.tenant), dayOf(String(record.before))];
    if (before > (days.get(tenant) ?? '')) days.set(tenant, before);
  }
  return days;
}

/**
 * Counts of days that were purged stay: their records are gone.
 * @param projector a new one, which remembers nothing
 */
export async function rebuild(
  { client, table }: { client: DynamoDBClient; table: string },
  projector: Pick<Projector, 'projectAll'>,
): Promise<Rebuilt> {
  const firstDays = await readFirstDays(scanItems(client, { TableName: table }));
  const isKept = (key: Key): boolean => {
    const counts = dayOfCounts(key);
    return counts !== null && counts.day < (firstDays.get(counts.tenant) ?? '');
  };
  let removed = 0;
  let keys: Key[] = [];
  const remove = async (): Promise<void> => {
    await deleteItems(client, table, keys);
    removed += keys.length;
    keys = [];
  };
  for await (const item of scanItems(client, { TableName: table, ProjectionExpression: 'pk, sk' })) {
    const key = keyIn(item);
    if (!isDerivedKey(key) || isKept(key)) continue;
    keys.push(key);
    if (keys.length === batchSize) await remove();
  }
  await remove();
  return { removed, complete: await projector.projectAll() };
}

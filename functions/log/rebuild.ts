/** Everything that follows from records, thrown away and made again from them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { deleteItems } from './batch.ts';
import type { Item } from './items.ts';
import { dayOfCounts, isDerivedKey, type Key, keyIn } from './keys.ts';
import { scanItems } from './paging.ts';
import type { Projector } from './projector.ts';
import { isPurge, type Purge } from './records.ts';
import { isDayPurged, removalIn } from './removals.ts';

/** Keys deleted at once. */
const batchSize = 500;

export interface Rebuilt {
  /** Items that were thrown away. */
  removed: number;
  /** False where something could not be made again: what, the projector said. */
  complete: boolean;
}

async function purgesIn(items: AsyncIterable<Item>): Promise<Purge[]> {
  const purges: Purge[] = [];
  for await (const item of items) {
    const removal = await removalIn(item);
    if (removal && isPurge(removal)) purges.push(removal);
  }
  return purges;
}

/**
 * Counts of days that were purged stay: their records are gone.
 * @param projector a new one, which remembers nothing
 */
export async function rebuild(
  { client, table }: { client: DynamoDBClient; table: string },
  projector: Pick<Projector, 'projectAll'>,
): Promise<Rebuilt> {
  const purges = await purgesIn(scanItems(client, { TableName: table }));
  const isKept = (key: Key): boolean => {
    const counts = dayOfCounts(key);
    return counts !== null && isDayPurged(purges, counts.tenant, counts.day);
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

/** What follows from one record by itself. What follows from feedback and its decision together: joining.ts. */
import { accessItemsOf } from './accesses.ts';
import { indexItemsOf } from './index-items.ts';
import type { Item } from './items.ts';
import { keyIn } from './keys.ts';
import { isAccess, isDecision, type Projectable } from './records.ts';

/** Index items and calendars of a decision or an access; of other records nothing follows by itself. */
export function derivedOf({ item, record }: Pick<Projectable, 'item' | 'record'>): Item[] {
  if (isDecision(record)) return indexItemsOf(record);
  if (isAccess(record)) return accessItemsOf(record, keyIn(item).sk);
  return [];
}

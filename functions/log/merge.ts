/** Several lists, each newest first, as one. */

/** What has a place in a list: places sort as text. */
export interface Placed {
  place: string;
}

/** The index of the newest; -1 when all are done. */
export const newestOf = (fronts: readonly IteratorResult<Placed, unknown>[]): number =>
  fronts.reduce(
    (best, front, index) => (!front.done && front.value.place > placeAt(fronts, best) ? index : best),
    -1,
  );

function placeAt(fronts: readonly IteratorResult<Placed, unknown>[], index: number): string {
  const front = fronts[index];
  return front && !front.done ? front.value.place : '';
}

/** Reads of each list no further than it must: one ahead. */
export async function* mergeNewest<P extends Placed>(lists: readonly AsyncIterator<P>[]): AsyncGenerator<P> {
  const fronts = await Promise.all(lists.map((list) => list.next()));
  for (;;) {
    const newest = newestOf(fronts);
    const [front, list] = [fronts[newest], lists[newest]];
    if (!front || front.done || !list) return;
    yield front.value;
    fronts[newest] = await list.next();
  }
}

/** Which seal covers a leaf. */
import type { Seal } from '../seal.ts';

export type SealedPlaces = ReturnType<typeof createPlaces>;

/** @param seals in order of their numbers */
export function createPlaces(
  seals: readonly Pick<Seal, 'n' | 'size' | 'interval' | 'writerHeads' | 'keyId'>[],
) {
  return {
    last: seals.at(-1) ?? null,
    /** Leaves under the seal before the last. */
    sizeBefore: seals.at(-2)?.size ?? 0,

    /** Number of the first seal that covers a leaf; beyond all, infinite. */
    sealOf(leaf: number): number {
      let [low, high] = [0, seals.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((seals[middle]?.size ?? 0) > leaf) high = middle;
        else low = middle + 1;
      }
      return seals[low]?.n ?? Number.POSITIVE_INFINITY;
    },
  };
}

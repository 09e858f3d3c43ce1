/** Mulberry32: the same numbers from 0 to 1 for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/** About that part of a list, the same each time; 1 is all of it. */
export function sampled<T>(list: readonly T[], part: number): T[] {
  const random = randomOf(7);
  return list.filter(() => part === 1 || random() < part);
}

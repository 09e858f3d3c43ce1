/** A store of results by key that forgets the oldest when it is full. */
export interface Memo<V> {
  /** What is stored under the key, else what `compute` answers, which is then stored. */
  recall(key: string, compute: () => V): V;
}

/**
 * @param limit how many results are kept
 * @param keyLimit longer keys, in characters, are computed each time: they come from input that nobody repeats
 */
export function createMemo<V>(limit: number, keyLimit: number): Memo<V> {
  const stored = new Map<string, V>();
  return {
    recall: (key, compute) => {
      const known = stored.get(key);
      if (known !== undefined) return known;
      const value = compute();
      if (key.length > keyLimit) return value;
      if (stored.size >= limit) {
        const oldest = stored.keys().next();
        if (!oldest.done) stored.delete(oldest.value);
      }
      stored.set(key, value);
      return value;
    },
  };
}

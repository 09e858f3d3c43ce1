/** A store of results by key that forgets the oldest when it is full. */
export interface Memo<V> {
  get(key: string): V | undefined;
  /** @returns the value, also where it was not stored */
  set(key: string, value: V): V;
}

/**
 * @param limit how many results are kept
 * @param keyLimit a longer key, in characters, is not stored: it comes from input that nobody repeats
 */
export function createMemo<V>(limit: number, keyLimit: number): Memo<V> {
  const stored = new Map<string, V>();
  return {
    get: (key) => stored.get(key),
    set: (key, value) => {
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

/**
 * Work on many things, so many at once; each is begun in order.
 * @throws the first error; what was begun goes on, nothing more is begun
 */
export async function sideBySide<T>(
  width: number,
  things: Iterable<T>,
  work: (thing: T) => Promise<unknown>,
): Promise<void> {
  const waiting = things[Symbol.iterator]();
  let failed = false;
  async function lane(): Promise<void> {
    for (let next = waiting.next(); !next.done && !failed; next = waiting.next()) {
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  }
  await Promise.all(Array.from({ length: width }, lane));
}

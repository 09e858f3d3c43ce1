/** How many of a list: what `limit` and `_count` say. The caller caps it. */

/** A whole number of at least 1, however large, also as `1e9`; null for anything else. */
export function wholeNumber(value: string): number | null {
  const number = /^\d{1,30}(e\d{1,2})?$/i.test(value) ? Number(value) : 0;
  return number >= 1 ? number : null;
}

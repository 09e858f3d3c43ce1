/** How long to wait for a server that says it is busy: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after. Pure. */

/** Times that one call is made at most. */
export const mostTries = 8;

/** A server that does not say how long gets this, then twice as long each time, in milliseconds. */
const shortestPause = 50;
const longestPause = 500;

/** Statuses that say "later": https://www.rfc-editor.org/rfc/rfc6585#section-4 and 503. */
export const isBusy = (status: number): boolean => status === 429 || status === 503;

/** What the header asks for, in milliseconds; 0 where it says nothing, or "at once". */
function asked(retryAfter: string | undefined, now: number): number {
  const text = retryAfter?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // A bare number is a year to `Date.parse`.
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

/**
 * Milliseconds until a busy server is asked again: a pause that grows with the tries, or longer where it says so.
 * @param retryAfter the header, seconds or an HTTP date; what is neither counts as not sent
 * @param tried times that it was asked
 * @param now milliseconds since the epoch
 */
export const waitFor = (retryAfter: string | undefined, tried: number, now: number): number =>
  Math.max(asked(retryAfter, now), Math.min(longestPause, shortestPause * 2 ** (tried - 1)));

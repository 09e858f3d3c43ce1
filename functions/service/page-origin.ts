/**
 * Whether a page sent a request, and of which origin: browsers say so, and no page can change what they say.
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
import type { Call } from './call.ts';

/** Whether a request comes from a page of another origin: such a page may learn nothing of this machine. */
export function isForeignPage(call: Call): boolean {
  const origin = call.req.header('origin');
  if (origin !== undefined) {
    const host = URL.canParse(origin) ? new URL(origin).host : null;
    return host !== (call.req.header('host') ?? '').toLowerCase();
  }
  // What a page embeds has no Origin; a link that somebody follows is no call of a page.
  const site = call.req.header('sec-fetch-site') ?? 'none';
  const isLink = call.req.header('sec-fetch-dest') === 'document';
  return site !== 'same-origin' && site !== 'none' && !isLink;
}

/** Where the further page of a searchset is asked for: https://hl7.org/fhir/R4/http.html#paging. Pure. */

const parsed = (link: string, base: URL): URL | null =>
  URL.canParse(link, base.href) ? new URL(link, base) : null;

/**
 * An address on the origin that was registered. A server behind a gateway names itself as it is called inside
 * (`http://fhir-inner:8080/r4?page=2`); its path and query are asked for at the origin that is known, and no other
 * origin is called, with or without the token.
 * @param at the address of the page that the link stands in: `?page=2` belongs to it
 * @returns null for what is no link of http, or names a user
 */
export function atOrigin(link: string, at: URL): URL | null {
  const url = parsed(link, at);
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.username}${url.password}` !== '') return null;
  const own = new URL(at.origin);
  own.pathname = url.pathname;
  own.search = url.search;
  return own;
}

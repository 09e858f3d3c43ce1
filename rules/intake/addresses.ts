/**
 * Which resource a reference means. Identity is the server's address and the id: `Patient/1` of two servers are two
 * patients. A relative reference is resolved against the `fullUrl` of the entry it stands in
 * (https://hl7.org/fhir/R4/bundle.html#references).
 */

import { asArray, asObject, asString, isObject, type Json } from '../fhir/json.ts';
import { addressOf } from '../fhir/reference.ts';
import type { BundleItem } from './bundle-reader.ts';

/** References to the subject of a resource, whatever its element is called; an id that is a number as its text. */
export const subjectsOf = (resource: Json): unknown[] =>
  [resource.subject ?? resource.patient ?? []].flat().map((one: unknown) => {
    const id = isObject(one) ? one.reference : one;
    return typeof id === 'number' ? String(id) : one;
  });

/** References to the drug of a medication, R4 and R5. */
const drugsOf = (resource: Json): unknown[] => [
  resource.medicationReference,
  asObject(resource.medication)?.reference,
];

const identifierKey = (system: unknown, value: unknown): string | null => {
  const [space, name] = [asString(system)?.trim(), asString(value)?.trim()];
  return space && name ? `identifier ${space}|${name}` : null;
};

/** Keys by its business identifiers: https://hl7.org/fhir/R4/references.html#logical */
export const identifierKeysOf = (identifiers: unknown): string[] =>
  asArray(identifiers).flatMap(({ system, value }) => identifierKey(system, value) ?? []);

/**
 * The keys of all that came: equal keys are one resource. Where no address is known (no `fullUrl`, no server of the
 * request), the only server that is known for a name is meant; where several are, none of them is.
 */
export class Addresses {
  readonly #home: string | null;
  readonly #servers = new Map<string, Set<string>>();

  /** @param home address of the server that the request came from; null where nothing says */
  constructor(items: readonly BundleItem[], home: string | null) {
    this.#home = home ?? onlyOf(new Set(items.flatMap(({ server }) => server ?? [])));
    for (const { resource, fullUrl, server } of items) {
      for (const reference of [fullUrl, ...subjectsOf(resource), ...drugsOf(resource)]) {
        this.#note(reference, server);
      }
    }
  }

  /** Notes that a server has a resource of this name. */
  #note(reference: unknown, holder: string | null | undefined): void {
    const address = addressOf(reference);
    const server = address?.server ?? holder ?? null;
    if (!address?.isTyped || server === null) return;
    const servers = this.#servers.get(address.name) ?? new Set<string>();
    this.#servers.set(address.name, servers.add(server));
  }

  /**
   * The key of what a reference means; null where it is none, or names it by an identifier without a system.
   * @param server of the entry it stands in
   */
  keyOf(reference: unknown, server: string | null | undefined): string | null {
    const address = addressOf(reference);
    if (address === null) return identifierKeysOf(asObject(reference)?.identifier)[0] ?? null;
    const { name, isTyped } = address;
    if (!isTyped) return this.#keyOfSearch(name, server) ?? name;
    const at = address.server ?? server ?? this.#home ?? onlyOf(this.#servers.get(name));
    return at === null ? name : `${at}/${name}`;
  }

  /** A conditional reference, by identifier or id: https://hl7.org/fhir/R4/http.html#trules */
  #keyOfSearch(name: string, server: string | null | undefined): string | null {
    const match = /(?:^|\/)([A-Z][A-Za-z]+)\?([^?]*)$/.exec(name);
    if (!match) return null;
    const parameters = new URLSearchParams(match[2]);
    const id = parameters.get('_id');
    if (id !== null) return this.keyOf(`${match[1]}/${id}`, server);
    const [system, value] = (parameters.get('identifier') ?? '').split('|');
    return identifierKey(system, value);
  }

  /** Every key of an item, its own first: its `fullUrl` may be a urn, or another address than its id. */
  keysOf({ reference, fullUrl, server }: BundleItem): [string, ...string[]] {
    const own = this.keyOf(reference, server) ?? reference;
    const other = fullUrl === null ? null : this.keyOf(fullUrl, server);
    return other === null || other === own ? [own] : [own, other];
  }
}

function onlyOf(servers: ReadonlySet<string> | undefined): string | null {
  const [only = null, another] = servers ?? [];
  return another === undefined ? only : null;
}

/** What bundles say was deleted: https://hl7.org/fhir/R4/http.html#history */

import { addressOf } from '../fhir/reference.ts';
import type { Addresses } from './addresses.ts';
import type { BundleItem, BundleReader } from './bundle-reader.ts';

/** Tells of an item, and its place among all, whether a bundle says that it was deleted. */
export function deletedBy(
  { deletions, items }: Pick<BundleReader, 'deletions' | 'items'>,
  addresses: Addresses,
): (item: BundleItem, index: number) => boolean {
  const deleted = new Map<string, number>();
  // By names alone, where nothing came with an address; null: of several servers.
  const isWithoutAddress = items.every(({ server }) => !server);
  const named = new Map<string, string | null>();
  for (const { url, fullUrl, after } of deletions) {
    const target = addressOf(url) === null ? fullUrl : url;
    const key = addresses.keyOf(target, addressOf(fullUrl)?.server);
    const name = addressOf(target)?.name;
    if (key === null || name === undefined) continue;
    deleted.set(key, Math.min(after, deleted.get(key) ?? after));
    named.set(name, (named.get(name) ?? key) === key ? key : null);
  }
  return (item, index) => {
    const keys = addresses.keysOf(item);
    const [own] = keys;
    const only = isWithoutAddress && own === item.reference ? named.get(own) : null;
    return [...keys, only ?? own].some((key) => (deleted.get(key) ?? index + 1) <= index);
  };
}

/** The drugs that came as resources of their own, by every name a reference may use for them. */

import { canonicalJson } from '../digest/digest.ts';
import { type Addresses, identifierKeysOf } from './addresses.ts';
import type { BundleItem, BundleReader } from './bundle-reader.ts';
import { isDrugDefinition } from './resource-category.ts';
import type { Definition, Intake } from './types.ts';
import { distinct, latestOf } from './versions.ts';

/** What says which drug it is. */
const drugOf = ({ resource }: BundleItem): string => {
  const { code = null, ingredient = null, product = null, status, modifierExtension = null } = resource;
  return canonicalJson([code, ingredient, product, status === 'entered-in-error', modifierExtension]);
};

/** Of several versions that name different drugs, and of which none is the latest, none is used. */
export function readDefinitions(reader: BundleReader, addresses: Addresses): Intake['definitionOf'] {
  const byKey = new Map<string, BundleItem[]>();
  for (const item of reader.items) {
    if (!isDrugDefinition(item.type)) continue;
    const keys = [...addresses.keysOf(item), ...identifierKeysOf(item.resource.identifier)];
    for (const key of new Set(keys)) {
      const items = byKey.get(key);
      if (items) items.push(item);
      else byKey.set(key, [item]);
    }
  }
  const definitions = new Map<string, Definition>();
  const undecided = new Set<string>();
  for (const [key, items] of byKey) {
    const [one, ...others] = distinct(latestOf(items));
    if (!one) continue;
    const drug = others.length > 0 ? drugOf(one) : null;
    if (others.every((other) => drugOf(other) === drug)) {
      definitions.set(key, { resource: one.resource, server: one.server ?? null });
    } else {
      undecided.add(one.reference);
    }
  }
  for (const reference of undecided) {
    reader.addNotice(
      'resource-repeated',
      reference,
      'came more than once, names different drugs, and no version says which is newer: not used',
    );
  }
  return (reference, server) => {
    const key = addresses.keyOf(reference, server);
    return key === null ? null : (definitions.get(key) ?? null);
  };
}

/** Several Patient resources of one patient, the one in the prefetch and a stub beside an order, read as one. */

import { asString, type Json } from '../fhir/json.ts';
import type { BundleItem, BundleReader } from './bundle-reader.ts';
import { latestOf } from './versions.ts';

/** What a Patient says of one element; null for what says nothing. */
const stated = {
  birthDate: ({ birthDate }: Json): string | null => asString(birthDate),
  gender: ({ gender }: Json): string | null => (gender === 'unknown' ? null : asString(gender)),
} as const;

/** The element in its latest version, or of two dates that agree the preciser; null where they contradict each other. */
function mergeElement(items: readonly BundleItem[], read: (resource: Json) => string | null): string | null {
  const latest = latestOf(items.filter(({ resource }) => read(resource) !== null));
  const values = latest.map(({ resource }) => read(resource) ?? '').sort((a, b) => b.length - a.length);
  const [fullest = null] = values;
  return values.every((value) => fullest?.startsWith(value)) ? fullest : null;
}

const sizeOf = (resource: Json): number => Object.keys(resource).length;

/**
 * One Patient: of each element the latest statement. Where several differ and nothing says which is newer, it is
 * unknown, with a notice.
 */
export function mergePatients(
  reader: BundleReader,
  items: readonly [BundleItem, ...BundleItem[]],
): BundleItem {
  const [first] = items;
  const elements: Record<string, string> = {};
  for (const [name, read] of Object.entries(stated)) {
    const value = mergeElement(items, read);
    if (value !== null) elements[name] = value;
    else if (items.some(({ resource }) => read(resource) !== null)) {
      reader.addNotice(
        'patient-conflict',
        first.reference,
        `came more than once with different \`${name}\`, and no version says which is newer: not used`,
      );
    }
  }
  const bySize = items.map(({ resource }) => resource).sort((a, b) => sizeOf(a) - sizeOf(b));
  const { birthDate: _birthDate, gender: _gender, ...rest } = Object.assign({}, ...bySize) as Json;
  return { ...first, resource: { ...rest, ...elements } };
}

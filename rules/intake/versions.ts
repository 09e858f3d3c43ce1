/** Which of several resources under one name are used. */

import { canonicalJson } from '../digest/digest.ts';
import { asObject, asString, type Json } from '../fhir/json.ts';
import type { IntakeItem } from './types.ts';

/** Of this moment: it comes from the context, not from the record. */
export const isOfNow = ({ from }: Pick<IntakeItem, 'from'>): boolean => from === 'draft' || from === 'entry';

/** When a version was made, and its number; null where it does not say (https://hl7.org/fhir/R4/resource.html#Meta). */
interface Version {
  changed: number | null;
  number: number | null;
}

function versionOf({ meta }: Json): Version {
  const stated = asObject(meta);
  const changed = Date.parse(asString(stated?.lastUpdated) ?? '');
  const number = asString(stated?.versionId) ?? '';
  return {
    changed: Number.isNaN(changed) ? null : changed,
    number: /^\d{1,15}$/.test(number) ? Number(number) : null,
  };
}

/** Those of which a number is the highest, and those that have none. */
function highest<T>(items: readonly T[], numberOf: (item: T) => number | null): T[] {
  const most = items.reduce((high, item) => Math.max(high, numberOf(item) ?? -1), -1);
  return items.filter((item) => (numberOf(item) ?? most) === most);
}

/**
 * The latest of several versions, whatever their order: by the time of their change, else by their number. Where
 * neither tells, all that may be the latest.
 */
export function latestOf<T extends { resource: Json }>(items: readonly T[]): T[] {
  const versions = new Map(items.map((item) => [item, versionOf(item.resource)]));
  const changedOf = (item: T): number | null => versions.get(item)?.changed ?? null;
  const numberOf = (item: T): number | null => versions.get(item)?.number ?? null;
  const timed = highest(
    items.filter((item) => changedOf(item) !== null),
    changedOf,
  );
  const latest = new Set(highest([...timed, ...items.filter((item) => changedOf(item) === null)], numberOf));
  return items.filter((item) => latest.has(item));
}

/** One of each content; of what is only a part of another (`_summary`, a stub), that other. Whatever their order. */
export function distinct<T extends { resource: Json }>(items: readonly T[]): T[] {
  const contents = new Map<string, T>();
  for (const item of items) {
    const content = canonicalJson(item.resource);
    if (!contents.has(content)) contents.set(content, item);
  }
  const [...different] = contents.values();
  const fullest = different.reduce<T | undefined>(
    (full, item) => (full && sizeOf(full) >= sizeOf(item) ? full : item),
    undefined,
  );
  return different.filter(
    (item) => item === fullest || !fullest || !isPartOf(item.resource, fullest.resource),
  );
}

const sizeOf = ({ resource }: { resource: Json }): number => Object.keys(resource).length;

/** Whether a resource says nothing that another does not say, too. */
export const isPartOf = (part: Json, whole: Json): boolean =>
  Object.entries(part).every(
    ([name, value]) =>
      name === 'meta' || (whole[name] !== undefined && canonicalJson(value) === canonicalJson(whole[name])),
  );

/**
 * Of several under one name those that are used: what the context brings wins over the record, else the latest. A
 * draft in a posted bundle may be an older version of an order that was signed since. Of two orders of this moment
 * that share an id and have no version, neither is a version of the other: both are used.
 * @param items at least one
 */
export function usedOf<T extends Pick<IntakeItem, 'from' | 'resource'>>(
  items: readonly T[],
  isPosted: boolean,
): T[] {
  const latest = isPosted ? latestOf(items) : items;
  const ofNow = latest.filter(isOfNow);
  return distinct(latestOf(ofNow.length > 0 ? ofNow : latest));
}

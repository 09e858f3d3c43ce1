/** Which of several resources under one name are used. */

import { canonicalJson } from '../digest/digest.ts';
import { asObject, asString, type Json } from '../fhir/json.ts';
import type { BundleItem } from './bundle-reader.ts';
import { drugNamesOf } from './drug-names.ts';
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

type Used = Pick<BundleItem, 'from' | 'resource' | 'ofRecord'>;

/**
 * Of several under one name those that are used. Of this moment all are: two orders with one id are two orders,
 * whatever their versions say. They win over the record, but not over an order of another drug, which is another one
 * (the id of a draft is often made up). Of the record the latest is used; a draft in a posted bundle may be an older
 * version of an order that was signed since.
 * @param items at least one
 */
export function usedOf<T extends Used>(items: readonly T[], isPosted: boolean): T[] {
  const ofNow = items.filter(isOfNow);
  const record = distinct(latestOf(items.filter((item) => !isOfNow(item))));
  const brought = distinct([
    ...ofNow.filter(({ ofRecord }) => !ofRecord),
    ...latestOf(ofNow.filter(({ ofRecord }) => ofRecord)),
  ]);
  if (brought.length === 0 || record.length === 0) return [...brought, ...record];
  const signed = new Map<string, T>();
  for (const item of record) for (const name of drugNamesOf(item.resource)) signed.set(name, item);
  const isSignedSince = (item: T): boolean => {
    const names = drugNamesOf(item.resource);
    const since = names.length === 0 ? record.slice(0, 1) : names.flatMap((name) => signed.get(name) ?? []);
    return since.some((other) => !latestOf([item, other]).includes(item));
  };
  const drafts = isPosted ? brought.filter((item) => !isSignedSince(item)) : brought;
  const drafted = drafts.map(({ resource }) => drugNamesOf(resource));
  const names = new Set(drafted.flat());
  const isOfAnyDrug = drafted.some((own) => own.length === 0);
  const others = record.filter(({ resource }) => {
    const own = drugNamesOf(resource);
    return drafts.length === 0 || !(isOfAnyDrug || own.length === 0 || own.some((name) => names.has(name)));
  });
  return [...drafts, ...others];
}

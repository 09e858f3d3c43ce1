/** Which of several resources under one name is used. */

import { asObject, asString, type Json } from '../fhir/json.ts';
import type { IntakeItem } from './types.ts';

/** Of this moment: it comes from the context, not from the record. */
const isOfNow = ({ from }: IntakeItem): boolean => from === 'draft' || from === 'entry';

/**
 * Whether the first is a later version than the second: by the time of its change where both have one, else by
 * the number of its version. False where neither tells (https://hl7.org/fhir/R4/resource.html#Meta).
 */
export function isNewer(first: Json, second: Json): boolean {
  const [firstMeta, secondMeta] = [asObject(first.meta), asObject(second.meta)];
  const [changed, changedBefore] = [asString(firstMeta?.lastUpdated), asString(secondMeta?.lastUpdated)];
  if (changed !== null && changedBefore !== null) return Date.parse(changed) > Date.parse(changedBefore);
  return Number(firstMeta?.versionId) > Number(secondMeta?.versionId);
}

/**
 * Of two under one name: what the context brings wins over the record, else the newest does. A draft in a posted
 * bundle may be an older version of an order that was signed since.
 * @param before the one that came first, and is used so far
 */
export function replaces(item: IntakeItem, before: IntakeItem, isPosted: boolean): boolean {
  const isLater = isNewer(item.resource, before.resource);
  if (isOfNow(item) === isOfNow(before)) return isLater;
  if (isPosted && (isLater || isNewer(before.resource, item.resource))) return isLater;
  return isOfNow(item);
}

/** The prefetch of a CDS Hooks request, and what the edge read beside it. Values are used by their type. */

import { isObject, printableCode } from '../fhir/json.ts';
import type { BundleReader } from './bundle-reader.ts';
import { categoryInDoubt, categoryOfKey, typeOfKeyWithoutList } from './resource-category.ts';
import type { GatheredData } from './types.ts';

/**
 * Reads what the client sent and what the edge gathered into items.
 * @returns whether any data about the patient came; an answer that there is none is data, too
 */
export function readPrefetch(reader: BundleReader, prefetch: unknown, gathered: GatheredData): boolean {
  reader.notices.push(...gathered.notices);
  for (const key of gathered.failed) {
    const category = categoryInDoubt(key);
    if (category) reader.incomplete.add(category);
  }
  let came = false;
  for (const [key, value] of Object.entries(isObject(prefetch) ? prefetch : {})) {
    if (readValue(reader, key, value, 'prefetch')) came = true;
  }
  for (const [key, value] of Object.entries(gathered.resources)) {
    if (readValue(reader, key, value, 'fetch')) came = true;
  }
  return came;
}

/** @returns whether it is data about the patient */
function readValue(reader: BundleReader, key: string, value: unknown, from: 'prefetch' | 'fetch'): boolean {
  const place = `${from === 'fetch' ? 'fetched' : 'prefetch'}.${printableCode(key) ?? '(key)'}`;
  const category = categoryOfKey(key);
  if (value === undefined) return false;
  if (value === null) {
    if (category) reader.raiseCompleteness(category, 'known');
    else if (key !== 'patient' && typeOfKeyWithoutList(key) === undefined) {
      reader.addNotice(
        'prefetch-unidentified',
        null,
        `${place} is null and its key is none of ours: nothing is known from it`,
      );
    }
    return true;
  }
  if (isObject(value) && value.resourceType === 'OperationOutcome') {
    const doubted = categoryInDoubt(key);
    if (doubted) reader.incomplete.add(doubted);
    reader.addNotice(
      'prefetch-error',
      null,
      `${place} is an OperationOutcome instead of data: treated as not sent`,
    );
    return false;
  }
  if (isObject(value) && value.resourceType === 'Bundle') {
    reader.addBundle(value, from, place, key);
    // Definitions of drugs, read for the orders, are no data about the patient.
    return from === 'prefetch' || category !== undefined || typeOfKeyWithoutList(key) !== undefined;
  }
  reader.addResource(value, null, from, place);
  return true;
}

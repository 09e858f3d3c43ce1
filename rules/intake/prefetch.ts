/** The prefetch of a CDS Hooks request, and what the edge read beside it. Values are used by their type. */

import { isObject, printableCode } from '../fhir/json.ts';
import type { BundleReader } from './bundle-reader.ts';
import { categoryInDoubt, categoryOfKey, typeOfKeyWithoutList } from './resource-category.ts';
import type { GatheredData } from './types.ts';
import { unreadOf, unreadUnder } from './unread.ts';

/** What came: `patient` is nothing but who it is; an answer that there is no data is data, too. */
export type Came = 'data' | 'patient' | 'nothing';

/** Reads what the client sent and what the edge gathered into items. */
export function readPrefetch(reader: BundleReader, prefetch: unknown, gathered: GatheredData): Came {
  reader.notices.push(...gathered.notices);
  for (const key of gathered.failed) noteFailed(reader, key);
  const came = [
    ...Object.entries(isObject(prefetch) ? prefetch : {}).map(([key, value]) =>
      readValue(reader, key, value, 'prefetch'),
    ),
    ...Object.entries(gathered.resources).map(([key, value]) => readValue(reader, key, value, 'fetch')),
  ];
  return came.find((one) => one === 'data') ?? came.find((one) => one === 'patient') ?? 'nothing';
}

/** What the answer under a key of ours would have held is unknown. */
function noteFailed(reader: BundleReader, key: string): void {
  const category = categoryInDoubt(key);
  if (category) reader.incomplete.add(category);
  // No list rests on measurements or procedures; whoever asks for one of those must not take it for none.
  reader.unread.push(...(category ? [unreadOf(category, key)] : unreadUnder(key)));
}

function readValue(reader: BundleReader, key: string, value: unknown, from: 'prefetch' | 'fetch'): Came {
  const place = `${from === 'fetch' ? 'fetched' : 'prefetch'}.${printableCode(key) ?? '(key)'}`;
  const category = categoryOfKey(key);
  if (value === undefined) return 'nothing';
  if (value === null) {
    if (key === 'measurements') reader.hasMeasurements = true;
    if (category) reader.raiseCompleteness(category, 'known');
    else if (key !== 'patient' && typeOfKeyWithoutList(key) === undefined) {
      reader.addNotice(
        'prefetch-unidentified',
        null,
        `${place} is null and its key is none of ours: nothing is known from it`,
      );
    }
    return key === 'patient' ? 'patient' : 'data';
  }
  if (isObject(value) && value.resourceType === 'OperationOutcome') {
    noteFailed(reader, key);
    reader.addNotice(
      'prefetch-error',
      null,
      `${place} is an OperationOutcome instead of data: treated as not sent`,
    );
    return 'nothing';
  }
  if (isObject(value) && value.resourceType === 'Bundle') {
    const before = reader.items.length;
    reader.addBundle(value, from, place, key);
    const items = reader.items.slice(before);
    if (items.length > 0 && items.every(({ type }) => type === 'Patient')) return 'patient';
    // Definitions of drugs, read for the orders, are no data about the patient.
    const isAboutPatient =
      from === 'prefetch' || category !== undefined || typeOfKeyWithoutList(key) !== undefined;
    return isAboutPatient ? 'data' : 'nothing';
  }
  return reader.addResource(value, null, from, place) === 'Patient' ? 'patient' : 'data';
}

/** The prefetch of a CDS Hooks request, and what the edge read beside it. Values are used by their type. */

import type { Category } from '../fhir/categories.ts';
import { isObject, type Json, printableCode } from '../fhir/json.ts';
import type { BundleReader } from './bundle-reader.ts';
import {
  categoryInDoubt,
  categoryOfKey,
  clinicalTypes,
  isDrugDefinition,
  typeOfKeyWithoutList,
} from './resource-category.ts';
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
  if (value === undefined) return 'nothing';
  if (value === null) return readNull(reader, key, place);
  if (isObject(value) && value.resourceType === 'OperationOutcome') {
    noteFailed(reader, key);
    reader.addNotice(
      'prefetch-error',
      null,
      `${place} is an OperationOutcome instead of data: treated as not sent`,
    );
    return 'nothing';
  }
  if (isObject(value) && value.resourceType === 'Bundle') return readBundle(reader, key, value, from, place);
  const type = reader.addResource(value, null, from, place);
  if (type === 'Patient') return 'patient';
  return type !== null && isData(type) ? 'data' : 'nothing';
}

/** An answer that there is none. */
function readNull(reader: BundleReader, key: string, place: string): Came {
  if (key === 'patient') return 'patient';
  const category = categoryOfKey(key);
  if (key === 'measurements') reader.hasMeasurements = true;
  if (category) reader.raiseCompleteness(category, 'known');
  const type = typeOfKeyWithoutList(key);
  if (type === 'ServiceRequest') return 'nothing';
  if (category || type !== undefined) return 'data';
  reader.addNotice(
    'prefetch-unidentified',
    null,
    `${place} is null and its key is none of ours: nothing is known from it`,
  );
  return 'nothing';
}

function readBundle(
  reader: BundleReader,
  key: string,
  bundle: Json,
  from: 'prefetch' | 'fetch',
  place: string,
): Came {
  const before = { items: reader.items.length, unread: reader.unread.length, ...reader.completeness };
  reader.addBundle(bundle, from, place, key);
  const types = reader.items.slice(before.items).map((item) => item.type);
  if (types.some(isData)) return 'data';
  if (types.includes('Patient')) return 'patient';
  // An answer that there is none is data; one that answers nothing is not.
  const asked = typeOfKeyWithoutList(key);
  const isWithoutList = asked !== undefined && isData(asked) && reader.lesser.length === 0;
  if (isWithoutList && reader.unread.length === before.unread) return 'data';
  return Object.entries(reader.completeness).some(([name, is]) => is !== before[name as Category])
    ? 'data'
    : 'nothing';
}

/** What rules read about a patient; definitions of drugs, who is asking, and what is ordered are none. */
const isData = (type: string): boolean =>
  clinicalTypes.has(type) && type !== 'Patient' && !isDrugDefinition(type) && type !== 'ServiceRequest';

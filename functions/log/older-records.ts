/**
 * Records as versions before schema 2 of decisions wrote them, read as those of today. A decision of schema 1 is one
 * record in clear, without a clinical part under a key of the patient; its hash is over all of it.
 */
import type { Json } from '../../rules/fhir/json.ts';
import { splitRecord } from '../../rules/record-head.ts';
import type { Chained, DecisionRecord, RecordHead } from '../../rules/record-types.ts';

/** The schema of decisions in clear. */
export const inClear = 'epsom.decision/1';
/** Whether a stored record is one. */
export const isInClear = (record: object): record is DecisionRecord & Chained =>
  'schema' in record && record.schema === inClear;

/** A head as those of today are. */
export const headOfToday = <R extends object>(record: R): R | ReturnType<typeof headOfClear> =>
  isInClear(record) ? headOfClear(record) : record;

/** A decompressed record as what follows from it is made: of a decision the head of today. */
export const asStoredToday = (record: Json): Json =>
  isInClear(record) ? { ...headOfClear(record) } : record;

/** The head that a decision in clear would have. */
export function headOfClear(record: DecisionRecord & Chained): RecordHead & { clinical: null } & Chained {
  const { writer, seq, prevHash, hash } = record;
  return { ...splitRecord(record).head, clinical: null, writer, seq, prevHash, hash };
}

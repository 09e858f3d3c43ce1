/** What a record is of no use without: the key of its patient, its ruleset, and the note by which its writer is found. */
import { day } from '../../../rules/fhir/time.ts';
import type { OnFault } from '../faults.ts';
import type { Item } from '../items.ts';
import { dayOf, type Key, nameOf, patientIn, patientKeyPartition, rulesetKey, writerKeys } from '../keys.ts';
import { inClear } from '../older-records.ts';
import { isDecision, type Projectable } from '../records.ts';
import type { StoredHead } from '../stored.ts';
import { labelOfRecord, type Reader } from './reader.ts';
import type { Removals } from './removals.ts';

export function createNeedsCheck(
  { areThere }: Pick<Reader, 'areThere'>,
  removals: Pick<Removals, 'isErased'>,
  onFault: OnFault,
) {
  function keyNeeded(item: Item, { tenant, clinical }: StoredHead): Key | null {
    if (!clinical || removals.isErased(tenant, clinical.key)) return null;
    return { pk: patientKeyPartition(tenant, patientIn(item.gsi1pk?.S ?? '') ?? 'none'), sk: clinical.key };
  }

  async function checkDecisions(batch: readonly Projectable[]): Promise<void> {
    const heads = batch.flatMap(({ item, record }) => (isDecision(record) ? [{ item, head: record }] : []));
    const needs = heads.flatMap(({ item, head }) => {
      // What wrote records in clear did not keep rulesets.
      const ruleset = head.schema === inClear ? null : rulesetKey(head.ruleset.digest);
      return [{ head, key: keyNeeded(item, head), ruleset }];
    });
    const there = await areThere(
      needs.flatMap(({ key, ruleset }) => [key, ruleset].filter((one) => one !== null)),
    );
    for (const { head, key, ruleset } of needs) {
      const { decisionId } = head;
      if (key && !there.has(nameOf(key)))
        onFault(
          'key-missing',
          decisionId,
          'the key of its patient is gone, and no sealed erasure destroyed it',
        );
      if (ruleset && !there.has(nameOf(ruleset)))
        onFault('ruleset-missing', decisionId, `its ruleset ${ruleset.sk} is gone: it cannot be replayed`);
    }
  }

  /** A writer announces itself on each day it writes; around midnight on the next. */
  async function checkNotes(writer: string, batch: readonly Projectable[]): Promise<void> {
    // The first of a day is named.
    const days = new Map(batch.toReversed().map((one) => [dayOf(one.item.at?.S ?? ''), labelOfRecord(one)]));
    for (const [date, what] of days) {
      const next = dayOf(new Date((Date.parse(date) || 0) + day).toISOString());
      const notes = [date, next].map((one) => writerKeys(one, writer));
      const there = await areThere(notes.flat());
      if (!notes.some((keys) => keys.every((key) => there.has(nameOf(key)))))
        onFault(
          'writer-missing',
          what,
          `its writer ${writer} is not announced on ${date}: nobody looks there`,
        );
    }
  }

  return async (writer: string, batch: readonly Projectable[]): Promise<void> => {
    await checkNotes(writer, batch);
    await checkDecisions(batch);
  };
}

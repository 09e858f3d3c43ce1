/**
 * What may leave the log: a patient, by destroying the patient's key (erasing.ts); and what is older than the retention,
 * by removing it (purging.ts). Both are records in the log, written before anything is removed, and neither changes a
 * hash: chain and seals stay verifiable. Stopped in the middle, the same command ends it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createErasing } from './erasing.ts';
import { createPurging } from './purging.ts';
import type { RetentionOptions } from './removal.ts';

export type Retention = ReturnType<typeof createRetention>;

/** Erases patients and removes what is older than the retention; both are records. */
export function createRetention(options: RetentionOptions) {
  const waiting = { wait: sleep, ...options };
  return { erase: createErasing(waiting), purge: createPurging(waiting) };
}

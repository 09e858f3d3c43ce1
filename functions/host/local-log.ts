/**
 * The decision log of one machine: the spill and large records in the data folder, and timers that drain, project and seal for
 * as long as a server runs. With `memory` nothing is kept on disk, for tests.
 */
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { type Blobs, createFileBlobs, createMemoryBlobs } from '../log/blobs.ts';
import { createDecisionLog, type DecisionLog } from '../log/decision-log.ts';
import { appendLine } from '../log/durable-file.ts';
import { createPatientKeys, type PatientKeys } from '../log/patients.ts';
import type { Seal } from '../log/seal.ts';
import { createSealer, type Sealer } from '../log/sealer.ts';
import { createFileSpill, noSpill, type Spill } from '../log/spill.ts';
import type { LocalKeys } from './local-keys.ts';

export interface LocalLog {
  log: DecisionLog;
  patients: PatientKeys;
  sealer: Sealer;
  blobs: Blobs;
  /** Projects what an earlier process left, then drains, projects and seals until it is stopped: for a server. */
  tend(): void;
  /** Stops that, and seals what is new; what waits stays in the spill. */
  stop(): Promise<void>;
}

/** Copies of seals, one a line, outside the table's reach. */
export const sealsFile = (folder: string): string => join(folder, 'seals.ndjson');

/**
 * @param options.folder where spill, large records and copies of seals are; null keeps all in memory
 * @param options.sealInterval seconds between seals
 */
export function createLocalLog(options: {
  client: DynamoDBClient;
  table: string;
  folder: string | null;
  keys: LocalKeys;
  sealInterval: number;
  spill?: Spill;
  ruleset?: Ruleset;
  /** Nobody else seals this log: the folder is open in this process. Default: false */
  alone?: boolean;
  now(): Date;
  report(event: string, detail: Record<string, string | number>): void;
}): LocalLog {
  const { client, table, folder, keys, now, report } = options;
  const patients = createPatientKeys({
    client,
    table,
    master: keys.master,
    hash: async (tenant, patient) => keys.hmac(`patient\n${tenant}\n${patient}`),
    now,
  });
  const blobs = folder === null ? createMemoryBlobs() : createFileBlobs(join(folder, 'large'));
  const spill = options.spill ?? (folder === null ? noSpill : createFileSpill(join(folder, 'spill'), report));
  const log = createDecisionLog({
    client,
    table,
    patients,
    spill,
    blobs,
    writers: 8,
    indexMayLead: true,
    report,
    now,
    ...(options.ruleset ? { ruleset: options.ruleset } : {}),
  });
  const sealer = createSealer({
    client,
    table,
    signer: keys.signer,
    publish: async (seal: Seal) => {
      if (folder !== null) await appendLine(sealsFile(folder), JSON.stringify(seal));
    },
    indexMayLead: true,
    alone: options.alone ?? false,
    report,
    now,
  });

  const quietly = (work: Promise<unknown>, event: string): Promise<unknown> =>
    work.catch((error: unknown) => report(event, { name: error instanceof Error ? error.name : 'unknown' }));
  const timers: NodeJS.Timeout[] = [];
  function every(milliseconds: number, event: string, work: () => Promise<unknown>): void {
    const timer = setInterval(() => void quietly(work(), event), milliseconds);
    timer.unref();
    timers.push(timer);
  }
  async function catchUp(): Promise<void> {
    await log.drain();
    if (log.projector.state().behind > 0) await log.projector.retry();
  }

  return {
    log,
    patients,
    sealer,
    blobs,
    tend: () => {
      void quietly(log.projector.projectAll(), 'not-projected');
      every(2000, 'spill-not-drained', catchUp);
      every(options.sealInterval * 1000, 'not-sealed', sealer.seal);
    },
    stop: async () => {
      if (timers.length === 0) return;
      for (const timer of timers.splice(0)) clearInterval(timer);
      await quietly(log.drain(), 'spill-not-drained');
      await log.projector.caughtUp();
      // One that is under way may have passed the last records by.
      await quietly(sealer.seal(), 'not-sealed');
      await quietly(sealer.seal(), 'not-sealed');
    },
  };
}

/**
 * One process of `npm run bench:log`, told by its parent what to do:
 * - `write`: so many writers append decisions, and in turn put items of the same size plainly, with the same condition;
 * - `export`: reads decisions with their feedback as the export does, and says how much memory that took.
 */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createLocalDynamo } from '../functions/host/embedded.ts';
import { createFileBlobs } from '../functions/log/blobs.ts';
import { createDecisionLog } from '../functions/log/decision-log.ts';
import { createLocalMasterKey, createPatientKeys } from '../functions/log/patients.ts';
import { createFileSpill } from '../functions/log/spill.ts';
import { exportDecisions, ndjson } from '../functions/service/decision-stream.ts';
import { sha256 } from '../rules/digest/digest.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { decisionOf, tenant } from './log-records.ts';

export type Work =
  | {
      kind: 'write';
      endpoint: string;
      folder: string;
      table: string;
      writers: number;
      first: number;
      numbers: number[];
      /** Numbers below this are put plainly as well, and only they are timed. */
      compared: number;
    }
  | { kind: 'export'; endpoint: string; folder: string; table: string };
export interface Written {
  appended: number;
  compared: number;
  appendMs: number;
  plainMs: number;
  spilled: number;
  /** Calls while decisions were appended: puts of a record, other writes, reads. */
  calls: { records: number; writes: number; reads: number };
}

export const plainTable = 'plain';

/** The same log as every process of the bench opens it. */
export function logOf(endpoint: string, folder: string, table: string, writers: number, projects = true) {
  const client = createLocalDynamo(endpoint);
  const patients = createPatientKeys({
    client,
    table,
    master: createLocalMasterKey(new Uint8Array(32).fill(7)),
    hash: async (organisation, patient) => sha256(`bench\n${organisation}\n${patient}`),
    now: () => new Date(),
  });
  const log = createDecisionLog({
    client,
    table,
    patients,
    spill: createFileSpill(`${folder}/spill`),
    blobs: createFileBlobs(`${folder}/large`),
    writers,
    budget: 10_000,
    ruleset: shippedRuleset(),
    projects,
    now: () => new Date(),
  });
  return { client, log };
}

/** Calls that a client makes, as they are made. */
function countCalls(client: DynamoDBClient): Written['calls'] {
  const calls = { records: 0, writes: 0, reads: 0 };
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (call) => {
        const { Item, TableName } = call.input as { Item?: object; TableName?: string };
        if (commandName === 'PutItemCommand' && Item && 'record' in Item && TableName !== plainTable)
          calls.records += 1;
        else if (TableName !== plainTable) calls[/Put|Write/.test(commandName) ? 'writes' : 'reads'] += 1;
        return next(call);
      },
    { step: 'initialize' },
  );
  return calls;
}

async function write({
  endpoint,
  folder,
  table,
  writers,
  first,
  numbers,
  compared,
}: Work & { kind: 'write' }) {
  const { client, log } = logOf(endpoint, folder, table, writers, false);
  const ruleset = shippedRuleset();
  const calls = countCalls(client);
  const result: Written = {
    appended: 0,
    compared: 0,
    appendMs: 0,
    plainMs: 0,
    spilled: 0,
    calls: { records: 0, writes: 0, reads: 0 },
  };
  const side = async (batch: readonly number[], work: (number: number) => Promise<unknown>) => {
    const waiting = [...batch];
    const started = performance.now();
    await Promise.all(
      Array.from({ length: writers }, async () => {
        for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) await work(number);
      }),
    );
    return performance.now() - started;
  };
  for (let from = 0; from < numbers.length; from += 250) {
    const batch = numbers.slice(from, from + 250);
    // Deciding is not what is measured.
    const records = new Map(batch.map((number) => [number, decisionOf(number, ruleset, first)]));
    const before = { ...calls };
    const appendMs = await side(batch, async (number) => {
      const record = records.get(number);
      if (record && !(await log.append(record)).repeated) result.appended += 1;
    });
    for (const kind of ['records', 'writes', 'reads'] as const)
      result.calls[kind] += calls[kind] - before[kind];
    if ((batch.at(-1) ?? 0) >= compared) continue;
    result.compared += batch.length;
    result.appendMs += appendMs;
    result.plainMs += await side(batch, (number) =>
      client.send(
        new PutItemCommand({
          TableName: plainTable,
          Item: {
            pk: { S: `plain#${number}` },
            sk: { S: 'D' },
            record: { S: JSON.stringify(records.get(number)) },
          },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      ),
    );
  }
  result.spilled = log.waiting();
  return result;
}

async function exporting({ endpoint, folder, table }: Work & { kind: 'export' }) {
  const { log } = logOf(endpoint, folder, table, 1);
  let [read, bytes, peak] = [0, 0, 0];
  for await (const line of ndjson(exportDecisions(log, tenant, {}))) {
    bytes += line.length;
    read += 1;
    if (read % 50 > 0) continue;
    globalThis.gc?.();
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  }
  return { read, bytes, peak };
}

if (process.send) {
  process.once('message', (work: Work) => {
    const done = work.kind === 'write' ? write(work) : exporting(work);
    done.then(
      (result) => process.send?.(result, () => process.exit(0)),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}

/**
 * A decision log on an in-memory DynamoDB (`npm run dynamodb:local`: on Amazon's DynamoDB Local), with keys, a spill and
 * blobs of its own, and a clock that is an argument.
 */
import { join } from 'node:path';
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createEmbeddedDynamo, createLocalDynamo } from '../../functions/host/embedded.ts';
import { ensureTable } from '../../functions/host/table.ts';
import { writeItems } from '../../functions/log/batch.ts';
import { createFileBlobs } from '../../functions/log/blobs.ts';
import { createDecisionLog } from '../../functions/log/decision-log.ts';
import { B } from '../../functions/log/items.ts';
import { decisionKey, keyItem } from '../../functions/log/keys.ts';
import { createLocalMasterKey, createPatientKeys } from '../../functions/log/patients.ts';
import type { Feedback } from '../../functions/log/records.ts';
import { rulesetItem } from '../../functions/log/rulesets.ts';
import type { Seal } from '../../functions/log/seal.ts';
import { createSealer } from '../../functions/log/sealer.ts';
import { createSigner, generatePrivateKey } from '../../functions/log/signer.ts';
import { createTableSource } from '../../functions/log/source.ts';
import { createFileSpill, type Spill } from '../../functions/log/spill.ts';
import { verifyLog } from '../../functions/log/verify.ts';
import { decide } from '../../rules/decide.ts';
import { sha256 } from '../../rules/digest/digest.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { decisionIdOf, recordOf, refusalOf } from '../../rules/record.ts';
import type { DecisionRecord } from '../../rules/record-types.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { complete, condition, hookRequest, magnesiumSulfate } from './hook-requests.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const table = 'epsom';
export const start = Date.parse('2026-01-31T12:00:00.000Z');
export const minute = 60_000;
const ruleset = shippedRuleset();

type Report = (event: string, detail: Record<string, string | number>) => void;

export interface Clock {
  now: number;
}

export async function createTestLog(
  options: {
    /** Address that the writer is given instead of DynamoDB's own. */
    through?: (endpoint: string) => Promise<string>;
    spill?: (real: Spill) => Spill;
    writers?: number;
    /** On Amazon's DynamoDB Local, which needs Java. */
    dynamodbLocal?: boolean;
  } = {},
) {
  const dynamo =
    options.dynamodbLocal || process.env.MODE === 'dynamodb-local'
      ? await startDynamoDbLocal()
      : await createEmbeddedDynamo(null);
  await ensureTable(dynamo.client, table);
  await writeItems(dynamo.client, table, [await rulesetItem(ruleset)]);
  const folder = temporaryFolder();
  const clock: Clock = { now: start };
  const now = () => new Date(clock.now);
  const privateKey = generatePrivateKey();
  const signer = createSigner(privateKey);
  const published: Seal[] = [];
  const blobs = createFileBlobs(join(folder, 'large'));
  const shared = options.through ? createLocalDynamo(await options.through(dynamo.endpoint)) : dynamo.client;
  const open = (own: { client?: DynamoDBClient; report?: Report } = {}) => {
    const client = own.client ?? shared;
    const patients = createPatientKeys({
      client,
      table,
      master: createLocalMasterKey(new Uint8Array(32).fill(7)),
      hash: async (tenant, patient) => sha256(`secret\n${tenant}\n${patient}`),
      now,
    });
    const files = createFileSpill(join(folder, 'spill'));
    const spill = options.spill ? options.spill(files) : files;
    return {
      patients,
      spill,
      log: createDecisionLog({
        client,
        table,
        patients,
        spill,
        blobs,
        writers: options.writers ?? 2,
        budget: 500,
        indexMayLead: true,
        ...(own.report ? { report: own.report } : {}),
        now,
      }),
    };
  };
  const { log, patients, spill } = open();
  const sealer = createSealer({
    client: dynamo.client,
    table,
    signer,
    publish: async (seal) => void published.push(seal),
    now,
  });
  return {
    dynamo,
    folder,
    clock,
    log,
    patients,
    spill,
    sealer,
    signer,
    privateKey,
    published,
    blobs,
    /** The same log as another process sees it. */
    open,
    verify: async (given: { published?: readonly Seal[]; publicKeys?: readonly string[] } = {}) =>
      verifyLog(createTableSource(dynamo.client, table, blobs), {
        publicKeys: given.publicKeys ?? [await signer.publicKey()],
        published: given.published ?? [],
        interval: minute,
        now: now(),
        isKeyWhole: patients.isWhole,
        ruleset,
      }),
    /** Makes the record of a decision unreadable in the table. */
    spoil: (decisionId: string, tenant = 'hospital') =>
      dynamo.client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyItem(decisionKey(tenant, decisionId)),
          UpdateExpression: 'SET #record = :spoilt',
          ExpressionAttributeNames: { '#record': 'record' },
          ExpressionAttributeValues: { ':spoilt': B(new Uint8Array([1, 2, 3])) },
        }),
      ),
    close: async () => {
      await log.projector.caughtUp();
      await dynamo.close();
    },
  };
}
export type TestLog = Awaited<ReturnType<typeof createTestLog>>;

/** A real decision: IV magnesium for a patient with myasthenia gravis. */
export function decisionRecord(
  number: number,
  given: { tenant?: string; client?: string; at?: number; patient?: string; text?: string } = {},
): DecisionRecord {
  const at = new Date(given.at ?? start).toISOString();
  const request = hookRequest('order-sign', complete([], [condition('mg', '91637004')]), [
    magnesiumSulfate(),
  ]);
  const asked = {
    tenant: given.tenant ?? 'hospital',
    client: given.client ?? 'ehr',
    service: 'order-sign',
    hook: 'order-sign',
    hookInstance: `instance-${number}`,
    user: 'Practitioner/1',
    requestDigest: `sha256:${sha256(given.text ?? String(number))}`,
    receivedAt: at,
  };
  const decisionId = decisionIdOf(asked, ruleset.digest);
  const decision = decide(
    { hook: 'order-sign', context: request.context, prefetch: request.prefetch },
    ruleset,
    { decisionId, decidedAt: at, evaluatedAt: at },
  );
  const record = recordOf(decision, asked, { decide: 1 });
  return given.patient === undefined ? record : { ...record, patient: given.patient };
}

/** An override of a decision's first card. */
export const feedbackOn = (
  { tenant, client, decidedAt, cards }: DecisionRecord,
  given: Partial<Feedback> = {},
): Feedback => ({
  schema: 'epsom.feedback/1',
  tenant,
  client,
  service: 'order-sign',
  card: cards[0]?.uuid ?? '',
  outcome: 'overridden',
  outcomeTimestamp: decidedAt,
  acceptedSuggestions: [],
  overrideReason: { code: 'emergency' },
  hasComment: false,
  unknownCard: false,
  receivedAt: decidedAt,
  masked: [],
  ...given,
});

export const refusalRecord = (number: number): DecisionRecord =>
  refusalOf(
    sha256(`refusal ${number}`).slice(0, 32),
    {
      tenant: 'hospital',
      client: 'ehr',
      service: 'order-sign',
      hook: null,
      hookInstance: null,
      user: null,
      requestDigest: `sha256:${sha256(String(number))}`,
      receivedAt: new Date(start).toISOString(),
    },
    400,
    'not JSON',
    new Date(start).toISOString(),
    ruleset,
  );

/** A small sealed log that has an item of every kind, each once or a few times; `restore` makes it whole again. */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { keepFingerprints } from '../../functions/log/fingerprints.ts';
import type { Item } from '../../functions/log/items.ts';
import { N, S } from '../../functions/log/items.ts';
import { type Key, keyIn, keyItem, nameOf, tokenKey } from '../../functions/log/keys.ts';
import { scanItems } from '../../functions/log/paging.ts';
import type { Access } from '../../functions/log/records.ts';
import { createRetention } from '../../functions/log/retention.ts';
import { createTableSource } from '../../functions/log/source.ts';
import { sha256 } from '../../rules/digest/digest.ts';
import { createTestLog, decisionRecord, feedbackOn, minute, refusalRecord, start, table } from './logs.ts';

const years = 365.25 * 24 * 60 * minute;
const override = {
  outcome: 'overridden',
  overrideReason: { system: 'urn:epsom:override-reason', code: 'emergency' },
} as const;

/** A decision that was purged, one of an erased patient, one with feedback and looks, a refusal. */
export async function createFullLog() {
  const log = await createTestLog({ writers: 1 });
  const { client } = log.dynamo;
  const now = () => new Date(log.clock.now);
  const seal = async () => {
    await log.log.projector.caughtUp();
    log.clock.now += minute;
    await log.sealer.seal();
  };
  const append = async (number: number, patient: string) =>
    (await log.log.append(decisionRecord(number, { at: log.clock.now, patient }))).record;
  const look = (decisionId: string | null): Access => ({
    schema: 'epsom.access/1',
    tenant: 'hospital',
    client: 'auditor',
    user: 'auditor-1',
    what: decisionId ? 'read' : 'search',
    path: '/decisions',
    address: null,
    decisionId,
    filter: {},
    count: 1,
    at: now().toISOString(),
  });
  let events = 0;
  const retention = createRetention({
    ...log,
    client,
    table,
    newId: () => {
      events += 1;
      return String(events).padStart(32, '0');
    },
    now,
    wait: async (milliseconds) => {
      log.clock.now += milliseconds;
    },
  });

  await keepFingerprints(
    { client, table },
    { patientIndex: sha256('secret').slice(0, 32), seal: await log.signer.keyId() },
  );
  const purged = await append(1, 'anna');
  await seal();
  log.clock.now = start + 7 * years;
  // So that the seal of what follows begins here.
  await log.log.append(refusalRecordAt(log.clock.now));
  await seal();
  const erased = await append(2, 'anna');
  const kept = await append(3, 'bela');
  const other = await append(4, 'bela');
  await log.log.addFeedback(feedbackOn(kept, { ...override, receivedAt: now().toISOString() }), 'event');
  await log.log.addAccess(look(kept.decisionId), 'bela', 'one');
  await log.log.addAccess(look(null), null, 'two');
  await seal();
  const source = createTableSource(client, table, log.blobs);
  await retention.purge(source, 'hospital', new Date(start + minute).toISOString(), 'officer', 0);
  await retention.erase('hospital', 'anna', 'officer');
  await client.send(
    new PutItemCommand({
      TableName: table,
      Item: {
        ...keyItem(tokenKey('hospital', 'https://ehr.example', 'jti')),
        requestDigest: S('a'),
        expiresAt: N(1),
      },
    }),
  );
  await log.log.projector.projectAll();
  await seal();
  await seal();
  // What is not as it should be is not excused by its youth.
  log.clock.now += 3 * minute;

  const everything = (): Promise<Item[]> => Array.fromAsync(scanItems(client, { TableName: table }));
  const untouched = await everything();
  const sealed = log.published.length;
  const put = (item: Item) => client.send(new PutItemCommand({ TableName: table, Item: item }));
  const remove = (key: Key) => client.send(new DeleteItemCommand({ TableName: table, Key: keyItem(key) }));
  return {
    ...log,
    ids: {
      purged: purged.decisionId,
      refused: refusalRecordAt(0).decisionId,
      erased: erased.decisionId,
      kept: kept.decisionId,
      other: other.decisionId,
    },
    untouched,
    put,
    remove,
    /** What the verifier names: `record-missing 0a1b...`. */
    faults: async (): Promise<string[]> =>
      (await log.verify({ published: log.published })).faults.map(({ fault, what }) => `${fault} ${what}`),
    async restore(): Promise<void> {
      log.published.length = sealed;
      const names = new Set(untouched.map((item) => nameOf(keyIn(item))));
      for (const item of await everything()) if (!names.has(nameOf(keyIn(item)))) await remove(keyIn(item));
      for (const item of untouched) await put(item);
    },
  };
}
export type FullLog = Awaited<ReturnType<typeof createFullLog>>;

const refusalRecordAt = (at: number) => {
  const time = new Date(at).toISOString();
  return { ...refusalRecord(1), receivedAt: time, decidedAt: time };
};

/** Every tampering is detected and named. The verifier needs only the public key. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { archiveSource, writeArchive } from '../../../functions/log/archive.ts';
import { compressJson, decompressJson } from '../../../functions/log/compression.ts';
import { S } from '../../../functions/log/items.ts';
import { decisionKey, keyIn, keyItem, nameOf, sealPartition, sortable } from '../../../functions/log/keys.ts';
import { type Seal, sealHash } from '../../../functions/log/seal.ts';
import { newPrivateKey, signerOf } from '../../../functions/log/signer.ts';
import { tableSource } from '../../../functions/log/source.ts';
import { verifyLog } from '../../../functions/log/verify.ts';
import { canonicalJson, sha256 } from '../../../rules/digest/digest.ts';
import { isObject } from '../../../rules/fhir/json.ts';
import {
  decisionRecord,
  minute,
  newLog,
  refusalRecord,
  start,
  type TestLog,
  table,
} from '../../support/logs.ts';

type Item = Record<string, AttributeValue>;
let it: TestLog;
const ids: string[] = [];
const seals: Seal[] = [];

let untouched: Item[] = [];
let sealedAt = 0;

async function everything(): Promise<Item[]> {
  const items: Item[] = [];
  let last: Item | undefined;
  do {
    const page: { Items?: Item[]; LastEvaluatedKey?: Item | undefined } = await it.dynamo.client.send(
      new ScanCommand({ TableName: table, ...(last ? { ExclusiveStartKey: last } : {}) }),
    );
    items.push(...(page.Items ?? []));
    last = page.LastEvaluatedKey;
  } while (last);
  return items;
}

/** Nine decisions, a refusal and a feedback over three seals, written by two writers. */
beforeAll(async () => {
  it = await newLog();
  for (let round = 0; round < 3; round += 1) {
    for (let number = 0; number < 3; number += 1) {
      const record = decisionRecord(round * 3 + number, { at: it.clock.now });
      ids.push(record.decisionId);
      const { record: stored } = await it.log.append(record);
      if (round === 0 && number === 0) {
        await it.log.addFeedback(
          {
            schema: 'epsom.feedback/1',
            tenant: 'hospital',
            client: 'ehr',
            service: 'order-sign',
            card: stored.cards[0]?.uuid ?? '',
            outcome: 'overridden',
            outcomeTimestamp: new Date(start).toISOString(),
            acceptedSuggestions: [],
            overrideReason: { code: 'emergency' },
            hasComment: false,
            unknownCard: false,
            receivedAt: new Date(start).toISOString(),
            masked: [],
          },
          'event',
        );
      }
    }
    if (round === 0) await it.log.append(refusalRecord(1));
    it.clock.now += minute;
    const seal = await it.sealer.seal();
    if (seal) seals.push(seal);
  }
  untouched = await everything();
  sealedAt = it.clock.now;
});
afterAll(() => it.close());

/** Each test has the log as it was. */
afterEach(async () => {
  it.clock.now = sealedAt;
  const names = new Set(untouched.map((item) => nameOf(keyIn(item))));
  for (const item of await everything()) {
    if (!names.has(nameOf(keyIn(item)))) await deleteItem(keyIn(item));
  }
  for (const item of untouched) await putItem(item);
});

const itemAt = async (id: string): Promise<Item> => {
  const Key = keyItem(decisionKey('hospital', id));
  const { Item } = await it.dynamo.client.send(new GetItemCommand({ TableName: table, Key }));
  if (!Item) throw new Error('not there');
  return Item;
};
const putItem = (Item: Item) => it.dynamo.client.send(new PutItemCommand({ TableName: table, Item }));
const deleteItem = (key: { pk: string; sk: string }) =>
  it.dynamo.client.send(new DeleteItemCommand({ TableName: table, Key: keyItem(key) }));

/** Edits the record of a decision; with `rehash` as an attacker who knows how the hash is made. */
async function edit(
  id: string,
  change: (record: { [field: string]: unknown }) => void,
  rehash = false,
): Promise<void> {
  const item = await itemAt(id);
  const record = await decompressJson(item.record?.B ?? new Uint8Array());
  if (!isObject(record)) throw new Error('no record');
  const changed: { [field: string]: unknown } = { ...record };
  change(changed);
  const { hash: _, ...body } = changed;
  if (rehash) changed.hash = `sha256:${sha256(canonicalJson(body))}`;
  await putItem({
    ...item,
    record: { B: await compressJson(changed) },
    ...(rehash ? { hash: S(String(changed.hash)) } : {}),
  });
}

const faults = async (given?: Parameters<TestLog['verify']>[0]): Promise<string[]> =>
  (await it.verify(given)).faults.map(({ fault, what }) => `${fault} ${what}`);

/** The decision in the middle of its writer's chain. */
const middle = (): string => ids[4] ?? '';

test('an untouched log verifies: 11 records, 3 seals, nothing unsealed', async () => {
  expect(await it.verify({ published: seals })).toEqual({
    ok: true,
    seals: 3,
    records: 11,
    verified: 11,
    unsealed: 0,
    purged: 0,
    withoutClinical: 2,
    faults: [],
  });
});

test('an archive in another folder verifies without the table, and names what was changed in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'epsom-archive-'));
  const options = {
    publicKeys: [await it.signer.publicKey()],
    published: seals,
    interval: minute,
    now: new Date(sealedAt),
  };
  try {
    expect(await writeArchive(tableSource(it.dynamo.client, table, it.blobs), folder)).toEqual({
      seals: 3,
      leaves: 11,
      records: 11,
    });
    expect(await verifyLog(await archiveSource(folder), options)).toMatchObject({ ok: true, verified: 11 });
    const file = join(folder, 'records.ndjson');
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const dropped = lines.findIndex((line) => line.includes(middle()));
    writeFileSync(file, `${lines.filter((_, index) => index !== dropped).join('\n')}\n`);
    const { faults } = await verifyLog(await archiveSource(folder), options);
    expect(faults).toMatchObject([{ fault: 'record-missing', what: middle() }]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('an interval without records is sealed too, and two sealers do not fork the log', async () => {
  it.clock.now += minute;
  const seal = await it.sealer.seal();
  expect(seal).toMatchObject({ n: 4, size: 11, prevSealHash: seals[2]?.hash, writerHeads: {} });
  expect((await it.verify()).ok).toBe(true);
});

test('a record younger than two intervals is counted as not sealed yet, an older one is a fault', async () => {
  const { decisionId } = decisionRecord(99, { at: it.clock.now });
  await it.log.append(decisionRecord(99, { at: it.clock.now }));
  expect(await it.verify()).toMatchObject({ ok: true, unsealed: 1 });
  it.clock.now += 3 * minute;
  expect(await faults()).toEqual([`record-unsealed ${decisionId}`]);
});

describe('a record is edited', () => {
  test.each([
    ['tenant', 'other'],
    ['client', 'other'],
    ['service', 'patient-view'],
    ['user', 'Practitioner/2'],
    ['hookInstance', 'other'],
    ['requestDigest', 'sha256:0'],
    ['decidedAt', '2026-01-31T12:00:00.001Z'],
    ['evaluatedAt', '2026-01-31T11:00:00.000Z'],
    ['durationMs', {}],
    ['ruleset', { digest: 'sha256:0', version: '0' }],
    ['engine', { name: 'other', version: '0' }],
    ['status', 412],
    ['findings', []],
    ['cardIds', []],
    ['clinical', null],
    ['seq', 1000],
    ['prevHash', 'sha256:0'],
    ['writer', 'another'],
    ['masked', ['nothing']],
  ])('its `%s`', async (field, value) => {
    const id = middle();
    await edit(id, (record) => {
      record[field] = value;
    });
    expect(await faults()).toContain(`record-altered ${id}`);
    await edit(id, () => undefined, true);
    expect(await faults()).toContain(`record-altered ${id}`);
  });

  test.each([
    ['decidedAt', S('2020-01-01')],
    ['client', S('other')],
    ['status', { N: '500' }],
    ['indicator', S('info')],
    ['findings', { SS: ['MG-001'] }],
    ['gsi2pk', S('T#hospital#C#other#2026-01-31#0')],
    ['gsi2sk', S('x')],
    ['gsi1sk', S('x')],
    ['gsi3sk', { N: '77' }],
    ['gsi3pk', S('W#other')],
    ['at', S('2020-01-01')],
    ['hash', S('sha256:0')],
    ['prevHash', S('sha256:0')],
    ['note', S('an attribute that does not belong there')],
  ])('its attribute `%s`', async (name, value) => {
    await putItem({ ...(await itemAt(middle())), [name]: value });
    expect(await faults()).toContain(`record-altered ${middle()}`);
  });

  test('its clinical part: replaced, and removed', async () => {
    const item = await itemAt(middle());
    await putItem({ ...item, clinical: { B: new Uint8Array([...(item.clinical?.B ?? [])].reverse()) } });
    expect(await faults()).toEqual([`record-altered ${middle()}`]);
    const { clinical: _, ...rest } = item;
    await putItem(rest);
    expect(await faults()).toEqual([`record-altered ${middle()}`]);
  });

  test('its clinical part is that of another decision', async () => {
    const [one, other] = [await itemAt(ids[3] ?? ''), await itemAt(ids[4] ?? '')];
    await putItem({ ...one, clinical: other.clinical ?? S('') });
    expect(await faults()).toEqual([`record-altered ${ids[3]}`]);
  });
});

describe('a record is deleted', () => {
  test.each([
    ['the first', 0],
    ['one in the middle', 4],
    ['the last', 8],
  ])('%s', async (_, index) => {
    const id = ids[index] ?? '';
    await deleteItem(decisionKey('hospital', id));
    expect(await faults()).toEqual([`record-missing ${id}`]);
  });

  test('the last one of a writer, before it was sealed, with a later one there', async () => {
    for (const number of [50, 51, 52, 53]) await it.log.append(decisionRecord(number, { at: it.clock.now }));
    const gone = decisionRecord(50).decisionId;
    await deleteItem(decisionKey('hospital', gone));
    expect((await it.verify()).faults.map(({ fault }) => fault)).toEqual(['record-missing']);
  });

  test('a feedback', async () => {
    const card = (await it.log.find('hospital', ids[0] ?? ''))?.cards[0]?.uuid ?? '';
    const pk = `T#hospital#CARD#${card}`;
    const { Items } = await it.dynamo.client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :f)',
        ExpressionAttributeValues: { ':pk': S(pk), ':f': S('F#') },
      }),
    );
    const sk = Items?.[0]?.sk?.S ?? '';
    await deleteItem({ pk, sk });
    expect(await faults()).toEqual([`record-missing ${pk} ${sk}`]);
  });
});

test('a record is inserted under a writer of the log', async () => {
  const item = await itemAt(middle());
  const forged = decisionKey('hospital', 'f'.repeat(32));
  await putItem({ ...item, ...keyItem(forged) });
  expect(await faults()).toContain(`record-extra ${'f'.repeat(32)}`);
});

test('two records change places', async () => {
  const [one, other] = [await itemAt(ids[3] ?? ''), await itemAt(ids[4] ?? '')];
  await putItem({ ...other, ...keyItem(decisionKey('hospital', ids[3] ?? '')) });
  await putItem({ ...one, ...keyItem(decisionKey('hospital', ids[4] ?? '')) });
  const found = await faults();
  expect(found).toContain(`record-altered ${ids[3]}`);
  expect(found).toContain(`record-altered ${ids[4]}`);
});

test('a record is moved to another tenant', async () => {
  const item = await itemAt(middle());
  await deleteItem(decisionKey('hospital', middle()));
  await putItem({ ...item, ...keyItem(decisionKey('clinic', middle())) });
  const found = await faults();
  expect(found).toContain(`record-missing ${middle()}`);
  expect(found).toContain(`record-altered ${middle()}`);
  expect(found).toContain(`record-extra ${middle()}`);
});

describe('a seal', () => {
  const sealKey = (n: number) => ({ pk: sealPartition, sk: sortable(n) });
  const putSeal = async (seal: Seal) =>
    putItem({ ...keyItem(sealKey(seal.n)), seal: { B: await compressJson(seal) }, hash: S(seal.hash) });
  const resigned = async (seal: Seal, signer = it.signer): Promise<Seal> => {
    const { hash: _, keyId: __, signature: ___, ...body } = seal;
    return {
      ...body,
      hash: sealHash(body),
      keyId: await signer.keyId(),
      signature: await signer.sign(canonicalJson(body)),
    };
  };
  const second = (): Seal => {
    const [, seal] = seals;
    if (!seal) throw new Error('three seals were made');
    return seal;
  };

  test('is edited', async () => {
    await putSeal({ ...second(), size: second().size - 1 });
    expect(await faults()).toEqual(expect.arrayContaining(['seal-hash seal 2', 'seal-signature seal 2']));
  });
  test('is replaced by one signed with another key', async () => {
    await putSeal(await resigned(second(), signerOf(newPrivateKey())));
    expect(await faults()).toEqual(['seal-signature seal 2']);
  });
  test('is replaced by one signed with the stolen key: the chain of seals and the root name it', async () => {
    await putSeal(await resigned({ ...second(), root: '00'.repeat(32) }));
    expect(await faults()).toEqual(expect.arrayContaining(['seal-chain seal 3', 'seal-root seal 2']));
  });
  test('is deleted in the middle', async () => {
    await deleteItem(sealKey(2));
    expect(await faults()).toContain('seal-missing seal 3');
  });
  test('rolling back to an old one leaves records that nothing covers', async () => {
    await deleteItem(sealKey(3));
    it.clock.now += 3 * minute;
    const found = await faults();
    for (const id of ids.slice(6)) expect(found).toContain(`record-unsealed ${id}`);
  });
  test('rolling back everything is found by a copy kept elsewhere', async () => {
    await deleteItem(sealKey(3));
    for (const id of ids.slice(6)) await deleteItem(decisionKey('hospital', id));
    expect(await faults()).toEqual([]);
    expect(await faults({ published: seals })).toEqual(['seal-missing seal 3']);
  });
  test('a fork, signed with the stolen key and consistent in itself, is found by a copy kept elsewhere', async () => {
    const id = ids[8] ?? '';
    await deleteItem(decisionKey('hospital', id));
    const third = seals[2];
    if (!third) throw new Error('three seals were made');
    await putSeal(
      await resigned({ ...third, interval: { ...third.interval, to: '2026-01-31T13:00:00.000Z' } }),
    );
    expect(await faults({ published: seals })).toContain('seal-replaced seal 3');
  });
  test('a key that was not given verifies nothing', async () => {
    const other = await signerOf(newPrivateKey()).publicKey();
    expect(await faults({ publicKeys: [other] })).toEqual([1, 2, 3].map((n) => `seal-signature seal ${n}`));
  });
});

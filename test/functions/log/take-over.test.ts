/** A data folder of version 0.1.0: taken over, read, replayed, verified, rebuilt. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmbeddedDynamo } from '../../../functions/host/embedded.ts';
import { type LocalKeys, openLocalKeys } from '../../../functions/host/local-keys.ts';
import { createLocalLog } from '../../../functions/host/local-log.ts';
import { ensureTable } from '../../../functions/host/table.ts';
import type { Running } from '../../../functions/local.ts';
import { readFingerprints } from '../../../functions/log/fingerprints.ts';
import { formatKey, isDerivedKey, keyIn, keyItem, nameOf } from '../../../functions/log/keys.ts';
import { scanItems } from '../../../functions/log/paging.ts';
import { rebuild } from '../../../functions/log/rebuild.ts';
import { createRetention } from '../../../functions/log/retention.ts';
import { createTableSource } from '../../../functions/log/source.ts';
import { takeOver } from '../../../functions/log/take-over.ts';
import { verifyLog } from '../../../functions/log/verify.ts';
import { isObject, type Json } from '../../../rules/fhir/json.ts';
import { createTestLog, decisionRecord, table } from '../../support/logs.ts';
import { diagnostics, get, post, serving } from '../../support/serving.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const sample = resolve(import.meta.dirname, '../../samples/log-0.1.0');
const old = [
  '36fb5465e67ab2af796e0468dc5675c9',
  'd82d80165edae3c930430e697e29dbb1',
  '9ef323c49c834834e28e5b03e7e25808',
];
const release = [
  '1c11c837a40e4e2f978647b722d0ea1b',
  '429a7821f1aa20a0c76e165dfb7a7e19',
  '98ada767d0c39866e125790a0f964158',
  '2319d45f7c858c76951cd5f0033c23b8',
];

describe('a server that starts on it', () => {
  const folder = temporaryFolder();
  const reports: string[] = [];
  let running: Running;
  beforeAll(async () => {
    cpSync(sample, folder, { recursive: true });
    running = await serving(
      { EPSOM_DATA: folder },
      { report: (event, { records = '' }) => void reports.push(`${event} ${records}`) },
    );
  });
  afterAll(() => running.close());

  test('says how many records it took over', () => expect(reports[0]).toBe('taken-over 10'));

  test('lists every decision, with its feedback', async () => {
    const { decisions } = (await get(`${running.url}/decisions`)).body;
    const found = (Array.isArray(decisions) ? decisions : []).map(
      ({ decisionId, schema, cards, feedback }: Json) => [
        decisionId,
        schema,
        Array.isArray(cards) && cards.length,
        Array.isArray(feedback) && feedback.length,
      ],
    );
    expect(found.toReversed()).toEqual([
      ...old.map((id, index) => [id, 'epsom.decision/1', 1, index === 0 ? 1 : 0]),
      ...release.map((id, index) => [id, 'epsom.decision/2', 1, index === 0 ? 1 : 0]),
    ]);
  });

  test.each([
    ['rule=MG-001', 4],
    ['patient=p0', 4],
    ['client=local', 7],
    ['outcome=overridden', 2],
  ])('finds them by %s', async (query, count) => {
    const { decisions } = (await get(`${running.url}/decisions?${query}`)).body;
    expect(decisions).toHaveLength(count);
  });

  test('counts them', async () => {
    const { body } = await get(`${running.url}/statistics?from=2026-11-30&to=2026-11-30&rule=MG-001`);
    expect(body).toMatchObject({ decisions: 7 });
    expect(JSON.stringify(body)).toContain('"overridden"');
  });

  test('replays those whose rules were kept, and says why it cannot replay the others', async () => {
    for (const id of release)
      expect(await post(`${running.url}/decisions/${id}/replay?rule=MG-001`, '')).toMatchObject({
        status: 200,
        // Its cards were worded otherwise; what was decided is the same.
        body: { differences: [], terminology: 'changed', differs: null, evaluation: { rule: 'MG-001' } },
      });
    for (const id of old)
      for (const query of ['', '?ruleset=current']) {
        const answer = await post(`${running.url}/decisions/${id}/replay${query}`, '');
        expect([answer.status, diagnostics(answer)]).toEqual([409, expect.stringContaining('schema 1')]);
      }
  });

  test('proves them, the early ones too, once they are sealed', async () => {
    await running.service.sealer.seal();
    for (const id of [...old, ...release])
      expect((await get(`${running.url}/decisions/${id}/proof`)).status).toBe(200);
  });
});

describe('the table', () => {
  const folder = temporaryFolder();
  let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
  const now = () => new Date('2026-12-01T12:00:00.000Z');
  let keys: LocalKeys;
  const local = () =>
    createLocalLog({
      client: dynamo.client,
      table,
      folder,
      keys,
      sealInterval: 60,
      alone: true,
      now,
      report: () => undefined,
    });
  const derived = async () =>
    (await Array.fromAsync(scanItems(dynamo.client, { TableName: table })))
      .filter((item) => isDerivedKey(keyIn(item)) && item.pk?.S !== 'MARKS')
      .sort((a, b) => (nameOf(keyIn(a)) < nameOf(keyIn(b)) ? -1 : 1));
  beforeAll(async () => {
    cpSync(sample, folder, { recursive: true });
    dynamo = await createEmbeddedDynamo(folder);
    await ensureTable(dynamo.client, table);
    keys = await openLocalKeys(folder, { client: dynamo.client, table });
  });
  afterAll(() => dynamo.close());

  test('has fingerprints of the keys it was written with', async () => {
    const known = await readFingerprints({ client: dynamo.client, table });
    expect(known?.seal).toBe(await keys.signer.keyId());
  });

  test('is whole once it is taken over and sealed; again, nothing is done', async () => {
    const { log, sealer, blobs } = local();
    const where = { client: dynamo.client, table, now };
    expect(await takeOver(where, log.projector)).toEqual({ records: 10, complete: true });
    expect(await takeOver(where, log.projector)).toBeNull();
    await sealer.seal();
    const { faults, verified } = await verifyLog(createTableSource(dynamo.client, table, blobs), {
      publicKeys: [readFileSync(join(folder, 'seal.pub'), 'utf8')],
      published: [],
      interval: 60_000,
      now: now(),
    });
    expect({ faults, verified }).toEqual({ faults: [], verified: 10 });
  });

  test('an erasure names the decisions in clear that it cannot take, and leaves them to be found', async () => {
    const { log, patients, blobs } = local();
    const retention = createRetention({
      client: dynamo.client,
      table,
      log,
      patients,
      blobs,
      newId: () => 'f'.repeat(32),
      now,
      wait: async () => undefined,
    });
    const erased = await retention.erase('local', 'p1', 'officer');
    expect(erased).toMatchObject({ decisions: 2, inClear: [old[1]] });
    const { ids } = await log.list('local', { patient: 'p1' }, 10, null);
    expect(ids).toEqual([old[1]]);
  });

  test('what follows from its records is made again, equal', async () => {
    const before = await derived();
    expect(before.length).toBeGreaterThan(30);
    await rebuild({ client: dynamo.client, table }, local().log.projector);
    expect(await derived()).toEqual(before);
  });
});

test('a table of this version is left as it is', async () => {
  const it = await createTestLog();
  const { client } = it.dynamo;
  const where = { client, table, now: () => new Date(it.clock.now) };
  expect(await takeOver(where, it.open().log.projector)).toBeNull();
  await it.log.append(decisionRecord(1));
  await client.send(new PutItemCommand({ TableName: table, Item: { ...keyItem({ pk: 'x', sk: 'y' }) } }));
  expect(await takeOver(where, it.open().log.projector)).toBeNull();
  const items = await Array.fromAsync(scanItems(client, { TableName: table }));
  expect(items.filter((item) => nameOf(keyIn(item)) === nameOf(formatKey))).toHaveLength(1);
  await it.close();
});

test('the sample is there as it was left', () => {
  expect(existsSync(join(sample, 'dynamodb', '000006.log'))).toBe(true);
  const seals = readFileSync(join(sample, 'seals.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(seals.every((seal) => isObject(seal) && seal.schema === 'epsom.seal/1')).toBe(true);
});

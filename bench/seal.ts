/**
 * `npm run bench:seal`: one seal of 60,000 new records of 5,000 writers where every call takes 5 ms; the next with
 * nothing new; and the one after that, when the writers have been silent for a while.
 */
import { createHash } from 'node:crypto';
import { writerNotes } from '../functions/log/insert.ts';
import { N, S } from '../functions/log/items.ts';
import { chainPartition, decisionKey, keyItem, slotOf } from '../functions/log/keys.ts';
import { createSealer } from '../functions/log/sealer.ts';
import { createSigner, generatePrivateKey } from '../functions/log/signer.ts';
import { createSlowTable } from './slow-table.ts';

const [writers, recordsOfEach, milliseconds] = [5000, 12, 5];
const minute = 60_000;
let now = Date.parse('2026-01-31T12:02:00.000Z');

const table = createSlowTable(milliseconds);
for (let writer = 0; writer < writers; writer += 1) {
  const name = `bench-${String(writer).padStart(5, '0')}`;
  for (const note of writerNotes(slotOf(new Date(now).toISOString()), name)) table.put(note);
  for (let seq = 1; seq <= recordsOfEach; seq += 1) {
    const hash = createHash('sha256').update(`${name}/${seq}`).digest('hex');
    table.put({
      ...keyItem(decisionKey('hospital', hash.slice(0, 32))),
      gsi3pk: S(chainPartition(name)),
      gsi3sk: N(seq),
      hash: S(`sha256:${hash}`),
      at: S(new Date(now).toISOString()),
    });
  }
}
const sealer = createSealer({
  client: table.client,
  table: 'epsom',
  signer: createSigner(generatePrivateKey()),
  publish: async () => undefined,
  now: () => new Date(now),
});

async function measure(what: string, later: number): Promise<void> {
  now += later;
  const started = performance.now();
  const seal = await sealer.seal();
  const seconds = (performance.now() - started) / 1000;
  const result = seal ? `${seal.size} records sealed` : 'nothing new';
  console.log(`${what}: ${result} in ${seconds.toFixed(1)} s, ${table.takeCalls()} calls`);
}

console.log(`${writers * recordsOfEach} records of ${writers} writers, ${milliseconds} ms a call`);
await measure('all at once', minute);
await measure('a minute later', minute);
await measure('a quarter of an hour later', 15 * minute);
await measure('a minute after that', minute);

/** What waits on disk: what can never be inserted is put aside, and the rest goes on. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { S } from '../../../functions/log/items.ts';
import { createFileSpill } from '../../../functions/log/spill.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const item = (pk: string) => ({ pk: S(pk), sk: S('D') });

async function spilled(...names: string[]) {
  const folder = temporaryFolder();
  const reported: [string, string][] = [];
  const open = () => createFileSpill(folder, (event, { problem }) => reported.push([event, problem]));
  const spill = open();
  for (const name of names) await spill.keep([item(name)]);
  const files = readdirSync(folder).sort();
  return { folder, files, spill, open, reported };
}

const refusal = (): Error =>
  Object.assign(new Error('Item size has exceeded'), { name: 'ValidationException' });

test('a file cut in half before a good one: the good one is inserted, the other is put aside and said', async () => {
  const { folder, files, spill, reported, open } = await spilled('first', 'second');
  const [first = ''] = files;
  const text = readFileSync(join(folder, first), 'utf8');
  writeFileSync(join(folder, first), text.slice(0, text.length / 2));
  const inserted: unknown[] = [];
  expect(await spill.drain(async (items) => void inserted.push(...items))).toBe(1);
  expect(inserted).toEqual([item('second')]);
  expect([spill.waiting(), spill.aside()]).toEqual([0, 1]);
  expect(reported).toEqual([['spill-put-aside', 'the file is damaged']]);
  expect(readdirSync(join(folder, 'aside'))).toEqual([first]);
  // It is still counted after a start.
  expect([open().waiting(), open().aside()]).toEqual([0, 1]);
});

test('an item that the table refuses is put aside; the next one is inserted', async () => {
  const { spill, reported } = await spilled('first', 'second');
  const inserted: unknown[] = [];
  const count = await spill.drain(async ([one]) => {
    if (one?.pk?.S === 'first') throw refusal();
    inserted.push(one);
  });
  expect([count, inserted]).toEqual([1, [item('second')]]);
  expect([spill.waiting(), spill.aside()]).toEqual([0, 1]);
  expect(reported).toEqual([['spill-put-aside', 'the table refuses it']]);
});

test('a table that cannot be reached is no fault of the file: all of it waits', async () => {
  const { spill, reported, folder } = await spilled('first', 'second');
  await expect(spill.drain(() => Promise.reject(new Error('ECONNREFUSED')))).rejects.toThrow('ECONNREFUSED');
  expect([spill.waiting(), spill.aside(), reported]).toEqual([2, 0, []]);
  expect(existsSync(join(folder, 'aside'))).toBe(false);
});

/** Chains of records that no seal covers yet. */
import { describe, expect, test } from 'vitest';
import { compressJson } from '../../../../functions/log/compression.ts';
import type { Item } from '../../../../functions/log/items.ts';
import { decisionKey, eventKey, keyItem, nameOf } from '../../../../functions/log/keys.ts';
import { readPurges } from '../../../../functions/log/verifying/purges.ts';
import { checkOpenChain, type OpenRecord } from '../../../../functions/log/verifying/unsealed.ts';

const record = (seq: number, prevHash: string | null): OpenRecord => ({
  seq,
  hash: `h${seq}`,
  prevHash,
  what: `d${seq}`,
});

describe('a chain that goes on after seal 2', () => {
  test.each<[string, OpenRecord[], string[]]>([
    ['whole', [record(3, 'h2'), record(4, 'h3')], []],
    ['whole, in any order', [record(4, 'h3'), record(3, 'h2')], []],
    ['with a gap at once', [record(4, 'h3')], ['record-missing d4']],
    ['with a gap later', [record(3, 'h2'), record(5, 'h4'), record(6, 'h5')], ['record-missing d5']],
    ['with another before it', [record(3, 'other')], ['chain-broken d3']],
    ['with none before it', [record(3, null)], ['chain-broken d3']],
    ['with the same number twice', [record(3, 'h2'), record(3, 'h2')], ['record-missing d3']],
  ])('%s', (_, records, expected) => {
    const faults: string[] = [];
    checkOpenChain('w1', { seq: 2, hash: 'h2' }, records, (fault, what) => faults.push(`${fault} ${what}`));
    expect(faults).toEqual(expected);
  });

  test('and one that begins names nothing before it', () => {
    const faults: string[] = [];
    checkOpenChain('w1', undefined, [record(1, null), record(2, 'h1')], (fault) => faults.push(fault));
    expect(faults).toEqual([]);
  });
});

describe('what a purge explains', () => {
  async function* records(): AsyncGenerator<Item> {
    const purge = { schema: 'epsom.purge/1', tenant: 'north', before: '2026-01-31T12:00:00.000Z' };
    yield { ...keyItem(eventKey('north', purge.before, '1')), record: { B: await compressJson(purge) } };
    yield { ...keyItem(decisionKey('north', '0a')), record: { B: new Uint8Array([1]) } };
  }

  test.each([
    ['older, of its tenant', 'north', '2026-01-31T11:59:59.999Z', true],
    ['of that very moment', 'north', '2026-01-31T12:00:00.000Z', false],
    ['older, of another tenant', 'south', '2026-01-01T00:00:00.000Z', false],
  ])('%s', async (_, tenant, at, is) => {
    const isPurged = await readPurges(records());
    expect(isPurged({ name: nameOf(decisionKey(tenant, '0a')), at })).toBe(is);
  });
});

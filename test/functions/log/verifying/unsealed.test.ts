/** Chains of records that no seal covers yet. */
import { describe, expect, test } from 'vitest';
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

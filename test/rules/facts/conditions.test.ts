/** Whether a problem of a group is on the chart, with what it rests on. Charts by hand; as systems send them: condition-words. */
import { describe, expect, it } from 'vitest';
import type { Chart, ChartCondition } from '../../../rules/chart/types.ts';
import { computeCondition, isProcedureUnread, restsOnWords } from '../../../rules/facts/conditions.ts';
import { createContext } from '../../../rules/facts/context.ts';
import type { Fact } from '../../../rules/facts/fact.ts';
import { at, chartWith, conditionOf } from '../../support/charts.ts';

type Given = Parameters<typeof chartWith>[0];
interface Asked {
  groups?: string[];
  status?: 'active' | 'ever';
  confirmed?: boolean;
}
const ask = (conditions: ChartCondition[], asked: Asked = {}, more: Given = {}): Fact =>
  computeCondition({ groups: ['asthma'], status: 'active', ...asked })(
    createContext(chartWith({ conditions, ...more }), at, []),
  );
const said = (fact: Fact): boolean | string =>
  fact.state === 'known' ? fact.value === true : fact.category ? `no ${fact.category}` : fact.cause;
const over = { status: 'inactive' } as const;
const inWords = { byWords: true } as const;
const notRead: Partial<ChartCondition> = { unread: true, codes: [{ system: 's', code: 'x' }] };

describe('what a problem says of a group', () => {
  const [dialysis, asthma] = [['dialysis'], ['asthma']];
  it.each<[string, ChartCondition[], Asked, boolean | string]>([
    ['of it', [conditionOf('c', asthma)], {}, true],
    ['of another', [conditionOf('c', ['migraine'])], {}, false],
    [
      'of one of several',
      [conditionOf('c', ['migraine', 'asthma'])],
      { groups: ['torsades', 'asthma'] },
      true,
    ],
    ['over', [conditionOf('c', asthma, null, over)], {}, false],
    ['over, asked for ever', [conditionOf('c', asthma, null, over)], { status: 'ever' }, true],
    ['over, and still counts', [conditionOf('c', [], null, { ...over, stillCounts: asthma })], {}, true],
    [
      'over, and exempts nobody',
      [conditionOf('c', [], null, { ...over, stillCounts: asthma })],
      { confirmed: true },
      false,
    ],
    ['perhaps of it', [conditionOf('c', [], null, { open: asthma })], {}, 'unresolved'],
    ['not read', [conditionOf('c', [], null, notRead)], {}, 'unresolved'],
    [
      'not read, over, of what may count for good',
      [conditionOf('c', [], null, { ...notRead, ...over })],
      {},
      'unresolved',
    ],
    [
      'not read, over, of what does not',
      [conditionOf('c', [], null, { ...notRead, ...over })],
      { groups: ['aki'] },
      false,
    ],
    [
      'not read, over, asked for ever',
      [conditionOf('c', [], null, { ...notRead, ...over })],
      { groups: ['aki'], status: 'ever' },
      'unresolved',
    ],
    ['not confirmed', [conditionOf('c', asthma, null, { confirmed: false })], {}, true],
    [
      'not confirmed, as an exemption',
      [conditionOf('c', asthma, null, { confirmed: false })],
      { confirmed: true },
      'unresolved',
    ],
    [
      'by words, as an exemption',
      [conditionOf('c', asthma, null, inWords)],
      { confirmed: true },
      'unresolved',
    ],
    [
      'taken away the day after',
      [conditionOf('c', asthma, 9), conditionOf('e', [], 8, { ends: asthma })],
      { confirmed: true },
      'unresolved',
    ],
    [
      'taken away at that very time',
      [conditionOf('c', asthma, 9), conditionOf('e', [], 9, { ends: asthma })],
      { confirmed: true },
      true,
    ],
    [
      'another one taken away',
      [conditionOf('c', asthma, 9), conditionOf('e', [], 8, { ends: ['pacemaker'] })],
      { confirmed: true },
      true,
    ],
    [
      'taken away, where it is no exemption',
      [conditionOf('c', asthma, 9), conditionOf('e', [], 8, { ends: asthma })],
      {},
      true,
    ],
    // End-stage disease is dialysis as far as anybody can say.
    ['end-stage disease', [conditionOf('c', ['esrd'])], { groups: dialysis }, true],
    [
      'end-stage disease that is over',
      [conditionOf('c', ['esrd'], null, over)],
      { groups: dialysis },
      'unresolved',
    ],
    ['end-stage disease, asked of something else', [conditionOf('c', ['esrd'])], { groups: asthma }, false],
    ['dialysis that is over', [conditionOf('c', dialysis, null, over)], { groups: dialysis }, false],
    [
      'dialysis that is over, asked for ever',
      [conditionOf('c', dialysis, null, over)],
      { groups: dialysis, status: 'ever' },
      true,
    ],
    [
      'end-stage disease before a transplant',
      [conditionOf('c', ['esrd'], 90), conditionOf('t', ['kidney-transplant'], 30)],
      { groups: dialysis },
      false,
    ],
    [
      'before a transplant, asked for ever',
      [conditionOf('c', dialysis, 90), conditionOf('t', ['kidney-transplant'], 30)],
      { groups: dialysis, status: 'ever' },
      true,
    ],
    [
      'beside a transplant of unknown time',
      [conditionOf('c', dialysis, 90), conditionOf('t', ['kidney-transplant'])],
      { groups: dialysis },
      true,
    ],
    [
      'the same, as an exemption',
      [conditionOf('c', dialysis, 90), conditionOf('t', ['kidney-transplant'])],
      { groups: dialysis, confirmed: true },
      'unresolved',
    ],
    [
      'dialysis by words, as an exemption',
      [conditionOf('c', dialysis, null, inWords)],
      { groups: dialysis, confirmed: true },
      'unresolved',
    ],
    [
      'a session of yesterday',
      [conditionOf('c', dialysis, 1, { procedure: true })],
      { groups: dialysis },
      true,
    ],
    [
      'a session of 14 days ago',
      [conditionOf('c', dialysis, 14, { procedure: true })],
      { groups: dialysis },
      true,
    ],
    [
      'a session of 15 days ago',
      [conditionOf('c', dialysis, 15, { procedure: true })],
      { groups: dialysis },
      false,
    ],
    [
      'a session of unknown time',
      [conditionOf('c', dialysis, null, { procedure: true })],
      { groups: dialysis },
      'unresolved',
    ],
  ])('%s', (_, conditions, asked, expected) => expect(said(ask(conditions, asked))).toBe(expected));

  it.each<[string, Given, string[], boolean | string]>([
    ['problems that never came', { completeness: { conditions: 'absent' } }, asthma, 'no conditions'],
    [
      'procedures that were not read, of what one proves',
      { unread: [{ category: 'conditions', of: 'procedures' }] },
      dialysis,
      'no conditions',
    ],
    ['of what none proves', { unread: [{ category: 'conditions', of: 'procedures' }] }, asthma, false],
    [
      'of what one of the two proves',
      { unread: [{ category: 'conditions', of: 'procedures' }] },
      ['asthma', 'pacemaker'],
      'no conditions',
    ],
    ['results that were not read', { unread: [{ category: 'labs', of: 'laboratory' }] }, dialysis, false],
  ])('%s', (_, given, groups, expected) => expect(said(ask([], { groups }, given))).toBe(expected));

  it('whether procedures were read is asked of procedures', () => {
    const unreadOf = (unread: Chart['unread']) => isProcedureUnread(chartWith(unread ? { unread } : {}));
    expect(unreadOf(undefined)).toBe(false);
    expect(unreadOf([{ category: 'labs', of: 'laboratory' }])).toBe(false);
    expect(
      unreadOf([
        { category: 'labs', of: 'laboratory' },
        { category: 'conditions', of: 'procedures' },
      ]),
    ).toBe(true);
  });
});

describe('what it rests on', () => {
  it('what a code says goes before what words say, whatever comes first', () => {
    const worded = conditionOf('a', ['asthma'], 3, { ...inWords, codes: [] });
    for (const daysAgo of [2, 9]) {
      const fact = ask([conditionOf('z', ['asthma'], daysAgo), worded]);
      expect(fact.evidence.map(({ reference }) => reference)).toEqual(['Condition/z']);
      expect(restsOnWords(fact)).toBe(false);
    }
    const fact = ask([worded]);
    expect(restsOnWords(fact)).toBe(true);
    expect(fact.evidence).toEqual([
      {
        reference: 'Condition/a',
        received: { kind: 'text' },
        name: 'asthma',
        used: { kind: 'condition', group: 'asthma' },
        time: '2026-01-28',
        notes: [{ code: 'by-words' }],
      },
    ]);
  });

  it('of two by words the first is named', () => {
    const fact = ask([conditionOf('a', ['asthma'], 3, inWords), conditionOf('b', ['asthma'], 3, inWords)]);
    expect(fact.evidence.map(({ reference }) => reference)).toEqual(['Condition/a']);
  });

  it('nothing rests on words where nothing is there', () => {
    expect(restsOnWords(ask([]))).toBe(false);
  });

  it.each<[string, Partial<ChartCondition>, string[]]>([
    ['a problem', {}, []],
    ['a procedure', { procedure: true }, ['from-procedure']],
    ['a suspicion', { confirmed: false }, ['not-confirmed']],
    [
      'a procedure that is not confirmed',
      { procedure: true, confirmed: false },
      ['from-procedure', 'not-confirmed'],
    ],
  ])('%s says so', (_, more, codes) => {
    const [evidence] = ask([conditionOf('c', ['asthma'], 1, more)]).evidence;
    expect(evidence?.received).toEqual({ kind: 'codes', codes: ['c-c'] });
    expect(evidence?.notes.map(({ code }) => code)).toEqual(codes);
  });

  it('a transplant that may have ended it is said with it', () => {
    const conditions = [conditionOf('d', ['dialysis'], 90), conditionOf('t', ['kidney-transplant'])];
    const fact = ask(conditions, { groups: ['dialysis'] });
    expect(fact.evidence).toMatchObject([
      {
        reference: 'Condition/d',
        notes: [{ code: 'transplant-may-end-it', reference: 'Condition/t' }],
      },
      { reference: 'Condition/t', used: { kind: 'condition', group: 'kidney-transplant' } },
    ]);
  });

  it('of several that leave it open each is named, by its group where it has one', () => {
    const fact = ask([
      conditionOf('a', [], 7, { open: ['asthma'] }),
      conditionOf('b', [], 5, notRead),
      conditionOf('c', ['migraine'], 1),
    ]);
    const [first, second] = fact.evidence;
    expect(fact.evidence).toHaveLength(2);
    expect(first?.used).toEqual({ kind: 'condition', group: 'asthma' });
    expect(second).toEqual({
      reference: 'Condition/b',
      received: { kind: 'codes', codes: ['x'] },
      used: { kind: 'unused' },
      time: '2026-01-26',
      notes: [],
    });
    expect(fact.state === 'known' ? null : fact.reasons).toEqual([
      {
        code: 'conditions-open',
        conditions: [{ group: 'asthma', reference: 'Condition/a' }, { reference: 'Condition/b' }],
      },
    ]);
  });
});

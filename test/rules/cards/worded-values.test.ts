/** No card shows a clinician a bare number: every value has a name or a unit, over every case of the library. */
import { describe, expect, test } from 'vitest';
import type { Card } from '../../../rules/cards/types.ts';
import { decide } from '../../../rules/decide.ts';
import { parseCases } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { cases } from '../../../rules/library/cases.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { readableUnit } from '../../../rules/terminology/units.ts';
import { clock } from '../../support/rule-documents.ts';

const ruleset = shippedRuleset();
const rules = new Map(ruleset.documents.map((rule) => [`${rule.domain}/${rule.id}`, rule]));

/** Values in bold, as they lead a line of the detail. */
const boldIn = ({ detail }: Card): string[] =>
  [...detail.matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, value = '']) => value);
/** Digits without a word: of a range, `to` is none. */
const isBare = (value: string): boolean =>
  /\d/.test(value) && !/[\p{L}%]/u.test(value.replaceAll(' to ', ' '));

/** Values as they came, each with what stands before it in its line. */
const receivedIn = ({ detail }: Card): { line: string; value: string }[] =>
  detail.split('\n').flatMap((line) => {
    const [before, after] = line.replaceAll('\\', '').split(' · received as ');
    const value = readableUnit(after?.split(' · ')[0] ?? '');
    // Beside a worse finding several values stand in one line: the last is meant.
    const own = before?.split('**').slice(-2).join('') ?? '';
    return own && after ? [{ line: own, value }] : [];
  });

/** What a summary begins with before its colon, and each value between its commas. */
const valuesIn = ({ summary }: Card): string[] => (summary.split(': ')[0] ?? '').split(', ');

describe('the values of every card of every case', () => {
  const shown = cases.flatMap(({ where, json }) => {
    const [first] = rules.get(where)?.hooks ?? [];
    if (!first) return [];
    return parseCases(json, where).flatMap((one) =>
      decide(requestOf(one, first), ruleset, clock).cards.map((card) => ({
        name: `${where}: ${one.name}`,
        card,
      })),
    );
  });

  test('have a name or a unit', () => {
    const bold = shown.flatMap(({ name, card }) => boldIn(card).map((value) => `${value} (${name})`));
    expect(bold.length).toBeGreaterThan(1000);
    const bare = shown.flatMap(({ name, card }) =>
      [...boldIn(card), ...valuesIn(card)].filter(isBare).map((value) => `${value} (${name})`),
    );
    expect(bare).toEqual([]);
  });

  test('are said as they came only where they came otherwise', () => {
    const received = shown.flatMap(({ name, card }) => receivedIn(card).map((one) => ({ name, ...one })));
    expect(received.length).toBeGreaterThan(10);
    expect(received.filter(({ line, value }) => line.includes(value))).toEqual([]);
  });

  test('are looked at by a test that can fail', () => {
    expect(['2', '0.4', '< 3', '12 to 14'].map(isBare)).toEqual([true, true, true, true]);
    expect(['2 drugs', 'Mg 0.9 mg/dL', 'eGFR 12', 'K 3.1 mmol/L', '12 %', '2 g/h'].map(isBare)).toEqual(
      Array(6).fill(false),
    );
  });
});

/** Cards that a tired clinician reads, over every case of the library: short, each thing once, no number without a unit. */
import { describe, expect, test } from 'vitest';
import type { Card } from '../../../rules/cards/types.ts';
import { type Decision, decide } from '../../../rules/decide.ts';
import { parseCases } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { cases } from '../../../rules/library/cases.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { tableEntries } from '../../../rules/terminology/drugs/ingredients.ts';
import { many } from '../../support/presented.ts';
import { clock } from '../../support/rule-documents.ts';

const ruleset = shippedRuleset();
const rules = new Map(ruleset.documents.map((rule) => [`${rule.domain}/${rule.id}`, rule]));
const aboutData = new Set(ruleset.documents.filter(({ about }) => about).map(({ id }) => id));

const decisions = cases.flatMap(({ where, json }) => {
  const hooks = rules.get(where)?.hooks ?? [];
  const hook = hooks.find((one) => one === 'order-sign') ?? hooks[0];
  return hook
    ? parseCases(json, where).map((one) => ({
        name: `${where}: ${one.name}`,
        decision: decide(requestOf(one, hook), ruleset, clock),
      }))
    : [];
});
/** Cards of findings; what could not be checked has a card of another kind. */
const findings = (decision: Decision): Card[] =>
  decision.cards.filter(
    ({ source }) => source.topic.system === 'urn:epsom:rule' && !aboutData.has(source.topic.code),
  );
const cards = decisions.flatMap(({ name, decision }) => findings(decision).map((card) => ({ name, card })));
const listedIn = ({ evaluations }: Decision): number =>
  evaluations.filter(({ shown, fingerprint }) => shown && fingerprint).length;

const words = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;
const wordsOf = ({ summary, detail }: Card): number => words(summary) + words(detail);

/** Numbers with neither a unit nor what they count behind them, nor a name that ends in a number before them. */
const units =
  'mg|g|kg|mL|mmol|µmol|nmol|ng|mEq|ms|min|h|hours?|days?|weeks?|months?|years?|times?|drugs?|doses?|of|%|more|or|to|apart|GFR|kinds?|and|criteria|orders?|cations|, now';
const bareIn = (summary: string): string[] =>
  [
    ...summary.matchAll(
      new RegExp(
        String.raw`(?<![\w.\-/]|stage |grade |CKD-EPI |1\.)\d+(?:\.\d+)?(?![\w.]|-\d| ?(?:${units})(?![a-zA-Z])| m²|\+| more finding)`,
        'g',
      ),
    ),
  ].map(([number]) => number);

const drugNames = tableEntries
  .map(([, { name }]) => name)
  .filter((name) => name.length > 5 && name !== 'magnesium');
const repeatedIn = (summary: string): string[] => {
  const text = summary.toLowerCase();
  return drugNames.filter((name) => {
    // `Sodium phosphate, dibasic + sodium phosphate, monobasic` are two; a level is named after its drug.
    const places = text
      .replaceAll(`${name}, `, '')
      .replaceAll(/(?<=^| )(?:lithium|digoxin) (?=[\d.]+ (?:mmol|ng))/g, 'level ')
      .split(new RegExp(`(?<![\\w-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`));
    return places.length > 2;
  });
};

describe('every card of every case', () => {
  test('has a summary of at most 139 characters that ends', () => {
    expect(cards.length).toBeGreaterThan(1000);
    expect(cards.filter(({ card }) => card.summary.length > 139 || card.summary.includes('{'))).toEqual([]);
  });

  test('has no number without its unit in the summary', () => {
    expect(
      [...new Set(cards.map(({ card }) => card.summary))].flatMap((summary) =>
        bareIn(summary).map((one) => `${one}: ${summary}`),
      ),
    ).toEqual([]);
  });

  test('names a drug once in the summary', () => {
    expect(
      [...new Set(cards.map(({ card }) => card.summary))].flatMap((summary) =>
        repeatedIn(summary).map((one) => `${one}: ${summary}`),
      ),
    ).toEqual([]);
  });

  test('has one line of sources, each once, and one notice', () => {
    for (const { name, card } of cards) {
      const [, ...lines] = card.detail.split(/^Source: /m);
      expect(lines, name).toHaveLength(1);
      const sources = (lines[0]?.split(/\. Rule /)[0] ?? '').split('; ');
      expect(new Set(sources).size, name).toBe(sources.length);
      expect(card.detail.split('not a medical device'), name).toHaveLength(2);
      expect(card.detail.trimEnd().endsWith('*'), name).toBe(true);
    }
  });

  test('has no button twice, and no answer has one test on two cards', () => {
    for (const { name, decision } of decisions) {
      const orders = decision.cards
        .flatMap(({ suggestions = [] }) => suggestions)
        .flatMap(({ actions }) => actions.filter(({ type }) => type === 'create'))
        .map(({ description }) => description);
      expect(new Set(orders).size, name).toBe(orders.length);
    }
  });
});

describe('the number of words', () => {
  test('of one finding is 85 in the median, where it was 105; of nine in ten at most 115', () => {
    const sizes = decisions
      .filter(({ decision }) => listedIn(decision) === 1 && findings(decision).length === 1)
      .flatMap(({ decision }) => findings(decision).map(wordsOf))
      .sort((a, b) => a - b);
    expect(sizes.length).toBeGreaterThan(1000);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(85);
    expect(sizes[Math.floor(sizes.length * 0.9)]).toBeLessThanOrEqual(115);
  });

  test('of eight findings and more on four orders is at most 80 each', () => {
    const decision = decide(many(), ruleset, clock);
    const listed = listedIn(decision);
    expect(listed).toBeGreaterThanOrEqual(6);
    const all = findings(decision).reduce((sum, card) => sum + wordsOf(card), 0);
    expect(all / listed).toBeLessThanOrEqual(80);
  });
});

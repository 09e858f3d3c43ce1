/** What is shown to whom: profiles, rules switched off, the limit of cards. */
import { describe, expect, test } from 'vitest';
import { asProfileWants, fitting, type Profile, profiles } from '../../../rules/cards/profiles.ts';
import type { Card } from '../../../rules/cards/types.ts';
import { decide } from '../../../rules/decide.ts';
import { canonicalJson } from '../../../rules/digest/digest.ts';
import { profileNames, showAll } from '../../../rules/evaluation/presentation.ts';
import { invariantProblems } from '../../support/cds-hooks-invariants.ts';
import { complete, condition, hookRequest, magnesiumSulfate } from '../../support/hook-requests.ts';
import {
  clock,
  decided,
  many,
  presented,
  request,
  ruleset,
  shownIn,
  whyOf,
} from '../../support/presented.ts';

describe('profiles', () => {
  test('generic is what is shown without a presentation', () => {
    const usual = decide(request(), ruleset, clock);
    expect(canonicalJson(usual.cards)).toBe(canonicalJson(decided({ profile: 'generic' }).cards));
    expect(usual.presentation).toEqual(showAll);
  });

  test('epic: two orders that one rule would remove are told apart', () => {
    const { context, prefetch } = hookRequest('order-sign', complete([], [condition('mg', '91637004')]), [
      magnesiumSulfate('draft-1'),
      magnesiumSulfate('draft-2'),
    ]);
    const { cards } = decide(
      { hook: 'order-sign', context, prefetch },
      ruleset,
      clock,
      presented({ profile: 'epic' }),
    );
    const descriptions = cards
      .find(({ source }) => source.topic.code === 'IV001')
      ?.suggestions?.flatMap(({ actions }) => actions.map(({ description }) => description));
    expect(new Set(descriptions).size).toBe(2);
  });
});

describe('a card as a profile wants it', () => {
  const action = (id?: string) => ({
    type: 'delete' as const,
    description: 'Remove it',
    ...(id === undefined ? {} : { resourceId: id }),
  });
  const suggestion = (label: string, ...ids: (string | undefined)[]) => ({
    label,
    uuid: `of ${label}`,
    actions: ids.map(action),
  });
  const card = (more: Partial<Card> = {}): Card => ({
    uuid: 'u',
    summary: 'Magnesium is low',
    indicator: 'warning',
    detail: 'What it means.',
    source: { label: 'Epsom', topic: { system: 'urn:epsom:rule', code: 'IV-001', display: 'x' } },
    ...more,
  });
  const described = (shown: Card) =>
    shown.suggestions?.flatMap(({ actions }) => actions.map(({ description }) => description));

  test.each([
    ['one two three', 13, 'one two three'],
    ['one two three', 12, 'one two…'],
    ['one two  three', 12, 'one two…'],
    ['one two three', 8, 'one…'],
    ['onetwothree', 8, 'onetwot…'],
  ])('`%s` in %d characters is `%s`', (summary, most, expected) => {
    expect(fitting(summary, most)).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(most);
  });

  test('what is cut from the summary leads the detail, escaped', () => {
    const long = `Magnesium is *low* ${'and low '.repeat(12)}again`;
    const cut = asProfileWants(card({ summary: long }), profiles.cerner);
    expect(cut.summary).toBe(fitting(long, 100));
    expect(cut.detail).toBe(`${long.replaceAll('*', '\\*')}\n\nWhat it means.`);
    expect(asProfileWants(card(), profiles.cerner)).toEqual(card());
  });

  test('generic and cerner leave a card that fits as it is; the topic of epic is alphanumeric', () => {
    const suggestions = [suggestion('Remove the order', 'MedicationRequest/1')];
    for (const name of profileNames) {
      const profile: Profile = profiles[name];
      const shown = asProfileWants(card({ suggestions }), profile);
      expect(shown.source.topic.code, name).toBe(name === 'epic' ? 'IV001' : 'IV-001');
      expect(shown.source.label, name).toBe('Epsom');
      expect(described(shown), name).toEqual([name === 'epic' ? 'Remove the order' : 'Remove it']);
    }
    expect(asProfileWants(card(), profiles.epic)).not.toHaveProperty('suggestions');
  });

  test.each<[string, Card['suggestions'], string[]]>([
    ['one suggestion', [suggestion('Remove', 'MedicationRequest/1')], ['Remove']],
    [
      'two of one label, which name their orders',
      [suggestion('Remove', 'MedicationRequest/1'), suggestion('Remove', 'MedicationRequest/2')],
      ['Remove (MedicationRequest/1)', 'Remove (MedicationRequest/2)'],
    ],
    [
      'two of two labels',
      [suggestion('Remove', 'MedicationRequest/1'), suggestion('Halve', 'MedicationRequest/1')],
      ['Remove', 'Halve'],
    ],
    [
      'two of one label that concern no order',
      [suggestion('Order it', undefined), suggestion('Order it', undefined)],
      ['Order it', 'Order it'],
    ],
  ])('epic reads the label in the description: %s', (_, suggestions, expected) => {
    const shown = asProfileWants(card(suggestions ? { suggestions } : {}), profiles.epic);
    expect(described(shown)).toEqual(expected);
    expect(shown.suggestions?.map(({ label }) => label)).toEqual(suggestions?.map(({ label }) => label));
  });
});

describe('rules switched off for a client', () => {
  test('IV-001 is recorded as fired and not shown, and what it superseded speaks for itself', () => {
    const on = decided({});
    const off = decided({ rulesOff: ['IV-001'] });
    expect(shownIn(on)).toContain('IV-001');
    expect(whyOf(off, 'IV-001')).toMatchObject({
      outcome: 'fired',
      shown: false,
      why: { code: 'switched-off' },
    });
    expect(whyOf(off, 'IV-001')?.fingerprint).toBeUndefined();
    for (const { rule, why } of off.evaluations) expect(why, rule).not.toBe('superseded by IV-001');
  });

  test('a check of a rule that is off is not missed: DQ-004 does not speak of it', () => {
    const bare = {
      ...request(),
      prefetch: { ...complete([], [condition('x', '38341003')]), labs: undefined },
    };
    const on = decided({}, bare);
    const waiting = on.evaluations
      .filter(({ outcome }) => outcome === 'indeterminate')
      .map(({ rule }) => rule);
    expect(shownIn(on)).toContain('DQ-004');
    const off = decided({ rulesOff: waiting }, bare);
    expect(shownIn(off)).not.toContain('DQ-004');
    const less = decided({ rulesOff: ['IV-004'] }, bare);
    expect(less.cards.map(({ detail }) => detail).join()).not.toContain('(IV-004)');
  });
});

describe('the limit of cards', () => {
  test('of several warnings one is shown, by id; the others are recorded and one card names them', () => {
    const all = decided({}, many());
    const warnings = all.cards.filter(({ indicator }) => indicator === 'warning');
    expect(warnings.length).toBeGreaterThan(1);
    const limited = decided({ limit: { warning: 1 } }, many());
    const left = limited.cards.filter(({ indicator }) => indicator === 'warning');
    expect(left).toEqual(warnings.slice(0, 1));
    const card = limited.cards.find(({ source }) => source.topic.code === 'held-back');
    const heldBack = limited.evaluations.filter(({ why }) => why?.code === 'over-limit');
    expect(card?.summary).toBe(
      `${heldBack.length} more findings are not shown: over the limit of cards set for this site`,
    );
    for (const { rule } of heldBack) expect(card?.detail).toContain(`(${rule}, `);
    for (const { source } of warnings.slice(1)) {
      expect(card?.detail).toContain(source.topic.code);
      expect(whyOf(limited, source.topic.code)).toMatchObject({
        shown: false,
        why: { code: 'over-limit', limit: 1, indicator: 'warning' },
      });
    }
    expect(invariantProblems({ cards: limited.cards })).toEqual([]);
  });
});

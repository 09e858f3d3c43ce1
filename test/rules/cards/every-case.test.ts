/** What holds for every case of the library, whatever a client has switched off, limited or overridden. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decision, decide, decideChart } from '../../../rules/decide.ts';
import { canonicalJson } from '../../../rules/digest/digest.ts';
import { profileNames } from '../../../rules/evaluation/presentation.ts';
import { isObject } from '../../../rules/fhir/json.ts';
import { parseCases } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { cases } from '../../../rules/library/cases.ts';
import { library } from '../../../rules/library/library.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { isDurable, overrideReasons } from '../../../rules/rule/override-reasons.ts';
import { severityRank } from '../../../rules/rule/severity.ts';
import { invariantProblems } from '../../support/cds-hooks-invariants.ts';
import { clock, many, presented, ruleset, shownIn, whyOf } from '../../support/presented.ts';

/** Every case of the library as a request: about a thousand patients. */
const requests = library.flatMap(({ where, json }) => {
  const rule = parseRule(json, where);
  const [first] = rule.hooks;
  const own = cases.find((entry) => entry.where === where);
  return first ? parseCases(own?.json, where).map((one) => requestOf(one, first)) : [];
});

/** A quarter of them, where every one is decided several times. */
const sample = requests.filter((_, index) => index % 4 === 0);

/** `Cr 2.4 mg/dL; baseline 1.0 mg/dL of 2026-01-14` is `Cr 1.0 to 2.4 mg/dL` in short; the detail has the date. */
const withoutDate = (summary: string): string =>
  summary.replace(/\(Cr (.+?) (\S+); baseline (\S+) \S+ of [\d-]+\)/, '(Cr $3 to $1 $2)');

/** Whether one summary is the other less some words in the middle: its head and its way out are whole. */
function isWithoutValues(short: string, whole: string): boolean {
  const long = short.includes('; baseline ') ? whole : withoutDate(whole);
  const words = long.split(/\s+|(?=[:;,])/);
  const kept = short.split(/\s+|(?=[:;,])/);
  let at = 0;
  for (const word of words) if (word === kept[at]) at += 1;
  return at === kept.length && long.endsWith(short.split(': ').at(-1) ?? short);
}

describe('profiles', () => {
  test.each(profileNames)(
    '[2] [3] [4] [6] [44] [45] [46] [47] [48] [49] [50] [51] [52] [54] [55] [56] %s: every answer of every case keeps the invariants',
    (profile) => {
      for (const one of requests) {
        const { cards } = decide(one, ruleset, clock, presented({ profile }));
        expect(invariantProblems({ cards })).toEqual([]);
      }
    },
  );

  test('every profile shows the same rules with the same ids of cards and suggestions', () => {
    for (const one of sample) {
      const [generic, ...others] = profileNames.map((profile) =>
        decide(one, ruleset, clock, presented({ profile })),
      );
      for (const other of others) {
        expect(shownIn(other)).toEqual(generic ? shownIn(generic) : null);
        const ids = (decision: Decision | undefined) =>
          decision?.cards.map(({ uuid, suggestions }) => [uuid, suggestions?.map((each) => each.uuid)]);
        expect(ids(other)).toEqual(ids(generic));
      }
    }
  });

  test('[53] epic: letters and digits in the topic, one action a suggestion, any, and the label is what is read', () => {
    let suggestions = 0;
    const topics = new Map<string, string>();
    for (const one of sample) {
      const plain = decide(one, ruleset, clock);
      const { cards } = decide(one, ruleset, clock, presented({ profile: 'epic' }));
      for (const [index, card] of cards.entries()) {
        const { code } = card.source.topic;
        expect(code).toMatch(/^[A-Za-z0-9]{1,100}$/);
        const rule = plain.cards[index]?.source.topic.code ?? '';
        expect(topics.get(rule) ?? code).toBe(code);
        topics.set(rule, code);
        expect(card.selectionBehavior ?? 'any').toBe('any');
        for (const { label, actions } of card.suggestions ?? []) {
          suggestions += 1;
          expect(actions).toHaveLength(1);
          expect(actions[0]?.description.startsWith(label)).toBe(true);
        }
        expect(JSON.stringify(card)).not.toMatch(/appContext|"links"|actionSelectionBehavior/);
      }
    }
    expect(suggestions).toBeGreaterThan(100);
    expect(new Set(topics.values()).size).toBe(topics.size);
  });

  test('cerner: at most 100 characters, and what was cut leads the detail; no data is left out of it', () => {
    let cut = 0;
    for (const one of sample) {
      const plain = decide(one, ruleset, clock).cards;
      const { cards } = decide(one, ruleset, clock, presented({ profile: 'cerner' }));
      for (const [index, card] of cards.entries()) {
        const whole = plain[index];
        expect(card.summary.length).toBeLessThanOrEqual(100);
        expect(card.detail.length).toBeLessThanOrEqual((whole?.detail.length ?? 0) + 139 + 80);
        const values = whole?.detail.split('\n').filter((line) => line.startsWith('- ')) ?? [];
        for (const line of values) expect(card.detail).toContain(line);
        if (card.summary !== whole?.summary) {
          cut += 1;
          // Cut, and so it says, or without some of the values, which the detail has.
          if (!/…$|…; also |\(\+\d+ more findings?\)$/.test(card.summary))
            expect(isWithoutValues(card.summary, whole?.summary ?? '')).toBe(true);
          expect(card.detail.replaceAll('\\', '').length).toBeGreaterThan(whole?.summary.length ?? 0);
        }
        expect(card.detail).toMatch(/not a medical device/);
      }
    }
    expect(cut).toBeGreaterThan(0);
  });
});

test('any set of rules off: none of them is shown, every outcome stays what it is', () => {
  const ids = ruleset.rules.map(({ rule }) => rule.id);
  fc.assert(
    fc.property(fc.constantFrom(...requests), fc.subarray(ids), (one, rulesOff) => {
      const before = decide(one, ruleset, clock);
      const after = decide(one, ruleset, clock, presented({ rulesOff }));
      expect(shownIn(after).filter((rule) => rulesOff.includes(rule))).toEqual([]);
      const outcomes = ({ evaluations }: Decision) =>
        evaluations.flatMap(({ rule, outcome }) => (rule === 'DQ-004' ? [] : [[rule, outcome]]));
      expect(outcomes(after)).toEqual(outcomes(before));
      expect(invariantProblems({ cards: after.cards })).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('any limit: outcomes stay, nothing is silent, critical is not limited unless set', () => {
  const most = fc.integer({ min: 0, max: 4 });
  fc.assert(
    fc.property(
      fc.constantFrom(...requests, many()),
      fc.record({ critical: most, warning: most, info: most }, { requiredKeys: [] }),
      (one, limit) => {
        const all = decide(one, ruleset, clock);
        const limited = decide(one, ruleset, clock, presented({ limit }));
        const held = limited.evaluations.filter(({ why }) => why?.code === 'over-limit');
        const cards = limited.cards.filter(({ source }) => source.topic.code === 'held-back');
        expect(cards).toHaveLength(held.length > 0 ? 1 : 0);
        // What is held back is a card each, with all that it lists.
        const heldRules = held.map(({ rule }) => rule);
        const heldCards = all.cards.filter(({ source }) => heldRules.includes(source.topic.code));
        expect(all.cards.length).toBe(limited.cards.length - cards.length + heldCards.length);
        expect(all.evaluations.filter(({ shown }) => shown).length).toBe(
          limited.evaluations.filter(({ shown }) => shown).length + held.length,
        );
        for (const indicator of ['critical', 'warning', 'info'] as const) {
          const findings = limited.cards.filter(
            ({ indicator: own, source }) =>
              own === indicator &&
              ![
                'held-back',
                'route-not-given',
                'route-not-understood',
                'DQ-003',
                'DQ-004',
                'DQ-007',
              ].includes(source.topic.code),
          );
          expect(findings.length).toBeLessThanOrEqual(limit[indicator] ?? Number.POSITIVE_INFINITY);
          if (limit[indicator] === undefined) {
            expect(heldCards.some(({ indicator: own }) => own === indicator)).toBe(false);
          }
        }
        expect(limited.cards.map(({ indicator }) => severityRank[indicator])).toEqual(
          limited.cards.map(({ indicator }) => severityRank[indicator]).sort(),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('withholding hides a card whole and changes nothing else, whatever was overridden', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...requests),
      fc.nat(),
      fc.constantFrom(...Object.keys(overrideReasons)),
      (one, pick, reason) => {
        const plain = decide(one, ruleset, clock);
        const shown = plain.evaluations.filter((evaluation) => evaluation.fingerprint);
        const chosen = shown[pick % Math.max(1, shown.length)];
        if (!chosen) return;
        const head = chosen.card ?? chosen.rule;
        const onCard = shown.filter(({ rule, card = rule }) => card === head);
        const listed = onCard.map(({ rule }) => rule);
        const overridden = onCard.flatMap(({ rule, fingerprint }) =>
          fingerprint
            ? [{ rule, at: '2026-01-20T08:00:00.000Z', reason, by: 'Practitioner/1', fingerprint, listed }]
            : [],
        );
        const withhold = { days: 28, critical: true };
        const others = ({ evaluations }: Decision) =>
          evaluations
            .filter(({ rule }) => !listed.includes(rule))
            .map(({ rule, outcome, shown: isShown, why }) => [rule, outcome, isShown, why]);
        const next = decide(one, ruleset, clock, presented({ withhold, overridden }));
        expect(others(next)).toEqual(others(plain));
        for (const rule of listed) expect(whyOf(next, rule)?.shown).toBe(!isDurable(reason));
        expect(invariantProblems({ cards: next.cards })).toEqual([]);
        // An override of a part of the card is none of the card.
        const part = { withhold, overridden: overridden.slice(1) };
        expect(shownIn(decide(one, ruleset, clock, presented(part)))).toEqual(shownIn(plain));
      },
    ),
    { numRuns: 300 },
  );
});

test('a replay under the recorded presentation gives the same bytes', () => {
  const ids = ruleset.rules.map(({ rule }) => rule.id);
  fc.assert(
    fc.property(
      fc.constantFrom(...requests),
      fc.constantFrom(...profileNames),
      fc.subarray(ids, { maxLength: 5 }),
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom({}, { units: 'si' as const }),
      (one, profile, rulesOff, warning, units) => {
        const plain = decide(one, ruleset, clock);
        const overridden = plain.evaluations.flatMap(({ rule, fingerprint }) =>
          fingerprint
            ? [{ rule, at: '2026-01-30T12:00:00Z', reason: 'not-applicable', by: null, fingerprint }]
            : [],
        );
        const presentation = presented({
          ...units,
          profile,
          rulesOff,
          limit: { warning },
          withhold: { days: 7, critical: false },
          overridden: overridden.slice(0, 1),
        });
        const decision = decide(one, ruleset, clock, presentation);
        const kept: unknown = JSON.parse(canonicalJson(decision.presentation));
        expect(isObject(kept) && kept).toEqual(presentation);
        const noted = decision.notices.filter(({ code }) => code !== 'category-missing');
        const again = decideChart(
          decision.hook,
          decision.patientId,
          structuredClone(decision.chart),
          noted,
          ruleset,
          clock,
          structuredClone(presentation),
        );
        expect(canonicalJson(again.cards)).toBe(canonicalJson(decision.cards));
        const said = ({ evaluations }: Decision) => evaluations.map(({ trace, ...rest }) => rest);
        expect(canonicalJson(said(again))).toBe(canonicalJson(said(decision)));
      },
    ),
    { numRuns: 200 },
  );
});

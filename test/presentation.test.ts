/** What is shown to whom: profiles, rules switched off, the limit of cards, and overrides that are remembered. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { weight } from '../rules/cards.ts';
import { type Decision, decide, decideChart } from '../rules/decide.ts';
import { canonicalJson } from '../rules/digest.ts';
import { isObject } from '../rules/fhir.ts';
import type { Hook } from '../rules/hooks.ts';
import { cases } from '../rules/library/cases.ts';
import { library } from '../rules/library/library.ts';
import {
  type Fingerprint,
  type FingerprintNumber,
  type Override,
  worseBy,
  worseSince,
} from '../rules/override.ts';
import { isDurable, overrideReasons } from '../rules/override-reasons.ts';
import { everything, type Presentation } from '../rules/presentation.ts';
import { profileNames } from '../rules/profiles.ts';
import { parseRule } from '../rules/rule.ts';
import { shippedRuleset } from '../rules/ruleset.ts';
import { parseCases, requestOf } from './case.ts';
import { invariantProblems } from './cds-hooks-invariants.ts';
import { at, complete, condition, hookRequest, magnesiumSulfate, observation } from './hook-requests.ts';

const ruleset = shippedRuleset();
const clock = { decisionId: 'presentation', decidedAt: at, evaluatedAt: at };
const hourAgo = '2026-01-31T11:00:00Z';

/** Every case of the library as a request: about a thousand patients. */
const requests = library.flatMap(({ where, json }) => {
  const rule = parseRule(json, where);
  const [first] = rule.hooks;
  const own = cases.find((entry) => entry.where === where);
  return first ? parseCases(own?.json, where).map((one) => requestOf(one, first)) : [];
});

/** A quarter of them, where every one is decided several times. */
const sample = requests.filter((_, index) => index % 4 === 0);

const presented = (change: Partial<Presentation>): Presentation => ({ ...everything, ...change });
const shownIn = ({ evaluations }: Decision): string[] =>
  evaluations.filter(({ shown }) => shown).map(({ rule }) => rule);
const whyOf = ({ evaluations }: Decision, rule: string) =>
  evaluations.find((evaluation) => evaluation.rule === rule);

/** IV magnesium with myasthenia gravis, a creatinine of 400 umol/L and a magnesium of 0.9 mg/dL. */
const orders = [magnesiumSulfate()];
const request = (creatinine = 4.5, magnesium = 0.9, conditions = [condition('mg', '91637004')]) => {
  const { context, prefetch } = hookRequest(
    'order-sign',
    complete(
      [
        observation('cr', '2160-0', creatinine, 'mg/dL', hourAgo),
        observation('mg', '19123-9', magnesium, 'mg/dL', hourAgo),
      ],
      conditions,
    ),
    orders,
  );
  return { hook: 'order-sign' as Hook, context, prefetch };
};
const decided = (change: Partial<Presentation>, what = request()): Decision =>
  decide(what, ruleset, clock, presented(change));

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

  test('generic is what is shown without a presentation', () => {
    const usual = decide(request(), ruleset, clock);
    expect(canonicalJson(usual.cards)).toBe(canonicalJson(decided({ profile: 'generic' }).cards));
    expect(usual.presentation).toEqual(everything);
  });

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
          expect(card.summary.endsWith('…')).toBe(true);
          expect(card.detail.replaceAll('\\', '').length).toBeGreaterThan(whole?.summary.length ?? 0);
        }
        expect(card.detail).toMatch(/not a medical device/);
      }
    }
    expect(cut).toBeGreaterThan(0);
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
      why: 'switched off for this client',
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
});

describe('the limit of cards', () => {
  /** An order that brings up several warnings. */
  const many = () => {
    const drug = (id: string, code: string) => ({
      ...magnesiumSulfate(id),
      medicationCodeableConcept: {
        coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
      },
      dosageInstruction: [{ route: { text: 'oral' } }],
    });
    const { context, prefetch } = hookRequest(
      'order-sign',
      complete([
        observation('cr', '2160-0', 2.2, 'mg/dL', hourAgo),
        observation('k', '2823-3', 5.4, 'mmol/L', hourAgo),
      ]),
      // Ibuprofen, lisinopril, furosemide, lithium.
      [drug('a', '5640'), drug('b', '29046'), drug('c', '4603'), drug('d', '6448')],
    );
    return { hook: 'order-sign' as Hook, context, prefetch };
  };

  test('of several warnings one is shown, by id; the others are recorded and one card names them', () => {
    const all = decided({}, many());
    const warnings = all.cards.filter(({ indicator }) => indicator === 'warning');
    expect(warnings.length).toBeGreaterThan(2);
    const limited = decided({ limit: { warning: 1 } }, many());
    const left = limited.cards.filter(({ indicator }) => indicator === 'warning');
    expect(left).toEqual(warnings.slice(0, 1));
    const card = limited.cards.find(({ source }) => source.topic.code === 'held-back');
    expect(card?.summary).toBe(
      `${warnings.length - 1} more findings are not shown: over the limit of cards set for this site`,
    );
    for (const { source } of warnings.slice(1)) {
      expect(card?.detail).toContain(source.topic.code);
      expect(whyOf(limited, source.topic.code)).toMatchObject({
        shown: false,
        why: 'held back: over the limit of 1 warnings',
      });
    }
    expect(invariantProblems({ cards: limited.cards })).toEqual([]);
  });

  test('any limit: outcomes stay, nothing is silent, critical is not limited unless set', () => {
    const most = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.constantFrom(...requests, many()),
        fc.record({ critical: most, warning: most, info: most }),
        (one, limit) => {
          const all = decide(one, ruleset, clock);
          const limited = decide(one, ruleset, clock, presented({ limit }));
          const held = limited.evaluations.filter(({ why }) => why?.startsWith('held back'));
          const cards = limited.cards.filter(({ source }) => source.topic.code === 'held-back');
          expect(cards).toHaveLength(held.length > 0 ? 1 : 0);
          expect(all.cards.length).toBe(limited.cards.length - cards.length + held.length);
          for (const indicator of ['critical', 'warning', 'info'] as const) {
            const findings = limited.cards.filter(
              ({ indicator: own, source }) =>
                own === indicator && !['held-back', 'DQ-003', 'DQ-004'].includes(source.topic.code),
            );
            expect(findings.length).toBeLessThanOrEqual(limit[indicator] ?? Number.POSITIVE_INFINITY);
            if (limit[indicator] === undefined) {
              expect(
                held.some(({ rule }) =>
                  all.cards.some(
                    ({ indicator: own, source }) => own === indicator && source.topic.code === rule,
                  ),
                ),
              ).toBe(false);
            }
          }
          expect(limited.cards.map(({ indicator }) => weight[indicator])).toEqual(
            limited.cards.map(({ indicator }) => weight[indicator]).sort(),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('overrides that are remembered', () => {
  const overriddenAt = '2026-01-20T08:00:00.000Z';
  const overrideOf = (rule: string, fingerprint: Fingerprint, change: Partial<Override> = {}): Override => ({
    rule,
    at: overriddenAt,
    reason: 'benefit-outweighs-risk',
    by: 'Practitioner/1',
    fingerprint,
    ...change,
  });
  const fingerprint = (decision: Decision, rule: string): Fingerprint => {
    const found = whyOf(decision, rule)?.fingerprint;
    if (!found) throw new Error(`${rule} has no fingerprint`);
    return found;
  };
  const withhold = { days: 28, critical: true };
  const before = request(4.5, 0.9, []);
  const rule = 'IV-004';
  const print = fingerprint(decided({}, before), rule);
  const later = (
    what: ReturnType<typeof request>,
    change: Partial<Presentation> = {},
    own: Partial<Override> = {},
  ) => decided({ withhold, overridden: [overrideOf(rule, print, own)], ...change }, what);

  test('IV magnesium at a creatinine of 4.5 mg/dL, overridden on 20 January: withheld, and the record says until when', () => {
    const decision = later(before);
    expect(whyOf(decision, rule)).toMatchObject({
      outcome: 'fired',
      shown: false,
      why: 'withheld: overridden on 2026-01-20 (benefit-outweighs-risk) until 2026-02-17',
    });
    expect(decision.cards.some(({ source }) => source.topic.code === rule)).toBe(false);
  });

  test.each<[string, ReturnType<typeof request>, Partial<Presentation>, Partial<Override>]>([
    ['withholding is not set for the client', before, { withhold: null }, {}],
    [
      'it is critical and the client withholds no critical ones',
      before,
      { withhold: { days: 28, critical: false } },
      {},
    ],
    ['the time is over', before, { withhold: { days: 11, critical: true } }, {}],
    ['the override is of a later time', before, {}, { at: '2026-01-31T12:00:01Z' }],
    ['the time of the override cannot be read', before, {}, { at: 'yesterday' }],
    ['the reason was an emergency', before, {}, { reason: 'emergency' }],
    ['the data was wrong then', before, {}, { reason: 'data-not-current' }],
    ['the reason is none of ours', before, {}, { reason: '45' }],
    ['another rule was overridden', before, {}, { rule: 'IV-005' }],
    ['the rule has a new version since', before, {}, { fingerprint: { ...print, version: '0.9.0' } }],
    ['it was a warning then', before, {}, { fingerprint: { ...print, indicator: 'warning' } }],
    ['the creatinine rose to 6.5 mg/dL, so the eGFR fell', request(6.5, 0.9, []), {}, {}],
    ['another drug is in it', before, {}, { fingerprint: { ...print, because: [] } }],
  ])('it is shown again: %s', (_, what, change, own) => {
    const decision = later(what, change, own);
    expect(shownIn(decision)).toContain(rule);
  });

  test('a creatinine that is better or 2 % worse does not bring it back', () => {
    for (const creatinine of [4.0, 4.5, 4.59]) {
      expect(shownIn(later(request(creatinine, 0.9, []))), String(creatinine)).not.toContain(rule);
    }
  });

  test('a new order of the same drug with the same dose is the same finding; a higher dose is not', () => {
    const dosed = (value: number) => ({
      ...magnesiumSulfate(`order-${value}`),
      dosageInstruction: [
        {
          route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] },
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
          doseAndRate: [{ doseQuantity: { value, unit: 'g', code: 'g' } }],
        },
      ],
    });
    const of = (value: number) => {
      const { context, prefetch } = hookRequest(
        'order-sign',
        complete([observation('cr', '2160-0', 4.5, 'mg/dL', hourAgo)]),
        [dosed(value)],
      );
      return { hook: 'order-sign' as Hook, context, prefetch };
    };
    const own = fingerprint(decided({}, of(2)), rule);
    const again = (value: number) =>
      shownIn(decided({ withhold, overridden: [overrideOf(rule, own)] }, of(value)));
    expect(again(2)).not.toContain(rule);
    expect(again(1)).not.toContain(rule);
    expect(again(4)).toContain(rule);
  });

  test('withholding changes nothing else: every other evaluation is the same, whatever was overridden', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...requests),
        fc.nat(),
        fc.constantFrom(...Object.keys(overrideReasons)),
        (one, pick, reason) => {
          const plain = decide(one, ruleset, clock);
          const shown = plain.evaluations.filter((evaluation) => evaluation.fingerprint);
          const chosen = shown[pick % Math.max(1, shown.length)];
          if (!chosen?.fingerprint) return;
          const overridden = [overrideOf(chosen.rule, chosen.fingerprint, { reason })];
          const next = decide(one, ruleset, clock, presented({ withhold, overridden }));
          const others = ({ evaluations }: Decision) =>
            evaluations
              .filter(({ rule: id }) => id !== chosen.rule)
              .map(({ rule: id, outcome, shown: isShown, why }) => [id, outcome, isShown, why]);
          expect(others(next)).toEqual(others(plain));
          expect(whyOf(next, chosen.rule)?.shown).toBe(!isDurable(reason));
          expect(invariantProblems({ cards: next.cards })).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  const falling = fc.constantFrom<FingerprintNumber['operator']>('lessThan', 'lessThanInclusive');
  const rising = fc.constantFrom<FingerprintNumber['operator']>('greaterThan', 'greaterThanInclusive');
  const value = fc.double({ min: 0.001, max: 10_000, noNaN: true });
  const share = fc.double({ min: 0, max: 3, noNaN: true });
  const one = (number: Partial<FingerprintNumber>, because: string[] = []): Fingerprint => ({
    version: '1.0.0',
    indicator: 'warning',
    numbers: [{ of: 'lab', operator: 'greaterThan', threshold: 1, value: 1, ...number }],
    because,
  });

  test('never withheld when a number moved more than 5 % further beyond its threshold, either way', () => {
    fc.assert(
      fc.property(fc.oneof(falling, rising), value, share, (operator, was, by) => {
        const falls = operator.startsWith('less');
        const now = falls ? was * (1 - by) : was * (1 + by);
        const back = falls ? was * (1 + by) : was * (1 - by);
        const isWorse = worseSince(one({ operator, value: was }), one({ operator, value: now })) !== null;
        if (by > worseBy * 1.001) expect(isWorse).toBe(true);
        if (by < worseBy * 0.999) expect(isWorse).toBe(false);
        expect(worseSince(one({ operator, value: was }), one({ operator, value: back }))).toBeNull();
      }),
    );
  });

  test('never withheld when a drug or condition came in, a number is new, unknown or open, or the threshold is another', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 5 });
    fc.assert(
      fc.property(names, names, (was, now) => {
        const added = now.some((name) => !was.includes(name));
        expect(worseSince(one({}, was), one({}, now)) !== null).toBe(added);
      }),
    );
    expect(worseSince(one({ value: null }), one({ value: null }))).toBeNull();
    expect(worseSince(one({ value: null }), one({}))).not.toBeNull();
    expect(worseSince(one({}), one({ value: null }))).not.toBeNull();
    expect(worseSince(one({}), one({ open: true }))).not.toBeNull();
    expect(worseSince(one({ open: true }), one({ open: true }))).toBeNull();
    expect(worseSince(one({ open: true }), one({ open: true, value: 0.9 }))).not.toBeNull();
    expect(worseSince(one({}), one({ threshold: 2 }))).not.toBeNull();
    expect(worseSince(one({}), one({ of: 'egfr' }))).not.toBeNull();
    expect(worseSince(one({ operator: 'equal' }), one({ operator: 'equal', value: 0.99 }))).not.toBeNull();
    expect(worseSince(one({}), { ...one({}), indicator: 'critical' })).toBe('it is now critical');
    expect(worseSince(one({}), { ...one({}), indicator: 'info' })).toBeNull();
    expect(worseSince(one({}), { ...one({}), version: '1.0.1' })).toBe('the rule is now version 1.0.1');
  });
});

test('a replay under the recorded presentation gives the same bytes', () => {
  const ids = ruleset.rules.map(({ rule }) => rule.id);
  fc.assert(
    fc.property(
      fc.constantFrom(...requests),
      fc.constantFrom(...profileNames),
      fc.subarray(ids, { maxLength: 5 }),
      fc.integer({ min: 0, max: 2 }),
      (one, profile, rulesOff, warning) => {
        const plain = decide(one, ruleset, clock);
        const overridden = plain.evaluations.flatMap(({ rule, fingerprint }) =>
          fingerprint
            ? [{ rule, at: '2026-01-30T12:00:00Z', reason: 'not-applicable', by: null, fingerprint }]
            : [],
        );
        const presentation = presented({
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

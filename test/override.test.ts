/** Overrides that are remembered: when a finding is withheld, and what brings it back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../rules/decide.ts';
import type { Hook } from '../rules/hooks.ts';
import {
  type Fingerprint,
  type FingerprintNumber,
  type Override,
  worseBy,
  worseSince,
} from '../rules/override.ts';
import type { Presentation } from '../rules/presentation.ts';
import { complete, hookRequest, magnesiumSulfate, observation } from './hook-requests.ts';
import { decided, hourAgo, request, shownIn, whyOf } from './presented.ts';

describe('a remembered override', () => {
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

/**
 * An answer that came in part decides nothing that the whole one would decide otherwise: over the cases of every rule and
 * the handed records, with results, problems, drugs, allergies and orders taken away and the answer saying so. A seeded
 * sample here; all of it by `npm run partial`.
 */
import { describe, expect, test } from 'vitest';
import type { Decision } from '../rules/decide.ts';
import { asArray, asObject, isObject, type Json } from '../rules/fhir/json.ts';
import { typeOfKey } from '../rules/intake/resource-category.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { decisionOf, type Input } from './support/metamorphic/input.ts';
import { caseInputs, recordInputs } from './support/metamorphic/inputs.ts';
import { randomOf } from './support/random.ts';

const isWhole = process.env.MODE === 'whole';
const ruleset = shippedRuleset();

const isMatch = (entry: Json): boolean => asObject(entry.search)?.mode !== 'include';

/** What says that an answer is not whole, or is an answer to less. Of `left` entries that are left, `all` there are. */
const lackings: Readonly<Record<string, (left: number, all: number, type: string) => Json>> = {
  'a total': (_, all) => ({ total: all }),
  'a next link': () => ({
    total: undefined,
    link: [{ relation: 'next', url: 'https://ehr.example.org/r4?page=2' }],
  }),
  'a page that is full': (left, _, type) => ({
    total: undefined,
    link: [{ relation: 'self', url: `https://ehr.example.org/r4/${type}?patient=case&_count=${left}` }],
  }),
  'a narrower question': (_left, _all, type) => ({
    total: undefined,
    link: [{ relation: 'self', url: `https://ehr.example.org/r4/${type}?patient=case&_lastUpdated=gt2026` }],
  }),
};
type Lacking = keyof typeof lackings;
const typeIn = (bundle: Json): string =>
  String(asObject(asArray(bundle.entry)[0]?.resource)?.resourceType ?? 'Observation');

/** The bundle without some of its entries, saying that there are more. */
function inPart(bundle: Json, random: () => number, how: Lacking): Json {
  const entries = asArray(bundle.entry);
  const left = entries.filter((entry) => !isMatch(entry) || random() < 0.5);
  const lacking = left.length === entries.length ? left.slice(1) : left;
  const says = lackings[how]?.(lacking.length, entries.filter(isMatch).length, typeIn(bundle));
  return { ...bundle, entry: lacking, ...says };
}

/** An error in place of the answer. */
const failure: Json = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'exception' }],
};

interface Part {
  name: string;
  input: Input;
}

/** The same call with one of its answers, or its drafts, in part. */
function* partsOf(input: Input, random: () => number): Generator<Part> {
  const { prefetch, context } = input;
  if (prefetch === undefined) return;
  for (const [key, value] of Object.entries(prefetch)) {
    if (!isObject(value) || value.resourceType !== 'Bundle' || asArray(value.entry).length === 0) continue;
    // Of a key that is none of ours nobody knows what failed.
    if (typeOfKey(key) !== undefined)
      yield {
        name: `${input.name}, ${key} failed`,
        input: { ...input, prefetch: { ...prefetch, [key]: failure } },
      };
    for (const how of Object.keys(lackings)) {
      // One page that is empty is full of nothing.
      if (how === 'a page that is full' && asArray(value.entry).length < 2) continue;
      const changed = { ...prefetch, [key]: inPart(value, random, how) };
      yield { name: `${input.name}, ${key} by ${how}`, input: { ...input, prefetch: changed } };
    }
  }
  const drafts = asObject(context?.draftOrders);
  if (context && drafts && asArray(drafts.entry).length > 1) {
    const changed = { ...context, draftOrders: inPart(drafts, random, 'a total') };
    yield { name: `${input.name}, drafts`, input: { ...input, context: changed } };
  }
}

const wordsOf = ({ cards }: Decision): string =>
  cards.map(({ summary, detail }) => `${summary}\n${detail ?? ''}`).join('\n');

/** What the part says against the whole, in sentences. */
function wrongIn(whole: Decision, part: Decision): string[] {
  return whole.evaluations.flatMap((before, index) => {
    const after = part.evaluations[index];
    if (!after || ruleset.rules.find(({ rule }) => rule.id === before.rule)?.isAboutData) return [];
    const isLost = before.outcome === 'fired' && after.outcome === 'not-fired';
    return isLost ? [`${before.rule} fired of the whole and is ${after.outcome} of a part`] : [];
  });
}

/** Findings of a part that the whole does not have must say what they rest on. */
function unsaidIn(whole: Decision, part: Decision): string[] {
  const words = wordsOf(part);
  return part.evaluations.flatMap((after, index) => {
    const before = whole.evaluations[index];
    const isGained = after.outcome === 'fired' && after.shown && before?.outcome === 'not-fired';
    if (!isGained || ruleset.rules.find(({ rule }) => rule.id === after.rule)?.isAboutData) return [];
    const isSaid = after.inPart === true || /could not be checked|could not be made|Not checked:/.test(words);
    return isSaid ? [] : [`${after.rule} fires of a part, not of the whole, and does not say so`];
  });
}

function problemsOf(inputs: readonly Input[], seed: number): { parts: number; problems: string[] } {
  const random = randomOf(seed);
  const problems: string[] = [];
  let parts = 0;
  for (const input of inputs) {
    const all = [...partsOf(input, random)];
    if (all.length === 0) continue;
    const whole = decisionOf(input, ruleset);
    if ('refused' in whole) continue;
    for (const part of all) {
      parts += 1;
      const decided = decisionOf(part.input, ruleset);
      if ('refused' in decided) problems.push(`${part.name}: ${decided.refused}`);
      else
        for (const problem of [...wrongIn(whole, decided), ...unsaidIn(whole, decided)])
          problems.push(`${part.name}: ${problem}`);
    }
  }
  return { parts, problems };
}

const sample = <T>(list: readonly T[]): readonly T[] =>
  isWhole ? list : list.filter((_, index) => index % 12 === 1);

describe('an answer in part', () => {
  test.each([
    ['cases of rules', caseInputs],
    ['handed records', recordInputs],
  ] as const)('of %s never says no where the whole says yes', { timeout: 300_000 }, (_, inputsOf) => {
    const { parts, problems } = problemsOf(sample(inputsOf()), 12);
    expect(parts).toBeGreaterThan(isWhole ? 40 : 10);
    expect(problems).toEqual([]);
  });
});

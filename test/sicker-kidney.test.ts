/**
 * The sicker kidney never gets the weaker alert (clinical decision 33). For every rule of the library with a lower renal
 * limit, found by its conditions: a creatinine that was reached by a rise gives the card of the same creatinine at steady
 * state, or a stronger one; a fall loses no "below". A seeded sample here; more of it by `npm run kidney`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { factOf } from '../rules/facts/facts.ts';
import { type Case, parseCases } from '../rules/library/case.ts';
import { library } from '../rules/library/library.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import type { CompiledRule } from '../rules/rule/compile.ts';
import { type Leaf, leavesOf } from '../rules/rule/conditions.ts';
import { severityRank } from '../rules/rule/severity.ts';
import { decisiveLeaves, type TraceLeaf } from '../rules/rule/trace.ts';
import { decideCase } from './support/case.ts';
import { randomOf } from './support/random.ts';

const isWhole = process.env.MODE === 'whole';
/** Kidneys for which a rule fires at steady state, and how many are tried to find them. */
const wanted = isWhole ? 300 : 12;
const mostTried = 25 * wanted;
const ruleset = shippedRuleset();
const root = join(import.meta.dirname, '../rules/library');

// --- Which rules -------------------------------------------------------------------------------------------

/** An estimate of now. */
const isEstimate = ({ fact }: Pick<Leaf, 'fact'>): boolean => factOf(fact).paths.includes('$.highest');
const isBelow = ({ operator }: Pick<Leaf, 'operator'>): boolean => operator.startsWith('lessThan');
/** About the kidney at all: the stage of an injury says it, too. */
const isOfKidney = (leaf: Pick<Leaf, 'fact'>): boolean => isEstimate(leaf) || leaf.fact === 'akiStage';
/** Facts about years take no creatinine that was changing. */
const isOfCourse = ({ fact }: Pick<Leaf, 'fact'>): boolean => fact === 'egfrHighest' || fact === 'egfrFall';

/** A rule that asks for a creatinine that is not there has no kidney to compare. */
const isOfAbsence = ({ rule }: CompiledRule): boolean =>
  [...leavesOf(rule.conditions)].some(
    ({ fact, params, value }) =>
      fact === 'hasLab' && value === false && JSON.stringify(params.tests).includes('creatinine'),
  );

const limited = ruleset.rules.filter(({ rule }) =>
  [...leavesOf(rule.conditions)].some((leaf) => isEstimate(leaf) && isBelow(leaf)),
);

const casesOf = new Map(
  library.map(({ where }) => [
    where.split('/')[1],
    parseCases(JSON.parse(readFileSync(join(root, where, 'cases.json'), 'utf8')), where),
  ]),
);

// --- Patients ----------------------------------------------------------------------------------------------

type CaseLab = NonNullable<Case['given']['labs']>[number];
const renal = new Set(['creatinine', 'egfr', 'creatinine-clearance']);
const molar = 88.42;

interface Course {
  /** mg/dL now. */
  now: number;
  /** Earlier against now: below 1 it rose, above 1 it fell. */
  factor: number;
  inMoles: boolean;
  /** mL/min/1.73 m2, as the laboratory reports it after the newest creatinine. */
  reported: number | null;
  weight: number;
  /** Of the newest creatinine. */
  hoursAgo: number;
  /** mg/dL four months ago. */
  long: number;
}

const rounded = (value: number): number => Number(value.toPrecision(3));

function courseOf(random: () => number): Course {
  const now = rounded(0.9 * 12 ** random());
  // At least by what KDIGO calls acute, both ways: 0.3 mg/dL, and half as much again.
  const acute = 1.5 + 0.3 / now;
  return {
    now,
    factor: acute * (1 + 3 * random() ** 2),
    inMoles: random() < 0.3,
    reported: random() < 0.2 ? rounded(5 + 80 * random()) : null,
    weight: rounded(45 + 60 * random()),
    hoursAgo: random() < 0.3 ? 60 : 2,
    long: random() < 0.5 ? now : rounded(now / 2),
  };
}

type Change = 'steady' | 'rise' | 'fall';

/** The case with the kidney of a course in place of its own. */
function withKidney(one: Case, course: Course, change: Change): Case {
  const { now, factor, inMoles, reported, weight, hoursAgo, long } = course;
  const before = change === 'steady' ? now : change === 'rise' ? now / factor : now * factor;
  const creatinine = (mgdl: number, ago: number): CaseLab => ({
    test: 'creatinine',
    value: inMoles ? Math.round(mgdl * molar) : rounded(mgdl),
    unit: inMoles ? 'umol/L' : 'mg/dL',
    hoursAgo: ago,
  });
  const others = (one.given.labs ?? []).filter(
    ({ test: name }) => !renal.has(name) && name !== 'body-weight',
  );
  const labs: CaseLab[] = [
    ...others,
    creatinine(now, hoursAgo),
    creatinine(before, hoursAgo + 24),
    creatinine(long, 24 * 120),
    creatinine(long * 0.8, 24 * 500),
    creatinine(long * 0.6, 24 * 900),
    { test: 'body-weight', value: weight, unit: 'kg', hoursAgo: 20 },
    ...(reported === null
      ? []
      : [{ test: 'egfr', value: reported, unit: 'mL/min/{1.73_m2}', hoursAgo: 1 } as const]),
  ];
  return { ...one, given: { ...one.given, labs } };
}

// --- What was said -----------------------------------------------------------------------------------------

interface Said {
  fired: boolean;
  isShown: boolean;
  /** What made it fire. */
  leaves: TraceLeaf[];
  /** Rules about the kidney that are shown, each with its severity. */
  shown: { rule: string; rank: number }[];
}

const compiledOf = new Map(ruleset.rules.map((compiled) => [compiled.rule.id, compiled]));

function say(one: Case, { rule }: CompiledRule): Said {
  const { decision, evaluation } = decideCase(one, rule, ruleset);
  return {
    fired: evaluation.outcome === 'fired',
    isShown: evaluation.shown,
    leaves: [...decisiveLeaves(evaluation.trace(), true)],
    shown: decision.evaluations.flatMap(({ rule: id, shown, trace }) => {
      const indicator = compiledOf.get(id)?.rule.card.indicator;
      const isKidney = shown && [...decisiveLeaves(trace(), true)].some(isOfKidney);
      return isKidney && indicator ? [{ rule: id, rank: severityRank[indicator] }] : [];
    }),
  };
}

/** Cases of a rule that fire, at each of its hooks in turn, with one kidney after the other. */
function* patientsOf({ rule }: CompiledRule, random: () => number): Generator<{ one: Case; course: Course }> {
  const fired = (casesOf.get(rule.id) ?? []).filter(({ expect: outcome }) => outcome === 'fired');
  for (let tried = 0; tried < mostTried; tried += 1) {
    const one = fired[Math.floor(random() * fired.length)];
    const hook = rule.hooks[tried % rule.hooks.length];
    if (one && hook) yield { one: { ...one, hook }, course: courseOf(random) };
  }
}

const described = (one: Case, { now, factor, inMoles, reported, weight }: Course): string =>
  `${one.hook}, ${one.name}: ${now} mg/dL${inMoles ? ' in umol/L' : ''}, factor ${factor.toFixed(2)}, ${weight} kg${reported === null ? '' : `, eGFR ${reported} reported`}`;

describe(`${limited.length} rules with a lower renal limit`, () => {
  test('are found', () => expect(limited.length).toBeGreaterThan(30));

  for (const compiled of limited) {
    const { rule } = compiled;
    const rank = severityRank[rule.card.indicator];
    test(
      `${rule.id}: what rose says at least as much as what is steady, and a fall loses no "below"`,
      () => {
        const random = randomOf(Number(rule.id.replace(/\D/g, '')) + rule.id.charCodeAt(1));
        let compared = 0;
        for (const { one, course } of patientsOf(compiled, random)) {
          const steady = say(withKidney(one, course, 'steady'), compiled);
          const below = steady.leaves.filter((leaf) => isEstimate(leaf) && isBelow(leaf));
          if (!steady.fired || below.length === 0) continue;
          compared += 1;
          if (compared > wanted) break;
          const what = described(one, course);
          const risen = say(withKidney(one, course, 'rise'), compiled);
          const isOfYears = steady.leaves.some(isOfCourse);
          const isSaidBetter = risen.shown.some((other) => other.rule !== rule.id && other.rank <= rank);
          expect(risen.fired || (isOfYears && isSaidBetter), `lost by a rise: ${what}`).toBe(true);
          expect(risen.isShown || !steady.isShown || isSaidBetter, `weaker by a rise: ${what}`).toBe(true);
          const fallen = say(withKidney(one, course, 'fall'), compiled);
          expect(fallen.fired || isOfYears, `lost by a fall: ${what}`).toBe(true);
        }
        const least = isOfAbsence(compiled) ? 0 : wanted / 3;
        expect(compared, 'too few patients for whom it fires at steady state').toBeGreaterThanOrEqual(least);
      },
      isWhole ? 600_000 : 60_000,
    );
  }
});

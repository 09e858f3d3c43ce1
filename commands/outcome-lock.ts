/**
 * What the cases of the library come to, as a digest beside the version of the engine: code that answers otherwise
 * needs a new version (rules/version.ts), or a test fails. Rules and cases may change under one version, since rules
 * have a lock of their own: each library has its digest under the version.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { type Clock, type Decision, decide } from '../rules/decide.ts';
import { canonicalJson, sha256 } from '../rules/digest/digest.ts';
import type { Ruleset } from '../rules/evaluation/ruleset.ts';
import { evaluatedAt, parseCases } from '../rules/library/case.ts';
import { requestOf } from '../rules/library/case-request.ts';
import { cases } from '../rules/library/cases.ts';
import { library } from '../rules/library/library.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { parseRule } from '../rules/rule/document.ts';

export const outcomesFile = resolve(import.meta.dirname, '../rules/library/outcomes.json');
const locked = z.record(z.string(), z.record(z.string(), z.string()));

/** Version of the engine, to digest of rules and cases, to digest of what the cases come to. */
export type OutcomeLock = z.infer<typeof locked>;

export const readOutcomeLock = (): OutcomeLock =>
  existsSync(outcomesFile) ? locked.parse(JSON.parse(readFileSync(outcomesFile, 'utf8'))) : {};

/** What a case came to: what every rule said of it, and the cards without their ids. */
export interface CaseOutcome {
  rule: string;
  name: string;
  evaluations: { rule: string; outcome: string; shown: boolean; why: string | null }[];
  cards: { summary: string; indicator: string; detail: string; suggestions: string[] }[];
}

/** What the library came to. */
export interface LibraryOutcomes {
  /** Digest of rules and cases. */
  library: string;
  outcomes: readonly CaseOutcome[];
}

const clock: Clock = { decisionId: 'case', decidedAt: evaluatedAt, evaluatedAt };

const outcomeOf = (rule: string, name: string, { evaluations, cards }: Decision): CaseOutcome => ({
  rule,
  name,
  evaluations: evaluations.map(({ rule: evaluated, outcome, shown, why }) => ({
    rule: evaluated,
    outcome,
    shown,
    why: why?.code ?? null,
  })),
  cards: cards.map(({ summary, indicator, detail, suggestions = [] }) => ({
    summary,
    indicator,
    detail,
    suggestions: suggestions.map(({ label }) => label),
  })),
});

/** Decides every case of every rule, in the order of the library; a second or two. */
export function decideLibrary(ruleset: Ruleset = shippedRuleset()): LibraryOutcomes {
  const casesOf = new Map(cases.map(({ where, json }) => [where, json]));
  const outcomes = library.flatMap(({ where, json }) => {
    const { id, hooks } = parseRule(json, where);
    const [first] = hooks;
    if (!first) return [];
    return parseCases(casesOf.get(where), where).map((one) =>
      outcomeOf(id, one.name, decide(requestOf(one, first), ruleset, clock)),
    );
  });
  return { library: digest([library, cases]), outcomes };
}

const digest = (value: unknown): string => sha256(canonicalJson(value)).slice(0, 32);

/** What is wrong with the outcomes against the lock, in a sentence; nothing when all is well. */
export function outcomeProblems(
  { library: of, outcomes }: LibraryOutcomes,
  version: string,
  lock: OutcomeLock,
): string[] {
  const known = lock[version]?.[of];
  if (known === undefined)
    return [
      `what these rules and cases come to is not written down for engine ${version}: run npm run rule:lock`,
    ];
  return known === digest(outcomes)
    ? []
    : [
        `the outcomes of the ${outcomes.length} cases changed and the engine is still version ${version}: raise rules/version.ts, then run npm run rule:lock`,
      ];
}

/** The lock with this library under this version. What is in it stays as it is. */
export function withOutcomes(
  { library: of, outcomes }: LibraryOutcomes,
  version: string,
  lock: OutcomeLock,
): OutcomeLock {
  const known = lock[version] ?? {};
  return { ...lock, [version]: { ...known, [of]: known[of] ?? digest(outcomes) } };
}

/**
 * `npm run rule:lock`: writes down what each version of each rule says, as a digest, and what all cases come to under
 * this version of the engine (outcome-lock.ts). A version that is written down never changes: a changed rule needs a
 * new version, or a test fails. Card text counts, and so does status.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { canonicalJson, sha256 } from '../rules/digest/digest.ts';
import { library } from '../rules/library/library.ts';
import { parseRule, type Rule } from '../rules/rule/document.ts';
import { engine } from '../rules/version.ts';
import { runCommand } from './command-line.ts';
import {
  decideLibrary,
  outcomeProblems,
  outcomesFile,
  readOutcomeLock,
  withOutcomes,
} from './outcome-lock.ts';

const file = resolve(import.meta.dirname, '../rules/library/versions.json');
const locked = z.record(z.string(), z.record(z.string(), z.string()));

/** Rule id to version to digest. */
export type Lock = z.infer<typeof locked>;

export const readLock = (): Lock =>
  existsSync(file) ? locked.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};

export const digestOf = (rule: Rule): string => sha256(canonicalJson(rule)).slice(0, 32);

/** What is wrong with the rules against the lock, a sentence each; nothing when all is well. */
export function lockProblems(rules: readonly Rule[], lock: Lock): string[] {
  const changed = rules.flatMap((rule) => {
    const known = lock[rule.id]?.[rule.version];
    if (known === undefined) return [`${rule.id} ${rule.version} is not written down: run npm run rule:lock`];
    return known === digestOf(rule)
      ? []
      : [
          `${rule.id} changed and is still version ${rule.version}: give it a new version, then run npm run rule:lock`,
        ];
  });
  const ids = new Set(rules.map(({ id }) => id));
  const gone = Object.keys(lock).filter((id) => !ids.has(id));
  return [...changed, ...gone.map((id) => `${id} is gone: a rule is retired by its status, never removed`)];
}

/** The lock with every version that is not in it yet. Versions that are in it stay as they are. */
export function extended(rules: readonly Rule[], lock: Lock): Lock {
  const next: Lock = structuredClone(lock);
  for (const rule of rules.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const versions = next[rule.id] ?? {};
    versions[rule.version] ??= digestOf(rule);
    next[rule.id] = versions;
  }
  return Object.fromEntries(Object.entries(next).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const write = (path: string, lock: unknown): void =>
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);

if (import.meta.main) {
  await runCommand(
    {
      about: [
        'Writes down, as digests, what each version of each rule says (rules/library/versions.json), and what all cases',
        'come to under this version of the engine (rules/library/outcomes.json). What is written down never changes: a',
        'changed rule needs a new version, and so does an engine that answers otherwise (rules/version.ts).',
      ].join('\n'),
      calls: ['npm run rule:lock'],
      options: {},
    },
    () => {
      const rules = library.map(({ where, json }) => parseRule(json, where));
      const decided = decideLibrary();
      write(file, extended(rules, readLock()));
      write(outcomesFile, withOutcomes(decided, engine.version, readOutcomeLock()));
      const problems = [
        ...lockProblems(rules, readLock()),
        ...outcomeProblems(decided, engine.version, readOutcomeLock()),
      ];
      for (const problem of problems) console.error(problem);
      return problems.length > 0 ? 1 : 0;
    },
  );
}

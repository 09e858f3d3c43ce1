/**
 * One process that tries mutants: it loads the suites once, runs them all to learn which test reaches which mutant, and
 * then, for each mutant it is told, runs the tests that reach it until one fails. Runs in the copy of the project whose
 * sources hold all mutants (core.ts).
 */
import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { matchesGlob, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { KeptTest } from './stand-in.ts';
import { suites } from './suites.ts';

/** What the mutants read: https://github.com/stryker-mutator/stryker-js (instrumenter, instrument-header) */
interface Namespace {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: {
    static: Record<string, number>;
    perTest: Record<string, Record<string, number>>;
  };
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}
const coverage: NonNullable<Namespace['mutantCoverage']> = { static: {}, perTest: {} };
const namespace: Namespace = { mutantCoverage: coverage };
Reflect.set(globalThis, '__stryker__', namespace);

export interface Learnt {
  kind: 'learnt';
  tests: number;
  /** Tests that fail without a mutant: nothing can be learnt from them. */
  failing: string[];
  /** Tests that take too long to be run for each mutant. */
  slow: string[];
  /** Mutants that a test reaches. */
  reached: string[];
  /** Mutants that are reached only while the modules load. */
  onlyLoaded: string[];
}
export interface Tried {
  kind: 'tried';
  mutant: string;
  /** The test that failed; null where none did. */
  by: string | null;
  /** The test fails without the mutant too, now: something was kept from a mutant before. */
  isSpoilt: boolean;
}

const root = resolve(import.meta.dirname, '../..');
/** A test that takes longer is not run for every mutant, in ms. */
const longest = Number(process.env.MUTATION_LONGEST ?? 1500);

/** How long tests are run for one mutant, in ms of a run without one: a survivor ends here. */
const budget = Number(process.env.MUTATION_BUDGET ?? 2500);

const standIn = pathToFileURL(resolve(import.meta.dirname, 'stand-in.ts')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vitest' ? { url: standIn, shortCircuit: true } : next(specifier, context),
});

// What suites print is for those who read one run.
for (const word of ['log', 'info', 'warn', 'error'] as const) console[word] = () => {};

const { beginFile, kept } = await import('./stand-in.ts');
const asked = process.env.MUTATION_SUITES?.split(' ') ?? suites.include;
// Who names suites means them.
const excluded = new Set(
  globSync(suites.exclude, { cwd: root }).filter(
    (file) => !asked.some((one) => one.includes('library') && matchesGlob(file, one)),
  ),
);
for (const file of globSync(asked, { cwd: root }).toSorted()) {
  if (excluded.has(file)) continue;
  beginFile(file);
  await import(pathToFileURL(resolve(root, file)).href);
}

/** @returns whether it failed */
async function fails(test: KeptTest): Promise<boolean> {
  try {
    const result = test.run();
    if (result instanceof Promise) await result;
    return false;
  } catch {
    return true;
  }
}

// --- Which test reaches which mutant -------------------------------------------------------------------------

const durations: number[] = [];
const failing = new Set<number>();
for (const [index, test] of kept.entries()) {
  const start = process.cpuUsage();
  namespace.currentTestId = String(index);
  if (await fails(test)) failing.add(index);
  namespace.currentTestId = undefined;
  // Of the processor, so that a busy machine asks the same tests.
  const { user, system } = process.cpuUsage(start);
  durations[index] = (user + system) / 1000;
}

const isSlow = (index: number): boolean => (durations[index] ?? 0) > longest;
const reaching = new Map<string, number[]>();
const hits = new Map<string, number>();
for (const [test, mutants] of Object.entries(coverage.perTest)) {
  const index = Number(test);
  for (const [mutant, count] of Object.entries(mutants)) {
    hits.set(mutant, Math.max(hits.get(mutant) ?? 0, count));
    if (failing.has(index) || isSlow(index)) continue;
    const tests = reaching.get(mutant);
    if (tests) tests.push(index);
    else reaching.set(mutant, [index]);
  }
}
const nameOf = (index: number): string => `${kept[index]?.file}: ${kept[index]?.name}`;
const send = (message: Learnt | Tried): void => {
  process.send?.(message);
};
send({
  kind: 'learnt',
  tests: kept.length,
  failing: [...failing].map(nameOf),
  slow: [...kept.keys()].filter(isSlow).map(nameOf),
  reached: [...reaching.keys()],
  onlyLoaded: Object.keys(coverage.static).filter((mutant) => !hits.has(mutant)),
});

// --- One mutant after another --------------------------------------------------------------------------------

/** `test/rules/facts/kidney.test.ts` for `rules/facts/kidney.ts`: who knows most is asked first. */
const isOfFile = (test: number, file: string): boolean =>
  kept[test]?.file === `test/${relative('.', file).replace(/\.ts$/, '.test.ts')}`;

/** Those of the mutant's own file first, then the short ones; those that killed lately stand before others. */
const lately = new Map<number, number>();
const orderFor = (mutant: string, file: string): number[] =>
  (reaching.get(mutant) ?? []).toSorted((a, b) => {
    const own = Number(isOfFile(b, file)) - Number(isOfFile(a, file));
    if (own !== 0) return own;
    const cost = (test: number): number => (durations[test] ?? 0) / (1 + (lately.get(test) ?? 0));
    return cost(a) - cost(b);
  });

async function tryMutant(mutant: string, file: string): Promise<Tried> {
  const limit = (hits.get(mutant) ?? 0) * 100 + 10_000;
  let spent = 0;
  for (const index of orderFor(mutant, file)) {
    const test = kept[index];
    spent += durations[index] ?? 0;
    if (!test || spent > budget) break;
    namespace.activeMutant = mutant;
    namespace.hitCount = 0;
    namespace.hitLimit = limit;
    const isKilled = await fails(test);
    namespace.activeMutant = undefined;
    namespace.hitCount = undefined;
    if (!isKilled) continue;
    lately.set(index, (lately.get(index) ?? 0) + 1);
    return { kind: 'tried', mutant, by: nameOf(index), isSpoilt: await fails(test) };
  }
  return { kind: 'tried', mutant, by: null, isSpoilt: false };
}

process.on('message', async ({ mutant, file }: { mutant: string; file: string }) => {
  send(await tryMutant(mutant, file));
});

/**
 * `npm run mutation:core`: mutation testing of the core in minutes. The mutants of Stryker's instrumenter are all put into
 * a copy of the sources, switched on one at a time, and the suites of the pure ring run in one process as often as there
 * are mutants, each time the tests that reach the mutant until one fails. Nothing of the project is changed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import type { Learnt, Tried } from './worker.ts';

const root = resolve(import.meta.dirname, '../..');
/** What decides: three values, the format of rules, their evaluation, and the facts. */
const core = ['rules/logic', 'rules/rule', 'rules/evaluation', 'rules/facts'].map(
  (wing) => `${wing}/**/*.ts`,
);
/** The suites that ask it: the cases of rules too, each of which is one short test here. What lies below knows nothing of it. */
const suitesOfCore = [
  'test/rules/{cards,chart,evaluation,facts,rule}/**/*.test.ts',
  'test/rules/library/{library,lint}.test.ts',
  'test/rules/*.test.ts',
];
/** The share that must be noticed. */
const floor = 0.9;
/** A mutant that runs longer never ends, in ms. */
const patience = 60_000;

interface Mutant {
  id: string;
  file: string;
  line: number;
  mutator: string;
  replacement: string;
}
type Status = 'killed' | 'timed-out' | 'survived' | 'not-reached' | 'only-loaded';

const silent = { isDebugEnabled: () => false, debug() {}, info() {}, warn() {}, error() {} };

/** A copy of the project in which the sources hold every mutant, switched off. */
async function mutatedCopy(patterns: readonly string[]): Promise<{ folder: string; mutants: Mutant[] }> {
  const folder = join(mkdtempSync(join(tmpdir(), 'mutation-')), 'project');
  mkdirSync(folder);
  for (const part of [
    'rules',
    'functions',
    'commands',
    'test',
    'docs',
    'bench',
    'package.json',
    'tsconfig.json',
    'README.md',
  ])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const shared = resolve(root, '../shared');
  if (existsSync(shared)) symlinkSync(shared, resolve(folder, '../shared'));
  const names = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
  const files = names.map((name) => ({
    name,
    mutate: true,
    content: readFileSync(join(root, name), 'utf8'),
  }));
  const instrumenter = new Instrumenter(silent as never);
  const made = await instrumenter.instrument(files, {
    plugins: null,
    excludedMutations: [],
    ignorers: [],
  } as never);
  for (const { name, content } of made.files) writeFileSync(join(folder, name), content);
  const mutants = made.mutants.map(({ id, fileName, location, mutatorName, replacement }) => ({
    id,
    file: fileName,
    line: location.start.line + 1,
    mutator: mutatorName,
    replacement,
  }));
  return { folder, mutants };
}

interface Worker {
  child: ChildProcess;
  learnt: Learnt;
}

/** A process that tries mutants, and what it learnt from a run without any. */
function startWorker(folder: string, suites: readonly string[]): Promise<Worker> {
  const child = fork(join(folder, 'test/mutation/worker.ts'), {
    cwd: folder,
    // Away from UTC, so that a date read in the zone of the machine is noticed.
    env: {
      ...process.env,
      TZ: 'America/New_York',
      ...(suites.length > 0 ? { MUTATION_SUITES: suites.join(' ') } : {}),
    },
    execArgv: ['--max-old-space-size=3072'],
  });
  return new Promise((done, fail) => {
    child.once('message', (learnt: Learnt) => done({ child, learnt }));
    child.once('exit', (code) => fail(new Error(`a process that tries mutants ended with ${code}`)));
  });
}

/** @returns what came of it; null where the process had to be ended */
function ask(child: ChildProcess, { id, file }: Mutant): Promise<Tried | null> {
  return new Promise((done) => {
    const finish = (answer: Tried | null) => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      done(answer);
    };
    const onMessage = (answer: Tried) => finish(answer);
    const onExit = () => finish(null);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
    }, patience);
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send({ mutant: id, file });
  });
}

/** Tries mutants of a queue until it is empty; a process that is spoilt or hangs is replaced. */
async function work(
  start: () => Promise<Worker>,
  first: Promise<Worker>,
  queue: Mutant[],
  note: (mutant: Mutant, status: Status) => void,
): Promise<void> {
  let { child } = await first;
  const end = (): void => {
    child.removeAllListeners();
    child.kill('SIGKILL');
  };
  const replace = async (): Promise<void> => {
    end();
    ({ child } = await start());
  };
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    let answer = await ask(child, mutant);
    if (answer?.isSpoilt) {
      // Once more in a process that no mutant was in before.
      await replace();
      answer = await ask(child, mutant);
      if (answer?.isSpoilt) await replace();
    }
    if (answer === null) await replace();
    note(mutant, answer === null ? 'timed-out' : answer.by === null ? 'survived' : 'killed');
  }
  end();
}

/** The first of a list in an order of its own, the same each time: mulberry32 as key. */
function sampleOf<T>(list: readonly T[], size: number): T[] {
  const key = (seed: number): number => {
    let mixed = (seed + 1) * 0x6d2b79f5;
    mixed = Math.imul(mixed ^ (mixed >>> 15), 1 | mixed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const keyed = list.map((item, index) => ({ item, order: key(index) }));
  return keyed
    .toSorted((a, b) => a.order - b.order)
    .slice(0, size)
    .map(({ item }) => item);
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? 'n/a' : `${((100 * part) / whole).toFixed(1)} %`;
const isNoticed = (status: Status | undefined): boolean => status === 'killed' || status === 'timed-out';

/** One line a file, and the whole: how many, how many noticed. Those that only loading reaches do not count. */
function report(mutants: readonly Mutant[], statuses: ReadonlyMap<string, Status>): number {
  const counted = mutants.filter(({ id }) => statuses.get(id) !== 'only-loaded');
  const noticed = (of: readonly Mutant[]): number =>
    of.filter(({ id }) => isNoticed(statuses.get(id))).length;
  for (const [file, own] of Map.groupBy(counted, (mutant) => mutant.file))
    console.log(
      `${percent(noticed(own), own.length).padStart(8)}  ${String(own.length).padStart(5)}  ${file}`,
    );
  const score = noticed(counted) / counted.length;
  console.log(
    `${noticed(counted)} of ${counted.length} mutants noticed: ${percent(noticed(counted), counted.length)}; ${mutants.length - counted.length} more are reached only while modules load`,
  );
  return score;
}

const help = `npm run mutation:core                            # the core
npm run mutation:core -- rules/facts/kidney.ts   # named files
npm run mutation:core -- --sample 500            # so many of its mutants, always the same
npm run mutation:core -- --workers 1

Changes one place of the core at a time and runs the tests that reach it. Survivors: reports/mutation/core.json.
Ends with 1 where less than 90 % are noticed.`;

interface Wanted {
  patterns: readonly string[];
  /** None: all of the pure ring. */
  suites: readonly string[];
  workers: number;
  /** How many mutants; infinite: all. */
  sample: number;
}

async function main({ patterns, suites, workers, sample }: Wanted): Promise<number> {
  const started = Date.now();
  const seconds = (): number => Math.round((Date.now() - started) / 1000);
  const { folder, mutants: made } = await mutatedCopy(patterns);
  const mutants = sampleOf(made, sample).toSorted((a, b) => Number(a.id) - Number(b.id));
  const start = (): Promise<Worker> => startWorker(folder, suites);
  const first = start();
  const { learnt } = await first;
  console.log(
    `${seconds()} s: ${mutants.length} mutants, ${learnt.tests} tests; ${learnt.slow.length} too slow to be run for each mutant, ${learnt.failing.length} fail without one`,
  );
  for (const name of learnt.failing) console.log(`  fails: ${name}`);
  const [reached, onlyLoaded] = [new Set(learnt.reached), new Set(learnt.onlyLoaded)];
  const statuses = new Map<string, Status>(
    mutants.map(({ id }) => [id, onlyLoaded.has(id) ? 'only-loaded' : 'not-reached']),
  );
  const queue = mutants.filter(({ id }) => reached.has(id));
  const all = queue.length;
  let done = 0;
  const note = (mutant: Mutant, status: Status): void => {
    statuses.set(mutant.id, status);
    done += 1;
    if (done % 250 === 0) console.log(`${done} of ${all} after ${seconds()} s`);
  };
  await Promise.all(
    Array.from({ length: workers }, (_, index) => work(start, index === 0 ? first : start(), queue, note)),
  );
  rmSync(resolve(folder, '..'), { recursive: true });
  const score = report(mutants, statuses);
  const open = mutants
    .filter(({ id }) => ['survived', 'not-reached'].includes(statuses.get(id) ?? ''))
    .map((mutant) => ({ ...mutant, status: statuses.get(mutant.id) }));
  mkdirSync(join(root, 'reports/mutation'), { recursive: true });
  writeFileSync(join(root, 'reports/mutation/core.json'), `${JSON.stringify(open, null, 2)}\n`);
  console.log(`${seconds()} s; survivors are in reports/mutation/core.json`);
  return score >= floor ? 0 : 1;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workers: { type: 'string', default: '2' },
    sample: { type: 'string', default: 'Infinity' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(help);
else {
  const isCore = positionals.length === 0;
  process.exitCode = await main({
    patterns: isCore ? core : positionals,
    suites: isCore ? suitesOfCore : [],
    workers: Number(values.workers),
    sample: Number(values.sample),
  });
}

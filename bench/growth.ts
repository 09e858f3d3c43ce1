/**
 * `npm run growth -- [--only text] [--write]`: each shape of growth-shapes.ts sent to a real server in a process of its
 * own, in a quarter, a half and all of the largest body. Prints the processor time of each, the power by which it
 * grows, how long the largest took, how long `/health` took beside it, the record and the memory. Exits with 1 where
 * one is more than it may be. Linux alone: processor time and memory are read from /proc. Loopback only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { argumentsOfProcess } from '../commands/command-line.ts';
import { isObject } from '../rules/fhir/json.ts';
import { type Shape, shapes } from './growth-shapes.ts';

const { values } = argumentsOfProcess({
  about:
    'How the time, the record and the memory of a request grow with each thing that may be many or long in it.',
  calls: ['npm run growth -- [--only text] [--port 8197] [--write]'],
  options: {
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '8197' },
    /** Into docs/growth.md. */
    write: { type: 'boolean', default: false },
  },
});
const project = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'epsom-growth-'));

/** What a body may be at most: the limit of the server, and of values in it. */
const largest = { bytes: 4 * 1024 * 1024 - 1000, values: 490_000 };
/** What may be measured at most. Below so many milliseconds a power says nothing: it is the same work as for nothing. */
const most = { power: 1.2, from: 150, seconds: 6, health: 1000, megabytes: 400, record: 3 };

interface Server {
  child: ChildProcess;
  pid: number;
  base: string;
}

/** @param deadlineMs of each request; as it is shipped where left out */
async function started(port: number, deadlineMs?: number): Promise<Server> {
  const child = spawn(process.execPath, ['functions/local.ts'], {
    cwd: project,
    env: {
      ...process.env,
      PORT: String(port),
      EPSOM_DATA: join(folder, String(port)),
      EPSOM_SEAL_INTERVAL: '600',
      ...(deadlineMs === undefined ? {} : { EPSOM_DEADLINE_MS: String(deadlineMs) }),
    },
    stdio: 'ignore',
  });
  const base = `http://127.0.0.1:${port}`;
  const { pid } = child;
  if (pid === undefined) throw new Error('the server has no process');
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await fetch(`${base}/health`).catch(() => null))?.ok) return { child, pid, base };
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('the server did not start');
}

async function stopped({ child }: Server): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Milliseconds of processor time of a process, all of its threads. */
function processorTime(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, task) => {
    const [nanoseconds = '0'] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ');
    return sum + Number(nanoseconds) / 1e6;
  }, 0);
}

/** The most memory that a process had since it was asked last, in megabytes. */
function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

const countValues = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 1
    : Object.values(value).reduce<number>((sum, one) => sum + countValues(one), 1);

/** How many of it make the largest body. */
function largestOf({ body }: Shape): number {
  const [few, many] = [100, 200].map((n) => ({
    bytes: JSON.stringify(body(n)).length,
    values: countValues(body(n)),
  }));
  if (!few || !many) return 1;
  const fits = (name: 'bytes' | 'values'): number => {
    const each = (many[name] - few[name]) / 100;
    return each > 0 ? Math.floor((largest[name] - few[name]) / each) : Number.POSITIVE_INFINITY;
  };
  // Numbers get longer.
  return Math.max(4, Math.floor(Math.min(fits('bytes'), fits('values')) * 0.9));
}

interface Measured {
  status: number;
  problem: string;
  bytes: number;
  answer: number;
  record: number;
  /** Milliseconds of the processor, and by the clock. */
  cpu: number;
  took: number;
  /** The longest that `/health` took beside it. */
  health: number;
  memory: number;
}

async function measured({ path, body }: Shape, n: number, { pid, base }: Server): Promise<Measured> {
  const text = JSON.stringify(body(n));
  peakMemory(pid);
  const before = processorTime(pid);
  const began = performance.now();
  let isOver = false;
  const beside = (async () => {
    let longest = 0;
    while (!isOver) {
      const asked = performance.now();
      await (await fetch(`${base}/health`)).text();
      longest = Math.max(longest, performance.now() - asked);
      await new Promise((done) => setTimeout(done, 20));
    }
    return longest;
  })();
  const answer = await fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
  });
  const answered = await answer.text();
  const took = performance.now() - began;
  isOver = true;
  const health = await beside;
  const cpu = processorTime(pid) - before;
  const memory = peakMemory(pid);
  const id = answer.headers.get('epsom-decision');
  const record = id ? (await (await fetch(`${base}/decisions/${id}`)).text()).length : 0;
  return {
    status: answer.status,
    problem: answer.status === 200 ? '' : problemIn(answered),
    bytes: text.length,
    answer: answered.length,
    record,
    cpu,
    took,
    health,
    memory,
  };
}

function problemIn(text: string): string {
  const json: unknown = JSON.parse(text);
  const [issue] = isObject(json) && Array.isArray(json.issue) ? json.issue : [];
  return isObject(issue) ? String(issue.diagnostics).slice(0, 80) : '';
}

const headings = [
  'shape',
  'n',
  'ms at n/4',
  'ms at n/2',
  'ms at n',
  'power',
  'body, MB',
  'status',
  'answered after, s',
  '`/health` beside it, ms',
  'record / body',
  'memory, MB',
] as const;
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** What is more than it may be, in words. */
function excesses(power: number, { cpu, took, health, memory, record, bytes, status }: Measured): string[] {
  return [
    ...(power > most.power && cpu > most.from ? ['power'] : []),
    ...(took > most.seconds * 1000 ? ['time'] : []),
    ...(health > most.health ? ['health'] : []),
    ...(memory > most.megabytes ? ['memory'] : []),
    ...(status === 200 && record > 100_000 + most.record * bytes ? ['record'] : []),
    ...(status >= 500 && status !== 503 ? ['status'] : []),
  ];
}

const firstPort = Number(values.port);
/** Its time is never over: what a request costs is measured to the end. */
let patient = await started(firstPort, 600_000);
/** As it is shipped: what is answered within which time, and to others meanwhile. */
const usual = await started(firstPort + 1);
const lines: string[] = [];
let isBad = false;
try {
  console.log(`${row(headings)}\n${row(headings.map(() => '---'))}`);
  for (const shape of shapes.filter(({ name }) => name.includes(values.only))) {
    const n = largestOf(shape);
    await measured(shape, Math.ceil(n / 16), patient);
    const quarter = await measured(shape, Math.ceil(n / 4), patient);
    const half = await measured(shape, Math.ceil(n / 2), patient);
    const whole = await measured(shape, n, patient);
    const { status, problem, took, health } = await measured(shape, n, usual);
    const power = Math.log(whole.cpu / quarter.cpu) / Math.log(4);
    const bad = excesses(power, { ...whole, status, took, health });
    isBad ||= bad.length > 0;
    const line = row([
      shape.name,
      String(n),
      ...[quarter, half, whole].map(({ cpu }) => cpu.toFixed(0)),
      power.toFixed(2),
      (whole.bytes / 1e6).toFixed(1),
      `${status} ${problem}`.trim(),
      (took / 1000).toFixed(1),
      health.toFixed(0),
      whole.status === 200 ? (whole.record / whole.bytes).toFixed(1) : '',
      whole.memory.toFixed(0),
    ]);
    lines.push(line);
    console.log(bad.length > 0 ? `${line} <- ${bad.join(', ')}` : line);
    // What one shape leaves behind in memory is not counted for the next.
    if (whole.memory > most.megabytes * 0.75) {
      await stopped(patient);
      rmSync(join(folder, values.port), { recursive: true, force: true });
      patient = await started(firstPort, 600_000);
    }
  }
} finally {
  await stopped(patient);
  await stopped(usual);
  rmSync(folder, { recursive: true, force: true });
}
if (values.write) {
  const file = join(project, 'docs/growth.md');
  const [about = ''] = readFileSync(file, 'utf8').split(/^\| shape/m);
  writeFileSync(file, `${about}${row(headings)}\n${row(headings.map(() => '---'))}\n${lines.join('\n')}\n`);
}
process.exitCode = isBad ? 1 : 0;

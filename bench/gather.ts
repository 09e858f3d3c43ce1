/**
 * `npm run bench:gather -- [--latency 0,50,100,200,400] [--page 20,200] [--hooks patient-view,order-sign] [--deadline 350]
 * [--rounds 3]`: what a hook that comes without prefetch costs, and what it loses, by how long the FHIR server takes
 * for an answer and how many results it puts on a page. The server is a real search engine on loopback with a patient of
 * a thousand results.
 *
 * Prints a table: calls, milliseconds (median of the rounds), rules of the hook that are undecided though the whole
 * record decides them, those of them that are critical, rules that say otherwise than the whole record, and what was
 * lost: templates, further pages, references.
 */
import { argumentsOfProcess, UsageError } from '../commands/command-line.ts';
import type { Evaluation } from '../rules/evaluation/findings.ts';
import { type Hook, hooks, isHook } from '../rules/fhir/hooks.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { type EngineSettings, type FhirEngine, fhirEngine } from './engine/fhir-engine.ts';
import { decideAsSent, decideGathered, type Gathered } from './engine/gathered.ts';
import { contextOf, type RecordOf, resourcesFor, thousand, wholePrefetch } from './engine/patients.ts';

const { values } = argumentsOfProcess({
  about: 'What a hook without prefetch costs and loses, by how long the FHIR server takes and by its pages.',
  calls: [
    'npm run bench:gather -- [--latency 0,50,100,200,400] [--page 20,200] [--hooks patient-view,order-sign | all] [--deadline 350] [--rounds 3]',
  ],
  options: {
    latency: { type: 'string', default: '0,50,100,200,400' },
    page: { type: 'string', default: '20,200' },
    hooks: { type: 'string', default: 'all' },
    deadline: { type: 'string', default: '350' },
    rounds: { type: 'string', default: '3' },
  },
});
const numbersOf = (text: string): number[] => text.split(',').map(Number);
const asked = values.hooks === 'all' ? hooks : values.hooks.split(',').filter(isHook);
if (asked.length === 0) throw new UsageError(`\`${values.hooks}\` is no hook`);
const rounds = Math.max(1, Number(values.rounds));
const deadlineMs = Number(values.deadline);

const ruleset = shippedRuleset();
const median = (list: number[]): number => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

/** What each rule of the hook says; null where the call was refused. */
function outcomesOf(
  hook: Hook,
  { decision }: Pick<Gathered, 'decision'>,
): Map<string, Evaluation['outcome']> | null {
  if ('refused' in decision) return null;
  const ofHook = new Set(ruleset.rules.filter((one) => one.hooks.has(hook)).map(({ rule }) => rule.id));
  return new Map(
    decision.evaluations.filter(({ rule }) => ofHook.has(rule)).map(({ rule, outcome }) => [rule, outcome]),
  );
}
const critical = new Set(
  ruleset.rules.filter(({ rule }) => rule.card.indicator === 'critical').map(({ rule }) => rule.id),
);

/** What was lost, in the words of the notices: `labs (pages)`, `conditions`. */
function lostIn({ fetched }: Gathered): string {
  const lost = fetched.notices.flatMap(({ code, message }) => {
    const [names = '', ...rest] = message.split(' could not be read');
    if (rest.length === 0) return [code];
    return names.split(', ').map((name) => name.replace(/^the rest of (\w+)/, '$1 (pages)'));
  });
  return [...new Set([...fetched.failed, ...lost])].join(', ');
}

interface Row {
  calls: number;
  milliseconds: number;
  outcomes: ReturnType<typeof outcomesOf>;
  lost: string;
}

async function measure(
  engine: FhirEngine,
  hook: Hook,
  record: RecordOf,
  settings: Partial<EngineSettings>,
): Promise<Row> {
  const call = { hook, context: contextOf(hook, record) };
  const times: number[] = [];
  const found: { calls: number; gathered: Gathered }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    engine.set(settings);
    const started = performance.now();
    const gathered = await decideGathered(call, ruleset, engine.url, { deadlineMs });
    times.push(performance.now() - started);
    found.push({ calls: engine.calls.length, gathered });
  }
  const last = found.at(-1);
  if (!last) throw new Error('there is no round');
  const calls = median(found.map((one) => one.calls));
  return {
    calls,
    milliseconds: median(times),
    outcomes: outcomesOf(hook, last.gathered),
    lost: lostIn(last.gathered),
  };
}

/** Undecided, undecided and critical, and otherwise than the whole record says. */
function comparedTo(whole: ReturnType<typeof outcomesOf>, row: Row): string {
  if (!row.outcomes || !whole) return 'refused (412) | | ';
  const differing = [...row.outcomes].filter(([rule, outcome]) => whole.get(rule) !== outcome);
  const undecided = differing.filter(([, outcome]) => outcome === 'indeterminate').map(([rule]) => rule);
  const wrong = differing.filter(([, outcome]) => outcome !== 'indeterminate');
  const criticalOnes = undecided.filter((rule) => critical.has(rule));
  const said = wrong.map(([rule, outcome]) => `${rule} ${outcome}`).join(', ');
  return `${undecided.length} | ${criticalOnes.length} | ${said || 'none'}`;
}

/** What the server does with `_sort`; the results of the record are stored oldest first. */
const servers: readonly [string, Partial<EngineSettings>][] = [
  ['as asked', {}],
  ['ignores `_sort`', { ignored: ['_sort'] }],
];

const loads = numbersOf(values.page).flatMap((pageSize) =>
  numbersOf(values.latency).map((latencyMs) => ({ pageSize, latencyMs })),
);
const server = await fhirEngine();
const patient = thousand('critical');
console.log(`Node ${process.version}, ${ruleset.rules.length} rules, deadline ${deadlineMs} ms\n`);
console.log(
  '| hook | server | ms an answer | page | calls | ms | undecided | critical undecided | otherwise than the whole record | lost |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
let loaded: unknown = null;
for (const hook of asked) {
  const resources = resourcesFor(hook, patient);
  const call = { hook, context: contextOf(hook, patient) };
  if (loaded !== resources) await server.load(resources);
  loaded = resources;
  const sent = { ...call, prefetch: wholePrefetch(ruleset.prefetch[hook], resources, server.url) };
  const whole = outcomesOf(hook, { decision: decideAsSent(sent, ruleset, server.url) });
  for (const [name, does] of servers) {
    // Once without a deadline: the engine takes a second for a first search, which is none of what is measured.
    server.set(does);
    await decideGathered(call, ruleset, server.url, { deadlineMs: 600_000 });
    for (const { pageSize, latencyMs } of loads) {
      const row = await measure(server, hook, patient, { ...does, latencyMs, pageSize });
      console.log(
        `| ${hook} | ${name} | ${latencyMs} | ${pageSize} | ${row.calls} | ${row.milliseconds.toFixed(0)} | ${comparedTo(whole, row)} | ${row.lost} |`,
      );
    }
  }
}
await server.close();

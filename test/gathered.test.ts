/**
 * The same record in three tellings: all of it with the call, a part of it, nothing of it. What did not come is read from
 * a search engine that nobody here wrote. No finding is gained, and none is lost without being said. A seeded sample
 * of the cases of rules here; all of them by `npm run gathered`, which prints how many were equal.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FhirEngine, fhirEngine } from '../bench/engine/fhir-engine.ts';
import { decideAsSent, decideGathered } from '../bench/engine/gathered.ts';
import { wholePrefetch } from '../bench/engine/patients.ts';
import type { Hook } from '../rules/fhir/hooks.ts';
import { asArray, isObject, type Json } from '../rules/fhir/json.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { differencesOf, wrongsOf } from './support/gathered.ts';
import { type Input, resourcesOf } from './support/metamorphic/input.ts';
import { caseInputs } from './support/metamorphic/inputs.ts';
import { randomOf, sampled } from './support/random.ts';

const isWhole = process.env.MODE === 'whole';
const ruleset = shippedRuleset();
let engine: FhirEngine;
beforeAll(async () => {
  engine = await fhirEngine();
});
afterAll(() => engine.close());

/** A case as a call with all of its record, and that record on the server. */
interface Told {
  hook: Hook;
  context: Json;
  resources: readonly Json[];
  /** By key of the templates. */
  prefetch: Record<string, unknown>;
}

function toldOf({ hook, context, prefetch = {} }: Input): Told {
  // What the hook brings is in the context and nowhere else.
  const resources = resourcesOf({ name: '', hook, at: '', prefetch });
  const encounterId = resources.find(({ resourceType }) => resourceType === 'Encounter')?.id;
  const called = { ...context, ...(encounterId === undefined ? {} : { encounterId }) };
  const whole = wholePrefetch(ruleset.prefetch[hook], resources, engine.url);
  // Without an encounter in the context its template asks for nothing.
  if (encounterId === undefined) delete whole.encounter;
  return { hook, context: called, resources, prefetch: whole };
}

/** Of the keys, those that still come with the call. */
const partOf = ({ prefetch }: Told, random: () => number): Record<string, unknown> =>
  Object.fromEntries(Object.entries(prefetch).filter(() => random() < 0.5));

/** The same, but that who sends orders sends statements, too: a server without statements sends orders alone. */
function partWithStatements(told: Told, random: () => number): Record<string, unknown> {
  const part = partOf(told, random);
  for (const [requests, statements] of [
    ['medicationRequests', 'medicationStatements'],
    ['pastMedicationRequests', 'pastMedicationStatements'],
  ] as const) {
    if (part[requests] === undefined) delete part[statements];
    else if (told.prefetch[statements] !== undefined) part[statements] = told.prefetch[statements];
  }
  return part;
}

interface Counted {
  told: number;
  equal: number;
  wrong: string[];
}

/** @param retell what is left of the prefetch; null where this telling has nothing to tell of the case */
async function tellAll(
  inputs: readonly Input[],
  retell: (told: Told, random: () => number) => Record<string, unknown> | null,
  isServed: boolean,
): Promise<Counted> {
  const random = randomOf(20_260_131);
  const counted: Counted = { told: 0, equal: 0, wrong: [] };
  for (const input of inputs) {
    const told = toldOf(input);
    const { hook, context, resources } = told;
    const prefetch = retell(told, random);
    if (prefetch === null) continue;
    counted.told += 1;
    const whole = decideAsSent({ hook, context, prefetch: told.prefetch }, ruleset, engine.url);
    if (isServed) await engine.load(resources);
    const call = { hook, context, prefetch };
    const after = isServed
      ? (await decideGathered(call, ruleset, engine.url)).decision
      : decideAsSent(call, ruleset, engine.url);
    if (differencesOf(whole, after, ruleset, hook).length === 0) counted.equal += 1;
    const wrong = wrongsOf(whole, after, ruleset, hook);
    if (wrong.length > 0) counted.wrong.push([input.name, hook, ...wrong].join('\n'));
  }
  return counted;
}

const searchsetsIn = (prefetch: Readonly<Record<string, unknown>>): [string, Json][] =>
  Object.entries(prefetch).flatMap(([key, value]): [string, Json][] =>
    isObject(value) && asArray(value.entry).length > 0 && value.type === 'searchset' ? [[key, value]] : [],
  );

/** One answer, by chance, as `change` makes it. */
const withOneAnswer =
  (change: (bundle: Json) => Json) =>
  ({ prefetch }: Told, random: () => number): Record<string, unknown> | null => {
    const sets = searchsetsIn(prefetch);
    const [key, bundle] = sets[Math.floor(random() * sets.length)] ?? [];
    return key && bundle ? { ...prefetch, [key]: change(bundle) } : null;
  };

/** Without its last entry, which `total` still counts. */
const cutShort = (bundle: Json): Json => {
  const entry = asArray(bundle.entry);
  return { ...bundle, total: entry.length, entry: entry.slice(0, -1) };
};
const withNext = (bundle: Json): Json => {
  const { total: _, ...page } = bundle;
  const next = { relation: 'next', url: `${engine.url}/nowhere?_snapshot=99999&_from=1` };
  return { ...page, link: [next], entry: asArray(bundle.entry).slice(0, -1) };
};

const tellings: [
  name: string,
  retell: (told: Told, random: () => number) => Record<string, unknown> | null,
  isServed: boolean,
][] = [
  ['nothing came, all is gathered', () => ({}), true],
  ['a part of the keys came, the rest is gathered', partOf, true],
  ['another part of the keys came', (told, random) => partOf(told, () => 1 - random()), true],
  ['a part of the keys came, and there is no server', partWithStatements, false],
  ['one answer is cut short, and read again', withOneAnswer(cutShort), true],
  ['one answer is cut short, and there is no server', withOneAnswer(cutShort), false],
  ['one answer has a next page that cannot be read', withOneAnswer(withNext), true],
  ['one answer has a next page, and there is no server', withOneAnswer(withNext), false],
];

const cases = sampled(caseInputs(), isWhole ? 1 : 0.06);

describe('the same record, told by prefetch or gathered', () => {
  test.each(tellings)(
    '%s',
    async (name, retell, isServed) => {
      engine.set();
      const { told, equal, wrong } = await tellAll(cases, retell, isServed);
      if (isWhole) console.log(`| cases of rules | ${name} | ${told} | ${equal} | ${wrong.length} |\n`);
      expect(told).toBeGreaterThan(cases.length / 2);
      expect(wrong.slice(0, 5), `${wrong.length} of ${told} lost or gained`).toEqual([]);
    },
    600_000,
  );
});

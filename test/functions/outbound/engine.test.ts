/**
 * Gathering from a search engine that nobody here wrote: where all can be read, five patients and every hook are decided
 * as if all had come with the call. Then each thing that servers do: the same, or open and said, and never an
 * all-clear that the whole record does not give.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type EngineSettings,
  type Fault,
  type FhirEngine,
  fhirEngine,
} from '../../../bench/engine/fhir-engine.ts';
import { decideAsSent, decideGathered } from '../../../bench/engine/gathered.ts';
import {
  contextOf,
  patients,
  type RecordOf,
  resourcesFor,
  wholePrefetch,
} from '../../../bench/engine/patients.ts';
import type { GatherOptions } from '../../../functions/outbound/gather.ts';
import { createServerMemory } from '../../../functions/outbound/server-memory.ts';
import { type Hook, hooks, meaningOf } from '../../../rules/fhir/hooks.ts';
import { asArray, asObject } from '../../../rules/fhir/json.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { differencesOf, firedIn, leftOpen, wrongsOf } from '../../support/gathered.ts';

const ruleset = shippedRuleset();
let engine: FhirEngine;
beforeAll(async () => {
  engine = await fhirEngine();
});
afterAll(() => engine.close());

const wholeOf = (hook: Hook, record: RecordOf) =>
  decideAsSent(
    {
      hook,
      context: contextOf(hook, record),
      prefetch: wholePrefetch(ruleset.prefetch[hook], resourcesFor(hook, record), engine.url),
    },
    ruleset,
    engine.url,
  );
const gatheredOf = (hook: Hook, record: RecordOf, options: Partial<GatherOptions> = {}) =>
  decideGathered({ hook, context: contextOf(hook, record) }, ruleset, engine.url, options);

const named = (name: string): RecordOf => {
  const found = patients.find((one) => one.name === name);
  if (!found) throw new Error(`there is no patient with ${name}`);
  return found;
};
const failing = named('a kidney that fails');

describe('the engine', () => {
  const bundle = async (query: string) => {
    const answer = await fetch(`${engine.url}/${query}`);
    const json = asObject(await answer.json()) ?? {};
    return {
      status: answer.status,
      json,
      entries: asArray(json.entry).map(({ resource }) => asObject(resource)),
    };
  };
  beforeAll(async () => {
    engine.set();
    await engine.load([...failing.resources, ...named('results in panels').resources.slice(1, 3)]);
  });

  test('finds results by a code, with or without its system, and components by `combo-code`', async () => {
    const [bare, full, panels] = await Promise.all(
      ['code=19123-9', 'code=http://loinc.org%7C19123-9', 'combo-code=19123-9'].map((codes) =>
        bundle(`Observation?patient=p1&${codes}`),
      ),
    );
    expect(bare?.entries).toHaveLength(20);
    expect(full?.entries).toEqual(bare?.entries);
    expect(panels?.entries).toHaveLength(22);
  });
  test('sorts by date, newest first, and links to the next page', async () => {
    const { json, entries } = await bundle('Observation?patient=p1&code=19123-9&_sort=-date&_count=10');
    const dates = entries.map((one) => String(one?.effectiveDateTime));
    expect(dates).toEqual(dates.toSorted().reverse());
    expect(dates).toHaveLength(10);
    expect(json.total).toBe(20);
    expect(JSON.stringify(json.link)).toContain('"next"');
  });
  test('includes the Medication of an order, on the page of the order', async () => {
    const { entries } = await bundle(
      'MedicationRequest?patient=p1&status=active&_include=MedicationRequest:medication&_count=2',
    );
    const [orders, drugs] = [entries.slice(0, 2), entries.slice(2)];
    const referred = orders.flatMap((one) => asObject(one?.medicationReference)?.reference ?? []);
    expect(drugs.map((one) => `Medication/${one?.id}`).sort()).toEqual(referred.sort());
    expect(drugs).not.toEqual([]);
  });
  test('ignores a parameter it does not know, and says so in its self link', async () => {
    engine.set({ ignored: ['_sort'] });
    const { json, entries } = await bundle('Observation?patient=p1&code=19123-9&nonsense=1&_sort=-date');
    expect(entries).toHaveLength(20);
    expect(JSON.stringify(json.link)).not.toMatch(/nonsense|_sort/);
    const [oldest] = entries;
    expect(oldest?.effectiveDateTime).toMatch(/^2026-01-1/);
  });
  test('refuses a parameter by name, or without a word of which', async () => {
    engine.set({ refused: ['_sort'] });
    const loud = await bundle('Observation?patient=p1&_sort=-date');
    engine.set({ refused: ['_sort'], refusalNames: false });
    const mute = await bundle('Observation?patient=p1&_sort=-date');
    expect([loud.status, mute.status]).toEqual([400, 400]);
    expect(JSON.stringify(loud.json)).toContain('_sort');
    expect(JSON.stringify(mute.json)).not.toContain('_sort');
  });
});

describe.each(patients.map((one) => [one.name, one] as const))(
  'gathered is as the whole record: %s',
  (_, record) => {
    const ofRecord = hooks.filter((hook) => !meaningOf(hook).names);

    beforeAll(async () => {
      engine.set();
      await engine.load(record.resources);
    });
    test.each(ofRecord)('%s', async (hook) => {
      const { decision } = await gatheredOf(hook, record);
      expect(differencesOf(wholeOf(hook, record), decision, ruleset, hook)).toEqual([]);
    });
  },
);

describe('order-dispatch, whose orders are on the server only', () => {
  test.each(patients.map((one) => [one.name, one] as const))('%s', async (_, record) => {
    const hook = 'order-dispatch';
    engine.set();
    await engine.load(resourcesFor(hook, record));
    const { decision } = await gatheredOf(hook, record);
    expect(differencesOf(wholeOf(hook, record), decision, ruleset, hook)).toEqual([]);
  });
});

test('the five patients are worth it: rules fire, and critical ones', () => {
  const fired = new Set(
    patients.flatMap((record) => hooks.flatMap((hook) => firedIn(wholeOf(hook, record), ruleset, hook))),
  );
  expect(fired.size).toBeGreaterThan(25);
  const critical = ruleset.rules.filter(
    ({ rule }) => rule.card.indicator === 'critical' && fired.has(rule.id),
  );
  expect(critical.length).toBeGreaterThan(7);
});

/** What a server does, and whether all can be read all the same. */
interface Behaviour {
  name: string;
  settings: Partial<EngineSettings>;
  /** `open`: something stays unread, and a rule that needs it undecided. */
  expected: 'same' | 'open';
  options?: Partial<GatherOptions>;
}
const same = (name: string, settings: Partial<EngineSettings>): Behaviour => ({
  name,
  settings,
  expected: 'same',
});
const open = (
  name: string,
  settings: Partial<EngineSettings>,
  options?: Partial<GatherOptions>,
): Behaviour => ({
  name,
  settings,
  expected: 'open',
  ...(options ? { options } : {}),
});
const outcome = (severity: string, code = 'incomplete') => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code, diagnostics: 'one source did not answer' }],
});
const once = (fault: Fault): Fault[] => [fault];
const types = [
  'Observation',
  'MedicationRequest',
  'MedicationStatement',
  'MedicationAdministration',
  'Condition',
  'Encounter',
  'AllergyIntolerance',
  'Procedure',
];
const onAll = (fault: Fault): EngineSettings['faults'] =>
  Object.fromEntries(types.map((type) => [type, fault]));
const short = { deadlineMs: 300 };

const behaviours: Behaviour[] = [
  same('10 results a page', { pageSize: 10 }),
  same('links with a path only', { pageSize: 10, next: 'path' }),
  same('links with a query only, which belongs to the address of the page', {
    pageSize: 10,
    next: 'query only',
  }),
  same('links with the name that a server has inside', { pageSize: 10, next: 'inner host' }),
  same('no total', { pageSize: 10, total: false }),
  same('no self link', { self: false }),
  same('`_sort` ignored, oldest first', { ignored: ['_sort'], pageSize: 10 }),
  same('`_sort` ignored, in no order', { ignored: ['_sort'], order: 7, pageSize: 10 }),
  same('`_count` ignored', { ignored: ['_count'], pageSize: 10 }),
  same('`_include` ignored', { ignored: ['_include'] }),
  same('`status` ignored', { ignored: ['status'] }),
  same('`_sort` refused by name', { refused: ['_sort'], pageSize: 10 }),
  same('`_sort` refused without its name', { refused: ['_sort'], refusalNames: false, pageSize: 10 }),
  same('`_count` refused', { refused: ['_count'], pageSize: 10 }),
  same('`_include` refused', { refused: ['_include'] }),
  same('`_include` refused without its name', { refused: ['_include'], refusalNames: false }),
  same('`status` refused', { refused: ['status'] }),
  same('`_sort` and `status` refused', { refused: ['_sort', 'status'] }),
  same('an outcome that only informs', {
    outcomes: { Observation: outcome('information', 'informational') },
  }),
  same('busy once (503)', { faults: { Observation: once({ status: 503 }) } }),
  same('too many calls once (429), to be asked again at once', {
    faults: { Observation: once({ status: 429, retryAfter: '0' }), Condition: once({ status: 429 }) },
  }),
  same('a connection that breaks once', { faults: { Observation: once('reset'), Condition: once('reset') } }),

  open('links to another server', { pageSize: 10, next: 'other host' }),
  open('an outcome that names an error among the results', { outcomes: { Observation: outcome('error') } }),
  open('pages from the second on are errors', {
    pageSize: 10,
    pageFault: { from: 2, fault: { status: 500 } },
  }),
  open('pages from the second on are errors, oldest first', {
    pageSize: 10,
    ignored: ['_sort'],
    pageFault: { from: 2, fault: { status: 500 } },
  }),
  open(
    'pages from the third on never come, in no order',
    {
      pageSize: 10,
      ignored: ['_sort'],
      order: 3,
      pageFault: { from: 3, fault: 'silence' },
    },
    short,
  ),
  open('results never come', { faults: { Observation: 'silence' } }, short),
  open('results come as a body without end', { faults: { Observation: 'slow body' } }, short),
  open('a sign-in page for results', { faults: { Observation: 'html' } }),
  open('connections break', { faults: { Observation: 'reset' } }),
  open(
    'too many calls for long (429)',
    { faults: { Observation: { status: 429, retryAfter: '3600' } } },
    short,
  ),
  ...types.map((type) => open(`${type} is an error`, { faults: { [type]: { status: 500 } } })),
  open('the token does not reach results', { faults: { Observation: { status: 403 } } }),
  open('the patient is an error', { faults: { Patient: { status: 500 } } }),
  open('only the patient comes', { faults: onAll({ status: 500 }) }),
];

describe.each([
  ['a kidney that fails', ['patient-view', 'order-sign']],
  ['an infusion that runs', ['patient-view', 'order-sign']],
  ['therapy that is over', ['order-sign', 'problem-list-item-create']],
] as const)('what servers do: %s', (name, ofThese) => {
  const record = named(name);
  beforeAll(async () => {
    engine.set();
    await engine.load(record.resources);
    // The engine takes its time for a first search, which no deadline here is about.
    for (const ignored of [[], ['_sort']]) {
      engine.set({ ignored });
      for (const hook of ofThese) await gatheredOf(hook, record);
    }
  });
  describe.each(ofThese)('%s', (hook) => {
    test.each(behaviours.map((one) => [`${one.expected}: ${one.name}`, one] as const))(
      '%s',
      async (_, { settings, expected, options }) => {
        // A list of faults is used up: each test has its own.
        engine.set(structuredClone(settings));
        const whole = wholeOf(hook, record);
        const { decision } = await gatheredOf(hook, record, options);
        if (expected === 'same') expect(differencesOf(whole, decision, ruleset, hook)).toEqual([]);
        else expect(wrongsOf(whole, decision, ruleset, hook)).toEqual([]);
      },
    );
  });
});

describe('what was not read is open, not clear', () => {
  const hook = 'patient-view';
  beforeAll(async () => {
    engine.set();
    await engine.load(failing.resources);
    for (const ignored of [[], ['_sort']]) {
      engine.set({ ignored });
      await gatheredOf(hook, failing);
    }
  });

  test('without results, what they would decide is undecided, and a card says so', async () => {
    engine.set({ faults: { Observation: { status: 500 } } });
    const { decision } = await gatheredOf(hook, failing);
    expect(leftOpen(wholeOf(hook, failing), decision, ruleset, hook)).toEqual(
      expect.arrayContaining(['MG-001', 'RF-002']),
    );
    expect('cards' in decision ? decision.cards.map(({ indicator }) => indicator) : []).toEqual(['info']);
  });
  test('with the oldest results only, the newest is not taken for known', async () => {
    engine.set({ ignored: ['_sort'], pageSize: 10, pageFault: { from: 3, fault: { status: 500 } } });
    const { decision } = await gatheredOf(hook, failing);
    expect(leftOpen(wholeOf(hook, failing), decision, ruleset, hook)).toEqual(
      expect.arrayContaining(['MG-001', 'RF-002']),
    );
  });
  test('with the newest results first, and as many as rules look back, they decide', async () => {
    engine.set({ pageSize: 100, pageFault: { from: 2, fault: { status: 500 } } });
    const { decision } = await gatheredOf(hook, failing);
    expect(firedIn(decision, ruleset, hook)).toContain('MG-001');
    // Their order is proven: what was not read is older than what the card says.
    const cards = 'cards' in decision ? decision.cards.filter(({ summary }) => /Mg 0\.9/.test(summary)) : [];
    expect(cards.map(({ detail }) => detail ?? '').join('\n')).not.toMatch(
      /not all (?:laboratory )?results/i,
    );
  });
  test('412 where nothing but the patient came', async () => {
    engine.set({ faults: onAll({ status: 500 }) });
    const { decision } = await gatheredOf(hook, failing);
    const isRefused = 'refused' in decision && decision.refused.startsWith('412 ');
    expect(isRefused || ('isWithoutData' in decision && decision.isWithoutData)).toBe(true);
  });
});

describe('a server without MedicationStatement', () => {
  const record = named('an infusion that runs');
  const hook = 'order-sign';
  beforeAll(async () => {
    engine.set();
    await engine.load(record.resources);
  });
  test.each([400, 403, 404, 405, 501])(
    'says so with %i: medications are those of its orders',
    async (status) => {
      engine.set({ faults: { MedicationStatement: { status } } });
      const { decision, fetched } = await gatheredOf(hook, record);
      expect(differencesOf(wholeOf(hook, record), decision, ruleset, hook)).toEqual([]);
      expect(fetched.failed).toEqual([]);
      expect(fetched.notices.map(({ message }) => message).join('\n')).toMatch(/medication-?statements?/i);
    },
  );
  test('an error of the server (500) is none of that', async () => {
    engine.set({ faults: { MedicationStatement: { status: 500 } } });
    const { fetched } = await gatheredOf(hook, record);
    expect(fetched.failed).toContain('medicationStatements');
  });
});

describe('what a server refuses', () => {
  const hook = 'patient-view';
  beforeAll(async () => {
    engine.set();
    await engine.load(failing.resources);
  });
  const sortedCalls = () => engine.calls.filter(({ query }) => query.has('_sort'));

  test('is left out of the second try, and nothing else: `_count` is kept', async () => {
    engine.set({ refused: ['_sort'], pageSize: 100 });
    await gatheredOf(hook, failing);
    const results = engine.calls.filter(
      ({ path, query }) => path === 'Observation' && !query.has('_snapshot'),
    );
    const later = results.filter(({ query }) => !query.has('_sort'));
    expect(later).not.toEqual([]);
    // The refusal names `_sort`: nothing else is left out to find out what it is about.
    expect(later.filter(({ query }) => !query.has('_count'))).toEqual([]);
  });
  test('is learnt once, and not at every hook', async () => {
    const settings = { refused: ['_sort'], pageSize: 100 };
    const memory = createServerMemory();
    engine.set(settings);
    await gatheredOf(hook, failing, { memory });
    engine.set(settings);
    const { decision } = await gatheredOf(hook, failing, { memory });
    expect(sortedCalls()).toEqual([]);
    expect(differencesOf(wholeOf(hook, failing), decision, ruleset, hook)).toEqual([]);
  });
});

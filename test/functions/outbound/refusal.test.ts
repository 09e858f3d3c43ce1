/** A server that refuses a part of a search: what it does take is kept, and known at the next hook. */
import { describe, expect, test } from 'vitest';
import { joinPanels } from '../../../functions/outbound/bundle.ts';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import { createServerMemory } from '../../../functions/outbound/server-memory.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import { newestFirstUntil } from '../../../rules/intake/unread.ts';
import {
  chart,
  creatinine,
  gathering,
  ids,
  intake,
  messages,
  outcome,
  serve,
  server,
  useFhirServer,
  whole,
} from '../../support/gathering.ts';
import { observation, patient } from '../../support/hook-requests.ts';

useFhirServer();

const labs = 'Observation?patient={{context.patientId}}&code=2160-0&_sort=-date&_count=200';
const lacking = { ...whole, labs: outcome };
/** Gathering of one search. */
const asking = (template: string, means: Parameters<typeof gathering>[2] = {}) =>
  gathering({ labs: outcome }, {}, { templates: { labs: template }, ...means });
/** The names of the parameters of each call, as they were sent. */
const asked = (): string[] => server.calls.map(({ query }) => [...query.keys()].join(' '));
const naming = (diagnostics: string): Json => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'not-supported', diagnostics }],
});

describe('a refusal that names nothing', () => {
  test.each<[string, string, RegExp, string[], string]>([
    ['_sort', labs, /_sort=/, ['patient code', 'patient code _count'], 'patient code _count'],
    ['_count', labs, /_count=/, ['patient code', 'patient code _sort'], 'patient code _sort'],
    ['both', labs, /_count=|_sort=/, ['patient code'], 'patient code'],
    [
      'both together',
      labs,
      /_sort=.*_count=/,
      ['patient code', 'patient code _count', 'patient code _sort'],
      'patient code _sort',
    ],
    [
      'a date',
      `${labs}&date=ge2023-01-29`,
      /date=ge/,
      ['patient code', 'patient code _count', 'patient code _sort', 'patient code _sort _count'],
      'patient code _sort _count',
    ],
    [
      'a status',
      'MedicationRequest?patient={{context.patientId}}&status=active,unknown&_count=200',
      /unknown/,
      ['patient', 'patient _count'],
      'patient _count',
    ],
  ])(
    '%s: one further round finds what is taken, and the next hook asks so at once',
    async (_, template, refuses, taken, next) => {
      await serve(chart, { refuses });
      const memory = createServerMemory();
      const gathered = await asking(template, { memory });
      expect([messages(gathered), ids(gathered.fetched.resources.labs).length]).toEqual([[], 1]);
      const served = server.calls.filter(({ query }) => !refuses.test(String(query))).length;
      expect(served).toBe(taken.length);
      expect(asked()).toEqual(expect.arrayContaining(taken));
      server.calls.length = 0;
      const again = await asking(template, { memory });
      expect(asked()).toEqual([next]);
      expect(ids(again.fetched.resources.labs)).toHaveLength(1);
    },
  );

  test('all variants are asked at once: the further round takes as long as one call', async () => {
    await serve(chart, { refuses: /_sort=/ });
    const begun: number[] = [];
    const ended: number[] = [];
    const slowly: FetchJson = async (url, fetching) => {
      begun.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 50));
      const answer = await fetchJson(url, fetching);
      ended.push(performance.now());
      return answer;
    };
    await asking(`${labs}&date=ge2023-01-29&status=final`, { fetchJson: slowly });
    const [, first = 0] = ended.filter((time) => time > (ended[0] ?? 0)).toSorted((a, b) => a - b);
    // The statement of the server is one more call.
    expect(begun.filter((time) => time < first)).toHaveLength(begun.length);
  });

  test('what serves best is used: newest first where nothing is whole, a whole answer before a part of one', async () => {
    const results = Array.from({ length: 5 }, (_, index) =>
      observation(`o${index}`, '2160-0', 1, 'mg/dL', '2026-01-30T08:00:00Z'),
    );
    await serve([patient, ...results], { refuses: /date=ge/, pageSize: 3 });
    const first: FetchJson = async (url, fetching) => {
      const answer = await fetchJson(url, fetching);
      // Only `_count` makes a page long enough.
      if (!String(url).includes('_count=') || !isBundleOf(answer.json)) return answer;
      const rest = results.slice(3).map((resource) => ({ resource, search: { mode: 'match' } }));
      return { ...answer, json: { ...answer.json, link: [], entry: [...answer.json.entry, ...rest] } };
    };
    const gathered = await asking(`Observation?patient={{context.patientId}}&_count=200&date=ge2023-01-29`, {
      fetchJson: first,
    });
    expect(ids(gathered.fetched.resources.labs)).toHaveLength(5);
    expect(asked().filter((names) => names.includes('_pages'))).toEqual([]);
  });

  test('refused in its barest form, it is given up, and nothing is learnt', async () => {
    await serve(chart, { refuses: /./ });
    const memory = createServerMemory();
    const { fetched } = await asking(labs, { memory });
    expect(fetched.failed).toEqual(['labs']);
    expect(server.calls).toHaveLength(4);
    server.calls.length = 0;
    await asking(labs, { memory });
    expect(asked()[0]).toBe('patient code _sort _count');
  });

  test('it is found out for the next hook where the time of this one is over', async () => {
    await serve(chart, { refuses: /_sort=/ });
    const memory = createServerMemory();
    const slowly: FetchJson = async (url, fetching) => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return fetchJson(url, fetching);
    };
    const means = { memory, fetchJson: slowly, deadlineMs: 450 };
    const first = await asking(labs, means);
    expect([first.fetched.failed, messages(first)]).toEqual([
      ['labs'],
      [
        'fhir-fetch-failed: labs could not be read from the FHIR server: it refused the search (status 400), and what it does take was not found in time',
      ],
    ]);
    await expect.poll(() => memory.of(new URL(server.url)).takes('Observation', '_sort=-date')).toBe(false);
    expect((await asking(labs, means)).fetched.failed).toEqual([]);
  });

  test('it is learnt of this server, and of this type', async () => {
    await serve(chart, { refuses: /_sort=/ });
    const memory = createServerMemory();
    await asking(labs, { memory });
    const known = memory.of(new URL(server.url));
    expect([known.takes('Observation', '_sort=-date'), known.takes('Observation', '_count=1')]).toEqual([
      false,
      true,
    ]);
    expect(known.takes('Condition', '_sort=-date')).toBe(true);
    expect(memory.of(new URL('http://127.0.0.1:9/fhir')).takes('Observation', '_sort=-date')).toBe(true);
  });
});

const isBundleOf = (json: unknown): json is Json & { entry: unknown[] } =>
  typeof json === 'object' && json !== null && 'entry' in json && Array.isArray(json.entry);

describe('a refusal that names what it is about', () => {
  test.each([
    [
      'a parameter',
      'Unknown search parameter "_sort" for resource type "Observation"',
      ['patient code _count'],
    ],
    [
      'beside a list of what is valid',
      'Unknown parameter _sort. Valid parameters for this search are: [_id, code, _count, date, status]',
      ['patient code _count'],
    ],
    [
      'two, each in a sentence of its own',
      'Unknown parameter _sort. Unknown parameter _count.',
      ['patient code _count', 'patient code _sort', 'patient code'],
    ],
  ])('%s: it is asked once more, without that; only what is refused is learnt', async (_, words, calls) => {
    await serve(chart, { refuses: /_sort=/, refusal: () => naming(words) });
    const memory = createServerMemory();
    const gathered = await asking(labs, { memory });
    expect(asked().slice(1).sort()).toEqual(calls.toSorted());
    expect(ids(gathered.fetched.resources.labs)).toEqual(['cr']);
    server.calls.length = 0;
    await asking(labs, { memory });
    expect(asked()).toEqual(['patient code _count']);
  });

  test.each<[string, (search: string) => string]>([
    ['an echo of the question', (search) => `Invalid request: GET /fhir/Observation${search}`],
    ['what to use instead', () => 'Parameter _sort is invalid. Use one of: patient, code, _count, date'],
    ['a list on the next line', () => 'Unsupported parameter "_sort".\nSupported:\n code, _count, patient'],
    ['two in one sentence', () => 'parameters _sort and _count are not supported'],
  ])('%s proves nothing: what is refused is found out', async (_, words) => {
    await serve(chart, { refuses: /_sort=/, refusal: (search) => naming(words(search)) });
    const memory = createServerMemory();
    const gathered = await asking(labs, { memory });
    expect(ids(gathered.fetched.resources.labs)).toEqual(['cr']);
    expect(asked()).toHaveLength(4);
    server.calls.length = 0;
    await asking(labs, { memory });
    expect(asked()).toEqual(['patient code _count']);
  });

  test('wrongly: the truth is found out, and learnt', async () => {
    await serve(chart, { refuses: /_sort=/, refusal: () => naming('parameter _count is not known here') });
    const memory = createServerMemory();
    const gathered = await asking(labs, { memory });
    expect(ids(gathered.fetched.resources.labs)).toEqual(['cr']);
    server.calls.length = 0;
    await asking(labs, { memory });
    expect(asked()).toEqual(['patient code _count']);
  });
});

describe('what is no refusal', () => {
  test.each(['status401', 'status403', 'status429', 'status500', 'status503', 'status404'] as const)(
    '%s teaches nothing',
    async (how) => {
      const memory = createServerMemory();
      server.instead.Observation = [how, how, how];
      await gathering(lacking, {}, { memory });
      server.calls.length = 0;
      server.instead.Observation = [];
      await gathering(lacking, {}, { memory });
      expect(asked()).toEqual(['patient combo-code _sort _count']);
    },
  );

  test('a part that is answered with another error than a refusal is not learnt', async () => {
    await serve(chart, { refuses: /_sort=/ });
    const memory = createServerMemory();
    const failing: FetchJson = async (url, fetching) =>
      String(url).includes('_count=') && !String(url).includes('_sort=')
        ? { status: 500, json: null, bytes: 0, url: String(url) }
        : fetchJson(url, fetching);
    await asking(labs, { memory, fetchJson: failing });
    server.calls.length = 0;
    await asking(labs, { memory });
    expect(asked()).toEqual(['patient code _count']);
  });
});

describe('a search that is refused in every form', () => {
  const statements = 'MedicationStatement?patient={{context.patientId}}&_count=200&status=active';
  const means = () => {
    const lines: unknown[] = [];
    const report = (...line: unknown[]) => lines.push(line);
    const memory = createServerMemory();
    const ask = (more: Parameters<typeof gathering>[2] = {}) =>
      gathering({}, {}, { templates: { medicationStatements: statements }, memory, report, ...more });
    return { lines, memory, ask };
  };
  const slowly: FetchJson = async (url, fetching) => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    return fetchJson(url, fetching);
  };

  test('where a server may have none of it, is not made again for a day; that is said, to the operator once', async () => {
    await serve(chart, { refuses: /./ });
    const { lines, ask } = means();
    const first = await ask();
    expect([first.fetched.failed, server.calls.length]).toEqual([[], 4]);
    server.calls.length = 0;
    const second = await ask();
    expect([second.fetched.failed, server.calls.length]).toEqual([[], 0]);
    expect(messages(second)).toEqual([
      'fhir-fetch-failed: medicationStatements could not be read from the FHIR server: it refused every search for MedicationStatement before (status 400), and is asked again after a day',
    ]);
    expect(lines).toEqual([['fhir-without-type', { type: 'MedicationStatement', status: 400 }]]);
  });

  test('counts as none where the time is over before that is known, and is known to the next hook', async () => {
    await serve(chart, { refuses: /./ });
    const { ask, memory } = means();
    const first = await ask({ fetchJson: slowly, deadlineMs: 450 });
    expect(first.fetched.failed).toEqual([]);
    expect(messages(first)).toEqual([
      'fhir-fetch-failed: medicationStatements could not be read from the FHIR server: it refused the search (status 400), and what it does take was not found in time',
    ]);
    const known = memory.of(new URL(server.url));
    await expect.poll(() => known.refusedStatus('MedicationStatement?patient=')).toBe(400);
    server.calls.length = 0;
    await ask({ fetchJson: slowly, deadlineMs: 450 });
    expect(server.calls).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      'the refusal names a parameter',
      () => serve(chart, { refuses: /_count=/, refusal: () => naming('unknown parameter _count') }),
    ],
    [
      'the statement lists the type',
      () =>
        serve(chart, {
          refuses: /_count=/,
          capability: {
            resourceType: 'CapabilityStatement',
            rest: [{ resource: [{ type: 'Patient' }, { type: 'MedicationStatement' }] }],
          },
        }),
    ],
  ])('is no sign that there is none where %s: late, it is missing', async (_, begin) => {
    await begin();
    const { ask, memory } = means();
    await gathering({}, {}, { templates: { patient: 'Patient/p1' }, memory });
    await expect.poll(() => server.metadataCalls.length).toBe(1);
    const late = await ask({ fetchJson: slowly, deadlineMs: 450 });
    expect(late.fetched.failed).toEqual(['medicationStatements']);
  });

  test('of what every server has is asked again, in one call, and failed', async () => {
    await serve(chart, { refuses: /./ });
    const memory = createServerMemory();
    await asking(labs, { memory });
    server.calls.length = 0;
    expect((await asking(labs, { memory })).fetched.failed).toEqual(['labs']);
    expect(asked()).toEqual(['patient code _sort _count']);
  });
});

describe('trials', () => {
  test('of parallel hooks are one: the others ask right, each for its own patient', async () => {
    await serve(chart, { refuses: /_sort=/ });
    const memory = createServerMemory();
    const all = await Promise.all(Array.from({ length: 10 }, () => asking(labs, { memory })));
    expect(all.map(({ fetched }) => ids(fetched.resources.labs))).toEqual(all.map(() => ['cr']));
    // Ten refusals, one trial of three, nine that ask right.
    expect(server.calls.length).toBeLessThanOrEqual(22);
    expect(asked().filter((names) => names === 'patient code _sort')).toHaveLength(1);
  });

  test('make twelve calls at most', async () => {
    await serve(chart, { refuses: /_sort=|status=/ });
    const many =
      'Observation?patient={{context.patientId}}&combo-code=2160-0&_sort=-date&_count=9&status=final&date=ge2023-01-29&_include=Observation:subject';
    const gathered = await asking(many);
    expect(ids(gathered.fetched.resources.labs)).toEqual(['cr']);
    // The refused search comes first, and that for components beside the trial.
    const ofTrial = server.calls.slice(1).filter(({ query }) => !query.has('component-code'));
    expect(ofTrial.length).toBeLessThanOrEqual(12);
  });

  test('read no more than one answer may have, all together', async () => {
    const results = Array.from({ length: 40 }, (_, index) => ({
      ...observation(`o${index}`, '2160-0', 1, 'mg/dL', '2026-01-30T08:00:00Z'),
      note: [{ text: 'x'.repeat(1000) }],
    }));
    await serve([patient, ...results], { refuses: /_sort=.*_count=.*status=/ });
    let read = 0;
    const counting: FetchJson = async (url, fetching) => {
      const answer = await fetchJson(url, fetching);
      if (!String(url).endsWith('/metadata')) read += answer.bytes;
      return answer;
    };
    const template = `${labs}&status=final`;
    const gathered = await asking(template, { fetchJson: counting, maxBytes: 120_000 });
    expect(ids(gathered.fetched.resources.labs)).toHaveLength(40);
    expect(read).toBeLessThan(125_000);
  });
});

describe('`combo-code` that is refused', () => {
  const template = 'Observation?patient={{context.patientId}}&combo-code=2160-0&_count=200';
  const panel = {
    ...observation('panel', '24323-8', 1, 'mg/dL', '2026-01-30T08:00:00Z'),
    component: [{ code: { coding: [{ system: 'http://loinc.org', code: '2160-0' }] } }],
  };
  const other = observation('other', '718-7', 13, 'g/dL', '2026-01-30T08:00:00Z');

  test('is asked as `code` and as `component-code` at the same time, the next time at once', async () => {
    await serve([...chart, panel, other], { refuses: /combo-code/ });
    const memory = createServerMemory();
    for (const calls of [5, 2]) {
      server.calls.length = 0;
      const gathered = await asking(template, { memory });
      expect(server.calls).toHaveLength(calls);
      expect(ids(gathered.fetched.resources.labs).sort()).toEqual(['cr', 'panel']);
      expect(messages(gathered)).toEqual([]);
      expect(intake(gathered).completeness.labs).toBe('known');
    }
    expect(asked().sort()).toEqual(['patient code _count', 'patient component-code _count']);
  });

  test.each<[string, Json, number]>([
    ['the refusal names something else', naming('unknown parameter _count'), 0],
    ['it names nothing', outcome, 1],
  ])('components are searched beside the trial, in one call, unless %s', async (_, refusal, calls) => {
    await serve([...chart, panel], { refuses: /_count=/, refusal: () => refusal });
    const gathered = await asking(template);
    expect(ids(gathered.fetched.resources.labs).sort()).toEqual(['cr', 'panel']);
    expect(asked().filter((names) => names.includes('component-code'))).toHaveLength(calls);
  });

  test.each([/combo-code|component-code/])(
    'with `component-code`, too: what is inside of panels is missing, and that is said',
    async (refuses) => {
      await serve([...chart, panel, other], { refuses });
      const memory = createServerMemory();
      for (const isLearnt of [false, true]) {
        server.calls.length = 0;
        const gathered = await asking(template, { memory });
        if (isLearnt) expect(asked()).toEqual(['patient code _count']);
        expect(ids(gathered.fetched.resources.labs)).toEqual([creatinine.id]);
        expect(messages(gathered)).toEqual([
          'fhir-fetch-failed: labs inside of panels could not be read from the FHIR server: they are searched neither by `combo-code` nor by `component-code` (`"prefetch": { "combo": false }` in the registry says that a server has no panels)',
        ]);
        expect(intake(gathered).completeness.labs).toBe('partial');
      }
    },
  );

  test('with results of two searches in part, their order proves nothing', () => {
    const at = (day: number) =>
      observation(`d${day}`, '2160-0', 1, 'mg/dL', `2026-01-${String(day).padStart(2, '0')}T08:00:00Z`);
    const found = (days: number[], more: boolean, total?: number): Json => ({
      resourceType: 'Bundle',
      type: 'searchset',
      ...(total === undefined ? {} : { total }),
      link: [
        { relation: 'self', url: 'Observation?patient=p1&code=1&_sort=-date' },
        ...(more ? [{ relation: 'next', url: 'p2' }] : []),
      ],
      entry: days.map((day) => ({ resource: at(day) })),
    });
    const newer = [29, 28, 27, 26, 25, 24, 23, 22];
    const older = [19, 18, 17, 16, 15, 14, 13, 12];
    const joined = (byCode: Json, byComponent: Json | null) => joinPanels(byCode, byComponent, 'Observation');
    expect(newestFirstUntil(joined(found(newer, true), found(older, true)))).toBeNull();
    const all = joined(found(newer, false), found(older, false));
    expect(all.link).toEqual([{ relation: 'self', url: 'Observation?patient=p1&combo-code=1' }]);
    expect(joined(found(newer, false), found([], true)).link).toContainEqual(
      expect.objectContaining({ relation: 'next' }),
    );
    expect(joined(found(newer, false), found([], false, 7)).link).toContainEqual(
      expect.objectContaining({ relation: 'next' }),
    );
    expect(JSON.stringify(joined(found(newer, false), null))).toContain('"incomplete"');
  });

  test('by the registry: `code` alone is asked, and nothing is missing', async () => {
    await serve([...chart, panel, other], { refuses: /combo-code|component-code/ });
    const gathered = await asking(template.replace('combo-code', 'code'));
    expect([asked(), messages(gathered)]).toEqual([['patient code _count'], []]);
  });
});

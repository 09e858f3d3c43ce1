/** A server that refuses a part of a search: what it does take is kept, and known at the next hook. */
import { describe, expect, test } from 'vitest';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import { createServerMemory } from '../../../functions/outbound/server-memory.ts';
import type { Json } from '../../../rules/fhir/json.ts';
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
      await new Promise((resolve) => setTimeout(resolve, 100));
      return fetchJson(url, fetching);
    };
    const means = { memory, fetchJson: slowly, deadlineMs: 150 };
    const first = await asking(labs, means);
    expect([first.fetched.failed, messages(first)]).toEqual([
      ['labs'],
      ['fhir-fetch-failed: labs could not be read from the FHIR server: the answer did not come in time'],
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
    ['two', 'parameters _sort and _count are not supported', ['patient code']],
  ])('%s: it is asked once more, without that alone', async (_, words, calls) => {
    await serve(chart, { refuses: /_sort=/, refusal: () => naming(words) });
    const memory = createServerMemory();
    const gathered = await asking(labs, { memory });
    expect(asked().slice(1)).toEqual(calls);
    expect(ids(gathered.fetched.resources.labs)).toEqual(['cr']);
    server.calls.length = 0;
    await asking(labs, { memory });
    expect(asked()).toEqual(calls);
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

test('`combo-code` that is refused is asked as `code`, never left out; what that cannot find is said', async () => {
  const template = 'Observation?patient={{context.patientId}}&combo-code=2160-0&_count=200';
  await serve([...chart, observation('other', '718-7', 13, 'g/dL', '2026-01-30T08:00:00Z')], {
    refuses: /combo-code/,
  });
  const memory = createServerMemory();
  for (const calls of [4, 1]) {
    server.calls.length = 0;
    const gathered = await asking(template, { memory });
    expect([server.calls.length, server.calls.at(-1)?.query.get('code')]).toEqual([calls, '2160-0']);
    expect(ids(gathered.fetched.resources.labs)).toEqual([creatinine.id]);
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: what stands inside of panels, of labs, could not be read from the FHIR server: it is not searched by combo-code',
    ]);
    expect(intake(gathered).completeness.labs).toBe('known');
  }
});

import { describe, expect, test } from 'vitest';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import { asArray, isObject, type Json } from '../../../rules/fhir/json.ts';
import { fhirServer } from '../../support/fhir-server.ts';
import {
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
import { observation, patient, searchset } from '../../support/hook-requests.ts';

useFhirServer();

describe('pages', () => {
  const results = Array.from({ length: 7 }, (_, index) =>
    observation(`o${index}`, '2160-0', 1, 'mg/dL', '2026-01-30T08:00:00Z'),
  );

  test('3 pages of 7 results become 1 answer, known as a whole', async () => {
    await serve([patient, ...results], { pageSize: 3 });
    const { labs: _, ...rest } = whole;
    const gathered = await gathering(rest);
    expect(ids(gathered.fetched.resources.labs)).toEqual(results.map(({ id }) => id));
    expect(server.calls).toHaveLength(3);
    expect(intake(gathered).completeness.labs).toBe('known');
  });

  /** The first page as a client with this server would send it. */
  async function firstPage(size: number): Promise<Json> {
    await serve([patient, ...results], { pageSize: size });
    const { labs: _, ...rest } = whole;
    const gathered = await gathering(rest);
    const page = structuredClone(gathered.fetched.resources.labs);
    server.calls.length = 0;
    if (!isObject(page)) throw new Error('no page');
    return {
      ...page,
      entry: asArray(page.entry).slice(0, size),
      link: [{ relation: 'next', url: `${server.url}?_pages=0&_offset=${size}` }],
    };
  }

  test('the 2 further pages of a prefetched bundle are read; which result came how stays known', async () => {
    const gathered = await gathering({ ...whole, labs: await firstPage(3) });
    expect(server.calls.map(({ query }) => query.get('_offset'))).toEqual(['3', '6']);
    const { items, completeness, notices } = intake(gathered);
    expect(
      items.filter(({ type }) => type === 'Observation').map(({ reference, from }) => [reference, from]),
    ).toEqual(results.map(({ id }, index) => [`Observation/${id}`, index < 3 ? 'prefetch' : 'fetch']));
    expect([completeness.labs, notices.filter(({ code }) => code === 'category-incomplete')]).toEqual([
      'known',
      [],
    ]);
  });

  test('a further page that fails leaves the first one as it came: known in part', async () => {
    const labs = await firstPage(3);
    server.instead[''] = 'status500';
    const gathered = await gathering({ ...whole, labs });
    expect(gathered.prefetch).toMatchObject({ labs });
    expect(intake(gathered).completeness.labs).toBe('partial');
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: the rest of labs could not be read from the FHIR server: it answered with status 500',
    ]);
  });

  test('the third page fails after the second came: what came is used, and known in part', async () => {
    const labs = await firstPage(3);
    server.instead[''] = [
      {
        ...searchset(...results.slice(3, 6)),
        link: [{ relation: 'next', url: '?_pages=0&_offset=6' }],
      },
      'status500',
    ];
    const self = { relation: 'self', url: `${server.url}/Observation?patient=p1` };
    const first = { ...labs, link: [self, ...asArray(labs.link)] };
    const gathered = await gathering({ ...whole, labs: first });
    // Else it would look as if all that was asked had been answered.
    expect(gathered.prefetch).toMatchObject({ labs: { link: [] } });
    const { completeness, items } = intake(gathered);
    expect([completeness.labs, items.filter(({ type }) => type === 'Observation').length]).toEqual([
      'partial',
      6,
    ]);
  });

  test('a next link with an inner host or scheme is asked at the registered origin, on its own path and query', async () => {
    const other = await fhirServer([patient]);
    try {
      const rest = searchset(observation('o9', '2160-0', 1, 'mg/dL', '2026-01-30T08:00:00Z'));
      for (const origin of [
        new URL(other.url).origin,
        'http://fhir-inner:8080',
        new URL(server.url).origin.replace('http:', 'https:'),
        `//127.0.0.1:${new URL(other.url).port}`,
      ]) {
        server.calls.length = 0;
        const page = {
          ...searchset(creatinine),
          link: [{ relation: 'next', url: `${origin}/fhir/more?page=2` }],
        };
        server.instead.Observation = page;
        server.instead.more = rest;
        for (const prefetch of [
          { ...whole, labs: page },
          { ...whole, labs: outcome },
        ]) {
          const gathered = await gathering(prefetch);
          expect([messages(gathered), intake(gathered).completeness.labs]).toEqual([[], 'known']);
          expect(server.calls.at(-1)).toMatchObject({ path: 'more' });
          expect(server.calls.at(-1)?.query.get('page')).toBe('2');
        }
        expect(server.calls.map(({ path }) => path)).toEqual(['more', 'Observation', 'more']);
      }
      expect(other.calls).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('a next link that is only a query belongs to the page it stands in', async () => {
    const next = (url: string) => [{ relation: 'next', url }];
    server.instead.Observation = [
      { ...searchset(creatinine), link: next('?page=2') },
      { ...searchset(), link: next('?page=3') },
      searchset(),
    ];
    await gathering({ ...whole, labs: outcome });
    expect(server.calls.map(({ path, query }) => [path, query.get('page')])).toEqual([
      ['Observation', null],
      ['Observation', '2'],
      ['Observation', '3'],
    ]);
  });

  test.each<[string, string | null, string]>([
    [
      'its self link',
      'https://inner.example/fhir/Observation/_search-results?id=7',
      'Observation/_search-results',
    ],
    ['a self link below the base', 'Observation?patient=p1', 'Observation'],
    ['the template, where it has none', null, 'Observation'],
    ['the template, where its self link is none', 'javascript:alert(1)', 'Observation'],
  ])('and of a first page that was prefetched, to the address of %s', async (_, self, path) => {
    const link = [
      { relation: 'next', url: '?page=2' },
      ...(self === null ? [] : [{ relation: 'self', url: self }]),
    ];
    server.instead.Observation = searchset();
    await gathering({ ...whole, labs: { ...searchset(creatinine), link } });
    expect(server.calls.map((call) => [call.path, call.query.get('page')])).toEqual([[path, '2']]);
  });

  test('a next link that is no link of http, or names a user, is not followed: 0 calls there', async () => {
    const other = await fhirServer([patient]);
    try {
      const { port } = new URL(other.url);
      for (const url of [
        `http://user@127.0.0.1:${port}/`,
        `http://user:secret@127.0.0.1:${new URL(server.url).port}/fhir?page=2`,
        'javascript:alert(1)',
        'urn:uuid:0b7f8d4e-5a0c-4f49-8a0d-000000000000',
        'http://',
      ]) {
        server.calls.length = 0;
        const evil = { ...searchset(creatinine), link: [{ relation: 'next', url }] };
        server.instead.Observation = evil;
        for (const prefetch of [
          { ...whole, labs: evil },
          { ...whole, labs: outcome },
        ]) {
          const gathered = await gathering(prefetch);
          expect(intake(gathered).completeness.labs).toBe('partial');
          expect(messages(gathered)).toEqual([
            'fhir-fetch-failed: the rest of labs could not be read from the FHIR server: the link to the further page cannot be used',
          ]);
          expect(server.calls.filter(({ query }) => query.has('page'))).toEqual([]);
        }
      }
      expect(other.calls).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test.each<[string, Json]>([
    ['no address', { relation: 'next' }],
    ['an empty one', { relation: 'next', url: '' }],
    ['a number', { relation: 'next', url: 7 }],
    ['`href`', { relation: 'next', href: '?page=2' }],
  ])('a next link with %s is said, and leaves what follows unknown', async (_, link) => {
    server.instead.Observation = { ...searchset(creatinine), link: [link] };
    const gathered = await gathering({ ...whole, labs: outcome });
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: the rest of labs could not be read from the FHIR server: the link to the further page cannot be used',
    ]);
    expect(intake(gathered).completeness.labs).toBe('partial');
  });

  test('a next link that leads in a circle ends after 1 round, and one that never ends after 10 pages', async () => {
    const circle = { ...searchset(creatinine), link: [{ relation: 'next', url: '?again' }] };
    server.instead.Observation = circle;
    expect(messages(await gathering({ ...whole, labs: outcome }))[0]).toContain('leads back');
    expect(server.calls).toHaveLength(2);
    server.calls.length = 0;
    server.instead.Observation = Array.from({ length: 50 }, (_, index) => ({
      ...searchset(),
      link: [{ relation: 'next', url: `?page=${index}` }],
    }));
    expect(messages(await gathering({ ...whole, labs: outcome }))[0]).toContain('no more than 10 pages');
    expect(server.calls).toHaveLength(10);
  });

  test('no further page is asked for once more came than is read', async () => {
    await serve([patient, ...results], { pageSize: 3 });
    const large: FetchJson = async (url, fetching) => ({
      ...(await fetchJson(url, fetching)),
      bytes: 600_000,
    });
    const means = { maxBytes: 1_000_000, fetchJson: large };
    const gathered = await gathering({ ...whole, labs: outcome }, {}, means);
    expect(server.calls).toHaveLength(2);
    expect(messages(gathered)[0]).toContain('more data than is read');
    expect(intake(gathered).completeness.labs).toBe('partial');
  });
});

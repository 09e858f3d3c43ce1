/** Bundles nobody has validated: what is in them, which page is next, several pages as one. */
import { expect, test } from 'vitest';
import {
  collectionOf,
  joinPages,
  matchesIn,
  nextLink,
  resourcesOf,
  withoutNext,
} from '../../../functions/outbound/bundle.ts';
import { createMissingData } from '../../../functions/outbound/missing-data.ts';

const resource = (id: string) => ({ resourceType: 'Condition', id });
const page = (ids: string[], next: string | null, more: object = {}) => ({
  resourceType: 'Bundle',
  link: [
    { relation: 'self', url: `self-of-${ids[0]}` },
    ...(next === null ? [] : [{ relation: 'next', url: next }]),
  ],
  entry: ids.map((id) => ({ resource: resource(id) })),
  ...more,
});

test.each<[string, unknown, (string | null)[]]>([
  ['a resource', resource('1'), ['Condition/1']],
  ['a bundle without a type', { entry: [{ resource: resource('1') }] }, ['Condition/1']],
  [
    'a bundle in a bundle',
    page([], null, { entry: [{ resource: page(['1', '2'], null) }] }),
    ['Condition/1', 'Condition/2'],
  ],
  [
    'a resource with a full URL of its own',
    { entry: [{ fullUrl: 'https://x.example/Condition/9', resource: resource('1') }] },
    ['Condition/1', 'Condition/9'],
  ],
  ['a resource without an id', { resourceType: 'Condition' }, [null]],
  ['what is none', 'Condition/1', []],
])('%s is known by its references', (_, value, references) => {
  expect(resourcesOf(value).map(({ reference }) => reference)).toEqual(references);
});

test('bundles deeper than four are not looked into', () => {
  let value: object = resource('1');
  for (let depth = 0; depth < 4; depth += 1) value = { entry: [{ resource: value }] };
  expect(resourcesOf(value)).toEqual([]);
});

test('the next page is found by `relation` and by `rel`, and taken away with the total', () => {
  expect(nextLink(page(['1'], 'p2'))).toBe('p2');
  expect(nextLink({ link: [{ rel: 'next', url: 'p2' }] })).toBe('p2');
  expect(nextLink(page(['1'], null))).toBeNull();
  expect(withoutNext(page(['1'], 'p2', { total: 7 }))).toEqual(page(['1'], null));
});

test('pages become one searchset, which says so where some are missing', () => {
  const pages = [page(['1'], 'p2', { total: 3 }), page(['2'], 'p3')];
  const self = { relation: 'self', url: 'self-of-1' };
  const entry = [{ resource: resource('1') }, { resource: resource('2') }];
  const joined = { resourceType: 'Bundle', type: 'searchset', total: 3, entry };
  expect(joinPages(pages, true)).toEqual({ ...joined, link: [self] });
  expect(joinPages(pages, false)).toEqual({ ...joined, link: [self, { relation: 'next', url: 'p3' }] });
});

test('what was included and outcomes are no results', () => {
  const entry = [
    { resource: resource('1') },
    { resource: resource('2'), search: { mode: 'include' } },
    { resource: { resourceType: 'OperationOutcome' } },
  ];
  expect(matchesIn({ entry })).toBe(1);
});

test('a collection is in the order of its addresses', () => {
  const entries = ['b', 'a'].map((fullUrl) => ({ fullUrl, resource: resource(fullUrl) }));
  expect(collectionOf(entries)).toMatchObject({
    type: 'collection',
    entry: [{ fullUrl: 'a' }, { fullUrl: 'b' }],
  });
});

test('what could not be read is one notice a reason, in the order of the reasons', () => {
  const unread = createMissingData();
  for (const [what, why] of [
    ['labs', 'z'],
    ['conditions', 'a'],
    ['labs', 'a'],
    ['labs', 'z'],
  ] as const) {
    unread.add(what, why);
  }
  expect(unread.notices().map(({ message }) => message)).toEqual([
    'conditions, labs could not be read from the FHIR server: a',
    'labs (2) could not be read from the FHIR server: z',
  ]);
});

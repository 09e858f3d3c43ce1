/** Bundles nobody has validated: what is in them, which page is next, several pages as one. */
import { expect, test } from 'vitest';
import {
  collectionOf,
  hasNext,
  joinPages,
  joinRest,
  matchesIn,
  nextLink,
  resourcesOf,
  saysMore,
  withoutNext,
} from '../../../functions/outbound/bundle.ts';
import { createMissingData } from '../../../functions/outbound/missing-data.ts';
import { asArray, type Json } from '../../../rules/fhir/json.ts';

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
  expect(withoutNext(page(['1'], 'p2', { total: 7 }), true)).toEqual(page(['1'], null));
});

test('a first page whose rest was read only in part no longer says what it answers', () => {
  expect(withoutNext(page(['1'], 'p2', { total: 7 }), false)).toEqual({ ...page(['1'], null), link: [] });
});

test.each<[string, Json]>([
  ['without an address', { relation: 'next' }],
  ['with an empty one', { relation: 'next', url: '' }],
  ['with a number', { relation: 'next', url: 7 }],
  ['with `href`', { relation: 'next', href: 'p2' }],
  ['by `rel`', { rel: 'next' }],
])('a next link that cannot be read says that there is more: %s', (_, link) => {
  const cut = { ...page(['1'], null), link: [link] };
  expect([hasNext(cut), nextLink(cut), saysMore(cut, 'Condition')]).toEqual([true, null, true]);
  expect(asArray(joinPages([cut], false, 'Condition').link)).toEqual([{ relation: 'next', url: '' }]);
});

const joinedOf = (...pages: Json[]) => joinPages(pages, true, 'Condition');

test('pages become one searchset, which says so where some are missing', () => {
  const pages = [page(['1'], 'p2', { total: 3 }), page(['2'], 'p3')];
  const self = { relation: 'self', url: 'self-of-1' };
  const entry = [{ resource: resource('1') }, { resource: resource('2') }];
  const joined = { resourceType: 'Bundle', type: 'searchset', total: 3, entry };
  expect(joinPages(pages, true, 'Condition')).toEqual({ ...joined, link: [self] });
  expect(joinPages(pages, false, 'Condition')).toEqual({
    ...joined,
    link: [self, { relation: 'next', url: 'p3' }],
  });
});

test.each<[string, unknown[], unknown]>([
  ['as it came, also as text', ['99'], '99'],
  ['the largest that a page names', [3, '12', 5], '12'],
  ['none where no page names one', [undefined, null], undefined],
])('the total: %s', (_, totals, expected) => {
  const pages = totals.map((total, index) => page([String(index)], null, { total }));
  expect(joinedOf(...pages).total).toBe(expected);
});

test('what comes twice over pages counts once; what changed between them stays', () => {
  const changed = { ...resource('2'), meta: { versionId: '2' } };
  const joined = joinedOf(
    page(['1', '2'], 'p2', { total: 4 }),
    page(['2', '3'], 'p3'),
    page([], null, { entry: [{ resource: changed }] }),
  );
  expect(asArray(joined.entry).map((entry) => entry.resource)).toEqual([
    ...['1', '2', '3'].map(resource),
    changed,
  ]);
  expect([matchesIn(joined, 'Condition'), saysMore(joined, 'Condition')]).toEqual([3, true]);
});

test('of one page it stays visible how many were asked for; of several it says nothing', () => {
  const link = [{ relation: 'self', url: 'https://x.example/Condition?_count=1&patient=p1' }];
  const pages = ['1', '2'].map((id) => ({ ...page([id], null), link }));
  expect(joinedOf(...pages.slice(1)).link).toEqual(link);
  expect(joinedOf(...pages).link).toEqual([
    { relation: 'self', url: 'https://x.example/Condition?patient=p1' },
  ]);
});

test('issues of an R5 bundle become an entry, of each page and of a first one that came', () => {
  const issues = { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'incomplete' }] };
  const said = { resource: issues, search: { mode: 'outcome' } };
  const withIssues = page(['2'], null, { issues });
  expect(asArray(joinedOf(page(['1'], 'p2'), withIssues).entry).at(-1)).toEqual(said);
  expect(asArray(withoutNext(withIssues, true).entry)).toEqual([{ resource: resource('2') }, said]);
});

test('what follows a first page lacks what the total lacks, and repeats nothing of it', () => {
  const first = page(['1', '2'], 'p2', { total: '5' });
  const rest = joinRest(first, [page(['2', '3'], null)], true, 'Condition');
  expect([asArray(rest.entry).map((entry) => entry.resource), rest.total]).toEqual([[resource('3')], 3]);
});

test('what was included and outcomes are no results, nor is what is of another type and does not say', () => {
  const practitioner = { resource: { resourceType: 'Practitioner', id: '1' } };
  const entry = [
    { resource: resource('1') },
    { resource: resource('2'), search: { mode: 'include' } },
    { resource: { resourceType: 'OperationOutcome' } },
    practitioner,
  ];
  expect(matchesIn({ entry }, 'Condition')).toBe(1);
  expect(asArray(joinedOf({ entry }).entry).at(-1)).toEqual({ ...practitioner, search: { mode: 'include' } });
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

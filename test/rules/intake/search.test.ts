import { describe, expect, it, test } from 'vitest';
import {
  codeOfToken,
  narrowedBy,
  readSearch,
  type Search,
  selfSearchOf,
} from '../../../rules/intake/search.ts';

describe('parameters of a search for results', () => {
  const read = (query: string): Search | null => readSearch('Observation', `patient=1&${query}`);
  const noon = Date.parse('2026-01-01T12:00:00Z');

  it.each<[string, string[]]>([
    ['_sort=-date&_count=50&_format=json&_pretty=true&_total=accurate', []],
    ['_include=Observation:encounter&_revinclude:iterate=Provenance:target', []],
    ['subject=Patient/1', []],
    ['patient:Patient=1', []],
    ['patient.identifier=mrn|1', []],
    ['subject:Patient.identifier=mrn|1', []],
    ['code=2160-0&combo-code=2160-0&category=laboratory', []],
    ['status=final,amended,corrected,preliminary', []],
    ['status=final', ['status']],
    ['status:not=entered-in-error', []],
    ['status:not=final', ['status:not']],
    ['date=ge2026-01-01', []],
    ['date=ge2026-01-01&date=gt2025-01-01', []],
    ['date=2026-01-01', ['date']],
    ['date=le2026-01-01', ['date']],
    ['date=ge2026-01-01&date=le2026-02-01', ['date']],
    ['date=ge2026-01-01,le2020-01-01', ['date']],
    ['date=genever', ['date']],
    ['effective-time=ge2026-01-01', ['effective-time']],
    ['_lastUpdated=ge2026-01-01', ['_lastUpdated']],
    ['_id=o', ['_id']],
    ['encounter=e', ['encounter']],
    ['performer=Practitioner/1', ['performer']],
    ['value-quantity=gt5', ['value-quantity']],
    ['code:in=http://example.org/set', ['code:in']],
    ['code:not=2160-0', ['code:not']],
    ['category:not=laboratory', ['category:not']],
    ['component-code=2160-0', ['component-code']],
    ['_has:Provenance:target:agent=1', ['_has:Provenance:target:agent']],
    ['patient.name=a', ['patient.name']],
    ['_filter=code eq 1', ['_filter']],
    ['_query=current', ['_query']],
    ['_elements=id', ['_elements']],
    ['_summary=true', ['_summary']],
    ['_summary=false', []],
    ['_contained=true', ['_contained']],
    ['_count=0', ['_count']],
    ['_offset=50', ['_offset']],
    ['_offset=0&page=1', []],
    ['page=2', ['page']],
    ['whatever=1', ['whatever']],
    ['', []],
  ])('`%s` is narrowed by %j', (query, expected) => {
    const search = read(query);
    expect(search && narrowedBy(search, false)).toEqual(expected);
  });

  it.each([
    ['ge2026-01-01', noon],
    ['gt2025-12-31', noon],
    ['sa2025', noon],
    ['ge2026-01-01T00:00:00Z', noon - 12 * 3_600_000],
    ['ge2026-01-01T13:00:00%2B01:00', noon],
    // Not encoded, it comes as a blank.
    ['ge2026-01-01T13:00:00+01:00', noon],
    ['lt2026-01-01', null],
  ])('`date=%s` asks for everything from an instant on', (value, expected) => {
    expect(read(`date=${value}`)?.since).toBe(expected);
  });

  test('two first days: the later one', () => {
    expect(read('date=ge2026-01-01&date=ge2020-01-01')?.since).toBe(noon);
  });

  test('a code that comes with another parameter for codes is not looked for in components', () => {
    expect(read('combo-code=1,http://loinc.org|2')).toMatchObject({ codes: ['1', '2'], components: true });
    expect(read('code=1&combo-code=1')).toMatchObject({ codes: ['1'], components: false });
    expect(readSearch('Condition', 'combo-code=1')).toMatchObject({ codes: null, others: ['combo-code'] });
  });

  test('what comes twice and differs is narrower, but not where the client wrote a list of ours so', () => {
    const search = read('code=1&code=2');
    expect(search?.codes).toEqual(['1', '2']);
    expect(search && [narrowedBy(search, false), narrowedBy(search, true)]).toEqual([['code'], []]);
  });

  test.each(['_getpages=a&_getpagesoffset=20', 'sessionID=1', '-pageContext=a&-pageDirection=NEXT', 'ct=a'])(
    '`%s` says where the server was, and not what was asked',
    (query) => expect(read(query)).toBeNull(),
  );
});

test.each([
  ['Condition', 'code=1', []],
  ['Condition', 'clinical-status=active', ['status']],
  ['Condition', 'clinical-status=active,recurrence,relapse,inactive,remission,resolved', []],
  ['Condition', 'verification-status:not=entered-in-error', []],
  ['Condition', 'category=problem-list-item', ['category']],
  ['AllergyIntolerance', 'clinical-status=active', []],
  ['AllergyIntolerance', 'category=medication', ['category']],
  ['MedicationRequest', 'status=active', []],
  ['MedicationRequest', 'intent=order', ['intent']],
  ['MedicationRequest', 'authoredon=ge2026-01-01', ['authoredon']],
  ['MedicationAdministration', 'status=completed', ['status']],
  ['MedicationAdministration', 'effective-time=ge2026-01-01', []],
  ['Procedure', 'date=ge2026-01-01', ['date']],
  ['Procedure', 'status=completed', ['status']],
  ['Encounter', 'status=in-progress&date=2026-01-01&location=1', []],
])('%s?patient=1&%s is narrowed by %j', (type, query, expected) => {
  const search = readSearch(type, `patient=1&${query}`);
  expect(search && narrowedBy(search, false)).toEqual(expected);
});

test.each([
  ['https://ehr.example/fhir/Condition?code=1', 'Condition', ['1']],
  ['Condition?code=1', 'Condition', ['1']],
  ['https://ehr.example/fhir/Condition/?code=1', 'Condition', ['1']],
  ['https://ehr.example/fhir/Condition/_search?code=1', 'Condition', ['1']],
  ['https://ehr.example/fhir/Patient/1/Condition?code=1', 'Condition', ['1']],
  ['Condition?patient=1&amp;code=1', 'Condition', ['1']],
  ['Condition?patient%3APatient=1&code=http%3A%2F%2Fa%7C1%2C2', 'Condition', ['1', '2']],
])('a self link %s', (url, type, codes) => {
  const search = selfSearchOf({ link: [{ relation: 'self', url }] });
  expect(search).toMatchObject({ type, codes });
  expect(search && narrowedBy(search, false)).toEqual([]);
});

test.each(['https://ehr.example/fhir?_getpages=a', 'https://ehr.example/fhir/Condition', 'urn:x', ''])(
  'a self link `%s` does not say what was asked',
  (url) => expect(selfSearchOf({ link: [{ relation: 'self', url }] })).toBeNull(),
);

it.each([
  ['2160-0', '2160-0'],
  ['http://loinc.org|2160-0', '2160-0'],
  ['|2160-0', '2160-0'],
  ['http://loinc.org|', ''],
])('the code of the search token `%s` is `%s`', (token, code) => {
  expect(codeOfToken(token)).toBe(code);
});

describe('a very long self link', () => {
  const linked = (url: string): Search | null => selfSearchOf({ link: [{ relation: 'self', url }] });

  test.each([
    ['slashes and question marks', `${'/Ab?'.repeat(64_000)}#`],
    ['slashes', `https://a${'/'.repeat(250_000)}`],
    ['addresses without a query', '/Ab'.repeat(80_000)],
  ])('of %s is none', (_, url) => expect(linked(url)).toBeNull());

  test('is narrowed by nobody knows what', () => {
    const search = linked(`https://a/Observation?code=${'a,'.repeat(40_000)}`);
    expect(search).toMatchObject({ type: 'Observation', codes: null, others: [''] });
    expect(search && narrowedBy(search, true)).toEqual(['']);
  });

  test('is read up to 64 KB, each parameter once', () => {
    expect(linked(`Observation?${'code=a&'.repeat(9000)}`)?.codes).toHaveLength(9000);
  });

  test('has its query behind the first question mark', () => {
    expect(linked('https://a/Observation?code=x/Condition?y')).toMatchObject({ type: 'Observation' });
  });
});

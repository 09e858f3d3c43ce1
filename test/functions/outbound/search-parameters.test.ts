/** What of a search may be left out, and what a refusal names. */
import { describe, expect, test } from 'vitest';
import { namedIn, queryWith, variantsOf } from '../../../functions/outbound/search-parameters.ts';
import { hooks } from '../../../rules/fhir/hooks.ts';
import { ruleset } from '../../support/gathering.ts';

describe('what stays where everything that may be is left out', () => {
  test.each([
    ['patient=1&_sort=-date&_count=50', 'patient=1'],
    ['patient=1&status=active', 'patient=1'],
    ['patient=1&code=2,3&date=ge2023-01-29&_count=200', 'patient=1&code=2,3'],
    ['patient=1&effective-time=ge2023-01-29', 'patient=1'],
    ['patient=1&combo-code=2,3&_sort=-date', 'patient=1&code=2,3'],
    ['patient=1&_include=MedicationRequest:medication', 'patient=1'],
    ['patient=1&category=laboratory', 'patient=1&category=laboratory'],
    ['', ''],
  ])('%s: %s', (query, left) => expect(queryWith(query, () => false)).toBe(left));

  test('of every template the patient, and the codes', () => {
    for (const template of hooks.flatMap((hook) => Object.values(ruleset.prefetch[hook]))) {
      const [, query] = template.split('?');
      if (query === undefined) continue;
      const left = queryWith(query, () => false);
      expect(left).toContain('patient={{context.patientId}}');
      expect(left.includes('code=')).toBe(query.includes('code='));
    }
  });
});

test('variants: newest first with a count, each part alone, none; never what was refused', () => {
  const queries = (query: string) => variantsOf(query).map((variant) => variant.query);
  expect(queries('patient=1&status=active&_sort=-date&_count=5')).toEqual([
    'patient=1&_sort=-date&_count=5',
    'patient=1&status=active&_sort=-date',
    'patient=1&status=active&_count=5',
    'patient=1&_sort=-date',
    'patient=1&_count=5',
    'patient=1&status=active',
    'patient=1',
  ]);
  expect(queries('patient=1&_sort=-date&_count=5')).toEqual([
    'patient=1&_sort=-date',
    'patient=1&_count=5',
    'patient=1',
  ]);
  expect(queries('patient=1&combo-code=7&_count=5')).toEqual([
    'patient=1&combo-code=7',
    'patient=1&code=7&_count=5',
    'patient=1&code=7',
  ]);
  expect(queries('patient=1&_count=5')).toEqual(['patient=1']);
  expect(queries('patient=1')).toEqual([]);
});

describe('what a refusal names', () => {
  const query = 'patient=1&code=2&status=active,on-hold&date=ge2023-01-29&_sort=-date&_count=200';
  const saying = (issue: object) => ({ resourceType: 'OperationOutcome', issue: [issue] });

  test.each<[string, object, string[]]>([
    ['the name', { diagnostics: 'Invalid parameter _sort' }, ['_sort=-date']],
    ['in `details`', { details: { text: '_count is not supported' } }, ['_count=200']],
    ['in `expression`', { expression: ['http._count'] }, ['_count=200']],
    ['in `location`', { location: ['http.date'] }, ['date=ge2023-01-29']],
    [
      'a word of English as a name',
      { diagnostics: "Unsupported search parameter 'status'" },
      ['status=active,on-hold'],
    ],
    ['behind "parameter"', { diagnostics: 'unknown parameter date' }, ['date=ge2023-01-29']],
    ['a value', { diagnostics: 'on-hold is not in the value set' }, ['status=active,on-hold']],
    ['a value in quotes', { diagnostics: 'code "active" is unknown' }, ['status=active,on-hold']],
    [
      'what is valid besides',
      { diagnostics: 'Unknown: _sort. Supported parameters: "date", _count' },
      ['_sort=-date'],
    ],
    [
      'each in a sentence of its own',
      { diagnostics: 'Unknown parameter _sort; unknown parameter "date".' },
      ['_sort=-date', 'date=ge2023-01-29'],
    ],
    ['in an `expression` each', { expression: ['http._sort', 'http._count'] }, ['_sort=-date', '_count=200']],
    ['an echo', { diagnostics: 'Bad request: GET Observation?status=active&_sort=-date&_count=200' }, []],
    ['what to use instead', { diagnostics: '_sort is invalid. Use one of: patient, _count, date' }, []],
    ['a list on the next line', { diagnostics: '_sort is unknown\nSupported:\n _count, "date"' }, []],
    ['a word of English in a sentence', { diagnostics: 'Bad request: status code 400, up to date' }, []],
    ['a part of another name', { diagnostics: '_sorted, my_count and birth-date' }, []],
    ['nothing', { code: 'invalid' }, []],
  ])('%s', (_, issue, parts) => expect(namedIn(saying(issue), query)).toEqual(parts));

  test.each([
    null,
    'text',
    {},
    { resourceType: 'Bundle', issue: [{ diagnostics: '_sort' }] },
    { resourceType: 'OperationOutcome', issue: 7 },
  ])('nothing: %j', (outcome) => expect(namedIn(outcome, query)).toEqual([]));
});

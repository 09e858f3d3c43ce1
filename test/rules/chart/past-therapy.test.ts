/** Therapy that is over and was not recognised: said where a rule looks back, silent where none does. */
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { longestLookBack } from '../../../rules/chart/medications.ts';
import { milliseconds } from '../../../rules/fhir/time.ts';
import { library } from '../../../rules/library/library.ts';
import { subject, view } from '../../support/intakes.ts';

const at = Date.parse('2026-01-31T12:00:00Z');
const ended = (status: string, end: string | null, more = {}) => ({
  resourceType: 'MedicationStatement',
  id: 'm',
  status,
  subject,
  medicationCodeableConcept: { text: 'infusion as discussed' },
  ...(end === null ? {} : { effectivePeriod: { end } }),
  ...more,
});

describe('past therapy that is not recognised', () => {
  it.each<[string, unknown, boolean]>([
    ['ended 20 days ago', ended('completed', '2026-01-11'), true],
    ['stopped, nothing says when', ended('stopped', null), true],
    ['ended 3 months ago', ended('completed', '2025-10-31'), false],
    ['never begun', ended('not-taken', null), false],
    [
      'recognised',
      ended('completed', '2026-01-11', { medicationCodeableConcept: { text: 'omeprazole' } }),
      false,
    ],
  ])('%s', (_, resource, isSaid) => {
    const { notices } = buildChart(view({ pastMedicationStatements: resource }), at, undefined);
    expect(notices.some(({ code }) => code === 'drug-unresolved')).toBe(isSaid);
  });
});

it('no rule looks back further than the chart says so', () => {
  const windows = [...JSON.stringify(library).matchAll(/"endedWithin":"(P\w+)"/g)].map(
    ([, window]) => window ?? '',
  );
  expect(Math.max(...windows.map(milliseconds))).toBe(longestLookBack);
});

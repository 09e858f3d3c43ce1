import { expect, it } from 'vitest';
import { conditionGroupsOf } from '../../../rules/terminology/conditions.ts';
import table from '../../data/condition-words.json' with { type: 'json' };

/**
 * Displays and texts with what they must come to. `is`, `was`, `open`: exactly these groups and no others, of any
 * kind; `has`: at least these; `not`: these are not said to be so. A row without any of them is read and of no group.
 */
interface Row {
  text: string;
  is?: string[];
  was?: string[];
  open?: string[];
  has?: string[];
  not?: string[];
}
const rows: readonly Row[] = table;

it('has at least 200 displays and texts, none twice', () => {
  expect(rows.length).toBeGreaterThanOrEqual(200);
  expect(new Set(rows.map(({ text }) => text)).size).toBe(rows.length);
});

it.each(rows)('$text', ({ text, is = [], was = [], open = [], has, not }) => {
  const reading = conditionGroupsOf([], text);
  expect(reading.by).toBe('words');
  if (has || not) {
    expect(reading.groups).toEqual(expect.arrayContaining(has ?? []));
    expect(reading.groups.filter((group) => not?.includes(group))).toEqual([]);
    return;
  }
  expect({
    is: reading.groups.toSorted(),
    was: reading.past.toSorted(),
    open: reading.open.toSorted(),
  }).toEqual({ is: is.toSorted(), was: was.toSorted(), open: open.toSorted() });
});

it('a display counts as a text does, and two that contradict each other leave it open', () => {
  const coding = { system: 'urn:local', code: '1', display: 'Asthma' };
  expect(conditionGroupsOf([coding], undefined).groups).toEqual(['asthma']);
  expect(conditionGroupsOf([coding], 'No asthma')).toMatchObject({ groups: [], open: ['asthma'] });
});

it.each([
  'See scanned document',
  'Other',
  'Clinical finding',
  'Clinical finding (finding)',
  'Disease',
  'Disease (disorder)',
  'Siehe Dokument',
  'Active problem',
])('names no problem, and so is unread: %s', (text) => {
  expect(conditionGroupsOf([], text)).toMatchObject({ by: 'nothing', groups: [] });
});

it.each([
  'planned thymectomy',
  'scheduled surgery',
  'family history of stroke',
  'sister as donor',
  'no thymoma',
])('what is planned, denied or of another person beside a problem never silences it: %s', (beside) => {
  for (const problem of ['Myasthenia gravis', 'Complete heart block', 'ESRD', 'Torsades', 'Preeclampsia'])
    for (const text of [`${problem} with ${beside}`, `${problem}, ${beside}`, `${problem} ${beside}`]) {
      const { groups, open, past } = conditionGroupsOf([], text);
      expect(groups.length + open.length + past.length, text).toBeGreaterThan(0);
    }
});

/** How long a busy server is left alone. */
import { expect, test } from 'vitest';
import { isBusy, waitFor } from '../../../functions/outbound/busy.ts';

const now = Date.parse('2026-01-31T12:00:00Z');

test.each<[string, string | undefined, number, number]>([
  ['seconds', '2', 1, 2000],
  ['seconds with spaces', ' 120 ', 1, 120_000],
  ['no time at all, as without it', '0', 1, 50],
  ['a date', 'Sat, 31 Jan 2026 12:00:03 GMT', 1, 3000],
  ['a date that is over, as without it', 'Sat, 31 Jan 2026 11:00:00 GMT', 3, 200],
  ['no header: 50 ms', undefined, 1, 50],
  ['no header, the second time: 100 ms', undefined, 2, 100],
  ['no header, the fourth time: 400 ms', undefined, 4, 400],
  ['no header, from then on: 500 ms', undefined, 7, 500],
  ['less than the pause', '0', 4, 400],
  ['nothing', '', 1, 50],
  ['a negative number', '-5', 1, 50],
  ['a fraction', '1.5', 1, 50],
  ['more digits than seconds have', '99999999999', 1, 50],
  ['words', 'later', 1, 50],
])('%s', (_, header, tried, wait) => expect(waitFor(header, tried, now)).toBe(wait));

test('busy are 429 and 503 alone', () => {
  expect([400, 429, 500, 502, 503, 504].filter(isBusy)).toEqual([429, 503]);
});

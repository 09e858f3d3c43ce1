/** What a process wrote to a calendar it does not write again. */
import { expect, test } from 'vitest';
import { createCalendarMemo } from '../../../functions/log/calendars.ts';
import { calendarKey, decisionKey, keyItem } from '../../../functions/log/keys.ts';

const day = (date: string, tenant = 'north') => keyItem(calendarKey(tenant, 'accesses', date));
const decision = keyItem(decisionKey('north', '0a'));

test('an item of a calendar is given once, any other each time', () => {
  const newIn = createCalendarMemo();
  expect(newIn('north', [decision, day('2026-01-30')])).toEqual([decision, day('2026-01-30')]);
  expect(newIn('north', [day('2026-01-30'), decision, day('2026-01-31')])).toEqual([
    decision,
    day('2026-01-31'),
  ]);
});

test('the same day of another tenant is another item', () => {
  const newIn = createCalendarMemo();
  expect(newIn('north', [day('2026-01-30')])).toHaveLength(1);
  expect(newIn('south', [day('2026-01-30', 'south')])).toHaveLength(1);
});

test('what it remembers has an end: then all are given again', () => {
  const newIn = createCalendarMemo(2);
  for (const date of ['2026-01-01', '2026-01-02', '2026-01-03']) newIn('north', [day(date)]);
  expect(newIn('north', [day('2026-01-01')])).toHaveLength(1);
  expect(newIn('north', [day('2026-01-01')])).toHaveLength(0);
});

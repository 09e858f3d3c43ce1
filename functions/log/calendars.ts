/** Items of a calendar say only that there is something on a day: a process that wrote one need not write it again. */
import type { Item } from './items.ts';
import { isInCalendar, keyIn, nameOf } from './keys.ts';

/** Items a process remembers at most; then it forgets all, and some are written again. */
const mostCalendarItems = 10_000;

/** @returns the items less those of a calendar that it gave before */
export function createCalendarMemo(most = mostCalendarItems) {
  const given = new Set<string>();
  return (tenant: string, items: readonly Item[]): Item[] => {
    if (given.size > most) given.clear();
    return items.filter((item) => {
      const key = keyIn(item);
      if (!isInCalendar(tenant, key)) return true;
      const name = nameOf(key);
      if (given.has(name)) return false;
      given.add(name);
      return true;
    });
  };
}

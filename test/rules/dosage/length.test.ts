import { describe, expect, it } from 'vitest';
import { readDosing } from '../../../rules/dosage/dosing.ts';
import { statedHours } from '../../../rules/dosage/length.ts';

const hours = (...repeats: [Record<string, unknown>, number?][]): number => {
  const dosing = readDosing(
    repeats.map(([repeat, sequence]) => ({ ...(sequence ? { sequence } : {}), timing: { repeat } })),
  );
  if (!dosing) throw new Error('no dosing');
  return statedHours(dosing);
};
const daily = { frequency: 1, period: 1, periodUnit: 'd' };

describe('the hours that an order says it goes on', () => {
  it.each<[string, Record<string, unknown>, number]>([
    ['bounds of six days', { boundsDuration: { value: 6, code: 'd' } }, 144],
    ['a period from date to date', { boundsPeriod: { start: '2026-02-01', end: '2026-02-07' } }, 144],
    ['an infusion that takes 150 hours', { ...daily, count: 1, duration: 150, durationUnit: 'h' }, 150],
    ['six doses once a day', { ...daily, count: 6 }, 144],
    ['nothing but how often', daily, 0],
    ['an end before its beginning', { boundsPeriod: { start: '2026-02-07', end: '2026-02-01' } }, 0],
  ])('%s', (_, repeat, expected) => expect(hours([repeat])).toBe(expected));

  it('steps follow one another, those of one number go together', () => {
    const threeDays = { boundsDuration: { value: 3, code: 'd' } };
    const twoDays = { boundsDuration: { value: 2, code: 'd' } };
    expect(hours([threeDays, 1], [twoDays, 2])).toBe(120);
    expect(hours([threeDays, 1], [twoDays, 1])).toBe(72);
  });
});

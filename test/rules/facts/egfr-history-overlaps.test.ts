/** The course of eGFR where results were taken at times that overlap: the newest is what any of them says. */
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../../rules/chart/types.ts';
import { ask, at, day, labOf } from '../../support/charts.ts';

const hour = 3_600_000;
let count = 0;
/** As reported, of some time between so many hours ago and fewer. */
const egfr = (value: number, longest: number, shortest: number, more: Partial<Lab> = {}): Lab => {
  count += 1;
  return labOf('egfr', value, shortest, {
    reference: `Observation/${count}`,
    method: 'CKD-EPI 2021',
    span: { from: at - longest * hour, to: at - shortest * hour },
    ...more,
  });
};
const overlaps = { overlaps: true } as const;
const old = egfr(80, 2400, 2400);
/** Per cent lost: exactly, or from and to. */
const lost = (labs: Lab[], within = 'P7D'): number | [number, number] | string => {
  const fact = ask('egfrFall', { within, span: 'P365D', over: 'P7D', as: 'percent' }, { labs });
  if (fact.state !== 'known') return fact.missing;
  return fact.range ? [fact.range.low, fact.range.high] : Number(fact.value);
};

describe('the newest eGFR', () => {
  it.each<[string, Lab[], number | [number, number]]>([
    ['of one time', [egfr(40, 1, 1)], 50],
    ['of two times', [egfr(40, 1, 1), egfr(20, 3, 3)], 50],
    ['of two that overlap: either', [egfr(40, 20, 1, overlaps), egfr(20, 20, 10, overlaps)], [50, 75]],
    ['in the other order', [egfr(20, 20, 1, overlaps), egfr(40, 20, 10, overlaps)], [50, 75]],
    [
      'of three that overlap',
      [egfr(40, 20, 1, overlaps), egfr(20, 20, 10, overlaps), egfr(60, 20, 9, overlaps)],
      [25, 75],
    ],
    [
      'of one that ends as the last begins',
      [egfr(40, 10, 1, overlaps), egfr(20, 20, 10, overlaps)],
      [50, 75],
    ],
    [
      'not of one that ends before the last begins',
      [egfr(40, 10, 1, overlaps), egfr(20, 20, 11, overlaps)],
      50,
    ],
    [
      'the last to begin decides that',
      [egfr(40, 20, 1, overlaps), egfr(60, 5, 2, overlaps), egfr(20, 20, 6, overlaps)],
      [25, 50],
    ],
    ['not of one that overlaps with none', [egfr(40, 20, 1, overlaps), egfr(20, 2, 2)], 50],
  ])('%s', (_, labs, expected) => expect(lost([...labs, old])).toEqual(expected));

  it('counts only inside the window, to the millisecond', () => {
    const edge = 7 * 24;
    const earlier = (more: Partial<Lab>) => egfr(20, edge, 10, { ...overlaps, ...more });
    const newest = egfr(40, 20, 1, overlaps);
    expect(lost([newest, earlier({}), old])).toEqual([50, 75]);
    const span = { from: at - 7 * day - 1, to: at - 10 * hour };
    expect(lost([{ ...newest, span: { ...span, to: at - hour } }, old])).toContain('needs creatinine');
    expect(lost([newest, earlier({ span }), old])).toEqual(50);
  });
});

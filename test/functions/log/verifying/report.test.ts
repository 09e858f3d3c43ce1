/** What a person reads of a verified log. */
import { expect, test } from 'vitest';
import { type LogFault, noCounts, type Report } from '../../../../functions/log/faults.ts';
import { linesOf } from '../../../../functions/log/verifying/report.ts';

const reportOf = (given: Partial<Report>): Report => ({
  ok: true,
  seals: 2,
  ...noCounts(),
  notCovered: [],
  faults: [],
  ...given,
});

test('of a whole log: counts, what was not covered, and that it is whole', () => {
  const report = reportOf({ records: 8, verified: 7, unsealed: 1, items: 40, notCovered: ['the moon'] });
  expect(linesOf(report)).toEqual([
    '2 seals, 8 records: 7 verified, 1 not sealed yet',
    '40 items beside them are what the records say',
    'not covered: the moon',
    'the log is whole',
  ]);
});

test('of faults: one line for each thing and kind, the first forty', () => {
  const fault = (what: string): LogFault => ({ fault: 'item-missing', what, message: 'gone' });
  expect(linesOf(reportOf({ ok: false, faults: [fault('a'), fault('b'), fault('a')] }))).toEqual([
    'item-missing  a: gone (and 1 more)',
    'item-missing  b: gone',
    '2 seals, 0 records: 0 verified',
    'the log is NOT whole: 2 fault(s)',
  ]);
  const many = Array.from({ length: 100 }, (_, number) => fault(String(number)));
  expect(linesOf(reportOf({ faults: many }))).toContain('and 60 more: see --json');
});

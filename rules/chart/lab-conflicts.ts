/** Two results of one test, at one time, that differ: the order in which they came must not decide silently. */

import { type LabTest, labTests } from '../terminology/labs.ts';
import type { ChartBuilder } from './chart-builder.ts';
import type { Lab } from './types.ts';

/** A notice for each result that differs from one of the same test and time; which of them is used, it says. */
export function reportConflicts(builder: ChartBuilder): void {
  const seen = new Map<LabTest, Map<number, Lab>>();
  for (const lab of builder.chart.labs) {
    if (!lab.used || !lab.span) continue;
    let times = seen.get(lab.test);
    if (!times) {
      times = new Map();
      seen.set(lab.test, times);
    }
    const other = times.get(lab.span.to);
    if (!other) {
      times.set(lab.span.to, lab);
      continue;
    }
    if (other.span?.from !== lab.span.from) continue;
    if (other.value === lab.value && other.comparator === lab.comparator) continue;
    builder.addNotice(
      'lab-conflict',
      lab.reference,
      `${labTests[lab.test].name}: differs from ${other.reference} of the same time; ${newestOfTie(lab, other).reference} is used`,
    );
  }
}

/** Of two results of the same time the one with the greater reference, so that order of arrival cannot matter. */
export const newestOfTie = (first: Lab, second: Lab): Lab =>
  first.reference > second.reference ? first : second;

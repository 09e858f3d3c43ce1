/**
 * Work in steps. What takes long says now and then where it is, and whoever runs it may look at a clock, or let others
 * have their turn, before it goes on. The work itself knows no clock: run at once or in turns, it comes to the same.
 */

/** Where a decision is. */
export type Step = 'intake' | 'chart' | 'rules' | 'cards' | 'answer';

/** Work that stops at each step, and its result. */
export type InSteps<T> = Generator<Step, T, void>;

/** All of it, without a stop. */
export function atOnce<T>(work: InSteps<T>): T {
  let turn = work.next();
  while (!turn.done) turn = work.next();
  return turn.value;
}

/** So many small things are done between two stops: some milliseconds. */
const together = 200;

/** Visits each, with a stop now and then. */
export function* eachInSteps<T>(
  step: Step,
  items: Iterable<T>,
  visit: (item: T) => void,
  most: number = together,
): InSteps<void> {
  let count = 0;
  for (const item of items) {
    visit(item);
    count += 1;
    if (count % most === 0) yield step;
  }
}

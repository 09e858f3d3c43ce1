/** For how long an order says that it goes on, from its first dose to its end. */

import { hour } from '../fhir/time.ts';
import type { Dosing, Instruction } from './dosing.ts';

/** Of one step: what it is bounded by, or how long its doses take. Zero where it does not say. */
function hoursOfStep({ runsHours, begins, ends, hours = 0, count, timesADay }: Instruction): number {
  if (runsHours !== undefined) return runsHours;
  if (begins && ends) return Math.max(0, ends.from - begins.from) / hour;
  const ofDoses = count !== undefined && timesADay ? (count / timesADay) * 24 : 0;
  return Math.max(hours, ofDoses);
}

/** Hours that it states, at least: steps follow one another, those of one number go together. Zero: it says nothing. */
export function statedHours({ instructions }: Dosing): number {
  const steps = Map.groupBy(instructions, ({ sequence = 0 }) => sequence);
  return [...steps.values()]
    .map((together) => Math.max(...together.map(hoursOfStep)))
    .reduce((sum, hours) => sum + hours, 0);
}

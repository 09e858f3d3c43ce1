/**
 * Cases of a rule: `cases.json` beside its `rule.json`. A case is a patient in a few words and what the rule
 * must say; it becomes a CDS Hooks request and goes through the whole pipeline. The time is always noon (UTC)
 * of 2026-01-31. Read by clinicians, so names are sentences: "magnesium 0.99 mg/dL fires, 1.0 does not".
 *
 *   {
 *     "name": "magnesium 0.99 mg/dL an hour ago fires",
 *     "given": {
 *       "age": 70,                   years, with a birthday today; null: no birth date; left out: 60
 *       "ageDays": 5,                instead, of a newborn
 *       "sex": "female",             or "male"; null: not stated; left out: female
 *       "labs": [                    left out: no laboratory data came; []: asked for, and there is none
 *         { "test": "magnesium", "value": 0.99, "unit": "mg/dL", "hoursAgo": 1,
 *           "lowerLimit": 1.6,       the laboratory's own lower limit, in the same unit
 *           "comparator": "<",       for a one-sided result
 *           "status": "preliminary", left out: final
 *           "loinc": "2601-3" } ],   left out: a LOINC code of the test
 *       "active": [                  taken now; left out: no medication list came; []: takes nothing
 *         { "drug": "omeprazole", "route": "oral", "startedDaysAgo": 730,
 *           "startedHoursAgo": 5,    instead, to the hour
 *           "completed": true } ],   it was taken, and is over
 *       "ended": [                   over; left out: past therapy never came; []: there is none
 *         { "drug": "cetuximab", "route": "intravenous", "endedDaysAgo": 20 } ],   left out: no end stated
 *       "ordered": [                 draft orders; left out on an order hook: the drafts did not come
 *         { "drug": "magnesium sulfate", "route": "intravenous",
 *           "selected": false,       order-select: in the draft, but not what is being chosen now
 *           "gramsPerHour": 1,       a rate
 *           "milligramsADay": 400,   once a day
 *           "dose": "40 mg",         or "1 mg/kg", "2 tablets", "10 mL"
 *           "timesADay": 2,          of that dose; left out: how often is not said
 *           "count": 1,              so many doses in all
 *           "hours": 4,              that one dose takes
 *           "forHours": 48,          until the order ends
 *           "asNeeded": true,
 *           "product": "sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet" } ],
 *       "studies": [ "CT abdomen with IV contrast" ],   drafts of examinations, by their words
 *       "conditions": [ "myasthenia-gravis",      begun 30 days ago, or "daysAgo"; null: undated
 *         { "group": "torsades", "status": "resolved", "verification": "unconfirmed", "daysAgo": 10 },
 *         { "icd10cm": "Z3A.24", "daysAgo": 7 } ],     a code that is in no group
 *       "dueInDays": 120,            an estimated delivery date, stated a week ago; only with labs
 *       "allergies": [ "ciprofloxacin" ],
 *       "entered": [ "dialysis" ],   at an entry: conditions (or allergies) that are new this moment
 *       "encounter": "inpatient"     left out: not known; null: asked for, and there is none
 *     },
 *     "hook": "order-sign",          left out: the rule's first
 *     "expect": "fired",             "not-fired", "indeterminate"
 *     "missing": ["egfr"],           words of what an undecided rule waits for
 *     "shown": true,                 whether there is a card at this moment
 *     "why": "does not contribute",  words of why it is not shown or did not fire
 *     "summary": "Mg 0.99 mg/dL"     words of the card's summary
 *   }
 *
 * A drug is an ingredient of rules/terminology/drugs.json, or several (one product); `{ "text": "..." }`
 * is a drug given as text only. A condition is a group of rules/terminology/conditions.json, a test one of
 * labs.json. `"unit": null` is a result without a unit.
 */
import * as z from 'zod/mini';
import { hooks } from '../fhir/hooks.ts';
import { labTestNames } from '../terminology/labs.ts';

const lab = z.strictObject({
  test: z.enum(labTestNames),
  value: z.number(),
  unit: z.nullable(z.string()),
  hoursAgo: z.number(),
  lowerLimit: z.optional(z.number()),
  comparator: z.optional(z.enum(['<', '<=', '>', '>='])),
  status: z.optional(z.string()),
  loinc: z.optional(z.string()),
});
const drug = z.strictObject({
  drug: z.optional(z.union([z.string(), z.array(z.string()).check(z.minLength(1))])),
  text: z.optional(z.string()),
  route: z.optional(z.string()),
  startedDaysAgo: z.optional(z.number()),
  startedHoursAgo: z.optional(z.number()),
  completed: z.optional(z.boolean()),
  selected: z.optional(z.boolean()),
  gramsPerHour: z.optional(z.number()),
  milligramsADay: z.optional(z.number()),
  endedDaysAgo: z.optional(z.number()),
  dose: z.optional(z.string().check(z.regex(/^\d+(\.\d+)? \S+$/, 'write a dose as `40 mg`'))),
  timesADay: z.optional(z.number()),
  count: z.optional(z.number()),
  hours: z.optional(z.number()),
  forHours: z.optional(z.number()),
  asNeeded: z.optional(z.boolean()),
  product: z.optional(z.string()),
});
const condition = z.union([
  z.string(),
  z.strictObject({
    group: z.string(),
    status: z.optional(z.string()),
    verification: z.optional(z.string()),
    daysAgo: z.optional(z.nullable(z.number())),
  }),
  z.strictObject({ icd10cm: z.string(), daysAgo: z.optional(z.number()) }),
]);
const given = z.strictObject({
  age: z.optional(z.nullable(z.number())),
  ageDays: z.optional(z.number()),
  sex: z.optional(z.nullable(z.enum(['female', 'male']))),
  labs: z.optional(z.array(lab)),
  dueInDays: z.optional(z.number()),
  active: z.optional(z.array(drug)),
  ended: z.optional(z.array(drug)),
  ordered: z.optional(z.array(drug)),
  studies: z.optional(z.array(z.string())),
  conditions: z.optional(z.array(condition)),
  allergies: z.optional(z.array(z.string())),
  entered: z.optional(z.array(z.union([z.string(), condition]))),
  encounter: z.optional(z.nullable(z.enum(['inpatient', 'emergency', 'ambulatory', 'home', 'virtual']))),
});
const caseSchema = z.strictObject({
  name: z.string().check(z.minLength(1)),
  given,
  hook: z.optional(z.enum(hooks)),
  expect: z.enum(['fired', 'not-fired', 'indeterminate']),
  missing: z.optional(z.array(z.string())),
  shown: z.optional(z.boolean()),
  why: z.optional(z.string()),
  summary: z.optional(z.string()),
});
export type Case = z.infer<typeof caseSchema>;
export type CaseData = z.infer<typeof given>;
export type GivenLab = z.infer<typeof lab>;
export type GivenDrug = z.infer<typeof drug>;
export type GivenCondition = z.infer<typeof condition>;

/** @throws Error naming the file and the first problem of a case that is not well formed */
export function parseCases(json: unknown, where: string): Case[] {
  const parsed = z.array(caseSchema).safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`${where}: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** The time of every case. */
export const evaluatedAt = '2026-01-31T12:00:00.000Z';

/**
 * What a rule is: a json-rules-engine document (`conditions`, `event`) plus what Epsom must know about it.
 *
 * The schema is strict where json-rules-engine is lenient: an unknown fact, parameter or operator, an empty
 * `all`, a threshold of the wrong type or a misspelt key refuses the whole ruleset at load.
 * Format of `conditions`: https://github.com/CacheControl/json-rules-engine/blob/master/docs/rules.md
 */
import * as z from 'zod/mini';
import { drugClass, drugSelector, ingredient, namesDrugs, route } from '../facts/parameters.ts';
import { hooks, ruleHooks } from '../fhir/hooks.ts';
import { labTestNames } from '../terminology/labs.ts';
import { askingProblems, textAskingAll } from './asking.ts';
import { conditionProblems, conditions } from './conditions.ts';
import { isOverrideReason, type OverrideReasonCode } from './override-reasons.ts';
import { indicators } from './severity.ts';
import { ownDangers, waysOut } from './way-out.ts';

const overrideReason = z.custom<OverrideReasonCode>(
  isOverrideReason,
  'not an override reason of rules/rule/override-reasons.ts',
);

const text = z.string().check(z.minLength(1));
/** A text of a card, with what it asks for marked. */
const asking = text.check(
  z.refine((value) => askingProblems(String(value)).length === 0, {
    error: 'marks what it asks for as asking.ts does not know it',
  }),
);
const fitsSummary = z.refine((value) => textAskingAll(String(value)).length <= 139, {
  error: 'has more than 139 characters as it is read',
});
const date = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/, 'write a date as `2026-01-31`'));

const source = z.strictObject({
  key: text,
  /** Document, authors, publisher. */
  title: text,
  /** Two to five words for a card: `Magnesium sulfate label`. */
  short: text.check(z.maxLength(40)),
  /** Section, table or page the rule rests on: a source without one is not exact. */
  section: z.optional(text),
  year: z.number(),
  url: z.optional(text),
  /** Whether its text was read when the rule was written. */
  read: z.boolean(),
});
export type Source = z.infer<typeof source>;

/** The 13 source attributes of evidence-based interventions, 45 CFR 170.315(b)(11)(iv)(A). */
const sourceAttributes = z.strictObject({
  bibliographicCitation: text,
  developer: text,
  fundingSource: text,
  releaseAndRevisionDates: text,
  usesRace: z.boolean(),
  usesEthnicity: z.boolean(),
  usesLanguage: z.boolean(),
  usesSexualOrientation: z.boolean(),
  usesGenderIdentity: z.boolean(),
  usesSex: z.boolean(),
  usesDateOfBirth: z.boolean(),
  usesSocialDeterminants: z.boolean(),
  usesHealthStatusAssessments: z.boolean(),
});

/** Drugs whose order makes a finding relevant: by any route that acts in the whole body, or by the one that is named. */
const relevantDrugs = z.union(
  [
    drugClass,
    z
      .strictObject({
        ...drugSelector,
        route: z.optional(route),
        /** Where its own rules speak for it. */
        unless: z.optional(z.literal('pregnancy')),
      })
      .check(namesDrugs),
    /** Every drug with a limit in its label for reduced kidney function (terminology/renal-limits.json), but for these. */
    z.strictObject({
      renalLimit: z.literal(true),
      exceptClasses: z.optional(z.array(drugClass).check(z.minLength(1))),
      exceptIngredients: z.optional(z.array(ingredient).check(z.minLength(1))),
    }),
  ],
  { error: 'not a drug class of rules/terminology/drugs.json' },
);

const suggestion = z.union([
  /** Deletes the draft order that the finding is about. */
  z.strictObject({ type: z.literal('delete-order'), label: text, isRecommended: z.optional(z.boolean()) }),
  /** Creates a draft order for one laboratory test or panel, or another service such as an ECG. */
  z.strictObject({
    type: z.literal('order-service'),
    label: text,
    system: z.url(),
    code: text,
    display: text,
    isRecommended: z.optional(z.boolean()),
  }),
]);
export type RuleSuggestion = z.infer<typeof suggestion>;

export const ruleSchema = z.strictObject({
  $schema: z.optional(z.string()),
  name: text,
  conditions,
  /** Documented exemptions, same format. Unknown exempts nobody. */
  unless: z.optional(conditions),
  event: z.strictObject({ type: text }),
  id: z.string().check(z.regex(/^[A-Z]{2}-\d{3}$/)),
  version: z.string().check(z.regex(/^\d+\.\d+\.\d+$/)),
  title: text,
  domain: text,
  status: z.enum(['draft', 'shadow', 'active', 'retired']),
  /** It is about the data itself: it speaks in notices, and on the one card of checks that could not be made. */
  about: z.optional(z.literal('data')),
  /** When it speaks. Other hooks follow one of these: hooks.ts. */
  hooks: z.array(z.enum(ruleHooks)).check(z.minLength(1)),
  /** Hooks that follow one of `hooks` and where it has nothing to say. */
  exceptHooks: z.optional(z.array(z.enum(hooks)).check(z.minLength(1))),
  /** `always`: it is a danger by itself, shown at orders too, whatever is ordered. Left out: an order must have part in it. */
  speaks: z.optional(z.literal('always')),
  /** Drug classes whose order makes the finding relevant although the order is no condition of it. */
  relevantTo: z.optional(z.array(relevantDrugs).check(z.minLength(1))),
  /** What it says is said where another finding that is shown notes it of what it rests on. */
  unlessNoted: z.optional(z.literal('creatinine-trend')),
  /** Rules that this one, when fired, says better: they are recorded but not shown. */
  supersedes: z.optional(z.array(z.string())),
  card: z.strictObject({
    indicator: z.enum(indicators),
    /**
     * At most 139 characters as it is read; `{values}` and `{drug}` are replaced by the patient's. What it asks for is
     * marked, as in `detail`: asking.ts.
     */
    summary: asking.check(z.maxLength(400), fitsSummary),
    /** The summary beside an order that `relevantTo` means: `{drug}` is its name. */
    orderSummary: z.optional(asking.check(z.maxLength(400), fitsSummary)),
    /** Markdown: what it means and what the options are. The patient's values are added before it. */
    detail: asking,
    /** What a card shows of `detail`: what it means in a sentence, and the options. Left out: `detail` is short. */
    brief: z.optional(asking),
    /**
     * Tests whose results it tells. The others only show that nothing speaks against it, and are in the record. Left out:
     * all that it rests on.
     */
    tells: z.optional(z.array(z.enum(labTestNames)).check(z.minLength(1))),
    suggestions: z.optional(z.array(suggestion).check(z.minLength(1))),
    /** What it asks for: findings about one order that ask for the same are one card. Left out: way-out.ts derives it. */
    wayOut: z.optional(z.array(z.enum(waysOut)).check(z.minLength(1))),
    /** A danger of its own, which no finding of another danger hides. Left out: as any other. */
    danger: z.optional(z.enum(ownDangers)),
    /** Codes of override-reasons.ts; left out: the usual ones of the rule's family. */
    overrideReasons: z.optional(z.array(overrideReason).check(z.minLength(1))),
  }),
  rationale: text,
  sources: z.array(source).check(z.minLength(1)),
  sourceAttributes,
  owner: text,
  reviewBy: date,
});
export type Rule = z.infer<typeof ruleSchema>;

/**
 * Reads one rule.json.
 * @throws Error listing every problem, with its place: a rule that is not understood must not be served.
 */
export function parseRule(json: unknown, where: string): Rule {
  const parsed = ruleSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const record = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const problems = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (path === 'conditions' || path === 'unless') {
      const found = conditionProblems(record[path], path);
      return found.length > 0 ? found : [`${path}: must begin with all, any or not`];
    }
    return [`${path || '(rule)'}: ${issue.message}`];
  });
  throw new Error(`${where} is not a valid rule:\n  ${problems.join('\n  ')}`);
}

/**
 * What a rule is: a json-rules-engine document (`conditions`, `event`) plus what Epsom must know about it.
 *
 * The schema is strict where json-rules-engine is lenient: an unknown fact, parameter or operator, an empty
 * `all`, a threshold of the wrong type or a misspelt key refuses the whole ruleset at load.
 * Format of `conditions`: https://github.com/CacheControl/json-rules-engine/blob/master/docs/rules.md
 */
import * as z from 'zod/mini';
import { longestSum } from '../dosage/timeline.ts';
import { hooks, ruleHooks } from '../fhir/hooks.ts';
import { milliseconds } from '../fhir/time.ts';
import { conditionGroups } from '../terminology/conditions.ts';
import { ingredientByName, isClass } from '../terminology/drugs/ingredients.ts';
import { type LabTest, labTests } from '../terminology/labs.ts';
import { isOverrideReason, type OverrideReasonCode } from './override-reasons.ts';

/** ISO 8601 duration of whole days or hours: `P3D`, `PT48H`. */
const duration = z
  .string()
  .check(z.regex(/^(P[1-9]\d*D|PT[1-9]\d*H)$/, 'write a window as `P3D` or `PT48H`'));
const labTest = z.custom<LabTest>(
  (value) => typeof value === 'string' && Object.hasOwn(labTests, value),
  'not a laboratory test of rules/terminology/labs.json',
);
const drugClass = z.custom<string>(
  (value) => typeof value === 'string' && isClass(value),
  'not a drug class of rules/terminology/drugs.json',
);
const ingredient = z.custom<string>(
  (value) => typeof value === 'string' && ingredientByName(value) !== null,
  'not an ingredient of rules/terminology/drugs.json',
);
const group = z.custom<string>(
  (value) => typeof value === 'string' && conditionGroups.has(value),
  'not a condition group of rules/terminology/conditions.json',
);

const overrideReason = z.custom<OverrideReasonCode>(
  isOverrideReason,
  'not an override reason of rules/rule/override-reasons.ts',
);

/** Which drugs a fact is about: members of any of the classes, or any of the ingredients. */
const drugSelector = {
  classes: z.optional(z.array(drugClass).check(z.minLength(1))),
  ingredients: z.optional(z.array(ingredient).check(z.minLength(1))),
  /** Members of these classes that are nevertheless not meant. */
  exceptIngredients: z.optional(z.array(ingredient).check(z.minLength(1))),
};

/**
 * The vocabulary of facts: name, parameters and the kind of value. A new rule is new JSON; only a new kind of
 * question needs an entry here and its computation in facts.ts.
 */
export const factParams = {
  /** Age at the evaluation time. Value: completed years or days. */
  age: z.strictObject({ unit: z.enum(['year', 'day']) }),
  /** Administrative gender as sex, for equations: `male` or `female`; anything else is missing. */
  sex: z.strictObject({}),
  /** Latest usable result inside the window, in `unit`; `lowerLimit` is used where the laboratory gave none. */
  lab: z.strictObject({
    test: labTest,
    unit: z.string(),
    within: duration,
    lowerLimit: z.optional(z.number()),
  }),
  /**
   * Whether any of the tests has a usable result inside the window; `admission` is since the start of the stay of
   * an inpatient, and has no meaning for others.
   */
  hasLab: z.strictObject({
    tests: z.array(labTest).check(z.minLength(1)),
    within: z.union([duration, z.literal('admission')]),
  }),
  /**
   * Whether the latest result of `test` inside the window is the better one to go by: newer than the result that
   * fact `lab` of `than` rests on, or older by `orOlderBy` at most.
   */
  labNewer: z.strictObject({ test: labTest, than: labTest, within: duration, orOlderBy: duration }),
  /** Change of the latest result against the lowest or highest other one inside `span` before it. */
  labTrend: z.strictObject({
    test: labTest,
    unit: z.string(),
    within: duration,
    span: duration,
    change: z.enum(['rise', 'fall', 'ratio']),
  }),
  /** mL/min/{1.73_m2}; CKD-EPI 2021. */
  egfr: z.strictObject({ within: duration }),
  /**
   * The highest eGFR from the newest one that is at least `over` before the latest, up to the latest. Below 60:
   * reduced all that time, as far as it was measured.
   */
  egfrHighest: z.strictObject({ within: duration, over: duration }),
  /**
   * What eGFR lost from the oldest one inside `span` before the latest, which lies at least `over` before it:
   * per cent of that one, GFR categories, or mL/min/{1.73_m2} a year by a straight line through all of them.
   */
  egfrFall: z.strictObject({
    within: duration,
    span: duration,
    over: duration,
    as: z.enum(['percent', 'categories', 'perYear']),
  }),
  /** mL/min; Cockcroft-Gault with actual weight. */
  creatinineClearance: z.strictObject({ within: duration }),
  /** KDIGO 2012 stage 0 to 3 of the latest creatinine. */
  akiStage: z.strictObject({ within: duration }),
  /** Whether such a drug is on the chart in this role, by this route, and (if asked) for at least so long. */
  drug: z.strictObject({
    ...drugSelector,
    role: z.enum(['active', 'ordered', 'any']),
    route: z.optional(z.enum(['oral', 'parenteral', 'systemic'])),
    forAtLeast: z.optional(duration),
    /** Only an order of an ingredient that is not already taken. */
    starting: z.optional(z.literal(true)),
    /** Therapy that is over counts too, when its last dose lies inside this window. */
    endedWithin: z.optional(duration),
  }),
  /** How many of the classes (or ingredients, or orders) are on the chart. A list that is open counts as at least. */
  drugCount: z.strictObject({
    ...drugSelector,
    role: z.enum(['active', 'ordered', 'any']),
    route: z.optional(z.enum(['oral', 'parenteral', 'systemic'])),
    by: z.enum(['class', 'ingredient', 'order']),
    /** Written or begun inside this window. */
    within: z.optional(duration),
  }),
  /**
   * Most in a day of the drug as ordered, or of elemental magnesium; all such drugs together. By body weight with
   * the unit `mg/kg`.
   */
  dailyDose: z.strictObject({
    ...drugSelector,
    role: z.enum(['active', 'ordered', 'any']),
    route: z.optional(z.enum(['oral', 'parenteral', 'systemic'])),
    unit: z.enum(['mg', 'mg/kg']),
    elementalMagnesium: z.optional(z.literal(true)),
  }),
  /** The largest single dose. */
  dose: z.strictObject({
    ...drugSelector,
    role: z.enum(['active', 'ordered', 'any']),
    route: z.optional(z.enum(['oral', 'parenteral', 'systemic'])),
    unit: z.enum(['mg', 'mg/kg']),
  }),
  /** Doses a day, at most; all such drugs together. */
  doseFrequency: z.strictObject({
    ...drugSelector,
    role: z.enum(['active', 'ordered', 'any']),
    route: z.optional(z.enum(['oral', 'parenteral', 'systemic'])),
  }),
  /**
   * Grams in the window of that length that holds most, of those that reach the evaluation time or come later: what was taken, is taken and is
   * ordered. An infusion without an end counts over the whole window. An order is not added to what is still to
   * come of the therapy, which it may replace: then it is at least the larger.
   */
  cumulativeDose: z.strictObject({
    ...drugSelector,
    role: z.enum(['active', 'ordered', 'any']),
    route: z.optional(z.enum(['oral', 'parenteral', 'systemic'])),
    unit: z.literal('g'),
    /** At most 7 days: therapy that is over is not kept longer. */
    within: duration.check(z.refine((text) => milliseconds(text) <= longestSum, 'at most 7 days: `P7D`')),
  }),
  /** Whether an ordered ingredient, or another of its class, is a documented allergy. */
  allergyToOrder: z.strictObject({}),
  /** Whether an ordered ingredient is already taken or ordered twice. */
  duplicateOrder: z.strictObject({}),
  /** g/h of the ordered drug, as ordered (salt, not elemental). The fastest of several orders. */
  infusionRate: z.strictObject({ ...drugSelector, unit: z.literal('g/h') }),
  /** Whether a condition of one of the groups is on the chart: `active`, or `ever` (resolved included). */
  condition: z.strictObject({
    groups: z.array(group).check(z.minLength(1)),
    status: z.enum(['active', 'ever']),
    /** Only confirmed ones count; used for exemptions. */
    confirmed: z.optional(z.boolean()),
  }),
  /** Whether an allergy or intolerance to the drug or its class is documented. */
  allergy: z.strictObject({ ...drugSelector }),
  /** Whether the patient is documented as pregnant now. */
  pregnancy: z.strictObject({}),
  /** Completed weeks of the pregnancy. Sources that differ leave a range. */
  gestation: z.strictObject({}),
  /** Class of the current encounter: `inpatient`, `emergency`, `ambulatory`, `home`, `virtual`. */
  encounter: z.strictObject({}),
  /** Whether a notice with one of these codes was given. */
  notice: z.strictObject({ codes: z.array(z.string()).check(z.minLength(1)) }),
  /** Whether a critical or warning rule could not be decided for want of this alone (DQ-004). */
  checkNotMade: z.strictObject({}),
} as const;

export type FactName = keyof typeof factParams;
export type FactParams<N extends FactName> = z.infer<(typeof factParams)[N]>;

/** Facts with a number, read through `$.value`; `lab` also offers `$.lowerLimit`. The others are read whole. */
const numericFacts: ReadonlySet<FactName> = new Set([
  'age',
  'lab',
  'labTrend',
  'egfr',
  'egfrHighest',
  'egfrFall',
  'creatinineClearance',
  'akiStage',
  'infusionRate',
  'drugCount',
  'dailyDose',
  'gestation',
  'dose',
  'doseFrequency',
  'cumulativeDose',
]);
/** Facts that need to be told which drugs. */
const drugFacts: ReadonlySet<FactName> = new Set([
  'drug',
  'infusionRate',
  'allergy',
  'drugCount',
  'dailyDose',
  'dose',
  'doseFrequency',
  'cumulativeDose',
]);
const textFacts: ReadonlySet<FactName> = new Set(['sex', 'encounter']);

export const numericOperators = [
  'equal',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
] as const;

export interface FactValueReference {
  fact: FactName;
  params: Record<string, unknown>;
  path: string;
}
export interface Leaf {
  fact: FactName;
  params: Record<string, unknown>;
  path?: string;
  operator: 'equal' | 'in' | (typeof numericOperators)[number];
  value: boolean | string | number | string[] | FactValueReference;
}
export type Conditions = { all: Condition[] } | { any: Condition[] } | { not: Condition };
export type Condition = Conditions | Leaf;

const reference = z.strictObject({
  fact: z.string(),
  params: z.record(z.string(), z.unknown()),
  path: z.string(),
});
const leafShape = z.strictObject({
  fact: z.string(),
  params: z.record(z.string(), z.unknown()),
  path: z.optional(z.string()),
  operator: z.string(),
  value: z.union([z.boolean(), z.string(), z.number(), z.array(z.string()), reference]),
});

/** Says what is wrong with a fact's name, parameters or path; null when nothing is. */
function factProblem(fact: string, params: unknown, path: string | undefined): string | null {
  if (!Object.hasOwn(factParams, fact)) {
    return `unknown fact \`${fact}\`; one of ${Object.keys(factParams).join(', ')}`;
  }
  const name = fact as FactName;
  const parsed = factParams[name].safeParse(params);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `fact \`${fact}\`, parameter \`${issue?.path.join('.') || '(all)'}\`: ${issue?.message ?? 'not valid'}`;
  }
  const selected = params as { classes?: unknown; ingredients?: unknown };
  if (drugFacts.has(name) && !selected.classes && !selected.ingredients) {
    return `fact \`${fact}\` needs \`classes\` or \`ingredients\``;
  }
  const therapy = params as {
    role?: unknown;
    endedWithin?: unknown;
    starting?: unknown;
    forAtLeast?: unknown;
  };
  if (therapy.endedWithin && (therapy.role === 'ordered' || therapy.starting || therapy.forAtLeast)) {
    return '`endedWithin` is for the roles `active` and `any`, without `starting` and `forAtLeast`';
  }
  if (numericFacts.has(name)) {
    if (path === '$.value') return null;
    if (name === 'lab' && path === '$.lowerLimit') {
      return (params as FactParams<'lab'>).lowerLimit === undefined
        ? '`$.lowerLimit` needs the parameter `lowerLimit` for laboratories that give none'
        : null;
    }
    return `fact \`${fact}\` is read with \`"path": "$.value"\``;
  }
  return path === undefined ? null : `fact \`${fact}\` has no path`;
}

function leafProblem(leaf: z.infer<typeof leafShape>): string | null {
  const wrong = factProblem(leaf.fact, leaf.params, leaf.path);
  if (wrong) return wrong;
  const name = leaf.fact as FactName;
  const { operator, value } = leaf;
  if (numericFacts.has(name)) {
    if (!(numericOperators as readonly string[]).includes(operator)) {
      return `operator \`${operator}\` does not compare the number of fact \`${name}\``;
    }
    if (typeof value === 'number') return null;
    if (typeof value === 'object' && !Array.isArray(value)) {
      return numericFacts.has(value.fact as FactName)
        ? factProblem(value.fact, value.params, value.path)
        : `fact \`${value.fact}\` is no number to compare with`;
    }
    return `fact \`${name}\` is compared with a number`;
  }
  if (textFacts.has(name)) {
    if (operator === 'equal' && typeof value === 'string') return null;
    if (operator === 'in' && Array.isArray(value) && value.length > 0) return null;
    return `fact \`${name}\` takes \`equal\` with a text or \`in\` with a list of texts`;
  }
  return operator === 'equal' && typeof value === 'boolean'
    ? null
    : `fact \`${name}\` takes \`equal\` with true or false`;
}

/** Reads a condition tree, or lists what is wrong with it, each with its place in the document. */
export function conditionProblems(node: unknown, at: string): string[] {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return [`${at}: must be an object`];
  const record = node as Record<string, unknown>;
  for (const key of ['all', 'any'] as const) {
    if (key in record) {
      const extra = Object.keys(record).filter((other) => other !== key);
      if (extra.length > 0) return [`${at}: \`${extra[0]}\` beside \`${key}\``];
      const list = record[key];
      if (!Array.isArray(list) || list.length === 0)
        return [`${at}.${key}: must be a list that is not empty`];
      return list.flatMap((child, index) => conditionProblems(child, `${at}.${key}[${index}]`));
    }
  }
  if ('not' in record) {
    if (Object.keys(record).length > 1) return [`${at}: other keys beside \`not\``];
    return conditionProblems(record.not, `${at}.not`);
  }
  const leaf = leafShape.safeParse(node);
  if (!leaf.success) {
    const issue = leaf.error.issues[0];
    return [`${at}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not a condition'}`];
  }
  const problem = leafProblem(leaf.data);
  return problem ? [`${at}: ${problem}`] : [];
}

const conditions = z.custom<Conditions>((value) => {
  const top = value as Record<string, unknown> | null;
  return (
    typeof top === 'object' &&
    top !== null &&
    ('all' in top || 'any' in top || 'not' in top) &&
    conditionProblems(value, '').length === 0
  );
}, 'not a valid condition tree');

const text = z.string().check(z.minLength(1));
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

export { type Hook, hooks, isHook } from '../fhir/hooks.ts';

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
  /** When it speaks. Other hooks follow one of these: hooks.ts. */
  hooks: z.array(z.enum(ruleHooks)).check(z.minLength(1)),
  /** Hooks that follow one of `hooks` and where it has nothing to say. */
  exceptHooks: z.optional(z.array(z.enum(hooks)).check(z.minLength(1))),
  /** Drug classes whose order makes the finding relevant although the order is no condition of it. */
  relevantTo: z.optional(z.array(drugClass).check(z.minLength(1))),
  /** Rules that this one, when fired, says better: they are recorded but not shown. */
  supersedes: z.optional(z.array(z.string())),
  card: z.strictObject({
    indicator: z.enum(['info', 'warning', 'critical']),
    /** At most 139 characters; `{magnesium}` and the like are replaced by the patient's value. */
    summary: text.check(z.maxLength(139)),
    /** Markdown: what it means and what the options are. The patient's values are added below it. */
    detail: text,
    suggestions: z.optional(z.array(suggestion).check(z.minLength(1))),
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

/** All leaves of a condition tree, in document order. */
export function* leavesOf(node: Condition): Generator<Leaf> {
  if ('all' in node) for (const child of node.all) yield* leavesOf(child);
  else if ('any' in node) for (const child of node.any) yield* leavesOf(child);
  else if ('not' in node) yield* leavesOf(node.not);
  else yield node;
}

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

/** Facts about therapy: whether a drug is on the chart, and how many are. */
import * as z from 'zod/mini';
import type { Medication } from '../chart/types.ts';
import { statedHours } from '../dosage/length.ts';
import { hour, milliseconds, wordDuration } from '../fhir/time.ts';
import { all, not, type Truth } from '../logic/truth.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
  type KnownFact,
  knownFalse,
  missing,
} from './fact.ts';
import { isGivenFast } from './loading-dose.ts';
import { drugSelector, duration, namesDrugs, role, route } from './parameters.ts';
import {
  byRoute,
  categoriesOfRole,
  describeSelector,
  endedEvidence,
  hasRole,
  ingredientsOf,
  medicationEvidence,
  medicationNeeds,
  needOfRoute,
  type Role,
  routeUnknown,
  unknownRole,
  wordSelector,
} from './selection.ts';

/** What facts about therapy share. */
export const therapyUses = {
  sex: false,
  birthDate: false,
  categories: ['medications'],
  drugIdentity: false,
} as const;

// --- drug --------------------------------------------------------------------------------------------------

const drugParams = z
  .strictObject({
    ...drugSelector,
    role,
    route: z.optional(route),
    forAtLeast: z.optional(duration),
    /** The same, and not at exactly so long: `more than five days`. */
    forMoreThan: z.optional(duration),
    /** Only what goes on: a dose that was given and is over does not count. For exemptions that ask for an infusion. */
    running: z.optional(z.literal(true)),
    /** Only an order of an ingredient that is not already taken. */
    starting: z.optional(z.literal(true)),
    /** Only what states that it goes on for more than so long, from its beginning. */
    plannedForMoreThan: z.optional(duration),
    /** Only orders that are a loading dose, or only the others. */
    pace: z.optional(z.enum(['loading', 'other'])),
    /** Therapy that is over counts too, when its last dose lies inside this window. */
    endedWithin: z.optional(duration),
  })
  .check(
    namesDrugs,
    z.refine(
      ({ endedWithin, role: asked, starting, forAtLeast, forMoreThan }) =>
        !endedWithin || !(asked === 'ordered' || starting || forAtLeast || forMoreThan),
      { error: 'takes `endedWithin` with the roles `active` and `any`, without `starting` and a length' },
    ),
    z.refine(({ forAtLeast, forMoreThan }) => !(forAtLeast && forMoreThan), {
      error: 'takes one of `forAtLeast` and `forMoreThan`',
    }),
  );
type DrugParams = z.infer<typeof drugParams>;

/** How long it must have been taken, in milliseconds. */
interface Length {
  least: number;
  /** So long exactly is not enough. */
  isMore: boolean;
}

function byDuration(medication: Medication, at: number, length: Length | null): Truth {
  if (length === null) return true;
  const { started } = medication;
  if (!started) return null;
  const isSince = (time: number): boolean =>
    length.isMore ? time < at - length.least : time <= at - length.least;
  if (isSince(started.to)) return true;
  return !isSince(started.from) && !medication.startedAtLatest ? false : null;
}

function lengthOf({ forAtLeast, forMoreThan }: DrugParams): Length | null {
  const asked = forMoreThan ?? forAtLeast;
  return asked ? { least: milliseconds(asked), isMore: forMoreThan !== undefined } : null;
}

/** Whether the last dose of therapy that is over lies inside the window; null where that is not known. */
function lastDoseWithin({ ended }: Medication, at: number, window: number): Truth {
  if (!ended || ended.to < at - window) return false;
  return ended.from !== null && ended.from >= at - window ? true : null;
}

/** What is taken: each ingredient, whether that is certain, and whether something taken was not recognised. */
interface Taken {
  certain: ReadonlyMap<string, boolean>;
  isOpen: boolean;
}

function takenNow({ chart }: EvaluationContext): Taken {
  const certain = new Map<string, boolean>();
  let isOpen = false;
  for (const { role: its, given, ended, ingredients, uncertain, resolvedBy } of chart.medications) {
    // One dose that was given is no therapy that an order goes on with.
    if (its !== 'active' || (given && ended)) continue;
    isOpen ||= resolvedBy === 'unresolved';
    for (const { name } of ingredients) certain.set(name, certain.get(name) === true || !uncertain);
  }
  return { certain, isOpen };
}

/** Whether none of the ingredients meant is already taken; unknown while the list of therapy is open. */
function startsNow(context: EvaluationContext, order: Medication, names: ReadonlySet<string>): Truth {
  const { certain, isOpen } = context.memo(takenNow);
  const same = order.ingredients.flatMap(({ name }) => (names.has(name) ? (certain.get(name) ?? []) : []));
  if (same.includes(true)) return false;
  return same.length > 0 || isOpen || context.chart.completeness.medications !== 'known' ? null : true;
}

/** Milliseconds that it is stated to go on from its beginning; zero where nothing says. */
const statedLength = ({ dosing, started, ends }: Medication, at: number): number =>
  Math.max(dosing ? statedHours(dosing) * hour : 0, ends ? ends.from - (started?.to ?? at) : 0);

/** Whether the order is a loading dose as it is asked for; unknown where it does not say how much in what time. */
function byPace(
  context: EvaluationContext,
  medication: Medication,
  names: ReadonlySet<string>,
  pace: DrugParams['pace'],
): Truth {
  if (pace === undefined) return true;
  const isLoading = isGivenFast(context, medication, names, 'loading');
  return pace === 'loading' ? isLoading : not(isLoading);
}

/** Windows of `drug`, in milliseconds; null where it has none. */
interface DrugQuestion {
  names: ReadonlySet<string>;
  length: Length | null;
  planned: number | null;
  past: number | null;
}

interface DrugMatch {
  truth: Truth;
  /** Made when it is named: every question looks at every drug that was not recognised. */
  evidence(): Evidence;
  isOpenByRoute?: boolean;
}

/** Whether the medication is one that is asked for, with its evidence; null where it is none and cannot be. */
function matchDrug(
  context: EvaluationContext,
  medication: Medication,
  params: DrugParams,
  { names, length, planned, past }: DrugQuestion,
): DrugMatch | null {
  if (params.running && medication.given && medication.ended) return null;
  const matched = medication.ingredients.some(({ name }) => names.has(name));
  if (!matched && medication.resolvedBy !== 'unresolved') return null;
  const fitsRoute = byRoute(medication.route, params.route);
  const certain = (of: Truth): Truth => (of === true && (!matched || medication.uncertain) ? null : of);
  if (past !== null && medication.role === 'inactive') {
    if (medication.earlier) return null;
    const truth = all([fitsRoute, lastDoseWithin(medication, context.at, past)]);
    return { truth: certain(truth), evidence: () => endedEvidence(medication, names) };
  }
  if (!hasRole(medication, params.role)) return null;
  const isNew = params.starting && matched ? startsNow(context, medication, names) : true;
  const isLong = planned === null || statedLength(medication, context.at) > planned;
  const others = all([
    byDuration(medication, context.at, length),
    isNew,
    isLong,
    byPace(context, medication, names, params.pace),
  ]);
  return {
    truth: certain(all([fitsRoute, others])),
    evidence: () => medicationEvidence(medication, names),
    isOpenByRoute: matched && fitsRoute === null && others === true,
  };
}

/** Of what may be one so many are named: every rule names them, and each has a notice of its own. */
const mostNamed = 20;

const evidenceOf = ({ evidence }: DrugMatch): Evidence => evidence();

function computeDrug(context: EvaluationContext, params: DrugParams, question: DrugQuestion): Fact {
  const found: DrugMatch[] = [];
  const doubts: DrugMatch[] = [];
  const withoutRoute: Medication[] = [];
  let isUseUnknown = false;
  for (const medication of context.chart.medications) {
    const match = matchDrug(context, medication, params, question);
    if (match?.truth === true) found.push(match);
    else if (match?.truth === null) {
      doubts.push(match);
      if (match.isOpenByRoute) withoutRoute.push(medication);
      isUseUnknown ||= medication.uncertain === true;
    }
  }
  if (found.length > 0) return { state: 'known', value: true, evidence: found.map(evidenceOf) };
  // The drug is recognised: it waits for the route, whatever else may be one.
  if (withoutRoute.length > 0)
    return missing('absent', [routeUnknown(withoutRoute, question.names)], doubts.map(evidenceOf));
  if (doubts.length > 0) {
    const named = doubts.slice(0, mostNamed).map(evidenceOf);
    const references = named.map(({ reference }) => reference);
    const unknown = isUseUnknown ? 'use' : question.past === null ? 'start' : 'end';
    const others = doubts.length > mostNamed ? { others: doubts.length - mostNamed } : {};
    return missing('unresolved', [{ code: 'drug-open', references, unknown, ...others }], named);
  }
  const past = question.past === null ? null : incompleteCategory(context, 'pastMedications');
  return unknownRole(context, params.role) ?? past ?? knownFalse();
}

const routeAsked: Readonly<Record<string, string>> = {
  oral: ' by mouth',
  parenteral: ' by injection',
  rectal: ' by enema',
};
const paceAsked = { loading: ' as a loading dose', other: ' other than a loading dose' } as const;

/** `order of potassium by mouth`: what is taken and what is ordered are two questions. */
function wordDrug({ role: asked, starting, route: by, pace, ...selector }: DrugParams): string {
  const deed = starting ? 'start of ' : asked === 'ordered' ? 'order of ' : '';
  return `${deed}${wordSelector(selector)}${routeAsked[by ?? ''] ?? ''}${pace ? paceAsked[pace] : ''}`;
}

const drug = defineFact({
  name: 'drug',
  params: drugParams,
  description:
    'Whether such a drug is on the chart in this role, by this route, and (if asked) for at least or more than so long, or stated to go on for more than so long.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: (params) =>
    params.endedWithin ? ['medications', 'pastMedications'] : categoriesOfRole(params.role),
  tests: () => [],
  reach: () => [],
  uses: { ...therapyUses, drugIdentity: true },
  dataNeeds: (params) => medicationNeeds(params.role),
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: (params) =>
    [
      `drug ${describeSelector(params)} ${params.role}`,
      params.route ? ` ${params.route}` : '',
      params.running ? ' running' : '',
      params.pace ? (params.pace === 'loading' ? ' as a loading dose' : ' other than a loading dose') : '',
      params.forAtLeast ? ` for at least ${params.forAtLeast}` : '',
      params.forMoreThan ? ` for more than ${params.forMoreThan}` : '',
      params.plannedForMoreThan ? ` planned for more than ${params.plannedForMoreThan}` : '',
      params.endedWithin ? ` or ended within ${params.endedWithin}` : '',
    ].join(''),
  ask: wordDrug,
  need: (_, fact) => needOfRoute(fact),
  word: () => null,
  fills: () => ['drug'],
  heads: () => null,
  compute(params) {
    const question = {
      names: ingredientsOf(params),
      length: lengthOf(params),
      planned: params.plannedForMoreThan ? milliseconds(params.plannedForMoreThan) : null,
      past: params.endedWithin ? milliseconds(params.endedWithin) : null,
    };
    return (context) => computeDrug(context, params, question);
  },
});

// --- drugCount ---------------------------------------------------------------------------------------------

const countParams = z
  .strictObject({
    ...drugSelector,
    role,
    route: z.optional(route),
    by: z.enum(['class', 'ingredient', 'order']),
    /** Written or begun inside this window. */
    within: z.optional(duration),
  })
  .check(namesDrugs);
type CountParams = z.infer<typeof countParams>;

/** What a medication adds to the count: names of classes or ingredients, or its own reference; no dose is an order. */
function countedBy({ by, classes = [], ...selector }: CountParams): (medication: Medication) => string[] {
  const names = ingredientsOf({ classes, ...selector });
  const members = classes.map((name) => ({ name, of: ingredientsOf({ classes: [name] }) }));
  return ({ ingredients, reference, given }) => {
    const meant = ingredients.map(({ name }) => name).filter((name) => names.has(name));
    if (meant.length === 0) return [];
    switch (by) {
      case 'order':
        return given ? [] : [reference];
      case 'ingredient':
        return meant;
      case 'class':
        return members.filter(({ of }) => meant.some((name) => of.has(name))).map(({ name }) => name);
    }
  };
}

/** Whether it was written or begun inside the window; null where nobody says when. A draft is being written now. */
function isRecent({ role: its, started }: Medication, at: number, window: number | null): Truth {
  if (window === null || its === 'ordered') return true;
  return started === null ? null : started.from >= at - window;
}

function computeCount(
  context: EvaluationContext,
  asked: { role: Role; route?: CountParams['route'] },
  window: number | null,
  names: ReadonlySet<string>,
  counted: (medication: Medication) => string[],
): Fact {
  const found = new Set<string>();
  const evidence: Evidence[] = [];
  let open = false;
  for (const medication of context.chart.medications) {
    if (!hasRole(medication, asked.role)) continue;
    const fits = all([byRoute(medication.route, asked.route), isRecent(medication, context.at, window)]);
    if (fits === false) continue;
    const adds = counted(medication);
    if (adds.length === 0 || fits === null || medication.uncertain) {
      open ||= adds.length > 0 || medication.resolvedBy === 'unresolved';
      continue;
    }
    for (const name of adds) found.add(name);
    evidence.push(medicationEvidence(medication, names));
  }
  const unknown = unknownRole(context, asked.role);
  if (unknown && found.size === 0) return unknown;
  const fact: KnownFact = { state: 'known', value: found.size, evidence };
  return open || unknown ? { ...fact, range: { low: found.size, high: Number.POSITIVE_INFINITY } } : fact;
}

const countWords = {
  class: ['kind of drug', 'kinds of drug'],
  ingredient: ['drug', 'drugs'],
  order: ['order', 'orders'],
} as const;

const drugCount = defineFact({
  name: 'drugCount',
  params: countParams,
  description:
    'How many of the classes (or ingredients, or orders) are on the chart. A list that is open counts as at least.',
  kind: 'number',
  paths: ['$.value'],
  stratum: 1,
  part: 'finding',
  categories: (params) => categoriesOfRole(params.role),
  tests: () => [],
  reach: () => [],
  uses: { ...therapyUses, drugIdentity: true },
  dataNeeds: (params) => medicationNeeds(params.role),
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => true,
  describe: (params) =>
    `number of ${describeSelector(params)} ${params.role} by ${params.by}${params.within ? ` within ${params.within}` : ''}`,
  ask: wordSelector,
  // A count that may be higher waits for nothing else.
  need: () => 'the whole medication list',
  word: ({ value, range }, { by, within }) => {
    const [one, several] = countWords[by];
    const count = `${range ? 'at least ' : ''}${value} ${value === 1 ? one : several}`;
    return within ? `${count} in ${wordDuration(within)}` : count;
  },
  fills: () => ['drug'],
  heads: () => null,
  compute(params) {
    const names = ingredientsOf(params);
    const window = params.within ? milliseconds(params.within) : null;
    const counted = countedBy(params);
    return (context) => computeCount(context, params, window, names, counted);
  },
});

export const therapyFacts = [drug, drugCount] as const;

/**
 * What replaces a low electrolyte, or is kept at hand, and is among the drafts, signed or running: no card asks for it again
 * (clinical decision 36). The same magnesium exempts in MG-009.
 */
import type { Medication } from '../chart/types.ts';
import { day } from '../fhir/time.ts';
import type { LabTest } from '../terminology/labs.ts';
import { plausibleRoutes, routesKnown, type SystemicRoute } from '../terminology/plausible-routes.ts';
import type { EvaluationContext } from './fact.ts';
import { type FactParams, factOf } from './facts.ts';
import { byRoute, hasRole, ingredientsOf, type Selector } from './selection.ts';

export const replacements = [
  'magnesium',
  'magnesium-by-injection',
  'magnesium-by-mouth',
  'potassium',
  'calcium',
  'calcium-by-injection',
  'phosphate-by-injection',
  'vitamin-d',
] as const;
export type Replacement = (typeof replacements)[number];

/** The result that each corrects. */
export const correctedBy: Readonly<Partial<Record<LabTest, Replacement>>> = {
  magnesium: 'magnesium',
  potassium: 'potassium',
};

/** A drug that replaces something. */
export interface Replacing {
  name: string;
  state: 'drafted' | 'ordered' | 'running' | 'taken';
}
export type ReplacementsAtHand = ReadonlyMap<Replacement, readonly Replacing[]>;

interface Source {
  /** Names of ingredients. */
  of: ReadonlySet<string>;
  by: SystemicRoute;
  /** Not as a part of a fluid. */
  alone?: true;
}

const swallowed = (selector: Selector): Source => ({ of: ingredientsOf(selector), by: 'oral' });
const injected = (selector: Selector): Source => ({ of: ingredientsOf(selector), by: 'parenteral' });

/** Maintenance fluids hold magnesium chloride and acetate, and replace nothing. */
const magnesiumInjected = injected({
  classes: ['magnesium'],
  exceptIngredients: ['magnesium chloride', 'magnesium acetate'],
});
const magnesiumSwallowed = swallowed({ classes: ['magnesium'] });
const calciumInjected: Source = { ...injected({ classes: ['calcium-iv'] }), alone: true };

const sources: Readonly<Record<Replacement, readonly Source[]>> = {
  magnesium: [magnesiumInjected, magnesiumSwallowed],
  'magnesium-by-injection': [magnesiumInjected],
  'magnesium-by-mouth': [magnesiumSwallowed],
  potassium: [swallowed({ classes: ['potassium'] }), injected({ classes: ['potassium'] })],
  calcium: [calciumInjected, swallowed({ classes: ['calcium-oral'] })],
  'calcium-by-injection': [calciumInjected],
  'phosphate-by-injection': [
    injected({
      classes: ['sodium-phosphate'],
      ingredients: ['potassium phosphate', 'dibasic potassium phosphate'],
    }),
  ],
  'vitamin-d': [swallowed({ classes: ['vitamin-d'] })],
};

/** Milligrams of elemental magnesium a day: a multivitamin holds less and is no replacement. */
const leastOfSupplement = 100;
const supplement = { role: 'active', unit: 'mg', elementalMagnesium: true } as const;
/** What has no other route is taken by mouth, whether that is stated or not. */
const supplements: readonly FactParams<'dailyDose'>[] = [
  { ...supplement, classes: ['magnesium'], route: 'oral' },
  {
    ...supplement,
    ingredients: [...magnesiumSwallowed.of].filter((name) => routesKnown.oral.has(name)),
    route: 'systemic',
  },
];

/** Whether so much magnesium is taken by mouth: of a dose at least what is known of it. */
const takesMagnesium = (context: EvaluationContext): boolean =>
  supplements.some((params) => {
    const fact = factOf('dailyDose').compute(params)(context);
    return fact.state === 'known' && Number(fact.range ? fact.range.low : fact.value) >= leastOfSupplement;
  });

const isDraft = (medication: Medication): boolean => hasRole(medication, 'ordered');

/** By a route that is stated, or that the drug has alone; an order whose route is still to be chosen by any that it may have. */
function isGivenBy(medication: Medication, by: SystemicRoute): boolean {
  const { route, routeUnread, ingredients } = medication;
  if (route !== null) return byRoute(route, by) === true;
  const routes = plausibleRoutes(ingredients.map(({ name }) => name)) ?? [];
  const isToBeChosen = isDraft(medication) && routeUnread === undefined;
  return routes.includes(by) && (isToBeChosen || routes.length === 1);
}

function isOf(source: Source, medication: Medication): boolean {
  const { ingredients } = medication;
  if (source.alone && ingredients.length > 1) return false;
  return ingredients.some(({ name }) => source.of.has(name)) && isGivenBy(medication, source.by);
}

function stateOf(medication: Medication): Replacing['state'] {
  const { status, given, statement } = medication;
  if (isDraft(medication)) return status === null || status === 'draft' ? 'drafted' : 'ordered';
  return given ? 'running' : statement ? 'taken' : 'ordered';
}

const replacingOf = (medication: Medication): Replacing => ({
  name: medication.ingredients.map(({ name }) => name).join(' + '),
  state: stateOf(medication),
});

/** What is signed and begins so soon is ordered; what begins later replaces nothing now. Local decision, docs/cards.md. */
const soon = day;

const beginsSoon = ({ ahead, statement, started }: Medication, at: number): boolean =>
  ahead === true && statement !== true && started !== null && started.from <= at + soon;

/** Those that are known to be at hand: what is open, and what was given and is over, replaces nothing. */
export function replacementsAtHand(context: EvaluationContext): ReplacementsAtHand {
  const goesOn = context.chart.medications.filter(
    (one) =>
      (hasRole(one, 'any') || beginsSoon(one, context.at)) && !one.uncertain && !(one.given && one.ended),
  );
  const isEnough = takesMagnesium(context);
  const counts = (source: Source, medication: Medication): boolean =>
    isOf(source, medication) && (source !== magnesiumSwallowed || isDraft(medication) || isEnough);
  return new Map(
    replacements.flatMap((replacement) => {
      const found = goesOn.filter((one) => sources[replacement].some((source) => counts(source, one)));
      return found.length > 0 ? [[replacement, found.map(replacingOf)] as const] : [];
    }),
  );
}

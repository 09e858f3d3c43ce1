/**
 * What the library does not cover, so that silence is not taken for safety: drugs with a renal limit in their label
 * (rules/terminology/renal-limits.json) of which no active rule asks the kidney function.
 */
import type { Condition, Leaf } from '../rule/conditions.ts';
import type { Rule } from '../rule/document.ts';
import { ingredientByName } from '../terminology/drugs/ingredients.ts';
import { type RenalLimit, renalLimits } from '../terminology/renal-limits.ts';

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function isAbout({ params }: Leaf, drug: string): boolean {
  const classes = ingredientByName(drug)?.classes ?? [];
  return (
    !texts(params.exceptIngredients).includes(drug) &&
    (texts(params.ingredients).includes(drug) || texts(params.classes).some((name) => classes.includes(name)))
  );
}

const kidneyFacts: ReadonlySet<string> = new Set(['egfr', 'creatinineClearance']);
const asksKidney = ({ fact, params, operator }: Leaf): boolean =>
  operator.startsWith('lessThan')
    ? kidneyFacts.has(fact)
    : fact === 'lab' && params.test === 'creatinine' && operator.startsWith('greaterThan');

/** That no kidney function is known: what speaks only then says nothing of a limit. */
const lacksKidney = ({ fact, params, value }: Leaf): boolean =>
  fact === 'hasLab' &&
  value === false &&
  texts(params.tests).some((test) => test === 'creatinine' || kidneyFacts.has(test));

/** Whether a condition can hold, with this drug alone, and whether the kidney function is what makes it. */
interface Reach {
  canHold: boolean;
  byKidney: boolean;
}

function reachOf(node: Condition, drug: string): Reach {
  if ('all' in node) {
    const parts = node.all.map((part) => reachOf(part, drug));
    const canHold = parts.every((part) => part.canHold);
    return { canHold, byKidney: canHold && parts.some(({ byKidney }) => byKidney) };
  }
  if ('any' in node) {
    const parts = node.any.map((part) => reachOf(part, drug));
    return {
      canHold: parts.some((part) => part.canHold),
      byKidney: parts.some(({ byKidney }) => byKidney),
    };
  }
  // What a negation hides is not what makes a rule speak.
  if ('not' in node) return { canHold: true, byKidney: false };
  if (lacksKidney(node)) return { canHold: false, byKidney: false };
  const asksDrug = node.params.classes !== undefined || node.params.ingredients !== undefined;
  const isAbsence = node.value === false;
  const canHold = !asksDrug || isAbout(node, drug) !== isAbsence;
  return { canHold, byKidney: canHold && asksKidney(node) };
}

const asksForDrug = (node: Condition): boolean => !reachOf(node, '').canHold;

/** Whether an active rule speaks of this drug, ordered or taken alone, for the kidney function. */
const covers = ({ status, conditions }: Rule, drug: string): boolean =>
  status === 'active' && asksForDrug(conditions) && reachOf(conditions, drug).byKidney;

/** @returns the drugs of the table that no active rule covers, by name */
export const notCovered = (
  rules: readonly Rule[],
  limits: readonly RenalLimit[] = renalLimits,
): readonly RenalLimit[] => limits.filter(({ drug }) => !rules.some((rule) => covers(rule, drug)));

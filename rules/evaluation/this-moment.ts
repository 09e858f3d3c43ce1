/** What the clinician is working on at this moment: a selected order, or what was just entered. */
import type { Chart, Medication } from '../chart/types.ts';
import type { EvaluationContext, Evidence } from '../facts/fact.ts';
import { computePregnancy } from '../facts/pregnancy.ts';
import { byRoute } from '../facts/selection.ts';
import type { CompiledRule } from '../rule/compile.ts';

/** Whether a piece of evidence is what this moment is about. */
export function isOfThisMoment(
  kind: 'order' | 'entry',
  { chart }: EvaluationContext,
): (evidence: Evidence) => boolean {
  if (kind === 'order') return ({ order }) => order === 'selected';
  const entered = new Set(
    [...chart.conditions, ...chart.allergies]
      .filter((item) => item.entered)
      .map(({ reference }) => reference),
  );
  return ({ reference }) => entered.has(reference);
}

/** An order that makes a finding of a rule relevant, whatever the finding rests on, and what of it does. */
export interface RelevantOrder {
  reference: string;
  name: string;
}

/** A patient with a documented pregnancy. */
export const isPregnant = (context: EvaluationContext): boolean => {
  const { state, value } = { value: null, ...context.memo(computePregnancy) };
  return state === 'known' && value === true;
};

/** @param pregnant whether a pregnancy is documented: some drugs have rules of their own there */
export function relevantOrders({ relevant }: CompiledRule, chart: Chart, pregnant: boolean): RelevantOrder[] {
  if (relevant === null) return [];
  const drugs = selectedOrders({ chart }).flatMap(({ reference, ingredients, route }) => {
    // Where the route is not known, it may be the one that is meant.
    const meant = relevant.filter(
      (one) => byRoute(route, one.route) !== false && !(pregnant && one.unlessPregnant),
    );
    const names = ingredients
      .map(({ name }) => name)
      .filter((name) => meant.some((one) => one.names.has(name)));
    return names.length > 0 ? [{ reference, name: names.join(' + ') }] : [];
  });
  const studies = chart.serviceOrders.flatMap(({ reference, selected, contrast }) =>
    selected && contrast && relevant.some(({ contrasts }) => contrasts.has(contrast.contrast))
      ? [{ reference, name: `${contrast.contrast} contrast` }]
      : [],
  );
  return [...drugs, ...studies];
}

/** Whether an order makes a finding of the rule relevant. */
export const concernsOrder = (compiled: CompiledRule, context: EvaluationContext): boolean =>
  relevantOrders(compiled, context.chart, isPregnant(context)).length > 0;

export const selectedOrders = ({ chart }: Pick<EvaluationContext, 'chart'>): Medication[] =>
  chart.medications.filter(({ role, selected }) => role === 'ordered' && selected);

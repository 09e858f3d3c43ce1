/**
 * Chart -> facts: one named, typed value a rule can ask for, with parameters; known, missing or stale, with the
 * evidence it rests on. The vocabulary and its parameters are in rule.ts; each kind of fact is computed in
 * facts/. A fact is computed once per decision, when the first rule asks.
 */

import { newestOfTie } from '../chart/lab-conflicts.ts';
import type { Chart, Lab } from '../chart/types.ts';
import type { Notice } from '../fhir/notice.ts';
import type { FactName, FactParams } from '../rule/document.ts';
import type { LabTest } from '../terminology/labs.ts';
import { cumulativeDoseFact } from './cumulative.ts';
import { dailyDoseFact, doseFact, doseFrequencyFact, infusionRateFact } from './dose.ts';
import { egfrFallFact, egfrHighestFact } from './egfr-history.ts';
import type { Compute, EvaluationContext } from './fact.ts';
import { hasLabFact, labFact, labNewerFact, labTrendFact } from './labs.ts';
import { ageFact, conditionFact, encounterFact, sexFact } from './patient.ts';
import { gestationFact, pregnancyFact } from './pregnancy.ts';
import { akiStageFact, creatinineClearanceFact, egfrFact } from './renal.ts';
import { allergyFact, allergyToOrderFact, drugCountFact, drugFact, duplicateOrderFact } from './therapy.ts';

const newestFirst = (a: Lab, b: Lab): number => {
  const byTime = (b.span?.to ?? 0) - (a.span?.to ?? 0) || (b.span?.from ?? 0) - (a.span?.from ?? 0);
  if (byTime !== 0) return byTime;
  return newestOfTie(a, b) === a ? -1 : 1;
};

const none: readonly Lab[] = [];

export function createContext(chart: Chart, at: number, notices: readonly Notice[]): EvaluationContext {
  let byTest: Map<LabTest, Lab[]> | null = null;
  const computed = new Map<unknown, unknown>();
  return {
    chart,
    at,
    notices,
    checksNotMade: [],
    memo(what) {
      if (!computed.has(what)) computed.set(what, what(this));
      // Set above by the very function that types it.
      return computed.get(what) as ReturnType<typeof what>;
    },
    labsOf(test) {
      if (byTest === null) {
        byTest = new Map();
        for (const lab of chart.labs) {
          // Without a date a result is never recent, yet it is there: stale, not missing.
          if (!lab.used && !(lab.span === null && lab.value !== null)) continue;
          const list = byTest.get(lab.test);
          if (list) list.push(lab);
          else byTest.set(lab.test, [lab]);
        }
        for (const list of byTest.values()) list.sort(newestFirst);
      }
      return byTest.get(test) ?? none;
    },
  };
}

function noticeFact({ codes }: FactParams<'notice'>): Compute {
  const wanted = new Set(codes);
  return ({ notices }) => {
    const found = notices.filter(({ code }) => wanted.has(code));
    return {
      state: 'known',
      value: found.length > 0,
      evidence: found.map(({ reference, message }) => ({
        reference: reference ?? '(request)',
        used: message,
        time: null,
      })),
    };
  };
}

const checkNotMadeFact: Compute = ({ checksNotMade }) => ({
  state: 'known',
  value: checksNotMade.length > 0,
  evidence: checksNotMade.map((rule) => ({ reference: rule, used: 'could not be decided', time: null })),
});

/**
 * Prepares the computation of a fact for its parameters, once per ruleset.
 * Parameters were validated when the rule was loaded (rule.ts).
 */
export function prepareFact(fact: FactName, params: Record<string, unknown>): Compute {
  switch (fact) {
    case 'age':
      return ageFact(params as FactParams<'age'>);
    case 'sex':
      return sexFact;
    case 'lab':
      return labFact(params as FactParams<'lab'>);
    case 'hasLab':
      return hasLabFact(params as FactParams<'hasLab'>);
    case 'labNewer':
      return labNewerFact(params as FactParams<'labNewer'>);
    case 'labTrend':
      return labTrendFact(params as FactParams<'labTrend'>);
    case 'egfr':
      return egfrFact(params as FactParams<'egfr'>);
    case 'egfrHighest':
      return egfrHighestFact(params as FactParams<'egfrHighest'>);
    case 'egfrFall':
      return egfrFallFact(params as FactParams<'egfrFall'>);
    case 'creatinineClearance':
      return creatinineClearanceFact(params as FactParams<'creatinineClearance'>);
    case 'akiStage':
      return akiStageFact(params as FactParams<'akiStage'>);
    case 'drug':
      return drugFact(params as FactParams<'drug'>);
    case 'infusionRate':
      return infusionRateFact(params as FactParams<'infusionRate'>);
    case 'condition':
      return conditionFact(params as FactParams<'condition'>);
    case 'drugCount':
      return drugCountFact(params as FactParams<'drugCount'>);
    case 'dailyDose':
      return dailyDoseFact(params as FactParams<'dailyDose'>);
    case 'dose':
      return doseFact(params as FactParams<'dose'>);
    case 'doseFrequency':
      return doseFrequencyFact(params as FactParams<'doseFrequency'>);
    case 'cumulativeDose':
      return cumulativeDoseFact(params as FactParams<'cumulativeDose'>);
    case 'allergyToOrder':
      return allergyToOrderFact;
    case 'duplicateOrder':
      return duplicateOrderFact;
    case 'allergy':
      return allergyFact(params as FactParams<'allergy'>);
    case 'pregnancy':
      return pregnancyFact;
    case 'gestation':
      return gestationFact;
    case 'encounter':
      return encounterFact;
    case 'notice':
      return noticeFact(params as FactParams<'notice'>);
    case 'checkNotMade':
      return checkNotMadeFact;
  }
}

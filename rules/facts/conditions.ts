/** Fact about problems: whether a condition of a group is on the chart. */
import * as z from 'zod/mini';
import type { ChartCondition } from '../chart/types.ts';
import { dateOf } from '../fhir/time.ts';
import { conditionGroups, leavesUnknown } from '../terminology/conditions.ts';
import {
  type Compute,
  defineFact,
  type EvaluationContext,
  type Evidence,
  incompleteCategory,
  knownFalse,
  missing,
} from './fact.ts';
import { dialysisGroupOf, kidneyStanding, type Standing } from './kidney-codes.ts';
import { conditionGroup } from './parameters.ts';

export const nameOfGroup = (group: string): string => conditionGroups.get(group)?.name ?? group;

export const conditionEvidence = (condition: ChartCondition, group: string): Evidence => ({
  reference: condition.reference,
  received: { kind: 'codes', codes: condition.codes.map(({ code }) => code) },
  name: nameOfGroup(group),
  used: { kind: 'condition', group },
  time: condition.onset ? dateOf(condition.onset.from) : null,
  notes: [
    ...(condition.procedure ? [{ code: 'from-procedure' } as const] : []),
    ...(condition.confirmed ? [] : [{ code: 'not-confirmed' } as const]),
  ],
});

/** With the transplant that may have ended it. */
export function kidneyEvidence(condition: ChartCondition, group: string, { transplant }: Standing): Evidence[] {
  const evidence = conditionEvidence(condition, group);
  if (!transplant) return [evidence];
  const { reference } = transplant;
  return [
    { ...evidence, notes: [...evidence.notes, { code: 'transplant-may-end-it', reference }] },
    conditionEvidence(transplant, 'kidney-transplant'),
  ];
}

const stage = 'chronic kidney disease stage ';
/** `chronic kidney disease stage 3, 4, 5 or end-stage renal disease`: the words that repeat are said once. */
function wordGroups(groups: readonly string[]): string {
  const names = groups.map(nameOfGroup);
  const stages = names.filter((name) => name.startsWith(stage)).map((name) => name.slice(stage.length));
  if (stages.length < 2) return names.join(' or ');
  return [`${stage}${stages.join(', ')}`, ...names.filter((name) => !name.startsWith(stage))].join(' or ');
}

const params = z.strictObject({
  groups: z.array(conditionGroup).check(z.minLength(1)),
  status: z.enum(['active', 'ever']),
  /** Only confirmed ones count; used for exemptions. */
  confirmed: z.optional(z.boolean()),
});
type Params = z.infer<typeof params>;

interface DialysisAnswer {
  state: 'true' | 'perhaps' | 'ended';
  group: string;
  /** Not confirmed, or a transplant may have ended it: it exempts from nothing. */
  isOpen: boolean;
  evidence: Evidence[];
}

/** What an entry says of dialysis: end-stage disease counts, sessions for a while, a transplant ends it. */
function dialysisAnswer(
  { chart, at }: EvaluationContext,
  condition: ChartCondition,
  status: Params['status'],
): DialysisAnswer | null {
  const group = dialysisGroupOf(condition);
  if (group === undefined) return null;
  const standing = status === 'active' ? kidneyStanding(chart, condition, at) : ({ state: 'stands' } as const);
  const state = standing.state === 'ended' || standing.state === 'perhaps' ? standing.state : 'true';
  return {
    state,
    group,
    isOpen: !condition.confirmed || standing.state === 'open',
    evidence: kidneyEvidence(condition, group, standing),
  };
}

/** Whether a condition of one of the groups is on the chart. */
export function computeCondition({ groups, status, confirmed }: Params): Compute {
  const asksDialysis = groups.includes('dialysis');
  const doubtful = new Set(groups.flatMap((group) => leavesUnknown(group)));
  return (context) => {
    const doubts: { condition: ChartCondition; group: string }[] = [];
    for (const condition of context.chart.conditions) {
      if (status === 'active' && condition.status !== 'active') continue;
      if (asksDialysis) {
        const answer = dialysisAnswer(context, condition, status);
        if (answer?.state === 'true' && !(confirmed && answer.isOpen))
          return { state: 'known', value: true, evidence: answer.evidence };
        if (answer) {
          if (answer.state !== 'ended') doubts.push({ condition, group: answer.group });
          continue;
        }
      }
      const group = groups.find((wanted) => condition.groups.includes(wanted));
      if (group === undefined) {
        const doubt = condition.groups.find((candidate) => doubtful.has(candidate));
        if (doubt !== undefined) doubts.push({ condition, group: doubt });
      } else if (confirmed && !condition.confirmed) doubts.push({ condition, group });
      else return { state: 'known', value: true, evidence: [conditionEvidence(condition, group)] };
    }
    if (doubts.length === 0) return incompleteCategory(context, 'conditions') ?? knownFalse();
    const conditions = doubts.map(({ condition, group }) => ({ group, reference: condition.reference }));
    const evidence = doubts.map(({ condition, group }) => conditionEvidence(condition, group));
    return missing('unresolved', [{ code: 'conditions-open', conditions }], evidence);
  };
}

const conditionFact = defineFact({
  name: 'condition',
  params,
  description:
    'Whether a condition of one of the groups is on the chart: `active`, or `ever` (resolved included).',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: () => ['conditions'],
  tests: () => [],
  uses: { sex: false, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [{ type: 'Condition' }],
  isPlainResult: false,
  isWhole: () => false,
  describe: ({ groups }) => `condition ${groups.join(' or ')}`,
  ask: ({ groups }) => wordGroups(groups),
  need: () => null,
  word: () => null,
  fills: () => ['conditions'],
  heads: () => null,
  compute: computeCondition,
});

export const conditionFacts = [conditionFact] as const;

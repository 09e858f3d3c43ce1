/** Fact about problems: whether a condition of a group is on the chart. */
import * as z from 'zod/mini';
import { procedureGroups } from '../chart/procedures.ts';
import type { Chart, ChartCondition } from '../chart/types.ts';
import { dateOf } from '../fhir/time.ts';
import { conditionGroups, leavesUnknown } from '../terminology/conditions.ts';
import {
  type Compute,
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
  knownFalse,
  missing,
  readInPart,
  type UnknownFact,
} from './fact.ts';
import { dialysisGroupOf, kidneyStanding, type Standing } from './kidney-codes.ts';
import { conditionGroup } from './parameters.ts';

export const nameOfGroup = (group: string): string => conditionGroups.get(group)?.name ?? group;

export const conditionEvidence = (condition: ChartCondition, group: string): Evidence => ({
  reference: condition.reference,
  received: condition.byWords
    ? { kind: 'text' }
    : { kind: 'codes', codes: condition.codes.map(({ code }) => code) },
  name: nameOfGroup(group),
  used: { kind: 'condition', group },
  time: condition.onset ? dateOf(condition.onset.from) : null,
  notes: [
    ...(condition.procedure ? [{ code: 'from-procedure' } as const] : []),
    ...(condition.confirmed ? [] : [{ code: 'not-confirmed' } as const]),
    ...(condition.byWords ? [{ code: 'by-words' } as const] : []),
  ],
});

/** With the transplant that may have ended it. */
export function kidneyEvidence(
  condition: ChartCondition,
  group: string,
  { transplant }: Standing,
): Evidence[] {
  const evidence = conditionEvidence(condition, group);
  if (!transplant) return [evidence];
  const { reference } = transplant;
  return [
    { ...evidence, notes: [...evidence.notes, { code: 'transplant-may-end-it', reference }] },
    conditionEvidence(transplant, 'kidney-transplant'),
  ];
}

/** A problem that nobody can read. */
const unreadEvidence = (condition: ChartCondition): Evidence => ({
  reference: condition.reference,
  received: { kind: 'codes', codes: condition.codes.map(({ code }) => code) },
  used: { kind: 'unused' },
  time: condition.onset ? dateOf(condition.onset.from) : null,
  notes: [],
});

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

/** What one condition says of the groups asked for. */
type Said =
  | { is: 'member' | 'doubt'; group: string; evidence?: Evidence[] }
  /** It could not be read. */
  | { is: 'unread' }
  | null;

/** Whether it may have been taken away since: a removal that is not surely earlier. */
const mayBeGone = (
  condition: ChartCondition,
  group: string,
  conditions: readonly ChartCondition[],
): boolean =>
  conditions.some(
    ({ ends = [], onset }) =>
      ends.includes(group) &&
      // A removal of the same day belongs to an exchange.
      !(onset && condition.onset && onset.from <= condition.onset.to),
  );

function saidBy(
  condition: ChartCondition,
  { groups, status, confirmed }: Params,
  doubtful: Doubtful,
  all: readonly ChartCondition[],
): Said {
  const { stillCounts = [], open = [] } = condition;
  const isCurrent = status === 'ever' || condition.status === 'active';
  if (condition.unread) {
    const matters = isCurrent || groups.some((asked) => conditionGroups.get(asked)?.past !== 'no');
    return matters ? { is: 'unread' } : null;
  }
  // Of what is over, what stays for good counts; it exempts nobody.
  const held = isCurrent ? condition.groups : confirmed ? [] : stillCounts;
  const group = groups.find((wanted) => held.includes(wanted));
  if (group !== undefined) {
    const isDoubt =
      confirmed && (!condition.confirmed || condition.byWords || mayBeGone(condition, group, all));
    return { is: isDoubt ? 'doubt' : 'member', group };
  }
  const doubt =
    groups.find((wanted) => open.includes(wanted)) ??
    [...held, ...open].find((candidate) => doubtful.has(candidate));
  return doubt === undefined ? null : { is: 'doubt', group: doubt };
}
type Doubtful = ReadonlySet<string>;

/** What an entry says of dialysis now: end-stage disease counts, sessions for a while, a transplant ends it. */
function saidOfDialysis(
  { chart, at }: EvaluationContext,
  condition: ChartCondition,
  { groups, status, confirmed }: Params,
): Said | undefined {
  const group = groups.includes('dialysis') ? dialysisGroupOf(condition) : undefined;
  if (group === undefined || status === 'ever') return undefined;
  const standing = kidneyStanding(chart, condition, at);
  if (standing.state === 'ended') return null;
  if (condition.status !== 'active') return group === 'esrd' ? { is: 'doubt', group } : undefined;
  const exemptsNot = !condition.confirmed || condition.byWords || standing.state === 'open';
  if (standing.state === 'perhaps' || (confirmed && exemptsNot)) return { is: 'doubt', group };
  return { is: 'member', group, evidence: kidneyEvidence(condition, group, standing) };
}

/** Groups that a procedure alone may prove, where procedures were asked for and not read. */
const unreadProcedures = ({ chart }: EvaluationContext, { groups }: Params): UnknownFact | null =>
  isProcedureUnread(chart) && groups.some((group) => procedureGroups.has(group))
    ? readInPart('conditions')
    : null;

export const isProcedureUnread = ({ unread = [] }: Chart): boolean =>
  unread.some(({ of }) => of === 'procedures');

/** Whether a condition of one of the groups is on the chart. */
export function computeCondition(asked: Params): Compute {
  const doubtful: Doubtful = new Set(asked.groups.flatMap((group) => leavesUnknown(group)));
  return (context) => {
    const doubts: { condition: ChartCondition; group?: string }[] = [];
    let worded: Evidence[] | null = null;
    for (const condition of context.chart.conditions) {
      const ofDialysis = saidOfDialysis(context, condition, asked);
      const said =
        ofDialysis === undefined ? saidBy(condition, asked, doubtful, context.chart.conditions) : ofDialysis;
      if (said === null) continue;
      if (said.is === 'unread') doubts.push({ condition });
      else if (said.is === 'doubt') doubts.push({ condition, group: said.group });
      else {
        const evidence = said.evidence ?? [conditionEvidence(condition, said.group)];
        if (!condition.byWords) return { state: 'known', value: true, evidence };
        worded ??= evidence;
      }
    }
    if (worded) return { state: 'known', value: true, evidence: worded };
    if (doubts.length === 0)
      return incompleteCategory(context, 'conditions') ?? unreadProcedures(context, asked) ?? knownFalse();
    const conditions = doubts.map(({ condition: { reference }, group }) =>
      group === undefined ? { reference } : { group, reference },
    );
    const evidence = doubts.map(({ condition, group }) =>
      group === undefined ? unreadEvidence(condition) : conditionEvidence(condition, group),
    );
    return missing('unresolved', [{ code: 'conditions-open', conditions }], evidence);
  };
}

/** Whether the answer rests on words only: then it silences nothing. */
export const restsOnWords = (fact: Fact): boolean =>
  fact.evidence.length > 0 &&
  fact.evidence.every(({ notes }) => notes.some(({ code }) => code === 'by-words'));

/** Problems that leave it open, by name; null where one cannot be read: then its reference is all there is. */
export function conditionNeed(fact: Fact): string | null {
  if (fact.state === 'known') return null;
  const [reason] = fact.reasons;
  if (reason?.code !== 'conditions-open') return null;
  const groups = reason.conditions.flatMap(({ group }) => group ?? []);
  if (groups.length < reason.conditions.length) return null;
  return `details of ${[...new Set(groups.map(nameOfGroup))].join(', ')}`;
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
  reach: () => [],
  uses: { sex: false, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [{ type: 'Condition' }],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: ({ groups }) => `condition ${groups.join(' or ')}`,
  ask: ({ groups }) => wordGroups(groups),
  need: (_, fact) => conditionNeed(fact),
  word: () => null,
  fills: () => ['conditions'],
  heads: () => null,
  compute: computeCondition,
});

export const conditionFacts = [conditionFact] as const;

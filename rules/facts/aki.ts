/**
 * Acute kidney injury: its KDIGO 2012 stage by creatinine, and what the problem list says of it. A documented injury that
 * is not over is one of stage 1 at least, whatever creatinine can show.
 */

import * as z from 'zod/mini';
import type { ChartCondition, Lab } from '../chart/types.ts';
import { day, milliseconds, type Span, spanOf } from '../fhir/time.ts';
import { readableUnit, roundTo } from '../terminology/units.ts';
import { computeCondition, conditionNeed, restsOnWords } from './conditions.ts';
import { createContext } from './context.ts';
import {
  type AkiOptions,
  type AkiStage,
  bedsideSchwartz,
  type Creatinine,
  ckdEpi2021Creatinine,
  highestAkiStage,
  akiStage as stageOfLatest,
} from './equations.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type EvidenceNote,
  type Fact,
  type KnownFact,
  knownRange,
  missing,
  type UnknownFact,
} from './fact.ts';
import {
  canBeCompared,
  creatinineOf,
  isTrue,
  kidneyFunction,
  latestCreatinine,
  longestSeries,
  onDialysis,
  renalInputs,
  seriesOf,
  unchecked,
} from './kidney.ts';
import { kidneyNeed } from './kidney-needs.ts';
import { duration } from './parameters.ts';
import { ageYears } from './person.ts';
import { pregnancies } from './pregnancy.ts';
import { isOtherThan, isUnknown, labEvidence, latest } from './results.ts';

const heightWindow = 90 * day;
const weekBefore = 7 * day;

/** Age, and for a child the estimate by height, as the staging wants them. */
function akiOptionsOf(context: EvaluationContext, newest: Lab): AkiOptions {
  const age = context.memo(ageYears);
  if (!age) return {};
  const options: AkiOptions = { ageYears: age.low };
  const height = age.high < 18 ? latest(context, 'body-height', heightWindow) : null;
  if (height === null || isUnknown(height) || height.value === null || newest.value === null) return options;
  const schwartz = bedsideSchwartz({
    heightCm: height.value,
    creatinineMgdl: newest.value,
    ageYears: age.low,
  });
  return schwartz === null ? options : { ...options, egfr: schwartz };
}

/** The other results of the seven days before that a ratio can be made with. */
const comparableBefore = (context: EvaluationContext, newest: Lab): Lab[] =>
  context
    .labsOf('creatinine')
    .filter(
      (lab) =>
        isOtherThan(lab, newest) &&
        canBeCompared(lab) &&
        lab.span &&
        newest.span &&
        lab.span.to >= newest.span.to - weekBefore,
    );

/**
 * How far back a creatinine tells what it was before an injury that is presumed to be of the last 7 days: the year of the
 * algorithm of NHS England (2014; not read itself, its windows as implementations of it have them; how it performs:
 * Sawhney S et al. PLoS ONE 2015;10:e0131909, abstract). A child grows: 90 days, a local decision.
 */
const baselineWindow = 365 * day;
const baselineWindowOfChild = 90 * day;

/** The other results of before the 7 days to the newest that a ratio can be made with, newest first; none of a pregnancy. */
function olderCreatinines(context: EvaluationContext, newest: Lab): Lab[] {
  const age = context.memo(ageYears);
  const window = age && age.high < 18 ? baselineWindowOfChild : baselineWindow;
  const pregnant = context.memo(pregnancies);
  const to = newest.span?.to ?? context.at;
  return context
    .labsOf('creatinine')
    .slice(0, longestSeries)
    .filter(
      ({ comparator, rival, span, ...lab }) =>
        comparator === undefined &&
        rival === undefined &&
        span !== null &&
        canBeCompared({ ...lab, span }) &&
        span.to < to - weekBefore &&
        span.from >= to - window &&
        !pregnant.some((one) => one.from <= span.to && span.from <= one.to),
    );
}

/** What has been so for four weeks is a level; what is younger may be on the way up. A local decision. */
const settlesIn = 28 * day;

/** The lower of the two in the middle where their number is even: one that was measured. */
const medianOf = (labs: readonly Lab[]): Lab | undefined =>
  labs.toSorted((one, other) => mgdlOf(one) - mgdlOf(other))[(labs.length - 1) >> 1];

const isOlderThan = ({ span }: Lab, newest: Lab, age: number): boolean =>
  span !== null && newest.span !== null && span.to <= newest.span.to - age;

/** The last of two or more in a row that are like the newest one, over four weeks or more: it did not rise within 7 days. */
function settledLevel(older: readonly Lab[], newest: Lab): Lab | undefined {
  const end = older.findIndex((lab) => !isAlike(mgdlOf(lab), mgdlOf(newest)));
  const alike = end === -1 ? older : older.slice(0, end);
  const first = alike.at(-1);
  return alike.length > 1 && first && isOlderThan(first, newest, settlesIn) ? alike[0] : undefined;
}

/**
 * The creatinine that an injury is presumed to have risen from: where the newest one is that of a level, the last of it.
 * Else the median of those of before the 7 days; those of the last four weeks may be on the way up, so that as many of them
 * are left out as make it lowest.
 */
function baselineOf(context: EvaluationContext, newest: Lab): Lab | undefined {
  const older = olderCreatinines(context, newest);
  const level = settledLevel(older, newest);
  if (level) return level;
  const settled = older.findIndex((lab) => isOlderThan(lab, newest, settlesIn));
  const mayBeLeftOut = settled === -1 ? older.length - 1 : settled;
  const cuts = Array.from({ length: mayBeLeftOut + 1 }, (_, count) => older.slice(count));
  return lowestOf(cuts.flatMap((labs) => medianOf(labs) ?? []));
}

const lowestOf = (labs: readonly Lab[]): Lab | undefined =>
  labs.toSorted((one, other) => mgdlOf(one) - mgdlOf(other))[0];

/** No change that KDIGO calls acute by its ratio. */
const isAlike = (one: number, other: number): boolean => one < 1.5 * other && other < 1.5 * one;

const mgdlOf = ({ value }: Lab): number => value ?? 0;

/** The episode of 7 days, and the 7 days before that its creatinines are compared with. */
const episodeAndBefore = 14 * day;

/**
 * Whether an injury of the last 7 days is over: the newest creatinine makes no stage, neither against 7 days nor, as what
 * the injury rose from may lie before them, by the ratio to the lowest of 14 days. The criteria of KDIGO AKI 2012
 * (section 2.1), read backwards; the 14 days are a local decision.
 */
function hasRecovered(series: readonly Creatinine[], { low }: AkiStage, options: AkiOptions): boolean {
  const newest = Math.max(...series.map((one) => one.at));
  const compared = series.filter((one) => newest - one.at <= episodeAndBefore);
  const values = compared.map((one) => one.mgdl);
  const baselineMgdl = Math.min(...values, options.baselineMgdl ?? Number.POSITIVE_INFINITY);
  return low > 0 && stageOfLatest(series, { ...options, baselineMgdl })?.high === 0;
}

/** What a stage of an episode that is over counts as. */
type Recovered = 'stage-1' | 'none';

/** The stage as it counts, with a note of what it was. */
function countedAs(fact: Fact, recovered: Recovered): Fact {
  const [newest, ...rest] = fact.evidence;
  if (fact.state !== 'known' || !newest) return fact;
  const { range: _, ...stage } = fact;
  const note: EvidenceNote = { code: 'aki-recovered', stage: Number(fact.value) };
  return {
    ...stage,
    value: recovered === 'none' ? 0 : 1,
    evidence: [{ ...newest, notes: [...newest.notes, note] }, ...rest],
  };
}

const wordEntry = ({ time }: Evidence): string =>
  time === null ? 'undated on problem list' : `problem list ${time}`;

/** `AKI (problem list 2026-01-29)` where no creatinine says it. */
const wordDocumented = (entry: Evidence): string => `AKI (${wordEntry(entry)})`;

/**
 * `AKI stage 2 (Cr 1.0 to 2.4 mg/dL)`: the values that make it; with a peak that is over, the newest too.
 * `AKI stage 2 (Cr 2.4 mg/dL; baseline 1.0 mg/dL of 2026-08-01)` where it rose from what came before the week.
 */
function wordStage({ evidence, value, range }: KnownFact): string {
  const [first] = evidence;
  if (first?.used.kind === 'condition') return wordStageOfEntry(first, evidence, Number(value));
  const shown = (code: EvidenceNote['code']): string | null => {
    const used = evidence.find(({ notes }) => notes.some((note) => note.code === code))?.used;
    if (used?.kind !== 'quantity' && used?.kind !== 'either') return null;
    // As laboratories write it: 1.0 mg/dL.
    const written = (one: number, comparator = ''): string => {
      const text = roundTo(one, used.decimals);
      return comparator + (used.unit === 'mg/dL' && !text.includes('.') ? `${text}.0` : text);
    };
    return used.kind === 'quantity'
      ? written(used.value, used.comparator)
      : used.values.map((one) => written(one.value)).join(used.isRange ? '-' : ' or ');
  };
  const [used] = evidence.map((one) => one.used);
  const [newest, lowest, peak] = [shown('aki'), shown('lowest-of-7-days'), shown('highest-of-7-days')];
  const over = evidence.flatMap(({ notes }) => notes).find(({ code }) => code === 'aki-recovered');
  const stage =
    over?.code === 'aki-recovered'
      ? `AKI stage ${over.stage}, recovered`
      : `AKI stage ${value}${range ? ' or more' : ''}`;
  if (newest === null || (used?.kind !== 'quantity' && used?.kind !== 'either')) return stage;
  const baseline = baselineBelow(evidence);
  // The peak alone is left of the week, where it rose from what came before it.
  const isFromBefore = baseline !== undefined || lowest === null || lowest === peak;
  const rise = isFromBefore ? (peak ?? newest) : `${lowest} to ${peak ?? newest}`;
  const unit = readableUnit(used.unit);
  const now = `Cr ${rise}${peak === null ? '' : `, now ${newest}`} ${unit}`;
  const from = baseline && `; baseline ${shown('aki-baseline')} ${unit} of ${baseline.time?.slice(0, 10)}`;
  return `${stage} (${now}${from ?? ''})`;
}

/** `AKI (problem list 2026-01-29)`; of stage 3 with the creatinine that makes it. */
function wordStageOfEntry(entry: Evidence, evidence: readonly Evidence[], stage: number): string {
  if (stage === 1) return wordDocumented(entry);
  if (stage < 3) return `AKI stage ${stage} or more (${wordEntry(entry)})`;
  const used = evidence.find(({ notes }) => notes.some(({ code }) => code === 'aki'))?.used;
  const amount =
    used?.kind === 'quantity' ? `Cr ${roundTo(used.value, used.decimals)} ${readableUnit(used.unit)}; ` : '';
  return `AKI stage ${stage} (${amount}${wordEntry(entry)})`;
}

/** The creatinine of before the 7 days, where it is lower than all of them: the stage rests on it. */
function baselineBelow(evidence: readonly Evidence[]): Evidence | undefined {
  const [baseline, lowest] = (['aki-baseline', 'lowest-of-7-days'] as const).map((code) =>
    evidence.find(({ notes }) => notes.some((note) => note.code === code)),
  );
  const least = (one: Evidence | undefined): number => {
    if (one?.used.kind === 'quantity') return one.used.value;
    return one?.used.kind === 'either' ? Math.min(...one.used.values.map(({ value }) => value)) : Infinity;
  };
  return least(baseline) < least(lowest) ? baseline : undefined;
}

const isOneValue = ({ comparator, rival }: Lab): boolean => comparator === undefined && rival === undefined;

/** The highest of the week, where the newest creatinine is lower by what KDIGO calls acute. */
function fallWithin(others: readonly Lab[], newest: Lab): Lab | undefined {
  const [highest] = others.filter(isOneValue).toSorted((one, other) => mgdlOf(other) - mgdlOf(one));
  const isFall = highest && isOneValue(newest) && mgdlOf(highest) >= 1.5 * mgdlOf(newest);
  return isFall ? highest : undefined;
}

/**
 * What a fall says, the criterion of KDIGO AKI 2012 (2.1) read backwards: the creatinine before the peak was not seen, and
 * was as low as the newest one, or lower. Of which stage it was stays open, since the fall may go on.
 */
function stageBackwards(context: EvaluationContext, peak: Lab): AkiStage {
  const creatinine = creatinineOf(peak);
  const alone = creatinine && stageOfLatest([creatinine], { ageYears: context.memo(ageYears)?.low });
  const high = alone && alone.high > 0 ? alone.high : 1;
  return { low: 1, high, basis: 'a fall to less than two thirds within 7 days' };
}

/**
 * Whether the newest creatinine of an adult who is not pregnant is below 1.5 times that of an eGFR of 75, which KDIGO AKI
 * 2012 (2.1) presumes where no creatinine of before is known; in either sex.
 */
function isAsPresumed(context: EvaluationContext, newest: Lab): boolean {
  const age = context.memo(ageYears);
  const isPregnant = context.memo(pregnancies).some(({ from, to }) => from <= context.at && context.at <= to);
  if (!age || age.low < 18 || isPregnant || !isOneValue(newest)) return false;
  const creatinineMgdl = mgdlOf(newest) / 1.5;
  // Of the two sexes a woman has the lower estimate.
  const estimate = ckdEpi2021Creatinine({ creatinineMgdl, ageYears: age.high, sex: 'female' });
  return estimate !== null && estimate > 75;
}

/** The stage by creatinine alone. */
function stageByCreatinine(context: EvaluationContext, window: number, recovered?: Recovered): Fact {
  const newest = latestCreatinine(context, window);
  if (isUnknown(newest)) return newest;
  const others = comparableBefore(context, newest);
  const { egfr: bySchwartz, ...person } = akiOptionsOf(context, newest);
  const before = baselineOf(context, newest);
  const baseline = before ? { baselineMgdl: mgdlOf(before) } : {};
  // Under 18 stage 3 is a fall: one creatinine alone, which may be low for years, shows none.
  const options = { ...person, ...baseline, ...(others.length > 0 || before ? { egfr: bySchwartz } : {}) };
  const forwards = canBeCompared(newest) ? highestAkiStage(context.memo(seriesOf), options) : null;
  const fallenFrom = forwards?.low === 0 ? fallWithin(others, newest) : undefined;
  const stage = fallenFrom ? stageBackwards(context, fallenFrom) : forwards;
  if (!stage) return missing('unresolved', [], [labEvidence(newest)]);
  const [lowest] = others.toSorted((one, other) => mgdlOf(one) - mgdlOf(other));
  const [highest] = others.toSorted((one, other) => mgdlOf(other) - mgdlOf(one));
  const peak = stage.low > 0 && highest && mgdlOf(highest) > mgdlOf(newest) ? highest : undefined;
  const evidence: Evidence[] = [
    { ...labEvidence(newest), notes: [{ code: 'aki', basis: stage.basis }, ...unchecked(context)] },
    ...(lowest ? [{ ...labEvidence(lowest), notes: [{ code: 'lowest-of-7-days' } as const] }] : []),
    ...(peak ? [{ ...labEvidence(peak), notes: [{ code: 'highest-of-7-days' } as const] }] : []),
    ...(before ? [{ ...labEvidence(before), notes: [{ code: 'aki-baseline' } as const] }] : []),
  ];
  if (stage.low === 0 && stage.high === 3 && others.length === 0 && !before)
    return missing('absent', [{ code: 'one-creatinine' }], evidence);
  const fact = knownRange(stage.low, stage.high, null, evidence);
  const isOver =
    recovered !== undefined &&
    (fallenFrom
      ? isAsPresumed(context, newest)
      : hasRecovered(context.memo(seriesOf), stage, { ...person, ...baseline }));
  return isOver ? countedAs(fact, recovered) : fact;
}

// --- By the problem list ---------------------------------------------------------------------------------------

/** KDIGO defines the injury within 7 days. */
const isRecentFor = 7 * day;
/** Until then it may be acute kidney disease (KDIGO AKI 2012, 2.5: less than 3 months); after it no entry is acute. */
const mayLastFor = 90 * day;

const group = 'aki';
const isNamed = ({ groups, open = [] }: ChartCondition): boolean =>
  groups.includes(group) || open.includes(group);

/** Since when the patient is in hospital; null for others. */
function stayOf({ chart: { encounter } }: EvaluationContext): Span | null {
  const isStay = encounter?.class === 'inpatient' || encounter?.class === 'emergency';
  return isStay ? spanOf(encounter.start) : null;
}

/** What an active entry says of now: an undated one is what the record calls active; nothing in it says that it is over. */
function standingOf({ onset }: ChartCondition, context: EvaluationContext): 'now' | 'perhaps' | 'past' {
  if (onset === null || onset.to >= context.at - isRecentFor) return 'now';
  const stay = stayOf(context);
  if (stay && onset.to >= stay.from) return 'now';
  return onset.to >= context.at - mayLastFor ? 'perhaps' : 'past';
}

const without = (groups: readonly string[]): string[] => groups.filter((one) => one !== group);

/** The entry with what its date leaves of it. */
function asOfNow(condition: ChartCondition, context: EvaluationContext, isRuledOut: boolean): ChartCondition {
  if (!isNamed(condition) || condition.status !== 'active') return condition;
  const standing = standingOf(condition, context);
  if (standing === 'now') return condition;
  const { groups, open = [], ...rest } = condition;
  const stays = standing === 'perhaps' && !isRuledOut;
  return { ...rest, groups: without(groups), open: stays ? [...without(open), group] : without(open) };
}

const isStageZero = (fact: Fact): boolean =>
  fact.state === 'known' && fact.value === 0 && fact.range === undefined;

/** The lowest creatinine of before the 7 days to the newest one, in mg/dL; null where there is none. */
function lowestBefore(context: EvaluationContext, newest: Lab): number | null {
  const values = olderCreatinines(context, newest).map(mgdlOf);
  return values.length > 0 ? Math.min(...values) : null;
}

/**
 * Whether the newest creatinine, which is later than the entry, is back near the lowest of the year or of 14 days. Where
 * all are of the week and alike, what they are shows whether they rose before it.
 */
function isBack(context: EvaluationContext, onset: Span | null): boolean {
  const newest = latestCreatinine(context, isRecentFor);
  if (isUnknown(newest) || !newest.span || !canBeCompared(newest)) return false;
  if (onset && newest.span.from <= onset.to) return false;
  const series = context.memo(seriesOf);
  const { egfr: _, ...person } = akiOptionsOf(context, newest);
  const baselineMgdl = lowestBefore(context, newest);
  if (baselineMgdl !== null) return stageOfLatest(series, { ...person, baselineMgdl })?.high === 0;
  const stage = highestAkiStage(series, person);
  if (stage?.high === 0) return comparableBefore(context, newest).length > 0 && isAsPresumed(context, newest);
  return stage !== null && hasRecovered(series, stage, person);
}

/** Whether an injury that is not over is on the problem list. */
function documentedOf(context: EvaluationContext): Fact {
  const isRuledOut = isStageZero(stageByCreatinine(context, isRecentFor));
  const { chart, at, notices } = context;
  const conditions = chart.conditions
    .filter((one) => !isNamed(one) || standingOf(one, context) !== 'now' || !isBack(context, one.onset))
    .map((one) => asOfNow(one, context, isRuledOut));
  return computeCondition({ groups: [group], status: 'active' })(
    createContext({ ...chart, conditions }, at, notices),
  );
}

/** The highest stage that the newest creatinine allows where nothing is known of the time before. */
function mostOf(context: EvaluationContext, measured: Fact): number {
  const newest = latestCreatinine(context, isRecentFor);
  const creatinine = isUnknown(newest) ? null : creatinineOf(newest);
  const alone = creatinine && stageOfLatest([creatinine], { ageYears: context.memo(ageYears)?.low });
  const byMeasure = measured.state === 'known' ? (measured.range?.high ?? Number(measured.value)) : 0;
  return Math.max(1, byMeasure, alone?.high ?? 3);
}

/** Whether the newest creatinine of an adult makes stage 3 of whatever is an injury (KDIGO AKI 2012, 2.1). */
function isStage3OfInjured(context: EvaluationContext): boolean {
  const newest = latestCreatinine(context, isRecentFor);
  const age = context.memo(ageYears);
  return age !== null && age.low >= 18 && !isUnknown(newest) && isStage3ByValue(newest);
}

/** From 4.0 mg/dL, or 353.6 umol/L where it came in moles; of a result that may be less, no. */
function isStage3ByValue(newest: Lab): boolean {
  if (newest.comparator?.startsWith('<') || newest.rival?.comparator?.startsWith('<')) return false;
  const creatinine = creatinineOf(newest);
  return creatinine?.umol === undefined ? mgdlOf(newest) >= 4 : creatinine.umol >= 353.6;
}

function computeAkiStage(context: EvaluationContext, window: number, recovered?: Recovered): Fact {
  const dialysis = context.memo(onDialysis);
  if (isTrue(dialysis) && !restsOnWords(dialysis)) return notApplicableOnDialysis(dialysis);
  const measured = stageByCreatinine(context, window, recovered);
  if (measured.state === 'known' && Number(measured.value) >= 1) return measured;
  const documented = context.memo(documentedOf);
  if (isUnread(documented)) return openFor(documented, measured, context);
  if (!isTrue(documented)) return measured;
  const evidence = [...documented.evidence, ...measured.evidence];
  const least = isStage3OfInjured(context) ? 3 : 1;
  return knownRange(least, Math.max(least, mostOf(context, measured)), null, evidence);
}

/** Whether problems, or what one of them says, were not read. What an unclear one may be is ruled out by creatinine. */
const isUnread = (fact: Fact): fact is UnknownFact =>
  fact.state !== 'known' &&
  (fact.category !== undefined ||
    fact.reasons.some(
      (reason) =>
        reason.code === 'conditions-open' &&
        reason.conditions.some(({ group: named }) => named === undefined),
    ));

/** Where creatinine shows no injury, one may be among the problems that were not read: the stage is open. */
function openFor(documented: UnknownFact, measured: Fact, context: EvaluationContext): Fact {
  if (measured.state !== 'known') return measured;
  return measured.range
    ? knownRange(0, mostOf(context, measured), null, measured.evidence)
    : { ...documented, evidence: [...documented.evidence, ...measured.evidence] };
}

const notApplicableOnDialysis = ({ evidence }: KnownFact): Fact =>
  missing('not-applicable', [{ code: 'on-dialysis' }], evidence);

const akiStage = defineFact({
  ...kidneyFunction,
  name: 'akiStage',
  params: z.strictObject({ within: duration, recovered: z.optional(z.enum(['stage-1', 'none'])) }),
  description:
    'KDIGO 2012 stage 0 to 3: the highest of the 7 days to the latest creatinine. `recovered` says what one counts as whose creatinine is back below 1.5 times the lowest of 14 days.',
  need: kidneyNeed('an earlier creatinine'),
  uses: { ...kidneyFunction.uses, sex: false },
  tests: () => [...renalInputs, 'body-height', 'pregnancy-status'],
  // The baseline is the lowest of a year.
  reach: () => [{ test: 'creatinine', before: 365 * day }],
  isPlainResult: false,
  computedFrom: () => [{ test: 'creatinine' }],
  isWhole: () => true,
  describe: (params) => `akiStage within ${params.within}`,
  word: wordStage,
  compute(params) {
    const window = milliseconds(params.within);
    return (context) => computeAkiStage(context, window, params.recovered);
  },
});

const documentedAki = defineFact({
  ...kidneyFunction,
  name: 'documentedAki',
  params: z.strictObject({}),
  description:
    'Whether an acute kidney injury is on the problem list that is not over: active, and of the last 7 days, of this stay or undated. One of up to 90 days leaves it open unless creatinine gives no stage; a creatinine that is back ends it.',
  kind: 'truth',
  paths: [],
  categories: () => ['conditions'],
  uses: { ...kidneyFunction.uses, sex: false, categories: ['labs', 'encounter'] },
  tests: () => [],
  reach: () => [],
  dataNeeds: () => [{ type: 'Condition' }],
  computedFrom: () => [],
  need: (_, fact) => conditionNeed(fact),
  describe: () => 'documentedAki',
  ask: () => 'acute kidney injury',
  word: ({ evidence: [first] }) => (first ? wordDocumented(first) : null),
  compute: () => (context) => context.memo(documentedOf),
});

export const akiFacts = [akiStage, documentedAki] as const;

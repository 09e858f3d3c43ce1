/**
 * The pipeline: a request and a ruleset become a decision. A pure function of its arguments: the same arguments
 * give the same bytes, today and in six years. Read this first.
 */

import { findingCard } from './cards/finding-card.ts';
import { bySeverity, openChecksCard, overLimitCard, wordChecks } from './cards/open-checks-card.ts';
import { profiles } from './cards/profiles.ts';
import { routeCard } from './cards/route-card.ts';
import { offerOnce } from './cards/test-orders.ts';
import type { Card } from './cards/types.ts';
import { absentMeasurements, wordAbsentCategory } from './cards/wording.ts';
import { buildChartInSteps } from './chart/chart.ts';
import type { Chart } from './chart/types.ts';
import { type Evaluation, evaluateAllInSteps, type FactResult } from './evaluation/findings.ts';
import { type Presentation, showAll } from './evaluation/presentation.ts';
import type { Ruleset } from './evaluation/ruleset.ts';
import { isPregnant } from './evaluation/this-moment.ts';
import { createContext } from './facts/context.ts';
import { testsAtHand } from './facts/ordered-tests.ts';
import { replacementsAtHand } from './facts/replacements.ts';
import type { Hook } from './fhir/hooks.ts';
import { boundedNotices, type Notice, notice } from './fhir/notice.ts';
import { intakeOfBundleInSteps, intakeOfHookInSteps } from './intake/intake.ts';
import type { GatheredData, HookContext, Intake, IntakeItem } from './intake/types.ts';
import { atOnce, type InSteps } from './steps.ts';

/** A CDS Hooks call, or a posted bundle with the hook to evaluate it for. */
export type DecisionRequest =
  | {
      hook: Hook;
      context: HookContext;
      prefetch: unknown;
      fetched?: GatheredData;
      /** Of the request: to it references are relative that stand in no entry with an address of its own. */
      fhirServer?: unknown;
    }
  | { hook: Hook; bundle: unknown; patient: string | null };

export interface Clock {
  decisionId: string;
  /** Wall clock of the answer, RFC 3339 UTC. */
  decidedAt: string;
  /** Clinical clock: what counts as now, RFC 3339 UTC. */
  evaluatedAt: string;
}

export interface Decision extends Clock {
  hook: Hook;
  ruleset: { digest: string; version: string };
  presentation: Presentation;
  cards: Card[];
  evaluations: Evaluation[];
  /** Every question of the ruleset with its answer; made when asked for. */
  facts(): FactResult[];
  /** The answers that the rules came to ask for. */
  used(): FactResult[];
  chart: Chart;
  notices: Notice[];
  patientId: string | null;
  /** Where each resource came from, by reference; a replay knows only the chart. */
  origins: ReadonlyMap<string, IntakeItem['from']>;
  /** What was read from the FHIR server, by prefetch key. */
  fetched: readonly string[];
  /** Nothing but the Patient came, and no order or entry to look at: an empty answer would look like an all-clear. */
  isWithoutData: boolean;
}

/**
 * @param presentation how findings are shown to this client; left out: all of them, as they are
 * @throws Refused (intake.ts) when the request cannot be evaluated at all
 */
export const decide = (...asked: Parameters<typeof decideInSteps>): Decision =>
  atOnce(decideInSteps(...asked));

/** The same with stops, for a server that has others to answer and a deadline to keep. */
export function* decideInSteps(
  request: DecisionRequest,
  ruleset: Ruleset,
  clock: Clock,
  presentation: Presentation = showAll,
): InSteps<Decision> {
  const intake = yield* intakeOf(request, ruleset);
  const { chart, notices } = yield* buildChartInSteps(
    intake,
    Date.parse(clock.evaluatedAt),
    ruleset.products,
  );
  const noted = boundedNotices([...intake.notices, ...notices]);
  return {
    ...(yield* decideChartInSteps(
      request.hook,
      intake.patientId,
      chart,
      noted,
      ruleset,
      clock,
      presentation,
    )),
    origins: new Map(intake.items.map(({ reference, from }) => [reference, from])),
    fetched: 'fetched' in request ? Object.keys(request.fetched?.resources ?? {}) : [],
    isWithoutData: intake.isPatientAlone && intake.items.every(({ type }) => type === 'Patient'),
  };
}

const intakeOf = (request: DecisionRequest, { prefetch }: Ruleset): InSteps<Intake> =>
  'bundle' in request
    ? intakeOfBundleInSteps(request.bundle, request.patient, request.hook)
    : intakeOfHookInSteps(
        request.hook,
        request.context,
        request.prefetch,
        request.fetched,
        request.fhirServer,
        prefetch[request.hook],
      );

/** The second half, from the chart on: what a replay repeats. `noted` are the notices of the first half. */
export const decideChart = (...asked: Parameters<typeof decideChartInSteps>): Decision =>
  atOnce(decideChartInSteps(...asked));

/** The same with stops. */
export function* decideChartInSteps(
  hook: Hook,
  patientId: string | null,
  chart: Chart,
  noted: readonly Notice[],
  ruleset: Ruleset,
  clock: Clock,
  presentation: Presentation = showAll,
): InSteps<Decision> {
  const context = createContext(chart, Date.parse(clock.evaluatedAt), noted);
  yield 'rules';
  const evaluated = yield* evaluateAllInSteps(ruleset, context, hook, presentation);
  const { evaluations, findings, overLimit, openChecks, absent, facts, answers, used } = evaluated;
  const { decisionId } = clock;
  const profile = profiles[presentation.profile];
  const { units } = presentation;
  const atHand = context.memo(testsAtHand);
  const pregnant = isPregnant(context);
  const replacing = context.memo(replacementsAtHand);
  const open = new Set(
    evaluations.filter(({ outcome }) => outcome === 'indeterminate').map(({ rule }) => rule),
  );
  const undecided = ruleset.rules.filter(({ rule }) => rule.status === 'active' && open.has(rule.id));
  const setting = { facts, chart, atHand, replacing, undecided, hook, profile, units, decisionId, pregnant };
  const cards: Card[] = [];
  for (const oneDanger of findings) {
    cards.push(findingCard({ ...setting, findings: oneDanger }));
    yield 'cards';
  }
  const ofOwnDanger = new Set(
    findings.flatMap(([{ rule }], index) => (rule.card.danger ? (cards[index]?.uuid ?? []) : [])),
  );
  for (const said of evaluated.byRoute) {
    cards.push(routeCard(said, { atHand, replacing, undecided, hook, profile, units, decisionId, pregnant }));
    yield 'cards';
  }
  if (openChecks) {
    const checks = wordChecks(openChecks.checks, atHand.awaited);
    cards.push(openChecksCard({ ...openChecks, checks }, { profile, decisionId, chart, atHand }));
  }
  if (overLimit.length > 0) cards.push(overLimitCard(overLimit, profile, decisionId));
  const lacksMeasurements = chart.measurementsAbsent && ruleset.measured.has(hook);
  const notices = [...absent.map(wordAbsentCategory), ...(lacksMeasurements ? [absentMeasurements] : [])].map(
    (words) => notice('category-missing', null, words),
  );
  return {
    ...clock,
    hook,
    ruleset: { digest: ruleset.digest, version: ruleset.version },
    presentation,
    cards: offerOnce(cards.sort(bySeverity), ofOwnDanger),
    evaluations,
    facts: answers,
    used,
    chart,
    notices: [...noted, ...notices],
    patientId,
    origins: new Map(),
    fetched: [],
    isWithoutData: false,
  };
}

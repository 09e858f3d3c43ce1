/**
 * What of a decision record stays in clear: who asked what when, which rules spoke and what others waited for. No value of
 * the patient. Needs no words, so that what counts and lists decisions need not hold them.
 */
import { routeCardId } from './cards/route-card-id.ts';
import type { Card } from './cards/types.ts';
import type { WhyNot } from './evaluation/findings.ts';
import type {
  Clinical,
  DecisionRecord,
  RecordedEvaluation,
  RecordedFinding,
  RecordHead,
} from './record-types.ts';
import type { MissingFact } from './rule/trace.ts';

/** Splits a record; `joined` puts it together again. */
export function splitRecord(record: DecisionRecord): { head: RecordHead; clinical: Clinical } {
  const { patient, inputs, missing, notices, chart, presentation, evaluations, cards, ...head } = record;
  // What was overridden says what was known then: `presentation` is clinical, too.
  const clinical = { patient, inputs, missing, notices, chart, presentation, evaluations, cards };
  const cardIds = cards.map(({ uuid }) => uuid);
  const undecided = undecidedIn(record);
  return { head: { ...head, findings: findingsOf(record), cardIds, undecided }, clinical };
}

/** What a rule waits for, in short: the fact and what it was asked with. @example lab:potassium:mmol/L:P3D */
const shortOf = (missing: MissingFact | string): string =>
  typeof missing === 'string'
    ? missing
    : [missing.fact, ...Object.values(missing.params).map(String)].join(':');

/** Ids of undecided rules, by what they wait for. */
function undecidedIn(record: DecisionRecord): Record<string, string[]> {
  const rules = new Map<string, string[]>();
  for (const evaluation of record.evaluations) {
    if (evaluation.outcome !== 'indeterminate') continue;
    for (const what of new Set(missingIn(record, evaluation).map(shortOf)))
      rules.set(what, [...(rules.get(what) ?? []), evaluation.rule]);
  }
  return Object.fromEntries(rules);
}

function findingsOf({ decisionId, evaluations, cards }: DecisionRecord): RecordedFinding[] {
  const cardOf = new Map(cards.map((card) => [ruleOfTopic(card.source.topic.code), card]));
  const byId = new Map(cards.map((card) => [card.uuid, card]));
  const findingOn = (card: Card | undefined) => (card ? { card: card.uuid, indicator: card.indicator } : {});
  const codeOf = (why: WhyNot | string | null) =>
    why !== null && typeof why !== 'string' ? { why: why.code } : {};
  return evaluations.flatMap(({ rule, version, outcome, shown, why, card: of = rule, byRoute = [] }) => [
    ...(outcome === 'fired'
      ? [
          {
            rule,
            version,
            shown,
            ...findingOn(shown ? cardOf.get(of) : undefined),
            ...(shown ? {} : codeOf(why)),
          },
        ]
      : []),
    ...byRoute.map(({ order, withheld }) => ({
      rule,
      version,
      shown: withheld === null,
      byRoute: true as const,
      ...findingOn(byId.get(routeCardId(decisionId, order))),
      ...codeOf(withheld),
    })),
  ]);
}

/** Some client profiles want topic codes without the hyphen: `MG001` is MG-001. */
const ruleOfTopic = (code: string): string => code.replace(/^([A-Z]{2})-?(\d{3})$/, '$1-$2');

/** What a rule of a record waits for. */
export const missingIn = (
  { missing }: Pick<DecisionRecord, 'missing'>,
  { missing: own = [] }: RecordedEvaluation,
): (MissingFact | string)[] => own.flatMap((one) => (typeof one === 'string' ? one : (missing[one] ?? [])));

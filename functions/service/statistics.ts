/**
 * Counts of decisions by day and rule, for governance: how often each rule was evaluated, spoke, was withheld and why,
 * could not be decided for want of what, and what clinicians did with its cards. Pure.
 */
import { day } from '../../rules/fhir/time.ts';
import { Problem } from '../http/outcome.ts';
import { addCounts, type Counts, noCounts, noRuleCounts } from '../log/counts.ts';
import { oneOf } from './decision-filter.ts';

/** Days one answer is about at most. */
const mostDays = 92;

export interface StatisticsQuery {
  /** Days (UTC), in order. */
  days: string[];
  rule: string | null;
  by: 'day' | 'period';
}

const dateIn = (value: string | undefined, name: string): number => {
  const time = value !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw new Problem(400, 'value', `\`${name}\` must be a day such as 2026-01-31`);
  return time;
};

/** @throws Problem 400 naming the parameter that cannot be used */
export function readStatisticsQuery(query: Readonly<Record<string, string>>): StatisticsQuery {
  const unknown = Object.keys(query).find((name) => !['from', 'to', 'rule', 'by'].includes(name));
  if (unknown !== undefined)
    throw new Problem(400, 'not-supported', 'unknown parameter: ask by `from`, `to`, `rule` and `by`');
  const [from, to] = [dateIn(query.from, 'from'), dateIn(query.to, 'to')];
  if (from > to) throw new Problem(400, 'value', '`from` must not be after `to`');
  const count = (to - from) / day + 1;
  if (count > mostDays)
    throw new Problem(400, 'too-costly', `ask for at most ${mostDays} days at once: these are ${count}`);
  if (query.rule !== undefined && !/^[A-Z]{2}-\d{3}$/.test(query.rule))
    throw new Problem(400, 'value', '`rule` must be the id of a rule: see GET /rules');
  return {
    days: Array.from({ length: count }, (_, index) =>
      new Date(from + index * day).toISOString().slice(0, 10),
    ),
    rule: query.rule ?? null,
    by: oneOf(query.by ?? 'period', 'by', ['day', 'period'] as const),
  };
}

/** Ids of the rules of a ruleset, by its digest; null where the log does not hold it. */
export type RulesAt = (digest: string) => Promise<readonly string[] | null>;

/** Counts as they are answered: of every rule that was evaluated. */
async function wordCounts({ evaluated, refused, rules }: Counts, rulesAt: RulesAt, only: string | null) {
  const evaluations = new Map<string, number>();
  for (const [digest, count] of Object.entries(evaluated))
    for (const rule of (await rulesAt(digest)) ?? [])
      evaluations.set(rule, (evaluations.get(rule) ?? 0) + count);
  const ids = [...new Set([...evaluations.keys(), ...Object.keys(rules)])].sort();
  return {
    decisions: Object.values(evaluated).reduce((sum, count) => sum + count, 0),
    refused,
    rules: ids
      .filter((rule) => only === null || rule === only)
      .map((rule) => {
        const { answered, ...counts } = rules[rule] ?? noRuleCounts();
        return {
          rule,
          evaluated: evaluations.get(rule) ?? counts.fired,
          ...counts,
          // By the day on which the card was shown, whenever its feedback came.
          unanswered: counts.shown - answered,
        };
      }),
  };
}

/** @param counts by day */
export async function statisticsOf(
  { days, rule, by }: StatisticsQuery,
  counts: ReadonlyMap<string, Counts>,
  rulesAt: RulesAt,
) {
  const sum = noCounts();
  for (const date of days) addCounts(sum, counts.get(date) ?? noCounts());
  const whole = await wordCounts(sum, rulesAt, rule);
  if (by === 'period') return whole;
  const daily = [];
  for (const date of days)
    daily.push({ day: date, ...(await wordCounts(counts.get(date) ?? noCounts(), rulesAt, rule)) });
  return { ...whole, days: daily };
}

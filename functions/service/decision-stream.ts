/**
 * Decisions as a stream, for auditors: NDJSON with everything, or CSV with the six columns that ONC names for the
 * export of feedback (45 CFR 170.315(b)(11)(ii)(C): intervention, action, feedback, user, date, location).
 * https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-D/part-170/subpart-C/section-170.315
 *
 * Page by page, so that memory does not grow with the log; a client that was cut off goes on with `after`.
 */
import { wordRecord } from '../../rules/record.ts';
import type { StoredDecision, StoredFeedback } from '../log/decision-log.ts';
import type { Filter } from '../log/queries.ts';
import type { Service } from './service.ts';

export type ExportedDecision = StoredDecision & { feedback: StoredFeedback[] };

/** Every decision that the filter lets through, newest first. @param after place of the last one that arrived */
export async function* iterateDecisions(
  log: Service['log'],
  tenant: string,
  filter: Filter,
  after: string | null = null,
): AsyncGenerator<StoredDecision> {
  let next = after;
  do {
    const page: { ids: string[]; next: string | null } = await log.list(tenant, filter, 50, next);
    yield* log.findEach(tenant, page.ids);
    next = page.next;
  } while (next !== null);
}

/** The same, each with its feedback. */
export async function* exportDecisions(
  log: Service['log'],
  ...asked: [tenant: string, filter: Filter, after?: string | null]
): AsyncGenerator<ExportedDecision> {
  for await (const decision of iterateDecisions(log, ...asked))
    yield { ...decision, feedback: await log.feedbackOf(decision) };
}

export const csvColumns = ['intervention', 'action', 'feedback', 'user', 'date', 'location'] as const;

/** A cell that begins like a formula is neutralised: https://owasp.org/www-community/attacks/CSV_Injection */
export function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const line = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

/**
 * One row for each feedback on a card, and one for each card that had none: what was shown, what the clinician did,
 * why, who, when, where.
 */
export function csvRows(decision: ExportedDecision): string[] {
  const { findings, decidedAt, service, user, feedback, client } = decision;
  return findings
    .filter(({ shown }) => shown)
    .flatMap(({ rule, version, card }) => {
      const intervention = `${rule} ${version}`;
      const location = `${client} ${service}`;
      const given = feedback.filter((event) => event.card === card);
      if (given.length === 0) return [line([intervention, 'none', '', user ?? '', decidedAt, location])];
      return given.map((event) =>
        line([
          intervention,
          event.outcome,
          event.overrideReason?.code ?? '',
          user ?? '',
          event.outcomeTimestamp,
          location,
        ]),
      );
    });
}

const encoder = new TextEncoder();

/** A body that is read as slowly as its reader: nothing is fetched ahead. */
export function streamOf(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}

export async function* ndjson(decisions: AsyncGenerator<ExportedDecision>): AsyncGenerator<string> {
  for await (const decision of decisions) yield `${JSON.stringify(wordRecord(decision))}\n`;
}

export async function* csv(decisions: AsyncGenerator<ExportedDecision>): AsyncGenerator<string> {
  yield line(csvColumns);
  for await (const decision of decisions) for (const row of csvRows(decision)) yield row;
}

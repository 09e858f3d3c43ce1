/**
 * Lists of decisions, newest first. A page costs what it examines, whatever the size of the log: one index leads,
 * (candidates.ts), the other filters look at what it yields, and a page that has examined enough ends with a cursor.
 */
import { createCandidates, type LeadingFilter, type Range, type Table } from './candidates.ts';
import { type Item, S } from './items.ts';
import { decisionKey, keyIn, outcomeIn, outcomePrefix } from './keys.ts';
import { queryItems } from './paging.ts';

export interface Filter extends LeadingFilter {
  service?: string | undefined;
  indicator?: string | undefined;
  /** RFC 3339 UTC, both ends included. */
  from?: string | undefined;
  to?: string | undefined;
}

export interface Page {
  /** Ids of decisions. */
  ids: string[];
  /** Place of the last decision examined, where there is more; null at the end. */
  next: string | null;
}

/** Decisions a page may look at: beyond that it ends early, with a cursor. */
const mostExamined = 500;

/** Which outcomes a decision has feedback of. */
async function outcomesOf(
  { client, table }: Table,
  tenant: string,
  decisionId: string,
): Promise<Set<string>> {
  const items = queryItems(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :decision AND begins_with(sk, :outcome)',
    ExpressionAttributeValues: {
      ':decision': S(decisionKey(tenant, decisionId).pk),
      ':outcome': S(outcomePrefix),
    },
  });
  const outcomes = new Set<string>();
  for await (const item of items) outcomes.add(outcomeIn(keyIn(item)));
  return outcomes;
}

/** Whether what stands on an item fits all but the outcome. */
const fits = (item: Item, { rule, service, client, indicator }: Filter): boolean =>
  (service === undefined || item.service?.S === service) &&
  (client === undefined || item.client?.S === client) &&
  (indicator === undefined || item.indicator?.S === indicator) &&
  (rule === undefined || item.findings?.SS?.includes(rule) === true);

/** @param options.hashOf keyed hash of a patient id */
export function createQueries(options: Table & { hashOf(tenant: string, patient: string): Promise<string> }) {
  const candidates = createCandidates(options, options.hashOf);

  async function isWanted(tenant: string, item: Item, filter: Filter): Promise<boolean> {
    if (!fits(item, filter)) return false;
    const { outcome, patient } = filter;
    // The index of outcomes led here, unless that of the patient did.
    if (outcome === undefined || (outcome !== 'none' && patient === undefined)) return true;
    const outcomes = await outcomesOf(options, tenant, item.decisionId?.S ?? '');
    return outcome === 'none' ? outcomes.size === 0 : outcomes.has(outcome);
  }

  /**
   * One page. Its cursor is a place in the list and not DynamoDB's own: it stays true when another index leads, and
   * says nothing of keys.
   * @param limit decisions on a page, at most 100
   * @param after `next` of the page before
   */
  return async function list(
    tenant: string,
    filter: Filter,
    limit: number,
    after: string | null,
  ): Promise<Page> {
    const range: Range = { from: filter.from ?? '0', before: after ?? `${filter.to ?? '9'}~` };
    // DynamoDB refuses an empty range, which would read as a failure of the log.
    if (range.from > range.before) return { ids: [], next: null };
    const ids: string[] = [];
    let examined = 0;
    let last: string | null = null;
    for await (const { place, item } of candidates(tenant, filter, range, Math.max(limit, 20))) {
      // The page is full, and there is one more: so there is a next one.
      if (ids.length === limit || examined === mostExamined) return { ids, next: last };
      examined += 1;
      last = place;
      const id = item.decisionId?.S;
      if (id !== undefined && (await isWanted(tenant, item, filter))) ids.push(id);
    }
    return { ids, next: null };
  };
}

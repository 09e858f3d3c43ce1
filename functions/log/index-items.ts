/**
 * Index items: derived items that find a decision by its cards, its rules and its call of a hook. Nothing in them is
 * evidence; all of them can be written again from the record. Written beside it locally, from the stream on AWS.
 */
import { type Item, N, S } from './items.ts';
import {
  calendarKey,
  cardKey,
  type Dimension,
  dayOf,
  hookInstanceKey,
  keyItem,
  monthOf,
  outcomeItemKey,
  outcomePartition,
  placeOf,
  ruleItemKey,
  rulePartition,
  shardOf,
} from './keys.ts';
import type { StoredHead } from './stored.ts';

export type IndexedRecord = Pick<
  StoredHead,
  | 'tenant'
  | 'client'
  | 'service'
  | 'hook'
  | 'hookInstance'
  | 'decisionId'
  | 'decidedAt'
  | 'status'
  | 'findings'
  | 'cardIds'
>;

/** What a list of decisions shows without reading the records; the same on every index item. */
export function listItem(head: IndexedRecord): Item {
  const { decisionId, decidedAt, service, client, hook, status, findings } = head;
  const shown = findings.filter((finding) => finding.shown);
  const indicator = ['critical', 'warning', 'info'].find((level) =>
    shown.some((finding) => finding.indicator === level),
  );
  return {
    decisionId: S(decisionId),
    decidedAt: S(decidedAt),
    service: S(service),
    client: S(client),
    status: N(status),
    ...(hook ? { hook: S(hook) } : {}),
    ...(indicator ? { indicator: S(indicator) } : {}),
    ...(findings.length > 0 ? { findings: { SS: [...new Set(findings.map(({ rule }) => rule))] } } : {}),
  };
}

const calendarItem = (tenant: string, dimension: Dimension, period: string): Item =>
  keyItem(calendarKey(tenant, dimension, period));

export function indexItemsOf(head: IndexedRecord): Item[] {
  const { tenant, client, hookInstance, decisionId, decidedAt, findings, cardIds } = head;
  const shard = shardOf(decisionId);
  const month = monthOf(decidedAt);
  const place = placeOf(head);
  const list = listItem(head);
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return [
    ...cardIds.map((card) => ({
      ...keyItem(cardKey(tenant, card)),
      decisionId: S(decisionId),
    })),
    ...rules.flatMap((rule) => [
      {
        ...keyItem(ruleItemKey(tenant, decisionId, rule)),
        ...list,
        gsi2pk: S(rulePartition(tenant, rule, month, shard)),
        gsi2sk: S(place),
      },
      calendarItem(tenant, { rule }, month),
    ]),
    ...(hookInstance
      ? [
          {
            ...keyItem(hookInstanceKey(tenant, client, hookInstance, place)),
            decisionId: S(decisionId),
          },
        ]
      : []),
    calendarItem(tenant, { client }, dayOf(decidedAt)),
    calendarItem(tenant, 'clients', client),
  ];
}

/** That a decision has feedback of an outcome: one item, however often it came. */
export function outcomeIndexItems(head: IndexedRecord, outcome: string): Item[] {
  const { tenant, decisionId, decidedAt } = head;
  const month = monthOf(decidedAt);
  return [
    {
      ...keyItem(outcomeItemKey(tenant, decisionId, outcome)),
      ...listItem(head),
      gsi2pk: S(outcomePartition(tenant, outcome, month, shardOf(decisionId))),
      gsi2sk: S(placeOf(head)),
    },
    calendarItem(tenant, { outcome }, month),
  ];
}

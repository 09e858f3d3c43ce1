/**
 * Postings: derived items that find a decision by its cards, its rules and its call of a hook. Nothing in them is
 * evidence; all of them can be written again from the record. Written beside it locally, from the stream on AWS.
 */
import { cardPartition, decisionKey, type Item, keyItem, monthOf, S, shardOf } from './items.ts';
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

/** What a list of decisions shows without reading the records; the same on every posting. */
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
    status: { N: String(status) },
    ...(hook ? { hook: S(hook) } : {}),
    ...(indicator ? { indicator: S(indicator) } : {}),
    ...(findings.length > 0 ? { findings: { SS: [...new Set(findings.map(({ rule }) => rule))] } } : {}),
  };
}

export const placeOf = ({ decidedAt, decisionId }: Pick<IndexedRecord, 'decidedAt' | 'decisionId'>): string =>
  `${decidedAt}#${decisionId}`;

export const clientPartition = (tenant: string, client: string, day: string, shard: number): string =>
  `T#${tenant}#C#${client}#${day}#${shard}`;
export const rulePartition = (tenant: string, rule: string, month: string, shard: number): string =>
  `T#${tenant}#RULE#${rule}#${month}#${shard}`;
export const outcomePartition = (tenant: string, outcome: string, month: string, shard: number): string =>
  `T#${tenant}#OUT#${outcome}#${month}#${shard}`;
export const hookInstancePartition = (tenant: string, client: string, instance: string): string =>
  `T#${tenant}#H#${client}#${instance}`;
/** In which days (clients) or months (rules, outcomes) a dimension has anything: so that gaps cost nothing. */
export const calendarPartition = (tenant: string, dimension: string): string =>
  `T#${tenant}#CAL#${dimension}`;

const calendar = (tenant: string, dimension: string, period: string): Item =>
  keyItem({ pk: calendarPartition(tenant, dimension), sk: period });

export function postingsOf(head: IndexedRecord): Item[] {
  const { tenant, client, hookInstance, decisionId, decidedAt, findings, cardIds } = head;
  const shard = shardOf(decisionId);
  const month = monthOf(decidedAt);
  const place = placeOf(head);
  const list = listItem(head);
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  const { pk } = decisionKey(tenant, decisionId);
  return [
    ...cardIds.map((card) => ({
      ...keyItem({ pk: cardPartition(tenant, card), sk: 'C' }),
      decisionId: S(decisionId),
    })),
    ...rules.flatMap((rule) => [
      {
        ...keyItem({ pk, sk: `R#${rule}` }),
        ...list,
        gsi2pk: S(rulePartition(tenant, rule, month, shard)),
        gsi2sk: S(place),
      },
      calendar(tenant, `RULE#${rule}`, month),
    ]),
    ...(hookInstance
      ? [
          {
            ...keyItem({ pk: hookInstancePartition(tenant, client, hookInstance), sk: place }),
            decisionId: S(decisionId),
          },
        ]
      : []),
    calendar(tenant, `C#${client}`, decidedAt.slice(0, 10)),
    keyItem({ pk: calendarPartition(tenant, 'CLIENTS'), sk: client }),
  ];
}

/** That a decision has feedback of an outcome: one posting, however often it came. */
export function outcomePostings(head: IndexedRecord, outcome: string): Item[] {
  const { tenant, decisionId, decidedAt } = head;
  const month = monthOf(decidedAt);
  return [
    {
      ...keyItem({ pk: decisionKey(tenant, decisionId).pk, sk: `O#${outcome}` }),
      ...listItem(head),
      gsi2pk: S(outcomePartition(tenant, outcome, month, shardOf(decisionId))),
      gsi2sk: S(placeOf(head)),
    },
    calendar(tenant, `OUT#${outcome}`, month),
  ];
}

/** What a clinician overrode for a patient: by patient, then by rule and clinician; the latest stays. */
export const overridesPartition = (tenant: string, hashed: string): string => `T#${tenant}#OV#${hashed}`;

export interface OverrideItem {
  rule: string;
  /** Reference of the clinician who was shown the card. */
  user: string;
  reason: string;
  /** When the feedback came. */
  at: string;
  /** The decision that showed it: what was known then. */
  decisionId: string;
}

export const overridePosting = (tenant: string, hashed: string, override: OverrideItem): Item => ({
  ...keyItem({ pk: overridesPartition(tenant, hashed), sk: `${override.user}#${override.rule}` }),
  ...Object.fromEntries(Object.entries(override).map(([name, value]) => [name, S(value)])),
});

export function overrideIn(item: Item): OverrideItem | null {
  const { rule, user, reason, at, decisionId } = item;
  return rule?.S && user?.S && reason?.S && at?.S && decisionId?.S
    ? { rule: rule.S, user: user.S, reason: reason.S, at: at.S, decisionId: decisionId.S }
    : null;
}

/**
 * The one table of the decision log, as plain data: functions/host/table.ts makes it on one machine, infra/table.ts on
 * AWS. What lies under which key: keys.ts. It imports nothing, so that infra may import it.
 */

/** `S` is text, `N` a number. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

export const tableKey = {
  partition: { name: 'pk', type: 'S' },
  sort: { name: 'sk', type: 'S' },
} as const satisfies Record<string, KeyAttribute>;

/** DynamoDB may delete an item once this time has passed: seconds since 1970. */
export const timeToLive = 'expiresAt';

export interface Index {
  readonly name: string;
  readonly partition: KeyAttribute;
  readonly sort: KeyAttribute;
  /** Attributes that are copied into the index, beside the keys. */
  readonly copies: readonly string[];
}

/** What a list of decisions shows. The record itself (up to 300 KB) is read by its key, never copied here. */
const listed = [
  'decisionId',
  'decidedAt',
  'service',
  'client',
  'hook',
  'status',
  'indicator',
  'findings',
] as const;

/** DynamoDB cannot change what an index that exists copies: a new attribute in a list needs a new index. */
export const indexes = [
  // By patient (keyed hash), then time.
  {
    name: 'gsi1',
    partition: { name: 'gsi1pk', type: 'S' },
    sort: { name: 'gsi1sk', type: 'S' },
    copies: listed,
  },
  // By client, rule or outcome, then time.
  {
    name: 'gsi2',
    partition: { name: 'gsi2pk', type: 'S' },
    sort: { name: 'gsi2sk', type: 'S' },
    copies: listed,
  },
  // A writer's chain by sequence number: a number, or 10 would sort before 2.
  {
    name: 'gsi3',
    partition: { name: 'gsi3pk', type: 'S' },
    sort: { name: 'gsi3sk', type: 'N' },
    copies: ['hash', 'prevHash', 'at'],
  },
] as const satisfies readonly Index[];

export type IndexName = (typeof indexes)[number]['name'];

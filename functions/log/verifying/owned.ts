/** What follows from records is what they say, and follows from one that is there. */
import { isObject } from '../../../rules/fhir/json.ts';
import { decompressJson } from '../compression.ts';
import { derivedOf } from '../derived.ts';
import { overridesToRemember } from '../feedback.ts';
import { outcomeIndexItems } from '../index-items.ts';
import { type Item, S } from '../items.ts';
import {
  accessKey,
  accessPlaceIn,
  cardBeside,
  cardKey,
  cardPartition,
  decisionIdBeside,
  decisionKey,
  eventIn,
  feedbackPrefix,
  type ItemKind,
  joinedPrefix,
  type Key,
  keyIn,
  nameOf,
  outcomeIn,
  patientIn,
  tenantOf,
} from '../keys.ts';
import { asStoredToday } from '../older-records.ts';
import { queryItems } from '../paging.ts';
import { isDecision, isFeedback, type StoredFeedback } from '../records.ts';
import type { StoredHead } from '../stored.ts';
import { differencesOf } from './item.ts';
import type { Reader } from './reader.ts';

/** Decisions remembered at most: items of one lie together. */
const mostRemembered = 500;

interface Decision {
  item: Item;
  head: StoredHead;
}

/** What is wrong with an item: it follows from nothing, or differs in attributes. Null where it is right. */
export type Owned = { isExtra: true } | { isExtra: false; attributes: string[] } | null;

const extra: Owned = { isExtra: true };

/** @param expected all that it may be */
function compared(item: Item, expected: readonly Item[]): Owned {
  const same = expected.filter((one) => nameOf(keyIn(one)) === nameOf(keyIn(item)));
  const differences = same.map((one) => differencesOf(item, one));
  const [least] = differences.toSorted((a, b) => a.length - b.length);
  if (!least) return extra;
  return least.length === 0 ? null : { isExtra: false, attributes: least };
}

const claimed = (key: Key, { writer, seq }: { writer: string; seq: number }): Item => ({
  pk: S(key.pk),
  sk: S(key.sk),
  writer: S(writer),
  seq: { N: String(seq) },
});

/** Kinds that follow from records. */
export type OwnedKind = Extract<
  ItemKind,
  | 'rule item'
  | 'outcome item'
  | 'access item'
  | 'card item'
  | 'hookInstance item'
  | 'override'
  | 'joined claim'
  | 'answered claim'
>;

export function createOwnedCheck({ client, table, itemAt }: Reader) {
  const remembered = new Map<string, Promise<Decision[]>>();

  const startingWith = (pk: string, prefix: string): Promise<Item[]> =>
    Array.fromAsync(
      queryItems(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': S(pk), ':prefix': S(prefix) },
        ConsistentRead: true,
      }),
    );

  async function readDecisions({ pk, sk }: Key): Promise<Decision[]> {
    const found: Decision[] = [];
    for (const item of await startingWith(pk, sk)) {
      const head: unknown = await decompressJson(item.record?.B ?? new Uint8Array()).catch(() => null);
      const today = isObject(head) ? asStoredToday(head) : {};
      if (isDecision(today)) found.push({ item, head: today });
    }
    return found;
  }

  /** The decision of an id; several where one was faster than another. */
  function decisionsOf(tenant: string, id: string): Promise<Decision[]> {
    const key = decisionKey(tenant, id);
    const known = remembered.get(key.pk);
    if (known !== undefined) return known;
    if (remembered.size >= mostRemembered) remembered.clear();
    const reading = readDecisions(key);
    remembered.set(key.pk, reading);
    return reading;
  }

  async function feedbackOn(tenant: string, card: string): Promise<StoredFeedback[]> {
    const found: StoredFeedback[] = [];
    for (const item of await startingWith(cardPartition(tenant, card), feedbackPrefix)) {
      const record: unknown = await decompressJson(item.record?.B ?? new Uint8Array()).catch(() => null);
      if (isObject(record) && isFeedback(record)) found.push(record);
    }
    return found;
  }

  const ofDecision = async (item: Item, tenant: string, id: string): Promise<Owned> =>
    compared(
      item,
      (await decisionsOf(tenant, id)).flatMap(({ item: owner, head }) =>
        derivedOf({ item: owner, record: Object.fromEntries(Object.entries(head)) }),
      ),
    );

  async function ofOutcome(item: Item, tenant: string, id: string): Promise<Owned> {
    const expected: Item[] = [];
    for (const { head } of await decisionsOf(tenant, id))
      for (const card of head.cardIds)
        for (const { outcome } of await feedbackOn(tenant, card))
          if (outcome === outcomeIn(keyIn(item))) expected.push(...outcomeIndexItems(head, outcome));
    return compared(item, expected);
  }

  async function ofAccess(item: Item, tenant: string): Promise<Owned> {
    const owner = await itemAt(accessKey(tenant, accessPlaceIn(keyIn(item))));
    const record: unknown = await decompressJson(owner?.record?.B ?? new Uint8Array()).catch(() => null);
    return owner && isObject(record) ? compared(item, derivedOf({ item: owner, record })) : extra;
  }

  async function ofOverride(item: Item, tenant: string): Promise<Owned> {
    const expected: Item[] = [];
    for (const { item: owner, head } of await decisionsOf(tenant, item.decisionId?.S ?? ''))
      for (const feedback of await feedbackOn(tenant, item.card?.S ?? ''))
        expected.push(...overridesToRemember(feedback, head, patientIn(owner.gsi1pk?.S ?? '')));
    return compared(item, expected);
  }

  /** By the feedback, or by the decision; of a decision that was purged since, the feedback alone is left. */
  async function ofJoined(item: Item, tenant: string, card: string): Promise<Owned> {
    const key = keyIn(item);
    const event = await itemAt({ pk: key.pk, sk: eventIn(key) });
    const record: unknown = await decompressJson(event?.record?.B ?? new Uint8Array()).catch(() => null);
    if (!isObject(record) || !isFeedback(record)) return extra;
    const ofCard = await itemAt(cardKey(tenant, card));
    const decisions = await decisionsOf(tenant, ofCard?.decisionId?.S ?? '');
    if (decisions.length === 0) return null;
    return compared(
      item,
      [record, ...decisions.map(({ head }) => head)].map((one) => claimed(key, one)),
    );
  }

  async function ofAnswered(item: Item): Promise<Owned> {
    const key = keyIn(item);
    const joined = await startingWith(key.pk, joinedPrefix);
    return compared(
      item,
      joined.map(({ writer, seq }) => claimed(key, { writer: writer?.S ?? '', seq: Number(seq?.N) })),
    );
  }

  /** @returns null where the item follows from a record, attribute by attribute */
  return async function check(item: Item, kind: OwnedKind): Promise<Owned> {
    const key = keyIn(item);
    const tenant = tenantOf(key) ?? '';
    switch (kind) {
      case 'rule item':
        return ofDecision(item, tenant, decisionIdBeside(key) ?? '');
      case 'card item':
      case 'hookInstance item':
        return ofDecision(item, tenant, item.decisionId?.S ?? '');
      case 'outcome item':
        return ofOutcome(item, tenant, decisionIdBeside(key) ?? '');
      case 'access item':
        return ofAccess(item, tenant);
      case 'override':
        return ofOverride(item, tenant);
      case 'joined claim':
        return ofJoined(item, tenant, cardBeside(key) ?? '');
      case 'answered claim':
        return ofAnswered(item);
    }
  };
}

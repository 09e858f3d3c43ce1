/**
 * A table in memory that answers each call after some milliseconds, as DynamoDB does from Lambda: the embedded one would
 * measure itself. Only what the sealer calls, and none of what it does not check.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Item } from '../functions/log/items.ts';
import { keyIn, nameOf } from '../functions/log/keys.ts';

interface Call {
  Item?: Item;
  Key?: Item;
  RequestItems?: { [table: string]: { Keys?: Item[] } | { PutRequest?: { Item?: Item } }[] };
  IndexName?: string;
  ExpressionAttributeValues?: Item;
  ScanIndexForward?: boolean;
  Limit?: number;
}

/** @param milliseconds that every call takes */
export function createSlowTable(milliseconds: number) {
  const items = new Map<string, Item>();
  const partitions = new Map<string, Map<string, Item>>();
  const chains = new Map<string, Item[]>();
  let calls = 0;

  function put(item: Item): void {
    const { pk, sk } = keyIn(item);
    items.set(nameOf({ pk, sk }), item);
    const partition = partitions.get(pk) ?? new Map<string, Item>();
    partitions.set(pk, partition.set(sk, item));
    const writer = item.gsi3pk?.S;
    if (writer !== undefined) chains.set(writer, [...(chains.get(writer) ?? []), item]);
  }

  /** The first value of an expression is the partition, the second where to begin. */
  function query({ IndexName, ExpressionAttributeValues = {}, ScanIndexForward, Limit }: Call): Item[] {
    const [partition, from] = Object.values(ExpressionAttributeValues);
    if (IndexName)
      return (chains.get(partition?.S ?? '') ?? []).filter(
        ({ gsi3sk }) => Number(gsi3sk?.N) > Number(from?.N),
      );
    const found = [...(partitions.get(partition?.S ?? '')?.entries() ?? [])]
      .filter(([sk]) => sk >= (from?.S ?? ''))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, item]) => item);
    return (ScanIndexForward === false ? found.reverse() : found).slice(0, Limit);
  }

  function answerTo(command: string, input: Call): unknown {
    if (command === 'PutItemCommand') put(input.Item ?? {});
    if (command === 'GetItemCommand') return { Item: items.get(nameOf(keyIn(input.Key ?? {}))) };
    if (command === 'QueryCommand') return { Items: query(input) };
    const [table = '', asked] = Object.entries(input.RequestItems ?? {})[0] ?? [];
    if (Array.isArray(asked)) for (const { PutRequest } of asked) put(PutRequest?.Item ?? {});
    else if (asked?.Keys)
      return {
        Responses: { [table]: asked.Keys.map((key) => items.get(nameOf(keyIn(key)))).filter((item) => item) },
      };
    return {};
  }

  const client = new DynamoDBClient({ region: 'local' });
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        calls += 1;
        await sleep(milliseconds);
        return {
          output: Object.assign({ $metadata: {} }, answerTo(commandName, input as Call)),
          response: {},
        };
      },
    { step: 'initialize', priority: 'low' },
  );
  return {
    client,
    put,
    /** Calls since this was last asked. */
    takeCalls(): number {
      const made = calls;
      calls = 0;
      return made;
    },
  };
}

/**
 * Rulesets by their digest: the rules of the day, so that a decision of years ago replays under them. Each process
 * keeps its ruleset beside its first record. Terminology and code are those of the version that replays; whether they
 * are the same as then, the digest says.
 */

import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createRuleset, type Ruleset } from '../../rules/evaluation/ruleset.ts';
import type { RulesetParts } from '../../rules/evaluation/ruleset-digest.ts';
import { isObject } from '../../rules/fhir/json.ts';
import { upgradeDocument } from '../../rules/rule/older-documents.ts';
import { compressJson, decompressJson } from './compression.ts';
import { B, type Item, N } from './items.ts';
import { keyItem, rulesetKey } from './keys.ts';
import { itemAt } from './one-item.ts';

/** The form of rule documents. Without one they are of engine 0.1.0, and read by `upgradeDocument`. */
const form = 2;

/** About 70 KB: the rule documents. */
export const rulesetItem = async ({ digest, documents, parts }: Ruleset): Promise<Item> => ({
  ...keyItem(rulesetKey(digest)),
  rules: B(await compressJson(documents)),
  parts: B(await compressJson(parts)),
  form: N(form),
});

/** What a ruleset was made of, from its item; null where it was kept without saying. @throws Error where it cannot be read */
export async function partsIn(item: Item): Promise<RulesetParts | null> {
  const parts: unknown = item.parts?.B ? await decompressJson(item.parts.B) : null;
  return isObject(parts) ? (parts as unknown as RulesetParts) : null;
}

export async function isRulesetStored(
  { client, table }: { client: DynamoDBClient; table: string },
  digest: string,
): Promise<boolean> {
  const answer = await client.send(
    new GetItemCommand({
      TableName: table,
      Key: keyItem(rulesetKey(digest)),
      ConsistentRead: true,
      ProjectionExpression: 'pk',
    }),
  );
  return answer.Item !== undefined;
}

export interface StoredRuleset {
  ruleset: Ruleset;
  /** Whether terminology and code are what they were: then the replay must be equal to the byte. */
  exact: boolean;
  /** Of what it was made; null where it was kept without saying. */
  parts: RulesetParts | null;
}

/** Whether its documents have the form of this version. */
export const isOfToday = ({ form: own }: Item): boolean => own?.N === String(form);

/** Null where it cannot be read. @throws Error naming a rule that is not valid */
async function rulesetIn(
  item: Item,
  digest: string,
  current: Pick<Ruleset, 'products'>,
): Promise<StoredRuleset | null> {
  const rules = item.rules?.B ? await decompressJson(item.rules.B) : null;
  if (!Array.isArray(rules)) return null;
  const ruleset = createRuleset(
    rules.map((json: unknown, index) => ({
      where: `rule ${index} of ${digest}`,
      json: isOfToday(item) ? json : upgradeDocument(json),
    })),
    current.products,
  );
  return { ruleset, exact: ruleset.digest === digest, parts: await partsIn(item) };
}

/** Rulesets a process holds at most: one has some hundred compiled rules. */
const mostRulesets = 8;

export function createRulesets(client: DynamoDBClient, table: string, current: Ruleset) {
  const known = new Map<string, Promise<StoredRuleset | null>>();

  async function read(digest: string): Promise<StoredRuleset | null> {
    const item = await itemAt({ client, table }, rulesetKey(digest));
    return item ? rulesetIn(item, digest, current) : null;
  }

  /** Null when no decision under it was ever recorded here. */
  return async function rulesetAt(digest: string): Promise<StoredRuleset | null> {
    if (digest === current.digest) return { ruleset: current, exact: true, parts: current.parts };
    const remembered = known.get(digest);
    if (remembered) return remembered;
    if (known.size >= mostRulesets) known.clear();
    const reading = read(digest);
    known.set(digest, reading);
    // Neither a failure nor an absence is remembered.
    reading.then((found) => found ?? known.delete(digest)).catch(() => known.delete(digest));
    return reading;
  };
}

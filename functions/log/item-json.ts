/** Items as text, in DynamoDB's own JSON: in a spill, in a queue, in an archive. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { isObject } from '../../rules/fhir/json.ts';
import type { Item } from './items.ts';

/** Binary attributes are in base64. */
export const itemToJson = (item: Item): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.B ? { B: Buffer.from(value.B).toString('base64') } : value,
    ]),
  );

/** @throws SyntaxError when it is not what `itemToJson` made */
export function itemFromJson(value: unknown): Item {
  if (!isObject(value)) throw new SyntaxError('an item is an object');
  return Object.fromEntries(
    Object.entries(value).map(([name, attribute]) => [name, attributeFrom(attribute)]),
  );
}

export const itemsToText = (items: readonly Item[]): string => JSON.stringify(items.map(itemToJson));

/** @throws SyntaxError when the text is no list of items */
export function itemsFromText(json: string): Item[] {
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed)) throw new SyntaxError('what waits is a list of items');
  return parsed.map(itemFromJson);
}

function attributeFrom(value: unknown): AttributeValue {
  if (isObject(value)) {
    if (typeof value.S === 'string') return { S: value.S };
    if (typeof value.N === 'string') return { N: value.N };
    if (typeof value.B === 'string') return { B: new Uint8Array(Buffer.from(value.B, 'base64')) };
    if (Array.isArray(value.SS)) return { SS: value.SS.map(String) };
  }
  throw new SyntaxError('an attribute of a kind this log does not write');
}

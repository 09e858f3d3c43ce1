/** How far each writer's chain is projected (projector.ts). */

import { N } from './items.ts';
import { keyItem, markKey } from './keys.ts';
import { itemAt, type Place, putWhere } from './one-item.ts';

export function createMarks(place: Place) {
  const known = new Map<string, number>();

  async function stored(writer: string): Promise<number> {
    return Number((await itemAt(place, markKey(writer)))?.seq?.N ?? 0);
  }

  return {
    /** Number of the last record of a writer that is projected; 0 before the first. */
    async of(writer: string): Promise<number> {
      const seq = known.get(writer) ?? (await stored(writer));
      known.set(writer, seq);
      return seq;
    },

    /** Another projector may be further: a mark never goes back. */
    async move(writer: string, seq: number): Promise<void> {
      await putWhere(
        place,
        { ...keyItem(markKey(writer)), seq: N(seq) },
        {
          ConditionExpression: 'attribute_not_exists(pk) OR seq < :seq',
          ExpressionAttributeValues: { ':seq': N(seq) },
        },
      );
      known.set(writer, seq);
    },

    /** It is read again when it is next wanted. */
    forget: (writer: string): boolean => known.delete(writer),
  };
}

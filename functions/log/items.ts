/** Names of every item of the decision log in its one table. Nothing outside this folder builds a key. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;
export interface Key {
  pk: string;
  sk: string;
}

export const S = (value: string): AttributeValue => ({ S: value });
export const N = (value: number): AttributeValue => ({ N: String(value) });
export const B = (value: Uint8Array): AttributeValue => ({ B: value });

export const keyItem = ({ pk, sk }: Key): Item => ({ pk: S(pk), sk: S(sk) });
/** A key as one text, for maps and for the manifest of a seal. */
export const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;
export function keyOf(name: string): Key {
  const [pk = '', ...rest] = name.split(' ');
  return { pk, sk: rest.join(' ') };
}
export const keyIn = (item: Item): Key => ({ pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' });

export const decisionKey = (tenant: string, id: string): Key => ({ pk: `T#${tenant}#D#${id}`, sk: 'D' });
export const cardPartition = (tenant: string, card: string): string => `T#${tenant}#CARD#${card}`;
export const patientPartition = (tenant: string, hashed: string): string => `T#${tenant}#P#${hashed}`;
export const patientKeyPartition = (tenant: string, hashed: string): string => `T#${tenant}#K#${hashed}`;
export const chainPartition = (writer: string): string => `W#${writer}`;
/** Writers that wrote on a day (UTC), and the days: where the sealer looks. */
export const writersPartition = (day: string): string => `WRITERS#${day}`;
export const writerDays = 'WRITERS';
export const writerItems = (day: string, writer: string): Item[] => [
  keyItem({ pk: writersPartition(day), sk: writer }),
  keyItem({ pk: writerDays, sk: day }),
];
export const sealPartition = 'SEAL#log';
/** Seal numbers sort as text. */
export const sealSort = (n: number): string => String(n).padStart(10, '0');
/** Nodes of the Merkle tree, 256 of one height together. Level 0 is the manifest: leaves with what they stand for. */
export const tilePartition = (level: number): string => `TILE#${level}`;

export const dayOf = (time: string): string => time.slice(0, 10);
export const monthOf = (time: string): string => time.slice(0, 7);
/** Spreads one busy partition over four. */
export const shards = [0, 1, 2, 3] as const;
export const shardOf = (id: string): number => Number.parseInt(id.slice(0, 1), 16) % shards.length || 0;

/**
 * Every key of the one table of the decision log: the only file that makes a key or takes one apart. A key is a
 * partition (`pk`) and a sort key (`sk`); the partition of what belongs to an organisation begins with its tenant.
 *
 * Names in a key hold no `#` (the client registry refuses it), so that a key says one thing only.
 */
import { type Item, S } from './items.ts';

export interface Key {
  pk: string;
  sk: string;
}

// --- Keys as DynamoDB and as maps have them

export const keyItem = ({ pk, sk }: Key): Item => ({ pk: S(pk), sk: S(sk) });
export const keyIn = (item: Item): Key => ({ pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' });

/** A key as one text, for maps and for the manifest of a seal. */
export const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;
export function keyOf(name: string): Key {
  const [pk = '', ...rest] = name.split(' ');
  return { pk, sk: rest.join(' ') };
}

// --- Time in keys. RFC 3339 UTC sorts as text.

export const dayOf = (time: string): string => time.slice(0, 10);
export const monthOf = (time: string): string => time.slice(0, 7);

/** Where a decision is in a list: by time, then by id. */
export const placeOf = ({ decidedAt, decisionId }: { decidedAt: string; decisionId: string }): string =>
  `${decidedAt}#${decisionId}`;

/** Spreads one busy partition over four. */
export const shards = [0, 1, 2, 3] as const;
export const shardOf = (id: string): number => Number.parseInt(id.slice(0, 1), 16) % shards.length || 0;

const tenantPrefix = (tenant: string): string => `T#${tenant}#`;

// --- Decisions, and what lies beside one in its partition

/** @example decisionKey('hospital', '0a1b') // { pk: 'T#hospital#D#0a1b', sk: 'D' } */
export const decisionKey = (tenant: string, id: string): Key => ({
  pk: `${tenantPrefix(tenant)}D#${id}`,
  sk: 'D',
});

/** Where a record is kept whose key another one has: both were answered. */
export const displacedKey = ({ pk, sk }: Key, hash: string): Key => ({ pk, sk: `${sk}~${hash.slice(-16)}` });

/** Whether a record lies under this key, or beside it because another one was faster. */
export const isAt = (found: Key, { pk, sk }: Key): boolean =>
  found.pk === pk && (found.sk === sk || found.sk.startsWith(`${sk}~`));

/** Finds a decision by a rule that fired. */
export const ruleItemKey = (tenant: string, id: string, rule: string): Key => ({
  pk: decisionKey(tenant, id).pk,
  sk: `R#${rule}`,
});

/** Finds a decision by what came of its cards. */
export const outcomeItemKey = (tenant: string, id: string, outcome: string): Key => ({
  pk: decisionKey(tenant, id).pk,
  sk: `${outcomePrefix}${outcome}`,
});
/** What every sort key of such items begins with. */
export const outcomePrefix = 'O#';
export const outcomeIn = ({ sk }: Key): string => sk.slice(outcomePrefix.length);

/** An access to one decision, beside it. @param place of the access */
export const accessOfDecisionKey = (tenant: string, id: string, place: string): Key => ({
  pk: decisionKey(tenant, id).pk,
  sk: `A#${place}`,
});
/** The place of an access, from the item beside a decision. */
export const accessPlaceIn = ({ sk }: Key): string => sk.slice('A#'.length);

// --- Cards and their feedback

export const cardPartition = (tenant: string, card: string): string => `${tenantPrefix(tenant)}CARD#${card}`;
/** Says which decision a card is of. */
export const cardKey = (tenant: string, card: string): Key => ({ pk: cardPartition(tenant, card), sk: 'C' });
/** The same event again has the same key. */
export const feedbackKey = (tenant: string, card: string, time: string, event: string): Key => ({
  pk: cardPartition(tenant, card),
  sk: `${feedbackPrefix}${time}#${event}`,
});
/** What every sort key of feedback begins with. */
export const feedbackPrefix = 'F#';

/** What of a card is derived from its feedback, and by which record: that the card is answered. */
export const answeredKey = (tenant: string, card: string): Key => ({
  pk: cardPartition(tenant, card),
  sk: 'A',
});
/** The same of one event: that it was joined to its decision. @param event sort key of the feedback */
export const joinedKey = (tenant: string, card: string, event: string): Key => ({
  pk: cardPartition(tenant, card),
  sk: `${joinedPrefix}${event}`,
});
/** What every sort key of such claims begins with. */
export const joinedPrefix = 'J#';
export const eventIn = ({ sk }: Key): string => sk.slice(joinedPrefix.length);

// --- Patients, named by a keyed hash

/** Decisions about one patient, by time (first index). */
export const patientPartition = (tenant: string, hashed: string): string =>
  `${tenantPrefix(tenant)}P#${hashed}`;
/** The patient of an item of that index. */
export const patientIn = (partition: string): string | null => partition.split('#P#')[1] ?? null;

/** Accesses about one patient, by time (first index). */
export const patientAccessPartition = (tenant: string, hashed: string): string =>
  `${tenantPrefix(tenant)}PA#${hashed}`;
export const patientOfAccess = (partition: string): string | null => partition.split('#PA#')[1] ?? null;

/** Wrapped keys of one patient, by the id of the key. */
export const patientKeyPartition = (tenant: string, hashed: string): string =>
  `${tenantPrefix(tenant)}K#${hashed}`;

/** What clinicians overrode for a patient. */
export const overridesPartition = (tenant: string, hashed: string): string =>
  `${tenantPrefix(tenant)}OV#${hashed}`;
/** The latest of each clinician and rule stays. */
export const overrideKey = (tenant: string, hashed: string, user: string, rule: string): Key => ({
  pk: overridesPartition(tenant, hashed),
  sk: `${overridesPrefix(user)}${rule}`,
});
/** What every sort key of a clinician's overrides begins with. */
export const overridesPrefix = (user: string): string => `${user}#`;

// --- Dimensions by time (second index), and in which days or months each has anything

export const clientPartition = (tenant: string, client: string, day: string, shard: number): string =>
  `${tenantPrefix(tenant)}C#${client}#${day}#${shard}`;
export const rulePartition = (tenant: string, rule: string, month: string, shard: number): string =>
  `${tenantPrefix(tenant)}RULE#${rule}#${month}#${shard}`;
export const outcomePartition = (tenant: string, outcome: string, month: string, shard: number): string =>
  `${tenantPrefix(tenant)}OUT#${outcome}#${month}#${shard}`;

/** What a calendar is about. */
export type Dimension = { client: string } | { rule: string } | { outcome: string } | 'clients' | 'accesses';

function dimensionText(dimension: Dimension): string {
  if (dimension === 'clients') return 'CLIENTS';
  if (dimension === 'accesses') return 'A';
  if ('client' in dimension) return `C#${dimension.client}`;
  if ('rule' in dimension) return `RULE#${dimension.rule}`;
  return `OUT#${dimension.outcome}`;
}

const calendars = (tenant: string): string => `${tenantPrefix(tenant)}CAL#`;
export const calendarPartition = (tenant: string, dimension: Dimension): string =>
  `${calendars(tenant)}${dimensionText(dimension)}`;
/** @param period a day, a month, or (of clients) a name */
export const calendarKey = (tenant: string, dimension: Dimension, period: string): Key => ({
  pk: calendarPartition(tenant, dimension),
  sk: period,
});
export const isInCalendar = (tenant: string, { pk }: Key): boolean => pk.startsWith(calendars(tenant));

/** Decisions of one call of a hook, by time. */
export const hookInstancePartition = (tenant: string, client: string, instance: string): string =>
  `${tenantPrefix(tenant)}H#${client}#${instance}`;
export const hookInstanceKey = (tenant: string, client: string, instance: string, place: string): Key => ({
  pk: hookInstancePartition(tenant, client, instance),
  sk: place,
});

// --- Accesses, erasures and purges: records by day

export const accessPartition = (tenant: string, day: string): string => `${tenantPrefix(tenant)}A#${day}`;
/** @param place time and chance: `2026-01-31T12:00:00.000Z#0123` */
export const accessKey = (tenant: string, place: string): Key => ({
  pk: accessPartition(tenant, dayOf(place)),
  sk: place,
});
export const accessPlace = (at: string, nonce: string): string => `${at}#${nonce}`;

/** An erasure or a purge. */
export const eventKey = (tenant: string, at: string, nonce: string): Key => ({
  pk: `${tenantPrefix(tenant)}E#${dayOf(at)}`,
  sk: `${at}#${nonce}`,
});
/** Whether a key is of an erasure or a purge. */
export const isEventKey = ({ pk, sk }: Key): boolean => /^T#[^#]*#E#/.test(pk) && !isLeafNote(sk);
/** Whether it is of this tenant, and no erasure or purge: those stay on record for as long as the log does. */
export const mayBePurged = (tenant: string, { pk }: Key): boolean =>
  pk.startsWith(tenantPrefix(tenant)) && !pk.startsWith(`${tenantPrefix(tenant)}E#`);

// --- Records by their names

/** A decision is named by its id; null of any other record. */
export const decisionIdIn = (name: string): string | null => /#D#([^ ]+) D/.exec(name)?.[1] ?? null;
/** The id of the decision in whose partition something lies; null elsewhere. */
export const decisionIdBeside = ({ pk }: Key): string | null => /^T#[^#]*#D#(.*)$/.exec(pk)?.[1] ?? null;
/** The card in whose partition something lies; null elsewhere. */
export const cardBeside = ({ pk }: Key): string | null => /^T#[^#]*#CARD#(.*)$/.exec(pk)?.[1] ?? null;
/** The tenant to whom something belongs; null where it belongs to the log as a whole. */
export const tenantOf = ({ pk }: Key): string | null => /^T#([^#]*)#/.exec(pk)?.[1] ?? null;
/** The tenant of a record; empty where the name is of no record. */
export const tenantIn = (name: string): string => /^T#(.*?)#(?:D|CARD|A|E)#/.exec(name)?.[1] ?? '';

/** Sort keys of items beside a decision or card that follow from records. */
const derivedBeside = /^(?:C$|A$|A#|J#|R#|O#)/;
/** Partitions of nothing else. */
const derivedPartition = /^(?:T#.*?#(?:H|OV|CAL|N)#|MARKS$)/;

/**
 * Whether what lies under a key follows from records and can be made again: no record, key of a patient, token, seal
 * or note of the sealer.
 */
export const isDerivedKey = ({ pk, sk }: Key): boolean =>
  derivedPartition.test(pk) || (/^T#.*?#(?:D|CARD)#/.test(pk) && derivedBeside.test(sk));

// --- Chains and seals

/** A writer's records by number (third index). */
export const chainPartition = (writer: string): string => `W#${writer}`;
export const writerIn = (partition: string): string => partition.slice('W#'.length);

/** The days (UTC) on which anything was written, and the writers of a day: where the verifier looks. */
export const writerDays = 'WRITERS';
export const writersPartition = (day: string): string => `WRITERS#${day}`;
export const writerKeys = (day: string, writer: string): Key[] => [
  { pk: writersPartition(day), sk: writer },
  { pk: writerDays, sk: day },
];

/** The day of which a note names a writer; null of the note of a day itself. */
export const dayOfWriter = ({ pk }: Key): string | null => /^WRITERS#(.*)$/.exec(pk)?.[1] ?? null;
/** The writers of each five minutes of a day (UTC): where sealer and projector look first. */
export const activePartition = (day: string): string => `ACTIVE#${day}`;
/** The five minutes of a time. @example slotOf('2026-01-31T12:07:33.000Z') // '2026-01-31T12:05' */
export function slotOf(time: string): string {
  const minutes = Number(time.slice(14, 16));
  return `${time.slice(0, 14)}${String(minutes - (minutes % 5)).padStart(2, '0')}`;
}
export const activeKey = (slot: string, writer: string): Key => ({
  pk: activePartition(dayOf(slot)),
  sk: `${slot}#${writer}`,
});
/** The writer of such a note. */
export const activeWriterIn = ({ sk }: Key): string => sk.slice(sk.indexOf('#') + 1);

/** Records of a writer that are lost, by number: nothing waits for them any more (spill.ts). */
export const lostPartition = (writer: string): string => `LOST#${writer}`;
export const lostKey = (writer: string, seq: number): Key => ({
  pk: lostPartition(writer),
  sk: sortable(seq),
});
/** The writer of such a note; null for another item. */
export const lostWriterIn = ({ pk }: Key): string | null =>
  pk.startsWith('LOST#') ? pk.slice('LOST#'.length) : null;

/** How far each writer's chain is projected (projector.ts). */
export const marksPartition = 'MARKS';
export const markKey = (writer: string): Key => ({ pk: marksPartition, sk: writer });
/** Up to when every chain was projected at once. No writer has this name. */
export const projectedKey: Key = { pk: marksPartition, sk: '#all' };

// --- Counts of a day, one item for each writer

export const countsPartition = (tenant: string, day: string): string => `${tenantPrefix(tenant)}N#${day}`;
export const countsKey = (tenant: string, day: string, writer: string): Key => ({
  pk: countsPartition(tenant, day),
  sk: writer,
});

/** The tenant and day of counts; null for another item. */
export function dayOfCounts({ pk }: Key): { tenant: string; day: string } | null {
  const [, tenant, day] = /^T#(.*?)#N#(.*)$/.exec(pk) ?? [];
  return tenant !== undefined && day !== undefined ? { tenant, day } : null;
}

export const sealPartition = 'SEAL#log';
/** Numbers sort as text. */
export const sortable = (n: number): string => String(n).padStart(10, '0');
export const sealKey = (n: number): Key => ({ pk: sealPartition, sk: sortable(n) });

/** Nodes of the Merkle tree, 256 of one height together. Level 0 is the manifest: leaves with what they stand for. */
export const tilePartition = (level: number): string => `TILE#${level}`;
/** Level and number of a tile. */
export const tileIn = ({ pk, sk }: Key): { level: number; index: number } => ({
  level: Number(pk.slice('TILE#'.length)),
  index: Number(sk),
});
export const tileKey = (level: number, index: number): Key => ({
  pk: tilePartition(level),
  sk: sortable(index),
});

/** The sealer's note of where the leaf of a record is, beside the record. @param name of the record */
export const leafKey = (name: string): Key => {
  const { pk, sk } = keyOf(name);
  return { pk, sk: `L#${sk}` };
};
const isLeafNote = (sk: string): boolean => sk.startsWith('L#');
/** The record that a note of a leaf is about. */
export const notedIn = ({ pk, sk }: Key): Key => ({ pk, sk: sk.slice('L#'.length) });
/** The sealer's note of the last record of a writer that is sealed. */
export const sealedUpToKey = (writer: string): Key => ({ pk: 'HEADS', sk: writer });
/** When the sealer last read every chain to its end: written where nothing is new, too. */
export const heartbeatKey: Key = { pk: 'SEALING', sk: 'heartbeat' };
/** Who seals now. */
export const sealingKey: Key = { pk: 'SEALING', sk: 'claim' };

// --- What does not belong to a record

/** Which keys the log is written with (fingerprints.ts). */
export const fingerprintsKey: Key = { pk: 'KEYS', sk: 'fingerprints' };

/** In which form the table is written (take-over.ts). */
export const formatKey: Key = { pk: 'LOG', sk: 'format' };

export const rulesetKey = (digest: string): Key => ({ pk: 'RULESET', sk: digest });
/** A token that was used. @param jti hashed: it is any text of any length */
export const tokenKey = (tenant: string, issuer: string, jti: string): Key => ({
  pk: `${tenantPrefix(tenant)}J#${issuer}#${jti}`,
  sk: 'J',
});

// --- What may lie in the table

/** What an item is, by its key. */
export type ItemKind =
  | 'record'
  | 'rule item'
  | 'outcome item'
  | 'access item'
  | 'card item'
  | 'answered claim'
  | 'joined claim'
  | 'override'
  | 'calendar'
  | 'hookInstance item'
  | 'counts'
  | 'patient key'
  | 'token'
  | 'mark'
  | 'writer'
  | 'seal'
  | 'tile'
  | 'leaf note'
  | 'writer end'
  | 'active writer'
  | 'sealing claim'
  | 'heartbeat'
  | 'format'
  | 'fingerprints'
  | 'lost record'
  | 'ruleset';

/** By partition, then by sort key; the first that fits. */
const kinds: readonly (readonly [pk: RegExp, sk: RegExp, ItemKind])[] = [
  [/^T#[^#]*#(?:D|CARD|A|E)#/, /^L#/, 'leaf note'],
  [/^T#[^#]*#D#/, /^D(?:~|$)/, 'record'],
  [/^T#[^#]*#D#/, /^R#/, 'rule item'],
  [/^T#[^#]*#D#/, /^O#/, 'outcome item'],
  [/^T#[^#]*#D#/, /^A#/, 'access item'],
  [/^T#[^#]*#CARD#/, /^F#/, 'record'],
  [/^T#[^#]*#CARD#/, /^C$/, 'card item'],
  [/^T#[^#]*#CARD#/, /^A$/, 'answered claim'],
  [/^T#[^#]*#CARD#/, /^J#/, 'joined claim'],
  [/^T#[^#]*#[AE]#/, /^\d/, 'record'],
  [/^T#[^#]*#OV#/, /#/, 'override'],
  [/^T#[^#]*#CAL#/, /./, 'calendar'],
  [/^T#[^#]*#H#/, /#/, 'hookInstance item'],
  [/^T#[^#]*#N#/, /./, 'counts'],
  [/^T#[^#]*#K#/, /./, 'patient key'],
  [/^T#[^#]*#J#/, /^J$/, 'token'],
  [/^MARKS$/, /./, 'mark'],
  [/^WRITERS(?:#|$)/, /./, 'writer'],
  [/^ACTIVE#/, /#/, 'active writer'],
  [/^SEAL#log$/, /./, 'seal'],
  [/^TILE#\d+$/, /./, 'tile'],
  [/^HEADS$/, /./, 'writer end'],
  [/^SEALING$/, /^claim$/, 'sealing claim'],
  [/^SEALING$/, /^heartbeat$/, 'heartbeat'],
  [/^LOG$/, /^format$/, 'format'],
  [/^KEYS$/, /^fingerprints$/, 'fingerprints'],
  [/^LOST#/, /^\d{10}$/, 'lost record'],
  [/^RULESET$/, /./, 'ruleset'],
];

/** Null for a key that this log does not write. */
export const kindOf = ({ pk, sk }: Key): ItemKind | null =>
  kinds.find(([partition, sort]) => partition.test(pk) && sort.test(sk))?.[2] ?? null;

/**
 * Reading feedback, https://cds-hooks.hl7.org/2.0/#feedback: pure. One call may be about several calls of hooks
 * and several cards, and about one card more than once. A bad item is named by its index; the good ones count.
 *
 * Never kept: the clinician's comment (only that there was one), and displays. Epic's documentation
 * (https://fhir.epic.com/Documentation?docId=cds-hooks) says `overrideReasons` where the specification says
 * `overrideReason`, and puts a reason of its own into an extension.
 */
import { canonicalJson, sha256 } from '../../rules/digest/digest.ts';
import { asArray, asObject, asString, isObject, type Json, printableCode } from '../../rules/fhir/json.ts';
import type { Feedback } from '../log/decision-log.ts';

/** Ids of cards and suggestions: UUIDs are ours, and EHRs have ids such as `123456` for their own. */
const idPattern = /^[A-Za-z0-9._:-]{1,128}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Who gave it, to which service, when it came. */
export type FeedbackSource = Pick<Feedback, 'tenant' | 'client' | 'service' | 'receivedAt'>;

export interface FeedbackBatch {
  /** `place`: `feedback[1]`, for messages. */
  items: { feedback: Feedback; eventId: string; place: string }[];
  /** `feedback[1]: ...`, a sentence for each item that cannot be kept. */
  bad: string[];
}

/** @returns null when it is no batch at all */
export function readFeedback(json: unknown, from: FeedbackSource): FeedbackBatch | null {
  const list = isObject(json) && Array.isArray(json.feedback) ? json.feedback : null;
  if (!list || list.length === 0) return null;
  const batch: FeedbackBatch = { items: [], bad: [] };
  for (const [index, entry] of list.entries()) {
    const place = `feedback[${index}]`;
    const read = readItem(entry, from);
    if (typeof read === 'string') batch.bad.push(`${place}: ${read}`);
    else batch.items.push({ feedback: read, eventId: eventIdOf(read), place });
  }
  return batch;
}

/** The same item again is the same event, whenever it comes. */
function eventIdOf({ receivedAt: _, ...event }: Feedback): string {
  return sha256(canonicalJson(event)).slice(0, 32);
}

/** One item; what it lacks as a sentence. */
function readItem(item: unknown, from: FeedbackSource): Feedback | string {
  if (!isObject(item)) return 'must be an object';
  const card = asString(item.card);
  if (card === null || !idPattern.test(card)) return '`card` must be the uuid of a card';
  const { outcome } = item;
  if (outcome !== 'accepted' && outcome !== 'overridden')
    return '`outcome` must be `accepted` or `overridden`';
  const time = asString(item.outcomeTimestamp);
  if (time === null || !instant.test(time) || Number.isNaN(Date.parse(time))) {
    return '`outcomeTimestamp` must be an RFC 3339 time such as `2026-01-31T12:00:00Z`';
  }
  const acceptedSuggestions = asArray(item.acceptedSuggestions).flatMap(({ id }) => {
    const name = asString(id);
    return name && idPattern.test(name) ? [name] : [];
  });
  if (outcome === 'accepted' && acceptedSuggestions.length === 0)
    return '`acceptedSuggestions` must name a suggestion by `id`';
  const given = [...asArray(item.overrideReason), ...asArray(item.overrideReasons)];
  return {
    schema: 'epsom.feedback/1',
    ...from,
    card,
    outcome,
    outcomeTimestamp: new Date(time).toISOString(),
    acceptedSuggestions,
    // Several at once are rare; the first that has a code counts.
    overrideReason: given.map(reasonOf).find((reason) => reason !== null) ?? null,
    hasComment: given.some(({ userComment }) => asString(userComment) !== null),
    unknownCard: false,
    masked: ['userComment', 'display'],
  };
}

const epicReason = 'com.epic.cdshooks.feedback.overrideReason';

/** Code and system of the reason; a display may be left out. Epic's native one has a category as its code. */
function reasonOf(given: Json): Feedback['overrideReason'] {
  const reason = asObject(given.reason);
  const code = printableCode(reason?.code);
  if (code) {
    const system = asString(reason?.system);
    return { code, ...(system && system.length <= 200 ? { system } : {}) };
  }
  const native = printableCode(asObject(given.extension)?.[`${epicReason}.reasonCategory`]);
  return native ? { code: native, system: `${epicReason}.reasonCategory` } : null;
}

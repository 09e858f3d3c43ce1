/**
 * Reading feedback, https://cds-hooks.hl7.org/2.0/#feedback: pure. One call may be about several calls of hooks
 * and several cards, and about one card more than once. A bad item is named by its index; the good ones count.
 *
 * Never kept: the clinician's comment (only that there was one), and displays. Epic's documentation
 * (https://fhir.epic.com/Documentation?docId=cds-hooks) says `overrideReasons` where the specification says
 * `overrideReason`, and puts a reason of its own into an extension.
 */
import * as z from 'zod/mini';
import { canonicalJson, sha256 } from '../../rules/digest/digest.ts';
import { asArray, asObject, asString, isObject, type Json, printableCode } from '../../rules/fhir/json.ts';
import { Problem } from '../http/outcome.ts';
import type { Feedback } from '../log/decision-log.ts';

/** Ids of cards and suggestions: UUIDs are ours, and EHRs have ids such as `123456` for their own. */
const id = /^[A-Za-z0-9._:-]{1,128}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Items of one call, and suggestions of one item: an EHR sends what a clinician clicked. Local limits. */
export const mostItems = 100;
const mostSuggestions = 20;
/** Faults that an answer names; the others are counted. */
const mostNamed = 10;

const text = z.string().check(z.minLength(1));
const suggestion = z.looseObject({ id: z.string().check(z.regex(id)) });
const badCard = '`card` must be the uuid of a card';
const badTime = '`outcomeTimestamp` must be an RFC 3339 time such as `2026-01-31T12:00:00Z`';

/** What an item is refused without, each with the sentence that says so. */
const required = {
  card: z.string(badCard).check(z.regex(id, badCard), z.describe('uuid of the card.')),
  outcome: z.enum(['accepted', 'overridden'], '`outcome` must be `accepted` or `overridden`'),
  outcomeTimestamp: z.string(badTime).check(
    z.regex(instant, badTime),
    z.refine((time) => !Number.isNaN(Date.parse(time)), badTime),
    z.meta({ format: 'date-time' }),
  ),
};
const requiredItem = z.looseObject(required, 'must be an object');

/**
 * The request as it should come, for OpenAPI. The rest of an item is read more leniently: a single object is a list, and
 * what is no suggestion or no reason is left out.
 */
export const feedbackItem = z
  .looseObject({
    ...required,
    acceptedSuggestions: z.optional(z.array(suggestion).check(z.minLength(1), z.maxLength(mostSuggestions))),
    overrideReason: z.optional(
      z.looseObject({
        reason: z.optional(
          z.looseObject({ code: text, system: z.optional(text), display: z.optional(text) }),
        ),
        userComment: z.optional(text.check(z.describe('Not kept; only that there was one.'))),
      }),
    ),
  })
  .check(
    // What is accepted is a suggestion.
    z.meta({
      anyOf: [{ properties: { outcome: { const: 'overridden' } } }, { required: ['acceptedSuggestions'] }],
    }),
  );
export const feedbackRequest = z
  .looseObject({ feedback: z.array(feedbackItem).check(z.minLength(1)) })
  .check(z.describe('https://cds-hooks.hl7.org/2.0/#feedback'));

/** Who gave it, to which service, when it came. */
export type FeedbackSource = Pick<Feedback, 'tenant' | 'client' | 'service' | 'receivedAt'>;

export interface FeedbackBatch {
  /** `place`: `feedback[1]`, for messages. */
  items: { feedback: Feedback; eventId: string; place: string }[];
  /** `feedback[1]: ...`, a sentence for each item that cannot be kept. */
  bad: string[];
}

/**
 * What is wrong with a batch, in a sentence of bounded length.
 * @param bad a sentence for each item
 */
export const sumUp = (bad: readonly string[]): string =>
  bad.length <= mostNamed
    ? bad.join('; ')
    : `${bad.slice(0, mostNamed).join('; ')}; and ${bad.length - mostNamed} more`;

/**
 * @returns null when it is no batch at all
 * @throws Problem 413 where it holds too many items
 */
export function readFeedback(json: unknown, from: FeedbackSource): FeedbackBatch | null {
  const list = isObject(json) && Array.isArray(json.feedback) ? json.feedback : null;
  if (!list || list.length === 0) return null;
  if (list.length > mostItems)
    throw new Problem(
      413,
      'too-long',
      `send at most ${mostItems} items of feedback at once: these are ${list.length}`,
    );
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
  const read = requiredItem.safeParse(item);
  if (!read.success) return read.error.issues[0]?.message ?? 'must be an object';
  const { card, outcome, outcomeTimestamp } = read.data;
  const suggestions = asArray(read.data.acceptedSuggestions);
  if (suggestions.length > mostSuggestions)
    return `\`acceptedSuggestions\` may name at most ${mostSuggestions}: these are ${suggestions.length}`;
  const acceptedSuggestions = suggestions.flatMap((one) => suggestion.safeParse(one).data?.id ?? []);
  if (outcome === 'accepted' && acceptedSuggestions.length === 0)
    return '`acceptedSuggestions` must name a suggestion by `id`';
  const given = [...asArray(read.data.overrideReason), ...asArray(read.data.overrideReasons)];
  return {
    schema: 'epsom.feedback/1',
    ...from,
    card,
    outcome,
    outcomeTimestamp: new Date(outcomeTimestamp).toISOString(),
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
    return { code, ...(system && /^[^\s<>"`]{1,200}$/.test(system) ? { system } : {}) };
  }
  const native = printableCode(asObject(given.extension)?.[`${epicReason}.reasonCategory`]);
  return native ? { code: native, system: `${epicReason}.reasonCategory` } : null;
}

/**
 * What was asked for and not read: a page that was not followed, a total above what came, an answer that failed. Of
 * results the entries say whether they came newest first; then what was not read is older than the last of them.
 */
import type { Category } from '../fhir/categories.ts';
import { asArray, asObject, asString, isObject, type Json } from '../fhir/json.ts';
import { day, type Span, spanOf } from '../fhir/time.ts';
import { isSelfLink } from './search.ts';

/** A part of a kind of data that nobody read. */
export interface Unread {
  category: Category;
  /** Which of them: any, where it is left out. */
  of?: 'laboratory' | 'measurements' | 'administrations' | 'procedures';
  /** Of results: every one after this time was read. Milliseconds; left out where nothing proves it. */
  until?: number;
  /** Nobody asked for what is older than that. */
  asked?: true;
}

/** Milliseconds: no rule looks back further. What is older is stale everywhere. */
export const longestLookBack = 3 * 365 * day;

/** The part of its kind of data that a key of our prefetch templates asks for. */
const partOfKey: Readonly<Record<string, Required<Pick<Unread, 'category' | 'of'>>>> = {
  labs: { category: 'labs', of: 'laboratory' },
  measurements: { category: 'labs', of: 'measurements' },
  medicationAdministrations: { category: 'pastMedications', of: 'administrations' },
  procedures: { category: 'conditions', of: 'procedures' },
};

/** What is unread of a kind of data where an answer, or a part of it, did not come. @param key it came under, if any */
export function unreadOf(category: Category, key: string | undefined): Unread {
  const part = key !== undefined && Object.hasOwn(partOfKey, key) ? partOfKey[key] : undefined;
  return part?.category === category ? { ...part } : { category };
}

/** What is unread where nothing came under a key of ours that asks for no list. */
export function unreadUnder(key: string): Unread[] {
  const part = Object.hasOwn(partOfKey, key) ? partOfKey[key] : undefined;
  return part ? [{ ...part }] : [];
}

/** An order that chance would give less than once in so many times is no chance. */
const beyondChance = 1000;

/**
 * Until when the results of an answer that is not whole came newest first: the time of the last one. Proven where the
 * server says that it sorted so (its self link) and the entries bear it out, since servers repeat `_sort` and do not heed
 * it: each is dated, none is newer than the one before, different codes take turns (no list behind another, no code
 * behind another), and there are enough different times that this is no chance.
 * @returns milliseconds; null where it is not proven
 */
export function newestFirstUntil(bundle: Json): number | null {
  if (!saysNewestFirst(bundle)) return null;
  const spans: Span[] = [];
  const codes: string[] = [];
  for (const entry of asArray(bundle.entry)) {
    const { resource } = entry;
    if (!isObject(resource) || resource.resourceType !== 'Observation') continue;
    if (asObject(entry.search)?.mode === 'include') continue;
    const span = spanOf(resource.effectiveDateTime ?? resource.effectiveInstant);
    const before = spans.at(-1);
    if (span === null || (before && span.from > before.to)) return null;
    spans.push(span);
    codes.push(JSON.stringify(asArray(asObject(resource.code)?.coding)[0]?.code ?? null));
  }
  const last = spans.at(-1);
  return last && takeTurns(codes) && ordersOf(spans) >= beyondChance ? last.to : null;
}

/** Whether a code comes again after another one came: what is grouped by its code is in no order of time. */
const takeTurns = (codes: readonly string[]): boolean =>
  codes.filter((code, index) => code !== codes[index - 1]).length > new Set(codes).size;

/** In how many orders the results could have come, those of one time being alike; no more than is asked. */
function ordersOf(spans: readonly Span[]): number {
  let orders = 1;
  let alike = 0;
  for (const [index, span] of spans.entries()) {
    alike = span.to === spans[index - 1]?.to ? alike + 1 : 1;
    orders *= (index + 1) / alike;
    if (orders >= beyondChance) break;
  }
  return Math.round(orders);
}

const saysNewestFirst = ({ link }: Json): boolean =>
  asArray(link).some((one) => isSelfLink(one) && /[?&]_sort=-date(?:&|$)/.test(asString(one.url) ?? ''));

/**
 * What kinds of EHR do differently with a card. Every profile keeps the rules of CDS Hooks; it only chooses
 * among what they leave open.
 *
 * Epic, https://fhir.epic.com/Documentation?docId=cds-hooks: `source.topic.code` is alphanumeric, at most 100
 * characters and static, since an override is remembered by it; one action a suggestion; `any` is the only
 * selection behaviour; the description of an action is what the clinician reads, the label is not shown.
 *
 * Cerner, Millennium's draft page on CDS Hooks (2021): a critical card pops up, the others stand in a side bar of
 * an eighth of the screen, so texts are short. No `appContext`; our cards have no links at all.
 */
import type { ProfileName } from '../evaluation/presentation.ts';
import { escapeMarkdown } from './markdown.ts';
import type { Card, Suggestion } from './types.ts';

export interface Profile {
  /** Characters of the summary. */
  summary: number;
  topicCode(code: string): string;
  /** Whether the description of an action is what the clinician reads instead of the label. */
  readsDescription: boolean;
}

/** At most 139 characters: CDS Hooks asks for fewer than 140. */
export const maxSummary = 139;
const asItIs = (code: string): string => code;

export const profiles = {
  generic: { summary: maxSummary, topicCode: asItIs, readsDescription: false },
  epic: {
    summary: maxSummary,
    topicCode: (code) => code.replace(/[^A-Za-z0-9]/g, ''),
    readsDescription: true,
  },
  cerner: { summary: 100, topicCode: asItIs, readsDescription: false },
} as const satisfies Readonly<Record<ProfileName, Profile>>;

/** Cut at a word, and never between a number and its unit. */
export const fitting = (summary: string, most: number): string =>
  summary.length <= most
    ? summary
    : `${summary
        .slice(0, most - 1)
        .replace(/\s+\S*$/, '')
        .replace(/(?:\s+(?:at|most|least|below|above|to|or|and|[\d.]+))+$/, '')}…`;

/**
 * The same card as the profile wants it. What is cut from the summary leads the detail.
 * @param short the summary where it is too long; left out: what fits of it
 */
export function asProfileWants(card: Card, profile: Profile, short = card.summary): Card {
  const summary = card.summary.length <= profile.summary ? card.summary : fitting(short, profile.summary);
  const { suggestions } = card;
  return {
    ...card,
    summary,
    detail: summary === card.summary ? card.detail : `${escapeMarkdown(card.summary)}\n\n${card.detail}`,
    source: {
      ...card.source,
      topic: { ...card.source.topic, code: profile.topicCode(card.source.topic.code) },
    },
    ...(suggestions && profile.readsDescription
      ? { suggestions: suggestions.map((suggestion) => readable(suggestion, suggestions)) }
      : {}),
  };
}

/** The label moves into the description; of several with one label each still names its order. */
function readable(suggestion: Suggestion, all: readonly Suggestion[]): Suggestion {
  const { label } = suggestion;
  const several = all.filter((other) => other.label === label).length > 1;
  const actions = suggestion.actions.map((action) => ({
    ...action,
    description: several && action.resourceId ? `${label} (${action.resourceId})` : label,
  }));
  return { ...suggestion, actions };
}

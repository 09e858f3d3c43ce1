/** What must not change when the same record is told in another way: findings, what notices mean, the words of cards. */
import type { Decision } from '../../../rules/decide.ts';

export interface View {
  /** `RD-001 fired shown`, of every rule. */
  findings: string[];
  /** `lab-conflict Observation/1`, each kind of notice about each resource once. */
  notices: string[];
  /** Indicator, summary and detail. */
  cards: string[];
}

/** @param restore undoes in the words what the transformation did to names and dates */
export function viewOf(
  decided: Decision | { refused: string },
  restore: (text: string) => string = (text) => text,
): View {
  if ('refused' in decided) return { findings: [restore(decided.refused)], notices: [], cards: [] };
  const { evaluations, notices, cards } = decided;
  return {
    findings: evaluations.map(({ rule, outcome, shown }) => `${rule} ${outcome}${shown ? ' shown' : ''}`),
    notices: [...new Set(notices.map(({ code, reference }) => restore(`${code} ${reference ?? ''}`)))].sort(),
    cards: cards.map(({ indicator, summary, detail }) =>
      restore(`${indicator}: ${summary}\n${detail ?? ''}`),
    ),
  };
}

/** The lines of the first that the second has not, and the other way round. */
export const differencesOf = (before: View, after: View): string[] =>
  (['findings', 'notices', 'cards'] as const).flatMap((part) => [
    ...before[part].filter((line) => !after[part].includes(line)).map((line) => `- ${line}`),
    ...after[part].filter((line) => !before[part].includes(line)).map((line) => `+ ${line}`),
  ]);

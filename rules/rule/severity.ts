/** How grave a card is: the `indicator` of CDS Hooks (https://cds-hooks.hl7.org/2.0/#card-attributes). */
export const indicators = ['critical', 'warning', 'info'] as const;
export type Indicator = (typeof indicators)[number];

/** The lower, the graver. */
export const severityRank: Readonly<Record<Indicator, number>> = { critical: 0, warning: 1, info: 2 };

/** Cards as CDS Hooks has them: https://cds-hooks.hl7.org/2.0/#card-attributes */
import type { Indicator } from '../rule/severity.ts';

export interface Coding {
  system: string;
  code: string;
  display?: string;
}

export interface Action {
  type: 'create' | 'update' | 'delete';
  description: string;
  resource?: Record<string, unknown>;
  resourceId?: string;
}

export interface Suggestion {
  label: string;
  uuid: string;
  isRecommended?: boolean;
  actions: Action[];
}

export interface Card {
  uuid: string;
  summary: string;
  indicator: Indicator;
  detail: string;
  source: { label: string; url?: string; topic: Coding };
  suggestions?: Suggestion[];
  selectionBehavior?: 'at-most-one' | 'any';
  overrideReasons?: (Coding & { display: string })[];
}

/** Topics of cards that are about a rule, and about the answer itself. */
export const ruleSystem = 'urn:epsom:rule';
export const answerSystem = 'urn:epsom:answer';

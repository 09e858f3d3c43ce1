/** What a finding's card is made from. */
import type { Chart } from '../chart/types.ts';
import type { OneDanger } from '../evaluation/one-danger.ts';
import type { ReaderUnits } from '../evaluation/presentation.ts';
import type { TestsAtHand } from '../facts/ordered-tests.ts';
import type { ReplacementsAtHand } from '../facts/replacements.ts';
import type { Hook } from '../fhir/hooks.ts';
import type { CompiledRule } from '../rule/compile.ts';
import type { FactStore } from '../rule/fact-store.ts';
import type { Profile } from './profiles.ts';

/** Whom a card is for and what it is made from, whatever it says. */
export interface CardSetting {
  facts: FactStore;
  chart: Chart;
  /** Tests that need not be ordered. */
  atHand: TestsAtHand;
  /** Electrolytes that need not be asked for. */
  replacing: ReplacementsAtHand;
  /** Rules in force that are undecided: the worse band that is not excluded is one of them. */
  undecided: readonly CompiledRule[];
  hook: Hook;
  profile: Profile;
  /** Left out: each result in the unit in which it was reported, what is computed in that of its rule. */
  units?: ReaderUnits | undefined;
  decisionId: string;
  /** A pregnancy is documented. */
  pregnant: boolean;
}

/** One finding of a card. */
export interface FindingInput extends CardSetting {
  compiled: CompiledRule;
}

/** All findings of a card, the worst first. */
export interface CardInput extends CardSetting {
  findings: OneDanger;
}

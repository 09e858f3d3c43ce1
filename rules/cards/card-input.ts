/** What a finding's card is made from. */
import type { Chart } from '../chart/types.ts';
import type { TestsAtHand } from '../facts/ordered-tests.ts';
import type { Hook } from '../fhir/hooks.ts';
import type { CompiledRule } from '../rule/compile.ts';
import type { FactStore } from '../rule/fact-store.ts';
import type { Profile } from './profiles.ts';

export interface CardInput {
  compiled: CompiledRule;
  facts: FactStore;
  chart: Chart;
  /** Tests that need not be ordered. */
  atHand: TestsAtHand;
  hook: Hook;
  profile: Profile;
  decisionId: string;
}

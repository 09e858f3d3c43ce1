/**
 * The vocabulary: every fact a rule can ask for, one definition each (fact.ts). Parameters' schemas, kinds of data,
 * codes to ask for, hooks, words, the linter's lists, OpenAPI and docs/rules.md are derived from this list. A new
 * fact is a definition in the file of its family, with its test.
 */
import type * as z from 'zod/mini';
import type { Category } from '../fhir/categories.ts';
import type { LabTest } from '../terminology/labs.ts';
import { akiFacts } from './aki.ts';
import { allergyFacts } from './allergies.ts';
import { conditionFacts } from './conditions.ts';
import { cumulativeDoseFacts } from './cumulative-dose.ts';
import { dataFacts } from './data.ts';
import { doseFacts } from './doses.ts';
import { duplicateFacts } from './duplicates.ts';
import { egfrHistoryFacts } from './egfr-history.ts';
import type {
  Compute,
  ComputedFrom,
  DataNeed,
  EvaluationContext,
  Fact,
  FactDefinition,
  Filling,
  KnownFact,
  Reach,
  RoundBeside,
} from './fact.ts';
import { kidneyFacts } from './kidney.ts';
import { laboratoryFacts } from './laboratory.ts';
import { personFacts } from './person.ts';
import { pregnancyFacts } from './pregnancy.ts';
import { stayFacts } from './stay.ts';
import { studyFacts } from './studies.ts';
import { therapyFacts } from './therapy.ts';

const definitions = [
  ...personFacts,
  ...laboratoryFacts,
  ...kidneyFacts,
  ...akiFacts,
  ...egfrHistoryFacts,
  ...therapyFacts,
  ...doseFacts,
  ...cumulativeDoseFacts,
  ...allergyFacts,
  ...duplicateFacts,
  ...studyFacts,
  ...conditionFacts,
  ...pregnancyFacts,
  ...stayFacts,
  ...dataFacts,
] as const;

type Definition = (typeof definitions)[number];
export type FactName = Definition['name'];
export type FactParams<N extends FactName> = z.infer<Extract<Definition, { name: N }>['params']>;

/** Parameters as they stand in a rule's document; its schema was checked when the rule was loaded. */
export type Params = Readonly<Record<string, unknown>>;

/** A definition that takes the parameters of a document. */
export interface FactVocabulary
  extends Pick<
    FactDefinition,
    'description' | 'kind' | 'paths' | 'stratum' | 'part' | 'uses' | 'isPlainResult'
  > {
  name: FactName;
  params: z.ZodMiniType<object>;
  categories(params: Params): readonly Category[];
  tests(params: Params): readonly LabTest[];
  reach(params: Params, context: EvaluationContext): readonly Reach[];
  dataNeeds(params: Params): readonly DataNeed[];
  computedFrom(params: Params): readonly ComputedFrom[];
  isWhole(params: Params): boolean;
  describe(params: Params): string;
  ask(params: Params): string;
  need(params: Params, fact: Fact): string | null;
  word(fact: KnownFact, params: Params, round: RoundBeside): string | null;
  fills(params: Params): readonly Filling[];
  heads(params: Params): 'unchecked-orders' | 'open-checks' | 'unrecognised-drugs' | null;
  compute(params: Params): Compute;
}

// Methods are compared loosely in their parameters; the schema of each definition is what a document was read with.
export const facts: readonly FactVocabulary[] = definitions;
export const factNames: readonly FactName[] = facts.map(({ name }) => name);

const byName: ReadonlyMap<string, FactVocabulary> = new Map(facts.map((fact) => [fact.name, fact]));

export const isFactName = (name: string): name is FactName => byName.has(name);

/**
 * Everything known about a fact.
 * @example
 * factOf('lab').describe({ test: 'magnesium', unit: 'mg/dL', within: 'P3D' }); // lab magnesium within P3D
 */
export function factOf(name: FactName): FactVocabulary {
  const fact = byName.get(name);
  if (!fact) throw new Error(`no fact \`${name}\``);
  return fact;
}

/** Every kind of data that a fact looks at, those it can do without included. */
export const categoriesRead = (name: FactName, params: Params): ReadonlySet<Category> =>
  new Set([...factOf(name).categories(params), ...factOf(name).uses.categories]);

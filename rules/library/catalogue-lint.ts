/**
 * The linter of the catalogue. It reads the words of a clause and asks whether the rules of it ask them: a threshold,
 * a drug, a window, a condition or a severity that a clause names and no rule of it has is a problem. The rows
 * themselves are compared where they are at hand: no word of a trigger is without a clause.
 */
import type { Rule } from '../rule/document.ts';
import { type Indicator, indicators } from '../rule/severity.ts';
import type { CatalogueRow, Clause } from './catalogue.ts';
import { termsOf } from './catalogue-terms.ts';

/** A row as the catalogue itself has it. */
export interface SourceRow {
  id: string;
  indicator: string;
  trigger: string;
  summary: string;
  suggestion: string;
}

// --- Clauses -------------------------------------------------------------------------------------------

/** The severities that a clause names; that of its row where it names none. */
function severitiesOf({ clause }: Clause, row: CatalogueRow): Indicator[] {
  const named = indicators.filter((indicator) => new RegExp(`\\b${indicator}\\b`).test(clause));
  return named.length > 0 ? named : [row.indicator];
}

/** Numbers that stand for themselves: not those of a name (`G3a`, `2nd`). */
const anyNumber = /(?<![\w.])\d+(?:\.\d+)?(?![\w]*[a-z])/gi;

const wordsOfCard = ({ card: { summary, detail, brief } }: Rule): string =>
  `${summary} ${detail} ${brief ?? ''}`;

/** Numbers of a clause of a card that no card of its rules has. */
const numbersLacking = (clause: string, rules: readonly Rule[]): string[] => {
  const said = new Set(
    rules.flatMap((rule) => [...wordsOfCard(rule).matchAll(anyNumber)].map(([digits]) => Number(digits))),
  );
  return [...clause.matchAll(anyNumber)]
    .map(([digits]) => digits)
    .filter((digits) => !said.has(Number(digits)));
};

/** What a clause says that its rules do not: the label of each, which `as` may explain. */
function lackingOf(clause: Clause, row: CatalogueRow, rules: readonly Rule[]): string[] {
  if (clause.of === 'card') return numbersLacking(clause.clause, rules);
  const { terms, strange } = termsOf(clause.clause);
  const severities = severitiesOf(clause, row);
  // One of several rules of a clause may have no other severity either.
  const others =
    rules.length > 1
      ? rules
          .filter(({ card }) => !severities.includes(card.indicator))
          .map(({ id, card }) => `${id} ${card.indicator}`)
      : [];
  return [
    ...severities.filter((indicator) => !rules.some(({ card }) => card.indicator === indicator)),
    ...others,
    ...(rules.some(({ status }) => status === 'active') ? [] : ['draft']),
    ...terms.filter(({ isAsked }) => !rules.some(isAsked)).map(({ label }) => label),
    ...strange,
  ];
}

function clauseProblems(clause: Clause, row: CatalogueRow, byId: ReadonlyMap<string, Rule>): string[] {
  const name = `${row.row} \`${clause.clause}\``;
  if ((clause.by === undefined) === (clause.decision === undefined))
    return [`${name}: needs rules (\`by\`) or a \`decision\`, and not both`];
  if (!clause.by) return clause.as ? [`${name}: a decision explains no words`] : [];
  const lost = clause.by.filter((id) => !byId.has(id));
  if (lost.length > 0) return lost.map((id) => `${name}: ${id} is no rule`);
  const rules = clause.by.flatMap((id) => byId.get(id) ?? []);
  const lacking = [...new Set(lackingOf(clause, row, rules))];
  const explained = Object.keys(clause.as ?? {});
  const { strange } = termsOf(clause.clause);
  const isExplained = (label: string): boolean =>
    explained.includes(label) || (explained.includes('words') && strange.includes(label));
  return [
    ...lacking
      .filter((label) => !isExplained(label))
      .map((label) => `${name}: \`${label}\` is in no rule of it (${clause.by?.join(', ')})`),
    ...explained
      .filter((label) => !lacking.includes(label) && !(label === 'words' && strange.length > 0))
      .map((label) => `${name}: \`${label}\` needs no explanation`),
  ];
}

/** @returns a sentence for each clause that its rules do not say; empty when there is none */
export function lintCatalogue(rows: readonly CatalogueRow[], rules: readonly Rule[]): string[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const ids = rows.map(({ row }) => row);
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id}: stands twice`),
    ...rows.flatMap((row) => row.clauses.flatMap((clause) => clauseProblems(clause, row, byId))),
  ];
}

// --- Against the rows themselves -----------------------------------------------------------------------------

/** What of a text no clause of the row covers: words of the trigger, numbers of the rest. */
function uncovered(field: string, clauses: readonly Clause[], wanted: RegExp): string[] {
  const covered = clauses.flatMap(({ clause }) => {
    const from = field.indexOf(clause);
    return from < 0 ? [] : [[from, from + clause.length] as const];
  });
  return [...field.matchAll(wanted)]
    .filter(({ index }) => !covered.some(([from, to]) => from <= index && index < to))
    .map(([word]) => word);
}

const connectors = new Set(['and', 'or', 'also', 'not', 'with', 'likewise', 'at', 'in', 'any', 'on']);
const anyWord = /[a-z0-9][a-z0-9.]*/gi;

function rowProblems(source: SourceRow, row: CatalogueRow): string[] {
  const { id, trigger, summary, suggestion } = source;
  const fields = [trigger, summary, suggestion];
  const words = uncovered(trigger, row.clauses, anyWord).filter(
    (word) => !connectors.has(word.toLowerCase()),
  );
  const inTrigger = new Set([...trigger.matchAll(anyNumber)].map(([digits]) => Number(digits)));
  // A row without a rule has no card either.
  const cards = row.clauses.some(({ by }) => by) ? [summary, suggestion] : [];
  const numbers = cards.flatMap((field) =>
    uncovered(field, row.clauses, anyNumber).filter((digits) => !inTrigger.has(Number(digits))),
  );
  return [
    ...(row.indicator === source.indicator ? [] : [`${id}: its indicator is ${source.indicator}`]),
    ...row.clauses
      .filter(({ clause }) => !fields.some((field) => field.includes(clause)))
      .map(({ clause }) => `${id}: \`${clause}\` does not stand in the row`),
    ...(words.length > 0 ? [`${id}: no clause has \`${words.join(' ')}\` of the trigger`] : []),
    ...(numbers.length > 0 ? [`${id}: no clause has the number ${numbers.join(', ')} of the card`] : []),
  ];
}

/** @returns what the catalogue's own rows say and no clause has, and clauses of no row; empty when there is none */
export function compareWithSource(rows: readonly CatalogueRow[], sources: readonly SourceRow[]): string[] {
  const byId = new Map(rows.map((row) => [row.row, row]));
  const known = new Set(sources.map(({ id }) => id));
  return [
    ...sources.flatMap((source) => {
      const row = byId.get(source.id);
      return row ? rowProblems(source, row) : [`${source.id}: has no clauses`];
    }),
    ...rows.filter(({ row }) => !known.has(row)).map(({ row }) => `${row}: is no row of the catalogue`),
  ];
}

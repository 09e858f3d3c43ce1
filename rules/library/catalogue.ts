/**
 * The catalogue of candidate rules, clause by clause: each clause of a row is said by rules, or a decision says why it
 * is none (catalogue.json). catalogue-lint.ts holds it against the rules, and against the rows themselves.
 */
import * as z from 'zod/mini';
import { indicators } from '../rule/severity.ts';
import table from './catalogue.json' with { type: 'json' };

const text = z.string().check(z.minLength(1));
const reason = z.string().check(z.minLength(12));

const clauseSchema = z.strictObject({
  /** Exactly as the row says it, in its trigger, its summary or its suggestion. */
  clause: text,
  /** It stands on the card of the row, so its numbers stand on the card of a rule. */
  of: z.optional(z.literal('card')),
  /** The rules that say it. */
  by: z.optional(z.array(text).check(z.minLength(1))),
  /** Why no rule says it. */
  decision: z.optional(reason),
  /** Words of the clause that its rules ask otherwise, each with how; `words`: all that are no term. */
  as: z.optional(z.record(z.string(), reason)),
});
export type Clause = z.infer<typeof clauseSchema>;

const rowSchema = z.strictObject({
  row: text,
  indicator: z.enum(indicators),
  clauses: z.array(clauseSchema).check(z.minLength(1)),
});
export type CatalogueRow = z.infer<typeof rowSchema>;

const catalogueSchema = z.strictObject({ note: text, rows: z.array(rowSchema) });

/** @throws ZodError when it is not shaped as a catalogue is */
export const parseCatalogue = (json: unknown): readonly CatalogueRow[] => catalogueSchema.parse(json).rows;

export const catalogue: readonly CatalogueRow[] = parseCatalogue(table);

export interface ClauseOfRow extends Clause {
  row: string;
}

/** What of the catalogue a rule says, and what its own row says and no rule does. */
export const clausesOf = (id: string, rows: readonly CatalogueRow[] = catalogue): ClauseOfRow[] =>
  rows.flatMap(({ row, clauses }) =>
    clauses
      .filter(({ by }) => by?.includes(id) || (row === id && by === undefined))
      .map((clause) => ({ row, ...clause })),
  );

/** What no rule says, each with its reason. */
export const clausesWithoutRule = (rows: readonly CatalogueRow[] = catalogue): ClauseOfRow[] =>
  rows.flatMap(({ row, clauses }) =>
    clauses.filter(({ decision }) => decision !== undefined).map((clause) => ({ row, ...clause })),
  );

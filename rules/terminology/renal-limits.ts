/** Drugs whose label has a limit or a dose for reduced kidney function: renal-limits.json. */
import * as z from 'zod/mini';
import table from './renal-limits.json' with { type: 'json' };

const text = z.string().check(z.minLength(1));
const limitSchema = z.strictObject({
  /** As drugs.json calls it, among ingredients of the classes or the others. */
  drug: text,
  limit: text,
  source: text,
  /** Whether a text of the source was read. */
  read: z.boolean(),
});
export type RenalLimit = z.infer<typeof limitSchema>;

export const renalLimits: readonly RenalLimit[] = z
  .strictObject({ note: text, drugs: z.array(limitSchema) })
  .parse(table).drugs;

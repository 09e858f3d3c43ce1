/** The rows of conditions.json, and which groups follow from which. */
import table from './conditions.json' with { type: 'json' };

/** Codes are space separated; see `note` of the table. */
export interface IcdRow {
  prefixes?: string;
  only?: string;
  except?: string;
  /** A pattern of undotted codes. */
  exceptPattern?: string;
  hints?: string;
}

/** What a procedure of the group says: a session of dialysis, access to it, an implantation. */
export type ProcedureKind =
  | 'session'
  | 'esrd-month'
  | 'training'
  | 'access'
  | 'care'
  | 'transplantation'
  | 'implantation'
  | 'lead'
  | 'temporary'
  | 'removal';

export interface ConditionRow {
  group: string;
  name: string;
  past: string;
  implies?: readonly string[];
  icd10cm?: IcdRow;
  icd10?: IcdRow;
  icd9cm?: IcdRow;
  snomed?: string;
  snomedPast?: string;
  snomedHints?: string;
  procedures?: Partial<Record<ProcedureKind, Record<string, string>>>;
  words: readonly string[];
  notWords: readonly string[];
}

export const conditionRows: readonly ConditionRow[] = table.groups;
export const unknownsOf: Readonly<Record<string, readonly string[]>> = table.leavesUnknown;

/** The codes of a space separated list. */
export const listed = (codes: string | undefined): readonly string[] => codes?.split(' ') ?? [];

const implied: ReadonlyMap<string, readonly string[]> = new Map(
  conditionRows.map(({ group, implies }) => [group, implies ?? []]),
);

/** The groups and all that follow from them: end-stage disease is stage 5, and that is chronic kidney disease. */
export function withImplied(groups: Iterable<string>): Set<string> {
  const all = new Set(groups);
  // A set that grows while it is walked is walked to its end.
  for (const group of all) for (const next of implied.get(group) ?? []) all.add(next);
  return all;
}

/** Which groups of conditions.json the code of a problem or a procedure stands in, and as what. */
import {
  type Certainty,
  type ConditionSystem,
  codeText,
  conditionSystemOf,
  icd9Code,
  icd10Code,
  snomedCode,
} from './condition-systems.ts';
import {
  type ConditionRow,
  conditionRows,
  type IcdRow,
  listed,
  type ProcedureKind,
} from './condition-table.ts';

/** What came as a coding: JSON that nobody has validated. */
export interface ReceivedCoding {
  system?: unknown;
  code?: unknown;
  display?: unknown;
  extension?: unknown;
}

/**
 * `member`: it is of the group. `past`: it was (history, remission). `hint`: evidence, not proof. `excluded`: a list
 * names it as none of the group.
 */
export type Standing = 'member' | 'past' | 'hint' | 'excluded';

interface Entry {
  group: string;
  standing: Standing;
}

function add(map: Map<string, Entry[]>, code: string, entry: Entry): void {
  const entries = map.get(code);
  if (entries) entries.push(entry);
  else map.set(code, [entry]);
}

const undotted = (code: string): string => code.replace('.', '');

/** An ICD as the table has it: undotted prefixes, whole codes, and what a prefix does not reach. */
class IcdIndex {
  readonly #prefixes = new Map<string, Entry[]>();
  readonly #whole = new Map<string, Entry[]>();
  readonly #except = new Map<string, ReadonlySet<string>>();
  readonly #patterns = new Map<string, RegExp>();

  constructor(rowOf: (row: ConditionRow) => IcdRow | undefined) {
    for (const row of conditionRows) {
      const icd = rowOf(row);
      if (!icd) continue;
      const { group } = row;
      for (const code of listed(icd.prefixes))
        add(this.#prefixes, undotted(code), { group, standing: 'member' });
      for (const code of listed(icd.hints)) add(this.#prefixes, undotted(code), { group, standing: 'hint' });
      for (const code of listed(icd.only)) add(this.#whole, undotted(code), { group, standing: 'member' });
      if (icd.except) this.#except.set(group, new Set(listed(icd.except).map(undotted)));
      if (icd.exceptPattern) this.#patterns.set(group, new RegExp(icd.exceptPattern));
    }
  }

  #isExcepted(group: string, code: string): boolean {
    if (this.#patterns.get(group)?.test(code)) return true;
    const except = this.#except.get(group);
    if (!except) return false;
    for (let length = 2; length <= code.length; length += 1)
      if (except.has(code.slice(0, length))) return true;
    return false;
  }

  /** @param code undotted */
  entriesOf(code: string): Entry[] {
    const found = [...(this.#whole.get(code) ?? [])];
    for (let length = 1; length <= code.length; length += 1) {
      for (const entry of this.#prefixes.get(code.slice(0, length)) ?? []) {
        const excepted = entry.standing === 'member' && this.#isExcepted(entry.group, code);
        found.push(excepted ? { group: entry.group, standing: 'excluded' } : entry);
      }
    }
    return found;
  }
}

const icd10cm = new IcdIndex((row) => row.icd10cm);
const icd10 = new IcdIndex((row) => row.icd10);
const icd9cm = new IcdIndex((row) => row.icd9cm);

/** What a procedure on the problem list says of its group; a temporary pacemaker, or a removal, is none. */
const standingOfKind: Readonly<Record<ProcedureKind, Standing>> = {
  session: 'member',
  'esrd-month': 'member',
  training: 'hint',
  access: 'hint',
  care: 'hint',
  transplantation: 'member',
  implantation: 'member',
  lead: 'hint',
  temporary: 'excluded',
  removal: 'excluded',
};

const snomed = new Map<string, Entry[]>();
interface ProcedureEntry {
  group: string;
  kind: ProcedureKind;
}
/** By `snomed 302497006`. */
const procedures = new Map<string, ProcedureEntry[]>();

for (const { group, snomed: members, snomedPast, snomedHints, procedures: kinds } of conditionRows) {
  for (const code of listed(members)) add(snomed, code, { group, standing: 'member' });
  for (const code of listed(snomedPast)) add(snomed, code, { group, standing: 'past' });
  for (const code of listed(snomedHints)) add(snomed, code, { group, standing: 'hint' });
  for (const [name, lists] of Object.entries(kinds ?? {})) {
    const kind = name as ProcedureKind;
    for (const [system, codes] of Object.entries(lists)) {
      for (const code of listed(codes)) {
        const key = `${system} ${code}`;
        procedures.set(key, [...(procedures.get(key) ?? []), { group, kind }]);
      }
    }
  }
}

/** More codings than this are not read, and no code is longer. */
const mostCodings = 50;
const longestCode = 64;

/** The codings that are objects. */
export const readableCodings = (codings: unknown): readonly ReceivedCoding[] =>
  Array.isArray(codings)
    ? codings.slice(0, mostCodings).filter((coding) => typeof coding === 'object' && coding !== null)
    : [];

interface SystemCode {
  system: ConditionSystem;
  code: string;
}

function systemCodeOf(coding: ReceivedCoding): SystemCode | null {
  const system = conditionSystemOf(coding.system);
  const code = codeText(coding.code);
  return system === null || code === null || code.length > longestCode ? null : { system, code };
}

/** @see http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit */
function certaintyStated(extension: unknown): Certainty | null {
  for (const one of Array.isArray(extension) ? extension : []) {
    const { url, valueCoding, valueCode } = (one ?? {}) as Record<string, unknown>;
    if (typeof url !== 'string' || !url.toLowerCase().includes('diagnosesicherheit')) continue;
    const code = (valueCoding as { code?: unknown } | null | undefined)?.code ?? valueCode;
    if (code === 'A' || code === 'V' || code === 'Z' || code === 'G') return code;
  }
  return null;
}

const underCertainty: Readonly<Record<Certainty, Standing>> = {
  A: 'excluded',
  V: 'hint',
  Z: 'past',
  G: 'member',
};

/** Characters of WHO's longest code without its dot: a longer one under WHO's address is of ICD-10-CM. */
const longestWhoCode = 4;

function icd10Entries(system: ConditionSystem, received: string, stated: Certainty | null): Entry[] {
  const read = icd10Code(received, system);
  if (!read) return [];
  const { code } = read;
  const found =
    system === 'icd10cm'
      ? icd10cm.entriesOf(code)
      : [
          ...icd10.entriesOf(code),
          ...(system === 'icd10' && code.length > longestWhoCode ? icd10cm.entriesOf(code) : []),
        ];
  const certainty = stated ?? read.certainty;
  if (certainty === null || certainty === 'G') return found;
  return found.map(({ group, standing }) => ({
    group,
    standing: standing === 'member' ? underCertainty[certainty] : standing,
  }));
}

function procedureEntries({ system, code }: SystemCode): readonly ProcedureEntry[] {
  const plain = system === 'snomed' ? snomedCode(code) : code.toUpperCase();
  return plain === null ? [] : (procedures.get(`${system} ${plain}`) ?? []);
}

function entriesOf(coding: ReceivedCoding): readonly Entry[] | null {
  const read = systemCodeOf(coding);
  if (!read) return null;
  const done = procedureEntries(read).map(({ group, kind }) => ({ group, standing: standingOfKind[kind] }));
  switch (read.system) {
    case 'snomed':
      return [...(snomed.get(snomedCode(read.code) ?? '') ?? []), ...done];
    case 'icd10cm':
    case 'icd10':
    case 'icd10national':
      return icd10Entries(read.system, read.code, certaintyStated(coding.extension));
    case 'icd9cm':
      return icd9cm.entriesOf(icd9Code(read.code) ?? '');
    default:
      return done;
  }
}

export interface CodesRead {
  /** Whether a coding is in a code system that the table is written in. */
  known: boolean;
  /** Groups by how the codings stand in them; a group may have several. */
  standings: ReadonlyMap<Standing, ReadonlySet<string>>;
}

/** What the codings of a problem say, each for itself. */
export function readCodes(codings: readonly ReceivedCoding[]): CodesRead {
  const standings = new Map<Standing, Set<string>>();
  let known = false;
  for (const coding of codings) {
    const entries = entriesOf(coding);
    if (entries) known = true;
    for (const { group, standing } of entries ?? []) {
      standings.set(standing, (standings.get(standing) ?? new Set()).add(group));
    }
  }
  return { known, standings };
}

/**
 * What the codings of a procedure say: `[{ group: 'dialysis', kind: 'session' }]`.
 * @param codings of Procedure.code, which nobody has validated
 */
export const proceduresOf = (codings: unknown): readonly { group: string; kind: ProcedureKind }[] =>
  readableCodings(codings).flatMap((coding) => {
    const read = systemCodeOf(coding);
    return read ? procedureEntries(read) : [];
  });

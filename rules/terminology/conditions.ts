/** Groups of diagnoses that a rule can ask for by name, and which of them the codes of a Condition belong to. */
import table from './conditions.json' with { type: 'json' };

interface CodeRow {
  system: string;
  code: string;
  display: string;
  match?: string;
}

interface GroupRow {
  group: string;
  name: string;
  except?: readonly string[];
  codes: readonly CodeRow[];
}

/** `name` reads in a sentence: "myasthenia gravis", "a pacemaker". */
export interface ConditionGroup {
  name: string;
  codes: readonly { system: string; code: string; display: string }[];
}

const rows: readonly GroupRow[] = table.groups;
const unknowns: Readonly<Record<string, readonly string[]>> = table.leavesUnknown;

/** ICD-10 variants share the codes they have in common with ICD-10-CM, in which the table is written. */
const icdSystems: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/sid/icd-10-cm',
  'http://hl7.org/fhir/sid/icd-10',
  'http://hl7.org/fhir/sid/icd-10-gm',
  'http://fhir.de/codesystem/bfarm/icd-10-gm',
  'http://fhir.de/codesystem/dimdi/icd-10-gm',
  'urn:oid:2.16.840.1.113883.6.90',
  'urn:oid:2.16.840.1.113883.6.3',
]);
const snomedSystems: ReadonlySet<string> = new Set([
  'http://snomed.info/sct',
  'urn:oid:2.16.840.1.113883.6.96',
]);

const longestText = 300;

interface IcdMatch {
  group: string;
  exactOnly: boolean;
}

const snomed = new Map<string, Set<string>>();
const icd = new Map<string, IcdMatch[]>();
const exceptions = new Map<string, ReadonlySet<string>>();
const byDisplay = new Map<string, Set<string>>();

/** "G70.00" and "G7000" are one code. */
const undotted = (code: string): string => code.replace('.', '');

/** Lower case, without SNOMED's "(disorder)" or "(finding)". */
function plainName(text: string): string {
  const name = text.trim().toLowerCase();
  for (const suffix of ['(disorder)', '(finding)', '(procedure)']) {
    if (name.endsWith(suffix)) return name.slice(0, -suffix.length).trim();
  }
  return name;
}

function addTo<K>(map: Map<K, Set<string>>, key: K, group: string): void {
  const groups = map.get(key);
  if (groups) groups.add(group);
  else map.set(key, new Set([group]));
}

const groups = new Map<string, ConditionGroup>();
for (const row of rows) {
  groups.set(row.group, {
    name: row.name,
    codes: row.codes.map(({ system, code, display }) => ({ system, code, display })),
  });
  if (row.except) exceptions.set(row.group, new Set(row.except.map(undotted)));
  for (const { system, code, display, match } of row.codes) {
    if (snomedSystems.has(system)) addTo(snomed, code, row.group);
    else {
      const key = undotted(code);
      icd.set(key, [...(icd.get(key) ?? []), { group: row.group, exactOnly: match === 'only' }]);
    }
    // A category's title ("Pregnancy, childbirth and the puerperium") is no diagnosis.
    if (match !== 'prefix') addTo(byDisplay, plainName(display), row.group);
  }
}

/** Group id to its name and codes. */
export const conditionGroups: ReadonlyMap<string, ConditionGroup> = groups;

/** The groups that, when documented, leave this one unknown rather than absent. */
export function leavesUnknown(group: string): readonly string[] {
  return Object.hasOwn(unknowns, group) ? (unknowns[group] ?? []) : [];
}

type System = 'snomed' | 'icd' | null;

function systemOf(value: unknown): System {
  if (typeof value !== 'string' || value.length > 200) return null;
  let uri = value.trim().toLowerCase();
  if (uri.startsWith('https://')) uri = `http://${uri.slice(8)}`;
  if (uri.endsWith('/')) uri = uri.slice(0, -1);
  if (snomedSystems.has(uri)) return 'snomed';
  return icdSystems.has(uri) ? 'icd' : null;
}

/** The ICD code without its dot and without what some systems append ("N18.3+", "E10.3211+TT1.2"). */
function icdCode(value: string): string | null {
  const match = /^([A-Z]\d[\dA-Z])\.?([\dA-Z]{0,4})(?:[^\dA-Z.].*)?$/s.exec(value.trim().toUpperCase());
  return match ? `${match[1] ?? ''}${match[2] ?? ''}` : null;
}

function addIcd(code: string, found: Set<string>): void {
  for (let length = 1; length <= code.length; length += 1) {
    for (const { group, exactOnly } of icd.get(code.slice(0, length)) ?? []) {
      if (exactOnly && length < code.length) continue;
      if (!isExcepted(group, code)) found.add(group);
    }
  }
}

function isExcepted(group: string, code: string): boolean {
  const except = exceptions.get(group);
  if (!except) return false;
  for (let length = 2; length <= code.length; length += 1) {
    if (except.has(code.slice(0, length))) return true;
  }
  return false;
}

interface Coding {
  system?: unknown;
  code?: unknown;
  display?: unknown;
}

/** More codings than this are not read, and no code is longer. */
const mostCodings = 50;
const longestCode = 64;

/** The codings that are objects: what came is JSON that nobody has validated. */
const readableCodings = (codings: unknown): readonly Coding[] =>
  Array.isArray(codings)
    ? codings.slice(0, mostCodings).filter((coding) => typeof coding === 'object' && coding !== null)
    : [];

/** @returns whether the coding is in SNOMED CT or an ICD-10, known to us or not */
function addGroupsOfCoding(coding: Coding, found: Set<string>): boolean {
  const system = systemOf(coding.system);
  const code = typeof coding.code === 'number' ? String(coding.code) : coding.code;
  if (system === null || typeof code !== 'string' || code.trim() === '' || code.length > longestCode) {
    return false;
  }
  if (system === 'snomed') addAll(found, snomed.get(code.trim()));
  else {
    const plain = icdCode(code);
    if (plain !== null) addIcd(plain, found);
  }
  return true;
}

function addGroupsOfName(name: unknown, found: Set<string>): void {
  if (typeof name === 'string' && name.length <= longestText) addAll(found, byDisplay.get(plainName(name)));
}

function addAll(found: Set<string>, groupIds: Iterable<string> = []): void {
  for (const group of groupIds) found.add(group);
}

/**
 * The groups that a condition's codes belong to. `coded` is true when at least one coding is in SNOMED CT or
 * an ICD-10; only when none is may a display or the text count, and it must equal a code's display.
 *
 * Pregnancy is every O code but those that say it is over: O00-O08 (ended before term), O70-O73 and O80-O89
 * (delivery and what follows it), O90-O92, O94-O97, and the codes "complicating the puerperium".
 * @param codings of Condition.code (https://hl7.org/fhir/R4/condition.html)
 * @param text of Condition.code
 */
export function conditionGroupsOf(
  codings: readonly Coding[],
  text: unknown,
): { groups: readonly string[]; coded: boolean } {
  const found = new Set<string>();
  const readable = readableCodings(codings);
  let coded = false;
  for (const coding of readable) if (addGroupsOfCoding(coding, found)) coded = true;
  if (!coded) {
    for (const { display } of readable) addGroupsOfName(display, found);
    addGroupsOfName(text, found);
  }
  return { groups: [...found], coded };
}

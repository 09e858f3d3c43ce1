/**
 * What an allergy may be to, and which drugs it matches: single drugs, groups of drugs, codes of both, and what is no
 * drug. The table is allergens.json, indexed once; docs/data.md says why a group is as it is.
 */
import table from './allergens.json' with { type: 'json' };
import { brandParts, drugClasses, ingredientsByName, otherIngredients } from './drugs/ingredients.ts';
import { canonicalName } from './drugs/spelling.ts';
import { plainAddress } from './systems.ts';

/** `title` reads in a sentence: "sulfonamide antibiotics". `shared`: an allergy to one member matches the others. */
interface GroupRow {
  name: string;
  title: string;
  shared: boolean;
  /** Its members have a side chain in common, across classes. */
  sideChain?: boolean;
  classes?: readonly string[];
  members?: readonly string[];
  atc?: readonly string[];
  snomed?: readonly string[];
  findings?: readonly string[];
  icd10?: readonly string[];
  icd9?: readonly string[];
  medrt?: readonly string[];
  rxnorm?: readonly string[];
  words: readonly string[];
  source: string;
}

export interface AllergenGroup {
  name: string;
  title: string;
  shared: boolean;
  sideChain: boolean;
  members: ReadonlySet<string>;
  source: string;
}

/** What a code or a word stands for; null where it is no drug, or some drug that it does not say. */
export interface Allergen {
  drugs: readonly string[];
  group: string | null;
  kind: 'drug' | 'no-drug' | 'some-drug';
}

const rows: readonly GroupRow[] = table.groups;
const otherNames: ReadonlyMap<string, string> = new Map(Object.entries(table.otherNames));

/** One name for a drug however it was called: that of the table of drugs, else that of the groups, else its own. */
export function drugNameOf(name: string): string {
  const canonical = canonicalName(name);
  return otherNames.get(canonical) ?? ingredientsByName.get(canonical)?.name ?? canonical;
}

const membersOf = ({ classes = [], members = [] }: GroupRow): ReadonlySet<string> =>
  new Set([
    ...members.map(drugNameOf),
    ...classes.flatMap((name) => drugClasses.get(name) ?? []).map(({ name }) => drugNameOf(name)),
  ]);

/** Group name to group, in the table's order. */
export const allergenGroups: ReadonlyMap<string, AllergenGroup> = new Map(
  rows.map((row) => {
    const { name, title, shared, sideChain = false, source } = row;
    return [name, { name, title, shared, sideChain, source, members: membersOf(row) }];
  }),
);

function indexGroups(): ReadonlyMap<string, readonly AllergenGroup[]> {
  const groups = new Map<string, AllergenGroup[]>();
  for (const group of allergenGroups.values()) {
    for (const member of group.members) groups.set(member, [...(groups.get(member) ?? []), group]);
  }
  return groups;
}

const groupsByDrug = indexGroups();

/** Whether a name is that of a drug we know, in a class or group of ours or in none. */
export function isKnownDrug(name: string): boolean {
  const drug = drugNameOf(name);
  return (
    groupsByDrug.has(drug) ||
    ingredientsByName.has(canonicalName(drug)) ||
    otherIngredients.has(drug) ||
    brandParts.has(drug)
  );
}

// --- Which drugs an allergy matches -----------------------------------------------------------------------

/** A drug that is known by its ATC group alone stands as `atc:` and the name of the group. */
const byAtc = (group: string): string => `atc:${group}`;

/** Drug to the group by which it is matched; null where it is the drug itself. */
export type Coverage = ReadonlyMap<string, AllergenGroup | null>;

function addGroup(covered: Map<string, AllergenGroup | null>, group: AllergenGroup): void {
  for (const drug of [...group.members, byAtc(group.name)]) if (!covered.has(drug)) covered.set(drug, group);
}

const coverageOfDrugs = new Map<string, Coverage>();
const coverageOfGroups = new Map<string, Coverage>();

/** What an allergy to one drug matches: the drug, and the members of its groups that share allergies. */
export function coverageOfDrug(name: string): Coverage {
  const known = coverageOfDrugs.get(name);
  if (known) return known;
  const drug = drugNameOf(name);
  const covered = new Map<string, AllergenGroup | null>([[drug, null]]);
  const groups = groupsByDrug.get(drug) ?? [];
  for (const group of groups) if (group.shared) addGroup(covered, group);
  // Only names of the table are kept: any other comes from what was sent.
  if (groups.length > 0) coverageOfDrugs.set(name, covered);
  return covered;
}

/**
 * What an allergy to a group matches: its members, and what shares a side chain with one of them, as it is not known
 * which of them it was.
 */
export function coverageOfGroup(name: string): Coverage {
  const known = coverageOfGroups.get(name);
  if (known) return known;
  const covered = new Map<string, AllergenGroup | null>();
  const group = allergenGroups.get(name);
  if (!group) return covered;
  addGroup(covered, group);
  for (const member of group.members) {
    for (const other of groupsByDrug.get(member) ?? []) if (other.sideChain) addGroup(covered, other);
  }
  coverageOfGroups.set(name, covered);
  return covered;
}

// --- Codes --------------------------------------------------------------------------------------------------

export type AllergenSystem = 'rxnorm' | 'snomed' | 'atc' | 'icd10' | 'icd9' | 'medrt';

const systems: ReadonlyMap<string, AllergenSystem> = new Map<string, AllergenSystem>([
  ['http://www.nlm.nih.gov/research/umls/rxnorm', 'rxnorm'],
  ['urn:oid:2.16.840.1.113883.6.88', 'rxnorm'],
  ['http://snomed.info/sct', 'snomed'],
  ['urn:oid:2.16.840.1.113883.6.96', 'snomed'],
  ['http://www.whocc.no/atc', 'atc'],
  ['http://whocc.no/atc', 'atc'],
  ['http://fhir.de/codesystem/bfarm/atc', 'atc'],
  ['http://fhir.de/codesystem/dimdi/atc', 'atc'],
  ['urn:oid:2.16.840.1.113883.6.73', 'atc'],
  ['http://hl7.org/fhir/sid/icd-10-cm', 'icd10'],
  ['http://hl7.org/fhir/sid/icd-10', 'icd10'],
  ['http://hl7.org/fhir/sid/icd-10-gm', 'icd10'],
  ['http://fhir.de/codesystem/bfarm/icd-10-gm', 'icd10'],
  ['http://fhir.de/codesystem/dimdi/icd-10-gm', 'icd10'],
  ['urn:oid:2.16.840.1.113883.6.90', 'icd10'],
  ['urn:oid:2.16.840.1.113883.6.3', 'icd10'],
  ['http://hl7.org/fhir/sid/icd-9-cm', 'icd9'],
  ['urn:oid:2.16.840.1.113883.6.103', 'icd9'],
  ['http://va.gov/terminology/medrt', 'medrt'],
  ['http://hl7.org/fhir/ndfrt', 'medrt'],
  ['http://rxnav.nlm.nih.gov/rest/ndfrt', 'medrt'],
  ['urn:oid:2.16.840.1.113883.3.26.1.5', 'medrt'],
  ['urn:oid:2.16.840.1.113883.6.345', 'medrt'],
]);

/** In any letter case, with http or https, with or without a slash at the end; SNOMED CT also with its edition. */
export function allergenSystemOf(value: unknown): AllergenSystem | null {
  const uri = plainAddress(value)?.replace(/\/$/, '');
  if (uri === undefined) return null;
  return systems.get(uri) ?? (uri.startsWith('http://snomed.info/sct/') ? 'snomed' : null);
}

const toDrugs = (drugs: readonly string[]): Allergen => ({
  drugs: drugs.map(drugNameOf),
  group: null,
  kind: 'drug',
});
const toGroup = (group: string): Allergen => ({ drugs: [], group, kind: 'drug' });
const noDrug: Allergen = { drugs: [], group: null, kind: 'no-drug' };
const someDrug: Allergen = { drugs: [], group: null, kind: 'some-drug' };

const codeKey = (system: AllergenSystem, code: string): string => `${system}|${code.toUpperCase()}`;

function indexCodes(): ReadonlyMap<string, Allergen> {
  const codes = new Map<string, Allergen>();
  const add = (system: AllergenSystem, list: readonly string[], allergen: Allergen): void => {
    for (const code of list) codes.set(codeKey(system, code), allergen);
  };
  for (const [code, drugs] of Object.entries(table.rxnorm)) add('rxnorm', [code], toDrugs(drugs));
  for (const [code, drug] of Object.entries(table.findings)) add('snomed', [code], toDrugs([drug]));
  for (const row of rows) {
    const group = toGroup(row.name);
    add('rxnorm', row.rxnorm ?? [], group);
    add('snomed', [...(row.snomed ?? []), ...(row.findings ?? [])], group);
    add('medrt', row.medrt ?? [], group);
    add('icd10', row.icd10 ?? [], group);
    add('icd9', row.icd9 ?? [], group);
  }
  add('snomed', table.noDrug.snomed, noDrug);
  add('rxnorm', table.noDrug.rxnorm, noDrug);
  add('icd10', table.noDrug.icd10, noDrug);
  add('snomed', table.someDrug.snomed, someDrug);
  add('icd10', table.someDrug.icd10, someDrug);
  add('icd9', table.someDrug.icd9, someDrug);
  return codes;
}

const codes = indexCodes();
const findingCodes: ReadonlySet<string> = new Set([
  ...Object.keys(table.findings),
  ...rows.flatMap(({ findings = [] }) => findings),
]);

/** Groups whose ATC group holds the code, the narrowest first. */
export function groupsOfAtc(code: string): AllergenGroup[] {
  const held = rows.flatMap(({ name, atc = [] }) => {
    const prefix = atc.find((one) => code.startsWith(one));
    const group = allergenGroups.get(name);
    return prefix && group ? [{ prefix, group }] : [];
  });
  return held.sort((a, b) => b.prefix.length - a.prefix.length).map(({ group }) => group);
}

/** With its dot: "Z880" is "Z88.0". */
const dotted = (code: string): string =>
  code.includes('.') || code.length < 4 ? code : `${code.slice(0, 3)}.${code.slice(3)}`;

/** Of an ICD code the longest beginning that the table has. */
function icdAllergen(system: AllergenSystem, code: string): Allergen | null {
  const plain = dotted(code);
  for (let length = plain.length; length >= 5; length -= 1) {
    const found = codes.get(codeKey(system, plain.slice(0, length)));
    if (found) return found;
  }
  return null;
}

/**
 * What a code says that an allergy is to: of a substance, of a group of substances, or of the finding.
 * @param code as it came, without spaces around it
 * @returns null for a code that the table does not have
 */
export function allergenOfCode(system: AllergenSystem, code: string): Allergen | null {
  if (system === 'icd10' || system === 'icd9') return icdAllergen(system, code.toUpperCase());
  if (system === 'atc') {
    const [group] = groupsOfAtc(code.toUpperCase());
    return group ? toGroup(group.name) : null;
  }
  return codes.get(codeKey(system, code)) ?? null;
}

/** Whether a code is that of an allergy, not of a substance: it may stand in a problem list. */
export const isAllergyCode = (system: AllergenSystem, code: string): boolean =>
  system === 'snomed'
    ? findingCodes.has(code)
    : (system === 'icd10' || system === 'icd9') && allergenOfCode(system, code) !== null;

/** The drugs that an order's codes name, where its name does not: by RxNorm code, else by ATC group. */
export function drugsOfOrderCodes(coded: readonly { system: string; code: string }[]): string[] {
  return coded.flatMap(({ system, code }) => {
    const known = allergenSystemOf(system);
    if (known === 'rxnorm') return allergenOfCode(known, code)?.drugs ?? [];
    return known === 'atc' ? groupsOfAtc(code.toUpperCase()).map(({ name }) => byAtc(name)) : [];
  });
}

// --- Words --------------------------------------------------------------------------------------------------

function indexWords(): ReadonlyMap<string, Allergen> {
  const words = new Map<string, Allergen>();
  for (const [name, drug] of otherNames) words.set(name, toDrugs([drug]));
  for (const { members } of allergenGroups.values()) {
    for (const member of members) words.set(canonicalName(member), toDrugs([member]));
  }
  for (const word of table.noDrug.words) words.set(word, noDrug);
  for (const row of rows) for (const word of row.words) words.set(word, toGroup(row.name));
  return words;
}

/** Words of groups, other names of drugs, and what is no drug: lower case, without accents and hyphens. */
export const allergenWords = indexWords();

/**
 * Groups of diagnoses that a rule can ask for by name, and which of them a problem belongs to: by its codes, and for what these
 * say nothing of, by its words.
 */
import { type ReceivedCoding, readableCodings, readCodes, type Standing } from './condition-codes.ts';
import { conditionRows, listed, unknownsOf, withImplied } from './condition-table.ts';
import { readWords, type WordsRead } from './condition-words.ts';

/** What a history of it, or an ended problem, says of now. */
export type Past = 'counts' | 'unknown' | 'no';

/** `name` reads in a sentence: "myasthenia gravis", "a pacemaker". `example` is a code that is in it. */
export interface ConditionGroup {
  name: string;
  past: Past;
  example: { system: string; code: string };
}

const isPast = (past: string): past is Past => past === 'counts' || past === 'unknown' || past === 'no';

/** In how many lists each concept is. */
const lists = new Map<string, number>();
for (const concept of conditionRows.flatMap(({ snomed }) => listed(snomed))) {
  lists.set(concept, (lists.get(concept) ?? 0) + 1);
}

const groups = new Map<string, ConditionGroup>();
for (const { group, name, past, snomed, icd10cm } of conditionRows) {
  const concepts = listed(snomed);
  // One that says this and nothing else: eclampsia as such is a pregnancy, too.
  const concept = concepts.find((one) => lists.get(one) === 1) ?? concepts[0];
  groups.set(group, {
    name,
    past: isPast(past) ? past : 'unknown',
    example: concept
      ? { system: 'http://snomed.info/sct', code: concept }
      : { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: listed(icd10cm?.prefixes)[0] ?? '' },
  });
}

/** Group id to its name. */
export const conditionGroups: ReadonlyMap<string, ConditionGroup> = groups;

/** The groups that, when documented, leave this one unknown rather than absent. */
export function leavesUnknown(group: string): readonly string[] {
  return Object.hasOwn(unknownsOf, group) ? (unknownsOf[group] ?? []) : [];
}

export interface ConditionReading {
  /**
   * What was read: a code that is in a list, words, or neither (`nothing`: it may be any problem). Only a code exempts.
   */
  by: 'code' | 'words' | 'nothing';
  /** A coding is in SNOMED CT, an ICD or a list of procedures, in our lists or not. */
  coded: boolean;
  /** It is this. */
  groups: readonly string[];
  /** It was this: a history, a remission. */
  past: readonly string[];
  /** It may be this: a hint, a suspicion. */
  open: readonly string[];
  /** Of one read by its codes: what its words say of groups that no code of it is in a list of. */
  beside?: ConditionReading;
}

/** Each group once: what is so outweighs what may be, and that what was; with all that follows. */
function readingOf(
  by: ConditionReading['by'],
  coded: boolean,
  said: { now: Iterable<string>; past: Iterable<string>; open: Iterable<string> },
): ConditionReading {
  const now = withImplied(said.now);
  const open = [...withImplied(said.open)].filter((group) => !now.has(group));
  const past = [...withImplied(said.past)].filter((group) => !now.has(group) && !open.includes(group));
  return { by, coded, groups: [...now], past, open };
}

/**
 * The groups that a problem belongs to: by its codes and, for groups that these say nothing of, by its words (`C90.0`, "myeloma
 * with acute kidney injury").
 *
 * Pregnancy is every O code but those that say it is over: O00-O08 (ended before term), O70-O73 and O80-O89
 * (delivery and what follows it), O90-O92, O94-O97, and the codes "complicating the puerperium".
 * @param codings of Condition.code (https://hl7.org/fhir/R4/condition.html)
 * @param text of Condition.code, or several
 */
export function conditionGroupsOf(codings: readonly ReceivedCoding[], text: unknown): ConditionReading {
  const readable = readableCodings(codings);
  const { known, standings } = readCodes(readable);
  const of = (standing: Standing): ReadonlySet<string> => standings.get(standing) ?? new Set();
  const texts = [text].flat().map((one) => ({ words: one, code: null }));
  if (standings.size > 0) {
    const coded = readingOf('code', known, { now: of('member'), past: of('past'), open: of('hint') });
    // A display says what its code does.
    const displays = new Set(readable.map(({ display }) => display));
    const words = readWords(texts.filter((one) => !displays.has(one.words)));
    const beside = words ? readingBeside(coded, of('excluded'), words) : null;
    return beside ? { ...coded, beside } : coded;
  }
  const words = readWords([...readable.map(({ display, code }) => ({ words: display, code })), ...texts]);
  if (!words) return readingOf('nothing', known, { now: [], past: [], open: [] });
  return readingOf('words', known, words);
}

/** What words say of groups that no code says anything of; null for nothing. Where no code says what is, they leave it open. */
function readingBeside(
  coded: ConditionReading,
  excluded: ReadonlySet<string>,
  words: WordsRead,
): ConditionReading | null {
  const said = new Set([...coded.groups, ...coded.past, ...coded.open, ...excluded]);
  const unsaid = (all: readonly string[]): string[] => all.filter((group) => !said.has(group));
  const [now, open] = [unsaid(words.now), unsaid(words.open)];
  const isCertain = coded.groups.length > 0;
  const read = readingOf('words', coded.coded, {
    now: isCertain ? now : [],
    past: unsaid(words.past),
    open: isCertain ? open : [...now, ...open],
  });
  const left = { ...read, groups: unsaid(read.groups), past: unsaid(read.past), open: unsaid(read.open) };
  return left.groups.length + left.past.length + left.open.length > 0 ? left : null;
}

/** The readings of a problem: by its codes, and beside them by its words. */
export const readingsOf = (reading: ConditionReading): ConditionReading[] =>
  reading.beside ? [reading, reading.beside] : [reading];

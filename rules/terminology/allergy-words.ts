/** What an allergy is to, from its words: "Allergy to penicillin", "Sulfa (Sulfonamide Antibiotics)", "PCN". */
import { type Allergen, allergenWords, isKnownDrug } from './allergens.ts';
import { resolveDrug } from './drugs/resolve.ts';
import { foldCase } from './drugs/spelling.ts';

/** What a text says: what was understood, and whether something else was not. */
export interface WordsReading {
  allergens: readonly Allergen[];
  /** A part of it was not understood, or says what the allergy is not to. */
  hasUnread: boolean;
}

const wordSet = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** They say that it is an allergy, how bad it was and when: nothing about what it is to. */
const frame = wordSet(`
  allergy allergies allergic allergie allergien allergische allergisch allergique allergia alergia alergias alergico
  alergica allergisk hypersensitivity hypersensitive intolerance intolerant intolerances unvertraglichkeit intoleranz
  intolerancia sensitivity sensitive adverse reaction reactions reaktion drug drugs to of on the a an auf gegen
  uberempfindlichkeit uberempfindlichkeitsreaktion bei bei aux au a la le les l d de des du contra por el los las
  status history hx personal known documented reported due propensity finding disorder substance situation product
  medicinal event effect side effects nebenwirkung suspected possible probable confirmed unconfirmed mild moderate
  severe serious childhood child infancy rash hives urticaria itching pruritus anaphylaxis anaphylactic shock
  angioedema swelling nausea vomiting diarrhea cough hautausschlag exanthem unspecified type i iv immediate delayed
  ige mediated patient as in during when from caused by induced after s all any other
`);

/** Behind a name they add nothing: "penicillin antibiotics". */
const generic = wordSet(`
  antibiotic antibiotics antibacterial antibacterials medication medications medicine medicines agent agents agts class
  group family derivative derivatives analog analogs analogue analogues containing product products preparation
  preparations compound compounds base related type class antibiotika antibiotikum antibiotique antibiotiques
  therapy
`);

/** What follows them is not what the allergy is to. */
const negations = wordSet(`
  no not denies denied without never negative ruled excluded delabeled delabelled kein keine keinen nicht ohne pas
  sans sin ninguna negiert
`);

/** What follows them is surely not what the allergy is to. */
const tolerances = wordSet('tolerates tolerated tolerate tolerating vertragt');

/** Between two names. */
const joints = wordSet('and und et y e or oder ou o plus also but sowie');

const longestText = 300;
const mostWords = 60;
/** The longest name in the table has 7 words. */
const longestName = 8;

/** Lower case, without accents; what stands between words is a space, between parts a semicolon. */
function plain(text: unknown): string | null {
  const folded = foldCase(text);
  if (folded === null || folded === '' || folded.length > longestText) return null;
  const bare = folded.normalize('NFD').replace(/\p{M}+/gu, '');
  return bare
    .replace(/[()[\]{},;:/+&|.\n]+| - /gu, ' ; ')
    .replace(/[^\p{L}\p{N};]+/gu, ' ')
    .trim();
}

/** The parts of a text, each its words: divided at punctuation, at "and", and before a negation; without what is tolerated. */
function partsOf(text: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of text.split(' ').slice(0, mostWords)) {
    if (word === ';' || joints.has(word)) parts.push([]);
    else if (negations.has(word) || tolerances.has(word)) parts.push([word]);
    else parts.at(-1)?.push(word);
  }
  return parts.filter(([first]) => first !== undefined && !tolerances.has(first));
}

const isNegated = ([first]: readonly string[]): boolean => first !== undefined && negations.has(first);

/** "allergie" and "allergy" as a part of the word itself: "penicillinallergie". */
const compound = /(?:allergi(?:e|en|sch)?|unvertraglichkeit)$/u;
const takeApart = (word: string): string => (word.length > 10 ? word.replace(compound, '') : word);

/** As it stands, then without its plural. */
const spellings = (name: string): string[] => [
  name,
  ...(name.endsWith('s') ? [name.slice(0, -1)] : []),
  ...(name.endsWith('es') ? [name.slice(0, -2)] : []),
  ...(name.endsWith('ies') ? [`${name.slice(0, -3)}y`] : []),
];

const allergenOfName = (name: string): Allergen | null => {
  for (const spelling of spellings(name)) {
    const found = allergenWords.get(spelling);
    if (found) return found;
  }
  return null;
};

/** A drug by the names and brands that medications are read by; null where one of its ingredients is not known. */
function drugOfName(name: string): Allergen | null {
  for (const spelling of spellings(name)) {
    const { ingredients } = resolveDrug([], spelling);
    const drugs = ingredients.map((one) => one.name);
    if (drugs.length > 0 && drugs.every(isKnownDrug)) return { drugs, group: null, kind: 'drug' };
  }
  return null;
}

const nameOf = (words: readonly string[]): Allergen | null => {
  const name = words.join(' ');
  return name === '' ? null : (allergenOfName(name) ?? drugOfName(name));
};

/** A part as a whole: as it stands, without what frames it, without what is generic. */
function wholePart(words: readonly string[]): Allergen | 'nothing' | null {
  const found = nameOf(words);
  if (found) return found;
  const bare = words.map(takeApart).filter((word) => !frame.has(word));
  if (bare.length === 0) return 'nothing';
  return nameOf(bare) ?? nameOf(bare.filter((word) => !generic.has(word)));
}

/** The names of the table that stand among other words, the longest first; what is left over was not understood. */
function namesAmong(words: readonly string[]): WordsReading {
  const allergens: Allergen[] = [];
  let hasUnread = false;
  let at = 0;
  while (at < words.length) {
    const length = lengthOfName(words, at);
    const found = length > 0 ? allergenOfName(words.slice(at, at + length).join(' ')) : null;
    if (found) allergens.push(found);
    else hasUnread ||= !frame.has(words[at] ?? '') && !generic.has(words[at] ?? '');
    at += Math.max(length, 1);
  }
  return { allergens, hasUnread };
}

function lengthOfName(words: readonly string[], at: number): number {
  for (let length = Math.min(longestName, words.length - at); length > 0; length -= 1) {
    if (allergenOfName(words.slice(at, at + length).join(' '))) return length;
  }
  return 0;
}

/**
 * What a text names as an allergy, part by part. What is not understood, or stands behind a negation, is unread: the
 * allergy may be to anything as well.
 * @example
 * readAllergyWords('Allergy to Penicillins'); // { allergens: [{ group: 'penicillins', ... }], hasUnread: false }
 */
export function readAllergyWords(text: unknown): WordsReading {
  const words = plain(text);
  if (words === null || words === '')
    return { allergens: [], hasUnread: typeof text === 'string' && text !== '' };
  const whole = nameOf(words.split(' ').filter((word) => word !== ';'));
  if (whole) return { allergens: [whole], hasUnread: false };
  const allergens: Allergen[] = [];
  let hasUnread = false;
  for (const part of partsOf(words)) {
    const found = isNegated(part) ? null : wholePart(part);
    if (found === 'nothing') continue;
    if (found) allergens.push(found);
    else if (isNegated(part)) hasUnread = true;
    else {
      const among = namesAmong(part.map(takeApart));
      allergens.push(...among.allergens);
      hasUnread ||= among.hasUnread || among.allergens.length === 0;
    }
  }
  return { allergens, hasUnread: hasUnread || allergens.length === 0 };
}

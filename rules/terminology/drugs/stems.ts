/**
 * What kind of drug a name belongs to by its first word or its ending, where the table does not have it. Names are
 * canonical (see spelling.ts).
 */
import { splitWords, wordSet } from './words.ts';

/**
 * First words and endings of drugs that would belong to a class of ours but are not in the table (magnesium
 * threonate, sparfloxacin). To call them "in none of the classes" would be false, so on their own they stay
 * unresolved and a notice says so.
 */
const kindredWords = wordSet(`
  magnesium potassium insulin lithium ferrous ferric iron calcium aluminum aluminium tenofovir mycophenolate
  amphotericin gadofosveset gadopiclenol dyphylline paromomycin eravacycline tigecycline doravirine
  papaverine pentosan trolamine choline bismuth kalium kalzium eisen dicalcium tricalcium sucroferric
  heparin paliperidone clozapine azilect nedaplatin digitoxin acetyldigoxin metildigoxin thyroid liotrix
  opium
`);
const kindredPhrases = ['vitamin d', 'sodium phosphate', 'sodium picosulfate'];
const kindredEndings = splitWords(`
  pril prilat sartan olol floxacin dipine semide thiazide oxicam fenac profen fenamate coxib prazole
  gliflozin gliptin xaban gravir dronate dronic cycline curonium tacrolimus barbital
`);

/** Endings of nonproprietary names (WHO stems) outside our classes that brand names do not share. */
const otherEndings = splitWords(`
  vastatin cillin conazole nidazole bendazole setron zosin oxetine triptyline pramine azepam azolam triptan
  lukast glitazone glinide glutide grel grelor tinib ciclib rafenib rubicin taxel vudine navir buvir asvir
  previr citabine gestrel gesterone trozole oxifen stigmine zolamide tadine rizine mustine relin bactam
  penem fibrate racetam codone morphone fentanil bamate dafil tropium caine umab ximab zumab limumab tide
  idone
`);

/** A salt of magnesium, potassium or lithium, or iron, whatever stands before: "dibasic potassium phosphate". */
export const hasCation = (name: string): boolean =>
  / (?:magnesium|potassium|lithium) [a-z]/.test(name) || / iron\b/.test(name);

/** It begins or ends as drugs of our classes do: it may be one of them. */
export function isKindred(name: string): boolean {
  const first = name.split(' ', 1)[0] ?? '';
  return (
    kindredWords.has(first) ||
    hasCation(name) ||
    kindredPhrases.some((phrase) => name === phrase || name.startsWith(`${phrase} `)) ||
    kindredEndings.some((ending) => first.length > ending.length && first.endsWith(ending))
  );
}

/** A single word with the stem of a class that is not ours. */
export const hasOtherStem = (name: string): boolean =>
  !name.includes(' ') &&
  otherEndings.some((ending) => name.length > ending.length + 1 && name.endsWith(ending));

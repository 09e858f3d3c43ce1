/**
 * Stages of chronic kidney disease as they are written: "CKD stage 4", "CKD G4A2", "CKD IIIb", "stage 4 kidney disease",
 * "CKD 5D" (on dialysis), in English, German, French, Spanish and Italian. KDIGO 2024, Table 2; D and T as in KDIGO 2012.
 */

export interface FoundStage {
  group: string;
  /** Its words are at [start, end). */
  start: number;
  end: number;
}

/** Longest first. */
const names: readonly (readonly string[])[] = [
  'ckd chronic kidney disease',
  'chronic kidney disease ckd',
  'chronic kidney disease',
  'chronic kidney failure',
  'chronic renal disease',
  'chronic renal failure',
  'chronic renal insufficiency',
  'chronische nierenkrankheit',
  'chronische nierenerkrankung',
  'chronische niereninsuffizienz',
  'chronischer niereninsuffizienz',
  'maladie renale chronique',
  'insuffisance renale chronique',
  'enfermedad renal cronica',
  'insuficiencia renal cronica',
  'malattia renale cronica',
  'insufficienza renale cronica',
  'kidney disease',
  'renal disease',
  'niereninsuffizienz',
  'ckd',
  'erc',
  'irc',
].map((name) => name.split(' '));

const stageWords: ReadonlySet<string> = new Set(
  'stage stg grade category gfr stadium grad stade estadio stadio etapa kdigo egfr'.split(' '),
);

const romans: Readonly<Record<string, string>> = { i: '1', ii: '2', iii: '3', iv: '4', v: '5' };
const written = /^g?([1-5]|iii|ii|iv|i|v)([ab])?([dt])?(?:a[1-3])?$/;

/** The groups of "4", "g4a2", "iiib", "5d"; null for another word. */
function groupsOf(word: string): string[] | null {
  const [, number = '', letter = '', mark] = written.exec(word) ?? [];
  if (number === '') return null;
  const stage = `${romans[number] ?? number}${letter}`;
  if (letter !== '' && !stage.startsWith('3')) return null;
  const more = mark === 'd' ? ['dialysis'] : mark === 't' ? ['kidney-transplant'] : [];
  return [`ckd-stage-${stage}`, ...more];
}

const isAt = (words: readonly string[], start: number, name: readonly string[]): boolean =>
  name.every((word, index) => words[start + index] === word);

/** The stage behind the name of the disease: "CKD stage 4". */
function stageBehind(words: readonly string[], end: number): { groups: string[]; end: number } | null {
  let at = end;
  while (at < end + 3 && stageWords.has(words[at] ?? '')) at += 1;
  const groups = groupsOf(words[at] ?? '');
  return groups && { groups, end: at + 1 };
}

/** The stage before it: "stage 4 CKD". */
function stageBefore(words: readonly string[], start: number): { groups: string[]; start: number } | null {
  const skipped = words[start - 1] === 'chronic' ? start - 1 : start;
  if (!stageWords.has(words[skipped - 2] ?? '')) return null;
  const groups = groupsOf(words[skipped - 1] ?? '');
  return groups && { groups, start: skipped - 2 };
}

/** @param words of a phrase, lower case and without accents */
export function stagesIn(words: readonly string[]): FoundStage[] {
  const found: FoundStage[] = [];
  for (let start = 0; start < words.length; start += 1) {
    const name = names.find((one) => isAt(words, start, one));
    if (!name || words[start - 1] === 'acute') continue;
    const end = start + name.length;
    const behind = stageBehind(words, end);
    const before = behind ? null : stageBefore(words, start);
    for (const group of behind?.groups ?? before?.groups ?? [])
      found.push({ group, start: before?.start ?? start, end: behind?.end ?? end });
    start = end - 1;
  }
  return found;
}

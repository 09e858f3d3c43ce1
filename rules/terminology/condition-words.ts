/**
 * Problems by their words: which groups a display or a text names, with negation, other persons, plans, suspicion and
 * history heeded. Words can say that something is so, or may be so; what they do not say is left to the reader.
 *
 * A text is taken apart into phrases (at full stops, semicolons, lines, "but"), a phrase into parts (at commas). A cue
 * reaches what stands behind it, or around it, in its part; one that opens a phrase reaches all of it ("FH: asthma,
 * migraine"); another that stands before a comma leaves what follows open.
 */
import { type Cue, type CueKind, cues } from './condition-cues.ts';
import { conditionRows } from './condition-table.ts';

/** Longer texts are narrative, and not read. */
const longestText = 1000;

/** Lower case words: no accents, `ae` and `oe` as `e`, punctuation as blanks but for commas and question marks. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[æœ]/g, 'e')
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/([ao])e/g, 'e')
    .replace(/\s[-–—]\s/g, ' , ')
    .replace(/[^a-z0-9,?]+/g, ' ')
    .replace(/[,?]/g, ' $& ')
    .trim();

/** The words of a phrase of the table; a comma in it is none. */
const wordsOf = (text: string): string[] =>
  plain(text)
    .split(' ')
    .filter((word) => word !== '' && word !== ',');

interface Entry<T> {
  words: readonly string[];
  what: T;
}

/** Entries by their first word, the longest first. */
class PhraseIndex<T> {
  readonly #byFirst = new Map<string, Entry<T>[]>();

  constructor(entries: Iterable<Entry<T>>) {
    for (const entry of entries) {
      const [first] = entry.words;
      if (first === undefined) continue;
      const same = this.#byFirst.get(first);
      if (same) same.push(entry);
      else this.#byFirst.set(first, [entry]);
    }
    for (const same of this.#byFirst.values()) same.sort((a, b) => b.words.length - a.words.length);
  }

  /** What begins at this word; the last word may be a plural. */
  at(tokens: readonly Token[], start: number): Entry<T>[] {
    const first = tokens[start]?.word ?? '';
    const candidates = [...(this.#byFirst.get(first) ?? [])];
    if (first.endsWith('s')) candidates.push(...(this.#byFirst.get(first.slice(0, -1)) ?? []));
    return candidates.filter(({ words }) =>
      words.every((word, index) => {
        const found = tokens[start + index]?.word;
        return found === word || (index === words.length - 1 && word.length > 3 && found === `${word}s`);
      }),
    );
  }
}

// --- The table ---------------------------------------------------------------------------------------------

interface Named {
  group: string;
  /** Words that must stand in the same phrase, too. */
  besides: readonly string[] | null;
}
interface Barred {
  group: string;
  /** It speaks of the past, where the past of this group is not what counts: "history of hypokalemia". */
  past: boolean;
  /** It says how something is meant, and so nothing of another part: "CKD stage 3, resolved AKI". */
  isCue: boolean;
}

const pastWords = new Set(['history', 'h', 'prior', 'previous', 'previously', 'resolved', 'off', 'last']);

const meansHow = new Set([
  ...pastWords,
  ...'risk no not without family screening donor rule ruled denies prevent'.split(' '),
]);

const named = new PhraseIndex<Named>(
  conditionRows.flatMap(({ group, words }) =>
    words.map((entry) => {
      const [phrase = '', besides] = entry.split(' + ');
      return { words: wordsOf(phrase), what: { group, besides: besides ? wordsOf(besides) : null } };
    }),
  ),
);

const barred = new PhraseIndex<Barred>(
  conditionRows.flatMap(({ group, past, notWords }) =>
    notWords.map((entry) => {
      const words = wordsOf(entry);
      return {
        words,
        what: {
          group,
          past: past !== 'counts' && words.some((word) => pastWords.has(word)),
          isCue: words.some((word) => meansHow.has(word)),
        },
      };
    }),
  ),
);

const cueIndex = new PhraseIndex<Cue>(cues.map((cue) => ({ words: wordsOf(cue.words), what: cue })));

// --- A text ------------------------------------------------------------------------------------------------

interface Token {
  word: string;
  part: number;
}

const phraseEnd = /[;\n\r|•]|(?<=[\p{L}\d]{3})\.(?=\s|$)|\b(?:but|however|currently|presenting with|now)\b/iu;

/** The phrases of a text, as words with the number of their part. */
function phrasesOf(text: string): Token[][] {
  return text.split(phraseEnd).map((phrase) => {
    let part = 0;
    const tokens: Token[] = [];
    for (const word of plain(phrase).split(' ')) {
      if (word === ',') part += 1;
      else if (word !== '') tokens.push({ word, part });
    }
    return tokens;
  });
}

interface FoundCue {
  kind: CueKind;
  reach: Cue['reach'];
  start: number;
  end: number;
  part: number;
  /** Nothing stands beside it in its part: "asthma, ruled out". */
  alone: boolean;
}

function cuesIn(tokens: readonly Token[]): FoundCue[] {
  const found: FoundCue[] = [];
  for (let start = 0; start < tokens.length; start += 1) {
    const [entry] = cueIndex.at(tokens, start).sort((a, b) => b.words.length - a.words.length);
    const part = tokens[start]?.part ?? 0;
    if (!entry) continue;
    const end = start + entry.words.length;
    const alone =
      (tokens[start - 1]?.part ?? -1) !== part && (tokens[end]?.part ?? -1) !== part && tokens.length > 1;
    found.push({ kind: entry.what.kind, reach: entry.what.reach, start, end, part, alone });
    start = end - 1;
  }
  return found;
}

/** What one mention of a group comes to. */
type Mention = 'is' | 'was' | 'open' | 'not';

const meaningOf: Readonly<Record<CueKind, Mention>> = {
  neutral: 'is',
  negated: 'not',
  person: 'not',
  future: 'not',
  uncertain: 'open',
  past: 'was',
};

/** What the cue says of words at [start, end): nothing, its meaning, or that they may be meant. */
function effectOf(cue: FoundCue, tokens: readonly Token[], start: number, end: number): Mention {
  const { reach, part, alone } = cue;
  const meaning = meaningOf[cue.kind];
  if (reach === 'next') return cue.end === start ? meaning : 'is';
  const first = tokens[start]?.part ?? 0;
  const last = tokens[end - 1]?.part ?? first;
  const isBefore = cue.end <= start;
  if (isBefore && part === first) return reach === 'back' ? 'is' : meaning;
  if (!isBefore && part === last) return reach === 'on' ? 'is' : meaning;
  if (isBefore) {
    if (reach === 'back') return 'is';
    // "Family history: asthma, migraine"; "without edema, asthma" is no list.
    if (cue.start === 0) return meaning;
    return cue.kind === 'negated' || cue.kind === 'future' ? 'is' : 'open';
  }
  return alone && part === last + 1 && reach !== 'on' ? meaning : 'is';
}

const strength: Readonly<Record<Mention, number>> = { is: 0, was: 1, open: 2, not: 3 };
const strongest = (mentions: readonly Mention[]): Mention =>
  mentions.reduce((one, other) => (strength[other] > strength[one] ? other : one), 'is');

type Bar = Omit<Barred, 'group'> & { part: number };

function barsIn(tokens: readonly Token[]): Map<string, Bar[]> {
  const bars = new Map<string, Bar[]>();
  for (let start = 0; start < tokens.length; start += 1) {
    for (const { what } of barred.at(tokens, start)) {
      const bar = { part: tokens[start]?.part ?? 0, past: what.past, isCue: what.isCue };
      bars.set(what.group, [...(bars.get(what.group) ?? []), bar]);
    }
  }
  return bars;
}

/** What the words that must not stand beside it say. */
const barredEffect = (bars: readonly Bar[], part: number): Mention =>
  strongest(bars.map((bar) => (bar.isCue && bar.part !== part ? 'is' : bar.past ? 'was' : 'not')));

const hasBesides = (tokens: readonly Token[], besides: readonly string[] | null): boolean =>
  besides === null ||
  tokens.some((_, start) => besides.every((word, index) => tokens[start + index]?.word === word));

/** Every mention of a group in a phrase, with what it comes to. */
function mentionsIn(tokens: readonly Token[]): { group: string; mention: Mention }[] {
  const found = cuesIn(tokens);
  const bars = barsIn(tokens);
  return tokens.flatMap((token, start) =>
    named.at(tokens, start).flatMap(({ words, what }) => {
      if (!hasBesides(tokens, what.besides)) return [];
      const effects = found
        .filter((cue) => cue.end <= start || cue.start >= start + words.length)
        .map((cue) => effectOf(cue, tokens, start, start + words.length));
      effects.push(barredEffect(bars.get(what.group) ?? [], token.part));
      return [{ group: what.group, mention: strongest(effects) }];
    }),
  );
}

/** Words that name no problem: what stands where one was masked, or never filled in. */
const noWords = new Set(
  'masked redacted restricted confidential withheld hidden sensitive unknown unspecified uncoded unmapped undefined null na n a see note notes comment comments text free code coded problem problems diagnosis condition xxx tbd the of for'.split(
    ' ',
  ),
);

/** Whether there is anything to read: a word that is no code and no mark of absence. */
const areWords = (tokens: readonly Token[], code: string): boolean =>
  tokens.some(({ word }) => /[a-z]{2}/.test(word) && !noWords.has(word)) &&
  tokens.map(({ word }) => word).join(' ') !== code;

export interface WordsRead {
  now: readonly string[];
  past: readonly string[];
  open: readonly string[];
}

/** Of several mentions in one text, one that holds outweighs the rest. */
const merged: readonly Mention[] = ['is', 'open', 'was', 'not'];

function mentionsOf(tokens: readonly Token[][]): Map<string, Mention> {
  const mentions = new Map<string, Mention>();
  for (const { group, mention } of tokens.flatMap(mentionsIn)) {
    const other = mentions.get(group);
    if (other === undefined || merged.indexOf(mention) < merged.indexOf(other)) mentions.set(group, mention);
  }
  return mentions;
}

/** Two texts of one problem that contradict each other leave it open. */
function agreed(one: Mention | undefined, other: Mention): Mention {
  if (one === undefined || one === other) return other;
  return one === 'not' || other === 'not' || one === 'open' || other === 'open' ? 'open' : 'is';
}

/**
 * Reads the displays and the text of one problem, each for itself.
 * @returns null where nothing of it is words
 */
export function readWords(texts: readonly { words: unknown; code: unknown }[]): WordsRead | null {
  const all = new Map<string, Mention>();
  let any = false;
  for (const { words, code } of texts) {
    if (typeof words !== 'string' || words.length > longestText) continue;
    const phrases = phrasesOf(words);
    if (!areWords(phrases.flat(), typeof code === 'string' ? plain(code) : '')) continue;
    any = true;
    for (const [group, mention] of mentionsOf(phrases)) all.set(group, agreed(all.get(group), mention));
  }
  if (!any) return null;
  const groupsThat = (wanted: Mention): string[] =>
    [...all].flatMap(([group, mention]) => (mention === wanted ? [group] : []));
  return { now: groupsThat('is'), past: groupsThat('was'), open: groupsThat('open') };
}

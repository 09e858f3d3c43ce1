/**
 * Problems by their words: which groups a display or a text names, with negation, other persons, plans, suspicion and
 * history heeded. Words can say that something is so, or may be so; what they do not say is left to the reader.
 *
 * A text is taken apart into phrases (at full stops, semicolons, lines, "but"), a phrase into parts (at commas). A cue
 * speaks of the mention that it stands beside. Other words between them ("planned thymectomy for myasthenia gravis")
 * leave open what it would deny. Denials and family history that open a phrase reach its lists ("FH: asthma, migraine").
 */
import { type Cue, type CueKind, cues, lists, passes, turnsAway } from './condition-cues.ts';
import { stagesIn } from './condition-stages.ts';
import { conditionRows } from './condition-table.ts';
import otherWords from './condition-words.json' with { type: 'json' };

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
  /** They are evidence, not proof: "dialysis". */
  isHint: boolean;
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

/** Words of groups beside those of conditions.json: other languages, other spellings. */
interface MoreWords {
  words?: readonly string[];
  hintWords?: readonly string[];
  notWords?: readonly string[];
}
const more: Readonly<Record<string, MoreWords>> = otherWords.groups;

const pastOf: ReadonlyMap<string, string> = new Map(conditionRows.map(({ group, past }) => [group, past]));

const namedAs = (group: string, entry: string, isHint: boolean): Entry<Named> => {
  const [phrase = '', besides] = entry.split(' + ');
  return { words: wordsOf(phrase), what: { group, besides: besides ? wordsOf(besides) : null, isHint } };
};

const named = new PhraseIndex<Named>(
  conditionRows.flatMap(({ group, words }) => [
    ...[...words, ...(more[group]?.words ?? [])].map((entry) => namedAs(group, entry, false)),
    ...(more[group]?.hintWords ?? []).map((entry) => namedAs(group, entry, true)),
  ]),
);

const barred = new PhraseIndex<Barred>(
  conditionRows.flatMap(({ group, past, notWords }) =>
    [...notWords, ...(more[group]?.notWords ?? [])].map((entry) => {
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

/** Words at [start, end) of a phrase. */
interface Place {
  start: number;
  end: number;
}

interface FoundCue extends Place {
  kind: CueKind;
  reach: Cue['reach'];
  /** It may open a list: "denies asthma, migraine". */
  opensList: boolean;
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
    const { kind, reach, words } = entry.what;
    const end = start + entry.words.length;
    const alone =
      (tokens[start - 1]?.part ?? -1) !== part && (tokens[end]?.part ?? -1) !== part && tokens.length > 1;
    found.push({ kind, reach, opensList: start === 0 && lists.has(words), start, end, part, alone });
    start = end - 1;
  }
  return found;
}

/** What one mention of a group comes to. */
type Mention = 'is' | 'was' | 'open' | 'not';

interface FoundMention extends Place {
  group: string;
  isHint: boolean;
}

/** A phrase with all that was found in it. */
interface Phrase {
  tokens: readonly Token[];
  cues: readonly FoundCue[];
  /** For each word: how many of the words before it say something of their own, neither cue nor mention nor filler. */
  content: readonly number[];
  /** The words that are part of a mention. */
  mentioned: ReadonlySet<number>;
}

const meaningOf: Readonly<Record<CueKind, Mention>> = {
  neutral: 'is',
  negated: 'not',
  person: 'not',
  future: 'not',
  uncertain: 'open',
  past: 'was',
};

/** What is said of something that may not be this: open, where the cue would take it away. */
const weakened = (meaning: Mention, group: string): Mention =>
  meaning === 'not' || (meaning === 'was' && pastOf.get(group) === 'no') ? 'open' : meaning;

const isFiller = (word: string): boolean => passes.has(word) || /^\d+$/.test(word);

/** Whether words at [start, end) keep a cue from its mention: other words, or a mention that is not one of a list. */
function keepApart({ tokens, content, mentioned }: Phrase, start: number, end: number): boolean {
  if (end <= start) return false;
  if ((content[end] ?? 0) > (content[start] ?? 0)) return true;
  for (let at = start; at < end; at += 1) {
    if (!mentioned.has(at) || (at + 1 < end && mentioned.has(at + 1))) continue;
    // A mention ends here.
    const next = tokens[at + 1];
    const goesOn =
      next && (next.part !== tokens[at]?.part || /^(?:or|and|nor|und|oder|et|ou|y|o)$/.test(next.word));
    if (!goesOn) return true;
  }
  return false;
}

/** Whether words of its own follow in the same part. */
function isFollowed({ tokens, content, mentioned }: Phrase, { end, part }: FoundCue): boolean {
  let last = end;
  while (last < tokens.length && tokens[last]?.part === part) last += 1;
  if ((content[last] ?? 0) > (content[end] ?? 0)) return true;
  for (let at = end; at < last; at += 1) if (mentioned.has(at)) return true;
  return false;
}

/** A cue before its mention: "no asthma", "denies asthma, migraine"; "without edema, asthma" is no list. */
function effectBefore(cue: FoundCue, phrase: Phrase, mention: FoundMention): Mention {
  const { kind, reach, part } = cue;
  const meaning = meaningOf[kind];
  if (reach === 'back' || meaning === 'is') return 'is';
  const said = keepApart(phrase, cue.end, mention.start) ? weakened(meaning, mention.group) : meaning;
  if (part === (phrase.tokens[mention.start]?.part ?? 0)) return said;
  if (cue.opensList) return said;
  if (cue.start === 0) return weakened(meaning, mention.group);
  return kind === 'negated' || kind === 'future' ? 'is' : 'open';
}

const namesBetween = ({ mentioned }: Phrase, start: number, end: number): boolean =>
  [...mentioned].some((at) => at >= start && at < end);

/** A cue behind its mention: "asthma ruled out"; in "asthma with planned surgery" it speaks of what follows. */
function effectBehind(cue: FoundCue, phrase: Phrase, mention: FoundMention): Mention {
  const { reach, part, alone, kind, start } = cue;
  const meaning = meaningOf[kind];
  if (reach === 'on' || meaning === 'is') return 'is';
  const last = phrase.tokens[mention.end - 1]?.part ?? 0;
  if (part !== last) return alone && part === last + 1 ? meaning : 'is';
  const isApart = keepApart(phrase, mention.end, start);
  // "CKD 4 dialysis education": it is about what is named last.
  if (kind === 'future' && isApart && (reach === 'back' || namesBetween(phrase, mention.end, start)))
    return 'is';
  if (reach === 'both' && isFollowed(phrase, cue)) {
    const turned = phrase.tokens.slice(mention.end, start).some(({ word }) => turnsAway.has(word));
    return turned ? 'is' : weakened(meaning, mention.group);
  }
  // The donor of a kidney is another person, and the kidney is the patient's.
  const isDonor = kind === 'person' && mention.group === 'kidney-transplant';
  return isApart || isDonor ? weakened(meaning, mention.group) : meaning;
}

/** What the cue says of a mention: nothing, its meaning, or that it may be meant. */
function effectOf(cue: FoundCue, phrase: Phrase, mention: FoundMention): Mention {
  if (cue.reach === 'next') return cue.end === mention.start ? meaningOf[cue.kind] : 'is';
  if (cue.end <= mention.start) return effectBefore(cue, phrase, mention);
  return cue.start >= mention.end ? effectBehind(cue, phrase, mention) : 'is';
}

const strength: Readonly<Record<Mention, number>> = { is: 0, was: 1, open: 2, not: 3 };
const strongest = (mentions: readonly Mention[]): Mention =>
  mentions.reduce((one, other) => (strength[other] > strength[one] ? other : one), 'is');

type Bar = Omit<Barred, 'group'> & Place & { part: number };

function barsIn(tokens: readonly Token[]): Map<string, Bar[]> {
  const bars = new Map<string, Bar[]>();
  for (let start = 0; start < tokens.length; start += 1) {
    for (const { what, words } of barred.at(tokens, start)) {
      const part = tokens[start]?.part ?? 0;
      const bar = { part, past: what.past, isCue: what.isCue, start, end: start + words.length };
      bars.set(what.group, [...(bars.get(what.group) ?? []), bar]);
    }
  }
  return bars;
}

/** What the words that must not stand beside it say: "ectopic pregnancy"; apart from it they leave it open. */
function barredEffect(bars: readonly Bar[], phrase: Phrase, { group, start, end }: FoundMention): Mention {
  const here = phrase.tokens[start]?.part ?? 0;
  const { cues: found } = phrase;
  const effects = bars.map((bar): Mention => {
    if (bar.isCue && bar.part !== here) return 'is';
    // "Deceased donor kidney".
    if (found.some((cue) => cue.kind === 'neutral' && cue.start <= bar.start && bar.end <= cue.end))
      return 'is';
    if (bar.past) return 'was';
    // "Unspecified" is what a better name replaces wherever it stands.
    if (group.endsWith('-unspecified')) return 'not';
    const [from, to] = bar.end <= start ? [bar.end, start] : [end, bar.start];
    const isApart =
      bar.part !== here ||
      keepApart(phrase, from, to) ||
      found.some((cue) => cue.start >= from && cue.end <= to);
    return isApart ? 'open' : 'not';
  });
  return strongest(effects);
}

const hasBesides = (tokens: readonly Token[], besides: readonly string[] | null): boolean =>
  besides === null ||
  tokens.some((_, start) => besides.every((word, index) => tokens[start + index]?.word === word));

/** Where groups are named. A stage is no unspecified one, and what is part of a longer name is no hint. */
function foundIn(tokens: readonly Token[]): FoundMention[] {
  const stages = stagesIn(tokens.map(({ word }) => word)).map((stage) => ({ ...stage, isHint: false }));
  const words = tokens.flatMap((_, start) =>
    named.at(tokens, start).flatMap(({ words: all, what }) => {
      const { group, isHint, besides } = what;
      return hasBesides(tokens, besides) ? [{ group, isHint, start, end: start + all.length }] : [];
    }),
  );
  const found = [
    ...stages,
    ...words.filter(({ group }) => group !== 'ckd-unspecified' || stages.length === 0),
  ];
  const proofs = found.filter(({ isHint }) => !isHint);
  return found.filter(
    (one) =>
      !one.isHint ||
      !proofs.some(({ group, start, end }) => group === one.group && start <= one.start && end >= one.end),
  );
}

function phraseOf(tokens: readonly Token[], mentions: readonly FoundMention[]): Phrase {
  const found = cuesIn(tokens);
  const places = (list: readonly Place[]): Set<number> =>
    new Set(
      list.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)),
    );
  const mentioned = places(mentions);
  const isCue = places(found);
  const content = [0];
  for (const [index, { word }] of tokens.entries()) {
    const counts = !mentioned.has(index) && !isCue.has(index) && !isFiller(word) && !turnsAway.has(word);
    content.push((content[index] ?? 0) + (counts ? 1 : 0));
  }
  return { tokens, cues: found, content, mentioned };
}

/** The mention with those that share words of it: "myasthenia" of "myasthenia gravis" is no word beside it. */
function whole(mention: FoundMention, mentions: readonly FoundMention[]): FoundMention {
  const same = mentions.filter((one) => one.start < mention.end && mention.start < one.end);
  const start = Math.min(...same.map((one) => one.start));
  return { ...mention, start, end: Math.max(...same.map((one) => one.end)) };
}

/** Every mention of a group in a phrase, with what it comes to. */
function mentionsIn(tokens: readonly Token[]): { group: string; mention: Mention }[] {
  const mentions = foundIn(tokens);
  if (mentions.length === 0) return [];
  const phrase = phraseOf(tokens, mentions);
  const bars = barsIn(tokens);
  return mentions.map((found) => {
    const mention = whole(found, mentions);
    const effects = phrase.cues.map((cue) => effectOf(cue, phrase, mention));
    effects.push(barredEffect(bars.get(mention.group) ?? [], phrase, mention));
    if (mention.isHint) effects.push('open');
    return { group: mention.group, mention: strongest(effects) };
  });
}

/** Words that name no problem: what stands where one was masked, or never filled in. */
const noWords = new Set(
  (
    'masked redacted restricted confidential withheld hidden sensitive unknown unspecified uncoded unmapped undefined ' +
    'null na n a see note notes comment comments text free code coded problem problems diagnosis diagnoses condition ' +
    'conditions xxx tbd the of for other others misc miscellaneous various scanned scan document documents attached ' +
    'attachment report letter chart record records external clinical finding findings disease diseases disorder ' +
    'disorders illness situation event medical health concern concerns issue issues active general specified ' +
    'pending entry item description details siehe dokument anhang sonstige sonstiges diagnose erkrankung krankheit ' +
    'autre autres maladie voir otro otra otros enfermedad altro altra malattia'
  ).split(' '),
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

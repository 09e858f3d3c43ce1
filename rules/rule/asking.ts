/**
 * What the text of a card asks for, marked where it asks: `[test qtc: an ECG now]`, `[give potassium: potassium]`. Where all of
 * it is at hand, the words are left out, or those behind the bar stand instead (clinical decision 36).
 *
 * `test`: a result, which is at hand where it is ordered or has just come. `again`: one more result, which is at hand where
 * it is ordered. `give`: a replacement among the drafts, signed or running. Several behind commas: all of them; ` or `: one
 * of them is enough.
 */
import { type Replacement, replacements } from '../facts/replacements.ts';
import { type OrderedTest, orderedTestNames } from '../terminology/service-tests.ts';

/** What corrects each low result that the finding rests on. */
export const lowResults = 'low-results';
export type Given = Replacement | typeof lowResults;

/** Things of one kind that a part of a text asks for. */
export type Demand =
  | { verb: 'test' | 'again'; things: readonly OrderedTest[] }
  | { verb: 'give'; things: readonly Given[] };

/** A part of a text that asks for something. */
export interface Asking {
  /** One of them is enough. */
  anyOf: readonly Demand[];
  words: string;
  /** What stands there instead where it is at hand; null: nothing, and what joins it to its neighbours goes, too. */
  instead: string | null;
}

const marked = /\[([^[\]:]+):([^[\]|]*)(?:\|([^[\]|]*))?\]/g;

const isTest = (name: string): name is OrderedTest => orderedTestNames.some((one) => one === name);
const isGiven = (name: string): name is Given =>
  name === lowResults || replacements.some((one) => one === name);

/** Null for what is no demand. */
function demandOf(written: string): Demand | null {
  const [, verb, list = ''] = /^(test|again|give) (.+)$/.exec(written.trim()) ?? [];
  const things = list.split(', ');
  if (verb === 'give') return things.every(isGiven) ? { verb, things } : null;
  if (verb !== 'test' && verb !== 'again') return null;
  return things.every(isTest) ? { verb, things } : null;
}

const demandsOf = (written: string): (Demand | null)[] => written.split(' or ').map(demandOf);

function askingOf([, written = '', words = '', instead]: RegExpMatchArray): Asking {
  const anyOf = demandsOf(written).filter((demand) => demand !== null);
  return { anyOf, words: words.trim(), instead: instead === undefined ? null : instead.trim() };
}

/** All that a text asks for. */
export const askingsIn = (text: string): Asking[] => [...text.matchAll(marked)].map(askingOf);

/** What is no mark of what a text asks for; empty where all are. */
export const askingProblems = (text: string): string[] => [
  ...[...text.matchAll(marked)].flatMap(([whole, written = '', words = '']) =>
    demandsOf(written).includes(null) || words.trim() === ''
      ? [`\`${whole}\` asks for nothing we know: write \`[test qtc: an ECG]\``]
      : [],
  ),
  ...(/[[\]]/.test(text.replace(marked, '')) ? ['has a bracket that is no mark of what it asks for'] : []),
];

/** Stands where nothing is asked for any more. */
const gap = '\u0000';
const joint = '(?:[,;] (?:and |or )?| and | or )';

/** The parts of a list without those that are gone. */
const withoutGaps = (text: string): string =>
  text
    .replace(new RegExp(`((?:^|[:;.]) )${gap}${joint}`, 'g'), '$1')
    .replace(new RegExp(`${joint}${gap}`, 'g'), '')
    .replace(new RegExp(`${gap}${joint}`, 'g'), '')
    .replace(new RegExp(` ?Options?: ${gap}\\.`, 'g'), '')
    .replaceAll(gap, '')
    .replace(/ +([,;.])/g, '$1')
    .replace(/ {2,}/g, ' ')
    .trim();

/**
 * A text as it is read where `isAtHand` says what is at hand.
 * @example
 * textAsking('Options: [test qtc: an ECG], and fluids.', () => true); // Options: fluids.
 */
export function textAsking(text: string, isAtHand: (asking: Asking) => boolean): string {
  let isChanged = false;
  const filled = text.replace(marked, (...match) => {
    const asking = askingOf(match as unknown as RegExpMatchArray);
    if (!isAtHand(asking)) return asking.words;
    isChanged = true;
    return asking.instead ?? gap;
  });
  return isChanged ? withoutGaps(filled) : filled;
}

/** A text with all that it asks for: what a page about the rule shows. */
export const textAskingAll = (text: string): string => textAsking(text, () => false);

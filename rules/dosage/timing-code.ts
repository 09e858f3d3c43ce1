/**
 * How often, as a code or a text says it: Timing.code (https://hl7.org/fhir/R4/datatypes.html#Timing), its displays
 * and its text.
 */
import { asObject, asString, codingsOf, type Json } from '../fhir/json.ts';
import { hoursOfUnit } from './amounts.ts';

/** `once` has no times a day: it is one dose in all. */
export type Pattern = { timesADay: number } | { count: 1 };

/** HL7's abbreviations (https://hl7.org/fhir/R4/valueset-timing-abbreviation.html) and those used beside them. */
const timesOfCode: ReadonlyMap<string, number> = new Map(
  Object.entries({
    QD: 1,
    AM: 1,
    PM: 1,
    BED: 1,
    BID: 2,
    TID: 3,
    QID: 4,
    QOD: 1 / 2,
    WK: 1 / 7,
    MO: 1 / 30,
  }),
);

/** Once, twice, three and four times daily. */
const snomedTimes: ReadonlyMap<string, number> = new Map([
  ['229797004', 1],
  ['229799001', 2],
  ['229798009', 3],
  ['307439001', 4],
]);
const snomed = 'http://snomed.info/sct';

const timesOfPhrase: ReadonlyMap<string, number> = new Map(
  (
    [
      [
        1,
        'qd|od|daily|every day|each day|qam|qpm|qhs|hs|nightly|nocte|mane|every morning|every evening|every night|' +
          'each morning|each evening|in the morning|in the evening|at night|at bedtime|bedtime',
      ],
      [2, 'bid|bd'],
      [3, 'tid|tds'],
      [4, 'qid|qds'],
      [1 / 2, 'qod|every other day|every second day|on alternate days'],
      [1 / 7, 'weekly|every week'],
      [1 / 30, 'monthly|every month'],
    ] as const
  ).flatMap(([times, all]) => all.split('|').map((phrase): [string, number] => [phrase, times])),
);
const numberOfWord: ReadonlyMap<string, number> = new Map([
  ['once', 1],
  ['twice', 2],
  ...['one', 'two', 'three', 'four', 'five', 'six'].map((word, index): [string, number] => [word, index + 1]),
]);
const oncePhrases: ReadonlySet<string> = new Set(
  'once|once only|stat|one time|one time only|one time dose|single dose|x1|1 time'.split('|'),
);

/** What says nothing of how often: `TID with meals`, `BID with food`, `every 8 hours PRN`. */
const asideOfText =
  /(?: (?:prn|as needed|as required|(?:with|before|after) (?:each |every |a )?(?:food|meals?|water|milk)))+$/;

/** `twice daily`, `q8h`, `every 4 to 6 hours as needed`; null for every other text. */
function patternOfText(value: string): Pattern | null {
  if (value.length > 60) return null;
  const words = value
    .toLowerCase()
    .replace(/[.,()]/g, '')
    .replace(/[\s_-]+/g, ' ')
    .replace(/ (prn|as needed|as required)$/, '')
    .replace(asideOfText, '')
    .trim();
  if (oncePhrases.has(words)) return { count: 1 };
  const exact = timesOfPhrase.get(words);
  if (exact !== undefined) return { timesADay: exact };
  const every = /^(?:q|every) ?(\d{1,3})(?: (?:to )?(\d{1,3}))? ?(h|hr|hrs|hours?|d|days?|wk|weeks?)$/.exec(
    words,
  );
  if (every) {
    const hours = hoursOfUnit(every[3]);
    const least = Math.min(Number(every[1]), Number(every[2] ?? every[1]));
    return hours === null || least === 0 ? null : { timesADay: 24 / (least * hours) };
  }
  const times =
    /^(?:(once|twice)|(\d{1,2}|one|two|three|four|five|six) ?(?:x|times?)) (?:per |a |every |each )?(daily|day|weekly|week)$/.exec(
      words,
    );
  if (!times) return null;
  const word = times[1] ?? times[2] ?? '';
  const count = numberOfWord.get(word) ?? Number(word);
  const days = times[3]?.startsWith('week') ? 7 : 1;
  return count === 0 ? null : { timesADay: count / days };
}

function patternIn(table: ReadonlyMap<string, number>, key: string): Pattern | null {
  const times = table.get(key);
  return times === undefined ? null : { timesADay: times };
}

const patternOfCode = (word: string): Pattern | null => patternIn(timesOfCode, word.toUpperCase());

/** What a display or a text says: words, or a code in their place. */
const patternsOfText = (text: string | null): readonly Pattern[] =>
  text === null ? [] : [patternOfText(text) ?? patternOfCode(text)].filter((pattern) => pattern !== null);

function patternsOfCoding({ system, code, display }: Json): readonly (Pattern | null)[] {
  const word = asString(code);
  const shown = patternsOfText(asString(display));
  if (word === null) return shown;
  const coded = system === snomed ? patternIn(snomedTimes, word) : patternOfCode(word);
  return [coded, patternOfText(word), ...shown];
}

/** What code, display and text of Timing.code agree on; `unclear` when it says something we do not understand. */
export function patternOf(code: unknown): Pattern | 'unclear' | null {
  const concept = asObject(code);
  const codings = codingsOf(concept);
  const text = concept ? asString(concept.text) : asString(code);
  const [first, ...others] = [...codings.flatMap(patternsOfCoding), ...patternsOfText(text)].filter(
    (pattern) => pattern !== null,
  );
  if (!first) return text === null && codings.length === 0 ? null : 'unclear';
  const isAgreed = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  return isAgreed ? first : 'unclear';
}

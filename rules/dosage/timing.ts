/**
 * How often and how long: Timing (https://hl7.org/fhir/R4/datatypes.html#Timing). The most it allows counts: of
 * `every 4 to 6 hours` the 4, of `1 to 3 times a day` the 3. What is not stated, or said in two ways that differ,
 * is null.
 */
import { asObject, asString, codingsOf, type Json } from '../fhir/json.ts';
import { type Span, spanOf } from '../fhir/time.ts';
import { hoursOf, hoursOfUnit } from './amounts.ts';

export interface Schedule {
  /** Averaged over the period where that is longer than a day: once a week is a seventh. */
  timesADay: number | null;
  /** Doses in all. */
  count: number | null;
  /** Hours that one dose takes, at least: the shorter is the faster. */
  hours: number | null;
  /** Hours from the first dose to the end. */
  runsHours: number | null;
  begins: Span | null;
  ends: Span | null;
}

const emptySchedule: Schedule = {
  timesADay: null,
  count: null,
  hours: null,
  runsHours: null,
  begins: null,
  ends: null,
};

/** `once` has no times a day: it is one dose in all. */
type Pattern = { timesADay: number } | { count: 1 };

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

/** `twice daily`, `q8h`, `every 4 to 6 hours as needed`; null for every other text. */
function patternOfText(value: string): Pattern | null {
  if (value.length > 60) return null;
  const words = value
    .toLowerCase()
    .replace(/[.,()]/g, '')
    .replace(/[\s_-]+/g, ' ')
    .replace(/ (prn|as needed|as required)$/, '')
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

function patternOfCoding({ system, code, display }: Json): Pattern[] {
  const own = asString(code);
  const times =
    own === null ? undefined : system === snomed ? snomedTimes.get(own) : timesOfCode.get(own.toUpperCase());
  const read = own === null ? null : patternOfText(own);
  const shown = asString(display);
  return [
    ...(times === undefined ? [] : [{ timesADay: times }]),
    ...(read ? [read] : []),
    ...(shown === null ? [] : [patternOfText(shown) ?? patternOfCode(shown)].flatMap((one) => one ?? [])),
  ];
}

function patternOfCode(word: string): Pattern | null {
  const times = timesOfCode.get(word.toUpperCase());
  return times === undefined ? null : { timesADay: times };
}

/** What code, display and text of Timing.code agree on; `unclear` when it says something we do not understand. */
function patternOf(code: unknown): Pattern | 'unclear' | null {
  const concept = asObject(code);
  const said = concept ? asString(concept.text) : asString(code);
  const found = [
    ...codingsOf(concept).flatMap(patternOfCoding),
    ...(said === null ? [] : [patternOfText(said) ?? patternOfCode(said)].flatMap((one) => one ?? [])),
  ];
  const [first] = found;
  if (!first) return said === null && codingsOf(concept).length === 0 ? null : 'unclear';
  return found.every((one) => JSON.stringify(one) === JSON.stringify(first)) ? first : 'unclear';
}

/** Events that happen once a day. Meals in general (`AC`, `PC`, `C`) are not: how many is not said. */
const eventsOnceADay: ReadonlySet<string> = new Set(
  (
    'MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS HS WAKE ' +
    'CM CD CV ACM ACD ACV PCM PCD PCV'
  ).split(' '),
);

const positive = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
const asList = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

/** Times a day that are listed by name or by the clock; null when one of them is no time of one day. */
function timesListedADay(repeat: Json): number | null {
  const when = asList(repeat.when);
  const clock = asList(repeat.timeOfDay);
  if (when.some((event) => typeof event !== 'string' || !eventsOnceADay.has(event))) return null;
  return Math.max(new Set(when).size, new Set(clock).size);
}

function timesOfRepeat(repeat: Json): number | null {
  const named = timesListedADay(repeat);
  const days = new Set(asList(repeat.dayOfWeek)).size;
  const period = positive(repeat.period);
  const unit = hoursOfUnit(repeat.periodUnit);
  if (repeat.period === undefined && repeat.periodUnit === undefined) {
    // By the clock or by name it happens every day, or on the days named.
    if (named === null || (named === 0 && days === 0)) return null;
    const frequency = positive(repeat.frequencyMax ?? repeat.frequency) ?? 1;
    return Math.max(named, frequency) * (days === 0 ? 1 : days / 7);
  }
  if (period === null || unit === null) return null;
  const stated = repeat.frequencyMax ?? repeat.frequency;
  const frequency = stated === undefined ? 1 : positive(stated);
  if (frequency === null) return null;
  const shortest = Math.min(period, positive(repeat.periodMax) ?? period);
  const inDays = (shortest * unit) / 24;
  const times = named ?? 0;
  if (days > 0 && inDays >= 7) return Math.max(frequency, days * Math.max(times, 1)) / inDays;
  const aDay = inDays < 1 ? Math.max(frequency / inDays, times) : Math.max(frequency, times) / inDays;
  return days > 0 && inDays <= 1 ? (aDay * days) / 7 : aDay;
}

/** Doses with a date of their own: how many in all, and at most on one day. */
function eventsOf(timing: Json): { count: number; aDay: number } | null {
  const events = asList(timing.event).flatMap((event) => asString(event) ?? []);
  if (events.length === 0) return null;
  const byDay = Map.groupBy(events, (event) => event.slice(0, 10));
  return { count: events.length, aDay: Math.max(...[...byDay.values()].map((same) => same.length)) };
}

const isSameFrequency = (one: number, other: number): boolean => Math.abs(one - other) < 1e-9;

/** Of so many doses in all, no more are taken in a day. Figures beyond all measure say nothing. */
function mostTimesADay(count: number | null, timesADay: number | null): number | null {
  if (count === 1) return 1;
  if (timesADay === null || !(timesADay > 0 && timesADay < 1e6)) return null;
  return count === null ? timesADay : Math.min(timesADay, count);
}

/** Keys of `repeat` that say something about repetition. */
export const repetitionKeys = [
  'frequency',
  'frequencyMax',
  'period',
  'periodMax',
  'when',
  'timeOfDay',
  'dayOfWeek',
];

/** @param timing a Timing, or what came instead of one */
export function scheduleOf(timing: unknown): Schedule {
  const whole = asObject(timing);
  if (!whole) return emptySchedule;
  const repeat = asObject(whole.repeat) ?? {};
  const pattern = patternOf(whole.code);
  const events = eventsOf(whole);
  const hours =
    hoursOf({ value: repeat.duration, code: repeat.durationUnit }) ??
    hoursOf({ value: repeat.durationMax, code: repeat.durationUnit });
  const stated = positive(repeat.countMax ?? repeat.count);
  // Something that takes 4 hours, with no word about doing it again, is done once.
  const once =
    pattern === null &&
    repeat.duration !== undefined &&
    !repetitionKeys.some((key) => repeat[key] !== undefined);
  const byCode = pattern === 'unclear' ? null : pattern;
  const count = stated ?? events?.count ?? (once || (byCode !== null && 'count' in byCode) ? 1 : null);
  const byRepeat = timesOfRepeat(repeat);
  // `BID` beside `once a day`: which of them was meant is not for us to say.
  const differ =
    byCode !== null &&
    byRepeat !== null &&
    !isSameFrequency('count' in byCode ? 1 : byCode.timesADay, byRepeat);
  const regular =
    byCode !== null && 'timesADay' in byCode ? byCode.timesADay : (byRepeat ?? events?.aDay ?? null);
  const bounds = asObject(repeat.boundsPeriod);
  return {
    timesADay: differ ? null : mostTimesADay(count, regular),
    count: differ ? null : count,
    hours,
    runsHours: hoursOf(repeat.boundsDuration) ?? hoursOf(asObject(repeat.boundsRange)?.high),
    begins: spanOf(bounds?.start),
    ends: spanOf(bounds?.end),
  };
}

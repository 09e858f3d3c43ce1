import { describe, expect, test } from 'vitest';
import {
  type Asking,
  askingProblems,
  askingsIn,
  textAsking,
  textAskingAll,
} from '../../../rules/rule/asking.ts';

const things = ({ anyOf }: Asking): string[] => anyOf.flatMap((demand): string[] => [...demand.things]);
/** The text where these are at hand. */
const without = (text: string, ...atHand: string[]): string =>
  textAsking(text, (asking) => things(asking).some((thing) => atHand.includes(thing)));

const list =
  'Options: [test qtc: an ECG], fluids, [give potassium: potassium], and [again creatinine: creatinine again]. So be it.';

describe('a text', () => {
  test('asks for all that it marks where nothing is at hand', () => {
    expect(textAskingAll(list)).toBe('Options: an ECG, fluids, potassium, and creatinine again. So be it.');
    expect(textAskingAll('No mark.')).toBe('No mark.');
  });

  test.each([
    [['qtc'], 'Options: fluids, potassium, and creatinine again. So be it.'],
    [['potassium'], 'Options: an ECG, fluids, and creatinine again. So be it.'],
    [['creatinine'], 'Options: an ECG, fluids, potassium. So be it.'],
    [['qtc', 'potassium', 'creatinine'], 'Options: fluids. So be it.'],
  ])('closes up where %j is at hand', (atHand, said) => {
    expect(without(list, ...atHand)).toBe(said);
  });

  test.each([
    ['What it is. Options: [test qtc: an ECG].', 'What it is.'],
    ['What it is. Option: [test qtc: an ECG]. More.', 'What it is. More.'],
    ['Options: [test qtc: an ECG], or another drug.', 'Options: another drug.'],
    ['Options: [test qtc: an ECG] and another drug.', 'Options: another drug.'],
    ['Options: another drug or [test qtc: an ECG].', 'Options: another drug.'],
    ['Options: advice; [test qtc: an ECG], fluids.', 'Options: advice; fluids.'],
    ['high; consider [test qtc: an ECG], fluids', 'high; consider fluids'],
    ['high; consider fluids, [test qtc: an ECG]', 'high; consider fluids'],
    ['high; [test qtc: consider an ECG | ECG is ordered]', 'high; ECG is ordered'],
    ['Options: once a day [test qtc: with an ECG | ], or less.', 'Options: once a day, or less.'],
  ])('reads well without: %s', (text, said) => {
    expect(without(text, 'qtc')).toBe(said);
  });
});

test('a mark names tests or what is given, one of several, or all of them', () => {
  expect(askingsIn('[again magnesium, potassium: levels] [test qtc or give calcium: it | there]')).toEqual([
    { anyOf: [{ verb: 'again', things: ['magnesium', 'potassium'] }], words: 'levels', instead: null },
    {
      anyOf: [
        { verb: 'test', things: ['qtc'] },
        { verb: 'give', things: ['calcium'] },
      ],
      words: 'it',
      instead: 'there',
    },
  ]);
});

test.each([
  '[test ecg: an ECG]',
  '[give qtc: an ECG]',
  '[order potassium: potassium]',
  '[test potassium:]',
  '[again potassium, ecg: both]',
  '[give potassium or ecg: either]',
])('%s is no mark', (text) => {
  expect(askingProblems(text)).toEqual([
    `\`${text}\` asks for nothing we know: write \`[test qtc: an ECG]\``,
  ]);
});

test('a bracket without a mark is a problem, and what is marked is none', () => {
  expect(askingProblems('an ECG [now')).toEqual(['has a bracket that is no mark of what it asks for']);
  expect(askingProblems(list)).toEqual([]);
  expect(askingProblems('[give low-results: it] [test blood-count: a count]')).toEqual([]);
});

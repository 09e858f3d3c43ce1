import { expect, test } from 'vitest';
import { askingOfCard } from '../../../rules/library/asking-lint.ts';
import type { Rule } from '../../../rules/rule/document.ts';

const problemsOf = (card: Partial<Rule['card']>): string[] =>
  askingOfCard({ card: { indicator: 'warning', summary: '{values}', detail: 'What it is.', ...card } });

test.each([
  ['{values}: low; consider potassium', 'potassium'],
  ['{values}: low; consider an ECG', 'ECG'],
  ['{values}: low; a level is an option', 'level'],
  ['{drug}: accumulates; check creatinine', 'creatinine'],
])('a summary that asks without a mark: %s', (summary, word) => {
  const problem = `asks for \`${word}\` and does not mark it: write \`[test potassium: potassium]\` (asking.ts)`;
  expect(problemsOf({ summary })).toEqual([problem]);
  expect(problemsOf({ orderSummary: summary })).toEqual([problem]);
});

test.each(['Options: magnesium.', 'Why. Option: a serum magnesium now. More.'])(
  'an explanation that asks without a mark: %s',
  (detail) => {
    const problem =
      'asks for `magnesium` and does not mark it: write `[test potassium: potassium]` (asking.ts)';
    expect(problemsOf({ detail })).toEqual([problem]);
    expect(problemsOf({ brief: detail })).toEqual([problem]);
  },
);

test.each([
  'Low potassium and magnesium make it likely. Options: another drug. It lowers calcium.',
  'Options: stopping potassium, no potassium supplement, a potassium-sparing diuretic.',
  'Options: [test potassium: potassium], [give magnesium: replacement].',
])('what is named and not asked for, or marked, is none: %s', (detail) => {
  expect(problemsOf({ detail })).toEqual([]);
});

test.each([
  ['{values}: low; consider [give potassium: potassium]', '{values}: low; consider'],
  ['{values}: low; consider fluids and then [test qtc: an ECG], now', null],
])('what reads badly where it is at hand: %s', (summary, said) => {
  expect(problemsOf({ summary })).toEqual(
    said === null ? [] : [`reads badly where what it asks for is at hand: \`${said}\``],
  );
});

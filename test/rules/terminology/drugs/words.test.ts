import { describe, expect, it } from 'vitest';
import { formWords } from '../../../../rules/terminology/drugs/dose-forms.ts';
import { foldCase } from '../../../../rules/terminology/drugs/spelling.ts';
import {
  announcingSeparators,
  doseUnits,
  isUnit,
  noiseWords,
  saltEnding,
  saltWords,
  separators,
  splitWords,
} from '../../../../rules/terminology/drugs/words.ts';

describe('words of a drug name', () => {
  it('are split at spaces and line ends', () => {
    expect(splitWords('mg g\n  kg\n')).toEqual(['mg', 'g', 'kg']);
  });

  it.each([
    ['mg', true, true],
    ['μg', true, true],
    ['µg', true, true],
    ['%', true, true],
    ['ml', true, false],
    ['actuat', true, false],
    ['hr', true, false],
    ['MG', false, false],
    ['tablet', false, false],
    ['', false, false],
    [undefined, false, false],
  ])('%s is a unit: %s, of a dose: %s', (word, unit, dose) => {
    expect(isUnit(word)).toBe(unit);
    expect(doseUnits.has(word ?? '')).toBe(dose);
  });

  it('are spelled as a folded name has them', () => {
    for (const list of [doseUnits, noiseWords, separators, saltWords, formWords])
      for (const word of list) expect(list.has(foldCase(word) ?? ''), word).toBe(true);
  });

  it('what announces another drug separates two', () => {
    expect([...announcingSeparators].filter((word) => !separators.has(word))).toEqual([]);
  });

  it.each([
    ['metoprololsuccinat', 'metoprolol'],
    ['ranitidinhydrochlorid', 'ranitidin'],
    ['amlodipinbesilat', 'amlodipin'],
    ['bisoprololhemifumarat', 'bisoprolol'],
    ['metoprololsuccinat comp', 'metoprololsuccinat comp'],
    ['furosemid', 'furosemid'],
  ])('the German salt of %s comes off: %s', (name, base) => {
    expect(name.replace(saltEnding, '')).toBe(base);
  });
});

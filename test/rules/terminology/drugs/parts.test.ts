import { describe, expect, it } from 'vitest';
import { type NameParts, splitName } from '../../../../rules/terminology/drugs/parts.ts';
import { foldCase, tokenize } from '../../../../rules/terminology/drugs/spelling.ts';

const split = (name: string): NameParts => splitName(tokenize(foldCase(name) ?? ''));

/** Its words, then what is true of it. */
const shown = ({ parts }: NameParts): string[] =>
  parts.map(({ words, ...flags }) =>
    [words.join(' '), ...Object.entries(flags).flatMap(([flag, on]) => (on ? flag : []))].join(' | '),
  );

describe('the parts of a name', () => {
  it.each<[string, string[]]>([
    [
      'lisinopril 10 MG / hydrochlorothiazide 12.5 MG Oral Tablet',
      ['lisinopril | hasStrength', 'hydrochlorothiazide | hasStrength'],
    ],
    [
      'ferrous sulfate 325 (65 MG IRON) MG Tab',
      ['ferrous sulfate | hasStrength', 'iron | inParentheses | afterAmount'],
    ],
    [
      'salbutamol 108 (90 Base) MCG/ACT aerosol',
      ['salbutamol | hasStrength', 'base | inParentheses | afterAmount'],
    ],
    ['108 ML furosemide', ['furosemide | afterAmount']],
    ['0.09 mg/actuat albuterol', ['albuterol | afterAmount']],
    ['paracetamol 250 mg/5 ml', ['paracetamol | hasStrength']],
    ['paracetamol 5 ml/250 mg', ['paracetamol | hasStrength']],
    ['paracetamol 5 ml', ['paracetamol']],
    ['paracetamol 250', ['paracetamol']],
    ['x 75-200 MG-MCG', ['x | hasStrength']],
    ['insulin, regular, human 5 MG', ['insulin , regular , human | hasStrength']],
    ['Tylenol with Codeine 30 mg', ['tylenol with codeine | hasStrength']],
    ['insulin soluble human 100 units/ml', ['insulin soluble human | hasStrength']],
    ['amlodipine/valsartan', ['amlodipine', 'valsartan']],
    ['furosemide e/c 5 mg', ['furosemide | hasStrength']],
    ['furosemide x/y 5 mg', ['furosemide x', 'y | hasStrength']],
    [
      'metoprolol 47,5 mg m/r tablets (Zentiva Pharma UK Ltd) 28 tablet',
      ['metoprolol | hasStrength', 'zentiva pharma uk ltd | inParentheses | afterForm'],
    ],
    [
      'furosemide tablet (Brown & Burk) x',
      [
        'furosemide',
        'brown | inParentheses | afterForm',
        'burk | inParentheses | afterForm',
        'x | afterForm',
      ],
    ],
    ['furosemide tablet / lisinopril', ['furosemide', 'lisinopril']],
    ['tablet furosemide', ['furosemide']],
    [
      '{40 (amoxicillin 500 MG Oral Capsule) / 20 (omeprazole 20 MG Oral Capsule) } Pack',
      ['amoxicillin | hasStrength', 'omeprazole | hasStrength'],
    ],
    ['capecitabine (Xeloda) 500 mg', ['capecitabine | hasStrength', 'xeloda | inParentheses']],
    [') furosemide', ['furosemide']],
    ['each , 5 mg', []],
    ['', []],
  ])('"%s" has %j', (name, expected) => {
    expect(shown(split(name))).toEqual(expected);
  });

  it.each([
    ['furosemide tablet', true],
    ['furosemide', false],
    ['furosemide m/r', false],
  ])('"%s" has a dose form: %s', (name, expected) => {
    expect(split(name).hasForm).toBe(expected);
  });

  it.each([
    ['x 20 mg/12.5 mg', true],
    ['x 20/12.5 mg', true],
    ['x 20/20', true],
    ['x 20 mg/5 ml', false],
    ['x 20 mg/ml', false],
    ['x 1/2', false],
    ['x 20/10/5', false],
    ['x 20', false],
  ])('"%s" has two amounts: %s', (name, expected) => {
    expect(split(name).hasTwoAmounts).toBe(expected);
  });

  it.each([
    ['furosemide plus', true],
    ['furosemide + 20 mg', true],
    ['furosemide plus tablet', true],
    ['furosemide plus lisinopril', false],
    ['furosemide and', false],
    ['furosemide plus /', false],
  ])('"%s" is incomplete: %s', (name, expected) => {
    expect(split(name).isIncomplete).toBe(expected);
  });
});

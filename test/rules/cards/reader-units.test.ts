/** Cards in the units of the reader: what is compared stays, its words are converted, never across a threshold. */
import { describe, expect, it, test } from 'vitest';
import { limitProblems, textForReader } from '../../../rules/cards/reader-units.ts';
import { decide } from '../../../rules/decide.ts';
import { showAll } from '../../../rules/evaluation/presentation.ts';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import { type Case, parseCases } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { cases } from '../../../rules/library/cases.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { clock, compares, document } from '../../support/rule-documents.ts';

type Lab = NonNullable<Case['given']['labs']>[number];
const si = { ...showAll, units: 'si' as const };

const cardOf = (of: string, unit: string, operator: string, limit: number, lab: Omit<Lab, 'hoursAgo'>) => {
  const condition = compares('lab', { test: of, unit, within: 'P3D' }, operator, limit);
  const json = document('AA-001', { all: [condition] }, { card: { summary: '{values}: x' } });
  const given = { labs: [{ ...lab, hoursAgo: 1 }] } as Case['given'];
  const request = requestOf({ name: 'x', given, expect: 'fired' }, 'patient-view');
  const [card] = decide(request, createRuleset([{ where: 'x', json }]), clock, si).cards;
  return [card?.summary, card?.detail.split('\n')[0]];
};

describe('a value in SI units', () => {
  test.each<[string, Parameters<typeof cardOf>, string, string]>([
    [
      'is converted, and what came stands beside it',
      ['magnesium', 'mg/dL', 'lessThan', 1.7, { test: 'magnesium', value: 1.2, unit: 'mg/dL' }],
      'Mg 0.49 mmol/L: x',
      '- **Mg 0.49 mmol/L** (below 0.699 mmol/L) · 2026-01-31 11:00 · received as 1.2 mg/dL',
    ],
    [
      'came so, and is said as it came',
      ['magnesium', 'mg/dL', 'lessThan', 1, { test: 'magnesium', value: 0.41, unit: 'mmol/L' }],
      'Mg 0.41 mmol/L: x',
      '- **Mg 0.41 mmol/L** (below 0.411 mmol/L) · 2026-01-31 11:00',
    ],
    [
      'is no rounded across its threshold',
      ['magnesium', 'mg/dL', 'lessThan', 1, { test: 'magnesium', value: 0.9999, unit: 'mg/dL' }],
      'Mg 0.41 mmol/L: x',
      '- **Mg 0.41 mmol/L** (below 0.411 mmol/L) · 2026-01-31 11:00 · received as 0.9999 mg/dL',
    ],
    [
      'is its limit, and is rounded as that is',
      ['magnesium', 'mg/dL', 'lessThanInclusive', 1, { test: 'magnesium', value: 1, unit: 'mg/dL' }],
      'Mg 0.411 mmol/L: x',
      '- **Mg 0.411 mmol/L** (at most 0.411 mmol/L) · 2026-01-31 11:00 · received as 1 mg/dL',
    ],
    [
      'of a drug stays in the unit in which it was reported',
      ['digoxin-level', 'ng/mL', 'greaterThan', 2, { test: 'digoxin-level', value: 4.1, unit: 'nmol/L' }],
      'Digoxin 4.1 nmol/L: x',
      '- **digoxin 4.1 nmol/L** (above 2.56 nmol/L) · 2026-01-31 11:00',
    ],
    [
      'of creatinine is whole µmol/L',
      ['creatinine', 'mg/dL', 'greaterThan', 1.5, { test: 'creatinine', value: 2.4, unit: 'mg/dL' }],
      'Creatinine 212 µmol/L: x',
      '- **creatinine 212 µmol/L** (above 133 µmol/L) · 2026-01-31 11:00 · received as 2.4 mg/dL',
    ],
    [
      'of milliequivalents of a divalent ion is half',
      ['magnesium', 'meq/L', 'greaterThanInclusive', 4, { test: 'magnesium', value: 5, unit: 'meq/L' }],
      'Mg 2.5 mmol/L: x',
      '- **Mg 2.5 mmol/L** (at least 2 mmol/L) · 2026-01-31 11:00 · received as 5 mEq/L',
    ],
    [
      'of potassium is what it was',
      ['potassium', 'mmol/L', 'greaterThan', 6, { test: 'potassium', value: 6.5, unit: 'mmol/L' }],
      'K 6.5 mmol/L: x',
      '- **K 6.5 mmol/L** (above 6 mmol/L) · 2026-01-31 11:00',
    ],
  ])('%s', (_, given, summary, line) => {
    expect(cardOf(...given)).toEqual([summary, line]);
  });

  it('with a text of three digits: the limits that rules name', () => {
    const text =
      'Below {magnesium:1.0 mg/dL}, between {magnesium:1.0 and 1.5 mg/dL}, {creatinine:0.3 mg/dL} more';
    expect(textForReader(text, 'si')).toBe(
      'Below 0.411 mmol/L, between 0.411 and 0.617 mmol/L, 26.5 µmol/L more',
    );
    expect(textForReader(text, undefined)).toBe('Below 1.0 mg/dL, between 1.0 and 1.5 mg/dL, 0.3 mg/dL more');
  });

  it('with a level of a drug, in the unit in which it was reported', () => {
    const text = 'from {digoxin-level:2 ng/mL}';
    expect(textForReader(text, 'si')).toBe('from 2 ng/mL');
    expect(textForReader(text, 'si', new Map([['digoxin-level', 'nmol/L']]))).toBe('from 2.56 nmol/L');
    expect(limitProblems(text)).toEqual([]);
    expect(limitProblems('from {digoxin-level:2 mg}')).toHaveLength(1);
  });

  it.each(['{magnesium:low}', '{nothing:1.0 mg/dL}', '{magnesium:1.0 mg}'])('%s is no limit', (text) => {
    expect(limitProblems(text)).toHaveLength(1);
  });
  it('and `{values}` is none to look at', () => {
    expect(limitProblems('{values} of {magnesium:1.0 mg/dL}')).toEqual([]);
  });
});

test('no card of any case says mg/dL or mEq/L to a reader of SI units but as what was received', () => {
  const ruleset = shippedRuleset();
  const rules = new Map(ruleset.documents.map((rule) => [`${rule.domain}/${rule.id}`, rule]));
  const said: string[] = [];
  let converted = 0;
  for (const { where, json } of cases) {
    const [hook] = rules.get(where)?.hooks ?? [];
    for (const one of hook ? parseCases(json, where) : []) {
      const { cards } = decide(requestOf(one, hook ?? 'patient-view'), ruleset, clock, si);
      for (const { summary, detail, source } of cards) {
        converted += /µmol\/L/.test(detail) ? 1 : 0;
        const text = `${summary}\n${detail}`.replace(
          // What came, and what is said in both units.
          /received as [^·\n]*|[\d.]+ mg\/dL \\?\([\d.]+ µmol\/L\\?\)/g,
          '',
        );
        const isFound = /[\d.]+ (?:mg\/dL|mEq\/L)/.exec(text);
        if (isFound && !source.topic.code.startsWith('DQ-'))
          said.push(`${where}: ${one.name}: ${isFound[0]}`);
      }
    }
  }
  expect(converted).toBeGreaterThan(100);
  expect(said).toEqual([]);
}, 120_000);

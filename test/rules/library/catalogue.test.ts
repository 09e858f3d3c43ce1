/**
 * Every clause of the catalogue of candidate rules is a rule or a written decision. What a clause names, its rules
 * ask; where the catalogue itself lies beside the project, no word of it is without a clause.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  type CatalogueRow,
  catalogue,
  clausesOf,
  clausesWithoutRule,
} from '../../../rules/library/catalogue.ts';
import { compareWithSource, lintCatalogue, type SourceRow } from '../../../rules/library/catalogue-lint.ts';
import { termsOf } from '../../../rules/library/catalogue-terms.ts';
import { library } from '../../../rules/library/library.ts';
import { parseRule, type Rule } from '../../../rules/rule/document.ts';

const rules = library.map(({ where, json }) => parseRule(json, where));

describe('the catalogue, clause by clause', () => {
  it('has 249 rows, and nothing that its rules do not say', () => {
    expect(catalogue).toHaveLength(249);
    expect(lintCatalogue(catalogue, rules)).toEqual([]);
  });

  it('each clause is said by rules, or no rule says it and a decision says why', () => {
    const said = catalogue.flatMap(({ clauses }) => clauses.filter(({ by }) => by));
    expect(said.length + clausesWithoutRule().length).toBe(
      catalogue.reduce((sum, { clauses }) => sum + clauses.length, 0),
    );
  });
});

const folder = new URL('../../../../shared/clinical/data/', import.meta.url);
const isMissing = !existsSync(folder);
const sourceSchema = z.object({
  rules: z.array(
    z.object({
      id: z.string(),
      indicator: z.string(),
      trigger: z.string(),
      summary: z.string(),
      suggestion: z.string(),
    }),
  ),
});
const sources: SourceRow[] = isMissing
  ? []
  : ['rules.json', 'rules-2.json'].flatMap(
      (file) => sourceSchema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))).rules,
    );

describe.skipIf(isMissing)(
  `the catalogue's own rows${isMissing ? ' (skipped: ../shared/clinical is not here)' : ''}`,
  () => {
    it('every word of a trigger and every number of a card is in a clause', () => {
      expect(compareWithSource(catalogue, sources)).toEqual([]);
    });

    it('a clause that is taken out is missed', () => {
      const lost = catalogue.flatMap((row) =>
        row.clauses.flatMap((clause) => {
          const rest = { ...row, clauses: row.clauses.filter((other) => other !== clause) };
          const others = catalogue.map((other) => (other === row ? rest : other));
          return compareWithSource(others, sources).length > 0 ? [] : [`${row.row} ${clause.clause}`];
        }),
      );
      expect(lost).toEqual([]);
    });
  },
);

// --- What the linter notices -------------------------------------------------------------------------------

const rowOf = (row: CatalogueRow['row'], ...clauses: CatalogueRow['clauses']): CatalogueRow => ({
  row,
  indicator: 'warning',
  clauses,
});

/** A rule of the library with a part of its text written otherwise. */
function written(id: string, from: string, to: string): Rule {
  const rule = rules.find((one) => one.id === id);
  const text = JSON.stringify(rule);
  expect(text).toContain(from);
  return JSON.parse(text.replaceAll(from, to)) as Rule;
}

const withRule = (rule: Rule): Rule[] => rules.map((one) => (one.id === rule.id ? rule : one));

describe('a rule that no longer says its clause', () => {
  it.each([
    ['a threshold is moved', 'RD-010', '"value":30', '"value":25', 'CrCl <30'],
    ['a threshold loses its edge', 'RD-010', '"lessThan"', '"lessThanInclusive"', 'CrCl <30'],
    ['the measure is another', 'RD-010', 'creatinineClearance', 'egfr', 'CrCl'],
    ['a drug is dropped', 'QT-008', '"sotalol"', '"amiodarone"', 'sotalol'],
    ['a class is dropped', 'RD-017', '"loop-diuretic",', '', 'loop'],
    ['a window is halved', 'MG-012', 'P365D', 'P180D', '12 mo'],
    ['a condition is dropped', 'IV-003', '"lambert-eaton",', '', 'Lambert-Eaton'],
    ['the severity is another', 'RD-010', '"indicator":"critical"', '"indicator":"warning"', 'critical'],
    ['it is a draft', 'RD-010', '"status":"active"', '"status":"draft"', 'draft'],
  ])('%s (%s)', (_, id, from, to, label) => {
    const problems = lintCatalogue(catalogue, withRule(written(id, from, to)));
    expect(problems).toContainEqual(expect.stringContaining(`\`${label}\` is in no rule of it`));
  });

  it('a rule that is taken out is missed', () => {
    const problems = lintCatalogue(
      catalogue,
      rules.filter(({ id }) => id !== 'RD-010'),
    );
    expect(problems).toContainEqual(expect.stringMatching(/^RD-010 .*: RD-010 is no rule$/));
  });
});

describe('a row', () => {
  it.each<[string, CatalogueRow, string]>([
    [
      'a clause with neither a rule nor a decision',
      rowOf('XX-001', { clause: 'metformin' }),
      'needs rules (`by`) or a `decision`',
    ],
    [
      'a clause with both',
      rowOf('XX-001', { clause: 'metformin', by: ['RD-001'], decision: 'no rule says it' }),
      'and not both',
    ],
    [
      'a decision that explains words',
      rowOf('XX-001', {
        clause: 'metformin',
        decision: 'no rule says it',
        as: { metformin: 'another name' },
      }),
      'a decision explains no words',
    ],
    [
      'an explanation that nothing needs',
      rowOf('XX-001', { clause: 'metformin initiation', by: ['RD-002'], as: { metformin: 'another name' } }),
      '`metformin` needs no explanation',
    ],
    [
      'a word that nobody knows',
      rowOf('XX-001', { clause: 'metformin at night', by: ['RD-002'] }),
      '`night` is in no rule of it',
    ],
    [
      'a drug that our tables know as one of no class',
      rowOf('XX-001', { clause: 'metformin with megestrol', by: ['RD-002'] }),
      '`megestrol` is in no rule of it',
    ],
    [
      'a second severity',
      rowOf('XX-001', { clause: 'metformin; critical <45', by: ['RD-002'] }),
      '`critical` is in no rule of it',
    ],
    [
      'a number of a card that the card has not',
      rowOf('XX-001', { clause: 'max 1000 mg/day', of: 'card', by: ['RD-001'] }),
      '`1000` is in no rule of it',
    ],
  ])('%s', (_, row, problem) => {
    expect(lintCatalogue([row], rules)).toEqual([expect.stringContaining(problem)]);
  });

  it('that stands twice is said', () => {
    const row = rowOf('XX-001', { clause: 'metformin initiation', by: ['RD-002'] });
    expect(lintCatalogue([row, row], rules)).toContain('XX-001: stands twice');
  });

  const source: SourceRow = {
    id: 'XX-001',
    indicator: 'warning',
    trigger: 'metformin AND eGFR <30; info <45',
    summary: 'Metformin: at most 1000 mg',
    suggestion: 'recheck in 7 days',
  };
  const whole = [
    { clause: 'metformin AND eGFR <30', by: ['RD-001'] },
    { clause: '; info <45', decision: 'no rule says it' },
    { clause: 'at most 1000 mg', of: 'card' as const, by: ['RD-001'] },
    { clause: '7 days', of: 'card' as const, by: ['RD-001'] },
  ];
  it.each<[string, CatalogueRow[], string[]]>([
    ['all of it', [rowOf('XX-001', ...whole)], []],
    ['no row', [], ['XX-001: has no clauses']],
    [
      'a clause of the trigger lost',
      [rowOf('XX-001', ...whole.toSpliced(1, 1))],
      ['XX-001: no clause has `info 45` of the trigger'],
    ],
    [
      'a number of the summary lost',
      [rowOf('XX-001', ...whole.toSpliced(2, 1))],
      ['XX-001: no clause has the number 1000 of the card'],
    ],
    [
      'a number of the suggestion lost',
      [rowOf('XX-001', ...whole.toSpliced(3, 1))],
      ['XX-001: no clause has the number 7 of the card'],
    ],
    [
      'other words',
      [rowOf('XX-001', ...whole, { clause: 'metformin at night', decision: 'no rule says it' })],
      ['XX-001: `metformin at night` does not stand in the row'],
    ],
    [
      'another severity',
      [{ ...rowOf('XX-001', ...whole), indicator: 'info' }],
      ['XX-001: its indicator is warning'],
    ],
    [
      'a row of nobody',
      [rowOf('XX-001', ...whole), rowOf('XX-002', ...whole)],
      ['XX-002: is no row of the catalogue'],
    ],
  ])('against its source: %s', (_, rows, problems) => {
    expect(compareWithSource(rows, [source])).toEqual(problems);
  });
});

describe('the terms of a clause', () => {
  it.each([
    ['metformin AND eGFR 30-<45', ['metformin', 'eGFR', 'eGFR 30', 'eGFR <45']],
    ['CrCl <20 OR QTc >440 ms', ['CrCl', 'CrCl <20', 'QTc', 'QTc >440']],
    ['no Mg in 12 mo', ['Mg', '12 mo']],
    ['dose >0.125 mg/day', ['dose', 'dose >0.125']],
    ['IV Mg >150 mg/min', ['IV Mg', 'rate >150']],
    ['amphotericin B or sodium polystyrene sulfonate', ['amphotericin B', 'sodium polystyrene sulfonate']],
    ['KDIGO AKI stage 2-3', ['KDIGO AKI stage 2-3']],
    ['Mg <1.0 mg/dL (<0.41 mmol/L)', ['Mg', 'Mg <1.0', 'Mg <0.41']],
  ])('%s', (clause, labels) => {
    expect(termsOf(clause).terms.map(({ label }) => label)).toEqual(labels);
    expect(termsOf(clause).strange).toEqual([]);
  });

  it('what is left over is strange', () => {
    expect(termsOf('metformin at night (G3a)').strange).toEqual(['night', 'G3a']);
  });
});

describe('the clauses of a rule', () => {
  it('are those that it says, of whatever row, and those of its own row that no rule says', () => {
    const rows = [
      rowOf('RD-001', { clause: 'a', by: ['RD-001'] }, { clause: 'b', decision: 'no rule says it' }),
      rowOf(
        'RD-002',
        { clause: 'c', by: ['RD-001', 'RD-002'] },
        { clause: 'd', decision: 'no rule says it' },
      ),
    ];
    expect(clausesOf('RD-001', rows).map(({ row, clause }) => `${row} ${clause}`)).toEqual([
      'RD-001 a',
      'RD-001 b',
      'RD-002 c',
    ]);
    expect(clausesWithoutRule(rows).map(({ row, clause }) => `${row} ${clause}`)).toEqual([
      'RD-001 b',
      'RD-002 d',
    ]);
  });
});

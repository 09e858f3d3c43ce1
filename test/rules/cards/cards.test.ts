import { describe, expect, it } from 'vitest';
import { roundedBeside } from '../../../rules/cards/finding-values.ts';
import { escapeMarkdown } from '../../../rules/cards/markdown.ts';
import {
  bySeverity,
  describeNeed,
  openChecksCard,
  overLimitCard,
  type WordedCheck,
} from '../../../rules/cards/open-checks-card.ts';
import { maxSummary, profiles } from '../../../rules/cards/profiles.ts';
import type { Card } from '../../../rules/cards/types.ts';
import { decide } from '../../../rules/decide.ts';
import { derivedUuid } from '../../../rules/digest/digest.ts';
import { showAll } from '../../../rules/evaluation/presentation.ts';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import type { Evidence, Fact, UnknownFact } from '../../../rules/facts/fact.ts';
import { type FactName, factOf } from '../../../rules/facts/facts.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import type { Case } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import type { TraceLeaf } from '../../../rules/rule/trace.ts';
import { chartWith } from '../../support/charts.ts';
import { complete, hookRequest, magnesiumSulfate, observation } from '../../support/hook-requests.ts';
import { clock, compares, decideRules, document, holds, type Tree } from '../../support/rule-documents.ts';

const lab = (test: Lab['test'], value: number, unit: string | null, more: Partial<Lab> = {}): Lab => ({
  test,
  value,
  unit,
  hoursAgo: 1,
  ...more,
});
type Lab = NonNullable<Case['given']['labs']>[number];

const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
const magnesiumBelow = (value: number): Tree => compares('lab', magnesium, 'lessThan', value);

const cardsOf = (documents: object | readonly object[], given: Case['given'], hook?: Hook): Card[] =>
  decideRules([documents].flat(), given, hook).cards;

/** The one card of one rule `AA-001`. */
function cardOf(
  conditions: Tree,
  given: Case['given'],
  more: Parameters<typeof document>[2] = {},
  hook?: Hook,
) {
  const [card, ...others] = cardsOf(document('AA-001', conditions, more), given, hook);
  if (!card || others.length > 0) throw new Error(`${others.length + (card ? 1 : 0)} cards instead of 1`);
  return card;
}

/** The patient's own values, the lines with which a detail begins. */
const valuesOf = ({ detail }: Card): string[] => detail.split('\n\n')[0]?.split('\n') ?? [];

describe('text that came from outside', () => {
  it.each([
    ['a *b* _c_ `d`', 'a \\*b\\* \\_c\\_ \\`d\\`'],
    ['[link](x) # + ! | ~ \\ {y}', '\\[link\\]\\(x\\) \\# \\+ \\! \\| \\~ \\\\ \\{y\\}'],
    ['<img onerror=x>', '&lt;img onerror=x&gt;'],
    ['a & b & c', 'a &amp; b &amp; c'],
    ['<<>>', '&lt;&lt;&gt;&gt;'],
    ['one\n\n# two\t three', 'one \\# two three'],
    ['plain 1.5 mg/dL', 'plain 1.5 mg/dL'],
  ])('%j is escaped as %j', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });
});

describe('a value beside its thresholds', () => {
  it.each([
    [0.9965, 2, [1], '0.997'],
    [0.9965, 2, [0.5, 1], '0.997'],
    [0.9965, 2, [1, 0.5], '0.997'],
    [0.9965, 2, [], '1'],
    [1.0049, 2, [1], '1.005'],
    [29.96, 1, [30], '29.96'],
    [30.04, 1, [30], '30.04'],
    [30, 1, [30], '30'],
    [Math.PI, 2, [3], '3.14'],
    [0.9999996, 2, [1], '0.9999996'],
    [0.9999994, 2, [1], '0.9999994'],
    [0.99999, 2, [1], '0.99999'],
  ])('%d with %d decimals beside %j is shown as %s', (value, decimals, thresholds, expected) => {
    expect(roundedBeside(value, decimals, thresholds)).toBe(expected);
  });
});

describe('the values of a card', () => {
  const kidneys = { conditions: [], labs: [lab('creatinine', 4, 'mg/dL'), lab('body-weight', 60, 'kg')] };
  const order = { drug: 'magnesium sulfate', route: 'intravenous' };
  const sulfate = { ingredients: ['magnesium sulfate'], role: 'ordered' };
  const creatinine = (value: number, daysAgo: number): Lab =>
    lab('creatinine', value, 'mg/dL', { hoursAgo: daysAgo * 24 });
  /** eGFR 28.1, after 39.9 and 52.1. */
  const course = {
    conditions: [],
    labs: [lab('creatinine', 2, 'mg/dL'), creatinine(1.5, 100), creatinine(1.2, 300)],
  };
  const latest = 'eGFR 28.1 mL/min/1.73 m² · 2026-01-31 11:00 · from creatinine 2 mg/dL · CKD-EPI 2021; G4';
  const baseline =
    'eGFR 52.1 mL/min/1.73 m² · 2025-04-06 12:00 · from creatinine 1.2 mg/dL · CKD-EPI 2021; G3a; baseline';
  const fall = (as: string, least: number): Tree =>
    compares('egfrFall', { within: 'P90D', span: 'P365D', over: 'P90D', as }, 'greaterThanInclusive', least);
  const cases: {
    name: string;
    conditions: Tree;
    given: Case['given'];
    hook?: Hook;
    summary: string;
    lines: string[];
  }[] = [
    {
      name: 'of a result in the unit of the rule',
      conditions: { all: [magnesiumBelow(1.6)] },
      given: { labs: [lab('magnesium', 0.9, 'mg/dL')] },
      summary: 'Mg 0.9 mg/dL: x',
      lines: ['- **Mg 0.9 mg/dL** (below 1.6 mg/dL) · 2026-01-31 11:00'],
    },
    {
      name: 'of a result are in the unit in which it came, and so is the limit',
      conditions: { all: [magnesiumBelow(1.6)] },
      given: { labs: [lab('magnesium', 0.4, 'mmol/L')] },
      summary: 'Mg 0.4 mmol/L: x',
      lines: ['- **Mg 0.4 mmol/L** (below 0.658 mmol/L) · 2026-01-31 11:00'],
    },
    {
      name: 'of a result that came with a comparator and another unit likewise',
      conditions: { all: [magnesiumBelow(1.6)] },
      given: { labs: [lab('magnesium', 0.2, 'mmol/L', { comparator: '<' })] },
      summary: 'Mg < 0.2 mmol/L: x',
      lines: ['- **Mg &lt; 0.2 mmol/L** (below 0.658 mmol/L) · 2026-01-31 11:00'],
    },
    {
      name: 'of a result of two digits likewise',
      conditions: {
        all: [compares('lab', { test: 'potassium', unit: 'mmol/L', within: 'P3D' }, 'greaterThan', 6)],
      },
      given: { labs: [lab('potassium', 10, 'meq/L')] },
      summary: 'K 10 mmol/L: x',
      lines: ['- **K 10 mmol/L** (above 6 mmol/L) · 2026-01-31 11:00 · received as 10 mEq/L'],
    },
    {
      name: 'of both ends of a band are one value, rounded across neither',
      conditions: {
        all: [compares('lab', magnesium, 'greaterThanInclusive', 0.5), magnesiumBelow(1)],
      },
      given: { labs: [lab('magnesium', 0.9965, 'mg/dL')] },
      summary: 'Mg 0.997 mg/dL: x',
      lines: [
        '- **Mg 0.997 mg/dL** (at least 0.5 and below 1 mg/dL) · 2026-01-31 11:00 · received as 0.9965 mg/dL',
      ],
    },
    {
      name: 'of a result below what can be measured keep its sign, as received',
      conditions: { all: [magnesiumBelow(1.6)] },
      given: { labs: [lab('magnesium', 0.5, 'mg/dL', { comparator: '<' })] },
      summary: 'Mg < 0.5 mg/dL: x',
      lines: ['- **Mg &lt; 0.5 mg/dL** (below 1.6 mg/dL) · 2026-01-31 11:00'],
    },
    {
      name: 'of a result above what can be measured likewise',
      conditions: { all: [compares('lab', magnesium, 'greaterThan', 4.8)] },
      given: { labs: [lab('magnesium', 9, 'mg/dL', { comparator: '>' })] },
      summary: 'Mg > 9 mg/dL: x',
      lines: ['- **Mg &gt; 9 mg/dL** (above 4.8 mg/dL) · 2026-01-31 11:00'],
    },
    {
      name: 'of a preliminary result in milliequivalents say both',
      conditions: {
        all: [compares('lab', { test: 'potassium', unit: 'meq/L', within: 'P3D' }, 'lessThanInclusive', 3.5)],
      },
      given: { labs: [lab('potassium', 3.1, 'meq/L', { status: 'preliminary' })] },
      summary: 'K 3.1 mEq/L: x',
      lines: ['- **K 3.1 mEq/L** (at most 3.5 mEq/L) · 2026-01-31 11:00 · status \\`preliminary\\`'],
    },
    {
      name: "of a result below the laboratory's own limit name that limit",
      conditions: {
        all: [
          compares('lab', { ...magnesium, lowerLimit: 1.6 }, 'lessThan', {
            fact: 'lab',
            params: { ...magnesium, lowerLimit: 1.6 },
            path: '$.lowerLimit',
          }),
        ],
      },
      given: { labs: [lab('magnesium', 1.699, 'mg/dL', { lowerLimit: 1.7 })] },
      summary: 'Mg 1.699 mg/dL: x',
      lines: ['- **Mg 1.699 mg/dL** (below 1.7 mg/dL) · 2026-01-31 11:00'],
    },
    {
      name: 'of an eGFR say what it was computed from; age and sex are no finding',
      conditions: {
        all: [
          compares('age', { unit: 'year' }, 'greaterThanInclusive', 18),
          holds('sex', {}, 'female'),
          compares('egfr', { within: 'P90D' }, 'lessThan', 30),
        ],
      },
      given: kidneys,
      summary: 'eGFR 12.2 mL/min/1.73 m²: x',
      lines: [
        '- **eGFR 12.2 mL/min/1.73 m²** (below 30 mL/min/1.73 m²) · creatinine 4 mg/dL · 2026-01-31 11:00 · CKD-EPI 2021',
      ],
    },
    {
      name: 'of an eGFR in a band while creatinine rises say that the worse band is not excluded',
      conditions: {
        all: [
          { ...compares('egfr', { within: 'P90D' }, 'greaterThanInclusive', 10), path: '$.highest' },
          compares('egfr', { within: 'P90D' }, 'lessThan', 30),
        ],
      },
      given: { ...kidneys, labs: [...kidneys.labs, creatinine(1, 1)] },
      summary: 'eGFR at most 12.2 mL/min/1.73 m², creatinine rising: x',
      lines: [
        '- **eGFR at most 12.2 mL/min/1.73 m², creatinine rising** (below 30 mL/min/1.73 m²; below 10 mL/min/1.73 m² is not excluded) · creatinine 4 mg/dL · 2026-01-31 11:00 · at most 12.2: creatinine is rising; CKD-EPI 2021',
      ],
    },
    {
      name: 'of a creatinine clearance name the weight too',
      conditions: { all: [compares('creatinineClearance', { within: 'P90D' }, 'lessThan', 30)] },
      given: kidneys,
      summary: 'CrCl 14.2 mL/min: x',
      lines: [
        '- **CrCl 14.2 mL/min** (below 30 mL/min) · creatinine 4 mg/dL · 2026-01-31 11:00 · Cockcroft-Gault, actual weight',
        '- weight 60 kg · 2026-01-31 11:00',
      ],
    },
    {
      name: 'of an AKI stage say which creatinines, and no unit `1`',
      conditions: { all: [compares('akiStage', { within: 'P7D' }, 'equal', 1)] },
      given: {
        conditions: [],
        labs: [lab('creatinine', 1.5, 'mg/dL'), lab('creatinine', 1, 'mg/dL', { hoursAgo: 30 })],
      },
      summary: 'AKI stage 1 (Cr 1.0 to 1.5 mg/dL): x',
      lines: [
        '- **AKI stage 1 \\(Cr 1.0 to 1.5 mg/dL\\)** · creatinine 1.5 mg/dL · 2026-01-31 11:00 · KDIGO 2012: creatinine 1.5 mg/dL is 1.5 times the reference 1 mg/dL, a rise of 0.3 mg/dL or more from 1 mg/dL within 48 hours',
        '- creatinine 1 mg/dL · 2026-01-30 06:00 · lowest of the 7 days before',
      ],
    },
    {
      name: 'of an infusion rate',
      conditions: {
        all: [
          compares('infusionRate', { ingredients: ['magnesium sulfate'], unit: 'g/h' }, 'greaterThan', 2),
        ],
      },
      given: { ordered: [{ ...order, gramsPerHour: 3 }] },
      hook: 'order-sign',
      summary: '3 g/h: x',
      lines: ['- **magnesium sulfate 3 g/h** (above 2 g/h) · rate as ordered'],
    },
    {
      name: 'of a daily dose',
      conditions: {
        all: [
          compares(
            'dailyDose',
            { ingredients: ['magnesium sulfate'], unit: 'mg', role: 'ordered' },
            'greaterThan',
            200,
          ),
        ],
      },
      given: { ordered: [{ ...order, route: 'oral', milligramsADay: 300 }] },
      hook: 'order-sign',
      summary: '300 mg/day: x magnesium sulfate',
      lines: ['- **magnesium sulfate 300 mg/day** (above 200 mg)'],
    },
    {
      name: 'of a daily dose beside an order that is not recognised are at least that',
      conditions: {
        all: [compares('dailyDose', { ...sulfate, unit: 'mg' }, 'greaterThan', 200)],
      },
      given: { active: [], ordered: [{ ...order, route: 'oral', milligramsADay: 300 }, { text: 'x' }] },
      hook: 'order-sign',
      summary: 'At least 300 mg/day: x magnesium sulfate',
      lines: ['- **magnesium sulfate at least 300 mg/day** (above 200 mg)'],
    },
    {
      name: 'of one dose',
      conditions: { all: [compares('dose', { ...sulfate, unit: 'mg' }, 'greaterThan', 200)] },
      given: { ordered: [{ ...order, route: 'oral', dose: '300 mg', timesADay: 2 }] },
      hook: 'order-sign',
      summary: '300 mg a dose: x magnesium sulfate',
      lines: ['- **magnesium sulfate 300 mg a dose** (above 200 mg)'],
    },
    {
      name: 'of how often',
      conditions: { all: [compares('doseFrequency', sulfate, 'greaterThan', 1)] },
      given: { ordered: [{ ...order, dose: '1 g', timesADay: 2 }] },
      hook: 'order-sign',
      summary: '2 doses a day: x magnesium sulfate',
      lines: ['- **magnesium sulfate 2 doses a day** (above 1 dose)'],
    },
    {
      name: 'of once a day say dose, not doses',
      conditions: { all: [compares('doseFrequency', sulfate, 'lessThan', 2)] },
      given: { active: [], ordered: [{ ...order, dose: '1 g', timesADay: 1 }] },
      hook: 'order-sign',
      summary: '1 dose a day: x magnesium sulfate',
      lines: ['- **magnesium sulfate 1 dose a day** (below 2 doses)'],
    },
    {
      name: 'of a sum over a day',
      conditions: {
        all: [compares('cumulativeDose', { ...sulfate, unit: 'g', within: 'P1D' }, 'greaterThan', 3)],
      },
      given: { active: [], ended: [], ordered: [{ ...order, dose: '4 g', count: 1 }] },
      hook: 'order-sign',
      summary: '4 g in 1 day: x magnesium sulfate',
      lines: ['- **magnesium sulfate 4 g in 1 day** (above 3 g)'],
    },
    {
      name: 'of a sum over hours that is open',
      conditions: {
        all: [compares('cumulativeDose', { ...sulfate, unit: 'g', within: 'PT12H' }, 'greaterThan', 3)],
      },
      given: { active: [], ended: [], ordered: [{ ...order, dose: '4 g', count: 1 }, { text: 'x' }] },
      hook: 'order-sign',
      summary: 'At least 4 g in 12 hours: x magnesium sulfate',
      lines: ['- **magnesium sulfate at least 4 g in 12 hours** (above 3 g)'],
    },
    {
      name: 'of a week of gestation',
      conditions: { all: [compares('gestation', {}, 'greaterThanInclusive', 20)] },
      given: { conditions: ['pregnancy', { icd10cm: 'Z3A.24', daysAgo: 7 }], labs: [] },
      summary: '25 weeks of gestation: x',
      lines: ['- **25 weeks of gestation** (at least 20 weeks) · weeks coded Z3A.24 · 2026-01-24'],
    },
    {
      name: 'of a week of gestation that the sources say differently are from and to',
      conditions: { all: [compares('gestation', {}, 'greaterThanInclusive', 20)] },
      given: { conditions: ['pregnancy', { icd10cm: 'Z3A.24', daysAgo: 7 }], labs: [], dueInDays: 120 },
      summary: '22 to 25 weeks of gestation: x',
      lines: [
        '- **22 to 25 weeks of gestation** (at least 20 weeks) · estimated delivery date 2026-05-31 · 2026-01-24 12:00 · the sources differ',
        '- weeks coded Z3A.24 · 2026-01-24 · the sources differ',
      ],
    },
    {
      name: 'of kidney function that is chronically reduced',
      conditions: { all: [compares('egfrHighest', { within: 'P90D', over: 'P90D' }, 'lessThan', 60)] },
      given: course,
      summary: 'No eGFR above 39.9 mL/min/1.73 m² in 90 days or more: x',
      lines: [
        `- **no eGFR above 39.9 mL/min/1.73 m² in 90 days or more** (below 60 mL/min/1.73 m²) · ${latest}`,
        '- eGFR 39.9 mL/min/1.73 m² · 2025-10-23 12:00 · from creatinine 1.5 mg/dL · CKD-EPI 2021; G3b',
      ],
    },
    {
      name: 'of kidney function that fell, in per cent',
      conditions: { all: [fall('percent', 25)] },
      given: course,
      summary: 'eGFR fell 46 % in 12 months: x',
      lines: [`- **eGFR fell 46 % in 12 months** (at least 25 %) · ${latest}`, `- ${baseline}`],
    },
    {
      name: 'of GFR categories lost are in the detail only',
      conditions: { all: [fall('categories', 1)] },
      given: course,
      summary: ': x',
      lines: [`- **2 GFR categories lower** (at least 1 GFR category) · ${latest}`, `- ${baseline}`],
    },
    {
      name: 'of one GFR category lost say category',
      conditions: { all: [fall('categories', 1)] },
      given: { conditions: [], labs: [lab('creatinine', 1.3, 'mg/dL'), creatinine(1, 200)] },
      summary: ': x',
      lines: [
        '- **1 GFR category lower** (at least 1 GFR category) · eGFR 47.1 mL/min/1.73 m² · 2026-01-31 11:00 · from creatinine 1.3 mg/dL · CKD-EPI 2021; G3a',
        '- eGFR 64.9 mL/min/1.73 m² · 2025-07-15 12:00 · from creatinine 1 mg/dL · CKD-EPI 2021; G2; baseline',
      ],
    },
    {
      name: 'of kidney function that falls, a year',
      conditions: { all: [fall('perYear', 5)] },
      given: course,
      summary: 'eGFR falls 28.3 mL/min/1.73 m² a year: x',
      lines: [
        `- **eGFR falls 28.3 mL/min/1.73 m² a year** (at least 5 mL/min/1.73 m² a year) · ${latest}`,
        `- ${baseline}; straight line through 3 estimates`,
      ],
    },
    {
      name: 'of a calcium corrected for albumin say what it was computed from',
      conditions: {
        all: [compares('lab', { test: 'calcium-corrected', unit: 'mg/dL', within: 'P3D' }, 'lessThan', 9)],
      },
      given: { labs: [lab('calcium-total', 8, 'mg/dL'), lab('albumin', 3, 'g/dL')] },
      summary: 'Corrected Ca 8.8 mg/dL: x',
      lines: [
        '- **corrected Ca 8.8 mg/dL** (below 9 mg/dL) · Ca 8 mg/dL · 2026-01-31 11:00 · corrected for albumin \\(Payne 1973\\)',
        '- albumin 3 g/dL · 2026-01-31 11:00',
      ],
    },
    {
      name: 'of a ratio say of what',
      conditions: {
        all: [
          compares(
            'labTrend',
            { test: 'creatinine', unit: 'mg/dL', within: 'P3D', span: 'P7D', change: 'ratio' },
            'greaterThanInclusive',
            1.5,
          ),
        ],
      },
      given: { labs: [lab('creatinine', 2, 'mg/dL'), lab('creatinine', 1, 'mg/dL', { hoursAgo: 30 })] },
      summary: 'Creatinine 2 times the lowest of 7 days: x',
      lines: [
        '- **creatinine 2 times the lowest of 7 days** (at least 1.5 times) · creatinine 2 mg/dL · 2026-01-31 11:00',
        '- creatinine 1 mg/dL · 2026-01-30 06:00',
      ],
    },
    {
      name: 'of a count of none rest on nothing',
      conditions: {
        all: [compares('drugCount', { ...sulfate, by: 'ingredient', role: 'active' }, 'lessThan', 1)],
      },
      given: { active: [] },
      summary: ': x',
      lines: ['- **0 drugs** (below 1 drug)'],
    },
    {
      name: 'of a result compared with another one name that one',
      conditions: {
        all: [
          compares('lab', magnesium, 'greaterThan', {
            fact: 'lab',
            params: { test: 'calcium-total', unit: 'mg/dL', within: 'P7D' },
            path: '$.value',
          }),
        ],
      },
      given: { labs: [lab('magnesium', 9.123, 'mg/dL'), lab('calcium-total', 8, 'mg/dL')] },
      summary: 'Mg 9.12 mg/dL: x',
      lines: [
        '- **Mg 9.12 mg/dL** (above serum calcium within 7 days) · 2026-01-31 11:00 · received as 9.123 mg/dL',
      ],
    },
    {
      name: 'of a count of drugs name each drug once',
      conditions: {
        all: [
          compares(
            'drugCount',
            { ingredients: ['magnesium sulfate', 'digoxin'], by: 'ingredient', role: 'any' },
            'greaterThan',
            1,
          ),
        ],
      },
      given: { active: [{ drug: 'digoxin' }], ordered: [{ ...order, route: 'oral' }] },
      hook: 'order-sign',
      summary: ': x digoxin + magnesium sulfate',
      lines: ['- **2 drugs** (above 1 drug)', '- Digoxin, active'],
    },
    {
      name: 'of a condition are its name and since when',
      conditions: { all: [holds('condition', { groups: ['dialysis'], status: 'active' })] },
      given: { conditions: ['dialysis'] },
      summary: 'Dialysis: x',
      lines: ['- Dialysis · 2026-01-01'],
    },
    {
      name: 'of a test that was not done say so',
      conditions: { all: [holds('hasLab', { tests: ['magnesium', 'creatinine'], within: 'PT48H' }, false)] },
      given: { labs: [] },
      summary: ': x',
      lines: ['- No serum magnesium or serum creatinine within 48 hours'],
    },
    {
      name: 'of a test that came unusable say which and why',
      conditions: { all: [holds('hasLab', { tests: ['magnesium'], within: 'P7D' }, false)] },
      given: { labs: [lab('magnesium', 1, null), lab('magnesium', 2, null)] },
      summary: ': x',
      lines: [
        '- No usable serum magnesium within 7 days \\(Observation/lab-1: 1 came without a unit: not used; send \\`valueQuantity.code\\`; Observation/lab-2: 2 came without a unit: not used; send \\`valueQuantity.code\\`\\)',
      ],
    },
    {
      name: 'of two drugs name the one that is taken: the order is in the summary',
      conditions: {
        all: [
          holds('drug', { ingredients: ['magnesium sulfate'], role: 'ordered' }),
          holds('drug', { classes: ['digoxin'], role: 'active' }),
        ],
      },
      given: { active: [{ drug: 'digoxin' }], ordered: [order] },
      hook: 'order-sign',
      summary: ': x magnesium sulfate + digoxin',
      lines: ['- Digoxin, active'],
    },
    {
      name: 'of two conditions on one result are said once',
      conditions: { all: [magnesiumBelow(1.6), magnesiumBelow(1.5), holds('sex', {}, 'female')] },
      given: { labs: [lab('magnesium', 0.9, 'mg/dL')] },
      summary: 'Mg 0.9 mg/dL: x',
      lines: ['- **Mg 0.9 mg/dL** (below 1.5 mg/dL) · 2026-01-31 11:00'],
    },
    {
      name: 'of several findings are joined by commas',
      conditions: {
        all: [
          magnesiumBelow(1.6),
          compares('lab', { test: 'potassium', unit: 'mmol/L', within: 'P3D' }, 'lessThan', 3.5),
        ],
      },
      given: { labs: [lab('magnesium', 0.9, 'mg/dL'), lab('potassium', 3.1, 'mmol/L')] },
      summary: 'Mg 0.9 mg/dL, K 3.1 mmol/L: x',
      lines: [
        '- **Mg 0.9 mg/dL** (below 1.6 mg/dL) · 2026-01-31 11:00',
        '- **K 3.1 mmol/L** (below 3.5 mmol/L) · 2026-01-31 11:00',
      ],
    },
  ];
  it.each(cases)('$name', ({ conditions, given, hook, summary, lines }) => {
    const card = cardOf(conditions, given, { card: { summary: '{values}: x {drug}' } }, hook);
    expect(card.summary.trimEnd()).toBe(summary);
    expect(valuesOf(card)).toEqual(lines);
  });
});

describe('a card', () => {
  const given = { conditions: ['dialysis'], labs: [] };
  const onDialysis = { all: [holds('condition', { groups: ['dialysis'], status: 'active' })] };
  const disclaimer = '*Decision support for review; not a medical device.*';

  it('is, word for word: what was found, what it means, the source and rule, what it is not', () => {
    expect(cardOf(onDialysis, given)).toEqual({
      uuid: derivedUuid('decision-1', 'AA-001', 'card'),
      summary: 'Summary of AA-001',
      indicator: 'warning',
      detail: `- Dialysis · 2026-01-01\n\nWhat it means.\n\nSource: First source 2020. Rule AA-001 1.2.3.\n\n${disclaimer}`,
      source: {
        label: 'Epsom AA-001: First source',
        topic: { system: 'urn:epsom:rule', code: 'AA-001', display: 'Title of AA-001' },
      },
      overrideReasons: [
        ['benefit-outweighs-risk', 'Benefit outweighs the risk for this patient'],
        ['already-managed', 'Already monitored or managed'],
        ['data-not-current', 'The data is wrong or out of date'],
        ['not-applicable', 'Does not apply to this patient'],
      ].map(([code, display]) => ({ system: 'urn:epsom:override-reason', code, display })),
    });
  });

  it('without a value of the patient begins with what it means', () => {
    const { detail } = cardOf({ all: [holds('sex', {}, 'female')] }, given);
    expect(detail).toMatch(/^What it means\.\n\nSource: /);
  });

  it('of a pregnancy that was ruled out says no, not that something could not be used', () => {
    const status = {
      ...observation('x', '82810-3', 0, null, '2026-01-30'),
      valueQuantity: undefined,
      valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '60001007' }] },
    };
    const rule = document('AA-001', { all: [holds('pregnancy', {}, false)] });
    const { context, prefetch } = hookRequest('patient-view', complete([status]));
    const { cards, used } = decide(
      { hook: 'patient-view', context, prefetch },
      createRuleset([{ where: 'x', json: rule }]),
      clock,
    );
    expect(used()).toMatchObject([{ value: false, evidence: [{ reference: 'Observation/x' }] }]);
    expect(cards.flatMap(valuesOf)).toEqual(['- No pregnancy']);
  });

  it('names each exemption that could not be checked, once', () => {
    const unless = {
      any: [
        holds('condition', { groups: ['asthma'], status: 'active', confirmed: true }),
        magnesiumBelow(1),
        compares('lab', { ...magnesium, unit: 'mmol/L' }, 'lessThan', 1),
        holds('drug', { classes: ['loop-diuretic'], role: 'active' }),
      ],
    };
    expect(cardOf(onDialysis, given, { unless }).detail).toContain(
      '\n\nWhat it means.\n\n**Not checked:** serum magnesium within 3 days; loop diuretic.\n\nSource: ',
    );
  });

  it.each([
    ['one creatinine', [1], 'a second creatinine'],
    ['no creatinine', [], 'kidney function \\(creatinine\\) within 7 days'],
  ])('asks for what acute kidney injury waits for, with %s', (_, creatinines, asked) => {
    const unless = { any: [compares('akiStage', { within: 'P7D' }, 'greaterThanInclusive', 1)] };
    const labs = creatinines.map(
      (value) => ({ test: 'creatinine', value, unit: 'mg/dL', hoursAgo: 1 }) as const,
    );
    const inAsthma = { all: [holds('condition', { groups: ['asthma'], status: 'active' })] };
    expect(cardOf(inAsthma, { conditions: ['asthma'], labs }, { unless }).detail).toContain(
      `**Not checked:** ${asked}.`,
    );
  });

  it('links to the first source with an https address', () => {
    const source = (url?: string) => ({ key: 'k', title: 't', short: 's', year: 2020, read: true, url });
    const urlOf = (...sources: object[]) => cardOf(onDialysis, given, { sources }).source.url;
    expect(urlOf(source(), source('http://a.example/x'), source('https://b.example/x'))).toBe(
      'https://b.example/x',
    );
    expect(urlOf(source(), source('http://a.example/https://'))).toBeUndefined();
  });

  it('names one source, the first whose text was read, and its year once', () => {
    const source = (short: string, read: boolean) => ({ key: short, title: 't', short, year: 2020, read });
    const sourcesOf = (...sources: object[]) =>
      /^Source: (.*)\. Rule /m.exec(cardOf(onDialysis, given, { sources }).detail)?.[1];
    expect(sourcesOf(source('A', true))).toBe('A 2020');
    expect(sourcesOf(source('A', false), source('B', true), source('C', true))).toBe('B 2020');
    expect(sourcesOf(source('A', false), source('B', false))).toBe('A 2020');
    expect(sourcesOf(source('Criteria 2020', true))).toBe('Criteria 2020');
  });

  it('for a side bar keeps the patient’s values, has the brief text of the rule, and says what it is no more than once', () => {
    const detail =
      'It accumulates, e.g. in dialysis at 1.5 g. It was seen before. Option: stop it. Options are a lower dose.';
    const brief = 'It accumulates. Option: stop it.';
    const rule = document('AA-001', onDialysis, { card: { detail, brief } });
    const [card] = decide(
      requestOf({ name: 'x', given, expect: 'fired' }, 'patient-view'),
      createRuleset([{ where: 'x', json: rule }]),
      clock,
      { ...showAll, profile: 'cerner' },
    ).cards;
    expect(card?.detail.split('\n\n')).toEqual([
      '- Dialysis · 2026-01-01',
      brief,
      'Source: First source 2020. Rule AA-001 1.2.3.',
      '*Decision support for review; not a medical device.*',
    ]);
  });

  it('offers the reasons of its rule, in its order', () => {
    const { overrideReasons } = cardOf(onDialysis, given, {
      card: { overrideReasons: ['emergency', 'specialist-advice'] },
    });
    expect(overrideReasons?.map(({ code, display }) => [code, display])).toEqual([
      ['emergency', 'Emergency'],
      ['specialist-advice', 'Specialist advice followed'],
    ]);
  });

  it.each([
    ['magnesium low', 'Magnesium low'],
    ['eGFR low', 'eGFR low'],
    ['x', 'x'],
    ['2 ab', '2 ab'],
  ])('with the summary `%s` begins with a capital, unless its second letter is one', (summary, expected) => {
    expect(cardOf(onDialysis, given, { card: { summary } }).summary).toBe(expected);
  });

  it('has a summary of at most 139 characters, cut at a word', () => {
    const summaryOf = (words: string): string =>
      cardOf(
        { all: [magnesiumBelow(1)] },
        { labs: [lab('magnesium', 0.9, 'mg/dL')] },
        { card: { summary: `{values} ${words}` } },
      ).summary;
    const rest = 'word '.repeat(25);
    const full = `Mg 0.9 mg/dL ${rest}x`;
    expect(full).toHaveLength(139);
    expect(summaryOf(`${rest}x`)).toBe(full);
    expect(summaryOf(`${rest}xy`)).toBe(`Mg 0.9 mg/dL ${rest.trimEnd()}…`);
    // Cut at 138 characters, which is the end of a word: that word goes too, for it may have been longer.
    expect(summaryOf(`${'word '.repeat(24)}words word`)).toBe(
      `Mg 0.9 mg/dL ${'word '.repeat(24).trimEnd()}…`,
    );
  });
});

describe('suggestions', () => {
  const ecg = {
    type: 'order-service',
    label: 'Order an ECG',
    system: 'http://loinc.org',
    code: '11524-6',
    display: 'EKG study',
  };
  const removal = { type: 'delete-order', label: 'Remove the order', isRecommended: true };
  const ordered = { all: [holds('drug', { ingredients: ['magnesium sulfate'], role: 'any' })] };
  const order = { drug: 'magnesium sulfate', route: 'intravenous' };

  it('delete the order that fired, and create the test as a draft for this patient and encounter', () => {
    const card = cardOf(
      ordered,
      { ordered: [order], active: [{ drug: 'magnesium sulfate' }], encounter: 'inpatient' },
      { card: { suggestions: [removal, ecg] } },
      'order-sign',
    );
    expect(card.selectionBehavior).toBe('any');
    expect(card.suggestions).toEqual([
      {
        label: 'Remove the order: magnesium sulfate',
        uuid: derivedUuid('decision-1', 'AA-001', 'suggestion', '0', '0'),
        isRecommended: true,
        actions: [
          {
            type: 'delete',
            description: 'Remove the draft order MedicationRequest/order-1',
            resourceId: 'MedicationRequest/order-1',
          },
        ],
      },
      {
        label: 'Order an ECG',
        uuid: derivedUuid('decision-1', 'AA-001', 'suggestion', '1', '0'),
        actions: [
          {
            type: 'create',
            description: 'Order: EKG study',
            resource: {
              resourceType: 'ServiceRequest',
              status: 'draft',
              intent: 'order',
              code: {
                coding: [{ system: 'http://loinc.org', code: '11524-6', display: 'EKG study' }],
                text: 'EKG study',
              },
              subject: { reference: 'Patient/case' },
              encounter: { reference: 'Encounter/case' },
            },
          },
        ],
      },
    ]);
  });

  it('delete each of two orders with a suggestion of its own, which a reader can tell apart', () => {
    const card = cardOf(
      ordered,
      { ordered: [order, order], active: [] },
      { card: { suggestions: [removal] } },
      'order-sign',
    );
    const { suggestions } = card;
    expect(suggestions?.map(({ label }) => label)).toEqual([
      'Remove the order: magnesium sulfate (1 of 2)',
      'Remove the order: magnesium sulfate (2 of 2)',
    ]);
    expect(valuesOf(card)[0]).toMatch(/ \(2 entries\)$/);
    expect(
      suggestions?.map(({ uuid, actions }) => [uuid, actions.map(({ resourceId }) => resourceId)]),
    ).toEqual([
      [derivedUuid('decision-1', 'AA-001', 'suggestion', '0', '0'), ['MedicationRequest/order-1']],
      [derivedUuid('decision-1', 'AA-001', 'suggestion', '0', '1'), ['MedicationRequest/order-2']],
    ]);
  });

  it('name the drugs of two orders that differ', () => {
    const { suggestions } = cardOf(
      { all: [holds('drug', { ingredients: ['magnesium sulfate', 'digoxin'], role: 'any' })] },
      { ordered: [order, { drug: 'digoxin', route: 'oral' }], active: [] },
      { card: { suggestions: [removal] } },
      'order-sign',
    );
    expect(suggestions?.map(({ label }) => label)).toEqual([
      'Remove the order: digoxin',
      'Remove the order: magnesium sulfate',
    ]);
  });

  it('name an order of a product by all its ingredients', () => {
    const both = { drug: ['magnesium sulfate', 'digoxin'], route: 'oral' };
    const { suggestions } = cardOf(
      ordered,
      { ordered: [both, order], active: [] },
      { card: { suggestions: [removal] } },
      'order-sign',
    );
    expect(suggestions?.map(({ label }) => label)).toEqual([
      'Remove the order: magnesium sulfate and digoxin',
      'Remove the order: magnesium sulfate',
    ]);
  });

  it.each([
    ['draft-1', undefined, ['MedicationRequest/draft-1']],
    [undefined, 'https://ehr.example/fhir/MedicationRequest/7', ['MedicationRequest/7']],
    [undefined, 'urn:uuid:0b8a1c7e-0d0c-4d5b-9a67-1f2a3b4c5d6e', undefined],
    [undefined, 'https://ehr.example/orders/7/current', undefined],
    [undefined, 'order/7 (copy)', undefined],
    [undefined, undefined, undefined],
  ])(
    'delete an order by its id (%s) or address (%s), and none that cannot be named',
    (id, fullUrl, named) => {
      const rule = document('AA-001', ordered, { card: { suggestions: [removal] } });
      const { context, prefetch } = hookRequest('order-sign', complete([]));
      const draftOrders = {
        resourceType: 'Bundle',
        entry: [{ fullUrl, resource: { ...magnesiumSulfate(), id } }],
      };
      const { cards } = decide(
        { hook: 'order-sign', context: { ...context, draftOrders }, prefetch },
        createRuleset([{ where: 'x', json: rule }]),
        clock,
      );
      expect(cards).toHaveLength(1);
      expect(
        cards[0]?.suggestions?.flatMap(({ actions }) => actions.map(({ resourceId }) => resourceId)),
      ).toEqual(named);
    },
  );

  it('delete no order that is only in the background of an order-select', () => {
    const { suggestions } = cardOf(
      ordered,
      { ordered: [order, { ...order, selected: false }], active: [] },
      { card: { suggestions: [removal] } },
      'order-select',
    );
    expect(suggestions?.flatMap(({ actions }) => actions.map(({ resourceId }) => resourceId))).toEqual([
      'MedicationRequest/order-1',
    ]);
  });

  it('delete nothing in patient-view, where a draft is not being worked on', () => {
    const card = cardOf(
      ordered,
      { active: [{ drug: 'magnesium sulfate' }] },
      { card: { suggestions: [removal, ecg] } },
    );
    expect(card.suggestions?.map(({ label }) => label)).toEqual(['Order an ECG']);
    expect(card.suggestions?.[0]?.actions[0]?.resource).not.toHaveProperty('encounter');
  });

  it('offer no test that is among the drafts already, by its code', () => {
    const draft = (code: string) => ({
      resourceType: 'ServiceRequest',
      id: 'draft',
      status: 'draft',
      intent: 'order',
      subject: { reference: 'Patient/p1' },
      code: {
        coding: [
          { system: 'http://snomed.info/sct', code: '1' },
          { system: 'http://loinc.org', code },
        ],
      },
    });
    const offered = (code: string) => {
      const rule = document('AA-001', ordered, { card: { suggestions: [removal, ecg] } });
      const request = hookRequest('order-sign', complete([]), [magnesiumSulfate(), draft(code)]);
      const { cards } = decide(
        { hook: 'order-sign', context: request.context, prefetch: request.prefetch },
        createRuleset([{ where: 'x', json: rule }]),
        clock,
      );
      return cards[0]?.suggestions?.map(({ label }) => label);
    };
    expect(offered('11524-6')).toEqual(['Remove the order: magnesium sulfate']);
    expect(offered('24321-2')).toEqual(['Remove the order: magnesium sulfate', 'Order an ECG']);
  });

  it('delete nothing in patient-view even where a draft came', () => {
    const rule = document('AA-001', ordered, { card: { suggestions: [removal] } });
    const request = hookRequest('order-sign', complete([]), [magnesiumSulfate()]);
    const { cards } = decide(
      { hook: 'patient-view', context: request.context, prefetch: request.prefetch },
      createRuleset([{ where: 'x', json: rule }]),
      clock,
    );
    for (const card of cards) expect(card).not.toHaveProperty('suggestions');
  });

  it('are left out as a whole where there is none', () => {
    const card = cardOf(
      ordered,
      { active: [{ drug: 'magnesium sulfate' }] },
      { card: { suggestions: [removal] } },
    );
    expect(card).not.toHaveProperty('suggestions');
    expect(card).not.toHaveProperty('selectionBehavior');
  });
});

/** A leaf of a trace, as far as its wording goes. */
const leafOf = (fact: FactName, params: Tree): TraceLeaf => ({
  fact,
  params,
  operator: 'equal',
  value: true,
  factValue: 'missing',
  truth: null,
  question: 0,
});

describe('a question in words', () => {
  it.each<[FactName, Tree, string]>([
    ['lab', { test: 'magnesium', within: 'P3D' }, 'serum magnesium within 3 days'],
    ['labTrend', { test: 'creatinine', within: 'PT48H' }, 'serum creatinine within 48 hours'],
    [
      'hasLab',
      { tests: ['magnesium', 'creatinine'], within: 'P365D' },
      'serum magnesium or serum creatinine within 12 months',
    ],
    ['hasLab', { tests: ['magnesium'], within: 'P1D' }, 'serum magnesium within 1 day'],
    ['egfr', { within: 'P90D' }, 'kidney function (creatinine) within 90 days'],
    ['creatinineClearance', { within: 'P7D' }, 'kidney function (creatinine) within 7 days'],
    ['akiStage', { within: 'P7D' }, 'kidney function (creatinine) within 7 days'],
    ['hasLab', { tests: ['creatinine'], within: 'admission' }, 'serum creatinine since admission'],
    [
      'labNewer',
      { test: 'egfr', than: 'creatinine', within: 'P90D', orOlderBy: 'P1D' },
      'estimated GFR as recent as serum creatinine within 90 days',
    ],
    ['egfrHighest', { within: 'P90D', over: 'P90D' }, 'earlier kidney function (creatinine)'],
    ['egfrFall', { within: 'P90D', as: 'percent' }, 'earlier kidney function (creatinine)'],
    ['drug', { classes: ['loop-diuretic', 'ppi'] }, 'loop diuretic or proton pump inhibitor'],
    ['drug', { ingredients: ['digoxin'] }, 'digoxin'],
    ['drug', {}, ''],
    ['drugCount', { classes: ['qt-prolonging-known'] }, 'drug that prolongs QT'],
    ['infusionRate', { ingredients: ['magnesium sulfate'] }, 'the rate of magnesium sulfate'],
    ['infusionRate', { classes: ['loop-diuretic'] }, 'the rate of loop diuretic'],
    ['dailyDose', { classes: ['calcium-iv'] }, 'the dose of calcium iv'],
    ['dailyDose', { ingredients: ['magnesium sulfate'] }, 'the dose of magnesium sulfate'],
    ['dose', { classes: ['calcium-iv'] }, 'the dose of calcium iv'],
    ['doseFrequency', { ingredients: ['digoxin'] }, 'the dose of digoxin'],
    [
      'cumulativeDose',
      { classes: ['calcium-iv', 'ppi'], within: 'P1D' },
      'the sum of calcium iv or proton pump inhibitor in 1 day',
    ],
    [
      'cumulativeDose',
      { ingredients: ['magnesium sulfate'], within: 'PT1H' },
      'the sum of magnesium sulfate in 1 hour',
    ],
    ['condition', { groups: ['dialysis', 'asthma'] }, 'dialysis or asthma'],
    ['gestation', {}, 'gestational age'],
    ['condition', { groups: ['not-in-the-table'] }, 'not-in-the-table'],
    ['encounter', {}, 'the kind of encounter'],
    ['allergyToOrder', {}, 'allergies'],
    ['duplicateOrder', {}, 'the medication list'],
    ['pregnancy', {}, 'pregnancy'],
  ])('%s %j: %s', (fact, params, expected) => {
    expect(factOf(fact).ask(params)).toBe(expected);
  });
});

describe('what an undecided condition waits for', () => {
  const missing = (more: Partial<UnknownFact> = {}): Fact => ({
    state: 'missing',
    cause: 'absent',
    reasons: [],
    evidence: [],
    ...more,
  });
  const at = (reference: string): Evidence => ({
    reference,
    used: { kind: 'unused' },
    time: null,
    notes: [],
  });
  const inRange = (low: number, high: number): Fact => ({
    state: 'known',
    value: low,
    range: { low, high },
    evidence: [at('Observation/1')],
  });
  it.each<[FactName, Tree, Fact, string]>([
    ['lab', { test: 'magnesium', within: 'P3D' }, missing(), 'Mg'],
    ['labTrend', { test: 'potassium', within: 'P3D' }, missing(), 'K'],
    ...(['egfr', 'creatinineClearance', 'akiStage'] as const).flatMap(
      (fact): [FactName, Tree, Fact, string][] => [
        [fact, { within: 'P90D' }, missing(), 'creatinine'],
        [
          fact,
          { within: 'P90D' },
          missing({ reasons: [{ code: 'needs', input: 'creatinine' }] }),
          'creatinine',
        ],
        [fact, { within: 'P90D' }, missing({ reasons: [{ code: 'needs', input: 'body-weight' }] }), 'weight'],
        [
          fact,
          { within: 'P90D' },
          missing({ reasons: [{ code: 'needs', input: 'birth-date' }] }),
          'birth date',
        ],
        [fact, { within: 'P90D' }, missing({ reasons: [{ code: 'needs', input: 'sex' }] }), 'sex'],
        [
          fact,
          { within: 'P90D' },
          missing({ reasons: [{ code: 'one-creatinine' }] }),
          'an earlier creatinine',
        ],
        [
          fact,
          { within: 'P90D' },
          inRange(15, 40),
          fact === 'akiStage' ? 'an earlier creatinine' : 'a second creatinine',
        ],
        [
          fact,
          { within: 'P90D' },
          missing({ cause: 'not-applicable', reasons: [{ code: 'no-estimate-under-18' }] }),
          'eGFR (none under 18)',
        ],
      ],
    ),
    ['condition', { groups: ['dialysis'] }, missing(), 'dialysis'],
    [
      'lab',
      { test: 'magnesium', within: 'P3D' },
      { state: 'known', value: 1, evidence: [] },
      'serum magnesium within 3 days',
    ],
    ['lab', { test: 'magnesium' }, missing({ cause: 'category', category: 'labs' }), 'laboratory data'],
    [
      'drug',
      { classes: ['ppi'] },
      missing({ cause: 'category', category: 'medications' }),
      'medication list',
    ],
    [
      'drug',
      { classes: ['ppi'] },
      missing({ cause: 'incomplete', category: 'medications' }),
      'the whole medication list',
    ],
    ['drug', { classes: ['ppi'] }, missing({ cause: 'category', category: 'orders' }), 'draft orders'],
    [
      'condition',
      { groups: ['asthma'] },
      missing({ cause: 'category', category: 'conditions' }),
      'problem list',
    ],
    ['allergy', {}, missing({ cause: 'category', category: 'allergies' }), 'allergies'],
    ['encounter', {}, missing({ cause: 'category', category: 'encounter' }), 'encounter'],
    ...(
      [
        [{ code: 'pregnancy-undated', reference: 'A/1' }, 'since when she is pregnant'],
        [{ code: 'pregnancy-not-documented', reference: 'A/1' }, 'whether she is pregnant'],
        [
          { code: 'conditions-open', conditions: [{ group: 'pregnancy', reference: 'A/1' }] },
          'whether she is pregnant',
        ],
      ] as const
    ).map(([reason, words]): [FactName, Tree, Fact, string] => [
      'pregnancy',
      {},
      missing({ cause: 'unresolved', reasons: [reason], evidence: [at('A/1')] }),
      words,
    ]),
    ...(
      [
        [{ group: 'dialysis', reference: 'A/1' }, 'details of dialysis'],
        [{ reference: 'A/1' }, 'details of A/1'],
      ] as const
    ).map(([open, words]): [FactName, Tree, Fact, string] => [
      'condition',
      { groups: ['dialysis'], status: 'active' },
      missing({
        cause: 'unresolved',
        reasons: [{ code: 'conditions-open', conditions: [open] }],
        evidence: [at('A/1')],
      }),
      words,
    ]),
    [
      'drug',
      { classes: ['ppi'] },
      missing({ cause: 'unresolved', evidence: [at('A/1'), at('B/2'), at('A/1')] }),
      'details of A/1, B/2',
    ],
    [
      'drug',
      { classes: ['ppi'] },
      missing({ cause: 'incomplete', category: 'pastMedications' }),
      'the whole list of past medications',
    ],
    ...(['dailyDose', 'dose', 'doseFrequency', 'cumulativeDose'] as const).flatMap(
      (fact): [FactName, Tree, Fact, string][] => [
        [fact, { ingredients: ['digoxin'] }, missing({ cause: 'absent' }), 'weight'],
        [
          fact,
          { ingredients: ['digoxin'], within: 'P7D' },
          missing({ cause: 'unresolved', evidence: [at('A/1')] }),
          fact === 'cumulativeDose' ? 'the sum of digoxin in 7 days' : 'the dose of digoxin',
        ],
      ],
    ),
    [
      'drugCount',
      { classes: ['qt-prolonging-known'], by: 'ingredient' },
      { state: 'known', value: 1, range: { low: 1, high: Number.POSITIVE_INFINITY }, evidence: [] },
      'the whole medication list',
    ],
  ])('%s %j, %j: %s', (fact, params, answer, expected) => {
    expect(describeNeed(leafOf(fact, params), answer)).toBe(expected);
  });
});

describe('the card for checks that could not be made', () => {
  const rule = (id: string) => parseRule(document(id, { all: [holds('sex', {}, 'female')] }), id);
  const check = (id: string, needs: string[], unrecognised = false): WordedCheck => ({
    rule: rule(id),
    needs,
    unrecognised,
  });
  const quality = rule('DQ-004');
  const cardFor = (checks: WordedCheck[], orders: string[] = [], of: 'order' | 'entry' | 'chart' = 'order') =>
    openChecksCard(
      { rule: quality, checks, orders, of },
      {
        profile: profiles.generic,
        decisionId: 'decision-1',
        chart: chartWith(),
        atHand: { awaited: new Set(), fresh: new Set() },
      },
    );
  const disclaimer = '*Decision support for review; not a medical device.*';

  it('is, word for word: grouped by what is missing, and no all-clear', () => {
    expect(
      cardFor([
        check('AA-001', ['kidney function']),
        check('AA-002', ['Mg', 'K']),
        check('AA-003', ['kidney function']),
        check('AA-004', ['details of A/1'], true),
        check('AA-005', ['details of A/1'], true),
      ]),
    ).toEqual({
      uuid: derivedUuid('decision-1', 'DQ-004', 'card'),
      summary: '3 safety checks of this order could not be made. Missing: kidney function, Mg, K',
      indicator: 'info',
      detail: [
        'This is not an all-clear. What could not be checked:',
        [
          '- **Kidney function**: Title of AA-001 (AA-001); Title of AA-003 (AA-003)',
          '- **Mg, K**: Title of AA-002 (AA-002)',
          '- Open until the medication is recognised: Title of AA-004 (AA-004); Title of AA-005 (AA-005)',
        ].join('\n'),
        'Rule DQ-004 1.2.3.',
        disclaimer,
      ].join('\n\n'),
      source: {
        label: 'Epsom DQ-004: First source',
        topic: { system: 'urn:epsom:rule', code: 'DQ-004', display: 'Title of DQ-004' },
      },
    });
  });

  it('of 60 checks that an unrecognised drug leaves open names the first 3, and says that there are 57 more', () => {
    const open = Array.from({ length: 60 }, (_, index) =>
      check(`AB-${String(100 + index)}`, ['details'], true),
    );
    expect(cardFor(open, ['MedicationRequest/1']).detail).toContain(
      '- Open until the medication is recognised: Title of AB-100 (AB-100); Title of AB-101 (AB-101); Title of AB-102 (AB-102); and 57 more',
    );
  });

  it('of checks that an unrecognised drug leaves open names the gravest first, then by id', () => {
    const of = (id: string, indicator: string): WordedCheck => ({
      ...check(id, ['details'], true),
      rule: parseRule(document(id, { all: [holds('sex', {}, 'female')] }, { card: { indicator } }), id),
    });
    const { detail } = cardFor([
      of('AA-004', 'warning'),
      of('AA-003', 'warning'),
      of('AA-005', 'critical'),
      of('AA-001', 'info'),
    ]);
    expect(detail).toContain(
      'recognised: Title of AA-005 (AA-005); Title of AA-003 (AA-003); Title of AA-004 (AA-004); and 1 more',
    );
  });

  it('at an entry speaks of the entry', () => {
    const checks = [check('AA-001', ['Mg'])];
    expect(cardFor(checks, [], 'entry').summary).toBe(
      '1 safety check of this entry could not be made. Missing: Mg',
    );
  });

  it.each<[string, Partial<WordedCheck>[], 'order' | 'entry' | 'chart', string]>([
    [
      'a critical check that waits for what could be had: a warning',
      [{ critical: true }],
      'order',
      'warning',
    ],
    ['the same at an entry', [{ critical: true }], 'entry', 'warning'],
    ['the same when a chart is opened, where no order waits', [{ critical: true }], 'chart', 'info'],
    ['a critical check that nothing would settle', [{ critical: true, forGood: true }], 'order', 'info'],
    ['warnings alone', [{}, {}], 'order', 'info'],
  ] as never)('of %s', (_, given, of, indicator) => {
    const checks = given.map((one: Partial<WordedCheck> & { critical?: true }, index: number) => {
      const id = `AA-00${index + 1}`;
      const card = { indicator: one.critical ? 'critical' : 'warning' };
      const ofRule = parseRule(document(id, { all: [holds('sex', {}, 'female')] }, { card }), id);
      return { ...check(id, ['Mg']), ...one, rule: ofRule };
    });
    expect(cardFor(checks, [], of).indicator).toBe(indicator);
  });

  it('of a result that is on its way says so, and that it was not checked', () => {
    const pending = { ...check('AA-001', ['creatinine']), pending: ['creatinine'] };
    expect(cardFor([pending]).summary).toBe('Creatinine pending, not checked: 1 safety check of this order');
    expect(cardFor([pending]).detail).toContain(
      '- **Creatinine (pending)**: Title of AA-001 (AA-001)'.replaceAll('(pending)', '\\(pending\\)'),
    );
    expect(cardFor([pending, check('AA-002', ['weight'])]).summary).toBe(
      '2 safety checks of this order could not be made. Missing: weight; pending: creatinine',
    );
  });

  it('names as many needs as fit, and how many more there are', () => {
    const needs = ['K', 'Mg', 'x'.repeat(90)];
    expect(cardFor([check('AA-001', needs)]).summary).toBe(
      '1 safety check of this order could not be made. Missing: K, Mg, 1 more',
    );
  });

  it('of one check says check, not checks', () => {
    expect(cardFor([check('AA-001', ['Mg'])]).summary).toBe(
      '1 safety check of this order could not be made. Missing: Mg',
    );
  });

  it('says that data is missing where naming all of it takes more than 139 characters', () => {
    const head = '1 safety check of this order could not be made';
    const room = maxSummary - `${head}. Missing: `.length;
    expect(cardFor([check('AA-001', ['x'.repeat(room)])]).summary).toBe(
      `${head}. Missing: ${'x'.repeat(room)}`,
    );
    expect(cardFor([check('AA-001', ['x'.repeat(room + 1)])]).summary).toBe(`${head}: data missing`);
  });

  it('of an order that was not recognised names it, escaped', () => {
    const card = cardFor([], ['MedicationRequest/a_b']);
    expect(card.summary).toBe('Ordered medication not recognised: its drug checks could not be made');
    expect(card.detail.split('\n\n')[1]).toBe('- MedicationRequest/a\\_b matches no ingredient we know');
  });

  it('of a medication on the list that was not recognised says so', () => {
    const card = cardFor([check('AA-001', ['details of A/1'], true)]);
    expect(card.summary).toBe(
      'A medication on the list was not recognised: not every drug check could be made',
    );
    expect(card.detail.split('\n\n')[1]).toBe(
      '- Open until the medication is recognised: Title of AA-001 (AA-001)',
    );
  });
});

describe('the card for findings held back', () => {
  const rule = (id: string, indicator: string) =>
    parseRule(document(id, { all: [holds('sex', {}, 'female')] }, { card: { indicator } }), id);
  const held = (...rules: ReturnType<typeof rule>[]) => overLimitCard(rules, profiles.generic, 'decision-1');

  it('is, word for word: how many, which, and that the list is not whole', () => {
    expect(held(rule('AA-002', 'warning'), rule('AA-001', 'info'))).toEqual({
      uuid: derivedUuid('decision-1', 'held-back', 'card'),
      summary: '2 more findings are not shown: over the limit of cards set for this site',
      indicator: 'info',
      detail: [
        'This is not the whole list. Held back:',
        '- Title of AA-002 (AA-002, warning)\n- Title of AA-001 (AA-001, info)',
        '*Decision support for review; not a medical device.*',
      ].join('\n\n'),
      source: {
        label: 'Epsom: limit of cards',
        topic: {
          system: 'urn:epsom:answer',
          code: 'held-back',
          display: 'Findings held back by the limit of cards',
        },
      },
    });
  });

  it('of one finding says finding is', () => {
    expect(held(rule('AA-001', 'info')).summary).toBe(
      '1 more finding is not shown: over the limit of cards set for this site',
    );
  });
});

describe('the order of cards', () => {
  const condition = { all: [holds('condition', { groups: ['dialysis'], status: 'active' })] };
  const card = (id: string, indicator: string) => document(id, condition, { card: { indicator } });
  it('is critical, warning, info, and by rule among equals', () => {
    const cards = cardsOf(
      [
        card('AA-001', 'info'),
        card('AA-002', 'warning'),
        card('AA-003', 'critical'),
        card('AA-004', 'warning'),
        card('AA-005', 'critical'),
      ],
      { conditions: ['dialysis'] },
    );
    const ids = ['AA-003', 'AA-005', 'AA-002', 'AA-004', 'AA-001'];
    expect(cards.map(({ source }) => source.topic.code)).toEqual(ids);
    expect(
      cards
        .toReversed()
        .sort(bySeverity)
        .map(({ source }) => source.topic.code),
    ).toEqual(ids);
  });
});

/** No card names one result twice: the same value of the same test at the same time. Over the cases of rules. */
import { expect, test } from 'vitest';
import type { Card } from '../../../rules/cards/types.ts';
import type { Case } from '../../../rules/library/case.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { decisionOf } from '../../support/metamorphic/input.ts';
import { caseInputs } from '../../support/metamorphic/inputs.ts';
import { decidedWith } from '../../support/ordered-tests.ts';
import { sampled } from '../../support/random.ts';

const isWhole = process.env.MODE === 'whole';

/** `**K 3.2 mmol/L** (below 3.5 mmol/L) · 2026-01-31 11:00` and `creatinine 2 mg/dL · 2026-01-31 11:00` */
const result =
  /(?<name>[\p{L} ]*\p{L}) (?<value>[<>]?[\d.]+) (?<unit>[^ *·()]+(?: m²)?)\**(?: \([^)]*\))? · (?<time>\d{4}-\d\d-\d\d(?: \d\d:\d\d)?)/gu;
/** A value that was found, beside its thresholds. */
const found = /^- \*\*(?<value>[^*]+)\*\*/gmu;

const repeated = (all: readonly string[]): string[] => all.filter((one, index) => all.indexOf(one) !== index);

function saidTwice({ detail }: Pick<Card, 'detail'>): string[] {
  const [own = ''] = detail.split('\n\n');
  const values = [...own.matchAll(found)].map(({ groups }) => groups?.value ?? '');
  const results = [...detail.matchAll(result)].map(({ groups }) =>
    [groups?.name?.trim().toLowerCase(), groups?.value, groups?.unit, groups?.time].join(' '),
  );
  return [...repeated(values), ...repeated(results)];
}

test('no card names a result twice', () => {
  const ruleset = shippedRuleset();
  const twice = sampled(caseInputs(), isWhole ? 1 : 0.25).flatMap((input) => {
    const decision = decisionOf(input, ruleset);
    if ('refused' in decision) return [];
    return decision.cards.flatMap((card) =>
      saidTwice(card).map((words) => `${input.name}, ${card.source.topic.code}: ${words}`),
    );
  });
  expect(twice.slice(0, 10), `${twice.length}`).toEqual([]);
}, 600_000);

test('a result that is named twice is seen', () => {
  const [bare, own] = [
    '- K 3.2 mmol/L · 2026-01-31 11:00',
    '- **K 3.2 mmol/L** (below 3.5) · 2026-01-31 11:00',
  ];
  expect(saidTwice({ detail: `${bare}\n${own}` })).toEqual(['k 3.2 mmol/L 2026-01-31 11:00']);
  expect(saidTwice({ detail: `${own}\n- **K 3.2 mmol/L** (above 3)` })).toEqual(['K 3.2 mmol/L']);
  expect(saidTwice({ detail: `${own}\n- K 3.2 mmol/L · 2026-01-30 11:00` })).toEqual([]);
});

const at = { unit: 'mg/dL', hoursAgo: 1 } as const;
const woman: Case['given'] = { age: 27, sex: 'female', conditions: ['pregnancy'], active: [], allergies: [] };

test.each<[string, string, Case['given'], string[]]>([
  [
    'a value stands beside its limit, and not once more without it',
    'HK-004',
    {
      labs: [{ ...at, test: 'potassium', value: 3.2, unit: 'mmol/L' }],
      ordered: [{ drug: 'furosemide', route: 'oral' }],
    },
    ['- **K 3.2 mmol/L** (below 3.5 mmol/L) · 2026-01-31 11:00'],
  ],
  [
    'what a value was computed from is named once, beside its own limit',
    'IV-021',
    {
      ...woman,
      labs: [{ ...at, test: 'creatinine', value: 2.4 }],
      ordered: [{ drug: 'magnesium sulfate', route: 'intravenous', gramsPerHour: 2 }],
    },
    [
      '- **magnesium sulfate 2 g/h** (above 1 g/h) · rate as ordered',
      '- Pregnancy · 2026-01-01',
      '- **Cr 2.4 mg/dL in pregnancy** (counts as below 60 mL/min/1.73 m²) · 2026-01-31 11:00 · in pregnancy 1.1 mg/dL or more, or twice an earlier one, is reduced kidney function',
    ],
  ],
  [
    'limits of one result stand together',
    'MG-008',
    {
      conditions: ['preeclampsia'],
      labs: [{ ...at, test: 'magnesium', value: 5.5 }],
      active: [{ drug: 'magnesium sulfate', route: 'intravenous', startedDaysAgo: 1 }],
      ordered: [{ drug: 'magnesium sulfate', route: 'intravenous' }],
    },
    [
      '- Magnesium sulfate, parenteral, ordered',
      '- Magnesium sulfate, parenteral, active · 2026-01-30',
      '- Pre-eclampsia · 2026-01-01',
      '- **Mg 5.5 mg/dL** (at least 4 mg/dL and below 8.51 mg/dL) · 2026-01-31 11:00',
    ],
  ],
])('%s', (_, rule, given, lines) => {
  const card = decidedWith(given).cards.find(({ source }) => source.topic.code === rule);
  expect(card?.detail.split('\n\n')[0]?.split('\n')).toEqual(lines);
  expect(card?.summary).not.toContain('creatinine 2.4');
});

/** What a card tells of a long list of conditions, and of a creatinine in pregnancy, in the unit of its reader. */
import { expect, test } from 'vitest';
import { showAll } from '../../../rules/evaluation/presentation.ts';
import { decidedWith, type Given, patient } from '../../support/ordered-tests.ts';

const cardOf = (given: Given, rule: string, units?: 'si') => {
  const presentation = { ...showAll, ...(units ? { units } : {}) };
  const { cards } = decidedWith(patient(given), { presentation });
  const card = cards.find(({ detail }) => detail.includes(`Rule ${rule} `));
  if (!card) throw new Error(`no card of ${rule}`);
  return card;
};

const mild: Given = {
  labs: [
    { test: 'magnesium', value: 1.4, unit: 'mg/dL', hoursAgo: 1 },
    { test: 'egfr', value: 80, unit: 'mL/min/{1.73_m2}', hoursAgo: 1 },
    { test: 'creatinine', value: 0.9, unit: 'mg/dL', hoursAgo: 1 },
    { test: 'potassium', value: 4.2, unit: 'mmol/L', hoursAgo: 1 },
  ],
  encounter: 'inpatient',
  ordered: [{ drug: 'magnesium sulfate', route: 'intravenous', dose: '2 g', hours: 2 }],
};
/** A woman of 27 with reduced kidney function in pregnancy. */
const pregnant = (value: number, unit: string): Given => ({
  age: 27,
  sex: 'female',
  conditions: ['pregnancy'],
  labs: [{ test: 'creatinine', value, unit, hoursAgo: 2 }],
  ordered: [{ drug: 'magnesium sulfate', route: 'intravenous', gramsPerHour: 2 }],
});

test('IV-019 tells the magnesium, and not what does not speak against it', () => {
  const { summary, detail } = cardOf(mild, 'IV-019');
  expect(summary).toBe(
    'Mg 1.4 mg/dL: oral magnesium is usually enough; consider it in place of the injection',
  );
  expect(detail).not.toMatch(/No |K 4.2|eGFR|Inpatient/);
  expect(detail.split(/\s+/).length).toBeLessThan(90);
});

test('IV-021 tells its creatinine once, as what counts as a low eGFR', () => {
  const { summary, detail } = cardOf(pregnant(2.4, 'mg/dL'), 'IV-021');
  expect(summary).toContain('Cr 2.4 mg/dL in pregnancy: accumulates; consider 1 g/h or less');
  expect(detail).toContain('**Cr 2.4 mg/dL in pregnancy** (counts as below 60 mL/min/1.73 m²)');
  expect(detail.match(/2\.4 mg\/dL/g)).toHaveLength(1);
});

test.each([
  { value: 2.4, unit: 'mg/dL', units: undefined, limit: '1.1 mg/dL', other: 'µmol/L' },
  { value: 2.4, unit: 'mg/dL', units: 'si', limit: '97 µmol/L', other: '1.1 mg/dL' },
  { value: 212, unit: 'umol/L', units: undefined, limit: '97 µmol/L', other: '1.1 mg/dL' },
] as const)(
  'of $value $unit, read in $units, the limit is $limit',
  ({ value, unit, units, limit, other }) => {
    const { detail } = cardOf(pregnant(value, unit), 'IV-021', units);
    expect(detail).toContain(`in pregnancy ${limit} or more`);
    expect(detail).not.toContain(other);
  },
);

test.each([
  { rule: 'MG-006', result: { value: 8, unit: 'mg/dL', comparator: '>' }, open: 'at least 8.51 mg/dL' },
  { rule: 'MG-006', result: { value: 3, unit: 'mmol/L', comparator: '>' }, open: 'at least 3.5 mmol/L' },
  { rule: 'MG-001', result: { value: 0.9, unit: 'mg/dL', comparator: '<' }, open: 'below 0.7 mg/dL' },
] as const)(
  '$rule of $result.comparator $result.value $result.unit names the worse band: $open',
  ({ rule, result, open }) => {
    const { detail } = cardOf({ labs: [{ test: 'magnesium', hoursAgo: 1, ...result }], ordered: [] }, rule);
    expect(detail).toContain(`; ${open} is not excluded)`);
  },
);

test.each([
  {
    name: 'a plain result',
    labs: [{ test: 'magnesium', value: 8, unit: 'mg/dL', hoursAgo: 1 }],
    rule: 'MG-006',
  },
  {
    name: 'a one-sided result that decides the worst band',
    labs: [{ test: 'magnesium', value: 9, unit: 'mg/dL', comparator: '>', hoursAgo: 1 }],
    rule: 'MG-007',
  },
] as const)('$name leaves no worse band open', ({ labs, rule }) => {
  expect(cardOf({ labs: [...labs], ordered: [] }, rule).detail).not.toContain('not excluded');
});

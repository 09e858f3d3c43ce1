/** What an open check is worth: clauses of clinical decision 40, each as a patient (docs/adr/0020). */
import { describe, expect, test } from 'vitest';
import table from '../../../rules/evaluation/worth.json' with { type: 'json' };
import { worthRequests } from '../../../rules/evaluation/worth.ts';
import { factOf } from '../../../rules/facts/facts.ts';
import noCreatinine from '../../../rules/library/renal-function/RF-004/rule.json' with { type: 'json' };
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { labCodes } from '../../../rules/terminology/labs.ts';
import { decidedWith, type Given, type Moment, openChecksOf, patient } from '../../support/ordered-tests.ts';

const day = 24;
type Result = NonNullable<Given['labs']>[number];
const result = (name: Result['test'], value: number, unit: string, hoursAgo: number): Result => ({
  test: name,
  value,
  unit,
  hoursAgo,
});
const creatinine = (daysAgo: number, value = 0.9) => result('creatinine', value, 'mg/dL', daysAgo * day);
const potassium = (daysAgo: number, value = 4.2) => result('potassium', value, 'mmol/L', daysAgo * day);
const drug = (name: string) => ({ drug: name, route: 'oral' });

const quiet = undefined;
const missing = (checks: number, needs: string): string =>
  `${checks} safety check${checks === 1 ? '' : 's'} of this order could not be made. Missing: ${needs}`;
const panel = 'Order a basic metabolic panel (creatinine, K)';

const clauses: {
  name: string;
  given: Given;
  moment?: Moment;
  says: string | undefined;
  indicator?: 'warning' | 'info';
  orders?: string[];
}[] = [
  // A critical check of the order.
  {
    name: 'a critical check without any result: a warning, with the test to order',
    given: { ordered: [drug('metformin')] },
    says: missing(1, 'creatinine'),
    orders: [panel],
  },
  {
    name: 'the same with a creatinine of 5 months ago is decided',
    given: { ordered: [drug('metformin')], labs: [creatinine(150)] },
    says: quiet,
  },
  {
    name: 'levothyroxine and rosuvastatin without any result',
    given: { ordered: [drug('levothyroxine'), drug('rosuvastatin')] },
    says: quiet,
  },
  // Windows.
  {
    name: 'lisinopril again, potassium of 4 months ago: recent for 12 months',
    given: {
      ordered: [drug('lisinopril')],
      active: [drug('lisinopril')],
      labs: [creatinine(120), potassium(120)],
    },
    says: quiet,
  },
  {
    name: 'potassium of 13 months ago',
    given: {
      ordered: [drug('lisinopril')],
      active: [drug('lisinopril')],
      labs: [creatinine(120), potassium(396)],
    },
    says: missing(1, 'K'),
    orders: ['Order a serum potassium'],
  },
  {
    name: 'beside a diuretic 90 days count: 91',
    given: {
      ordered: [drug('lisinopril')],
      active: [drug('furosemide')],
      labs: [creatinine(1), potassium(91)],
    },
    says: missing(2, 'K'),
  },
  {
    name: 'beside a diuretic 90 days count: 89',
    given: {
      ordered: [drug('lisinopril')],
      active: [drug('furosemide')],
      labs: [creatinine(1), potassium(89)],
    },
    says: quiet,
  },
  {
    name: 'with kidney disease 90 days count: 91',
    given: {
      ordered: [drug('lisinopril')],
      conditions: ['ckd-stage-3a'],
      labs: [creatinine(1), potassium(91)],
    },
    says: missing(2, 'K'),
  },
  {
    name: 'in hospital 72 hours count, where the rule itself looks back no further',
    given: { ordered: [drug('lisinopril')], encounter: 'inpatient', labs: [creatinine(1), potassium(8)] },
    says: missing(2, 'K'),
  },
  {
    name: 'an older result that would fire is no all-clear',
    given: {
      ordered: [drug('lisinopril')],
      active: [drug('lisinopril')],
      labs: [creatinine(120), potassium(120, 6.2)],
    },
    says: missing(1, 'K'),
  },
  // Warnings, of a patient who has a reason for them.
  {
    name: 'an NSAID without a creatinine, and no reason',
    given: { ordered: [drug('ibuprofen')] },
    says: quiet,
  },
  ...(
    [
      ['age 75', { age: 75 }],
      ['a diuretic', { active: [drug('furosemide')] }],
      ['digoxin', { active: [drug('digoxin')] }],
      ['potassium of 3.4', { labs: [potassium(1, 3.4)] }],
    ] as const
  ).map(([reason, more]) => ({
    name: `an NSAID without a creatinine, and ${reason}: an info card`,
    given: { ordered: [drug('ibuprofen')], ...more } as Given,
    says: expect.stringMatching(/Missing: creatinine/) as unknown as string,
    indicator: 'info' as const,
    orders: [panel],
  })),
  {
    name: 'an NSAID without a creatinine after a transplant, which is a finding that offers it',
    given: { ordered: [drug('ibuprofen')], conditions: ['kidney-transplant'] },
    says: quiet,
  },
  { name: 'age 74 is no reason', given: { ordered: [drug('ibuprofen')], age: 74 }, says: quiet },
  // QTc only with a second reason.
  { name: 'ondansetron without an ECG', given: { ordered: [drug('ondansetron')] }, says: quiet },
  {
    name: 'ondansetron beside citalopram without an ECG',
    given: { ordered: [drug('ondansetron')], active: [drug('citalopram')], labs: [potassium(1)] },
    // QT-004 offers both; magnesium, of which the check is no critical one, is said by it.
    says: missing(1, 'QTc'),
    orders: [],
  },
  {
    name: 'ondansetron in heart failure without an ECG',
    given: { ordered: [drug('ondansetron')], conditions: ['heart-failure'], labs: [potassium(1)] },
    says: missing(1, 'QTc'),
  },
  // What is really missing.
  {
    name: 'a weight, where an ordinary one might change it',
    given: { ordered: [drug('methotrexate')], labs: [creatinine(1, 2.2)] },
    says: missing(3, 'weight, how often methotrexate is taken'),
    orders: [],
  },
  {
    name: 'no weight, where no adult would be below the limit',
    given: { ordered: [{ drug: 'fondaparinux', route: 'subcutaneous' }], labs: [creatinine(1, 0.8)] },
    says: quiet,
  },
  {
    name: 'an earlier creatinine, where the only one is high',
    given: { ordered: [{ drug: 'gadodiamide', route: 'intravenous' }], labs: [creatinine(1, 2)] },
    says: missing(1, 'an earlier creatinine'),
  },
  {
    name: 'no earlier creatinine, where the only one gives an eGFR above 60',
    given: { ordered: [{ drug: 'gadodiamide', route: 'intravenous' }], labs: [creatinine(1, 0.9)] },
    says: quiet,
  },
  {
    name: 'under 18 nothing that could be had would settle it: an info card',
    given: { age: 15, ordered: [drug('metformin')], labs: [creatinine(1, 2)] },
    says: missing(1, 'eGFR (none under 18)'),
    indicator: 'info',
    orders: [],
  },
  // What a client never sends.
  {
    name: 'allergies never came: a warning waits for them, and that is a fact about the interface',
    given: { ordered: [drug('cefepime')], allergies: undefined },
    says: quiet,
  },
  {
    name: 'problems never came, and a critical check of this order waits for them',
    given: {
      ordered: [{ drug: 'magnesium sulfate', route: 'intravenous', gramsPerHour: 1 }],
      conditions: undefined,
      labs: [
        creatinine(1),
        creatinine(2),
        result('magnesium', 1.5, 'mg/dL', 5),
        result('calcium-ionized', 1.2, 'mmol/L', 5),
      ],
    },
    says: expect.stringContaining('problem list') as unknown as string,
  },
  {
    name: 'problems never came, and the eGFR is above 60: nobody asks for dialysis',
    given: { ordered: [drug('metformin')], conditions: undefined, labs: [creatinine(30)] },
    says: quiet,
  },
  // What is on its way.
  {
    name: 'a panel among the drafts: creatinine pending',
    given: { ordered: [drug('metformin')] },
    moment: { drafts: ['24321-2'] },
    says: 'Creatinine pending, not checked: 1 safety check of this order',
    orders: [],
  },
  {
    name: 'a creatinine that is ordered and not back',
    given: { ordered: [drug('metformin')] },
    moment: { running: [{ code: { text: 'Basic Metabolic Panel' }, authoredOn: '2026-01-31T08:00:00Z' }] },
    says: 'Creatinine pending, not checked: 1 safety check of this order',
    orders: [],
  },
  {
    name: 'one that was ordered a month ago and brought nothing',
    given: { ordered: [drug('metformin')] },
    moment: { running: [{ code: { text: 'BMP' }, authoredOn: '2025-12-31' }] },
    says: missing(1, 'creatinine'),
    orders: [panel],
  },
  {
    name: 'a warning that waits for what is on its way',
    given: { ordered: [drug('ibuprofen')], age: 80 },
    moment: { drafts: ['2160-0'] },
    says: quiet,
  },
];

describe('the card of open checks', () => {
  test.each(clauses)('$name', ({ given, moment, says, indicator = 'warning', orders }) => {
    const card = openChecksOf(decidedWith(patient(given), moment));
    if (says === quiet) expect(card).toBeUndefined();
    else expect(card).toMatchObject({ summary: says, indicator, ...(orders ? { orders } : {}) });
  });

  test('is silent of a lack that a finding says as gravely, and says it in place of one that says less', () => {
    const magnesium = patient({ ordered: [{ drug: 'magnesium sulfate', route: 'intravenous' }] });
    const byFinding = decidedWith(magnesium);
    expect(byFinding.evaluations.find(({ rule }) => rule === 'IV-006')?.shown).toBe(true);
    expect(JSON.stringify(byFinding.cards)).not.toContain('IV-004');
    const byCard = decidedWith(patient({ ordered: [drug('metformin')] }));
    expect(byCard.evaluations.find(({ rule }) => rule === 'RF-004')).toMatchObject({
      outcome: 'fired',
      shown: false,
      why: { code: 'superseded', by: 'DQ-004' },
    });
    expect(byCard.cards).toHaveLength(1);
  });

  test('what is not worth a card is open in the record all the same', () => {
    const { evaluations } = decidedWith(patient({ ordered: [drug('ondansetron')] }));
    expect(evaluations.find(({ rule }) => rule === 'QT-003')?.outcome).toBe('indeterminate');
    expect(evaluations.find(({ rule }) => rule === 'DQ-004')).toMatchObject({
      outcome: 'fired',
      shown: false,
    });
  });
});

describe('the table', () => {
  test('RF-004 has its windows and reasons', () => {
    const [, windows] = noCreatinine.conditions.all;
    const text = JSON.stringify(windows);
    const [hospital, some, others] = table.windows;
    for (const { within } of table.windows) expect(text).toContain(`"within":"${within}"`);
    for (const name of some?.reasons ?? []) {
      expect(text).toContain(JSON.stringify(table.reasons[name as keyof typeof table.reasons]));
    }
    for (const name of hospital?.reasons ?? [])
      expect(text).toContain(JSON.stringify(table.reasons[name as keyof typeof table.reasons]));
    expect(others?.reasons).toEqual([]);
  });

  test('what it asks is asked for in the prefetch of orders', () => {
    const { labs = '', measurements = '', ...templates } = shippedRuleset().prefetch['order-sign'];
    for (const { fact, params } of worthRequests) {
      for (const one of factOf(fact).tests(params)) {
        const codes = labCodes.filter(({ test: name }) => name === one).map(({ code }) => code);
        expect(codes.filter((code) => !`${labs}${measurements}`.includes(code))).toEqual([]);
      }
    }
    expect(Object.keys(templates)).toEqual(
      expect.arrayContaining(['conditions', 'encounter', 'medicationRequests']),
    );
  });
});

describe('a Patient that never comes', () => {
  const labs = [potassium(1), creatinine(1, 1), result('magnesium', 2, 'mg/dL', 24)];
  const ordering = (name: string) => patient({ labs, ordered: [drug(name)] });
  const moment: Moment = { omit: ['patient'] };

  test('is a notice at an order of which no critical check waits for age or sex', () => {
    const decision = decidedWith(ordering('levothyroxine'), moment);
    expect(decision.cards).toEqual([]);
    expect(decision.notices.map(({ code }) => code)).toContain('patient-missing');
  });

  test('is on the card where a critical check of the order waits for it', () => {
    expect(openChecksOf(decidedWith(ordering('metformin'), moment))).toMatchObject({
      indicator: 'warning',
      summary: missing(5, 'birth date, an earlier creatinine, the dose of metformin'),
    });
  });
});

test('a critical check of one order is not said by a finding about another', () => {
  const magnesium = { drug: 'magnesium sulfate', route: 'intravenous' };
  const given = patient({ ordered: [drug('metformin'), magnesium], encounter: 'inpatient' });
  expect(JSON.stringify(decidedWith(given, {}).cards)).toContain('(RD-001)');
});

test('of digoxin a level is asked for once it is taken, as a digoxin level', () => {
  const labs = [creatinine(1), potassium(1), result('magnesium', 2, 'mg/dL', day)];
  const start = patient({ ordered: [drug('digoxin')], labs, encounter: 'inpatient' });
  expect(openChecksOf(decidedWith(start, {}))?.summary).not.toContain('digoxin level');
  const taken = { ...start, active: [drug('digoxin')] };
  expect(openChecksOf(decidedWith(taken, {}))?.summary).toContain('digoxin level');
});

test.each<[string, Given, string, boolean]>([
  [
    'digoxin with low potassium offers the creatinine that its dose waits for',
    {
      encounter: 'inpatient',
      labs: [{ test: 'potassium', value: 3.2, unit: 'mmol/L', hoursAgo: 1 }],
      ordered: [{ drug: 'digoxin', route: 'oral', dose: '0.25 mg', timesADay: 1 }],
    },
    'DG-001',
    false,
  ],
  [
    'without low potassium nobody offers it',
    {
      encounter: 'inpatient',
      labs: [{ test: 'potassium', value: 4.2, unit: 'mmol/L', hoursAgo: 1 }],
      ordered: [{ drug: 'digoxin', route: 'oral', dose: '0.25 mg', timesADay: 1 }],
    },
    'DG-001',
    true,
  ],
  [
    'impaired kidneys in pregnancy are said of the infusion, and no estimate will be had',
    {
      age: 27,
      sex: 'female',
      conditions: ['pregnancy'],
      encounter: 'inpatient',
      labs: [{ test: 'creatinine', value: 2.4, unit: 'mg/dL', hoursAgo: 2 }],
      ordered: [{ drug: 'magnesium sulfate', route: 'intravenous', gramsPerHour: 2 }],
    },
    'IV-021',
    false,
  ],
])(
  'no card of open checks beside a finding that asks for the same of the same order: %s',
  (_, given, rule, isOpen) => {
    const { cards } = decidedWith(patient(given));
    const topics = cards.map(({ source }) => source.topic.code);
    expect(topics.includes(rule)).toBe(!isOpen);
    expect(topics.includes('DQ-004')).toBe(isOpen);
  },
);

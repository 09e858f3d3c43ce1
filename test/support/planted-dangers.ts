/**
 * Dangers that are planted in ordinary patients, each with the card that must be there: beside the limits on how much is
 * said stands what must not be lost. Expectations are those of the rules' sources.
 */
import { type Drug, drug } from './ordinary-orders.ts';
import { type HookCall, type OrdinaryOrder, resultsOf } from './ordinary-patients.ts';

type Indicator = 'critical' | 'warning' | 'info';

type Results = Readonly<Record<string, readonly (readonly [value: number, hoursAgo: number])[]>>;

export interface Danger {
  name: string;
  hook?: HookCall['hook'];
  setting?: 'inpatient' | 'outpatient';
  /** Replaces what there is of the test: value and hours ago, the latest first. An empty list: there is none. */
  results?: Results;
  age?: number;
  sex?: 'female' | 'male';
  problems?: readonly (readonly [code: string, display: string])[];
  taken?: readonly string[];
  allergies?: readonly (readonly [rxnorm: string, display: string])[];
  order?: string;
  /** At least so strong, and these words in the summary or the detail of that card. */
  least: Indicator;
  says: RegExp;
}

const steady = (creatinine: number): Results => ({
  creatinine: [
    [creatinine, 5],
    [creatinine, 29],
    [creatinine, 53],
  ],
});
const kidneyInjury: Results = {
  creatinine: [
    [2.4, 5],
    [1.0, 35],
  ],
};
const dialysis = [['Z99.2', 'Dependence on renal dialysis']] as const;

const gentamicin = 'gentamicin 40 MG/ML Injectable Solution; intravenous; 350 mg; 1';
const magnesiumSulfate = 'magnesium sulfate 500 MG/ML Injectable Solution; intravenous; 2 g; 1';
const metformin = 'metformin hydrochloride 500 MG Oral Tablet; oral; 500 mg; 2';
const lisinopril = 'lisinopril 10 MG Oral Tablet; oral; 10 mg; 1';
const digoxin = 'digoxin 0.125 MG Oral Tablet; oral; 0.125 mg; 1';
const ondansetron = 'ondansetron 2 MG/ML Injectable Solution; intravenous; 4 mg; 3';
const cotrimoxazole = 'sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet; oral; 1 tablet; 2';
const ibuprofen = 'ibuprofen 400 MG Oral Tablet; oral; 400 mg; 3';

export const dangers: readonly Danger[] = [
  {
    name: 'potassium 6.8 and lisinopril',
    results: { potassium: [[6.8, 3]] },
    order: lisinopril,
    least: 'critical',
    says: /K 6\.8/,
  },
  {
    name: 'potassium 6.8 and potassium chloride',
    results: { potassium: [[6.8, 3]] },
    order: 'potassium chloride 20 MEQ Extended Release Oral Tablet; oral; 20 meq; 1',
    least: 'critical',
    says: /K 6\.8/,
  },
  {
    name: 'potassium 6.8 and acetaminophen',
    results: { potassium: [[6.8, 3]] },
    order: 'acetaminophen 325 MG Oral Tablet; oral; 650 mg; 4',
    least: 'critical',
    says: /K 6\.8/,
  },
  {
    name: 'potassium 7.1, the chart opened',
    hook: 'patient-view',
    results: { potassium: [[7.1, 3]] },
    least: 'critical',
    says: /K 7\.1/,
  },
  {
    name: 'magnesium 9.0, the chart opened',
    hook: 'patient-view',
    results: { magnesium: [[9, 3]] },
    least: 'critical',
    says: /Mg 9 mg\/dL/,
  },
  {
    name: 'magnesium 0.8, the chart opened',
    hook: 'patient-view',
    results: { magnesium: [[0.8, 3]] },
    least: 'critical',
    says: /Mg 0\.8/,
  },
  {
    name: 'digoxin level 3.2, the chart opened',
    hook: 'patient-view',
    results: { digoxin: [[3.2, 3]] },
    taken: [digoxin],
    least: 'critical',
    says: /3\.2/,
  },
  {
    name: 'digoxin level 3.2 and furosemide',
    results: { digoxin: [[3.2, 3]] },
    taken: [digoxin],
    order: 'furosemide 40 MG Oral Tablet; oral; 40 mg; 1',
    least: 'critical',
    says: /3\.2/,
  },
  {
    name: 'QTc 530, the chart opened',
    hook: 'patient-view',
    results: { qtc: [[530, 3]] },
    least: 'critical',
    says: /QTc 530/,
  },
  {
    name: 'acute kidney injury and gentamicin',
    results: kidneyInjury,
    order: gentamicin,
    least: 'critical',
    says: /AKI|kidney injury/i,
  },
  {
    name: 'acute kidney injury and lisinopril',
    results: kidneyInjury,
    order: lisinopril,
    least: 'warning',
    says: /AKI|kidney injury/i,
  },
  {
    name: 'acute kidney injury and metformin',
    results: kidneyInjury,
    order: metformin,
    least: 'warning',
    says: /metformin/i,
  },
  {
    name: 'acute kidney injury and ketorolac',
    results: kidneyInjury,
    order: 'ketorolac tromethamine 30 MG/ML Injectable Solution; intravenous; 30 mg; 4',
    least: 'critical',
    says: /ketorolac/i,
  },
  {
    name: 'metformin, creatinine 4.0',
    results: steady(4),
    order: metformin,
    least: 'critical',
    says: /metformin/i,
  },
  {
    name: 'dialysis and magnesium sulfate',
    problems: dialysis,
    order: magnesiumSulfate,
    least: 'critical',
    says: /dialysis/i,
  },
  {
    name: 'dialysis and milk of magnesia',
    problems: dialysis,
    order: 'magnesium hydroxide 80 MG/ML Oral Suspension; oral; 30 mL; 1',
    least: 'critical',
    says: /magnesium/i,
  },
  {
    name: 'dialysis and baclofen',
    problems: dialysis,
    order: 'baclofen 10 MG Oral Tablet; oral; 10 mg; 3',
    least: 'warning',
    says: /baclofen/i,
  },
  {
    name: 'dialysis and dabigatran',
    problems: [...dialysis, ['I48.91', 'Unspecified atrial fibrillation']],
    order: 'dabigatran etexilate 150 MG Oral Capsule; oral; 150 mg; 2',
    least: 'critical',
    says: /dabigatran/i,
  },
  {
    name: 'myasthenia gravis and magnesium sulfate',
    problems: [['G70.00', 'Myasthenia gravis without (acute) exacerbation']],
    order: magnesiumSulfate,
    least: 'critical',
    says: /myasthenia/i,
  },
  {
    name: 'QTc 520 and ondansetron',
    results: { qtc: [[520, 4]] },
    order: ondansetron,
    least: 'critical',
    says: /QTc 520/,
  },
  {
    name: 'magnesium 1.2 and ondansetron',
    results: { magnesium: [[1.2, 4]] },
    order: ondansetron,
    least: 'warning',
    says: /Mg 1\.2/,
  },
  {
    name: 'potassium 2.9 and ondansetron',
    results: { potassium: [[2.9, 4]] },
    order: ondansetron,
    least: 'warning',
    says: /K 2\.9/,
  },
  {
    name: 'digoxin, potassium 2.9 and furosemide',
    results: { potassium: [[2.9, 4]] },
    taken: [digoxin],
    order: 'furosemide 10 MG/ML Injectable Solution; intravenous; 40 mg; 2',
    least: 'warning',
    says: /digoxin/i,
  },
  {
    name: 'amiodarone and haloperidol',
    taken: ['amiodarone hydrochloride 200 MG Oral Tablet; oral; 200 mg; 1'],
    order: 'haloperidol 5 MG/ML Injectable Solution; intravenous; 5 mg; 2',
    least: 'warning',
    says: /haloperidol/i,
  },
  {
    name: 'dofetilide and hydrochlorothiazide',
    taken: ['dofetilide 0.25 MG Oral Capsule; oral; 0.25 mg; 2'],
    order: 'hydrochlorothiazide 25 MG Oral Tablet; oral; 25 mg; 1',
    least: 'critical',
    says: /dofetilide/i,
  },
  {
    name: 'penicillin allergy and amoxicillin',
    allergies: [['7984', 'penicillin V']],
    order: 'amoxicillin 500 MG Oral Capsule; oral; 500 mg; 3',
    least: 'warning',
    says: /allerg/i,
  },
  {
    name: 'a RAAS blocker, a diuretic and ibuprofen',
    taken: [lisinopril, 'hydrochlorothiazide 25 MG Oral Tablet; oral; 25 mg; 1'],
    order: ibuprofen,
    least: 'warning',
    says: /ibuprofen/i,
  },
  {
    name: 'lithium and ibuprofen',
    taken: ['lithium carbonate 300 MG Oral Capsule; oral; 300 mg; 3'],
    order: ibuprofen,
    least: 'warning',
    says: /lithium/i,
  },
  {
    name: 'methotrexate and co-trimoxazole',
    taken: ['methotrexate 2.5 MG Oral Tablet; oral; 15 mg; 0.142857'],
    order: cotrimoxazole,
    least: 'critical',
    says: /methotrexate/i,
  },
  {
    name: 'spironolactone, potassium 5.3 and co-trimoxazole',
    results: { potassium: [[5.3, 4]] },
    taken: ['spironolactone 25 MG Oral Tablet; oral; 25 mg; 1'],
    order: cotrimoxazole,
    least: 'critical',
    says: /trimethoprim/i,
  },
  {
    name: 'enoxaparin 80 mg twice a day, creatinine 4.0 at 75',
    age: 75,
    results: steady(4),
    order: 'enoxaparin sodium 80 MG in 0.8 ML Prefilled Syringe; subcutaneous; 80 mg; 2',
    least: 'warning',
    says: /enoxaparin/i,
  },
  {
    name: 'nitrofurantoin, creatinine 4.0 at 75',
    age: 75,
    results: steady(4),
    order: 'nitrofurantoin macrocrystals 100 MG Oral Capsule; oral; 100 mg; 2',
    least: 'warning',
    says: /nitrofurantoin/i,
  },
  {
    name: 'gabapentin 900 mg three times a day, creatinine 4.0',
    results: steady(4),
    order: 'gabapentin 300 MG Oral Capsule; oral; 900 mg; 3',
    least: 'warning',
    says: /gabapentin/i,
  },
  {
    name: 'rivaroxaban 20 mg for atrial fibrillation, creatinine 3.0 at 75',
    age: 75,
    results: steady(3),
    problems: [['I48.91', 'Unspecified atrial fibrillation']],
    order: 'rivaroxaban 20 MG Oral Tablet; oral; 20 mg; 1',
    least: 'warning',
    says: /rivaroxaban/i,
  },
  {
    name: 'levothyroxine and calcium carbonate',
    taken: ['calcium carbonate 1250 MG Oral Tablet; oral; 1250 mg; 2'],
    order: 'levothyroxine sodium 0.075 MG Oral Tablet; oral; 0.075 mg; 1',
    least: 'warning',
    says: /levothyroxine/i,
  },
  {
    name: 'pregnancy of 24 weeks and lisinopril',
    age: 29,
    sex: 'female',
    problems: [
      ['Z34.02', 'Encounter for supervision of normal first pregnancy, second trimester'],
      ['Z3A.24', '24 weeks gestation of pregnancy'],
    ],
    order: lisinopril,
    least: 'critical',
    says: /pregnan/i,
  },
  {
    name: 'dabigatran at 78 without a creatinine',
    setting: 'outpatient',
    age: 78,
    results: { creatinine: [], potassium: [], calcium: [] },
    problems: [['I48.91', 'Unspecified atrial fibrillation']],
    order: 'dabigatran etexilate 150 MG Oral Capsule; oral; 150 mg; 2',
    least: 'warning',
    says: /creatinine|kidney function/i,
  },
  {
    name: 'co-trimoxazole beside lisinopril without any result',
    setting: 'outpatient',
    age: 78,
    results: { creatinine: [], potassium: [], calcium: [] },
    taken: [lisinopril],
    order: cotrimoxazole,
    least: 'warning',
    says: /creatinine|kidney function|potassium|\bK\b/i,
  },
];

const first = (row: string | undefined): Drug[] => (row === undefined ? [] : [drug(row)]);

/** The ordinary patient with the danger in it; what is taken of the ordered drug is left out. */
export function plant(danger: Danger, { patient, orders }: OrdinaryOrder): OrdinaryOrder {
  const ordered = danger.order === undefined ? orders : first(danger.order);
  const taken = (danger.taken ?? []).map(drug);
  const started = new Set([...ordered, ...taken].map(({ name }) => name.split(' ')[0]));
  const replaced = Object.entries(danger.results ?? {});
  return {
    patient: {
      ...patient,
      age: danger.age ?? patient.age,
      sex: danger.sex ?? patient.sex,
      results: replaced.reduce(
        (results, [test, values]) => resultsOf(results, test, values),
        patient.results,
      ),
      problems: [
        ...patient.problems,
        ...(danger.problems ?? []).map(([code, display]) => ({ code, display, daysAgo: 10 })),
      ],
      taken: [...patient.taken.filter(({ name }) => !started.has(name.split(' ')[0])), ...taken],
      allergies: danger.allergies?.map(([code, display]) => ({ code, display })) ?? patient.allergies,
    },
    orders: ordered,
  };
}

/**
 * What is prescribed on an ordinary day, in usual doses, by problem: the names as order entry systems print them. From
 * general knowledge of common prescriptions; nobody clinical has signed the lists.
 *
 * A row: name; route; dose or rate; times a day; tags. A tag says what the drug may not stand beside on an ordinary day.
 */
export interface Drug {
  name: string;
  route: string;
  /** `10 mg`; a rate has a unit with an hour in it. */
  dose: string;
  /** null: a rate, or once. */
  timesADay: number | null;
  asNeeded: boolean;
  tags: readonly string[];
}

function drugOf(row: string): Drug {
  const [name = '', route = '', dose = '', times = '', tags = ''] = row.split(';').map((cell) => cell.trim());
  const words = tags.split(' ').filter((tag) => tag !== '');
  return {
    name,
    route,
    dose,
    timesADay: times === '' ? null : Number(times),
    asNeeded: words.includes('prn'),
    tags: words.filter((tag) => tag !== 'prn'),
  };
}

export interface Problem {
  /** ICD-10-CM. */
  code: string;
  display: string;
  /** Youngest age with it. */
  from: number;
  drugs: readonly Drug[];
}

const problem = (code: string, display: string, from: number, rows: readonly string[]): Problem => ({
  code,
  display,
  from,
  drugs: rows.map(drugOf),
});

/** Long-term problems: what is taken, or begun. */
export const chronic: readonly Problem[] = [
  problem('I10', 'Essential (primary) hypertension', 35, [
    'lisinopril 10 MG Oral Tablet; oral; 10 mg; 1; raas',
    'losartan potassium 50 MG Oral Tablet; oral; 50 mg; 1; raas',
    'amlodipine 5 MG Oral Tablet; oral; 5 mg; 1; ccb',
    'hydrochlorothiazide 12.5 MG Oral Capsule; oral; 12.5 mg; 1; thiazide diuretic',
    'chlorthalidone 25 MG Oral Tablet; oral; 12.5 mg; 1; thiazide diuretic',
    'metoprolol succinate 50 MG Extended Release Oral Tablet; oral; 50 mg; 1; beta',
  ]),
  problem('E11.9', 'Type 2 diabetes mellitus without complications', 35, [
    'metformin hydrochloride 500 MG Oral Tablet; oral; 500 mg; 2; metformin renal',
    'empagliflozin 10 MG Oral Tablet; oral; 10 mg; 1; sglt2 renal',
    'glipizide 5 MG Oral Tablet; oral; 5 mg; 1; sulfonylurea',
    'sitagliptin 100 MG Oral Tablet; oral; 100 mg; 1; dpp4 renal',
    'insulin glargine 100 UNT/ML Injectable Solution; subcutaneous; 12 U; 1; glargine',
  ]),
  problem('E78.5', 'Hyperlipidemia, unspecified', 35, [
    'atorvastatin 40 MG Oral Tablet; oral; 40 mg; 1; statin',
    'rosuvastatin 10 MG Oral Tablet; oral; 10 mg; 1; statin',
    'simvastatin 20 MG Oral Tablet; oral; 20 mg; 1; statin',
    'ezetimibe 10 MG Oral Tablet; oral; 10 mg; 1; ezetimibe',
  ]),
  problem('E03.9', 'Hypothyroidism, unspecified', 25, [
    'levothyroxine sodium 0.075 MG Oral Tablet; oral; 0.075 mg; 1; binds thyroid',
  ]),
  problem('K21.9', 'Gastro-esophageal reflux disease without esophagitis', 25, [
    'omeprazole 20 MG Delayed Release Oral Capsule; oral; 20 mg; 1; ppi',
    'pantoprazole 40 MG Delayed Release Oral Tablet; oral; 40 mg; 1; ppi',
    'famotidine 20 MG Oral Tablet; oral; 20 mg; 2; h2 renal',
  ]),
  problem('F32.A', 'Depression, unspecified', 20, [
    'sertraline 50 MG Oral Tablet; oral; 50 mg; 1; ssri',
    'escitalopram 10 MG Oral Tablet; oral; 10 mg; 1; ssri qt',
    'bupropion hydrochloride 150 MG Extended Release Oral Tablet; oral; 150 mg; 1; bupropion',
    'trazodone hydrochloride 50 MG Oral Tablet; oral; 50 mg; 1; trazodone',
  ]),
  problem('J45.909', 'Unspecified asthma, uncomplicated', 18, [
    'albuterol 0.09 MG/ACTUAT Metered Dose Inhaler; inhalation; 0.18 mg; 4; prn saba',
    'fluticasone propionate 0.11 MG/ACTUAT Metered Dose Inhaler; inhalation; 0.22 mg; 2; ics',
    'montelukast 10 MG Oral Tablet; oral; 10 mg; 1; montelukast',
  ]),
  problem('J44.9', 'Chronic obstructive pulmonary disease, unspecified', 50, [
    'tiotropium 0.0025 MG/ACTUAT Inhalation Spray; inhalation; 0.005 mg; 1; lama',
    'albuterol 0.09 MG/ACTUAT Metered Dose Inhaler; inhalation; 0.18 mg; 4; prn saba',
  ]),
  problem('I48.91', 'Unspecified atrial fibrillation', 55, [
    'apixaban 5 MG Oral Tablet; oral; 5 mg; 2; anticoagulant renal',
    'rivaroxaban 20 MG Oral Tablet; oral; 20 mg; 1; anticoagulant renal',
    'metoprolol tartrate 25 MG Oral Tablet; oral; 25 mg; 2; beta',
    'warfarin sodium 5 MG Oral Tablet; oral; 5 mg; 1; anticoagulant',
    'digoxin 0.125 MG Oral Tablet; oral; 0.125 mg; 1; digoxin renal',
  ]),
  problem('I25.10', 'Atherosclerotic heart disease of native coronary artery without angina pectoris', 50, [
    'aspirin 81 MG Oral Tablet; oral; 81 mg; 1; aspirin',
    'clopidogrel 75 MG Oral Tablet; oral; 75 mg; 1; clopidogrel',
    'carvedilol 6.25 MG Oral Tablet; oral; 6.25 mg; 2; beta',
    'nitroglycerin 0.4 MG Sublingual Tablet; sublingual; 0.4 mg; 3; prn nitrate',
  ]),
  problem('I50.22', 'Chronic systolic (congestive) heart failure', 55, [
    'furosemide 40 MG Oral Tablet; oral; 40 mg; 1; loop diuretic',
    'sacubitril 24 MG / valsartan 26 MG Oral Tablet; oral; 1 tablet; 2; raas',
    'bisoprolol fumarate 5 MG Oral Tablet; oral; 5 mg; 1; beta',
    'dapagliflozin 10 MG Oral Tablet; oral; 10 mg; 1; sglt2 renal',
    'spironolactone 25 MG Oral Tablet; oral; 25 mg; 1; mra diuretic renal',
  ]),
  problem('N40.0', 'Benign prostatic hyperplasia without lower urinary tract symptoms', 50, [
    'tamsulosin hydrochloride 0.4 MG Oral Capsule; oral; 0.4 mg; 1; tamsulosin',
    'finasteride 5 MG Oral Tablet; oral; 5 mg; 1; finasteride',
  ]),
  problem('M10.9', 'Gout, unspecified', 45, ['allopurinol 100 MG Oral Tablet; oral; 100 mg; 1; allopurinol']),
  problem('M81.0', 'Age-related osteoporosis without current pathological fracture', 60, [
    'alendronic acid 70 MG Oral Tablet; oral; 70 mg; 0.142857; binds bisphosphonate renal',
    'cholecalciferol 1000 UNT Oral Tablet; oral; 1 tablet; 1; vitamin-d',
  ]),
  problem('G43.909', 'Migraine, unspecified, not intractable, without status migrainosus', 18, [
    'sumatriptan 50 MG Oral Tablet; oral; 50 mg; 1; prn triptan',
    'topiramate 25 MG Oral Tablet; oral; 25 mg; 2; topiramate renal',
    'propranolol hydrochloride 40 MG Oral Tablet; oral; 40 mg; 2; beta',
  ]),
  problem('G62.9', 'Polyneuropathy, unspecified', 45, [
    'gabapentin 300 MG Oral Capsule; oral; 300 mg; 3; gabapentinoid renal',
    'pregabalin 75 MG Oral Capsule; oral; 75 mg; 2; gabapentinoid renal',
    'duloxetine 30 MG Delayed Release Oral Capsule; oral; 30 mg; 1; ssri renal',
  ]),
  problem('G40.909', 'Epilepsy, unspecified, not intractable, without status epilepticus', 18, [
    'levetiracetam 500 MG Oral Tablet; oral; 500 mg; 2; levetiracetam renal',
    'lamotrigine 100 MG Oral Tablet; oral; 100 mg; 2; lamotrigine',
  ]),
];

/** What somebody comes with: one prescription, and no other problem is needed for it. */
export const acute: readonly Problem[] = [
  problem('J02.9', 'Acute pharyngitis, unspecified', 18, [
    'amoxicillin 500 MG Oral Capsule; oral; 500 mg; 2; penicillin',
    'penicillin V potassium 500 MG Oral Tablet; oral; 500 mg; 2; penicillin',
  ]),
  problem('J01.90', 'Acute sinusitis, unspecified', 18, [
    'amoxicillin 875 MG / clavulanate 125 MG Oral Tablet; oral; 1 tablet; 2; penicillin',
    'doxycycline hyclate 100 MG Oral Capsule; oral; 100 mg; 2; binds',
    'fluticasone propionate 0.05 MG/ACTUAT Nasal Spray; nasal; 0.1 mg; 1; ics',
  ]),
  problem('J18.9', 'Pneumonia, unspecified organism', 18, [
    'azithromycin 250 MG Oral Tablet; oral; 250 mg; 1; macrolide qt',
    'amoxicillin 500 MG Oral Capsule; oral; 1000 mg; 3; penicillin',
    'doxycycline hyclate 100 MG Oral Tablet; oral; 100 mg; 2; binds',
  ]),
  problem('L03.90', 'Cellulitis, unspecified', 18, [
    'cephalexin 500 MG Oral Capsule; oral; 500 mg; 4; cephalosporin',
    'clindamycin 300 MG Oral Capsule; oral; 300 mg; 3; clindamycin',
  ]),
  problem('N39.0', 'Urinary tract infection, site not specified', 18, [
    'nitrofurantoin macrocrystals 100 MG Oral Capsule; oral; 100 mg; 2; renal',
    'sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet; oral; 1 tablet; 2; trimethoprim renal',
    'cephalexin 500 MG Oral Capsule; oral; 500 mg; 2; cephalosporin',
    'ciprofloxacin 250 MG Oral Tablet; oral; 250 mg; 2; binds qt renal',
    'fosfomycin 3000 MG Oral Granules; oral; 3000 mg; 1; fosfomycin',
  ]),
  problem('M54.50', 'Low back pain, unspecified', 18, [
    'ibuprofen 400 MG Oral Tablet; oral; 400 mg; 3; nsaid prn renal',
    'naproxen 500 MG Oral Tablet; oral; 500 mg; 2; nsaid prn renal',
    'acetaminophen 500 MG Oral Tablet; oral; 1000 mg; 3; prn acetaminophen',
    'cyclobenzaprine hydrochloride 5 MG Oral Tablet; oral; 5 mg; 3; prn cyclobenzaprine',
    'diclofenac sodium 0.01 MG/MG Topical Gel; topical; 4 g; 4; gel',
  ]),
  problem('J30.9', 'Allergic rhinitis, unspecified', 18, [
    'cetirizine hydrochloride 10 MG Oral Tablet; oral; 10 mg; 1; antihistamine',
    'loratadine 10 MG Oral Tablet; oral; 10 mg; 1; antihistamine',
    'fluticasone propionate 0.05 MG/ACTUAT Nasal Spray; nasal; 0.1 mg; 1; ics',
  ]),
  problem('J20.9', 'Acute bronchitis, unspecified', 18, [
    'benzonatate 100 MG Oral Capsule; oral; 100 mg; 3; prn benzonatate',
    'prednisone 20 MG Oral Tablet; oral; 40 mg; 1; steroid',
    'albuterol 0.09 MG/ACTUAT Metered Dose Inhaler; inhalation; 0.18 mg; 4; prn saba',
  ]),
  problem('A09', 'Infectious gastroenteritis and colitis, unspecified', 18, [
    'ondansetron 4 MG Disintegrating Oral Tablet; oral; 4 mg; 2; prn qt',
    'loperamide hydrochloride 2 MG Oral Capsule; oral; 2 mg; 2; prn loperamide',
  ]),
  problem('B02.9', 'Zoster without complications', 50, [
    'valacyclovir 1000 MG Oral Tablet; oral; 1000 mg; 3; renal',
  ]),
  problem('H10.9', 'Unspecified conjunctivitis', 18, [
    'ciprofloxacin 0.003 MG/MG Ophthalmic Solution; ophthalmic; 1 drop; 4; eye',
    'erythromycin 0.005 MG/MG Ophthalmic Ointment; ophthalmic; 1 application; 4; eye',
  ]),
  problem('D50.9', 'Iron deficiency anemia, unspecified', 18, [
    'ferrous sulfate 325 MG Oral Tablet; oral; 325 mg; 1; mineral',
  ]),
  problem('Z30.011', 'Encounter for initial prescription of contraceptive pills', 18, [
    'ethinyl estradiol 0.03 MG / levonorgestrel 0.15 MG Oral Tablet; oral; 1 tablet; 1; pill',
  ]),
  problem('F41.1', 'Generalized anxiety disorder', 18, [
    'hydroxyzine hydrochloride 25 MG Oral Tablet; oral; 25 mg; 3; prn hydroxyzine',
    'buspirone hydrochloride 10 MG Oral Tablet; oral; 10 mg; 2; buspirone',
    'citalopram 20 MG Oral Tablet; oral; 20 mg; 1; ssri qt',
  ]),
];

/** Of a child, by body weight: mg/kg in place of the dose. */
export const childhood: readonly Problem[] = [
  problem('H66.90', 'Otitis media, unspecified, unspecified ear', 2, [
    'amoxicillin 80 MG/ML Oral Suspension; oral; 40 mg/kg; 2; penicillin',
  ]),
  problem('R50.9', 'Fever, unspecified', 2, [
    'acetaminophen 32 MG/ML Oral Suspension; oral; 15 mg/kg; 4; prn',
    'ibuprofen 20 MG/ML Oral Suspension; oral; 10 mg/kg; 3; prn nsaid',
  ]),
];

/** Reasons to be in hospital, with what is ordered for them. */
export const admissions: readonly Problem[] = [
  problem('J18.9', 'Pneumonia, unspecified organism', 18, [
    'ceftriaxone 1000 MG Injection; intravenous; 1000 mg; 1; cephalosporin',
    'doxycycline hyclate 100 MG Oral Tablet; oral; 100 mg; 2; binds',
    'azithromycin 500 MG Injection; intravenous; 500 mg; 1; macrolide qt',
    'ampicillin 2000 MG / sulbactam 1000 MG Injection; intravenous; 3 g; 4; penicillin renal',
  ]),
  problem('L03.115', 'Cellulitis of right lower limb', 18, [
    'cefazolin 2000 MG Injection; intravenous; 2000 mg; 3; cephalosporin renal',
    'vancomycin 1000 MG Injection; intravenous; 1000 mg; 2; vancomycin renal',
    'clindamycin 600 MG Injection; intravenous; 600 mg; 3; clindamycin',
  ]),
  problem('J44.1', 'Chronic obstructive pulmonary disease with (acute) exacerbation', 50, [
    'albuterol 0.83 MG/ML / ipratropium bromide 0.167 MG/ML Inhalation Solution; inhalation; 3 mL; 4; saba',
    'prednisone 20 MG Oral Tablet; oral; 40 mg; 1; steroid',
    'methylprednisolone sodium succinate 40 MG Injection; intravenous; 40 mg; 2; steroid',
  ]),
  problem('S72.001A', 'Fracture of unspecified part of neck of right femur, initial encounter', 60, [
    'enoxaparin sodium 40 MG in 0.4 ML Prefilled Syringe; subcutaneous; 40 mg; 1; heparin anticoagulant renal',
    'oxycodone hydrochloride 5 MG Oral Tablet; oral; 5 mg; 4; prn opioid',
    'morphine sulfate 2 MG/ML Injectable Solution; intravenous; 2 mg; 6; prn opioid renal',
    'cefazolin 2000 MG Injection; intravenous; 2000 mg; 3; cephalosporin renal',
  ]),
  problem('N10', 'Acute pyelonephritis', 18, [
    'ceftriaxone 1000 MG Injection; intravenous; 1000 mg; 1; cephalosporin',
    'piperacillin 4000 MG / tazobactam 500 MG Injection; intravenous; 4.5 g; 3; pip renal',
  ]),
  problem('K92.2', 'Gastrointestinal hemorrhage, unspecified', 40, [
    'pantoprazole 40 MG Injection; intravenous; 40 mg; 2; ppi',
  ]),
  problem('I50.23', 'Acute on chronic systolic (congestive) heart failure', 55, [
    'furosemide 10 MG/ML Injectable Solution; intravenous; 40 mg; 2; loop diuretic',
    'lisinopril 5 MG Oral Tablet; oral; 5 mg; 1; raas',
    'metoprolol succinate 25 MG Extended Release Oral Tablet; oral; 25 mg; 1; beta',
  ]),
  problem('I21.4', 'Non-ST elevation (NSTEMI) myocardial infarction', 50, [
    'aspirin 81 MG Oral Tablet; oral; 81 mg; 1; aspirin',
    'atorvastatin 80 MG Oral Tablet; oral; 80 mg; 1; statin',
    'metoprolol tartrate 25 MG Oral Tablet; oral; 25 mg; 2; beta',
    'clopidogrel 75 MG Oral Tablet; oral; 75 mg; 1; clopidogrel',
  ]),
];

/** Ordered for anybody in hospital. */
export const comfort: readonly Drug[] = [
  'acetaminophen 325 MG Oral Tablet; oral; 650 mg; 4; prn acetaminophen',
  'ondansetron 2 MG/ML Injectable Solution; intravenous; 4 mg; 3; prn qt',
  'docusate sodium 100 MG Oral Capsule; oral; 100 mg; 2; docusate',
  'sennosides, USP 8.6 MG Oral Tablet; oral; 17.2 mg; 1; senna',
  'polyethylene glycol 3350 17000 MG Powder for Oral Solution; oral; 17 g; 1; peg',
  'melatonin 3 MG Oral Tablet; oral; 3 mg; 1; melatonin',
  'heparin sodium, porcine 5000 UNT/ML Injectable Solution; subcutaneous; 5000 U; 3; heparin anticoagulant',
  'enoxaparin sodium 40 MG in 0.4 ML Prefilled Syringe; subcutaneous; 40 mg; 1; heparin anticoagulant renal',
  'insulin lispro 100 UNT/ML Injectable Solution; subcutaneous; 4 U; 3; lispro',
  'sodium chloride 9 MG/ML Injectable Solution; intravenous; 75 mL/h; ; fluid',
  'calcium chloride 0.2 MG/ML / potassium chloride 0.3 MG/ML / sodium chloride 6 MG/ML / sodium lactate 3.1 MG/ML Injectable Solution; intravenous; 75 mL/h; ; fluid',
  'potassium chloride 20 MEQ Extended Release Oral Tablet; oral; 20 meq; 1; potassium',
  'oxycodone hydrochloride 5 MG Oral Tablet; oral; 5 mg; 4; prn opioid',
  'pantoprazole 40 MG Delayed Release Oral Tablet; oral; 40 mg; 1; ppi',
  'lorazepam 0.5 MG Oral Tablet; oral; 0.5 mg; 2; prn benzodiazepine',
  'hydralazine 20 MG/ML Injectable Solution; intravenous; 10 mg; 3; prn hydralazine',
].map(drugOf);

/** Two of one of these are a finding, or a duplicate class. */
export const single: readonly string[] = [
  ...[
    'raas',
    'ccb',
    'thiazide',
    'loop',
    'beta',
    'statin',
    'ssri',
    'ppi',
    'h2',
    'anticoagulant',
    'nsaid',
    'qt',
  ],
  ...[
    'gabapentinoid',
    'penicillin',
    'cephalosporin',
    'steroid',
    'opioid',
    'fluid',
    'saba',
    'ics',
    'sglt2',
    'mra',
  ],
  ...[
    'metformin',
    'sulfonylurea',
    'dpp4',
    'antihistamine',
    'macrolide',
    'bisphosphonate',
    'potassium',
    'diuretic',
  ],
  ...['vancomycin', 'pip', 'allopurinol'],
];

/** What is no ordinary order: each of these is a finding that somebody should be told. */
export const together: readonly (readonly [one: string, other: string, why: string])[] = [
  ['nsaid', 'raas', 'kidney'],
  ['nsaid', 'diuretic', 'kidney'],
  ['nsaid', 'anticoagulant', 'bleeding'],
  ['nsaid', 'aspirin', 'bleeding'],
  ['nsaid', 'ssri', 'bleeding'],
  ['nsaid', 'steroid', 'bleeding'],
  ['nsaid', 'clopidogrel', 'bleeding'],
  ['trimethoprim', 'raas', 'potassium'],
  ['trimethoprim', 'mra', 'potassium'],
  ['potassium', 'mra', 'potassium'],
  ['binds', 'mineral', 'absorption'],
  ['vancomycin', 'pip', 'kidney'],
  ['ppi', 'h2', 'one of both is enough'],
  ['macrolide', 'statin', 'muscle'],
  ['macrolide', 'digoxin', 'level'],
  ['trimethoprim', 'anticoagulant', 'bleeding'],
];

/** A 15-order set for heart failure: drugs here, tests in `heartFailureTests`. */
export const heartFailureDrugs: readonly Drug[] = [
  'furosemide 10 MG/ML Injectable Solution; intravenous; 40 mg; 2; loop',
  'lisinopril 5 MG Oral Tablet; oral; 5 mg; 1; raas',
  'metoprolol succinate 25 MG Extended Release Oral Tablet; oral; 25 mg; 1; beta',
  'spironolactone 25 MG Oral Tablet; oral; 12.5 mg; 1; mra',
  'empagliflozin 10 MG Oral Tablet; oral; 10 mg; 1; sglt2',
  'enoxaparin sodium 40 MG in 0.4 ML Prefilled Syringe; subcutaneous; 40 mg; 1; heparin',
  'atorvastatin 40 MG Oral Tablet; oral; 40 mg; 1; statin',
  'aspirin 81 MG Oral Tablet; oral; 81 mg; 1; aspirin',
  'acetaminophen 325 MG Oral Tablet; oral; 650 mg; 4; prn',
  'ondansetron 2 MG/ML Injectable Solution; intravenous; 4 mg; 3; prn',
  'docusate sodium 100 MG Oral Capsule; oral; 100 mg; 2;',
].map(drugOf);

export const heartFailureTests: readonly (readonly [code: string, display: string])[] = [
  ['24321-2', 'Basic metabolic 2000 panel - Serum or Plasma'],
  ['19123-9', 'Magnesium [Mass/volume] in Serum or Plasma'],
  ['11524-6', 'EKG study'],
  ['33762-6', 'Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma'],
];

export const drug: (row: string) => Drug = drugOf;

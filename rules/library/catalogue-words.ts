/**
 * The words of the catalogue of candidate rules, and what a rule asks that means them. A word that stands in none of
 * these tables is a problem of the clause it stands in (catalogue.ts): no word of the catalogue is passed over.
 */
import type { Leaf } from '../rule/conditions.ts';

/** Classes and ingredients of drugs.json: any of them. Names of ingredients need no row. */
export const drugWords: Readonly<Record<string, readonly string[]>> = {
  PPI: ['ppi'],
  NSAID: ['nsaid'],
  'ACE inhibitor': ['ace-inhibitor'],
  ACEi: ['ace-inhibitor'],
  ARB: ['arb'],
  ARNI: ['arni'],
  aliskiren: ['renin-inhibitor'],
  MRA: ['mra'],
  'K-sparing diuretic': ['potassium-sparing-diuretic'],
  'loop/thiazide': ['loop-diuretic'],
  loop: ['loop-diuretic'],
  thiazide: ['thiazide-diuretic'],
  diuretic: ['loop-diuretic', 'thiazide-diuretic'],
  platinum: ['platinum'],
  aminoglycoside: ['aminoglycoside'],
  amphotericin: ['amphotericin-b'],
  CNI: ['calcineurin-inhibitor'],
  'EGFR mAb': ['egfr-mab'],
  'Mg-waster': ['mg-wasting-other'],
  'Mg-wasting classes': ['ppi'],
  digoxin: ['digoxin'],
  HCTZ: ['hydrochlorothiazide'],
  SZC: ['sodium zirconium cyclosilicate'],
  'QT drug': ['qt-prolonging-known'],
  'QT drugs': ['qt-prolonging-known'],
  'P-gp inhibitor': ['p-gp-inhibitor', 'dronedarone'],
  'CYP2C19 inhibitor': ['cyp2c19-inhibitor'],
  picosulfate: ['picosulfate'],
  ketoconazole: ['ketoconazole'],
  'potassium-retaining': ['potassium-sparing-diuretic'],
  'RAAS blocker': ['ace-inhibitor'],
  LMWH: ['lmwh'],
  gabapentinoid: ['gabapentinoid'],
  'SGLT2 inhibitor': ['sglt2-inhibitor'],
  colistin: ['colistin'],
  'parenteral magnesium': ['magnesium'],
  'IV magnesium': ['magnesium', 'magnesium sulfate'],
  'magnesium IV': ['magnesium'],
  'Al/Mg antacid': ['magnesium-laxative-antacid', 'magnesium'],
  'strong CYP3A4 inhibitor': ['clarithromycin'],
  GBCA: ['gadodiamide'],
  'iodinated contrast': ['contrast-iodinated'],
  'neuromuscular blocker': ['neuromuscular-blocker'],
  CCB: ['verapamil'],
  opioids: ['opioid-renal'],
  barbiturates: ['sedative-barbiturate'],
  'CNS depressants': ['propofol'],
  'tetracycline-class': ['tetracycline'],
  tetracycline: ['tetracycline'],
  fluoroquinolone: ['fluoroquinolone'],
  SGLT2i: ['sglt2-inhibitor'],
  'TMP-SMX': ['sulfamethoxazole', 'trimethoprim'],
  mycophenolate: ['mycophenolate'],
  nephrotoxins: ['nephrotoxin'],
  'sodium phosphate bowel prep': ['sodium-phosphate'],
  'potassium replacement': ['potassium'],
  'potassium orders': ['potassium'],
  'K supplement': ['potassium'],
  'K-raising order': ['potassium'],
  'renally-dosed drug': ['metformin'],
  'Mg antacid': ['magnesium-laxative-antacid', 'magnesium'],
  'Mg/Al antacid': ['magnesium-laxative-antacid', 'magnesium'],
  'Mg hydroxide/antacid': ['magnesium-laxative-antacid', 'magnesium'],
  antacids: ['magnesium-laxative-antacid', 'magnesium'],
  antacid: ['magnesium-laxative-antacid', 'magnesium'],
  'Mg laxative': ['magnesium citrate'],
  laxative: ['magnesium-laxative-antacid'],
  'Mg product': ['magnesium'],
  'Mg infusion': ['magnesium'],
  'obstetric Mg': ['magnesium'],
  'parenteral Mg': ['magnesium'],
  'oral Mg': ['magnesium'],
  'IV Mg': ['magnesium', 'magnesium sulfate'],
  'magnesium salt': ['magnesium'],
  'supplemental Mg': ['magnesium'],
  'non-emergency Mg replacement': ['magnesium'],
  citrate: ['magnesium citrate'],
  hydroxide: ['magnesium hydroxide'],
  sulfate: ['magnesium sulfate'],
  MgO: ['magnesium oxide'],
  '+ Mg': ['magnesium', 'magnesium-laxative-antacid'],
  'of Mg': ['magnesium', 'magnesium-laxative-antacid'],
  Al: ['aluminum-antacid'],
  '/Ca': ['calcium-oral'],
  'amphotericin B': ['amphotericin-b'],
  baloxavir: ['baloxavir marboxil'],
  Fe: ['iron-oral'],
};

const ofTest =
  (...tests: readonly string[]) =>
  ({ params }: Leaf): boolean =>
    [params.test, ...(Array.isArray(params.tests) ? params.tests : [])].some((test) =>
      tests.includes(String(test)),
    );
const ofFact =
  (...facts: readonly string[]) =>
  ({ fact }: Leaf): boolean =>
    facts.includes(fact);
const ofGroup =
  (...groups: readonly string[]) =>
  ({ params }: Leaf): boolean =>
    Array.isArray(params.groups) && params.groups.some((group) => groups.includes(String(group)));
const ofEncounter = ({ fact }: Leaf): boolean => fact === 'encounter';
const either =
  (...asked: readonly ((leaf: Leaf) => boolean)[]) =>
  (leaf: Leaf): boolean =>
    asked.some((one) => one(leaf));

/** Words with a number of their own: a number that follows is compared with what they name. */
export const measureWords: Readonly<Record<string, (leaf: Leaf) => boolean>> = {
  'serum Mg': ofTest('magnesium'),
  Mg: ofTest('magnesium'),
  K: ofTest('potassium'),
  'corrected Ca': ofTest('calcium-corrected'),
  iCa: ofTest('calcium-ionized'),
  Ca: ofTest('calcium-corrected', 'calcium-ionized'),
  QTc: ofTest('qtc'),
  eGFR: either(ofFact('egfr', 'egfrHighest', 'egfrFall'), ofTest('egfr')),
  GFR: ofFact('egfr'),
  CrCl: ofFact('creatinineClearance'),
  creatinine: either(ofTest('creatinine'), ofFact('akiStage')),
  Scr: ofTest('creatinine'),
  phosphate: ofTest('phosphate'),
  'ionized Ca': ofTest('calcium-ionized'),
  'digoxin level': ofTest('digoxin-level'),
  level: ofTest('digoxin-level', 'lithium-level', 'vancomycin-level'),
  weight: ofTest('body-weight'),
  age: ofFact('age'),
  'replacement rate': ofFact('infusionRate'),
  cumulative: ofFact('cumulativeDose'),
  dose: ofFact('dailyDose', 'dose', 'doseFrequency'),
  'AKI stage': ofFact('akiStage'),
};

/** What a number with such a unit is compared with, whatever stands before it. */
export const unitMeasures: readonly { unit: RegExp; measure: string; is: (leaf: Leaf) => boolean }[] = [
  { unit: /^(mg|mcg)\/(kg)/, measure: 'dose', is: ofFact('dailyDose', 'dose') },
  { unit: /^(g\/h|mg\/min)/, measure: 'rate', is: ofFact('infusionRate') },
  { unit: /^mg(\/(day|d)\b|\b(?!\/))/, measure: 'dose', is: ofFact('dailyDose', 'dose') },
  { unit: /^g\b(?!\/)/, measure: 'sum', is: ofFact('cumulativeDose') },
  { unit: /^ms\b/, measure: 'QTc', is: ofTest('qtc') },
  { unit: /^kg\b/, measure: 'weight', is: ofTest('body-weight') },
  { unit: /^wk\)/, measure: 'gestation', is: ofFact('gestation') },
];

/** Anything else that a rule can ask. */
export const askedWords: Readonly<Record<string, (leaf: Leaf) => boolean>> = {
  dialysis: ofGroup('dialysis'),
  'AKI stage 3': ofFact('akiStage'),
  'KDIGO AKI stage 1': ofFact('akiStage'),
  'KDIGO AKI stage 2-3': ofFact('akiStage'),
  AKI: either(ofFact('akiStage'), ofGroup('aki')),
  oliguria: ofGroup('oliguria'),
  CKD: ofGroup('ckd-any'),
  'preeclampsia/eclampsia': ofGroup('preeclampsia', 'eclampsia'),
  'eclampsia seizure': ofGroup('eclampsia'),
  eclampsia: ofGroup('eclampsia'),
  torsades: ofGroup('torsades'),
  'congenital long QT': ofGroup('long-qt'),
  asthma: ofGroup('acute-severe-asthma'),
  'myasthenia gravis': ofGroup('myasthenia-gravis'),
  '2nd/3rd-degree AV block': ofGroup('av-block-2-3'),
  pacemaker: ofGroup('pacemaker'),
  'Lambert-Eaton': ofGroup('lambert-eaton'),
  'ALS/GBS/muscular dystrophy': ofGroup('neuromuscular-disorder'),
  AUD: ofGroup('alcohol-use-disorder'),
  IBD: ofGroup('ibd'),
  celiac: ofGroup('celiac'),
  'short bowel': ofGroup('short-bowel', 'malabsorption'),
  'chronic diarrhea': ofGroup('chronic-diarrhea'),
  malabsorption: ofGroup('malabsorption'),
  'refeeding risk': ofGroup('refeeding'),
  DKA: ofGroup('dka'),
  HF: ofGroup('heart-failure'),
  'liver disease': ofGroup('cirrhosis'),
  AF: ofGroup('atrial-fibrillation'),
  pregnancy: either(ofFact('pregnancy'), ofGroup('pregnancy')),
  Obstetric: ofGroup('preeclampsia'),
  obstetric: either(ofFact('pregnancy'), ofGroup('preeclampsia')),
  'documented indication': ofGroup('hypomagnesemia'),
  'Mg deficiency': either(ofTest('magnesium'), ofGroup('hypomagnesemia')),
  deficiency: either(ofTest('magnesium'), ofGroup('hypomagnesemia')),
  inpatient: ofEncounter,
  admission: ({ params }) => params.within === 'admission',
  'outpatient/home/wellness location': ofEncounter,
  neonate: ofFact('age'),
  'peri-op': ({ params }) =>
    Array.isArray(params.classes) && params.classes.includes('neuromuscular-blocker'),
  'lab LLN': ({ path, value }) =>
    path === '$.lowerLimit' ||
    (typeof value === 'object' && 'path' in value && value.path === '$.lowerLimit'),
  initiation: ({ params }) => params.starting === true,
  start: ({ params }) => params.starting === true,
  'eGFR decline': ofFact('egfrFall'),
  'category drop': ({ params }) => params.as === 'categories',
  decline: ofFact('egfrFall'),
  allergy: ofFact('allergyToOrder'),
  'duplicate order': ofFact('duplicateOrder'),
  'same-ingredient': ofFact('duplicateOrder'),
  'required fact': ofFact('checkNotMade'),
  rise: ({ params }) => params.change === 'rise',
  'intra-arterial': ({ params }) => params.intraArterial === true,
  planned: ({ params }) => params.plannedForMoreThan !== undefined,
  'taking oral meds': ofGroup('nothing-by-mouth'),
  'duplicate class': ofFact('drugCount'),
  'heart failure': ofGroup('heart-failure'),
  alcohol: ofGroup('alcohol-use-disorder'),
  'hepatic impairment': ofGroup('cirrhosis'),
  'long QT': ofGroup('long-qt'),
  'AKI stage 2-3': ofFact('akiStage'),
  'stage 1': ofFact('akiStage'),
  myasthenia: ofGroup('myasthenia-gravis'),
  'ECG change': () => false,
  'not resolvable': ({ params }) => Array.isArray(params.codes) && params.codes.includes('drug-unresolved'),
};

/** Words that ask nothing by themselves: grammar, units, and what the check of roles and cases holds better. */
export const plainWords: ReadonlySet<string> = new Set(
  [
    'a active activity also already an and are as at avoid be by bid BID both but combined concurrent daily',
    'documented each for from history in incl including is it known latest mEq mg mmol more most ng no not of on',
    'or order ordered orders oral out outside over per product range serum specimen systemic than the this to total',
    'unless until when whose with within without irrespective dL L mL g h min ms kg d day days mo months wk y yr',
    'rate critical warning info result results drug drugs risk other any after post last AND OR NOT W S after usually',
  ]
    .join(' ')
    .split(' '),
);

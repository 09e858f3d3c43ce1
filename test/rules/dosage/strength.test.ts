import { describe, expect, it } from 'vitest';
import { type Strength, strengthsOf, strengthsOfMedication } from '../../../rules/dosage/strength.ts';
import { mg, type Resource, ucum } from '../../support/dosages.ts';

describe('the strength of a product', () => {
  const piece = (ingredient: string, gramsAPiece: number): Strength => ({ ingredient, gramsAPiece });
  const liquid = (ingredient: string, gramsAMillilitre: number, gramsAPiece?: number): Strength => ({
    ingredient,
    gramsAMillilitre,
    ...(gramsAPiece === undefined ? {} : { gramsAPiece }),
  });
  const tmpSmx = ['sulfamethoxazole', 'trimethoprim'];
  it.each<[string, string[], Strength[]]>([
    ['metformin hydrochloride 500 MG Oral Tablet', ['metformin'], [piece('metformin', 0.5)]],
    ['levothyroxine sodium 75 MCG Oral Tablet', ['levothyroxine'], [piece('levothyroxine', 0.000075)]],
    ['digoxin 0.125 MG Oral Tablet [Lanoxin]', ['digoxin'], [piece('digoxin', 0.000125)]],
    [
      '24 HR tramadol hydrochloride 300 MG Extended Release Oral Tablet',
      ['tramadol'],
      [piece('tramadol', 0.3)],
    ],
    // The 40 g are the bag: so much a millilitre, and one piece only where a whole bag is meant.
    [
      'magnesium sulfate 40 g in 1000 mL LR infusion',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.04, 40)],
    ],
    [
      'magnesium sulfate 2 g in 50 mL SWFI IVPB',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.04, 2)],
    ],
    ['magnesium sulfate 20 g in 1 L', ['magnesium sulfate'], [liquid('magnesium sulfate', 0.02, 20)]],
    ['magnesium sulfate 20 g in 1,000 mL', ['magnesium sulfate'], [liquid('magnesium sulfate', 0.02, 20)]],
    ['magnesium sulfate 20 g in 0 mL', ['magnesium sulfate'], [piece('magnesium sulfate', 20)]],
    ['Mg sulfate 2 g IVPB', ['magnesium sulfate'], [piece('magnesium sulfate', 2)]],
    ['gabapentin 1,000 mg tablet', ['gabapentin'], [piece('gabapentin', 1)]],
    [
      'magnesium sulfate 500 MG/ML Injectable Solution',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.5)],
    ],
    [
      '2 ML magnesium sulfate 500 MG/ML Injection',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.5, 1)],
    ],
    [
      '0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe',
      ['enoxaparin'],
      [liquid('enoxaparin', 0.1, 0.04)],
    ],
    ['ENOXAPARIN 40 MG/0.4 ML SUBCUTANEOUS SYRINGE', ['enoxaparin'], [liquid('enoxaparin', 0.1, 0.04)]],
    [
      'magnesium sulfate 4 gram/100 mL (40 mg/mL) IV piggyback',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.04, 4)],
    ],
    ['gabapentin 250 mg/5 mL oral solution', ['gabapentin'], [liquid('gabapentin', 0.05)]],
    [
      'sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'sulfamethoxazole 400 MG / trimethoprim 80 MG Oral Tablet [Bactrim]',
      tmpSmx,
      [piece('sulfamethoxazole', 0.4), piece('trimethoprim', 0.08)],
    ],
    [
      'sulfamethoxazole 40 MG/ML / trimethoprim 8 MG/ML Oral Suspension',
      tmpSmx,
      [liquid('sulfamethoxazole', 0.04), liquid('trimethoprim', 0.008)],
    ],
    [
      'SULFAMETHOXAZOLE 800 MG-TRIMETHOPRIM 160 MG TABLET',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'sulfamethoxazole-trimethoprim 800-160 MG per tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'trimethoprim 160 MG / sulfamethoxazole 800 MG Oral Tablet',
      tmpSmx,
      [piece('trimethoprim', 0.16), piece('sulfamethoxazole', 0.8)],
    ],
    [
      'magnesium sulfate 10 MG/ML / glucose 50 MG/ML Injection',
      ['magnesium sulfate', 'glucose'],
      [liquid('magnesium sulfate', 0.01), liquid('glucose', 0.05)],
    ],
    // A part that is not in the terminology, or not by mass, takes nothing from the others.
    [
      'allopurinol 300 MG / unheardol 200 MG Oral Tablet',
      ['allopurinol', 'unheardol'],
      [piece('allopurinol', 0.3)],
    ],
    [
      '24 HR trandolapril 2 MG / verapamil hydrochloride 180 MG Extended Release Oral Tablet',
      ['trandolapril', 'verapamil'],
      [piece('trandolapril', 0.002), piece('verapamil', 0.18)],
    ],
    [
      'calcium carbonate 625 MG / cholecalciferol 125 UNT Oral Tablet [Oysco D]',
      ['calcium carbonate', 'cholecalciferol'],
      [piece('calcium carbonate', 0.625)],
    ],
    [
      'cholecalciferol 125 UNT / calcium carbonate 625 MG Oral Tablet',
      ['cholecalciferol', 'calcium carbonate'],
      [],
    ],
    ['magnesium oxide 400 MG / magnesium oxide 200 MG Oral Tablet', ['magnesium oxide', 'zinc oxide'], []],
    // Whose strength it is, or of what, is not said.
    ['co-trimoxazole 960 MG Oral Tablet', tmpSmx, []],
    ['amoxicillin 250 MG / clavulanate 125 MG Oral Tablet', ['amoxicillin'], []],
    ['{42 (rivaroxaban 15 MG Oral Tablet) / 9 (rivaroxaban 20 MG Oral Tablet) } Pack', ['rivaroxaban'], []],
    ['magnesium oxide 400 MG (magnesium 240 MG) Oral Tablet', ['magnesium oxide'], []],
    ['fentanyl 0.025 MG/HR Transdermal System', ['fentanyl'], []],
    ['albuterol 0.09 MG/ACTUAT Metered Dose Inhaler', ['albuterol'], []],
    ['sodium bicarbonate 10 MEQ Oral Tablet', ['sodium bicarbonate'], []],
    ['digoxin', ['digoxin'], []],
    // So much to a piece or to a volume, in the ways it is written.
    ['metformin 500 mg/tablet', ['metformin'], [piece('metformin', 0.5)]],
    ['gabapentin 300 MG / CAP', ['gabapentin'], [piece('gabapentin', 0.3)]],
    ['gentamicin 40 mg / mL', ['gentamicin'], [liquid('gentamicin', 0.04)]],
    ['gabapentin 50 mg/milliliter oral solution', ['gabapentin'], [liquid('gabapentin', 0.05)]],
    ['gabapentin 250 mg / 5 mL oral solution', ['gabapentin'], [liquid('gabapentin', 0.05)]],
    ['nicotine 21 MG / 24 HR Transdermal System', ['nicotine'], []],
    ['gabapentin 250 mg/0 mL oral solution', ['gabapentin'], []],
    // What one container holds.
    [
      '10 ML magnesium sulfate 500 MG/ML Injection',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.5, 5)],
    ],
    [
      '2ML  magnesium sulfate 500 MG/ML Injection',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.5, 1)],
    ],
    [
      '0.65 ML medroxyprogesterone acetate 160 MG/ML Prefilled Syringe',
      ['medroxyprogesterone'],
      [liquid('medroxyprogesterone', 0.16, 0.104)],
    ],
    [
      'medroxyprogesterone 104 mg/0.65 mL subcutaneous syringe',
      ['medroxyprogesterone'],
      [liquid('medroxyprogesterone', 0.16, 0.104)],
    ],
    [
      'magnesium sulfate 4g/100mL IV piggyback',
      ['magnesium sulfate'],
      [liquid('magnesium sulfate', 0.04, 4)],
    ],
    ['enoxaparin 40mg/0.4mL syringe', ['enoxaparin'], [liquid('enoxaparin', 0.1, 0.04)]],
    ['enoxaparin 40 mg / 0.4 mL syringe', ['enoxaparin'], [liquid('enoxaparin', 0.1, 0.04)]],
    // Two strengths that differ are none, and no piece is as heavy as a tonne.
    ['digoxin 125 MCG (120 MCG) Oral Tablet', ['digoxin'], []],
    ['digoxin 250 MCG (250 MCG/ML)', ['digoxin'], []],
    ['magnesium oxide 999,999 gram tablet', ['magnesium oxide'], [piece('magnesium oxide', 999_999)]],
    ['magnesium oxide 1,000,000 gram tablet', ['magnesium oxide'], []],
    ['magnesium oxide 400 MG / magnesium oxide 400 MG Oral Tablet', ['magnesium oxide', 'zinc oxide'], []],
    // Names and strengths in the same order: as many of each, and each name one of the ingredients.
    ['sulfamethoxazole-trimethoprim 1000000-160 G tablet', tmpSmx, []],
    ['sulfamethoxazole-trimethoprim 800-160 MG tablet', [...tmpSmx, 'phenazopyridine'], []],
    ['sulfamethoxazole-trimethoprim 800-160-5 MG tablet', tmpSmx, []],
    ['sulfamethoxazole-trimethoprim-phenazopyridine 800-160 MG tablet', tmpSmx, []],
    ['trimethoprim-trimethoprim 160-160 MG tablet', tmpSmx, []],
    ['unheardol-trimethoprim 800-160 MG tablet', ['unheardol', 'trimethoprim'], []],
    // Words around a name.
    [
      'sulfamethoxazole 800 MG and trimethoprim 160 MG Oral Tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'sulfamethoxazole 800 MG with  trimethoprim 160 MG Oral Tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    [
      'sulfamethoxazole (800 MG) / (trimethoprim) 160 MG Oral Tablet',
      tmpSmx,
      [piece('sulfamethoxazole', 0.8), piece('trimethoprim', 0.16)],
    ],
    // A figure in a brand is no strength, and a pack is no one piece.
    ['digoxin 0.25 MG Oral Tablet [Digox 500 MG]', ['digoxin'], [piece('digoxin', 0.00025)]],
    ['{6 (azithromycin 250 MG Oral Tablet) } Pack', ['azithromycin'], []],
    // A drug in a fluid: each has its own strength, and that of the fluid alone is not the drug's.
    [
      'magnesium sulfate 50 MG/ML / glucose 50 MG/ML Injection',
      ['magnesium sulfate', 'glucose'],
      [liquid('magnesium sulfate', 0.05), liquid('glucose', 0.05)],
    ],
    [
      'magnesium sulfate 20 MG/ML in dextrose 5 % Injection',
      ['magnesium sulfate', 'glucose'],
      [liquid('magnesium sulfate', 0.02)],
    ],
    ['glucose 50 MG/ML with magnesium sulfate', ['magnesium sulfate', 'glucose'], []],
  ])('%s', (name, ingredients, expected) => {
    expect(strengthsOf([name], ingredients)).toStrictEqual(expected);
  });

  it('comes from any of the names that state one, and from none where two differ', () => {
    const names = [null, 'Lanoxin', 'digoxin 0.25 MG Oral Tablet', 'DIGOXIN 250 MCG TABLET'];
    expect(strengthsOf(names, ['digoxin'])).toEqual([piece('digoxin', 0.00025)]);
    const differ = [...names, 'digoxin 0.125 MG Oral Tablet', 'digoxin 0.25 MG Capsule'];
    expect(strengthsOf(differ, ['digoxin'])).toEqual([]);
  });

  it('of a piece in one name and of a millilitre in another is both', () => {
    const names = ['enoxaparin 100 MG/ML Injection', '0.4 ML enoxaparin 100 MG/ML Prefilled Syringe'];
    expect(strengthsOf(names, ['enoxaparin'])).toEqual([liquid('enoxaparin', 0.1, 0.04)]);
  });

  it('is read out of a name of 500 characters, and out of no longer one', () => {
    expect(strengthsOf([`${'x'.repeat(495)} 5 MG`], ['digoxin'])).toHaveLength(1);
    expect(strengthsOf([`${'x'.repeat(496)} 5 MG`], ['digoxin'])).toEqual([]);
  });

  it.each<[string, Resource, Strength[]]>([
    [
      '500 mg to 1 {tbl}',
      { numerator: mg(500), denominator: { value: 1, code: '{tbl}', system: ucum } },
      [piece('digoxin', 0.5)],
    ],
    [
      '500 mg to 1 of Filmtablette',
      { numerator: mg(500), denominator: { value: 1, unit: 'Filmtablette', code: '1', system: ucum } },
      [piece('digoxin', 0.5)],
    ],
    [
      '200 mg to 5 mL',
      { numerator: mg(200), denominator: { value: 5, code: 'mL', system: ucum } },
      [liquid('digoxin', 0.04)],
    ],
    ['500 mg to 1 puff', { numerator: mg(500), denominator: { value: 1, unit: 'puff' } }, []],
    ['5 mg to 0 mL', { numerator: mg(5), denominator: { value: 0, code: 'mL' } }, []],
    ['5 meq to 1', { numerator: { value: 5, code: 'meq' }, denominator: { value: 1 } }, []],
    [
      '1 g to 2 {tbl}',
      { numerator: mg(1000), denominator: { value: 2, code: '{tbl}' } },
      [piece('digoxin', 0.5)],
    ],
    ['500 mg to 0 {tbl}', { numerator: mg(500), denominator: { value: 0, code: '{tbl}' } }, []],
    ['500 mg to 1', { numerator: mg(500), denominator: { value: 1 } }, [piece('digoxin', 0.5)]],
    [
      '500 mg to 1 of the UCUM unit 1',
      { numerator: mg(500), denominator: { value: 1, code: '1', system: ucum } },
      [piece('digoxin', 0.5)],
    ],
    ['500 mg to 1 of a code of no list', { numerator: mg(500), denominator: { value: 1, code: 'x' } }, []],
    ['500 mg to `1` as a string', { numerator: mg(500), denominator: { value: '1' } }, []],
  ])('of Medication.ingredient, %s', (_, strength, expected) => {
    expect(strengthsOfMedication([{ part: { strength }, ingredients: ['digoxin'] }])).toEqual(expected);
    expect(strengthsOfMedication([{ part: { strengthRatio: strength }, ingredients: ['digoxin'] }])).toEqual(
      expected,
    );
  });
});

describe('the strength of a part of Medication.ingredient', () => {
  const strength = { numerator: mg(500), denominator: { value: 1, code: '{tbl}' } };
  it.each<[string, Resource, string[]]>([
    ['without a strength', {}, ['digoxin']],
    ['that is not recognised', { strength }, []],
    ['that is two drugs', { strength }, ['sulfamethoxazole', 'trimethoprim']],
  ])('%s is not known', (_, part, ingredients) => {
    expect(strengthsOfMedication([{ part, ingredients }])).toEqual([]);
  });
});

describe('a bag and its concentration', () => {
  it.each([
    ['magnesium sulfate 30 g in dextrose 5% 250 mL infusion (120 mg/mL)', 'magnesium sulfate', 30, 0.12],
    ['magnesium sulfate 20 g in sterile water 500 mL (40 mg/mL)', 'magnesium sulfate', 20, 0.04],
    // The volume that makes the one of the other is not named.
    ['magnesium sulfate 30 g infusion (40 mg/mL)', 'magnesium sulfate', undefined, undefined],
    ['potassium chloride 20 MEQ Extended Release Oral Tablet', 'potassium chloride', 1.49102, undefined],
    ['potassium chloride 10 mEq/100 mL in water', 'potassium chloride', undefined, 0.0074551],
    // Two figures of ions: the one in the bag and the one in a litre.
    ['potassium chloride 20 mEq in 1000 mL, 40 mEq/L', 'potassium chloride', undefined, undefined],
  ])('%s', (name, ingredient, aPiece, aMillilitre) => {
    const [strength] = strengthsOf([name], [ingredient]);
    if (aPiece === undefined) expect(strength?.gramsAPiece).toBeUndefined();
    else expect(strength?.gramsAPiece).toBeCloseTo(aPiece, 4);
    if (aMillilitre === undefined) expect(strength?.gramsAMillilitre).toBeUndefined();
    else expect(strength?.gramsAMillilitre).toBeCloseTo(aMillilitre, 6);
  });
});

describe('the metal and its salt', () => {
  const oxide = 'magnesium oxide';
  const chloride = 'magnesium chloride';
  it.each<[string, string, number | undefined]>([
    // Slow-Mag, Mag64 and Mag-Delay state the metal.
    ['SLOW-MAG 71.5 MG TBEC', chloride, 0.5978],
    ['Slow Mag 64 mg tablet', chloride, 0.5351],
    ['Mag64 64 mg', chloride, 0.5351],
    ['MAG-DELAY 64 MG', chloride, 0.5351],
    ['Slow-Mag 535 MG', chloride, 0.535],
    ['Slow-Mag 143 mg', chloride, undefined],
    ['magnesium chloride 64 mg tablet', chloride, undefined],
    ['magnesium chloride 535 mg tablet', chloride, 0.535],
    ['magnesium chloride 64 mg elemental', chloride, 0.5351],
    // Where the salt's mass stands beside the metal's, that one counts.
    ['MAGNESIUM OXIDE 400 (241.3 Mg) MG PO TABS', oxide, 0.4],
    ['MAGNESIUM OXIDE 400 (241.3 MG MAGNESIUM) MG', oxide, 0.4],
    ['MAGNESIUM OXIDE 400 MG (241.3 MG MAGNESIUM) TABLET', oxide, 0.4],
    ['magnesium oxide 400 mg (241.3 mg elemental) tablet', oxide, 0.4],
    ['Mag-Ox 400 (241.3 mg Mg) mg tablet', oxide, 0.4],
    ['magnesium oxide 241.3 mg magnesium tablet', oxide, 0.4002],
    ['magnesium oxide 241.3 mg of elemental magnesium', oxide, 0.4002],
    ['magnesium oxide 400 mg tablet', oxide, 0.4],
    ['magnesium gluconate 500 mg (27 mg magnesium)', 'magnesium gluconate', 0.5],
    ['magnesium 64 mg (as magnesium chloride) tablet', 'magnesium', 0.064],
    // The name of the salt after its mass.
    ['2 g Mg sulfate IVPB', 'magnesium sulfate', 2],
    ['2 g magnesium sulphate', 'magnesium sulfate', 2],
  ])('%s', (name, ingredient, aPiece) => {
    const [strength] = strengthsOf([name], [ingredient]);
    if (aPiece === undefined) expect(strength).toBeUndefined();
    else expect(strength?.gramsAPiece).toBeCloseTo(aPiece, 4);
  });
});

describe('what a millilitre holds', () => {
  const sulfate = 'magnesium sulfate';
  it.each<[string, string, number | undefined, number | undefined]>([
    ['magnesium sulfate 4 mEq/mL', sulfate, 0.4926, undefined],
    ['magnesium sulfate 2 mmol/mL', sulfate, 0.4926, undefined],
    ['magnesium sulfate 8.12 mEq in 100 mL', sulfate, 0.01, 1],
    ['magnesium sulfate 81.2 mEq/L', sulfate, 0.01, undefined],
    ['magnesium sulfate 50 %', sulfate, 0.5, undefined],
    ['magnesium sulfate 50% injection', sulfate, 0.5, undefined],
    ['magnesium sulfate 10 %', sulfate, 0.1, undefined],
    ['magnesium sulfate 2 % in dextrose 5 %', sulfate, 0.02, undefined],
    ['dextrose 5 % with potassium chloride 0.15 %', 'potassium chloride', 0.0015, undefined],
    ['magnesium sulfate in dextrose 5 %', sulfate, undefined, undefined],
    ['magnesium sulfate 50 % cream', sulfate, undefined, undefined],
    ['hydrocortisone 1 % cream', 'hydrocortisone', undefined, undefined],
    ['magnesium sulfate 40 g/L', sulfate, 0.04, undefined],
    ['magnesium sulfate 40 g/1 L', sulfate, 0.04, undefined],
    ['magnesium sulfate 1 g in D5W 100 mL IVPB', sulfate, 0.01, 1],
    ['magnesium sulfate 4 g in NS 250 mL', sulfate, 0.016, 4],
    ['magnesium sulfate 4 g in sodium chloride 0.9 % 250 mL', sulfate, 0.016, 4],
    ['magnesium sulfate 2 g in dextrose 5 % (50 mL)', sulfate, 0.04, 2],
    ['magnesium sulfate 20 g in sterile water for injection 500 mL', sulfate, 0.04, 20],
    ['magnesium sulfate 2 g in D5W', sulfate, undefined, 2],
  ])('%s', (name, ingredient, aMillilitre, aPiece) => {
    const [strength] = strengthsOf([name], [ingredient]);
    if (aMillilitre === undefined) expect(strength?.gramsAMillilitre).toBeUndefined();
    else expect(strength?.gramsAMillilitre).toBeCloseTo(aMillilitre, 4);
    if (aPiece === undefined) expect(strength?.gramsAPiece).toBeUndefined();
    else expect(strength?.gramsAPiece).toBeCloseTo(aPiece, 4);
  });
});

describe('figures in a row after a brand', () => {
  it.each<[string, number | undefined]>([
    ['sulfamethoxazole-trimethoprim (BACTRIM DS) 800-160 mg per tablet', 0.8],
    ['Bactrim DS 800-160 mg', 0.8],
    ['Bactrim DS 160-800 mg oral tablet', 0.8],
    ['Bactrim 400-80 mg', 0.4],
    ['Bactrim 400-160 mg', undefined],
  ])('%s', (name, grams) => {
    const found = strengthsOf([name], ['trimethoprim', 'sulfamethoxazole']);
    expect(found.find(({ ingredient }) => ingredient === 'sulfamethoxazole')?.gramsAPiece).toBe(grams);
  });
});

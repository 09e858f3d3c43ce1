import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { drugClasses, ingredientByName, isClass } from '../../../rules/terminology/drugs/ingredients.ts';
import { type DrugResolution, resolveDrug } from '../../../rules/terminology/drugs/resolve.ts';
import { readRoute } from '../../../rules/terminology/drugs/routes.ts';
import table from '../../../rules/terminology/drugs.json' with { type: 'json' };
import { ndcReadings } from '../../../rules/terminology/ndc.ts';
import names from '../../data/drug-names.json' with { type: 'json' };
import corrections from '../../data/drug-sample-corrections.json' with { type: 'json' };
import { indexOf, productOf } from '../../support/product-index.ts';

const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const atc = 'http://www.whocc.no/atc';
const snomed = 'http://snomed.info/sct';
const ndc = 'http://hl7.org/fhir/sid/ndc';

interface NameCase {
  name: string;
  rule: string[];
  /** Ingredients outside the rule classes. */
  other: string[];
  route: string | null;
  why?: string;
}
const nameCases: readonly NameCase[] = names;

type Codings = Parameters<typeof resolveDrug>[0];

const ruleNames = (resolution: DrugResolution): string[] =>
  resolution.ingredients
    .filter(({ classes }) => classes.length > 0)
    .map(({ name }) => name)
    .toSorted();
const allNames = (resolution: DrugResolution): string[] =>
  resolution.ingredients.map(({ name }) => name).toSorted();

const resolveText = (text: string): DrugResolution => resolveDrug([], text);

describe('the table of ingredients', () => {
  it('has 391 ingredients in 83 classes', () => {
    expect(drugClasses.size).toBe(83);
    const members = new Set([...drugClasses.values()].flat());
    expect(members.size).toBe(391);
    for (const member of members) expect(ingredientByName(member.name)).toBe(member);
  });

  it('knows classes and names exactly', () => {
    expect(isClass('loop-diuretic')).toBe(true);
    expect(isClass('Loop-Diuretic')).toBe(false);
    expect(isClass('__proto__')).toBe(false);
    expect(ingredientByName('Magnesium Sulfate')?.rxnorm).toBe('6585');
    expect(ingredientByName('magnesium')?.rxnorm).toBe('6574');
    for (const name of ['insulin,regular,human', ' Insulin-regular  human ', '-insulin, regular, human-'])
      expect(ingredientByName(name)?.name, name).toBe('insulin, regular, human');
    expect(ingredientByName('frusemide')).toBeNull();
    expect(ingredientByName('Lasix')).toBeNull();
    expect(drugClasses.get('ppi')?.map(({ name }) => name)).toContain('esomeprazole');
  });
});

describe('the brands that hold none of ours', () => {
  it('hold nothing that the table calls an ingredient or a brand of ours', () => {
    for (const [brand, generics] of Object.entries(table.otherBrands)) {
      const resolution = resolveText(brand);
      expect(ruleNames(resolution), brand).toEqual([]);
      expect(resolution.ingredients, brand).toHaveLength(generics.length);
      for (const generic of generics) {
        expect(resolveText(generic), `${brand}: ${generic}`).toMatchObject({
          ingredients: [{ classes: [] }],
          resolvedBy: 'name',
        });
      }
    }
  });
});

describe('drug names', () => {
  it('are at least 80, none twice', () => {
    expect(names.length).toBeGreaterThanOrEqual(80);
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
  });

  for (const { name, rule, other, route, why: reason } of nameCases) {
    const why = reason ? ` (${reason})` : '';
    const expected = [...rule, ...other].toSorted();
    it(`"${name.slice(0, 90)}" is ${expected.join(' + ') || 'unresolved'}${why}`, () => {
      const resolution = resolveText(name);
      expect(allNames(resolution)).toEqual(expected);
      expect(ruleNames(resolution)).toEqual(rule.toSorted());
      expect(resolution.resolvedBy).toBe(expected.length > 0 ? 'name' : 'unresolved');
      expect(resolution.route).toBe(route);
      for (const { name: part, rxnorm: code, classes } of resolution.ingredients) {
        if (other.includes(part)) expect({ code, classes }).toEqual({ code: null, classes: [] });
      }
      const asDisplay = resolveDrug([{ system: snomed, code: '1', display: name }], undefined);
      expect(allNames(asDisplay)).toEqual(expected);
    });
  }
});

describe('drug codes', () => {
  it('resolves an RxNorm ingredient as a string, a number or under its OID', () => {
    for (const coding of [
      { system: rxnorm, code: '4603' },
      { system: rxnorm, code: 4603 },
      { system: 'urn:oid:2.16.840.1.113883.6.88', code: ' 4603 ' },
    ]) {
      const resolution = resolveDrug([coding], undefined);
      expect(ruleNames(resolution)).toEqual(['furosemide']);
      expect(resolution.resolvedBy).toBe('rxnorm-ingredient');
    }
  });

  it('resolves the precise ingredient 114194 (warfarin sodium) to warfarin', () => {
    expect(ruleNames(resolveDrug([{ system: rxnorm, code: '114194' }], undefined))).toEqual(['warfarin']);
  });

  it('leaves a product code without a name unresolved, unless a product index has it', () => {
    const coding = [{ system: rxnorm, code: '198222' }];
    expect(resolveDrug(coding, undefined)).toEqual({
      ingredients: [],
      resolvedBy: 'unresolved',
      route: null,
    });
    const products = indexOf({
      198222: [
        ['9997', 'spironolactone'],
        ['36567', 'simvastatin'],
      ],
    });
    expect(resolveDrug(coding, undefined, products)).toEqual({
      ingredients: [
        {
          name: 'spironolactone',
          rxnorm: '9997',
          classes: expect.arrayContaining(['potassium-sparing-diuretic']),
        },
        { name: 'simvastatin', rxnorm: '36567', classes: [] },
      ],
      resolvedBy: 'product-index',
      route: null,
    });
    expect(resolveDrug(coding, undefined).resolvedBy).toBe('unresolved');
  });

  it('resolves ATC under each of its systems, and takes the route of its group', () => {
    for (const system of [
      atc,
      'https://www.whocc.no/atc',
      'http://fhir.de/CodeSystem/bfarm/atc',
      'urn:oid:2.16.840.1.113883.6.73',
    ]) {
      const resolution = resolveDrug([{ system, code: 'C07AB07' }], 'Concor 2,5mg');
      expect(resolution.resolvedBy).toBe('atc');
      expect(ruleNames(resolution)).toEqual(['bisoprolol']);
    }
    expect(resolveDrug([{ system: atc, code: 'S01AA11' }], undefined).route).toBe('ophthalmic');
    expect(resolveDrug([{ system: atc, code: 'J01GB03' }], undefined).route).toBeNull();
  });

  it('returns every ingredient of the combinations that have their own ATC code', () => {
    expect(ruleNames(resolveDrug([{ system: atc, code: 'C09DX04' }], undefined))).toEqual([
      'sacubitril',
      'valsartan',
    ]);
    expect(ruleNames(resolveDrug([{ system: atc, code: 'J05AR20' }], undefined))).toEqual([
      'bictegravir',
      'tenofovir alafenamide',
    ]);
  });

  it('knows a drug to be outside by ATC only where its group has none of ours and it is no combination', () => {
    expect(resolveDrug([{ system: atc, code: 'L01DB01', display: 'Doxorubicin' }], 'Caelyx')).toMatchObject({
      ingredients: [{ name: 'doxorubicin', rxnorm: null, classes: [] }],
    });
    expect(resolveDrug([{ system: atc, code: 'N05CF01' }], 'Ximovan 3,75mg').resolvedBy).toBe('atc');
    for (const code of ['C07AA16', 'N02BE51', 'C09BA02', 'A10BD07', 'B05BB02', 'A12AA20', 'C07', 'C07AB']) {
      expect(resolveDrug([{ system: atc, code }], undefined).resolvedBy, code).toBe('unresolved');
    }
  });

  it('resolves SNOMED products, and substances by their name', () => {
    expect(resolveDrug([{ system: snomed, code: '66493003' }], undefined)).toMatchObject({
      ingredients: [{ name: 'theophylline' }],
      resolvedBy: 'snomed',
    });
    expect(
      resolveDrug([{ system: snomed, code: '108505002' }], 'Tramadol hydrochloride (substance)'),
    ).toEqual(expect.objectContaining({ resolvedBy: 'name' }));
    expect(resolveDrug([{ system: snomed, code: '18531000168109' }], undefined).resolvedBy).toBe(
      'unresolved',
    );
  });

  it.each([
    ['a system with a slash at the end', { system: `${rxnorm}/`, code: '4603' }, true],
    ['a system in capitals, with spaces', { system: ` ${rxnorm.toUpperCase()} `, code: '4603' }, true],
    ['a system of 200 characters', { system: rxnorm.padEnd(200), code: '4603' }, true],
    ['a system of 201 characters', { system: rxnorm.padEnd(201), code: '4603' }, false],
    ['a code of 64 characters', { system: rxnorm, code: '4603'.padEnd(64) }, true],
    ['a code of 65 characters', { system: rxnorm, code: '4603'.padEnd(65) }, false],
    ['a code with a fraction', { system: rxnorm, code: 4603.5 }, false],
    ['no system', { code: '4603' }, false],
    ['a system that only begins like RxNorm', { system: `${rxnorm}x`, code: '4603' }, false],
  ])('%s: furosemide %j is %s', (_title, coding, found) => {
    expect(ruleNames(resolveDrug([coding], undefined))).toEqual(found ? ['furosemide'] : []);
  });

  it('reads a name of 1,000 characters, also counted after folding, and no longer one', () => {
    const named = (name: string) => ruleNames(resolveText(name));
    expect(named('furosemide'.padEnd(1_000))).toEqual(['furosemide']);
    expect(named('furosemide'.padEnd(1_001))).toEqual([]);
    expect(named(`furosemide [ß]${' '.repeat(985)}`)).toEqual(['furosemide']);
    expect(named(`furosemide [ß]${' '.repeat(986)}`)).toEqual([]);
  });

  it('names a drug that is outside by ATC: its display, else the text, else the code', () => {
    const name = (coding: object, text?: string) =>
      resolveDrug(
        [
          { system: snomed, code: '1', display: 'see list' },
          { system: atc, ...coding },
        ],
        text,
      );
    const code = 'N05CF01';
    const found = (text: string) => ({
      ingredients: [{ name: text, rxnorm: null, classes: [] }],
      resolvedBy: 'atc',
      route: null,
    });
    expect(name({ code, display: ' Ximovan®  forte ' }, 'Schlafmittel')).toEqual(found('ximovan forte'));
    expect(name({ code, display: 'WEIẞ' })).toEqual(found('weiss'));
    expect(name({ code }, 'Ximovan 3,75mg')).toEqual(found('ximovan 3,75mg'));
    expect(name({ code })).toEqual(found(code));
  });

  it.each([
    ['L01DB01', 'atc', 'a single substance'],
    ['V06DC01', 'atc', 'glucose'],
    ['V06DX01', 'unresolved', 'other nutrients'],
    ['V03AB15', 'unresolved', 'a group of many kinds'],
    ['L01DB19', 'atc', 'below 20'],
    ['L01DB20', 'unresolved', 'a combination'],
    ['L01DB010', 'unresolved', 'no ATC code'],
    ['XL01DB01', 'unresolved', 'no ATC code'],
  ])('ATC %s without a name is %s (%s)', (code, resolvedBy, _why) => {
    expect(resolveDrug([{ system: atc, code }], undefined).resolvedBy).toBe(resolvedBy);
  });

  it('an RxNorm display without a dose form is as structured as one with it', () => {
    const display = 'zyxelan sodium 5 MG';
    expect(allNames(resolveDrug([{ system: rxnorm, display }], undefined))).toEqual(['zyxelan']);
    expect(allNames(resolveDrug([{ system: snomed, display }], undefined))).toEqual([]);
  });

  it.each([
    ['Lisinopril 10 MG', 'lisinopril / hydrochlorothiazide', ['hydrochlorothiazide', 'lisinopril']],
    ['lisinopril / hydrochlorothiazide', 'Lisinopril 10 MG', ['hydrochlorothiazide', 'lisinopril']],
    ['Lisinopril', 'Lasix', []],
    ['Lisinopril', 'see list', ['lisinopril']],
    ['see list', 'Lisinopril', ['lisinopril']],
    ['aspirin / dipyridamole', 'aspirin / omeprazole', ['aspirin', 'omeprazole']],
    ['Aspirin', 'aspirin / dipyridamole', ['aspirin']],
    ['Simvastatin', 'Atorvastatin', ['simvastatin']],
    ['Simvastatin', 'Lisinopril', []],
  ])('display "%s" and text "%s" are %j', (display, text, expected) => {
    expect(allNames(resolveDrug([{ display }], text))).toEqual(expected);
  });

  it.each([
    ['Furosemide', 'furosemide oral tablet', 'oral'],
    ['furosemide oral tablet', 'furosemide tablet', 'oral'],
    ['furosemide oral tablet', 'furosemide injection', null],
  ])('display "%s" and text "%s" have the route %s', (display, text, route) => {
    expect(resolveDrug([{ display }], text).route).toBe(route);
  });

  it('adds nothing to a code from the name of another drug, or what no rule asks for', () => {
    const coded = (code: string, text: string) => allNames(resolveDrug([{ system: rxnorm, code }], text));
    expect(coded('4603', 'lisinopril / hydrochlorothiazide')).toEqual(['furosemide']);
    expect(coded('1191', 'aspirin / dipyridamole')).toEqual(['aspirin']);
  });

  it('adds the other ingredients of the name to a code for only one', () => {
    const resolution = resolveDrug(
      [{ system: rxnorm, code: '5487' }],
      'lisinopril 10 MG / hydrochlorothiazide 12.5 MG Oral Tablet',
    );
    expect(resolution.resolvedBy).toBe('rxnorm-ingredient');
    expect(ruleNames(resolution)).toEqual(['hydrochlorothiazide', 'lisinopril']);
  });

  it('does not choose between a display and a text that contradict each other', () => {
    const coding = { system: rxnorm, code: '1', display: 'Simvastatin 20 MG Oral Tablet' };
    expect(resolveDrug([coding], 'Lisinopril 10 MG Oral Tablet').resolvedBy).toBe('unresolved');
    expect(resolveDrug([coding], 'Zocor').resolvedBy).toBe('name');
  });
});

describe('codes that a product index knows', () => {
  const lisinopril = ['29046', 'lisinopril'] as const;
  const hydrochlorothiazide = ['5487', 'hydrochlorothiazide'] as const;
  const products = indexOf(
    {
      197885: productOf([lisinopril, hydrochlorothiazide], 'Oral Tablet'),
      314076: productOf([lisinopril], 'Oral Tablet'),
      308182: productOf([['723', 'amoxicillin']], 'Oral Capsule'),
      // The salt has a code of its own in our table, the whole is another of our ingredients.
      1297950: productOf([['52356', 'magnesium citrate', ['6574', 'magnesium']]], 'Oral Solution'),
      606726: productOf(
        [['606728', 'esomeprazole magnesium', ['283742', 'esomeprazole']]],
        'Delayed Release Oral Capsule',
      ),
      // In our table without a code: found by its name.
      1000001: productOf([['999002', 'gadobenate']], 'Injectable Solution'),
      309307: productOf([['2551', 'ciprofloxacin']], 'Ophthalmic Solution'),
      1000002: productOf(
        [
          ['2551', 'ciprofloxacin'],
          ['3264', 'dexamethasone'],
        ],
        'Otic Suspension',
        'Oral Tablet',
      ),
      // Magnesium of some kind that the table does not have: never "in none of the classes".
      1000003: productOf([['999001', 'magnesium taurate']], 'Oral Tablet'),
    },
    {
      '00054329863': productOf([['4603', 'furosemide']], 'Oral Solution'),
      '12345067890': productOf([lisinopril], 'Oral Tablet'),
      '12345678900': productOf([hydrochlorothiazide], 'Oral Tablet'),
      '55555000012': productOf([lisinopril], 'Oral Tablet'),
    },
  );
  const byCode = (code: string, text?: string) => resolveDrug([{ system: rxnorm, code }], text, products);
  const byNdc = (code: unknown) => resolveDrug([{ system: ndc, code }], undefined, products);

  it('a combination has both ingredients and the route of its dose form', () => {
    const resolution = byCode('197885');
    expect(resolution).toMatchObject({ resolvedBy: 'product-index', route: 'oral' });
    expect(ruleNames(resolution)).toEqual(['hydrochlorothiazide', 'lisinopril']);
    expect(byCode('309307')).toMatchObject({ route: 'ophthalmic', ingredients: [{ name: 'ciprofloxacin' }] });
  });

  it('dose forms that disagree give no route', () => {
    expect(byCode('1000002').route).toBeNull();
  });

  it('a drug that no rule asks for is resolved, under its RxNorm name', () => {
    expect(byCode('308182')).toEqual({
      ingredients: [{ name: 'amoxicillin', rxnorm: '723', classes: [] }],
      resolvedBy: 'product-index',
      route: 'oral',
    });
  });

  it('esomeprazole magnesium is esomeprazole, magnesium citrate is magnesium citrate', () => {
    expect(ruleNames(byCode('606726'))).toEqual(['esomeprazole']);
    expect(ruleNames(byCode('1297950'))).toEqual(['magnesium citrate']);
  });

  it('an ingredient of ours without a code is found by its RxNorm name', () => {
    expect(ruleNames(byCode('1000001'))).toEqual(['gadobenate']);
  });

  it('a magnesium that is not in the table stays unresolved', () => {
    expect(byCode('1000003').resolvedBy).toBe('unresolved');
  });

  it('a code that is not in the index leaves the name to be read', () => {
    expect(byCode('99', 'Furosemide 40 MG Oral Tablet').resolvedBy).toBe('name');
    expect(byCode('99').resolvedBy).toBe('unresolved');
  });

  it('a product beside one of its ingredients is the product; beside another drug the ingredient decides', () => {
    const both = (code: string) =>
      resolveDrug(
        [
          { system: rxnorm, code: '5487' },
          { system: rxnorm, code },
        ],
        undefined,
        products,
      );
    expect(both('197885')).toMatchObject({ resolvedBy: 'product-index' });
    expect(ruleNames(both('197885'))).toEqual(['hydrochlorothiazide', 'lisinopril']);
    expect(both('314076').resolvedBy).toBe('rxnorm-ingredient');
    expect(ruleNames(both('314076'))).toEqual(['hydrochlorothiazide']);
  });

  it('two products: the fullest, and none where they contradict each other', () => {
    const both = (...codes: string[]) =>
      resolveDrug(
        codes.map((code) => ({ system: rxnorm, code })),
        undefined,
        products,
      );
    for (const codes of [
      ['314076', '197885'],
      ['197885', '314076'],
    ])
      expect(ruleNames(both(...codes))).toEqual(['hydrochlorothiazide', 'lisinopril']);
    expect(both('314076', '309307').resolvedBy).toBe('unresolved');
  });

  it.each(['0054-3298-63', '00054-3298-63', '00054329863', '0054329863'])(
    'NDC %s is furosemide, under either of its systems',
    (code) => {
      for (const system of [ndc, 'urn:oid:2.16.840.1.113883.6.69']) {
        const resolution = resolveDrug([{ system, code }], undefined, products);
        expect(resolution).toMatchObject({ resolvedBy: 'ndc', route: 'oral' });
        expect(ruleNames(resolution)).toEqual(['furosemide']);
      }
    },
  );

  it('ten digits that are two packages are neither; with hyphens they are one', () => {
    expect(ndcReadings('1234567890')).toEqual(expect.arrayContaining(['12345067890', '12345678900']));
    expect(byNdc('1234567890').resolvedBy).toBe('unresolved');
    expect(ruleNames(byNdc('12345-678-90'))).toEqual(['lisinopril']);
    expect(ruleNames(byNdc('12345-6789-0'))).toEqual(['hydrochlorothiazide']);
  });

  it('only what may belong to a class of ours makes a product doubtful', () => {
    const index = indexOf({
      1: [['999001', 'zyxelan']],
      2: [['5224', 'heparin']],
      3: [
        ['999001', 'zyxelan'],
        ['999002', 'magnesium taurate'],
      ],
    });
    const by = ['1', '2', '3'].map(
      (code) => resolveDrug([{ system: rxnorm, code }], undefined, index).resolvedBy,
    );
    expect(by).toEqual(['product-index', 'product-index', 'unresolved']);
  });

  it('an NDC counts under its own system only', () => {
    for (const system of ['urn:local', undefined, 'http://standardterms.edqm.eu'])
      expect(resolveDrug([{ system, code: '00054329863' }], undefined, products).resolvedBy).toBe(
        'unresolved',
      );
  });

  it('nothing is looked up under another form, as a number without its zeros, or without an index', () => {
    for (const code of ['54-3298-63', '54329863', 54329863, '0054-3298', null])
      expect(byNdc(code).resolvedBy, String(code)).toBe('unresolved');
    expect(resolveDrug([{ system: ndc, code: '00054329863' }], undefined).resolvedBy).toBe('unresolved');
  });

  it('an RxCUI goes before an NDC', () => {
    const codings = [
      { system: ndc, code: '00054329863' },
      { system: rxnorm, code: '314076' },
    ];
    expect(ruleNames(resolveDrug(codings, undefined, products))).toEqual(['lisinopril']);
  });
});

describe('the route that an ATC group implies', () => {
  it.each([
    ['S01AE03', 'ophthalmic', 'the eye'],
    ['S02AA15', 'otic', 'the ear'],
    ['S03AA07', null, 'eye or ear'],
    ['R01AD05', 'nasal', 'the nose'],
    ['R01BA02', null, 'nasal decongestants for systemic use'],
    ['R03AC02', 'inhaled', 'inhaled adrenergics'],
    ['R03BA02', 'inhaled', 'other inhalants'],
    ['R03CC02', null, 'systemic adrenergics'],
    ['R03DA04', null, 'other systemic drugs'],
    ['G01AF02', 'vaginal', 'gynaecological anti-infectives'],
    ['M02AA15', 'topical', 'for joint and muscular pain'],
    ['A01AB03', 'other', 'the mouth'],
    ['B05XA05', 'parenteral', 'intravenous additives'],
    ['B05BB01', 'parenteral', 'intravenous solutions'],
    ['B05CB01', 'other', 'irrigation'],
    ['B05DA', 'other', 'peritoneal dialysis'],
    ['B05ZA', 'other', 'haemodialysis'],
    ['D07AC01', 'topical', 'dermatologicals'],
    ['D01AC08', 'topical', 'antifungals'],
    ['D10AD03', 'topical', 'anti-acne preparations'],
    ['D01BA02', null, 'antifungals for systemic use'],
    ['D05BB02', null, 'antipsoriatics for systemic use'],
    ['D10BA01', null, 'anti-acne preparations for systemic use'],
    ['C03CA01', null, 'no route in the group'],
    ['N02AD01', null, 'a D that is not the first letter'],
    ['XR03AC02', null, 'no ATC code'],
  ])('%s is %s (%s)', (code, route, _group) => {
    expect(resolveDrug([{ system: atc, code }], undefined).route).toBe(route);
    expect(resolveDrug([{ system: atc, code: code.toLowerCase() }], undefined).route).toBe(route);
  });

  it('yields to the route of the name, and two groups that differ imply none', () => {
    const codes = (...list: string[]) => list.map((code) => ({ system: atc, code }));
    expect(resolveDrug(codes('S01AE03'), 'ciprofloxacin 500 MG Oral Tablet').route).toBe('oral');
    expect(resolveDrug(codes('S01AE03', 'S01AX13'), undefined).route).toBe('ophthalmic');
    expect(resolveDrug(codes('S01AE03', 'S02AA15'), undefined).route).toBeNull();
    expect(resolveDrug(codes('S01AE03', 'J01MA02'), undefined).route).toBe('ophthalmic');
  });
});

describe('the route of a dose form', () => {
  it.each([
    ['Ophthalmic Irrigation Solution', 'ophthalmic'],
    ['Oral Inhalation Powder', 'inhaled'],
    ['Nasal Inhaler', 'nasal'],
    ['Oral Solution for Injection', null],
    ['Irrigation Solution', 'other'],
    ['Chewing Gum', 'other'],
    ['Enema', 'rectal'],
    ['Suppository', 'rectal'],
    ['Prefilled Syringe', 'parenteral'],
    ['Auto-Injector', 'parenteral'],
    ['2 ML vial', 'parenteral'],
    ['Cream', 'topical'],
    ['Medicated Shampoo', 'topical'],
    ['72 HR Patch', 'transdermal'],
    ['Extended Release Capsule', 'oral'],
    ['Syrup', 'oral'],
    ['Lozenge', 'oral'],
    ['Solution', null],
    ['Powder', null],
  ])('furosemide as "%s" is %s', (form, route) => {
    expect(resolveText(`furosemide 10 MG ${form}`).route).toBe(route);
    expect(
      resolveDrug(
        [{ system: rxnorm, code: '42' }],
        undefined,
        indexOf({ 42: productOf([['4603', 'furosemide']], form) }),
      ).route,
    ).toBe(route);
  });
});

describe('routes of administration', () => {
  const routes: [string, string, string][] = [
    [snomed, '26643006', 'oral'],
    [snomed, '260548002', 'oral'],
    [snomed, '394899003', 'oral'],
    [snomed, '47625008', 'parenteral'],
    [snomed, '255560000', 'parenteral'],
    [snomed, '78421000', 'parenteral'],
    [snomed, '255559005', 'parenteral'],
    [snomed, '34206005', 'parenteral'],
    [snomed, '263887005', 'parenteral'],
    [snomed, '6064005', 'topical'],
    [snomed, '359540000', 'topical'],
    [snomed, '54485002', 'ophthalmic'],
    [snomed, '10547007', 'otic'],
    [snomed, '46713006', 'nasal'],
    [snomed, '16857009', 'vaginal'],
    [snomed, '37161004', 'rectal'],
    [snomed, '18679011000001101', 'inhaled'],
    [snomed, '447694001', 'inhaled'],
    [snomed, '37839007', 'sublingual'],
    [snomed, '45890007', 'transdermal'],
    ['http://standardterms.edqm.eu', '20053000', 'oral'],
    ['http://standardterms.edqm.eu', '20045000', 'parenteral'],
    ['http://standardterms.edqm.eu', '20049000', 'nasal'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'PO', 'oral'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'IVPUSH', 'parenteral'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'SCINJ', 'ophthalmic'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'ivpush', 'parenteral'],
    ['urn:example:local', 'IVPB', 'parenteral'],
    ['http://ncithesaurus.nci.nih.gov', 'C38288', 'oral'],
    ['http://ncithesaurus.nci.nih.gov', 'c38276', 'parenteral'],
    ['urn:oid:2.16.840.1.113883.3.26.1.1', 'C38305', 'transdermal'],
  ];
  it.each(routes)('%s %s is %s', (system, code, route) => {
    expect(readRoute([{ system, code }], undefined)).toBe(route);
  });

  it.each([
    ['oral', 'oral'],
    ['PO', 'oral'],
    ['by mouth', 'oral'],
    ['Intravenous use', 'parenteral'],
    ['IV push', 'parenteral'],
    ['subcutaneous', 'parenteral'],
    ['oral inhalation', 'inhaled'],
    ['into the left eye', 'ophthalmic'],
    ['oral or IV', null],
    ['as directed', null],
    ['', null],
  ])('the text "%s" is %s', (text, route) => {
    expect(readRoute([], text)).toBe(route);
  });

  it.each([
    ['http://ncithesaurus.nci.nih.gov', 'C99999'],
    ['urn:example:local', 'C38288'],
    ['urn:example:local', 'IVPUSH'],
    [snomed, 'PO'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', '26643006'],
  ])('%s %s is no route', (system, code) => {
    expect(readRoute([{ system, code }], undefined)).toBeNull();
  });

  it('is that of the codings and words that name one, the others left out', () => {
    const unknown = { system: snomed, code: '1', display: 'as directed' };
    const oral = { system: snomed, code: '26643006' };
    expect(readRoute([unknown, oral], undefined)).toBe('oral');
    expect(readRoute([unknown], 'by mouth')).toBe('oral');
    expect(readRoute([{ ...unknown, display: 'Intravenous' }], undefined)).toBe('parenteral');
    expect(readRoute([{ ...unknown, display: 'Intravenous' }], 'by mouth')).toBeNull();
    expect(readRoute([null, 'PO', oral] as unknown as Codings, undefined)).toBe('oral');
    expect(readRoute({ 0: oral } as unknown as Codings, undefined)).toBeNull();
    const many = (before: number) => [...Array.from({ length: before }, () => unknown), oral];
    expect(readRoute(many(19), undefined)).toBe('oral');
    expect(readRoute(many(20), undefined)).toBeNull();
  });

  it('goes by the code where the text says otherwise, and by neither of two codes', () => {
    expect(readRoute([{ system: snomed, code: '26643006', display: 'Intravenous' }], 'IV')).toBe('oral');
    expect(
      readRoute(
        [
          { system: snomed, code: '26643006' },
          { system: snomed, code: '47625008' },
        ],
        undefined,
      ),
    ).toBeNull();
  });
});

describe('any input', () => {
  it('never throws, and codes, displays and texts may be any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (codings, text) => {
        const list = codings as unknown as Codings;
        expect(resolveDrug(list, text).ingredients).toBeInstanceOf(Array);
        readRoute(list, text);
      }),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            system: fc.constantFrom(rxnorm, atc, snomed),
            code: fc.jsonValue(),
            display: fc.jsonValue(),
          }),
        ),
        (codings) => {
          resolveDrug(codings, null);
          readRoute(codings, null);
        },
      ),
    );
  });

  it('does not depend on the letter case of the display', () => {
    const word = fc.oneof(
      fc.constantFrom(...names.flatMap(({ name }) => name.split(' '))),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    const display = fc.oneof(
      fc.constantFrom(...names.map(({ name }) => name)),
      fc.array(word, { maxLength: 8 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(display, (name) => {
        const [upper, lower, mixed] = [
          name.toUpperCase(),
          name.toLowerCase(),
          name.toLowerCase().replace(/[a-z]/g, (c) => (c > 'm' ? c.toUpperCase() : c)),
        ].map((variant) => resolveDrug([{ system: rxnorm, display: variant }], undefined));
        expect(upper).toEqual(lower);
        expect(mixed).toEqual(lower);
      }),
      { numRuns: 1_000 },
    );
  });

  // Anything worse than linear would run into the time limit of a test.
  it('answers 100,000 hostile characters as unresolved', () => {
    const pieces = [
      '1',
      '(',
      '[',
      '{',
      'a-',
      '1/',
      ' / ',
      '1 mg ',
      'magnesium ',
      '1.',
      ',',
      '-',
      'mg-',
      'in ',
      'm/r ',
      ') mg',
    ];
    for (const hostile of pieces) {
      const name = hostile.repeat(100_000 / hostile.length);
      for (const text of [name, name.slice(0, 1_000)]) {
        resolveDrug([{ system: rxnorm, code: text, display: text }], text);
        readRoute([{ system: text, code: text, display: text }], text);
      }
      expect(resolveText(name).resolvedBy).toBe('unresolved');
    }
  });

  it('returns frozen results, the same one for the same medication', () => {
    const first = resolveText('furosemide 40 mg tablet');
    expect(resolveText('furosemide 40 mg tablet')).toBe(first);
    expect(Object.isFrozen(first) && Object.isFrozen(first.ingredients)).toBe(true);
    const products = indexOf({ 7: [['4603', 'furosemide']] });
    const seven = () => resolveDrug([{ system: rxnorm, code: '7' }], undefined, products);
    expect(seven()).toBe(seven());
  });

  it('remembers the last 5,000 medications, each of up to 2,000 characters', () => {
    const long = 'x'.repeat(1_995);
    expect(resolveText(long)).toBe(resolveText(long));
    expect(resolveText(`${long}x`)).not.toBe(resolveText(`${long}x`));
    const first = resolveText('furosemide 40.5 mg tablet');
    for (let index = 1; index < 5_000; index += 1) resolveText(`no. ${index}`);
    expect(resolveText('furosemide 40.5 mg tablet')).toBe(first);
    resolveText('no. 5000');
    const again = resolveText('furosemide 40.5 mg tablet');
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });

  it('does not confuse two inputs whose parts join to the same text', () => {
    const one = resolveDrug([{ system: rxnorm, code: '4603' }], '');
    const two = resolveDrug([{ system: `${rxnorm}4603`, code: '' }], '');
    expect(one.resolvedBy).not.toBe(two.resolvedBy);
    const other = resolveDrug([{ code: rxnorm, display: '4603' }], undefined);
    expect(other.resolvedBy).not.toBe(resolveDrug([{ system: rxnorm, code: '4603' }], undefined).resolvedBy);
    const numbered = (code: number) => ruleNames(resolveDrug([{ system: rxnorm, code }], undefined));
    expect([numbered(4603), numbered(29046)]).toEqual([['furosemide'], ['lisinopril']]);
  });
});

/* The measurement below needs the project's shared clinical data beside the project. */
const sampleUrl = new URL('../../../../shared/clinical/data/rxnorm-products-sample.json', import.meta.url);
const sampleIsThere = existsSync(sampleUrl);
const sampleSchema = z.object({
  products: z.array(z.object({ rxcui: z.string(), name: z.string(), ingredients: z.array(z.string()) })),
});

describe(`1,518 RxNorm products${sampleIsThere ? '' : ' (skipped: shared/clinical/data is not beside the project)'}`, () => {
  const added = new Map(Object.entries(corrections.add));
  const ours = new Map(
    [...drugClasses.values()]
      .flat()
      .flatMap(({ rxnorm: code, name }) => (code === null ? [] : [[code, name]])),
  );

  it.skipIf(!sampleIsThere).each([
    ['from the display', (name: string) => resolveDrug([{ system: rxnorm, display: name }], undefined)],
    [
      'from lower-cased text without the brand',
      (name: string) => resolveText(name.toLowerCase().replace(/\s*\[[^\]]*\]/g, '')),
    ],
  ])('resolves the set of rule ingredients %s: none wrong, at least 97 % exact', (title, read) => {
    const sample = sampleSchema.parse(JSON.parse(readFileSync(sampleUrl, 'utf8')));
    expect(sample.products).toHaveLength(1_518);
    const wrong: string[] = [];
    const unresolved: string[] = [];
    for (const { rxcui, name, ingredients } of sample.products) {
      const expected = ingredients.flatMap((code) => ours.get(code) ?? []);
      const want = [...new Set([...expected, ...(added.get(rxcui) ?? [])])].toSorted().join(' + ');
      const resolution = read(name);
      const got = ruleNames(resolution).join(' + ');
      if (resolution.resolvedBy === 'unresolved') unresolved.push(`${rxcui} ${name}`);
      else if (got !== want) wrong.push(`${rxcui} ${name}: ${got} instead of ${want}`);
    }
    const total = sample.products.length;
    const share = (count: number): string => `${((count / total) * 100).toFixed(2)} %`;
    const exact = total - wrong.length - unresolved.length;
    console.info(
      [
        `${title}: ${exact} of ${total} exact (${share(exact)}), ${wrong.length} wrong (${share(wrong.length)}), ` +
          `${unresolved.length} unresolved (${share(unresolved.length)})`,
        ...wrong.map((line) => `  wrong: ${line}`),
        ...unresolved.map((line) => `  unresolved: ${line}`),
      ].join('\n'),
    );
    expect(wrong).toEqual([]);
    expect(exact / total).toBeGreaterThanOrEqual(0.97);
  });
});

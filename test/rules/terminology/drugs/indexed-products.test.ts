import { describe, expect, it } from 'vitest';
import {
  combineProducts,
  ingredientsOfProduct,
  isDoubtful,
  productOfNdc,
  routeOfProduct,
} from '../../../../rules/terminology/drugs/indexed-products.ts';
import { resolveDrug } from '../../../../rules/terminology/drugs/resolve.ts';
import { ndcReadings } from '../../../../rules/terminology/ndc.ts';
import { ndc, ruleNames, rxnorm } from '../../../support/drugs.ts';
import { indexOf, productOf } from '../../../support/product-index.ts';

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

describe('a product of the index', () => {
  const lisinopril = productOf([['29046', 'lisinopril']], 'Oral Tablet');
  const furosemide = productOf([['4603', 'furosemide']], 'Oral Solution', 'Injectable Solution');
  const combination = productOf([
    ['29046', 'lisinopril'],
    ['5487', 'hydrochlorothiazide'],
  ]);

  it.each([
    ['its code', ['4603', 'anything'] as const, 'furosemide', '4603'],
    ['the code of what it is a salt of', ['999001', 'x', ['283742', 'y']] as const, 'esomeprazole', '283742'],
    ['its name', ['999002', 'Gadobenate'] as const, 'gadobenate', null],
    ['no table: under its own name', ['999003', 'Zyxelan'] as const, 'zyxelan', '999003'],
  ])('has its ingredient by %s', (_by, substance, name, code) => {
    const [ingredient] = ingredientsOfProduct(productOf([substance]));
    expect(ingredient).toMatchObject({ name, rxnorm: code });
  });

  it('has the route that all its dose forms agree on', () => {
    expect([lisinopril, furosemide, combination].map(routeOfProduct)).toEqual(['oral', null, null]);
  });

  it('is doubtful with nothing of ours and something that may be', () => {
    expect(isDoubtful(productOf([['999002', 'magnesium taurate']]))).toBe(true);
    expect(
      isDoubtful(
        productOf([
          ['999002', 'magnesium taurate'],
          ['4603', 'furosemide'],
        ]),
      ),
    ).toBe(false);
    expect(isDoubtful(productOf([]))).toBe(false);
  });

  it('is found by an NDC that is one package', () => {
    const index = indexOf(
      {},
      { '12345067890': lisinopril, '12345678900': furosemide, '00054329863': furosemide },
    );
    expect(productOfNdc(index, '0054-3298-63')).toEqual(furosemide);
    expect(productOfNdc(index, '1234567890')).toBeNull();
    expect(productOfNdc(index, 'x')).toBeNull();
  });

  it('of several is the fullest, none where two contradict each other', () => {
    expect(combineProducts([])).toBeNull();
    expect(combineProducts([lisinopril, combination])).toBe(combination);
    expect(combineProducts([combination, lisinopril])).toBe(combination);
    expect(combineProducts([combination, furosemide])).toBeNull();
  });
});

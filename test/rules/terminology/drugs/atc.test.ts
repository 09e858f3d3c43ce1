import { describe, expect, it } from 'vitest';
import { ingredientsOfAtc, isOutsideByAtc, routeOfAtc } from '../../../../rules/terminology/drugs/atc.ts';
import { resolveDrug } from '../../../../rules/terminology/drugs/resolve.ts';
import { atc, ruleNames } from '../../../support/drugs.ts';

describe('ATC codes', () => {
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

  it.each([
    ['C07AB07', ['bisoprolol']],
    ['C09DX04', ['sacubitril', 'valsartan']],
    ['J01DH51', ['imipenem', 'cilastatin']],
    ['J01EE01', ['sulfamethoxazole', 'trimethoprim']],
    ['J05AR20', ['bictegravir', 'tenofovir alafenamide', 'emtricitabine']],
    ['N05AN01', ['lithium']],
    ['L01DB01', []],
    ['C07', []],
  ])('%s has the ingredients %j', (code, expected) => {
    expect(ingredientsOfAtc(code).map(({ name }) => name)).toEqual(expected);
  });

  it.each([
    ['L01DB01', true, 'a single substance of a group that has none of ours'],
    ['C07AA16', false, 'its group has some of ours'],
    ['N02BE51', false, 'a combination by its number'],
    ['C09BA02', false, 'a group of combinations'],
    ['V06DC01', true, 'glucose'],
    ['V03AB15', false, 'a group of many kinds'],
    ['L01DB', false, 'a group'],
    ['l01db01', false, 'in lower case'],
  ])('%s is outside: %s (%s)', (code, outside, _why) => {
    expect(isOutsideByAtc(code)).toBe(outside);
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
    expect(routeOfAtc(code)).toBe(route);
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

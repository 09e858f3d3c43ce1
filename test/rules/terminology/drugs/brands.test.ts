import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { readAllergen } from '../../../../rules/terminology/allergen-reading.ts';
import { drugNameOf, isKnownDrug } from '../../../../rules/terminology/allergens.ts';
import { ingredientsOfBrand, isOurBrand } from '../../../../rules/terminology/drugs/brands.ts';
import { resolveDrug } from '../../../../rules/terminology/drugs/resolve.ts';
import { canonicalName } from '../../../../rules/terminology/drugs/spelling.ts';
import table from '../../../../rules/terminology/drugs.json' with { type: 'json' };
import { allNames, resolveText, ruleNames, rxnorm } from '../../../support/drugs.ts';

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

describe('a brand', () => {
  it.each([
    ['lasix', ['furosemide'], true],
    ['afeditab cr', ['nifedipine'], true],
    ['zestoretic', ['hydrochlorothiazide', 'lisinopril'], true],
    ['caelyx', undefined, false],
    ['Lasix', undefined, false],
    ['__proto__', undefined, false],
  ])('"%s" holds %j', (name, ingredients, ours) => {
    expect(
      ingredientsOfBrand(name)
        ?.map((ingredient) => ingredient.name)
        .toSorted(),
    ).toEqual(ingredients);
    expect(isOurBrand(name)).toBe(ours);
  });

  it('that stands for several products is none', () => {
    expect(table.ambiguousBrands.length).toBeGreaterThan(0);
    for (const brand of table.ambiguousBrands) expect(isOurBrand(brand.toLowerCase()), brand).toBe(false);
  });
});

/* Contents of the labels (DailyMed), and of RxNorm's products for brands that are gone. */
const combinations: readonly (readonly [string, string])[] = [
  ['Prevpac', 'amoxicillin + clarithromycin + lansoprazole'],
  ['Talicia', 'amoxicillin + omeprazole + rifabutin'],
  ['Pylera', 'bismuth subcitrate + metronidazole + tetracycline'],
  ['Triumeq', 'abacavir + dolutegravir + lamivudine'],
  ['Dovato', 'dolutegravir + lamivudine'],
  ['Vicoprofen', 'hydrocodone + ibuprofen'],
  ['Reprexain', 'hydrocodone + ibuprofen'],
  ['Percodan', 'aspirin + oxycodone'],
  ['Caduet', 'amlodipine + atorvastatin'],
  ['Excedrin', 'acetaminophen + aspirin + caffeine'],
  ['Excedrin Migraine', 'acetaminophen + aspirin + caffeine'],
  ['Treximet', 'naproxen + sumatriptan'],
  ['Truvada', 'emtricitabine + tenofovir disoproxil'],
  ['Descovy', 'emtricitabine + tenofovir alafenamide'],
  ['Symtuza', 'cobicistat + darunavir + emtricitabine + tenofovir alafenamide'],
  ['Genvoya', 'cobicistat + elvitegravir + emtricitabine + tenofovir alafenamide'],
  ['Stribild', 'cobicistat + elvitegravir + emtricitabine + tenofovir disoproxil'],
  ['Atripla', 'efavirenz + emtricitabine + tenofovir disoproxil'],
  ['Complera', 'emtricitabine + rilpivirine + tenofovir disoproxil'],
  ['Odefsey', 'emtricitabine + rilpivirine + tenofovir alafenamide'],
  ['Biktarvy', 'bictegravir + emtricitabine + tenofovir alafenamide'],
  ['Delstrigo', 'doravirine + lamivudine + tenofovir disoproxil'],
  ['Symfi', 'efavirenz + lamivudine + tenofovir disoproxil'],
  ['Cimduo', 'lamivudine + tenofovir disoproxil'],
  ['Actoplus Met', 'metformin + pioglitazone'],
  ['Duetact', 'glimepiride + pioglitazone'],
  ['Oseni', 'alogliptin + pioglitazone'],
  ['Avandamet', 'metformin + rosiglitazone'],
  ['PrandiMet', 'metformin + repaglinide'],
  ['Aggrenox', 'aspirin + dipyridamole'],
  ['Combivent', 'albuterol + ipratropium'],
  ['DuoNeb', 'albuterol + ipratropium'],
  ['Airsupra', 'albuterol + budesonide'],
  ['Advil PM', 'diphenhydramine + ibuprofen'],
  ['Aleve PM', 'diphenhydramine + naproxen'],
  ['Clorpres', 'chlorthalidone + clonidine'],
  ['Zynrelef', 'bupivacaine + meloxicam'],
  ['Symbravo', 'meloxicam + rizatriptan'],
  ['Arthrotec', 'diclofenac + misoprostol'],
  ['Combogesic', 'acetaminophen + ibuprofen'],
  ['Ultracet', 'acetaminophen + tramadol'],
  ['Fioricet', 'acetaminophen + butalbital + caffeine'],
  ['Fiorinal', 'aspirin + butalbital + caffeine'],
  ['Fiorinal #3', 'aspirin + butalbital + caffeine + codeine'],
  ['Tylenol with Codeine', 'acetaminophen + codeine'],
  ['Cheratussin', 'codeine + guaifenesin'],
  ['Tuxarin', 'chlorpheniramine + codeine'],
  ['Zosyn', 'piperacillin + tazobactam'],
  ['Primaxin', 'cilastatin + imipenem'],
  ['Recarbrio', 'cilastatin + imipenem + relebactam'],
  ['Vabomere', 'meropenem + vaborbactam'],
  ['Exblifep', 'cefepime + enmetazobactam'],
  ['Polysporin', 'bacitracin + polymyxin b'],
  ['Soliqua', 'insulin glargine + lixisenatide'],
  ['Xultophy', 'insulin degludec + liraglutide'],
  ['Roszet', 'ezetimibe + rosuvastatin'],
  ['Juvisync', 'simvastatin + sitagliptin'],
  ['Namzaric', 'donepezil + memantine'],
  ['Nuedexta', 'dextromethorphan + quinidine'],
  ['Duzallo', 'allopurinol + lesinurad'],
  ['Zegerid', 'omeprazole + sodium bicarbonate'],
  ['Donnatal', 'atropine + hyoscyamine + phenobarbital + scopolamine'],
  ['Pramosone', 'hydrocortisone + pramoxine'],
  ['Pepcid Complete', 'calcium carbonate + famotidine + magnesium hydroxide'],
  ['Trijardy', 'empagliflozin + linagliptin + metformin'],
];

describe('a brand of several ingredients', () => {
  const lower = (names: readonly string[]): string => names.map((name) => name.toLowerCase()).join(' + ');
  it.each(combinations)('%s holds %s, and so does an allergy to it', (brand, content) => {
    expect(lower(allNames(resolveText(brand)))).toBe(content);
    const { drugs, open } = readAllergen([], brand);
    expect([lower(drugs.map(({ name }) => name).toSorted()), open]).toEqual([content, false]);
    expect(lower(allNames(resolveText(`${brand} oral tablet`)))).toBe(content);
  });
  it('holds beside ours what an allergy may be to, under the name that allergies have', () => {
    for (const [brand, names] of Object.entries(table.brandOthers)) {
      expect(isOurBrand(canonicalName(brand)) || table.ambiguousBrands.includes(brand), brand).toBe(true);
      expect(
        names.filter((name) => !isKnownDrug(name) || drugNameOf(name) !== canonicalName(name)),
        brand,
      ).toEqual([]);
    }
  });
  it('beside the code or the name of one of them is all of them', () => {
    const coding = { system: rxnorm, code: '7646', display: 'Talicia' };
    expect(allNames(resolveDrug([coding], 'omeprazole'))).toEqual(['amoxicillin', 'omeprazole', 'rifabutin']);
  });
});

describe('a combination that exists only for the eye, the ear or the skin', () => {
  it.each([
    ['trimethoprim / polymyxin B', 'ophthalmic'],
    ['polymyxin B sulfate-trimethoprim', 'ophthalmic'],
    ['tobramycin-dexamethasone', 'ophthalmic'],
    ['ketorolac / phenylephrine', 'ophthalmic'],
    ['timolol maleate / dorzolamide hydrochloride', 'ophthalmic'],
    ['ciprofloxacin / fluocinolone', 'otic'],
    ['ciprofloxacin / dexamethasone', 'topical'],
    ['neomycin / polymyxin B / hydrocortisone', 'topical'],
    ['erythromycin / benzoyl peroxide', 'topical'],
  ])('%s is %s where no route is stated', (name, route) => {
    expect(resolveText(name).route).toBe(route);
  });

  it.each([
    ['trimethoprim / polymyxin B otic suspension', 'otic'],
    ['tobramycin / dexamethasone injection', 'parenteral'],
  ])('%s has the route of its name', (name, route) => {
    expect(resolveText(name).route).toBe(route);
  });

  it.each(['trimethoprim', 'sulfamethoxazole / trimethoprim', 'tobramycin / dexamethasone / vancomycin'])(
    '%s, one ingredient more or less, has none',
    (name) => {
      expect(resolveText(name).route).toBeNull();
    },
  );

  it('has it beside the code of one ingredient, too', () => {
    const coding = { system: rxnorm, code: '10829', display: 'trimethoprim' };
    expect(resolveDrug([coding], 'trimethoprim / polymyxin B').route).toBe('ophthalmic');
    expect(resolveDrug([coding], undefined).route).toBeNull();
  });

  it('is written with names that are read, and a route that is known', () => {
    for (const [route, names] of Object.entries(table.combinationRoutes)) {
      for (const name of names) {
        expect(resolveText(name.replaceAll(' + ', ' / ')), name).toMatchObject({ route });
      }
    }
  });
});

/* The sample of RxNorm's products is beside the project, not in it. */
const sampleUrl = new URL('../../../../../shared/clinical/data/rxnorm-products-sample.json', import.meta.url);
const sampleIsThere = existsSync(sampleUrl);

describe(`a brand of RxNorm${sampleIsThere ? '' : ' (skipped: shared/clinical/data is not beside the project)'}`, () => {
  it.skipIf(!sampleIsThere)('holds at least as many as its products', () => {
    const sample = z
      .object({ products: z.array(z.object({ name: z.string() })) })
      .parse(JSON.parse(readFileSync(sampleUrl, 'utf8')));
    // Several forms or salts of one ingredient.
    const oneDrug = ['Macrobid', 'Humalog Mix', 'MoviPrep'];
    const fewer = sample.products.flatMap(({ name }) => {
      const [, content, brand] = /^([^{}]*) \[([^\]]*)\]$/.exec(name) ?? [];
      const held = brand === undefined ? undefined : ingredientsOfBrand(canonicalName(brand));
      return held && content && !oneDrug.includes(brand ?? '') && held.length < content.split(' / ').length
        ? [name]
        : [];
    });
    expect(fewer).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { ingredientsOfBrand, isOurBrand } from '../../../../rules/terminology/drugs/brands.ts';
import table from '../../../../rules/terminology/drugs.json' with { type: 'json' };
import { resolveText, ruleNames } from '../../../support/drugs.ts';

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

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { drugClasses } from '../../../../rules/terminology/drugs/ingredients.ts';
import { readName } from '../../../../rules/terminology/drugs/names.ts';
import { resolveDrug } from '../../../../rules/terminology/drugs/resolve.ts';
import names from '../../../data/drug-names.json' with { type: 'json' };
import corrections from '../../../data/drug-sample-corrections.json' with { type: 'json' };
import { allNames, resolveText, ruleNames, rxnorm, snomed } from '../../../support/drugs.ts';

interface NameCase {
  name: string;
  rule: string[];
  /** Ingredients outside the rule classes. */
  other: string[];
  route: string | null;
  why?: string;
}
const nameCases: readonly NameCase[] = names;

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

describe('a name is read', () => {
  it.each<[string, boolean, string[], string]>([
    ['zyxelan 5 mg oral tablet', false, [], 'it may be a brand'],
    ['zyxelan sodium 5 mg oral tablet', false, ['zyxelan'], 'a salt shows that it is an ingredient'],
    ['zyxelan 5 mg oral tablet [brand]', false, ['zyxelan'], 'a brand in brackets does too'],
    [
      'zyxelan 5 mg / furosemide 5 mg oral tablet',
      false,
      ['zyxelan', 'furosemide'],
      'each with its strength',
    ],
    ['zyxelan / furosemide 5 mg oral tablet', false, [], 'one without its strength'],
    ['zyxelan sodium 5 mg', false, [], 'no dose form'],
    ['zyxelan sodium 5 mg', true, ['zyxelan'], 'no dose form, but from RxNorm'],
    ['furosemide plus', false, [], 'incomplete'],
    ['furosemide 20 mg/12.5 mg', false, [], 'two amounts and one drug'],
    ['lasix 20 mg/12.5 mg', false, ['furosemide'], 'two amounts of a brand'],
    ['furosemide (zentiva) 40 mg', false, ['furosemide'], 'a word in parentheses'],
    ['furosemide 40 mg tablet (zentiva uk) 28 tablet', false, ['furosemide'], 'a maker after the dose form'],
    ['furosemide / magnesium taurate 5 mg tablet', false, [], 'one part may be of ours'],
    ['amlodipine (as besylate) 5 mg tablet', false, ['amlodipine'], 'what the amount is one of'],
    ['', true, [], 'nothing'],
  ])('"%s" (from RxNorm: %s) has %j: %s', (name, isRxnorm, expected) => {
    expect(readName(name, isRxnorm).ingredients.map((ingredient) => ingredient.name)).toEqual(expected);
  });

  it('with its route, whether or not it is understood', () => {
    expect(readName('zyxelan oral tablet', false).route).toBe('oral');
    expect(readName('lasix', false).route).toBeNull();
  });
});

/* The measurement below needs the project's shared clinical data beside the project. */
const sampleUrl = new URL('../../../../../shared/clinical/data/rxnorm-products-sample.json', import.meta.url);
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

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readAllergen } from '../../../rules/terminology/allergen-reading.ts';
import table from '../../../rules/terminology/allergens.json' with { type: 'json' };
import {
  allergenGroups,
  coverageOfDrug,
  coverageOfGroup,
  drugNameOf,
  isKnownDrug,
} from '../../../rules/terminology/allergens.ts';

const drugsOf = (name: string): string[] =>
  [...coverageOfDrug(name).keys()].filter((drug) => !drug.startsWith('atc:')).sort();

describe('the table of allergens', () => {
  const sources = new Map(Object.entries(table.sources));
  test('has 61 groups, each with a source that says whether it was read', () => {
    expect(allergenGroups.size).toBe(table.groups.length);
    expect(table.groups).toHaveLength(61);
    const unsourced = table.groups.filter(({ source }) => typeof sources.get(source)?.read !== 'boolean');
    expect(unsourced).toEqual([]);
  });
  test('has members in every group but vaccines, each under the name that orders have', () => {
    const empty = [...allergenGroups.values()].filter(({ members }) => members.size === 0);
    expect(empty.map(({ name }) => name)).toEqual(['vaccines']);
    const renamed = [...allergenGroups.values()].flatMap(({ members }) =>
      [...members].filter((member) => drugNameOf(member) !== member),
    );
    expect(renamed).toEqual([]);
  });
  test('knows every drug that its names and codes lead to', () => {
    const drugs = [
      ...Object.values(table.otherNames),
      ...Object.values(table.findings),
      ...Object.values(table.rxnorm).flat(),
    ];
    expect([...new Set(drugs.filter((drug) => !isKnownDrug(drug)))]).toEqual([]);
  });
  test('has no code of two groups, and none that is a drug and none', () => {
    const codes = table.groups.flatMap((group) => [
      ...('snomed' in group ? (group.snomed ?? []) : []),
      ...('findings' in group ? (group.findings ?? []) : []),
    ]);
    const all = [...codes, ...Object.keys(table.findings), ...table.noDrug.snomed, ...table.someDrug.snomed];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('what an allergy matches', () => {
  it.each([
    ['cefazolin', ['cefazolin']],
    ['ethacrynic acid', ['ethacrynate']],
    ['simvastatin', ['simvastatin']],
    ['metformin', ['metformin']],
    ['fondaparinux', ['fondaparinux']],
    ['sulfamethoxazole', [...(allergenGroups.get('sulfonamide-antibiotics')?.members ?? [])].sort()],
    ['Lignocaine', [...(allergenGroups.get('amide-anaesthetics')?.members ?? [])].sort()],
    ['tramadol', ['tapentadol', 'tramadol']],
  ])('to %s', (name, expected) => {
    expect(drugsOf(name)).toEqual(expected);
  });
  it('to a group, with what shares a side chain with one of its members, and no further', () => {
    const covered = coverageOfGroup('penicillins');
    expect(['cephalexin', 'cefoxitin'].map((drug) => covered.get(drug)?.name)).toEqual([
      'r1-aminobenzyl',
      'r1-benzyl',
    ]);
    expect(
      ['cefazolin', 'ceftriaxone', 'meropenem', 'aztreonam'].filter((drug) => covered.has(drug)),
    ).toEqual([]);
    expect(coverageOfGroup('nsaids').has('magnesium sulfate')).toBe(false);
    expect(coverageOfGroup('none of ours').size).toBe(0);
  });
});

describe('an allergen', () => {
  const read = (text: string) => readAllergen([], text);
  it.each<[string, string[], string[]]>([
    ['Sulfa (Sulfonamide Antibiotics)', ['sulfonamide-antibiotics'], []],
    ['Statins-Hmg-Coa Reductase Inhibitors', ['statins'], []],
    ['penicillin; tolerates cephalexin', ['penicillins'], []],
    ['Kontrastmittelallergie', ['contrast'], []],
    ['Allergie gegen Metamizol', [], ['metamizole']],
    ['Latex, Natural Rubber', [], []],
  ])('in words: %s', (text, groups, drugs) => {
    const found = read(text);
    expect(found.groups).toEqual(groups);
    expect(found.drugs.map(({ name }) => name)).toEqual(drugs);
  });
  it.each(['red dye', 'sulfites', 'mycins', 'not penicillin', '', 'x'.repeat(400)])('%j is open', (text) => {
    expect(read(text)).toEqual({ drugs: [], groups: [], open: true });
  });
  it('whatever the JSON is, never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (codings, text) => {
        expect(typeof readAllergen(codings, text).open).toBe('boolean');
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

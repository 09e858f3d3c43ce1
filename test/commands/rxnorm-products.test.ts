/** Products of a release of RxNorm: what its concepts and the relationships between them say together. */
import { describe, expect, test } from 'vitest';
import { RxNormConcepts } from '../../commands/rxnorm-concepts.ts';
import { type Products, readProducts } from '../../commands/rxnorm-products.ts';
import { attribute, concept, relation, retired } from '../support/rxnorm-release.ts';

const conso = [
  concept('1', 'IN', 'alpha'),
  concept('2', 'IN', 'beta'),
  concept('3', 'PIN', 'alpha sodium'),
  concept('4', 'DF', 'Oral Tablet'),
  concept('5', 'DF', 'Cream'),
  concept('11', 'SCDC', 'alpha 5 MG'),
  concept('12', 'SCDC', 'beta 5 MG'),
];
const rel = [
  relation('3', 'form_of', '1'),
  relation('11', 'has_ingredient', '1'),
  relation('12', 'has_ingredient', '2'),
];

function products(
  concepts: readonly string[],
  relations: readonly string[],
  rest: { sat?: readonly string[]; cui?: readonly string[] } = {},
): Products {
  const read = new RxNormConcepts();
  for (const row of [...conso, ...concepts]) read.addConcept(row.split('|'));
  for (const row of [...rel, ...relations]) read.addRelation(row.split('|'));
  for (const row of rest.sat ?? []) read.addAttribute(row.split('|'));
  for (const row of rest.cui ?? []) read.addRetired(row.split('|'));
  return readProducts(read);
}

describe('a drug', () => {
  const tablet = concept('20', 'SCD', 'alpha 5 MG / beta 5 MG Oral Tablet');
  const both = [relation('20', 'consists_of', '11'), relation('20', 'consists_of', '12')];

  test.each<[string, string[], string[], string[] | null]>([
    ['has what its components have', [tablet], both, ['1', '2']],
    ['is left out where a component is missing', [tablet], both.slice(1), null],
    ['is left out where it has none', [concept('20', 'SCD', 'unknown 5 MG')], [], null],
    ['is read by its name where it has no relationship', [tablet], [], ['1', '2']],
    [
      'has the salt of a component',
      [concept('20', 'SCD', 'alpha 5 MG')],
      [relation('20', 'has_precise_ingredient', '3')],
      ['3'],
    ],
    [
      'has the salt and not the whole of it',
      [concept('20', 'SCDC', 'alpha sodium 5 MG')],
      [relation('20', 'has_ingredient', '1'), relation('20', 'has_precise_ingredient', '3')],
      ['3'],
    ],
    [
      'is left out where its set of ingredients says something else',
      [concept('20', 'SCD', 'alpha 5 MG'), concept('21', 'MIN', 'beta')],
      [
        relation('20', 'consists_of', '11'),
        relation('20', 'has_ingredients', '21'),
        relation('21', 'has_part', '2'),
      ],
      null,
    ],
    [
      'is left out in a circle',
      [concept('20', 'BPCK', 'a'), concept('21', 'SCD', 'b')],
      [relation('20', 'contains', '21'), relation('21', 'consists_of', '20')],
      null,
    ],
  ])('%s', (_, concepts, relations, expected) => {
    const product = products(concepts, relations).products.get('20');
    expect(product?.substances.map(({ rxcui }) => rxcui) ?? null).toEqual(expected);
  });

  test('says of a salt what it is a form of, and has its dose forms', () => {
    const relations = [relation('20', 'has_precise_ingredient', '3'), relation('20', 'has_dose_form', '4')];
    expect(products([concept('20', 'SCD', 'alpha sodium 5 MG')], relations).products.get('20')).toEqual({
      substances: [{ rxcui: '3', name: 'alpha sodium', formOf: { rxcui: '1', name: 'alpha' } }],
      doseForms: ['Oral Tablet'],
    });
  });

  test('what is left out is counted by its reason; a dose form is no product', () => {
    const concepts = [
      concept('20', 'SCD', 'unknown 5 MG'),
      tablet.replace(/^20/, '22').replace('|20|', '|22|'),
    ];
    const read = products(concepts, [relation('22', 'consists_of', '11')]);
    expect(read.leftOut).toEqual({ incomplete: 1, contradictory: 1, ambiguousPackages: 0 });
    expect([...read.products.keys()]).toEqual(['1', '2', '3', '11', '12']);
  });
});

test('a brand on two different drugs is left out, on the same drug twice it is that drug', () => {
  const drugs = [
    concept('20', 'BN', 'A'),
    concept('21', 'SBD', 'alpha [A]'),
    concept('22', 'SBD', 'beta [A]'),
  ];
  const brand = (second: string) =>
    products(drugs, [
      relation('21', 'consists_of', '11'),
      relation('22', 'consists_of', second),
      relation('21', 'has_ingredient', '20'),
      relation('22', 'has_ingredient', '20'),
    ]).products.get('20');
  expect(brand('12')).toBeUndefined();
  expect(brand('11')?.substances.map(({ rxcui }) => rxcui)).toEqual(['1']);
});

describe('a package or a retired code of two drugs', () => {
  const concepts = [concept('20', 'SCD', 'alpha 5 MG Tablet'), concept('21', 'SCD', 'alpha 5 MG Cream')];
  const forms = [relation('20', 'has_dose_form', '4'), relation('21', 'has_dose_form', '5')];
  const sat = ['20', '21'].map((rxcui) => attribute(rxcui, 'NDC', '00310014110'));
  const cui = ['20', '21'].map((rxcui) => retired('90', rxcui));
  const read = (second: string): Products =>
    products(
      concepts,
      [...forms, relation('20', 'consists_of', '11'), relation('21', 'consists_of', second)],
      { sat, cui },
    );

  test('with the same ingredients is their common product, the dose form only where they agree', () => {
    const common = { substances: [{ rxcui: '1', name: 'alpha', formOf: null }], doseForms: [] };
    expect(read('11').packages.get('00310014110')).toEqual(common);
    expect(read('11').products.get('90')).toEqual(common);
  });

  test('with different ones is none', () => {
    expect(read('12').packages.size).toBe(0);
    expect(read('12').products.has('90')).toBe(false);
    expect(read('12').leftOut.ambiguousPackages).toBe(1);
  });
});

/** Rows of a release of RxNorm, as its files have them, and what is kept of them. */
import { describe, expect, test } from 'vitest';
import { RxNormConcepts } from '../../commands/rxnorm-concepts.ts';
import { attribute, concept, relation, retired } from '../support/rxnorm-release.ts';

const split = (row: string): string[] => row.split('|');

function read(rows: {
  conso?: readonly string[];
  rel?: readonly string[];
  sat?: readonly string[];
  cui?: readonly string[];
}): RxNormConcepts {
  const concepts = new RxNormConcepts();
  for (const row of rows.conso ?? []) concepts.addConcept(split(row));
  for (const row of rows.rel ?? []) concepts.addRelation(split(row));
  for (const row of rows.sat ?? []) concepts.addAttribute(split(row));
  for (const row of rows.cui ?? []) concepts.addRetired(split(row));
  return concepts;
}

describe('a concept', () => {
  const lisinopril = { rxcui: '29046', type: 'IN', name: 'lisinopril' };

  test.each([
    ['current', concept('29046', 'IN', 'lisinopril'), lisinopril],
    ['obsolete', concept('29046', 'IN', 'lisinopril', 'O'), lisinopril],
    ['without a quantity', concept('29046', 'IN', 'lisinopril', 'E'), lisinopril],
    ['taken back by an editor', concept('29046', 'IN', 'lisinopril', 'Y'), undefined],
    ['of another vocabulary', concept('29046', 'IN', 'lisinopril', 'N', 'MMSL'), undefined],
    ['of another type', concept('29046', 'PSN', 'lisinopril'), undefined],
    ['in another language', concept('29046', 'IN', 'lisinopril').replace('|ENG|', '|SPA|'), undefined],
  ])('that is %s', (_, row, expected) => {
    expect(read({ conso: [row] }).get('29046')).toEqual(expected);
  });

  test('has its current name before an obsolete one, in either order', () => {
    const rows = [concept('1', 'SCD', 'old', 'O'), concept('1', 'SCD', 'now')];
    for (const conso of [rows, rows.toReversed()]) expect(read({ conso }).get('1')?.name).toBe('now');
  });

  test('is found among those of its type; ingredients are IN and PIN', () => {
    const conso = [concept('1', 'IN', 'a'), concept('2', 'PIN', 'b'), concept('3', 'SCD', 'c')];
    const concepts = read({ conso });
    expect(concepts.ofTypes('SCD', 'IN').map(({ rxcui }) => rxcui)).toEqual(['1', '3']);
    expect(concepts.ingredients().map(({ rxcui }) => rxcui)).toEqual(['1', '2']);
    expect([...concepts.all()]).toHaveLength(3);
  });
});

describe('a relationship', () => {
  const conso = [concept('1', 'SCDC', 'a 5 MG'), concept('2', 'IN', 'a'), concept('3', 'BN', 'A')];

  test.each([
    ['from its own side', [relation('1', 'has_ingredient', '2')], ['2']],
    ['from the other side', [relation('2', 'ingredient_of', '1')], ['2']],
    ['from both, once', [relation('1', 'has_ingredient', '2'), relation('2', 'ingredient_of', '1')], ['2']],
    ['to a concept of another type', [relation('1', 'has_ingredient', '3')], []],
    ['to a concept that is not there', [relation('1', 'has_ingredient', '4')], []],
    ['of another vocabulary', [relation('1', 'has_ingredient', '2', 'MMSL')], []],
    ['that is suppressed', [relation('1', 'has_ingredient', '2', 'RXNORM', 'Y')], []],
    ['of another name', [relation('1', 'inactive_ingredient_of', '2')], []],
    ['without its object', [relation('1', 'has_ingredient', '')], []],
  ])('is read %s', (_, rel, expected) => {
    expect(read({ conso, rel }).related('1', 'has_ingredient', 'IN')).toEqual(expected);
  });
});

test.each([
  ['eleven digits', [attribute('1', 'NDC', '00310014110')], [['00310014110', ['1']]]],
  ['with hyphens', [attribute('1', 'NDC', '0310-0142-11')], [['00310014211', ['1']]]],
  [
    'of two concepts, each once',
    ['1', '2', '1'].map((rxcui) => attribute(rxcui, 'NDC', '00310014110')),
    [['00310014110', ['1', '2']]],
  ],
  ['ten digits, which may be read in three ways', [attribute('1', 'NDC', '1234567890')], []],
  ['obsolete', [attribute('1', 'NDC', '00310014110', 'O')], []],
  ['of another vocabulary', [attribute('1', 'NDC', '00310014110', 'N', 'VANDF')], []],
  ['another attribute', [attribute('1', 'RXN_STRENGTH', '00310014110')], []],
])('an NDC of %s', (_, sat, expected) => {
  expect([...read({ sat }).packages()]).toEqual(expected);
});

describe('a retired code', () => {
  const conso = [concept('1', 'IN', 'a'), concept('2', 'IN', 'b')];

  test.each([
    ['merged', [retired('8', '1')], ['1']],
    ['merged into a retired code', [retired('8', '9'), retired('9', '1')], ['1']],
    ['split', [retired('8', '1'), retired('8', '2')], ['1', '2']],
    ['merged into what is unknown', [retired('8', '7')], ['7']],
    ['merged into itself', [retired('8', '8')], ['8']],
    ['merged in a circle', [retired('8', '9'), retired('9', '8')], []],
  ])('that was %s', (_, cui, expected) => {
    expect(read({ conso, cui }).successors('8').toSorted()).toEqual(expected);
  });

  test('that is a concept again is not retired', () => {
    expect(read({ conso, cui: [retired('1', '2'), retired('8', '2')] }).retiredCodes()).toEqual(['8']);
  });
});

/** `npm run terminology:build`, the real command on a release the test writes; then a real server with its index. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../rules/fhir/json.ts';
import { decodeProducts, type ProductIndex } from '../../rules/terminology/products.ts';
import {
  attribute,
  concept,
  type Files,
  relation,
  retired,
  version,
  writeFolder,
  writeZip,
} from '../support/rxnorm-release.ts';
import { get, post, serving } from '../support/serving.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = temporaryFolder();

/** Both rows that a release has for one relationship. */
const both = (subject: string, rela: string, object: string, inverse: string): string[] => [
  relation(subject, rela, object),
  relation(object, inverse, subject),
];

const conso = [
  concept('29046', 'IN', 'lisinopril'),
  concept('5487', 'IN', 'hydrochlorothiazide'),
  concept('283742', 'IN', 'esomeprazole'),
  concept('6574', 'IN', 'magnesium'),
  concept('52356', 'PIN', 'magnesium citrate'),
  concept('2551', 'IN', 'ciprofloxacin'),
  concept('723', 'IN', 'amoxicillin'),
  concept('7646', 'IN', 'omeprazole'),
  concept('21212', 'IN', 'clarithromycin'),
  concept('6470', 'IN', 'lorazepam', 'N'),
  concept('606728', 'PIN', 'esomeprazole magnesium'),
  concept('214619', 'MIN', 'hydrochlorothiazide / lisinopril'),
  concept('317541', 'DF', 'Oral Tablet'),
  concept('316968', 'DF', 'Ophthalmic Solution'),
  concept('9000098', 'DF', 'Oral Capsule'),
  concept('9000099', 'DFG', 'Oral Product'),
  concept('196472', 'BN', 'Zestoretic'),
  concept('58930', 'BN', 'Prinivil'),
  // combination, with the synonyms and the names of other vocabularies that a release has beside it
  concept('9000001', 'SCDC', 'lisinopril 20 MG'),
  concept('9000002', 'SCDC', 'hydrochlorothiazide 12.5 MG'),
  concept('9000003', 'SCD', 'hydrochlorothiazide 12.5 MG / lisinopril 20 MG Oral Tablet'),
  concept('9000003', 'PSN', 'lisinopril 20 MG / HCTZ 12.5 MG Oral Tablet'),
  concept('9000003', 'CD', 'LISINOPRIL 20MG/HCTZ 12.5MG TAB', 'N', 'VANDF'),
  concept('9000004', 'SBD', 'hydrochlorothiazide 12.5 MG / lisinopril 20 MG Oral Tablet [Zestoretic]'),
  concept('9000005', 'SCDF', 'hydrochlorothiazide / lisinopril Oral Tablet'),
  concept('9000006', 'SBDF', 'hydrochlorothiazide / lisinopril Oral Tablet [Zestoretic]'),
  concept('9000007', 'SCDG', 'hydrochlorothiazide / lisinopril Oral Product'),
  concept('9000008', 'SBDC', 'hydrochlorothiazide 12.5 MG / lisinopril 20 MG [Zestoretic]'),
  // salt
  concept('9000011', 'SCDC', 'esomeprazole magnesium 20 MG'),
  concept('9000012', 'SCD', 'esomeprazole magnesium 20 MG Oral Capsule'),
  concept('9000013', 'SCDC', 'magnesium citrate 58.2 MG/ML'),
  concept('9000014', 'SCD', 'magnesium citrate 58.2 MG/ML Oral Solution'),
  // eye drops
  concept('9000021', 'SCDC', 'ciprofloxacin 3 MG/ML'),
  concept('9000022', 'SCD', 'ciprofloxacin 3 MG/ML Ophthalmic Solution'),
  // pack of three
  concept('9000031', 'SCDC', 'amoxicillin 500 MG'),
  concept('9000032', 'SCD', 'amoxicillin 500 MG Oral Capsule'),
  concept('9000033', 'SCDC', 'clarithromycin 500 MG'),
  concept('9000034', 'SCD', 'clarithromycin 500 MG Oral Tablet'),
  concept('9000035', 'SCDC', 'omeprazole 20 MG'),
  concept('9000036', 'SCD', 'omeprazole 20 MG Oral Capsule'),
  concept(
    '9000037',
    'GPCK',
    '{40 (amoxicillin 500 MG Oral Capsule) / 20 (clarithromycin 500 MG Oral Tablet) / 20 (omeprazole 20 MG Oral Capsule) } Pack',
  ),
  concept(
    '9000038',
    'BPCK',
    '{20 (omeprazole 20 MG Oral Capsule) / 1 (unknown 1 MG Oral Tablet) } Pack [Halfpack]',
  ),
  concept('9000039', 'SCD', 'unknown 1 MG Oral Tablet'),
  // suppressed: obsolete keeps its meaning, taken back by an editor does not count
  concept('9000041', 'SCD', 'lisinopril 15 MG Oral Tablet', 'O'),
  concept('9000042', 'SCD', '24 HR omeprazole 15 MG Extended Release Oral Capsule [Oldbrand]', 'O'),
  concept('9000043', 'SCD', 'lisinopril 99 MG Oral Tablet', 'Y'),
  concept('9000044', 'SCDC', 'lisinopril 15 MG'),
  // its second component is missing
  concept('9000051', 'SCD', 'hydrochlorothiazide 25 MG / lisinopril 20 MG Oral Tablet'),
  // its components say one thing, the set of its ingredients another
  concept('9000052', 'SCD', 'lisinopril 20 MG Oral Tablet'),
  concept('9000053', 'MIN', 'lisinopril / omeprazole'),
  // a brand name on two different drugs
  concept('9000061', 'BN', 'Twice'),
  concept('9000062', 'SBD', 'lisinopril 20 MG Oral Tablet [Twice]'),
  concept('9000063', 'SBD', 'omeprazole 20 MG Oral Capsule [Twice]'),
  // another vocabulary, another language
  concept('9000071', 'SCD', 'omeprazole 20 MG Oral Capsule', 'N', 'MMSL'),
];

const rel = [
  ...both('606728', 'form_of', '283742', 'has_form'),
  ...both('52356', 'form_of', '6574', 'has_form'),
  ...both('214619', 'has_part', '5487', 'part_of'),
  ...both('214619', 'has_part', '29046', 'part_of'),
  ...both('9000001', 'has_ingredient', '29046', 'ingredient_of'),
  ...both('9000002', 'has_ingredient', '5487', 'ingredient_of'),
  ...both('9000003', 'consists_of', '9000001', 'constitutes'),
  ...both('9000003', 'consists_of', '9000002', 'constitutes'),
  ...both('9000003', 'has_ingredients', '214619', 'ingredients_of'),
  ...both('9000003', 'has_dose_form', '317541', 'dose_form_of'),
  ...both('9000004', 'consists_of', '9000008', 'constitutes'),
  ...both('9000004', 'tradename_of', '9000003', 'has_tradename'),
  ...both('9000004', 'has_ingredient', '196472', 'ingredient_of'),
  ...both('9000004', 'has_dose_form', '317541', 'dose_form_of'),
  // one side only: enough
  relation('196472', 'tradename_of', '29046'),
  relation('5487', 'has_tradename', '196472'),
  ...both('9000005', 'has_ingredient', '29046', 'ingredient_of'),
  ...both('9000005', 'has_ingredient', '5487', 'ingredient_of'),
  ...both('9000006', 'tradename_of', '9000005', 'has_tradename'),
  ...both('9000007', 'has_ingredient', '29046', 'ingredient_of'),
  ...both('9000007', 'has_ingredient', '5487', 'ingredient_of'),
  ...both('9000007', 'has_doseformgroup', '9000099', 'doseformgroup_of'),
  ...both('9000008', 'tradename_of', '9000001', 'has_tradename'),
  ...both('9000008', 'tradename_of', '9000002', 'has_tradename'),
  ...both('9000011', 'has_ingredient', '283742', 'ingredient_of'),
  ...both('9000011', 'has_precise_ingredient', '606728', 'precise_ingredient_of'),
  ...both('9000012', 'consists_of', '9000011', 'constitutes'),
  ...both('9000012', 'has_dose_form', '9000098', 'dose_form_of'),
  ...both('9000013', 'has_ingredient', '6574', 'ingredient_of'),
  ...both('9000013', 'has_precise_ingredient', '52356', 'precise_ingredient_of'),
  ...both('9000014', 'consists_of', '9000013', 'constitutes'),
  ...both('9000021', 'has_ingredient', '2551', 'ingredient_of'),
  ...both('9000022', 'consists_of', '9000021', 'constitutes'),
  ...both('9000022', 'has_dose_form', '316968', 'dose_form_of'),
  ...both('9000031', 'has_ingredient', '723', 'ingredient_of'),
  ...both('9000032', 'consists_of', '9000031', 'constitutes'),
  ...both('9000032', 'has_dose_form', '9000098', 'dose_form_of'),
  ...both('9000033', 'has_ingredient', '21212', 'ingredient_of'),
  ...both('9000034', 'consists_of', '9000033', 'constitutes'),
  ...both('9000034', 'has_dose_form', '317541', 'dose_form_of'),
  ...both('9000035', 'has_ingredient', '7646', 'ingredient_of'),
  ...both('9000036', 'consists_of', '9000035', 'constitutes'),
  ...both('9000036', 'has_dose_form', '9000098', 'dose_form_of'),
  ...both('9000037', 'contains', '9000032', 'contained_in'),
  ...both('9000037', 'contains', '9000034', 'contained_in'),
  ...both('9000037', 'contains', '9000036', 'contained_in'),
  ...both('9000038', 'contains', '9000036', 'contained_in'),
  ...both('9000038', 'contains', '9000039', 'contained_in'),
  ...both('9000044', 'has_ingredient', '29046', 'ingredient_of'),
  ...both('9000041', 'consists_of', '9000044', 'constitutes'),
  ...both('9000043', 'consists_of', '9000044', 'constitutes'),
  ...both('9000051', 'consists_of', '9000001', 'constitutes'),
  ...both('9000052', 'consists_of', '9000001', 'constitutes'),
  ...both('9000052', 'has_ingredients', '9000053', 'ingredients_of'),
  ...both('9000053', 'has_part', '29046', 'part_of'),
  ...both('9000053', 'has_part', '7646', 'part_of'),
  ...both('9000062', 'consists_of', '9000001', 'constitutes'),
  ...both('9000063', 'consists_of', '9000035', 'constitutes'),
  ...both('9000062', 'has_ingredient', '9000061', 'ingredient_of'),
  ...both('9000063', 'has_ingredient', '9000061', 'ingredient_of'),
  ...both('9000061', 'tradename_of', '29046', 'has_tradename'),
  // rows that must not count
  relation('9000036', 'consists_of', '9000001', 'MMSL'),
  relation('9000036', 'consists_of', '9000033', 'RXNORM', 'Y'),
  relation('9000036', 'inactive_ingredient_of', '9000001'),
];

const sat = [
  attribute('9000003', 'NDC', '00310014110'),
  attribute('9000004', 'NDC', '0310-0142-11'),
  attribute('9000037', 'NDC', '00300370214'),
  attribute('9000003', 'NDC', '00054000001', 'O'),
  attribute('9000003', 'NDC', '000054000002', 'N', 'VANDF'),
  attribute('9000003', 'RXN_AVAILABLE_STRENGTH', '12.5 MG / 20 MG'),
  // the same package under generic and brand is one drug, under two drugs it is none
  attribute('9000003', 'NDC', '00310014390'),
  attribute('9000004', 'NDC', '00310014390'),
  attribute('9000036', 'NDC', '11111111111'),
  attribute('9000034', 'NDC', '11111111111'),
  attribute('9000039', 'NDC', '22222222222'),
];

const cui = [
  retired('9000081', '9000003'),
  retired('9000082', '9000081'),
  retired('9000083', '9000003', 2),
  retired('9000083', '9000036', 2),
  retired('9000084', '9000003', 2),
  retired('9000084', '9000004', 2),
  retired('9000085', '9000085'),
  retired('9000086', '9000086'),
  retired('9000087', '9999999'),
];

const full: Files = {
  'Readme_Full_11022026.txt': ['RxNorm'],
  'rrf/RXNCONSO.RRF': conso,
  'rrf/RXNREL.RRF': rel,
  'rrf/RXNSAT.RRF': sat,
  'rrf/RXNCUI.RRF': cui,
  'rrf/RXNSAB.RRF': [version('MMSL_2026_10_01', 'MMSL'), version('RXNORM_26AB_261102F', 'RXNORM')],
  'prescribe/rrf/RXNCONSO.RRF': [concept('723', 'IN', 'amoxicillin')],
};

function build(args: readonly string[], env: Record<string, string> = {}) {
  const run = spawnSync(process.execPath, [join(root, 'commands/terminology-build.ts'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status: run.status, out: run.stdout, error: run.stderr };
}
const load = (name: string): ProductIndex => decodeProducts(readFileSync(join(folder, name)));
const names = (products: ProductIndex, rxcui: string): string[] | null =>
  products.product(rxcui)?.substances.map(({ name }) => name) ?? null;

let index: ProductIndex;
let said: string;
beforeAll(async () => {
  await writeZip(join(folder, 'RxNorm_full.zip'), full);
  const run = build(['RxNorm_full.zip', '--out', 'full.idx']);
  expect(run.error).toBe('');
  expect(run.status).toBe(0);
  said = run.out;
  index = load('full.idx');
});

describe('the index of a full release', () => {
  test('says the date of the release, how much is in it, what was left out, and its digest', () => {
    expect(index.release).toBe('2026-11-02');
    expect(said).toContain('RxNorm of 2026-11-02 in RxNorm_full.zip');
    expect(said).toContain(`${index.products} RxNorm codes`);
    expect(said).toContain('4 NDCs');
    expect(said).toContain(
      '3 codes without ingredients, 3 whose ingredients are stated in two ways, 1 NDCs of different',
    );
    expect(said).toContain(index.digest);
    expect(said).toContain('furosemide');
  });

  const combination = ['hydrochlorothiazide', 'lisinopril'];
  test.each([
    ['29046', ['lisinopril'], 'an ingredient'],
    ['606728', ['esomeprazole magnesium'], 'a salt'],
    ['214619', combination, 'a set of ingredients'],
    ['196472', combination, 'a brand name'],
    ['9000001', ['lisinopril'], 'a component (SCDC)'],
    ['9000003', combination, 'a clinical drug (SCD)'],
    ['9000004', combination, 'a branded drug (SBD)'],
    ['9000005', combination, 'a drug form (SCDF)'],
    ['9000006', combination, 'a branded drug form (SBDF)'],
    ['9000007', combination, 'a dose form group (SCDG)'],
    ['9000008', combination, 'a branded component (SBDC)'],
    ['9000012', ['esomeprazole magnesium'], 'a drug that names its salt'],
    ['9000037', ['amoxicillin', 'omeprazole', 'clarithromycin'], 'a pack (GPCK)'],
    ['9000041', ['lisinopril'], 'an obsolete drug with its relationships'],
    ['9000042', ['omeprazole'], 'an obsolete drug with nothing but its name'],
    ['9000081', combination, 'a retired code that was merged'],
    ['9000082', combination, 'a code retired into a retired code'],
    ['9000084', combination, 'a code split into two that are the same drug'],
  ])('%s is %j: %s', (rxcui, substances) => {
    expect(names(index, rxcui)?.toSorted()).toEqual(substances.toSorted());
  });

  test.each([
    ['9000039', 'its ingredient is nowhere stated'],
    ['9000038', 'one drug of the pack is not known'],
    ['9000043', 'an editor suppressed it'],
    ['9000051', 'it has one component and two parts in its name'],
    ['9000052', 'components and set of ingredients disagree'],
    ['9000061', 'the brand is on different drugs'],
    ['9000071', 'it is of another vocabulary'],
    ['9000083', 'it was split into different drugs'],
    ['9000085', 'it was retired into nothing'],
    ['9000087', 'it was merged into something unknown'],
    ['317541', 'it is a dose form'],
  ])('%s is not in it: %s', (rxcui) => {
    expect(names(index, rxcui)).toBeNull();
  });

  test('a salt says what it is a form of; a drug has its dose form, a pack those of its drugs', () => {
    expect(index.product('9000012')).toEqual({
      substances: [
        {
          rxcui: '606728',
          name: 'esomeprazole magnesium',
          formOf: { rxcui: '283742', name: 'esomeprazole' },
        },
      ],
      doseForms: ['Oral Capsule'],
    });
    expect(index.product('9000007')?.doseForms).toEqual(['Oral Product']);
    expect(index.product('9000037')?.doseForms).toEqual(['Oral Capsule', 'Oral Tablet']);
  });

  test('packages: current ones of RxNorm only, in either form, and none that stands for different drugs', () => {
    for (const ndc of ['00310014110', '00310014211', '00310014390', '00300370214'])
      expect(index.package(ndc), ndc).not.toBeNull();
    for (const ndc of ['00054000001', '00054000002', '11111111111', '22222222222'])
      expect(index.package(ndc), ndc).toBeNull();
  });
});

describe('other forms of a release', () => {
  test('the prescribable subset has no RXNCUI and no RXNSAB: the date is in the name of its readme', async () => {
    await writeZip(join(folder, 'prescribe.zip'), {
      'Readme_Full_Prescribe_10052026.txt': [],
      'rrf/RXNCONSO.RRF': conso,
      'rrf/RXNREL.RRF': rel,
      'rrf/RXNSAT.RRF': sat,
    });
    expect(build(['prescribe.zip', '--out', 'prescribe.idx']).status).toBe(0);
    expect(load('prescribe.idx').release).toBe('2026-10-05');
  });

  test('a folder gives the same bytes as the zip, and so does reading it again', async () => {
    writeFolder(join(folder, 'unpacked'), full);
    expect(build(['unpacked', '--out', 'folder.idx']).status).toBe(0);
    expect(load('folder.idx').digest).toBe(index.digest);
    const { 'Readme_Full_11022026.txt': _, 'rrf/RXNSAB.RRF': __, ...undated } = full;
    writeFolder(join(folder, 'undated'), undated);
    expect(build(['undated', '--out', 'undated.idx']).out).toContain('unknown date');
    expect(load('undated.idx').release).toBeNull();
    expect(build(['undated', '--out', 'dated.idx', '--release', '2026-11-02']).status).toBe(0);
    expect(load('dated.idx').digest).toBe(index.digest);
  });

  test('without --out it goes where the server looks for it', () => {
    expect(build(['RxNorm_full.zip'], { EPSOM_DATA: 'data' }).status).toBe(0);
    expect(load('data/terminology.idx').digest).toBe(index.digest);
    expect(build(['RxNorm_full.zip'], { EPSOM_TERMINOLOGY: 'elsewhere/here.idx' }).status).toBe(0);
    expect(load('elsewhere/here.idx').digest).toBe(index.digest);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['a path that is not there', ['nothing.zip'], /there is no `nothing.zip`/],
    ['a file that is no zip', ['text.zip'], /`text.zip` is not a zip file/],
    ['a zip without RXNCONSO.RRF', ['other.zip'], /`other.zip` holds no RXNCONSO.RRF/],
    ['a release without RXNREL.RRF', ['partial.zip'], /`partial.zip` lacks rrf\/RXNREL.RRF/],
    ['a file that is cut off', ['cut.zip'], /line 2 of RXNCONSO.RRF has 3 columns of 18: it is cut off/],
    ['a release with nothing of RxNorm', ['empty.zip'], /`empty.zip` has no drug of RxNorm in it/],
  ])('%s: a sentence and exit code 1, nothing written', async (_, args, message) => {
    writeFileSync(join(folder, 'text.zip'), 'hello');
    await writeZip(join(folder, 'other.zip'), { 'a.txt': ['hello'] });
    await writeZip(join(folder, 'partial.zip'), { 'rrf/RXNCONSO.RRF': conso });
    await writeZip(join(folder, 'cut.zip'), { ...full, 'rrf/RXNCONSO.RRF': [conso[0] ?? '', '5487|ENG||'] });
    await writeZip(join(folder, 'empty.zip'), {
      'rrf/RXNCONSO.RRF': [concept('1', 'SCD', 'x', 'N', 'MMSL')],
      'rrf/RXNREL.RRF': [],
      'rrf/RXNSAT.RRF': [],
    });
    const run = build([...args, '--out', 'failed.idx']);
    expect(run.status).toBe(1);
    expect(run.error).toMatch(message);
    expect(run.error).not.toContain('    at ');
    expect(() => load('failed.idx')).toThrow();
  });
});

describe('a call of the command', () => {
  test('--help says how, and exits 0', () => {
    const { status, out, error } = build(['--help']);
    expect([status, error]).toEqual([0, '']);
    expect(out).toContain('npm run terminology:build -- RxNorm_full_prescribe.zip [--out file]');
  });

  test.each<[string, readonly string[], string]>([
    ['no argument', [], 'an argument is missing'],
    ['two releases', ['RxNorm_full.zip', 'text.zip'], '`text.zip` is one argument too many'],
    ['an option that is none', ['RxNorm_full.zip', '--force'], '`--force` is no option here'],
    ['an option without its value', ['RxNorm_full.zip', '--release'], '`--release` needs a value'],
    [
      'a date that is none',
      ['RxNorm_full.zip', '--release', 'November'],
      '`--release` must be a date such as `2026-11-02`',
    ],
  ])('with %s: one sentence and exit code 2, nothing written', (_, args, message) => {
    const { status, out, error } = build(['--out', 'failed.idx', ...args]);
    expect([status, out]).toEqual([2, '']);
    expect(error).toMatch(/^[^\n]+: call it as `npm run terminology:build [^\n]+\n$/);
    expect(error).toContain(message);
    expect(() => load('failed.idx')).toThrow();
  });
});

describe('a server with the index', () => {
  const order = (id: string, coding: object) => ({
    resource: {
      resourceType: 'MedicationRequest',
      id,
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/p' },
      medicationCodeableConcept: { coding: [coding] },
    },
  });
  const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { resource: { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '1950-01-01' } },
      order('scd', { system: rxnorm, code: '9000003' }),
      order('ndc', { system: 'http://hl7.org/fhir/sid/ndc', code: '0310-0142-11' }),
      order('eye', { system: rxnorm, code: '9000022' }),
      order('other', { system: rxnorm, code: '9000032' }),
      order('missing', { system: rxnorm, code: '9000061' }),
    ],
  };
  const evaluate = async (env: Record<string, string>) => {
    const running = await serving(env);
    try {
      const health = await get(`${running.url}/health`);
      const answer = await post(`${running.url}/evaluate?at=2026-01-31T12:00:00Z`, bundle);
      const chart = isObject(answer.body.chart) ? answer.body.chart : {};
      return {
        health: health.body,
        ruleset: answer.body.ruleset,
        medications: chart.medications,
        notices: answer.body.notices,
      };
    } finally {
      await running.close();
    }
  };

  test('resolves an RxNorm product and an NDC without any name; /health and the ruleset say by which index', async () => {
    const [bare, indexed] = [
      await evaluate({}),
      await evaluate({ EPSOM_TERMINOLOGY: join(folder, 'full.idx') }),
    ];
    const combination = [
      { rxnorm: '5487', name: 'hydrochlorothiazide' },
      { rxnorm: '29046', name: 'lisinopril' },
    ];
    expect(indexed.medications).toMatchObject([
      {
        reference: 'MedicationRequest/scd',
        resolvedBy: 'product-index',
        route: 'oral',
        ingredients: combination,
      },
      { reference: 'MedicationRequest/ndc', resolvedBy: 'ndc', route: 'oral', ingredients: combination },
      {
        reference: 'MedicationRequest/eye',
        resolvedBy: 'product-index',
        route: 'ophthalmic',
        ingredients: [{ rxnorm: '2551', name: 'ciprofloxacin' }],
      },
      {
        reference: 'MedicationRequest/other',
        resolvedBy: 'product-index',
        ingredients: [{ rxnorm: '723', name: 'amoxicillin' }],
      },
      { reference: 'MedicationRequest/missing', resolvedBy: 'unresolved' },
    ]);
    expect(bare.medications).toMatchObject(Array(5).fill({ resolvedBy: 'unresolved' }));
    const unresolved = (notices: unknown): unknown[] =>
      (Array.isArray(notices) ? notices : []).filter(({ code }) => code === 'drug-unresolved');
    expect(unresolved(bare.notices)).toHaveLength(5);
    expect(unresolved(indexed.notices)).toMatchObject([{ reference: 'MedicationRequest/missing' }]);

    const { digest, release, products, packages } = index;
    expect(indexed.health).toMatchObject({ terminology: { digest, release, products, packages } });
    expect(bare.health).toMatchObject({ terminology: null });
    expect(indexed.ruleset).not.toEqual(bare.ruleset);
    expect(indexed.health).toMatchObject({ ruleset: indexed.ruleset });
  });

  test('does not start with an index that is named and not there, or not usable', async () => {
    await expect(serving({ EPSOM_TERMINOLOGY: join(folder, 'none.idx') })).rejects.toThrow(
      /EPSOM_TERMINOLOGY names a file that is not there/,
    );
    writeFileSync(join(folder, 'broken.idx'), readFileSync(join(folder, 'full.idx')).subarray(0, -1));
    await expect(serving({ EPSOM_TERMINOLOGY: join(folder, 'broken.idx') })).rejects.toThrow(
      /not a usable product index/,
    );
  });
});

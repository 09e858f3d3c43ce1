import { describe, expect, it } from 'vitest';
import { readPart } from '../../../../rules/terminology/drugs/meanings.ts';

const read = (part: string) => readPart(part.split(' '));

describe('a part of a name', () => {
  it.each<[string, string[], string]>([
    ['furosemide', ['furosemide'], 'a name'],
    ['frusemide', ['furosemide'], 'a synonym'],
    ['product furosemide nf', ['furosemide'], 'among noise'],
    ['furosemide sodium', ['furosemide'], 'with a salt'],
    ['furosemide sodium sodium micronized hydrate', ['furosemide'], 'with salts and noise'],
    ['metoprololsuccinat', ['metoprolol'], 'with a German salt'],
    ['pantoprazol natrium', ['pantoprazole'], 'German'],
    ['magnesium sulfate', ['magnesium sulfate'], 'a salt that is an ingredient of its own'],
    ['denosumab-bbdz', ['denosumab'], 'a biological with its suffix'],
    ['insulin , regular , human', ['insulin, regular, human'], 'commas inside one name'],
    ['lisinopril , hydrochlorothiazide', ['lisinopril', 'hydrochlorothiazide'], 'two names'],
    ['lisinopril-hydrochlorothiazide', ['lisinopril', 'hydrochlorothiazide'], 'two names joined'],
    ['amoxicillin-clavulanate', ['amoxicillin', 'clavulanate'], 'two that are in none of the classes'],
  ])('"%s" is %j: %s', (part, names) => {
    const meaning = read(part);
    expect(meaning).toMatchObject({ kind: 'known', byBrand: false });
    expect(meaning.kind === 'known' && meaning.ingredients.map(({ name }) => name)).toEqual(names);
  });

  it.each([
    ['lasix', 'furosemide'],
    ['afeditab cr', 'nifedipine'],
    ['lasix tm', undefined],
  ])('"%s" is a brand of %s', (part, name) => {
    const meaning = read(part);
    expect(meaning.kind === 'known' && meaning.byBrand ? meaning.ingredients[0]?.name : undefined).toBe(name);
  });

  it.each([
    ['amoxicillin', 'other', 'amoxicillin', 'in the table'],
    ['amoxicillin trihydrate', 'other', 'amoxicillin', 'in the table, with a salt'],
    ['sodium chloride', 'other', 'sodium chloride', 'not "sodium"'],
    ['zyxelvastatin', 'other', 'zyxelvastatin', 'by its stem'],
    ['magnesium threonate', 'kindred', 'magnesium threonate', 'a magnesium'],
    ['magnesium', 'known', undefined, 'the element itself'],
    ['zyxel potassium phosphate', 'kindred', 'zyxel', 'a potassium, with its salt off'],
    ['zyxelpril-furosemide', 'kindred', 'zyxelpril furosemide', 'one of two'],
    ['aspirin free reliever', 'suspect', 'aspirin free reliever', 'a name of ours inside'],
    ['lasix free reliever', 'suspect', 'lasix free reliever', 'a brand of ours inside'],
    ['aspirin , zyxelan', 'suspect', 'aspirin zyxelan', 'one of two is not known'],
    ['zyxelan', 'unknown', 'zyxelan', 'a word'],
    ['sodium', 'unknown', 'sodium', 'a salt alone'],
    ['-', 'unknown', '', 'a sign'],
  ])('"%s" is %s "%s": %s', (part, kind, name, _why) => {
    const meaning = read(part);
    expect(meaning.kind).toBe(kind);
    expect('name' in meaning ? meaning.name : undefined).toBe(name);
  });

  it('that is unknown says whether a salt stood beside it', () => {
    expect(read('zyxelan sodium')).toEqual({
      kind: 'unknown',
      name: 'zyxelan',
      hasSalt: true,
      isSalt: false,
    });
    expect(read('zyxelan product')).toEqual({
      kind: 'unknown',
      name: 'zyxelan',
      hasSalt: false,
      isSalt: false,
    });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveDrug } from '../../../../rules/terminology/drugs/resolve.ts';
import { readRoute } from '../../../../rules/terminology/drugs/routes.ts';
import names from '../../../data/drug-names.json' with { type: 'json' };
import {
  allNames,
  atc,
  type Codings,
  resolveText,
  ruleNames,
  rxnorm,
  snomed,
} from '../../../support/drugs.ts';
import { indexOf } from '../../../support/product-index.ts';

describe('drug codes', () => {
  it('resolves an RxNorm ingredient as a string, a number or under its OID', () => {
    for (const coding of [
      { system: rxnorm, code: '4603' },
      { system: rxnorm, code: 4603 },
      { system: 'urn:oid:2.16.840.1.113883.6.88', code: ' 4603 ' },
    ]) {
      const resolution = resolveDrug([coding], undefined);
      expect(ruleNames(resolution)).toEqual(['furosemide']);
      expect(resolution.resolvedBy).toBe('rxnorm-ingredient');
    }
  });

  it('resolves the precise ingredient 114194 (warfarin sodium) to warfarin', () => {
    expect(ruleNames(resolveDrug([{ system: rxnorm, code: '114194' }], undefined))).toEqual(['warfarin']);
  });

  it('leaves a product code without a name unresolved, unless a product index has it', () => {
    const coding = [{ system: rxnorm, code: '198222' }];
    expect(resolveDrug(coding, undefined)).toEqual({
      ingredients: [],
      resolvedBy: 'unresolved',
      route: null,
    });
    const products = indexOf({
      198222: [
        ['9997', 'spironolactone'],
        ['36567', 'simvastatin'],
      ],
    });
    expect(resolveDrug(coding, undefined, products)).toEqual({
      ingredients: [
        {
          name: 'spironolactone',
          rxnorm: '9997',
          classes: expect.arrayContaining(['potassium-sparing-diuretic']),
        },
        { name: 'simvastatin', rxnorm: '36567', classes: [] },
      ],
      resolvedBy: 'product-index',
      route: null,
    });
    expect(resolveDrug(coding, undefined).resolvedBy).toBe('unresolved');
  });

  it('resolves ATC under each of its systems, and takes the route of its group', () => {
    for (const system of [
      atc,
      'https://www.whocc.no/atc',
      'http://fhir.de/CodeSystem/bfarm/atc',
      'urn:oid:2.16.840.1.113883.6.73',
    ]) {
      const resolution = resolveDrug([{ system, code: 'C07AB07' }], 'Concor 2,5mg');
      expect(resolution.resolvedBy).toBe('atc');
      expect(ruleNames(resolution)).toEqual(['bisoprolol']);
    }
    expect(resolveDrug([{ system: atc, code: 'S01AA11' }], undefined).route).toBe('ophthalmic');
    expect(resolveDrug([{ system: atc, code: 'J01GB03' }], undefined).route).toBeNull();
  });

  it('resolves SNOMED products, and substances by their name', () => {
    expect(resolveDrug([{ system: snomed, code: '66493003' }], undefined)).toMatchObject({
      ingredients: [{ name: 'theophylline' }],
      resolvedBy: 'snomed',
    });
    expect(
      resolveDrug([{ system: snomed, code: '108505002' }], 'Tramadol hydrochloride (substance)'),
    ).toEqual(expect.objectContaining({ resolvedBy: 'name' }));
    expect(resolveDrug([{ system: snomed, code: '18531000168109' }], undefined).resolvedBy).toBe(
      'unresolved',
    );
  });

  it.each([
    ['a system with a slash at the end', { system: `${rxnorm}/`, code: '4603' }, true],
    ['a system in capitals, with spaces', { system: ` ${rxnorm.toUpperCase()} `, code: '4603' }, true],
    ['a system of 200 characters', { system: rxnorm.padEnd(200), code: '4603' }, true],
    ['a system of 201 characters', { system: rxnorm.padEnd(201), code: '4603' }, false],
    ['a code of 64 characters', { system: rxnorm, code: '4603'.padEnd(64) }, true],
    ['a code of 65 characters', { system: rxnorm, code: '4603'.padEnd(65) }, false],
    ['a code with a fraction', { system: rxnorm, code: 4603.5 }, false],
    ['no system', { code: '4603' }, false],
    ['a system that only begins like RxNorm', { system: `${rxnorm}x`, code: '4603' }, false],
  ])('%s: furosemide %j is %s', (_title, coding, found) => {
    expect(ruleNames(resolveDrug([coding], undefined))).toEqual(found ? ['furosemide'] : []);
  });

  it('reads a name of 1,000 characters, also counted after folding, and no longer one', () => {
    const named = (name: string) => ruleNames(resolveText(name));
    expect(named('furosemide'.padEnd(1_000))).toEqual(['furosemide']);
    expect(named('furosemide'.padEnd(1_001))).toEqual([]);
    expect(named(`furosemide [ß]${' '.repeat(985)}`)).toEqual(['furosemide']);
    expect(named(`furosemide [ß]${' '.repeat(986)}`)).toEqual([]);
  });

  it('names a drug that is outside by ATC: its display, else the text, else the code', () => {
    const name = (coding: object, text?: string) =>
      resolveDrug(
        [
          { system: snomed, code: '1', display: 'see list' },
          { system: atc, ...coding },
        ],
        text,
      );
    const code = 'N05CF01';
    const found = (text: string) => ({
      ingredients: [{ name: text, rxnorm: null, classes: [] }],
      resolvedBy: 'atc',
      route: null,
    });
    expect(name({ code, display: ' Ximovan®  forte ' }, 'Schlafmittel')).toEqual(found('ximovan forte'));
    expect(name({ code, display: 'WEIẞ' })).toEqual(found('weiss'));
    expect(name({ code }, 'Ximovan 3,75mg')).toEqual(found('ximovan 3,75mg'));
    expect(name({ code })).toEqual(found(code));
  });

  it('an RxNorm display without a dose form is as structured as one with it', () => {
    const display = 'zyxelan sodium 5 MG';
    expect(allNames(resolveDrug([{ system: rxnorm, display }], undefined))).toEqual(['zyxelan']);
    expect(allNames(resolveDrug([{ system: snomed, display }], undefined))).toEqual([]);
  });

  it.each([
    ['Lisinopril 10 MG', 'lisinopril / hydrochlorothiazide', ['hydrochlorothiazide', 'lisinopril']],
    ['lisinopril / hydrochlorothiazide', 'Lisinopril 10 MG', ['hydrochlorothiazide', 'lisinopril']],
    ['Lisinopril', 'Lasix', []],
    ['Lisinopril', 'see list', ['lisinopril']],
    ['see list', 'Lisinopril', ['lisinopril']],
    ['aspirin / dipyridamole', 'aspirin / omeprazole', ['aspirin', 'omeprazole']],
    ['Aspirin', 'aspirin / dipyridamole', ['aspirin', 'dipyridamole']],
    ['Aspirin', 'aspirin / zyxelan 5 mg tablet', ['aspirin']],
    ['Simvastatin', 'Atorvastatin', ['simvastatin']],
    ['Simvastatin', 'Lisinopril', []],
  ])('display "%s" and text "%s" are %j', (display, text, expected) => {
    expect(allNames(resolveDrug([{ display }], text))).toEqual(expected);
  });

  it.each([
    ['Furosemide', 'furosemide oral tablet', 'oral'],
    ['furosemide oral tablet', 'furosemide tablet', 'oral'],
    ['furosemide oral tablet', 'furosemide injection', null],
  ])('display "%s" and text "%s" have the route %s', (display, text, route) => {
    expect(resolveDrug([{ display }], text).route).toBe(route);
  });

  it('adds nothing to a code from the name of another drug, but all that the name of a combination holds', () => {
    const coded = (code: string, text: string) => allNames(resolveDrug([{ system: rxnorm, code }], text));
    expect(coded('4603', 'lisinopril / hydrochlorothiazide')).toEqual(['furosemide']);
    expect(coded('1191', 'aspirin / dipyridamole')).toEqual(['aspirin', 'dipyridamole']);
  });

  it('adds the other ingredients of the name to a code for only one', () => {
    const resolution = resolveDrug(
      [{ system: rxnorm, code: '5487' }],
      'lisinopril 10 MG / hydrochlorothiazide 12.5 MG Oral Tablet',
    );
    expect(resolution.resolvedBy).toBe('rxnorm-ingredient');
    expect(ruleNames(resolution)).toEqual(['hydrochlorothiazide', 'lisinopril']);
  });

  it('does not choose between a display and a text that contradict each other', () => {
    const coding = { system: rxnorm, code: '1', display: 'Simvastatin 20 MG Oral Tablet' };
    expect(resolveDrug([coding], 'Lisinopril 10 MG Oral Tablet').resolvedBy).toBe('unresolved');
    expect(resolveDrug([coding], 'Zocor').resolvedBy).toBe('name');
  });
});

describe('any input', () => {
  it('never throws, and codes, displays and texts may be any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (codings, text) => {
        const list = codings as unknown as Codings;
        expect(resolveDrug(list, text).ingredients).toBeInstanceOf(Array);
        readRoute(list, text);
      }),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            system: fc.constantFrom(rxnorm, atc, snomed),
            code: fc.jsonValue(),
            display: fc.jsonValue(),
          }),
        ),
        (codings) => {
          resolveDrug(codings, null);
          readRoute(codings, null);
        },
      ),
    );
  });

  it('does not depend on the letter case of the display', () => {
    const word = fc.oneof(
      fc.constantFrom(...names.flatMap(({ name }) => name.split(' '))),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    const display = fc.oneof(
      fc.constantFrom(...names.map(({ name }) => name)),
      fc.array(word, { maxLength: 8 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(display, (name) => {
        const [upper, lower, mixed] = [
          name.toUpperCase(),
          name.toLowerCase(),
          name.toLowerCase().replace(/[a-z]/g, (c) => (c > 'm' ? c.toUpperCase() : c)),
        ].map((variant) => resolveDrug([{ system: rxnorm, display: variant }], undefined));
        expect(upper).toEqual(lower);
        expect(mixed).toEqual(lower);
      }),
      { numRuns: 1_000 },
    );
  });

  // Anything worse than linear would run into the time limit of a test.
  it('answers 100,000 hostile characters as unresolved', () => {
    const pieces = [
      '1',
      '(',
      '[',
      '{',
      'a-',
      '1/',
      ' / ',
      '1 mg ',
      'magnesium ',
      '1.',
      ',',
      '-',
      'mg-',
      'in ',
      'm/r ',
      ') mg',
    ];
    for (const hostile of pieces) {
      const name = hostile.repeat(100_000 / hostile.length);
      for (const text of [name, name.slice(0, 1_000)]) {
        resolveDrug([{ system: rxnorm, code: text, display: text }], text);
        readRoute([{ system: text, code: text, display: text }], text);
      }
      expect(resolveText(name).resolvedBy).toBe('unresolved');
    }
  });

  it('returns frozen results, the same one for the same medication', () => {
    const first = resolveText('furosemide 40 mg tablet');
    expect(resolveText('furosemide 40 mg tablet')).toBe(first);
    expect(Object.isFrozen(first) && Object.isFrozen(first.ingredients)).toBe(true);
    const products = indexOf({ 7: [['4603', 'furosemide']] });
    const seven = () => resolveDrug([{ system: rxnorm, code: '7' }], undefined, products);
    expect(seven()).toBe(seven());
  });

  it('remembers the last 5,000 medications, each of up to 2,000 characters', () => {
    const long = 'x'.repeat(1_995);
    expect(resolveText(long)).toBe(resolveText(long));
    expect(resolveText(`${long}x`)).not.toBe(resolveText(`${long}x`));
    const first = resolveText('furosemide 40.5 mg tablet');
    for (let index = 1; index < 5_000; index += 1) resolveText(`no. ${index}`);
    expect(resolveText('furosemide 40.5 mg tablet')).toBe(first);
    resolveText('no. 5000');
    const again = resolveText('furosemide 40.5 mg tablet');
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });

  it('does not confuse two inputs whose parts join to the same text', () => {
    const one = resolveDrug([{ system: rxnorm, code: '4603' }], '');
    const two = resolveDrug([{ system: `${rxnorm}4603`, code: '' }], '');
    expect(one.resolvedBy).not.toBe(two.resolvedBy);
    const other = resolveDrug([{ code: rxnorm, display: '4603' }], undefined);
    expect(other.resolvedBy).not.toBe(resolveDrug([{ system: rxnorm, code: '4603' }], undefined).resolvedBy);
    const numbered = (code: number) => ruleNames(resolveDrug([{ system: rxnorm, code }], undefined));
    expect([numbered(4603), numbered(29046)]).toEqual([['furosemide'], ['lisinopril']]);
  });
});

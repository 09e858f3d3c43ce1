import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../rules/digest/digest.ts';
import { decodeProducts, encodeProducts, type Product } from '../../../rules/terminology/products.ts';
import { indexOf, productOf } from '../../support/product-index.ts';

const salt = ['74169', 'lisinopril dihydrate', ['29046', 'lisinopril']] as const;
const products = {
  29046: productOf([['29046', 'lisinopril']]),
  314076: productOf([['29046', 'lisinopril']], 'Oral Tablet'),
  314077: productOf([salt], 'Oral Tablet'),
};
const packages = { '00054329863': productOf([salt], 'Oral Tablet') };

describe('a product index', () => {
  it('answers what was put in, by RxCUI and by NDC, and null for anything else', () => {
    const index = indexOf(products, packages);
    expect(index).toMatchObject({ release: '2026-11-02', products: 3, packages: 1 });
    expect(index.product('314076')).toEqual(products[314076]);
    expect(index.product('314077')).toEqual(products[314077]);
    expect(index.package('00054329863')).toEqual(packages['00054329863']);
    for (const code of ['', '0', '314078', '0314076', '314076 ', '3.1e5', '-1', '99999999999', '314076.5'])
      expect(index.product(code), code).toBeNull();
    for (const code of [
      '',
      '54329863',
      '00054329864',
      '0054-3298-63',
      '000054329863',
      '00054329863 ',
      'x00054329863',
    ])
      expect(index.package(code), code).toBeNull();
  });

  it('keeps any content', () => {
    const substance = fc.record({
      rxcui: fc.integer({ min: 1, max: 9_999_999 }).map(String),
      name: fc.string({ maxLength: 12 }),
      formOf: fc.constant(null),
    });
    // One RxCUI has one name in a release.
    const product = fc
      .record({
        substances: fc.array(substance, { maxLength: 4 }),
        doseForms: fc.array(fc.string(), { maxLength: 2 }),
      })
      .map(
        (drug): Product => ({
          ...drug,
          substances: drug.substances.map((s) => ({ ...s, name: `n${s.rxcui}` })),
        }),
      );
    const content = fc.record({
      release: fc.constantFrom(null, '2026-11-02'),
      products: fc
        .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 99_999_999 }).map(String), product), {
          selector: ([code]) => code,
        })
        .map((list) => new Map(list)),
      packages: fc
        .uniqueArray(fc.tuple(fc.stringMatching(/^\d{11}$/), product), { selector: ([code]) => code })
        .map((list) => new Map(list)),
    });
    fc.assert(
      fc.property(content, (given) => {
        const index = decodeProducts(encodeProducts(given));
        expect(index.release).toBe(given.release);
        for (const [code, drug] of given.products) expect(index.product(code)).toEqual(drug);
        for (const [code, drug] of given.packages) expect(index.package(code)).toEqual(drug);
      }),
    );
  });

  it('has one digest for one content, whatever the order, and another for another content', () => {
    const reversed = Object.fromEntries(Object.entries(products).reverse());
    expect(indexOf(reversed, packages).digest).toBe(indexOf(products, packages).digest);
    expect(indexOf(products).digest).not.toBe(indexOf(products, packages).digest);
    expect(indexOf(products, packages, '2026-10-05').digest).not.toBe(indexOf(products, packages).digest);
  });

  it('is refused when one byte is changed or cut off, or when it is another file', () => {
    const bytes = encodeProducts({
      release: null,
      products: new Map(Object.entries(products)),
      packages: new Map(),
    });
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => decodeProducts(changed), `byte ${at}`).toThrow(/npm run terminology:build/);
    }
    for (const length of [0, 1, 20, 80, bytes.length - 1])
      expect(() => decodeProducts(bytes.subarray(0, length))).toThrow(/npm run terminology:build/);
    expect(() => decodeProducts(new TextEncoder().encode('{"resourceType":"Bundle"}'))).toThrow(
      /not a usable product index/,
    );
  });

  it('holds each substance, dose form and drug once, however many products share them', () => {
    const content = (count: number) => {
      const list = Array.from(
        { length: count },
        (_, index) => [String(index + 1), products[314077]] as const,
      );
      return encodeProducts({ release: null, products: new Map(list), packages: new Map() }).length;
    };
    // The row of a product is 8 bytes; the number of digits of the count changes too.
    expect(content(9) - content(1)).toBe(8 * 8);
  });

  it('a salt keeps what it is a form of, also where the whole comes first or has a product of its own', () => {
    const whole = productOf([['29046', 'lisinopril']], 'Oral Tablet');
    for (const [first, second] of [
      [whole, products[314077]],
      [products[314077], whole],
    ] as const) {
      const index = indexOf({ 1: first, 2: second });
      expect([index.product('1'), index.product('2')]).toEqual([first, second]);
    }
  });

  it('says why it is refused', () => {
    const empty = encodeProducts({ release: null, products: new Map(), packages: new Map() });
    const text = new TextDecoder().decode(empty);
    const header = text.slice(text.indexOf('\n') + 1);
    const file = (content: string) =>
      new TextEncoder().encode(`epsom-products-1 ${sha256(new TextEncoder().encode(content))}\n${content}`);
    expect(decodeProducts(file(header)).products).toBe(0);
    for (const [bytes, why] of [
      [new TextEncoder().encode('epsom-products-2 x\n'), 'it does not begin with `epsom-products-1`'],
      [new TextEncoder().encode(`${text}x`), 'its content does not match its digest'],
      [file(''), 'it was made by another version'],
      [file('\n'), 'it was made by another version'],
      [file('{}\n'), 'it was made by another version'],
      [file(`${header}x`), 'its tables have another size'],
      [file(header.replace('"packages":0', '"packages":1')), 'its tables have another size'],
    ] as const)
      expect(() => decodeProducts(bytes)).toThrow(
        `not a usable product index (${why}): make it again with \`npm run terminology:build\``,
      );
  });
});

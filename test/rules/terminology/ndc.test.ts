import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ndcReadings } from '../../../rules/terminology/ndc.ts';

describe('a National Drug Code as eleven digits', () => {
  it.each([
    ['0054-3298-63', ['00054329863'], '4-4-2: the labeler gets the zero'],
    ['12345-678-90', ['12345067890'], '5-3-2: the product gets the zero'],
    ['12345-6789-0', ['12345678900'], '5-4-1: the package gets the zero'],
    ['00054-3298-63', ['00054329863'], '5-4-2: nothing to fill'],
    ['00054329863', ['00054329863'], 'eleven digits'],
    ['0054329863', ['00054329863', '00543029863', '00543298603'], 'ten digits: three readings'],
    ['0000000000', ['00000000000'], 'ten digits whose readings are one'],
  ])('%s is %j (%s)', (code, readings) => {
    expect(ndcReadings(code)).toEqual(readings);
  });

  it.each([
    '',
    '1',
    '123456789',
    '123456789012',
    '54-3298-63',
    '0054-3298',
    '0054-3298-63-1',
    '005a-3298-63',
    '0054--63',
    '0054-3298-63-',
    '-0054-3298-63',
    '0054-3298-6a',
    '00054-32980-63',
    '0054329863\n',
    ' 00054329863',
    '0054-3298-63\n',
  ])('"%s" is none', (code) => {
    expect(ndcReadings(code)).toEqual([]);
  });

  it('a code with hyphens is among the readings of its ten digits', () => {
    const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
    const hyphenated = fc
      .constantFrom([4, 4, 2], [5, 3, 2], [5, 4, 1])
      .chain((lengths) => fc.tuple(...lengths.map(digits)))
      .map((parts) => parts.join('-'));
    fc.assert(
      fc.property(hyphenated, (code) => {
        const [reading, ...others] = ndcReadings(code);
        expect(others).toEqual([]);
        expect(reading).toMatch(/^\d{11}$/);
        expect(ndcReadings(code.replaceAll('-', ''))).toContain(reading);
      }),
    );
  });

  it('any text gives at most three readings of eleven digits', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d-]{0,14}$/)), (code) => {
        const readings = ndcReadings(code);
        expect(readings.length).toBeLessThanOrEqual(3);
        for (const reading of readings) expect(reading).toMatch(/^\d{11}$/);
      }),
    );
  });
});

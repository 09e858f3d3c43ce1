import { describe, expect, it } from 'vitest';
import { codingsOf, readCoding } from '../../../../rules/terminology/drugs/codings.ts';

describe('a coding', () => {
  it.each([
    ['http://www.nlm.nih.gov/research/umls/rxnorm', 'rxnorm'],
    ['https://www.nlm.nih.gov/research/umls/RxNorm/', 'rxnorm'],
    [' http://snomed.info/sct ', 'snomed'],
    ['http://snomed.info/sct//', null],
    ['http://snomed.info/sct/731000124108', 'snomed'],
    ['https://snomed.info/sct/731000124108/version/20250301', 'snomed'],
    ['http://snomed.info/xsct/83821000000107', 'snomed'],
    ['http://snomed.info/sct|http://snomed.info/sct/900000000000207008', 'snomed'],
    ['http://snomed.info/id', 'snomed'],
    ['2.16.840.1.113883.6.96', 'snomed'],
    ['2.16.840.1.113883.6.88', 'rxnorm'],
    ['http://fdasis.nlm.nih.gov', 'unii'],
    ['https://fdasis.nlm.nih.gov/', 'unii'],
    ['http://fdasis.nlm.nih.gov/srs', 'unii'],
    ['urn:oid:2.16.840.1.113883.4.9', 'unii'],
    ['2.16.840.1.113883.4.9', 'unii'],
    ['http://www.whocc.no/atc|2024', 'atc'],
    ['http://snomed.info/sct'.padEnd(200), 'snomed'],
    ['http://snomed.info/sct'.padEnd(201), null],
    ['urn:oid:2.16.840.1.113883.5.112', 'v3-route'],
    ['__proto__', null],
    ['', null],
    [undefined, null],
    [7, null],
  ])('of the system %j is of %s', (system, expected) => {
    expect(readCoding({ system }).system).toBe(expected);
  });

  it.each<[unknown, string]>([
    [' 4603 ', '4603'],
    [4603, '4603'],
    [4603.5, ''],
    [2 ** 53, ''],
    ['4603'.padEnd(64), '4603'],
    ['4603'.padEnd(65), ''],
    [null, ''],
    [{ code: '4603' }, ''],
  ])('with the code %j has "%s"', (code, expected) => {
    expect(readCoding({ code }).code).toBe(expected);
  });

  it('keeps its display as it came', () => {
    const display = { any: 'JSON' };
    expect(readCoding({ display }).display).toBe(display);
  });
});

describe('a list of codings', () => {
  it('is none where it is no list, and leaves out what is no object', () => {
    const coding = { code: '1' };
    expect(codingsOf([coding, null, 'x', 1, coding])).toEqual([coding, coding]);
    for (const value of [undefined, null, coding, 'x', { 0: coding, length: 1 }])
      expect(codingsOf(value)).toEqual([]);
  });

  it('counts up to 20 codings', () => {
    const list = Array.from({ length: 21 }, (_, code) => ({ code }));
    expect(codingsOf(list)).toEqual(list.slice(0, 20));
  });
});

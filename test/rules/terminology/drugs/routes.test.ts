import { describe, expect, it } from 'vitest';
import { onlyRoute, type Route, readRoute, routesOf } from '../../../../rules/terminology/drugs/routes.ts';
import { type Codings, snomed } from '../../../support/drugs.ts';

describe('routes of administration', () => {
  const routes: [string, string, string][] = [
    [snomed, '26643006', 'oral'],
    [snomed, '260548002', 'oral'],
    [snomed, '394899003', 'oral'],
    [snomed, '47625008', 'parenteral'],
    [snomed, '255560000', 'parenteral'],
    [snomed, '78421000', 'parenteral'],
    [snomed, '255559005', 'parenteral'],
    [snomed, '34206005', 'parenteral'],
    [snomed, '263887005', 'parenteral'],
    [snomed, '6064005', 'topical'],
    [snomed, '359540000', 'topical'],
    [snomed, '54485002', 'ophthalmic'],
    [snomed, '10547007', 'otic'],
    [snomed, '46713006', 'nasal'],
    [snomed, '16857009', 'vaginal'],
    [snomed, '37161004', 'rectal'],
    [snomed, '18679011000001101', 'inhaled'],
    [snomed, '447694001', 'inhaled'],
    [snomed, '37839007', 'sublingual'],
    [snomed, '45890007', 'transdermal'],
    ['http://standardterms.edqm.eu', '20053000', 'oral'],
    ['http://standardterms.edqm.eu', '20045000', 'parenteral'],
    ['http://standardterms.edqm.eu', '20049000', 'nasal'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'PO', 'oral'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'IVPUSH', 'parenteral'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'SCINJ', 'ophthalmic'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'ivpush', 'parenteral'],
    ['urn:example:local', 'IVPB', 'parenteral'],
    ['http://ncithesaurus.nci.nih.gov', 'C38288', 'oral'],
    ['http://ncithesaurus.nci.nih.gov', 'c38276', 'parenteral'],
    ['urn:oid:2.16.840.1.113883.3.26.1.1', 'C38305', 'transdermal'],
  ];
  it.each(routes)('%s %s is %s', (system, code, route) => {
    expect(readRoute([{ system, code }], undefined)).toBe(route);
  });

  it.each([
    ['oral', 'oral'],
    ['PO', 'oral'],
    ['by mouth', 'oral'],
    ['Intravenous use', 'parenteral'],
    ['IV push', 'parenteral'],
    ['subcutaneous', 'parenteral'],
    ['oral inhalation', 'inhaled'],
    ['into the left eye', 'ophthalmic'],
    ['oral or IV', null],
    ['as directed', null],
    ['', null],
  ])('the text "%s" is %s', (text, route) => {
    expect(readRoute([], text)).toBe(route);
  });

  it.each([
    ['http://ncithesaurus.nci.nih.gov', 'C99999'],
    ['urn:example:local', 'C38288'],
    ['urn:example:local', 'IVPUSH'],
    [snomed, 'PO'],
    ['http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', '26643006'],
  ])('%s %s is no route', (system, code) => {
    expect(readRoute([{ system, code }], undefined)).toBeNull();
  });

  it('is that of the codings and words that name one, the others left out', () => {
    const unknown = { system: snomed, code: '1', display: 'as directed' };
    const oral = { system: snomed, code: '26643006' };
    expect(readRoute([unknown, oral], undefined)).toBe('oral');
    expect(readRoute([unknown], 'by mouth')).toBe('oral');
    expect(readRoute([{ ...unknown, display: 'Intravenous' }], undefined)).toBe('parenteral');
    expect(readRoute([{ ...unknown, display: 'Intravenous' }], 'by mouth')).toBeNull();
    expect(readRoute([null, 'PO', oral] as unknown as Codings, undefined)).toBe('oral');
    expect(readRoute({ 0: oral } as unknown as Codings, undefined)).toBeNull();
    const many = (before: number) => [...Array.from({ length: before }, () => unknown), oral];
    expect(readRoute(many(19), undefined)).toBe('oral');
    expect(readRoute(many(20), undefined)).toBeNull();
  });

  it('is none where the text says otherwise than the code, nor of two codes', () => {
    expect(readRoute([{ system: snomed, code: '26643006', display: 'Intravenous' }], 'IV')).toBeNull();
    expect(readRoute([{ system: snomed, code: '26643006', display: 'Oral' }], 'by mouth')).toBe('oral');
    expect(
      readRoute(
        [
          { system: snomed, code: '26643006' },
          { system: snomed, code: '47625008' },
        ],
        undefined,
      ),
    ).toBeNull();
  });
});

describe('several routes', () => {
  it.each<[Route[], Route | null]>([
    [[], null],
    [['oral'], 'oral'],
    [['oral', 'nasal'], null],
  ])('%j are %s', (routes, only) => {
    expect(onlyRoute(new Set(routes))).toBe(only);
  });

  it('count once each, and what tells none is left out', () => {
    const route = (word: string): Route | null => (word === 'po' ? 'oral' : null);
    expect([...routesOf(['po', '?', 'po'], route)]).toEqual(['oral']);
    expect(routesOf(['?'], route).size).toBe(0);
    // A dose form that tells no route contradicts one that does.
    expect(onlyRoute(new Set<Route | null>(['oral', null]))).toBeNull();
    expect(onlyRoute(new Set([null]))).toBeNull();
  });
});

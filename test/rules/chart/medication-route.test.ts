import { describe, expect, it } from 'vitest';
import { routeOf, statedRoute, whyRouteUnread } from '../../../rules/chart/medication-route.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import type { Route } from '../../../rules/terminology/drugs/routes.ts';

const by = (...routes: unknown[]): Json[] => routes.map((route) => ({ route }));
const code = (of: string, system: string) => ({ coding: [{ system, code: of }] });
const snomed = 'http://snomed.info/sct';
const edition = 'http://snomed.info/sct/731000124108/version/20250901';
const nullFlavor = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';

describe('the route of a medication', () => {
  it.each<[string, Json[], Route | null, string | null]>([
    ['a code', by(code('26643006', snomed)), 'oral', null],
    ['an edition of SNOMED CT', by(code('418441008', edition)), 'oral', null],
    ['a code of v2', by(code('SC', 'http://terminology.hl7.org/CodeSystem/v2-0162')), 'parenteral', null],
    ['a code of EDQM', by(code('20036500', 'https://standardterms.edqm.eu')), 'parenteral', null],
    ['two of one route', by({ text: 'i.v.' }, { text: 'Intravenös' }), 'parenteral', null],
    ['one, and none beside it', by({ text: 'p.o.' }, undefined), 'oral', null],
    ['a plain text for the concept', by('IntraVENOUS'), 'parenteral', null],
    ['through a tube', by({ text: 'per NG tube' }), 'oral', null],
    ['per os', by({ text: 'per os' }), 'oral', null],
    ['in the eye by injection', by({ text: 'Intravitreal injection' }), 'other', null],
    ['mouth and throat', by({ text: 'Mouth/Throat' }), 'other', null],
    ['French', by({ text: 'par voie orale' }), 'oral', null],
    ['Japanese', by({ text: '経口' }), 'oral', null],
    ['two that differ', by({ text: 'oral' }, { text: 'IV' }), null, 'several'],
    ['one, and one that is not understood', by({ text: 'oral' }, { text: 'xyz' }), null, 'not-understood'],
    ['a code that is not known', by(code('1', snomed)), null, 'not-understood'],
    ['words that are not', by({ text: 'as directed' }), null, 'not-understood'],
    ['none', [{}], null, null],
    ['an empty text', by({ text: ' ' }), null, null],
    ['a null flavor', by(code('UNK', nullFlavor)), null, null],
    ['the word unknown', by({ text: 'Unknown' }), null, null],
  ])('%s', (_, dosages, route, unread) => {
    expect(statedRoute(dosages)).toEqual({ route, unread });
  });

  const v3 = 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration';
  const both = (system: string | undefined, of: string, display?: string, text?: string): Json[] =>
    by({ coding: [{ system, code: of, display }], text });
  it.each<[string, Json[], Route | null, string | null]>([
    ['an oral code with another text', both(snomed, '26643006', undefined, 'Intravenous'), null, 'several'],
    ['an oral code with another display', both(snomed, '26643006', 'Intravenous'), null, 'several'],
    [
      'an oral code and a text of an injection',
      both(snomed, '26643006', undefined, 'Injection'),
      null,
      'several',
    ],
    ['an intravenous code with another text', both(snomed, '47625008', 'Intravenous', 'PO'), null, 'several'],
    [
      'an intravenous code with a rectal text',
      both(snomed, '47625008', undefined, 'rectal'),
      null,
      'several',
    ],
    [
      'an intravenous code with another place',
      both(snomed, '47625008', undefined, 'Intraperitoneal'),
      null,
      'several',
    ],
    ['an oral code with a text of two', both(snomed, '26643006', undefined, 'PO or IV'), null, 'several'],
    [
      'an oral code with a sublingual text',
      both(snomed, '26643006', undefined, 'sublingual'),
      null,
      'several',
    ],
    ['a code of v3 with another display', both(v3, 'PO', 'Injection, intravenous'), null, 'several'],
    ['a local code with another display', both('urn:x', 'PO', 'Intravenous'), null, 'several'],
    ['a code without a system, with another display', both(undefined, 'PO', 'Intravenous'), null, 'several'],
    [
      'a local code that says nothing, display and text differ',
      both('urn:x', '17', 'Oral', 'IV'),
      null,
      'several',
    ],
    ['two words that differ in one text', by({ text: 'oral or IV' }), null, 'several'],
    [
      'two codings that differ',
      by({
        coding: [
          { system: snomed, code: '26643006' },
          { system: v3, code: 'IV' },
        ],
      }),
      null,
      'several',
    ],
    [
      'the display of an unknown code beside a known one',
      by({
        coding: [
          { system: snomed, code: '26643006' },
          { system: 'urn:x', code: '17', display: 'IV' },
        ],
      }),
      null,
      'several',
    ],
    // Other words of the same route, or vaguer ones.
    ['an oral code by mouth', both(snomed, '26643006', 'Oral Route', 'by mouth'), 'oral', null],
    [
      'through a tube, by its text',
      both(snomed, '127492001', 'Nasogastric route', 'per NG tube'),
      'oral',
      null,
    ],
    [
      'an oral code with a text that says no route',
      both(snomed, '26643006', undefined, 'with food'),
      'oral',
      null,
    ],
    [
      'into a vein, by its text',
      both(snomed, '47625008', 'Intravenous route (qualifier value)', 'IVPB'),
      'parenteral',
      null,
    ],
    ['an injection', both(snomed, '78421000', 'Intramuscular Route', 'Injection'), 'parenteral', null],
    ['under the skin', both(snomed, '34206005', undefined, 'Inject under the skin'), 'parenteral', null],
    ['under the skin, in words alone', by({ text: 'under the skin' }), 'parenteral', null],
    ['into a vein, in words alone', by({ text: 'into a vein' }), 'parenteral', null],
    ['a plaster that is topical', both(snomed, '45890007', 'Transdermal', 'Topical'), 'transdermal', null],
    ['under the tongue, by mouth', both(snomed, '37839007', undefined, 'by mouth'), 'sublingual', null],
    ['an inhaler, by mouth', both(v3, 'ORINHL', 'Inhalation, oral', 'by mouth'), 'inhaled', null],
    ['an injection into the eye', both(v3, 'SCINJ', 'Injection, subconjunctival'), 'ophthalmic', null],
    ['an injection into a joint', both(v3, 'IARTINJ', 'Injection, intraarticular'), 'other', null],
    [
      'display and text that are vaguer and plain',
      by({ coding: [{ display: 'Injection' }], text: 'intravitreal' }),
      'other',
      null,
    ],
    // Of what it is not, nothing is said.
    ['not IV', by({ text: 'not IV' }), null, 'not-understood'],
    ['not for intravenous use', by({ text: 'NOT FOR INTRAVENOUS USE' }), null, 'not-understood'],
    ['never by mouth', by({ text: 'never by mouth' }), null, 'not-understood'],
    ['oral, not IV', by({ text: 'oral, not IV' }), 'oral', null],
    ['not oral, IV', by({ text: 'not oral, IV' }), 'parenteral', null],
    ['IM only (not IV)', by({ text: 'IM only (not IV)' }), 'parenteral', null],
    ['an oral code, not IV', both(snomed, '26643006', undefined, 'not IV'), 'oral', null],
  ])('of %s', (_, dosages, route, unread) => {
    expect(statedRoute(dosages)).toEqual({ route, unread });
  });

  it('that differs in code and text is said so, and not that the code is unknown', () => {
    const [said] = both(snomed, '26643006', undefined, 'Intravenous');
    expect(said && whyRouteUnread([said], 'several')).toMatch(/^states routes that differ/);
    // The one that is not understood is named, not the one before it.
    const mixed = [...both(snomed, '26643006', undefined, 'IV'), ...by(code('1', snomed))];
    expect(statedRoute(mixed).unread).toBe('not-understood');
    expect(whyRouteUnread(mixed, 'not-understood')).toContain('code 1 of');
  });

  it('is told by something else only where none is stated', () => {
    const otherwise = [() => null, (): Route => 'oral', (): Route => 'parenteral'];
    expect(routeOf([{}], otherwise).route).toBe('oral');
    expect(routeOf(by({ text: 'xyz' }), otherwise).route).toBeNull();
    expect(routeOf(by({ text: 'IV' }), otherwise).route).toBe('parenteral');
  });

  it('that is not understood is named by its code, never by its words', () => {
    expect(whyRouteUnread(by(code('1', snomed)), 'not-understood')).toBe(
      'its route, code 1 of http://snomed.info/sct, is not understood: send a SNOMED CT code, 26643006 for oral or 47625008 for intravenous',
    );
    expect(whyRouteUnread(by({ text: 'Jane Doe' }), 'not-understood')).not.toContain('Jane');
    expect(whyRouteUnread(by({ text: 'oral' }, { text: 'IV' }), 'several')).toContain('routes that differ');
  });
});

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

/**
 * The route of a medication: as it is stated; where nothing is stated, as the product's dose form or an infusion tells
 * it. What is stated and not understood is unknown, never overruled by either.
 */
import { asObject, codingsOf, type Json, printableCode } from '../fhir/json.ts';
import { type Route, readRoutes, statesRoute } from '../terminology/drugs/routes.ts';

/** Why a stated route is not known: it is not understood, or two that differ are stated. */
export type UnreadRoute = 'not-understood' | 'several';

export interface MedicationRoute {
  route: Route | null;
  unread: UnreadRoute | null;
}

/** @param dosages its Dosages, or the one of an administration */
export function statedRoute(dosages: readonly Json[]): MedicationRoute {
  const routes = dosages
    .map(({ route }) => wordsOf(route))
    .filter(({ codings, text }) => statesRoute(codings, text));
  const named = routes.map(({ codings, text }) => readRoutes(codings, text));
  if (named.some(({ size }) => size === 0)) return { route: null, unread: 'not-understood' };
  const [first = null, ...others] = new Set(named.flatMap((one) => [...one]));
  return others.length > 0 ? { route: null, unread: 'several' } : { route: first, unread: null };
}

/** A CodeableConcept; some send the text alone. */
const wordsOf = (route: unknown): { codings: readonly Json[]; text: unknown } => ({
  codings: codingsOf(route),
  text: typeof route === 'string' ? route : asObject(route)?.text,
});

/** Intramuscular, by code: SNOMED CT, EDQM, NCI Thesaurus, HL7 v3 and v2. */
const muscleCodes: ReadonlySet<string> = new Set([
  '78421000',
  '20035000',
  'C28161',
  'IM',
  'IMD',
  'IMZ',
  'IMINJ',
]);
const muscleWords = /\bi\.?m\b|intra-?mus[ck]|\bmuscles?\b/i;
const veinWords = /\bi\.?v|intraven|endoven|\bveins?\b|infus|subcut|\bs\.?[cq]\b/i;

/** Whether every dosage says that it goes into a muscle, and none that it may go elsewhere. */
export const isIntoMuscle = (dosages: readonly Json[]): boolean =>
  dosages.length > 0 &&
  dosages.every(({ route }) => {
    const { codings, text } = wordsOf(route);
    const words = [text, ...codings.map(({ display }) => display)].map(String).join(' ');
    const isCoded = codings.some(({ code }) => muscleCodes.has(String(code).toUpperCase()));
    return (isCoded || muscleWords.test(words)) && !veinWords.test(words);
  });

/**
 * The route of a medication.
 * @param otherwise what tells it where nothing is stated, the best first
 */
export function routeOf(
  dosages: readonly Json[],
  otherwise: readonly (() => Route | null)[],
): MedicationRoute {
  const stated = statedRoute(dosages);
  if (stated.route !== null || stated.unread !== null) return stated;
  for (const tell of otherwise) {
    const route = tell();
    if (route !== null) return { route, unread: null };
  }
  return stated;
}

const howToSend = 'send a SNOMED CT code, 26643006 for oral or 47625008 for intravenous';

/** What looks like the URI of a code system. */
const printableSystem = (system: unknown): string | null =>
  typeof system === 'string' && /^(?:https?:\/\/|urn:)[A-Za-z0-9._:/-]{1,100}$/.test(system) ? system : null;

/** What a notice says of a route that is not known although it is stated. */
export function whyRouteUnread(dosages: readonly Json[], unread: UnreadRoute): string {
  if (unread === 'several')
    return `states routes that differ, in codes or in words: its route is unknown, ${howToSend}`;
  for (const { route } of dosages) {
    const { codings, text } = wordsOf(route);
    if (!statesRoute(codings, text) || readRoutes(codings, text).size > 0) continue;
    for (const { system, code } of codings) {
      const named = printableCode(code);
      if (named === null) continue;
      const of = printableSystem(system);
      return `its route, code ${named}${of ? ` of ${of}` : ''}, is not understood: ${howToSend}`;
    }
  }
  return `its route is stated in words that are not understood: ${howToSend}`;
}

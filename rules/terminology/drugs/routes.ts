/** Routes of administration: the codes and the words that stand for one. */
import { type Coding, codingsOf, readCode, readSystem } from './codings.ts';
import { foldCase, tokenize } from './spelling.ts';
import { splitWords } from './words.ts';

/** Intravenous, intramuscular, subcutaneous and the like are all `parenteral`. */
export type Route =
  | 'oral'
  | 'parenteral'
  | 'topical'
  | 'ophthalmic'
  | 'otic'
  | 'nasal'
  | 'inhaled'
  | 'rectal'
  | 'vaginal'
  | 'sublingual'
  | 'transdermal'
  | 'other';

/** Each code or word to its route. */
export const indexRoutes = (
  groups: readonly (readonly [route: Route, words: string])[],
): ReadonlyMap<string, Route> =>
  new Map(groups.flatMap(([route, words]) => splitWords(words).map((word) => [word, route] as const)));

/** Words for a route that also tell it where they stand in a product's name. */
export const routeWords = indexRoutes([
  ['oral', 'oral orally po'],
  ['ophthalmic', 'ophthalmic ocular eye conjunctival'],
  ['otic', 'otic auricular ear'],
  ['nasal', 'nasal intranasal'],
  ['rectal', 'rectal'],
  ['vaginal', 'vaginal'],
  ['sublingual', 'sublingual'],
  ['transdermal', 'transdermal'],
  ['topical', 'topical cutaneous'],
  ['inhaled', 'inhalation inhalant inhaled inhaler nebulizer nebuliser nebulization'],
  [
    'parenteral',
    `injection injections injectable infusion infusionslösung intravenous iv im intramuscular subcutaneous
     intrathecal intraosseous intraarterial intradermal epidural parenteral`,
  ],
  // A dialysis fluid, a bladder rinse or an implant is not a dose of the drug by vein.
  [
    'other',
    `intraperitoneal irrigation dialysis intrauterine intravitreal intravesical urethral periodontal implant
     mucosal oromucosal buccal`,
  ],
]);

/** Abbreviations and words for a route where it is the whole subject, unlike in a product's name. */
const routeAbbreviations = indexRoutes([
  ['oral', 'p.o mouth per-os nasogastric gastrostomy'],
  ['parenteral', 'i.v ivpb ivp i.m sc s.c sq subq subcut intravenously intramuscularly subcutaneously'],
  ['topical', 'top skin dermal topically'],
  ['inhaled', 'inh inhale respiratory neb'],
  ['rectal', 'pr rectally'],
  ['vaginal', 'pv vaginally'],
  ['sublingual', 'sl sublingually tongue'],
]);

/** SNOMED CT, children of 284009009. */
const snomedRoutes = indexRoutes([
  ['oral', '26643006 260548002 394899003'],
  // Through a feeding tube the same interactions in the gut apply.
  ['oral', '127492001 127490009'],
  [
    'parenteral',
    `47625008 255560000 78421000 255559005 34206005 263887005 417255000 372464004 72607000 404820008
     58100008`,
  ],
  ['topical', '6064005 359540000'],
  ['ophthalmic', '54485002'],
  ['otic', '10547007'],
  ['nasal', '46713006'],
  ['vaginal', '16857009'],
  ['rectal', '37161004'],
  ['inhaled', '18679011000001101 447694001'],
  ['sublingual', '37839007'],
  ['transdermal', '45890007'],
  ['other', '38239002 54471007'],
]);

/** EDQM Standard Terms. */
const edqmRoutes = indexRoutes([
  ['oral', '20053000'],
  ['parenteral', '20045000 20035000 20066000 20042000'],
  ['nasal', '20049000'],
  ['ophthalmic', '20051000'],
  ['otic', '20001000'],
  ['topical', '20003000'],
  ['inhaled', '20020000'],
  ['rectal', '20061000'],
  ['sublingual', '20067000'],
  ['transdermal', '20070000'],
  ['vaginal', '20072000'],
  ['other', '20038000 20054000'],
]);

/** HL7 v3 RouteOfAdministration. https://terminology.hl7.org/CodeSystem-v3-RouteOfAdministration.html */
const v3Routes = indexRoutes([
  ['oral', 'PO CHEW DISSOLVE NGT OGT GT GJT EFT SWISHSWAL'],
  [
    'parenteral',
    `IV IVC IVCC IVCI IVINJ IVINJBOL IVPUSH IVRPUSH IVSPUSH IVP IVPB IVFLUSH PCA IM IMD IMZ IMINJ SC SQ SQINFUS
     SQINJ IDINJ IOSSC IOSSINJ IT ITINJ EPI EPIDURINJ EPIINJ IA IAINJ PARENTINJ`,
  ],
  ['topical', 'TOPICAL TOP SKIN'],
  // SCINJ is subconjunctival, not subcutaneous.
  ['ophthalmic', 'OPTHALTA SCINJ'],
  ['otic', 'OT'],
  ['nasal', 'NASAL NASALINSTIL NASINHL'],
  ['inhaled', 'IPINHL ORINHL RESPINHL ORIFINHL NEB ORNEB'],
  ['rectal', 'PR RECTAL ENEMA RETENEMA RECINSTL'],
  ['vaginal', 'VAGINS VAGINSI DOUCHE'],
  ['sublingual', 'SL'],
  ['transdermal', 'TRNSDERMD'],
  ['other', 'BUC IU IPERINJ PDPINSTL CAPDINSTL BLADINSTL BLADIRR'],
]);

/** NCI Thesaurus codes, as structured product labels use them. */
const nciRoutes = indexRoutes([
  ['oral', 'C38288'],
  ['parenteral', 'C38276 C28161 C38299'],
  ['topical', 'C38304'],
  ['ophthalmic', 'C38287'],
  ['nasal', 'C38284'],
  ['rectal', 'C38295'],
  ['vaginal', 'C38313'],
  ['sublingual', 'C38300'],
  ['transdermal', 'C38305'],
  ['inhaled', 'C38216'],
]);

/** The one that was found; null where none was, or several that differ. */
export function onlyRoute(found: ReadonlySet<Route | null>): Route | null {
  if (found.size !== 1) return null;
  const [only] = found;
  return only ?? null;
}

/** The routes that the values tell, each once; a value that tells none is left out. */
export function routesOf<V>(values: readonly V[], routeOf: (value: V) => Route | null): ReadonlySet<Route> {
  const found = new Set<Route>();
  for (const value of values) {
    const route = routeOf(value);
    if (route) found.add(route);
  }
  return found;
}

function routeOfText(value: unknown): Route | null {
  const text = foldCase(value);
  if (text === null) return null;
  const found = new Set<Route>();
  for (const token of tokenize(text)) {
    const route = routeWords.get(token) ?? routeAbbreviations.get(token);
    if (route) found.add(route);
  }
  if (found.has('inhaled')) found.delete('oral');
  return onlyRoute(found);
}

function routeOfCoding(coding: Coding): Route | null {
  const code = readCode(coding.code);
  switch (readSystem(coding.system)) {
    case 'snomed':
      return snomedRoutes.get(code) ?? null;
    case 'edqm':
      return edqmRoutes.get(code) ?? null;
    case 'v3-route':
      return v3Routes.get(code.toUpperCase()) ?? null;
    case 'nci':
      return nciRoutes.get(code.toUpperCase()) ?? null;
    case 'rxnorm':
    case 'atc':
    case 'ndc':
    case 'unii':
    case null:
      // A local system's code may still be the usual abbreviation.
      return routeOfText(code);
  }
}

/**
 * The route of a dosage instruction (FHIR `Dosage.route`): known codes first, then the words of the displays and the
 * text. Codes are read of SNOMED CT, EDQM, HL7 v3 and the NCI Thesaurus; elsewhere the usual abbreviation counts.
 *
 * @param codings FHIR codings; any other JSON says nothing
 * @param text free text; anything but a string says nothing
 * @returns null where the route is unknown, or where two different routes are named. Never throws.
 * @example
 * readRoute([{ system: 'http://snomed.info/sct', code: '47625008' }], undefined); // 'parenteral'
 * readRoute([], 'by mouth'); // 'oral'
 * readRoute([], 'oral or IV'); // null
 */
export function readRoute(codings: readonly Coding[], text: unknown): Route | null {
  const list = codingsOf(codings);
  const coded = routesOf(list, routeOfCoding);
  if (coded.size > 0) return onlyRoute(coded);
  return onlyRoute(routesOf([...list.map(({ display }) => display), text], routeOfText));
}

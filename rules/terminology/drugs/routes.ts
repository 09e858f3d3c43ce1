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
  [
    'oral',
    `p.o mouth per-os peroral nasogastric orogastric gastrostomy jejunostomy nasojejunal enteral orale oraal
     einnehmen einnahme 経口 経口投与 内服`,
  ],
  [
    'parenteral',
    `i.v ivpb ivp i.m sc s.c sq subq subcut intravenously intramuscularly subcutaneously i.o intracardiac
     intravenös intramuskulär subkutan endovenös intraossär
     intraveineuse intramusculaire sous-cutanée intraveneus subcutaan
     intravenosa endovenosa intramuscolare subcutánea sottocutanea
     静脈内 静脈注射 静注 点滴静注 筋肉内 筋注 皮下 皮下注`,
  ],
  ['topical', 'top skin dermal topically topisch kutan cutanée tópica'],
  ['ophthalmic', 'eyes ophtalmique ophthalmically auge augen 点眼'],
  ['otic', 'ears auriculaire'],
  ['nasal', 'nostril nostrils nose nasally nasale'],
  ['inhaled', 'inh inhale respiratory neb nebulised nebulized inhalativ inhalationen 吸入'],
  ['rectal', 'pr rectally rectum rektal rectale rectaal 直腸'],
  ['vaginal', 'pv vaginally vagina vaginale'],
  ['sublingual', 'sl sublingually tongue sublinguale 舌下'],
  ['transdermal', 'transdermique'],
  ['other', 'throat bukkal oropharyngeal gingival dental intra-articular intralesional spit'],
]);

/** Phrases whose words by themselves say nothing, or something else, each with the word that it stands for. */
const routePhrases: readonly (readonly [RegExp, string])[] = [
  [/\bper os\b/, 'oral'],
  [
    /\b(?:via|per|through|by)? ?(?:the )?(?:ng|og|nj|nd|gj|g|j|peg|pej|feeding|gastric|enteral)[- ]tube\b/,
    'oral',
  ],
  [/^per tube$/, 'oral'],
  [/\bunder (?:the )?tongue\b/, 'sublingual'],
  [/\b(?:under|beneath|into) (?:the )?skin\b/, 'subcutaneous'],
  [/\b(?:into|in|by|via|through) (?:an? |the )?veins?\b/, 'intravenous'],
  [/\b(?:into|in) (?:an? |the )?muscles?\b/, 'intramuscular'],
];

/** They tell a route only where no other word does: `intravitreal injection`. */
const vagueWords: ReadonlySet<string> = new Set([
  'injection',
  'injections',
  'injectable',
  'infusion',
  'mouth',
]);

/** Codes and words for "nobody has said": no route is stated by them. */
const unstatedCodes: ReadonlySet<string> = new Set([
  // HL7 v3 NullFlavor and data-absent-reason.
  ...splitWords('unk ni nask asku nav na nullflavor unknown not-asked asked-unknown temp-unknown'),
  ...splitWords('not-applicable not-performed error masked unsupported'),
  // dm+d: route of administration not applicable. EDQM likewise.
  '3594011000001102',
  '20062000',
]);
const unstatedTexts: ReadonlySet<string> = new Set([
  'unknown',
  'not specified',
  'unspecified',
  'not stated',
  'not given',
  'none',
  'n/a',
  'na',
  '-',
  '--',
  '?',
]);

/** SNOMED CT, below 284009009. What is not listed here is told by its display, or not at all. */
const snomedRoutes = indexRoutes([
  ['oral', '26643006 260548002 394899003'],
  // Through a feeding tube, into the stomach or the gut, the same interactions apply.
  [
    'oral',
    `127490009 127491008 127492001 372454008 417985001 418441008 418730005 418887008 420163009 420218003
     445752009 445768003 448491004`,
  ],
  [
    'parenteral',
    `47625008 255560000 78421000 255559005 34206005 263887005 417255000 372464004 72607000 404820008
     58100008 372460008 372463005 372470005 418114005 418418000 419993007 445755006 447080003`,
  ],
  ['topical', '6064005 359540000 448598008'],
  ['ophthalmic', '54485002 372476004 416174007 418321004 418608002 418722009 446105004'],
  ['otic', '10547007 418091004 447227007'],
  ['nasal', '46713006'],
  ['vaginal', '16857009'],
  ['rectal', '37161004'],
  ['inhaled', '18679011000001101 372452007 420201002 447081004 447694001'],
  ['sublingual', '37839007'],
  ['transdermal', '45890007'],
  [
    'other',
    `12130007 38239002 54471007 62226000 90028008 372449004 372457001 372458006 372459003 372461007 372465003
     372466002 372467006 372468001 372469009 372471009 372473007 372474001 372475000 404815008 404818005
     404819002 418162004 418401004 418511008 418664002 418821007 418877009 419954003 420168000 420185003
     445769006 447052000 447121004 447122006 448492006 714743009`,
  ],
]);

/** EDQM Standard Terms. */
const edqmRoutes = indexRoutes([
  ['oral', '20053000 20013000 20013500 20021000'],
  [
    'parenteral',
    `20045000 20035000 20066000 20042000 20009000 20023000 20026000 20029000 20030000 20036500 20041000
     20080000`,
  ],
  ['nasal', '20049000'],
  ['ophthalmic', '20051000 20061500 20065000 20084000'],
  ['otic', '20001000'],
  ['topical', '20003000'],
  ['inhaled', '20020000 20008000'],
  ['rectal', '20061000'],
  ['sublingual', '20067000'],
  ['transdermal', '20070000'],
  ['vaginal', '20072000'],
  [
    'other',
    `20002500 20004000 20014000 20015000 20015500 20022000 20024000 20025000 20025500 20027000 20031000
     20032000 20036000 20038000 20039000 20044000 20046000 20047000 20054000 20055000 20057000 20058000
     20059000 20071000`,
  ],
]);

/** HL7 v3 RouteOfAdministration. https://terminology.hl7.org/CodeSystem-v3-RouteOfAdministration.html */
const v3Routes = indexRoutes([
  ['oral', 'PO CHEW DISSOLVE NGT OGT GT GJT EFT SWISHSWAL NJT OJJ JJTINSTL IGASTINSTL IDUODINSTL'],
  [
    'parenteral',
    `IV IVC IVCC IVCI IVINJ IVINJBOL IVPUSH IVRPUSH IVSPUSH IVP IVPB IVFLUSH PCA IM IMD IMZ IMINJ SC SQ SQINFUS
     SQINJ IDINJ IOSSC IOSSINJ IT ITINJ EPI EPIDURINJ EPIINJ IA IAINJ PARENTINJ ICARDINJ ICORONINJ`,
  ],
  ['topical', 'TOPICAL TOP SKIN'],
  // SCINJ is subconjunctival, not subcutaneous.
  ['ophthalmic', 'OPTHALTA SCINJ RBINJ'],
  ['otic', 'OT'],
  ['nasal', 'NASAL NASALINSTIL NASINHL'],
  ['inhaled', 'IPINHL ORINHL RESPINHL ORIFINHL NEB ORNEB ETINSTL ETNEB'],
  ['rectal', 'PR RECTAL ENEMA RETENEMA RECINSTL'],
  ['vaginal', 'VAGINS VAGINSI DOUCHE'],
  ['sublingual', 'SL'],
  ['transdermal', 'TRNSDERMD'],
  [
    'other',
    `BUC IU IPERINJ PDPINSTL CAPDINSTL BLADINSTL BLADIRR BLADINJ GARGLE SUCK ORMUC SWISHSPIT GINGINJ IARTINJ
     IBURSINJ ILESINJ IOINJ IVITINJ IPLRINJ IUINJ PAINJ PNINJ SQIMPLNT`,
  ],
]);

/** HL7 version 2, table 0162. https://terminology.hl7.org/CodeSystem-v2-0162.html */
const v2Routes = indexRoutes([
  ['oral', 'PO NG GTT'],
  ['parenteral', 'IV IM SC SQ ID IA IT EP IC'],
  ['topical', 'TP AP'],
  ['ophthalmic', 'OP'],
  ['otic', 'OT'],
  ['nasal', 'NS IN'],
  ['inhaled', 'IH'],
  ['rectal', 'PR'],
  ['vaginal', 'VG'],
  ['sublingual', 'SL'],
  ['transdermal', 'TD'],
  ['other', 'B BU IP IU MM MTH UR WND DT IB IS ICV'],
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

/** What a text names is not meant after these, up to the end of the clause: `not IV`, `never by mouth`. */
const negations: ReadonlySet<string> = new Set([
  ...splitWords('not no non never avoid except without nicht kein keine nie pas jamais nunca niet mai'),
]);
const clauseEnds: ReadonlySet<string> = new Set([
  ',',
  ';',
  '(',
  ')',
  '.',
  'but',
  'only',
  'sondern',
  'mais',
  'pero',
]);

/** Routes of a text, each with whether only vague words tell it. */
type Worded = ReadonlyMap<Route, boolean>;

function routesOfText(value: unknown): Worded {
  const found = new Map<Route, boolean>();
  const folded = foldCase(value);
  if (folded === null) return found;
  // `i. v.` is `i.v.`.
  let text = folded.replace(/\b([a-z])\. ([a-z])\./g, '$1.$2.');
  for (const [phrase, word] of routePhrases) text = text.replace(phrase, ` ${word} `);
  let isNegated = false;
  for (const token of tokenize(text)) {
    if (clauseEnds.has(token)) isNegated = false;
    else if (negations.has(token)) isNegated = true;
    const route = isNegated ? undefined : (routeWords.get(token) ?? routeAbbreviations.get(token));
    if (route) found.set(route, (found.get(route) ?? true) && vagueWords.has(token));
  }
  if (found.has('inhaled')) found.delete('oral');
  return withoutVague(found);
}

/** What only vague words tell counts where no other word tells anything. */
function withoutVague(found: Worded): Worded {
  const plain = new Map([...found].filter(([, isVague]) => !isVague));
  return plain.size > 0 && plain.size < found.size ? plain : found;
}

function routeOfText(value: unknown): Route | null {
  return onlyRoute(new Set(routesOfText(value).keys()));
}

/** Into the body by neither the mouth nor a needle: words for one of these are often those for a wider one. */
const inOnePlace: ReadonlySet<Route> = new Set<Route>([
  'topical',
  'ophthalmic',
  'otic',
  'nasal',
  'inhaled',
  'rectal',
  'vaginal',
  'transdermal',
  'other',
]);
/** Codes for which words of the wider route are right too: `by mouth` of a tablet under the tongue or of an inhaler. */
const throughMouth: ReadonlySet<Route> = new Set<Route>(['sublingual', 'inhaled', 'other']);

/** Whether a word is merely another for the route of the code: `topical` of a plaster, `injection` into the eye. */
function fitsCode(coded: Route, worded: Route, isVague: boolean): boolean {
  if (coded === worded || (inOnePlace.has(coded) && inOnePlace.has(worded))) return true;
  if (worded === 'oral') return throughMouth.has(coded) && (isVague || coded !== 'other');
  return isVague && ['ophthalmic', 'otic', 'other'].includes(coded);
}

/** Of several texts together: what only vague words tell is left out where another text says it more exactly. */
function mergeWords(all: readonly Worded[]): Worded {
  const merged = new Map<Route, boolean>();
  for (const [route, isVague] of all.flatMap((one) => [...one]))
    merged.set(route, (merged.get(route) ?? true) && isVague);
  const plain = [...merged].filter(([, isVague]) => !isVague);
  return new Map(
    [...merged].filter(
      ([route, isVague]) =>
        !isVague || plain.every(([exact]) => exact === route || !fitsCode(exact, route, true)),
    ),
  );
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
    case 'v2-route':
      return v2Routes.get(code.toUpperCase()) ?? null;
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
 * The routes that a dosage instruction names (FHIR `Dosage.route`): known codes, and the words of the displays and the
 * text. Words that are merely vaguer than the code, or others for the same, add none. Codes are read of SNOMED CT,
 * EDQM, HL7 v3 and v2 and the NCI Thesaurus; elsewhere the usual abbreviation counts.
 *
 * @param codings FHIR codings; any other JSON says nothing
 * @param text free text; anything but a string says nothing
 * @returns none where nothing is understood, several where they differ. Never throws.
 * @example
 * readRoutes([{ system: 'http://snomed.info/sct', code: '47625008' }], 'by mouth'); // parenteral, oral
 */
export function readRoutes(codings: readonly Coding[], text: unknown): ReadonlySet<Route> {
  const list = codingsOf(codings);
  const coded = routesOf(list, routeOfCoding);
  const worded = mergeWords([...list.map(({ display }) => display), text].map(routesOfText));
  const [code] = coded;
  if (code === undefined) return new Set(worded.keys());
  const others = [...worded].filter(([route, isVague]) => !fitsCode(code, route, isVague));
  return new Set([...coded, ...others.map(([route]) => route)]);
}

/**
 * The one route that is named.
 * @returns null where the route is unknown, or where two different routes are named. Never throws.
 * @example
 * readRoute([{ system: 'http://snomed.info/sct', code: '47625008' }], undefined); // 'parenteral'
 * readRoute([], 'by mouth'); // 'oral'
 * readRoute([], 'oral or IV'); // null
 */
export const readRoute = (codings: readonly Coding[], text: unknown): Route | null =>
  onlyRoute(readRoutes(codings, text));

/**
 * Whether anything is stated at all: `unknown`, a null flavor or an empty text state nothing.
 * @param codings FHIR codings
 * @param text free text
 */
export function statesRoute(codings: readonly Coding[], text: unknown): boolean {
  const states = (value: unknown): boolean =>
    typeof value === 'string' && value.trim() !== '' && !unstatedTexts.has(value.trim().toLowerCase());
  const list = codingsOf(codings);
  const isNull = list.some(({ code }) => unstatedCodes.has(readCode(code).toLowerCase()));
  if (isNull) return false;
  return states(text) || list.some(({ code, display }) => readCode(code) !== '' || states(display));
}

import table from '../drugs.json' with { type: 'json' };
import { ndcReadings } from '../ndc.ts';
import type { Product, ProductIndex, Substance } from '../products.ts';

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

/** `rxnorm` is the ingredient's RxNorm code (IN), or null where none is known. */
export interface Ingredient {
  name: string;
  rxnorm: string | null;
  classes: readonly string[];
}

/** `route` is that of the dose form in the name (or of the ATC group), null where neither says. */
export interface DrugResolution {
  ingredients: readonly Ingredient[];
  resolvedBy: 'rxnorm-ingredient' | 'product-index' | 'atc' | 'snomed' | 'ndc' | 'name' | 'unresolved';
  route: Route | null;
}

interface Coding {
  system?: unknown;
  code?: unknown;
  display?: unknown;
}

interface IngredientRow {
  name: string;
  rxnorm: string | null;
  atc: readonly string[];
  snomed: readonly string[];
  unii: string | null;
  classes: readonly string[];
  synonyms: readonly string[];
  precise: readonly { rxnorm: string; name: string }[];
  brands: readonly string[];
  brandsAdded: readonly string[];
}

const rows: readonly IngredientRow[] = table.ingredients;

/** A longer name is not a drug's name: it stays unresolved. */
const longestName = 1_000;
const longestCode = 64;
const mostCodings = 20;
const longestKey = 2_000;
const mostRemembered = 5_000;

const words = (text: string): readonly string[] => text.split(' ');

/* ---------- the words of a drug name ---------- */

const doseUnits = new Set(
  words(
    'mg mgs g gm gms gram grams mcg mcgs ug µg μg microgram micrograms milligram milligrams ng kg unt unts unit units u iu ' +
      'meq meqs mmol mol mci % pct mgml cells pfu bau au million ie mcl i.u',
  ),
);
const otherUnits = new Set(
  words(
    'ml mls cc l liter litre milliliter millilitre hr hrs h hour hours day days actuat act actuation min mm cm sqcm ' +
      'inch week blist blister puff spray',
  ),
);

/** Words of dose forms: they end an ingredient's name. Forms of the packs and languages met in real data. */
const formWords = new Set(
  words(
    'oral orally tablet tablets tab tabs tabletten tablette capsule capsules cap caps caplet caplets kapsel kapseln ' +
      'filmtabletten filmtablette filmtabl brausetabletten solution soln sol suspension susp syrup elixir drops drop powder ' +
      'pulver granules granule pellet pellets wafer film strip lozenge lozenges troche gum chewing chewable chew disintegrating ' +
      'dispersible effervescent soluble orodispersible injection injections injectable inj injektion infusion infusionslösung ' +
      'ampoule ampoules ampul ampule vial vials syringe syringes prefilled pre-filled pen pens injector auto-injector autoinjector cartridge ' +
      'cartridges injektor novolet pump infusor ' +
      'implant intravenous iv im sc subcutaneous intramuscular intrathecal intraperitoneal intrauterine topical cream ointment ' +
      'lotion gel foam shampoo paste pad medicated patch transdermal system ring spray mucosal buccal sublingual nasal ' +
      'ophthalmic eye otic ear rectal suppository suppositories enema vaginal insert inhaler inhalation inhalant nebulizer ' +
      'nebuliser metered-dose metered dry irrigation dialysis periodontal urethral extended delayed release prolonged modified-release ' +
      'extended-release delayed-release immediate sustained slow conventional gastro-resistant enteric enteric-coated coated ' +
      'film-coated uncoated po pack packs kit concentrate concentrated reconstitution dose douche dressing tampon sponge swab ' +
      'bead beads lyophilisate lyophilized crystals liquid drug reconstituted mouth throat i.v i.m s.c solvent diluent packet packets sachet sachets pessary pessaries ' +
      'enemas implants aerosol nebulization nebulisation external device breath activated actuated concentration flexhaler diskus ' +
      'evohaler accuhaler turbuhaler turbohaler handihaler respimat ellipta easyhaler clickhaler twisthaler penfill bandage ' +
      'einzeldosis tabl kaps ret lös lösung inf konz stk filmtbl dragees drag sirup gran magensaftresistent magensaftresistente ' +
      'magensaftresistenten hartkapsel injektions retard ampullen spritze salbe tropfen saft zäpfchen retardtabletten retardkapseln hartkapseln weichkapseln ' +
      'brausetablette kautabletten injektionslösung fertigspritze inj-lsg',
  ),
);

/**
 * Dose forms and routes as US pharmacy systems abbreviate them ("40 MG PO TBEC"), with the route they imply. They
 * are no words of any language, so they end a name as the written forms do.
 */
const formCodes: ReadonlyMap<string, Route | null> = new Map(
  (
    [
      [
        'oral',
        'tbec tbcr tbdp tbdl tbld tbso tbsr tbtq tber tb12 tb24 t24a t12a tbef tbpk cpdr cpep cpcr cpsr cper cpsp cp12 cp24 csdr chew dspk srer suer',
      ],
      ['parenteral', 'solr solp pgbk ivpb syrg inpn inph ctrg crtg pca soaj soct sopn sosy subq'],
      ['ophthalmic', 'opht ophth'],
      ['topical', 'crea oint lotn oinm'],
      ['inhaled', 'hfaa aerb aepb aero aers nebu dsdv inh'],
      ['rectal', 'supp enem'],
      ['transdermal', 'pt24 pt72 ptwk ptch pttw'],
      ['sublingual', 'subl'],
      [
        null,
        'soln susp spsn spra pwpk powd liqd elix syrp emul tp pr mwsh troc lozg conc kit foam sc po iv inj drps pste',
      ],
    ] as const
  ).flatMap(([route, codes]) => words(codes).map((code): [string, Route | null] => [code, route])),
);
for (const code of formCodes.keys()) formWords.add(code);

/** Words that say nothing about the ingredient; stripped from both ends of a name. */
const noiseWords = new Set(
  words(
    'product substance medicinal clinical containing only precisely form of for in as and generic brand each virtual therapy ' +
      'once-daily osmotic abuse-deterrent sprinkle microencapsulated bx rating doses sensor modified atrial fibrillation liposomal liposome lipid complex ' +
      'xr xl er sr cr la ec dr cd ds hfa odt solostar kwikpen flexpen flextouch adult pediatric paediatric ' +
      'daily twice once bid tid qid qd prn take preservative-free sugar-free usp bp nf teva sandoz ratiopharm stada hexal ' +
      'mylan accord aurobindo zentiva abz aristo heumann winthrop puren pharma mct film strength extra pf porcine ec solutab zydis otc low childrens micronized micronised buffered pak 2-pak',
  ),
);
/** Not noise for a patient: a separator between two drugs, or before what a drug is dissolved in. */
const separators = new Set(words('/ + & and with plus w und mit in | ; •'));
/** They announce another drug: with nothing after them ("Enalapril plus 20 mg/12.5 mg") a name is incomplete. */
const announcing = new Set(words('+ plus'));

const saltWords = new Set(
  words(
    'hydrochloride hcl hydrochlorid dihydrochloride monohydrochloride tetrahydrochloride hydrobromide hbr sodium natrium disodium ' +
      'trisodium potassium dipotassium calcium magnesium strontium zinc sulfate sulphate bisulfate bisulphate phosphate ' +
      'diphosphate acetate maleate malate fumarate hemifumarate succinate hemisuccinate tartrate d-tartrate bitartrate ' +
      'hydrogentartrate citrate mesylate mesilate besylate besilate tosylate tosilate napsylate nitrate chloride bromide ' +
      'iodide bicarbonate gluconate lactate lactobionate stearate ethylsuccinate estolate benzoate oxalate ' +
      'pamoate embonate decanoate enanthate palmitate propionate dipropionate furoate valerate butyrate probutate xinafoate ' +
      'tromethamine trometamol meglumine dimeglumine arginine lysine erbumine tert-butylamine axetil proxetil pivoxil cilexetil ' +
      'medoxomil kamedoxomil mesilate monohydrate dihydrate trihydrate pentahydrate heptahydrate hexahydrate anhydrous ' +
      'hemihydrate sesquihydrate hydrate hyclate isethionate polistirex epolamine diethylamine diethylammonium ' +
      'macrocrystals hippurate mandelate polacrilex camsylate edisylate aspartate xinafoat kalium acetonide aceponate hexacetonide diacetate ethyl besy monohyd macro crys succinat tartrat fumarat hemifumarat maleat besilat mesilat citrat sulfat sod succ suc pot tart bitart',
  ),
);

/** Names that a salt word follows in other substances: never reached by taking a salt off. */
const elements = new Set(['magnesium', 'lithium']);

/** German writes the salt as part of the word: "metoprololsuccinat". */
const saltEnding =
  /(?:dihydro|hydro)chlorid$|(?:hemi)?(?:succin|fumar|tartr)at$|(?:besil|mesil|male|citr|sulf|phosph|acet)at$/;

/**
 * First words and endings of drugs that would belong to a class of ours but are not in the table
 * (magnesium threonate, insulin detemir, norfloxacin). To call them "in none of the classes" would be
 * false, so on their own they stay unresolved and a notice says so.
 */
const kindredWords = new Set(
  words(
    'magnesium potassium insulin lithium ferrous ferric iron calcium aluminum aluminium tenofovir mycophenolate amphotericin ' +
      'gadofosveset gadopiclenol dyphylline paromomycin eravacycline tigecycline doravirine papaverine pentosan trolamine choline ' +
      'bismuth kalium kalzium eisen dicalcium tricalcium sucroferric heparin paliperidone clozapine azilect nedaplatin digitoxin acetyldigoxin metildigoxin thyroid liotrix opium',
  ),
);
const kindredPhrases = ['vitamin d', 'sodium phosphate', 'sodium picosulfate'];
const kindredEndings = words(
  'pril prilat sartan olol floxacin dipine semide thiazide oxicam fenac profen fenamate coxib prazole gliflozin gliptin xaban ' +
    'gravir dronate dronic cycline curonium tacrolimus barbital',
);

/** Endings of nonproprietary names (WHO stems) outside our classes that brand names do not share. */
const otherEndings = words(
  'vastatin cillin conazole nidazole bendazole setron zosin oxetine triptyline pramine azepam azolam triptan lukast glitazone ' +
    'glinide glutide grel grelor tinib ciclib rafenib rubicin taxel vudine navir buvir asvir previr citabine gestrel gesterone ' +
    'trozole oxifen stigmine zolamide tadine rizine mustine relin bactam penem fibrate racetam codone morphone ' +
    'fentanil bamate dafil tropium caine umab ximab zumab limumab tide idone',
);

/** The same name however it is written: lower case, hyphens and commas as spaces. */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll('-', ' ').replaceAll(',', ' ').replace(/ {2,}/g, ' ').trim();
}

/* ---------- the table, indexed once ---------- */

const byRxnorm = new Map<string, Ingredient>();
const byAtc = new Map<string, readonly Ingredient[]>();
const atcGroups = new Set<string>();
const bySnomed = new Map<string, Ingredient>();
const byName = new Map<string, Ingredient>();
const byExactName = new Map<string, Ingredient>();
const byBrand = new Map<string, readonly Ingredient[]>();
const classMembers = new Map<string, Ingredient[]>();
const otherIngredients = new Set(table.otherIngredients.map(canonical));

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

for (const row of rows) {
  const ingredient: Ingredient = Object.freeze({
    name: row.name,
    rxnorm: row.rxnorm,
    classes: Object.freeze([...row.classes]),
  });
  byExactName.set(canonical(row.name), ingredient);
  for (const name of row.classes) {
    const members = classMembers.get(name);
    if (members) members.push(ingredient);
    else classMembers.set(name, [ingredient]);
  }
  if (row.rxnorm) byRxnorm.set(row.rxnorm, ingredient);
  for (const precise of row.precise) keep(byRxnorm, precise.rxnorm, ingredient);
  for (const code of row.snomed) bySnomed.set(code, ingredient);
  for (const code of row.atc) {
    // Where several ingredients share a code (lithium and its salts) the table's first one stands for it.
    keep(byAtc, code, Object.freeze([ingredient]));
    atcGroups.add(code.slice(0, 5));
  }
  byName.set(canonical(row.name), ingredient);
  for (const name of row.synonyms) keep(byName, canonical(name), ingredient);
  for (const precise of row.precise) keep(byName, canonical(precise.name), ingredient);
}
// German and the Nordic languages leave the last letter off: "furosemid", "amlodipin", "spironolacton".
for (const [name, ingredient] of [...byName]) {
  if (/^[a-z]{7,}e$/.test(name)) keep(byName, name.slice(0, -1), ingredient);
}
for (const name of [...otherIngredients]) {
  const short = name.slice(0, -1);
  if (/^[a-z]{7,}e$/.test(name) && !byName.has(short)) otherIngredients.add(short);
}
for (const row of rows) {
  const ingredient = byExactName.get(canonical(row.name));
  if (!ingredient) continue;
  for (const brand of [...row.brands, ...row.brandsAdded]) {
    const key = canonical(brand);
    byBrand.set(key, [...(byBrand.get(key) ?? []), ingredient]);
  }
}
for (const brand of table.ambiguousBrands) byBrand.delete(canonical(brand));

const outside = (name: string, rxnorm: string | null = null): Ingredient =>
  Object.freeze({ name, rxnorm, classes: Object.freeze([]) });

function setCombination(code: string, names: readonly string[]): void {
  const members = names.map((name) => byName.get(name) ?? outside(name));
  byAtc.set(code, Object.freeze(members));
}
// ATC codes in the table that stand for a fixed combination.
setCombination('C09DX04', ['sacubitril', 'valsartan']);
setCombination('J01DH51', ['imipenem', 'cilastatin']);
setCombination('J01EE01', ['sulfamethoxazole', 'trimethoprim']);
setCombination('J05AR20', ['bictegravir', 'tenofovir alafenamide', 'emtricitabine']);

/** Brands that hold none of ours. Ours go first, so that a mistake here can hide nothing. */
const otherBrands: ReadonlyMap<string, readonly Ingredient[]> = new Map(
  Object.entries(table.otherBrands).map(([brand, names]) => [
    canonical(brand),
    Object.freeze(names.map((name) => outside(canonical(name)))),
  ]),
);
const brandOf = (name: string): readonly Ingredient[] | undefined =>
  byBrand.get(name) ?? otherBrands.get(name);
const isBrand = (name: string): boolean => byBrand.has(name) || otherBrands.has(name);

/** Rule class name to its ingredients. */
export const drugClasses: ReadonlyMap<string, readonly Ingredient[]> = classMembers;

export function isClass(name: string): boolean {
  return classMembers.has(name);
}

/** By the table's own name ("magnesium sulfate"), in any case; synonyms and brands do not count. */
export function ingredientByName(name: string): Ingredient | null {
  return byExactName.get(canonical(name)) ?? null;
}

/* ---------- code systems ---------- */

type System = 'rxnorm' | 'atc' | 'snomed' | 'ndc' | 'edqm' | 'v3-route' | 'nci';

const systems: ReadonlyMap<string, System> = new Map<string, System>([
  ['http://www.nlm.nih.gov/research/umls/rxnorm', 'rxnorm'],
  ['urn:oid:2.16.840.1.113883.6.88', 'rxnorm'],
  ['http://www.whocc.no/atc', 'atc'],
  ['http://whocc.no/atc', 'atc'],
  ['http://fhir.de/codesystem/bfarm/atc', 'atc'],
  ['http://fhir.de/codesystem/dimdi/atc', 'atc'],
  ['urn:oid:2.16.840.1.113883.6.73', 'atc'],
  ['http://snomed.info/sct', 'snomed'],
  ['urn:oid:2.16.840.1.113883.6.96', 'snomed'],
  ['http://hl7.org/fhir/sid/ndc', 'ndc'],
  ['urn:oid:2.16.840.1.113883.6.69', 'ndc'],
  ['http://standardterms.edqm.eu', 'edqm'],
  ['urn:oid:0.4.0.127.0.16.1.1.2.1', 'edqm'],
  ['http://terminology.hl7.org/codesystem/v3-routeofadministration', 'v3-route'],
  ['http://hl7.org/fhir/v3/routeofadministration', 'v3-route'],
  ['urn:oid:2.16.840.1.113883.5.112', 'v3-route'],
  ['http://ncithesaurus.nci.nih.gov', 'nci'],
  ['http://ncithesaurus-stage.nci.nih.gov', 'nci'],
  ['urn:oid:2.16.840.1.113883.3.26.1.1', 'nci'],
]);

function systemOf(value: unknown): System | null {
  if (typeof value !== 'string' || value.length > 200) return null;
  const exact = systems.get(value);
  if (exact) return exact;
  let uri = value.trim().toLowerCase();
  if (uri.startsWith('https://')) uri = `http://${uri.slice(8)}`;
  if (uri.endsWith('/')) uri = uri.slice(0, -1);
  return systems.get(uri) ?? null;
}

/** RxNorm codes arrive as JSON numbers too. */
function codeOf(value: unknown): string {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : '';
  return typeof value === 'string' && value.length <= longestCode ? value.trim() : '';
}

/* ---------- reading a name ---------- */

/**
 * One spelling for every letter case. Upper-casing in between folds the letters whose case mapping is not
 * one to one ("ß"). Null for what is too long to be a name.
 */
function fold(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > longestName) return null;
  let text = value.toLowerCase().toUpperCase().toLowerCase();
  if (text.length > longestName) return null;
  text = text.replace(/[\s®™©]+/gu, ' ').trim();
  return text;
}

// Every alternative consumes at least one character and none nests a quantifier: linear in the text.
const tokenPattern = /\d+-\p{L}[\p{L}\d-]*|\d[\d.,/-]*\d|\d|\p{L}[\p{L}\p{M}\d'’.-]*|[^\s]/gu;

const isDigit = (text: string): boolean => {
  const code = text.charCodeAt(0);
  return code >= 48 && code <= 57;
};

function trimWord(word: string): string {
  let end = word.length;
  while (end > 1 && "'’.-".includes(word.charAt(end - 1))) end -= 1;
  return word.slice(0, end);
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (const [token] of text.matchAll(tokenPattern)) {
    // '100-unit' and '8-hour' are numbers with a unit, '5-hydroxytryptophan' is a word.
    const dash = token.indexOf('-');
    const tail = token.slice(dash + 1);
    if (isDigit(token) && isUnit(tail)) tokens.push(token.slice(0, dash), tail);
    // "75-200 MG-MCG", "0.25 MG-35 MCG"
    else if (dash > 0 && isUnit(token.slice(0, dash))) tokens.push(...token.split('-'));
    else tokens.push(trimWord(token));
  }
  return tokens;
}

/** A stretch of words that must be explained: one named part of the product. */
interface Part {
  words: string[];
  strength: boolean;
  inParentheses: boolean;
  /** An amount stands right before it: "(65 MG IRON)". */
  afterAmount: boolean;
  /** It follows the dose form without a sign that another drug begins: maker, pack, remarks. */
  afterForm: boolean;
}

interface NameShape {
  parts: Part[];
  hasForm: boolean;
  /** Two amounts in one unit ("20 mg/12.5 mg", "20/12.5"): a product of at least two drugs. */
  twoAmounts: boolean;
  /** A sign that another drug follows, and none does. */
  incomplete: boolean;
}

/** "20/12.5", but not half a tablet. */
const isPair = (token: string): boolean => {
  const [first = '', second = '', ...more] = token.split('/');
  return more.length === 0 && Number.parseFloat(first) >= Number.parseFloat(second);
};

/** Takes "[Percocet]" off; true if there was one. */
function withoutBrackets(text: string): { text: string; bracketed: boolean } {
  if (!text.includes('[')) return { text, bracketed: false };
  let out = '';
  let depth = 0;
  for (const char of text) {
    if (char === '[') depth += 1;
    else if (char === ']') depth = Math.max(0, depth - 1);
    else if (depth === 0) out += char;
  }
  return { text: out, bracketed: true };
}

const isUnit = (word: string | undefined): word is string =>
  word !== undefined && (doseUnits.has(word) || otherUnits.has(word));

function shapeOf(tokens: readonly string[]): NameShape {
  const parts: Part[] = [];
  let hasForm = false;
  let twoAmounts = false;
  const pack = tokens.includes('{');
  let open: Part | null = null;
  let last: Part | null = null;
  let depth = 0;
  let at = 0;
  let afterAmount = false;
  let afterForm = false;
  let announced = false;

  const head = headOf(tokens);
  if (head.length > 0) {
    last = { words: head, strength: false, inParentheses: false, afterAmount: false, afterForm: false };
    parts.push(last);
    at = head.length;
  }

  for (; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    if (isDigit(token) && !/\p{L}/u.test(token)) {
      open = null;
      if (isPair(token)) twoAmounts = true;
      const first = tokens[at + 1];
      afterAmount = true;
      if (!isUnit(first)) continue;
      let unit = first;
      let dose = false;
      at += 1;
      // "mg/ml", "250 mg/5 ml", "0.09 mg/actuat"
      for (;;) {
        if (doseUnits.has(unit)) dose = true;
        if (tokens[at + 1] !== '/') break;
        const number = isDigit(tokens[at + 2] ?? '') ? 1 : 0;
        const next = tokens[at + 2 + number];
        if (!isUnit(next)) break;
        if (number === 1 && next === unit) twoAmounts = true;
        at += 2 + number;
        unit = next;
      }
      if (dose && last) last.strength = true;
      continue;
    }
    // "108 (90 Base) MCG/ACT", "75-200 MG-MCG"
    if (isUnit(token) && (/^[)/]$/.test(tokens[at - 1] ?? '') || isUnit(tokens[at - 1]))) {
      open = null;
      const named = parts.findLast((part) => !part.inParentheses);
      if (named && doseUnits.has(token)) named.strength = true;
      continue;
    }
    if (token === ',') {
      // "insulin, regular, human" is one name: what the comma means is decided when the part is read.
      open?.words.push(token);
    } else if (separators.has(token)) {
      open = null;
      // "(Brown & Burk UK Ltd)" is one maker.
      if (depth === 0) afterForm = false;
      announced = announcing.has(token);
    } else if (formWords.has(token)) {
      open = null;
      hasForm = true;
      afterForm = last !== null;
    } else if (isAbbreviatedForm(tokens, at)) {
      // "m/r", "e/c"
      open = null;
      at += 2;
    } else if (!/[\p{L}\d]/u.test(token)) {
      if (token === '(') depth += 1;
      if (token === ')') depth = Math.max(0, depth - 1);
      open = null;
    } else {
      if (open === null) {
        open = { words: [], strength: false, inParentheses: depth > 0 && !pack, afterAmount, afterForm };
        last = open;
        parts.push(open);
      }
      open.words.push(token);
      announced = false;
    }
    afterAmount = false;
  }
  const named = parts.filter((part) => part.words.some((word) => word !== ',' && !noiseWords.has(word)));
  return { parts: named, hasForm, twoAmounts, incomplete: announced };
}

const longestHead = 6;

/** A name at the beginning that holds words which otherwise end one: "Tylenol with Codeine", "insulin soluble human". */
function headOf(tokens: readonly string[]): string[] {
  let end = 0;
  while (end < Math.min(tokens.length, longestHead) && !/^[\d(]/.test(tokens[end] ?? '')) end += 1;
  for (; end > 1; end -= 1) {
    const head = tokens.slice(0, end);
    const name = canonical(head.join(' '));
    if (
      head.some((word) => separators.has(word) || formWords.has(word)) &&
      (isBrand(name) || byName.has(name))
    )
      return head;
  }
  return [];
}

/** British "m/r" (modified release), "e/c", "s/r", "g/r", "f/c". */
const isAbbreviatedForm = (tokens: readonly string[], at: number): boolean =>
  tokens[at + 1] === '/' && /^[megsf]\/[rc]$/.test(`${tokens[at]}/${tokens[at + 2]}`);

type Meaning =
  | { kind: 'known'; ingredients: readonly Ingredient[]; brand: boolean }
  | { kind: 'other' | 'kindred' | 'suspect'; name: string }
  | { kind: 'unknown'; name: string; salted: boolean };

/** A salt of magnesium, potassium or lithium whatever stands before: "dibasic potassium phosphate". */
const hasCation = (name: string): boolean =>
  / (?:magnesium|potassium|lithium) [a-z]/.test(name) || / iron\b/.test(name);

function isKindred(name: string): boolean {
  const first = name.split(' ', 1)[0] ?? '';
  return (
    kindredWords.has(first) ||
    hasCation(name) ||
    kindredPhrases.some((phrase) => name === phrase || name.startsWith(`${phrase} `)) ||
    kindredEndings.some((ending) => first.length > ending.length && first.endsWith(ending))
  );
}

function isOther(name: string): boolean {
  if (otherIngredients.has(name)) return true;
  const space = name.indexOf(' ');
  if (space >= 0) return false;
  return otherEndings.some((ending) => name.length > ending.length + 1 && name.endsWith(ending));
}

/** Biological names carry a four-letter suffix ("denosumab-bbdz"): https://www.fda.gov/media/93218/download */
function withoutBiologicalSuffix(name: string): Ingredient | null {
  if (!/ (?!zinc)[a-z]{4}$/.test(name)) return null;
  const base = byName.get(name.slice(0, -5));
  return base?.classes.some((c) => c === 'insulin' || c === 'denosumab' || c === 'egfr-mab') ? base : null;
}

function readWords(all: readonly string[], deep: boolean): Meaning {
  let from = 0;
  let to = all.length;
  while (from < to && (all[from] === ',' || noiseWords.has(all[from] ?? ''))) from += 1;
  while (to > from && (all[to - 1] === ',' || noiseWords.has(all[to - 1] ?? ''))) to -= 1;

  // Noise words may belong to the brand ("Afeditab CR"), so the whole is tried first.
  const brand = brandOf(canonical(all.join(' '))) ?? brandOf(canonical(all.slice(from, to).join(' ')));
  let base = canonical(all.slice(from, to).join(' '));
  const exact = byName.get(base);
  if (exact) return { kind: 'known', ingredients: [exact], brand: false };
  if (brand) return { kind: 'known', ingredients: brand, brand: true };
  const withoutSalt = byName.get(base.replace(saltEnding, ''));
  if (withoutSalt && !elements.has(withoutSalt.name))
    return { kind: 'known', ingredients: [withoutSalt], brand: false };
  const biological = withoutBiologicalSuffix(base);
  if (biological) return { kind: 'known', ingredients: [biological], brand: false };
  if (otherIngredients.has(base)) return { kind: 'other', name: base };

  const whole = base;
  let salted = false;
  for (;;) {
    const space = base.lastIndexOf(' ');
    if (space < 0) break;
    const tail = base.slice(space + 1);
    if (!saltWords.has(tail) && !noiseWords.has(tail)) break;
    base = base.slice(0, space);
    salted ||= saltWords.has(tail);
    const found = byName.get(base);
    if (found && !elements.has(base)) return { kind: 'known', ingredients: [found], brand: false };
  }
  // "sodium chloride" is not "sodium".
  if (saltWords.has(base) || elements.has(base)) base = whole;
  if (deep) {
    const pieces = piecesOf(all.slice(from, to));
    if (pieces.length > 1) {
      const meanings = pieces.map((piece) => readWords(piece, false));
      const ingredients = meanings.flatMap((meaning) =>
        meaning.kind === 'known'
          ? meaning.ingredients
          : meaning.kind === 'other'
            ? [outside(meaning.name)]
            : [],
      );
      const explained = meanings.every(
        (meaning) =>
          meaning.kind === 'known' || (meaning.kind === 'other' && otherIngredients.has(meaning.name)),
      );
      if (explained) return { kind: 'known', ingredients, brand: false };
    }
  }
  if (isKindred(base) || hasCation(whole)) return { kind: 'kindred', name: base };
  if (isOther(base)) return { kind: 'other', name: base };
  return holdsKnown(whole) ? { kind: 'suspect', name: base } : { kind: 'unknown', name: base, salted };
}

/** An ingredient or brand of ours among other words ("aspirin free reliever"): neither it nor surely another drug. */
function holdsKnown(name: string): boolean {
  const all = name.split(' ').slice(0, 20);
  return all.some((_, from) =>
    [1, 2, 3, 4].some((length) => {
      const run = all.slice(from, from + length).join(' ');
      return (byName.has(run) && !elements.has(run)) || byBrand.has(run);
    }),
  );
}

/** "lisinopril, hydrochlorothiazide" and "lisinopril-hydrochlorothiazide". */
function piecesOf(all: readonly string[]): string[][] {
  const pieces: string[][] = [[]];
  for (const word of all) {
    if (word === ',') pieces.push([]);
    else pieces[pieces.length - 1]?.push(word);
  }
  if (pieces.length === 1 && all.some((word) => word.includes('-'))) {
    return all
      .join(' ')
      .split('-')
      .map((piece) => piece.split(' '));
  }
  return pieces.filter((piece) => piece.length > 0);
}

interface NameReading {
  ingredients: readonly Ingredient[];
  route: Route | null;
}

const nothing: readonly Ingredient[] = Object.freeze([]);

function unique(ingredients: readonly Ingredient[]): readonly Ingredient[] {
  const seen = new Set<string>();
  const kept = ingredients.filter(({ name }) => !seen.has(name) && seen.add(name));
  return Object.freeze(kept);
}

/** Salts, or what an amount is an amount of: "(as besylate)", "(65 MG IRON)". */
const saysBasis = (part: Part): boolean =>
  part.inParentheses &&
  part.words.every(
    (word) =>
      noiseWords.has(word) ||
      saltWords.has(word) ||
      (part.afterAmount && (word === 'iron' || word === 'elemental' || word === 'base')),
  );

/** Every part of the name must be explained, or nothing is resolved. */
function readName(text: string, isRxnorm: boolean): NameReading {
  const { text: bare, bracketed } = withoutBrackets(text);
  const tokens = tokensOf(bare);
  const route = routeOfForm(tokens);
  const wholeBrand = brandOf(canonical(bare));
  if (wholeBrand) return { ingredients: unique(wholeBrand), route };

  const shape = shapeOf(tokens);
  if (shape.incomplete) return { ingredients: nothing, route };
  const found: Ingredient[] = [];
  let known = 0;
  let brandLike = 0;
  let byBrandName = false;
  let structured = shape.hasForm || isRxnorm;
  for (const part of shape.parts) {
    if (saysBasis(part) && shape.parts.length > 1) continue;
    const meaning = readWords(part.words, true);
    if (meaning.kind === 'known') {
      known += 1;
      byBrandName ||= meaning.brand;
      found.push(...meaning.ingredients);
      continue;
    }
    // A word in parentheses beside a name is a trade name, not an ingredient: "(Xeloda)". What comes after the
    // dose form is the maker: "(Zentiva Pharma UK Ltd) 28 tablet".
    if (meaning.kind === 'unknown' && !part.strength) {
      if (part.afterForm || (part.inParentheses && part.words.length === 1)) continue;
    }
    // What may belong to a class of ours leaves open what the whole is.
    if (meaning.kind === 'suspect' || meaning.kind === 'kindred') return { ingredients: nothing, route };
    if (!part.strength && meaning.kind !== 'other') structured = false;
    if (meaning.kind === 'unknown' && !meaning.salted) brandLike += 1;
    found.push(outside(meaning.name));
  }
  // A brand lists only what is ours; any other name must name both.
  const names = unique(found);
  if (shape.twoAmounts && !byBrandName && names.length === 1) return { ingredients: nothing, route };
  if (known > 0) {
    // All parts named: known ones with others ("amoxicillin / clarithromycin"), or the structure says
    // that what we do not know is an ingredient of its own.
    const explained = found.every(
      (ingredient) => ingredient.classes.length > 0 || otherIngredients.has(ingredient.name),
    );
    return { ingredients: explained || structured ? names : nothing, route };
  }
  // Names that the table lists as outside need no structure around them: "Amoxicillin (product)".
  if (found.every(({ name }) => otherIngredients.has(name))) return { ingredients: names, route };
  const allStrong = shape.parts.every((part) => part.strength || part.inParentheses || part.afterForm);
  // "Norvasc 5 MG Oral Tablet" has the structure too: a single unknown word may be a trade name, unless a
  // bracketed brand, a salt or a second named part shows that it is not.
  const generic = brandLike === 0 || bracketed || found.length > 1;
  return structured && allStrong && generic ? { ingredients: names, route } : { ingredients: nothing, route };
}

/* ---------- routes ---------- */

const routeWords: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['oral', 'oral'],
  ['orally', 'oral'],
  ['po', 'oral'],
  ['ophthalmic', 'ophthalmic'],
  ['ocular', 'ophthalmic'],
  ['eye', 'ophthalmic'],
  ['conjunctival', 'ophthalmic'],
  ['otic', 'otic'],
  ['auricular', 'otic'],
  ['ear', 'otic'],
  ['nasal', 'nasal'],
  ['intranasal', 'nasal'],
  ['rectal', 'rectal'],
  ['vaginal', 'vaginal'],
  ['sublingual', 'sublingual'],
  ['transdermal', 'transdermal'],
  ['topical', 'topical'],
  ['cutaneous', 'topical'],
  ['inhalation', 'inhaled'],
  ['inhalant', 'inhaled'],
  ['inhaled', 'inhaled'],
  ['inhaler', 'inhaled'],
  ['nebulizer', 'inhaled'],
  ['nebuliser', 'inhaled'],
  ['nebulization', 'inhaled'],
  ['injection', 'parenteral'],
  ['injections', 'parenteral'],
  ['injectable', 'parenteral'],
  ['infusion', 'parenteral'],
  ['infusionslösung', 'parenteral'],
  ['intravenous', 'parenteral'],
  ['iv', 'parenteral'],
  ['im', 'parenteral'],
  ['intramuscular', 'parenteral'],
  ['subcutaneous', 'parenteral'],
  ['intrathecal', 'parenteral'],
  ['intraosseous', 'parenteral'],
  ['intraarterial', 'parenteral'],
  ['intradermal', 'parenteral'],
  ['epidural', 'parenteral'],
  ['parenteral', 'parenteral'],
  // A dialysis fluid, a bladder rinse or an implant is not a dose of the drug by vein.
  ['intraperitoneal', 'other'],
  ['irrigation', 'other'],
  ['dialysis', 'other'],
  ['intrauterine', 'other'],
  ['intravitreal', 'other'],
  ['intravesical', 'other'],
  ['urethral', 'other'],
  ['periodontal', 'other'],
  ['implant', 'other'],
  ['mucosal', 'other'],
  ['oromucosal', 'other'],
  ['buccal', 'other'],
]);

/** Dose forms that tell the route where no word for it is there. The first that occurs in this list wins. */
const formRoutes: readonly [Route, ReadonlySet<string>][] = [
  ['other', new Set(['gum'])],
  ['rectal', new Set(['enema', 'suppository', 'suppositories'])],
  [
    'parenteral',
    new Set(
      words(
        'syringe cartridge injector auto-injector autoinjector pen vial vials ampoule ampoules ampul ampule inj injektion sc',
      ),
    ),
  ],
  ['topical', new Set(words('cream ointment lotion shampoo medicated'))],
  ['transdermal', new Set(['patch'])],
  [
    'oral',
    new Set(
      words(
        'tablet tablets tab tabs tabletten tablette capsule capsules cap caps caplet caplets kapsel kapseln filmtabletten ' +
          'filmtablette filmtabl brausetabletten chewable chew syrup elixir wafer lozenge lozenges',
      ),
    ),
  ],
];

function routeOfForm(tokens: readonly string[]): Route | null {
  const found = new Set<Route>();
  for (const token of tokens) {
    const route = routeWords.get(token) ?? formCodes.get(token);
    if (route) found.add(route);
  }
  // "Ophthalmic Irrigation Solution"; "oral inhalation"; "for infusion" beside nothing else
  if (found.size > 1) found.delete('other');
  if (found.has('inhaled')) found.delete(found.has('nasal') ? 'inhaled' : 'oral');
  if (found.size > 1) return null;
  const [only] = found;
  if (only) return only;
  for (const [route, forms] of formRoutes) if (tokens.some((token) => forms.has(token))) return route;
  return null;
}

/** The route that an ATC group implies: S01 is for the eye whatever the name says. https://atcddd.fhi.no */
function routeOfAtc(code: string): Route | null {
  const group = code.slice(0, 3);
  if (group === 'S01') return 'ophthalmic';
  if (group === 'S02') return 'otic';
  if (group === 'R01') return code.startsWith('R01B') ? null : 'nasal';
  if (group === 'G01') return 'vaginal';
  if (group === 'M02') return 'topical';
  if (group === 'B05') return /^B05[CDZ]/.test(code) ? 'other' : 'parenteral';
  if (group === 'A01') return 'other';
  if (/^R03[AB]/.test(code)) return 'inhaled';
  // D01B, D05B and D10B are the systemic groups among the dermatologicals.
  if (code.startsWith('D')) return /^D(01|05|10)B/.test(code) ? null : 'topical';
  return null;
}

const snomedRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['26643006', 'oral'],
  ['260548002', 'oral'],
  ['394899003', 'oral'],
  // Through a feeding tube the same interactions in the gut apply.
  ['127492001', 'oral'],
  ['127490009', 'oral'],
  ['47625008', 'parenteral'],
  ['255560000', 'parenteral'],
  ['78421000', 'parenteral'],
  ['255559005', 'parenteral'],
  ['34206005', 'parenteral'],
  ['263887005', 'parenteral'],
  ['417255000', 'parenteral'],
  ['372464004', 'parenteral'],
  ['72607000', 'parenteral'],
  ['404820008', 'parenteral'],
  ['58100008', 'parenteral'],
  ['6064005', 'topical'],
  ['359540000', 'topical'],
  ['54485002', 'ophthalmic'],
  ['10547007', 'otic'],
  ['46713006', 'nasal'],
  ['16857009', 'vaginal'],
  ['37161004', 'rectal'],
  ['18679011000001101', 'inhaled'],
  ['447694001', 'inhaled'],
  ['37839007', 'sublingual'],
  ['45890007', 'transdermal'],
  ['38239002', 'other'],
  ['54471007', 'other'],
]);

const edqmRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['20053000', 'oral'],
  ['20045000', 'parenteral'],
  ['20035000', 'parenteral'],
  ['20066000', 'parenteral'],
  ['20042000', 'parenteral'],
  ['20049000', 'nasal'],
  ['20051000', 'ophthalmic'],
  ['20001000', 'otic'],
  ['20003000', 'topical'],
  ['20020000', 'inhaled'],
  ['20061000', 'rectal'],
  ['20067000', 'sublingual'],
  ['20070000', 'transdermal'],
  ['20072000', 'vaginal'],
  ['20038000', 'other'],
  ['20054000', 'other'],
]);

const v3Routes: ReadonlyMap<string, Route> = new Map(
  (
    [
      ['oral', 'PO CHEW DISSOLVE NGT OGT GT GJT EFT SWISHSWAL'],
      [
        'parenteral',
        'IV IVC IVCC IVCI IVINJ IVINJBOL IVPUSH IVRPUSH IVSPUSH IVP IVPB IVFLUSH PCA IM IMD IMZ IMINJ SC SQ SQINFUS SQINJ ' +
          'IDINJ IOSSC IOSSINJ IT ITINJ EPI EPIDURINJ EPIINJ IA IAINJ PARENTINJ',
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
    ] as const
  ).flatMap(([route, codes]) => words(codes).map((code): [string, Route] => [code, route])),
);

/** NCI Thesaurus codes, as structured product labels use them. */
const nciRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['C38288', 'oral'],
  ['C38276', 'parenteral'],
  ['C28161', 'parenteral'],
  ['C38299', 'parenteral'],
  ['C38304', 'topical'],
  ['C38287', 'ophthalmic'],
  ['C38284', 'nasal'],
  ['C38295', 'rectal'],
  ['C38313', 'vaginal'],
  ['C38300', 'sublingual'],
  ['C38305', 'transdermal'],
  ['C38216', 'inhaled'],
]);

/** Abbreviations and words for a route where it is the whole subject, unlike in a product's name. */
const routeAbbreviations: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['p.o', 'oral'],
  ['mouth', 'oral'],
  ['per-os', 'oral'],
  ['nasogastric', 'oral'],
  ['gastrostomy', 'oral'],
  ['i.v', 'parenteral'],
  ['ivpb', 'parenteral'],
  ['ivp', 'parenteral'],
  ['i.m', 'parenteral'],
  ['sc', 'parenteral'],
  ['s.c', 'parenteral'],
  ['sq', 'parenteral'],
  ['subq', 'parenteral'],
  ['subcut', 'parenteral'],
  ['top', 'topical'],
  ['skin', 'topical'],
  ['dermal', 'topical'],
  ['inh', 'inhaled'],
  ['inhale', 'inhaled'],
  ['respiratory', 'inhaled'],
  ['neb', 'inhaled'],
  ['pr', 'rectal'],
  ['rectally', 'rectal'],
  ['pv', 'vaginal'],
  ['vaginally', 'vaginal'],
  ['sl', 'sublingual'],
  ['sublingually', 'sublingual'],
  ['topically', 'topical'],
  ['intravenously', 'parenteral'],
  ['intramuscularly', 'parenteral'],
  ['subcutaneously', 'parenteral'],
  ['tongue', 'sublingual'],
]);

function routeOfText(value: unknown): Route | null {
  const text = fold(value);
  if (text === null) return null;
  const found = new Set<Route>();
  for (const token of tokensOf(text)) {
    const route = routeWords.get(token) ?? routeAbbreviations.get(token);
    if (route) found.add(route);
  }
  if (found.has('inhaled')) found.delete('oral');
  if (found.size !== 1) return null;
  const [only] = found;
  return only ?? null;
}

function routeOfCode(system: System | null, code: string): Route | null {
  if (system === 'snomed') return snomedRoutes.get(code) ?? null;
  if (system === 'edqm') return edqmRoutes.get(code) ?? null;
  if (system === 'v3-route') return v3Routes.get(code.toUpperCase()) ?? null;
  if (system === 'nci') return nciRoutes.get(code.toUpperCase()) ?? null;
  // A local system's code may still be the usual abbreviation.
  return routeOfText(code);
}

const asCodings = (codings: unknown): readonly Coding[] =>
  Array.isArray(codings)
    ? codings
        .slice(0, mostCodings)
        .filter((coding: unknown): coding is Coding => typeof coding === 'object' && coding !== null)
    : [];

/**
 * The route of a dosage instruction: known codes first, then the words of the displays and the text.
 * Intravenous, intramuscular, subcutaneous and the like are all `parenteral`; null where it is unknown or
 * where two different routes are named.
 */
export function readRoute(codings: readonly Coding[], text: unknown): Route | null {
  const list = asCodings(codings);
  const byCode = new Set<Route>();
  for (const coding of list) {
    const route = routeOfCode(systemOf(coding.system), codeOf(coding.code));
    if (route) byCode.add(route);
  }
  const [coded] = byCode;
  if (coded) return byCode.size === 1 ? coded : null;
  const byText = new Set<Route>();
  for (const value of [...list.map((coding) => coding.display), text]) {
    const route = routeOfText(value);
    if (route) byText.add(route);
  }
  const [named] = byText;
  return named && byText.size === 1 ? named : null;
}

/* ---------- resolving ---------- */

/**
 * ATC codes whose level 4 group holds combinations, or whose number does (20 and above): they may contain
 * one of our ingredients without saying which, so they prove nothing about what is absent.
 */
const atcCombinations =
  /^(?:A02A[DFGX]|A02BD|A06AD|A07CA|A10BD|A11[ABEGHJ]|A12[AC]X|B03A[DE]|B05|C02L|C03[AB]B|C03C[BX]|C03E|C07[B-F]|C08G|C09B|C09D|C10B|D07[BCX]|G01B|J01CR|J01[ER]|J04AM|J05A[RX]|M01B|N02AJ|N07BC5|R03A[KL]|R05[FX]|S01C|S02C|S03|V)/;

function atcSaysOutside(code: string): boolean {
  if (!/^[A-Z]\d\d[A-Z]{2}\d\d$/.test(code)) return false;
  if (atcGroups.has(code.slice(0, 5)) || atcCombinations.test(code)) {
    // V06DC glucose and the like are single substances; the other V groups are diagnostics and diets.
    return code.startsWith('V06DC') && !atcGroups.has('V06DC');
  }
  return Number(code.slice(5)) < 20;
}

/**
 * Ours by its RxNorm code, that of the salt before that of the whole (magnesium citrate before magnesium), else by
 * its RxNorm name (a few of ours have no code); else a drug that no rule asks for.
 */
function ingredientOf({ rxcui, name, formOf }: Substance): Ingredient {
  const whole = formOf ?? { rxcui, name };
  return (
    byRxnorm.get(rxcui) ??
    byRxnorm.get(whole.rxcui) ??
    byName.get(canonical(whole.name)) ??
    outside(whole.name.toLowerCase(), whole.rxcui)
  );
}

const ingredientsOf = ({ substances }: Product): readonly Ingredient[] => substances.map(ingredientOf);

/** Ten digits without hyphens are used only when exactly one way to read them is a package that exists. */
function packageOf(products: ProductIndex, code: string): Product | null {
  const [only, ...others] = ndcReadings(code).flatMap((ndc) => products.package(ndc) ?? []);
  return only && others.length === 0 ? only : null;
}

/** The route that all its dose forms agree on. */
function routeOfProduct({ doseForms }: Product): Route | null {
  const found = new Set(doseForms.map((form) => routeOfForm(tokensOf(fold(form) ?? ''))));
  const [only] = found;
  return found.size === 1 ? (only ?? null) : null;
}

/** Holds nothing of ours but something that may belong to one of our classes: it stays unresolved, as by its name. */
const isDoubtful = (ingredients: readonly Ingredient[]): boolean =>
  ruleCount(ingredients) === 0 &&
  ingredients.some(({ name }) => !otherIngredients.has(name) && isKindred(canonical(name)));

/** Of several codes for one medication the fullest, provided that none contradicts it. */
function combineProducts(found: readonly Product[]): Product | null {
  let best: Product | null = null;
  for (const product of found) {
    if (best === null || covers(ingredientsOf(product), ingredientsOf(best))) best = product;
    else if (!covers(ingredientsOf(best), ingredientsOf(product))) return null;
  }
  return best;
}

const ruleCount = (ingredients: readonly Ingredient[]): number =>
  ingredients.reduce((count, { classes }) => count + (classes.length > 0 ? 1 : 0), 0);

/** Every rule ingredient of the smaller is in the larger; where it has none, its names decide. */
const covers = (larger: readonly Ingredient[], smaller: readonly Ingredient[]): boolean => {
  const held = new Set(larger.map(({ name }) => name));
  const compared = ruleCount(smaller) > 0 ? smaller.filter(({ classes }) => classes.length > 0) : smaller;
  return (
    (ruleCount(larger) === 0 && ruleCount(smaller) === 0) || compared.every(({ name }) => held.has(name))
  );
};

/** The names of all displays and the text as one: the fullest, provided that none contradicts it. */
function combineNames(named: readonly NameReading[]): readonly Ingredient[] {
  let best = nothing;
  for (const reading of named) {
    if (best.length === 0) best = reading.ingredients;
    else if (covers(reading.ingredients, best)) {
      if (ruleCount(reading.ingredients) > ruleCount(best)) best = reading.ingredients;
    } else if (!covers(best, reading.ingredients)) return nothing;
  }
  return best;
}

const listed = <T>(value: T | null | undefined): readonly T[] => (value ? [value] : []);

function combineRoutes(named: readonly NameReading[]): Route | null {
  const found = new Set<Route>();
  for (const { route } of named) if (route) found.add(route);
  const [only] = found;
  return only && found.size === 1 ? only : null;
}

function resolve(list: readonly Coding[], text: unknown, products?: ProductIndex): DrugResolution {
  const named: NameReading[] = [];
  const seen = new Set<string>();
  const addName = (value: unknown, system: System | null): void => {
    const folded = fold(value);
    if (folded === null || seen.has(folded)) return;
    seen.add(folded);
    named.push(readName(folded, system === 'rxnorm'));
  };

  const byIngredient: Ingredient[] = [];
  const byProduct: Product[] = [];
  const byPackage: Product[] = [];
  const byAtcCode: Ingredient[] = [];
  const bySnomedCode: Ingredient[] = [];
  const atcRoutes = new Set<Route>();
  let outsideByAtc = false;
  for (const coding of list) {
    const system = systemOf(coding.system);
    const code = codeOf(coding.code);
    addName(coding.display, system);
    if (system === 'rxnorm') {
      const ingredient = byRxnorm.get(code);
      if (ingredient) byIngredient.push(ingredient);
      else byProduct.push(...listed(products?.product(code)));
    } else if (system === 'atc') {
      const atc = code.toUpperCase();
      byAtcCode.push(...(byAtc.get(atc) ?? []));
      outsideByAtc ||= atcSaysOutside(atc);
      const route = routeOfAtc(atc);
      if (route) atcRoutes.add(route);
    } else if (system === 'snomed') {
      const ingredient = bySnomed.get(code);
      if (ingredient) bySnomedCode.push(ingredient);
    } else if (system === 'ndc' && products) byPackage.push(...listed(packageOf(products, code)));
  }
  addName(text, null);

  const inName = combineNames(named);
  const [atcRoute] = atcRoutes;
  const route = combineRoutes(named) ?? (atcRoutes.size === 1 ? (atcRoute ?? null) : null);
  const answer = (
    ingredients: readonly Ingredient[],
    resolvedBy: DrugResolution['resolvedBy'],
  ): DrugResolution => {
    // A code for one ingredient beside the full name of a combination: the name holds the others.
    const fuller = covers(inName, ingredients) && ruleCount(inName) > ruleCount(ingredients);
    return Object.freeze({ ingredients: unique(fuller ? inName : ingredients), resolvedBy, route });
  };
  const indexed = (product: Product, resolvedBy: 'product-index' | 'ndc'): DrugResolution =>
    Object.freeze({
      ingredients: unique(ingredientsOf(product)),
      resolvedBy,
      route: routeOfProduct(product) ?? route,
    });

  const product = combineProducts(byProduct);
  const packaged = combineProducts(byPackage);
  // The code of a product beside that of one of its ingredients: the product holds the others.
  const whole = product && covers(ingredientsOf(product), byIngredient);
  if (byIngredient.length > 0 && !whole) return answer(byIngredient, 'rxnorm-ingredient');
  if (product && !isDoubtful(ingredientsOf(product))) return indexed(product, 'product-index');
  if (packaged && !isDoubtful(ingredientsOf(packaged))) return indexed(packaged, 'ndc');
  if (byAtcCode.length > 0) return answer(byAtcCode, 'atc');
  if (bySnomedCode.length > 0) return answer(bySnomedCode, 'snomed');
  if (inName.length > 0) return answer(inName, 'name');
  if (outsideByAtc) {
    const atc = list.find((coding) => systemOf(coding.system) === 'atc');
    const name = fold(atc?.display) || fold(text) || codeOf(atc?.code);
    return answer([outside(name)], 'atc');
  }
  return Object.freeze({ ingredients: nothing, resolvedBy: 'unresolved', route });
}

const remembered = new Map<string, DrugResolution>();
const rememberedWith = new WeakMap<ProductIndex, Map<string, DrugResolution>>();

/** Lengths go in front, so that no two different inputs share a key. */
function keyPart(value: unknown): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  return typeof value === 'number' ? `#${value};` : '-';
}

function keyOf(list: readonly Coding[], text: unknown): string {
  let key = keyPart(text);
  for (const { system, code, display } of list)
    key += `|${keyPart(system)}${keyPart(code)}${keyPart(display)}`;
  return key;
}

/**
 * The ingredients of a medication, all of them or none. Resolution order: RxNorm ingredient, product index by
 * RxCUI, then by NDC, ATC, SNOMED, the structured name, brand names. An ingredient outside our table has no classes.
 * Never throws, whatever the JSON. Results are frozen and shared between calls.
 */
export function resolveDrug(
  codings: readonly Coding[],
  text: unknown,
  products?: ProductIndex,
): DrugResolution {
  const list = asCodings(codings);
  const key = keyOf(list, text);
  let memory = remembered;
  if (products) {
    const own = rememberedWith.get(products) ?? new Map<string, DrugResolution>();
    rememberedWith.set(products, own);
    memory = own;
  }
  const before = memory.get(key);
  if (before) return before;
  const resolution = resolve(list, text, products);
  if (key.length <= longestKey) {
    if (memory.size >= mostRemembered) {
      const oldest = memory.keys().next();
      if (!oldest.done) memory.delete(oldest.value);
    }
    memory.set(key, resolution);
  }
  return resolution;
}

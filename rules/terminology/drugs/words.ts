/**
 * The words of a drug name that name no ingredient: units, separators, salts, and words that say nothing about it.
 * In lower case, as RxNorm, packs and clinical records have them in English and German. Words of dose forms stand
 * in dose-forms.ts.
 */

export const splitWords = (text: string): readonly string[] => text.trim().split(/\s+/);
export const wordSet = (text: string): ReadonlySet<string> => new Set(splitWords(text));

/** Units that measure how much of a drug there is. */
export const doseUnits = wordSet(`
  mg mgs g gm gms gram grams mcg mcgs ug µg μg microgram micrograms milligram milligrams ng kg unt unts unit
  units u iu meq meqs mmol mmole mmoles mol mci mgi % pct mgml cells pfu bau au million ie mcl i.u
`);
/** Units of volume, time, length and count: a number with one of them alone is no strength. */
const otherUnits = wordSet(`
  ml mls cc l liter litre milliliter millilitre hr hrs h hour hours day days actuat act actuation min mm cm
  sqcm inch week blist blister puff spray
`);

export const isUnit = (word: string | undefined): word is string =>
  word !== undefined && (doseUnits.has(word) || otherUnits.has(word));

/** Words that say nothing about the ingredient; stripped from both ends of a name. */
export const noiseWords = wordSet(`
  product substance medicinal clinical containing only precisely form of for in as and generic brand each
  virtual therapy once-daily osmotic abuse-deterrent sprinkle microencapsulated bx rating doses sensor
  modified atrial fibrillation liposomal liposome lipid complex xr xl er sr cr la ec dr cd ds hfa odt
  solostar kwikpen flexpen flextouch adult pediatric paediatric daily twice once bid tid qid qd prn take
  preservative-free sugar-free usp bp nf teva sandoz ratiopharm stada hexal mylan accord aurobindo zentiva
  abz aristo heumann winthrop puren pharma mct film strength extra pf porcine ec solutab zydis otc low
  childrens micronized micronised buffered pak 2-pak mr sa lp forte mite retard light heavy per from neo tpn
  electrolytes weekly monthly nightly bedtime al 1a ct basics dexcel krka actavis aliud betapharm hennig henning tad
  viatris apotex apo pms arrow biogaran eg cinfa normon almus lupin zydus glenmark
`);
/** Not noise for a patient: a separator between two drugs, or before what a drug is dissolved in. */
export const separators = wordSet('/ + & and with plus w und mit in | ; •');
/** They announce another drug: with nothing after them ("Enalapril plus 20 mg/12.5 mg") a name is incomplete. */
export const announcingSeparators = wordSet('+ plus');

/** Salts, esters and hydrates, and how they are cut short. */
export const saltWords = wordSet(`
  hydrochloride hcl hydrochlorid dihydrochloride monohydrochloride tetrahydrochloride hydrobromide hbr
  sodium natrium disodium trisodium potassium dipotassium calcium magnesium strontium zinc sulfate sulphate
  bisulfate bisulphate phosphate diphosphate acetate maleate malate fumarate hemifumarate succinate
  hemisuccinate tartrate d-tartrate bitartrate hydrogentartrate citrate mesylate mesilate besylate besilate
  tosylate tosilate napsylate nitrate chloride bromide iodide bicarbonate gluconate lactate lactobionate
  stearate ethylsuccinate estolate benzoate oxalate pamoate embonate decanoate enanthate palmitate
  propionate dipropionate furoate valerate butyrate probutate xinafoate tromethamine trometamol meglumine
  dimeglumine arginine lysine erbumine tert-butylamine axetil proxetil pivoxil cilexetil medoxomil
  kamedoxomil mesilate monohydrate dihydrate trihydrate pentahydrate heptahydrate hexahydrate anhydrous
  hemihydrate sesquihydrate hydrate hyclate isethionate polistirex epolamine diethylamine diethylammonium
  macrocrystals hippurate mandelate polacrilex camsylate edisylate aspartate xinafoat kalium acetonide
  aceponate hexacetonide diacetate ethyl besy monohyd macro crys succinat tartrat fumarat hemifumarat maleat
  besilat mesilat citrat sulfat maleato fumarato
  succinato tartrato tartrate besilato mesilato cloridrato clorhidrato hidrocloruro chlorhydrate bromhidrato
  monohydrat dihydrat trihydrat hexahydrat heptahydrat sod succ suc pot tart bitart
`);

/** Names that a salt word follows in other substances: never reached by taking a salt off. */
export const elements = new Set(['magnesium', 'lithium']);

/** German writes the salt as part of the word: "metoprololsuccinat". */
export const saltEnding =
  /(?:dihydro|hydro)chlorid$|(?:hemi)?(?:succin|fumar|tartr)at$|(?:besil|mesil|male|citr|sulf|phosph|acet)at$/;

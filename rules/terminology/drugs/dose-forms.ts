/** Dose forms in drug names: the words for them, and the route that they tell. */
import { indexRoutes, onlyRoute, type Route, routeWords } from './routes.ts';
import { unaccent } from './spelling.ts';
import { splitWords, wordSet as wordsOf } from './words.ts';

const wordSet = (text: string): ReadonlySet<string> => wordsOf(unaccent(text));

/** Words of dose forms: they end an ingredient's name. Forms of the packs and languages met in real data. */
const writtenForms = wordSet(`
  oral orally tablet tablets tab tabs tabletten tablette capsule capsules cap caps caplet caplets kapsel
  kapseln filmtabletten filmtablette filmtabl brausetabletten solution soln sol suspension susp syrup elixir
  drops drop powder pulver granules granule pellet pellets wafer film strip lozenge lozenges troche gum
  chewing chewable chew disintegrating dispersible effervescent soluble orodispersible injection injections
  injectable inj injektion infusion infusionslösung ampoule ampoules ampul ampule vial vials syringe
  flush flushes syringes prefilled pre-filled pen pens injector auto-injector autoinjector cartridge cartridges injektor
  novolet pump infusor implant intravenous iv im sc subcutaneous intramuscular intrathecal intraperitoneal
  intrauterine topical cream ointment lotion gel foam shampoo paste pad medicated patch transdermal system
  ring spray mucosal buccal sublingual nasal ophthalmic eye otic ear rectal suppository suppositories enema
  vaginal insert inhaler inhalation inhalant nebulizer nebuliser metered-dose metered dry irrigation
  dialysis periodontal urethral extended delayed release prolonged modified-release extended-release
  delayed-release immediate sustained slow conventional gastro-resistant enteric enteric-coated coated
  film-coated uncoated po pack packs kit concentrate concentrated reconstitution dose douche dressing tampon
  sponge swab bead beads lyophilisate lyophilized crystals liquid drug reconstituted mouth throat i.v i.m
  s.c solvent diluent packet packets sachet sachets pessary pessaries enemas implants aerosol nebulization
  nebulisation external device breath activated actuated concentration flexhaler diskus evohaler accuhaler
  turbuhaler turbohaler handihaler respimat ellipta easyhaler clickhaler twisthaler penfill bandage
  einzeldosis tabl kaps ret lös lösung inf konz stk filmtbl dragees drag sirup gran magensaftresistent
  magensaftresistente magensaftresistenten hartkapsel injektions retard ampullen spritze salbe tropfen saft
  zäpfchen retardtabletten retardkapseln hartkapseln weichkapseln brausetablette kautabletten retardtablet sl
  injektionslösung fertigspritze inj-lsg überzogene lutschtabletten trinkgranulat infusionslösungskonzentrat
  konzentrat augentropfen augensalbe ohrentropfen nasentropfen nasenspray creme gél
  comprimé comprimés gélule gélules injectable collyre pommade crème sirop ampoules sachets gouttes
  comprimido comprimidos cápsula cápsulas solución solução inyectable injetável colirio colírio crema pomada
  compressa compresse cpr cps soluzione iniettabile collirio gocce
  kauwtablet kauwtabletten bruistablet bruistabletten injectievloeistof infusievloeistof drank oogdruppels
  premix premixed bolus bag bags minibag piggyback mixture paste bath soak ij
`);

/**
 * Dose forms and routes as US pharmacy systems abbreviate them ("40 MG PO TBEC"), with the route they imply. They
 * are no words of any language, so they end a name as the written forms do.
 */
const formCodes = indexRoutes([
  [
    'oral',
    `tbec tbcr tbdp tbdl tbld tbso tbsr tbtq tber tb12 tb24 t24a t12a tbef tbpk cpdr cpep cpcr cpsr cper cpsp
     cp12 cp24 csdr chew dspk srer suer`,
  ],
  ['parenteral', 'ij solr solp pgbk ivpb syrg inpn inph ctrg crtg pca soaj soct sopn sosy subq'],
  ['ophthalmic', 'opht ophth'],
  ['topical', 'crea oint lotn oinm'],
  ['inhaled', 'hfaa aerb aepb aero aers nebu dsdv inh'],
  ['rectal', 'supp enem'],
  ['transdermal', 'pt24 pt72 ptwk ptch pttw'],
  ['sublingual', 'subl'],
]);
/** Those that imply none. */
const formCodesWithoutRoute = splitWords(`
  soln susp spsn spra pwpk powd liqd elix syrp emul tp pr mwsh troc lozg conc kit foam sc po iv inj drps pste
`);

/** Routes in two letters, as US pharmacy systems put them before the form: "0.3 % OP SOLN", "EX CREA". */
const routeCodes: ReadonlyMap<string, string> = new Map([
  ['op', 'ophthalmic'],
  ['ot', 'otic'],
  ['ex', 'topical'],
  ['na', 'nasal'],
  ['re', 'rectal'],
  ['va', 'vaginal'],
  ['in', 'inhalation'],
  ['td', 'transdermal'],
  ['sl', 'sublingual'],
  ['ir', 'irrigation'],
  ['mt', 'mouth'],
]);
const codedForms: ReadonlySet<string> = new Set([
  ...formCodes.keys(),
  ...formCodesWithoutRoute,
  ...splitWords('gel powd misc swab'),
]);

/** The words for two-letter codes of routes; only before an abbreviated form, as `in` and `na` mean other things. */
export const spellRouteCodes = (tokens: readonly string[]): string[] =>
  tokens.map((token, at) =>
    codedForms.has(tokens[at + 1] ?? '') ? (routeCodes.get(token) ?? token) : token,
  );

/** All words of dose forms, written out or abbreviated. */
export const formWords: ReadonlySet<string> = new Set([
  ...writtenForms,
  ...formCodes.keys(),
  ...formCodesWithoutRoute,
]);

/** Dose forms that tell the route where no word for it is there. The first that occurs in this list wins. */
const routesOfForms: readonly (readonly [Route, ReadonlySet<string>])[] = [
  ['other', wordSet('gum')],
  ['rectal', wordSet('enema suppository suppositories')],
  [
    'parenteral',
    wordSet(`
      syringe cartridge injector auto-injector autoinjector pen vial vials ampoule ampoules ampul ampule inj
      injektion sc inyectable injetável iniettabile injectievloeistof infusievloeistof injektionslösung
      infusionslösungskonzentrat infusionslösung ampullen premix premixed bolus bag bags minibag piggyback
    `),
  ],
  ['ophthalmic', wordSet('augentropfen augensalbe collyre colirio colírio collirio oogdruppels')],
  ['otic', wordSet('ohrentropfen')],
  ['nasal', wordSet('nasentropfen nasenspray')],
  [
    'topical',
    wordSet(
      'cream ointment lotion shampoo medicated salbe creme crème crema pommade pomada gel paste bath soak',
    ),
  ],
  ['transdermal', wordSet('patch')],
  [
    'oral',
    wordSet(`
      tablet tablets tab tabs tabletten tablette capsule capsules cap caps caplet caplets kapsel kapseln
      filmtabletten filmtablette filmtabl brausetabletten chewable chew syrup elixir wafer lozenge lozenges
      lutschtabletten trinkgranulat brausetablette kautabletten retardtabletten retardkapseln hartkapseln
      weichkapseln comprimé comprimés gélule gélules comprimido comprimidos cápsula cápsulas compressa compresse
      kauwtablet kauwtabletten bruistablet bruistabletten drank
    `),
  ],
];

/** An ointment may be for each of them. */
const localRoutes: readonly Route[] = ['ophthalmic', 'otic', 'nasal', 'rectal', 'vaginal'];

/**
 * The route that a name's words for a route tell, else its dose form.
 *
 * @param tokens of the name (see `tokenize`)
 * @returns null where neither tells one, or where two words for a route contradict each other
 */
export function routeOfDoseForm(tokens: readonly string[]): Route | null {
  const found = new Set<Route>();
  for (const token of tokens) {
    const route = routeWords.get(token) ?? formCodes.get(token);
    if (route) found.add(route);
  }
  // "Ophthalmic Irrigation Solution"; "oral inhalation"; "for infusion" beside nothing else
  if (found.size > 1) found.delete('other');
  if (found.has('inhaled')) found.delete(found.has('nasal') ? 'inhaled' : 'oral');
  // "OP OINT", "nasal cream"
  if (localRoutes.some((route) => found.has(route))) found.delete('topical');
  if (found.size > 0) return onlyRoute(found);
  for (const [route, forms] of routesOfForms) if (tokens.some((token) => forms.has(token))) return route;
  return null;
}

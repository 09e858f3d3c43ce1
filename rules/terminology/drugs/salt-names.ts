/**
 * Salts of metals as notes, pharmacies and other languages write them, in the table's words: `Mg sulfate`, `KCl`,
 * `sulfate de magnésium`, `cloruro potásico`, `Kaliumchlorid`, `alum-mag hydroxide`.
 */
import { startsWithDigit, unaccent } from './spelling.ts';
import { splitWords } from './words.ts';

const indexWords = (groups: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(groups).flatMap(([name, words]) =>
      splitWords(words).map((word) => [unaccent(word), name] as const),
    ),
  );

/** English, its short forms, German, Dutch, French, Spanish, Portuguese, Italian, Latin. */
const metals = indexWords({
  magnesium: 'magnesium mag magn magnes magnésium magnesio magnésio magnesii',
  potassium: 'potassium pot potass kalium kalii potassio potasio potássio',
  calcium: 'calcium calc calcio cálcio kalzium calcii',
  sodium: 'sodium sod natrium natrii sodio sódio',
  lithium: 'lithium litio lítio lithii',
  ferrous: 'ferrous ferroso ferreux fer ferro hierro iron eisen',
  aluminum: 'aluminum aluminium alum alumin aluminio alumínio alluminio',
  zinc: 'zinc zink zinco',
});
/** Chemical symbols: the element only at the beginning of a part, before the name of a salt; elsewhere `mg` is a unit. */
const symbols = indexWords({
  magnesium: 'mg',
  potassium: 'k',
  calcium: 'ca',
  sodium: 'na',
  lithium: 'li',
  ferrous: 'fe',
  aluminum: 'al',
  zinc: 'zn',
});
/** "cloruro potásico": they follow what they belong to, without a word between. */
const adjectives = indexWords({
  magnesium: 'magnésico magnésica magnésique',
  potassium: 'potásico potásica potassico potassica potássico potássica potassique',
  calcium: 'cálcico cálcica calcico calcique',
  sodium: 'sódico sódica sodico sodica sodique',
});
/** No words of English, nor of brands. */
const foreignMetals = new Set(splitWords('magnesio potassio potasio calcio sodio litio hierro'));
const acids = indexWords({
  sulfate: 'sulfate sulphate sulfat sulf sulfato solfato sulfaat sulfas sulphas so4',
  chloride: 'chloride chlorid chlor cl chlorure cloruro cloreto chloridum',
  oxide: 'oxide oxid ox oxyde óxido ossido oxydum',
  hydroxide: 'hydroxide hydroxid hydrox hydroxyde hidróxido idrossido hydroxydum',
  citrate: 'citrate citrat cit citrato citraat citras',
  gluconate: 'gluconate gluconat gluc glucon gluconato gluconaat gluconas',
  carbonate: 'carbonate carbonat carb carbonato carbonaat carbonas',
  bicarbonate:
    'bicarbonate bicarbonat bicarb bicarbonato hydrogencarbonat hydrogencarbonate waterstofcarbonaat',
  phosphate: 'phosphate phosphat phos phosphates fosfato fosfaat',
  acetate: 'acetate acetat acet acetato acetaat',
  lactate: 'lactate lactat lactato lattato lactaat',
  aspartate: 'aspartate aspartat aspartato aspartaat',
  pidolate: 'pidolate pidolat pidolato',
  glycinate: 'glycinate glycinat glicinato bisglycinate bisglycinat',
  glycerophosphate: 'glycerophosphate glycerophosphat glicerofosfato',
  fumarate: 'fumarate fumarat fumarato fumaraat',
});

/** What a formula stands for, as the table has it. `MSO4` is not among them: it has been read as morphine too. */
const formulas: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    mgso4: 'magnesium sulfate',
    mgo: 'magnesium oxide',
    mgcl2: 'magnesium chloride',
    mgcl: 'magnesium chloride',
    mgoh: 'magnesium hydroxide',
    mgco3: 'magnesium carbonate',
    kcl: 'potassium chloride',
    kphos: 'potassium phosphate',
    kpo4: 'potassium phosphate',
    khco3: 'potassium bicarbonate',
    nacl: 'sodium chloride',
    naphos: 'sodium phosphate',
    napo4: 'sodium phosphate',
    nahco3: 'sodium bicarbonate',
    cacl: 'calcium chloride',
    cacl2: 'calcium chloride',
    caco3: 'calcium carbonate',
    li2co3: 'lithium carbonate',
    feso4: 'ferrous sulfate',
  }).map(([formula, name]) => [formula, splitWords(name)]),
);
const writtenFormulas: readonly (readonly [string, string])[] = [
  ['mg(oh)2', ' magnesium hydroxide '],
  ['al(oh)3', ' aluminum hydroxide '],
  ['·7h2o', ' '],
  ['.7h2o', ' '],
  ['*7h2o', ' '],
  ['7h2o', ' '],
];

/** Formulas with signs that would end a word, taken apart. */
export function spellFormulas(text: string): string {
  if (!text.includes('oh)') && !text.includes('7h2o')) return text;
  return writtenFormulas.reduce((spelled, [formula, name]) => spelled.replaceAll(formula, name), text);
}

/** "magnesiumsulfat", "kaliumchloride", "magnesiumsulfat-heptahydrat"; no short forms: Magnacet is an opioid. */
const compound =
  /^(magnesium|kalium|natrium|[ck]alcium|kalzium|lithium|aluminium|zink|eisen)((?:sulf|citr|glucon|carbon|hydrogencarbon|bicarbon|phosph|acet|lact|aspart|pidol|glycin|glycerophosph|fumar)(?:at|ate|aat)|(?:chlor|ox|hydrox)ide?)(?:-(.+))?$/;
const metalPair = /^(alum|aluminum|aluminium)-(mag|magnesium)$/;
const linking: ReadonlySet<string> = new Set(['de', 'di', 'do', 'du', 'of']);
const beginsPart: ReadonlySet<string> = new Set([
  '/',
  '+',
  '&',
  'and',
  'with',
  'plus',
  'w',
  ',',
  '(',
  '-',
  '|',
  'mit',
]);

/** "d'aluminium" */
const withoutElision = (token: string): string => (/^d['’]/.test(token) ? token.slice(2) : token);

/** A metal before the name of its salt; a symbol counts where a name begins. */
function metalAt(tokens: readonly string[], at: number): string | null {
  const token = tokens[at] ?? '';
  const before = tokens[at - 1];
  const isFirst = before === undefined || beginsPart.has(before);
  return metals.get(token) ?? (isFirst ? symbols.get(token) : undefined) ?? null;
}

interface Spelled {
  words: readonly string[];
  /** How many tokens they stand for. */
  length: number;
}

/** "alum-mag hydroxide-simeth", "aluminum & magnesium hydroxide": one acid of two metals. */
function saltsOfTwo(tokens: readonly string[], at: number): Spelled | null {
  const isPair = metalPair.test(tokens[at] ?? '');
  const isSpaced =
    metals.get(tokens[at] ?? '') === 'aluminum' &&
    /^(?:&|and|\/|,|-)$/.test(tokens[at + 1] ?? '') &&
    metals.get(tokens[at + 2] ?? '') === 'magnesium';
  if (!isPair && !isSpaced) return null;
  const length = isPair ? 1 : 3;
  const [acid = '', ...others] = (tokens[at + length] ?? '').split('-');
  const salt = acids.get(acid);
  if (!salt) return null;
  const rest = others.flatMap((word) => ['/', word]);
  return { words: ['aluminum', salt, '/', 'magnesium', salt, ...rest], length: length + 1 };
}

/** "sulfate de magnesium", "hydroxyde d'aluminium", "cloruro potasico": the acid goes first. */
function acidBeforeMetal(tokens: readonly string[], at: number): Spelled | null {
  const acid = acids.get(tokens[at] ?? '');
  if (!acid) return null;
  const next = tokens[at + 1] ?? '';
  const adjective = adjectives.get(next);
  if (adjective) return { words: [adjective, acid], length: 2 };
  const isLinked = linking.has(next);
  const after = isLinked ? (tokens[at + 2] ?? '') : withoutElision(next);
  const metal = isLinked || after !== next ? metals.get(after) : undefined;
  return metal ? { words: [metal, acid], length: isLinked ? 3 : 2 } : null;
}

function saltAt(tokens: readonly string[], at: number): Spelled | null {
  const token = tokens[at] ?? '';
  const formula = formulas.get(token);
  if (formula) return { words: formula, length: 1 };
  const two = saltsOfTwo(tokens, at);
  if (two) return two;
  const [, metal = '', acid = '', rest] = compound.exec(token) ?? [];
  const words = [metals.get(metal), acids.get(acid)];
  if (words[0] && words[1]) return { words: [words[0], words[1], ...(rest ? [rest] : [])], length: 1 };
  const metalName = metalAt(tokens, at);
  const acidName = acids.get(tokens[at + 1] ?? '');
  if (metalName && acidName) return { words: [metalName, acidName], length: 2 };
  return acidBeforeMetal(tokens, at);
}

/** A metal by itself: the salt of another drug ("losartan potásico", "valproate de sodium"), or `Mg 400 mg`, whose salt is not said. */
function metalAlone(tokens: readonly string[], at: number): Spelled | null {
  const token = tokens[at] ?? '';
  const adjective = adjectives.get(token);
  if (adjective) return { words: [adjective], length: 1 };
  const foreign = foreignMetals.has(token) ? metals.get(token) : undefined;
  if (foreign) return { words: [foreign], length: 1 };
  const linked = linking.has(token) ? metals.get(tokens[at + 1] ?? '') : undefined;
  if (linked && at > 0) return { words: [linked], length: 2 };
  const isElement = token === 'mag' || (token === 'mg' && at === 0);
  if (!isElement || !startsWithDigit(tokens[at + 1] ?? '')) return null;
  return { words: ['magnesium'], length: 1 };
}

/** @param tokens of the name (see `tokenize`), without accents */
export function spellSalts(tokens: readonly string[]): string[] {
  const spelled: string[] = [];
  for (let at = 0; at < tokens.length; ) {
    const found = saltAt(tokens, at) ?? metalAlone(tokens, at);
    if (found) spelled.push(...found.words);
    else spelled.push(tokens[at] ?? '');
    at += found?.length ?? 1;
  }
  return spelled;
}

/** Words of salts in any of the languages: no drug is called so. */
export const isSaltName = (word: string): boolean =>
  metals.has(word) || symbols.has(word) || adjectives.has(word) || acids.has(word) || linking.has(word);

/**
 * How much of each ingredient is in one piece or one millilitre of a product: from the structured name (RxNorm:
 * `sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet`, https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix5.html;
 * other catalogues: `enoxaparin 40 mg/0.4 mL subcutaneous syringe`), or from Medication.ingredient.strength.
 * A strength that could belong to either of two ingredients belongs to neither.
 */
import { asObject, type Json } from '../fhir/json.ts';
import { resolveDrug } from '../terminology/drugs/resolve.ts';
import { saltOf } from '../terminology/drugs/salts.ts';
import { toTwelveDigits } from '../terminology/units.ts';
import { amountOf } from './amounts.ts';

/** Grams of one ingredient in a piece, in a millilitre, or both. */
export interface Strength {
  ingredient: string;
  gramsAPiece?: number;
  gramsAMillilitre?: number;
}

/** Fluids that a drug is dissolved in: a dose in grams is not of them. */
const carriers: ReadonlySet<string> = new Set(['glucose', 'dextrose', 'sodium chloride', 'water']);

/** The one ingredient that a dose in grams is of; null for a combination of drugs. */
export function soleDrug(ingredients: readonly string[]): string | null {
  const drugs = ingredients.length > 1 ? ingredients.filter((name) => !carriers.has(name)) : ingredients;
  return drugs.length === 1 ? (drugs[0] ?? null) : null;
}

const gramsIn: Readonly<Record<string, number>> = {
  g: 1,
  gm: 1,
  gram: 1,
  grams: 1,
  mg: 1e-3,
  milligram: 1e-3,
  milligrams: 1e-3,
  mcg: 1e-6,
  ug: 1e-6,
  µg: 1e-6,
  μg: 1e-6,
  microgram: 1e-6,
  micrograms: 1e-6,
};
/** Millilitres in a volume that something is in: `40 g/L`. */
const millilitresIn = (unit: string): number | null =>
  millilitre.has(unit) ? 1 : litre.has(unit) ? 1000 : unit === 'dl' ? 100 : null;
const litre: ReadonlySet<string> = new Set(['l', 'liter', 'liters', 'litre', 'litres']);
const millilitre: ReadonlySet<string> = new Set([
  'ml',
  'milliliter',
  'milliliters',
  'millilitre',
  'millilitres',
]);
const onePiece: ReadonlySet<string> = new Set([
  'tab',
  'tabs',
  'tablet',
  'tablets',
  'cap',
  'caps',
  'capsule',
  'capsules',
]);
const noStrengths: readonly Strength[] = [];
const longestName = 500;
/** Grams: no piece is heavier. */
const heaviestPiece = 1e6;

/** A mass, by itself or to something: `500 MG`, `40 MG/ML`, `40 mg/0.4 mL`, `21 MG/HR`. */
const massPattern =
  /(?<![\d.,-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?[ -]?(mg|mcg|ug|µg|μg|grams?|gm|g|milligrams?|micrograms?)(?![a-z])(?:\s*\/\s*(\d+(?:\.\d+)?)?\s*([a-z]+))?/gi;

interface Mass {
  grams: number;
  /** What it is to: nothing (a piece), so many millilitres, or something that is no strength. */
  to: 'piece' | 'mL' | 'other';
  from: number;
  end: number;
}

function massesIn(name: string): Mass[] {
  return [...name.matchAll(massPattern)].map((match) => {
    const [whole, integer = '', fraction = '', unit = '', volume, per = ''] = match;
    const factor = gramsIn[unit.toLowerCase()] ?? Number.NaN;
    const stated = Number(`${integer.replaceAll(',', '')}${fraction}`) * factor;
    const inUnit = millilitresIn(per.toLowerCase());
    const isVolume = inUnit !== null;
    // `800 MG / trimethoprim`: the slash of RxNorm between two parts is no `per`.
    const isPart = volume === undefined && !isVolume && /\s\/\s/.test(whole);
    const from = match.index;
    const end = isPart ? from + whole.indexOf('/') : from + whole.length;
    const bag = per === '' ? bagAfter(name, end) : null;
    if (bag !== null) return { grams: stated / bag, to: 'mL', from, end };
    if (per === '' || isPart) return { grams: stated, to: 'piece', from, end };
    const millilitres = (volume === undefined ? 1 : Number(volume)) * (inUnit ?? 0);
    return isVolume && millilitres > 0
      ? { grams: stated / millilitres, to: 'mL', from, end }
      : { grams: stated, to: onePiece.has(per.toLowerCase()) ? 'piece' : 'other', from, end };
  });
}

/** `in 100 mL`, `in D5W 100 mL`, `in sodium chloride 0.9 % 250 mL`: the volume itself, or after the name of one fluid. */
const bagPattern =
  /^ {0,3}in {0,3}(?:(?:(?:0\.\d{1,2}|\d{1,2}) ?% )?(?:ns|nss|lr|swfi|swi|d5w?|d10w?|(?:sterile )?water(?: for injections?)?|(?:normal )?saline|lactated ringer'?s?|(?:sodium chloride|dextrose|glucose)(?: (?:0\.\d{1,2}|\d{1,2}) ?%)?),? {1,3}\(?)?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)? ?(ml|l)\b/i;
const bagPatternLimit = 80;

/** `40 g in 1,000 mL`: the millilitres of the bag that begin after the mass; null where none do. */
function bagAfter(name: string, end: number): number | null {
  const [, integer = '', fraction = '', unit = ''] =
    bagPattern.exec(name.slice(end, end + bagPatternLimit)) ?? [];
  const volume =
    Number(`${integer.replaceAll(',', '')}${fraction}`) * (unit.toLowerCase() === 'l' ? 1000 : 1);
  return volume > 0 ? volume : null;
}

/** `2 ML magnesium sulfate 500 MG/ML Injection`, `40 mg/0.4 mL syringe`: what one container holds. */
function millilitresAPiece(name: string): number | null {
  const leading = /^\s*(\d+(?:\.\d+)?) ?ML\s+[a-z]/i.exec(name);
  if (leading) return Number(leading[1]);
  const bag = /\d ?(?:mg|g|gm|mcg|gram)s?(?= {0,3}in\b)/i.exec(name);
  const volume = bag ? bagAfter(name, bag.index + bag[0].length) : null;
  if (volume !== null) return volume;
  const syringe =
    /\d ?(?:mg|g|mcg|gram)s?\s*\/\s*(\d+(?:\.\d+)?) ?mL\b.*\b(?:syringe|piggyback|bag|vial|ampule|ampoule)\b/i.exec(
      name,
    );
  return syringe ? Number(syringe[1]) : null;
}

function strengthOfMass(ingredient: string, mass: Mass, container: number | null): Strength | null {
  if (!(mass.grams < heaviestPiece) || mass.to === 'other') return null;
  if (mass.to === 'piece') return { ingredient, gramsAPiece: toTwelveDigits(mass.grams) };
  return {
    ingredient,
    gramsAMillilitre: toTwelveDigits(mass.grams),
    ...(container === null ? {} : { gramsAPiece: toTwelveDigits(mass.grams * container) }),
  };
}

const volumePattern = /(?<![\d.,/-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)? ?(ml|l)\b/gi;

/**
 * `30 g in dextrose 5% 250 mL (120 mg/mL)`: what is in the bag and what is in a millilitre are one strength, if the
 * name has the volume that makes the one of the other.
 */
function strengthOfBag(ingredient: string, name: string, found: readonly Mass[]): Strength | null {
  const [pieces, perMillilitre] = [
    found.filter(({ to }) => to === 'piece'),
    found.filter(({ to }) => to === 'mL'),
  ];
  const [piece, inMillilitre] = [pieces[0], perMillilitre[0]];
  if (!piece || !inMillilitre || pieces.length + perMillilitre.length < found.length) return null;
  if (![pieces, perMillilitre].every((all) => all.every((mass) => all[0] && isSameMass(mass, all[0]))))
    return null;
  const isNamed = [...name.matchAll(volumePattern)].some(([, integer = '', fraction = '', unit = '']) => {
    const litres = unit.toLowerCase() === 'l' ? 1000 : 1;
    const inBag = inMillilitre.grams * Number(`${integer.replaceAll(',', '')}${fraction}`) * litres;
    return Math.abs(inBag - piece.grams) <= 0.01 * piece.grams;
  });
  if (!isNamed || !(piece.grams < heaviestPiece)) return null;
  return {
    ingredient,
    gramsAPiece: toTwelveDigits(piece.grams),
    gramsAMillilitre: toTwelveDigits(inMillilitre.grams),
  };
}

const isSameMass = (one: Mass, other: Mass): boolean =>
  one.to === other.to && Math.abs(one.grams - other.grams) <= 1e-9 * one.grams;

/** The one of the ingredients that the words name; without that, nothing is said. */
function ingredientNamed(words: string, ingredients: readonly string[]): string | null {
  const bare = words
    .replace(/^\s*\d+(?:\.\d+)?\s*(?:HR|ML|ACTUAT)\s/i, '')
    .replace(/^[^a-z]+|[^a-z)]+$/gi, '')
    .replace(/^(?:and|with)\s+/i, '');
  const [only, ...others] = resolveDrug([], bare).ingredients;
  return only && others.length === 0 && ingredients.includes(only.name) ? only.name : null;
}

/**
 * `Bactrim DS 800-160 mg`: all products of this combination have five parts of the one to one of the other (US label,
 * BNF), so that the figures say whose they are.
 */
function strengthsByRatio(
  values: readonly number[],
  ingredients: readonly string[],
): readonly Strength[] | null {
  const isIt =
    ingredients.length === 2 &&
    ['sulfamethoxazole', 'trimethoprim'].every((name) => ingredients.includes(name));
  const [less = 0, more = 0, ...others] = [...values].sort((a, b) => a - b);
  if (!isIt || others.length > 0 || Math.abs(more - 5 * less) > 1e-9 || !(more > 0 && more < 2)) return null;
  return [
    { ingredient: 'sulfamethoxazole', gramsAPiece: toTwelveDigits(more) },
    { ingredient: 'trimethoprim', gramsAPiece: toTwelveDigits(less) },
  ];
}

/** `sulfamethoxazole-trimethoprim 800-160 MG`: names and strengths in the same order. */
const inOrderPattern =
  /^\s*([a-z][a-z \-/]*?)\s+(?:\([a-z][a-z ]*\)\s+)?(\d+(?:\.\d+)?(?:[-/]\d+(?:\.\d+)?)+)\s*(mg|mcg|g)\b(?!\s*\/)/i;

function strengthsInOrder(name: string, ingredients: readonly string[]): readonly Strength[] {
  const [, names = '', numbers = '', unit = ''] = inOrderPattern.exec(name) ?? [];
  const owners = names.split(/[-/]/).map((words) => ingredientNamed(words, ingredients));
  const factor = gramsIn[unit.toLowerCase()] ?? Number.NaN;
  const values = numbers.split(/[-/]/).map((value) => Number(value) * factor);
  const byRatio = owners.length === 1 ? strengthsByRatio(values, ingredients) : null;
  if (byRatio) return byRatio;
  const isSure =
    values.every((grams) => grams < heaviestPiece) &&
    owners.length === ingredients.length &&
    values.length === owners.length &&
    new Set(owners).size === owners.length &&
    !owners.includes(null);
  if (!isSure) return noStrengths;
  return owners.map((ingredient, index) => ({
    ingredient: ingredient ?? '',
    gramsAPiece: toTwelveDigits(values[index] ?? 0),
  }));
}

/** `241.3 MG MAGNESIUM`, `64 mg elemental`; not `2 g Mg sulfate`: after the metal nothing but a form follows. */
const elementalPattern =
  /^ {0,2}(?:of )?(?:elem(?:ental)?\b|(?:magnesium|mg)\b(?= {0,2}(?:$|[),;]|per\b|tab|cap|po\b|oral\b|elem)))/i;

/** Brands whose strength is that of the metal, as the labels have it: Slow-Mag, Mag64, Mag-Delay (DailyMed). */
const elementalBrand = /\b(?:slow[- ]?mag|mag[- ]?64|mag[- ]?delay)\b/i;
/** Grams of magnesium that their labels name. What is half a gram or more, 535 mg, is the salt; any other is open. */
const elementalGrams: readonly number[] = [0.064, 0.0715];
const isLabelled = ({ grams }: Mass): boolean =>
  elementalGrams.some((labelled) => Math.abs(grams - labelled) < 1e-9);

/** `400 (241.3 Mg) MG`: the figure in brackets is the metal, the one before it the salt, and the unit follows both. */
const bracketedMetal =
  /(?<![\d.,-])(\d+(?:\.\d+)?) ?\((\d+(?:\.\d+)?) ?(?:mg )?(?:mg|magnesium|elemental)\) ?mg\b/gi;

/** A name in which the strength of the metal stands where that of the salt is read. */
const withoutMetal = (name: string): string => name.replace(bracketedMetal, '$1 MG');

/**
 * Masses of a salt of magnesium: what is said of the metal as its salt. Where the salt's own mass stands beside it,
 * that one counts.
 */
function massesOfSalt(name: string, ingredients: readonly string[], found: readonly Mass[]): readonly Mass[] {
  const drug = soleDrug(ingredients);
  const salt = drug === null ? null : saltOf(drug);
  if (salt?.metal !== 'magnesium' || found.length === 0) return found;
  const isBrand = elementalBrand.test(name);
  const told = found.map((mass): Mass & { isMetal: boolean } => ({
    ...mass,
    isMetal:
      elementalPattern.test(name.slice(mass.end, mass.end + bagPatternLimit)) ||
      (isBrand && isLabelled(mass)),
  }));
  // `magnesium chloride 64 MG` without the brand, and a brand with a figure of no label: of which it is, nobody says.
  const isOpen = ({ isMetal, ...mass }: Mass & { isMetal: boolean }): boolean =>
    !isMetal &&
    mass.to === 'piece' &&
    (isBrand ? mass.grams < 0.5 : drug === 'magnesium chloride' && isLabelled(mass));
  if (told.some(isOpen)) return [];
  const ofSalt = told.filter(({ isMetal }) => !isMetal);
  if (ofSalt.length > 0) return ofSalt;
  const { metalFraction } = salt;
  return metalFraction === undefined
    ? []
    : told.map((mass) => ({ ...mass, grams: mass.grams / metalFraction }));
}

function strengthsOfName(name: string, ingredients: readonly string[]): readonly Strength[] {
  // `[Bactrim]` and `{42 (...) / 9 (...)} Pack`: a brand says nothing here, and a pack holds several products.
  const bare = withoutMetal(name.replace(/\[[^\]]*\]/g, ' '));
  if (bare.includes('{')) return noStrengths;
  const found = massesOfSalt(bare, ingredients, massesIn(bare));
  const [first] = found;
  if (!first) {
    return (
      strengthInIons(bare, ingredients) ??
      strengthInPercent(bare, ingredients) ??
      strengthsInOrder(bare, ingredients)
    );
  }
  const container = millilitresAPiece(bare);
  const isOneStrength = found.every((mass) => isSameMass(mass, first));
  const drug = soleDrug(ingredients);
  if (drug !== null && isOneStrength && (ingredients.length === 1 || found.length < ingredients.length)) {
    // Of one drug there is one strength, however often it is said: `4 gram/100 mL (40 mg/mL)`.
    const isOfDrug =
      ingredients.length === 1 || ingredientNamed(bare.slice(0, first.from), ingredients) === drug;
    const strength = isOfDrug ? strengthOfMass(drug, first, container) : null;
    return strength ? [strength] : noStrengths;
  }
  const isOfOne = drug !== null && ingredientNamed(bare.slice(0, first.from), ingredients) === drug;
  const bag = isOfOne ? strengthOfBag(drug, bare, found) : null;
  if (bag) return [bag];
  // One ingredient with several strengths: a pack, or the salt and the base.
  if (ingredients.length < 2) return noStrengths;
  const owners = found.map((mass, index) =>
    ingredientNamed(bare.slice(found[index - 1]?.end ?? 0, mass.from), ingredients),
  );
  // A part that is not recognised has no strength here; one that is named twice has none that is sure.
  return found.flatMap((mass, index) => {
    const owner = owners[index] ?? null;
    const isSure = owner !== null && owners.filter((other) => other === owner).length === 1;
    return (isSure ? strengthOfMass(owner, mass, container) : null) ?? noStrengths;
  });
}

const ionPattern =
  /(?<![\d.,-])(\d+(?:\.\d+)?)[ -]?(meq|mmol)(?![a-z])(?:\s*\/\s*(\d+(?:\.\d+)?)?\s*([a-z]+))?/gi;

/** `potassium chloride 20 MEQ Extended Release Oral Tablet`, `10 mEq/100 mL`: by the salt; null where it is not one. */
function strengthInIons(name: string, ingredients: readonly string[]): readonly Strength[] | null {
  const [match, ...others] = [...name.matchAll(ionPattern)];
  const drug = soleDrug(ingredients);
  const salt = drug === null ? null : saltOf(drug);
  if (!match || others.length > 0 || drug === null || !salt) return null;
  const [, value, unit = '', volume, per = ''] = match;
  const aGram = unit.toLowerCase() === 'meq' ? salt.mEqAGram : salt.mmolAGram;
  const grams = aGram === undefined ? Number.NaN : Number(value) / aGram;
  if (!(grams > 0 && grams < heaviestPiece)) return null;
  const bag = per === '' ? bagAfter(name, match.index + match[0].length) : null;
  const millilitres = bag ?? Number(volume ?? 1) * (millilitresIn(per.toLowerCase()) ?? 0);
  if (millilitres > 0)
    return [
      {
        ingredient: drug,
        gramsAMillilitre: toTwelveDigits(grams / millilitres),
        ...(bag === null ? {} : { gramsAPiece: toTwelveDigits(grams) }),
      },
    ];
  return per === '' || onePiece.has(per.toLowerCase())
    ? [{ ingredient: drug, gramsAPiece: toTwelveDigits(grams) }]
    : null;
}

/** Of a fluid in which it is dissolved the percentage is not the drug's. */
const fluidWords = /\b(?:in|dextrose|glucose|saline|sodium|water|ns|d5w?)\b/i;
const percentPattern = /(?<![\d.,-])(\d{1,2}(?:\.\d+)?) ?%/g;

/**
 * `magnesium sulfate 50 % Injection`: grams in 100 mL, of the one drug that is no carrier, right after its name. Of salts
 * of magnesium and potassium alone: those are solutions, where 1 % of another may be a cream.
 */
function strengthInPercent(name: string, ingredients: readonly string[]): readonly Strength[] | null {
  const drug = soleDrug(ingredients);
  if (drug === null || !saltOf(drug) || /\b(?:tab|cap|cream|ointment|gel|paste|powder)/i.test(name))
    return null;
  const all = [...name.matchAll(percentPattern)];
  const [match, ...others] = all.filter(({ index }, at) => {
    const before = all[at - 1];
    const from = before ? before.index + before[0].length : 0;
    const words = name.slice(from, index);
    return !fluidWords.test(words) && ingredientNamed(words, [drug]) === drug;
  });
  const percent = Number(match?.[1]);
  return others.length > 0 || !(percent > 0)
    ? null
    : [{ ingredient: drug, gramsAMillilitre: toTwelveDigits(percent / 100) }];
}

/** What several names say of one ingredient together: where they differ, none of them is used. */
function mergeStrengths(ingredient: string, said: readonly Strength[]): Strength {
  const both: Strength = { ingredient };
  for (const key of ['gramsAPiece', 'gramsAMillilitre'] as const) {
    const [value, ...others] = new Set(said.flatMap((one) => one[key] ?? []));
    if (value !== undefined && others.length === 0) both[key] = value;
  }
  return both;
}

/**
 * @param names what the product is called: displays of its codes and texts
 * @param ingredients names of its ingredients, as resolved
 */
export function strengthsOf(names: readonly (string | null)[], ingredients: readonly string[]): Strength[] {
  const said = [...new Set(names)].flatMap((name) =>
    name === null || name.length > longestName ? noStrengths : strengthsOfName(name, ingredients),
  );
  return [...Map.groupBy(said, ({ ingredient }) => ingredient)]
    .map(([ingredient, all]) => mergeStrengths(ingredient, all))
    .filter(({ gramsAPiece, gramsAMillilitre }) => (gramsAPiece ?? gramsAMillilitre) !== undefined);
}

/** From Medication.ingredient (R4 `strength`, R5 `strengthRatio`): so much to one piece, or to millilitres. */
export function strengthsOfMedication(
  parts: readonly { part: Json; ingredients: readonly string[] }[],
): Strength[] {
  return parts.flatMap(({ part, ingredients }): Strength[] => {
    const [ingredient, ...others] = ingredients;
    const ratio = asObject(part.strength) ?? asObject(part.strengthRatio);
    const mass = amountOf(ratio?.numerator);
    const per = asObject(ratio?.denominator);
    if (ingredient === undefined || others.length > 0 || mass?.unit !== 'g' || !per) return [];
    const volume = amountOf(per);
    if (volume?.unit === 'mL' && volume.value > 0) {
      return [{ ingredient, gramsAMillilitre: toTwelveDigits(mass.value / volume.value) }];
    }
    const pieces = volume?.unit === 'piece' ? volume.value : bareCountOf(per);
    return pieces === null || pieces <= 0
      ? []
      : [{ ingredient, gramsAPiece: toTwelveDigits(mass.value / pieces) }];
  });
}

/** `1` without a unit, as a denominator, is one piece of the product: the data type gives it that meaning. */
const bareCountOf = ({ value, unit, code }: Json): number | null =>
  typeof value === 'number' && (code === '1' || (code === undefined && unit === undefined)) ? value : null;

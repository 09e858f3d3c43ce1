/**
 * Salts of magnesium and potassium: what a gram of the salt is in milliequivalents, in millimoles of the metal, and
 * how much of it is the metal. A salt that is not listed, and a metal of which nobody says the salt, is not converted.
 *
 * Sources: molar masses from standard atomic weights (IUPAC); magnesium sulfate as the heptahydrate, 1 g = 8.12 mEq
 * (US label of the 50 % injection) or 4.06 mmol, which is what orders in grams mean; magnesium oxide 49.6 mEq/g
 * (pharmacy reference); magnesium chloride as the hexahydrate. Doubts: magnesium carbonate of pharmacopoeias is a
 * basic hydrate (0.24 to 0.265), and which hydrate a citrate or gluconate is, its name does not say: mEq and mmol of
 * these three are not converted to grams.
 */

export interface Salt {
  /** mEq of the metal in a gram; absent where the form is in doubt. */
  mEqAGram?: number;
  /** mmol of the metal in a gram. */
  mmolAGram?: number;
  metal: 'magnesium' | 'potassium';
  /** Grams of the metal in a gram, where strengths state the salt and rules ask for the metal. */
  metalFraction?: number;
}

const magnesium = (metalFraction: number, mmolAGram?: number): Salt => ({
  metal: 'magnesium',
  metalFraction,
  ...(mmolAGram === undefined ? {} : { mmolAGram, mEqAGram: 2 * mmolAGram }),
});

/** Of salts with one potassium each, from the molar mass. */
const potassium = (molarMass: number): Salt => ({
  metal: 'potassium',
  mmolAGram: 1000 / molarMass,
  mEqAGram: 1000 / molarMass,
});

/** By the name of the ingredient. */
const salts: ReadonlyMap<string, Salt> = new Map([
  // The element itself: RxNorm states some strengths so. How much of which salt `20 mEq` are, nobody says.
  ['magnesium', magnesium(1)],
  ['magnesium sulfate', magnesium(0.0986, 4.06)],
  ['magnesium oxide', magnesium(0.603, 24.811)],
  ['magnesium hydroxide', magnesium(0.417, 17.147)],
  ['magnesium chloride', magnesium(0.1196, 4.919)],
  ['magnesium carbonate', magnesium(0.288)],
  ['magnesium citrate', magnesium(0.1616)],
  ['magnesium gluconate', magnesium(0.0586)],
  ['potassium chloride', potassium(74.551)],
  ['potassium acetate', potassium(98.142)],
  ['potassium bicarbonate', potassium(100.115)],
]);

/** @param ingredient its name in the table of ingredients */
export const saltOf = (ingredient: string): Salt | null => salts.get(ingredient) ?? null;

/**
 * What an ATC code says of a drug: its ingredients, that it has none of ours, its route. Codes are in upper case.
 * https://atcddd.fhi.no/atc/structure_and_principles/
 */
import { createOutsideIngredient, type Ingredient, ingredientsByName, tableEntries } from './ingredients.ts';
import type { Route } from './routes.ts';

/** Codes in the table that stand for a fixed combination. */
const fixedCombinations: readonly (readonly [string, readonly string[]])[] = [
  ['C09DX04', ['sacubitril', 'valsartan']],
  ['J01DH51', ['imipenem', 'cilastatin']],
  ['J01EE01', ['sulfamethoxazole', 'trimethoprim']],
  ['J05AR20', ['bictegravir', 'tenofovir alafenamide', 'emtricitabine']],
];

function indexByAtc(): ReadonlyMap<string, readonly Ingredient[]> {
  const codes = new Map<string, readonly Ingredient[]>();
  for (const [row, ingredient] of tableEntries) {
    for (const code of row.atc) {
      // Where several ingredients share a code (lithium and its salts) the table's first one stands for it.
      if (!codes.has(code)) codes.set(code, [ingredient]);
    }
  }
  for (const [code, names] of fixedCombinations)
    codes.set(
      code,
      names.map((name) => ingredientsByName.get(name) ?? createOutsideIngredient(name)),
    );
  return codes;
}

const byAtc = indexByAtc();

/** Level 4 groups that hold an ingredient of ours. */
const ourGroups: ReadonlySet<string> = new Set(
  tableEntries.flatMap(([row]) => row.atc.map((code) => code.slice(0, 5))),
);

/** Empty where the code is not that of an ingredient of ours, or of a fixed combination with one. */
export const ingredientsOfAtc = (code: string): readonly Ingredient[] => byAtc.get(code) ?? [];

/**
 * Codes whose level 4 group holds combinations, or whose number does (20 and above): they may contain one of our
 * ingredients without saying which, so they prove nothing about what is absent.
 */
const combinations =
  /^(?:A02A[DFGX]|A02BD|A06AD|A07CA|A10BD|A11[ABEGHJ]|A12[AC]X|B03A[DE]|B05|C02L|C03[AB]B|C03C[BX]|C03E|C07[B-F]|C08G|C09B|C09D|C10B|D07[BCX]|G01B|J01CR|J01[ER]|J04AM|J05A[RX]|M01B|N02AJ|N07BC5|R03A[KL]|R05[FX]|S01C|S02C|S03|V)/;

/** Whether the code proves that the drug is a single substance in none of our classes. */
export function isOutsideByAtc(code: string): boolean {
  if (!/^[A-Z]\d\d[A-Z]{2}\d\d$/.test(code)) return false;
  if (ourGroups.has(code.slice(0, 5)) || combinations.test(code)) {
    // V06DC glucose and the like are single substances; the other V groups are diagnostics and diets.
    return code.startsWith('V06DC') && !ourGroups.has('V06DC');
  }
  return Number(code.slice(5)) < 20;
}

/** The route that an ATC group implies: S01 is for the eye whatever the name says. Null where it implies none. */
export function routeOfAtc(code: string): Route | null {
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

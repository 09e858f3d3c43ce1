/** What a concept of an allergy is to, from all its codes and words together. */
import { type Allergen, allergenOfCode, allergenSystemOf, drugNameOf, isKnownDrug } from './allergens.ts';
import { readAllergyWords } from './allergy-words.ts';
import { codingsOf, readCode } from './drugs/codings.ts';
import { ingredientByName } from './drugs/ingredients.ts';
import { resolveDrug } from './drugs/resolve.ts';
import type { ProductIndex } from './products.ts';

/** Drugs by name, groups by name. `open`: it is to something else as well, or to something that is not understood. */
export interface AllergenReading {
  drugs: readonly { rxnorm: string | null; name: string }[];
  groups: readonly string[];
  open: boolean;
}

/** Notes say "sulfur" for sulfa as well: an allergy to it may be to sulfonamides. */
const ambiguousDrugs: readonly string[] = ['sulfur'];

class Reading {
  readonly drugs = new Map<string, string | null>();
  readonly groups = new Set<string>();
  isNoDrug = false;

  add({ drugs, group, kind }: Allergen): void {
    if (kind === 'no-drug') this.isNoDrug = true;
    for (const drug of drugs) this.addDrug(drug, null);
    if (group !== null) this.groups.add(group);
  }

  addDrug(name: string, rxnorm: string | null): void {
    this.drugs.set(name, rxnorm ?? this.drugs.get(name) ?? null);
  }

  get isAmbiguous(): boolean {
    return ambiguousDrugs.some((drug) => this.drugs.has(drug)) && this.groups.size === 0;
  }

  get isEmpty(): boolean {
    return this.drugs.size === 0 && this.groups.size === 0 && !this.isNoDrug;
  }
}

/** @returns whether the coding was understood by its code */
function readCoding(
  coding: { system?: unknown; code?: unknown },
  products: ProductIndex | undefined,
  into: Reading,
): boolean {
  const code = readCode(coding.code);
  const { ingredients } = resolveDrug([{ system: coding.system, code }], undefined, products);
  const known = ingredients.filter(({ name }) => isKnownDrug(name));
  if (known.length > 0 && known.length === ingredients.length) {
    for (const { name, rxnorm } of known) into.addDrug(drugNameOf(name), rxnorm);
    return true;
  }
  const system = allergenSystemOf(coding.system);
  const allergen = system === null || code === '' ? null : allergenOfCode(system, code);
  if (!allergen || allergen.kind === 'some-drug') return false;
  into.add(allergen);
  return true;
}

/** @returns whether something in the words was not understood */
function readWords(text: unknown, into: Reading): boolean {
  const { allergens, hasUnread } = readAllergyWords(text);
  for (const allergen of allergens) into.add(allergen);
  return hasUnread;
}

/**
 * The codes count together with the words; a display is read where its code says nothing. What is left over of the
 * words leaves it open only where no code was understood.
 *
 * @param codings of AllergyIntolerance.code (https://hl7.org/fhir/R4/allergyintolerance.html)
 * @param text of AllergyIntolerance.code
 * @returns nothing and not open: it is to no drug
 */
export function readAllergen(codings: unknown, text: unknown, products?: ProductIndex): AllergenReading {
  const reading = new Reading();
  let isCoded = false;
  let hasUnread = false;
  for (const coding of codingsOf(codings)) {
    if (readCoding(coding, products, reading)) isCoded = true;
    else if (coding.display !== undefined && readWords(coding.display, reading)) hasUnread = true;
  }
  if (text !== undefined && readWords(text, reading)) hasUnread = true;
  return {
    drugs: [...reading.drugs].map(([name, rxnorm]) => ({
      rxnorm: rxnorm ?? ingredientByName(name)?.rxnorm ?? null,
      name,
    })),
    groups: [...reading.groups],
    open: reading.isEmpty || reading.isAmbiguous || (hasUnread && !isCoded),
  };
}

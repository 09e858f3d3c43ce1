/**
 * RxNorm's concepts and relationships -> products with their ingredients, for the product index. Where two
 * statements of a release disagree, or one is incomplete, the concept is left out: its name is read instead.
 */
import type { Product, Substance } from '../rules/terminology/products.ts';
import type { Concept, RxNormConcepts } from './rxnorm-concepts.ts';

/** Why concepts and packages are not in the index. */
export interface LeftOut {
  /** No ingredient is stated, or one of its parts has none. */
  incomplete: number;
  /** Two ways to its ingredients lead to different ones, or to fewer than its name has. */
  contradictory: number;
  /** NDCs that stand for different drugs. */
  ambiguousPackages: number;
}

export interface Products {
  products: ReadonlyMap<string, Product>;
  packages: ReadonlyMap<string, Product>;
  leftOut: LeftOut;
}

/** The code of the ingredient, that of the whole where it is a salt. */
const ingredientCode = ({ rxcui, formOf }: Substance): string => formOf?.rxcui ?? rxcui;
/** The ingredients without regard to salts, as one text. */
const ingredientKey = (substances: readonly Substance[]): string =>
  [...new Set(substances.map(ingredientCode))].sort().join();

const withoutSalt = ({ rxcui, name, formOf }: Substance): Substance => ({
  ...(formOf ?? { rxcui, name }),
  formOf: null,
});

/** Each once, in order of their codes; a plain ingredient is left out beside its own salt. */
function distinctSubstances(substances: readonly Substance[]): Substance[] {
  const salted = new Set(substances.flatMap(({ formOf }) => formOf?.rxcui ?? []));
  const kept = new Map(substances.filter(({ rxcui }) => !salted.has(rxcui)).map((one) => [one.rxcui, one]));
  return [...kept.values()].sort((a, b) => Number(a.rxcui) - Number(b.rxcui));
}

/** What several products are, if they have the same ingredients: salts and dose forms only where they agree. */
function commonProduct(products: readonly Product[]): Product | null {
  const [first, ...others] = products;
  if (
    !first ||
    others.some(({ substances }) => ingredientKey(substances) !== ingredientKey(first.substances))
  )
    return null;
  const same = (part: (product: Product) => string): boolean =>
    others.every((other) => part(other) === part(first));
  return {
    substances: same(({ substances }) => substances.map(({ rxcui }) => rxcui).join())
      ? first.substances
      : distinctSubstances(first.substances.map(withoutSalt)),
    doseForms: same(({ doseForms }) => doseForms.join('|')) ? first.doseForms : [],
  };
}

/** "lisinopril 10 MG / hydrochlorothiazide 12.5 MG Oral Tablet [Zestoretic]" has two parts. */
const partsOf = (name: string): string[] => name.replace(/\s*\[[^\]]*\]?/g, '').split(' / ');

/** What stands before the first strength, without the quantity or the number of the application before it. */
const ingredientIn = (part: string): string =>
  part
    .replace(/^NDA\d+ /, '')
    .replace(/^[\d.]+ (?:HR|ML|ACTUAT|MG|GM|UNT|MEQ) (?=\D)/, '')
    .replace(/ [\d.,]+ .*$/, '')
    .toLowerCase();

type Reading = { substances: Substance[] } | 'incomplete' | 'contradictory';

/** As many ingredients, or components of one, as the name has parts; otherwise some are missing. */
function requireAllParts(reading: Reading, name: string, count?: number): Reading {
  if (typeof reading === 'string') return reading;
  return (count ?? reading.substances.length) === partsOf(name).length ? reading : 'contradictory';
}

/**
 * The products and packages of a release.
 *
 * @example
 * const { products } = readProducts(concepts);
 * products.get('197885'); // { substances: [hydrochlorothiazide, lisinopril], doseForms: ['Oral Tablet'] }
 */
export function readProducts(concepts: RxNormConcepts): Products {
  const reader = new IngredientReader(concepts);
  const leftOut: LeftOut = { incomplete: 0, contradictory: 0, ambiguousPackages: 0 };
  const products = new Map<string, Product>();
  for (const { rxcui, type } of concepts.all()) {
    if (type === 'DF' || type === 'DFG') continue;
    const reading = reader.read(rxcui);
    if (typeof reading === 'string') leftOut[reading] += 1;
    else products.set(rxcui, { ...reading, doseForms: doseFormsOf(concepts, rxcui) });
  }
  for (const old of concepts.retiredCodes()) {
    const successors = concepts.successors(old);
    const now = commonProduct(
      successors.map((rxcui) => products.get(rxcui) ?? { substances: [], doseForms: [] }),
    );
    if (now && now.substances.length > 0) products.set(old, now);
  }
  return { products, packages: readPackages(concepts, products, leftOut), leftOut };
}

/** @param leftOut counts the packages that stand for different drugs */
function readPackages(
  concepts: RxNormConcepts,
  products: ReadonlyMap<string, Product>,
  leftOut: LeftOut,
): Map<string, Product> {
  const packages = new Map<string, Product>();
  for (const [ndc, codes] of concepts.packages()) {
    const drugs = codes.flatMap((rxcui) => products.get(rxcui) ?? []);
    const drug = drugs.length === codes.length ? commonProduct(drugs) : null;
    if (drug) packages.set(ndc, drug);
    else if (drugs.length > 1) leftOut.ambiguousPackages += 1;
  }
  return packages;
}

/** Those of a drug, or of all drugs in a pack: each once, sorted. */
function doseFormsOf(concepts: RxNormConcepts, rxcui: string): string[] {
  const type = concepts.get(rxcui)?.type;
  const forms =
    type === 'GPCK' || type === 'BPCK'
      ? concepts.related(rxcui, 'contains', 'SCD', 'SBD').flatMap((drug) => doseFormsOf(concepts, drug))
      : [
          ...concepts.related(rxcui, 'has_dose_form', 'DF'),
          ...concepts.related(rxcui, 'has_doseformgroup', 'DFG'),
        ].flatMap((form) => concepts.get(form)?.name ?? []);
  return [...new Set(forms)].sort();
}

/** Reads the ingredients of each concept once, from the statements about it and the concepts they lead to. */
class IngredientReader {
  readonly #concepts: RxNormConcepts;
  readonly #readings = new Map<string, Reading>();
  /** Ingredients and salts by their names in lower case; null for a name that two have. */
  readonly #named = new Map<string, Substance | null>();
  /** Branded drugs of each brand name. */
  readonly #branded = new Map<string, string[]>();

  constructor(concepts: RxNormConcepts) {
    this.#concepts = concepts;
    for (const { rxcui, name } of concepts.ingredients()) {
      const reading = this.read(rxcui);
      const [substance] = typeof reading === 'string' ? [] : reading.substances;
      const key = name.toLowerCase();
      if (substance) this.#named.set(key, this.#named.has(key) ? null : substance);
    }
    for (const { rxcui } of concepts.ofTypes('SBD')) {
      for (const brand of concepts.related(rxcui, 'has_ingredient', 'BN'))
        this.#branded.set(brand, [...(this.#branded.get(brand) ?? []), rxcui]);
    }
  }

  /** What a concept holds, or why that is not known. */
  read(rxcui: string): Reading {
    const known = this.#readings.get(rxcui);
    if (known) return known;
    // A circle of relationships ends here: nothing is learnt from it.
    this.#readings.set(rxcui, 'incomplete');
    const concept = this.#concepts.get(rxcui);
    const reading = concept ? this.#readConcept(concept) : 'incomplete';
    this.#readings.set(rxcui, reading);
    return reading;
  }

  /** All of several concepts; as soon as one of them is not known, none is. */
  #readAll(codes: readonly string[]): Reading {
    const substances: Substance[] = [];
    for (const code of codes) {
      const reading = this.read(code);
      if (typeof reading === 'string') return reading;
      substances.push(...reading.substances);
    }
    return substances.length > 0 ? { substances: distinctSubstances(substances) } : 'incomplete';
  }

  #readConcept(concept: Concept): Reading {
    const { rxcui, name, type } = concept;
    switch (type) {
      case 'IN':
        return { substances: [{ rxcui, name, formOf: null }] };
      case 'PIN': {
        const [base, ...others] = this.#concepts.related(rxcui, 'form_of', 'IN');
        const of = base === undefined ? undefined : this.#concepts.get(base);
        if (!of || others.length > 0) return 'incomplete';
        return { substances: [{ rxcui, name, formOf: { rxcui: of.rxcui, name: of.name } }] };
      }
      case 'MIN':
        return requireAllParts(this.#readAll(this.#concepts.related(rxcui, 'has_part', 'IN', 'PIN')), name);
      case 'SCDC':
        return this.#readComponent(concept);
      case 'SBDC':
        return requireAllParts(this.#readAll(this.#concepts.related(rxcui, 'tradename_of', 'SCDC')), name);
      case 'SCD':
      case 'SBD':
        return this.#readDrug(concept);
      case 'SCDF':
      case 'SCDFP':
      case 'SCDG':
      case 'SCDGP':
        return requireAllParts(this.#readDirect(rxcui), name);
      case 'SBDF':
      case 'SBDFP':
      case 'SBDG': {
        const generic = this.#concepts.related(rxcui, 'tradename_of', 'SCDF', 'SCDFP', 'SCDG', 'SCDGP');
        return this.#readAll(
          generic.length > 0 ? generic : this.#concepts.related(rxcui, 'has_ingredient', 'BN'),
        );
      }
      case 'BN':
        return this.#readBrand(rxcui);
      case 'GPCK':
      case 'BPCK': {
        const inside = this.#concepts.related(rxcui, 'contains', 'SCD', 'SBD');
        return this.#readAll(
          inside.length > 0 ? inside : this.#concepts.related(rxcui, 'tradename_of', 'GPCK'),
        );
      }
      case 'DF':
      case 'DFG':
        return 'incomplete';
    }
  }

  #readDirect(rxcui: string): Reading {
    return this.#readAll([
      ...this.#concepts.related(rxcui, 'has_ingredient', 'IN', 'PIN'),
      ...this.#concepts.related(rxcui, 'has_precise_ingredient', 'PIN'),
      ...this.#concepts.related(rxcui, 'has_ingredients', 'MIN'),
    ]);
  }

  /** One ingredient with its strength; the salt counts where it is one of that ingredient. */
  #readComponent({ rxcui, name }: Concept): Reading {
    const ingredients = this.#concepts.related(rxcui, 'has_ingredient', 'IN');
    const salts = this.#concepts.related(rxcui, 'has_precise_ingredient', 'PIN');
    if (ingredients.length === 0 && salts.length === 0) return this.#readName(name);
    const stated = this.#readAll([...ingredients, ...salts]);
    if (typeof stated === 'string') return stated;
    return new Set(stated.substances.map(ingredientCode)).size === 1 ? stated : 'contradictory';
  }

  /**
   * By its components: as many as its name has parts, or as another statement has ingredients. What else is said
   * of it, by the set of its ingredients or by the drug whose brand it is, must agree.
   */
  #readDrug({ rxcui, name }: Concept): Reading {
    const components = this.#concepts.related(rxcui, 'consists_of', 'SCDC');
    const statements = [
      ...this.#concepts.related(rxcui, 'has_ingredients', 'MIN'),
      ...this.#concepts.related(rxcui, 'tradename_of', 'SCD'),
    ].flatMap((other) => {
      const statement = this.read(other);
      return typeof statement === 'string' ? [] : statement;
    });
    const [first, ...others] = statements.map(({ substances }) => ingredientKey(substances));
    if (others.some((other) => other !== first)) return 'contradictory';
    if (components.length === 0) {
      if (statements[0]) return statements[0];
      const direct = this.#readDirect(rxcui);
      return direct === 'incomplete' ? this.#readName(name) : requireAllParts(direct, name);
    }
    const reading = this.#readAll(components);
    if (typeof reading === 'string') return reading;
    if (first === undefined) return requireAllParts(reading, name, components.length);
    return ingredientKey(reading.substances) === first ? reading : 'contradictory';
  }

  /** A brand stands for its drugs if they all have the same ingredients, and none other is said of it. */
  #readBrand(rxcui: string): Reading {
    const statement = this.#readAll(this.#concepts.related(rxcui, 'tradename_of', 'IN', 'PIN', 'MIN'));
    const stated = typeof statement === 'string' ? [] : statement.substances.map(withoutSalt);
    const drugs = (this.#branded.get(rxcui) ?? []).map((drug) => this.read(drug));
    const known = drugs.flatMap((drug) => (typeof drug === 'string' ? [] : { ...drug, doseForms: [] }));
    if (known.length === 0)
      return stated.length > 0 ? { substances: distinctSubstances(stated) } : 'incomplete';
    const product = commonProduct(known);
    if (!product) return 'contradictory';
    const substances = distinctSubstances(product.substances.map(withoutSalt));
    const equal = ingredientKey(substances) === ingredientKey(stated);
    if (known.length < drugs.length && !equal) return 'incomplete';
    const held = new Set(substances.map(ingredientCode));
    return stated.every((one) => held.has(ingredientCode(one))) ? { substances } : 'contradictory';
  }

  /**
   * Concepts that are obsolete have lost their relationships, but not their names, which begin with the names of
   * the ingredients. Only exact names of ingredients and salts of this release count.
   */
  #readName(name: string): Reading {
    const found = partsOf(name).map((part) => this.#named.get(ingredientIn(part)) ?? null);
    return found.every((substance) => substance !== null)
      ? { substances: distinctSubstances(found) }
      : 'incomplete';
  }
}

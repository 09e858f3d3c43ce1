/**
 * RxNorm's concepts and relationships -> products with their ingredients, for the product index. Where two
 * statements of a release disagree, or one is incomplete, the concept is left out: its name is read instead.
 *
 * Columns: https://www.nlm.nih.gov/research/umls/rxnorm/docs/index.html (section 12).
 * Relationships: https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix1.html
 * Term types: https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix5.html
 */
import { ndcReadings } from '../rules/terminology/ndc.ts';
import type { Product, Substance } from '../rules/terminology/products.ts';

const termTypes = [
  ...['IN', 'PIN', 'MIN', 'BN'],
  ...['SCDC', 'SCDF', 'SCDFP', 'SCDG', 'SCDGP', 'SCD', 'GPCK'],
  ...['SBDC', 'SBDF', 'SBDFP', 'SBDG', 'SBD', 'BPCK'],
  ...['DF', 'DFG'],
] as const;
type TermType = (typeof termTypes)[number];
const isTermType = (text: string): text is TermType => termTypes.some((type) => type === text);

interface Concept {
  rxcui: string;
  type: TermType;
  name: string;
}

/** Each relationship is in the file from both sides; one side's name is kept. */
const relations = [
  ['consists_of', 'constitutes'],
  ['contains', 'contained_in'],
  ['has_dose_form', 'dose_form_of'],
  ['has_doseformgroup', 'doseformgroup_of'],
  ['has_ingredient', 'ingredient_of'],
  ['has_ingredients', 'ingredients_of'],
  ['has_part', 'part_of'],
  ['has_precise_ingredient', 'precise_ingredient_of'],
  ['form_of', 'has_form'],
  ['tradename_of', 'has_tradename'],
] as const;
type Relation = (typeof relations)[number][0];
const forward = new Map<string, Relation>(relations.map(([name]) => [name, name]));
const backward = new Map<string, Relation>(relations.map(([name, inverse]) => [inverse, name]));

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

const wholeOf = ({ rxcui, formOf }: Substance): string => formOf?.rxcui ?? rxcui;
/** The ingredients without regard to salts, as one text. */
const keyOf = (substances: readonly Substance[]): string =>
  [...new Set(substances.map(wholeOf))].sort().join();

const whole = ({ rxcui, name, formOf }: Substance): Substance => ({
  ...(formOf ?? { rxcui, name }),
  formOf: null,
});

/** Each once, in order of their codes; a plain ingredient is left out beside its own salt. */
function united(substances: readonly Substance[]): Substance[] {
  const salted = new Set(substances.flatMap(({ formOf }) => formOf?.rxcui ?? []));
  const kept = new Map(substances.filter(({ rxcui }) => !salted.has(rxcui)).map((one) => [one.rxcui, one]));
  return [...kept.values()].sort((a, b) => Number(a.rxcui) - Number(b.rxcui));
}

/** What several products are, if they have the same ingredients: salts and dose forms only where they agree. */
function agreed(products: readonly Product[]): Product | null {
  const [first, ...others] = products;
  if (!first || others.some(({ substances }) => keyOf(substances) !== keyOf(first.substances))) return null;
  const same = (part: (product: Product) => string): boolean =>
    others.every((other) => part(other) === part(first));
  return {
    substances: same(({ substances }) => substances.map(({ rxcui }) => rxcui).join())
      ? first.substances
      : united(first.substances.map(whole)),
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

/** Rows in, in any order of files; then everything is derived at once. Only rows of SAB=RXNORM count. */
export class RxNorm {
  readonly #concepts = new Map<string, Concept>();
  readonly #edges = new Map<Relation, Map<string, string[]>>();
  readonly #packages = new Map<string, string[]>();
  readonly #retired = new Map<string, string[]>();
  readonly #readings = new Map<string, Reading>();
  /** Ingredients and salts by their names in lower case. */
  readonly #named = new Map<string, Substance | null>();
  /** Branded drugs of each brand name. */
  readonly #branded = new Map<string, string[]>();

  /**
   * A row of RXNCONSO. Obsolete names (SUPPRESS=O) and drugs without a quantity (E) go on meaning what they meant,
   * and records keep their codes for years; what an editor took back (Y) does not count.
   */
  concept(row: readonly string[]): void {
    const [rxcui = '', language] = row;
    const [vocabulary, type = '', , name = ''] = row.slice(11);
    if (vocabulary !== 'RXNORM' || language !== 'ENG' || !isTermType(type) || row[16] === 'Y') return;
    if (!this.#concepts.has(rxcui) || row[16] === 'N') this.#concepts.set(rxcui, { rxcui, type, name });
  }

  /** A row of RXNREL: the second concept has the relationship to the first. */
  relation(row: readonly string[]): void {
    const [first = '', , , , second = '', , , name = ''] = row;
    if (row[10] !== 'RXNORM' || first === '' || second === '' || !(row[14] === '' || row[14] === 'N')) return;
    const there = forward.get(name);
    if (there) this.#add(there, second, first);
    const back = backward.get(name);
    if (back) this.#add(back, first, second);
  }

  #add(relation: Relation, from: string, to: string): void {
    const edges = this.#edges.get(relation) ?? new Map<string, string[]>();
    this.#edges.set(relation, edges);
    const known = edges.get(from);
    if (!known) edges.set(from, [to]);
    else if (!known.includes(to)) known.push(to);
  }

  /**
   * A row of RXNSAT: an NDC of a concept. Obsolete ones do not count: a labeler may have given the number to
   * another drug since. AMBIGUITY_FLAG is about names of the other vocabularies, which are not used.
   */
  attribute(row: readonly string[]): void {
    const [rxcui = ''] = row;
    const [name, vocabulary, value = '', suppressed] = row.slice(8);
    if (name !== 'NDC' || vocabulary !== 'RXNORM' || suppressed !== 'N') return;
    const [ndc, ...others] = ndcReadings(value);
    if (ndc === undefined || others.length > 0) return;
    const known = this.#packages.get(ndc);
    if (!known) this.#packages.set(ndc, [rxcui]);
    else if (!known.includes(rxcui)) known.push(rxcui);
  }

  /** A row of RXNCUI: a retired code and one of those it was moved or split to. */
  retired(row: readonly string[]): void {
    const [old = '', , , , now = ''] = row;
    if (old !== now && now !== '') this.#retired.set(old, [...(this.#retired.get(old) ?? []), now]);
  }

  /** Codes and names of the ingredients and salts of the release. */
  ingredients(): ReadonlySet<string> {
    return new Set(this.#of('IN', 'PIN').map(({ rxcui }) => rxcui));
  }

  products(): Products {
    for (const { rxcui, name } of this.#of('IN', 'PIN')) {
      const reading = this.#reading(rxcui);
      const [substance] = typeof reading === 'string' ? [] : reading.substances;
      const key = name.toLowerCase();
      if (substance) this.#named.set(key, this.#named.has(key) ? null : substance);
    }
    for (const { rxcui } of this.#of('SBD')) {
      for (const brand of this.#to(rxcui, 'has_ingredient', 'BN'))
        this.#branded.set(brand, [...(this.#branded.get(brand) ?? []), rxcui]);
    }

    const leftOut: LeftOut = { incomplete: 0, contradictory: 0, ambiguousPackages: 0 };
    const products = new Map<string, Product>();
    for (const { rxcui, type } of this.#concepts.values()) {
      if (type === 'DF' || type === 'DFG') continue;
      const reading = this.#reading(rxcui);
      if (typeof reading === 'string') leftOut[reading] += 1;
      else products.set(rxcui, { ...reading, doseForms: this.#doseForms(rxcui) });
    }
    for (const [old] of this.#retired) {
      if (this.#concepts.has(old)) continue;
      const now = agreed(
        this.#successors(old).map((rxcui) => products.get(rxcui) ?? { substances: [], doseForms: [] }),
      );
      if (now && now.substances.length > 0) products.set(old, now);
    }

    const packages = new Map<string, Product>();
    for (const [ndc, codes] of this.#packages) {
      const drugs = codes.flatMap((rxcui) => products.get(rxcui) ?? []);
      const drug = drugs.length === codes.length ? agreed(drugs) : null;
      if (drug) packages.set(ndc, drug);
      else if (drugs.length > 1) leftOut.ambiguousPackages += 1;
    }
    return { products, packages, leftOut };
  }

  /** What a retired code became, through codes that were retired in turn. */
  #successors(old: string): string[] {
    const found = new Set<string>();
    const seen = new Set<string>();
    const follow = [old];
    for (let code = follow.pop(); code !== undefined; code = follow.pop()) {
      if (seen.has(code)) continue;
      seen.add(code);
      const next = this.#concepts.has(code) ? [] : (this.#retired.get(code) ?? []);
      if (next.length === 0) found.add(code);
      follow.push(...next);
    }
    return [...found];
  }

  #of(...types: TermType[]): Concept[] {
    return [...this.#concepts.values()].filter(({ type }) => types.includes(type));
  }

  /** Where a relationship leads to from a concept, among concepts of these types. */
  #to(rxcui: string, relation: Relation, ...types: TermType[]): string[] {
    return (this.#edges.get(relation)?.get(rxcui) ?? []).filter((to) => {
      const type = this.#concepts.get(to)?.type;
      return type !== undefined && types.includes(type);
    });
  }

  #doseForms(rxcui: string): string[] {
    const concept = this.#concepts.get(rxcui);
    const inside =
      concept?.type === 'GPCK' || concept?.type === 'BPCK'
        ? this.#to(rxcui, 'contains', 'SCD', 'SBD').flatMap((part) => this.#doseForms(part))
        : [...this.#to(rxcui, 'has_dose_form', 'DF'), ...this.#to(rxcui, 'has_doseformgroup', 'DFG')].flatMap(
            (form) => this.#concepts.get(form)?.name ?? [],
          );
    return [...new Set(inside)].sort();
  }

  #reading(rxcui: string): Reading {
    const known = this.#readings.get(rxcui);
    if (known) return known;
    // A circle of relationships ends here: nothing is learnt from it.
    this.#readings.set(rxcui, 'incomplete');
    const concept = this.#concepts.get(rxcui);
    const reading = concept ? this.#read(concept) : 'incomplete';
    this.#readings.set(rxcui, reading);
    return reading;
  }

  /** All of several concepts; as soon as one of them is not known, none is. */
  #all(codes: readonly string[]): Reading {
    const substances: Substance[] = [];
    for (const code of codes) {
      const reading = this.#reading(code);
      if (typeof reading === 'string') return reading;
      substances.push(...reading.substances);
    }
    return substances.length > 0 ? { substances: united(substances) } : 'incomplete';
  }

  #read(concept: Concept): Reading {
    const { rxcui, name, type } = concept;
    switch (type) {
      case 'IN':
        return { substances: [{ rxcui, name, formOf: null }] };
      case 'PIN': {
        const [base, ...others] = this.#to(rxcui, 'form_of', 'IN');
        const of = base === undefined ? undefined : this.#concepts.get(base);
        if (!of || others.length > 0) return 'incomplete';
        return { substances: [{ rxcui, name, formOf: { rxcui: of.rxcui, name: of.name } }] };
      }
      case 'MIN':
        return complete(this.#all(this.#to(rxcui, 'has_part', 'IN', 'PIN')), name);
      case 'SCDC':
        return this.#component(concept);
      case 'SBDC':
        return complete(this.#all(this.#to(rxcui, 'tradename_of', 'SCDC')), name);
      case 'SCD':
      case 'SBD':
        return this.#drug(concept);
      case 'SCDF':
      case 'SCDFP':
      case 'SCDG':
      case 'SCDGP':
        return complete(this.#ingredientsOf(rxcui), name);
      case 'SBDF':
      case 'SBDFP':
      case 'SBDG': {
        const generic = this.#to(rxcui, 'tradename_of', 'SCDF', 'SCDFP', 'SCDG', 'SCDGP');
        return this.#all(generic.length > 0 ? generic : this.#to(rxcui, 'has_ingredient', 'BN'));
      }
      case 'BN':
        return this.#brand(rxcui);
      case 'GPCK':
      case 'BPCK': {
        const inside = this.#to(rxcui, 'contains', 'SCD', 'SBD');
        return this.#all(inside.length > 0 ? inside : this.#to(rxcui, 'tradename_of', 'GPCK'));
      }
      default:
        return 'incomplete';
    }
  }

  #ingredientsOf(rxcui: string): Reading {
    return this.#all([
      ...this.#to(rxcui, 'has_ingredient', 'IN', 'PIN'),
      ...this.#to(rxcui, 'has_precise_ingredient', 'PIN'),
      ...this.#to(rxcui, 'has_ingredients', 'MIN'),
    ]);
  }

  /** One ingredient with its strength; the salt counts where it is one of that ingredient. */
  #component({ rxcui, name }: Concept): Reading {
    const ingredients = this.#to(rxcui, 'has_ingredient', 'IN');
    const salts = this.#to(rxcui, 'has_precise_ingredient', 'PIN');
    if (ingredients.length === 0 && salts.length === 0) return this.#byName(name);
    const stated = this.#all([...ingredients, ...salts]);
    if (typeof stated === 'string') return stated;
    return new Set(stated.substances.map(wholeOf)).size === 1 ? stated : 'contradictory';
  }

  /**
   * By its components: as many as its name has parts, or as another statement has ingredients. What else is said
   * of it, by the set of its ingredients or by the drug whose brand it is, must agree.
   */
  #drug({ rxcui, name }: Concept): Reading {
    const components = this.#to(rxcui, 'consists_of', 'SCDC');
    const said = [...this.#to(rxcui, 'has_ingredients', 'MIN'), ...this.#to(rxcui, 'tradename_of', 'SCD')]
      .map((other) => this.#reading(other))
      .filter((reading) => typeof reading !== 'string');
    const [first, ...others] = said.map(({ substances }) => keyOf(substances));
    if (others.some((other) => other !== first)) return 'contradictory';
    if (components.length === 0) {
      if (said[0]) return said[0];
      const direct = this.#ingredientsOf(rxcui);
      return direct === 'incomplete' ? this.#byName(name) : complete(direct, name);
    }
    const reading = this.#all(components);
    if (typeof reading === 'string') return reading;
    if (first === undefined) return complete(reading, name, components.length);
    return keyOf(reading.substances) === first ? reading : 'contradictory';
  }

  /** A brand stands for its drugs if they all have the same ingredients, and none other is said of it. */
  #brand(rxcui: string): Reading {
    const stated = this.#all(this.#to(rxcui, 'tradename_of', 'IN', 'PIN', 'MIN'));
    const drugs = (this.#branded.get(rxcui) ?? []).map((drug) => this.#reading(drug));
    const known = drugs.flatMap((drug) => (typeof drug === 'string' ? [] : { ...drug, doseForms: [] }));
    const said = typeof stated === 'string' ? [] : stated.substances.map(whole);
    if (known.length === 0) return said.length > 0 ? { substances: united(said) } : 'incomplete';
    const product = agreed(known);
    if (!product) return 'contradictory';
    const substances = united(product.substances.map(whole));
    const equal = keyOf(substances) === keyOf(said);
    if (known.length < drugs.length && !equal) return 'incomplete';
    const held = new Set(substances.map(wholeOf));
    return said.every((one) => held.has(wholeOf(one))) ? { substances } : 'contradictory';
  }

  /**
   * Concepts that are obsolete have lost their relationships, but not their names, which begin with the names of
   * the ingredients. Only exact names of ingredients and salts of this release count.
   */
  #byName(name: string): Reading {
    const found = partsOf(name).map((part) => this.#named.get(ingredientIn(part)) ?? null);
    return found.every((substance) => substance !== null) ? { substances: united(found) } : 'incomplete';
  }
}

/** As many ingredients, or components of one, as the name has parts; otherwise some are missing. */
function complete(reading: Reading, name: string, count?: number): Reading {
  if (typeof reading === 'string') return reading;
  return (count ?? reading.substances.length) === partsOf(name).length ? reading : 'contradictory';
}

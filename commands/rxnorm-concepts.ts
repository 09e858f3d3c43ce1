/**
 * What a release of RxNorm says of its concepts: rows of its files in, in any order of files; then the concepts, the
 * relationships between them, their NDCs and what became of retired codes. Only rows of SAB=RXNORM count.
 *
 * Columns: https://www.nlm.nih.gov/research/umls/rxnorm/docs/index.html (section 12).
 * Relationships: https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix1.html
 * Term types: https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix5.html
 */
import { ndcReadings } from '../rules/terminology/ndc.ts';

const termTypes = [
  ...['IN', 'PIN', 'MIN', 'BN'],
  ...['SCDC', 'SCDF', 'SCDFP', 'SCDG', 'SCDGP', 'SCD', 'GPCK'],
  ...['SBDC', 'SBDF', 'SBDFP', 'SBDG', 'SBD', 'BPCK'],
  ...['DF', 'DFG'],
] as const;
export type TermType = (typeof termTypes)[number];
const isTermType = (text: string): text is TermType => termTypes.some((type) => type === text);

export interface Concept {
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
export type Relation = (typeof relations)[number][0];
const relationsByName = new Map<string, Relation>(relations.map(([name]) => [name, name]));
const relationsByInverse = new Map<string, Relation>(relations.map(([name, inverse]) => [inverse, name]));

/** Adds a text to those of a key, each once. */
function addTo(lists: Map<string, string[]>, key: string, text: string): void {
  const known = lists.get(key);
  if (!known) lists.set(key, [text]);
  else if (!known.includes(text)) known.push(text);
}

/** `addX` takes a row of a file, split into its columns; a row that does not count is left out. */
export class RxNormConcepts {
  readonly #concepts = new Map<string, Concept>();
  readonly #edges = new Map<Relation, Map<string, string[]>>();
  readonly #packages = new Map<string, string[]>();
  readonly #retired = new Map<string, string[]>();

  /**
   * A row of RXNCONSO. Obsolete names (SUPPRESS=O) and drugs without a quantity (E) go on meaning what they meant,
   * and records keep their codes for years; what an editor took back (Y) does not count.
   */
  addConcept(row: readonly string[]): void {
    const [rxcui = '', language] = row;
    const [vocabulary, type = '', , name = ''] = row.slice(11);
    if (vocabulary !== 'RXNORM' || language !== 'ENG' || !isTermType(type) || row[16] === 'Y') return;
    if (!this.#concepts.has(rxcui) || row[16] === 'N') this.#concepts.set(rxcui, { rxcui, type, name });
  }

  /** A row of RXNREL: the second concept has the relationship to the first. */
  addRelation(row: readonly string[]): void {
    const [first = '', , , , second = '', , , name = ''] = row;
    if (row[10] !== 'RXNORM' || first === '' || second === '' || !(row[14] === '' || row[14] === 'N')) return;
    const stated = relationsByName.get(name);
    if (stated) this.#addEdge(stated, second, first);
    const inverted = relationsByInverse.get(name);
    if (inverted) this.#addEdge(inverted, first, second);
  }

  #addEdge(relation: Relation, from: string, to: string): void {
    const edges = this.#edges.get(relation) ?? new Map<string, string[]>();
    this.#edges.set(relation, edges);
    addTo(edges, from, to);
  }

  /**
   * A row of RXNSAT: an NDC of a concept. Obsolete ones do not count: a labeler may have given the number to
   * another drug since. AMBIGUITY_FLAG is about names of the other vocabularies, which are not used.
   */
  addAttribute(row: readonly string[]): void {
    const [rxcui = ''] = row;
    const [name, vocabulary, value = '', suppressed] = row.slice(8);
    if (name !== 'NDC' || vocabulary !== 'RXNORM' || suppressed !== 'N') return;
    const [ndc, ...others] = ndcReadings(value);
    if (ndc === undefined || others.length > 0) return;
    addTo(this.#packages, ndc, rxcui);
  }

  /** A row of RXNCUI: a retired code and one of those it was moved or split to. */
  addRetired(row: readonly string[]): void {
    const [old = '', , , , now = ''] = row;
    if (old !== now && now !== '') this.#retired.set(old, [...(this.#retired.get(old) ?? []), now]);
  }

  /** By RxCUI. */
  get(rxcui: string): Concept | undefined {
    return this.#concepts.get(rxcui);
  }

  all(): Iterable<Concept> {
    return this.#concepts.values();
  }

  /** Ingredients and salts. */
  ingredients(): Concept[] {
    return this.ofTypes('IN', 'PIN');
  }

  ofTypes(...types: readonly TermType[]): Concept[] {
    return [...this.#concepts.values()].filter(({ type }) => types.includes(type));
  }

  /** Where a relationship leads to from a concept, among concepts of these types. */
  related(rxcui: string, relation: Relation, ...types: readonly TermType[]): string[] {
    return (this.#edges.get(relation)?.get(rxcui) ?? []).filter((to) => {
      const type = this.#concepts.get(to)?.type;
      return type !== undefined && types.includes(type);
    });
  }

  /** Concepts of each NDC of eleven digits. */
  packages(): Iterable<readonly [ndc: string, rxcuis: readonly string[]]> {
    return this.#packages;
  }

  /** Codes that were retired and are no concepts of this release any more. */
  retiredCodes(): string[] {
    return [...this.#retired.keys()].filter((old) => !this.#concepts.has(old));
  }

  /** What a retired code became, through codes that were retired in turn. */
  successors(old: string): string[] {
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
}

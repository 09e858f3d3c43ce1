/** Drug codes and names for tests of terminology. */
import { type DrugResolution, resolveDrug } from '../../rules/terminology/drugs/resolve.ts';

export const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const atc = 'http://www.whocc.no/atc';
export const snomed = 'http://snomed.info/sct';
export const ndc = 'http://hl7.org/fhir/sid/ndc';

/** What a test hands in as codings, which may be any JSON. */
export type Codings = Parameters<typeof resolveDrug>[0];

/** Names of the ingredients that a rule may ask for, sorted. */
export const ruleNames = (resolution: DrugResolution): string[] =>
  resolution.ingredients
    .filter(({ classes }) => classes.length > 0)
    .map(({ name }) => name)
    .toSorted();

export const allNames = (resolution: DrugResolution): string[] =>
  resolution.ingredients.map(({ name }) => name).toSorted();

export const resolveText = (text: string): DrugResolution => resolveDrug([], text);

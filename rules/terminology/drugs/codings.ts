/** FHIR codings as they arrive, whatever their JSON is, and the code systems that drugs and routes come in. */
import { plainAddress } from '../systems.ts';

/** A FHIR Coding of which nothing is known yet: each member may be any JSON. */
export interface Coding {
  system?: unknown;
  code?: unknown;
  display?: unknown;
}

export type CodeSystem =
  | 'rxnorm'
  | 'atc'
  | 'snomed'
  | 'ndc'
  | 'unii'
  | 'edqm'
  | 'v3-route'
  | 'v2-route'
  | 'nci';

/** `code` is trimmed, and empty where none is given; `system` is null where it is none of ours. */
export interface KnownCoding {
  system: CodeSystem | null;
  code: string;
  display: unknown;
}

const codingLimit = 20;
const systemLimit = 200;
const codeLimit = 64;

const systems: ReadonlyMap<string, CodeSystem> = new Map<string, CodeSystem>([
  ['http://www.nlm.nih.gov/research/umls/rxnorm', 'rxnorm'],
  ['urn:oid:2.16.840.1.113883.6.88', 'rxnorm'],
  // No URI, and no other system's name either.
  ['rxnorm', 'rxnorm'],
  ['http://www.whocc.no/atc', 'atc'],
  ['http://whocc.no/atc', 'atc'],
  ['http://fhir.de/codesystem/bfarm/atc', 'atc'],
  ['http://fhir.de/codesystem/dimdi/atc', 'atc'],
  ['urn:oid:2.16.840.1.113883.6.73', 'atc'],
  ['http://snomed.info/sct', 'snomed'],
  ['urn:oid:2.16.840.1.113883.6.96', 'snomed'],
  ['http://snomed.info/id', 'snomed'],
  ['http://hl7.org/fhir/sid/ndc', 'ndc'],
  ['urn:oid:2.16.840.1.113883.6.69', 'ndc'],
  ['http://fdasis.nlm.nih.gov', 'unii'],
  ['http://fdasis.nlm.nih.gov/srs', 'unii'],
  ['http://terminology.hl7.org/codesystem/unii', 'unii'],
  ['urn:oid:2.16.840.1.113883.4.9', 'unii'],
  ['http://standardterms.edqm.eu', 'edqm'],
  ['urn:oid:0.4.0.127.0.16.1.1.2.1', 'edqm'],
  ['http://smt.esante.gouv.fr/terminologie-standardterms', 'edqm'],
  ['http://terminology.hl7.org/codesystem/v3-routeofadministration', 'v3-route'],
  ['http://hl7.org/fhir/valueset/v3-routeofadministration', 'v3-route'],
  ['http://terminology.hl7.org/codesystem/v2-0162', 'v2-route'],
  ['http://hl7.org/fhir/v2/0162', 'v2-route'],
  ['urn:oid:2.16.840.1.113883.12.162', 'v2-route'],
  ['http://hl7.org/fhir/v3/routeofadministration', 'v3-route'],
  ['urn:oid:2.16.840.1.113883.5.112', 'v3-route'],
  ['http://ncithesaurus.nci.nih.gov', 'nci'],
  ['http://ncithesaurus-stage.nci.nih.gov', 'nci'],
  ['http://ncicb.nci.nih.gov/xml/owl/evs/thesaurus.owl', 'nci'],
  ['urn:oid:2.16.840.1.113883.3.26.1.1', 'nci'],
]);

/** Whether a system is RxNorm: by its URI, OID or bare name. */
export const readsAsRxnorm = (system: string): boolean =>
  systems.get(
    system
      .trim()
      .toLowerCase()
      .replace(/^https:/, 'http:'),
  ) === 'rxnorm';

const snomedEdition = /^http:\/\/snomed\.info\/x?sct\/\d+(?:\/version\/\d+)?$/;

const isCoding = (value: unknown): value is Coding => typeof value === 'object' && value !== null;

/** The first 20 codings of a list; none where it is no list. Members that are no objects are left out. */
export function codingsOf(codings: unknown): readonly Coding[] {
  if (!Array.isArray(codings)) return [];
  const list: readonly unknown[] = codings.length > codingLimit ? codings.slice(0, codingLimit) : codings;
  return list.filter(isCoding);
}

export const readCoding = ({ system, code, display }: Coding): KnownCoding => ({
  system: readSystem(system),
  code: readCode(code),
  display,
});

/** In any letter case, with http or https, with or without a slash at the end, `urn:oid:`, edition or version. */
export function readSystem(value: unknown): CodeSystem | null {
  const exact = typeof value === 'string' ? systems.get(value) : undefined;
  if (exact) return exact;
  let uri = plainAddress(value, systemLimit);
  if (uri === null) return null;
  if (uri.endsWith('/')) uri = uri.slice(0, -1);
  if (/^\d+(?:\.\d+)+$/.test(uri)) uri = `urn:oid:${uri}`;
  // SNOMED CT names its edition and version in the path, other systems after a bar.
  if (snomedEdition.test(uri)) return 'snomed';
  return systems.get(uri) ?? systems.get(uri.replace(/\|.*$/, '')) ?? null;
}

/** RxNorm codes arrive as JSON numbers too. */
export function readCode(value: unknown): string {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : '';
  return typeof value === 'string' && value.length <= codeLimit ? value.trim() : '';
}

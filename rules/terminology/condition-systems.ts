/** Code systems of problems by the addresses they are sent under, and how their codes are written. */
import { plainAddress } from './systems.ts';

export type ConditionSystem =
  | 'snomed'
  | 'icd10cm'
  /** WHO's address, under which codes of ICD-10-CM are sent too. */
  | 'icd10'
  /** A national edition that shares WHO's codes. */
  | 'icd10national'
  | 'icd9cm'
  | 'cpt'
  | 'hcpcs'
  | 'icd10pcs';

const addresses: Readonly<Record<string, ConditionSystem>> = {
  'http://snomed.info/sct': 'snomed',
  'urn:oid:2.16.840.1.113883.6.96': 'snomed',
  'http://hl7.org/fhir/sid/icd-10-cm': 'icd10cm',
  'http://hl7.org/fhir/sid/icd10cm': 'icd10cm',
  // CIE-10-ES is a translation of ICD-10-CM.
  'http://hl7.org/fhir/sid/icd-10-es': 'icd10cm',
  'urn:oid:2.16.840.1.113883.6.90': 'icd10cm',
  'http://hl7.org/fhir/sid/icd-10': 'icd10',
  'http://hl7.org/fhir/sid/icd10': 'icd10',
  'http://id.who.int/icd/release/10': 'icd10',
  'urn:oid:2.16.840.1.113883.6.3': 'icd10',
  'urn:oid:2.16.840.1.113883.6.3.1': 'icd10',
  'http://fhir.de/codesystem/bfarm/icd-10-gm': 'icd10national',
  'http://fhir.de/codesystem/dimdi/icd-10-gm': 'icd10national',
  'http://fhir.ch/codesystem/icd-10-gm': 'icd10national',
  'http://terminology.hl7.org.au/codesystem/icd-10-am': 'icd10national',
  'http://terminology.esante.gouv.fr/codesystem/cim-10': 'icd10national',
  'http://smt.esante.gouv.fr/terminologie-cim-10': 'icd10national',
  'http://fhir.infoway-inforoute.ca/codesystem/icd-10-ca': 'icd10national',
  'http://www.saude.gov.br/fhir/r4/codesystem/brcid10': 'icd10national',
  // ICD-10, Dutch translation; ICD-10-AM.
  'urn:oid:2.16.840.1.113883.6.3.2': 'icd10national',
  'urn:oid:2.16.840.1.113883.6.135': 'icd10national',
  'http://hl7.org/fhir/sid/icd-9-cm': 'icd9cm',
  'http://hl7.org/fhir/sid/icd9cm': 'icd9cm',
  'http://hl7.org/fhir/sid/icd-9': 'icd9cm',
  'http://hl7.org/fhir/sid/icd-9-cm/diagnosis': 'icd9cm',
  'http://terminology.hl7.org/codesystem/icd9cm': 'icd9cm',
  'urn:oid:2.16.840.1.113883.6.2': 'icd9cm',
  'urn:oid:2.16.840.1.113883.6.42': 'icd9cm',
  'urn:oid:2.16.840.1.113883.6.103': 'icd9cm',
  'http://www.ama-assn.org/go/cpt': 'cpt',
  'urn:oid:2.16.840.1.113883.6.12': 'cpt',
  'http://www.cms.gov/medicare/coding/hcpcsreleasecodesets': 'hcpcs',
  'urn:oid:2.16.840.1.113883.6.14': 'hcpcs',
  'urn:oid:2.16.840.1.113883.6.285': 'hcpcs',
  'http://www.cms.gov/medicare/coding/icd10': 'icd10pcs',
  'http://hl7.org/fhir/sid/icd-10-pcs': 'icd10pcs',
  'http://www.icd10data.com/icd10pcs': 'icd10pcs',
  'urn:oid:2.16.840.1.113883.6.4': 'icd10pcs',
};
const byAddress: ReadonlyMap<string, ConditionSystem> = new Map(Object.entries(addresses));

/** Names instead of addresses: HL7 v2 table 0396, and what senders write. They say which system it is. */
const bareNames: Readonly<Record<string, ConditionSystem>> = {
  snomedct: 'snomed',
  snomedctus: 'snomed',
  snomed: 'snomed',
  sct: 'snomed',
  icd10cm: 'icd10cm',
  i10c: 'icd10cm',
  icd10: 'icd10',
  i10: 'icd10',
  icd10who: 'icd10',
  icd10gm: 'icd10national',
  icd10am: 'icd10national',
  cim10: 'icd10national',
  icd9cm: 'icd9cm',
  i9c: 'icd9cm',
};
const bareName = (value: string): ConditionSystem | undefined => {
  const name = value.trim().toLowerCase();
  const plain = name.replace(/[\s_-]+/g, '');
  return /^[a-z0-9 _-]{3,30}$/.test(name) && Object.hasOwn(bareNames, plain) ? bareNames[plain] : undefined;
};

/** Whether a system is one by its bare name, which its sender must be told: "ICD-10-CM", "SNOMED CT". */
export const isBareName = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= longestAddress && bareName(value) !== undefined;

/** Each year's ICD-10-GM has an OID of this branch (BfArM); codes of its other systems are not written like an ICD's. */
const germanYear = /^urn:oid:1\.2\.276\.0\.76\.5\.\d{3}$/;

/** HL7's address of a national edition: `http://hl7.org/fhir/sid/icd-10-ca`. */
const nationalEdition = /^http:\/\/hl7\.org\/fhir\/sid\/icd-?10-[a-z]{2}$/;
/** An edition or a version behind the address: `/731000124108`, `/version/2024`. */
const versionBehind = /\/(?:version\/?|v?\d|[a-z]{2}\/\d).*$/;
const longestAddress = 200;

/**
 * The code system behind an address: in any case, with http or https, a slash at the end, an edition or a version.
 * @see https://hl7.org/fhir/R4/terminologies-systems.html, https://hl7.org/fhir/R4/snomedct.html
 */
export function conditionSystemOf(value: unknown): ConditionSystem | null {
  const address = plainAddress(value);
  if (address === null) return null;
  const byName = bareName(address);
  if (byName) return byName;
  let uri = address;
  if (uri.startsWith('http://www.snomed.info/')) uri = uri.replace('www.', '');
  // A bare OID is what converters of CDA leave behind.
  if (/^\d+(?:\.\d+){5,}$/.test(uri)) uri = `urn:oid:${uri}`;
  const [unversioned = ''] = uri.split('|');
  const yearly = unversioned.replace(/^(http:\/\/id\.who\.int\/icd\/release\/10)\/\d{4}\b.*$/, '$1');
  for (const candidate of [yearly, unversioned.replace(versionBehind, '')]) {
    const plain = candidate.replace(/[/|#]+$/, '');
    const system = byAddress.get(plain);
    if (system) return system;
    if (nationalEdition.test(plain) || germanYear.test(plain)) return 'icd10national';
  }
  return null;
}

/** How sure a German coding is: excluded, suspected, state after, certain (ICD-10-GM, additional codes). */
export type Certainty = 'A' | 'V' | 'Z' | 'G';

/** The code without its dot and without what some systems append ("N18.3+", "E10.3211+TT1.2", "G70.0 V"). */
export function icd10Code(
  value: string,
  system: ConditionSystem,
): { code: string; certainty: Certainty | null } | null {
  let text = value.trim().toUpperCase();
  let certainty: Certainty | null = null;
  const marked = system === 'icd10national' ? /^([A-Z]\d.{1,8}?)[\s+*!]*([AVZG])$/.exec(text) : null;
  if (marked) {
    text = marked[1] ?? text;
    certainty = marked[2] as Certainty;
  }
  const match = /^([A-Z]\d[\dA-Z])\.?([\dA-Z]{0,4})(?:[^\dA-Z.].*)?$/s.exec(text);
  return match ? { code: `${match[1] ?? ''}${match[2] ?? ''}`, certainty } : null;
}

/** An ICD-9-CM diagnosis without its dot: "358.00", "35800", "V45.11", "E879.1". */
export function icd9Code(value: string): string | null {
  const match = /^(V\d{2}|E\d{3}|\d{3})\.?(\d{0,2})$/.exec(value.trim().toUpperCase());
  return match ? `${match[1] ?? ''}${match[2] ?? ''}` : null;
}

/** The concept of SNOMED CT, also of "91637004 |Myasthenia gravis|"; null for an expression that refines one. */
export function snomedCode(value: string): string | null {
  return /^(\d{6,18})\s*(?:\|[^|]*\|)?$/.exec(value.trim())?.[1] ?? null;
}

/** A code as text; a number that JSON cannot hold exactly is no code. */
export function codeText(code: unknown): string | null {
  if (typeof code === 'number') return Number.isSafeInteger(code) || code % 1 !== 0 ? String(code) : null;
  return typeof code === 'string' && code.trim() !== '' ? code.trim() : null;
}

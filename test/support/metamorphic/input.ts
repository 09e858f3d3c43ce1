/** What is decided, as data that a transformation can rewrite: a posted bundle or a CDS Hooks request, at a time. */
import { type Decision, decide } from '../../../rules/decide.ts';
import type { Ruleset } from '../../../rules/evaluation/ruleset.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { asArray, isObject, type Json } from '../../../rules/fhir/json.ts';
import { Refused } from '../../../rules/intake/refused.ts';

export interface Input {
  name: string;
  hook: Hook;
  at: string;
  /** A posted body; or context and prefetch. */
  bundle?: Json;
  context?: Json;
  prefetch?: Json;
}

/** Where an entry stands: what a transformation may do with it depends on that. */
export type Place = 'bundle' | 'prefetch' | 'context';

export type Entry = Json & { resource?: unknown };

/** The entries of every Bundle, each replaced by what `replace` makes of it; bare resources are entries of their own. */
export function mapEntries(input: Input, replace: (entries: Entry[], place: Place) => Entry[]): Input {
  const inBundle = (bundle: Json, place: Place): Json =>
    Array.isArray(bundle.entry) ? { ...bundle, entry: replace([...asArray(bundle.entry)], place) } : bundle;
  const inMembers = (members: Json | undefined, place: Place): Json | undefined =>
    members &&
    Object.fromEntries(
      Object.entries(members).map(([key, value]) => [
        key,
        isObject(value) && value.resourceType === 'Bundle' ? inBundle(value, place) : value,
      ]),
    );
  return {
    ...input,
    ...(input.bundle ? { bundle: inBundle(input.bundle, 'bundle') } : {}),
    ...(input.context ? { context: inMembers(input.context, 'context') ?? {} } : {}),
    ...(input.prefetch ? { prefetch: inMembers(input.prefetch, 'prefetch') ?? {} } : {}),
  };
}

/** Every resource of every Bundle, contained and nested ones left as they are. */
export const mapResources = (input: Input, replace: (resource: Json, place: Place) => Json): Input =>
  mapEntries(input, (entries, place) =>
    entries.map((entry) =>
      isObject(entry.resource) ? { ...entry, resource: replace(entry.resource, place) } : entry,
    ),
  );

/** Every resource that came, in Bundles or bare. */
export function resourcesOf(input: Input): Json[] {
  const found: Json[] = [];
  const add = (value: unknown): void => {
    if (!isObject(value)) return;
    if (value.resourceType === 'Bundle') for (const entry of asArray(value.entry)) add(entry.resource);
    else if (typeof value.resourceType === 'string') found.push(value);
  };
  for (const value of [
    input.bundle,
    ...Object.values(input.context ?? {}),
    ...Object.values(input.prefetch ?? {}),
  ])
    add(value);
  return found;
}

/** Every string of the input, replaced: ids, references, dates. */
export function mapStrings<T>(
  value: T,
  replace: (text: string, key: string | null) => string,
  key: string | null = null,
): T {
  if (typeof value === 'string') return replace(value, key) as T;
  if (Array.isArray(value)) return value.map((one) => mapStrings(one, replace, key)) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, mapStrings(one, replace, name)]),
  ) as T;
}

/** @returns the decision, or why the request is refused */
export function decisionOf(
  { hook, at, bundle, context, prefetch }: Input,
  ruleset: Ruleset,
): Decision | { refused: string } {
  const clock = { decisionId: 'x', decidedAt: at, evaluatedAt: at };
  try {
    return decide(
      bundle ? { hook, bundle, patient: null } : { hook, context: context ?? {}, prefetch },
      ruleset,
      clock,
    );
  } catch (error) {
    if (error instanceof Refused) return { refused: `${error.status} ${error.message}` };
    throw error;
  }
}

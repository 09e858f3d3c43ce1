/**
 * Reading the client registry, once. What cannot be used is refused at the start, with a sentence for each problem.
 */
import type * as z from 'zod/mini';
import { type RegistryChecks, registryProblems } from './client-problems.ts';
import { type Registry, registrySchema } from './registry.ts';

/**
 * @throws Error with a sentence for each problem
 * @example const registry = readClients('{ "clients": [] }', { allowLoopback: false, ruleIds: new Set(), deadlineMs: 5000 });
 */
export function readClients(text: string, checks: RegistryChecks): Registry {
  const json = parse(text.replace(/^\uFEFF/, ''));
  if (json === null) throw refusal(['the file is not JSON: look for a missing comma, quote or bracket']);
  const parsed = registrySchema.safeParse(json.value);
  if (!parsed.success) throw refusal(parsed.error.issues.map(sentence));
  const problems = registryProblems(parsed.data, checks);
  if (problems.length > 0) throw refusal(problems);
  return parsed.data;
}

/** Null where a text is no JSON. The error goes no further: it quotes the text, which may hold a key by mistake. */
function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

export const refusal = (problems: readonly string[]): Error =>
  new Error(`the client registry (EPSOM_CLIENTS) is not usable:\n  ${problems.join('\n  ')}`);

/** `clients[0].rules.off` */
const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');

function sentence(issue: z.core.$ZodIssue): string {
  const place = placeOf(issue.path) || 'the file';
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${place}: unknown ${issue.keys.map((key) => `\`${key}\``).join(', ')}; correct the spelling or leave it out`;
    case 'invalid_type':
      return `${place} is missing, or not of the kind it must be: ${issue.expected}`;
    case 'invalid_value':
      return `${place} must be one of ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`;
    case 'too_small':
      return `${place} must be at least ${issue.minimum}`;
    case 'too_big':
      return `${place} must be at most ${issue.maximum}`;
    default:
      return `${place} ${issue.message}`;
  }
}

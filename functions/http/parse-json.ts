/** Parsing a body that was read. A message never repeats what was sent. */
import { jsonLimits, jsonProblems, problemOfJson } from './json-check.ts';
import { Problem } from './outcome.ts';

/** A byte order mark is ignored. @throws Problem 400 */
export function parseJson(bytes: Uint8Array): unknown {
  const problem = problemOfJson(bytes, jsonLimits);
  if (problem !== null) throw new Problem(400, 'structure', jsonProblems[problem]);
  const parsed = parse(decode(bytes));
  if ('place' in parsed) {
    const hint = parsed.place
      ? `look at character ${parsed.place}`
      : 'look for a missing comma, quote or bracket';
    throw new Problem(400, 'structure', `the body is not JSON: ${hint}`);
  }
  return parsed.json;
}

const notUtf8 = (cause: unknown): Problem =>
  new Problem(400, 'structure', 'the body is not UTF-8', { cause });

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notUtf8(cause);
  }
}

/** The value, or the place where it is no JSON. The error itself goes no further: it quotes what was sent. */
function parse(text: string): { json: unknown } | { place: string | undefined } {
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    return { place: error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined };
  }
}

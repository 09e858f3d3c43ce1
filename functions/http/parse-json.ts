/** Parsing a body that was read. A message never repeats what was sent. */
import { isLineByLine, whyNoJson } from './body-format.ts';
import { jsonLimits, jsonProblems, problemOfJson } from './json-check.ts';
import { Problem } from './outcome.ts';

/** A byte order mark is ignored. @throws Problem 400; 415 for what is XML or packed */
export function parseJson(bytes: Uint8Array, isUnpacked = false): unknown {
  const why = whyNoJson(bytes, isUnpacked);
  if (why !== null) throw new Problem(415, 'not-supported', why);
  const problem = problemOfJson(bytes, jsonLimits);
  if (problem !== null) throw new Problem(400, 'structure', jsonProblems[problem]);
  const text = decode(bytes);
  if (text.trim() === '') throw new Problem(400, 'structure', 'the body is empty: send a JSON object');
  const parsed = parse(text);
  if ('place' in parsed) {
    if (isLineByLine(text)) {
      throw new Problem(
        400,
        'structure',
        'the body is NDJSON, a resource on each line: send one Bundle with an `entry` for each',
      );
    }
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

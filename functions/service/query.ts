/** The query of a request: each parameter once, so that nobody has to guess which one counts. */
import { Problem } from '../http/outcome.ts';
import type { Call } from './call.ts';

/** @throws Problem 400 naming a parameter that is given more than once */
export function queryOf(call: Call): Record<string, string> {
  for (const [name, values] of Object.entries(call.req.queries())) {
    if (values.length > 1)
      throw new Problem(
        400,
        'value',
        `${/^[\w:.-]{1,40}$/.test(name) ? `\`${name}\`` : 'a parameter'} can be given once`,
      );
  }
  return call.req.query();
}

/** Errors of every layer as the problem the caller is told. */
import { Refused } from '../../rules/intake/refused.ts';
import { Problem } from '../http/outcome.ts';
import { LogUnavailable } from '../log/decision-log.ts';
import type { Service } from './service.ts';

/** What is not expected is reported by its name only, since its message may hold clinical data. */
export function problemOf(error: unknown, { report }: Pick<Service, 'report'>): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Refused) return new Problem(error.status, error.code, error.message);
  if (error instanceof LogUnavailable) {
    report('log-unavailable', { cause: error.cause instanceof Error ? error.cause.name : 'unknown' });
    return new Problem(503, 'transient', `${error.message}: try again`);
  }
  report('unexpected-error', { name: error instanceof Error ? error.name : 'unknown' });
  return new Problem(
    500,
    'exception',
    'something unexpected went wrong here: please report it with the time',
  );
}

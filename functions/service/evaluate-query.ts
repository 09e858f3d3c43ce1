/** Reading the query of POST /evaluate, and the options of `npm run evaluate`, which are the same. Pure. */
import type { DecisionRequest } from '../../rules/decide.ts';
import { type Presentation, readerUnits, showAll } from '../../rules/evaluation/presentation.ts';
import { hooks, isHook } from '../../rules/fhir/hooks.ts';
import { asObject, isObject } from '../../rules/fhir/json.ts';
import { spanOf } from '../../rules/fhir/time.ts';
import { Problem } from '../http/outcome.ts';
import { type View, views } from './explaining.ts';

const parameters = new Set(['hook', 'at', 'patient', 'units', 'view']);

/**
 * What to decide, and at which clinical time.
 *
 * @param query `hook` is one of the hooks served. Without it the hook of a recorded request counts, else
 *   `patient-view`. `at` is a FHIR time, in UTC where it has no offset, or a date, which means its last moment.
 *   `patient` is an id or a reference, for a bundle about several patients. `units` is `si`, for cards in mmol/L and µmol/L.
 *   `view` is `summary` or `full`: how much of the reasoning is answered.
 * @param now when the request came: the clinical time where `at` is not given
 * @param body the parsed JSON: a Bundle, a bare resource, or a CDS Hooks request as it was recorded. It is
 *   passed on unread but for the latter's hook, context and prefetch, beside which `patient` does not count.
 * @returns the request for `decide`, the time in ISO 8601, UTC, with milliseconds, how findings are shown, and the view
 * @throws Problem 400: `not-supported` for an unknown parameter, `value` for a hook, units or a view that are not served or an
 *   `at` that is no time. The message names the parameter, and repeats nothing of what was sent.
 * @example
 * readQuery({ hook: 'order-sign', at: '2026-01-31T12:00:00Z' }, new Date(), bundle);
 * // { request: { hook: 'order-sign', bundle, patient: null }, evaluatedAt: '2026-01-31T12:00:00.000Z', ... }
 */
export function readQuery(
  query: Readonly<Record<string, string>>,
  now: Date,
  body: unknown,
): { request: DecisionRequest; evaluatedAt: string; presentation: Presentation; view: View } {
  for (const name of Object.keys(query)) {
    if (!parameters.has(name))
      throw new Problem(400, 'not-supported', `unknown parameter: use hook, at, patient, units, view`);
  }
  // A recorded CDS Hooks request may be posted as it is: its own hook then counts.
  const hooked = isObject(body) && body.resourceType === undefined && isObject(body.context) ? body : null;
  const hook = query.hook ?? (typeof hooked?.hook === 'string' ? hooked.hook : 'patient-view');
  if (!isHook(hook)) throw new Problem(400, 'value', `\`hook\` must be one of ${hooks.join(', ')}`);
  const evaluatedAt = query.at === undefined ? now.toISOString() : momentOf(query.at);
  const request: DecisionRequest = hooked
    ? {
        hook,
        context: asObject(hooked.context) ?? {},
        prefetch: hooked.prefetch,
        ...(hooked.fhirServer === undefined ? {} : { fhirServer: hooked.fhirServer }),
      }
    : { hook, bundle: body, patient: query.patient ?? null };
  return { request, evaluatedAt, presentation: presentationIn(query.units), view: viewIn(query.view) };
}

/** @throws Problem 400 */
function viewIn(given: string | undefined): View {
  const view = given === undefined ? 'full' : views.find((one) => one === given);
  if (!view) throw new Problem(400, 'value', `\`view\` must be one of ${views.join(', ')}`);
  return view;
}

/** @throws Problem 400 */
function presentationIn(given: string | undefined): Presentation {
  if (given === undefined) return showAll;
  const units = readerUnits.find((one) => one === given);
  if (!units) throw new Problem(400, 'value', `\`units\` must be one of ${readerUnits.join(', ')}`);
  return { ...showAll, units };
}

/** A date means its last moment, so that what happened that day counts. @throws Problem 400 */
function momentOf(given: string): string {
  // An unencoded plus sign of an offset arrives as a space.
  const at = given.replace(/ (\d{2}:\d{2})$/, '+$1');
  const span = spanOf(at);
  if (!span || at.length < 10) {
    throw new Problem(400, 'value', '`at` must be a time such as `2026-01-31T12:00:00Z`, or a date');
  }
  return new Date(at.length > 10 ? span.from : span.to).toISOString();
}

/** What discovery answers: https://cds-hooks.hl7.org/2.0/#discovery. Pure. */
import { type QueryShape, shapeTemplates } from '../../rules/evaluation/query-shape.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import { hooks, meaningOf } from '../../rules/fhir/hooks.ts';

const description =
  'Rules about magnesium deficiency, renal function and interacting drugs. Decision support for review by a qualified clinician; not a medical device.';

/**
 * One service for each hook, with its prefetch templates.
 * @param shape what the FHIR server of the client takes
 * @param now milliseconds since the epoch
 */
export function discovery({ prefetch }: Pick<Ruleset, 'prefetch'>, shape: QueryShape, now: number) {
  return {
    services: hooks.map((hook) => ({
      hook,
      id: hook,
      title: meaningOf(hook).title,
      description,
      prefetch: shapeTemplates(prefetch[hook], shape, now),
      usageRequirements:
        'Send the prefetch; data that does not come makes rules indeterminate, which is never an all-clear.',
    })),
  };
}

/**
 * How findings are shown to this caller: its entry in the client registry, and what its clinician overrode for this
 * patient before. The pure ring decides what follows from it (rules/evaluation/presentation.ts).
 */

import type { PastOverride } from '../../rules/evaluation/presentation.ts';
import { type Presentation, showAll } from '../../rules/evaluation/presentation.ts';
import { day } from '../../rules/fhir/time.ts';
import { overriddenOn } from '../../rules/record.ts';
import { isDurable } from '../../rules/rule/override-reasons.ts';
import type { DecisionLog } from '../log/decision-log.ts';
import type { Caller } from '../trust/caller.ts';

/**
 * @param about the patient in context and the clinician; without both nothing can have been overridden
 * @param at clinical clock, RFC 3339 UTC
 */
export async function presentationFor(
  { tenant, profile, registered }: Caller,
  log: DecisionLog,
  about: { patient: string | null; user: string | null },
  at: string,
): Promise<Presentation> {
  if (!registered) return { ...showAll, profile };
  const { rules, alertLimit, withholdOverridden, units } = registered;
  const withhold = withholdOverridden
    ? { days: withholdOverridden.days, critical: withholdOverridden.critical ?? false }
    : null;
  const { patient, user } = about;
  return {
    profile,
    ...(units ? { units } : {}),
    rulesOff: rules.off,
    limit: alertLimit ?? null,
    withhold,
    overridden:
      withhold && patient !== null && user !== null
        ? // What cannot be looked up withholds nothing: the card is shown once more.
          await overriddenBefore(log, tenant, patient, user, Date.parse(at) - withhold.days * day).catch(
            () => [],
          )
        : [],
  };
}

/** Overrides since a time, each with what its finding rested on then. */
async function overriddenBefore(
  log: DecisionLog,
  tenant: string,
  patient: string,
  user: string,
  since: number,
): Promise<PastOverride[]> {
  const latest = (await log.overridesOf(tenant, patient, user)).filter(
    ({ at, reason }) => Date.parse(at) >= since && isDurable(reason),
  );
  const decisions = await log.findAll(tenant, [...new Set(latest.map(({ decisionId }) => decisionId))]);
  return latest.flatMap(({ rule, at, reason, decisionId, card = null }) => {
    const decision = decisions.find((one) => one.decisionId === decisionId);
    const overridden = decision && overriddenOn(decision, rule, card);
    return overridden ? [{ rule, at, reason, by: user, ...overridden }] : [];
  });
}

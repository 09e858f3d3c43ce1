/** Decisions for measuring the log: order-sign of IV magnesium, with a serum magnesium that depends on the number. */
import { decide } from '../rules/decide.ts';
import { sha256 } from '../rules/digest/digest.ts';
import type { Ruleset } from '../rules/evaluation/ruleset.ts';
import { decisionIdOf, recordOf } from '../rules/record.ts';
import type { DecisionRecord } from '../rules/record-types.ts';
import { hookRequestOf } from './requests.ts';

export const tenant = 'hospital';
const minutes = 60_000;

/** From 0.80 to 1.19 mg/dL. */
export const magnesiumOf = (number: number): number => (80 + (number % 40)) / 100;

/** Ten decisions a patient, one a minute, by ten clients. */
export function decisionOf(number: number, ruleset: Ruleset, first: number): DecisionRecord {
  const at = new Date(first + number * minutes).toISOString();
  const patient = `patient-${Math.floor(number / 10)}`;
  const { hook, context, prefetch } = hookRequestOf(patient, `instance-${number}`, {
    at,
    magnesium: magnesiumOf(number),
  });
  const asked = {
    tenant,
    client: `ehr-${number % 10}`,
    service: 'order-sign',
    hook,
    hookInstance: `instance-${number}`,
    user: 'Practitioner/1',
    requestDigest: `sha256:${sha256(String(number))}`,
    receivedAt: at,
  };
  const decisionId = decisionIdOf(asked, ruleset.digest);
  const decision = decide({ hook: 'order-sign', context, prefetch }, ruleset, {
    decisionId,
    decidedAt: at,
    evaluatedAt: at,
  });
  return recordOf(decision, asked, { decide: 1 });
}

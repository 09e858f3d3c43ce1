/** Reading the body of a CDS Hooks request: https://cds-hooks.hl7.org/2.0/#calling-a-cds-service. Pure. */
import type { Hook } from '../../rules/fhir/hooks.ts';
import { asObject, asString, isObject, printableCode } from '../../rules/fhir/json.ts';
import { normalReference } from '../../rules/fhir/reference.ts';
import { Problem } from '../http/outcome.ts';
import type { GatherRequest } from '../outbound/gather.ts';

/** Any UUID version, and the shapes EHRs send; never empty. */
const hookInstancePattern = /^[A-Za-z0-9._:-]{1,128}$/;

export interface HookRequest extends GatherRequest {
  hookInstance: string;
}

/** @throws Problem 400 naming what is missing or contradicts the service */
export function readHookRequest(json: unknown, service: Hook): HookRequest {
  if (!isObject(json))
    throw new Problem(400, 'structure', 'the body must be a JSON object with hook, hookInstance and context');
  const hook = asString(json.hook);
  if (hook === null) throw new Problem(400, 'required', `the request needs \`hook\`: here \`${service}\``);
  if (hook !== service) {
    const said = printableCode(hook);
    throw new Problem(
      400,
      'invalid',
      `the hook ${said ? `\`${said}\`` : 'of the request'} is not that of this service: \`${service}\``,
    );
  }
  const hookInstance = asString(json.hookInstance);
  if (hookInstance === null || !hookInstancePattern.test(hookInstance)) {
    throw new Problem(
      400,
      'required',
      'the request needs `hookInstance`: a UUID that names this call of the hook',
    );
  }
  const context = asObject(json.context);
  if (!context)
    throw new Problem(400, 'required', 'the request needs `context`: an object with at least `patientId`');
  if (json.prefetch !== undefined && json.prefetch !== null && !isObject(json.prefetch)) {
    throw new Problem(400, 'structure', '`prefetch` must be an object: key to FHIR resource');
  }
  const { prefetch, fhirServer, fhirAuthorization } = json;
  return { hookInstance, context, prefetch, fhirServer, fhirAuthorization };
}

/** `Practitioner/1` and nothing else. */
export const referenceOnly = (value: unknown): string | null => {
  const reference = normalReference(value);
  return reference && /^[A-Za-z]+\/[A-Za-z0-9._-]{1,128}$/.test(reference) ? reference : null;
};

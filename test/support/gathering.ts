/** Gathering against a real FHIR server on loopback, with a patient who has one thing of each kind. */
import { afterEach, beforeEach } from 'vitest';
import {
  type GatherOptions,
  type GatherRequest,
  type GatherResult,
  gather,
} from '../../functions/outbound/gather.ts';
import { createServerMemory } from '../../functions/outbound/server-memory.ts';
import { asArray, isObject, type Json } from '../../rules/fhir/json.ts';
import { intakeOfHook } from '../../rules/intake/intake.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { type FhirServer, fhirServer } from './fhir-server.ts';
import { complete, condition, observation, patient } from './hook-requests.ts';

export const ruleset = shippedRuleset();
export const templates = ruleset.prefetch['order-sign'];
/** Without the encounter: the requests here are made outside of one. */
export const keys = Object.keys(templates).filter((key) => key !== 'encounter');
export const whole: Record<string, Json | null> = complete([]);

export const rxnorm = (code: string) => ({
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
});
export const medication = (id: string, code = '7646') => ({
  resourceType: 'Medication',
  id,
  code: rxnorm(code),
});
export const subject = { reference: 'Patient/p1' };
export const request = (id: string, more: Json = { medicationCodeableConcept: rxnorm('7646') }) => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  subject,
  ...more,
});
export const encounter = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'in-progress',
  class: { code: 'IMP' },
  subject,
};
export const creatinine = observation('cr', '2160-0', 0.9, 'mg/dL', '2026-01-31T11:00:00Z');
export const myasthenia = condition('mg', '91637004');
export const outcome = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'exception' }],
};

/** A patient with one thing of each kind. */
export const chart = [
  patient,
  creatinine,
  myasthenia,
  request('mr'),
  {
    resourceType: 'MedicationStatement',
    id: 'ms',
    status: 'active',
    medicationCodeableConcept: rxnorm('4603'),
    subject,
  },
  { resourceType: 'AllergyIntolerance', id: 'al', code: rxnorm('7646'), patient: subject },
  encounter,
];

/** The server of the test that runs: a new one for each. */
export let server: FhirServer;
export const serve = async (...given: Parameters<typeof fhirServer>): Promise<FhirServer> => {
  await server.close();
  server = await fhirServer(...given);
  return server;
};
/** Starts a server with that patient before each test, and ends it after. */
export function useFhirServer(): void {
  beforeEach(async () => {
    server = await fhirServer(chart);
  });
  afterEach(() => server.close());
}

export const gathering = (
  prefetch: unknown,
  more: Partial<GatherRequest> = {},
  means: Partial<GatherOptions> = {},
) =>
  gather(
    {
      context: {
        patientId: 'p1',
        userId: 'Practitioner/1',
        draftOrders: { resourceType: 'Bundle', entry: [] },
      },
      prefetch,
      fhirServer: server.url,
      fhirAuthorization: undefined,
      ...more,
    },
    {
      templates,
      servers: [server.url],
      loopback: true,
      deadlineMs: 10_000,
      maxBytes: 4 * 1024 * 1024,
      signal: new AbortController().signal,
      memory: createServerMemory(),
      ...means,
    },
  );
export const intake = ({ prefetch, fetched }: GatherResult, context: object = {}) =>
  intakeOfHook(
    'order-sign',
    { patientId: 'p1', userId: 'Practitioner/1', draftOrders: {}, ...context },
    prefetch,
    fetched,
  );
export const paths = (): string[] => server.calls.map(({ path }) => path).sort();
export const messages = ({ fetched }: GatherResult): string[] =>
  fetched.notices.map(({ code, message }) => `${code}: ${message}`);
export const ids = (bundle: unknown): string[] =>
  asArray(isObject(bundle) ? bundle.entry : []).flatMap(({ resource }) =>
    isObject(resource) && typeof resource.id === 'string' ? [resource.id] : [],
  );

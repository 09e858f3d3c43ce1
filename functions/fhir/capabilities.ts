/** What the FHIR routes can do: https://hl7.org/fhir/R4/capabilitystatement.html. Pure. */
import type { CapabilityStatement, CapabilityStatementRestResourceSearchParam } from 'fhir/r4.js';
import { engine } from '../../rules/version.ts';

const parameter = (
  name: string,
  type: CapabilityStatementRestResourceSearchParam['type'],
  documentation: string,
): CapabilityStatementRestResourceSearchParam => ({ name, type, documentation });

/** What the FHIR endpoint can do (https://hl7.org/fhir/R4/capabilitystatement.html). */
export const capabilities = (baseUrl: string): CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2026-11-25',
  kind: 'instance',
  software: { name: 'Epsom', version: engine.version },
  implementation: { description: 'The decision log of Epsom, for auditors', url: `${baseUrl}/fhir` },
  fhirVersion: '4.0.1',
  format: ['application/fhir+json'],
  rest: [
    {
      mode: 'server',
      documentation:
        'Read only. A parameter that is not listed is refused, never ignored. Every read and search is recorded.',
      resource: [
        {
          type: 'AuditEvent',
          documentation: 'One for each decision, and one for each look an auditor took at the log.',
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          searchParam: [
            parameter('patient', 'reference', 'id, or Patient/id'),
            parameter('date', 'date', 'prefixes eq, ge, gt, le, lt; several must all hold'),
            parameter('entity', 'reference', 'the decision: id, or GuidanceResponse/id; :identifier too'),
            parameter('agent', 'reference', 'the client, with :identifier only'),
          ],
        },
        {
          type: 'GuidanceResponse',
          documentation: 'One for each decision.',
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          searchParam: [
            parameter('patient', 'reference', 'id, or Patient/id'),
            parameter('subject', 'reference', 'the same'),
            parameter('identifier', 'token', 'the id of the decision'),
            parameter('_lastUpdated', 'date', 'when it was decided: prefixes eq, ge, gt, le, lt'),
          ],
        },
      ],
    },
  ],
});

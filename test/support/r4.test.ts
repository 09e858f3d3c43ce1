/** The validator refuses 34 of 36 broken resources; the two that it lets pass are named. */
import { describe, expect, test } from 'vitest';
import { isObject } from '../../rules/fhir/json.ts';
import { r4Problems } from './r4.ts';

const messages = (...issue: object[]) => [{ resourceType: 'OperationOutcome', id: 'messages', issue }];
const sound: Readonly<Record<string, () => Record<string, unknown>>> = {
  AuditEvent: () => ({
    resourceType: 'AuditEvent',
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    action: 'E',
    recorded: '2026-01-31T12:00:00.000Z',
    outcome: '0',
    agent: [{ who: { identifier: { value: 'local' } }, requestor: true }],
    source: { observer: { display: 'Epsom' } },
    entity: [{ what: { reference: 'Patient/p1' } }],
  }),
  GuidanceResponse: () => ({
    resourceType: 'GuidanceResponse',
    contained: messages({ severity: 'error', code: 'invalid' }),
    moduleUri: 'https://epsom.example/cds-services/order-sign',
    status: 'success',
    evaluationMessage: [{ reference: '#messages' }],
    dataRequirement: [{ type: 'Observation' }],
  }),
  CapabilityStatement: () => ({
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-25',
    kind: 'instance',
    implementation: { description: 'The decision log' },
    fhirVersion: '4.0.1',
    format: ['json'],
    rest: [
      {
        mode: 'server',
        resource: [
          {
            type: 'AuditEvent',
            interaction: [{ code: 'read' }],
            searchParam: [{ name: 'date', type: 'date' }],
          },
        ],
      },
    ],
  }),
};

/** A sound resource with one place changed; `undefined` takes it out. */
function withChange(type: string, path: string, value: unknown): Record<string, unknown> {
  const resource = sound[type]?.() ?? {};
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let place: unknown = resource;
  for (const step of steps) place = Reflect.get(Object(place), step);
  if (!isObject(place) && !Array.isArray(place)) throw new Error(`no ${path} in ${type}`);
  if (value === undefined) Reflect.deleteProperty(place, last);
  else Reflect.set(place, last, value);
  return resource;
}

test.each(Object.keys(sound))('a sound %s passes', (type) => {
  expect(r4Problems(sound[type]?.())).toEqual([]);
});

describe.each<[kind: string, cases: [type: string, path: string, value: unknown][]]>([
  [
    'an element that R4 does not have',
    [
      ['AuditEvent', 'severity', 'high'],
      ['AuditEvent', 'agent.0.colour', 'red'],
    ],
  ],
  [
    'something required that is missing',
    [
      ['AuditEvent', 'agent', undefined],
      ['AuditEvent', 'recorded', undefined],
      ['AuditEvent', 'source.observer', undefined],
      ['AuditEvent', 'agent.0.requestor', undefined],
      ['GuidanceResponse', 'moduleUri', undefined],
      ['GuidanceResponse', 'status', undefined],
      ['GuidanceResponse', 'contained', messages({ code: 'invalid' })],
      ['CapabilityStatement', 'fhirVersion', undefined],
    ],
  ],
  [
    'too few or too many',
    [
      ['AuditEvent', 'agent', []],
      ['AuditEvent', 'source', [{ observer: { display: 'Epsom' } }]],
      ['AuditEvent', 'entity', { what: { reference: 'Patient/p1' } }],
      ['AuditEvent', 'entity', [null]],
      ['GuidanceResponse', 'moduleCanonical', 'https://epsom.example/two-of-a-choice'],
    ],
  ],
  [
    'a wrong type or format',
    [
      ['AuditEvent', 'recorded', '2026-01-31'],
      ['AuditEvent', 'agent.0.requestor', 'true'],
      ['AuditEvent', 'entity', [{ query: '***' }]],
      ['GuidanceResponse', 'dataRequirement', [{ type: 7 }]],
      ['CapabilityStatement', 'date', 'yesterday'],
      ['CapabilityStatement', 'format', [1]],
    ],
  ],
  [
    'a code that its required value set does not have',
    [
      ['AuditEvent', 'action', 'X'],
      ['AuditEvent', 'outcome', '1'],
      ['AuditEvent', 'agent.0.network', { type: '9' }],
      ['GuidanceResponse', 'status', 'fine'],
      ['GuidanceResponse', 'contained', messages({ severity: 'error', code: 'odd' })],
      ['CapabilityStatement', 'kind', 'thing'],
      ['CapabilityStatement', 'fhirVersion', '9'],
      ['CapabilityStatement', 'rest.0.resource.0.interaction', [{ code: 'fly' }]],
      ['CapabilityStatement', 'rest.0.resource.0.searchParam.0.type', 'odd'],
      ['CapabilityStatement', 'rest.0.resource.0.type', 'Unicorn'],
    ],
  ],
  [
    'an invariant that does not hold',
    [
      // sev-1: a name or a query, not both
      ['AuditEvent', 'entity', [{ name: 'a', query: 'YQ==' }]],
      // cpb-1: at least one of rest, messaging, document
      ['CapabilityStatement', 'rest', undefined],
      // cpb-12: names of search parameters are unique
      ['CapabilityStatement', 'rest.0.resource.0.searchParam.1', { name: 'date', type: 'date' }],
    ],
  ],
])('refused: %s', (_, cases) => {
  test.each(cases)('%s.%s = %j', (type, path, value) => {
    expect(r4Problems(withChange(type, path, value))).not.toEqual([]);
  });
});

// A fix in the validator shows here, and then belongs above.
test.each<[type: string, path: string, value: unknown]>([
  ['AuditEvent', 'outcomeDesc', ''],
  ['AuditEvent', 'meta', {}],
])('not seen: %s.%s = %j', (type, path, value) => {
  expect(r4Problems(withChange(type, path, value))).toEqual([]);
});

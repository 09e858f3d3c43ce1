/**
 * Records of the decision log as FHIR R4 AuditEvents (https://hl7.org/fhir/R4/auditevent.html), in the shape of IHE's
 * Basic Audit Log Patterns (https://profiles.ihe.net/ITI/BALP/): client, server and user as agents; the data, the
 * query and the patient as entities. Pure.
 *
 * A profile of BALP is claimed only where the event meets it. BALP has none for the call of a decision service, so a
 * decision claims none; an auditor's read or query does where all that the profile asks for is known.
 */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding, Reference } from 'fhir/r4.js';
import type { ListedAccess, StoredDecision } from '../log/decision-log.ts';

export const systems = {
  decision: 'urn:epsom:decision',
  hookInstance: 'urn:epsom:hook-instance',
  client: 'urn:epsom:client',
  server: 'urn:epsom:server',
  service: 'urn:epsom:service',
  access: 'urn:epsom:access',
  patient: 'urn:epsom:patient',
  /** The keyed hash in the index of accesses: names a patient without saying who it is. */
  patientHash: 'urn:epsom:patient-hash',
} as const;

const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const source: Coding = { system: dicom, code: '110153', display: 'Source Role ID' };
const destination: Coding = { system: dicom, code: '110152', display: 'Destination Role ID' };
const recipient: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  code: 'IRCP',
  display: 'information recipient',
};
const rest: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  code: 'rest',
  display: 'Restful Operation',
};
const interaction = (code: 'read' | 'search-type' | 'operation'): Coding => ({
  system: 'http://hl7.org/fhir/restful-interaction',
  code,
});
const entityType = (code: '1' | '2', display: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  code,
  display,
});
const role = (code: '1' | '4' | '24', display: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/object-role',
  code,
  display,
});
const profileOf = (name: string): string =>
  `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${name}`;

/** https://hl7.org/fhir/R4/datatypes.html#id; ids from EHRs may be longer or hold `_`, and are then no references. */
const fhirId = /^[A-Za-z0-9.-]{1,64}$/;
export const patientReference = (patient: string): Reference =>
  fhirId.test(patient)
    ? { reference: `Patient/${patient}`, type: 'Patient' }
    : { identifier: { system: systems.patient, value: patient }, type: 'Patient' };

export const serverReference = (baseUrl: string): Reference => ({
  identifier: { system: systems.server, value: baseUrl },
  type: 'Device',
  display: 'Epsom',
});

const agents = (given: {
  client: string;
  address: string | null;
  user: string | null;
  baseUrl: string;
  /** The client sends data or a query (source), or receives a resource (destination). */
  clientIs: Coding;
}): AuditEventAgent[] => [
  {
    type: { coding: [given.clientIs] },
    who: { identifier: { system: systems.client, value: given.client } },
    requestor: given.user === null,
    ...(given.address ? { network: { address: given.address, type: '2' as const } } : {}),
  },
  {
    type: { coding: [given.clientIs === source ? destination : source] },
    who: serverReference(given.baseUrl),
    requestor: false,
    network: { address: given.baseUrl, type: '5' },
  },
  ...(given.user ? [{ type: { coding: [recipient] }, who: userReference(given.user), requestor: true }] : []),
];

/** https://hl7.org/fhir/R4/auditevent-definitions.html#AuditEvent.agent.who */
const people = [
  'PractitionerRole',
  'Practitioner',
  'Organization',
  'Device',
  'Patient',
  'RelatedPerson',
] as const;
function userReference(user: string): NonNullable<AuditEventAgent['who']> {
  const [given, id = ''] = user.split('/');
  const type = people.find((one) => one === given);
  return type && fhirId.test(id) ? { reference: `${type}/${id}`, type } : { identifier: { value: user } };
}

const patientEntity = (what: Reference): AuditEventEntity => ({
  what,
  type: entityType('1', 'Person'),
  role: role('1', 'Patient'),
});

const decisionEntity = (decisionId: string, detail: AuditEventEntity['detail'] = []): AuditEventEntity => ({
  what: {
    reference: `GuidanceResponse/${decisionId}`,
    type: 'GuidanceResponse',
    identifier: { system: systems.decision, value: decisionId },
  },
  type: entityType('2', 'System Object'),
  role: role('4', 'Domain Resource'),
  ...(detail.length > 0 ? { detail } : {}),
});

const observer = (baseUrl: string): AuditEvent['source'] => ({
  site: baseUrl,
  observer: serverReference(baseUrl),
  type: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
      code: '4',
      display: 'Application Server',
    },
  ],
});

/** 4: the caller can correct it; 8: something failed here. https://hl7.org/fhir/R4/valueset-audit-event-outcome.html */
const outcomeOf = (status: number): NonNullable<AuditEvent['outcome']> =>
  status < 400 ? '0' : status < 500 ? '4' : '8';

/** One decision: a call of a service, with what came of it. Of an erased patient it names none. */
export function decisionEvent(decision: StoredDecision, baseUrl: string): AuditEvent {
  const { decisionId, service, client, user, status, problem, patient, findings } = decision;
  const detail: NonNullable<AuditEventEntity['detail']> = [
    ...(decision.hookInstance ? [{ type: 'hook-instance', valueString: decision.hookInstance }] : []),
    { type: 'ruleset', valueString: decision.ruleset.digest },
    { type: 'record-hash', valueString: decision.hash },
    { type: 'http-status', valueString: String(status) },
    ...findings.map(({ rule, version, shown, indicator }) => ({
      type: shown ? 'finding-shown' : 'finding-not-shown',
      valueString: [rule, version, ...(indicator ? [indicator] : [])].join(' '),
    })),
    ...(decision.erased ? [{ type: 'patient-erased', valueString: 'true' }] : []),
  ];
  return {
    resourceType: 'AuditEvent',
    id: decisionId,
    type: rest,
    subtype: [interaction('operation'), { system: systems.service, code: service }],
    action: 'E',
    recorded: decision.decidedAt,
    outcome: outcomeOf(status),
    ...(problem ? { outcomeDesc: problem } : {}),
    agent: agents({ client, address: null, user, baseUrl, clientIs: source }),
    source: observer(baseUrl),
    entity: [
      decisionEntity(decisionId, detail),
      ...(patient === null ? [] : [patientEntity(patientReference(patient))]),
    ],
  };
}

/**
 * One auditor's look at the log.
 * @param patient whom the caller of this list asked about; otherwise a patient is named by the keyed hash only
 */
export function accessEvent(
  { place, access, hashed }: ListedAccess,
  baseUrl: string,
  patient: string | null,
): AuditEvent {
  const { what, path, address, client, user, decisionId, filter, at } = access;
  const isQuery = what === 'search' || what === 'export';
  const named = hashed !== null || patient !== null;
  const profile = profileFor(access, named);
  return {
    resourceType: 'AuditEvent',
    id: idOfAccess(place),
    ...(profile ? { meta: { profile: [profile] } } : {}),
    type: rest,
    subtype: [
      interaction(isQuery ? 'search-type' : what === 'read' ? 'read' : 'operation'),
      { system: systems.access, code: what },
    ],
    action: what === 'read' ? 'R' : 'E',
    recorded: at,
    outcome: '0',
    agent: agents({ client, address, user, baseUrl, clientIs: what === 'read' ? destination : source }),
    source: observer(baseUrl),
    entity: [
      ...(decisionId ? [decisionEntity(decisionId)] : []),
      ...(isQuery ? [queryEntity(path, filter, named)] : []),
      ...(named
        ? [
            patientEntity({
              type: 'Patient',
              ...(patient === null ? {} : patientReference(patient)),
              ...(hashed === null ? {} : { identifier: { system: systems.patientHash, value: hashed } }),
            }),
          ]
        : []),
    ],
  };
}

/**
 * `Query` is for what is about no patient: a search over all patients that found something is neither that nor a
 * `PatientQuery`, for which BALP wants one event for each patient found.
 */
function profileFor({ what, address, count }: ListedAccess['access'], named: boolean): string | null {
  if (address === null) return null;
  if (what === 'read') return profileOf(named ? 'PatientRead' : 'Read');
  if ((what === 'search' || what === 'export') && named) return profileOf('PatientQuery');
  return what === 'search' && count === 0 ? profileOf('Query') : null;
}

/** As understood; the patient asked for is not repeated here, so that an erasure finds it in one place. */
function queryEntity(path: string, filter: Record<string, string>, named: boolean): AuditEventEntity {
  const asked = new URLSearchParams(filter).toString();
  const query = `GET ${path}${asked === '' ? '' : `?${asked}`}`;
  return {
    type: entityType('2', 'System Object'),
    role: role('24', 'Query'),
    description: named ? `${query} (and one patient)` : query,
    query: Buffer.from(query).toString('base64'),
  };
}

const idOfAccess = (place: string): string => `access-${place.replace(/[-:.]/g, '').replace('#', '-')}`;
const accessId = /^access-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-([0-9a-f]{32})$/;

/** Where the access of an AuditEvent's id is in the log; null when it is no such id. */
export function placeOfAccess(id: string): string | null {
  const [, year, month, day, hour, minute, second, thousandths, nonce] = accessId.exec(id) ?? [];
  return year ? `${year}-${month}-${day}T${hour}:${minute}:${second}.${thousandths}Z#${nonce}` : null;
}

/**
 * The constraints of four profiles of IHE BALP 1.1.5, one row for each line of their FSH
 * (https://github.com/IHE/ITI.BasicAudit, input/fsh/PatientRead.fsh and PatientQuery.fsh). Lines that only say MS
 * (must support) constrain no instance. What every AuditEvent must be is checked elsewhere (r4.ts).
 */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, CodeableConcept } from 'fhir/r4.js';

type Row = [fsh: string, holds: (event: AuditEvent) => boolean];

const rest = 'http://terminology.hl7.org/CodeSystem/audit-event-type';
const interactions = 'http://hl7.org/fhir/restful-interaction';
const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const entityTypes = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const roles = 'http://terminology.hl7.org/CodeSystem/object-role';
const requestIds = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';

const coded = (concept: CodeableConcept | undefined, system: string, code: string): boolean =>
  (concept?.coding ?? []).some((coding) => coding.system === system && coding.code === code);
const agentsOf = (event: AuditEvent, system: string, code: string): AuditEventAgent[] =>
  event.agent.filter(({ type }) => coded(type, system, code));
const entitiesOf = (event: AuditEvent, system: string, code: string): AuditEventEntity[] =>
  (event.entity ?? []).filter(({ type }) => type?.system === system && type.code === code);
const subtypesOf = (event: AuditEvent, codes: string[]): number =>
  (event.subtype ?? []).filter(({ system, code }) => system === interactions && codes.includes(code ?? ''))
    .length;

/** A slice of agents: how many, and what each must be. */
const agents = (
  slice: string,
  [system, code]: [string, string],
  [least, most]: [number, number],
  rows: [string, (agent: AuditEventAgent) => boolean][],
): Row[] => [
  [
    `agent contains ${slice} ${least}..${most}`,
    (event) => {
      const { length } = agentsOf(event, system, code);
      return length >= least && length <= most;
    },
  ],
  ...rows.map(
    ([fsh, holds]): Row => [`agent[${slice}].${fsh}`, (event) => agentsOf(event, system, code).every(holds)],
  ),
];
const entities = (
  slice: string,
  [system, code]: [string, string],
  [least, most]: [number, number],
  rows: [string, (entity: AuditEventEntity) => boolean][],
): Row[] => [
  [
    `entity contains ${slice} ${least}..${most}`,
    (event) => {
      const { length } = entitiesOf(event, system, code);
      return length >= least && length <= most;
    },
  ],
  ...rows.map(
    ([fsh, holds]): Row => [
      `entity[${slice}].${fsh}`,
      (event) => entitiesOf(event, system, code).every(holds),
    ],
  ),
];

const common: Row[] = [
  ['type = audit-event-type#rest', ({ type }) => type.system === rest && type.code === 'rest'],
  ['subtype 1..', ({ subtype }) => (subtype ?? []).length >= 1],
  ['recorded 1..1', ({ recorded }) => recorded !== undefined],
  ['outcome = audit-event-outcome#0', ({ outcome }) => outcome === '0'],
  ['agent 2..', ({ agent }) => agent.length >= 2],
  ['entity 1..', ({ entity }) => (entity ?? []).length >= 1],
  ...agents(
    'user',
    [participation, 'IRCP'],
    [0, 1],
    [
      ['who 1..1', ({ who }) => who !== undefined],
      ['requestor = true', ({ requestor }) => requestor === true],
      ['media 0..0', ({ media }) => media === undefined],
      ['network 0..0', ({ network }) => network === undefined],
    ],
  ),
  ...entities(
    'transaction',
    [requestIds, 'XrequestId'],
    [0, 1],
    [['what.identifier.value 1..1', ({ what }) => what?.identifier?.value !== undefined]],
  ),
];
const machine: [string, (agent: AuditEventAgent) => boolean][] = [
  ['who 1..1', ({ who }) => who !== undefined],
  ['network 1..1', ({ network }) => network !== undefined],
  ['media 0..0', ({ media }) => media === undefined],
];
const patient: Row[] = entities(
  'patient',
  [entityTypes, '1'],
  [1, 1],
  [
    ['role = object-role#1', ({ role }) => role?.system === roles && role.code === '1'],
    ['what 1..1', ({ what }) => what !== undefined],
    [
      'what only Reference(Patient)',
      ({ what }) =>
        what?.type === 'Patient' && (what.reference === undefined || /^Patient\//.test(what.reference)),
    ],
  ],
);

const read: Row[] = [
  ...common,
  ['subtype contains anyRead 1..1 from AllReadVS', (event) => subtypesOf(event, ['read', 'vread']) === 1],
  ['action = #R', ({ action }) => action === 'R'],
  ...agents('client', [dicom, '110152'], [1, 1], machine),
  ...agents('server', [dicom, '110153'], [1, 1], machine),
  ...entities(
    'data',
    [entityTypes, '2'],
    [1, 1],
    [
      [
        'role from RestObjectRoles (required)',
        ({ role }) =>
          role === undefined || (role.system === roles && ['4', '3', '20'].includes(role.code ?? '')),
      ],
      ['what 1..1', ({ what }) => what !== undefined],
    ],
  ),
];
const query: Row[] = [
  ...common,
  [
    'subtype contains anySearch 1..1 from AllSearchVS',
    (event) => subtypesOf(event, ['search', 'search-type', 'search-system']) === 1,
  ],
  ['action = #E', ({ action }) => action === 'E'],
  ...agents('client', [dicom, '110153'], [1, 1], machine),
  ...agents('server', [dicom, '110152'], [1, 1], machine),
  ...entities(
    'query',
    [entityTypes, '2'],
    [1, 1],
    [
      ['role = object-role#24', ({ role }) => role?.system === roles && role.code === '24'],
      ['what 0..0', ({ what }) => what === undefined],
      ['lifecycle 0..0', ({ lifecycle }) => lifecycle === undefined],
      ['query 1..1', ({ query: asked }) => asked !== undefined],
      ['detail 0..0', ({ detail }) => detail === undefined],
    ],
  ),
];

export const profiles: Readonly<Record<string, Row[]>> = {
  Read: read,
  PatientRead: [...read, ['entity 2..', ({ entity }) => (entity ?? []).length >= 2], ...patient],
  Query: query,
  PatientQuery: [...query, ...patient],
};

export const canonical = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

export const failingRows = (name: string, event: AuditEvent): string[] =>
  (profiles[name] ?? [[`${name} is no profile of this table`, () => false] as Row])
    .filter(([, holds]) => !holds(event))
    .map(([fsh]) => `${name}: ${fsh}`);

/** Constraints of the profiles an event claims that it does not meet. */
export const balpProblems = (event: AuditEvent): string[] =>
  (event.meta?.profile ?? []).flatMap((url) => failingRows(url.replace(canonical, ''), event));

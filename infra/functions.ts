/** One Lambda function: the routes it answers and everything it may touch. Nothing else is granted. */
export interface FunctionPlan {
  /** The file is `functions/<name>.ts`; it exports `handler`. */
  readonly name: string;
  /** Routes of the HTTP API. */
  readonly routes: readonly { readonly method: 'GET' | 'POST' | 'OPTIONS'; readonly path: `/${string}` }[];
  /** MB. Lambda gives CPU in proportion; 1769 MB is one full vCPU. */
  readonly memory: number;
  /** DynamoDB actions on the table, named one by one: no `dynamodb:*`, no delete, no update, no scan. */
  readonly table: readonly `dynamodb:${'BatchGetItem' | 'BatchWriteItem' | 'GetItem' | 'PutItem' | 'Query'}`[];
  /** Whether those actions also hold on the indexes. */
  readonly indexes: boolean;
  /** Whether it writes or asks by patient, and so computes the keyed hash of a patient id. */
  readonly patientKey: boolean;
  /** Whether it reads the client registry, where there is one. */
  readonly clients: boolean;
  /** What it does with the decision log, and so with its keys, its queue and its buckets. */
  readonly log: 'append' | 'read and append' | 'seal' | 'drain' | 'none';
}

const EVALUATES = 1769;
const READS = 512;

export const functions = [
  {
    name: 'cds-services',
    routes: [
      { method: 'GET', path: '/cds-services' },
      { method: 'POST', path: '/cds-services/{id}' },
      { method: 'POST', path: '/cds-services/{id}/feedback' },
      { method: 'OPTIONS', path: '/cds-services' },
      { method: 'OPTIONS', path: '/cds-services/{id}' },
      { method: 'OPTIONS', path: '/cds-services/{id}/feedback' },
    ],
    memory: EVALUATES,
    // PutItem: also that a token was used. GetItem: the stored answer to a repeated request. Query: which decision a card in a feedback came from.
    table: ['dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:Query'],
    indexes: false,
    patientKey: true,
    clients: true,
    log: 'append',
  },
  {
    name: 'evaluate',
    routes: [{ method: 'POST', path: '/evaluate' }],
    memory: EVALUATES,
    // GetItem: a put retried after it had landed meets its own record. Query: the patient's key.
    table: ['dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:Query'],
    indexes: false,
    patientKey: true,
    clients: true,
    log: 'append',
  },
  {
    name: 'decisions',
    routes: [
      { method: 'GET', path: '/decisions' },
      { method: 'GET', path: '/decisions/export' },
      { method: 'GET', path: '/statistics' },
      { method: 'GET', path: '/decisions/{id}' },
      { method: 'GET', path: '/decisions/{id}/proof' },
      { method: 'POST', path: '/decisions/{id}/replay' },
    ],
    // A replay evaluates.
    memory: EVALUATES,
    // PutItem: the auditor's own look is recorded before it is answered, and so is a caller who may not.
    table: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
    indexes: true,
    patientKey: true,
    clients: true,
    log: 'read and append',
  },
  {
    name: 'fhir',
    routes: [
      { method: 'GET', path: '/fhir/metadata' },
      { method: 'GET', path: '/fhir/AuditEvent' },
      // `$bundle` too.
      { method: 'GET', path: '/fhir/AuditEvent/{id}' },
      { method: 'GET', path: '/fhir/GuidanceResponse' },
      { method: 'GET', path: '/fhir/GuidanceResponse/{id}' },
    ],
    memory: READS,
    // PutItem: as above.
    table: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
    indexes: true,
    patientKey: true,
    clients: true,
    log: 'read and append',
  },
  {
    name: 'rules',
    routes: [
      { method: 'GET', path: '/rules' },
      { method: 'GET', path: '/rules/{id}' },
    ],
    memory: READS,
    // A caller who may not is recorded, once a token.
    table: ['dynamodb:PutItem', 'dynamodb:GetItem'],
    indexes: false,
    patientKey: false,
    clients: true,
    log: 'none',
  },
  {
    name: 'health',
    routes: [
      { method: 'GET', path: '/health' },
      { method: 'GET', path: '/openapi.json' },
    ],
    memory: READS,
    table: [],
    indexes: false,
    patientKey: false,
    clients: false,
    log: 'none',
  },
  {
    name: 'sealer',
    routes: [],
    // Reads every record's hash, writes tiles: no clinical data.
    memory: EVALUATES,
    table: [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:BatchWriteItem',
    ],
    indexes: true,
    patientKey: false,
    clients: false,
    log: 'seal',
  },
  {
    name: 'drain',
    routes: [],
    memory: READS,
    table: ['dynamodb:PutItem', 'dynamodb:GetItem'],
    indexes: false,
    patientKey: false,
    clients: false,
    log: 'drain',
  },
] as const satisfies readonly FunctionPlan[];

export type FunctionName = (typeof functions)[number]['name'];

/** Configuration, read once from the environment. Every variable is in the README's table. */
import * as z from 'zod/mini';

const port = z.coerce.number().check(z.int(), z.gte(0), z.lte(65_535));
const whole = z.coerce.number().check(z.int(), z.gte(1));

const schema = z.object({
  EPSOM_HOST: z._default(z.string(), '127.0.0.1'),
  PORT: z._default(port, 8080),
  EPSOM_DATA: z._default(z.string(), '.epsom'),
  EPSOM_TABLE: z._default(z.string(), 'epsom'),
  EPSOM_BASE_URL: z.optional(z.url({ protocol: /^https?$/ })),
  EPSOM_MAX_BODY: z._default(whole, 4 * 1024 * 1024),
  EPSOM_DEADLINE_MS: z._default(whole, 5000),
  EPSOM_FHIR_DEADLINE_MS: z._default(whole, 450),
  EPSOM_SEAL_INTERVAL: z._default(whole, 60),
  EPSOM_RETENTION_DAYS: z._default(whole, 2192),
  EPSOM_CLIENTS: z.optional(z.string()),
  EPSOM_ALLOW_LOOPBACK: z._default(z.enum(['true', 'false'], 'must be `true` or `false`'), 'false'),
  EPSOM_TOKEN_LIFETIME: z._default(whole, 3600),
  EPSOM_PATIENT_KEY_ID: z.optional(z.string()),
  EPSOM_TERMINOLOGY: z.optional(z.string()),
  EPSOM_MASTER_KEY_ID: z.optional(z.string()),
  EPSOM_SEAL_KEY_ID: z.optional(z.string()),
  EPSOM_SPILL_QUEUE: z.optional(z.url()),
  EPSOM_LARGE_BUCKET: z.optional(z.string()),
  EPSOM_SEAL_BUCKET: z.optional(z.string()),
  AWS_ENDPOINT_URL_DYNAMODB: z.optional(z.url()),
});

export interface Settings {
  host: string;
  port: number;
  data: string;
  table: string;
  /** The public address without a slash at the end: what audiences of tokens begin with. */
  baseUrl: string;
  maxBody: number;
  deadlineMs: number;
  /** For all that is read from a FHIR server for one request. */
  fhirDeadlineMs: number;
  /** Seconds between seals of the decision log. */
  sealInterval: number;
  /** Days that decisions are kept at least; six years are the least. */
  retentionDays: number;
  /** Where the client registry is: a path, or `ssm:` and the name of a parameter. */
  clients: string | null;
  /**
   * Whether registered FHIR servers, key URLs and origins may be plain http on loopback, and any FHIR server there is called
   * without a registry: tests and laptops.
   */
  allowLoopback: boolean;
  /** The longest a token may be valid, in seconds. */
  tokenLifetime: number;
  patientKeyId: string | null;
  /** Path of the product index; null for the one beside the data, if there is one. */
  terminology: string | null;
  /** On AWS: the KMS key that wraps patient keys, and the one that signs seals. */
  masterKeyId: string | null;
  sealKeyId: string | null;
  /** On AWS: where records wait, where large ones lie, where copies of seals are locked. */
  spillQueue: string | null;
  largeBucket: string | null;
  sealBucket: string | null;
  dynamodb: string | null;
}

/** @throws Error naming each variable that cannot be used, and what it must be */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`configuration not usable:\n  ${problems.join('\n  ')}`);
  }
  const values = parsed.data;
  return {
    host: values.EPSOM_HOST,
    port: values.PORT,
    data: values.EPSOM_DATA,
    table: values.EPSOM_TABLE,
    baseUrl: (values.EPSOM_BASE_URL ?? `http://127.0.0.1:${values.PORT}`).replace(/\/$/, ''),
    maxBody: values.EPSOM_MAX_BODY,
    deadlineMs: values.EPSOM_DEADLINE_MS,
    fhirDeadlineMs: values.EPSOM_FHIR_DEADLINE_MS,
    sealInterval: values.EPSOM_SEAL_INTERVAL,
    retentionDays: values.EPSOM_RETENTION_DAYS,
    allowLoopback: values.EPSOM_ALLOW_LOOPBACK === 'true',
    clients: values.EPSOM_CLIENTS ?? null,
    tokenLifetime: values.EPSOM_TOKEN_LIFETIME,
    patientKeyId: values.EPSOM_PATIENT_KEY_ID ?? null,
    terminology: values.EPSOM_TERMINOLOGY ?? null,
    masterKeyId: values.EPSOM_MASTER_KEY_ID ?? null,
    sealKeyId: values.EPSOM_SEAL_KEY_ID ?? null,
    spillQueue: values.EPSOM_SPILL_QUEUE ?? null,
    largeBucket: values.EPSOM_LARGE_BUCKET ?? null,
    sealBucket: values.EPSOM_SEAL_BUCKET ?? null,
    dynamodb: values.AWS_ENDPOINT_URL_DYNAMODB ?? null,
  };
}

const loopback = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);
/** Whether a host name means this machine only. */
export const isLoopback = (host: string): boolean => loopback.has(host) || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * The shape of the client registry: which EHRs may call, for which organisation, with which keys, and who issues the
 * tokens of auditors and engineers. It holds issuers and public keys, no secret. docs/security.md describes it.
 */
import * as z from 'zod/mini';
import { leastRetentionDays } from '../log/retention.ts';

/** Printable, without the `#` that separates the parts of a key in the table. */
const name = z.string().check(z.regex(/^[!-"$-~]{1,200}$/, 'must be printable, without spaces and `#`'));
const address = z.string().check(z.regex(/^https?:\/\/[!-~]+$/, 'must be a URL'));
const count = (least: number) => z.exactOptional(z.int().check(z.gte(least), z.lte(100)));

const keySource = {
  jwks: z.optional(z.strictObject({ keys: z.array(z.looseObject({})) })),
  jwksUrl: z.optional(address),
};

const client = z.strictObject({
  /** `iss` of its tokens. */
  issuer: name,
  /** The organisation whose decisions these are. */
  tenant: name,
  profile: z.enum(['generic', 'epic', 'cerner']),
  ...keySource,
  /** Base URLs of FHIR servers this client may name in `fhirServer`. */
  fhirServers: z._default(z.array(address), []),
  /** Origins of pages that may call from a browser. */
  origins: z._default(z.array(z.string()), []),
  rules: z._default(z.strictObject({ off: z._default(z.array(z.string()), []) }), { off: [] }),
  /** Accepted as audience beside the address that is called, for an EHR that cannot set one per address. */
  audience: z.optional(name),
  /** At most so many cards of each indicator are shown. Critical ones cannot be switched off. */
  alertLimit: z.optional(z.strictObject({ critical: count(1), warning: count(0), info: count(0) })),
  /** A card that a clinician has overridden is not shown again for so many days; a critical one only if said so. */
  withholdOverridden: z.optional(
    z.strictObject({ days: z.int().check(z.gte(1), z.lte(365)), critical: z.optional(z.boolean()) }),
  ),
});
export type Client = z.infer<typeof client>;

const auditors = z.strictObject({ issuer: name, audience: name, ...keySource });
export type Auditors = z.infer<typeof auditors>;

export const registrySchema = z.strictObject({
  clients: z.array(client),
  auditors: z.optional(auditors),
  /** Days that the decisions of a tenant are kept at least, where they are not those of EPSOM_RETENTION_DAYS. */
  retentionDays: z.optional(z.record(name, z.int().check(z.gte(leastRetentionDays)))),
});
export type Registry = z.infer<typeof registrySchema>;

/** How long decisions of a tenant are kept at least. @param otherwise days for tenants that the registry is silent about */
export const retentionDaysOf = (registry: Registry | null, tenant: string, otherwise: number): number =>
  new Map(Object.entries(registry?.retentionDays ?? {})).get(tenant) ?? otherwise;

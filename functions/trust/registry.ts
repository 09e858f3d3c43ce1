/**
 * The shape of the client registry: which EHRs may call, for which organisation, with which keys, and who issues the
 * tokens of auditors and engineers. It holds issuers and public keys, no secret. docs/security.md describes it.
 */
import * as z from 'zod/mini';
import { readerUnits } from '../../rules/evaluation/presentation.ts';
import { leastRetentionDays } from '../log/purging.ts';

/** Printable, without the `#` that separates the parts of a key in the table, and without markup. */
export const printableName = /^[!$-;=?-_a-~]{1,200}$/;
const name = z
  .string()
  .check(z.regex(printableName, 'must be printable, without spaces, `#`, `<`, `>`, `"` and backticks'));
const address = z.string().check(z.regex(/^https?:\/\/[!-~]+$/, 'must be a URL'));
const count = (least: number) => z.exactOptional(z.int().check(z.gte(least), z.lte(100)));

/** A schema with what it is for, as OpenAPI and editors show it. */
const described = <T extends z.ZodMiniType>(schema: T, description: string): T =>
  schema.check(z.describe(description));

const keySource = {
  jwks: described(
    z.optional(z.strictObject({ keys: z.array(z.looseObject({})) })),
    'Public keys written out. This or `jwksUrl`, exactly one of the two.',
  ),
  jwksUrl: described(z.optional(address), 'Where the public keys are fetched.'),
};

const client = z.strictObject({
  issuer: described(
    name,
    '`iss` of its tokens; also the name of the client in the decision log. One entry each.',
  ),
  tenant: described(name, 'The organisation whose decisions these are.'),
  profile: described(z.enum(['generic', 'epic', 'cerner']), 'How cards are shaped.'),
  units: described(
    z.exactOptional(z.enum(readerUnits)),
    'Units its cards speak in: `si` is mmol/L and µmol/L. Left out: each value in the unit of its rule.',
  ),
  ...keySource,
  fhirServers: described(
    z._default(z.array(address), []),
    'Base URLs of FHIR servers this client may name in `fhirServer`. None: no data is fetched.',
  ),
  prefetch: described(
    z.optional(
      z.strictObject({
        sort: z.optional(z.boolean()),
        count: z.optional(z.boolean()),
        since: z.optional(z.boolean()),
        combo: z.optional(z.boolean()),
        include: z.optional(z.boolean()),
      }),
    ),
    'Whether its FHIR server takes `_sort` and `_count`, and is asked for results of the last three years only (`date=ge`); whether results are asked for by `combo-code` (else `code`), and drugs come with their orders (`_include`). Left out: as its profile has it.',
  ),
  fhirDeadlineMs: described(
    z.optional(z.int().check(z.gte(50))),
    'Milliseconds for all that is read from its FHIR server for one request: what its EHR waits for. At most EPSOM_DEADLINE_MS. Left out: EPSOM_FHIR_DEADLINE_MS.',
  ),
  origins: described(z._default(z.array(z.string()), []), 'Origins of pages that may call from a browser.'),
  rules: z._default(
    z.strictObject({
      off: described(z._default(z.array(z.string()), []), 'Rules that are not shown to this client.'),
    }),
    { off: [] },
  ),
  audience: described(
    z.optional(name),
    'Accepted as `aud` beside the address that is called, for an EHR that cannot set one per address.',
  ),
  alertLimit: described(
    z.optional(z.strictObject({ critical: count(1), warning: count(0), info: count(0) })),
    'At most so many cards of each indicator are shown. Critical ones cannot be switched off.',
  ),
  withholdOverridden: described(
    z.optional(
      z.strictObject({ days: z.int().check(z.gte(1), z.lte(365)), critical: z.optional(z.boolean()) }),
    ),
    'A card that a clinician has overridden is not shown again for so many days; a critical one only if said so.',
  ),
});
export type Client = z.infer<typeof client>;

const auditors = described(
  z.strictObject({ issuer: name, audience: name, ...keySource }),
  'Who issues the tokens of auditors and engineers, and the audience they must have. Left out: nobody reads decisions.',
);
export type Auditors = z.infer<typeof auditors>;

export const registrySchema = described(
  z.strictObject({
    clients: z.array(client),
    auditors: z.optional(auditors),
    retentionDays: described(
      z.optional(z.record(name, z.int().check(z.gte(leastRetentionDays)))),
      'Days that the decisions of a tenant are kept at least, where they are not those of EPSOM_RETENTION_DAYS.',
    ),
  }),
  'The client registry, the file of EPSOM_CLIENTS: docs/security.md.',
);
export type Registry = z.infer<typeof registrySchema>;

/** How long decisions of a tenant are kept at least. @param otherwise days for tenants that the registry is silent about */
export const retentionDaysOf = (registry: Registry | null, tenant: string, otherwise: number): number =>
  new Map(Object.entries(registry?.retentionDays ?? {})).get(tenant) ?? otherwise;

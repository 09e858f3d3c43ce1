/** A caller who is identified, and the refusal of one who may not do what he asks for. */
import { Problem } from '../http/outcome.ts';
import type { Token } from './jwt/verify.ts';
import type { Client } from './registry.ts';

export interface Caller {
  tenant: string;
  /** As the record names it: the issuer of its tokens; `local` without a registry; on AWS without one, of IAM. */
  client: string;
  profile: Client['profile'];
  /** The client's entry in the registry; null for auditors and engineers, and without a registry. */
  registered: Client | null;
  /** Null without a registry. */
  token: Token | null;
  /** Without a registry: a page of another origin, which may learn nothing of this machine. */
  isForeignPage?: boolean;
}

/** 403: the caller is identified, and may not do this. */
export class ForbiddenError extends Problem {
  /** Null where no tenant is known to record it for. */
  readonly caller: Caller | null;
  constructor(message: string, caller: Caller | null, headers: Readonly<Record<string, string>> = {}) {
    super(403, 'forbidden', message, { headers });
    this.caller = caller;
  }
}

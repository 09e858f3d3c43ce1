/**
 * Why a call out failed: a closed list of codes. Headers carry tokens, and a URL may name a patient: no message or cause
 * of these errors repeats one.
 */

/** Every way a call can fail, with what it means. */
export const outboundCodes = {
  'not-allowed': 'the address is not one this service may call',
  address: 'the name leads to an address that is not public',
  redirect: 'the server answered with a redirect, which is not followed',
  'too-large': 'the answer is larger than is read',
  'too-slow': 'the answer did not come in time',
  'not-json': 'the answer is not JSON that can be read',
  unreachable: 'the server could not be reached, or broke off',
} as const;
export type OutboundCode = keyof typeof outboundCodes;

export class OutboundError extends Error {
  readonly code: OutboundCode;
  /** The system's name of the failure (`ECONNREFUSED`), where there is one. */
  readonly reason: string | null;
  constructor(code: OutboundCode, reason: string | null = null, options?: ErrorOptions) {
    super(outboundCodes[code], options);
    this.name = 'OutboundError';
    this.code = code;
    this.reason = reason;
  }
}

/** The system's name of a failure, where it has one. */
export const codeOfError = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/**
 * Any failure of a call as one of the codes. What failed is no cause of it: its message may hold the URL.
 * @param signal the call's: whatever fails after it fired is too slow
 */
export function asOutboundError(error: unknown, signal: AbortSignal): OutboundError {
  if (error instanceof OutboundError) return error;
  if (signal.aborted) return new OutboundError('too-slow');
  // Node tries several addresses of one name and reports them together.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const reason = codeOfError(error) ?? codeOfError(first);
  switch (reason) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new OutboundError('too-slow', reason);
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new OutboundError('too-large', reason);
    case 'UND_ERR_INVALID_ARG':
      return new OutboundError('not-allowed', reason);
    default:
      return new OutboundError('unreachable', reason);
  }
}

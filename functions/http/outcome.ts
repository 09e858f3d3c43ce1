/** Errors as FHIR OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html): a sentence a person can act on. */
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A request that is answered with an error. `code` is of https://hl7.org/fhir/R4/valueset-issue-type.html */
export class Problem extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    options: { headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

export const operationOutcome = (code: string, message: string) => ({
  resourceType: 'OperationOutcome' as const,
  issue: [{ severity: 'error' as const, code, diagnostics: message }],
});

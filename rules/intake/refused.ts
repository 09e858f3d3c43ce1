/** A request that cannot be evaluated at all. `status` and `message` go to the caller as an OperationOutcome. */
export class Refused extends Error {
  readonly status: 400 | 412;
  /** Of https://hl7.org/fhir/R4/valueset-issue-type.html */
  readonly code: string;
  constructor(status: 400 | 412, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

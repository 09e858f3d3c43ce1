/** Raised when the code that evaluates changes what a rule means; part of the digest and of every record. */
export const engine = { name: 'epsom', version: '0.1.0' } as const;

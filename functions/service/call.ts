/** One HTTP request at the edge, and how long it may take. */
import type { Context } from 'hono';
import type { LambdaEvent } from 'hono/aws-lambda';
import type { Caller } from '../trust/caller.ts';
import type { TokenUse } from '../trust/single-use.ts';

export type Env = {
  Bindings: { event?: LambdaEvent };
  /** Found out once a request: who calls, and whether the token was used before. */
  Variables: { caller?: Promise<Caller>; use?: Promise<TokenUse> };
};
export type Call = Context<Env>;

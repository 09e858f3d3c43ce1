/** 405 for every method that a path does not take; the app's own routes say which it takes. */
import type { Hono, MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { Problem } from '../http/outcome.ts';
import type { Env } from './call.ts';
import { refuse } from './refuse.ts';
import { metadataOf } from './request-metadata.ts';
import type { Service } from './service.ts';

const printableMethod = (method: string): string => (/^[A-Z]{1,10}$/.test(method) ? method : 'this method');

/** Stands behind all routes of an app: what comes here was answered by none. */
export const refuseOtherMethods = (app: Hono<Env>, service: Service): MiddlewareHandler<Env> =>
  methodNotAllowed<Env>({
    app,
    onMethodNotAllowed: async (call, allowed) => {
      // HEAD is taken wherever GET is, which needs no saying.
      const methods = allowed.filter((method) => method !== 'HEAD').join(', ');
      const problem = new Problem(
        405,
        'not-supported',
        `${printableMethod(call.req.method)} is not possible here: use ${methods}`,
        { headers: { Allow: methods } },
      );
      return refuse(call, service, await metadataOf(call, service), problem);
    },
  });

/** The Hono app of one function: its routes, between what all functions share. */
import { Hono } from 'hono';
import { operationOutcome } from '../http/outcome.ts';
import { ForbiddenError } from '../trust/caller.ts';
import type { Env } from './call.ts';
import { onlyClientPages } from './foreign-page.ts';
import { onlyLoopbackHosts } from './loopback-host.ts';
import { refuseOtherMethods } from './other-methods.ts';
import { problemOf } from './problem-of.ts';
import { refuse, respondWith } from './refuse.ts';
import { metadataBy, serviceName } from './request-metadata.ts';
import type { Service } from './service.ts';

/**
 * The checks of Host and Origin come before the routes, the methods they do not take behind them; errors are OperationOutcomes.
 * @example
 * const health = (service: Service) =>
 *   createApp(service, (app) => app.get('/health', (call) => call.json({ status: 'ok' })));
 */
export function createApp(service: Service, addRoutes: (app: Hono<Env>) => void): Hono<Env> {
  const app = new Hono<Env>();
  app.use(onlyLoopbackHosts(service));
  app.use(onlyClientPages(service));
  app.use(async (call, next) => {
    await next();
    call.header('X-Content-Type-Options', 'nosniff');
    call.header('Cache-Control', 'no-store');
  });
  addRoutes(app);
  app.use(refuseOtherMethods(app, service));
  app.notFound((call) => {
    const message = 'there is nothing at this path: see GET /openapi.json';
    return call.json(operationOutcome('not-found', message), 404);
  });
  app.onError((error, call) => {
    if (error instanceof ForbiddenError && error.caller) {
      const metadata = metadataBy(error.caller, service, serviceName(call.req.path));
      return refuse(call, service, metadata, error);
    }
    return respondWith(call, problemOf(error, service));
  });
  return app;
}

/**
 * Pages of other origins at an open service: whoever runs it opens other pages in the same browser, and any of them can send
 * requests to this machine. They get what a client of CDS Hooks needs, and nothing else: no decision, no search, no file.
 */
import type { MiddlewareHandler } from 'hono';
import { Problem } from '../http/outcome.ts';
import type { Env } from './call.ts';
import { isForeignPage } from './page-origin.ts';
import { refuse } from './refuse.ts';
import { metadataOf } from './request-metadata.ts';
import type { Service } from './service.ts';

/** What a client of CDS Hooks in a browser calls: discovery, the services, feedback, and asks before. */
const forClients = /^\/cds-services(\/[^/]+(\/feedback)?)?$/;

export const onlyClientPages =
  (service: Service): MiddlewareHandler<Env> =>
  async (call, next) => {
    if (!service.open || !isForeignPage(call) || forClients.test(call.req.path)) return next();
    const problem = new Problem(
      403,
      'forbidden',
      'a page of another origin may call /cds-services only: without a client registry nothing says who it is',
    );
    return refuse(call, service, await metadataOf(call, service), problem);
  };

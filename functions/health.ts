/** GET /health and the OpenAPI description of the whole outside contract. */
import { handle } from 'hono/aws-lambda';
import { inUse } from './config/product-index.ts';
import { serviceOnAws } from './host/aws.ts';
import openapi from './openapi.json' with { type: 'json' };
import { createApp } from './service/app.ts';
import type { Service } from './service/service.ts';

/** What was put aside: it needs an operator, and keeps nothing out. */
function asideOf({ log }: Pick<Service, 'log'>) {
  const { spilled, aside, behind } = log.faults();
  return { aside: { spilled, notProjected: aside }, behind };
}

export const health = (service: Service) =>
  createApp(service, (app) => {
    const { digest, version, products } = service.ruleset;
    const terminology = inUse(products);
    app.get('/health', (call) => {
      // With a queue other processes answer hooks: it is counted by its own metric, and what clients lack by their lines.
      const isAlone = service.settings.spillQueue === null;
      const waiting = isAlone ? service.log.waiting() : null;
      // Whoever asks is not identified, so no client is named.
      const lacked = isAlone ? service.interfaces.lacked() : null;
      return call.json({
        status: 'ok',
        ruleset: { digest, version },
        terminology,
        log: { waiting, ...asideOf(service) },
        interfaces: { lacked },
      });
    });
    app.get('/openapi.json', (call) =>
      call.json({ ...openapi, servers: [{ url: service.settings.baseUrl }] }),
    );
  });

export const handler = serviceOnAws((service) => handle(health(service)), { identifies: false });

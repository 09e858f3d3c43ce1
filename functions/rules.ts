/** GET /rules: what is evaluated, on whose authority, in which version. */
import { handle } from 'hono/aws-lambda';
import { isHook } from '../rules/fhir/hooks.ts';
import { cases } from '../rules/library/cases.ts';
import type { CompiledRule } from '../rules/rule/compile.ts';
import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import { callerOf, createApp, onlyMethods, type Service } from './service/service.ts';

/** `hooks` are all at which it speaks, also those that follow one of its own. */
const summary = ({
  hooks,
  rule: { id, version, title, domain, status, sources, sourceAttributes, owner, reviewBy, card },
}: CompiledRule) => ({
  id,
  version,
  title,
  domain,
  status,
  hooks: [...hooks],
  indicator: card.indicator,
  sources,
  sourceAttributes,
  owner,
  reviewBy,
});

export function rules(service: Service) {
  const app = createApp(service);
  const { digest, version } = service.ruleset;
  app.get('/rules', async (call) => {
    await callerOf(call, service);
    const hook = call.req.query('hook');
    if (hook !== undefined && !isHook(hook))
      throw new Problem(400, 'value', '`hook` is none of the services');
    const listed = service.ruleset.rules.filter((compiled) => hook === undefined || compiled.hooks.has(hook));
    return call.json({ ruleset: { digest, version }, rules: listed.map(summary) });
  });
  app.all('/rules', onlyMethods(service, 'GET'));
  app.get('/rules/:id', async (call) => {
    await callerOf(call, service);
    const found = service.ruleset.rules.find(({ rule }) => rule.id === call.req.param('id'));
    if (!found) throw new Problem(404, 'not-found', 'there is no rule with this id: see GET /rules');
    const own = cases.find(({ where }) => where.endsWith(`/${found.rule.id}`));
    return call.json({ ...found.rule, cases: own?.json ?? [] });
  });
  app.all('/rules/:id', onlyMethods(service, 'GET'));
  return app;
}

export const handler = serviceOnAws((service) => handle(rules(service)));

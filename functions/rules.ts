/** GET /rules: what is evaluated, on whose authority, in which version. */
import { handle } from 'hono/aws-lambda';
import { cases } from '../rules/library/cases.ts';
import { isHook, type Rule } from '../rules/rule.ts';
import { serviceOnAws } from './aws.ts';
import { Problem } from './outcome.ts';
import { callerOf, newApp, onlyMethods, type Service } from './service.ts';

const summary = ({
  id,
  version,
  title,
  domain,
  status,
  hooks,
  sources,
  sourceAttributes,
  owner,
  reviewBy,
  card,
}: Rule) => ({
  id,
  version,
  title,
  domain,
  status,
  hooks,
  indicator: card.indicator,
  sources,
  sourceAttributes,
  owner,
  reviewBy,
});

export function rules(service: Service) {
  const app = newApp(service);
  const { digest, version } = service.ruleset;
  app.get('/rules', async (call) => {
    await callerOf(call, service);
    const hook = call.req.query('hook');
    if (hook !== undefined && !isHook(hook))
      throw new Problem(400, 'value', '`hook` is none of the services');
    const listed = service.ruleset.rules.filter(
      ({ rule }) => hook === undefined || rule.hooks.includes(hook),
    );
    return call.json({ ruleset: { digest, version }, rules: listed.map(({ rule }) => summary(rule)) });
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

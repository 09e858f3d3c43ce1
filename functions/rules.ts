/** GET /rules: what is evaluated, on whose authority, in which version; and what is not covered. */
import { handle } from 'hono/aws-lambda';
import { isHook } from '../rules/fhir/hooks.ts';
import { cases } from '../rules/library/cases.ts';
import { clausesOf } from '../rules/library/catalogue.ts';
import { notCovered } from '../rules/library/not-covered.ts';
import type { CompiledRule } from '../rules/rule/compile.ts';
import { serviceOnAws } from './host/aws.ts';
import { Problem } from './http/outcome.ts';
import { createApp } from './service/app.ts';
import { callerOf } from './service/caller-of.ts';
import { queryOf } from './service/query.ts';
import type { Service } from './service/service.ts';

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

export const rules = (service: Service) =>
  createApp(service, (app) => {
    const { ruleset } = service;
    app.get('/rules', async (call) => {
      await callerOf(call, service);
      const { hook } = queryOf(call);
      if (hook !== undefined && !isHook(hook))
        throw new Problem(400, 'value', '`hook` is none of the services');
      const listed = ruleset.rules.filter((compiled) => hook === undefined || compiled.hooks.has(hook));
      const { digest, version } = ruleset;
      return call.json({
        ruleset: { digest, version },
        rules: listed.map(summary),
        notCovered: notCovered(ruleset.rules.map(({ rule }) => rule)),
      });
    });
    app.get('/rules/:id', async (call) => {
      await callerOf(call, service);
      const found = ruleset.rules.find(({ rule }) => rule.id === call.req.param('id'));
      if (!found) throw new Problem(404, 'not-found', 'there is no rule with this id: see GET /rules');
      const own = cases.find(({ where }) => where.endsWith(`/${found.rule.id}`));
      return call.json({ ...found.rule, cases: own?.json ?? [], catalogue: clausesOf(found.rule.id) });
    });
  });

export const handler = serviceOnAws((service) => handle(rules(service)));

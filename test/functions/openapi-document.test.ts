/** The OpenAPI document says no more and no less than the server does. */
import { readdirSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import document from '../../functions/openapi.json' with { type: 'json' };
import type { Env } from '../../functions/service/call.ts';
import type { Service } from '../../functions/service/service.ts';
import { answerSystem, ruleSystem } from '../../rules/cards/types.ts';
import { factNames } from '../../rules/facts/facts.ts';
import { categories } from '../../rules/fhir/categories.ts';
import { hooks } from '../../rules/fhir/hooks.ts';
import { noticeCodes } from '../../rules/fhir/notice.ts';
import { overrideReasonSystem, overrideReasons } from '../../rules/rule/override-reasons.ts';
import { exchanges } from '../support/exchanges.ts';

import { byName, documented, type Json, methods, paths } from '../support/openapi.ts';
import { running, useServers } from '../support/openapi-servers.ts';

useServers();

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone<Json>(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has schemas that compile under JSON Schema 2020-12', () => {
    for (const name of Object.keys(document.components.schemas)) byName(name, {});
  });

  it('names every component it uses, and uses every component it names', () => {
    const text = JSON.stringify(document);
    const used = new Set([...text.matchAll(/"\$ref":"#\/components\/([^"]+)"/g)].map(([, name]) => name));
    const { schemas, responses, headers, parameters } = document.components;
    const named = Object.entries({ schemas, responses, headers, parameters }).flatMap(([kind, group]) =>
      Object.keys(group).map((name) => `${kind}/${name}`),
    );
    // The client registry is a file, no request: nothing refers to it.
    expect([...used, 'schemas/ClientRegistry'].sort()).toEqual(named.sort());
  });

  it('lists the values that the code lists', () => {
    const { schemas } = document.components;
    expect(schemas.NoticeCode.enum).toEqual(Object.keys(noticeCodes));
    expect(schemas.Hook.enum).toEqual([...hooks]);
    expect(schemas.FactName.enum).toEqual([...factNames]);
    expect(Object.keys(schemas.Chart.properties.completeness.properties)).toEqual([...categories]);
    expect(schemas.OverrideReason.properties.code.enum).toEqual(Object.keys(overrideReasons));
    expect(schemas.OverrideReason.properties.system.const).toBe(overrideReasonSystem);
    expect(schemas.CardTopic.properties.system.enum).toEqual([ruleSystem, answerSystem]);
  });

  it('has every route of every function, and no other', async () => {
    const routes: string[] = [];
    for (const file of readdirSync('functions').filter((name) => /^[a-z-]+\.ts$/.test(name))) {
      const code: Record<string, unknown> = await import(
        new URL(`../../functions/${file}`, import.meta.url).href
      );
      if (!('handler' in code)) continue;
      const name = file.replace('.ts', '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      // The sealer and the drain are called by a schedule and a queue: no HTTP.
      if (typeof code[name] !== 'function') continue;
      const app = (code[name] as (service: Service) => Hono<Env>)(running.service);
      for (const { method, path } of app.routes) {
        // `ALL` is middleware, or the 405 of a path.
        if (method !== 'ALL') routes.push(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
      }
    }
    const inDocument = new Set(documented.map((name) => name.replace(/ \d+$/, '')));
    expect(new Set(routes)).toEqual(inDocument);
  });

  it('says at each path which tokens open it', () => {
    const opened = Object.entries(paths).flatMap(([path, item]) =>
      methods.flatMap((method) => {
        const operation = item[method] as { security: Json[] } | undefined;
        return operation
          ? [[path, operation.security.flatMap((one) => Object.entries(one).map(String))]]
          : [];
      }),
    );
    const read = 'people,epsom/decisions.read';
    expect(Object.fromEntries(opened)).toEqual({
      '/health': [],
      '/openapi.json': [],
      '/cds-services': ['ehr,', 'sigv4,'],
      '/cds-services/{id}': ['ehr,', 'sigv4,'],
      '/cds-services/{id}/feedback': ['ehr,', 'sigv4,'],
      '/evaluate': ['people,epsom/evaluate', 'sigv4,'],
      '/decisions': [read, 'sigv4,'],
      '/decisions/{id}': [read, 'sigv4,'],
      '/decisions/export': [read, 'sigv4,'],
      '/statistics': [read, 'sigv4,'],
      '/decisions/{id}/proof': [read, 'sigv4,'],
      '/fhir/metadata': [],
      '/fhir/AuditEvent': [read, 'sigv4,'],
      '/fhir/AuditEvent/$bundle': [read, 'sigv4,'],
      '/fhir/AuditEvent/{id}': [read, 'sigv4,'],
      '/fhir/GuidanceResponse': [read, 'sigv4,'],
      '/fhir/GuidanceResponse/{id}': [read, 'sigv4,'],
      '/decisions/{id}/replay': [read, 'sigv4,'],
      '/rules': [read, 'people,epsom/evaluate', 'sigv4,'],
      '/rules/{id}': [read, 'people,epsom/evaluate', 'sigv4,'],
    });
  });

  it('is exercised by the exchanges below in every path, method and status', () => {
    expect(Object.keys(exchanges).sort()).toEqual([...documented].sort());
  });
});

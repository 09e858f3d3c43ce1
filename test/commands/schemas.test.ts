/** The generated JSON Schemas against what they describe: every rule, the registry of the documents, and misspellings. */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { generatedComponents, schemaFiles } from '../../commands/schemas.ts';
import openapi from '../../functions/openapi.json' with { type: 'json' };
import { factNames, facts } from '../../rules/facts/facts.ts';
import { asObject, isObject, type Json } from '../../rules/fhir/json.ts';
import { library } from '../../rules/library/library.ts';

function validatorOf(file: string): ValidateFunction {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
  });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(schemaFiles().get(file) ?? 'null'));
}
const problemsOf = (validate: ValidateFunction, value: unknown): string[] =>
  validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

describe('rule.schema.json', () => {
  const validate = validatorOf('docs/schemas/rule.schema.json');

  test('there are 123 rules or more to look at', () => expect(library.length).toBeGreaterThanOrEqual(123));

  test.each(library)('$where satisfies it, also with a `$schema` of its own', ({ json }) => {
    expect(problemsOf(validate, json)).toEqual([]);
    const $schema = '../../../../docs/schemas/rule.schema.json';
    expect(problemsOf(validate, { $schema, ...(isObject(json) ? json : {}) })).toEqual([]);
  });

  const condition = { fact: 'lab', params: { test: 'magnesium', unit: 'mg/dL', within: 'P3D' } };
  const comparison = { ...condition, path: '$.value', operator: 'lessThan', value: 1 };
  const [{ json: rule } = { json: null }] = library;
  const card = isObject(rule) && isObject(rule.card) ? rule.card : {};
  const having = (conditions: unknown, more: Json = {}): unknown => ({
    ...(isObject(rule) ? rule : {}),
    conditions,
    ...more,
  });

  test('it takes a comparison, with another fact, in groups in groups', () => {
    const other = { ...condition, path: '$.lowerLimit' };
    for (const one of [
      comparison,
      { ...comparison, value: other },
      { any: [comparison, { not: { all: [comparison] } }] },
      { fact: 'encounter', params: {}, operator: 'in', value: ['inpatient', 'emergency'] },
    ]) {
      expect(problemsOf(validate, having({ all: [one] }))).toEqual([]);
    }
  });

  test.each<[string, unknown]>([
    ['a key of the rule', having({ all: [comparison] }, { titel: 'x' })],
    ['a key of the card', having({ all: [comparison] }, { card: { ...card, sumary: 'x' } })],
    ['an indicator', having({ all: [comparison] }, { card: { ...card, indicator: 'grave' } })],
    ['a hook', having({ all: [comparison] }, { hooks: ['order-signed'] })],
    ['a group', having({ al: [comparison] })],
    ['two groups', having({ all: [comparison], any: [comparison] })],
    ['an empty group', having({ all: [] })],
    ['a comparison alone', having(comparison)],
    ['a fact', having({ all: [{ ...comparison, fact: 'labs' }] })],
    ['a parameter', having({ all: [{ ...comparison, params: { ...condition.params, withn: 'P3D' } }] })],
    [
      'a parameter left out',
      having({ all: [{ ...comparison, params: { test: 'magnesium', unit: 'mg/dL' } }] }),
    ],
    [
      'a parameter of another fact',
      having({ all: [{ ...comparison, params: { ...condition.params, groups: ['dialysis'] } }] }),
    ],
    ['a window', having({ all: [{ ...comparison, params: { ...condition.params, within: '3 days' } }] })],
    ['a test', having({ all: [{ ...comparison, params: { ...condition.params, test: 'magnesum' } }] })],
    [
      'a drug class',
      having({ all: [{ fact: 'allergy', params: { classes: ['x'] }, operator: 'equal', value: true }] }),
    ],
    ['an operator', having({ all: [{ ...comparison, operator: 'less' }] })],
    ['a key of a comparison', having({ all: [{ ...comparison, valu: 1 }] })],
    [
      'a fact to compare with',
      having({ all: [{ ...comparison, value: { fact: 'labs', params: {}, path: '$.value' } }] }),
    ],
    [
      'the same in an exemption',
      having({ all: [comparison] }, { unless: { any: [{ ...comparison, fact: 'x' }] } }),
    ],
  ])('%s that is wrong is named', (_, wrong) => expect(problemsOf(validate, wrong)).not.toEqual([]));

  test('every fact with a parameter nobody knows is refused', () => {
    for (const fact of factNames) {
      const asked = { fact, params: { misspelt: 1 }, operator: 'equal', value: true };
      expect(problemsOf(validate, having({ all: [asked] })).join()).toContain('additional properties');
    }
  });
});

describe('client-registry.schema.json', () => {
  const validate = validatorOf('docs/schemas/client-registry.schema.json');
  const [, text = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync('docs/security.md', 'utf8')) ?? [];
  const example: unknown = JSON.parse(text);

  test('takes the example of docs/security.md', () => expect(problemsOf(validate, example)).toEqual([]));

  test('has the fields of the table of docs/security.md, and no others, with what each may hold', () => {
    const guide = readFileSync('docs/security.md', 'utf8');
    const [, table = ''] = /\n(\| field [\s\S]*?)\n\n/.exec(guide) ?? [];
    const rows = new Map(
      table
        .split('\n')
        .slice(2)
        .flatMap((row) => {
          const [, field = '', meaning = ''] = row.split('|');
          const names = [...field.matchAll(/`(\w+)/g)].map(([, name = '']) => name);
          return names.map((name) => [name, `${field} ${meaning}`] as const);
        }),
    );
    const schema: unknown = JSON.parse(
      schemaFiles().get('docs/schemas/client-registry.schema.json') ?? 'null',
    );
    const registry = asObject(asObject(schema)?.properties) ?? {};
    const ofClient = asObject(asObject(asObject(registry.clients)?.items)?.properties) ?? {};
    const fields = Object.entries({ ...registry, ...ofClient }).filter(([name]) => name !== 'clients');
    expect([...rows.keys()].sort()).toEqual(fields.map(([name]) => name).sort());
    for (const [name, field] of fields) {
      const members = Object.keys(asObject(asObject(field)?.properties) ?? {});
      for (const member of members)
        expect(rows.get(name), `${name}.${member}`).toMatch(new RegExp(`\\b${member}\\b`));
    }
  });

  test.each<[string, (client: Json) => Json]>([
    ['a key', (client) => ({ ...client, tennant: 'x' })],
    ['no tenant', ({ tenant: _, ...client }) => client],
    ['a profile', (client) => ({ ...client, profile: 'epick' })],
    ['a limit of critical cards below 1', (client) => ({ ...client, alertLimit: { critical: 0 } })],
    ['an address', (client) => ({ ...client, fhirServers: ['fhir.example.org'] })],
  ])('refuses %s', (_, spoil) => {
    const [client] = isObject(example) && Array.isArray(example.clients) ? example.clients : [];
    expect(problemsOf(validate, { clients: [client] })).toEqual([]);
    expect(problemsOf(validate, { clients: [spoil(client)] })).not.toEqual([]);
  });
});

test('OpenAPI has the generated components as they are', () => {
  expect(openapi.components.schemas).toMatchObject(generatedComponents());
  expect(Object.keys(generatedComponents())).toEqual([
    'FeedbackRequest',
    'FeedbackItem',
    'FactName',
    'FactParams',
    'Duration',
    'ClientRegistry',
  ]);
});

test('OpenAPI says of each parameter which facts take it', () => {
  const { FactParams } = generatedComponents();
  const said = isObject(FactParams?.properties) ? Object.entries(FactParams.properties) : [];
  const uses = said.flatMap(([name, schema]) => {
    const description = isObject(schema) && typeof schema.description === 'string' ? schema.description : '';
    return (/^Of (.*)\.$/.exec(description)?.[1] ?? '').split(', ').map((fact) => `${fact}.${name}`);
  });
  const taken = facts.flatMap(({ name: fact, params }) => {
    if (!(params instanceof z.ZodMiniObject)) throw new Error(`parameters of ${fact} are no object`);
    return Object.keys(params.shape).map((name) => `${fact}.${name}`);
  });
  expect(uses.sort()).toEqual(taken.sort());
});

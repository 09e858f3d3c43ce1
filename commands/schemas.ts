/**
 * JSON Schemas that are generated from the zod schemas the code reads with: parts of the OpenAPI document, and two files
 * that editors complete from. `npm run docs` writes them; a test fails when they are stale.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { feedbackItem, feedbackRequest } from '../functions/service/feedback.ts';
import { registrySchema } from '../functions/trust/registry.ts';
import { factNames, facts } from '../rules/facts/facts.ts';
import { conditionGroup, drugClass, duration, ingredient, labTest } from '../rules/facts/parameters.ts';
import { isObject } from '../rules/fhir/json.ts';
import { numericOperators } from '../rules/logic/range.ts';
import { ruleSchema } from '../rules/rule/document.ts';
import { overrideReasons } from '../rules/rule/override-reasons.ts';
import { conditionGroups } from '../rules/terminology/conditions.ts';
import { drugClasses } from '../rules/terminology/drugs/ingredients.ts';
import { labTestNames } from '../rules/terminology/labs.ts';

const root = resolve(import.meta.dirname, '..');
const openapiFile = 'functions/openapi.json';

type Schema = Record<string, unknown>;
type ToSchema = z.core.ToJSONSchemaParams;
type Override = NonNullable<ToSchema['override']>;

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

/** Without what says nothing: that unknown keys are let through, and the bounds of every whole number. */
function tidy(schema: Schema): void {
  if (isEmpty(schema.additionalProperties)) delete schema.additionalProperties;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function schemaOf(schema: z.core.$ZodType, options: ToSchema = {}): Schema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    ...options,
    override: (context) => {
      options.override?.(context);
      tidy(context.jsonSchema);
    },
  });
  return json;
}

const isCustom = (schema: z.core.$ZodType): boolean => schema._zod.def.type === 'custom';

/** Names of the terminology: each schema of the code stands for one list. */
const namesOfSchema: ReadonlyMap<z.core.$ZodType, string> = new Map<z.core.$ZodType, string>([
  [labTest, 'laboratory-test'],
  [drugClass, 'drug-class'],
  [ingredient, 'ingredient'],
  [conditionGroup, 'condition-group'],
]);

/* ---------- OpenAPI ---------- */

/** In the parameters of a fact: no text is empty; names of the terminology are not listed, since records outlive them. */
const openNames: Override = ({ zodSchema, jsonSchema }) => {
  if (namesOfSchema.has(zodSchema)) delete jsonSchema.enum;
  const isOpen =
    jsonSchema.enum === undefined && jsonSchema.const === undefined && jsonSchema.pattern === undefined;
  if (jsonSchema.type === 'string' && isOpen) jsonSchema.minLength = 1;
};

const durationSchema = schemaOf(duration, { override: openNames });

const variantsOf = (schema: Schema): Schema[] =>
  Array.isArray(schema.anyOf) ? schema.anyOf.filter(isObject).flatMap(variantsOf) : [schema];

const valuesOf = ({ enum: values, const: value }: Schema): unknown[] | null =>
  Array.isArray(values) ? values : value === undefined ? null : [value];

const isAnyText = (schema: Schema): boolean =>
  schema.type === 'string' && valuesOf(schema) === null && schema.pattern === undefined;

/** What a parameter may be in any fact that takes it. */
function mergeVariants(schemas: readonly Schema[]): Schema {
  const variants = [
    ...new Map(schemas.flatMap(variantsOf).map((one) => [JSON.stringify(one), one])).values(),
  ];
  const text = variants.find(isAnyText);
  if (text) return text;
  const values = variants.map(valuesOf);
  if (variants.length > 1 && values.every((list) => list !== null)) {
    return { type: 'string', enum: [...new Set(values.flat())] };
  }
  const referring = variants.map((one) =>
    JSON.stringify(one) === JSON.stringify(durationSchema) ? { $ref: '#/components/schemas/Duration' } : one,
  );
  return referring.length === 1 ? { ...referring[0] } : { anyOf: referring };
}

/** The parameters of all facts as one object: a condition, and each line of its trace, names the fact beside it. */
function factParamsSchema(): Schema {
  const uses = facts.flatMap(({ name: fact, params }) => {
    const { properties } = schemaOf(params, { override: openNames });
    return Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => ({
      fact,
      name,
      schema: isObject(schema) ? schema : {},
    }));
  });
  const properties = [...Map.groupBy(uses, ({ name }) => name)].map(([name, of]) => [
    name,
    {
      ...mergeVariants(of.map(({ schema }) => schema)),
      description: `Of ${[...new Set(of.map(({ fact }) => fact))].join(', ')}.`,
    },
  ]);
  return {
    type: 'object',
    additionalProperties: false,
    description: 'Which a fact takes: docs/rules.md.',
    properties: Object.fromEntries(properties),
  };
}

/** The components of the OpenAPI document that are generated, by name. */
export function generatedComponents(): Readonly<Record<string, Schema>> {
  const item = schemaOf(feedbackItem);
  const request = schemaOf(feedbackRequest, {
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== feedbackItem) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.$ref = '#/components/schemas/FeedbackItem';
    },
  });
  return {
    FeedbackRequest: request,
    FeedbackItem: item,
    FactName: { type: 'string', enum: factNames },
    FactParams: factParamsSchema(),
    Duration: durationSchema,
    ClientRegistry: schemaOf(registrySchema),
  };
}

/** The OpenAPI document with its generated components; the rest of it is written by hand. */
function openapiWithComponents(): Schema {
  const document: unknown = JSON.parse(readFileSync(join(root, openapiFile), 'utf8'));
  if (!isObject(document) || !isObject(document.components) || !isObject(document.components.schemas))
    throw new Error(`${openapiFile} has no components.schemas`);
  const { components } = document;
  return {
    ...document,
    components: { ...components, schemas: { ...document.components.schemas, ...generatedComponents() } },
  };
}

/* ---------- rule.json ---------- */

const definition = (name: string): Schema => ({ $ref: `#/definitions/${name}` });

/** Every list of names that a parameter may be checked against. */
const vocabularies: Readonly<Record<string, readonly string[]>> = {
  'laboratory-test': labTestNames,
  'drug-class': [...drugClasses.keys()].sort(),
  ingredient: [...new Set([...drugClasses.values()].flat().map(({ name }) => name))].sort(),
  'condition-group': [...conditionGroups.keys()].sort(),
  'override-reason': Object.keys(overrideReasons),
};

/** Instead of its names, a reference to the list; a check of our own says by its answers which list it stands for. */
const referToNames: Override = ({ zodSchema, jsonSchema }) => {
  const accepts = (name: string): boolean => z.core.safeParse(zodSchema, name).success;
  const list =
    namesOfSchema.get(zodSchema) ??
    (isCustom(zodSchema)
      ? Object.entries(vocabularies).find(([, names]) => names.every(accepts))?.[0]
      : undefined);
  if (list === undefined) return;
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
  Object.assign(jsonSchema, definition(list));
};
const asDraft7: ToSchema = { target: 'draft-7', override: referToNames };

/** `if` and `then` of JSON Schema. Written out, a member `then` would make the object a promise to `await`. */
const conditional = (condition: Schema, consequence: Schema): Schema =>
  Object.fromEntries([
    ['if', condition],
    ['then', consequence],
  ]);

const paramsOf = (fact: string): string => `params-of-${fact}`;

/** A fact with its parameters, which depend on its name. */
const asksFact = (properties: Schema, required: readonly string[]): Schema => ({
  type: 'object',
  properties: { fact: { enum: factNames }, params: { type: 'object' }, ...properties },
  required: ['fact', 'params', ...required],
  additionalProperties: false,
  allOf: factNames.map((fact) =>
    conditional(
      { properties: { fact: { const: fact } } },
      { properties: { params: definition(paramsOf(fact)) } },
    ),
  ),
});

const path: Schema = { enum: ['$.value', '$.highest', '$.lowerLimit'] };

/** Conditions of json-rules-engine, as rules/rule/document.ts reads them. */
const conditionDefinitions = (): Schema => ({
  conditions: {
    type: 'object',
    description: 'One of `all`, `any` and `not`.',
    properties: {
      all: { type: 'array', minItems: 1, items: definition('condition') },
      any: { type: 'array', minItems: 1, items: definition('condition') },
      not: definition('condition'),
    },
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
  },
  condition: {
    ...conditional({ required: ['fact'] }, definition('comparison')),
    else: definition('conditions'),
  },
  comparison: asksFact(
    {
      path,
      operator: { enum: ['equal', 'in', ...numericOperators.filter((name) => name !== 'equal')] },
      value: {
        anyOf: [
          { type: ['boolean', 'string', 'number'] },
          { type: 'array', items: { type: 'string' } },
          definition('fact'),
        ],
      },
    },
    ['operator', 'value'],
  ),
  fact: asksFact({ path }, ['path']),
  ...Object.fromEntries(
    Object.entries(vocabularies).map(([name, names]) => [name, { type: 'string', enum: names }]),
  ),
  ...Object.fromEntries(facts.map(({ name, params }) => [paramsOf(name), schemaOf(params, asDraft7)])),
});

/** The schema of a rule.json, for editors: names of facts, their parameters, tests, drugs and conditions included. */
function ruleJsonSchema(): Schema {
  const { properties, ...rest } = schemaOf(ruleSchema, asDraft7);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A rule of Epsom',
    ...rest,
    properties: {
      ...(isObject(properties) ? properties : {}),
      conditions: definition('conditions'),
      unless: definition('conditions'),
    },
    definitions: conditionDefinitions(),
  };
}

/* ---------- files ---------- */

const width = 110;

/** JSON as Biome formats it: a list of plain values stays on one line where it fits. */
function print(value: unknown, indent = '', before = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((one) => JSON.stringify(one)).join(', ')}]`;
    const isPlain = value.every((one) => typeof one !== 'object' || one === null);
    if (isPlain && indent.length + before + line.length <= width) return line;
    return `[\n${value.map((one) => inner + print(one, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([name, one]) => {
    const key = `${JSON.stringify(name)}: `;
    return inner + key + print(one, inner, key.length + 1);
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

/** Every file with a generated schema: its path from the root, and its text. */
export const schemaFiles = (): Map<string, string> =>
  new Map(
    Object.entries({
      [openapiFile]: openapiWithComponents(),
      'docs/schemas/rule.schema.json': ruleJsonSchema(),
      'docs/schemas/client-registry.schema.json': {
        $schema: 'http://json-schema.org/draft-07/schema#',
        title: 'The client registry of Epsom',
        ...schemaOf(registrySchema, { target: 'draft-7' }),
      },
    }).map(([file, json]) => [file, `${print(json)}\n`]),
  );

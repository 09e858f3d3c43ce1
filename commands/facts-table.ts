/**
 * The table of facts in docs/rules.md, from their definitions: parameters from the schema, kinds of data from what the
 * definition answers for parameters of every shape.
 */
import * as z from 'zod/mini';
import { type FactVocabulary, facts, type Params } from '../rules/facts/facts.ts';
import { type Category, categories } from '../rules/fhir/categories.ts';
import { isObject } from '../rules/fhir/json.ts';

type Schema = Record<string, unknown>;

/** Lists of names that are longer stand in a file of their own. */
const longestList = 10;

const schemaOf = (schema: z.core.$ZodType): Schema => z.toJSONSchema(schema, { unrepresentable: 'any' });

function propertiesOf(params: z.core.$ZodType): { name: string; schema: Schema; isOptional: boolean }[] {
  const { properties, required } = schemaOf(params);
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => ({
    name,
    schema: isObject(schema) ? schema : {},
    isOptional: !needed.includes(name),
  }));
}

/** The values that a schema lists; empty for one that lists none. */
function listed({ enum: values, const: value, anyOf }: Schema): unknown[] {
  if (Array.isArray(anyOf)) return anyOf.filter(isObject).flatMap(listed);
  return Array.isArray(values) ? values : value === undefined ? [] : [value];
}

/** Whether it may also be a text of its own, such as a window. */
const isOpen = ({ anyOf, type, enum: values, const: value }: Schema): boolean =>
  Array.isArray(anyOf)
    ? anyOf.filter(isObject).some(isOpen)
    : type === 'string' && values === undefined && value === undefined;

/** Values of every shape that a parameter has; of a text without a list, a window. */
function examples(schema: Schema): unknown[] {
  const { type, items, anyOf } = schema;
  if (Array.isArray(anyOf)) return anyOf.filter(isObject).flatMap(examples);
  if (type === 'array') return [isObject(items) ? examples(items).slice(0, 1) : []];
  const values = listed(schema);
  return values.length > 0 ? values : [type === 'number' ? 1 : type === 'boolean' ? true : 'P1D'];
}

/**
 * Parameters as a rule may give them: the required ones, with every value of each once. A check of the schema may still
 * refuse some of them.
 */
export function questionsOf({ params }: FactVocabulary): Params[] {
  const properties = propertiesOf(params);
  const plain = Object.fromEntries(
    properties.filter(({ isOptional }) => !isOptional).map(({ name, schema }) => [name, examples(schema)[0]]),
  );
  return [
    plain,
    ...properties.flatMap(({ name, schema }) =>
      examples(schema).map((value) => ({ ...plain, [name]: value })),
    ),
  ];
}

const code = (text: unknown): string => `\`${String(text)}\``;

function wordParams({ params }: FactVocabulary): string {
  const words = propertiesOf(params).map(({ name, schema, isOptional }) => {
    const values = listed(schema);
    const choices = values.length > longestList ? [] : values.map(code);
    if (choices.length > 0 && isOpen(schema)) choices.push('or a window');
    return `${code(name)}${isOptional ? '?' : ''}${choices.length > 0 ? `: ${choices.join(', ')}` : ''}`;
  });
  return words.join('; ');
}

/** Kinds of data without which it is unknown; in brackets those that it looks at and can do without. */
function wordCategories(fact: FactVocabulary): string {
  const needed = new Set(questionsOf(fact).flatMap((params) => [...fact.categories(params)]));
  const others = fact.uses.categories.filter((category) => !needed.has(category));
  const list = (kinds: Iterable<Category>): string => {
    const all = new Set(kinds);
    return categories
      .filter((category) => all.has(category))
      .map(code)
      .join(', ');
  };
  return [list(needed), others.length > 0 ? `(${list(others)})` : ''].filter((part) => part !== '').join(' ');
}

/** The table, in the order of the list of definitions. */
export function factsTable(): string {
  const rows = facts.map((fact) =>
    [code(fact.name), wordParams(fact), fact.kind, wordCategories(fact), fact.description]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return [
    '| fact | parameters | kind | kinds of data | what it is |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

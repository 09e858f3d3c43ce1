import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import document from '../../functions/openapi.json' with { type: 'json' };

export type Json = Record<string, unknown>;
export const paths: Record<string, Json> = document.paths;
export const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

export const ajv = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allowUnionTypes: true,
});
addFormats.default(ajv);
ajv.addVocabulary(Object.keys(document));
ajv.addSchema(document, 'epsom', undefined, false);

/** What is wrong with a value by the schema at a JSON pointer of the document; empty when nothing is. */
export function schemaProblems(pointer: string, value: unknown): string[] {
  const validate = ajv.getSchema(`epsom#${pointer}`);
  if (!validate) throw new Error(`no schema at ${pointer}`);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
export const byName = (name: string, value: unknown): string[] =>
  schemaProblems(`/components/schemas/${name}`, value);

export const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Follows `$ref` from a pointer to where the thing itself is. */
export function resolved(pointer: string): { pointer: string; value: Json } {
  let value: unknown = document;
  for (const key of pointer.split('/').slice(1)) {
    value = (value as Json | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  const found = value as Json | undefined;
  if (!found) throw new Error(`nothing at ${pointer}`);
  return typeof found.$ref === 'string' ? resolved(found.$ref.slice(1)) : { pointer, value: found };
}

/** Every path, method and status the document knows: `POST /evaluate 400`. */
export const documented = Object.entries(paths).flatMap(([path, item]) =>
  methods.flatMap((method) => {
    const operation = item[method] as { responses: Json } | undefined;
    return Object.keys(operation?.responses ?? {}).map(
      (status) => `${method.toUpperCase()} ${path} ${status}`,
    );
  }),
);

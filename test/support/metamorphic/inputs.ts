/** What is retold: the cases of every rule, the handed records, and third-party files where they lie beside the project. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Hook, isHook } from '../../../rules/fhir/hooks.ts';
import { isObject, type Json } from '../../../rules/fhir/json.ts';
import { evaluatedAt, parseCases } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { cases } from '../../../rules/library/cases.ts';
import { library } from '../../../rules/library/library.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import type { Input } from './input.ts';

const at = '2026-01-31T12:00:00Z';

const inputOf = (name: string, body: Json, hook: Hook): Input => {
  const known = isHook(body.hook) ? body.hook : hook;
  return isObject(body.context)
    ? { name, hook: known, at, context: body.context, prefetch: isObject(body.prefetch) ? body.prefetch : {} }
    : { name, hook, at, bundle: body };
};

/** Every case of every rule, as the call of its hook. */
export function caseInputs(): Input[] {
  return cases.flatMap(({ where, json }) => {
    const document = library.find((one) => one.where.startsWith(where));
    const [first] = document ? parseRule(document.json, document.where).hooks : [];
    if (!first) return [];
    return parseCases(json, where).map((one, index) => {
      return { name: `${where} ${index}`, at: evaluatedAt, ...requestOf(one, first) };
    });
  });
}

const parsed = (path: string): Json | null => {
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
};

function folderInputs(root: string): Input[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && !/expected|open|MANIFEST/.test(name))
    .sort()
    .flatMap((name) => {
      const body = parsed(join(root, name));
      return body ? [inputOf(name, body, 'order-sign')] : [];
    });
}

export const recordInputs = (): Input[] => folderInputs(resolve(import.meta.dirname, '../../records'));

const corpus = resolve(import.meta.dirname, '../../../../shared/corpus');
export const hasCorpus = existsSync(corpus);
export const corpusInputs = (): Input[] => (hasCorpus ? folderInputs(corpus) : []);

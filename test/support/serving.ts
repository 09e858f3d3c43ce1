/**
 * A real server on a free port with an in-memory DynamoDB, and small ways to speak to it. Every answer of a CDS
 * Hooks service and every discovery that a test sees is held against the published invariants.
 */

import { readSettings } from '../../functions/config/settings.ts';
import { type Running, start } from '../../functions/local.ts';
import { isObject, type Json } from '../../rules/fhir/json.ts';
import { invariantProblems } from './cds-hooks-invariants.ts';

export const serving = (
  env: Record<string, string> = {},
  options: Parameters<typeof start>[1] = { memory: true },
): Promise<Running> => start(readSettings({ PORT: '0', ...env }), options);

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
  text: string;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  const answer = {
    status: response.status,
    headers: response.headers,
    body: isObject(parsed) ? parsed : {},
    text,
  };
  keepsInvariants(response.url, answer);
  return answer;
}

/** @throws Error naming each invariant that an answer of CDS Hooks breaks */
function keepsInvariants(url: string, { status, body }: Answer): void {
  const path = url === '' ? '' : new URL(url).pathname;
  if (status !== 200 || !/^\/cds-services(\/[^/]+)?$/.test(path)) return;
  const hook = path.split('/')[2];
  const problems = hook === undefined ? invariantProblems(body) : invariantProblems(body, hook);
  if (problems.length > 0) throw new Error(`${path} answered against CDS Hooks:\n${problems.join('\n')}`);
}

export const post = async (
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  answerOf(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    }),
  );

export const get = async (url: string): Promise<Answer> => answerOf(await fetch(url));

/** The sentence of an OperationOutcome. */
export const diagnostics = ({ body }: Answer): string => {
  const issue: unknown = Array.isArray(body.issue) ? body.issue[0] : undefined;
  return isObject(issue) && typeof issue.diagnostics === 'string' ? issue.diagnostics : '';
};

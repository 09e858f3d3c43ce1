import { request as httpRequest } from 'node:http';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { readSettings } from '../../functions/config/settings.ts';
import { type Running, start } from '../../functions/local.ts';
import { LogUnavailable } from '../../functions/log/decision-log.ts';
import type { Env } from '../../functions/service/call.ts';
import type { Service } from '../../functions/service/service.ts';
import { overrideReasonSystem } from '../../rules/rule/override-reasons.ts';
import { invariantProblems } from './cds-hooks-invariants.ts';
import { byName, type Json } from './openapi.ts';
import { at, hookRequest, richBundle } from './openapi-requests.ts';
import { newIssuer, servingFor, tokenOf } from './trust.ts';

export const ehr = await newIssuer('https://ehr.example.org');
export const otherEhr = await newIssuer('https://other.example.org');
export const people = await newIssuer('https://people.example.org');

export let running: Running;
/** The same with a client registry. */
export let registered: Running;
/** Starts both before the tests of a file, and ends them after. */
export function useServers(): void {
  beforeAll(async () => {
    const settings = readSettings({ PORT: '0', EPSOM_MAX_BODY: '100000' });
    running = await start(settings, { memory: true });
    running.service.report = () => undefined;
    const client = { profile: 'generic', fhirServers: [], origins: [], rules: { off: [] } };
    registered = await servingFor(
      {
        clients: [
          { ...client, issuer: ehr.issuer, tenant: 'north', jwks: { keys: [ehr.jwk] } },
          { ...client, issuer: otherEhr.issuer, tenant: 'south', jwks: { keys: [otherEhr.jwk] } },
        ],
        auditors: { issuer: people.issuer, audience: 'epsom', jwks: { keys: [people.jwk] } },
      },
      {},
      { memory: true, report: () => undefined },
    );
  });
  afterAll(async () => {
    await running.close();
    await registered.close();
  });
}

export const get = (path: string): Promise<Response> => fetch(`${running.url}${path}`);
export const post = (path: string, body: unknown, type = 'application/json'): Promise<Response> =>
  fetch(`${running.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** With a Host header of our choice, which fetch does not allow. */
export const asHost = (method: string, path: string): Promise<Response> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(running.url);
    const sent = httpRequest(
      { host: '127.0.0.1', port, path, method, headers: { host: 'rebound.example' } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [
            name,
            String(value),
          ]);
          resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 0, headers }));
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });

/** As on AWS, where an unsigned request has no IAM caller. */
export const unsigned = async (
  part: (service: Service) => Hono<Env>,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> =>
  part({ ...running.service, open: false }).request(path, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });

/** To the server with a registry, with a token or without. */
export const withToken = (
  token: string | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> =>
  fetch(`${registered.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
export const asEhr = async (method: string, path: string, body?: unknown, claims: Json = {}, issuer = ehr) =>
  withToken(
    await tokenOf(issuer, new Date(), { aud: `${registered.url}${path}`, ...claims }),
    method,
    path,
    body,
  );
export const asPerson = async (method: string, path: string, body?: unknown, claims: Json = {}) =>
  withToken(
    await tokenOf(people, new Date(), { aud: 'epsom', tenant: 'north', scope: 'openid', ...claims }),
    method,
    path,
    body,
  );

export type LogMethod = 'countsOf' | 'append' | 'find' | 'list' | 'addFeedback' | 'addAccess';
/** While the decision log fails in one of its methods. */
export async function failing(
  method: LogMethod,
  error: Error,
  send: () => Promise<Response>,
): Promise<Response> {
  const spy = vi.spyOn(running.service.log, method).mockRejectedValue(error);
  try {
    return await send();
  } finally {
    spy.mockRestore();
  }
}
export const down = new LogUnavailable('down');
export const bug = new Error('bug');

export const decided = async (body: unknown = richBundle): Promise<string> =>
  (await post(`/evaluate?at=${at}&hook=order-sign`, body)).headers.get('epsom-decision') ?? '';
export const refused = async (): Promise<string> =>
  (await post('/evaluate', '{', 'application/json')).headers.get('epsom-decision') ?? '';
export const huge = JSON.stringify({ resourceType: 'Bundle', id: 'x'.repeat(200_000) });

/** A real card of the order-sign service, and the answer to feedback on it. */
export async function feedbackGiven(): Promise<Response> {
  const answer = await post('/cds-services/order-sign', hookRequest());
  const { cards } = (await answer.json()) as { cards: { uuid: string; suggestions?: { uuid: string }[] }[] };
  const feedback = cards.flatMap(({ uuid, suggestions }) => [
    {
      card: uuid,
      outcome: 'overridden',
      outcomeTimestamp: at,
      overrideReason: { reason: { system: overrideReasonSystem, code: 'emergency' }, userComment: 'x' },
    },
    ...(suggestions?.[0]
      ? [
          {
            card: uuid,
            outcome: 'accepted',
            outcomeTimestamp: at,
            acceptedSuggestions: [{ id: suggestions[0].uuid }],
          },
        ]
      : []),
  ]);
  expect(feedback.length).toBeGreaterThan(1);
  expect(invariantProblems({ feedback })).toEqual([]);
  expect(byName('FeedbackRequest', { feedback })).toEqual([]);
  return post('/cds-services/order-sign/feedback', { feedback });
}
/** The record of a service call with feedback on its cards. */
export async function withFeedback(): Promise<string> {
  await feedbackGiven();
  return (await post('/cds-services/order-sign', hookRequest())).headers.get('epsom-decision') ?? '';
}

export const auditor = { scope: 'openid epsom/decisions.read' };

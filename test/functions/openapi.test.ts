/**
 * The OpenAPI document against the running server: real answers of every path, method and status must satisfy
 * the schemas, and the document must say no more and no less than the server does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
// Long loops leave the server, which is in this process, time to see to its connections.
import { setImmediate as breath } from 'node:timers/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cdsServices } from '../../functions/cds-services.ts';
import { readSettings } from '../../functions/config/settings.ts';
import { decisions } from '../../functions/decisions.ts';
import { evaluate } from '../../functions/evaluate.ts';
import { fhir } from '../../functions/fhir.ts';
import { type Running, start } from '../../functions/local.ts';
import { LogUnavailable } from '../../functions/log/decision-log.ts';
import document from '../../functions/openapi.json' with { type: 'json' };
import type { Env } from '../../functions/service/call.ts';
import type { Service } from '../../functions/service/service.ts';
import { answerSystem, ruleSystem } from '../../rules/cards/finding-card.ts';
import { decide } from '../../rules/decide.ts';
import { categories } from '../../rules/fhir/categories.ts';
import { noticeCodes } from '../../rules/fhir/notice.ts';
import { chain, type DecisionRecord, mergeRecord, recordOf, splitRecord } from '../../rules/record.ts';
import { factParams, hooks } from '../../rules/rule/document.ts';
import { overrideReasonSystem, overrideReasons } from '../../rules/rule/override-reasons.ts';
import { invariantProblems } from '../support/cds-hooks-invariants.ts';
import { newIssuer, servingFor, tokenOf } from '../support/trust.ts';

type Json = Record<string, unknown>;
const paths: Record<string, Json> = document.paths;
const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
addFormats.default(ajv);
ajv.addVocabulary(Object.keys(document));
ajv.addSchema(document, 'epsom', undefined, false);

/** What is wrong with a value by the schema at a JSON pointer of the document; empty when nothing is. */
function schemaProblems(pointer: string, value: unknown): string[] {
  const validate = ajv.getSchema(`epsom#${pointer}`);
  if (!validate) throw new Error(`no schema at ${pointer}`);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
const byName = (name: string, value: unknown): string[] =>
  schemaProblems(`/components/schemas/${name}`, value);

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Follows `$ref` from a pointer to where the thing itself is. */
function resolved(pointer: string): { pointer: string; value: Json } {
  let value: unknown = document;
  for (const key of pointer.split('/').slice(1)) {
    value = (value as Json | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  const found = value as Json | undefined;
  if (!found) throw new Error(`nothing at ${pointer}`);
  return typeof found.$ref === 'string' ? resolved(found.$ref.slice(1)) : { pointer, value: found };
}

/** Every path, method and status the document knows: `POST /evaluate 400`. */
const documented = Object.entries(paths).flatMap(([path, item]) =>
  methods.flatMap((method) => {
    const operation = item[method] as { responses: Json } | undefined;
    return Object.keys(operation?.responses ?? {}).map(
      (status) => `${method.toUpperCase()} ${path} ${status}`,
    );
  }),
);

// --- Requests ----------------------------------------------------------------------------------------------

const at = '2026-01-31T12:00:00Z';
const example = (name: string): string => readFileSync(`docs/examples/${name}.json`, 'utf8');
const subject = { reference: 'Patient/1' };
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const rxnorm = (code: string) => ({
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
});
const lab = (id: string, code: string, value: number, unit: string | null, more: Json = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: loinc(code),
  subject,
  effectiveDateTime: '2026-01-30T08:00:00Z',
  valueQuantity: unit ? { value, unit } : { value },
  ...more,
});
const bundleOf = (...resources: Json[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
});
const draft = {
  resourceType: 'MedicationRequest',
  id: 'draft-1',
  status: 'draft',
  intent: 'order',
  medicationCodeableConcept: rxnorm('6585'),
  subject,
  dosageInstruction: [
    {
      timing: { repeat: { duration: 1, durationUnit: 'h' } },
      route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] },
      doseAndRate: [{ doseQuantity: { value: 2, code: 'g' } }],
    },
  ],
};
/** Something of everything a chart can hold: used, unused, one-sided, stale, unresolved, withdrawn. */
const richBundle = bundleOf(
  { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1954' },
  lab('mg', '19123-9', 0.7, 'mmol/L', { meta: { versionId: '3' } }),
  lab('mg-none', '19123-9', 0.9, null),
  lab('mg-old', '19123-9', 1.4, 'mg/dL', { effectiveDateTime: '2020-01' }),
  lab('crea', '2160-0', 8, 'mg/dL', { valueQuantity: { value: 8, comparator: '>', unit: 'mg/dL' } }),
  lab('crea-past', '2160-0', 0.9, 'mg/dL', { effectiveDateTime: '2026-01-29T08:00:00Z' }),
  lab('egfr', '48642-3', 55, 'mL/min/{1.73_m2}'),
  lab('k', '2823-3', 3.1, 'mmol/L', {
    status: 'preliminary',
    referenceRange: [{ low: { value: 3.5, unit: 'mmol/L' } }],
  }),
  lab('k-withdrawn', '2823-3', 3, 'mmol/L', { status: 'entered-in-error' }),
  lab('ca', '17861-6', 8.1, 'mg/dL', {
    valueQuantity: undefined,
    dataAbsentReason: { coding: [{ code: 'unknown' }] },
  }),
  lab('due', '11778-8', 0, null, { valueQuantity: undefined, valueDateTime: '2026-06-01' }),
  lab('undated', '2601-3', 0.4, 'mmol/L', { effectiveDateTime: undefined }),
  {
    resourceType: 'MedicationStatement',
    id: 'ppi',
    status: 'active',
    medicationCodeableConcept: rxnorm('7646'),
    subject,
    effectivePeriod: { start: '2024-01-15' },
  },
  {
    resourceType: 'MedicationStatement',
    id: 'over',
    status: 'completed',
    medicationCodeableConcept: rxnorm('318341'),
    subject,
  },
  {
    resourceType: 'MedicationStatement',
    id: 'riddle',
    status: 'unknown',
    medicationCodeableConcept: { text: 'x' },
    subject,
  },
  {
    resourceType: 'Condition',
    id: 'mg',
    code: { coding: [{ system: 'http://snomed.info/sct', code: '91637004' }] },
    subject,
  },
  {
    resourceType: 'AllergyIntolerance',
    id: 'allergy',
    code: rxnorm('7646'),
    patient: subject,
  },
  {
    resourceType: 'Encounter',
    id: 'stay',
    status: 'in-progress',
    class: { code: 'IMP' },
    subject,
    period: { start: '2026-01-29T08:00:00Z' },
  },
  {
    resourceType: 'ServiceRequest',
    id: 'ecg',
    status: 'draft',
    intent: 'order',
    code: loinc('11524-6'),
    subject,
  },
  draft,
);

const hookRequest = (more: Json = {}) => ({
  hook: 'order-sign',
  hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
  context: { patientId: '1', userId: 'Practitioner/9', draftOrders: bundleOf(draft) },
  prefetch: { patient: { resourceType: 'Patient', id: '1' }, conditions: null, more: richBundle },
  ...more,
});
const unread = { card: '4e0a3a1e-8d83-4477-a9f4-8b0b6b1f2f6d', outcome: 'overridden', outcomeTimestamp: at };

const ehr = await newIssuer('https://ehr.example.org');
const otherEhr = await newIssuer('https://other.example.org');
const people = await newIssuer('https://people.example.org');

let running: Running;
/** The same with a client registry. */
let registered: Running;
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

const get = (path: string): Promise<Response> => fetch(`${running.url}${path}`);
const post = (path: string, body: unknown, type = 'application/json'): Promise<Response> =>
  fetch(`${running.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** With a Host header of our choice, which fetch does not allow. */
const asHost = (method: string, path: string): Promise<Response> =>
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
const unsigned = async (
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
const withToken = (token: string | null, method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${registered.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const asEhr = async (method: string, path: string, body?: unknown, claims: Json = {}, issuer = ehr) =>
  withToken(
    await tokenOf(issuer, new Date(), { aud: `${registered.url}${path}`, ...claims }),
    method,
    path,
    body,
  );
const asPerson = async (method: string, path: string, body?: unknown, claims: Json = {}) =>
  withToken(
    await tokenOf(people, new Date(), { aud: 'epsom', tenant: 'north', scope: 'openid', ...claims }),
    method,
    path,
    body,
  );

type LogMethod = 'append' | 'find' | 'list' | 'addFeedback' | 'addAccess';
/** While the decision log fails in one of its methods. */
async function failing(method: LogMethod, error: Error, send: () => Promise<Response>): Promise<Response> {
  const spy = vi.spyOn(running.service.log, method).mockRejectedValue(error);
  try {
    return await send();
  } finally {
    spy.mockRestore();
  }
}
const down = new LogUnavailable('down');
const bug = new Error('bug');

const decided = async (body: unknown = richBundle): Promise<string> =>
  (await post(`/evaluate?at=${at}&hook=order-sign`, body)).headers.get('epsom-decision') ?? '';
const refused = async (): Promise<string> =>
  (await post('/evaluate', '{', 'application/json')).headers.get('epsom-decision') ?? '';
const huge = JSON.stringify({ resourceType: 'Bundle', id: 'x'.repeat(200_000) });

/** A real card of the order-sign service, and the answer to feedback on it. */
async function feedbackGiven(): Promise<Response> {
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
async function withFeedback(): Promise<string> {
  await feedbackGiven();
  return (await post('/cds-services/order-sign', hookRequest())).headers.get('epsom-decision') ?? '';
}

const auditor = { scope: 'openid epsom/decisions.read' };

type Send = () => Promise<Response>;
/** Real exchanges by path, method and status; the sentence says what is sent. */
const exchanges: Record<string, Record<string, Send>> = {
  'GET /health 200': { 'a running server': () => get('/health') },
  'GET /openapi.json 200': { 'a running server': () => get('/openapi.json') },
  'GET /cds-services 200': {
    'a running server': () => get('/cds-services'),
    'a registered EHR': () => asEhr('GET', '/cds-services'),
  },
  'GET /cds-services 401': {
    'no token': () => withToken(null, 'GET', '/cds-services'),
  },
  'GET /cds-services 403': {
    'a token of another organisation': () => asEhr('GET', '/cds-services', undefined, { tenant: 'south' }),
  },
  'POST /cds-services/{id} 200': {
    'a registered EHR': () => asEhr('POST', '/cds-services/order-sign', hookRequest()),
    'an order with findings': () => post('/cds-services/order-sign', hookRequest()),
    'the same request again': () => post('/cds-services/order-sign', hookRequest()),
    'nothing to say': () =>
      post('/cds-services/patient-view', {
        hook: 'patient-view',
        hookInstance: '1',
        context: { patientId: '1' },
        prefetch: { patient: { resourceType: 'Patient', id: '1' } },
      }),
    'an order that cannot be checked': () =>
      post('/cds-services/order-select', {
        ...hookRequest({ hook: 'order-select' }),
        context: { patientId: '1', draftOrders: bundleOf(draft), selections: ['MedicationRequest/draft-1'] },
        prefetch: { patient: { resourceType: 'Patient', id: '1' } },
      }),
  },
  'POST /cds-services/{id} 400': {
    'no JSON': () => post('/cds-services/order-sign', '{"hook":'),
    'an array': () => post('/cds-services/order-sign', []),
    'another hook': () => post('/cds-services/order-sign', hookRequest({ hook: 'patient-view' })),
    'no hookInstance': () => post('/cds-services/order-sign', hookRequest({ hookInstance: undefined })),
    'no patientId': () => post('/cds-services/order-sign', hookRequest({ context: {} })),
    'JSON nested 1,000 deep': () =>
      post('/cds-services/order-sign', `${'['.repeat(1000)}${']'.repeat(1000)}`),
  },
  'POST /cds-services/{id} 401': {
    'no token': () => withToken(null, 'POST', '/cds-services/order-sign', hookRequest()),
    'an unsigned request': () => unsigned(cdsServices, 'POST', '/cds-services/order-sign', hookRequest()),
  },
  'POST /cds-services/{id} 403': {
    'a token of another organisation': () =>
      asEhr('POST', '/cds-services/order-sign', hookRequest(), { tenant: 'south' }),
  },
  'POST /cds-services/{id} 404': {
    'another service': () => post('/cds-services/appointment-book', hookRequest()),
  },
  'POST /cds-services/{id} 412': {
    'no prefetch': () => post('/cds-services/order-sign', hookRequest({ prefetch: undefined })),
  },
  'POST /cds-services/{id} 413': { '200 kB of 100 kB': () => post('/cds-services/order-sign', huge) },
  'POST /cds-services/{id} 415': { text: () => post('/cds-services/order-sign', 'x', 'text/plain') },
  'POST /cds-services/{id} 500': {
    'a bug': () =>
      failing('append', bug, () => post('/cds-services/order-sign', hookRequest({ hookInstance: '5' }))),
  },
  'POST /cds-services/{id} 503': {
    'no log': () =>
      failing('append', down, () => post('/cds-services/order-sign', hookRequest({ hookInstance: '6' }))),
  },
  'POST /cds-services/{id}/feedback 200': {
    'real cards': feedbackGiven,
    'a card nobody knows': () => post('/cds-services/order-sign/feedback', { feedback: [unread] }),
  },
  'POST /cds-services/{id}/feedback 400': {
    'no list': () => post('/cds-services/order-sign/feedback', {}),
    'one bad item': () => post('/cds-services/order-sign/feedback', { feedback: [unread, { card: 1 }] }),
  },
  'POST /cds-services/{id}/feedback 401': {
    'no token': () => withToken(null, 'POST', '/cds-services/order-sign/feedback', { feedback: [unread] }),
    'an unsigned request': () =>
      unsigned(cdsServices, 'POST', '/cds-services/order-sign/feedback', { feedback: [unread] }),
  },
  'POST /cds-services/{id}/feedback 403': {
    'a token of another organisation': () =>
      asEhr('POST', '/cds-services/order-sign/feedback', { feedback: [unread] }, { tenant: 'south' }),
  },
  'POST /cds-services/{id}/feedback 404': {
    'a card of another organisation': async () => {
      const answer = await asEhr('POST', '/cds-services/order-sign', hookRequest());
      const { cards } = (await answer.json()) as { cards: { uuid: string }[] };
      const feedback = [{ ...unread, card: cards[0]?.uuid }];
      return asEhr('POST', '/cds-services/order-sign/feedback', { feedback }, {}, otherEhr);
    },
    'another service': () => post('/cds-services/x/feedback', { feedback: [unread] }),
  },
  'POST /cds-services/{id}/feedback 413': {
    '200 kB of 100 kB': () => post('/cds-services/order-sign/feedback', huge),
  },
  'POST /cds-services/{id}/feedback 415': {
    text: () => post('/cds-services/order-sign/feedback', 'x', 'text/plain'),
  },
  'POST /cds-services/{id}/feedback 500': {
    'a bug': () =>
      failing('addFeedback', bug, () => post('/cds-services/order-sign/feedback', { feedback: [unread] })),
  },
  'POST /cds-services/{id}/feedback 503': {
    'no log': () =>
      failing('addFeedback', down, () => post('/cds-services/order-sign/feedback', { feedback: [unread] })),
  },
  'POST /evaluate 200': {
    'a problem just entered': () => post(`/evaluate?at=${at}&hook=problem-list-item-create`, richBundle),
    'an allergy just entered': () => post(`/evaluate?at=${at}&hook=allergyintolerance-create`, richBundle),
    'a refill of what is taken': () =>
      post(
        `/evaluate?at=${at}&hook=medication-refill`,
        bundleOf(
          { resourceType: 'Patient', id: '1' },
          { ...draft, medicationCodeableConcept: rxnorm('6809'), dosageInstruction: [] },
          {
            resourceType: 'MedicationStatement',
            id: 'taken',
            status: 'active',
            medicationCodeableConcept: rxnorm('6809'),
            subject,
          },
        ),
      ),
    'an engineer': () => asPerson('POST', '/evaluate', richBundle, { scope: 'epsom/evaluate' }),
    'low-magnesium.json': () => post(`/evaluate?at=${at}`, example('low-magnesium'), 'application/fhir+json'),
    'no-unit.json': () => post(`/evaluate?at=${at}`, example('no-unit')),
    'iv-magnesium-myasthenia.json': () =>
      post(`/evaluate?at=${at}&hook=order-sign`, example('iv-magnesium-myasthenia')),
    'something of everything': () => post(`/evaluate?at=${at}&hook=order-sign`, richBundle),
    'something of everything, opened': () => post(`/evaluate?at=${at}`, richBundle),
    'a bare resource': () => post(`/evaluate?at=2026-01-31`, lab('mg', '19123-9', 0.9, 'mg/dL')),
    'a resource of nobody': () =>
      post(`/evaluate?at=${at}`, { resourceType: 'Observation', code: loinc('19123-9') }),
    'a recorded CDS Hooks request': () => post(`/evaluate?at=${at}`, hookRequest()),
    'one of two patients': () =>
      post(
        '/evaluate?patient=1',
        bundleOf({ resourceType: 'Patient', id: '1' }, { resourceType: 'Patient', id: '2' }),
      ),
  },
  'POST /evaluate 400': {
    'no JSON': () => post('/evaluate', '{'),
    'an empty bundle': () => post('/evaluate', { resourceType: 'Bundle', type: 'collection' }),
    'no FHIR': () => post('/evaluate', { a: 1 }),
    'an unknown hook': () => post('/evaluate?hook=x', richBundle),
    'a time that is none': () => post('/evaluate?at=yesterday', richBundle),
    'an unknown parameter': () => post('/evaluate?when=now', richBundle),
    'two patients': () =>
      post('/evaluate', bundleOf({ resourceType: 'Patient', id: '1' }, { resourceType: 'Patient', id: '2' })),
    'a patient who is not in it': () => post('/evaluate?patient=7', richBundle),
  },
  'POST /evaluate 401': {
    'an unsigned request': () => unsigned(evaluate, 'POST', '/evaluate', richBundle),
    'no token': () => withToken(null, 'POST', '/evaluate', richBundle),
  },
  'POST /evaluate 403': {
    'no scope': () => asPerson('POST', '/evaluate', richBundle),
    'a token of an EHR': () => asEhr('POST', '/evaluate', richBundle),
  },
  'POST /evaluate 412': {
    'a recorded request without data': () => post('/evaluate', hookRequest({ prefetch: null })),
  },
  'POST /evaluate 413': { '200 kB of 100 kB': () => post('/evaluate', huge) },
  'POST /evaluate 415': { text: () => post('/evaluate', 'x', 'text/plain') },
  'POST /evaluate 500': { 'a bug': () => failing('append', bug, () => post('/evaluate', richBundle)) },
  'POST /evaluate 503': { 'no log': () => failing('append', down, () => post('/evaluate', richBundle)) },
  'GET /decisions 200': {
    'an auditor': () => asPerson('GET', '/decisions?patient=1', undefined, auditor),
    'a patient with decisions': async () => {
      await withFeedback();
      await decided();
      return get('/decisions?patient=1&limit=2');
    },
    'the second page': async () => {
      const page = (await (await get('/decisions?patient=1&limit=1')).json()) as { next: string };
      return get(`/decisions?patient=1&limit=1&cursor=${encodeURIComponent(page.next)}`);
    },
    'a patient without': () => get('/decisions?patient=nobody&from=2026-01-01&to=2026-12-31'),
    'no filter': () => get('/decisions'),
    'all filters': () =>
      get(
        '/decisions?patient=1&rule=IV-001&service=order-sign&client=local&outcome=overridden&indicator=critical&limit=5',
      ),
    'a limit of 1,000,000,000': () => get('/decisions?patient=nobody&limit=1000000000'),
    'a limit of 1e9': () => get('/decisions?patient=nobody&limit=1e9'),
  },
  'GET /decisions 400': {
    'limit 0': () => get('/decisions?patient=1&limit=0'),
    'limit -1': () => get('/decisions?limit=-1'),
    'limit many': () => get('/decisions?limit=many'),
    'an outcome that is none': () => get('/decisions?outcome=ignored'),
    'a cursor of another filter': async () => {
      await decided();
      await decided();
      const page = (await (await get('/decisions?patient=1&limit=1')).json()) as { next: string };
      return get(`/decisions?patient=2&limit=1&cursor=${encodeURIComponent(page.next)}`);
    },
    'a cursor of our own': () => get('/decisions?patient=1&cursor=abc'),
    'an unknown filter': () => get('/decisions?patient=1&colour=red'),
    'from after to': () => get('/decisions?patient=1&from=2026-02-01&to=2026-01-01'),
  },
  'GET /decisions 401': {
    'an unsigned request': () => unsigned(decisions, 'GET', '/decisions?patient=1'),
    'no token': () => withToken(null, 'GET', '/decisions?patient=1'),
  },
  'GET /decisions 403': {
    'no scope': () => asPerson('GET', '/decisions?patient=1'),
    'no tenant': () => asPerson('GET', '/decisions?patient=1', undefined, { tenant: undefined }),
  },
  'GET /decisions 500': { 'a bug': () => failing('list', bug, () => get('/decisions?patient=1')) },
  'GET /decisions 503': { 'no log': () => failing('list', down, () => get('/decisions?patient=1')) },
  'GET /decisions/{id} 200': {
    'an evaluation': async () => get(`/decisions/${await decided()}`),
    'a service call with feedback': async () => get(`/decisions/${await withFeedback()}`),
    'a refused request': async () => get(`/decisions/${await refused()}`),
  },
  'GET /decisions/{id} 401': {
    'no token': () => withToken(null, 'GET', '/decisions/0123456789abcdef'),
    'an unsigned request': () => unsigned(decisions, 'GET', '/decisions/0123456789abcdef'),
  },
  'GET /decisions/{id} 403': {
    'a decision of another organisation': async () => {
      const made = await asEhr('POST', '/cds-services/order-sign', hookRequest());
      const id = made.headers.get('epsom-decision');
      return asPerson('GET', `/decisions/${id}`, undefined, { ...auditor, tenant: 'south' });
    },
  },
  'GET /decisions/{id} 404': { 'no such decision': () => get('/decisions/0123456789abcdef0123456789abcdef') },
  'GET /decisions/{id} 500': {
    'a bug': () => failing('find', bug, () => get('/decisions/0123456789abcdef')),
  },
  'GET /decisions/{id} 503': {
    'no log': () => failing('find', down, () => get('/decisions/0123456789abcdef')),
  },
  'GET /decisions/export 200': {
    'a patient as NDJSON': async () => {
      await withFeedback();
      await refused();
      return get('/decisions/export?patient=1');
    },
    'all as NDJSON': () => get('/decisions/export'),
    'all as CSV': () => get('/decisions/export?format=csv'),
    'what follows a decision': async () => get(`/decisions/export?after=${await decided()}`),
  },
  'GET /decisions/export 400': {
    'another format': () => get('/decisions/export?format=xml'),
    'a page of it': () => get('/decisions/export?limit=5'),
    'after no decision': () => get('/decisions/export?after=0123456789abcdef0123456789abcdef'),
  },
  'GET /decisions/export 403': { 'no scope': () => asPerson('GET', '/decisions/export') },
  'GET /decisions/{id}/proof 403': { 'no scope': () => asPerson('GET', '/decisions/0123456789abcdef/proof') },
  'GET /fhir/AuditEvent 403': { 'no scope': () => asPerson('GET', '/fhir/AuditEvent') },
  'GET /fhir/AuditEvent/$bundle 403': { 'no scope': () => asPerson('GET', '/fhir/AuditEvent/$bundle') },
  'GET /fhir/AuditEvent/{id} 403': { 'no scope': () => asPerson('GET', '/fhir/AuditEvent/0123456789abcdef') },
  'GET /fhir/GuidanceResponse 403': { 'no scope': () => asPerson('GET', '/fhir/GuidanceResponse') },
  'GET /fhir/GuidanceResponse/{id} 403': {
    'no scope': () => asPerson('GET', '/fhir/GuidanceResponse/0123456789abcdef'),
  },
  'GET /decisions/export 401': {
    'an unsigned request': () => unsigned(decisions, 'GET', '/decisions/export'),
  },
  'GET /decisions/export 500': { 'a bug': () => failing('addAccess', bug, () => get('/decisions/export')) },
  'GET /decisions/export 503': { 'no log': () => failing('addAccess', down, () => get('/decisions/export')) },
  'GET /decisions/{id}/proof 200': {
    'a sealed decision': async () => {
      const id = await decided();
      await running.service.sealer.seal();
      return get(`/decisions/${id}/proof`);
    },
    'since the first seal': async () => {
      const id = await decided();
      await running.service.sealer.seal();
      return get(`/decisions/${id}/proof?since=1`);
    },
  },
  'GET /decisions/{id}/proof 400': {
    'since a seal that is none': async () => {
      const id = await decided();
      await running.service.sealer.seal();
      return get(`/decisions/${id}/proof?since=1000`);
    },
  },
  'GET /decisions/{id}/proof 401': {
    'an unsigned request': () => unsigned(decisions, 'GET', '/decisions/0123456789abcdef/proof'),
  },
  'GET /decisions/{id}/proof 404': { 'no such decision': () => get('/decisions/0123456789abcdef/proof') },
  'GET /decisions/{id}/proof 409': {
    'a decision not sealed yet': async () => get(`/decisions/${await decided()}/proof`),
  },
  'GET /decisions/{id}/proof 500': {
    'a bug': () => failing('find', bug, () => get('/decisions/0123456789abcdef/proof')),
  },
  'GET /decisions/{id}/proof 503': {
    'no log': () => failing('find', down, () => get('/decisions/0123456789abcdef/proof')),
  },
  'POST /decisions/{id}/replay 200': {
    'an evaluation': async () => post(`/decisions/${await decided()}/replay`, ''),
    'an evaluation of low-magnesium.json': async () =>
      post(`/decisions/${await decided(example('low-magnesium'))}/replay`, ''),
    'under the rules of today': async () => post(`/decisions/${await decided()}/replay?ruleset=current`, ''),
  },
  'POST /decisions/{id}/replay 400': {
    'an unknown ruleset': async () => post(`/decisions/${await decided()}/replay?ruleset=other`, ''),
  },
  'POST /decisions/{id}/replay 401': {
    'no token': () => withToken(null, 'POST', '/decisions/0123456789abcdef/replay'),
    'an unsigned request': () => unsigned(decisions, 'POST', '/decisions/0123456789abcdef/replay'),
  },
  'POST /decisions/{id}/replay 403': {
    'a decision of another organisation': async () => {
      const made = await asEhr('POST', '/cds-services/order-sign', hookRequest());
      const id = made.headers.get('epsom-decision');
      return asPerson('POST', `/decisions/${id}/replay`, undefined, { ...auditor, tenant: 'south' });
    },
  },
  'POST /decisions/{id}/replay 404': {
    'no such decision': () => post('/decisions/0123456789abcdef/replay', ''),
  },
  'POST /decisions/{id}/replay 409': {
    'a refused request': async () => post(`/decisions/${await refused()}/replay`, ''),
  },
  'POST /decisions/{id}/replay 500': {
    'a bug': () => failing('find', bug, () => post('/decisions/0123456789abcdef/replay', '')),
  },
  'POST /decisions/{id}/replay 503': {
    'no log': () => failing('find', down, () => post('/decisions/0123456789abcdef/replay', '')),
  },
  'GET /fhir/metadata 200': { 'a running server': () => get('/fhir/metadata') },
  'GET /fhir/AuditEvent 200': {
    'decisions and looks': async () => {
      await withFeedback();
      await refused();
      return get('/fhir/AuditEvent?_count=100');
    },
    nobody: () => get('/fhir/AuditEvent?patient=nobody&date=ge2026&date=lt2027&_format=json'),
    'one decision': async () => get(`/fhir/AuditEvent?entity=GuidanceResponse/${await decided()}`),
    'the second page': async () => {
      await decided();
      const { link } = (await (await get('/fhir/AuditEvent?_count=1')).json()) as { link: { url: string }[] };
      return fetch(link[1]?.url ?? '');
    },
  },
  'GET /fhir/AuditEvent 400': {
    'an unknown parameter': () => get('/fhir/AuditEvent?outcome=4'),
    'a cursor of our own': () => get('/fhir/AuditEvent?cursor=abc'),
  },
  'GET /fhir/AuditEvent 406': { XML: () => get('/fhir/AuditEvent?_format=xml') },
  'GET /fhir/AuditEvent/$bundle 200': {
    'one decision': async () => get(`/fhir/AuditEvent/$bundle?entity=${await decided()}`),
  },
  'GET /fhir/AuditEvent/$bundle 400': { 'no date': () => get('/fhir/AuditEvent/$bundle?date=soon') },
  'GET /fhir/AuditEvent/$bundle 406': { XML: () => get('/fhir/AuditEvent/$bundle?_format=xml') },
  'GET /fhir/AuditEvent/{id} 200': {
    'a decision': async () => get(`/fhir/AuditEvent/${await decided()}`),
    'a refused request': async () => get(`/fhir/AuditEvent/${await refused()}`),
  },
  'GET /fhir/AuditEvent/{id} 404': { 'no such event': () => get('/fhir/AuditEvent/x') },
  'GET /fhir/GuidanceResponse 200': {
    'a patient': async () => {
      await withFeedback();
      return get('/fhir/GuidanceResponse?subject=Patient/1');
    },
    nobody: () => get('/fhir/GuidanceResponse?patient=nobody'),
  },
  'GET /fhir/GuidanceResponse 400': {
    'an unknown parameter': () => get('/fhir/GuidanceResponse?status=success'),
  },
  'GET /fhir/GuidanceResponse 406': { XML: () => get('/fhir/GuidanceResponse?_format=xml') },
  'GET /fhir/GuidanceResponse/{id} 200': {
    'a decision': async () => get(`/fhir/GuidanceResponse/${await decided()}`),
    'a refused request': async () => get(`/fhir/GuidanceResponse/${await refused()}`),
  },
  'GET /fhir/GuidanceResponse/{id} 404': { 'no such decision': () => get('/fhir/GuidanceResponse/x') },
  'GET /rules 200': {
    'an auditor': () => asPerson('GET', '/rules', undefined, auditor),
    'all rules': () => get('/rules'),
    'the rules of a hook': () => get('/rules?hook=order-sign'),
  },
  'GET /rules 400': { 'an unknown hook': () => get('/rules?hook=x') },
  'GET /rules 401': {
    'no token': () => withToken(null, 'GET', '/rules'),
  },
  'GET /rules 403': {
    'a token of an EHR': () => asEhr('GET', '/rules'),
  },
  'GET /rules/{id} 200': {
    'MG-001': () => get('/rules/MG-001'),
    'IV-001': () => get('/rules/IV-001'),
  },
  'GET /rules/{id} 401': {
    'no token': () => withToken(null, 'GET', '/rules/MG-001'),
  },
  'GET /rules/{id} 403': {
    'no scope': () => asPerson('GET', '/rules/MG-001'),
  },
  'GET /rules/{id} 404': { 'no such rule': () => get('/rules/XX-999') },
};

/** 405 and 421 are the same at every path: sent to each. So are an unsigned request and a broken log of the FHIR routes. */
for (const name of documented) {
  const [method = '', path = '', status] = name.split(' ');
  if (path.startsWith('/fhir/')) {
    const place = path.replace('{id}', '0123456789abcdef0123456789abcdef');
    const broken = path.endsWith('{id}') ? 'find' : 'list';
    if (status === '401') exchanges[name] = { 'an unsigned request': () => unsigned(fhir, method, place) };
    if (status === '500') exchanges[name] = { 'a bug': () => failing(broken, bug, () => get(place)) };
    if (status === '503') exchanges[name] = { 'no log': () => failing(broken, down, () => get(place)) };
  }
  const place = path.replace('/cds-services/{id}', '/cds-services/order-sign').replace('{id}', 'MG-001');
  if (status === '405')
    exchanges[name] = { DELETE: () => fetch(`${running.url}${place}`, { method: 'DELETE' }) };
  if (status === '421') exchanges[name] = { 'another Host': () => asHost(method, place) };
}

// --- The document ------------------------------------------------------------------------------------------

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
    expect(schemas.FactName.enum).toEqual(Object.keys(factParams));
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

// --- The server --------------------------------------------------------------------------------------------

describe.each(Object.entries(exchanges))('%s', (operation, sends) => {
  it.each(Object.entries(sends))('%s', async (_, send) => {
    const [method = '', path = '', status = ''] = operation.split(' ');
    const answer = await send();
    const text = await answer.text();
    expect(`${answer.status}`, text).toBe(status);
    const response = resolved(`/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`);
    const media = answer.headers.get('content-type')?.split(';')[0] ?? 'none';
    expect(Object.keys(response.value.content as Json)).toContain(media);
    // One schema for the body, or for each line of a stream.
    const bodies: unknown[] =
      media === 'text/csv'
        ? [text]
        : media === 'application/x-ndjson'
          ? text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
          : [JSON.parse(text)];
    expect(bodies.length).toBeGreaterThan(0);
    for (const one of bodies)
      expect(schemaProblems(`${response.pointer}/content/${escaped(media)}/schema`, one)).toEqual([]);
    const [body] = bodies;
    for (const name of Object.keys((response.value.headers as Json | undefined) ?? {})) {
      const header = resolved(`${response.pointer}/headers/${name}`);
      const value = answer.headers.get(name);
      if (value !== null) expect(schemaProblems(`${header.pointer}/schema`, value)).toEqual([]);
      else expect(header.value.required, `${name} is required`).not.toBe(true);
    }
    const headers = Object.keys((response.value.headers as Json | undefined) ?? {});
    if (!headers.includes('Epsom-Decision')) expect(answer.headers.get('epsom-decision')).toBeNull();

    if (status === '200' && path === '/cds-services') expect(invariantProblems(body)).toEqual([]);
    if (status === '200' && path === '/cds-services/{id}')
      expect(invariantProblems(body, 'order-sign')).toEqual([]);
    if (status === '200' && path === '/evaluate') {
      expect(invariantProblems({ cards: (body as { cards: unknown }).cards })).toEqual([]);
    }
  });
});

/** The record as it is answered: head and clinical part. */
const joinedOf = (record: DecisionRecord) => {
  const { head, clinical } = splitRecord(record);
  return mergeRecord(head, clinical);
};

describe('a record of a presentation that changes what is shown', () => {
  it('satisfies the schema of a record', async () => {
    const clock = { decisionId: '0'.repeat(32), decidedAt: `${at.slice(0, -1)}.000Z`, evaluatedAt: at };
    const request = { hook: 'order-sign' as const, bundle: richBundle, patient: null };
    const { ruleset } = running.service;
    const found = decide(request, ruleset, clock).evaluations.flatMap(({ rule, fingerprint }) =>
      fingerprint
        ? [{ rule, at: '2026-01-30T12:00:00Z', reason: 'not-applicable', by: 'Practitioner/1', fingerprint }]
        : [],
    );
    const decision = decide(request, ruleset, clock, {
      profile: 'epic',
      rulesOff: ['MG-001'],
      limit: { critical: 0, warning: 0, info: 0 },
      withhold: { days: 7, critical: true },
      overridden: found.slice(0, 1),
    });
    expect(found.length).toBeGreaterThan(1);
    const asked = {
      tenant: 'local',
      client: 'local',
      service: 'order-sign',
      hook: 'order-sign',
      hookInstance: '1',
      user: 'Practitioner/1',
      requestDigest: '',
      receivedAt: clock.decidedAt,
    };
    const record: unknown = JSON.parse(
      JSON.stringify({
        ...chain({ ...joinedOf(recordOf(decision, asked, {})), clinical: null }, 'writer', 1, null),
        feedback: [],
      }),
    );
    expect(byName('DecisionRecord', record)).toEqual([]);
    const whys = decision.evaluations.map(({ why }) => why ?? '').join('\n');
    expect(whys).toContain('withheld: overridden on 2026-01-30');
    expect(whys).toContain('held back: over the limit of 0');
  });
});

describe('the requests the exchanges call good satisfy the schemas of requests', () => {
  it.each([
    ['HookRequest', hookRequest()],
    ['EvaluateRequest', richBundle],
    ['EvaluateRequest', hookRequest()],
    ['EvaluateRequest', JSON.parse(example('low-magnesium'))],
    ['FeedbackRequest', { feedback: [unread] }],
  ])('%s', (name, body) => {
    expect(byName(name, JSON.parse(JSON.stringify(body)))).toEqual([]);
  });

  it('and bad ones do not', () => {
    expect(byName('HookRequest', hookRequest({ context: {} }))).not.toEqual([]);
    expect(byName('FeedbackRequest', { feedback: [{ ...unread, outcome: 'accepted' }] })).not.toEqual([]);
    expect(byName('EvaluateRequest', [])).not.toEqual([]);
  });
});

// --- Strictness --------------------------------------------------------------------------------------------

/** Every object of an answer with its place, except FHIR resources, which are not ours. */
function* ownObjects(value: unknown, at = ''): Generator<[string, Json]> {
  if (Array.isArray(value))
    for (const [index, entry] of value.entries()) yield* ownObjects(entry, `${at}/${index}`);
  else if (typeof value === 'object' && value !== null) {
    yield [at, value as Json];
    for (const [key, entry] of Object.entries(value))
      if (key !== 'resource') yield* ownObjects(entry, `${at}/${key}`);
  }
}

describe('a wrong answer does not pass', () => {
  const answers: [string, string, () => Promise<Response>][] = [
    ['EvaluateResponse', 'an evaluation', () => post(`/evaluate?at=${at}&hook=order-sign`, richBundle)],
    ['DecisionRecord', 'a record with feedback', async () => get(`/decisions/${await withFeedback()}`)],
    [
      'Proof',
      'a proof',
      async () => {
        const id = await decided();
        await running.service.sealer.seal();
        return get(`/decisions/${id}/proof`);
      },
    ],
    ['Replay', 'a replay', async () => post(`/decisions/${await decided()}/replay`, '')],
    ['HookResponse', 'a hook response', () => post('/cds-services/order-sign', hookRequest())],
    ['Discovery', 'a discovery', () => get('/cds-services')],
    ['RuleList', 'the rules', () => get('/rules')],
    ['Rule', 'a rule', () => get('/rules/IV-001')],
    ['Health', 'health', () => get('/health')],
    ['OperationOutcome', 'an error', () => get('/rules/x')],
  ];
  // All are fetched first: a loop over a large answer is longer than a connection is kept open.
  const bodies = new Map<string, unknown>();
  let card: Json = {};
  beforeAll(async () => {
    for (const [schema, , send] of answers) bodies.set(schema, await (await send()).json());
    const answer = await post(`/evaluate?at=${at}&hook=order-sign`, example('iv-magnesium-myasthenia'));
    [card = {}] = ((await answer.json()) as { cards: Json[] }).cards;
  });

  it.each(answers)('%s: one more key in any object of %s', async (schema) => {
    const body = structuredClone(bodies.get(schema));
    const passed: string[] = [];
    for (const [place, object] of ownObjects(body)) {
      await breath();
      object.surplus = { of: 'nothing' };
      if (byName(schema, body).length === 0) passed.push(place);
      delete object.surplus;
    }
    expect(passed).toEqual([]);
    expect(byName(schema, body)).toEqual([]);
  });

  it.each(answers)('%s: null instead of any list or number of %s', async (schema) => {
    const body = structuredClone(bodies.get(schema));
    const passed: string[] = [];
    for (const [place, object] of ownObjects(body)) {
      for (const [key, value] of Object.entries(object)) {
        if (!Array.isArray(value) && typeof value !== 'number') continue;
        await breath();
        object[key] = null;
        if (byName(schema, body).length === 0) passed.push(`${place}/${key}`);
        object[key] = value;
      }
    }
    // Numbers that may be unknown: records in a queue, an unused result, a dose in a fingerprint.
    const mayBeNull =
      /\/(log\/waiting|received\/value|labs\/\d+\/value|fingerprint\/numbers\/\d+\/(value|threshold))$/;
    expect(passed.filter((place) => !mayBeNull.test(place))).toEqual([]);
  });

  it.each<[string, (sound: Json) => Json]>([
    ['a summary of 140 characters', (sound) => ({ ...sound, summary: 'x'.repeat(140) })],
    ['the indicator `hard-stop`', (sound) => ({ ...sound, indicator: 'hard-stop' })],
    ['suggestions without selectionBehavior', ({ selectionBehavior: _, ...rest }) => rest],
    ['no suggestions but an empty list', (sound) => ({ ...sound, suggestions: [] })],
    ['a source without label', (sound) => ({ ...sound, source: { topic: (sound.source as Json).topic } })],
    [
      'an override reason without display',
      (sound) => ({ ...sound, overrideReasons: [{ system: 's', code: 'c' }] }),
    ],
    [
      'an override reason of no list of ours',
      (sound) => ({
        ...sound,
        overrideReasons: [{ system: overrideReasonSystem, code: 'because', display: 'x' }],
      }),
    ],
    [
      'a delete with a resource',
      (sound) => ({
        ...sound,
        suggestions: [
          {
            label: 'x',
            uuid: sound.uuid,
            actions: [
              { type: 'delete', description: 'x', resourceId: 'X/1', resource: { resourceType: 'X' } },
            ],
          },
        ],
      }),
    ],
  ])('a card with %s', (_, spoil) => {
    const sound = structuredClone(card);
    expect(byName('Card', sound)).toEqual([]);
    expect(byName('Card', spoil(sound))).not.toEqual([]);
  });
});

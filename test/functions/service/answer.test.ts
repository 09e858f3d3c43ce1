import { expect, test } from 'vitest';
import { hooks } from '../../../rules/fhir/hooks.ts';
import { invariantProblems } from '../../support/cds-hooks-invariants.ts';
import {
  at,
  complete,
  condition,
  hookRequest,
  magnesiumSulfate,
  observation,
  patient,
} from '../../support/hook-requests.ts';
import { myasthenia, recently, recordOf, tableText, url, useLoopbackServer } from '../../support/loopback.ts';
import { get, post } from '../../support/serving.ts';

useLoopbackServer();

test('discovery names one service per hook, with prefetch that uses tokens of 2.0.1 only', async () => {
  const { status, body, text } = await get(`${url}/cds-services`);
  expect(status).toBe(200);
  const services = body.services as { id: string; hook: string; prefetch: Record<string, string> }[];
  expect(services.map(({ id, hook }) => [id, hook])).toEqual(hooks.map((hook) => [hook, hook]));
  const tokens = new Set([...text.matchAll(/\{\{([^}]*)\}\}/g)].map(([, token]) => token));
  expect(tokens).toEqual(new Set(['context.patientId', 'context.encounterId']));
  for (const { prefetch } of services) {
    for (const template of Object.values(prefetch)) {
      const names = [...(template.split('?')[1] ?? '').matchAll(/(?:^|&)([^=]+)=/g)].map(([, name]) => name);
      expect(new Set(names).size, template).toBe(names.length);
    }
  }
});

test('IV magnesium with myasthenia gravis: a critical card that can delete draft-1, recorded before it is given', async () => {
  const answer = await post(`${url}/cds-services/order-sign`, myasthenia());
  expect(answer.status).toBe(200);
  expect(invariantProblems(answer.body)).toEqual([]);
  const cards = answer.body.cards as {
    indicator: string;
    source: { topic: { code: string } };
    suggestions: { actions: unknown[] }[];
  }[];
  const card = cards.find(({ source }) => source.topic.code === 'IV-001');
  expect(card?.indicator).toBe('critical');
  expect(card?.suggestions[0]?.actions).toMatchObject([
    { type: 'delete', resourceId: 'MedicationRequest/draft-1' },
  ]);
  const { body: record } = await recordOf(answer);
  expect(record).toMatchObject({
    service: 'order-sign',
    status: 200,
    tenant: 'local',
    client: 'local',
    seq: expect.any(Number),
  });
  expect(record.cards).toEqual(answer.body.cards);
});

test('the same request 50 times at once: one decision and 50 equal answers', async () => {
  const request = JSON.stringify(myasthenia());
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => post(`${url}/cds-services/order-sign`, request)),
  );
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(new Set(answers.map(({ headers }) => headers.get('epsom-decision'))).size).toBe(1);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
});

test('a changed order under the same hookInstance is another decision', async () => {
  const request = myasthenia();
  const first = await post(`${url}/cds-services/order-sign`, request);
  const changed = {
    ...request,
    context: { ...request.context, draftOrders: { resourceType: 'Bundle', entry: [] } },
  };
  const second = await post(`${url}/cds-services/order-sign`, changed);
  expect(second.headers.get('epsom-decision')).not.toBe(first.headers.get('epsom-decision'));
});

test('a stored decision replays to the same cards, by both evaluators', async () => {
  const answer = await post(`${url}/cds-services/order-sign`, myasthenia());
  const { status, body } = await post(`${url}/decisions/${answer.headers.get('epsom-decision')}/replay`, {});
  expect(status).toBe(200);
  expect(body).toMatchObject({ equal: true, differences: [], secondEvaluator: { disagreements: [] } });
  expect((body.secondEvaluator as { compared: number }).compared).toBeGreaterThan(5);
  expect(body.cards).toEqual(answer.body.cards);
});

test('a browser client may call the services from any origin, and nothing else', async () => {
  const preflight = (path: string) =>
    fetch(`${url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://ehr.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  for (const path of ['/cds-services', '/cds-services/order-sign', '/cds-services/order-sign/feedback']) {
    const { status, headers } = await preflight(path);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-headers')).toContain('authorization');
  }
  const error = await fetch(`${url}/cds-services/nothing`, {
    method: 'POST',
    headers: { origin: 'http://ehr.test' },
    body: '{}',
  });
  expect(error.headers.get('access-control-allow-origin')).toBe('*');
  expect(error.headers.get('access-control-expose-headers')).toContain('Epsom-Decision');
  expect((await preflight('/decisions')).headers.get('access-control-allow-origin')).toBeNull();
  expect((await preflight('/evaluate')).headers.get('access-control-allow-origin')).toBeNull();
});

test('names, addresses and tokens planted in every field are in no answer and no stored byte', async () => {
  const canary = 'ZZCANARY';
  const person = {
    name: [{ family: canary, text: canary }],
    address: [{ line: [canary], city: canary }],
    telecom: [{ value: canary }],
    identifier: [{ system: 'urn:x', value: canary }],
    text: { status: 'generated', div: `<div>${canary}</div>` },
  };
  const said = { note: [{ text: canary }], text: { div: canary } };
  const lab = { ...observation('mg', '19123-9', 0.9, 'mg/dL', recently()), ...said };
  const order = { ...magnesiumSulfate(), ...said, requester: { display: canary } };
  Object.assign(order.medicationCodeableConcept, { text: canary });
  Object.assign(lab.code, { text: canary });
  const unresolved = {
    ...magnesiumSulfate('draft-2'),
    medicationCodeableConcept: { text: canary, coding: [{ display: canary }] },
  };
  const request = {
    ...hookRequest(
      'order-sign',
      {
        ...complete([lab], [{ ...condition('c', '91637004'), ...said }]),
        patient: { ...patient, ...person },
      },
      [order, unresolved],
    ),
    fhirServer: `https://${canary}.example.org`,
    fhirAuthorization: {
      access_token: canary,
      token_type: 'Bearer',
      expires_in: 300,
      scope: canary,
      subject: canary,
    },
    extension: { [canary]: canary },
  };
  const answer = await post(`${url}/cds-services/order-sign`, request, {
    authorization: `Bearer ${canary}`,
  });
  expect(answer.status).toBe(200);
  expect(answer.text).not.toContain(canary);
  expect((await recordOf(answer)).text).not.toContain(canary);
  const bundle = {
    resourceType: 'Bundle',
    entry: [
      { resource: { ...patient, ...person } },
      { resource: lab },
      { resource: order },
      { resource: unresolved },
    ],
  };
  const explained = await post(`${url}/evaluate?hook=order-sign&at=${at}`, bundle);
  expect(explained.status).toBe(200);
  expect(explained.text).not.toContain(canary);
  const stored = await tableText();
  expect(stored).toContain('IV-001');
  expect(stored).not.toContain(canary);
});

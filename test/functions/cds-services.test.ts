/**
 * What CDS Hooks asks of a service on the wire (https://cds-hooks.hl7.org/2.0/), each test with the number of the
 * requirement in docs/cds-hooks.md. What is about cards alone is in presentation.test.ts, about hooks in
 * hooks.test.ts, about feedback in feedback.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../../functions/local.ts';
import { hooks, notServed } from '../../rules/fhir/hooks.ts';
import { isObject } from '../../rules/fhir/json.ts';
import { invariantProblems } from '../support/cds-hooks-invariants.ts';
import { at, complete, condition, hookRequest, magnesiumSulfate, patient } from '../support/hook-requests.ts';
import { type Answer, diagnostics, get, post, serving } from '../support/serving.ts';

let running: Running;
let url: string;
beforeAll(async () => {
  running = await serving({}, { memory: true, now: () => new Date(at) });
  url = running.url;
});
afterAll(() => running.close());

const myasthenia = () =>
  hookRequest('order-sign', complete([], [condition('mg', '91637004')]), [magnesiumSulfate()]);
const call = (hook: string, body: unknown): Promise<Answer> => post(`${url}/cds-services/${hook}`, body);
const record = (answer: Answer): Promise<Answer> =>
  get(`${url}/decisions/${answer.headers.get('epsom-decision')}`);

describe('transport', () => {
  test('[1] discovery, cards, errors and feedback are JSON and say so', async () => {
    const answers = [
      await get(`${url}/cds-services`),
      await call('order-sign', myasthenia()),
      await call('order-sign', { hook: 'order-sign' }),
      await call('nothing', {}),
      await post(`${url}/cds-services/order-sign/feedback`, {
        feedback: [{ card: '1', outcome: 'overridden', outcomeTimestamp: at }],
      }),
    ];
    for (const { headers, text } of answers) {
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(() => JSON.parse(text)).not.toThrow();
    }
  });

  test.each(['{"hook":"order-sign",}', '{/* why */"hook":"order-sign"}'])(
    '[5] %s is no JSON: 400 that says where',
    async (body) => {
      const answer = await call('order-sign', body);
      expect(answer.status).toBe(400);
      expect(diagnostics(answer)).toMatch(/not JSON/);
    },
  );
});

describe('discovery', () => {
  test('[8] [9] [10] [11] is 200 with an object of services, each time the same; each names hook, id, title, description, prefetch', async () => {
    const [first, second] = [await get(`${url}/cds-services`), await get(`${url}/cds-services`)];
    expect(first.status).toBe(200);
    expect(second.text).toBe(first.text);
    expect(Object.keys(first.body)).toEqual(['services']);
    expect(invariantProblems(first.body)).toEqual([]);
    const services = Array.isArray(first.body.services) ? first.body.services : [];
    expect(services).toHaveLength(hooks.length);
    for (const [index, service] of services.entries()) {
      expect(service).toMatchObject({ hook: hooks[index], id: hooks[index] });
      for (const key of ['title', 'description', 'usageRequirements']) {
        expect(isObject(service) && typeof service[key] === 'string' && service[key] !== '').toBe(true);
      }
      expect(Object.keys(service.prefetch).length).toBeGreaterThan(1);
      // Of 3.0.0, which is not published: not claimed.
      expect(service).not.toHaveProperty('hookVersion');
      expect(service).not.toHaveProperty('version');
    }
  });
});

describe('a request', () => {
  test('[17] anything but a JSON object is 400', async () => {
    for (const body of ['[]', '"x"', '7', 'null']) expect((await call('order-sign', body)).status).toBe(400);
  });

  test.each(['hook', 'hookInstance', 'context'])('[18] without %s it is 400 naming it', async (field) => {
    const answer = await call('order-sign', { ...myasthenia(), [field]: undefined });
    expect(answer.status).toBe(400);
    expect(diagnostics(answer)).toContain(field);
  });

  test.each([
    'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    'f399c67c-c703-11ea-af16-460231621f93',
    '00000000-0000-0000-0000-000000000000',
    'D1577C69-DFBE-84AD-0A6D-3E05E953B2EA',
  ])('[20] hookInstance %s is taken, whatever its version', async (hookInstance) => {
    expect((await call('order-sign', { ...myasthenia(), hookInstance })).status).toBe(200);
  });

  test('[22] `user` beside the context is no field: the clinician is context.userId', async () => {
    const { context, ...rest } = myasthenia();
    const answer = await call('order-sign', {
      ...rest,
      context: { ...context, userId: undefined },
      user: 'Practitioner/7',
    });
    const { body, text } = await record(answer);
    expect(body.user).toBeNull();
    expect(text).toContain('context.userId did not come');
    expect(text).not.toContain('Practitioner/7');
  });

  test.each([
    ['Practitioner/1', 'Practitioner/1'],
    ['https://ehr.example/fhir/PractitionerRole/a.b-c', 'PractitionerRole/a.b-c'],
    ['Dr. Somebody', null],
    [7, null],
  ])('[24] userId %j is kept as %j: only a reference is', async (userId, kept) => {
    const request = myasthenia();
    const answer = await call('order-sign', { ...request, context: { ...request.context, userId } });
    expect(answer.status).toBe(200);
    const { body, text } = await record(answer);
    expect(body.user).toBe(kept);
    expect(text).not.toContain('Somebody');
  });

  test.each([...Object.keys(notServed), 'com.example.my-hook', '__proto__', 'constructor'])(
    '[26] hook %s has no service: 404 naming those there are',
    async (hook) => {
      const answer = await call(hook, { ...myasthenia(), hook });
      expect(answer.status).toBe(404);
      for (const served of hooks) expect(diagnostics(answer)).toContain(served);
    },
  );

  test('[75] extensions of any kind on any object change nothing', async () => {
    const plain = await call('order-sign', myasthenia());
    const extension = {
      'com.example.request': { a: [1, null] },
      'com.epic.cdshooks.request.fhir-version': 'R4',
    };
    const request = myasthenia();
    const answer = await call('order-sign', {
      ...request,
      extension,
      unknown: true,
      context: { ...request.context, extension },
    });
    expect(answer.status).toBe(200);
    const rules = ({ body }: Answer) =>
      (Array.isArray(body.cards) ? body.cards : []).map((card) => card.source.topic.code);
    expect(rules(answer)).toEqual(rules(plain));
  });
});

describe('a response', () => {
  test('[41] [42] nothing to say is 200 with an empty list, and nothing but cards is ever in it', async () => {
    const quiet = await call('patient-view', hookRequest('patient-view', { patient, conditions: null }));
    expect([quiet.status, quiet.body]).toEqual([200, { cards: [] }]);
    const loud = await call('order-sign', myasthenia());
    expect(Object.keys(loud.body)).toEqual(['cards']);
  });

  test('[43] an error is an OperationOutcome, and 412 says which prefetch is needed', async () => {
    const answer = await call('order-sign', { ...myasthenia(), prefetch: {} });
    expect(answer.status).toBe(412);
    expect(answer.body.resourceType).toBe('OperationOutcome');
    expect(diagnostics(answer)).toContain('prefetch');
  });

  test.each(hooks)('%s over HTTP: 200, the service is the hook, and it is recorded as such', async (hook) => {
    const answer = await call(hook, { ...hookRequest('patient-view', complete([])), hook });
    expect(answer.status).toBe(200);
    expect((await record(answer)).body).toMatchObject({ service: hook, hook, status: 200 });
  });
});

describe('feedback', () => {
  test('[62] is found by the uuid of the card alone; [63] 200 is the answer', async () => {
    const answer = await call('order-sign', myasthenia());
    const [card] = Array.isArray(answer.body.cards) ? answer.body.cards : [];
    const feedback = [{ card: card?.uuid, outcome: 'overridden', outcomeTimestamp: '2026-01-31T12:05:00Z' }];
    // Whichever service it is sent to.
    const given = await post(`${url}/cds-services/patient-view/feedback`, { feedback });
    expect(given.status).toBe(200);
    expect(given.headers.get('epsom-decision')).toBe(answer.headers.get('epsom-decision'));
    expect((await record(answer)).body.feedback).toMatchObject([{ card: card?.uuid, unknownCard: false }]);
  });
});

/** The edge over HTTP: real server, real AWS SDK, embedded DynamoDB. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../functions/config/settings.ts';
import { createEmbeddedDynamo } from '../../functions/host/embedded.ts';
import type { Running } from '../../functions/local.ts';
import { canonicalJson } from '../../rules/digest/digest.ts';
import { hooks } from '../../rules/fhir/hooks.ts';
import { invariantProblems } from '../support/cds-hooks-invariants.ts';
import { createFaultyDynamo } from '../support/faulty-dynamo.ts';
import {
  at,
  complete,
  condition,
  hookRequest,
  magnesiumSulfate,
  newInstance,
  observation,
  patient,
} from '../support/hook-requests.ts';
import { type Answer, answerOf, diagnostics, get, post, serving } from '../support/serving.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { itemsOf } from '../support/trust.ts';

const recently = () => new Date(Date.parse(at) - 3_600_000).toISOString();
const myasthenia = () =>
  hookRequest(
    'order-sign',
    complete([observation('cr', '2160-0', 0.9, 'mg/dL', recently())], [condition('mg', '91637004')]),
    [magnesiumSulfate()],
  );

describe('a server on loopback', () => {
  let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
  let running: Running;
  let url: string;
  beforeAll(async () => {
    dynamo = await createEmbeddedDynamo(null);
    const env = {
      EPSOM_MAX_BODY: '100000',
      EPSOM_DEADLINE_MS: '1500',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    };
    running = await serving(env, { memory: true, now: () => new Date(at) });
    url = running.url;
  });
  afterAll(async () => {
    await running.close();
    await dynamo.close();
  });

  /** Every byte in the table, records unpacked. */
  const tableText = async (): Promise<string> => (await itemsOf(dynamo.client)).join('\n');

  const recordOf = async (answer: Answer): Promise<Answer> =>
    get(`${url}/decisions/${answer.headers.get('epsom-decision')}`);

  test('discovery names one service per hook, with prefetch that uses tokens of 2.0.1 only', async () => {
    const { status, body, text } = await get(`${url}/cds-services`);
    expect(status).toBe(200);
    const services = body.services as { id: string; hook: string; prefetch: Record<string, string> }[];
    expect(services.map(({ id, hook }) => [id, hook])).toEqual(hooks.map((hook) => [hook, hook]));
    const tokens = new Set([...text.matchAll(/\{\{([^}]*)\}\}/g)].map(([, token]) => token));
    expect(tokens).toEqual(new Set(['context.patientId', 'context.encounterId']));
    for (const { prefetch } of services) {
      for (const template of Object.values(prefetch)) {
        const names = [...(template.split('?')[1] ?? '').matchAll(/(?:^|&)([^=]+)=/g)].map(
          ([, name]) => name,
        );
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
    const { status, body } = await post(
      `${url}/decisions/${answer.headers.get('epsom-decision')}/replay`,
      {},
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ equal: true, differences: [], secondEvaluator: { disagreements: [] } });
    expect((body.secondEvaluator as { compared: number }).compared).toBeGreaterThan(5);
    expect(body.cards).toEqual(answer.body.cards);
  });

  test('feedback is joined to its decision; the same item ten times is one event; free text is not kept', async () => {
    const answer = await post(`${url}/cds-services/order-sign`, myasthenia());
    const [card] = answer.body.cards as { uuid: string }[];
    const item = {
      card: card?.uuid,
      outcome: 'overridden',
      outcomeTimestamp: '2026-01-31T12:01:00.123Z',
      overrideReason: {
        reason: { code: 'emergency', system: 'urn:epsom:override-reason' },
        userComment: 'ZZCANARY said so',
      },
    };
    for (let time = 0; time < 10; time += 1) {
      const { status } = await post(`${url}/cds-services/order-sign/feedback`, { feedback: [item] });
      expect(status).toBe(200);
    }
    const { body, text } = await recordOf(answer);
    expect(body.feedback).toMatchObject([
      { outcome: 'overridden', overrideReason: { code: 'emergency' }, hasComment: true, unknownCard: false },
    ]);
    expect(text).not.toContain('ZZCANARY');
  });

  test('Epic spells it overrideReasons; a card we do not know is kept and flagged', async () => {
    const feedback = [
      {
        card: '123456',
        outcome: 'overridden',
        outcomeTimestamp: '2022-05-19T19:44:04Z',
        overrideReasons: { extension: { 'com.epic.cdshooks.feedback.overrideReason.reasonCategory': '45' } },
      },
    ];
    expect((await post(`${url}/cds-services/order-sign/feedback`, { feedback })).status).toBe(200);
  });

  test('a feedback batch with one bad item of two is 400 naming it, and the good one is kept', async () => {
    const answer = await post(`${url}/cds-services/order-sign`, myasthenia());
    const [card] = answer.body.cards as { uuid: string; suggestions: { uuid: string }[] }[];
    const good = {
      card: card?.uuid,
      outcome: 'accepted',
      acceptedSuggestions: [{ id: card?.suggestions[0]?.uuid }],
      outcomeTimestamp: '2026-01-31T12:01:00Z',
    };
    const bad = { card: card?.uuid, outcome: 'ignored', outcomeTimestamp: '2026-01-31T12:01:00Z' };
    const refused = await post(`${url}/cds-services/order-sign/feedback`, { feedback: [bad, good] });
    expect(refused.status).toBe(400);
    expect(diagnostics(refused)).toContain('feedback[0]: `outcome`');
    expect((await recordOf(answer)).body.feedback).toMatchObject([{ outcome: 'accepted' }]);
  });

  test('GET /decisions lists a patient newest first, in pages, and an edited cursor is 400', async () => {
    for (let time = 0; time < 3; time += 1)
      await post(`${url}/cds-services/patient-view`, hookRequest('patient-view', { patient }));
    const first = await get(`${url}/decisions?patient=p1&limit=2`);
    expect((first.body.decisions as unknown[]).length).toBe(2);
    const next = String(first.body.next);
    const second = await get(`${url}/decisions?patient=p1&limit=2&cursor=${next}`);
    const ids = [
      ...(first.body.decisions as { decisionId: string }[]),
      ...(second.body.decisions as { decisionId: string }[]),
    ].map(({ decisionId }) => decisionId);
    expect(new Set(ids).size).toBe(4);
    expect((await get(`${url}/decisions?patient=p1&limit=2&cursor=${next.slice(0, -2)}xx`)).status).toBe(400);
    expect((await get(`${url}/decisions?patient=other&limit=2&cursor=${next}`)).status).toBe(400);
    expect((await get(`${url}/decisions?patient=nobody`)).body).toEqual({ decisions: [], next: null });
  });

  test.each(['0', '-1', 'ten', '1.5'])('limit=%s is 400', async (limit) => {
    expect((await get(`${url}/decisions?patient=p1&limit=${limit}`)).status).toBe(400);
  });

  describe('bad input: an OperationOutcome that says what to change, and a record without clinical data', () => {
    const canary = 'ZZCANARY';
    const json = (value: unknown) => JSON.stringify(value);
    const valid = () => ({
      ...hookRequest('patient-view', { patient: { ...patient, name: [{ family: canary }] } }),
    });
    const cases: [string, number, RegExp, () => Promise<Answer>][] = [
      ['not JSON', 400, /not JSON/, () => post(`${url}/evaluate`, `{"resourceType": "${canary}`)],
      ['not UTF-8', 400, /UTF-8/, () => post(`${url}/evaluate`, new Uint8Array([0x7b, 0xff, 0xfe]))],
      ['nested 100,000 deep', 400, /deeper/, () => post(`${url}/evaluate`, '['.repeat(50_000))],
      ['a JSON array', 400, /resourceType/, () => post(`${url}/evaluate`, '[]')],
      [
        'wrong resource',
        400,
        /AuditEvent/,
        () => post(`${url}/evaluate`, { resourceType: 'AuditEvent', text: canary }),
      ],
      [
        'empty bundle',
        400,
        /no resource/,
        () => post(`${url}/evaluate`, { resourceType: 'Bundle', entry: [] }),
      ],
      [
        'two patients',
        400,
        /\?patient=/,
        () =>
          post(`${url}/evaluate`, {
            resourceType: 'Bundle',
            entry: [{ resource: patient }, { resource: { ...patient, id: 'p2' } }],
          }),
      ],
      ['unknown hook parameter', 400, /hook/, () => post(`${url}/evaluate?hook=${canary}`, patient)],
      ['at that is no time', 400, /`at`/, () => post(`${url}/evaluate?at=yesterday`, patient)],
      ['unknown parameter', 400, /unknown parameter/, () => post(`${url}/evaluate?${canary}=1`, patient)],
      [
        'unknown service',
        404,
        /no such service/,
        () => post(`${url}/cds-services/medication-prescribe`, valid()),
      ],
      ['hook and service disagree', 400, /order-sign/, () => post(`${url}/cds-services/order-sign`, valid())],
      [
        'no patientId',
        400,
        /patientId/,
        () => post(`${url}/cds-services/patient-view`, { ...valid(), context: { userId: 'Practitioner/1' } }),
      ],
      [
        'patientId with a path',
        400,
        /FHIR id/,
        () =>
          post(`${url}/cds-services/patient-view`, { ...valid(), context: { patientId: '../Patient/1' } }),
      ],
      [
        'no context',
        400,
        /context/,
        () => post(`${url}/cds-services/patient-view`, { ...valid(), context: undefined }),
      ],
      [
        'no hookInstance',
        400,
        /hookInstance/,
        () => post(`${url}/cds-services/patient-view`, { ...valid(), hookInstance: undefined }),
      ],
      [
        'prefetch of another patient',
        400,
        /not the one/,
        () =>
          post(`${url}/cds-services/patient-view`, {
            ...valid(),
            prefetch: { patient: { ...patient, id: 'p9' } },
          }),
      ],
      [
        'no prefetch at all',
        412,
        /no patient data/,
        () => post(`${url}/cds-services/patient-view`, { ...valid(), prefetch: undefined }),
      ],
      [
        'body over the limit',
        413,
        /100000 bytes/,
        () => post(`${url}/evaluate`, json({ resourceType: 'Patient', note: 'x'.repeat(100_001) })),
      ],
      [
        'wrong content type',
        415,
        /Content-Type/,
        () => post(`${url}/evaluate`, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      ],
      [
        'compressed body',
        415,
        /Content-Encoding/,
        () => post(`${url}/evaluate`, '{}', { 'content-encoding': 'gzip' }),
      ],
      ['wrong method', 405, /POST/, async () => answerOf(await fetch(`${url}/evaluate`))],
      [
        'wrong method on a service',
        405,
        /POST/,
        async () => answerOf(await fetch(`${url}/cds-services/order-sign`, { method: 'PUT' })),
      ],
    ];

    test.each(cases)('%s is %i', async (_name, status, message, send) => {
      const answer = await send();
      expect(answer.status).toBe(status);
      expect(answer.body.resourceType).toBe('OperationOutcome');
      expect(diagnostics(answer)).toMatch(message);
      expect(answer.text).not.toContain(canary);
      const record = await recordOf(answer);
      expect(record.body).toMatchObject({ status, chart: null, cards: [], evaluations: [], patient: null });
      expect(record.text).not.toContain(canary);
    });

    test('a Host header that is not ours is 421, recorded', async () => {
      const answer = await new Promise<{ status: number | undefined; text: string; id: string }>(
        (done, fail) => {
          const { hostname, port } = new URL(url);
          const sent = httpRequest(
            { hostname, port, path: '/cds-services', headers: { host: 'attacker.example' } },
            (response) => {
              let text = '';
              response.on('data', (chunk) => {
                text += chunk;
              });
              response.on('end', () =>
                done({ status: response.statusCode, text, id: String(response.headers['epsom-decision']) }),
              );
            },
          );
          sent.on('error', fail);
          sent.end();
        },
      );
      expect(answer.status).toBe(421);
      expect(answer.text).toContain('OperationOutcome');
      expect((await get(`${url}/decisions/${answer.id}`)).body).toMatchObject({ status: 421, chart: null });
    });

    test('a body that does not arrive before the deadline is 503, recorded as such', async () => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /evaluate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"resource`,
      );
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
        if (text.includes('issue')) socket.end();
      });
      await once(socket, 'close');
      expect(text).toMatch(/^HTTP\/1\.1 503/);
      const id = /epsom-decision: (\w+)/i.exec(text)?.[1];
      expect((await get(`${url}/decisions/${id}`)).body).toMatchObject({
        status: 503,
        problem: expect.stringContaining('deadline'),
      });
    });

    test('an unknown path is 404 with an OperationOutcome', async () => {
      const answer = await get(`${url}/nothing`);
      expect([answer.status, answer.body.resourceType]).toEqual([404, 'OperationOutcome']);
    });
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
});

describe('a server process with data on disk', () => {
  const root = resolve(import.meta.dirname, '../..');

  async function launched(folder: string): Promise<{ url: string; kill(): Promise<void> }> {
    const child = spawn(process.execPath, ['functions/local.ts'], {
      cwd: root,
      env: { ...process.env, PORT: '0', EPSOM_DATA: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise<string>((done, fail) => {
      let output = '';
      child.stdout.on('data', (chunk) => {
        output += chunk;
        const found = /serves at (http:\/\/\S+)/.exec(output)?.[1];
        if (found) done(found);
      });
      child.once('exit', () => fail(new Error('the server stopped')));
    });
    return {
      url,
      kill: async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }

  test('kill -9 after an answer, start again: the decision is there, and replays to the same bytes', async () => {
    const folder = temporaryFolder();
    const first = await launched(folder);
    const request = hookRequest(
      'order-sign',
      complete([observation('cr', '2160-0', 0.9, 'mg/dL', recently())], [condition('mg', '91637004')]),
      [magnesiumSulfate()],
    );
    const answer = await post(`${first.url}/cds-services/order-sign`, {
      ...request,
      hookInstance: newInstance(),
    });
    await first.kill();
    const second = await launched(folder);
    const id = answer.headers.get('epsom-decision');
    const { status, body } = await get(`${second.url}/decisions/${id}`);
    expect(status).toBe(200);
    expect(canonicalJson({ cards: body.cards })).toBe(answer.text);
    const replayed = await post(`${second.url}/decisions/${id}/replay`, {});
    expect(replayed.body.equal).toBe(true);
    expect(canonicalJson({ cards: replayed.body.cards })).toBe(answer.text);
    await second.kill();
  });
});

describe('starting', () => {
  test('an open service listens on loopback only', async () => {
    await expect(serving({ EPSOM_HOST: '0.0.0.0' })).rejects.toThrow(/does not listen on `0\.0\.0\.0`/);
  });
  test('a client registry that this version cannot enforce is not ignored', async () => {
    await expect(serving({ EPSOM_CLIENTS: 'clients.json' })).rejects.toThrow(/EPSOM_CLIENTS/);
  });
  test('a port that is no number is refused by name', () => {
    expect(() => readSettings({ PORT: 'http' })).toThrow(/PORT/);
  });
});

describe('when the decision log cannot be written', () => {
  test('with a disk: the card leaves, its record waits there and is drained by itself, and /health says so', async () => {
    const folder = temporaryFolder();
    const dynamo = await createEmbeddedDynamo(null);
    const faulty = await createFaultyDynamo(dynamo.endpoint);
    const env = { AWS_ENDPOINT_URL_DYNAMODB: faulty.endpoint, EPSOM_DATA: folder };
    const running = await serving(env, { memory: false });
    const waiting = async () => (await get(`${running.url}/health`)).body.log;
    try {
      expect(await waiting()).toEqual({ waiting: 0 });
      faulty.down();
      const answer = await post(`${running.url}/cds-services/order-sign`, myasthenia());
      expect(answer.status).toBe(200);
      expect(await waiting()).toEqual({ waiting: 1 });
      faulty.up();
      await expect.poll(waiting, { timeout: 15_000, interval: 200 }).toEqual({ waiting: 0 });
      const stored = await get(`${running.url}/decisions/${answer.headers.get('epsom-decision')}`);
      expect(canonicalJson({ cards: stored.body.cards })).toBe(answer.text);
    } finally {
      await running.close();
      await faulty.close();
      await dynamo.close();
    }
  }, 30_000);

  test('no card leaves, and no empty list either: 503 with an OperationOutcome', async () => {
    const dynamo = await createEmbeddedDynamo(null);
    const running = await serving({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint });
    try {
      expect((await post(`${running.url}/cds-services/order-sign`, myasthenia())).status).toBe(200);
      await dynamo.close();
      const answer = await post(`${running.url}/cds-services/order-sign`, myasthenia());
      expect(answer.status).toBe(503);
      expect(diagnostics(answer)).toContain('could not be recorded');
      expect(answer.body.cards).toBeUndefined();
    } finally {
      await running.close();
    }
  });
});

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { hookRequest, patient } from '../../support/hook-requests.ts';
import { recordOf, url, useLoopbackServer } from '../../support/loopback.ts';
import { type Answer, answerOf, diagnostics, get, post } from '../../support/serving.ts';

useLoopbackServer({ EPSOM_DEADLINE_MS: '1500' });

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
      () => post(`${url}/cds-services/patient-view`, { ...valid(), context: { patientId: '../Patient/1' } }),
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

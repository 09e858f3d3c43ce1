/**
 * A page of another origin in a real browser, beside a service that is open: it gets what the reference client of CDS Hooks
 * needs, reads nothing else, has no server of this machine called, and learns nothing of its ports.
 */
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../functions/local.ts';
import { at, newInstance } from './support/hook-requests.ts';
import { myasthenia } from './support/loopback.ts';
import { get, post, serving } from './support/serving.ts';
import { launchBrowser } from './support/side-panel.ts';

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

let running: Running;
let browser: Browser;
let page: Page;
/** Serves the page. */
let site: Server;
/** Something else on this machine, and what it was asked. */
let inner: Server;
let innerUrl: string;
const seen: string[] = [];

beforeAll(async () => {
  // Even where the operator lets servers on this machine be called.
  running = await serving({ EPSOM_ALLOW_LOOPBACK: 'true' }, { memory: true, now: () => new Date(at) });
  site = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<h1>a page</h1>'),
  );
  inner = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.writeHead(404).end();
  });
  innerUrl = await listening(inner);
  browser = await launchBrowser({ isStrict: true });
  page = await browser.newPage();
  await page.goto(await listening(site));
}, 60_000);
afterAll(async () => {
  await browser.close();
  await running.close();
  site.close();
  inner.close();
});

/** What a script of the page gets: status and text, or that the browser hides it, or did not send it. */
const fetched = (
  path: string,
  method = 'GET',
  body?: unknown,
): Promise<{ status: number; text: string } | 'hidden'> =>
  page.evaluate(
    async ({ url, init }) => {
      try {
        const answer = await fetch(url, init);
        return { status: answer.status, text: await answer.text() };
      } catch {
        return 'hidden' as const;
      }
    },
    {
      url: `${running.url}${path}`,
      init:
        body === undefined
          ? { method }
          : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    },
  );

/** A decision as a list has it. */
interface Listed {
  decisionId: string;
  status: number;
}

describe('a page of another origin', () => {
  test('may do what the reference client does: discovery, a hook, feedback', async () => {
    expect(await fetched('/cds-services')).toMatchObject({ status: 200 });
    const answer = await fetched('/cds-services/order-sign', 'POST', myasthenia());
    if (answer === 'hidden') throw new Error('the cards were hidden');
    expect(answer.status).toBe(200);
    const [card] = JSON.parse(answer.text).cards;
    const feedback = [{ card: card.uuid, outcome: 'overridden', outcomeTimestamp: at }];
    expect(await fetched('/cds-services/order-sign/feedback', 'POST', { feedback })).toMatchObject({
      status: 200,
    });
  });

  test.each<[string, string, unknown?]>([
    ['GET', '/decisions'],
    ['GET', '/decisions/export'],
    ['GET', '/statistics?from=2026-01-31&to=2026-01-31'],
    ['GET', '/fhir/AuditEvent'],
    ['GET', '/fhir/metadata'],
    ['GET', '/rules'],
    ['GET', '/health'],
    ['GET', '/openapi.json'],
    ['POST', '/evaluate', { resourceType: 'Bundle', type: 'collection', entry: [] }],
    ['PUT', '/cds-services/order-sign'],
  ])('reads nothing of %s %s', async (method, path, body) => {
    expect(await fetched(path, method, body)).toBe('hidden');
    const answer = await fetch(`${running.url}${path}`, {
      method,
      headers: { origin: 'https://evil.example' },
    });
    expect([403, 405]).toContain(answer.status);
    expect((await answer.text()).length).toBeLessThan(300);
  });

  test('has nothing done by what it embeds or posts as a form', async () => {
    const before = (await get(`${running.url}/decisions?limit=100`)).body.decisions;
    await page.evaluate(`(async () => {
      const image = new Image();
      await new Promise((done) => {
        image.onerror = done;
        image.src = '${running.url}/decisions?patient=p1';
      });
      await fetch('${running.url}/evaluate', { method: 'POST', mode: 'no-cors', body: '{"resourceType":"Bundle"}' });
    })()`);
    const after = (await get(`${running.url}/decisions?limit=100`)).body.decisions;
    const known = new Set((before as Listed[]).map(({ decisionId }) => decisionId));
    const added = (after as Listed[]).filter(({ decisionId }) => !known.has(decisionId));
    expect(added.map(({ status }) => status)).toEqual([403, 403]);
  });

  test('learns nothing of the ports of this machine: open, closed or anything else, the answer is the same', async () => {
    const closed = createServer();
    const closedUrl = await listening(closed);
    await new Promise((done) => closed.close(done));
    const bare = (fhirServer: string) => ({
      hook: 'patient-view',
      hookInstance: newInstance(),
      context: { patientId: 'p1', userId: 'Practitioner/1' },
      fhirServer,
    });
    const servers = [
      innerUrl,
      `${innerUrl}/fhir`,
      closedUrl,
      'http://localhost:1/',
      'http://10.0.0.1',
      'https://fhir.example.org',
    ];
    const answers = new Set<string>();
    for (const server of servers) {
      const answer = await fetched('/cds-services/patient-view', 'POST', bare(server));
      answers.add(JSON.stringify(answer));
    }
    expect([...answers]).toEqual([expect.stringContaining('"status":412')]);
    expect(seen).toEqual([]);
  });
});

describe('a name that was rebound to this machine', () => {
  const asked = (headers: Record<string, string>, path = '/decisions'): Promise<number | undefined> =>
    new Promise((done, fail) => {
      httpRequest(`${running.url}${path}`, { headers }, (answer) => {
        answer.resume();
        done(answer.statusCode);
      })
        .on('error', fail)
        .end();
    });

  test.each(['/decisions', '/cds-services', '/health'])('is not answered at %s', async (path) => {
    expect(await asked({ host: 'evil.example', origin: 'http://evil.example' }, path)).toBe(421);
    expect(await asked({ host: '127.0.0.1.evil.example' }, path)).toBe(421);
  });

  test('a page of our own origin, a link that is followed and a program are', async () => {
    const { host } = new URL(running.url);
    expect(await asked({ origin: running.url })).toBe(200);
    expect(await asked({ host: host.replace('127.0.0.1', 'localhost'), origin: running.url })).toBe(403);
    expect(await asked({ 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' })).toBe(200);
    expect(await asked({ 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' })).toBe(403);
    expect(await asked({ 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'image' })).toBe(403);
    expect(await asked({ 'sec-fetch-site': 'none' })).toBe(200);
    expect(await asked({ origin: 'null' })).toBe(403);
    expect(await asked({})).toBe(200);
  });
});

describe('a server on this machine, for a program', () => {
  const view = (url: string) =>
    post(`${url}/cds-services/patient-view`, {
      hook: 'patient-view',
      hookInstance: newInstance(),
      context: { patientId: 'p1', userId: 'Practitioner/1' },
      fhirServer: innerUrl,
    });

  test('is called with EPSOM_ALLOW_LOOPBACK=true', async () => {
    seen.length = 0;
    expect((await view(running.url)).status).toBe(412);
    expect(seen.length).toBeGreaterThan(0);
  });

  test('is not called without it', async () => {
    const plain = await serving();
    try {
      seen.length = 0;
      const answer = await view(plain.url);
      expect(answer.status).toBe(412);
      expect(answer.text).toContain('with EPSOM_ALLOW_LOOPBACK=true');
      expect(seen).toEqual([]);
    } finally {
      await plain.close();
    }
  });
});

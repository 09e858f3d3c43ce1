/**
 * What the public reference client (cds-hooks/sandbox) shows: it says "All clear!" where there is no card, so a critical
 * value without one is a false statement. Drawn here by its rules; in the client itself where EPSOM_SANDBOX names the folder
 * of its build (docs/sandbox.md).
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../functions/local.ts';
import type { Card } from '../rules/cards/types.ts';
import { decide } from '../rules/decide.ts';
import type { Json } from '../rules/fhir/json.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { type FhirServer, fhirServer } from './support/fhir-server.ts';
import { at, complete, hookRequest, observation, patient } from './support/hook-requests.ts';
import { allClear, referencePanelHtml } from './support/reference-panel.ts';
import { serving } from './support/serving.ts';
import { launchBrowser } from './support/side-panel.ts';

const hourAgo = '2026-01-31T11:00:00Z';
const digoxin = {
  resourceType: 'MedicationRequest',
  id: 'digoxin',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: { text: 'digoxin 0.25 MG Oral Tablet' },
  subject: { reference: 'Patient/p1' },
  authoredOn: '2025-06-01',
};

interface Critical {
  name: string;
  results: readonly Json[];
  drugs: readonly Json[];
  /** What the critical cards say, each of it. */
  says: readonly RegExp[];
}
const magnesium: Critical = {
  name: 'magnesium 9.0 mg/dL',
  results: [observation('mg', '19123-9', 9.0, 'mg/dL', hourAgo)],
  drugs: [],
  says: [/Mg 9 mg\/dL/],
};
const potassium: Critical = {
  name: 'potassium 7.1 mmol/L',
  results: [observation('k', '2823-3', 7.1, 'mmol/L', hourAgo)],
  drugs: [],
  says: [/K 7\.1 mmol\/L/],
};
const digoxinLevel: Critical = {
  name: 'digoxin 3.2 ng/mL',
  results: [observation('dig', '10535-3', 3.2, 'ng/mL', hourAgo)],
  drugs: [digoxin],
  says: [/digoxin 3\.2 ng\/mL/i],
};
const alone = [magnesium, potassium, digoxinLevel];
const criticals: readonly Critical[] = [
  ...alone,
  {
    name: 'all three',
    results: alone.flatMap(({ results }) => results),
    drugs: [digoxin],
    says: alone.flatMap(({ says }) => says),
  },
];

/** What does not hold yet: it must fail, and leaves this list when it does not. */
const open: ReadonlySet<string> = new Set();
const testOf = (name: string) => (open.has(name) ? test.fails : test);

const ruleset = shippedRuleset();
const opened = ({ results, drugs }: Critical): readonly Card[] => {
  const { context, prefetch } = hookRequest('patient-view', complete([...results], [], [...drugs]));
  const clock = { decisionId: 'reference', decidedAt: at, evaluatedAt: at };
  return decide({ hook: 'patient-view', context, prefetch }, ruleset, clock).cards;
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe('a chart is opened, drawn by the rules of the reference client', () => {
  for (const critical of criticals)
    testOf(critical.name)(`${critical.name}: a critical card, and never "All clear!"`, async () => {
      const cards = opened(critical);
      const page = await browser.newPage({ viewport: { width: 360, height: 640 } });
      try {
        await page.setContent(referencePanelHtml(cards, 360));
        const text = await page.locator('main').innerText();
        expect(text).not.toContain(allClear);
        for (const said of critical.says) expect(text).toMatch(said);
      } finally {
        await page.close();
      }
      expect(cards[0]?.indicator).toBe('critical');
    });

  test('without a card it does say so: nothing here hides it', async () => {
    const page = await browser.newPage();
    await page.setContent(referencePanelHtml([], 360));
    expect(await page.locator('main').innerText()).toContain(allClear);
    await page.close();
  });
});

const built = process.env.EPSOM_SANDBOX;

const capability = {
  resourceType: 'CapabilityStatement',
  fhirVersion: '4.0.1',
  status: 'active',
  kind: 'instance',
};

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  png: 'image/png',
};

/** The folder of the build, and nothing beside it. */
const pageServer = (folder: string): Server =>
  createServer((request, response) => {
    const name = new URL(request.url ?? '', 'http://page').pathname.split('/').at(-1) || 'index.html';
    try {
      const body = readFileSync(join(folder, name));
      response
        .writeHead(200, { 'content-type': types[name.split('.').at(-1) ?? ''] ?? 'text/plain' })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
};

/** A browser may call it, and search by POST. */
const forBrowsers = (behind: string): Server =>
  createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader(
      'access-control-allow-headers',
      request.headers['access-control-request-headers'] ?? '*',
    );
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const posted = request.method === 'POST' ? await bodyOf(request) : '';
    const search = [query, posted].filter((part) => part !== '').join('&');
    const answer = await fetch(`${behind}${path.replace(/\/_search$/, '')}${search ? `?${search}` : ''}`);
    response.writeHead(answer.status, { 'content-type': 'application/fhir+json' }).end(await answer.text());
  });

describe.skipIf(!built)('a chart is opened, in the reference client itself', () => {
  let running: Running;
  let site: Server;
  let address: string;
  beforeAll(async () => {
    running = await serving({}, { memory: true, now: () => new Date(at) });
    site = pageServer(built ?? '');
    address = await listening(site);
  });
  afterAll(async () => {
    await running.close();
    site.close();
  });

  /** A chart opened in the client, drawn when it has an answer: cards, or the words that all is clear. */
  const opens = async (
    name: string,
    chart: readonly Json[],
    look: (page: Page) => Promise<void>,
  ): Promise<void> => {
    const behind: FhirServer = await fhirServer([patient, ...chart], { capability });
    const front = forBrowsers(behind.url);
    const page = await browser.newPage({ viewport: { width: 1400, height: 1200 } });
    try {
      const query = new URLSearchParams({
        fhirServiceUrl: await listening(front),
        patientId: 'p1',
        serviceDiscoveryURL: `${running.url}/cds-services`,
      });
      const answered = page.waitForResponse(
        (response) => response.request().method() === 'POST' && response.url().includes('/cds-services/'),
      );
      await page.goto(`${address}/?${query}`);
      await answered;
      // The client says that all is clear before it has an answer too.
      await page.waitForTimeout(1000);
      if (process.env.UPDATE_PICTURES)
        await page.screenshot({ path: `reports/sandbox-${name.replace(/[^a-z0-9]+/gi, '-')}.png` });
      expect(await page.locator('body').innerText()).toContain('p1');
      await look(page);
    } finally {
      await page.close();
      front.close();
      await behind.close();
    }
  };
  // Not the whole page: the panel for developers beside them holds the answer as JSON.
  const cardsOn = (page: Page) => page.locator('[class*="decision-card"]');
  const criticalCardsOn = (page: Page) => page.locator('[class*="alert-critical"]');

  for (const critical of criticals)
    testOf(critical.name)(
      `${critical.name} on patient-view: a critical card says so, not "All clear!"`,
      () =>
        opens(critical.name, [...critical.results, ...critical.drugs], async (page) => {
          expect(await page.locator('body').innerText()).not.toContain(allClear);
          const text = (await criticalCardsOn(page).allInnerTexts()).join('\n');
          for (const said of critical.says) expect(text).toMatch(said);
        }),
      60_000,
    );

  test(
    'without a result out of range it does say so: nothing here hides it',
    () =>
      opens('normal', [observation('k', '2823-3', 4.2, 'mmol/L', hourAgo)], async (page) => {
        expect(await cardsOn(page).count()).toBe(0);
        expect(await page.locator('body').innerText()).toContain(allClear);
      }),
    60_000,
  );
});

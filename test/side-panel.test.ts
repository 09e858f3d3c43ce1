/** Cards in a real browser: they fit a side panel, and nothing that was received can act in it. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Decision, decide } from '../rules/decide.ts';
import type { Hook } from '../rules/fhir/hooks.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import {
  at,
  complete,
  condition,
  hookRequest,
  magnesiumSulfate,
  observation,
  patient,
  searchset,
} from './support/hook-requests.ts';
import { launchBrowser, panelHtml } from './support/side-panel.ts';

const ruleset = shippedRuleset();
const decided = (hook: Hook, request: { context: Record<string, unknown>; prefetch: unknown }): Decision =>
  decide({ hook, context: request.context, prefetch: request.prefetch }, ruleset, {
    decisionId: 'picture',
    decidedAt: at,
    evaluatedAt: at,
  });

const hourAgo = '2026-01-31T11:00:00Z';
const therapy = (id: string, code: string, since: string) => ({
  resourceType: 'MedicationStatement',
  id,
  status: 'active',
  subject: { reference: 'Patient/p1' },
  medicationCodeableConcept: { coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }] },
  effectivePeriod: { start: since },
});

const scenes: Record<string, () => Decision> = {
  'low-magnesium': () =>
    decided(
      'patient-view',
      hookRequest('patient-view', {
        ...complete([
          observation('mg', '19123-9', 0.9, 'mg/dL', hourAgo),
          observation('k', '2823-3', 3.9, 'mmol/L', hourAgo),
        ]),
        medicationStatements: searchset(
          therapy('ppi', '7646', '2024-01-15'),
          therapy('furosemide', '4603', '2025-03-01'),
        ),
      }),
    ),
  'order-sign': () =>
    decided(
      'order-sign',
      hookRequest(
        'order-sign',
        {
          patient,
          labs: searchset(observation('cr', '14682-9', 400, 'umol/L', '2026-01-30')),
          medicationRequests: searchset(),
        },
        [magnesiumSulfate()],
      ),
    ),
  myasthenia: () =>
    decided(
      'order-sign',
      hookRequest(
        'order-sign',
        complete([observation('cr', '2160-0', 0.9, 'mg/dL', hourAgo)], [condition('mg', '91637004')]),
        [magnesiumSulfate()],
      ),
    ),
  'no-creatinine': () =>
    decided(
      'order-sign',
      hookRequest('order-sign', complete([observation('k', '2823-3', 3.9, 'mmol/L', hourAgo)]), [
        magnesiumSulfate(),
      ]),
    ),
  'no-labs': () =>
    decided(
      'order-sign',
      hookRequest('order-sign', { patient, conditions: searchset() }, [magnesiumSulfate()]),
    ),
};

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test.each(Object.entries(scenes))(
    '%s: the cards fit a panel of 360 pixels, and every button is there',
    async (name, make) => {
      const { cards } = make();
      expect(cards.length).toBeGreaterThan(0);
      const page = await browser.newPage({ viewport: { width: 360, height: 800 }, deviceScaleFactor: 2 });
      await page.setContent(panelHtml(cards, 360));
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      expect(await page.locator('article').count()).toBe(cards.length);
      const suggestions = cards.flatMap((card) => card.suggestions ?? []);
      expect(await page.locator('button:not(.quiet)').count()).toBe(suggestions.length);
      // A new picture for the documentation is asked for, never made by the way.
      if (process.env.UPDATE_PICTURES) {
        const folder = resolve(import.meta.dirname, '../docs/images');
        mkdirSync(folder, { recursive: true });
        await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
      }
      await page.close();
    },
  );

  test('HTML and links planted in units, codes and ids are text, not elements', async () => {
    const hostile = '<img src=x onerror="document.title=1">[x](javascript:alert(1))';
    const lab = observation('mg', '19123-9', 0.9, 'mg/dL', hourAgo);
    const order = { ...magnesiumSulfate(), id: hostile };
    Object.assign(lab, { id: hostile });
    const { cards } = decided(
      'order-sign',
      hookRequest('order-sign', complete([lab], [condition(hostile, '91637004')]), [order]),
    );
    expect(cards.length).toBeGreaterThan(0);
    const page = await browser.newPage();
    await page.setContent(panelHtml(cards, 360));
    expect(await page.locator('article img, article script').count()).toBe(0);
    expect(await page.locator('article a[href^="javascript"]').count()).toBe(0);
    expect(await page.title()).toBe('');
    await page.close();
  });
});

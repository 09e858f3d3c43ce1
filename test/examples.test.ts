/**
 * Requests of the CDS Hooks specification, of a real client and in Epic's shape, posted to the service of their
 * hook. They lie beside the project; without them these tests are skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../functions/local.ts';
import { isHook } from '../rules/fhir/hooks.ts';
import { isObject, type Json } from '../rules/fhir/json.ts';
import { invariantProblems } from './support/cds-hooks-invariants.ts';
import { diagnostics, post, serving } from './support/serving.ts';

const folder = resolve(import.meta.dirname, '../../shared/examples/cds-hooks');
const missing = !existsSync(folder);

/** Files that hold a whole request; captured traffic has it under `body`. */
const requests: [string, Json][] = missing
  ? []
  : readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .sort()
      .flatMap((name): [string, Json][] => {
        const parsed: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
        const body = isObject(parsed) && isObject(parsed.body) ? parsed.body : parsed;
        return isObject(body) && typeof body.hook === 'string' && isObject(body.context)
          ? [[name, body]]
          : [];
      });

describe.skipIf(missing)('example requests (skipped where ../shared/examples is absent)', () => {
  let running: Running;
  beforeAll(async () => {
    running = await serving();
  });
  afterAll(() => running.close());

  test('there are some', () => expect(requests.length).toBeGreaterThan(5));

  test.each(requests)('%s: 200 with valid cards, or an error that says what to change', async (_, body) => {
    const answer = await post(`${running.url}/cds-services/${body.hook}`, body);
    if (answer.status === 200) {
      expect(isHook(body.hook)).toBe(true);
      expect(invariantProblems(answer.body)).toEqual([]);
      return;
    }
    // 412: nothing came to go on; 404: a hook we do not serve; 400: the specification left the patient out.
    const hasPatient = isObject(body.context) && body.context.patientId !== undefined;
    expect(hasPatient ? [404, 412] : [400], diagnostics(answer)).toContain(answer.status);
    expect(answer.body.resourceType).toBe('OperationOutcome');
  });

  test('in Epic shape: a sibling Medication is found, and an empty searchset that holds an outcome is known to be empty', async () => {
    const found = requests.find(([name]) => name.includes('order-sign-synthetic'));
    const answer = await post(`${running.url}/evaluate`, found?.[1]);
    const chart = answer.body.chart as { medications: unknown[]; completeness: Json };
    expect(chart.medications).toMatchObject([
      { role: 'ordered', ingredients: [{ name: 'furosemide' }], resolvedBy: 'rxnorm-ingredient' },
    ]);
    expect(chart.completeness.labs).toBe('known');
  });
});

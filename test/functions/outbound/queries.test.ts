/** What the templates ask for, on a real server: panels, drugs with their orders, procedures, the encounter. */
import { describe, expect, test } from 'vitest';
import { queryShapeOf } from '../../../functions/service/query-shape.ts';
import { decide } from '../../../rules/decide.ts';
import { shapeTemplates } from '../../../rules/evaluation/query-shape.ts';
import { asArray, type Json } from '../../../rules/fhir/json.ts';
import {
  encounter,
  gathering,
  ids,
  intake,
  medication,
  paths,
  request,
  ruleset,
  rxnorm,
  serve,
  server,
  subject,
  templates,
  useFhirServer,
  whole,
} from '../../support/gathering.ts';
import { at, magnesiumSulfate, patient, searchset } from '../../support/hook-requests.ts';

useFhirServer();

const clock = { decisionId: 'a'.repeat(32), decidedAt: at, evaluatedAt: at };
const draft = { resourceType: 'Bundle', entry: [{ resource: magnesiumSulfate() }] };
const context = { patientId: 'p1', userId: 'Practitioner/1', draftOrders: draft };

/** Reads everything, and decides. @returns the chart */
async function gatheredChart(more: Json = {}): Promise<ReturnType<typeof decide>['chart']> {
  const asked = { ...context, ...more };
  const { prefetch, fetched } = await gathering({}, { context: asked });
  return decide({ hook: 'order-sign', context: asked, prefetch, fetched }, ruleset, clock).chart;
}

describe('results of a panel', () => {
  const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
  const panel = {
    resourceType: 'Observation',
    id: 'panel',
    status: 'final',
    category: [{ coding: [{ code: 'laboratory' }] }],
    code: loinc('24362-6'),
    subject,
    effectiveDateTime: '2026-01-31T11:00:00Z',
    component: [
      { code: loinc('2160-0'), valueQuantity: { value: 3.1, unit: 'mg/dL', code: 'mg/dL' } },
      { code: loinc('2823-3'), valueQuantity: { value: 5.9, unit: 'mmol/L', code: 'mmol/L' } },
    ],
  };

  test('are found by the codes of its components, and read', async () => {
    await serve([patient, panel]);
    expect((await gatheredChart()).labs.map(({ test: name, value, used }) => [name, value, used])).toEqual([
      ['creatinine', 3.1, true],
      ['potassium', 5.9, true],
    ]);
  });

  test('are not found where the server is asked by `code` alone, as for epic', async () => {
    await serve([patient, panel]);
    const shape = queryShapeOf({ profile: 'epic', registered: null });
    const shaped = shapeTemplates(templates, { ...shape, since: false }, Date.parse(at));
    expect(ids((await gathering({}, {}, { templates: shaped })).fetched.resources.labs)).toEqual([]);
  });
});

describe('the drugs of orders', () => {
  const orders = [
    request('mr', { medicationReference: { reference: 'Medication/m1' } }),
    {
      resourceType: 'MedicationStatement',
      id: 'ms',
      status: 'active',
      subject,
      medicationReference: { reference: 'Medication/m2' },
    },
    {
      resourceType: 'MedicationAdministration',
      id: 'ma',
      status: 'in-progress',
      subject,
      medicationReference: { reference: 'Medication/m3' },
      effectivePeriod: { start: '2026-01-31T10:00:00Z' },
    },
  ];
  const drugs = [medication('m1', '7646'), medication('m2', '4603'), medication('m3', '6585')];

  test('come with them: 1 round, no read of a drug, no notice, and each is known by name', async () => {
    await serve([patient, ...orders, ...drugs]);
    const { fetched } = await gathering({}, { context });
    expect(paths().filter((path) => path.startsWith('Medication/'))).toEqual([]);
    expect(fetched.notices).toEqual([]);
    expect(fetched.resources).not.toHaveProperty('medications');
    const names = (await gatheredChart()).medications.map(({ ingredients }) => ingredients[0]?.name);
    expect(names).toEqual(expect.arrayContaining(['omeprazole', 'furosemide', 'magnesium sulfate']));
  });

  test('are each read by itself where the server is not asked for them, as for cerner', async () => {
    await serve([patient, ...orders, ...drugs]);
    const shape = queryShapeOf({ profile: 'cerner', registered: null });
    await gathering({}, {}, { templates: shapeTemplates(templates, shape, Date.parse(at)) });
    expect(paths().filter((path) => path.startsWith('Medication/'))).toHaveLength(3);
  });

  test.each([
    ['as included', { search: { mode: 'include' } }],
    ['without saying so', {}],
  ])('that a client sends in the same bundle, %s, are definitions and count in no total', async (_, more) => {
    const [order] = orders;
    const bundle = (total: number) => ({
      ...searchset(),
      total,
      entry: [
        { resource: order, search: { mode: 'match' } },
        { resource: drugs[0], ...more },
      ],
    });
    const sent = { ...whole, medicationRequests: bundle(1) };
    const gathered = await gathering(sent, { context });
    expect(server.calls).toEqual([]);
    const { items, completeness, definitionOf, notices } = intake(gathered, context);
    expect(items.map(({ reference }) => reference)).not.toContain('Medication/m1');
    expect(definitionOf('Medication/m1', null)?.resource.code).toEqual(rxnorm('7646'));
    expect([completeness.medications, notices]).toEqual(['known', []]);
    // Of 2 orders one came: the drug beside it does not stand for the other.
    const lacking = intake({
      prefetch: { ...whole, medicationRequests: bundle(2) },
      fetched: gathered.fetched,
    });
    expect(lacking.completeness.medications).toBe('partial');
  });
});

test('a session of dialysis that stands among the procedures alone is found', async () => {
  const session = {
    resourceType: 'Procedure',
    id: 'hd',
    status: 'completed',
    code: { coding: [{ system: 'http://snomed.info/sct', code: '302497006', display: 'Hemodialysis' }] },
    subject,
    performedDateTime: '2026-01-29T09:00:00Z',
  };
  await serve([patient, session]);
  expect((await gatheredChart()).conditions).toMatchObject([
    { reference: 'Procedure/hd', groups: ['dialysis'] },
  ]);
});

test('a server that has no procedures leaves the problems known, and says what could not be read', async () => {
  server.instead.Procedure = 'status404';
  const gathered = await gathering({});
  expect(intake(gathered).completeness.conditions).toBe('known');
  expect(gathered.fetched.notices.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^procedures could not be read/),
  ]);
});

test.each(['patient-view', 'order-select', 'order-sign', 'medication-refill', 'encounter-start'] as const)(
  'at %s the encounter that the context names is read',
  async (hook) => {
    const named = { ...context, encounterId: 'e1' };
    const { fetched } = await gathering({}, { context: named }, { templates: ruleset.prefetch[hook] });
    expect(fetched.resources.encounter).toEqual(encounter);
    expect(asArray(fetched.failed)).toEqual([]);
  },
);

import { describe, expect, it } from 'vitest';
import { decide, decideChart } from '../../rules/decide.ts';
import { createRuleset } from '../../rules/evaluation/ruleset.ts';
import { engine } from '../../rules/version.ts';
import {
  complete,
  condition,
  hookRequest,
  magnesiumSulfate,
  observation,
  patient,
  searchset,
} from '../support/hook-requests.ts';
import { clock, compares, document, holds } from '../support/rule-documents.ts';

const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
const ruleset = createRuleset(
  [
    document('AA-001', { all: [holds('condition', { groups: ['dialysis'], status: 'active' })] }),
    document(
      'AA-002',
      {
        all: [
          holds('drug', { ingredients: ['magnesium sulfate'], role: 'ordered' }),
          compares('lab', magnesium, 'greaterThan', 6),
        ],
      },
      { card: { indicator: 'critical' } },
    ),
    document('AA-003', { all: [holds('allergy', { ingredients: ['aspirin'] })] }),
    document('DQ-004', { all: [holds('checkNotMade', {})] }, { about: 'data' }),
  ].map((json) => ({ where: 'x', json })),
);
const { context, prefetch } = hookRequest(
  'order-sign',
  {
    ...complete(
      [observation('1', '19123-9', 1, null, '2026-01-31T08:00:00Z')],
      [condition('c', '265764009')],
    ),
    allergies: undefined,
  },
  [magnesiumSulfate()],
);
const decided = () => decide({ hook: 'order-sign', context, prefetch }, ruleset, clock);

describe('a decision', () => {
  it('says when, under which rules and of whom', () => {
    const decision = decided();
    expect(decision).toMatchObject({
      ...clock,
      hook: 'order-sign',
      ruleset: { digest: ruleset.digest, version: engine.version },
      patientId: 'p1',
    });
    expect(decision.ruleset).toEqual({ digest: ruleset.digest, version: ruleset.version });
  });
  it('keeps the notices of the request, of the chart and of the rules', () => {
    expect(decided().notices.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['unit-missing', 'category-missing']),
    );
  });
  it('has the card of the checks that could not be made', () => {
    expect(decided().cards.map(({ source }) => source.topic.code)).toEqual(['DQ-004']);
  });
  it('is repeated from its chart to the same bytes', () => {
    const decision = decided();
    const noted = decision.notices.filter(({ code }) => code !== 'category-missing');
    const again = decideChart('order-sign', 'p1', decision.chart, noted, ruleset, clock);
    const { evaluations, facts, used, ...plain } = again;
    expect(JSON.parse(JSON.stringify(plain))).toEqual(
      JSON.parse(JSON.stringify({ ...decision, evaluations: undefined, facts: undefined, used: undefined })),
    );
    expect(evaluations.map(({ rule, outcome, why }) => [rule, outcome, why])).toEqual(
      decision.evaluations.map(({ rule, outcome, why }) => [rule, outcome, why]),
    );
    expect(facts()).toEqual(decision.facts());
    expect(used()).toEqual(decision.used());
  });
  it('says what was read from the FHIR server, and that nothing was', () => {
    const of = (resources: Record<string, unknown> | null) =>
      decide(
        {
          hook: 'order-sign',
          context,
          prefetch,
          ...(resources === null ? {} : { fetched: { resources, failed: [], notices: [] } }),
        },
        ruleset,
        clock,
      ).fetched;
    expect(of(null)).toEqual([]);
    expect(of({})).toEqual([]);
    expect(of({ allergies: searchset() })).toEqual(['allergies']);
  });
  it('of a bundle is that of its resources, for the patient asked for', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [patient, { ...patient, id: 'p2' }, condition('c', '265764009')].map((resource) => ({
        resource,
      })),
    };
    const of = (id: string) => decide({ hook: 'patient-view', bundle, patient: id }, ruleset, clock);
    expect(of('p1').patientId).toBe('p1');
    expect(of('p1').cards.map(({ source }) => source.topic.code)).toEqual(['AA-001']);
    expect(of('p2').cards).toEqual([]);
    expect(of('p2').notices.map(({ code }) => code)).toContain('other-patient');
  });
});

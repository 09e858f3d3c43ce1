import { describe, expect, it } from 'vitest';
import { sha256 } from '../rules/digest.ts';
import { type Asked, chain, decisionIdOf, recordOf, refusalOf } from '../rules/record.ts';
import { engine } from '../rules/ruleset.ts';
import { compares, decideRules, document, holds } from './rule-documents.ts';

const asked: Asked = {
  tenant: 'north',
  client: 'ehr',
  service: 'order-sign',
  hook: 'order-sign',
  hookInstance: 'd1577c69-dfbe-44ad-ba6d-000000000001',
  user: 'Practitioner/1',
  requestDigest: 'sha256:request',
  receivedAt: '2026-01-31T12:00:00.000Z',
};
const masked = ['names', 'addresses', 'telecom', 'narrative', 'displays', 'notes', 'identifiers', 'tokens'];

describe('the record of a decision', () => {
  const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
  const dialysis = { groups: ['dialysis'], status: 'active' };
  const decision = decideRules(
    [
      document('AA-001', { all: [holds('condition', dialysis)] }),
      document('AA-002', {
        all: [
          holds('condition', dialysis),
          compares('lab', { ...magnesium, test: 'calcium-total' }, 'lessThan', 1),
        ],
      }),
      document('AA-003', {
        all: [
          holds('condition', dialysis),
          compares('lab', { ...magnesium, test: 'calcium-total' }, 'lessThan', 2),
          compares('lab', magnesium, 'lessThan', 1.6),
        ],
      }),
      document('AA-004', { all: [holds('condition', { groups: ['asthma'], status: 'active' })] }),
    ],
    {
      conditions: ['dialysis'],
      labs: [{ test: 'magnesium', value: 0.9, unit: 'mg/dL', hoursAgo: 1 }],
    },
  );
  const record = recordOf(decision, asked, { decide: 3 });

  it('is who asked what, the decision, its data, and what was left out on purpose', () => {
    expect(record).toMatchObject({
      ...asked,
      schema: 'epsom.decision/2',
      decisionId: 'decision-1',
      decidedAt: '2026-01-31T12:00:00.000Z',
      evaluatedAt: '2026-01-31T12:00:00.000Z',
      durationMs: { decide: 3 },
      ruleset: decision.ruleset,
      engine,
      status: 200,
      patient: 'case',
      notices: decision.notices,
      chart: decision.chart,
      cards: decision.cards,
      masked,
    });
    expect(record).not.toHaveProperty('problem');
    expect(record.cards).toHaveLength(1);
  });

  it('keeps each known fact that was used with its evidence, and the unit where it has one', () => {
    expect(record.inputs).toEqual([
      {
        fact: 'condition',
        params: dialysis,
        value: true,
        evidence: [expect.objectContaining({ reference: 'Condition/condition-1' })],
      },
      {
        fact: 'lab',
        params: magnesium,
        value: 0.9,
        unit: 'mg/dL',
        evidence: [expect.objectContaining({ reference: 'Observation/lab-1', used: '0.9 mg/dL' })],
      },
    ]);
  });

  it('keeps each evaluation, and what it waits for where it is undecided', () => {
    const common = { version: '1.2.3', status: 'active', why: null };
    expect(record.evaluations).toEqual([
      {
        ...common,
        rule: 'AA-001',
        outcome: 'fired',
        shown: true,
        fingerprint: { version: '1.2.3', indicator: 'warning', because: ['dialysis'], numbers: [] },
      },
      {
        ...common,
        rule: 'AA-002',
        outcome: 'indeterminate',
        shown: false,
        missing: ['lab calcium-total within P3D'],
      },
      {
        ...common,
        rule: 'AA-003',
        outcome: 'indeterminate',
        shown: false,
        missing: ['lab calcium-total within P3D'],
      },
      { ...common, rule: 'AA-004', outcome: 'not-fired', shown: false },
    ]);
    // What two rules wait for is missing once.
    expect(record.missing).toEqual(['lab calcium-total within P3D']);
  });
});

describe('the record of a refusal', () => {
  it('is who asked what and why nothing was evaluated, without clinical data', () => {
    const ruleset = { digest: 'sha256:rules', version: '0.1.0', rules: [] };
    expect(refusalOf('d-1', asked, 412, 'no patient data came', '2026-01-31T12:00:01.000Z', ruleset)).toEqual(
      {
        ...asked,
        schema: 'epsom.decision/2',
        decisionId: 'd-1',
        decidedAt: '2026-01-31T12:00:01.000Z',
        evaluatedAt: null,
        durationMs: {},
        ruleset: { digest: 'sha256:rules', version: '0.1.0' },
        engine: { name: 'epsom', version: '0.1.0' },
        status: 412,
        problem: 'no patient data came',
        patient: null,
        inputs: [],
        presentation: null,
        missing: [],
        notices: [],
        chart: null,
        evaluations: [],
        cards: [],
        masked,
      },
    );
  });
});

describe('the chain', () => {
  it('hashes the canonical JSON of everything but the hash', () => {
    expect(chain({ b: 1, a: 2 }, 'w', 7, 'sha256:before')).toEqual({
      b: 1,
      a: 2,
      writer: 'w',
      seq: 7,
      prevHash: 'sha256:before',
      hash: `sha256:${sha256('{"a":2,"b":1,"prevHash":"sha256:before","seq":7,"writer":"w"}')}`,
    });
  });
});

describe('the id of a decision', () => {
  const id = decisionIdOf(asked, 'sha256:rules');
  it('is 32 hex digits of the hash of who asked what under which rules', () => {
    const names = [
      'north',
      'ehr',
      'order-sign',
      'd1577c69-dfbe-44ad-ba6d-000000000001',
      'sha256:request',
      'sha256:rules',
    ];
    expect(id).toBe(sha256(names.join('\n')).slice(0, 32));
  });
  it.each(['tenant', 'client', 'service', 'hookInstance', 'requestDigest'] as const)(
    'is another for another %s, and the same for another time',
    (key) => {
      expect(decisionIdOf({ ...asked, [key]: 'other' }, 'sha256:rules')).not.toBe(id);
      expect(decisionIdOf({ ...asked, receivedAt: 'later' }, 'sha256:rules')).toBe(id);
    },
  );
  it('of a request without a hookInstance counts it as empty', () => {
    const names = ['north', 'ehr', 'order-sign', '', 'sha256:request', 'sha256:rules'];
    expect(decisionIdOf({ ...asked, hookInstance: null }, 'sha256:rules')).toBe(
      sha256(names.join('\n')).slice(0, 32),
    );
  });
});

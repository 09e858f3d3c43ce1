import { describe, expect, it } from 'vitest';
import { decide } from '../../rules/decide.ts';
import { sha256 } from '../../rules/digest/digest.ts';
import { type Presentation, showAll } from '../../rules/evaluation/presentation.ts';
import { createRuleset } from '../../rules/evaluation/ruleset.ts';
import { chain, decisionIdOf, mergeRecord, recordOf, refusalOf, wordRecord } from '../../rules/record.ts';
import { splitRecord } from '../../rules/record-head.ts';
import type { RequestMetadata } from '../../rules/record-types.ts';
import { engine } from '../../rules/version.ts';
import { complete, condition, hookRequest, searchset } from '../support/hook-requests.ts';
import { clock, compares, decideRules, document, holds } from '../support/rule-documents.ts';

const asked: RequestMetadata = {
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
  const decided = () =>
    decideRules(
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
  const recordedNow = () => recordOf(decided(), asked, { decide: 3 });

  it('is who asked what, the decision, its data, and what was left out on purpose', () => {
    const decision = decided();
    const record = recordOf(decision, asked, { decide: 3 });
    expect(record).toMatchObject({
      ...asked,
      schema: 'epsom.decision/4',
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
    expect(wordRecord(recordedNow()).inputs).toEqual([
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
    const stored = recordedNow();
    expect(stored.missing).toMatchObject([{ fact: 'lab', params: { test: 'calcium-total' }, reasons: [] }]);
    expect(stored.evaluations.map(({ missing }) => missing)).toEqual([undefined, [0], [0], undefined]);
    const record = wordRecord(stored);
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

/** Recorded of a patient on dialysis whose problem list came as said. */
function recorded(
  rules: readonly object[],
  presentation: Partial<Presentation> = {},
  how: 'sent' | 'fetched' = 'sent',
) {
  const conditions = searchset(condition('c', '265764009'));
  const { context, prefetch } = hookRequest('patient-view', {
    ...complete([]),
    conditions: how === 'sent' ? conditions : undefined,
  });
  const resources = how === 'sent' ? {} : { conditions };
  const decision = decide(
    { hook: 'patient-view', context, prefetch, fetched: { resources, failed: [], notices: [] } },
    createRuleset(rules.map((json) => ({ where: 'x', json }))),
    clock,
    { ...showAll, ...presentation },
  );
  return recordOf(decision, asked, {});
}
const onDialysis = { all: [holds('condition', { groups: ['dialysis'], status: 'active' })] };

describe('where the data of a decision came from', () => {
  const from = (how: 'sent' | 'fetched') => {
    const { inputs, fetched } = recorded([document('AA-001', onDialysis)], {}, how);
    return { evidence: inputs[0]?.evidence.map((one) => [one.reference, one.from]), fetched };
  };
  it('is said of each piece of evidence, and of what was read from the FHIR server by its key', () => {
    expect(from('sent')).toEqual({ evidence: [['Condition/c', 'prefetch']], fetched: undefined });
    expect(from('fetched')).toEqual({ evidence: [['Condition/c', 'fetch']], fetched: ['conditions'] });
  });
  it('is not known of a replay, which has only the chart', () => {
    const decision = decideRules([document('AA-001', onDialysis)], { conditions: ['dialysis'] });
    const [input] = recordOf({ ...decision, origins: new Map() }, asked, {}).inputs;
    expect(input?.evidence[0]).not.toHaveProperty('from');
    expect(recordOf(decision, asked, {})).not.toHaveProperty('fetched');
  });
  it('is no input where it leaves the fact unknown, such as a drug that was not recognised', () => {
    const decision = decideRules(
      [document('AA-001', { all: [holds('drug', { classes: ['digoxin'], role: 'active' })] })],
      { active: [{ text: 'unobtainium' }] },
    );
    expect(decision.used()).toMatchObject([
      { state: 'missing', evidence: [{ reference: 'MedicationStatement/active-1' }] },
    ]);
    expect(recordOf(decision, asked, {}).inputs).toEqual([]);
  });
  it('is no input where a known fact rests on nothing, such as a condition that is not on the list', () => {
    const none = { all: [holds('condition', { groups: ['asthma'], status: 'active' }, false)] };
    const record = recorded([document('AA-001', none)]);
    expect(record.evaluations[0]?.outcome).toBe('fired');
    expect(record.inputs).toEqual([]);
  });
});

describe('the head of a record', () => {
  const rules = ['MG-001', 'MG-002', 'MG-003'].map((id) =>
    document(id, onDialysis, { status: id === 'MG-003' ? 'shadow' : 'active' }),
  );
  const undecided = document('MG-004', {
    all: [compares('lab', { test: 'magnesium', unit: 'mg/dL', within: 'P3D' }, 'lessThan', 1)],
  });
  const split = () => {
    const record = recorded([...rules, undecided], { limit: { warning: 1 } });
    return { record, ...splitRecord(record) };
  };

  it('stays readable without anything clinical: that is apart', () => {
    const { record, head, clinical } = split();
    const { patient, inputs, missing, notices, chart, presentation, evaluations, cards } = record;
    expect(clinical).toEqual({ patient, inputs, missing, notices, chart, presentation, evaluations, cards });
    expect(clinical.patient).toBe('p1');
    expect(Object.keys(head).sort()).toEqual(
      [
        ...Object.keys(asked),
        'schema',
        'decisionId',
        'decidedAt',
        'evaluatedAt',
        'durationMs',
        'ruleset',
        'engine',
        'status',
        'masked',
        'findings',
        'cardIds',
        'undecided',
      ].sort(),
    );
  });

  it('lists the rules that fired, with the card of each that was shown, and all cards by id', () => {
    const { record, head } = split();
    const [shown, heldBack] = record.cards;
    expect(record.cards.map(({ source }) => source.topic.code)).toEqual(['MG-001', 'held-back']);
    expect(head.findings).toEqual([
      { rule: 'MG-001', version: '1.2.3', shown: true, card: shown?.uuid, indicator: 'warning' },
      { rule: 'MG-002', version: '1.2.3', shown: false, why: 'over-limit' },
      { rule: 'MG-003', version: '1.2.3', shown: false, why: 'not-in-force' },
    ]);
    expect(head.cardIds).toEqual([shown?.uuid, heldBack?.uuid]);
  });

  it('knows the card of a client whose topic codes have no hyphen', () => {
    const epic = recorded(rules, { profile: 'epic' });
    expect(epic.cards.map(({ source }) => source.topic.code)).toEqual(['MG001', 'MG002']);
    expect(splitRecord(epic).head.findings).toEqual([
      { rule: 'MG-001', version: '1.2.3', shown: true, card: epic.cards[0]?.uuid, indicator: 'warning' },
      { rule: 'MG-002', version: '1.2.3', shown: true, card: epic.cards[1]?.uuid, indicator: 'warning' },
      { rule: 'MG-003', version: '1.2.3', shown: false, why: 'not-in-force' },
    ]);
  });

  it('names no card of a rule that was not shown, even where the record has one', () => {
    const { record } = split();
    const odd = {
      ...record,
      evaluations: record.evaluations.map((evaluation) => ({ ...evaluation, shown: false })),
    };
    expect(splitRecord(odd).head.findings[0]).toEqual({ rule: 'MG-001', version: '1.2.3', shown: false });
  });

  it('and what is clinical are the record again', () => {
    const { record, head, clinical } = split();
    const { findings, cardIds, undecided: waits, ...whole } = mergeRecord(head, clinical);
    expect(whole).toEqual(record);
    expect([findings, cardIds, waits]).toEqual([head.findings, head.cardIds, head.undecided]);
    expect(waits).toEqual({ 'lab:magnesium:mg/dL:P3D': ['MG-004'] });
  });

  it('of an erased patient is all that is left', () => {
    const { head } = split();
    expect(mergeRecord(head, null)).toEqual({
      ...head,
      patient: null,
      inputs: [],
      missing: [],
      notices: [],
      chart: null,
      presentation: null,
      evaluations: [],
      cards: [],
    });
  });
});

describe('the record of a refusal', () => {
  it('is who asked what and why nothing was evaluated, without clinical data', () => {
    const ruleset = { digest: 'sha256:rules', version: '0.1.0', rules: [] };
    expect(refusalOf('d-1', asked, 412, 'no patient data came', '2026-01-31T12:00:01.000Z', ruleset)).toEqual(
      {
        ...asked,
        schema: 'epsom.decision/4',
        decisionId: 'd-1',
        decidedAt: '2026-01-31T12:00:01.000Z',
        evaluatedAt: null,
        durationMs: {},
        ruleset: { digest: 'sha256:rules', version: '0.1.0' },
        engine,
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

/**
 * Every hook of the library that has a service: what of its context is of this moment, what it shows and what it
 * does not, and which data it asks for. The contexts are in the shapes of the hooks' own pages.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decision, decide } from '../../../rules/decide.ts';
import type { FactName } from '../../../rules/facts/facts.ts';
import { type Hook, hooks, isHook, meaningOf, notServed } from '../../../rules/fhir/hooks.ts';
import { isObject, type Json } from '../../../rules/fhir/json.ts';
import { intakeOfBundle, intakeOfHook } from '../../../rules/intake/intake.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { compileRule } from '../../../rules/rule/compile.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { FactRequests } from '../../../rules/rule/fact-store.ts';
import { invariantProblems } from '../../support/cds-hooks-invariants.ts';
import {
  at,
  complete,
  condition,
  magnesiumSulfate,
  observation,
  patient,
} from '../../support/hook-requests.ts';
import { compares, document, holds } from '../../support/rule-documents.ts';

const ruleset = shippedRuleset();
const clock = { decisionId: 'hooks', decidedAt: at, evaluatedAt: at };
const hourAgo = '2026-01-31T11:00:00Z';

const rxnorm = (code: string) => ({
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
});
const request = (id: string, code: string, more: Json = {}) => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: rxnorm(code),
  subject: { reference: 'Patient/p1' },
  ...more,
});
const statement = (id: string, code: string, more: Json = {}) => ({
  resourceType: 'MedicationStatement',
  id,
  status: 'active',
  medicationCodeableConcept: rxnorm(code),
  subject: { reference: 'Patient/p1' },
  ...more,
});
const allergy = (id: string, concept: Json) => ({
  resourceType: 'AllergyIntolerance',
  id,
  clinicalStatus: { coding: [{ code: 'active' }] },
  code: concept,
  patient: { reference: 'Patient/p1' },
});
const bundle = (...resources: object[]) => ({
  resourceType: 'Bundle',
  entry: resources.map((resource) => ({ resource })),
});
/** RxNorm ingredients. */
const drugs = { ibuprofen: '5640', naproxen: '7258', metformin: '6809', magnesium: '6585' };
const myasthenia = '91637004';
const intravenous = [{ route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] } }];

function decided(hook: Hook, context: Json, prefetch: unknown = complete([])): Decision {
  const decision = decide(
    { hook, context: { patientId: 'p1', userId: 'Practitioner/1', ...context }, prefetch },
    ruleset,
    clock,
  );
  expect(invariantProblems({ cards: decision.cards })).toEqual([]);
  return decision;
}
const shown = ({ evaluations }: Decision): string[] =>
  evaluations.filter((evaluation) => evaluation.shown).map(({ rule }) => rule);
const evaluationOf = (decision: Decision, rule: string) =>
  decision.evaluations.find((found) => found.rule === rule);
const missingContext = ({ notices }: Decision): string[] =>
  notices
    .filter(({ code }) => code === 'context-missing' || code === 'order-unchecked')
    .map(({ message }) => message);

describe('the table of hooks', () => {
  test('ten hooks are served, three are not and say why', () => {
    expect(hooks).toHaveLength(10);
    expect(hooks.every(isHook)).toBe(true);
    expect(Object.keys(notServed)).toEqual(['appointment-book', 'medication-prescribe', 'order-review']);
    for (const name of [...Object.keys(notServed), 'toString', '', 7, null]) expect(isHook(name)).toBe(false);
  });

  test('each hook has rules, and follows a hook that follows itself', () => {
    for (const hook of hooks) {
      const { follows } = meaningOf(hook);
      expect(meaningOf(follows).follows).toBe(follows);
      expect(ruleset.rules.filter((compiled) => compiled.hooks.has(hook)).length, hook).toBeGreaterThan(0);
    }
  });

  test('[13] no service id stands for two hooks', () => {
    expect(new Set(hooks).size).toBe(hooks.length);
  });

  test('[16] [27] [28] [30] prefetch tokens are root-level fields that the hook has: order-dispatch asks for no encounter', () => {
    for (const hook of hooks) {
      const fields = ['patientId', ...(meaningOf(hook).encounterId === 'none' ? [] : ['encounterId'])];
      const templates = Object.values(ruleset.prefetch[hook]);
      const tokens = templates.flatMap((template) =>
        [...template.matchAll(/\{\{([^}]*)\}\}/g)].map(([, token = '']) => token),
      );
      expect(tokens.length).toBeGreaterThan(0);
      for (const token of tokens) expect(fields.map((field) => `context.${field}`)).toContain(token);
      expect(templates.join(' '), hook).not.toMatch(/_maxresults|:not|today\(|ofType|resolve|\{\{%/);
    }
    expect(Object.keys(ruleset.prefetch['order-dispatch'])).not.toContain('encounter');
    expect(Object.keys(ruleset.prefetch['order-dispatch'])).toContain('medicationRequests');
  });

  test('[29] queries use =, date, _count, _sort, and _include for the drugs of orders', () => {
    const names = hooks.flatMap((hook) =>
      Object.values(ruleset.prefetch[hook]).flatMap((template) =>
        [...(template.split('?')[1] ?? '').matchAll(/(?:^|&)([^=]+)=/g)].map(([, name]) => name),
      ),
    );
    expect([...new Set(names)].sort()).toEqual([
      '_count',
      '_include',
      '_sort',
      'combo-code',
      'patient',
      'status',
    ]);
  });

  test('an allergy asks for medications and allergies, not for laboratory data', () => {
    expect(Object.keys(ruleset.prefetch['allergyintolerance-create'])).toEqual([
      'patient',
      'medicationRequests',
      'medicationStatements',
      'medicationAdministrations',
      'allergies',
      'encounter',
    ]);
  });
});

describe('encounter-start and encounter-discharge', () => {
  test.each(['encounter-start', 'encounter-discharge'] as const)(
    '%s shows a magnesium of 0.9 mg/dL as patient-view does',
    (hook) => {
      const labs = [observation('mg', '19123-9', 0.9, 'mg/dL', hourAgo)];
      const decision = decided(hook, { encounterId: 'e1' }, complete(labs));
      expect(shown(decision)).toContain('MG-001');
      expect(shown(decision)).toEqual(shown(decided('patient-view', { encounterId: 'e1' }, complete(labs))));
      expect(missingContext(decision)).toEqual([]);
    },
  );

  test('without encounterId it is a notice, not an error', () => {
    expect(missingContext(decided('encounter-start', {}))).toEqual(['context.encounterId did not come']);
    expect(missingContext(decided('patient-view', {}))).toEqual([]);
  });
});

describe('order-sign', () => {
  test.each(['active', 'on-hold', 'unknown', undefined])(
    'an order signed again with status %s is still the order of this moment',
    (status) => {
      const order = { ...magnesiumSulfate(), status };
      const decision = decided(
        'order-sign',
        { draftOrders: bundle(order) },
        complete([], [condition('mg', myasthenia)], [{ ...order, status: 'active' }]),
      );
      expect(shown(decision)).toContain('IV-001');
      const deletions = decision.cards.flatMap(({ suggestions = [] }) =>
        suggestions.flatMap(({ actions }) => actions.filter(({ type }) => type === 'delete')),
      );
      // Only what is a draft can be deleted.
      expect(deletions.length > 0).toBe(status === undefined);
    },
  );

  test('the sandbox on DSTU2 drafts a MedicationOrder: it is read, and can be deleted by its own name', () => {
    const order = {
      resourceType: 'MedicationOrder',
      id: 'request-1',
      status: 'draft',
      patient: { reference: 'Patient/p1' },
      medicationCodeableConcept: rxnorm(drugs.magnesium),
      dosageInstruction: intravenous,
    };
    const decision = decided(
      'order-sign',
      { draftOrders: bundle(order) },
      complete([], [condition('mg', myasthenia)]),
    );
    expect(shown(decision)).toContain('IV-001');
    expect(JSON.stringify(decision.cards)).toContain('"resourceId":"MedicationOrder/request-1"');
  });

  test('a draft without medication, intent or type of Bundle, its category an object, crashes nothing', () => {
    const loose = {
      resourceType: 'MedicationRequest',
      id: 'request-1',
      status: 'draft',
      category: { coding: [{ code: 'inpatient' }] },
    };
    const decision = decided('order-select', {
      draftOrders: { resourceType: 'Bundle', entry: [{ resource: loose }] },
      selections: ['MedicationRequest/request-1'],
    });
    expect(decision.notices.map(({ code }) => code)).toContain('drug-unresolved');
  });
});

describe('medication-refill', () => {
  const taken = [
    statement('s1', drugs.metformin, {
      effectivePeriod: { start: '2020-01-01' },
      dosage: [
        {
          route: { coding: [{ system: 'http://snomed.info/sct', code: '26643006' }] },
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
          doseAndRate: [{ doseQuantity: { value: 1000, unit: 'mg', code: 'mg' } }],
        },
      ],
    }),
  ];
  const refill = request('r1', drugs.metformin, {
    status: 'draft',
    dosageInstruction: [
      {
        route: { coding: [{ system: 'http://snomed.info/sct', code: '26643006' }] },
        timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
        doseAndRate: [{ doseQuantity: { value: 1000, unit: 'mg', code: 'mg' } }],
      },
    ],
  });
  const poorKidneys = [observation('cr', '2160-0', 2.2, 'mg/dL', hourAgo)];
  const prefetch = (labs: object[], medications: object[] = taken) => ({
    ...complete(labs),
    medicationStatements: bundle(...medications),
  });

  test('metformin refilled at an eGFR below 30 is shown; the refill is the order of this moment', () => {
    const decision = decided('medication-refill', { medications: bundle(refill) }, prefetch(poorKidneys));
    expect(shown(decision)).toContain('RD-001');
    expect(missingContext(decision)).toEqual([]);
  });

  test('what is taken already is no duplicate of its refill, and a refill is no start', () => {
    const labs = [observation('cr', '2160-0', 1.5, 'mg/dL', hourAgo)];
    const decision = decided('medication-refill', { medications: bundle(refill) }, prefetch(labs));
    expect(evaluationOf(decision, 'DQ-006')).toMatchObject({
      outcome: 'fired',
      shown: false,
      why: { code: 'other-hook', hook: 'medication-refill' },
    });
    expect(evaluationOf(decision, 'RD-002')?.outcome).toBe('not-fired');
    const signed = decided('order-sign', { draftOrders: bundle(refill) }, prefetch(labs));
    expect(shown(signed)).toContain('DQ-006');
  });

  test('the refill stands for the one therapy that it renews, since when that began; of two none is left out', () => {
    const one = decided('medication-refill', { medications: bundle(refill) }, prefetch([]));
    const [order, therapy] = [
      one.chart.medications.find(({ role }) => role === 'ordered'),
      one.chart.medications.find(({ role }) => role === 'active'),
    ];
    expect(therapy?.renewed).toBe(true);
    expect(order?.started).toEqual(therapy?.started);
    const two = decided(
      'medication-refill',
      { medications: bundle(refill) },
      prefetch([], [...taken, statement('s2', drugs.metformin)]),
    );
    expect(two.chart.medications.some(({ renewed }) => renewed)).toBe(false);
  });

  test('userId is optional here; without medications there is a notice', () => {
    const decision = decided('medication-refill', { userId: undefined });
    expect(missingContext(decision)).toEqual(['context.medications did not come: no order could be checked']);
    expect(evaluationOf(decision, 'DQ-005')).toMatchObject({ outcome: 'indeterminate' });
  });
});

describe('medication-verify', () => {
  const order = request('v1', drugs.magnesium, { dosageInstruction: intravenous });
  test.each([
    ['medication, the resource itself', { medication: order }],
    ['medication, inside resource', { medication: { resource: order } }],
    ['order, as the examples of the page have it', { order: { resource: order } }],
    ['a Bundle of one', { medication: bundle(order) }],
  ])('%s: the active order is the order of this moment, and nothing offers to delete it', (_, context) => {
    const prefetch = complete([], [condition('mg', myasthenia)], [order]);
    const decision = decided('medication-verify', context, prefetch);
    expect(shown(decision)).toContain('IV-001');
    expect(decision.chart.medications).toHaveLength(1);
    expect(JSON.stringify(decision.cards)).not.toContain('"delete"');
  });
});

describe('order-dispatch', () => {
  const order = request('d1', drugs.magnesium, { dosageInstruction: intravenous });
  const prefetch = complete([], [condition('mg', myasthenia)], [order, request('other', drugs.ibuprofen)]);
  const context = { userId: undefined, performer: 'Organization/1' };

  test('the named order comes with the prefetch and is the order of this moment; another is therapy', () => {
    const decision = decided(
      'order-dispatch',
      { ...context, dispatchedOrders: ['MedicationRequest/d1'] },
      prefetch,
    );
    expect(shown(decision)).toContain('IV-001');
    expect(decision.chart.medications.map(({ reference, role }) => [reference, role])).toEqual([
      ['MedicationRequest/d1', 'ordered'],
      ['MedicationRequest/other', 'active'],
    ]);
    expect(missingContext(decision)).toEqual([]);
  });

  test('an order that is named and did not come leaves the orders unknown in part, never empty', () => {
    const decision = decided(
      'order-dispatch',
      { ...context, dispatchedOrders: ['https://ehr.example/fhir/MedicationRequest/d9'] },
      prefetch,
    );
    expect(missingContext(decision)).toEqual([
      'context.dispatchedOrders names 1 order(s) that did not come: not checked',
    ]);
    expect(decision.chart.completeness.orders).toBe('partial');
    expect(evaluationOf(decision, 'IV-001')?.outcome).toBe('indeterminate');
  });

  test('a service request that did not come is a notice and leaves the medication orders known', () => {
    const decision = decided(
      'order-dispatch',
      { ...context, dispatchedOrders: ['ServiceRequest/proc002'] },
      prefetch,
    );
    expect(decision.chart.completeness.orders).toBe('known');
    expect(missingContext(decision)).toHaveLength(1);
  });

  test('without dispatchedOrders no order could be checked, and an encounterId is not expected', () => {
    const decision = decided('order-dispatch', { ...context, encounterId: 'e1' }, prefetch);
    expect(missingContext(decision)).toEqual([
      'context.dispatchedOrders did not come: no order could be checked',
    ]);
    expect(decision.chart.encounter).toBeNull();
  });
});

describe('allergyintolerance-create', () => {
  const entered = allergy('new', rxnorm(drugs.naproxen));
  const taking = (...medications: object[]) => complete([], [], medications);

  test('a new allergy to naproxen against ibuprofen that is taken: shown, without an offer to delete it', () => {
    const decision = decided(
      'allergyintolerance-create',
      { allergyIntolerance: entered },
      taking(request('m1', drugs.ibuprofen)),
    );
    expect(shown(decision)).toEqual(['DQ-005']);
    expect(decision.cards[0]?.detail).toContain('naproxen');
    expect(decision.cards[0]?.suggestions).toBeUndefined();
    expect(decision.chart.completeness.allergies).toBe('known');
  });

  test('the entry alone does not make the list of allergies known', () => {
    const { allergies: _, ...prefetch } = taking(request('m1', drugs.metformin));
    const decision = decided('allergyintolerance-create', { allergyIntolerance: entered }, prefetch);
    expect(decision.chart.completeness.allergies).toBe('absent');
    expect(evaluationOf(decision, 'DQ-005')?.outcome).toBe('indeterminate');
  });

  test('an allergy known for years is not said again because another one was entered', () => {
    const prefetch = {
      ...taking(request('m1', drugs.ibuprofen)),
      allergies: bundle(allergy('old', rxnorm(drugs.naproxen))),
    };
    const other = allergy('new', rxnorm(drugs.metformin));
    const decision = decided('allergyintolerance-create', { allergyIntolerance: other }, prefetch);
    expect(evaluationOf(decision, 'DQ-005')).toMatchObject({
      outcome: 'fired',
      shown: false,
      why: { code: 'not-entered' },
    });
  });

  test('of two allergies that both match, the new one is spoken of', () => {
    const prefetch = {
      ...taking(request('m1', drugs.ibuprofen), request('m2', drugs.metformin)),
      allergies: bundle(allergy('old', rxnorm(drugs.naproxen))),
    };
    const other = allergy('new', rxnorm(drugs.metformin));
    const decision = decided('allergyintolerance-create', { allergyIntolerances: bundle(other) }, prefetch);
    expect(shown(decision)).toEqual(['DQ-005']);
    expect(decision.cards[0]?.detail).toContain('metformin');
  });

  test('an allergy that cannot be matched to a drug: one card says what was not checked, and that is no all-clear', () => {
    const riddle = allergy('new', { text: 'something' });
    const decision = decided(
      'allergyintolerance-create',
      { allergyIntolerance: { resource: riddle } },
      taking(request('m1', drugs.ibuprofen)),
    );
    expect(decision.cards).toHaveLength(1);
    expect(decision.cards[0]).toMatchObject({
      indicator: 'info',
      summary: '1 safety check of this entry could not be made. Missing: substance of AllergyIntolerance/new',
    });
  });

  test('a food allergy of DSTU2 concerns no drug: no card', () => {
    const bees = {
      ...allergy('new', {}),
      code: undefined,
      substance: { coding: [{ system: 'http://snomed.info/sct', code: '424213003' }] },
      status: 'active',
      category: 'food',
    };
    const decision = decided(
      'allergyintolerance-create',
      { allergyIntolerances: bundle(bees) },
      taking(request('m1', drugs.ibuprofen)),
    );
    expect(decision.cards).toEqual([]);
  });

  test('without a list of medications nothing is decided: unknown is not false', () => {
    const { medicationRequests: _, medicationStatements: __, ...prefetch } = taking();
    const decision = decided('allergyintolerance-create', { allergyIntolerance: entered }, prefetch);
    expect(evaluationOf(decision, 'DQ-005')?.outcome).toBe('indeterminate');
    expect(decision.notices.map(({ message }) => message).join()).toContain('no medications came');
  });
});

describe('problem-list-item-create', () => {
  const infusion = request('m1', drugs.magnesium, { dosageInstruction: intravenous });
  const entry = { ...condition('new', myasthenia), category: 'problem-list-item' };

  test('myasthenia gravis entered while IV magnesium runs: IV-001, critical, nothing to delete', () => {
    const decision = decided(
      'problem-list-item-create',
      { conditions: bundle(entry) },
      complete([], [], [infusion]),
    );
    expect(shown(decision)).toContain('IV-001');
    expect(decision.cards[0]).toMatchObject({ indicator: 'critical' });
    expect(JSON.stringify(decision.cards)).not.toContain('"delete"');
  });

  test('without the medication list the checks of the entry are named, and what is missing is that list', () => {
    const { medicationRequests: _, medicationStatements: __, ...prefetch } = complete([]);
    const decision = decided('problem-list-item-create', { conditions: bundle(entry) }, prefetch);
    expect(evaluationOf(decision, 'IV-001')).toMatchObject({ outcome: 'indeterminate' });
    expect(decision.cards).toHaveLength(1);
    expect(decision.cards[0]?.summary).toBe(
      '1 safety check of this entry could not be made. Missing: medication list',
    );
    expect(JSON.stringify(decision.evaluations)).not.toContain('draft orders');
  });

  test('statuses as plain codes and the patient under `patient`, as STU3 had them', () => {
    const old = {
      ...entry,
      clinicalStatus: 'active',
      verificationStatus: 'confirmed',
      subject: undefined,
      patient: { reference: 'Patient/p1' },
      assertedDate: '2026-01-31',
    };
    const decision = decided(
      'problem-list-item-create',
      { conditions: bundle(old) },
      complete([], [], [infusion]),
    );
    expect(shown(decision)).toContain('IV-001');
  });

  test('it fires after the entry is stored: the same condition in the prefetch is one', () => {
    const decision = decided(
      'problem-list-item-create',
      { conditions: bundle(entry) },
      complete([], [condition('new', myasthenia)], [infusion]),
    );
    expect(decision.chart.conditions).toHaveLength(1);
    expect(shown(decision)).toContain('IV-001');
  });

  test('an ankle fracture brings up nothing that was there before', () => {
    const fracture = {
      ...condition('new', '16114001'),
      code: {
        coding: [{ system: 'http://snomed.info/sct', code: '16114001', display: 'Fracture of ankle' }],
      },
    };
    const decision = decided(
      'problem-list-item-create',
      { conditions: bundle(fracture) },
      complete([], [condition('old', myasthenia)], [infusion]),
    );
    expect(evaluationOf(decision, 'IV-001')).toMatchObject({ outcome: 'fired', shown: false });
    expect(decision.cards).toEqual([]);
  });

  test('what is taken already is no start: dialysis entered with an SGLT2 inhibitor does not say "not started"', () => {
    const dialysis = condition('new', '105502003');
    const decision = decided(
      'problem-list-item-create',
      { conditions: bundle(dialysis) },
      complete([], [], [request('m1', '1545653'), request('m2', drugs.metformin)]),
    );
    expect(shown(decision)).toContain('RD-001');
    expect(evaluationOf(decision, 'RD-034')?.outcome).toBe('not-fired');
  });

  test('in a posted bundle every condition counts as just entered', () => {
    const posted = intakeOfBundle(bundle(patient, entry, infusion), null, 'problem-list-item-create');
    expect(posted.items.map(({ from }) => from)).toEqual(['entry', 'bundle', 'bundle']);
    expect(posted.completeness).toMatchObject({ conditions: 'known', medications: 'known' });
  });

  test('of another patient it is left out, and a card says that it was not checked', () => {
    const wrong = { ...entry, subject: { reference: 'Patient/p2' } };
    const decision = decided(
      'problem-list-item-create',
      { conditions: bundle(wrong) },
      complete([], [], [infusion]),
    );
    expect(decision.cards.map(({ source }) => source.topic.code)).toEqual(['DQ-007']);
    expect(decision.notices.map(({ code }) => code)).toContain('other-patient');
  });
});

describe('any context', () => {
  const junk = fc.oneof(
    fc.constant(undefined),
    fc.jsonValue(),
    fc.constantFrom(bundle(magnesiumSulfate()), bundle(condition('x', myasthenia)), { resource: {} }),
  );
  test('only patientId is indispensable: other context, whatever it is, never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...hooks),
        fc.dictionary(
          fc.constantFrom(
            'userId',
            'encounterId',
            'draftOrders',
            'selections',
            'medications',
            'medication',
            'order',
            'conditions',
            'allergyIntolerance',
            'dispatchedOrders',
            'performer',
            'fulfillmentTasks',
          ),
          junk,
        ),
        (hook, context) => {
          const decision = decide(
            { hook, context: { ...context, patientId: 'p1' }, prefetch: { patient } },
            ruleset,
            clock,
          );
          expect(invariantProblems({ cards: decision.cards })).toEqual([]);
          expect(decision.evaluations.filter(({ outcome }) => outcome === 'error')).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

const examples = resolve(import.meta.dirname, '../../../../shared/examples/cds-hooks/hook-library');
describe.skipIf(!existsSync(examples))(
  'contexts of the hook library (skipped where ../shared/examples is absent)',
  () => {
    const served = existsSync(examples) ? readdirSync(examples).filter(isHook) : [];
    const files = served.flatMap((hook) =>
      readdirSync(join(examples, hook)).map((name): [Hook, string] => [hook, name]),
    );
    test.each(files)('%s/%s is read: what it brings is in the chart or in a notice', (hook, name) => {
      const parsed: unknown = JSON.parse(readFileSync(join(examples, hook, name), 'utf8'));
      const context = isObject(parsed) && isObject(parsed.context) ? parsed.context : {};
      const own = { resourceType: 'Patient', id: String(context.patientId) };
      const { items, notices } = intakeOfHook(hook, context, { patient: own });
      const brought = items.filter(({ from }) => from === 'draft' || from === 'entry');
      const said = notices.filter(({ code }) => code === 'resource-ignored' || code === 'context-missing');
      if (meaningOf(hook).kind !== 'chart') expect(brought.length + said.length).toBeGreaterThan(0);
      expect(
        said.filter(({ code, message }) => code === 'context-missing' && !message.includes('dispatched')),
      ).toEqual([]);
    });
  },
);

describe('a form in which no drug is chosen yet, as the sandbox sends it', () => {
  const blank = {
    resourceType: 'MedicationRequest',
    id: 'request-123',
    status: 'draft',
    subject: { reference: 'Patient/p1' },
  };
  const topics = (decision: Decision): string[] => decision.cards.map(({ source }) => source.topic.code);
  const context = { selections: ['MedicationRequest/request-123'], draftOrders: bundle(blank) };

  test('gets no card while it is being filled in, and the record says why', () => {
    const decision = decided('order-select', context);
    expect(topics(decision)).toEqual([]);
    expect(decision.chart.medications).toMatchObject([
      { reference: 'MedicationRequest/request-123', unnamed: true },
    ]);
    expect(decision.evaluations.find(({ rule }) => rule === 'DQ-003')).toMatchObject({
      outcome: 'fired',
      shown: false,
      why: { code: 'nothing-chosen' },
    });
  });

  test('is told when it is signed: then nothing was checked', () => {
    expect(topics(decided('order-sign', { draftOrders: bundle(blank) })).length).toBe(1);
  });

  test('beside an order of a drug the checks of that drug are as ever', () => {
    const decision = decided(
      'order-select',
      {
        ...context,
        draftOrders: bundle(
          blank,
          request('mg', drugs.magnesium, { status: 'draft', dosageInstruction: intravenous }),
        ),
        selections: ['MedicationRequest/mg'],
      },
      complete([], [condition('c', myasthenia)]),
    );
    expect(topics(decision)).toContain('IV-001');
  });

  test.each([
    ['text only', { medicationCodeableConcept: { text: 'little pink pill' } }],
    ['a reference that leads nowhere', { medicationReference: { reference: 'Medication/none' } }],
    ['an unknown code', { medicationCodeableConcept: rxnorm('99999999') }],
  ])('a drug given by %s is chosen: that it was not recognised is told', (_, medication) => {
    const decision = decided('order-select', {
      ...context,
      draftOrders: bundle({ ...blank, ...medication }),
    });
    expect(topics(decision).length).toBe(1);
  });
});

/** A condition on each of these facts. */
const leafAbout: Readonly<Partial<Record<FactName, object>>> = {
  condition: holds('condition', { groups: ['dialysis'], status: 'active' }),
  drug: holds('drug', { classes: ['ppi'], role: 'active' }),
  allergy: holds('allergy', { classes: ['ppi'] }),
  allergyToOrder: holds('allergyToOrder', {}),
  notice: holds('notice', { codes: ['unit-missing'] }),
  checkNotMade: holds('checkNotMade', {}),
  lab: compares('lab', { test: 'magnesium', unit: 'mg/dL', within: 'P3D' }, 'lessThan', 1),
  egfr: compares('egfr', { within: 'P90D' }, 'lessThan', 30),
  egfrHighest: compares('egfrHighest', { within: 'P90D', over: 'P90D' }, 'lessThan', 60),
  egfrFall: compares(
    'egfrFall',
    { within: 'P90D', span: 'P365D', over: 'P90D', as: 'percent' },
    'greaterThan',
    25,
  ),
  gestation: compares('gestation', {}, 'greaterThan', 20),
};
/** The hooks at which a rule of order-sign that asks for these facts speaks. */
const hooksOf = (asked: readonly FactName[], more: object = {}): ReadonlySet<Hook> => {
  const conditions = { all: asked.map((fact) => leafAbout[fact]) };
  const json = document('AA-001', conditions, { hooks: ['order-sign'], ...more });
  return compileRule(parseRule(json, 'AA-001'), new FactRequests()).hooks;
};

describe('where a diagnosis or an allergy is entered, a rule about orders speaks', () => {
  const diagnosisEntry = 'problem-list-item-create';
  const allergyEntry = 'allergyintolerance-create';
  test.each<[string, FactName[], Hook[]]>([
    ['of a diagnosis, if it asks for one', ['condition', 'drug'], [diagnosisEntry]],
    ['of a diagnosis, if it asks for a kidney estimate that rests on one', ['lab', 'egfr'], [diagnosisEntry]],
    ['of a diagnosis, if it asks for the course of kidney function', ['egfrHighest'], [diagnosisEntry]],
    ['of a diagnosis, if it asks how kidney function fell', ['egfrFall', 'drug'], [diagnosisEntry]],
    ['of a diagnosis, if it asks for the week of a pregnancy', ['gestation'], [diagnosisEntry]],
    ['of an allergy, if it asks for one', ['drug', 'allergyToOrder'], [allergyEntry]],
    ['of both, if it asks for both', ['allergy', 'condition'], [diagnosisEntry, allergyEntry]],
    [
      'of both, if it asks for nothing but the data itself',
      ['notice', 'checkNotMade'],
      [diagnosisEntry, allergyEntry],
    ],
    ['of neither, if it asks for data and for drugs', ['notice', 'drug'], []],
    ['of neither, if it asks for drugs and results', ['drug', 'lab'], []],
  ])('%s', (_, asked, expected) => {
    const heard = hooksOf(asked);
    expect([diagnosisEntry, allergyEntry].filter((hook) => heard.has(hook as Hook))).toEqual(expected);
    expect(heard.has('order-sign')).toBe(true);
    expect(heard.has('patient-view')).toBe(false);
  });
  test('unless it is excepted there', () => {
    const heard = hooksOf(['condition'], { exceptHooks: [diagnosisEntry] });
    expect([heard.has(diagnosisEntry), heard.has('order-sign')]).toEqual([false, true]);
  });
});

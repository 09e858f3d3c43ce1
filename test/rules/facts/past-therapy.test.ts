/**
 * Therapy that is over: whether its list came, when its last dose was, and facts about it. MedicationRequest,
 * MedicationStatement, MedicationAdministration, MedicationDispense: https://hl7.org/fhir/R4/medications-module.html
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import type { Medication } from '../../../rules/chart/types.ts';
import { createContext } from '../../../rules/facts/context.ts';
import { intakeOfBundle, intakeOfHook } from '../../../rules/intake/intake.ts';
import mg017 from '../../../rules/library/magnesium/MG-017/rule.json' with { type: 'json' };
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { at, patient, searchset } from '../../support/hook-requests.ts';
import { mayAsk, prepareFact, type WordedFact } from '../../support/worded.ts';

type Resource = Record<string, unknown>;

const day = 86_400_000;
const now = Date.parse(at);
const ago = (days: number): string => new Date(now - days * day).toISOString().slice(0, 10);
const startOf = (date: string): number => Date.parse(date);
const endOf = (date: string): number => Date.parse(date) + day - 1;

const subject = { reference: 'Patient/p1' };
const cetuximab = {
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '318341' }],
};
const omeprazole = {
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '7646' }],
};

let count = 0;
const make = (resourceType: string, status: string, more: Resource = {}): Resource => {
  count += 1;
  return {
    resourceType,
    id: `m-${count}`,
    status,
    subject,
    medicationCodeableConcept: cetuximab,
    ...more,
  };
};
const request = (status: string, more: Resource = {}): Resource =>
  make('MedicationRequest', status, { intent: 'order', ...more });
const statement = (status: string, more: Resource = {}): Resource =>
  make('MedicationStatement', status, more);
const given = (status: string, more: Resource = {}): Resource =>
  make('MedicationAdministration', status, more);
const handedOut = (status: string, more: Resource = {}): Resource => make('MedicationDispense', status, more);
const bounds = (start: string | undefined, end: string | undefined): Resource => ({
  dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start, end } } } }],
});

const hook = (prefetch: Resource) =>
  intakeOfHook(
    'order-sign',
    { patientId: 'p1', userId: 'Practitioner/1', draftOrders: searchset() },
    { patient, ...prefetch },
  );
const readBundle = (...resources: Resource[]) =>
  buildChart(
    intakeOfBundle(
      { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) },
      null,
    ),
    now,
  );
const self = (url: string, ...resources: object[]) => ({
  ...searchset(...resources),
  link: [{ relation: 'self', url: `https://ehr.example/fhir/${url}` }],
});
const withNext = (answer: object) => ({
  ...answer,
  link: [{ relation: 'next', url: 'https://ehr.example/fhir?page=2' }],
});

describe('which lists of therapy an answer makes known', () => {
  const over = 'status=completed,stopped,on-hold';
  it.each<[string, Resource, [string, string]]>([
    ['our key for what is taken', { medicationRequests: searchset() }, ['known', 'absent']],
    ['our key for what is over', { pastMedicationRequests: searchset() }, ['absent', 'known']],
    [
      'one that is over, under our key',
      { pastMedicationRequests: searchset(request('completed')) },
      ['absent', 'known'],
    ],
    ['null for what is over', { pastMedicationStatements: null }, ['absent', 'known']],
    ['a search of all statuses', { x: self('MedicationRequest?patient=p1') }, ['known', 'known']],
    [
      'a search of what is taken',
      { x: self('MedicationRequest?patient=p1&status=active') },
      ['known', 'absent'],
    ],
    ['a search of what is over', { x: self(`MedicationStatement?patient=p1&${over}`) }, ['absent', 'known']],
    [
      'one that is over, by such a search',
      { x: self(`MedicationRequest?${over}`, request('completed')) },
      ['absent', 'known'],
    ],
    ['completed ones only', { x: self('MedicationRequest?status=completed') }, ['absent', 'absent']],
    [
      'one completed, by such a search',
      { x: self('MedicationRequest?status=completed', request('completed')) },
      ['absent', 'partial'],
    ],
    [
      'one active, by a search of what is taken',
      { x: self('MedicationRequest?status=active', request('active')) },
      ['known', 'absent'],
    ],
    ['one drug only', { x: self('MedicationRequest?code=1', request('active')) }, ['partial', 'absent']],
    [
      'one that is over, under a key of theirs',
      { x: searchset(request('completed')) },
      ['absent', 'partial'],
    ],
    ['one that is taken, under a key of theirs', { x: searchset(request('active')) }, ['known', 'absent']],
    [
      'both, under our key for what is taken',
      { medicationRequests: searchset(request('active'), request('stopped')) },
      ['known', 'partial'],
    ],
    [
      'a further page of what is over',
      { medicationRequests: searchset(), pastMedicationRequests: withNext(searchset(request('completed'))) },
      ['known', 'partial'],
    ],
    [
      'a further page of what is taken',
      { medicationRequests: withNext(searchset(request('active'))), pastMedicationRequests: searchset() },
      ['partial', 'known'],
    ],
    ['what was given', { x: self('MedicationAdministration?patient=p1') }, ['absent', 'absent']],
    [
      'one that was given',
      { x: searchset(given('completed', { effectiveDateTime: ago(3) })) },
      ['absent', 'partial'],
    ],
    [
      'one that was handed out',
      { x: handedOut('completed', { whenHandedOver: ago(3) }) },
      ['absent', 'partial'],
    ],
    [
      'an error for what is over',
      { pastMedicationRequests: { resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] } },
      ['absent', 'absent'],
    ],
  ])('%s', (_, prefetch, [taken, past]) => {
    const { completeness } = hook(prefetch);
    expect([completeness.medications, completeness.pastMedications]).toEqual([taken, past]);
  });

  it.each<[string, Resource[], [string, string]]>([
    ['one that is taken', [request('active')], ['known', 'absent']],
    ['one that is over stands for the list, as before', [statement('completed')], ['known', 'known']],
    [
      'one that was given stands for none',
      [given('completed', { effectiveDateTime: ago(3) })],
      ['absent', 'partial'],
    ],
  ])('in a posted bundle: %s', (_, resources, [taken, past]) => {
    const { completeness } = readBundle(...resources).chart;
    expect([completeness.medications, completeness.pastMedications]).toEqual([taken, past]);
  });

  it('a search of inactive conditions is no search of the active ones', () => {
    const answer = self('Condition?patient=p1&clinical-status=inactive');
    expect(hook({ x: answer }).completeness.conditions).toBe('absent');
    // Rules ask for what ever was, too, so the active ones are not all of them.
    expect(hook({ x: self('Condition?clinical-status=active') }).completeness.conditions).toBe('absent');
    const allergies = self('AllergyIntolerance?clinical-status=active');
    expect(hook({ x: allergies }).completeness.allergies).toBe('known');
  });
});

describe('when the last dose was', () => {
  const endedOf = (resource: Resource): Medication['ended'] =>
    readBundle(resource).chart.medications[0]?.ended;
  const on = (date: string) => ({ from: startOf(date), to: endOf(date) });

  it.each<[string, Resource, Medication['ended']]>([
    [
      'completed statement with an end',
      statement('completed', { effectivePeriod: { end: ago(9) } }),
      on(ago(9)),
    ],
    ['completed statement of one time', statement('completed', { effectiveDateTime: ago(9) }), on(ago(9))],
    [
      'stopped statement that was true on a day',
      statement('stopped', { effectiveDateTime: ago(9) }),
      { from: startOf(ago(9)), to: now },
    ],
    ['completed request with a planned end', request('completed', bounds(ago(90), ago(9))), on(ago(9))],
    [
      'stopped request with a planned end',
      request('stopped', bounds(ago(90), ago(9))),
      { from: startOf(ago(90)), to: endOf(ago(9)) },
    ],
    [
      'completed request, written',
      request('completed', { authoredOn: ago(30) }),
      { from: startOf(ago(30)), to: now },
    ],
    ['request on hold', request('on-hold', { authoredOn: ago(30) }), { from: startOf(ago(30)), to: now }],
    ['completed request that nothing dates', request('completed'), { from: null, to: now }],
    [
      'completed by the day it was said',
      statement('completed', { dateAsserted: ago(200) }),
      { from: null, to: endOf(ago(200)) },
    ],
    [
      'completed by the day it was last changed',
      request('completed', { authoredOn: ago(300), meta: { lastUpdated: `${ago(200)}T00:00:00Z` } }),
      { from: startOf(ago(300)), to: startOf(ago(200)) + 999 },
    ],
    [
      'active, with an end that is over',
      statement('active', { effectivePeriod: { end: ago(9) } }),
      on(ago(9)),
    ],
    [
      'R5 statement with adherence stopped',
      statement('recorded', {
        adherence: { code: { coding: [{ code: 'stopped' }] } },
        effectivePeriod: { end: ago(9) },
      }),
      on(ago(9)),
    ],
    ['a dose', given('completed', { effectiveDateTime: ago(9) }), on(ago(9))],
    ['an infusion', given('completed', { effectivePeriod: { start: ago(10), end: ago(9) } }), on(ago(9))],
    ['a dose, R5', given('completed', { occurenceDateTime: ago(9) }), on(ago(9))],
    [
      'a supply of 30 days',
      handedOut('completed', { whenHandedOver: ago(60), daysSupply: { value: 30, code: 'd' } }),
      { from: startOf(ago(60)), to: endOf(ago(30)) },
    ],
    [
      'a supply that lasts',
      handedOut('completed', { whenHandedOver: ago(10), daysSupply: { value: 30, code: 'd' } }),
      { from: startOf(ago(10)), to: now },
    ],
    [
      'a supply of unknown length',
      handedOut('completed', { whenHandedOver: ago(60) }),
      { from: startOf(ago(60)), to: now },
    ],
  ])('%s', (_, resource, expected) => expect(endedOf(resource)).toEqual(expected));

  it.each<[string, Resource]>([
    ['active', request('active')],
    ['completed, its planned end ahead: still taken', request('completed', bounds(ago(90), ago(-9)))],
    ['running', given('in-progress', { effectivePeriod: { start: ago(0) } })],
    ['cancelled', request('cancelled')],
    ['not taken', statement('not-taken')],
    ['doNotPerform', request('completed', { doNotPerform: true })],
    ['a proposal', request('completed', { intent: 'proposal' })],
  ])('%s therapy has no last dose', (_, resource) => expect(endedOf(resource)).toBeUndefined());

  it.each<[string, Resource]>([
    ['a dose not given', given('not-done', { effectiveDateTime: ago(9) })],
    ['a dose in error', given('entered-in-error', { effectiveDateTime: ago(9) })],
    ['a supply that was declined', handedOut('declined', { whenHandedOver: ago(9) })],
  ])('%s is not in the chart', (_, resource) =>
    expect(readBundle(resource, statement('active')).chart.medications).toHaveLength(1),
  );

  it.each<[string, Resource]>([
    ['without a time', given('completed')],
    ['of tomorrow', given('completed', { effectiveDateTime: ago(-1) })],
    ['handed out at no time', handedOut('completed')],
  ])('what was given %s is a notice, and leaves the past open', (_, resource) => {
    const { chart, notices } = readBundle(resource, statement('completed', { effectiveDateTime: ago(9) }));
    expect(notices.map(({ code }) => code)).toContain('medication-not-counted');
    expect(chart.completeness.pastMedications).toBe('partial');
  });

  it('of 200 doses of a drug those of the last week are kept, with a notice of the others', () => {
    const doses = Array.from({ length: 200 }, (_, index) =>
      given('completed', { effectiveDateTime: ago(index + 1) }),
    );
    const { chart, notices } = readBundle(...doses.slice(100), ...doses.slice(0, 100));
    expect(chart.medications.map(({ ended }) => ended)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((days) => on(ago(days))),
    );
    expect(chart.medications.map(({ earlier }) => earlier === true)).toEqual([false, ...Array(6).fill(true)]);
    expect(notices.map(({ message }) => message).join()).toContain('193 earlier dose(s)');
  });

  it('doses of another drug or by another route are kept beside it', () => {
    const by = (text: string): Resource => ({ effectiveDateTime: ago(9), dosage: { route: { text } } });
    const { chart } = readBundle(
      given('completed', by('intravenous')),
      given('completed', by('oral')),
      given('completed', { ...by('intravenous'), medicationCodeableConcept: omeprazole }),
    );
    expect(chart.medications.map(({ route }) => route)).toEqual(['parenteral', 'oral', 'parenteral']);
  });
});

describe('drug with endedWithin', () => {
  const ask = (prefetch: Resource): WordedFact => {
    const intake = hook(prefetch);
    const { chart, notices } = buildChart(intake, now);
    const params = { classes: ['egfr-mab'], role: 'any', endedWithin: 'P56D' };
    return prepareFact('drug', params)(createContext(chart, now, notices));
  };
  const past = (...resources: Resource[]): Resource => ({
    medicationRequests: searchset(),
    pastMedicationRequests: searchset(...resources),
  });
  const answer = (fact: WordedFact): unknown => (fact.state === 'known' ? fact.value : fact.cause);

  it.each<[string, Resource, unknown]>([
    ['ended 55 days ago', past(statement('completed', { effectivePeriod: { end: ago(55) } })), true],
    ['ended 57 days ago', past(statement('completed', { effectivePeriod: { end: ago(57) } })), false],
    ['begun 55 days ago', past(request('completed', { authoredOn: ago(55) })), true],
    ['begun 57 days ago', past(request('completed', { authoredOn: ago(57) })), 'unresolved'],
    ['said to be over 57 days ago', past(statement('completed', { dateAsserted: ago(57) })), false],
    ['no date at all', past(request('stopped')), 'unresolved'],
    [
      'ended in a month known only as such',
      past(statement('completed', { effectivePeriod: { end: '2025-12' } })),
      'unresolved',
    ],
    ['nothing', past(), false],
    ['another drug', past(request('completed', { medicationCodeableConcept: omeprazole })), false],
    [
      'an unknown drug, any time',
      past(request('completed', { medicationCodeableConcept: { text: 'x' } })),
      'unresolved',
    ],
    [
      'an unknown drug, long ago',
      past(
        statement('completed', {
          medicationCodeableConcept: { text: 'x' },
          effectivePeriod: { end: ago(90) },
        }),
      ),
      false,
    ],
    ['past therapy never came', { medicationRequests: searchset() }, 'category'],
    [
      'past therapy came in part',
      { medicationRequests: searchset(), pastMedicationRequests: withNext(searchset()) },
      'incomplete',
    ],
    ['current therapy never came', { pastMedicationRequests: searchset() }, 'category'],
    ['a dose of 3 days ago, and no list', { x: given('completed', { effectiveDateTime: ago(3) }) }, true],
    ['taken now', { medicationRequests: searchset(request('active')) }, true],
  ])('%s', (_, prefetch, expected) => expect(answer(ask(prefetch))).toBe(expected));

  it('names the drug and its last dose', () => {
    const known = ask(past(statement('completed', { effectivePeriod: { end: ago(20) } })));
    expect(known.evidence).toMatchObject([
      { name: 'cetuximab', used: 'cetuximab, last dose', time: ago(20) },
    ]);
    const open = ask(past(request('completed', { authoredOn: ago(30) })));
    expect(open.evidence[0]?.note).toContain(`last dose between ${ago(30)} and ${ago(0)}`);
  });

  it('without it, therapy that is over counts for nothing', () => {
    const { chart } = buildChart(
      hook(past(statement('completed', { effectivePeriod: { end: ago(1) } }))),
      now,
    );
    const fact = prepareFact('drug', { classes: ['egfr-mab'], role: 'any' })(createContext(chart, now, []));
    expect(fact).toMatchObject({ state: 'known', value: false });
  });

  it('any end: true inside 56 days, false outside, whatever the window is', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), (ended, window) => {
        fc.pre(ended !== window);
        const { chart } = buildChart(
          hook(past(statement('completed', { effectivePeriod: { end: ago(ended) } }))),
          now,
        );
        const params = { classes: ['egfr-mab'], role: 'active', endedWithin: `P${window}D` };
        const fact = prepareFact('drug', params)(createContext(chart, now, []));
        expect(answer(fact)).toBe(ended < window);
      }),
      { numRuns: 100 },
    ));

  it.each([
    ['role ordered', { role: 'ordered' }],
    ['starting', { role: 'any', starting: true }],
    ['forAtLeast', { role: 'active', forAtLeast: 'P1D' }],
  ])('a rule cannot ask it with %s', (_, more) => {
    const params = { classes: ['egfr-mab'], endedWithin: 'P56D', ...more };
    expect(mayAsk('drug', params)).toBe(false);
    const rule = {
      ...mg017,
      conditions: { all: [{ fact: 'drug', params, operator: 'equal', value: true }] },
    };
    expect(() => parseRule(rule, 'MG-017')).toThrow(/endedWithin/);
  });
});

describe('prefetch', () => {
  const { prefetch, needs } = shippedRuleset();

  it('asks for past therapy by keys of its own, and only on hooks whose rules need it', () => {
    for (const on of ['order-select', 'order-sign'] as const) {
      expect(prefetch[on].pastMedicationRequests).toContain('status=completed,stopped,on-hold');
      expect(prefetch[on].pastMedicationStatements).toContain('status=completed,stopped,on-hold');
      expect(prefetch[on].medicationRequests).not.toContain('completed');
      expect(needs[on].has('pastMedications')).toBe(true);
    }
    expect(prefetch['patient-view'].pastMedicationRequests).toBeUndefined();
    expect(needs['patient-view'].has('pastMedications')).toBe(false);
  });

  it('each template, as the self link of an empty answer, makes known what its key does', () => {
    for (const [key, template] of Object.entries(prefetch['order-sign'])) {
      if (!template.includes('?')) continue;
      const url = template.replaceAll('{{context.patientId}}', 'p1');
      const byLink = hook({ x: self(url) }).completeness;
      const byKey = hook({ [key]: searchset() }).completeness;
      // Narrowed to codes: known for those only. A search for statements of every status answers for both lists.
      if (['labs', 'measurements', 'medicationStatements'].includes(key)) continue;
      expect(byLink, key).toEqual(byKey);
    }
  });
});

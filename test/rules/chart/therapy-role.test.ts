import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { readRole } from '../../../rules/chart/therapy-role.ts';
import type { Medication } from '../../../rules/chart/types.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import {
  furosemide,
  only,
  patient,
  readBundle,
  readMedication,
  requestOf,
  statementOf,
} from '../../support/chart-resources.ts';
import { at, type Resource, readAll } from '../../support/readings.ts';
import { request, statement } from '../../support/therapies.ts';

describe('whether a medication is taken', () => {
  const drug = { medicationCodeableConcept: furosemide };
  const period = (end: string): Resource => ({ effectivePeriod: { start: '2025-01-01', end } });
  const bounds = (end: string): Resource => ({
    dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: '2025-01-01', end } } } }],
  });
  const cases: readonly { name: string; resource: Resource; role: Medication['role']; codes?: string[] }[] = [
    { name: 'request active', resource: requestOf({}), role: 'active' },
    { name: 'request on-hold', resource: requestOf({ status: 'on-hold' }), role: 'inactive' },
    { name: 'request completed', resource: requestOf({ status: 'completed' }), role: 'inactive' },
    { name: 'request stopped', resource: requestOf({ status: 'stopped' }), role: 'inactive' },
    { name: 'request cancelled', resource: requestOf({ status: 'cancelled' }), role: 'inactive' },
    { name: 'request ended (R5)', resource: requestOf({ status: 'ended' }), role: 'inactive' },
    {
      name: 'request unknown',
      resource: requestOf({ status: 'unknown' }),
      role: 'active',
      codes: ['medication-status'],
    },
    {
      name: 'request without a status',
      resource: requestOf({ status: undefined }),
      role: 'active',
      codes: ['medication-status'],
    },
    {
      name: 'request with a status nobody has heard of',
      resource: requestOf({ status: 'ongoing' }),
      role: 'active',
      codes: ['medication-status'],
    },
    { name: 'request with intent plan', resource: requestOf({ intent: 'plan' }), role: 'active' },
    { name: 'request without an intent', resource: requestOf({ intent: undefined }), role: 'active' },
    {
      name: 'request with intent proposal',
      resource: requestOf({ intent: 'proposal' }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'request with intent option',
      resource: requestOf({ intent: 'option' }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'request marked doNotPerform',
      resource: requestOf({ doNotPerform: true }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    { name: 'request with doNotPerform false', resource: requestOf({ doNotPerform: false }), role: 'active' },
    {
      name: 'request until yesterday',
      resource: requestOf(bounds('2026-01-30')),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    { name: 'request until today', resource: requestOf(bounds('2026-01-31')), role: 'active' },
    { name: 'request until this month', resource: requestOf(bounds('2026-01')), role: 'active' },
    { name: 'draft order', resource: requestOf({ status: 'draft' }), role: 'ordered' },
    {
      name: 'draft order marked doNotPerform',
      resource: requestOf({ status: 'draft', doNotPerform: true }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'draft order that is a proposal',
      resource: requestOf({ status: 'draft', intent: 'proposal' }),
      role: 'ordered',
    },
    { name: 'statement active', resource: statementOf({}), role: 'active' },
    { name: 'statement intended', resource: statementOf({ status: 'intended' }), role: 'active' },
    { name: 'statement recorded (R5)', resource: statementOf({ status: 'recorded' }), role: 'active' },
    { name: 'statement completed', resource: statementOf({ status: 'completed' }), role: 'inactive' },
    { name: 'statement stopped', resource: statementOf({ status: 'stopped' }), role: 'inactive' },
    { name: 'statement on-hold', resource: statementOf({ status: 'on-hold' }), role: 'inactive' },
    { name: 'statement not-taken', resource: statementOf({ status: 'not-taken' }), role: 'inactive' },
    {
      name: 'statement unknown',
      resource: statementOf({ status: 'unknown' }),
      role: 'active',
      codes: ['medication-status'],
    },
    {
      name: 'statement without a status',
      resource: statementOf({ status: undefined }),
      role: 'active',
      codes: ['medication-status'],
    },
    {
      name: 'statement recorded with adherence not-taking (R5)',
      resource: statementOf({
        status: 'recorded',
        adherence: { code: { coding: [{ code: 'not-taking' }] } },
      }),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'statement recorded with adherence taking (R5)',
      resource: statementOf({ status: 'recorded', adherence: { code: { coding: [{ code: 'taking' }] } } }),
      role: 'active',
    },
    {
      name: 'statement until yesterday',
      resource: statementOf(period('2026-01-30')),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    {
      name: 'statement until an hour ago',
      resource: statementOf(period('2026-01-31T11:00:00Z')),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    { name: 'statement until today', resource: statementOf(period('2026-01-31')), role: 'active' },
    { name: 'statement until this year', resource: statementOf(period('2026')), role: 'active' },
    {
      name: 'statement until 2025',
      resource: statementOf(period('2025')),
      role: 'inactive',
      codes: ['medication-not-counted'],
    },
    { name: 'statement until a date that is none', resource: statementOf(period('never')), role: 'active' },
  ];
  it.each(cases)('$name is $role', ({ resource, role, codes }) => {
    const result = readMedication({ ...resource, ...drug });
    expect(result.medication.role).toBe(role);
    expect(result.codes).toEqual(codes ?? []);
    expect(result.medication.why === null).toBe(role !== 'inactive' && !codes);
  });

  it.each([['MedicationRequest'], ['MedicationStatement']])(
    '%s entered-in-error is not on the chart',
    (resourceType) => {
      expect(
        readBundle([patient, requestOf({ ...drug, resourceType, status: 'entered-in-error' })]).chart
          .medications,
      ).toEqual([]);
    },
  );

  it.each([['active'], ['on-hold'], [undefined]])(
    'in draftOrders a request with status %s is ordered (re-sign)',
    (status) => {
      const draftOrders = { entry: [{ resource: requestOf({ ...drug, status }) }] };
      const intake = intakeOfHook(
        'order-sign',
        { patientId: '1', userId: 'Practitioner/1', draftOrders },
        { patient },
      );
      expect(only(buildChart(intake, at).chart.medications)).toMatchObject({
        role: 'ordered',
        selected: true,
      });
    },
  );

  it.each([['entered-in-error'], ['cancelled'], ['stopped'], ['completed']])(
    'in draftOrders a request with status %s is no order, with a notice',
    (status) => {
      const draftOrders = { entry: [{ resource: requestOf({ ...drug, status }) }] };
      const intake = intakeOfHook(
        'order-sign',
        { patientId: '1', userId: 'Practitioner/1', draftOrders },
        { patient },
      );
      const { chart, notices } = buildChart(intake, at);
      expect(only(chart.medications)).toMatchObject({ role: 'inactive', selected: false });
      expect(notices.map(({ code }) => code)).toEqual(['medication-not-counted']);
    },
  );

  it('a draft request in the prefetch is neither taken nor ordered', () => {
    const intake = intakeOfHook(
      'patient-view',
      { patientId: '1', userId: 'Practitioner/1' },
      { patient, medicationRequests: requestOf({ ...drug, status: 'draft' }) },
    );
    expect(only(buildChart(intake, at).chart.medications).role).toBe('inactive');
  });
});

describe('whether a medication is taken, and what is said of it', () => {
  const unknownStatus = 'medication-status: has no status we know: counted as taken, and flagged';
  it.each<[string, Resource, string, string | null, string[]]>([
    ['active', request({}), 'active', null, []],
    [
      'marked doNotPerform',
      request({ doNotPerform: true }),
      'inactive',
      'doNotPerform',
      ['medication-not-counted: is marked doNotPerform: not an order'],
    ],
    [
      'a proposal',
      request({ intent: 'proposal' }),
      'inactive',
      'intent proposal',
      ['medication-not-counted: has intent `proposal`: not counted as taken'],
    ],
    [
      'an option',
      request({ intent: 'option' }),
      'inactive',
      'intent option',
      ['medication-not-counted: has intent `option`: not counted as taken'],
    ],
    ['a plan', request({ intent: 'plan' }), 'active', null, []],
    [
      'of status unknown',
      request({ status: 'unknown' }),
      'active',
      'status unknown',
      ['medication-status: has status `unknown`: counted as taken, and flagged'],
    ],
    ['of no status', request({ status: undefined }), 'active', 'status unknown', [unknownStatus]],
    ['of an odd status', request({ status: 'odd' }), 'active', 'status unknown', [unknownStatus]],
    ['completed', request({ status: 'completed' }), 'inactive', 'status completed', []],
    ['stopped', request({ status: 'stopped' }), 'inactive', 'status stopped', []],
    ['on hold', request({ status: 'on-hold' }), 'inactive', 'status on-hold', []],
    ['cancelled', request({ status: 'cancelled' }), 'inactive', 'status cancelled', []],
    ['ended', request({ status: 'ended' }), 'inactive', 'status ended', []],
    ['a draft that is no order now', request({ status: 'draft' }), 'inactive', 'status draft', []],
    ['intended, of a request', request({ status: 'intended' }), 'active', 'status unknown', [unknownStatus]],
    ['intended, of a statement', statement({ status: 'intended' }), 'active', null, []],
    ['recorded', statement({ status: 'recorded' }), 'active', null, []],
    ['not taken', statement({ status: 'not-taken' }), 'inactive', 'status not-taken', []],
    [
      'not adhered to',
      statement({ status: 'recorded', adherence: { code: { coding: [{ code: 'not-taking' }] } } }),
      'inactive',
      'adherence not-taking',
      ['medication-not-counted: says adherence `not-taking`: not counted as taken'],
    ],
    [
      'stopped by adherence',
      statement({ adherence: { code: { coding: [{ code: 'stopped' }] } } }),
      'inactive',
      'adherence stopped',
      ['medication-not-counted: says adherence `stopped`: not counted as taken'],
    ],
    [
      'taken by adherence',
      statement({ adherence: { code: { coding: [{ code: 'taking' }] } } }),
      'active',
      null,
      [],
    ],
    [
      'of the past',
      statement({ effectivePeriod: { end: '2026-01-30' } }),
      'inactive',
      'ended',
      ['medication-not-counted: ended before the evaluation time: not counted as taken'],
    ],
    ['that ends today', statement({ effectivePeriod: { end: '2026-01-31' } }), 'active', null, []],
    [
      'that ends at the evaluation time',
      statement({ effectivePeriod: { end: '2026-01-31T12:00:00.000Z' } }),
      'active',
      null,
      [],
    ],
    [
      'a statement with an intent, which only a request has',
      statement({ intent: 'proposal' }),
      'active',
      null,
      [],
    ],
    [
      'a statement with the dosage instruction of a request',
      statement({ dosageInstruction: [{ timing: { repeat: { boundsPeriod: { end: '2026-01-30' } } } }] }),
      'inactive',
      'ended',
      ['medication-not-counted: ended before the evaluation time: not counted as taken'],
    ],
    [
      'with bounds of the past, beside a dosage without an end',
      request({ dosageInstruction: [{}, { timing: { repeat: { boundsPeriod: { end: '2026-01-30' } } } }] }),
      'active',
      null,
      [],
    ],
    [
      'with bounds of the past',
      request({ dosageInstruction: [{ timing: { repeat: { boundsPeriod: { end: '2026-01-30' } } } }] }),
      'inactive',
      'ended',
      ['medication-not-counted: ended before the evaluation time: not counted as taken'],
    ],
  ])('%s', (_name, resource, role, why, said) => {
    const read = readAll([resource]);
    expect(read.said).toEqual(said);
    expect(read.chart.medications).toMatchObject([{ role, why, selected: false }]);
  });

  it.each(['entered-in-error', 'cancelled', 'stopped', 'completed', 'ended'])(
    'a draft of status %s is no order',
    (status) => {
      const read = readAll([], [request({ status })]);
      expect(read.said).toEqual([`medication-not-counted: has status \`${status}\`: not an order`]);
      expect(read.chart.medications).toMatchObject([
        { role: 'inactive', why: `status ${status}`, selected: false },
      ]);
    },
  );
  it('a draft of status draft or of none is an order', () => {
    for (const status of ['draft', undefined]) {
      const read = readAll([], [request({ status })]);
      expect(read.said).toEqual([]);
      expect(read.chart.medications).toMatchObject([{ role: 'ordered', why: null, selected: true }]);
    }
  });
  it('one entered in error is left out', () => {
    expect(readAll([request({ status: 'entered-in-error' })]).chart.medications).toEqual([]);
  });
});

it.each<[what: string, resource: Resource, past: string | null]>([
  ['completed', { status: 'completed' }, 'completed'],
  ['completed years ago', { status: 'completed', effectivePeriod: { end: '2020-01-01' } }, 'completed'],
  ['on hold', { status: 'on-hold' }, 'halted'],
  ['stopped', { status: 'stopped' }, 'halted'],
  ['ended (R5)', { status: 'ended' }, 'halted'],
  ['active, past its end', { status: 'active', effectivePeriod: { end: '2026-01-01' } }, 'ended'],
  [
    'adherence stopped',
    { status: 'active', adherence: { code: { coding: [{ code: 'stopped' }] } } },
    'halted',
  ],
  [
    'adherence on hold',
    { status: 'active', adherence: { code: { coding: [{ code: 'on-hold' }] } } },
    'halted',
  ],
  [
    'adherence not taken',
    { status: 'active', adherence: { code: { coding: [{ code: 'not-taken' }] } } },
    null,
  ],
  ['active', { status: 'active' }, null],
  ['cancelled', { status: 'cancelled' }, null],
  ['of no status', {}, null],
  ['of unknown status', { status: 'unknown' }, null],
  ['not to be performed', { status: 'completed', doNotPerform: true }, null],
])('a statement %s is past: %j', (_, resource, past) => {
  const builder = { at, addNotice: () => undefined };
  const type = 'MedicationStatement';
  const item = {
    type,
    resource,
    reference: 'MedicationStatement/1',
    from: 'bundle',
    selected: false,
  } as const;
  expect(readRole(builder, item).past).toBe(past);
});

describe('steps of one therapy (decision 26)', () => {
  const step = (sequence: number | undefined, boundsPeriod?: Resource, more: Resource = {}): Resource => ({
    ...(sequence === undefined ? {} : { sequence }),
    ...(boundsPeriod ? { timing: { repeat: { boundsPeriod } } } : {}),
    ...more,
  });
  const lasting = (sequence: number, days: number): Resource => ({
    sequence,
    timing: { repeat: { boundsDuration: { value: days, code: 'd' } } },
  });
  const first = step(1, { start: '2026-01-01', end: '2026-01-10' });
  const second = step(2, { start: '2026-01-11', end: '2026-03-31' });
  const over = step(2, { start: '2026-01-11', end: '2026-01-20' });
  const ahead = step(1, { start: '2026-02-10' });
  const ended = 'medication-not-counted: ended before the evaluation time: not counted as taken';
  const later = 'medication-not-counted: begins after the evaluation time: not yet counted as taken';
  it.each<[string, Resource[], string, string[]]>([
    ['the first is over, the second runs', [first, second], 'active', []],
    ['the same, the second first in the list', [second, first], 'active', []],
    ['both are over', [first, over], 'inactive', [ended]],
    ['both are over, the other way around', [over, first], 'inactive', [ended]],
    ['the last has no end', [first, step(2)], 'active', []],
    ['one in the middle has no end', [first, step(2), step(3, { end: '2026-01-20' })], 'active', []],
    [
      'two at once, one over',
      [step(undefined, { end: '2026-01-10' }), step(undefined, { end: '2026-03-31' })],
      'active',
      [],
    ],
    ['the second lasts days from the end of the first', [first, lasting(2, 30)], 'active', []],
    ['and those are over', [first, lasting(2, 5)], 'inactive', [ended]],
    ['the first begins tomorrow', [ahead], 'inactive', [later]],
    [
      'all dosages begin later',
      [step(undefined, { start: '2026-02-10' }), step(undefined, { start: '2026-02-11' })],
      'inactive',
      [later],
    ],
    ['one of two begins later', [step(undefined, { start: '2026-02-10' }), step(undefined)], 'active', []],
    ['between two steps', [first, step(2, { start: '2026-02-10' })], 'active', []],
    ['a date of its own, ahead', [{ timing: { event: ['2026-02-10'] } }], 'inactive', [later]],
  ])('%s', (_name, dosages, role, said) => {
    for (const resource of [request({ dosageInstruction: dosages }), statement({ dosage: dosages })]) {
      const read = readAll([resource]);
      expect(read.chart.medications).toMatchObject([{ role }]);
      expect(read.said).toEqual(said);
    }
  });
  it.each<[string, Resource]>([
    ['a period', { effectivePeriod: { start: '2026-02-01' } }],
    ['a date', { effectiveDateTime: '2026-02-01T08:00:00Z' }],
  ])('a statement that begins after now, by %s, is not yet taken', (_name, more) => {
    expect(readAll([statement(more)])).toMatchObject({
      chart: { medications: [{ role: 'inactive', ahead: true }] },
      said: [later],
    });
  });
  it.each<[string, Resource, string]>([
    [
      'statement, a period ahead',
      statement({ effectivePeriod: { start: '2026-01-20', end: '2026-02-20' } }),
      'active',
    ],
    [
      'statement, a period that ended',
      statement({ effectivePeriod: { start: '2026-01-20', end: '2026-01-30' } }),
      'inactive',
    ],
    [
      'statement, a period that ends today: open',
      statement({ effectivePeriod: { end: '2026-01-31' } }),
      'active',
    ],
    ['request, bounds ahead', request({ dosageInstruction: [first, second] }), 'active'],
    ['request, no end', request({ dosageInstruction: [step(1)] }), 'inactive'],
  ])('completed: %s', (_name, resource, role) => {
    expect(readAll([{ ...resource, status: 'completed' }]).chart.medications).toMatchObject([{ role }]);
  });
  it('stopped, with an end ahead, is stopped', () => {
    const resource = statement({
      status: 'stopped',
      effectivePeriod: { start: '2026-01-20', end: '2026-02-20' },
    });
    expect(readAll([resource]).chart.medications).toMatchObject([{ role: 'inactive' }]);
  });
  it('the route is that of the steps that are not over', () => {
    const route = (text: string): Resource => ({ route: { text } });
    const dosageInstruction = [
      { ...second, ...route('oral') },
      { ...first, ...route('intravenous') },
    ];
    expect(readAll([request({ dosageInstruction })]).chart.medications).toMatchObject([{ route: 'oral' }]);
  });
});

describe('a prescription that has lapsed and is active', () => {
  const dispense = (more: Resource): Resource => ({ dispenseRequest: more });
  const supply = { expectedSupplyDuration: { value: 30, code: 'd' } };
  it.each<[string, Resource, string | null, boolean]>([
    ['valid', dispense({ validityPeriod: { end: '2026-06-30' } }), null, false],
    ['its validity over', dispense({ validityPeriod: { end: '2025-12-31' } }), '2025-12-31', false],
    ['for more than a year', dispense({ validityPeriod: { end: '2019-12-31' } }), '2019-12-31', true],
    ['its supply used up', { authoredOn: '2025-10-01', ...dispense(supply) }, '2025-10-31', false],
    [
      'with a repeat',
      { authoredOn: '2025-10-01', ...dispense({ ...supply, numberOfRepeatsAllowed: 1 }) },
      '2025-11-30',
      false,
    ],
    [
      'with repeats that last',
      { authoredOn: '2025-10-01', ...dispense({ ...supply, numberOfRepeatsAllowed: 5 }) },
      null,
      false,
    ],
    [
      'its supply used up, and still valid',
      { authoredOn: '2025-10-01', ...dispense({ ...supply, validityPeriod: { end: '2026-09-30' } }) },
      null,
      false,
    ],
    [
      'written for ten days',
      {
        authoredOn: '2025-12-01',
        dosageInstruction: [{ timing: { repeat: { boundsDuration: { value: 10, code: 'd' } } } }],
      },
      '2025-12-11',
      false,
    ],
    ['written long ago, no validity', { authoredOn: '2019-01-01' }, null, false],
  ])('%s', (_name, more, since, isUncertain) => {
    const { chart, said } = readAll([request(more)]);
    const [medication] = chart.medications;
    expect(medication?.role).toBe('active');
    expect(medication?.why?.startsWith(`lapsed since ${since}`) ?? false).toBe(since !== null);
    expect(medication?.uncertain ?? false).toBe(isUncertain);
    expect(said.map((one) => one.startsWith(`medication-lapsed: lapsed since ${since}`))).toEqual(
      since ? [true] : [],
    );
  });
});

describe('modifiers of the FHIR versions', () => {
  const notDone = 'http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDone';
  it.each<[string, Resource, 'taken' | 'not' | 'unknown']>([
    ['STU3 taken y', { taken: 'y' }, 'taken'],
    ['STU3 taken na', { taken: 'na' }, 'taken'],
    ['STU3 taken n', { taken: 'n' }, 'not'],
    ['STU3 taken unk', { taken: 'unk' }, 'unknown'],
    ['taken in another form', { taken: ['x'] }, 'unknown'],
    ['DSTU2 wasNotTaken', { wasNotTaken: true }, 'not'],
    ['DSTU2 wasNotTaken false', { wasNotTaken: false }, 'taken'],
    [
      'a modifier extension that negates',
      { modifierExtension: [{ url: notDone, valueBoolean: true }] },
      'not',
    ],
    [
      'a modifier extension that does not',
      { modifierExtension: [{ url: notDone, valueBoolean: false }] },
      'taken',
    ],
    [
      'an extension isNegated',
      { extension: [{ url: 'http://ehr.example/isNegated', valueBoolean: true }] },
      'not',
    ],
    ['adherence not-taking', { adherence: { code: { coding: [{ code: 'not-taking' }] } } }, 'not'],
    [
      'adherence on-hold-as-directed',
      { adherence: { code: { coding: [{ code: 'on-hold-as-directed' }] } } },
      'not',
    ],
    [
      'adherence taking-not-as-directed',
      { adherence: { code: { coding: [{ code: 'taking-not-as-directed' }] } } },
      'taken',
    ],
    ['adherence unknown', { adherence: { code: { coding: [{ code: 'unknown' }] } } }, 'unknown'],
  ])('%s', (_name, more, expected) => {
    const { chart, said } = readAll([statement(more)]);
    const [medication] = chart.medications;
    expect(medication?.role).toBe(expected === 'not' ? 'inactive' : 'active');
    expect(medication?.uncertain ?? false).toBe(expected === 'unknown');
    expect(said.length).toBe(expected === 'taken' ? 0 : 1);
  });
});

describe('completed, with an end that is not stated as a date of its dosages', () => {
  const days = (value: number) => ({ value, system: 'http://unitsofmeasure.org', code: 'd' });
  const course = (value: number) => ({
    authoredOn: '2026-01-15',
    dosageInstruction: [{ timing: { repeat: { boundsDuration: days(value) } } }],
  });
  const supply = (more: Resource, authoredOn = '2026-01-20') => ({ authoredOn, dispenseRequest: more });
  it.each<[string, Resource, Medication['role'], boolean]>([
    ['written for 30 days', course(30), 'active', false],
    ['written for 10 days', course(10), 'inactive', false],
    ['written for 16 days, which end today', course(16), 'active', true],
    ['a supply of 90 days', supply({ expectedSupplyDuration: days(90) }), 'active', false],
    ['a supply of 5 days', supply({ expectedSupplyDuration: days(5) }), 'inactive', false],
    [
      'a supply of 5 days, twice repeated',
      supply({ expectedSupplyDuration: days(5), numberOfRepeatsAllowed: 2 }),
      'active',
      false,
    ],
    ['valid until March', supply({ validityPeriod: { end: '2026-03-01' } }), 'active', true],
    ['valid until last week', supply({ validityPeriod: { end: '2026-01-24' } }), 'inactive', false],
    [
      'a supply that is used up, of a prescription that is still valid',
      supply({ expectedSupplyDuration: days(5), validityPeriod: { end: '2026-12-31' } }),
      'inactive',
      false,
    ],
    ['until some time of this year', { effectivePeriod: { end: '2026' } }, 'active', true],
    ['until some time of this month', { effectivePeriod: { end: '2026-01' } }, 'active', true],
    ['until some time of today', { effectivePeriod: { end: '2026-01-31' } }, 'active', true],
    ['until yesterday', { effectivePeriod: { end: '2026-01-30' } }, 'inactive', false],
    ['until tomorrow', { effectivePeriod: { end: '2026-02-01' } }, 'active', false],
  ])('%s', (_name, more, role, uncertain) => {
    for (const resource of [request, statement]) {
      const [medication] = readAll([resource({ ...more, status: 'completed' })]).chart.medications;
      expect(medication?.role).toBe(role);
      expect(medication?.uncertain ?? false).toBe(uncertain);
    }
  });
});

describe('times by their names in R5', () => {
  const past = { start: '2025-01-01', end: '2025-02-01' };
  it.each<[string, Resource, Medication['role']]>([
    ['a request of a dose period that is over', request({ effectiveDosePeriod: past }), 'inactive'],
    ['one that goes on', request({ effectiveDosePeriod: { start: '2025-01-01' } }), 'active'],
    ['one that begins later', request({ effectiveDosePeriod: { start: '2026-03-01' } }), 'inactive'],
    [
      'completed, and its dose period ends later',
      request({ status: 'completed', effectiveDosePeriod: { end: '2026-03-01' } }),
      'active',
    ],
    [
      'a statement of a timing that is over',
      statement({ effectiveTiming: { repeat: { boundsPeriod: past } } }),
      'inactive',
    ],
    [
      'one of a timing that goes on',
      statement({ effectiveTiming: { repeat: { boundsPeriod: { start: '2025-01-01' } } } }),
      'active',
    ],
    ['one of dates that lie ahead', statement({ effectiveTiming: { event: ['2026-03-01'] } }), 'inactive'],
    ['one of dates', statement({ effectiveTiming: { event: ['2026-01-03', '2026-01-01'] } }), 'active'],
  ])('%s', (_name, resource, role) => {
    expect(readAll([resource]).chart.medications[0]?.role).toBe(role);
  });
  it('they date its start and its end', () => {
    const stated = [
      request({ effectiveDosePeriod: past }),
      statement({ effectiveTiming: { repeat: { boundsPeriod: past } } }),
    ];
    for (const resource of stated) {
      expect(readAll([resource]).chart.medications[0]).toMatchObject({
        started: { from: Date.parse('2025-01-01') },
        ended: { from: Date.parse('2025-02-01') },
        ends: { from: Date.parse('2025-02-01') },
      });
    }
    const events = statement({ effectiveTiming: { event: ['2026-01-03', '2026-01-01'] } });
    expect(readAll([events]).chart.medications[0]?.started?.from).toBe(Date.parse('2026-01-01'));
  });
});

describe('steps, of which some begin later', () => {
  const step = (sequence: number, boundsPeriod: Resource) => ({
    sequence,
    timing: { repeat: { boundsPeriod } },
  });
  it.each<[string, Resource[], Medication['role']]>([
    [
      'the first lies ahead, the second runs',
      [step(1, { start: '2026-02-21' }), step(2, { start: '2026-01-01', end: '2026-02-20' })],
      'active',
    ],
    [
      'both lie ahead',
      [step(1, { start: '2026-02-01', end: '2026-02-20' }), step(2, { start: '2026-02-21' })],
      'inactive',
    ],
    [
      'the first lies ahead, and the second follows it',
      [step(1, { start: '2026-02-01', end: '2026-02-20' }), { sequence: 2 }],
      'inactive',
    ],
  ])('%s', (_name, dosageInstruction, role) => {
    expect(readAll([request({ dosageInstruction })]).chart.medications[0]?.role).toBe(role);
  });
});

describe('what says that it is not taken, in other forms', () => {
  const adherence = (...codes: string[]) => ({
    adherence: { code: { coding: codes.map((code) => ({ code })) } },
  });
  const extension = (name: string, value: Resource) => ({
    extension: [{ url: `http://example.org/${name}`, ...value }],
  });
  it.each<[string, Resource, Medication['role'], boolean]>([
    ['an adherence as the second coding', adherence('NT', 'not-taking'), 'inactive', false],
    ['taking, as the second coding', adherence('T', 'taking'), 'active', false],
    ['unknown as the second coding', adherence('T', 'unknown'), 'active', true],
    ['a code that nobody knows', adherence('NT'), 'active', true],
    ['an adherence as text', { adherence: { code: { text: 'Not taking' } } }, 'inactive', false],
    ['one as text that nobody knows', { adherence: { code: { text: 'now and then' } } }, 'active', true],
    ['one by its display', { adherence: { code: { coding: [{ display: 'Stopped' }] } } }, 'inactive', false],
    ['negationInd', extension('negationInd', { valueBoolean: true }), 'inactive', false],
    [
      'negation-indicator as a code',
      extension('negation-indicator', { valueCode: 'true' }),
      'inactive',
      false,
    ],
    ['isNotTaken', extension('isNotTaken', { valueBoolean: true }), 'inactive', false],
    ['isNegated as a code', extension('isNegated', { valueCode: 'true' }), 'inactive', false],
    ['isNegated as a string', extension('isNegated', { valueString: 'True' }), 'inactive', false],
    ['isNegated, which is false', extension('isNegated', { valueString: 'false' }), 'active', false],
    ['wasNotTaken as a string', { wasNotTaken: 'true' }, 'inactive', false],
    ['notGiven as a string', { notGiven: 'true' }, 'inactive', false],
    ['doNotPerform as a string', { doNotPerform: 'true' }, 'inactive', false],
    ['wasNotTaken, which is false', { wasNotTaken: 'false' }, 'active', false],
    ['Completed', { status: 'Completed' }, 'inactive', false],
    ['ON-HOLD', { status: 'ON-HOLD' }, 'inactive', false],
    ['Active', { status: ' Active' }, 'active', false],
  ])('%s', (_name, more, role, uncertain) => {
    const [medication] = readAll([statement(more)]).chart.medications;
    expect(medication?.role).toBe(role);
    expect(medication?.uncertain ?? false).toBe(uncertain);
  });
  it('Entered-in-error is on no chart', () => {
    expect(readAll([request({ status: 'Entered-in-error' })]).chart.medications).toEqual([]);
  });
});

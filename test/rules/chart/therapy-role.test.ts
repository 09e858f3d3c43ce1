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
    ['intended, of a request', request({ status: 'intended' }), 'inactive', 'status intended', []],
    ['intended, of a statement', statement({ status: 'intended' }), 'active', null, []],
    ['recorded', statement({ status: 'recorded' }), 'active', null, []],
    ['not taken', statement({ status: 'not-taken' }), 'inactive', 'status not-taken', []],
    [
      'not adhered to',
      statement({ status: 'recorded', adherence: { code: { coding: [{ code: 'not-taking' }] } } }),
      'inactive',
      'adherence not-taking',
      [],
    ],
    [
      'stopped by adherence',
      statement({ adherence: { code: { coding: [{ code: 'stopped' }] } } }),
      'inactive',
      'adherence stopped',
      [],
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
      'active',
      null,
      [],
    ],
    [
      'with bounds of the past',
      request({ dosageInstruction: [{}, { timing: { repeat: { boundsPeriod: { end: '2026-01-30' } } } }] }),
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

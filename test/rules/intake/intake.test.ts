import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import { intakeOfBundle } from '../../../rules/intake/intake.ts';
import { Refused } from '../../../rules/intake/refused.ts';
import {
  bundle,
  observation,
  order,
  outcome,
  patient,
  post,
  type Resource,
  references,
  refusal,
  searchset,
  sign,
  subject,
  view,
} from '../../support/intakes.ts';

describe('nothing to go on', () => {
  it.each([
    ['no prefetch', undefined],
    ['null', null],
    ['an empty prefetch', {}],
    ['a prefetch that is a list', [patient]],
    ['a prefetch that is a text', 'x'],
    ['2 errors and no data', { patient: outcome('error'), labs: outcome('fatal') }],
    ['a key without a value', { patient: undefined }],
  ])('%s is refused with 412', (_, prefetch) => {
    expect(refusal(() => view(prefetch))).toMatchObject({ status: 412, code: 'required' });
  });

  it('draft orders alone are refused with 412', () => {
    expect(refusal(() => sign(undefined, searchset([order('a')])))).toMatchObject({ status: 412 });
  });

  it('an unusable patientId is refused with 400 before the missing prefetch with 412', () => {
    expect(refusal(() => view(undefined, { patientId: undefined }))).toMatchObject({ status: 400 });
  });
});

describe('a posted bundle', () => {
  it('may be a bare resource', () => {
    const intake = post(observation('o'));
    expect(intake.patientId).toBe('1');
    expect(references(intake)).toEqual(['Observation/o']);
  });

  it.each([
    ['a list', [patient], 'structure'],
    ['a text', 'x', 'structure'],
    ['null', null, 'structure'],
    ['an object without a type', { id: 'x' }, 'structure'],
    ['an empty Bundle', { resourceType: 'Bundle' }, 'required'],
    ['a Bundle of no entries', { resourceType: 'Bundle', entry: [] }, 'required'],
    [
      'a Bundle of 2 malformed entries',
      { resourceType: 'Bundle', entry: [null, { resource: {} }] },
      'required',
    ],
    [
      'a Bundle of 1 OperationOutcome',
      { resourceType: 'Bundle', entry: [{ resource: outcome('warning') }] },
      'required',
    ],
    ['a Questionnaire', { resourceType: 'Questionnaire' }, 'not-supported'],
    [
      'a Bundle of 1 Questionnaire',
      bundle('collection', [{ resource: { resourceType: 'Questionnaire' } }]),
      'not-supported',
    ],
    ['a resource named like markup', { resourceType: '<b>Jane Doe</b>' }, 'not-supported'],
  ])('that is %s is refused with 400', (_, body, code) => {
    const refused = refusal(() => post(body));
    expect(refused).toMatchObject({ status: 400, code });
    expect(refused.message).not.toContain('Jane');
  });

  it('reads requests with status draft as orders, and others as therapy', () => {
    const intake = post(
      bundle('collection', [
        { resource: order('a') },
        { resource: order('b', { status: 'active' }) },
        { resource: { resourceType: 'ServiceRequest', id: 's', status: 'draft', subject } },
        { resource: { resourceType: 'MedicationStatement', id: 'm', status: 'draft', subject } },
      ]),
    );
    expect(intake.items.map(({ reference, from, selected }) => [reference, from, selected])).toEqual([
      ['MedicationRequest/a', 'draft', true],
      ['MedicationRequest/b', 'bundle', false],
      ['ServiceRequest/s', 'draft', true],
      ['MedicationStatement/m', 'bundle', false],
    ]);
    expect(intake.completeness).toMatchObject({ orders: 'known', medications: 'known' });
  });

  it('is never changed by reading it, and reads the same twice', () => {
    const body = bundle('collection', [
      { resource: patient },
      { resource: order('a') },
      { resource: observation('o') },
    ]);
    const before = structuredClone(body);
    const first = post(body);
    expect(body).toEqual(before);
    expect(post(body)).toEqual({
      ...first,
      definitionOf: expect.any(Function),
      nameOf: expect.any(Function),
    });
  });

  it('of any JSON is read or refused, and nothing else', () => {
    const type = fc.constantFrom('Bundle', 'Patient', 'Observation', 'MedicationRequest', 'Condition', 'x');
    const json = fc.jsonValue({ maxDepth: 2 });
    const resource = fc.record(
      {
        resourceType: type,
        id: json,
        subject: json,
        status: json,
        meta: json,
        modifierExtension: json,
        entry: json,
      },
      { requiredKeys: ['resourceType'] },
    );
    const entry = fc.record(
      { resource: fc.oneof(resource, json), fullUrl: json, request: json, link: json },
      { requiredKeys: [] },
    );
    const body = fc.record({
      resourceType: fc.constant('Bundle'),
      entry: fc.array(fc.oneof(entry, json), { maxLength: 4 }),
      link: json,
      total: json,
    });
    fc.assert(
      fc.property(body, fc.option(fc.string({ maxLength: 5 })), (given, who) => {
        try {
          return Array.isArray(post(given, who).items);
        } catch (error) {
          return error instanceof Refused;
        }
      }),
    );
  });
});

describe('what is said, word for word', () => {
  it('of a request that cannot be evaluated, with its code', () => {
    const refused = (run: () => unknown) => {
      const { status, code, message } = refusal(run);
      return [status, code, message];
    };
    expect(refused(() => view({}, { patientId: undefined }))).toEqual([
      400,
      'required',
      'the request needs `context.patientId`: the id of the patient in context',
    ]);
    expect(refused(() => view({}, { patientId: 'a b' }))).toEqual([
      400,
      'value',
      '`context.patientId` is not a FHIR id: letters, digits, `-`, `.` and `_` only',
    ]);
    expect(refused(() => view({}))).toEqual([
      412,
      'required',
      'no patient data came: send the prefetch that discovery asks for (patient, labs, medicationRequests, ...)',
    ]);
    expect(refused(() => view({ patient: { resourceType: 'Patient', id: '2' } }))).toEqual([
      400,
      'invalid',
      'the prefetched Patient is not the one of `context.patientId`',
    ]);
    expect(refused(() => intakeOfBundle([], null))).toEqual([
      400,
      'structure',
      'the body must be a FHIR resource: a JSON object with a `resourceType`',
    ]);
    expect(refused(() => intakeOfBundle({ resourceType: 'Bundle' }, null))).toEqual([
      400,
      'required',
      'the Bundle holds no resource: add entries with a `resource`',
    ]);
    const [status, code, message] = refused(() => intakeOfBundle({ resourceType: 'Composition' }, null));
    expect([status, code]).toEqual([400, 'not-supported']);
    expect(message).toMatch(
      /^nothing to evaluate: Composition is none of (\w+, ){5,}\w+, nor a Bundle with one of them$/,
    );
    expect(refused(() => intakeOfBundle({ resourceType: 'Jane Doe' }, null))[2]).toMatch(
      /^nothing to evaluate: resource is none of /,
    );
    expect(refused(() => intakeOfBundle(patient, '2'))).toEqual([
      400,
      'not-found',
      'the patient of `?patient=` is not in the bundle',
    ]);
  });
});

describe('a posted bundle without a draft, at a hook about orders', () => {
  const posted = (hook: Hook, ...orders: Json[]) => {
    const entry = [patient, ...orders].map((resource) => ({ resource }));
    const { notices } = intakeOfBundle({ resourceType: 'Bundle', type: 'collection', entry }, null, hook);
    return notices.flatMap(({ code, reference, message }) =>
      code === 'order-not-draft' ? [`${reference}: ${message}`] : [],
    );
  };
  const of = (resourceType: string, status: unknown): Json => ({
    resourceType,
    id: String(status),
    status,
    subject,
  });
  it.each<[string, string, unknown, string]>([
    ['an active order', 'MedicationRequest', 'active', 'counts as taken, and is not checked as an order'],
    ['an order on hold', 'MedicationRequest', 'on-hold', 'is not checked as an order'],
    ['a completed order', 'MedicationRequest', 'completed', 'is not checked as an order'],
    [
      'an active service',
      'ServiceRequest',
      'active',
      'is not checked: an active order of a test counts as ordered',
    ],
    [
      'a service of STU3',
      'ProcedureRequest',
      'active',
      'is not checked: an active order of a test counts as ordered',
    ],
    ['an order of DSTU2', 'MedicationOrder', 'active', 'counts as taken, and is not checked as an order'],
  ])('%s is named with its status', (_name, type, status, counted) => {
    expect(posted('order-sign', of(type, status))).toEqual([
      `${type}/${status}: order-sign speaks about orders of status \`draft\`: this one has status \`${status}\` and ${counted}`,
    ]);
  });
  it('none is named beside a draft, or where a chart is opened', () => {
    const [active, draft] = [of('MedicationRequest', 'active'), of('MedicationRequest', 'draft')];
    expect(posted('order-sign', active, draft)).toEqual([]);
    expect(posted('patient-view', active)).toEqual([]);
  });
});

describe('the patient in context', () => {
  it.each(['Patient/1', 'patient/1', 'PATIENT/1', '1'])(
    'is named by %s, and by a Patient without an id',
    (patientId) => {
      for (const id of [undefined, null, '1']) {
        const one = { resourceType: 'Patient', id, gender: 'female' };
        const intake = view({ patient: one }, { patientId });
        expect(intake.items).toMatchObject([{ reference: 'Patient/1', resource: { gender: 'female' } }]);
      }
    },
  );
});

describe('a posted bundle for a hook about orders', () => {
  const inside = { contained: [order('m')] };
  it.each<[string, Resource, string]>([
    [
      'a group of orders',
      { resourceType: 'RequestGroup', id: 'g', status: 'draft', subject },
      'order-unchecked',
    ],
    [
      'a group of orders, R5',
      { resourceType: 'RequestOrchestration', id: 'g', status: 'draft', subject },
      'order-unchecked',
    ],
    [
      'a task with an order inside',
      { resourceType: 'Task', id: 't', status: 'draft', ...inside },
      'order-unchecked',
    ],
    [
      'a service as its only draft',
      { resourceType: 'ServiceRequest', id: 's', status: 'draft', subject },
      'order-not-draft',
    ],
  ])('says what was not checked: %s', (_name, resource, code) => {
    const active = order('a', { status: 'active' });
    const body = { resourceType: 'Bundle', type: 'collection', entry: [{ resource }, { resource: active }] };
    expect(intakeOfBundle(body, null, 'order-sign').notices.map((notice) => notice.code)).toContain(code);
  });
});

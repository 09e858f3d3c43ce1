import { describe, expect, it } from 'vitest';
import type { Completeness } from '../../../rules/fhir/categories.ts';
import { BundleReader } from '../../../rules/intake/bundle-reader.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import {
  bundle,
  codes,
  condition,
  context,
  messages,
  observation,
  patient,
  post,
  type Resource,
  references,
  searchset,
  selfLink,
  subject,
} from '../../support/intakes.ts';

describe('a posted bundle', () => {
  const put = { method: 'PUT', url: 'Observation/o' };
  const ok = { status: '200 OK' };
  it.each([
    ['collection', [{ resource: patient }, { resource: observation('o') }]],
    ['searchset', [{ resource: patient }, { resource: observation('o'), search: { mode: 'match' } }]],
    [
      'transaction',
      [
        { resource: patient, request: { method: 'POST', url: 'Patient' } },
        { resource: observation('o'), request: put },
      ],
    ],
    [
      'batch',
      [
        { resource: patient, request: put },
        { request: { method: 'GET', url: 'Observation?x=1' } },
        { resource: observation('o') },
      ],
    ],
    [
      'transaction-response',
      [
        { resource: patient, response: ok },
        { resource: observation('o'), response: ok },
      ],
    ],
    [
      'batch-response',
      [
        { resource: patient, response: ok },
        { response: { status: '204' } },
        { resource: observation('o'), response: ok },
      ],
    ],
    [
      'history',
      [
        { resource: patient, request: put, response: ok },
        { resource: observation('o'), request: put, response: ok },
      ],
    ],
    [
      'document',
      [
        { resource: { resourceType: 'Composition', id: 'd', subject } },
        { resource: patient },
        { resource: observation('o') },
      ],
    ],
    [
      'message',
      [
        { resource: { resourceType: 'MessageHeader', id: 'h' } },
        { resource: patient },
        { resource: observation('o') },
      ],
    ],
    ['a type nobody has heard of', [{ resource: patient }, { resource: observation('o') }]],
  ])('of type %s gives its patient and its result', (type, entry) => {
    const intake = post(bundle(type, entry));
    expect(references(intake)).toEqual(['Patient/1', 'Observation/o']);
    expect(intake.patientId).toBe('1');
    expect(codes(intake).filter((code) => code !== 'resource-ignored')).toEqual([]);
  });

  it('of no type at all gives its patient and its result', () => {
    const intake = post({
      resourceType: 'Bundle',
      entry: [{ resource: patient }, { resource: observation('o') }],
    });
    expect(references(intake)).toEqual(['Patient/1', 'Observation/o']);
  });

  it('may hold 2 searchsets (a batch-response), of which 1 has a next link', () => {
    const entry = [
      {
        resource: searchset([observation('o')], selfLink('Observation?patient=1&category=laboratory')),
        response: ok,
      },
      {
        resource: searchset([condition('c')], { link: [{ relation: 'next', url: 'x?page=2' }] }),
        response: ok,
      },
      { resource: searchset([], selfLink('AllergyIntolerance?patient=1')), response: ok },
    ];
    const intake = post(bundle('batch-response', entry));
    expect(references(intake)).toEqual(['Observation/o', 'Condition/c']);
    expect(intake.completeness).toMatchObject({
      labs: 'known',
      conditions: 'partial',
      allergies: 'known',
      medications: 'absent',
    });
  });

  it('may hold an empty searchset that does not say what was asked', () => {
    const entry = [{ resource: patient }, { resource: searchset([]), response: ok }];
    expect(codes(post(bundle('batch-response', entry)))).toEqual([]);
  });

  it('that is a searchset with a part that cannot be read is known in part, a collection is not', () => {
    const entry = [{ resource: condition('c') }, { resource: {} }];
    expect(post(bundle('searchset', entry)).completeness.conditions).toBe('partial');
    expect(post(bundle('collection', entry)).completeness.conditions).toBe('known');
  });

  it('may be nested 3 deep', () => {
    const inner = bundle('collection', [
      { resource: bundle('collection', [{ resource: observation('o') }]) },
    ]);
    expect(references(post(bundle('collection', [{ resource: inner }])))).toEqual(['Observation/o']);
  });

  describe('with malformed entries', () => {
    it.each([
      ['null', null],
      ['a number', 7],
      ['a text', 'x'],
      ['a list', []],
      ['an entry without anything', {}],
      ['a resource that is null', { resource: null }],
      ['a resource that is a list', { resource: [] }],
      ['a resource without a type', { resource: { id: 'x' } }],
      ['a resource whose type is a number', { resource: { resourceType: 7 } }],
    ])('%s costs only itself, with 1 notice that says where', (_, entry) => {
      const intake = post(
        bundle('collection', [{ resource: patient }, entry, { resource: observation('o') }]),
      );
      expect(references(intake)).toEqual(['Patient/1', 'Observation/o']);
      expect(codes(intake)).toEqual(['resource-malformed']);
      expect(messages(intake)).toContain('entry[1]');
    });
  });

  it('names what has no id by its place', () => {
    expect(references(post({ resourceType: 'Observation' }))).toEqual(['Observation (body)']);
    expect(references(post(bundle('collection', [{ resource: { resourceType: 'Observation' } }])))).toEqual([
      'Observation (Bundle.entry[0])',
    ]);
  });

  describe('of type history with a DELETE', () => {
    const gone = { request: { method: 'DELETE', url: 'Observation/o' }, response: { status: '204' } };
    const old = { resource: observation('o', { meta: { versionId: '1' } }) };
    it('leaves out what was deleted after its last version', () => {
      const intake = post(bundle('history', [gone, old, { resource: patient }]));
      expect(references(intake)).toEqual(['Patient/1']);
      expect(intake.notices).toMatchObject([{ code: 'resource-deleted', reference: 'Observation/o' }]);
    });

    it('keeps what was created again after it was deleted', () => {
      const again = { resource: observation('o', { meta: { versionId: '3' } }) };
      const intake = post(bundle('history', [again, gone, old]));
      expect(intake.items).toMatchObject([{ resource: { meta: { versionId: '3' } } }]);
    });

    it.each([
      ['2 malformed resources', [{ resource: null }, { resource: {} }]],
      ['2 empty nested bundles', [{ resource: searchset([]) }, { resource: searchset([]) }]],
    ])('leaves it out too with %s before it', (_, before) => {
      const intake = post(bundle('history', [...before, gone, old, { resource: patient }]));
      expect(references(intake)).toEqual(['Patient/1']);
    });

    it('goes by the last of 2 deletions', () => {
      const entry = [gone, { resource: observation('o', { meta: { versionId: '2' } }) }, gone, old];
      expect(references(post(bundle('history', [...entry, { resource: patient }])))).toEqual(['Patient/1']);
    });

    const del = (url: string, fullUrl?: string): Resource => ({
      ...(fullUrl ? { fullUrl } : {}),
      request: { method: 'DELETE', url },
    });
    const [a, b] = ['https://a/fhir/Observation/o', 'https://b/fhir/Observation/o'];
    const me = { fullUrl: 'https://a/fhir/Patient/1', resource: patient };
    it.each<[string, Resource, string | null, boolean]>([
      ['another server', del(b), a, false],
      ['another server, by its fullUrl', del('Observation/o', b), a, false],
      ['another server than the only one', del(b), null, false],
      ['its server', del(a), a, true],
      ['its server, by its fullUrl', del('Observation/o', a), a, true],
      ['the only server', del('Observation/o'), a, true],
      ['the only server, of both', del('Observation/o'), null, true],
      ['the only server, by its address', del(a), null, true],
    ])('is of %s', (_name, entry, fullUrl, isDeleted) => {
      const item = { ...(fullUrl ? { fullUrl } : {}), resource: observation('o') };
      const intake = post(bundle('history', [entry, me, item]));
      expect(references(intake).includes('Observation/o')).toBe(!isDeleted);
      expect(codes(intake)).toEqual(isDeleted ? ['resource-deleted'] : []);
    });
    it.each(['collection', 'batch', 'transaction', undefined])(
      'in a Bundle of type %s its place says nothing',
      (type) => {
        for (const entries of [
          [gone, old],
          [old, gone],
        ]) {
          const intake = post({ ...bundle('', [{ resource: patient }, ...entries]), type });
          expect(references(intake)).toEqual(['Patient/1']);
        }
      },
    );

    it('finds it by an absolute url', () => {
      const absolute = { request: { method: 'DELETE', url: 'https://ehr.example/fhir/Observation/o' } };
      expect(references(post(bundle('history', [absolute, old, { resource: patient }])))).toEqual([
        'Patient/1',
      ]);
    });
  });
});

describe('a part that cannot be read', () => {
  it.each([
    ['no object', [null]],
    ['no resourceType', [{ resource: {} }]],
    ['an error', [{ resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] } }]],
    ['an error status', [{ response: { status: '500' } }]],
  ])('draft orders with %s are known in part: there may be one more', (_, entry) => {
    const intake = intakeOfHook('order-sign', { ...context, draftOrders: { entry } }, { patient });
    expect(intake.completeness.orders).toBe('partial');
    expect(intake.notices.length).toBeGreaterThan(0);
  });
  it('of a search for conditions makes conditions known in part', () => {
    const conditions = { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: { id: 'x' } }] };
    expect(intakeOfHook('patient-view', context, { patient, conditions }).completeness.conditions).toBe(
      'partial',
    );
  });
});

describe('a reader of bundles', () => {
  it.each<[Completeness, Completeness, Completeness]>([
    ['absent', 'partial', 'partial'],
    ['absent', 'known', 'known'],
    ['partial', 'known', 'known'],
    ['partial', 'absent', 'partial'],
    ['known', 'partial', 'known'],
    ['known', 'absent', 'known'],
  ])('raises what is %s to %s: it is %s', (before, to, after) => {
    const reader = new BundleReader();
    reader.completeness.labs = before;
    reader.raiseCompleteness('labs', to);
    expect(reader.completeness.labs).toBe(after);
    expect(reader.completeness.conditions).toBe('absent');
  });

  it.each<[string, unknown, unknown, string]>([
    ['its id', { ...patient, id: 'a' }, 'urn:uuid:1', 'Patient/a'],
    ['its id that is a number', { ...patient, id: 7 }, null, 'Patient/7'],
    ['its address', { resourceType: 'Patient' }, 'https://ehr.example/fhir/Patient/b', 'Patient/b'],
    ['its urn', { resourceType: 'Patient', id: '' }, 'urn:uuid:1', 'urn:uuid:1'],
    ['its place', { resourceType: 'Patient' }, 7, 'Patient (here)'],
  ])('names a resource by %s', (_name, resource, fullUrl, reference) => {
    const reader = new BundleReader();
    expect(reader.addResource(resource, fullUrl, 'prefetch', 'here')).toBe('Patient');
    expect(reader.items).toMatchObject([{ type: 'Patient', reference, from: 'prefetch', selected: false }]);
  });

  it('calls what DSTU2 calls a MedicationOrder a MedicationRequest, under the name it came with', () => {
    const reader = new BundleReader('order-sign');
    expect(reader.addResource({ resourceType: 'MedicationOrder', id: 'm' }, null, 'draft', 'here')).toBe(
      'MedicationOrder',
    );
    expect(reader.items).toMatchObject([
      { type: 'MedicationRequest', reference: 'MedicationOrder/m', selected: true },
    ]);
  });

  it.each([[null], [7], [[]], [{}], [{ resourceType: 7 }]])(
    'adds nothing for %j but a notice',
    (resource) => {
      const reader = new BundleReader();
      expect(reader.addResource(resource, null, 'bundle', 'here')).toBeNull();
      expect(reader.items).toEqual([]);
      expect(reader.notices).toEqual([
        {
          code: 'resource-malformed',
          reference: null,
          message: 'here is not a FHIR resource: it needs a `resourceType`',
        },
      ]);
    },
  );

  it('tells each item which search it answers, the inner one where bundles are nested', () => {
    const reader = new BundleReader();
    const inner = searchset([condition('c')], selfLink('Condition?patient=1'));
    reader.addBundle(
      searchset([inner, observation('o')], selfLink('Observation?patient=1')),
      'prefetch',
      'p',
      'x',
    );
    expect(reader.items.map(({ reference, searchedFor }) => [reference, searchedFor?.type])).toEqual([
      ['Condition/c', 'Condition'],
      ['Observation/o', 'Observation'],
    ]);
  });
});

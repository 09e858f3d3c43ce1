import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf } from '../../../rules/fhir/reference.ts';
import { Addresses } from '../../../rules/intake/addresses.ts';
import type { BundleItem } from '../../../rules/intake/bundle-reader.ts';
import {
  bareId,
  choosePatient,
  isFhirId,
  type Owner,
  ownerOf,
  patientsIn,
} from '../../../rules/intake/identity.ts';
import { intakeOfBundle } from '../../../rules/intake/intake.ts';
import { Refused } from '../../../rules/intake/refused.ts';
import type { Intake } from '../../../rules/intake/types.ts';
import {
  bundle,
  codes,
  condition,
  messages,
  observation,
  order,
  patient,
  post,
  type Resource,
  references,
  refusal,
  searchset,
  selfLink,
  sign,
  subject,
  view,
} from '../../support/intakes.ts';

describe('whose data it is', () => {
  it.each([
    ['a relative reference', { reference: 'Patient/2' }],
    ['an absolute reference', { reference: 'https://ehr.example/fhir/Patient/2' }],
    ['a versioned reference', { reference: 'Patient/2/_history/1' }],
    ['a group', { reference: 'Group/1' }],
  ])('a result of another subject by %s is left out with a notice', (_, other) => {
    const intake = view({
      patient,
      labs: searchset([observation('o'), observation('x', { subject: other })]),
    });
    expect(references(intake)).toEqual(['Patient/1', 'Observation/o']);
    expect(intake.notices).toMatchObject([{ code: 'other-patient', reference: 'Observation/x' }]);
  });

  it('an answer that mixes patients is known in part: what it lacks of this one is unknown', () => {
    const other = { reference: 'Patient/2' };
    const one = view({ conditions: searchset([condition('a'), condition('b', { subject: other })]) });
    expect(one.completeness.conditions).toBe('partial');
    const none = view({ conditions: searchset([condition('b', { subject: other })]) });
    expect(none.completeness.conditions).toBe('partial');
    expect([...view({ problem: condition('b', { subject: other }) }).incomplete]).toEqual(['conditions']);
    const request = { resourceType: 'ServiceRequest', id: 's', status: 'active', subject: other };
    expect([...view({ request, x: searchset([condition('a')]) }).incomplete]).toEqual([]);
    const therapy = searchset([order('a', { status: 'active', subject: other })]);
    const all = view({
      x: { ...therapy, ...selfLink('MedicationRequest?patient=1') },
      y: searchset([condition('a')]),
    });
    expect([...all.incomplete]).toEqual(['medications', 'pastMedications']);
    const before = view({
      problem: condition('b', { subject: other }),
      x: searchset([], selfLink('MedicationRequest?patient=1')),
    });
    expect([...before.incomplete]).toEqual(['conditions']);
    const posted = intakeOfBundle(
      {
        resourceType: 'Bundle',
        entry: [condition('a'), condition('b', { subject: other })].map((resource) => ({ resource })),
      },
      '1',
    );
    expect(posted.completeness.conditions).toBe('known');
  });

  it.each([
    ['relative', 'Patient/1'],
    ['absolute', 'https://ehr.example/fhir/Patient/1'],
    ['versioned', 'https://ehr.example/fhir/Patient/1/_history/7'],
  ])('a result of the patient by a %s reference is kept', (_, reference) => {
    const intake = view({ patient, labs: searchset([observation('o', { subject: { reference } })]) });
    expect(references(intake)).toEqual(['Patient/1', 'Observation/o']);
    expect(codes(intake)).toEqual([]);
  });

  it('an allergy belongs to its `patient`, which is no `subject`', () => {
    const intake = view({
      a: { resourceType: 'AllergyIntolerance', id: 'a', patient: subject },
      b: { resourceType: 'AllergyIntolerance', id: 'b', patient: { reference: 'Patient/2' } },
    });
    expect(references(intake)).toEqual(['AllergyIntolerance/a']);
  });

  it('a draft order of another patient is left out', () => {
    const intake = sign(
      { patient },
      searchset([order('a'), order('b', { subject: { reference: 'Patient/2' } })]),
    );
    expect(references(intake)).toEqual(['Patient/1', 'MedicationRequest/a']);
    expect(codes(intake)).toContain('other-patient');
    expect([...intake.incomplete]).toEqual([]);
  });

  describe('a contained subject', () => {
    const me = { ...patient, identifier: [{ system: 'urn:s', value: 'ME' }], birthDate: '1954-05-02' };
    const you = { resourceType: 'Patient', id: '2', identifier: [{ system: 'urn:s', value: 'YOU' }] };
    const by = (system: string, value: string): Resource => ({ identifier: [{ system, value }] });
    it.each<[string, readonly Resource[], Owner]>([
      ['says nothing', [{ id: 'x' }], 'patient'],
      ['has an identifier of the patient', [{ id: 'x', ...by('urn:s', 'ME') }], 'patient'],
      ['has another identifier', [{ id: 'x', ...by('urn:s', 'OTHER') }], 'another'],
      ['has an identifier of another system', [{ id: 'x', ...by('urn:t', 'OTHER') }], 'patient'],
      ['was born on another day', [{ id: 'x', birthDate: '1990-01-01' }], 'another'],
      ['was born that year', [{ id: 'x', birthDate: '1954' }], 'patient'],
      ['was born another year', [{ id: 'x', birthDate: '1955' }], 'another'],
      [
        'has the identifier and another birth date',
        [{ id: 'x', ...by('urn:s', 'ME'), birthDate: '1990-01-01' }],
        'unclear',
      ],
      ['has the id of another that came', [{ id: '2' }], 'unclear'],
      ['is a group', [{ id: 'x', resourceType: 'Group' }], 'another'],
      ['is not there', [], 'unclear'],
      ['is there twice', [{ id: 'x' }, { id: 'x' }], 'unclear'],
    ])('that %s', (_name, contained, owner) => {
      const reference = `#${contained[0]?.id ?? 'nobody'}`;
      const one = observation('o', {
        subject: { reference },
        contained: contained.map((more) => ({ resourceType: 'Patient', ...more })),
      });
      const brought = view({ patient: me, x: searchset([one]) });
      const posted = post(
        bundle(
          'collection',
          [me, you, one].map((resource) => ({ resource })),
        ),
        '1',
      );
      for (const intake of reference === '#2' ? [posted] : [brought, posted]) {
        expect(references(intake).includes('Observation/o')).toBe(owner === 'patient');
        const code = owner === 'another' ? 'other-patient' : 'subject-unclear';
        const said = intake.notices.filter(({ reference: of }) => of === 'Observation/o');
        expect(said.map((notice) => notice.code)).toEqual(owner === 'patient' ? [] : [code]);
      }
    });
  });

  it('2 results without a subject are used, with 1 notice', () => {
    const { subject: _one, ...first } = observation('a');
    const { subject: _two, ...second } = observation('b');
    const intake = view({ patient, labs: searchset([first, second]) });
    expect(references(intake)).toEqual(['Patient/1', 'Observation/a', 'Observation/b']);
    expect(codes(intake)).toEqual(['subject-missing']);
    expect(messages(intake)).toContain('2 resource(s)');
  });

  it.each([
    ['as a resource', { ...patient, id: '2' }],
    ['in a searchset', searchset([{ ...patient, id: '2' }])],
  ])('another Patient in the prefetch, %s, is refused with 400', (_, value) => {
    expect(refusal(() => view({ patient: value }))).toMatchObject({ status: 400, code: 'invalid' });
  });

  it('a Patient whose id is the number 1 is the patient `1`', () => {
    expect(references(view({ patient: { ...patient, id: 1 } }))).toEqual(['Patient/1']);
  });

  it('`Patient/1` as patientId is the patient `1`', () => {
    const intake = view({ patient }, { patientId: 'Patient/1' });
    expect(intake.patientId).toBe('1');
    expect(references(intake)).toEqual(['Patient/1']);
  });

  it.each([
    [undefined],
    [null],
    [''],
    [7],
    [{}],
    ['..'],
    ['.'],
    ['../Patient/1'],
    ['1/../2'],
    ['Patient/..'],
    ['Patient/Patient/1'],
    ['1?x=1'],
    ['1%2F..'],
    ['1 '],
    ['1\n'],
    ['a'.repeat(129)],
    ['https://ehr.example/fhir/Patient/1'],
  ])('patientId %j is refused with 400', (patientId) => {
    expect(refusal(() => view({ patient }, { patientId }))).toMatchObject({ status: 400 });
  });

  it('no patientId outside FHIR ids gets through, 1 to 129 characters of any kind', () => {
    const id = fc.oneof(
      fc.string({ minLength: 1, maxLength: 129 }),
      fc.stringMatching(/^[./\\%A-Za-z0-9_-]{1,12}$/),
    );
    fc.assert(
      fc.property(id, (patientId) => {
        let accepted: string | null = null;
        try {
          accepted = view({ conditions: null }, { patientId }).patientId;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
        }
        return accepted === null || (/^[A-Za-z0-9._-]+$/.test(accepted) && !/^\.{1,2}$/.test(accepted));
      }),
    );
  });
});

describe('a posted bundle', () => {
  describe('about several patients', () => {
    const two = bundle('collection', [
      { fullUrl: 'urn:uuid:0000-1', resource: patient },
      { fullUrl: 'https://ehr.example/fhir/Patient/2', resource: { ...patient, id: '2' } },
      { fullUrl: 'urn:uuid:0000-3', resource: { resourceType: 'Patient' } },
      { resource: observation('one') },
      { resource: observation('uuid', { subject: { reference: 'urn:uuid:0000-1' } }) },
      { resource: observation('two', { subject: { reference: 'Patient/2' } }) },
      { resource: observation('three', { subject: { reference: 'urn:uuid:0000-3' } }) },
    ]);

    it('is refused with 400 that says how many', () => {
      const { status, code, message } = refusal(() => post(two));
      expect({ status, code }).toEqual({ status: 400, code: 'multiple-matches' });
      expect(message).toContain('3 patients');
    });

    it.each([
      ['a bare id', '1', '1', ['Patient/1', 'Observation/one', 'Observation/uuid']],
      ['a reference', 'Patient/1', '1', ['Patient/1', 'Observation/one', 'Observation/uuid']],
      [
        'the urn:uuid of a Patient with an id',
        'urn:uuid:0000-1',
        '1',
        ['Patient/1', 'Observation/one', 'Observation/uuid'],
      ],
      ['an absolute fullUrl', 'https://ehr.example/fhir/Patient/2', '2', ['Patient/2', 'Observation/two']],
      [
        'the urn:uuid of a Patient without an id',
        'urn:uuid:0000-3',
        'urn:uuid:0000-3',
        ['urn:uuid:0000-3', 'Observation/three'],
      ],
    ])('is read for the one that %s names', (_, who, patientId, expected) => {
      const intake = post(two, who);
      expect(intake.patientId).toBe(patientId);
      expect(references(intake)).toEqual(expected);
      expect(codes(intake)).toContain('other-patient');
    });

    it.each([['3'], ['Patient/3'], ['urn:uuid:0000-4'], [''], ['__proto__']])(
      'is refused with 400 for `%s`, who is not in it',
      (who) => {
        expect(refusal(() => post(two, who))).toMatchObject({ status: 400, code: 'not-found' });
      },
    );

    it.each<[string, Resource]>([
      ['a group', observation('x', { subject: { reference: 'Group/1' } })],
      ['a device', observation('x', { subject: { reference: 'https://ehr.example/fhir/Device/1' } })],
      [
        'a type that no rule uses',
        { resourceType: 'Immunization', id: 'x', patient: { reference: 'Patient/2' } },
      ],
    ])('is not what 1 resource about %s makes of it', (_, other) => {
      const intake = post(bundle('collection', [{ resource: observation('o') }, { resource: other }]));
      expect([intake.patientId, references(intake)]).toEqual(['1', ['Observation/o']]);
    });

    it.each<[string, Resource]>([
      [
        'by a service ordered',
        { resourceType: 'ServiceRequest', id: 's', subject: { reference: 'Patient/2' } },
      ],
      ['by a urn that no Patient has', observation('x', { subject: { reference: 'urn:uuid:0000-4' } })],
    ])('is refused %s', (_, other) => {
      expect(
        refusal(() => post(bundle('collection', [{ resource: observation('o') }, { resource: other }]))),
      ).toMatchObject({ status: 400, code: 'multiple-matches' });
    });

    it('is refused when only the subjects differ', () => {
      const other = observation('x', { subject: { reference: 'Patient/2' } });
      expect(
        refusal(() => post(bundle('collection', [{ resource: observation('o') }, { resource: other }]))),
      ).toMatchObject({
        status: 400,
        code: 'multiple-matches',
      });
    });
  });

  it('resolves a subject by urn:uuid to the Patient with that fullUrl', () => {
    const intake = post(
      bundle('transaction', [
        { fullUrl: 'urn:uuid:0000-1', resource: { resourceType: 'Patient', id: 'abc' } },
        { resource: observation('o', { subject: { reference: 'urn:uuid:0000-1' } }) },
        { resource: condition('c', { subject: { reference: 'Patient/abc' } }) },
      ]),
    );
    expect(intake.patientId).toBe('abc');
    expect(references(intake)).toEqual(['Patient/abc', 'Observation/o', 'Condition/c']);
    expect(codes(intake)).toEqual([]);
  });

  it.each([
    ['by urn:uuid', { fullUrl: 'urn:uuid:0000-1' }, 'urn:uuid:0000-1', 'urn:uuid:0000-1'],
    ['by an absolute fullUrl', { fullUrl: 'https://ehr.example/fhir/Patient/9' }, 'Patient/9', '9'],
    [
      'by an absolute fullUrl and subject',
      { fullUrl: 'https://ehr.example/fhir/Patient/9' },
      'https://ehr.example/fhir/Patient/9',
      '9',
    ],
  ])('keeps a Patient without an id and the result that names it %s', (_, entry, reference, patientId) => {
    const intake = post(
      bundle('collection', [
        { ...entry, resource: { resourceType: 'Patient', gender: 'female' } },
        { resource: observation('o', { subject: { reference } }) },
      ]),
    );
    expect(intake.items.map(({ type }) => type)).toEqual(['Patient', 'Observation']);
    expect(intake.patientId).toBe(patientId);
    expect(codes(intake)).toEqual([]);
  });

  it.each([
    ['a bare resource', { resourceType: 'Patient', gender: 'female' }],
    ['the only entry', bundle('collection', [{ resource: { resourceType: 'Patient', gender: 'female' } }])],
  ])('keeps a Patient without an id and fullUrl that is %s', (_, body) => {
    const { items, patientId } = post(body);
    expect(items).toMatchObject([{ type: 'Patient', resource: { gender: 'female' } }]);
    expect(patientId).toBeNull();
  });

  it('is about nobody we know where its only subject is a group', () => {
    const intake = post(observation('o', { subject: { reference: 'Group/1' } }));
    expect([intake.patientId, references(intake)]).toEqual([null, ['Observation/o']]);
    expect(codes(intake)).toEqual(['patient-missing']);
  });

  it('keeps 1 Patient without an id and the 2 results beside it that do not say whose they are', () => {
    const { subject: _one, ...first } = observation('a');
    const { subject: _two, ...second } = observation('b');
    const body = bundle('collection', [
      { resource: { resourceType: 'Patient' } },
      { resource: first },
      { resource: second },
    ]);
    expect(post(body).items.map(({ type }) => type)).toEqual(['Patient', 'Observation', 'Observation']);
  });

  it('says so when nothing says whose data it is, and uses it', () => {
    const { subject: _, ...nobodys } = observation('o');
    const intake = post(bundle('collection', [{ resource: nobodys }]));
    expect(intake.patientId).toBeNull();
    expect(references(intake)).toEqual(['Observation/o']);
    expect(codes(intake)).toEqual(['patient-missing']);
  });
});

describe('what is said, word for word', () => {
  const said = ({ notices }: Intake): string[] => notices.map(({ code, message }) => `${code}: ${message}`);

  it('of a prefetched Patient without an id nothing, and of one among the drafts nothing', () => {
    expect(said(view({ patient: { resourceType: 'Patient' } }))).not.toContain('the prefetched Patient');
    const drafts = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', id: '2' } }] };
    expect(said(sign({ patient }, drafts))).toEqual(['other-patient: another patient: left out']);
  });

  it('of a Patient under another address than its id, whose data is found by either', () => {
    const entry = [
      { fullUrl: 'https://ehr.example/fhir/Patient/x', resource: patient },
      { resource: observation('o', { subject: { reference: 'Patient/x' } }) },
      { resource: observation('p') },
    ];
    const intake = intakeOfBundle({ resourceType: 'Bundle', entry }, null);
    expect(references(intake)).toEqual(['Patient/1', 'Observation/o', 'Observation/p']);
    expect(intakeOfBundle({ resourceType: 'Bundle', entry }, 'x').patientId).toBe('1');
  });
});

describe('to whom an item belongs', () => {
  const serverOf = (url: string | null | undefined) => addressOf(url)?.server ?? null;
  const item = (type: string, reference: string, more: Partial<BundleItem> = {}): BundleItem => ({
    type,
    reference,
    resource: {},
    from: 'bundle',
    selected: false,
    fullUrl: null,
    place: '',
    server: serverOf(more.fullUrl),
    ...more,
  });
  const of = (subjectReference: string) =>
    item('Observation', 'Observation/o', { resource: { subject: { reference: subjectReference } } });
  const patients = [
    item('Patient', 'Patient/1', { fullUrl: 'urn:uuid:1' }),
    item('Patient', 'Patient/2', { fullUrl: 'https://ehr.example/fhir/Patient/x' }),
  ];
  const read = (items: readonly BundleItem[]) => patientsIn(items, new Addresses(items, null));
  const names = read(patients);

  it('has every name of each patient', () => {
    // The only server that is known is that of everything.
    expect([...names.keys]).toEqual([
      ['ehr.example/fhir/Patient/1', 'ehr.example/fhir/Patient/1'],
      ['urn:uuid:1', 'ehr.example/fhir/Patient/1'],
      ['ehr.example/fhir/Patient/2', 'ehr.example/fhir/Patient/2'],
      ['ehr.example/fhir/Patient/x', 'ehr.example/fhir/Patient/2'],
    ]);
  });

  it.each<[string, BundleItem, string | null, Owner]>([
    ['by its reference', of('Patient/1'), 'Patient/1', 'patient'],
    ['by its urn', of('urn:uuid:1'), 'Patient/1', 'patient'],
    ['by the urn, where the patient is named by it', of('Patient/1'), 'urn:uuid:1', 'patient'],
    ['by another address', of('Patient/x'), 'Patient/2', 'patient'],
    ['of another', of('Patient/2'), 'Patient/1', 'another'],
    ['of a group', of('Group/1'), 'Patient/1', 'another'],
    ['of a contained subject that is not there', of('#p'), 'Patient/1', 'unclear'],
    ['of anybody, where nothing says whose data it is', of('Patient/9'), null, 'patient'],
    ['of nobody', item('Observation', 'Observation/o'), 'Patient/1', 'unstated'],
    [
      'of nobody, where nothing says whose data it is',
      item('Observation', 'Observation/o'),
      null,
      'unstated',
    ],
    ['the patient', item('Patient', 'Patient/1'), 'Patient/1', 'patient'],
    ['the patient, asked for by another name', item('Patient', 'Patient/2'), 'Patient/x', 'patient'],
    ['another patient', item('Patient', 'Patient/2'), 'Patient/1', 'another'],
    ['a patient, where nothing says which', item('Patient', 'Patient/2'), null, 'patient'],
  ])('%s', (_name, one, self, expected) => {
    const key = self === null ? null : names.addresses.keyOf(self, null);
    expect(ownerOf(one, key, names)).toBe(expected);
  });

  it('the patient asked for by any of its names is one, and of 2 one must be asked for', () => {
    expect(choosePatient(patients, read(patients), 'x')).toBe('ehr.example/fhir/Patient/2');
    expect(choosePatient(patients, read(patients), 'urn:uuid:1')).toBe('ehr.example/fhir/Patient/1');
    expect(choosePatient(patients.slice(1), read(patients.slice(1)), null)).toBe(
      'ehr.example/fhir/Patient/2',
    );
    expect(choosePatient([], read([]), null)).toBeNull();
    expect(() => choosePatient(patients, read(patients), null)).toThrow('the bundle is about 2 patients');
    expect(() => choosePatient(patients, read(patients), '3')).toThrow(
      'the patient of `?patient=` is not in the bundle',
    );
  });
});

it.each<[string | null, string | null]>([
  ['Patient/1', '1'],
  ['urn:uuid:1', 'urn:uuid:1'],
  ['Patient (body)', null],
  [null, null],
])('the bare id of %j is %j', (name, id) => {
  expect(bareId(name)).toBe(id);
});

it.each([
  ['a', true],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['A-1._b', true],
  ['...', true],
  ['..', false],
  ['.', false],
  ['', false],
  ['a/b', false],
  ['é', false],
])('`%s` can be the id of a resource: %j', (id, expected) => {
  expect(isFhirId(id)).toBe(expected);
});

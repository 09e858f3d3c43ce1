import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Category, Completeness } from '../../../rules/fhir/categories.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { intakeOfBundle, intakeOfHook } from '../../../rules/intake/intake.ts';
import { answerTo } from '../../../rules/intake/prefetch-answer.ts';
import { Refused } from '../../../rules/intake/refused.ts';
import type { HookContext, Intake } from '../../../rules/intake/types.ts';

type Resource = Record<string, unknown>;

const subject = { reference: 'Patient/1' };
const patient: Resource = { resourceType: 'Patient', id: '1' };
const loinc = (code: string): Resource => ({ coding: [{ system: 'http://loinc.org', code }] });
const observation = (id: string, more: Resource = {}): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  subject,
  code: loinc('2160-0'),
  ...more,
});
const condition = (id: string, more: Resource = {}): Resource => ({
  resourceType: 'Condition',
  id,
  subject,
  ...more,
});
const order = (id: string, more: Resource = {}): Resource => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'draft',
  subject,
  ...more,
});
const searchset = (resources: readonly Resource[], more: Resource = {}): Resource => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  entry: resources.map((resource) => ({ resource })),
  ...more,
});
const self = (url: string): Resource => ({ link: [{ relation: 'self', url }] });
const outcome = (severity: string): Resource => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code: 'processing', details: { text: 'Resource request returns no results.' } }],
});

const context: HookContext = { patientId: '1', userId: 'Practitioner/1' };
const view = (prefetch: unknown, more: HookContext = {}): Intake =>
  intakeOfHook('patient-view', { ...context, ...more }, prefetch);
const sign = (prefetch: unknown, draftOrders?: unknown): Intake =>
  intakeOfHook('order-sign', { ...context, draftOrders }, prefetch);

const references = ({ items }: Intake): string[] => items.map(({ reference }) => reference);
const codes = ({ notices }: Intake): string[] => notices.map(({ code }) => code);
const messages = ({ notices }: Intake): string => notices.map(({ message }) => message).join('\n');

/** The refusal of a request that cannot be evaluated; fails when it is evaluated. */
function refusal(run: () => unknown): { status: number; code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof Refused) return { status: error.status, code: error.code, message: error.message };
    throw error;
  }
  throw new Error('was not refused');
}

describe('what a prefetch answer makes known', () => {
  const noResult = { resource: outcome('warning'), search: { mode: 'outcome' } };
  const cases: readonly {
    name: string;
    prefetch: Resource;
    category: Category;
    is: Completeness;
    notices: string[];
  }[] = [
    { name: 'an absent key', prefetch: {}, category: 'conditions', is: 'absent', notices: [] },
    {
      name: 'null under our key',
      prefetch: { conditions: null },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'null under a key of theirs',
      prefetch: { 'problems-user': null },
      category: 'conditions',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    {
      name: 'a single resource under a key of theirs',
      prefetch: { problem: condition('c') },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'a searchset of 1 under our key',
      prefetch: { conditions: searchset([condition('c')]) },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'an empty searchset under our key',
      prefetch: { conditions: searchset([]) },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'an empty searchset without `entry` and `total` under our key',
      prefetch: { conditions: { resourceType: 'Bundle', type: 'searchset' } },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'an empty searchset under a key of theirs without a self link',
      prefetch: { problems: searchset([]) },
      category: 'conditions',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    {
      name: 'an empty searchset under a key of theirs with an absolute self link',
      prefetch: { problems: searchset([], self('https://ehr.example/fhir/Condition?patient=1')) },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'an empty searchset under a key of theirs with a relative self link',
      prefetch: { problems: searchset([], self('Condition?patient=1')) },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'an empty searchset whose self link asks for something else than the key says',
      prefetch: { conditions: searchset([], self('https://ehr.example/fhir/AllergyIntolerance?patient=1')) },
      category: 'conditions',
      is: 'absent',
      notices: [],
    },
    {
      name: 'total 0 with 1 OperationOutcome of severity warning (Epic) under our key',
      prefetch: { conditions: searchset([], { entry: [noResult] }) },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'total 0 with 1 OperationOutcome of severity warning (Epic) under theirs, with a self link',
      prefetch: {
        'problems-user': searchset([], {
          entry: [noResult],
          ...self('https://ehr.example/Condition?patient=1'),
        }),
      },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'total 0 with 1 OperationOutcome of severity warning (Epic) under theirs, without a self link',
      prefetch: { 'problems-user': searchset([], { entry: [noResult] }) },
      category: 'conditions',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    ...['error', 'fatal'].map((severity) => ({
      name: `1 result beside an OperationOutcome of severity ${severity}`,
      prefetch: {
        conditions: {
          resourceType: 'Bundle',
          type: 'searchset',
          entry: [{ resource: condition('c') }, { resource: outcome(severity), search: { mode: 'outcome' } }],
        },
      },
      category: 'conditions' as const,
      is: 'partial' as const,
      notices: ['prefetch-error', 'category-incomplete'],
    })),
    {
      name: 'no result and an OperationOutcome of severity error',
      prefetch: {
        conditions: { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: outcome('error') }] },
      },
      category: 'conditions',
      is: 'partial',
      notices: ['prefetch-error', 'category-incomplete'],
    },
    {
      name: 'an OperationOutcome instead of a Bundle',
      prefetch: { conditions: outcome('error') },
      category: 'conditions',
      is: 'absent',
      notices: ['prefetch-error'],
    },
    {
      name: 'an OperationOutcome under our key, and 1 resource under another',
      prefetch: { conditions: outcome('error'), problem: condition('c') },
      category: 'conditions',
      is: 'partial',
      notices: ['prefetch-error'],
    },
    {
      name: 'an OperationOutcome for one medication search, and an empty answer to the other',
      prefetch: { medicationRequests: outcome('error'), medicationStatements: searchset([]) },
      category: 'medications',
      is: 'partial',
      notices: ['prefetch-error'],
    },
    {
      name: '1 result with a next link',
      prefetch: {
        conditions: searchset([condition('c')], {
          link: [{ relation: 'next', url: 'https://ehr.example/fhir?page=2' }],
        }),
      },
      category: 'conditions',
      is: 'partial',
      notices: ['category-incomplete'],
    },
    {
      name: '1 result with a next link, under a key of theirs',
      prefetch: {
        problems: searchset([condition('c')], {
          link: [{ relation: 'next', url: 'https://ehr.example/fhir?page=2' }],
        }),
      },
      category: 'conditions',
      is: 'partial',
      notices: ['category-incomplete'],
    },
    {
      name: 'no result with a next link',
      prefetch: {
        conditions: searchset([], { link: [{ relation: 'next', url: 'https://ehr.example/fhir?page=2' }] }),
      },
      category: 'conditions',
      is: 'partial',
      notices: ['category-incomplete'],
    },
    {
      name: 'total 3 with 2 entries',
      prefetch: { conditions: searchset([condition('c'), condition('d')], { total: 3 }) },
      category: 'conditions',
      is: 'partial',
      notices: ['category-incomplete'],
    },
    {
      name: 'total 2 with 2 entries and 1 included Medication',
      prefetch: {
        medicationRequests: searchset([], {
          total: 2,
          entry: [
            { resource: order('a', { status: 'active' }), search: { mode: 'match' } },
            { resource: order('b', { status: 'active' }), search: { mode: 'match' } },
            { resource: { resourceType: 'Medication', id: 'm' }, search: { mode: 'include' } },
          ],
        }),
      },
      category: 'medications',
      is: 'known',
      notices: [],
    },
    {
      name: 'total 2 with 1 entry and 1 included Medication',
      prefetch: {
        medicationRequests: searchset([], {
          total: 2,
          entry: [
            { resource: order('a', { status: 'active' }), search: { mode: 'match' } },
            { resource: { resourceType: 'Medication', id: 'm' }, search: { mode: 'include' } },
          ],
        }),
      },
      category: 'medications',
      is: 'partial',
      notices: ['category-incomplete'],
    },
    {
      name: 'total 2 with 1 entry that is no resource',
      prefetch: {
        conditions: searchset([condition('c')], { total: 2, entry: [{ resource: condition('c') }, 7] }),
      },
      category: 'conditions',
      is: 'partial',
      notices: ['resource-malformed', 'category-incomplete'],
    },
    {
      name: 'a laboratory search without results, by its self link',
      prefetch: { x: searchset([], self('https://ehr.example/Observation?patient=1&category=laboratory')) },
      category: 'labs',
      is: 'known',
      notices: [],
    },
    {
      name: 'a laboratory search without results, by a self link with a system in the category',
      prefetch: {
        x: searchset(
          [],
          self(
            'https://ehr.example/Observation?category=http%3A%2F%2Fterminology.hl7.org%2FCodeSystem%2Fobservation-category%7Claboratory&patient=1',
          ),
        ),
      },
      category: 'labs',
      is: 'known',
      notices: [],
    },
    {
      name: 'a vital-signs search without results',
      prefetch: { x: searchset([], self('https://ehr.example/Observation?patient=1&category=vital-signs')) },
      category: 'labs',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    {
      name: 'a vital-signs search without results under our key `labs`',
      prefetch: {
        labs: searchset([], self('https://ehr.example/Observation?category=vital-signs&patient=1')),
      },
      category: 'labs',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    ...(
      [
        ['a search under a link that is not `self`', { relation: 'first', url: 'Condition?patient=1' }],
        ['a self link that is no search', { relation: 'self', url: 'Condition/1' }],
        ['a self link to a part of a page', { relation: 'self', url: 'Condition?patient=1#top' }],
        ['a self link without an address', { relation: 'self' }],
      ] as const
    ).map(([name, link]) => ({
      name,
      prefetch: { problems: searchset([], { link: [link] }) },
      category: 'conditions' as const,
      is: 'absent' as const,
      notices: ['prefetch-unidentified'],
    })),
    {
      name: 'a search for immunizations under our key',
      prefetch: { conditions: searchset([], self('https://ehr.example/Immunization?patient=1')) },
      category: 'conditions',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    {
      name: 'a search for problems of one category',
      prefetch: { x: searchset([], self('Condition?patient=1&category=problem-list-item')) },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'a search for what was handed out',
      prefetch: { x: searchset([], self('MedicationDispense?patient=1')) },
      category: 'pastMedications',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    {
      name: 'a searchset of 1 Medication under a key of theirs',
      prefetch: { drugs: searchset([{ resourceType: 'Medication', id: 'm' }]) },
      category: 'medications',
      is: 'absent',
      notices: [],
    },
    {
      name: 'a search for 1 of our codes under our key',
      prefetch: { labs: searchset([], self('Observation?patient=1&code=2160-0')) },
      category: 'labs',
      is: 'known',
      notices: [],
    },
    {
      name: 'all labs, and no result of 1 code',
      prefetch: {
        labs: searchset([]),
        x: searchset([], self('Observation?patient=1&code=2160-0')),
      },
      category: 'labs',
      is: 'known',
      notices: [],
    },
    ...['status=completed', 'status=entered-in-error', 'code=6585'].map((query) => ({
      name: `a search for therapy with ${query}, without results`,
      prefetch: { x: searchset([], self(`MedicationRequest?patient=1&${query}`)) },
      category: 'pastMedications' as const,
      is: 'absent' as const,
      notices: ['prefetch-unidentified'],
    })),
    {
      name: 'an R5 encounter that is completed',
      prefetch: { stay: { resourceType: 'Encounter', id: 'e', status: 'completed', subject } },
      category: 'encounter',
      is: 'known',
      notices: [],
    },
    {
      name: '1 therapy of a search for those that are intended',
      prefetch: {
        x: searchset(
          [{ resourceType: 'MedicationStatement', id: 'm', status: 'intended', subject }],
          self('MedicationStatement?patient=1&status=intended'),
        ),
      },
      category: 'medications',
      is: 'partial',
      notices: [],
    },
    {
      name: '1 therapy of a search for 1 drug',
      prefetch: {
        x: searchset([order('a', { status: 'active' })], self('MedicationRequest?patient=1&code=6585')),
      },
      category: 'medications',
      is: 'known',
      notices: [],
    },
    {
      name: 'one weight from a vital-signs search',
      prefetch: {
        x: searchset(
          [observation('w', { code: loinc('29463-7') })],
          self('https://ehr.example/Observation?category=vital-signs&patient=1'),
        ),
      },
      category: 'labs',
      is: 'absent',
      notices: [],
    },
    {
      name: 'a key that every object has',
      prefetch: { constructor: null },
      category: 'conditions',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    {
      name: 'a resource that is a text',
      prefetch: { conditions: 'none' },
      category: 'conditions',
      is: 'absent',
      notices: ['resource-malformed'],
    },
    {
      name: 'an object without a resourceType',
      prefetch: { conditions: { id: 'c' } },
      category: 'conditions',
      is: 'absent',
      notices: ['resource-malformed'],
    },
  ];

  it.each(cases)('$name: $category are $is', ({ prefetch, category, is, notices }) => {
    const intake = view({ patient, ...prefetch });
    expect(intake.completeness[category]).toBe(is);
    expect(codes(intake)).toEqual(notices);
  });

  it.each([
    ['labs', 'labs'],
    ['medicationRequests', 'medications'],
    ['medicationStatements', 'medications'],
    ['pastMedicationRequests', 'pastMedications'],
    ['pastMedicationStatements', 'pastMedications'],
    ['conditions', 'conditions'],
    ['allergies', 'allergies'],
    ['encounter', 'encounter'],
  ] as const)('null under `%s` makes %s known, and nothing else', (key, category) => {
    const { completeness } = view({ [key]: null });
    const expected: Record<Category, Completeness> = {
      labs: 'absent',
      medications: 'absent',
      pastMedications: 'absent',
      orders: 'known',
      conditions: 'absent',
      allergies: 'absent',
      encounter: 'absent',
    };
    expected[category] = 'known';
    expect(completeness).toEqual(expected);
  });

  it('is used by its type whatever the key is called, 2 resources under keys of other types', () => {
    const intake = view({ conditions: searchset([observation('o')]), labs: condition('c') });
    expect(references(intake)).toEqual(['Observation/o', 'Condition/c']);
    expect(intake.completeness.conditions).toBe('known');
  });

  it('an error for the labs and 1 Observation under another key leave the labs incomplete', () => {
    const intake = view({ labs: outcome('error'), creatinine: observation('o') });
    expect(intake.incomplete.has('labs')).toBe(true);
    expect(intake.completeness.labs).not.toBe('known');
  });
});

describe('what the edge read itself', () => {
  const context = { patientId: '1', userId: 'Practitioner/1' };
  const read = (resources: Resource, failed: string[] = [], prefetch: unknown = {}) =>
    intakeOfHook('patient-view', context, prefetch, {
      resources,
      failed,
      notices: [{ code: 'fhir-fetch-failed', reference: null, message: 'labs could not be read' }],
    });

  it('is told from what the client sent, and counts like it', () => {
    const intake = read({ labs: searchset([observation('o')]) }, [], {
      conditions: searchset([condition('c')]),
    });
    expect(intake.items.map(({ reference, from }) => [reference, from])).toEqual([
      ['Condition/c', 'prefetch'],
      ['Observation/o', 'fetch'],
    ]);
    expect([intake.completeness.labs, intake.completeness.conditions]).toEqual(['known', 'known']);
    expect(codes(intake)).toContain('fhir-fetch-failed');
  });

  it('came twice: the newest of prefetch and fetch is used', () => {
    const version = (versionId: string) => condition('c', { meta: { versionId } });
    for (const [first, second] of [
      ['1', '2'],
      ['2', '1'],
    ] as const) {
      const intake = read({ conditions: searchset([version(second)]) }, [], {
        conditions: searchset([version(first)]),
      });
      expect(intake.items.map(({ resource }) => resource)).toEqual([version('2')]);
    }
  });

  it('failed: a kind of data that came in part is known in part, one that never came is absent', () => {
    const intake = read({ medicationRequests: searchset([]), patient }, ['medicationStatements', 'labs']);
    expect([intake.completeness.medications, intake.completeness.labs]).toEqual(['partial', 'absent']);
  });

  it('failed: what is no kind of data of the patient leaves nothing incomplete', () => {
    const intake = read({ patient, orders: outcome('error') }, ['medications']);
    expect([...intake.incomplete]).toEqual([]);
  });

  it('is named as fetched where it lacks something', () => {
    const intake = read({ conditions: searchset([condition('c')], { total: 2 }) });
    expect(messages(intake)).toContain(
      'fetched.conditions says there are 2 results and holds 1: what it lacks in conditions is unknown',
    );
  });

  it('a Patient read under the address asked for is the patient, whatever its id', () => {
    const found = { ...patient, id: '9' };
    const intake = read({
      patient: {
        resourceType: 'Bundle',
        entry: [{ fullUrl: 'https://ehr.example/fhir/Patient/1', resource: found }],
      },
      conditions: searchset([condition('c'), condition('d', { subject: { reference: 'Patient/9' } })]),
    });
    expect(references(intake)).toEqual(['Patient/9', 'Condition/c', 'Condition/d']);
    expect(codes(intake)).toEqual(['fhir-fetch-failed']);
  });

  it('definitions of drugs alone are no patient data: 412, with the reason', () => {
    const medications = searchset([{ resourceType: 'Medication', id: 'm' }]);
    expect(() => read({ medications })).toThrow(/^no patient data came: .*; labs could not be read$/);
    const failed = (message: string) => ({ code: 'fhir-fetch-failed', reference: null, message }) as const;
    expect(() =>
      intakeOfHook(
        'patient-view',
        context,
        {},
        {
          resources: {},
          failed: [],
          notices: [failed('no labs'), failed('no orders')],
        },
      ),
    ).toThrow(/\(patient, labs, medicationRequests, \.\.\.\); no labs; no orders$/);
  });

  it('another Patient is left out', () => {
    const intake = read({ patient: { resourceType: 'Patient', id: '2' } });
    expect(intake.items).toEqual([]);
    expect(codes(intake)).toContain('other-patient');
  });
});

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
    expect([...view({ request }).incomplete]).toEqual([]);
    const therapy = searchset([order('a', { status: 'active', subject: other })]);
    const all = view({
      x: { ...therapy, ...self('MedicationRequest?patient=1') },
      y: searchset([condition('a')]),
    });
    expect([...all.incomplete]).toEqual(['medications', 'pastMedications']);
    const before = view({
      problem: condition('b', { subject: other }),
      x: searchset([], self('MedicationRequest?patient=1')),
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

  it('a contained subject is kept: it can be looked up by nobody else', () => {
    expect(references(view({ o: observation('o', { subject: { reference: '#p' } }) }))).toEqual([
      'Observation/o',
    ]);
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

describe('draft orders', () => {
  const drafts = ({ items }: Intake): [string, boolean][] =>
    items.filter(({ from }) => from === 'draft').map(({ reference, selected }) => [reference, selected]);

  it.each([
    [
      'a Bundle without type and fullUrl (the sandbox)',
      { resourceType: 'Bundle', entry: [{ resource: order('a') }] },
    ],
    ['a Bundle without resourceType', { entry: [{ resource: order('a') }] }],
    ['a Bundle with 1 entry that is no list', { resourceType: 'Bundle', entry: { resource: order('a') } }],
    [
      'a collection with fullUrl',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ fullUrl: 'urn:uuid:a', resource: order('a') }],
      },
    ],
    ['a bare MedicationRequest', order('a')],
    [
      'a category that is an object (the sandbox)',
      { entry: [{ resource: order('a', { category: { text: 'x' } }) }] },
    ],
  ])('%s is 1 selected order', (_, draftOrders) => {
    const intake = sign({ patient }, draftOrders);
    expect(drafts(intake)).toEqual([['MedicationRequest/a', true]]);
    expect(intake.completeness.orders).toBe('known');
    expect(codes(intake)).toEqual([]);
  });

  it('an order without an id and fullUrl is named by its place', () => {
    const { id: _, ...nameless } = order('a');
    expect(drafts(sign({ patient }, { entry: [{ resource: nameless }] }))).toEqual([
      ['MedicationRequest (context.draftOrders.entry[0])', true],
    ]);
  });

  it('2 orders without ids are 2 orders', () => {
    const { id: _, ...nameless } = order('a');
    expect(
      drafts(sign({ patient }, { entry: [{ resource: nameless }, { resource: nameless }] })),
    ).toHaveLength(2);
  });

  it.each([
    ['absent', undefined],
    ['null', null],
    ['a text', 'x'],
    ['a list', [order('a')]],
  ])('that are %s leave the orders absent, with a notice', (_, draftOrders) => {
    const intake = sign({ patient }, draftOrders);
    expect(intake.completeness.orders).toBe('absent');
    expect(intake.notices).toMatchObject([{ code: 'context-missing' }]);
    expect(messages(intake)).toContain('draftOrders');
  });

  it('are not expected in patient-view: no notice, and the orders are known to be none', () => {
    const intake = view({ patient });
    expect(intake.completeness.orders).toBe('known');
    expect(codes(intake)).toEqual([]);
  });

  it('that are an empty Bundle are known to be none', () => {
    const intake = sign({ patient }, { resourceType: 'Bundle' });
    expect(intake.completeness.orders).toBe('known');
    expect(codes(intake)).toEqual([]);
  });

  it('do not make the medications known', () => {
    expect(sign({ patient }, searchset([order('a')])).completeness.medications).toBe('absent');
  });

  it('win over the same order in the prefetch', () => {
    const intake = sign({ requests: order('a', { status: 'active' }) }, searchset([order('a')]));
    expect(intake.items).toMatchObject([
      { reference: 'MedicationRequest/a', from: 'draft', resource: { status: 'draft' } },
    ]);
  });

  it('with a modifierExtension are not used, and leave the orders incomplete', () => {
    const modified = order('a', {
      modifierExtension: [{ url: 'https://ehr.example/not', valueBoolean: true }],
    });
    const intake = sign({ patient, medicationRequests: null }, searchset([modified, order('b')]));
    expect(drafts(intake)).toEqual([['MedicationRequest/b', true]]);
    expect(codes(intake)).toEqual(['resource-modified']);
    expect(intake.completeness.orders).toBe('partial');
    expect(intake.completeness.medications).toBe('known');
  });

  it('may hold the Medication they refer to, without a fullUrl (Epic)', () => {
    const medication = { resourceType: 'Medication', id: 'm', code: { text: 'x' } };
    const intake = sign({ patient }, { entry: [{ resource: order('a') }, { resource: medication }] });
    expect(drafts(intake)).toEqual([['MedicationRequest/a', true]]);
    expect(intake.medications.get('Medication/m')).toEqual(medication);
  });

  describe('in order-select', () => {
    const select = (selections: unknown, ...ids: string[]): Intake =>
      intakeOfHook(
        'order-select',
        { ...context, selections, draftOrders: { entry: ids.map((id) => ({ resource: order(id) })) } },
        { patient },
      );
    const marked = (intake: Intake): string[] =>
      drafts(intake).flatMap(([name, selected]) => (selected ? [name] : []));

    it.each([
      ['1 of 2 by its reference', ['MedicationRequest/a'], ['MedicationRequest/a']],
      [
        'both',
        ['MedicationRequest/b', 'MedicationRequest/a'],
        ['MedicationRequest/a', 'MedicationRequest/b'],
      ],
      ['1 by its bare id', ['b'], ['MedicationRequest/b']],
      [
        '1 by an absolute reference',
        ['https://ehr.example/fhir/MedicationRequest/b'],
        ['MedicationRequest/b'],
      ],
      ['1 beside a number', ['MedicationRequest/a', 7, null], ['MedicationRequest/a']],
    ])('the selections mark %s', (_, selections, expected) => {
      const intake = select(selections, 'a', 'b');
      expect(marked(intake)).toEqual(expected);
      expect(drafts(intake)).toHaveLength(2);
      expect(codes(intake)).toEqual([]);
    });

    it('the selections mark 1, and a notice names the number that did not come', () => {
      const intake = select(['MedicationRequest/a', 'MedicationRequest/z'], 'a', 'b');
      expect(marked(intake)).toEqual(['MedicationRequest/a']);
      expect(intake.notices).toMatchObject([{ code: 'context-missing' }]);
      expect(messages(intake)).toContain('names 1 order(s) that did not come');
    });

    it.each([
      ['absent', undefined],
      ['a text', 'MedicationRequest/a'],
      ['empty', []],
      ['of an order that is not there', ['MedicationRequest/z']],
      ['of another type', ['ServiceRequest/a']],
      ['part of an id', ['A', 'edicationRequest/a']],
    ])('selections that are %s select both orders, with a notice', (_, selections) => {
      const intake = select(selections, 'a', 'b');
      expect(marked(intake)).toEqual(['MedicationRequest/a', 'MedicationRequest/b']);
      expect(intake.notices).toMatchObject([{ code: 'context-missing' }]);
      expect(messages(intake)).toContain('selections');
    });

    it('the selections mark 2 of 3 by their bare ids', () => {
      expect(marked(select(['a', 'c'], 'a', 'b', 'c'))).toEqual([
        'MedicationRequest/a',
        'MedicationRequest/c',
      ]);
    });

    it('`a` does not select `ba`', () => {
      expect(marked(select(['MedicationRequest/a'], 'a', 'ba'))).toEqual(['MedicationRequest/a']);
      expect(marked(select(['a'], 'a', 'ba'))).toEqual(['MedicationRequest/a']);
    });

    it('selections play no part in order-sign', () => {
      const intake = intakeOfHook(
        'order-sign',
        {
          ...context,
          selections: ['MedicationRequest/a'],
          draftOrders: { entry: [{ resource: order('b') }] },
        },
        { patient },
      );
      expect(marked(intake)).toEqual(['MedicationRequest/b']);
      expect(codes(intake)).toEqual([]);
    });
  });
});

describe('the rest of the context', () => {
  it.each([
    ['a bare id', 'e1', 'e1'],
    ['a reference', 'Encounter/e1', 'e1'],
    ['absent', undefined, null],
    ['a number', 7, null],
  ])('an encounterId that is %s', (_, encounterId, expected) => {
    expect(view({ patient }, { encounterId }).encounterId).toBe(expected);
  });

  it('a missing userId is 1 notice', () => {
    const intake = intakeOfHook('patient-view', { patientId: '1' }, { patient });
    expect(intake.notices).toMatchObject([{ code: 'context-missing' }]);
    expect(messages(intake)).toContain('userId');
  });

  it.each<[Hook, Resource, string[]]>([
    ['patient-view', {}, ['context.userId did not come']],
    ['patient-view', { userId: 'Practitioner/1' }, []],
    ['encounter-start', {}, ['context.userId did not come', 'context.encounterId did not come']],
    ['encounter-discharge', { userId: 'Practitioner/1', encounterId: 'e1' }, []],
    ['medication-refill', { medications: { entry: [] } }, []],
    ['medication-refill', {}, ['context.medications did not come: no order could be checked']],
    [
      'medication-verify',
      { userId: 'Practitioner/1' },
      ['context.medication did not come: no order could be checked'],
    ],
    ['order-dispatch', {}, ['context.dispatchedOrders did not come: no order could be checked']],
    [
      'allergyintolerance-create',
      { userId: 'Practitioner/1' },
      ['context.allergyIntolerance did not come: nothing new could be checked'],
    ],
    [
      'problem-list-item-create',
      { userId: 'Practitioner/1' },
      ['context.conditions did not come: nothing new could be checked'],
    ],
  ])('at %s with %j: %j', (hook, more, expected) => {
    const { notices } = intakeOfHook(hook, { patientId: '1', ...more }, { patient });
    expect(notices.map(({ code, message }) => [code, message])).toEqual(
      expected.map((message) => ['context-missing', message]),
    );
  });

  it('an encounterId plays no part in order-dispatch, which has none', () => {
    expect(
      intakeOfHook('order-dispatch', { ...context, encounterId: 'e1' }, { patient }).encounterId,
    ).toBeNull();
  });

  it('key names that are no codes are not repeated in a notice', () => {
    expect(messages(view({ patient, 'Jane Doe, room 7': null }))).not.toContain('Jane');
  });
});

describe('orders that order-dispatch names', () => {
  const active = (id: string, more: Resource = {}): Resource => order(id, { status: 'active', ...more });
  const dispatch = (dispatchedOrders: unknown, prefetch: Resource = {}): Intake =>
    intakeOfHook(
      'order-dispatch',
      { ...context, dispatchedOrders },
      { patient, medicationRequests: searchset([active('a'), active('b')]), ...prefetch },
    );
  const dispatched = ({ items }: Intake): string[] =>
    items.flatMap(({ reference, from, selected }) => (from === 'draft' && selected ? [reference] : []));

  it.each<[string, unknown, string[]]>([
    ['1 by its reference', ['MedicationRequest/a'], ['MedicationRequest/a']],
    ['both', ['MedicationRequest/b', 'MedicationRequest/a'], ['MedicationRequest/a', 'MedicationRequest/b']],
    ['1 by its address', ['https://ehr.example/fhir/MedicationRequest/b'], ['MedicationRequest/b']],
    ['1 by a Reference', [{ reference: 'MedicationRequest/b' }], ['MedicationRequest/b']],
    ['1 beside what is no reference', [7, 'MedicationRequest/a', null], ['MedicationRequest/a']],
  ])('are those of the prefetch: %s', (_, named, expected) => {
    const intake = dispatch(named);
    expect(dispatched(intake)).toEqual(expected);
    expect(references(intake)).toEqual(['Patient/1', 'MedicationRequest/a', 'MedicationRequest/b']);
    expect(intake.completeness).toMatchObject({ orders: 'known', medications: 'known' });
    expect(codes(intake)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['absent', undefined],
    ['no list', 'MedicationRequest/a'],
    ['an empty list', []],
    ['a list of what is no reference', [7, {}]],
  ])('are unknown where the field is %s', (_, named) => {
    const intake = dispatch(named);
    expect(dispatched(intake)).toEqual([]);
    expect(intake.completeness.orders).toBe('absent');
    expect(intake.notices).toMatchObject([
      {
        code: 'context-missing',
        message: 'context.dispatchedOrders did not come: no order could be checked',
      },
    ]);
  });

  it.each<[string, string[], Completeness, number]>([
    ['1 of 2 requests', ['MedicationRequest/a', 'MedicationRequest/z'], 'partial', 1],
    ['2 requests', ['MedicationRequest/y', 'MedicationRequest/z'], 'partial', 2],
    ['what DSTU2 calls a request', ['MedicationOrder/z'], 'partial', 1],
    ['an id without its type', ['a'], 'partial', 1],
    // Of other kinds of orders no rule asks.
    ['a service', ['MedicationRequest/a', 'ServiceRequest/s'], 'known', 1],
  ])('that did not come: of %s the orders are %s', (_, named, is, lost) => {
    const intake = dispatch(named);
    expect(intake.completeness.orders).toBe(is);
    expect(messages(intake)).toBe(`context.dispatchedOrders names ${lost} order(s) that did not come`);
  });

  it.each([
    ['first', '2', '1'],
    ['last', '1', '2'],
  ])('and came twice are used as the newest, which came %s', (_, first, second) => {
    const version = (versionId: string) => searchset([active('a', { meta: { versionId } })]);
    const intake = dispatch(['MedicationRequest/a'], {
      medicationRequests: version(first),
      dispatchedOrders: version(second),
    });
    expect(dispatched(intake)).toEqual(['MedicationRequest/a']);
    expect(intake.items).toMatchObject([{}, { resource: { meta: { versionId: '2' } } }]);
    expect(codes(intake)).toEqual(['resource-repeated']);
  });
});

describe('an allergy or problem just entered', () => {
  const allergy = (id: string, more: Resource = {}): Resource => ({
    resourceType: 'AllergyIntolerance',
    id,
    patient: subject,
    ...more,
  });
  const enter = (entered: unknown, prefetch: Resource = {}): Intake =>
    intakeOfHook(
      'allergyintolerance-create',
      { ...context, allergyIntolerance: entered },
      { patient, ...prefetch },
    );
  const origins = ({ items }: Intake): [string, string, boolean][] =>
    items.map(({ reference, from, selected }) => [reference, from, selected]);

  it.each<[string, unknown]>([
    ['a resource', allergy('new')],
    ['a resource inside `resource`', { resource: allergy('new') }],
    ['a Bundle', { resourceType: 'Bundle', entry: [{ resource: allergy('new') }] }],
    ['a Bundle without its type', { entry: [{ resource: allergy('new') }] }],
  ])('comes first, as %s, and makes nothing known of the others', (_, entered) => {
    const intake = enter(entered);
    expect(origins(intake)).toEqual([
      ['AllergyIntolerance/new', 'entry', false],
      ['Patient/1', 'prefetch', false],
    ]);
    expect(intake.completeness.allergies).toBe('absent');
    expect(codes(intake)).toEqual([]);
  });

  it('is one of those that are known, and comes before them', () => {
    const intake = enter(allergy('new'), { allergies: searchset([allergy('a'), allergy('b')]) });
    expect(references(intake)).toEqual([
      'AllergyIntolerance/new',
      'Patient/1',
      'AllergyIntolerance/a',
      'AllergyIntolerance/b',
    ]);
    expect(intake.completeness.allergies).toBe('known');
  });

  it('wins over the same one in the record', () => {
    const intake = enter(allergy('a', { criticality: 'high' }), { allergies: searchset([allergy('a')]) });
    expect(intake.items).toMatchObject([{ from: 'entry', resource: { criticality: 'high' } }, {}]);
    expect(codes(intake)).toEqual(['resource-repeated']);
  });

  it('with a part that cannot be read leaves its kind known in part, and the orders as they are', () => {
    const intake = enter({ entry: [{ resource: allergy('new') }, 7] }, { allergies: null });
    expect([...intake.incomplete]).toEqual(['allergies']);
    expect(intake.completeness.allergies).toBe('partial');
    const problem = intakeOfHook(
      'problem-list-item-create',
      { ...context, conditions: { entry: [7] } },
      { patient },
    );
    expect([...problem.incomplete]).toEqual(['conditions']);
  });

  it.each<[string, Resource, Completeness]>([
    ['absent', {}, 'absent'],
    ['known', { medicationRequests: null }, 'known'],
    ['known in part', { medicationRequests: searchset([], { total: 1 }) }, 'partial'],
  ])('therapy stands for orders: %s', (_, prefetch, is) => {
    const { completeness } = enter(allergy('new'), prefetch);
    expect([completeness.orders, completeness.medications]).toEqual([is, is]);
  });

  it('of a posted bundle is all of its kind, which is known', () => {
    const entry = [patient, condition('c'), allergy('a')].map((resource) => ({ resource }));
    const intake = intakeOfBundle({ resourceType: 'Bundle', entry }, null, 'allergyintolerance-create');
    expect(origins(intake)).toEqual([
      ['AllergyIntolerance/a', 'entry', false],
      ['Patient/1', 'bundle', false],
      ['Condition/c', 'bundle', false],
    ]);
    expect(intake.completeness).toMatchObject({ allergies: 'known', conditions: 'known' });
  });
});

describe('therapy that is over', () => {
  const therapy = (resourceType: string, status: string): Resource => ({
    resourceType,
    id: 't',
    status,
    subject,
  });
  // In a posted bundle a request or statement stands for all that there is; in an answer it is one of many.
  it.each<[string, string, Completeness, Completeness, Completeness, Completeness]>([
    ['MedicationRequest', 'active', 'absent', 'known', 'absent', 'known'],
    ['MedicationRequest', 'completed', 'known', 'known', 'partial', 'absent'],
    ['MedicationRequest', 'stopped', 'known', 'known', 'partial', 'absent'],
    ['MedicationStatement', 'on-hold', 'known', 'known', 'partial', 'absent'],
    ['MedicationDispense', 'completed', 'partial', 'absent', 'partial', 'absent'],
    ['MedicationAdministration', 'completed', 'partial', 'absent', 'partial', 'absent'],
  ])('a %s that is %s: past %s and present %s if posted, %s and %s if prefetched', (type, status, ...is) => {
    const resource = therapy(type, status);
    const posted = intakeOfBundle(resource, null).completeness;
    const prefetched = view({ x: searchset([resource]) }).completeness;
    expect([
      posted.pastMedications,
      posted.medications,
      prefetched.pastMedications,
      prefetched.medications,
    ]).toEqual(is);
  });
});

describe('a posted bundle', () => {
  const post = (body: unknown, who: string | null = null): Intake => intakeOfBundle(body, who);
  const bundle = (type: string, entry: readonly unknown[], more: Resource = {}): Resource => ({
    resourceType: 'Bundle',
    type,
    entry,
    ...more,
  });

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

  it('says once how many Compositions no rule uses', () => {
    const composition = { resourceType: 'Composition', subject };
    const intake = post(
      bundle('document', [{ resource: composition }, { resource: composition }, { resource: patient }]),
    );
    expect(codes(intake)).toEqual(['resource-ignored']);
    expect(messages(intake)).toContain('2 Composition');
  });

  it('may hold 2 searchsets (a batch-response), of which 1 has a next link', () => {
    const entry = [
      {
        resource: searchset([observation('o')], self('Observation?patient=1&category=laboratory')),
        response: ok,
      },
      {
        resource: searchset([condition('c')], { link: [{ relation: 'next', url: 'x?page=2' }] }),
        response: ok,
      },
      { resource: searchset([], self('AllergyIntolerance?patient=1')), response: ok },
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

  it('names what has no id by its place', () => {
    expect(references(post({ resourceType: 'Observation' }))).toEqual(['Observation (body)']);
    expect(references(post(bundle('collection', [{ resource: { resourceType: 'Observation' } }])))).toEqual([
      'Observation (Bundle.entry[0])',
    ]);
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

  it('of 1 draft order does not make the medications known', () => {
    expect(post(bundle('collection', [{ resource: order('a') }])).completeness.medications).toBe('absent');
  });

  it('makes known what it holds, and leaves absent what it does not', () => {
    expect(post(bundle('collection', [{ resource: condition('c') }])).completeness).toMatchObject({
      conditions: 'known',
      medications: 'absent',
      allergies: 'absent',
      encounter: 'absent',
    });
  });

  describe('with several versions of a resource', () => {
    const version = (value: number, meta: Resource): Resource =>
      observation('o', { valueQuantity: { value }, meta });
    const early = { lastUpdated: '2026-01-01T10:00:00Z' };
    const late = { lastUpdated: '2026-01-01T10:00:00+00:00' };
    it.each([
      ['the newest first', [version(2, { lastUpdated: '2026-01-02T00:00:00Z' }), version(1, early)], 2],
      ['the newest last', [version(1, early), version(2, { lastUpdated: '2026-01-02T00:00:00Z' })], 2],
      [
        'the newest by an offset',
        [
          version(1, { lastUpdated: '2026-01-02T01:00:00+02:00' }),
          version(2, { lastUpdated: '2026-01-02T00:00:00Z' }),
        ],
        2,
      ],
      [
        'the newest between 2 others',
        [
          version(1, early),
          version(3, { lastUpdated: '2026-01-03T00:00:00Z' }),
          version(2, { lastUpdated: '2026-01-02T00:00:00Z' }),
        ],
        3,
      ],
    ])('uses the newest: %s', (_, versions, expected) => {
      const intake = post(
        bundle(
          'history',
          versions.map((resource) => ({ resource })),
        ),
      );
      expect(intake.items).toMatchObject([
        { reference: 'Observation/o', resource: { valueQuantity: { value: expected } } },
      ]);
      expect(codes(intake)).toContain('resource-repeated');
    });

    const draft = (meta: Resource): Resource => order('a', { meta });
    const signed = (meta: Resource): Resource => order('a', { status: 'active', meta });
    it.each<[string, Resource, Resource, string]>([
      ['signed since', signed({ versionId: '2' }), draft({ versionId: '1' }), 'active'],
      ['not signed any more', signed({ versionId: '1' }), draft({ versionId: '2' }), 'draft'],
      ['not known to be signed since', signed({}), draft({}), 'draft'],
    ])('of an order that was %s', (_, one, other, status) => {
      for (const versions of [
        [one, other],
        [other, one],
      ]) {
        const { items } = post(
          bundle(
            'history',
            versions.map((resource) => ({ resource })),
          ),
        );
        expect(items).toMatchObject([
          { from: status === 'draft' ? 'draft' : 'bundle', resource: { status } },
        ]);
      }
    });

    it.each<[string, Resource, Resource, number]>([
      ['no meta', {}, {}, 1],
      ['a meta in the second only', {}, { versionId: '2' }, 1],
      ['one time', early, early, 1],
      ['one number', { versionId: '2' }, { versionId: '2' }, 1],
      ['a time in the first only: by number', { ...early, versionId: '1' }, { versionId: '2' }, 2],
      ['a time in the second only: by number', { versionId: '1' }, { ...early, versionId: '2' }, 2],
    ])('that have %s uses the newest, else the first', (_, first, second, expected) => {
      const entry = [version(1, first), version(2, second)].map((resource) => ({ resource }));
      expect(post(bundle('history', entry)).items).toMatchObject([
        { resource: { valueQuantity: { value: expected } } },
      ]);
      const [a, b] = [observation('o'), observation('o', { status: 'amended', meta: second })];
      expect(post(bundle('history', [{ resource: a }, { resource: b }])).items).toMatchObject([
        { resource: { status: 'final' } },
      ]);
    });

    it('says nothing of 2 identical copies', () => {
      const intake = post(
        bundle('collection', [{ resource: version(1, late) }, { resource: version(1, late) }]),
      );
      expect(references(intake)).toEqual(['Observation/o']);
      expect(codes(intake)).toEqual([]);
    });
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

    it('finds it by an absolute url', () => {
      const absolute = { request: { method: 'DELETE', url: 'https://ehr.example/fhir/Observation/o' } };
      expect(references(post(bundle('history', [absolute, old, { resource: patient }])))).toEqual([
        'Patient/1',
      ]);
    });
  });

  it('does not use what has a modifierExtension: what it held is unknown', () => {
    const modifierExtension = [{ url: 'https://ehr.example/negated', valueBoolean: true }];
    const intake = post(
      bundle('collection', [
        { resource: patient },
        { resource: condition('c', { modifierExtension }) },
        { resource: condition('d') },
        { resource: observation('o', { modifierExtension }) },
      ]),
    );
    expect(references(intake)).toEqual(['Patient/1', 'Condition/d']);
    expect(codes(intake)).toEqual(['resource-modified', 'resource-modified']);
    expect(intake.completeness.conditions).toBe('partial');
    expect(intake.incomplete.has('labs')).toBe(true);
    const modified = post(
      bundle('collection', [{ resource: { ...patient, modifierExtension } }, { resource: condition('c') }]),
    );
    expect(references(modified)).toEqual(['Condition/c']);
    expect([...modified.incomplete]).toEqual([]);
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
    expect(post(body)).toEqual(first);
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

describe('an answer narrowed by its search', () => {
  const labs = (query: string, ...results: Resource[]): Intake =>
    intakeOfHook('patient-view', context, {
      patient,
      mine: searchset(results, self(`https://ehr.example/fhir/Observation?${query}`)),
    });

  it('to 1 code, with no result: known for that code only', () => {
    const intake = labs('patient=1&code=http://loinc.org|2160-0');
    expect(intake.completeness.labs).toBe('partial');
    expect([...intake.codesAsked]).toEqual(['2160-0']);
  });
  it('to 2 codes with their system, with no result: known for these', () => {
    const intake = labs('patient=1&code=http://loinc.org|2160-0,http://loinc.org|19123-9');
    expect([...intake.codesAsked]).toEqual(['2160-0', '19123-9']);
  });
  it('to 1 code, with a result: labs are known', () => {
    const intake = labs('patient=1&code=2160-0', observation('o'));
    expect(intake.completeness.labs).toBe('known');
    expect(intake.codesAsked.size).toBe(0);
  });
  it('to 1 drug, with no result: nothing is known of any therapy', () => {
    const link = self('https://ehr.example/fhir/MedicationRequest?patient=1&code=6585');
    const { completeness } = intakeOfHook('patient-view', context, { patient, mine: searchset([], link) });
    expect(completeness).toEqual({
      labs: 'absent',
      medications: 'absent',
      pastMedications: 'absent',
      orders: 'known',
      conditions: 'absent',
      allergies: 'absent',
      encounter: 'absent',
    });
  });
  it('to the laboratory category, with no result: known', () => {
    const intake = labs('patient=1&category=laboratory');
    expect(intake.completeness.labs).toBe('known');
    expect(intake.codesAsked.size).toBe(0);
  });
  it('to ended therapy, with no result: nothing is known of medications', () => {
    const link = self('https://ehr.example/fhir/MedicationRequest?patient=1&status=completed,stopped');
    const intake = intakeOfHook('patient-view', context, { patient, mine: searchset([], link) });
    expect(intake.completeness.medications).toBe('absent');
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
    const bundle = { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: { id: 'x' } }] };
    expect(
      intakeOfHook('patient-view', context, { patient, conditions: bundle }).completeness.conditions,
    ).toBe('partial');
  });
  it('of 2 versions without a time the one with versionId 10 is used, not 9', () => {
    const version = (versionId: string, gender: string): Resource => ({
      ...patient,
      meta: { versionId },
      gender,
    });
    const intake = intakeOfHook('patient-view', context, {
      a: version('9', 'male'),
      b: version('10', 'female'),
    });
    expect(intake.items.map(({ resource }) => resource.gender)).toEqual(['female']);
  });
});

describe('what is said, word for word', () => {
  const said = ({ notices }: Intake): string[] => notices.map(({ code, message }) => `${code}: ${message}`);
  const entryOf = (...entry: unknown[]): Resource => ({ resourceType: 'Bundle', type: 'searchset', entry });
  it.each<[string, Resource, string[]]>([
    [
      'an answer with an error status',
      { conditions: entryOf({ response: { status: '500 Internal' } }) },
      [
        'prefetch-error: prefetch.conditions.entry[0] answers with an error status: data may be missing',
        'category-incomplete: prefetch.conditions holds an error: what it lacks in conditions is unknown',
      ],
    ],
    [
      'an OperationOutcome that reports an error, beside a note',
      {
        conditions: entryOf({
          resource: {
            resourceType: 'OperationOutcome',
            issue: [{ severity: 'information' }, { severity: 'fatal' }],
          },
        }),
      },
      [
        'prefetch-error: prefetch.conditions.entry[0] is an OperationOutcome that reports an error: data may be missing',
        'category-incomplete: prefetch.conditions holds an error: what it lacks in conditions is unknown',
      ],
    ],
    [
      'a further page',
      { conditions: { ...searchset([condition('c')]), link: [{ rel: 'next', url: 'x' }] } },
      [
        'category-incomplete: prefetch.conditions has a further page that was not followed: what it lacks in conditions is unknown',
      ],
    ],
    [
      'fewer results than it says',
      { conditions: { ...searchset([condition('c')]), total: 2 } },
      [
        'category-incomplete: prefetch.conditions says there are 2 results and holds 1: what it lacks in conditions is unknown',
      ],
    ],
    [
      'a total of a collection',
      { conditions: { ...searchset([condition('c')]), type: 'collection', total: 2 } },
      [],
    ],
    ['a total that is no number', { conditions: { ...searchset([condition('c')]), total: '2' } }, []],
    [
      'an entry that is no object',
      { conditions: entryOf('x') },
      [
        'resource-malformed: prefetch.conditions.entry[0] is not an object',
        'category-incomplete: prefetch.conditions holds an error: what it lacks in conditions is unknown',
      ],
    ],
    [
      'an entry without a resource',
      { conditions: entryOf({}) },
      [
        'resource-malformed: prefetch.conditions.entry[0] has no resource',
        'category-incomplete: prefetch.conditions holds an error: what it lacks in conditions is unknown',
      ],
    ],
    [
      'what is no resource',
      { conditions: { id: '1' } },
      ['resource-malformed: prefetch.conditions is not a FHIR resource: it needs a `resourceType`'],
    ],
    [
      'null under a key of theirs that is no code',
      { 'Jane Doe': null },
      ['prefetch-unidentified: prefetch.(key) is null and its key is none of ours: nothing is known from it'],
    ],
    ['null for the patient', { patient: null }, []],
    [
      'an OperationOutcome instead of data',
      { conditions: { resourceType: 'OperationOutcome' } },
      ['prefetch-error: prefetch.conditions is an OperationOutcome instead of data: treated as not sent'],
    ],
    [
      'an empty answer that does not say to what',
      { theirs: searchset([]) },
      [
        'prefetch-unidentified: prefetch.theirs is empty and has no self link: name the key as in discovery, or keep the link',
      ],
    ],
  ])('of %s', (_name, prefetch, expected) => {
    expect(said(view({ p: patient, ...prefetch }))).toEqual(expected);
  });

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

  it('of a prefetched Patient without an id nothing, and of one among the drafts nothing', () => {
    expect(said(view({ patient: { resourceType: 'Patient' } }))).not.toContain('the prefetched Patient');
    const drafts = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', id: '2' } }] };
    expect(said(sign({ patient }, drafts))).toEqual(['other-patient: another patient: left out']);
  });

  it('of draft orders that are one resource, and of selections that name nothing', () => {
    expect(references(sign({ patient }, order('a')))).toEqual(['Patient/1', 'MedicationRequest/a']);
    const select = (draftOrders: unknown, prefetch: Resource = {}) =>
      intakeOfHook('order-select', { ...context, draftOrders, selections: [] }, { patient, ...prefetch });
    expect(said(select({ resourceType: 'Bundle' }))).toEqual([]);
    const medication = { resourceType: 'Medication', id: 'm' };
    expect(
      said(select({ resourceType: 'Bundle', entry: [{ resource: medication }] }, { order: order('a') })),
    ).toEqual([]);
    expect(said(select({ resourceType: 'Bundle', entry: [{ resource: order('a') }] }))).toEqual([
      'context-missing: context.selections names none of the draft orders: all of them were checked',
    ]);
  });

  it('of Medications by their address, fullUrl or id', () => {
    const medication = { resourceType: 'Medication', id: 'm' };
    const { medications } = intakeOfBundle(
      {
        resourceType: 'Bundle',
        entry: [
          { resource: patient },
          { fullUrl: 'https://ehr.example/fhir/Medication/9', resource: medication },
          { fullUrl: 'urn:uuid:7', resource: { resourceType: 'Substance' } },
          { resource: { resourceType: 'Medication', id: 'n' } },
        ],
      },
      null,
    );
    expect([...medications.keys()]).toEqual([
      'Medication/m',
      'https://ehr.example/fhir/Medication/9',
      'Medication/9',
      'urn:uuid:7',
      'Medication/n',
    ]);
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

  it('of what was left out of a posted bundle', () => {
    const modifierExtension = [{ url: 'https://ehr.example/negated', valueBoolean: true }];
    const entry = [
      { request: { method: 'DELETE', url: 'Observation/gone' } },
      ...[
        patient,
        observation('gone'),
        observation('theirs', { subject: { reference: 'Patient/2' } }),
        condition('modified', { modifierExtension }),
        condition('twice'),
        condition('twice', { recordedDate: '2026-01-01' }),
        { ...condition('nobodys'), subject: undefined },
      ].map((resource) => ({ resource })),
      7,
    ];
    expect(said(intakeOfBundle({ resourceType: 'Bundle', entry }, '1'))).toEqual([
      'resource-malformed: Bundle.entry[8] is not an object',
      'resource-deleted: the bundle says it was deleted: not used',
      'other-patient: belongs to another subject: left out',
      'resource-modified: has a modifierExtension that is not understood: not used',
      'resource-repeated: came more than once and differs: the newest version is used',
      "subject-missing: 1 resource(s) do not say whose they are: taken as this patient's",
    ]);
    const nobodys = { ...observation('o'), subject: undefined };
    expect(said(intakeOfBundle(nobodys, null))).toEqual([
      'patient-missing: nothing says which patient the data is about',
    ]);
  });

  it('of the number of resources no rule uses', () => {
    const entry = [
      patient,
      { resourceType: 'Composition' },
      { resourceType: 'Composition' },
      { resourceType: 'J D' },
    ];
    const intake = intakeOfBundle(
      { resourceType: 'Bundle', entry: entry.map((resource) => ({ resource })) },
      null,
    );
    expect(said(intake)).toEqual([
      'resource-ignored: 2 Composition resource(s): no rule uses them',
      'resource-ignored: 1 unknown resource(s): no rule uses them',
    ]);
  });

  it('of an encounter in context with its type before it', () => {
    expect(view({ patient }, { encounterId: 'Encounter/7' }).encounterId).toBe('7');
    expect(view({ patient }, { encounterId: 'x-Encounter/7' }).encounterId).toBe('x-Encounter/7');
    expect(view({ patient }).encounterId).toBeNull();
  });
});

describe('how far a prefetch value answers one of our templates', () => {
  const theirs = 'https://ehr.example/fhir';
  const templates: Readonly<Record<string, string>> = {
    patient: 'Patient/1',
    encounter: 'Encounter/e',
    labs: 'Observation?patient=1&code=http://loinc.org|2160-0,http://loinc.org|19123-9&_sort=-date',
    conditions: 'Condition?patient=1&_count=500',
    allergies: 'AllergyIntolerance?patient=1&_count=200',
    medicationRequests: 'MedicationRequest?patient=1&status=active,unknown&_count=200',
    medicationStatements: 'MedicationStatement?patient=1&status=active,intended,recorded,unknown',
    pastMedicationRequests: 'MedicationRequest?patient=1&status=completed,stopped,on-hold,ended',
    // What the edge reads for orders is no data of the patient.
    medications: 'Medication?_id=m',
    constructor: 'Condition?patient=1',
  };
  const answers = (template: string, key: string, value: unknown) =>
    answerTo({ key: template, query: templates[template] ?? '' }, key, value);
  const none = (query: string) => searchset([], self(`${theirs}/${query}`));
  const taken = order('a', { status: 'active' });
  const over = order('a', { status: 'completed' });
  const next = { relation: 'next', url: `${theirs}?page=2` };
  const failed = { resource: outcome('error'), search: { mode: 'outcome' } };

  it.each<[string, string, string, unknown, 'whole' | 'part' | 'none']>([
    ['null under our key: there is none', 'conditions', 'conditions', null, 'whole'],
    ['null under a key of theirs', 'conditions', 'problems', null, 'none'],
    ['null under another key of ours', 'conditions', 'allergies', null, 'none'],
    ['no value', 'conditions', 'conditions', undefined, 'none'],
    ['a text', 'patient', 'patient', 'Patient/1', 'none'],
    ['a list', 'patient', 'patient', [patient], 'none'],

    ['the patient, whatever the key', 'patient', 'who', patient, 'whole'],
    ['a patient without an id', 'patient', 'patient', { resourceType: 'Patient' }, 'whole'],
    ['another patient', 'patient', 'patient', { ...patient, id: '2' }, 'none'],
    ['a resource of another type with that id', 'patient', 'patient', observation('1'), 'none'],
    ['the patient in a bundle', 'patient', 'x', searchset([observation('o'), patient]), 'whole'],
    ['a bundle of another patient', 'patient', 'x', searchset([{ ...patient, id: '2' }]), 'none'],
    ['a bundle of nothing', 'patient', 'patient', searchset([]), 'none'],
    ['a bundle of an empty entry', 'patient', 'x', { resourceType: 'Bundle', entry: [{}] }, 'none'],
    ['the encounter of the context', 'encounter', 'x', { resourceType: 'Encounter', id: 'e' }, 'whole'],
    ['another encounter', 'encounter', 'encounter', { resourceType: 'Encounter', id: 'f' }, 'none'],

    ['1 resource to a search', 'conditions', 'conditions', condition('c'), 'none'],
    ['an OperationOutcome to a search', 'conditions', 'conditions', outcome('error'), 'none'],
    ['an empty searchset under our key', 'conditions', 'conditions', searchset([]), 'whole'],
    ['an empty searchset under theirs', 'conditions', 'problems', searchset([]), 'none'],
    ['an empty searchset under another of ours', 'conditions', 'allergies', searchset([]), 'none'],
    ['a further page', 'conditions', 'conditions', searchset([condition('c')], { link: [next] }), 'part'],
    ['an error', 'conditions', 'conditions', { resourceType: 'Bundle', entry: [failed] }, 'part'],
    ['fewer than it says', 'conditions', 'conditions', searchset([], { total: 1 }), 'part'],
    ['a search for drugs', 'medications', 'medications', searchset([]), 'none'],
    [
      'the drugs of a search for drugs',
      'medications',
      'medications',
      searchset([{ resourceType: 'Medication', id: 'm' }]),
      'none',
    ],
    ['a key that every object has', 'constructor', 'constructor', searchset([condition('c')]), 'none'],

    ['a search of theirs for the type', 'conditions', 'x', none('Condition?patient=1'), 'whole'],
    ['a search of theirs for another type', 'conditions', 'x', none('AllergyIntolerance?patient=1'), 'none'],
    [
      'a search of theirs with a further page',
      'conditions',
      'x',
      searchset([condition('c')], {
        link: [{ relation: 'self', url: `${theirs}/Condition?patient=1` }, next],
      }),
      'part',
    ],
    ['for active problems', 'conditions', 'x', none('Condition?clinical-status=active'), 'whole'],
    [
      'for problems active or recurring',
      'conditions',
      'x',
      none('Condition?clinical-status=recurrence,active'),
      'whole',
    ],
    [
      'for active problems, with a system',
      'conditions',
      'x',
      none('Condition?clinical-status=http://terminology.hl7.org/CodeSystem/condition-clinical|active'),
      'whole',
    ],
    ['for resolved problems', 'conditions', 'x', none('Condition?clinical-status=resolved'), 'none'],
    ['for problems of 1 code', 'conditions', 'x', none('Condition?patient=1&code=73211009'), 'none'],
    [
      '1 problem of a search for 1 code',
      'conditions',
      'x',
      searchset([condition('c')], self(`${theirs}/Condition?patient=1&code=73211009`)),
      'none',
    ],

    ['labs for all our codes', 'labs', 'x', none('Observation?code=19123-9,2160-0,2823-3'), 'whole'],
    [
      'labs for all our codes, with their system',
      'labs',
      'x',
      none('Observation?code=http://loinc.org|19123-9,http://loinc.org|2160-0'),
      'whole',
    ],
    ['labs for 1 of our 2 codes', 'labs', 'x', none('Observation?code=http://loinc.org|2160-0'), 'none'],
    ['labs as a category', 'labs', 'x', none('Observation?category=laboratory'), 'whole'],
    ['vital signs', 'labs', 'x', none('Observation?category=vital-signs'), 'none'],
    ['final results', 'labs', 'x', none('Observation?category=laboratory&status=final'), 'whole'],
    ['labs under our key, of 1 code', 'labs', 'labs', none('Observation?code=2160-0'), 'whole'],
    ['labs under another key of ours', 'labs', 'conditions', none('Observation?code=2160-0'), 'none'],

    ['therapy of every status', 'medicationRequests', 'x', none('MedicationRequest?patient=1'), 'whole'],
    ['therapy of every status', 'pastMedicationRequests', 'x', none('MedicationRequest?patient=1'), 'whole'],
    ['statements', 'medicationRequests', 'x', none('MedicationStatement?patient=1'), 'none'],
    ['statements', 'medicationStatements', 'x', none('MedicationStatement?patient=1'), 'whole'],
    ['active therapy', 'medicationRequests', 'x', none('MedicationRequest?status=active'), 'whole'],
    ['active therapy', 'pastMedicationRequests', 'x', none('MedicationRequest?status=active'), 'none'],
    [
      'completed therapy',
      'medicationRequests',
      'x',
      none('MedicationRequest?status=completed,stopped'),
      'none',
    ],
    [
      'completed and stopped therapy',
      'pastMedicationRequests',
      'x',
      none('MedicationRequest?status=completed,stopped'),
      'whole',
    ],
    [
      'completed therapy only',
      'pastMedicationRequests',
      'x',
      none('MedicationRequest?status=completed'),
      'none',
    ],
    ['stopped therapy only', 'pastMedicationRequests', 'x', none('MedicationRequest?status=stopped'), 'none'],
    ['therapy of 1 drug', 'medicationRequests', 'x', none('MedicationRequest?code=6585'), 'none'],
    [
      'therapy of 1 drug under our key',
      'medicationRequests',
      'medicationRequests',
      none('MedicationRequest?code=6585'),
      'whole',
    ],
    ['what was handed out', 'pastMedicationRequests', 'x', none('MedicationDispense?patient=1'), 'none'],

    ['1 problem without a self link', 'conditions', 'x', searchset([condition('c')]), 'whole'],
    [
      '1 problem without a self link, with a further page',
      'conditions',
      'x',
      searchset([condition('c')], { link: [next] }),
      'part',
    ],
    [
      '1 problem of a page that does not say what was asked',
      'conditions',
      'x',
      searchset([condition('c')], self(`${theirs}?page=1`)),
      'none',
    ],
    ['1 result without a self link', 'labs', 'x', searchset([observation('o')]), 'none'],
    ['1 therapy without a self link', 'medicationRequests', 'x', searchset([taken]), 'whole'],
    ['1 therapy without a self link', 'medicationStatements', 'x', searchset([taken]), 'none'],
    ['1 therapy that is over, without a self link', 'medicationRequests', 'x', searchset([over]), 'none'],
    ['1 therapy that is over, without a self link', 'pastMedicationRequests', 'x', searchset([over]), 'none'],
    ['2 of which 1 is taken', 'medicationRequests', 'x', searchset([over, { ...taken, id: 'b' }]), 'whole'],
    ['1 problem under another key of ours', 'allergies', 'x', searchset([condition('c')]), 'none'],
  ])('%s: to %s under `%s`', (_name, template, key, value, expected) => {
    expect(answers(template, key, value)).toBe(expected);
  });
});

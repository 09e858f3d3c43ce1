import { describe, expect, it } from 'vitest';
import type { Category, Completeness } from '../../../rules/fhir/categories.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import type { Intake } from '../../../rules/intake/types.ts';
import {
  codes,
  condition,
  context,
  loinc,
  messages,
  observation,
  order,
  outcome,
  patient,
  type Resource,
  references,
  searchset,
  selfLink,
  subject,
  view,
} from '../../support/intakes.ts';

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
      prefetch: { problems: searchset([], selfLink('https://ehr.example/fhir/Condition?patient=1')) },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'an empty searchset under a key of theirs with a relative self link',
      prefetch: { problems: searchset([], selfLink('Condition?patient=1')) },
      category: 'conditions',
      is: 'known',
      notices: [],
    },
    {
      name: 'an empty searchset whose self link asks for something else than the key says',
      prefetch: {
        conditions: searchset([], selfLink('https://ehr.example/fhir/AllergyIntolerance?patient=1')),
      },
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
          ...selfLink('https://ehr.example/Condition?patient=1'),
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
      prefetch: {
        x: searchset([], selfLink('https://ehr.example/Observation?patient=1&category=laboratory')),
      },
      category: 'labs',
      is: 'known',
      notices: [],
    },
    {
      name: 'a laboratory search without results, by a self link with a system in the category',
      prefetch: {
        x: searchset(
          [],
          selfLink(
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
      prefetch: {
        x: searchset([], selfLink('https://ehr.example/Observation?patient=1&category=vital-signs')),
      },
      category: 'labs',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    {
      name: 'a vital-signs search without results under our key `labs`',
      prefetch: {
        labs: searchset([], selfLink('https://ehr.example/Observation?category=vital-signs&patient=1')),
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
      prefetch: { conditions: searchset([], selfLink('https://ehr.example/Immunization?patient=1')) },
      category: 'conditions',
      is: 'absent',
      notices: ['prefetch-unidentified'],
    },
    {
      name: 'a search for problems of one category',
      prefetch: { x: searchset([], selfLink('Condition?patient=1&category=problem-list-item')) },
      category: 'conditions',
      is: 'absent',
      notices: ['category-incomplete'],
    },
    {
      name: '1 problem of a search for problems of one category, under our key',
      prefetch: {
        conditions: searchset([condition('c')], selfLink('Condition?patient=1&category=problem-list-item')),
      },
      category: 'conditions',
      is: 'partial',
      notices: ['category-incomplete'],
    },
    {
      name: '1 result of a stay, under our key',
      prefetch: { labs: searchset([observation('o')], selfLink('Observation?patient=1&encounter=e')) },
      category: 'labs',
      is: 'partial',
      notices: ['category-incomplete'],
    },
    {
      name: 'results since a day',
      prefetch: { labs: searchset([], selfLink('Observation?patient=1&date=ge2026-01-01')) },
      category: 'labs',
      is: 'known',
      notices: [],
    },
    {
      name: 'procedures with a further page',
      prefetch: { procedures: searchset([], { link: [{ relation: 'next', url: 'Procedure?page=2' }] }) },
      category: 'conditions',
      is: 'absent',
      notices: ['category-incomplete'],
    },
    {
      name: 'a search for what was handed out',
      prefetch: { x: searchset([], selfLink('MedicationDispense?patient=1')) },
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
      prefetch: { labs: searchset([], selfLink('Observation?patient=1&code=2160-0')) },
      category: 'labs',
      is: 'known',
      notices: [],
    },
    {
      name: 'all labs, and no result of 1 code',
      prefetch: {
        labs: searchset([]),
        x: searchset([], selfLink('Observation?patient=1&code=2160-0')),
      },
      category: 'labs',
      is: 'known',
      notices: [],
    },
    ...[
      ['status=completed', 'prefetch-unidentified'] as const,
      ['status=entered-in-error', 'prefetch-unidentified'] as const,
      ['code=6585', 'category-incomplete'] as const,
    ].map(([query, said]) => ({
      name: `a search for therapy with ${query}, without results`,
      prefetch: { x: searchset([], selfLink(`MedicationRequest?patient=1&${query}`)) },
      category: 'pastMedications' as const,
      is: 'absent' as const,
      notices: [said],
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
          selfLink('MedicationStatement?patient=1&status=intended'),
        ),
      },
      category: 'medications',
      is: 'partial',
      notices: [],
    },
    {
      name: '1 therapy of a search for 1 drug',
      prefetch: {
        x: searchset([order('a', { status: 'active' })], selfLink('MedicationRequest?patient=1&code=6585')),
      },
      category: 'medications',
      is: 'partial',
      notices: [],
    },
    {
      name: 'one weight from a vital-signs search',
      prefetch: {
        x: searchset(
          [observation('w', { code: loinc('29463-7') })],
          selfLink('https://ehr.example/Observation?category=vital-signs&patient=1'),
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
    ...(
      [
        'security login unknown expired forbidden suppressed too-long too-costly incomplete transient lock-error',
        'no-store exception timeout throttled',
      ]
        .join(' ')
        .split(' ') as string[]
    ).map((code): [string, Resource, string[]] => [
      `a warning that something was left out: ${code}`,
      {
        conditions: entryOf({
          resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code }] },
        }),
      },
      [
        `prefetch-error: prefetch.conditions.entry[0] is an OperationOutcome that says that something was left out (issue code \`${code}\`): data may be missing`,
        'category-incomplete: prefetch.conditions holds an error: what it lacks in conditions is unknown',
      ],
    ]),
    [
      'an error, with its code before that of a warning',
      {
        conditions: entryOf({
          resource: {
            resourceType: 'OperationOutcome',
            issue: [
              { severity: 'warning', code: 'suppressed' },
              { severity: 'error', code: 'too-costly' },
            ],
          },
        }),
      },
      [
        'prefetch-error: prefetch.conditions.entry[0] is an OperationOutcome that reports an error (issue code `too-costly`): data may be missing',
        'category-incomplete: prefetch.conditions holds an error: what it lacks in conditions is unknown',
      ],
    ],
    [
      'what servers say beside every answer: no results (Epic 4101), what the user may see (Epic 4119), a parameter that was ignored',
      {
        conditions: entryOf({
          resource: {
            resourceType: 'OperationOutcome',
            issue: [
              { severity: 'warning', code: 'processing', details: { coding: [{ code: '4101' }] } },
              { severity: 'warning', code: 'informational', details: { coding: [{ code: '4119' }] } },
              { severity: 'warning', code: 'not-supported', diagnostics: '_sort was ignored' },
              { severity: 'information', code: 'invalid' },
              { severity: 'warning' },
              { severity: 'warning', code: 7 },
            ],
          },
        }),
      },
      [],
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
      [
        'category-incomplete: prefetch.conditions says there are 2 results and holds 1: what it lacks in conditions is unknown',
      ],
    ],
    [
      'a total of a history, which counts versions',
      { conditions: { ...searchset([condition('c')]), type: 'history', total: 2 } },
      [],
    ],
    [
      'a total that is a text',
      { conditions: { ...searchset([condition('c')]), total: '2' } },
      [
        'category-incomplete: prefetch.conditions says there are 2 results and holds 1: what it lacks in conditions is unknown',
      ],
    ],
    ['a total that is none', { conditions: { ...searchset([condition('c')]), total: 'many' } }, []],
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
});

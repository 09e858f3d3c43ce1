import { describe, expect, test } from 'vitest';
import type { Json } from '../../../rules/fhir/json.ts';
import {
  creatinine,
  encounter,
  gathering,
  ids,
  intake,
  keys,
  messages,
  myasthenia,
  outcome,
  paths,
  request,
  serve,
  server,
  templates,
  useFhirServer,
  whole,
} from '../../support/gathering.ts';
import { patient, searchset } from '../../support/hook-requests.ts';

useFhirServer();

describe('what is asked', () => {
  test('of a complete prefetch nothing: 0 calls', async () => {
    const { prefetch, fetched } = await gathering(whole);
    expect([server.calls, fetched]).toEqual([[], { resources: {}, failed: [], notices: [] }]);
    expect(prefetch).toBe(whole);
  });

  test.each([
    ['no prefetch', undefined],
    ['an empty prefetch', {}],
  ])('of %s each template of the hook once, with its tokens replaced', async (_, prefetch) => {
    const context = { patientId: 'Patient/p1', encounterId: 'e1', draftOrders: {} };
    const { fetched } = await gathering(prefetch, { context });
    const asked = server.calls.map(({ path, query }) => `${path}${query.size > 0 ? `?${query}` : ''}`);
    const expected = Object.values(templates).map((template) => {
      const [path, query] = template
        .replaceAll('{{context.patientId}}', 'p1')
        .replaceAll('{{context.encounterId}}', 'e1')
        .split('?');
      return query ? `${path}?${new URLSearchParams(query)}` : path;
    });
    expect(asked.sort()).toEqual(expected.sort());
    expect(Object.keys(fetched.resources)).toEqual(Object.keys(templates));
    expect(fetched.failed).toEqual([]);
    expect(ids(fetched.resources.labs)).toEqual(['cr']);
    expect(fetched.resources.patient).toEqual(patient);
  });

  test.each(keys)('of a prefetch without %s only that', async (key) => {
    const { [key]: _, ...rest } = whole;
    const { fetched } = await gathering(rest);
    expect(Object.keys(fetched.resources)).toEqual([key]);
    expect(paths()).toEqual([templates[key]?.split('?')[0]?.replace('{{context.patientId}}', 'p1')]);
  });

  test.each(keys)('%s that is null stays: the client asked, and there is nothing', async (key) => {
    await gathering({ ...whole, [key]: null });
    expect(server.calls).toEqual([]);
  });

  test.each(keys)('%s that is an OperationOutcome is read, and the outcome is gone', async (key) => {
    const gathered = await gathering({ ...whole, [key]: outcome });
    expect(Object.keys(gathered.fetched.resources)).toEqual([key]);
    expect(gathered.prefetch).not.toHaveProperty(key);
    expect(intake(gathered).notices.filter(({ code }) => code === 'prefetch-error')).toEqual([]);
  });

  test('without an encounter in context the encounter is not asked for', async () => {
    await gathering({});
    expect(paths()).not.toContain('Encounter/e1');
    expect(server.calls).toHaveLength(keys.length);
  });

  const named = (url: string, ...resources: object[]) => ({
    ...searchset(...resources),
    link: [{ relation: 'self', url }],
  });
  const codes = (templates.labs?.match(/combo-code=([^&]*)/)?.[1] ?? '').split(',');
  test.each<[string, string, Json | null, string[]]>([
    [
      'empty and names its search in the self link',
      'conditions',
      named('https://ehr.example/Condition?patient=p1'),
      [],
    ],
    [
      'is narrowed to what is over',
      'conditions',
      named('Condition?clinical-status=resolved'),
      ['conditions'],
    ],
    ['is of another type', 'conditions', named('Observation?patient=p1'), ['conditions']],
    ['is known by its content', 'conditions', searchset(myasthenia), []],
    ['is null', 'conditions', null, ['conditions']],
    ['is one bare resource', 'conditions', myasthenia, ['conditions']],
    ['asks all laboratory data', 'labs', named('Observation?patient=p1&category=laboratory'), []],
    ['asks our codes and more', 'labs', named(`Observation?combo-code=${[...codes, 'x'].join(',')}`), []],
    ['asks our codes, not in panels', 'labs', named(`Observation?code=${codes}`, creatinine), ['labs']],
    ['asks some of our codes', 'labs', named(`Observation?combo-code=${codes.slice(1)}`), ['labs']],
    ['asks the laboratory data of a stay', 'labs', named('Observation?patient=p1&encounter=e'), ['labs']],
    [
      'asks what is on the problem list',
      'conditions',
      named('Condition?category=problem-list-item'),
      ['conditions'],
    ],
    ['asks all results', 'measurements', named('Observation?patient=p1'), []],
    [
      'asks all laboratory data',
      'measurements',
      named('Observation?patient=p1&category=laboratory'),
      ['measurements'],
    ],
    ['asks all that was done', 'procedures', named('Procedure?patient=p1&_sort=-date'), []],
    [
      'asks what was done since',
      'procedures',
      named('Procedure?patient=p1&date=ge2025-01-01'),
      ['procedures'],
    ],
    ['asks vital signs', 'labs', named('Observation?category=vital-signs', creatinine), ['labs']],
    ['does not say which results', 'labs', searchset(creatinine), ['labs']],
    ['is the patient', 'patient', patient, []],
    ['is a bundle with the patient', 'patient', searchset(patient), []],
    ['asks statements', 'medicationStatements', named('MedicationStatement?patient=p1'), []],
    [
      'asks requests, not statements',
      'medicationStatements',
      named('MedicationRequest?patient=p1'),
      ['medicationStatements'],
    ],
    ['asks all that was ever taken', 'pastMedicationRequests', named('MedicationRequest?patient=p1'), []],
    [
      'asks what is taken, not what is over',
      'pastMedicationRequests',
      named('MedicationRequest?patient=p1&status=active,unknown'),
      ['pastMedicationRequests'],
    ],
    [
      'asks what is over',
      'pastMedicationRequests',
      named('MedicationRequest?patient=p1&status=completed,stopped,on-hold'),
      [],
    ],
    [
      'asks what is over, not what is taken',
      'medicationRequests',
      named('MedicationRequest?patient=p1&status=completed,stopped,on-hold'),
      ['medicationRequests'],
    ],
    [
      'asks a part of what is over',
      'pastMedicationRequests',
      named('MedicationRequest?patient=p1&status=completed'),
      ['pastMedicationRequests'],
    ],
    ['holds what is taken', 'medicationRequests', searchset(request('mr')), []],
    [
      'holds what is over, and does not say whether that is all',
      'pastMedicationRequests',
      searchset(request('mr'), { ...request('over'), status: 'completed' }),
      ['pastMedicationRequests'],
    ],
    [
      'holds what is over and nothing that is taken',
      'medicationRequests',
      searchset({ ...request('over'), status: 'completed' }),
      ['medicationRequests'],
    ],
  ])('an answer under a key of the client\u2019s own that %s, for %s', async (_, key, value, expected) => {
    const { [key]: __, ...rest } = whole;
    const { fetched } = await gathering({ ...rest, [`${key}-user`]: value });
    expect(Object.keys(fetched.resources)).toEqual(expected);
  });

  test('under our own key vital signs are no laboratory data: that is read, and they are kept', async () => {
    const labs = named('Observation?category=vital-signs', creatinine);
    const { prefetch, fetched } = await gathering({ ...whole, labs });
    expect(Object.keys(fetched.resources)).toEqual(['labs']);
    expect(prefetch).toMatchObject({ labs });
  });

  test.each([
    [
      'an error beside its data',
      { ...searchset(creatinine), entry: [{ resource: creatinine }, { resource: outcome }] },
    ],
    ['fewer results than its total', { ...searchset(creatinine), total: 7 }],
  ])('a bundle with %s is asked for again, and the answer takes its place', async (_, labs) => {
    const gathered = await gathering({ ...whole, labs });
    expect(Object.keys(gathered.fetched.resources)).toEqual(['labs']);
    expect(gathered.prefetch).not.toHaveProperty('labs');
    expect(intake(gathered).completeness.labs).toBe('known');
  });

  test('the encounter that came is another one: the one in context is read', async () => {
    const context = { patientId: 'p1', encounterId: 'Encounter/e1', draftOrders: {} };
    await gathering({ ...whole, encounter: { ...encounter, id: 'e0' } }, { context });
    expect(paths()).toEqual(['Encounter/e1']);
  });
});

describe('ways of saying "nothing"', () => {
  test.each(['no entry', 'outcome'] as const)(
    'a fetched searchset with %s: asked, and known to be empty',
    async (nothing) => {
      await serve([patient], { nothing });
      const gathered = await gathering({});
      const { completeness } = intake(gathered);
      expect([completeness.labs, completeness.conditions, completeness.medications]).toEqual([
        'known',
        'known',
        'known',
      ]);
      expect(messages(gathered)).toEqual([]);
    },
  );

  test('a prefetched searchset that holds only an outcome is known to be empty: 0 calls', async () => {
    const entry = [
      { resource: { ...outcome, issue: [{ severity: 'warning' }] }, search: { mode: 'outcome' } },
    ];
    const conditions = { resourceType: 'Bundle', type: 'searchset', total: 0, entry };
    const gathered = await gathering({ ...whole, conditions });
    expect(server.calls).toEqual([]);
    expect(intake(gathered).completeness.conditions).toBe('known');
  });
});

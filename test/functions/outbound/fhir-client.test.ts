import { describe, expect, test } from 'vitest';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import { type Misbehaviour, misbehaviours } from '../../support/fhir-server.ts';
import {
  chart,
  gathering,
  ids,
  intake,
  keys,
  messages,
  myasthenia,
  outcome,
  request,
  serve,
  server,
  useFhirServer,
  whole,
} from '../../support/gathering.ts';
import { patient, searchset } from '../../support/hook-requests.ts';

useFhirServer();

describe('a server that does not answer as it should', () => {
  const reasons: Record<Misbehaviour, string> = {
    redirect: 'the server answered with a redirect, which is not followed',
    html: 'the answer is not JSON that can be read',
    status401: 'it does not allow that with this access token (status 401)',
    status403: 'it does not allow that with this access token (status 403)',
    status404: 'it does not know this kind of resource (status 404)',
    status500: 'it answered with status 500',
    status503: 'it answered with status 503',
    'wrong resource': 'the answer is not what was asked for',
    'an outcome with status 200': 'the answer is not what was asked for',
    '50 MB': 'the answer is larger than is read',
    'gzip bomb': 'the answer is larger than is read',
    'breaks off': 'the server could not be reached, or broke off',
    never: 'the answer did not come in time',
    'slow body': 'the answer did not come in time',
  };
  const slow = new Set<string>(['never', 'slow body']);

  test.each(Object.keys(misbehaviours) as Misbehaviour[])(
    '%s: a notice says why, and no rule takes it for an all-clear',
    async (how) => {
      server.instead.Condition = how;
      const { conditions: _, ...rest } = whole;
      const deadlineMs = slow.has(how) ? 300 : 10_000;
      const gathered = await gathering(rest, {}, { deadlineMs });
      expect(messages(gathered)).toEqual([
        `fhir-fetch-failed: conditions could not be read from the FHIR server: ${reasons[how]}`,
      ]);
      expect(gathered.fetched.resources).toEqual({});
      expect(intake(gathered).completeness.conditions).toBe('absent');
    },
  );

  test('what failed of a kind that came in part is known in part; only statements need not be known to the server', async () => {
    const { medicationStatements: _, ...rest } = whole;
    server.instead.MedicationStatement = 'status500';
    expect(intake(await gathering(rest)).completeness.medications).toBe('partial');
    server.instead.MedicationStatement = 'status404';
    expect(intake(await gathering(rest)).completeness.medications).toBe('known');
    server.instead.MedicationRequest = 'status404';
    const { medicationRequests: __, ...statements } = whole;
    expect(intake(await gathering(statements)).completeness.medications).toBe('partial');
  });

  test('a failed search for what is over leaves that open, and what is taken known', async () => {
    const { pastMedicationRequests: _, pastMedicationStatements: __, ...rest } = whole;
    const known = async () => {
      const { medications, pastMedications } = intake(await gathering(rest)).completeness;
      return [medications, pastMedications];
    };
    expect(await known()).toEqual(['known', 'known']);
    server.instead.MedicationRequest = 'status500';
    expect(await known()).toEqual(['known', 'partial']);
    server.instead.MedicationStatement = 'status500';
    expect(await known()).toEqual(['known', 'absent']);
    delete server.instead.MedicationRequest;
    server.instead.MedicationStatement = 'status404';
    expect(await known()).toEqual(['known', 'known']);
  });

  test('an answer to the search for what is taken, under the key for what is over, is none: that is read', async () => {
    const pastMedicationRequests = {
      ...searchset(request('mr')),
      link: [{ relation: 'self', url: 'MedicationRequest?patient=p1&status=active' }],
    };
    const gathered = await gathering({ ...whole, pastMedicationRequests });
    expect(Object.keys(gathered.fetched.resources)).toEqual(['pastMedicationRequests']);
    expect(gathered.prefetch).toMatchObject({ pastMedicationRequests });
  });

  test('an answer for all statuses that mixes patients leaves both open, one for some only these', async () => {
    const stranger = { ...request('mr'), subject: { reference: 'Patient/p2' } };
    const mixed = async (query: string) => {
      const medicationRequests = {
        ...searchset(stranger),
        link: [{ relation: 'self', url: `MedicationRequest?patient=p1${query}` }],
      };
      const { completeness } = intake(await gathering({ ...whole, medicationRequests }));
      return [completeness.medications, completeness.pastMedications];
    };
    expect(await mixed('')).toEqual(['partial', 'partial']);
    expect(await mixed('&status=active')).toEqual(['partial', 'known']);
  });

  test('one slow search does not hold up the others: they are there, it is missing', async () => {
    server.instead.Observation = 'never';
    const end = new AbortController();
    let answered = 0;
    const unanswered = ['labs', 'measurements'];
    const counted: FetchJson = async (url, fetching) => {
      const answer = await fetchJson(url, fetching);
      answered += 1;
      if (answered === keys.length - unanswered.length) end.abort();
      return answer;
    };
    const gathered = await gathering({}, {}, { signal: end.signal, fetchJson: counted });
    expect(gathered.fetched.failed).toEqual(unanswered);
    const others = keys.filter((key) => !unanswered.includes(key));
    expect(Object.keys(gathered.fetched.resources).sort()).toEqual(others.sort());
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: labs, measurements could not be read from the FHIR server: the answer did not come in time',
    ]);
  });

  test('the end of the request ends the reading', async () => {
    server.instead.Observation = 'never';
    const gathered = await gathering({ ...whole, labs: outcome }, {}, { signal: AbortSignal.timeout(200) });
    expect(gathered.fetched.failed).toEqual(['labs']);
  });

  test.each<[string, Misbehaviour[], number, string[]]>([
    ['busy once is asked again: 2 calls', ['status503'], 2, []],
    ['busy twice is not: 2 calls', ['status503', 'status503'], 2, ['labs']],
    ['that breaks off once is asked again: 2 calls', ['breaks off'], 2, []],
    ['that breaks off twice is not: 2 calls', ['breaks off', 'breaks off'], 2, ['labs']],
    ['that fails is not: 1 call', ['status500'], 1, ['labs']],
    ['that does not allow it is not: 1 call', ['status403'], 1, ['labs']],
  ])('a server %s', async (_, answers, calls, failed) => {
    server.instead.Observation = [...answers];
    const { fetched } = await gathering({ ...whole, labs: outcome });
    expect([server.calls.length, fetched.failed]).toEqual([calls, failed]);
  });

  test.each([
    ['labs', /_sort=/, ['patient', 'combo-code']],
    ['labs', /_count=/, ['patient', 'combo-code']],
    ['medicationStatements', /_sort=/, ['patient', '_include']],
    ['pastMedicationRequests', /on-hold/, ['patient', '_include']],
  ])('%s refused with 400 for %s is asked once more, simpler', async (key, refuses, left) => {
    await serve(chart, { refuses });
    const gathered = await gathering({ ...whole, [key]: outcome });
    expect(server.calls).toHaveLength(2);
    expect([...(server.calls[1]?.query.keys() ?? [])]).toEqual(left);
    expect(ids(gathered.fetched.resources[key])).toHaveLength(1);
  });

  test('a search that is refused in its simplest form too is given up: 2 calls', async () => {
    await serve(chart, { refuses: /./ });
    const { fetched } = await gathering({ ...whole, labs: outcome });
    expect([server.calls.length, fetched.failed]).toEqual([2, ['labs']]);
  });

  test('resources of another patient are left out, and what the answer lacks is unknown', async () => {
    server.instead.Condition = searchset({ ...myasthenia, subject: { reference: 'Patient/p2' } });
    server.instead.Patient = { ...patient, id: 'p2' };
    const { items, completeness, notices } = intake(await gathering({}));
    expect(items.map(({ type }) => type)).not.toContain('Condition');
    expect(items.map(({ type }) => type)).not.toContain('Patient');
    expect(completeness.conditions).not.toBe('known');
    expect(notices.filter(({ code }) => code === 'other-patient')).toHaveLength(2);
  });
});

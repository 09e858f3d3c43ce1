import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type FetchJson, fetchJson } from '../../../functions/outbound/fetch.ts';
import { createServerMemory } from '../../../functions/outbound/server-memory.ts';
import { type Misbehaviour, misbehaviours } from '../../support/fhir-server.ts';
import {
  gathering,
  intake,
  keys,
  messages,
  myasthenia,
  outcome,
  request,
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
    status400: 'it answered with status 400',
    status405: 'it answered with status 405',
    status422: 'it answered with status 422',
    status429: 'it answered with status 429',
    status501: 'it answered with status 501',
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
    for (const how of [
      'status400',
      'status403',
      'status404',
      'status405',
      'status422',
      'status501',
    ] as const) {
      server.instead.MedicationStatement = how;
      const gathered = await gathering(rest);
      expect([how, intake(gathered).completeness.medications]).toEqual([how, 'known']);
      expect(messages(gathered)[0]).toContain('medicationStatements could not be read');
    }
    for (const how of ['status401', 'status429'] as const) {
      server.instead.MedicationStatement = how;
      expect([how, intake(await gathering(rest)).completeness.medications]).toEqual([how, 'partial']);
    }
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
      if (String(url).endsWith('/metadata')) return answer;
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
    ['busy twice is asked a third time: 3 calls', ['status503', 'status429'], 3, []],
    [
      'busy seven times is asked an eighth time: 8 calls',
      ['status429', 'status503', 'status429', 'status429', 'status429', 'status429', 'status503'],
      8,
      [],
    ],
    [
      'that stays busy is given up: 8 calls',
      Array.from({ length: 9 }, () => 'status429' as const),
      8,
      ['labs'],
    ],
    ['that breaks off once is asked again: 2 calls', ['breaks off'], 2, []],
    ['that breaks off twice is not: 2 calls', ['breaks off', 'breaks off'], 2, ['labs']],
    ['busy and then breaking off is asked a third time: 3 calls', ['status503', 'breaks off'], 3, []],
    ['that fails is not: 1 call', ['status500'], 1, ['labs']],
    ['that does not allow it is not: 1 call', ['status403'], 1, ['labs']],
  ])('a server %s', async (_, answers, calls, failed) => {
    server.instead.Observation = [...answers];
    const { fetched } = await gathering({ ...whole, labs: outcome });
    expect([server.calls.length, fetched.failed]).toEqual([calls, failed]);
  });

  test('a server that stays busy is given up where there is no time for a further pause', async () => {
    server.instead.Observation = 'status503';
    const gathered = await gathering({ ...whole, labs: outcome }, {}, { deadlineMs: 250 });
    expect(messages(gathered)).toEqual([
      'fhir-fetch-failed: labs could not be read from the FHIR server: it is busy (status 503) for longer than there is time',
    ]);
    expect(server.calls.length).toBeGreaterThan(1);
    expect(server.calls.length).toBeLessThan(4);
  });

  test('that a server has no statements is a line for the operator, once, without anything of the patient', async () => {
    server.instead.MedicationStatement = 'status403';
    const lines: unknown[] = [];
    const means = { memory: createServerMemory(), report: (...line: unknown[]) => lines.push(line) };
    await gathering({}, {}, means);
    await gathering({}, {}, means);
    expect(lines).toEqual([['fhir-without-type', { type: 'MedicationStatement', status: 403 }]]);
    await gathering({}, {}, { ...means, memory: createServerMemory() });
    expect(lines).toHaveLength(2);
  });

  describe('that is busy and says how long', () => {
    /** The server, but its first answer about laboratory data is 429 with this header. */
    const busyFor = (retryAfter: string) => {
      const calls: number[] = [];
      const call: FetchJson = async (url, fetching) => {
        if (!String(url).includes('/Observation')) return fetchJson(url, fetching);
        calls.push(performance.now());
        if (calls.length > 1) return fetchJson(url, fetching);
        return { status: 429, json: null, bytes: 0, url: String(url), retryAfter };
      };
      return { calls, call };
    };

    test('is asked again after that time, where there is so much', async () => {
      const { calls, call } = busyFor('1');
      const { fetched } = await gathering({ ...whole, labs: outcome }, {}, { fetchJson: call });
      expect(fetched.failed).toEqual([]);
      expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan(990);
    });

    test.each([
      ['seconds', '2'],
      ['a date', new Date(Date.now() + 3_600_000).toUTCString()],
    ])('is given up at once, where there is not: %s', async (_, header) => {
      const { calls, call } = busyFor(header);
      const started = performance.now();
      const gathered = await gathering(
        { ...whole, labs: outcome },
        {},
        { fetchJson: call, deadlineMs: 1500 },
      );
      expect(performance.now() - started).toBeLessThan(1000);
      expect([calls.length, gathered.fetched.failed]).toEqual([1, ['labs']]);
      expect(messages(gathered)).toEqual([
        'fhir-fetch-failed: labs could not be read from the FHIR server: it is busy (status 429) for longer than there is time',
      ]);
    });

    test('comes with the header of a real answer', async () => {
      const busy = createServer((_, response) => response.writeHead(503, { 'retry-after': '120' }).end());
      await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
      const address = busy.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      try {
        const answer = await fetchJson(`http://127.0.0.1:${port}/`, {
          allowed: () => true,
          maxBytes: 1000,
          signal: AbortSignal.timeout(5000),
          loopback: true,
        });
        expect([answer.status, answer.retryAfter]).toEqual([503, '120']);
      } finally {
        busy.close();
      }
    });
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

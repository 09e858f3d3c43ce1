/** `npm run doctor` as an integration engineer calls it, against real FHIR servers on loopback. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { fhirEngine } from '../../bench/engine/fhir-engine.ts';
import { hooks } from '../../rules/fhir/hooks.ts';
import { type FhirServer, fhirServer } from '../support/fhir-server.ts';
import { chart, creatinine, medication, request, ruleset, subject } from '../support/gathering.ts';
import { condition, observation, patient } from '../support/hook-requests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { newIssuer } from '../support/trust.ts';

const root = resolve(import.meta.dirname, '../..');
const token = 'canary-token-7c1e';

const run = (
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; error: string }> =>
  new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['commands/doctor.ts', ...args],
      // A busy machine is no slow server: no answer takes so long that a longer deadline would be advised.
      { cwd: root, env: { ...process.env, EPSOM_CLIENTS: '', EPSOM_FHIR_DEADLINE_MS: '5000', ...env } },
      (_, out, error) => done({ code: child.exitCode ?? -1, out, error }),
    );
  });

/** Every code that a template asks for. */
const everyCode = [
  ...new Set(
    hooks
      .flatMap((hook) => Object.values(ruleset.prefetch[hook]))
      .flatMap((query) => /combo-code=([^&]*)/.exec(query)?.[1]?.split(',') ?? []),
  ),
].join(',');

let server: FhirServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});
async function serve(...given: Parameters<typeof fhirServer>): Promise<FhirServer> {
  server = await fhirServer(...given);
  return server;
}
const oldestFirst = ['2025-01-01', '2026-01-01', '2025-06-01'].map((day, index) =>
  observation(`o${index}`, '2160-0', 1, 'mg/dL', `${day}T08:00:00Z`),
);
const ofDrug = { medicationReference: { reference: 'Medication/d1' } };
const capability = {
  resourceType: 'CapabilityStatement',
  rest: [
    {
      mode: 'server',
      resource: [
        { type: 'Patient' },
        { type: 'Observation', searchParam: ['code', 'date', 'patient'].map((name) => ({ name })) },
      ],
    },
  ],
};

describe('a server on this machine', () => {
  test('that takes everything: each query once, each understood, nothing to set', async () => {
    const { url, calls } = await serve(chart, { capability });
    const { code, out, error } = await run(['--server', url, '--patient', 'p1', '--encounter', 'e1'], {
      EPSOM_FHIR_TOKEN: token,
    });
    expect([code, error]).toEqual([0, '']);
    const templates = new Set(hooks.flatMap((hook) => Object.values(ruleset.prefetch[hook])));
    expect(calls).toHaveLength(templates.size);
    expect(calls.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
    const lines = out.trim().split('\n');
    expect(lines[1]).toMatch(/^ {2}metadata: understood; .* hint .*, \d+ ms$/);
    expect(lines.filter((line) => /: understood; \d+ results, \d+ ms(; hint: .*)?$/.test(line))).toHaveLength(
      templates.size,
    );
    // What the statement lacks stands beside what the server really answered.
    expect(out).toMatch(
      /^ {2}conditions \(Condition: patient _count\): understood; 1 results, \d+ ms; hint: its statement does not list Condition$/m,
    );
    expect(out).toMatch(
      /^ {2}labs .*: understood; 1 results, \d+ ms; hint: its statement lacks combo-code$/m,
    );
    expect(out).toMatch(/^ {2}patient \(Patient\): understood; 1 results, \d+ ms$/m);
    expect(lines.at(-1)).toBe('  Nothing needs to be set in the registry.');
    expect(out).not.toContain(token);
    expect(out).not.toContain('p1');
  });

  test('that refuses `_sort`: which queries, with which status, what to set', async () => {
    const { url } = await serve(chart, { refuses: /_sort=/ });
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect(code).toBe(0);
    expect(out).toMatch(/no statement that can be used \(status 404\)/);
    expect(out).toMatch(
      /^ {2}labs \(Observation: .*\): refused with status 400 for _sort; 1 results, \d+ ms$/m,
    );
    expect(out).toMatch(/^ {2}conditions .*: understood;/m);
    expect(out).toContain('Set in the registry: "prefetch": { "sort": false, "since": true }');
  });

  test('that ignores what it is asked: order, count, drugs, and what is not in its self link', async () => {
    const { url, instead } = await serve([...chart, ...oldestFirst, request('mr2', ofDrug)]);
    instead.AllergyIntolerance = {
      resourceType: 'Bundle',
      link: [
        { relation: 'self', url: `${url}/AllergyIntolerance?clinical-status=active` },
        { relation: 'next', url: '?page=2' },
      ],
      entry: Array.from({ length: 501 }, (_, index) => ({
        resource: { resourceType: 'AllergyIntolerance', id: `a${index}`, patient: subject },
      })),
    };
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}labs .*: ignored _sort \(results are not newest first\); \d+ results/m);
    expect(out).toMatch(
      /^ {2}allergies .*: ignored patient \(not in its self link\), _count \(501 are on the page\); read in part: the further page leads back to an earlier one; /m,
    );
    expect(out).toMatch(
      /^ {2}medicationRequests .*: ignored _include \(1 drugs that orders refer to did not come with them\); 2 results/m,
    );
    // Without its order the results of three years are fewer; that `_sort` and `_count` were ignored is no reason to drop them.
    expect(out).toContain('Set in the registry: "prefetch": { "since": true }\n');
    expect(out.trim().split('\n').at(-1)).toBe('  Read in part: allergies');
  });

  test.each([
    ['paging state alone', '?_getpages=abc&_pageId=1'],
    [
      '`subject` for `patient`',
      `/Observation?subject=Patient/p1&combo-code=${everyCode}&_sort=-date&_count=200`,
    ],
  ])('whose self link has %s ignores nothing by it', async (_, link) => {
    const { url, instead } = await serve(chart);
    const self = { relation: 'self', url: `${url}${link}` };
    instead.Observation = {
      resourceType: 'Bundle',
      type: 'searchset',
      link: [self],
      entry: [{ resource: creatinine }],
    };
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect([code, out.includes('ignored')]).toEqual([0, false]);
    expect(out).toMatch(/^ {2}labs .*: understood; 1 results/m);
    expect(out.trim().split('\n').at(-1)).toBe('  Nothing needs to be set in the registry.');
  });

  test.each<[string, object, string]>([
    ['a total above what came', { total: 500 }, 'the answer says there are 500 results and holds 1'],
    [
      'a link that cannot be followed',
      { link: [{ relation: 'next', url: 'ftp://x/' }] },
      'the link to the further page cannot be used',
    ],
    [
      'a smaller page that is full',
      { link: [{ relation: 'self', url: '/Observation?patient=p1&_count=1' }] },
      'the answer is a full page of 1',
    ],
    [
      'a narrower question',
      { link: [{ relation: 'self', url: '/Observation?patient=p1&_lastUpdated=ge2026' }] },
      'the answer was narrowed by `_lastUpdated`',
    ],
    [
      'an outcome that something was left out',
      {
        entry: [
          { resource: creatinine },
          {
            resource: {
              resourceType: 'OperationOutcome',
              issue: [{ severity: 'warning', code: 'suppressed', diagnostics: 'p1 is hidden' }],
            },
            search: { mode: 'outcome' },
          },
        ],
      },
      'an OperationOutcome says that something was left out (issue code `suppressed`)',
    ],
    [
      'a result of another patient among them',
      {
        entry: [
          { resource: creatinine },
          { resource: { ...creatinine, id: 'x', subject: { reference: 'Patient/x1' } } },
        ],
      },
      '1 results are of another patient',
    ],
  ])('that answers with %s is read in part', async (_, page, why) => {
    const { url, instead } = await serve(chart);
    instead.Observation = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [{ resource: creatinine }],
      ...page,
    };
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect([code, out]).toEqual([0, expect.stringContaining(`read in part: ${why}`)]);
    expect(out.trim().split('\n').at(-1)).toBe('  Read in part: labs, measurements');
    expect(out).not.toMatch(/p1|x1/);
  });

  test('that answers of somebody else cannot be read, be it with a Patient or with results', async () => {
    const { url, instead } = await serve(chart);
    instead.Patient = { resourceType: 'Patient', id: 'x1' };
    instead.Observation = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [{ resource: { ...creatinine, subject: { reference: 'Patient/x1' } } }],
    };
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect(code).toBe(1);
    const why = 'failed, it is of another patient: the server ignores `patient`';
    expect(out).toContain(`  patient (Patient): ${why}`);
    expect(out).toMatch(new RegExp(`^ {2}labs .*: ${why}; 1 results`, 'm'));
    expect(out.trim().split('\n').at(-1)).toBe('  Cannot be read: patient, labs, measurements');
  });

  test.each([
    ['_include', /_include=/, '"prefetch": { "include": false }'],
    ['_count', /_count=/, '"prefetch": { "count": false }'],
    ['combo-code and component-code', /(combo|component)-code=/, '"prefetch": { "combo": false }'],
    ['_sort for statements alone', /_sort=-effective(&|$)/, null],
  ])('that refuses %s: what to set', async (_, refuses, set) => {
    const { url } = await serve(chart, { refuses });
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(set ? `Set in the registry: ${set}\n` : 'Nothing needs to be set'),
    ]);
  });

  test('that has pages: rounds times the slowest answer, as far as rules look back', async () => {
    const days = Array.from({ length: 8 }, (_, index) =>
      observation(
        `y${index}`,
        '2160-0',
        1,
        'mg/dL',
        `${new Date().getUTCFullYear() - index}-01-01T08:00:00Z`,
      ),
    );
    const { url } = await serve([...chart.filter((one) => one !== creatinine), ...days], { pageSize: 1 });
    const { code, out } = await run(['--server', url, '--patient', 'p1'], { EPSOM_FHIR_DEADLINE_MS: '1' });
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}labs .*: understood; 8 results on 8 pages, \d+ ms$/m);
    const [, rounds = '', needed = ''] =
      /"fhirDeadlineMs": \d+, if the EHR waits as long: (\d) rounds \((\d) pages of labs, as far as rules look back\) of up to \d+ ms/.exec(
        out,
      ) ?? [];
    // What is older than three years begins on the fourth page, or on the fifth at the turn of a year.
    expect([rounds, ['4', '5'].includes(needed)]).toEqual([needed, true]);
  });

  test('that brings no drugs: one round more', async () => {
    const { url } = await serve([...chart, request('mr2', ofDrug)]);
    const { out } = await run(['--server', url, '--patient', 'p1'], { EPSOM_FHIR_DEADLINE_MS: '1' });
    expect(out).toContain('2 rounds (drugs of medicationRequests that are read one by one) of up to ');
  });

  test('that fails, and one without statements: what cannot be read, and exit code 1 for that alone', async () => {
    const { url, instead } = await serve(chart);
    instead.MedicationStatement = 'status400';
    const without = await run(['--server', url, '--patient', 'p1']);
    expect(without.code).toBe(0);
    expect(without.out).toContain(
      'refused in every form (status 400): taken for a server without MedicationStatement; 0 results',
    );
    expect(without.out.trim().split('\n').at(-1)).toBe(
      '  Taken for a server without: medicationStatements, pastMedicationStatements',
    );
    instead.Condition = 'status500';
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}conditions .*: failed, it answered with status 500; 0 results/m);
    expect(out.trim().split('\n').at(-1)).toBe('  Cannot be read: conditions');
  });

  test('whose lines nobody reads to their end: it ends, and says nothing', async () => {
    const { url } = await serve(chart);
    const call = `'${process.execPath}' commands/doctor.ts --server ${url} --patient p1`;
    const { out, error } = await new Promise<{ out: string; error: string }>((done) => {
      execFile(
        'sh',
        ['-c', `(${call}; echo "exit $?" >&2) | head -n 1`],
        { cwd: root },
        (_, stdout, stderr) => done({ out: stdout, error: stderr }),
      );
    });
    expect([out, error]).toEqual([`${url}\n`, 'exit 141\n']);
  });
});

/** What a profile leaves out is tried, and set where the server was better with it. */
test('a client of a profile that asks for less than its server takes', async () => {
  const panel = {
    ...observation('panel', '24321-2', 1, 'mg/dL', '2026-01-02T08:00:00Z'),
    component: [{ code: { coding: [{ system: 'http://loinc.org', code: '2160-0' }] } }],
  };
  const { url } = await serve([...chart, panel, request('mr2', ofDrug), medication('d1')]);
  const { issuer, jwk } = await newIssuer('https://ehr.example.org');
  const file = join(temporaryFolder(), 'clients.json');
  const entry = { issuer, tenant: 'north', profile: 'cerner', jwks: { keys: [jwk] }, fhirServers: [url] };
  writeFileSync(file, JSON.stringify({ clients: [entry] }));
  const env = { EPSOM_CLIENTS: file, EPSOM_ALLOW_LOOPBACK: 'true' };
  const { out } = await run(['--client', issuer, '--patient', 'p1'], env);
  expect(out).toContain('Set in the registry: "prefetch": { "combo": true, "include": true }\n');
});

test('a client that does not ask for order, whose server has it, has a first day alone, or neither', async () => {
  const engine = await fhirEngine();
  try {
    const results = Array.from({ length: 30 }, (_, index) =>
      observation(
        `r${index}`,
        '2160-0',
        1,
        'mg/dL',
        `2026-01-${String(index + 1).padStart(2, '0')}T08:00:00Z`,
      ),
    );
    const old = observation('old', '2160-0', 1, 'mg/dL', '2015-01-01T08:00:00Z');
    await engine.load([...chart.filter((one) => one !== creatinine), old, ...results]);
    const { issuer, jwk } = await newIssuer('https://ehr.example.org');
    const file = join(temporaryFolder(), 'clients.json');
    const prefetch = { sort: false };
    const entry = {
      issuer,
      tenant: 'n',
      profile: 'generic',
      jwks: { keys: [jwk] },
      fhirServers: [engine.url],
      prefetch,
    };
    writeFileSync(file, JSON.stringify({ clients: [entry] }));
    const env = { EPSOM_CLIENTS: file, EPSOM_ALLOW_LOOPBACK: 'true' };
    const advised = async (settings: Parameters<typeof engine.set>[0]): Promise<string> => {
      engine.set(settings);
      const { out } = await run(['--client', issuer, '--patient', 'p1'], env);
      return /Set in the registry: ("prefetch": \{[^}]*\})/.exec(out)?.[1] ?? 'nothing';
    };
    expect(await advised({})).toBe('"prefetch": { "sort": true }');
    // What is asked for and ignored is no help; of a dated search it is told by what came.
    expect(await advised({ ignored: ['_sort'] })).toBe('"prefetch": { "since": true }');
    expect(await advised({ ignored: ['_sort', 'date'] })).toBe('nothing');
  } finally {
    await engine.close();
  }
});

test('a client that does not ask for long pages, whose server has short ones unless it is asked', async () => {
  const all = Array.from({ length: 30 }, (_, index) => ({ resource: condition(`c${index}`, '91637004') }));
  const http = createServer((call, response) => {
    const { pathname, searchParams } = new URL(call.url ?? '', 'http://127.0.0.1');
    const [from, size] = [Number(searchParams.get('from')), Number(searchParams.get('_count') ?? 20)];
    const found = pathname.endsWith('/Condition') ? all : [];
    const entry = found.slice(from, from + size);
    const link = from + size < found.length ? [{ relation: 'next', url: `?from=${from + size}` }] : [];
    const bundle = { resourceType: 'Bundle', type: 'searchset', link, entry };
    response.end(JSON.stringify(pathname.endsWith('/Patient/p1') ? patient : bundle));
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { issuer, jwk } = await newIssuer('https://ehr.example.org');
  const file = join(temporaryFolder(), 'clients.json');
  const prefetch = { count: false };
  const entry = {
    issuer,
    tenant: 'n',
    profile: 'generic',
    jwks: { keys: [jwk] },
    fhirServers: [url],
    prefetch,
  };
  writeFileSync(file, JSON.stringify({ clients: [entry] }));
  const env = { EPSOM_CLIENTS: file, EPSOM_ALLOW_LOOPBACK: 'true' };
  const { out } = await run(['--client', issuer, '--patient', 'p1'], env);
  http.close();
  http.closeAllConnections();
  expect(out).toMatch(/^ {2}conditions .*: understood; 30 results on 2 pages/m);
  expect(out).toContain('Set in the registry: "prefetch": { "count": true }\n');
});

test('a client of the registry: its servers, asked as its profile has it', async () => {
  const { url, calls } = await serve(chart);
  const { issuer, jwk } = await newIssuer('https://ehr.example.org');
  const file = join(temporaryFolder(), 'clients.json');
  writeFileSync(
    file,
    JSON.stringify({
      clients: [{ issuer, tenant: 'north', profile: 'epic', jwks: { keys: [jwk] }, fhirServers: [url] }],
    }),
  );
  const env = { EPSOM_CLIENTS: file, EPSOM_ALLOW_LOOPBACK: 'true' };
  expect((await run(['--client', issuer, '--patient', 'p1'], env)).code).toBe(0);
  const results = calls.filter(({ path }) => path === 'Observation');
  expect(results.length).toBeGreaterThan(0);
  expect(results.every(({ query }) => query.has('date') && !query.has('_sort'))).toBe(true);
  const unknown = await run(['--client', 'https://other.example.org', '--patient', 'p1'], env);
  expect([unknown.code, unknown.error]).toEqual([2, expect.stringContaining('is the issuer of no client')]);
});

test.each<[string, string[], string]>([
  ['no server', ['--patient', 'p1'], '`--client` or `--server` is needed, one of the two'],
  ['both', ['--patient', 'p1', '--client', 'a', '--server', 'b'], 'one of the two'],
  ['no patient', ['--server', 'http://127.0.0.1:9/fhir'], '`--patient` is missing'],
  [
    'a patient that is none',
    ['--server', 'http://127.0.0.1:9/fhir', '--patient', '../1'],
    'is no id of FHIR',
  ],
  ['a server elsewhere', ['--server', 'https://ehr.example/fhir', '--patient', '1'], 'on this machine'],
  ['a client without a registry', ['--client', 'a', '--patient', '1'], 'EPSOM_CLIENTS names no registry'],
])('%s is a wrong call', async (_, args, message) => {
  const { code, out, error } = await run(args);
  expect([code, out, error.split('\n').length]).toEqual([2, '', 2]);
  expect(error).toContain(message);
  expect(error).toContain(': call it as `npm run doctor -- --client <issuer>');
});

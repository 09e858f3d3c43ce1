/** `npm run doctor` as an integration engineer calls it, against real FHIR servers on loopback. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hooks } from '../../rules/fhir/hooks.ts';
import { type FhirServer, fhirServer } from '../support/fhir-server.ts';
import { chart, ruleset } from '../support/gathering.ts';
import { observation } from '../support/hook-requests.ts';
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
      { cwd: root, env: { ...process.env, EPSOM_CLIENTS: '', ...env } },
      (_, out, error) => done({ code: child.exitCode ?? -1, out, error }),
    );
  });

let server: FhirServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});
async function serve(...given: Parameters<typeof fhirServer>): Promise<FhirServer> {
  server = await fhirServer(...given);
  return server;
}
const capability = {
  resourceType: 'CapabilityStatement',
  rest: [{ mode: 'server', resource: [{ type: 'Patient' }, { type: 'Observation' }] }],
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
    expect(lines[1]).toMatch(/^ {2}metadata: understood, does not list MedicationRequest, .*, \d+ ms$/);
    expect(lines.filter((line) => /: understood; \d+ results, \d+ ms$/.test(line))).toHaveLength(
      templates.size,
    );
    expect(out).toMatch(/^ {2}conditions \(Condition: patient _count\): understood; 1 results, \d+ ms$/m);
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

  test('that ignores what it is asked: order, count and what is not in its self link', async () => {
    const results = ['2025-01-01', '2026-01-01', '2025-06-01'].map((day, index) =>
      observation(`o${index}`, '2160-0', 1, 'mg/dL', `${day}T08:00:00Z`),
    );
    const { url, instead } = await serve([...chart, ...results]);
    instead.AllergyIntolerance = {
      resourceType: 'Bundle',
      link: [
        { relation: 'self', url: `${url}/AllergyIntolerance?patient=p1` },
        { relation: 'next', url: '?page=2' },
      ],
      entry: Array.from({ length: 501 }, (_, index) => ({
        resource: { resourceType: 'AllergyIntolerance', id: `a${index}` },
      })),
    };
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}labs .*: ignored _sort \(results are not in that order\); \d+ results/m);
    expect(out).toMatch(
      /^ {2}allergies .*: ignored _count \(501 are on the page\); 501 results, further pages, \d+ ms$/m,
    );
  });

  test('that fails, and one without statements: what cannot be read, and exit code 1 for that alone', async () => {
    const { url, instead } = await serve(chart);
    instead.MedicationStatement = 'status403';
    const without = await run(['--server', url, '--patient', 'p1']);
    expect([without.code, without.out]).toEqual([0, expect.stringContaining('a server without them')]);
    instead.Condition = 'status500';
    const { code, out } = await run(['--server', url, '--patient', 'p1']);
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}conditions .*: failed, it answered with status 500; 0 results/m);
    expect(out.trim().split('\n').at(-1)).toBe('  Cannot be read: conditions');
  });
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

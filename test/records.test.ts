/**
 * Records as real systems send them, each standing for a kind of fault that was once made here or elsewhere:
 * posted over HTTP, and held against what should come.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../functions/local.ts';
import { isObject, type Json } from '../rules/fhir/json.ts';
import { type Expectation, problemsOf } from './support/expectations.ts';
import { type Answer, post, serving } from './support/serving.ts';

const root = join(import.meta.dirname, 'records');
const at = '2026-01-31T12:00:00Z';

const read = (...path: string[]): Json => JSON.parse(readFileSync(join(root, ...path), 'utf8')) as Json;

/** Cases that need a rule to change, or a new one, each with the reason. They fail, and leave this list when they do not. */
const open: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(read('open.json')).map(([name, reason]) => [name, String(reason)]),
);

function expectationsIn(folder: string): [string, Expectation][] {
  const file = read(folder, 'expected.json');
  const cases = (
    isObject(file.cases) ? file.cases : isObject(file.vignettes) ? file.vignettes : file
  ) as Record<string, Expectation & { file?: string }>;
  return Object.entries(cases).map(([name, expected]) => [expected.file ?? name, expected]);
}

const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(folders.map(({ name }) => name))('%s', (folder) => {
  let running: Running;
  beforeAll(async () => {
    running = await serving();
  });
  afterAll(() => running.close());

  const ask = (expected: Expectation, body: Json): Promise<Answer> =>
    expected.service
      ? post(`${running.url}/cds-services/${expected.service}`, body)
      : post(`${running.url}/evaluate?hook=${expected.hook}&at=${expected.at ?? at}`, body);

  const cases = expectationsIn(folder);

  test('each file has an expectation', () => {
    const files = readdirSync(join(root, folder)).filter((file) => file !== 'expected.json');
    expect(files.sort()).toEqual(cases.map(([name]) => name).sort());
  });

  for (const [name, expected] of cases) {
    const isOpen = Object.hasOwn(open, `${folder}/${name}`);
    (isOpen ? test.fails : test)(
      `${name}${isOpen ? `: fails, ${open[`${folder}/${name}`]}` : ''}`,
      async () => {
        const body = read(folder, name);
        expect(problemsOf(expected, await ask(expected, body))).toEqual([]);
        if (!expected.permute || !Array.isArray(body.entry)) return;
        const reversed = await ask(expected, { ...body, entry: [...body.entry].reverse() });
        expect(findingsOf(reversed.body)).toEqual(findingsOf((await ask(expected, body)).body));
      },
    );
  }
});

/** Outcome of each rule, and the words of each card. */
const findingsOf = ({ evaluations, cards }: Json): unknown => [
  (evaluations as Json[]).map(({ rule, outcome, shown }) => [rule, outcome, shown]),
  (cards as Json[]).map(({ summary, indicator, detail }) => [summary, indicator, detail]),
];

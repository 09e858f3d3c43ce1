/**
 * The documents against the code: generated tables are current, links lead somewhere, the calls shown exist,
 * and the three exchanges of docs/examples are what the server answers. `UPDATE_DOCS=1 npx vitest run
 * test/docs/docs.test.ts && npm run format` rewrites the tables and the expected answers; read the diff.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../functions/config/settings.ts';
import { type Running, start } from '../../functions/local.ts';
import { headHashOf } from '../../functions/log/proof.ts';
import openapi from '../../functions/openapi.json' with { type: 'json' };
import { maxSummary } from '../../rules/cards/profiles.ts';
import { type Card, ruleSystem } from '../../rules/cards/types.ts';
import type { Chart } from '../../rules/chart/types.ts';
import type { Evaluation } from '../../rules/evaluation/findings.ts';
import { hooks, meaningOf, notServed } from '../../rules/fhir/hooks.ts';
import type { Notice } from '../../rules/fhir/notice.ts';
import { noticeCodes } from '../../rules/fhir/notice.ts';
import {
  families,
  familyNames,
  overrideReasonSystem,
  overrideReasons,
} from '../../rules/rule/override-reasons.ts';
import { invariantProblems } from '../support/cds-hooks-invariants.ts';

const update = process.env.UPDATE_DOCS === '1';

// --- Tables ------------------------------------------------------------------------------------------------

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join(
    '\n',
  );
}
const code = (text: string): string => `\`${text}\``;

/** The part of a document between `<!-- name -->` and `<!-- /name -->`; rewritten when asked. */
function section(file: string, name: string, expected: string): string {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (from < begin.length || to < from) throw new Error(`${file} has no section ${name}`);
  if (update) writeFileSync(file, `${text.slice(0, from)}\n${expected}\n${text.slice(to)}`);
  return update ? expected : text.slice(from, to).trim();
}

describe('generated tables are current', () => {
  it('notices of docs/api.md are those of rules/fhir/notice.ts', () => {
    const rows = Object.entries(noticeCodes).map(([name, about]) => [code(name), about]);
    const expected = table(['code', 'about'], rows);
    expect(section('docs/api.md', 'notices', expected)).toBe(expected);
  });

  it('hooks of docs/rules.md are those of rules/fhir/hooks.ts', () => {
    const rows = hooks.map((hook) => {
      const { kind, follows, brings, names, userId, encounterId } = meaningOf(hook);
      const field = names
        ? `${code(names)} (names only)`
        : brings[0] && kind !== 'chart'
          ? code(brings[0])
          : '';
      return [code(hook), kind, follows === hook ? '' : code(follows), field, userId, encounterId];
    });
    const expected = table(['hook', 'moment', 'follows', 'brings', '`userId`', '`encounterId`'], rows);
    expect(section('docs/rules.md', 'hooks', expected)).toBe(expected);
    const without = table(
      ['hook', 'why not'],
      Object.entries(notServed).map(([hook, why]) => [code(hook), why]),
    );
    expect(section('docs/rules.md', 'hooks-not-served', without)).toBe(without);
  });

  it('override reasons of docs/cards.md are those of rules/cards/finding-card.ts', () => {
    const rows = Object.entries(overrideReasons).map(([name, { display, definition, durable }]) => [
      code(name),
      display,
      definition,
      durable ? 'yes' : 'no',
    ]);
    const expected = table(['code', 'display', 'meaning', 'durable'], rows);
    expect(section('docs/cards.md', 'override-reasons', expected)).toBe(expected);
    const byFamily = table(
      ['family', 'its rules are about', 'usual reasons', 'some rules also', 'value set'],
      familyNames.map((name) => {
        const { title, usual, also } = families[name];
        const id = name.toLowerCase();
        const list = (codes: readonly string[]): string => codes.map(code).join(', ');
        const file = `[${overrideReasonSystem}:${id}](fhir/ValueSet-override-reason-${id}.json)`;
        return [code(name), title, list(usual), list(also), file];
      }),
    );
    expect(section('docs/cards.md', 'override-reason-families', byFamily)).toBe(byFamily);
  });

  it('docs/cards.md names the code systems and the limit of the summary', () => {
    const text = readFileSync('docs/cards.md', 'utf8');
    for (const fact of [code(overrideReasonSystem), code(ruleSystem), `${maxSummary} characters`]) {
      expect(text).toContain(fact);
    }
  });

  it('errors of docs/api.md are those of the OpenAPI document', () => {
    const text = readFileSync('docs/api.md', 'utf8').split('## Errors')[1]?.split('\n## ')[0] ?? '';
    const explained = [...text.matchAll(/^\| (\d{3}) +\|/gm)].map(([, status]) => status);
    const used = Object.values(
      openapi.paths as Record<string, Record<string, { responses?: object }>>,
    ).flatMap((item) => Object.values(item).flatMap(({ responses }) => Object.keys(responses ?? {})));
    expect(explained).toEqual([...new Set(used)].filter((status) => status !== '200').sort());
  });
});

describe('what the documents show exists', () => {
  const documents = ['docs/api.md', 'docs/cards.md', 'docs/decision-log.md'];

  it.each(documents)('links of %s', (file) => {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(
      ([, link = '']) => link,
    );
    expect(links.length).toBeGreaterThan(0);
    const broken = links.filter(
      (link) => !link.startsWith('https://') && !existsSync(join(dirname(file), link)),
    );
    expect(broken).toEqual([]);
  });

  it('every operation has a call in docs/api.md, and every call is an operation', () => {
    const text = readFileSync('docs/api.md', 'utf8').replaceAll('\\\n', ' ');
    const called = new Set(
      [...text.matchAll(/^curl ([\s\S]*?)\$EPSOM([^\s"?]*)/gm)].map(([, options = '', path = '']) => {
        const method = /--data|-X POST/.test(options) ? 'post' : 'get';
        const place = path
          .replaceAll('\\', '')
          .replace(/^(\/cds-services)\/[^/]+/, '$1/{id}')
          .replace(/^(\/decisions|\/rules)\/(?!export)[^/]+/, '$1/{id}')
          .replace(/^(\/fhir\/[A-Z][A-Za-z]+)\/(?!\$)[^/]+/, '$1/{id}');
        return `${method} ${place}`;
      }),
    );
    const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
      ['get', 'post'].filter((method) => method in item).map((method) => `${method} ${path}`),
    );
    expect([...called].sort()).toEqual(operations.sort());
  });
});

// --- The three exchanges -----------------------------------------------------------------------------------

interface Answer {
  decisionId: string;
  decidedAt: string;
  ruleset: { digest: string; version: string };
  cards: Card[];
  evaluations: Evaluation[];
  facts: {
    fact: string;
    params: Record<string, unknown>;
    state: string;
    value?: unknown;
    evidence: unknown[];
  }[];
  chart: Chart;
  notices: Notice[];
}

/**
 * Without what changes from call to call; and short enough to read: of rules that did not fire only what they
 * said, and only facts that rest on something.
 */
function steady(answer: Answer): Answer {
  const copy = structuredClone(answer);
  copy.evaluations = copy.evaluations.map((evaluation) =>
    evaluation.outcome === 'fired'
      ? evaluation
      : ({ rule: evaluation.rule, outcome: evaluation.outcome, missing: evaluation.missing } as Evaluation),
  );
  copy.facts = copy.facts.filter(({ evidence }) => evidence.length > 0);
  copy.decisionId = '(decision id)';
  copy.decidedAt = '(now)';
  copy.ruleset.digest = '(digest)';
  for (const card of copy.cards) {
    card.uuid = '(uuid)';
    for (const suggestion of card.suggestions ?? []) suggestion.uuid = '(uuid)';
  }
  return copy;
}

let running: Running;
beforeAll(async () => {
  const now = () => new Date('2026-01-31T12:00:00Z');
  running = await start(readSettings({ PORT: '0' }), { memory: true, now });
});
afterAll(() => running.close());

const queries = {
  'low-magnesium': 'at=2026-01-31T12:00:00Z',
  'no-unit': 'at=2026-01-31T12:00:00Z',
  'iv-magnesium-myasthenia': 'hook=order-sign&at=2026-01-31T12:00:00Z',
} as const;
type Example = keyof typeof queries;

async function answerTo(name: Example): Promise<Answer> {
  const answer = await fetch(`${running.url}/evaluate?${queries[name]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: readFileSync(`docs/examples/${name}.json`),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Answer;
}

const named = (answer: Answer, rule: string): Evaluation | undefined =>
  answer.evaluations.find((evaluation) => evaluation.rule === rule);
const cardOf = (answer: Answer, rule: string): Card | undefined =>
  answer.cards.find(({ source }) => source.topic.code === rule);

describe('the exchanges of docs/examples', () => {
  it.each(Object.keys(queries) as Example[])('%s.json is answered as committed', async (name) => {
    const answer = await answerTo(name);
    const exchange = {
      request: `POST /evaluate?${queries[name]}`,
      body: `${name}.json`,
      status: 200,
      answer: steady(answer),
    };
    const file = `docs/examples/${name}.expected.json`;
    if (update) writeFileSync(file, `${JSON.stringify(exchange, null, 2)}\n`);
    expect(exchange).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    expect(invariantProblems({ cards: answer.cards })).toEqual([]);
  });

  it('low-magnesium.json: 0.9 mg/dL fires MG-001 as a critical card that says the value', async () => {
    const answer = await answerTo('low-magnesium');
    expect(named(answer, 'MG-001')).toMatchObject({ outcome: 'fired', shown: true, missing: [] });
    const card = cardOf(answer, 'MG-001');
    expect(card?.indicator).toBe('critical');
    expect(card?.summary).toContain('0.9 mg/dL');
    expect(card?.detail).toContain('2026-01-31 11:00');
    expect(answer.cards[0]).toEqual(card);
  });

  it('docs/cards.md shows the card of low-magnesium.json as it is', async () => {
    const [card] = (await answerTo('low-magnesium')).cards;
    const expected = `\`\`\`markdown\n${card?.indicator}: ${card?.summary}\n\n${card?.detail}\n\`\`\``;
    expect(section('docs/cards.md', 'card', expected)).toBe(expected);
  });

  it('low-magnesium.json: eGFR 68, MG-013 shown, DQ-004 not shown, RF-001 open, as docs/api.md tells', async () => {
    const answer = await answerTo('low-magnesium');
    const [egfr] = answer.facts.filter(({ fact }) => fact === 'egfr');
    expect(Math.round(Number(egfr?.value))).toBe(68);
    expect(named(answer, 'MG-013')).toMatchObject({ outcome: 'fired', shown: true });
    expect(named(answer, 'DQ-004')).toMatchObject({ outcome: 'fired', shown: false });
    expect(named(answer, 'RF-001')).toMatchObject({ outcome: 'indeterminate' });
    const { allergies, encounter } = answer.chart.completeness;
    expect([allergies, encounter]).toEqual(['absent', 'absent']);
  });

  it('low-magnesium.json: the drugs are taken for omeprazole since 2024 and furosemide', async () => {
    const { chart } = await answerTo('low-magnesium');
    const therapy = chart.medications.map(({ role, ingredients }) => [
      role,
      ...ingredients.map(({ name }) => name),
    ]);
    expect(therapy).toEqual([
      ['active', 'omeprazole'],
      ['active', 'furosemide'],
    ]);
    expect(chart.medications[0]?.started?.from).toBe(Date.UTC(2024, 0, 15));
  });

  it('no-unit.json: 0.9 without a unit is no magnesium value, and a notice says so', async () => {
    const answer = await answerTo('no-unit');
    expect(answer.notices).toContainEqual(
      expect.objectContaining({ code: 'unit-missing', reference: 'Observation/magnesium' }),
    );
    const results = answer.chart.labs.filter(({ test }) => test === 'magnesium');
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ used: false, value: null });
    const asked = answer.facts.filter(({ fact, params }) => fact === 'lab' && params.test === 'magnesium');
    expect(asked.length).toBeGreaterThan(0);
    for (const fact of asked) expect(fact).not.toHaveProperty('value');
  });

  it('no-unit.json: MG-001 is indeterminate, says what it needs, and shows nothing', async () => {
    const answer = await answerTo('no-unit');
    const evaluation = named(answer, 'MG-001');
    expect(evaluation).toMatchObject({ outcome: 'indeterminate', shown: false });
    expect(evaluation?.missing.join()).toContain('lab magnesium within P3D');
    expect(answer.cards.filter(({ source }) => source.topic.code.startsWith('MG-'))).toEqual([]);
    expect(named(answer, 'DQ-001')).toMatchObject({ outcome: 'fired' });
  });

  it('no-unit.json: differs from low-magnesium.json in the unit alone', () => {
    const read = (name: Example) => JSON.parse(readFileSync(`docs/examples/${name}.json`, 'utf8'));
    const [whole, without] = [read('low-magnesium'), read('no-unit')];
    expect(without.entry[1].resource.valueQuantity).toEqual({ value: 0.9 });
    without.entry[1].resource.valueQuantity = whole.entry[1].resource.valueQuantity;
    expect(without).toEqual(whole);
  });

  it('iv-magnesium-myasthenia.json: IV-001 is critical and offers to delete draft-1', async () => {
    const answer = await answerTo('iv-magnesium-myasthenia');
    expect(named(answer, 'IV-001')).toMatchObject({ outcome: 'fired', shown: true });
    const card = cardOf(answer, 'IV-001');
    expect(card?.indicator).toBe('critical');
    const actions = card?.suggestions?.flatMap((suggestion) => suggestion.actions) ?? [];
    expect(actions).toContainEqual(
      expect.objectContaining({ type: 'delete', resourceId: 'MedicationRequest/draft-1' }),
    );
  });

  it('iv-magnesium-myasthenia.json: 2 g over an hour is read as 2 g/h parenteral', async () => {
    const { chart } = await answerTo('iv-magnesium-myasthenia');
    expect(chart.medications).toHaveLength(1);
    expect(chart.medications[0]).toMatchObject({
      reference: 'MedicationRequest/draft-1',
      role: 'ordered',
      route: 'parenteral',
      dosing: { instructions: [{ doses: [{ value: 2, unit: 'g' }], hours: 1 }] },
    });
  });
});

describe('what docs/api.md says of decisions', () => {
  it('the hash is SHA-256 of the canonical JSON of head and chain', async () => {
    const { decisionId } = await answerTo('low-magnesium');
    const record = (await (await fetch(`${running.url}/decisions/${decisionId}`)).json()) as Record<
      string,
      unknown
    >;
    expect(record.hash).toBe(headHashOf(record));
  });

  it.each(Object.keys(queries) as Example[])('a replay of %s.json is equal', async (name) => {
    const { decisionId, cards } = await answerTo(name);
    const replay = await fetch(`${running.url}/decisions/${decisionId}/replay`, { method: 'POST' });
    expect(await replay.json()).toMatchObject({ equal: true, cards, differences: [] });
  });

  it('the same call again gets the same decision and the same cards', async () => {
    const call = async () => {
      const answer = await fetch(`${running.url}/cds-services/patient-view`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          hook: 'patient-view',
          hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
          context: { patientId: 'example' },
          prefetch: { all: JSON.parse(readFileSync('docs/examples/low-magnesium.json', 'utf8')) },
        }),
      });
      return { decision: answer.headers.get('epsom-decision'), body: await answer.text() };
    };
    const first = await call();
    const { cards } = JSON.parse(first.body);
    expect(cards).toMatchObject([{ source: { topic: { code: 'MG-001' } } }]);
    expect(cards[0].detail).toContain('Rule MG-013 ');
    expect(await call()).toEqual(first);
  });
});

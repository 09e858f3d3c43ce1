/**
 * The third-party corpus as a regression: every file posted to /evaluate over HTTP. It lies beside the project
 * and is no part of it; without it these tests are skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Running } from '../functions/local.ts';
import { asArray, isObject, type Json } from '../rules/fhir/json.ts';
import { invariantProblems } from './support/cds-hooks-invariants.ts';
import { type Answer, diagnostics, post, serving } from './support/serving.ts';

const corpus = resolve(import.meta.dirname, '../../shared/corpus');
const missing = !existsSync(corpus);

const files = missing
  ? []
  : readdirSync(corpus, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json') && name !== 'MANIFEST.json')
      .sort();

/** Every object in a JSON value. */
function* objectsIn(value: unknown): Generator<Json> {
  if (Array.isArray(value)) for (const entry of value) yield* objectsIn(entry);
  else if (isObject(value)) {
    yield value;
    for (const inner of Object.values(value)) yield* objectsIn(inner);
  }
}

const read = (file: string): Uint8Array => readFileSync(join(corpus, file));
const parsed = (file: string): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(read(file)).replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
};

interface ChartLab {
  reference: string;
  test: string;
  used: boolean;
  received: { value: number | null };
}

/** The quantities an Observation states with a unit, from its JSON alone: an oracle that knows nothing of ours. */
function statedWithUnit(observation: Json, value: number | null): boolean {
  for (const part of [observation, ...asArray(observation.component)]) {
    const { valueQuantity, valueString } = part;
    if (isObject(valueQuantity) && valueQuantity.value === value) {
      return Boolean(valueQuantity.unit) || Boolean(valueQuantity.code);
    }
    if (typeof valueString === 'string' && /[a-zA-Z%]/.test(valueString)) return true;
  }
  return false;
}

describe.skipIf(missing)(
  `the corpus of ${files.length} files (skipped where ../shared/corpus is absent)`,
  () => {
    let running: Running;
    const answers = new Map<string, Answer>();

    beforeAll(async () => {
      running = await serving();
      for (const file of files) answers.set(file, await post(`${running.url}/evaluate`, read(file)));
    }, 300_000);
    afterAll(() => running.close());

    test('0 crashes and 0 answers of 5xx: each is 200, or 400 or 412 with an OperationOutcome that says what to change', () => {
      const wrong = [...answers].filter(
        ([, answer]) =>
          answer.status !== 200 &&
          !(
            (answer.status === 400 || answer.status === 412) &&
            answer.body.resourceType === 'OperationOutcome' &&
            diagnostics(answer).length > 20
          ),
      );
      expect(wrong.map(([file, { status }]) => `${file}: ${status}`)).toEqual([]);
    });

    test('the refused ones are refused for what they are', () => {
      const known: [RegExp, string][] = [
        [/not JSON/, 'not JSON'],
        [/patients/, 'several patients'],
        [/nothing to evaluate/, 'nothing a rule can use'],
        [/no resource/, 'empty bundle'],
        [/hook/, 'a withdrawn hook'],
        [/patientId|patient data/, 'a hook request without patient data'],
      ];
      const reasons = new Map<string, number>();
      for (const answer of answers.values()) {
        if (answer.status === 200) continue;
        const message = diagnostics(answer);
        const reason = known.find(([words]) => words.test(message))?.[1] ?? message;
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      const evaluated = [...answers.values()].filter(({ status }) => status === 200).length;
      console.info(`corpus: ${evaluated} evaluated; refused: ${JSON.stringify(Object.fromEntries(reasons))}`);
      expect(reasons.get('not JSON')).toBe(3);
      expect([...reasons.keys()].filter((reason) => reason.length > 40)).toEqual([]);
    });

    test('0 values used with a guessed unit: every used value states one in the file', () => {
      const guessed: string[] = [];
      let used = 0;
      for (const [file, { status, body }] of answers) {
        if (status !== 200) continue;
        const observations = [...objectsIn(parsed(file))].filter((one) => one.resourceType === 'Observation');
        for (const lab of (body.chart as { labs: ChartLab[] }).labs) {
          if (!lab.used) continue;
          used += 1;
          const own = observations.filter((one) => lab.reference.endsWith(String(one.id ?? '')));
          const from = own.length > 0 ? own : observations;
          if (!from.some((one) => statedWithUnit(one, lab.received.value)))
            guessed.push(`${file} ${lab.reference}`);
        }
      }
      console.info(`corpus: ${used} values used`);
      expect(used).toBeGreaterThan(100);
      expect(guessed).toEqual([]);
    });

    test('the cards of every answer keep the published invariants of CDS Hooks', () => {
      const problems = [...answers].flatMap(([file, { status, body }]) =>
        status === 200
          ? invariantProblems({ cards: body.cards }).map((problem) => `${file}: ${problem}`)
          : [],
      );
      expect(problems).toEqual([]);
    });

    test('of the medications that count, the share not matched to an ingredient stays below a tenth', () => {
      const seen = { all: 0, unresolved: 0 };
      for (const { status, body } of answers.values()) {
        if (status !== 200) continue;
        for (const { role, resolvedBy } of (
          body.chart as { medications: { role: string; resolvedBy: string }[] }
        ).medications) {
          if (role === 'inactive') continue;
          seen.all += 1;
          if (resolvedBy === 'unresolved') seen.unresolved += 1;
        }
      }
      console.info(
        `corpus: ${seen.unresolved} of ${seen.all} active or ordered medications not matched to an ingredient`,
      );
      expect(seen.all).toBeGreaterThan(50);
    });

    describe('the digoxin requests of HL7/PDDI-CDS', () => {
      const file = 'pddi-cds/digoxin-cyclosporine-order-select-no-coordination.json';
      const at = '2020-03-30T12:00:00Z';
      interface HookFile {
        hook: string;
        context: { draftOrders: { entry: object[] } };
        prefetch: Record<string, Json>;
      }
      const request = () => parsed(file) as HookFile;
      const bundleOf = ({ context, prefetch }: HookFile, magnesium?: number) => ({
        resourceType: 'Bundle',
        type: 'collection',
        entry: [
          ...context.draftOrders.entry,
          ...Object.values(prefetch).flatMap((bundle) => asArray(bundle.entry)),
        ].map((entry) => {
          const copy = structuredClone(entry) as {
            resource: { id: string; valueQuantity?: { value: number } };
          };
          if (magnesium !== undefined && copy.resource.id === 'o303' && copy.resource.valueQuantity) {
            copy.resource.valueQuantity.value = magnesium;
          }
          return copy;
        }),
      });
      const hookFiles = files.filter((name) => typeof (parsed(name) as Json | null)?.hook === 'string');

      test.each(hookFiles)(
        '%s posted to the service of its hook: valid, or a clear 404 for a withdrawn hook, or 412',
        async (name) => {
          const body = parsed(name) as HookFile;
          const answer = await post(`${running.url}/cds-services/${body.hook}`, body);
          if (body.hook === 'medication-prescribe') {
            expect(answer.status).toBe(404);
            expect(diagnostics(answer)).toContain('patient-view, order-select, order-sign');
          } else if (name.endsWith('order-select-bad.json')) {
            // Null under keys that are none of ours is no data about the patient.
            expect([answer.status, diagnostics(answer)]).toEqual([412, expect.stringContaining('prefetch')]);
          } else {
            expect(answer.status, diagnostics(answer)).toBe(200);
            expect(invariantProblems(answer.body)).toEqual([]);
          }
        },
      );

      test('magnesium 0.8 mmol/L under a mass code is read as 0.8 mmol/L (1.94 mg/dL), with a notice that they disagree', async () => {
        const answer = await post(`${running.url}/evaluate?hook=order-select&at=${at}`, bundleOf(request()));
        const { labs } = answer.body.chart as { labs: (ChartLab & { value: number; statedUnit: string })[] };
        const magnesium = labs.find((lab) => lab.test === 'magnesium');
        expect(magnesium).toMatchObject({ used: true, statedUnit: 'mmol/L', received: { value: 0.8 } });
        expect(magnesium?.value).toBeCloseTo(1.944, 3);
        expect(answer.body.notices).toContainEqual(
          expect.objectContaining({ code: 'unit-code-mismatch', reference: 'Observation/o303' }),
        );
        const shown = (answer.body.evaluations as { rule: string; shown: boolean }[]).flatMap((one) =>
          one.shown ? one.rule : [],
        );
        // Digoxin with cyclosporine is what these requests are about.
        expect(shown.filter((rule) => /^DG-00[456]$/.test(rule))).toHaveLength(1);
        expect(shown.filter((rule) => rule.startsWith('MG-'))).toEqual([]);
      });

      test('the same with 0.4 mmol/L fires MG-001, and the card says that unit and code disagree', async () => {
        for (const hook of ['patient-view', 'order-select']) {
          const answer = await post(
            `${running.url}/evaluate?hook=${hook}&at=${at}`,
            bundleOf(request(), 0.4),
          );
          const cards = answer.body.cards as {
            source: { topic: { code: string } };
            summary: string;
            detail: string;
          }[];
          const card = cards.find(({ source }) => source.topic.code === 'MG-001');
          expect(card?.summary).toContain('0.4 mmol/L');
          expect(card?.detail).toContain('contradicts LOINC 19123-9');
        }
      });
    });
  },
);

/**
 * Work and records grow with what comes, not with its square: every shape of bench/growth-shapes.ts at two sizes. What
 * is counted is how often the request and the chart are read, not time. `npm run growth` measures time.
 */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Shape, shapes } from '../../bench/growth-shapes.ts';
import { type Decision, type DecisionRequest, decide, decideChart } from '../../rules/decide.ts';
import { canonicalJson } from '../../rules/digest/digest.ts';
import { type Hook, isHook } from '../../rules/fhir/hooks.ts';
import type { Json } from '../../rules/fhir/json.ts';
import { Refused } from '../../rules/intake/refused.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { recordOf } from '../../rules/record.ts';
import type { RequestMetadata } from '../../rules/record-types.ts';

const ruleset = shippedRuleset();
const now = new Date().toISOString();
const clock = { decisionId: '0'.repeat(32), decidedAt: now, evaluatedAt: now };
const asked: RequestMetadata = {
  tenant: 't',
  client: 'c',
  service: 's',
  hook: null,
  hookInstance: null,
  user: null,
  requestDigest: 'sha256:0',
  receivedAt: now,
};

function hookOf({ path }: Shape): Hook {
  const name = path.split('/')[2];
  return name !== undefined && isHook(name) ? name : 'patient-view';
}

function requestOf(shape: Shape, body: Json): DecisionRequest {
  const hook = hookOf(shape);
  return shape.path === '/evaluate'
    ? { hook, bundle: body, patient: null }
    : { hook, context: body.context as Json, prefetch: body.prefetch, fhirServer: body.fhirServer };
}

/** The same value, of which every reading of a member is counted. */
function counted<T extends object>(value: T, count: () => void): T {
  const known = new WeakMap<object, object>();
  const wrap = <O extends object>(inner: O): O => {
    const seen = known.get(inner);
    if (seen) return seen as O;
    const proxy = new Proxy(inner, {
      get(target, name, receiver) {
        count();
        const found: unknown = Reflect.get(target, name, receiver);
        return typeof found === 'object' && found !== null ? wrap(found) : found;
      },
    });
    known.set(inner, proxy);
    return proxy;
  };
  return wrap(value);
}

/** How often the request is read on the way to a chart, and the chart on the way to cards. */
function readingsOf(shape: Shape, n: number): number {
  const body = JSON.parse(JSON.stringify(shape.body(n))) as Json;
  let count = 0;
  const add = (): void => {
    count += 1;
  };
  try {
    const { chart, notices, patientId } = decide(requestOf(shape, counted(body, add)), ruleset, clock);
    decideChart(hookOf(shape), patientId, counted(structuredClone(chart), add), notices, ruleset, clock);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
  return count;
}

/** The record of a request, and bytes of both. */
function recorded(shape: Shape, n: number): { sent: number; kept: number; stored: number } | null {
  const text = JSON.stringify(shape.body(n));
  let decision: Decision;
  try {
    decision = decide(requestOf(shape, JSON.parse(text) as Json), ruleset, clock);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
  const record = canonicalJson(recordOf(decision, asked, {}));
  return { sent: text.length, kept: record.length, stored: gzipSync(record).length };
}

/** A row for each rule, and for each fact the first of what it rests on: so much a record has whatever came. */
const fixedPart = 140_000;

describe.each(shapes.map((shape) => [shape.name, shape] as const))('%s', (_, shape) => {
  test('four times as much is read at most 1.2 powers as often', () => {
    const [few, many] = [readingsOf(shape, 30), readingsOf(shape, 120)];
    expect(Math.log(many / few) / Math.log(4)).toBeLessThanOrEqual(1.2);
  });

  test.each([10, 100, 1000])(
    'of %i the record is stored in at most three times the request, or 8 KB',
    (n) => {
      const sizes = recorded(shape, n);
      if (sizes === null) return;
      expect(sizes.stored).toBeLessThanOrEqual(Math.max(8192, 3 * sizes.sent));
      expect(sizes.kept).toBeLessThanOrEqual(fixedPart + 3 * sizes.sent);
    },
  );
});

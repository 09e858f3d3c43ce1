/**
 * Stands in for `vitest` where mutants are tried: the same words, but the tests are kept as functions, to be run as
 * often as there are mutants. Only what the suites of the pure ring use.
 */
import { format } from 'node:util';
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  addCustomEqualityTesters,
  chai,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';

type Body = (...given: never[]) => unknown;

export interface KeptTest {
  file: string;
  name: string;
  /** Throws, or rejects, where the test fails. */
  run: () => unknown;
}

interface Scope {
  parent: Scope | null;
  beforeAll: Body[];
  beforeEach: Body[];
  afterEach: Body[];
  isReady: boolean;
}

const scopeIn = (parent: Scope | null): Scope => ({
  parent,
  beforeAll: [],
  beforeEach: [],
  afterEach: [],
  isReady: false,
});

export const kept: KeptTest[] = [];
let file = '';
let scope = scopeIn(null);
let names: string[] = [];

/** What follows is of this file. */
export function beginFile(path: string): void {
  file = path;
  scope = scopeIn(null);
  names = [];
}

const call = (body: Body, given: readonly unknown[] = []): unknown => body(...(given as never[]));

async function prepare(own: Scope): Promise<void> {
  if (own.parent) await prepare(own.parent);
  if (own.isReady) return;
  own.isReady = true;
  for (const body of own.beforeAll) await call(body);
}

const chainOf = (own: Scope): Scope[] => (own.parent ? [...chainOf(own.parent), own] : [own]);

function keep(name: string, body: Body, given: readonly unknown[] = [], isFailure = false): void {
  const own = scope;
  const chain = chainOf(own);
  const inFull = async (): Promise<void> => {
    await prepare(own);
    for (const one of chain.flatMap((each) => each.beforeEach)) await call(one);
    try {
      await call(body, given);
    } finally {
      for (const one of chain.toReversed().flatMap((each) => each.afterEach)) await call(one);
    }
  };
  const isPlain = (): boolean =>
    chain.every((one) => one.isReady && one.beforeEach.length + one.afterEach.length === 0);
  // Most tests need no waiting, and there are millions of runs.
  const once = (): unknown => (isPlain() ? call(body, given) : inFull());
  const failing = async (): Promise<void> => {
    const hasFailed = await (async () => once())().then(
      () => false,
      () => true,
    );
    if (!hasFailed) throw new Error('was to fail');
  };
  kept.push({ file, name: [...names, name].join(' > '), run: isFailure ? failing : once });
}

function enter(name: string, body: Body, given: readonly unknown[] = []): void {
  const outer = scope;
  scope = scopeIn(outer);
  names = [...names, name];
  call(body, given);
  scope = outer;
  names = names.slice(0, -1);
}

/** Only what the title has a place for. */
const titleOf = (name: string, given: readonly unknown[]): string => {
  const places = name.match(/%[sdifjo]/g)?.length ?? 0;
  const title = format(name, ...given.slice(0, places));
  const [first] = given;
  return typeof first === 'object' && first !== null
    ? title.replace(/\$(\w+)/g, (_, key: string) => String(Reflect.get(first, key)))
    : title;
};
const spread = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : [row]);

/** `describe` or `it` with `each` and `skipIf`; options between the name and the body are times, which nobody counts. */
function suite(take: (name: string, body: Body, given?: readonly unknown[]) => void) {
  const one = (name: string, ...rest: unknown[]): void => {
    const body = rest.find((part) => typeof part === 'function');
    if (body) take(name, body as Body);
  };
  const each =
    (table: readonly unknown[]) =>
    (name: string, ...rest: unknown[]): void => {
      const body = rest.find((part) => typeof part === 'function');
      for (const row of table) if (body) take(titleOf(name, spread(row)), body as Body, spread(row));
    };
  const skip = Object.assign(() => {}, { each: () => () => {} });
  const whole = Object.assign(one, { each, skip });
  return Object.assign(whole, { skipIf: (isSkipped: unknown) => (isSkipped ? skip : whole) });
}

export const describe = suite(enter);
export const it = Object.assign(
  suite((name, body, given) => keep(name, body, given)),
  { fails: suite((name, body, given) => keep(name, body, given, true)) },
);
export const test = it;

export const beforeAll = (body: Body): number => scope.beforeAll.push(body);
export const beforeEach = (body: Body): number => scope.beforeEach.push(body);
export const afterEach = (body: Body): number => scope.afterEach.push(body);
/** What is to be closed is closed with the process. */
export const afterAll = (): void => {};

/** No suite of the pure ring replaces anything. */
export const vi = {};

// As vitest makes its own: https://github.com/vitest-dev/vitest/blob/v4.1.12/packages/vitest/src/integrations/chai/index.ts
chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
export const expect = Object.assign(
  (value: unknown, message?: string) => {
    const state = getState(expect as never);
    setState({ assertionCalls: (state?.assertionCalls ?? 0) + 1 }, expect as never);
    return chai.expect(value, message);
  },
  chai.expect,
  Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT),
  {
    getState: () => getState(expect as never),
    setState: (state: object) => setState(state, expect as never),
    addEqualityTesters: addCustomEqualityTesters,
  },
);
Reflect.set(globalThis, GLOBAL_EXPECT, expect);
setState(
  { assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null },
  expect as never,
);

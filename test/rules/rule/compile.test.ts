import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordAllMissing } from '../../../rules/cards/wording.ts';
import { buildChart } from '../../../rules/chart/chart.ts';
import { evaluateRule } from '../../../rules/evaluation/evaluate-rule.ts';
import { evaluateAll } from '../../../rules/evaluation/findings.ts';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import { createContext } from '../../../rules/facts/context.ts';
import type { EvaluationContext, Evidence, Fact } from '../../../rules/facts/fact.ts';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import type { Range } from '../../../rules/logic/range.ts';
import { compareRange } from '../../../rules/logic/range.ts';
import { all, any, not, type Truth } from '../../../rules/logic/truth.ts';
import {
  type CompiledRule,
  compileRule,
  evidenceOfRule,
  missingOf,
  traceOf,
  uncheckedExemptions,
} from '../../../rules/rule/compile.ts';
import type { Condition, Conditions, Leaf } from '../../../rules/rule/conditions.ts';
import { parseRule, type Rule } from '../../../rules/rule/document.ts';
import {
  createFactStore,
  type FactRequest,
  FactRequests,
  type FactStore,
  requestKey,
} from '../../../rules/rule/fact-store.ts';
import { decisiveLeaves, type Trace } from '../../../rules/rule/trace.ts';

const truths: readonly Truth[] = [true, false, null];
const word = (truth: Truth): string => (truth === null ? 'unknown' : String(truth));

// Any valid rule will do: only its conditions matter here.
const [shipped] = shippedRuleset().rules;
if (!shipped) throw new Error('the library is empty');
const { supersedes: _, relevantTo: __, unless: ___, ...base } = shipped.rule;
const ruleOf = (conditions: Conditions, unless?: Conditions): Rule => ({
  ...base,
  conditions,
  ...(unless ? { unless } : {}),
});

const leafNames = ['dialysis', 'asthma', 'migraine', 'diabetes'] as const;
type LeafName = (typeof leafNames)[number];
const leaf = (name: LeafName): Leaf => ({
  fact: 'condition',
  params: { groups: [name], status: 'active' },
  operator: 'equal',
  value: true,
});
const isLeafName = (name: unknown): name is LeafName => leafNames.some((known) => known === name);
const nameOf = ({ params }: { params: Record<string, unknown> }): LeafName => {
  const [name] = Array.isArray(params.groups) ? params.groups : [];
  if (!isLeafName(name)) throw new Error('not a leaf of this test');
  return name;
};

type Assignment = Readonly<Partial<Record<LeafName, Truth>>>;
const truthOf = (assignment: Assignment, name: LeafName): Truth => {
  const truth = assignment[name];
  if (truth === undefined) throw new Error(`no truth for ${name}`);
  return truth;
};
const factOf = (truth: Truth, name: LeafName): Fact =>
  truth === null
    ? { state: 'missing', cause: 'absent', reasons: [], evidence: [] }
    : {
        state: 'known',
        value: truth,
        evidence: [
          { reference: `Condition/${name}`, used: { kind: 'condition', group: name }, time: null, notes: [] },
        ],
      };
const factsFor =
  (questions: FactRequests, assignment: Assignment): FactStore =>
  (index) => {
    const question = questions.list[index];
    if (!question) throw new Error(`no question ${index}`);
    const name = nameOf(question);
    return factOf(truthOf(assignment, name), name);
  };

/** Strong Kleene logic as arithmetic: 0 is false, 1/2 unknown, 1 true; and is min, or is max, not is 1 - x. */
const numberOf = (truth: Truth): number => (truth === null ? 0.5 : truth ? 1 : 0);
function oracle(node: Condition, assignment: Assignment): number {
  if ('all' in node) return Math.min(...node.all.map((child) => oracle(child, assignment)));
  if ('any' in node) return Math.max(...node.any.map((child) => oracle(child, assignment)));
  if ('not' in node) return 1 - oracle(node.not, assignment);
  return numberOf(truthOf(assignment, nameOf(node)));
}

const assignmentsOf = (names: readonly LeafName[]): Assignment[] =>
  names.reduce<Assignment[]>(
    (list, name) => list.flatMap((assignment) => truths.map((truth) => ({ ...assignment, [name]: truth }))),
    [{}],
  );

/** All lists of 1 to `length` members, with repetition. */
const listsOf = <T>(members: readonly T[], length: number): T[][] =>
  length === 0
    ? []
    : [
        ...members.map((member) => [member]),
        ...listsOf(members, length - 1).flatMap((list) => members.map((member) => [member, ...list])),
      ];

describe('three-valued logic', () => {
  it.each(listsOf(truths, 3).map((parts) => ({ parts, words: parts.map(word).join(', ') })))(
    'all and any of $words are the least and the greatest of them',
    ({ parts }) => {
      expect(numberOf(all(parts))).toBe(Math.min(...parts.map(numberOf)));
      expect(numberOf(any(parts))).toBe(Math.max(...parts.map(numberOf)));
    },
  );

  it.each([
    [true, false],
    [false, true],
    [null, null],
  ] as const)('not %j is %j', (truth, expected) => {
    expect(not(truth)).toBe(expected);
  });
});

describe('a compiled tree', () => {
  const names = ['dialysis', 'asthma', 'migraine'] as const;
  const leaves: Condition[] = names.map(leaf);
  const once: Conditions[] = [
    ...leaves.map((child) => ({ not: child })),
    ...[1, 2, 3, 4, 5, 6, 7].flatMap((bits) => {
      const chosen = leaves.filter((_leaf, index) => bits & (1 << index));
      return [{ all: chosen }, { any: chosen }];
    }),
  ];
  const twice: Conditions[] = [
    ...once.map((child) => ({ not: child })),
    ...listsOf([...leaves, ...once], 3).flatMap((list) => [{ all: list }, { any: list }]),
  ];
  const assignments = assignmentsOf(names);

  it(`is what Kleene's tables say, for 27 assignments of all 17 trees of depth 1 and 16,857 of depth 2`, () => {
    expect([once.length, twice.length, assignments.length]).toEqual([17, 16_857, 27]);
    const wrong: string[] = [];
    const outcomes = { fired: 0, 'not-fired': 0, indeterminate: 0, error: 0 };
    const numberOfOutcome = { fired: 1, 'not-fired': 0, indeterminate: 0.5, error: -1 };
    for (const tree of [...once, ...twice]) {
      const questions = new FactRequests();
      const compiled = compileRule(ruleOf(tree), questions);
      for (const assignment of assignments) {
        const facts = factsFor(questions, assignment);
        const expected = oracle(tree, assignment);
        const truth = compiled.conditions.test(facts);
        const { outcome } = evaluateRule(compiled, facts);
        outcomes[outcome] += 1;
        if (numberOf(truth) !== expected || numberOfOutcome[outcome] !== expected) {
          wrong.push(`${JSON.stringify(tree)} ${JSON.stringify(assignment)}: ${word(truth)}, ${outcome}`);
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(outcomes.error).toBe(0);
    // Every outcome occurs often: the trees are not all of one kind.
    for (const count of [outcomes.fired, outcomes['not-fired'], outcomes.indeterminate]) {
      expect(count).toBeGreaterThan(50_000);
    }
  });

  it('has the same truth in its trace at every node, for every tree of depth 1 inside all, any and not', () => {
    const holds = (trace: Trace, node: Condition, assignment: Assignment): boolean => {
      if (numberOf(trace.truth) !== oracle(node, assignment)) return false;
      if ('all' in node) {
        return 'all' in trace && node.all.every((child, i) => at(trace.all, i, child, assignment));
      }
      if ('any' in node) {
        return 'any' in trace && node.any.every((child, i) => at(trace.any, i, child, assignment));
      }
      if ('not' in node) return 'not' in trace && holds(trace.not, node.not, assignment);
      return 'question' in trace && nameOf(trace) === nameOf(node);
    };
    const at = (
      traces: readonly Trace[],
      index: number,
      node: Condition,
      assignment: Assignment,
    ): boolean => {
      const trace = traces[index];
      return trace !== undefined && holds(trace, node, assignment);
    };
    for (const tree of once) {
      for (const around of [
        { all: [tree, leaf('dialysis')] },
        { any: [leaf('asthma'), tree] },
        { not: tree },
      ]) {
        const questions = new FactRequests();
        const compiled = compileRule(ruleOf(around), questions);
        for (const assignment of assignments) {
          const trace = compiled.conditions.trace(factsFor(questions, assignment));
          expect(holds(trace, around, assignment), JSON.stringify({ around, assignment })).toBe(true);
        }
      }
    }
  });

  it('without exemptions or relevant classes has none', () => {
    const compiled = compileRule(ruleOf({ all: [leaf('dialysis')] }), new FactRequests());
    expect(compiled).toMatchObject({ unless: null, exemptions: [], exemptionOf: [], relevant: null });
  });

  it('asks each question once, however often it stands in the rule', () => {
    const questions = new FactRequests();
    const tree = { all: [leaf('dialysis'), { any: [leaf('dialysis'), leaf('asthma')] }] };
    const compiled = compileRule(ruleOf(tree, { all: [leaf('asthma')] }), questions);
    expect(questions.list).toHaveLength(2);
    expect(compiled.requests).toEqual([0, 1]);
    expect(compiled.exemptions).toEqual([1]);
  });

  it('has one key for the same parameters in any order, and another for others', () => {
    expect(requestKey('lab', { b: 1, a: 'x', c: true })).toBe('lab [["a","x"],["b",1],["c",true]]');
    const one = requestKey('lab', { test: 'magnesium', unit: 'mg/dL', within: 'P3D' });
    expect(requestKey('lab', { within: 'P3D', unit: 'mg/dL', test: 'magnesium' })).toBe(one);
    expect(requestKey('lab', { within: 'P30D', unit: 'mg/dL', test: 'magnesium' })).not.toBe(one);
    expect(requestKey('hasLab', { test: 'magnesium', unit: 'mg/dL', within: 'P3D' })).not.toBe(one);
  });
});

describe('the leaves that carry the answer', () => {
  const { tree } = fc.letrec<{ tree: Conditions; node: Condition }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...leafNames).map(leaf),
      tie('tree'),
    ),
    tree: fc.oneof(
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((list) => ({ all: list })),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((list) => ({ any: list })),
      tie('node').map((child) => ({ not: child })),
    ),
  }));
  const truth = fc.constantFrom(...truths);
  const assignment = fc.record({ dialysis: truth, asthma: truth, migraine: truth, diabetes: truth });
  const decisive = (
    node: Conditions,
    given: Assignment,
  ): { whole: Truth; found: Map<LeafName, Set<Truth>> } => {
    const questions = new FactRequests();
    const trace = compileRule(ruleOf(node), questions).conditions.trace(factsFor(questions, given));
    const found = new Map<LeafName, Set<Truth>>();
    for (const one of decisiveLeaves(trace, trace.truth)) {
      const name = nameOf(one);
      found.set(name, (found.get(name) ?? new Set<Truth>()).add(one.truth));
    }
    return { whole: trace.truth, found };
  };

  it('decide alone: whatever the others were, a tree that is true or false would stay so', () => {
    fc.assert(
      fc.property(tree, assignment, assignment, (node, given, others) => {
        const { whole, found } = decisive(node, given);
        if (whole === null) return true;
        const changed = { ...others };
        for (const name of found.keys()) changed[name] = given[name];
        return found.size > 0 && oracle(node, changed) === numberOf(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of an unknown tree are all unknown, and once they are known so is the tree', () => {
    const boolean = fc.boolean();
    const answers = fc.record({ dialysis: boolean, asthma: boolean, migraine: boolean, diabetes: boolean });
    fc.assert(
      fc.property(tree, assignment, answers, (node, given, answered) => {
        const { whole, found } = decisive(node, given);
        if (whole !== null) return true;
        const changed: Record<LeafName, Truth> = { ...given };
        for (const [name, seen] of found) {
          if (seen.has(true) || seen.has(false)) return false;
          changed[name] = answered[name];
        }
        return found.size > 0 && oracle(node, changed) !== 0.5;
      }),
      { numRuns: 2_000 },
    );
  });

  it('are none when the tree has another truth than the one asked for', () => {
    const questions = new FactRequests();
    const compiled = compileRule(ruleOf({ all: [leaf('dialysis'), leaf('asthma')] }), questions);
    const trace = compiled.conditions.trace(factsFor(questions, { dialysis: true, asthma: false }));
    expect([...decisiveLeaves(trace, true)]).toEqual([]);
    expect([...decisiveLeaves(trace, null)]).toEqual([]);
    expect([...decisiveLeaves(trace, false)].map(nameOf)).toEqual(['asthma']);
  });

  it('say what an undecided rule waits for, each thing once, and not what no longer matters', () => {
    const questions = new FactRequests();
    const node: Conditions = {
      all: [leaf('dialysis'), { any: [leaf('asthma'), { all: [leaf('migraine'), leaf('asthma')] }] }],
    };
    const compiled = compileRule(ruleOf(node), questions);
    const missing = (given: Assignment): string[] =>
      wordAllMissing(missingOf(compiled, factsFor(questions, given)));
    expect(missing({ dialysis: null, asthma: true, migraine: null })).toEqual(['condition dialysis']);
    expect(missing({ dialysis: true, asthma: null, migraine: null })).toEqual([
      'condition asthma',
      'condition migraine',
    ]);
    expect(missing({ dialysis: false, asthma: null, migraine: null })).toEqual([]);
  });

  it('are the evidence of a rule that fired: of `any` only the true parts', () => {
    const questions = new FactRequests();
    const compiled = compileRule(
      ruleOf({ any: [leaf('dialysis'), leaf('asthma'), leaf('migraine')] }),
      questions,
    );
    const evidence = evidenceOfRule(
      compiled,
      factsFor(questions, { dialysis: true, asthma: null, migraine: false }),
    );
    expect(evidence.map(({ reference }) => reference)).toEqual(['Condition/dialysis']);
  });
});

describe('an exemption', () => {
  const cases: readonly { conditions: Truth; unless: Truth; outcome: string; exempt: boolean }[] = [
    { conditions: true, unless: true, outcome: 'not-fired', exempt: true },
    { conditions: true, unless: false, outcome: 'fired', exempt: false },
    { conditions: true, unless: null, outcome: 'fired', exempt: false },
    { conditions: null, unless: true, outcome: 'not-fired', exempt: true },
    { conditions: null, unless: false, outcome: 'indeterminate', exempt: false },
    { conditions: null, unless: null, outcome: 'indeterminate', exempt: false },
    { conditions: false, unless: true, outcome: 'not-fired', exempt: false },
    { conditions: false, unless: false, outcome: 'not-fired', exempt: false },
    { conditions: false, unless: null, outcome: 'not-fired', exempt: false },
  ];
  it.each(cases)(
    'that is $unless where the conditions are $conditions: $outcome',
    ({ conditions, unless, outcome, exempt }) => {
      const questions = new FactRequests();
      const compiled = compileRule(ruleOf({ all: [leaf('dialysis')] }, { any: [leaf('asthma')] }), questions);
      const facts = factsFor(questions, { dialysis: conditions, asthma: unless });
      const judgement = evaluateRule(compiled, facts);
      expect(judgement.outcome).toBe(outcome);
      expect(judgement.why).toEqual(exempt ? { code: 'exempt' } : null);
      expect(uncheckedExemptions(compiled, facts)).toMatchObject(unless === null ? [leaf('asthma')] : []);
      expect(uncheckedExemptions(compiled, facts)).toHaveLength(unless === null ? 1 : 0);
    },
  );

  it('is not named as unchecked where a part of it is false already', () => {
    const questions = new FactRequests();
    const both = { any: [{ all: [leaf('asthma'), leaf('migraine')] }] };
    const compiled = compileRule(ruleOf({ all: [leaf('dialysis')] }, both), questions);
    const namedWith = (migraine: Truth) =>
      uncheckedExemptions(compiled, factsFor(questions, { dialysis: true, asthma: null, migraine })).length;
    expect([namedWith(false), namedWith(true), namedWith(null)]).toEqual([0, 1, 2]);
  });
});

describe('comparing with a threshold', () => {
  const operators = [
    'lessThan',
    'lessThanInclusive',
    'greaterThan',
    'greaterThanInclusive',
    'equal',
  ] as const;
  type Operator = (typeof operators)[number];
  const holds: Readonly<Record<Operator, (value: number, threshold: number) => boolean>> = {
    lessThan: (value, threshold) => value < threshold,
    lessThanInclusive: (value, threshold) => value <= threshold,
    greaterThan: (value, threshold) => value > threshold,
    greaterThanInclusive: (value, threshold) => value >= threshold,
    equal: (value, threshold) => value === threshold,
  };
  /** Points of the range a quarter apart: ends and thresholds on halves lie between 2 of them, or on one. */
  const pointsOf = ({ low, high, lowOpen = false, highOpen = false }: Range): number[] => {
    const points: number[] = [];
    const last = Math.min(high, low + 20);
    for (let point = low; point <= last; point += 0.25) {
      if (!(point === low && lowOpen) && !(point === high && highOpen)) points.push(point);
    }
    return points;
  };
  const operator = fc.constantFrom(...operators);

  it('is true of a range exactly when it is of every point of it, false when of none, else unknown', () => {
    const end = fc.integer({ min: 0, max: 12 }).map((halves) => halves / 2);
    const range: fc.Arbitrary<Range> = fc
      .tuple(end, fc.oneof(end, fc.constant(Number.POSITIVE_INFINITY)), fc.boolean(), fc.boolean())
      .filter(([low, high, lowOpen, highOpen]) => low < high || (low === high && !lowOpen && !highOpen))
      .map(([low, high, lowOpen, highOpen]) => ({ low, high, lowOpen, highOpen }));
    fc.assert(
      fc.property(range, operator, end, (given, by, threshold) => {
        const answers = new Set(pointsOf(given).map((point) => holds[by](point, threshold)));
        const expected = answers.size === 1 ? answers.has(true) : null;
        return compareRange(given, by, threshold) === expected;
      }),
      { numRuns: 5_000 },
    );
  });

  it('is never decided against a point of the range, for any numbers', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(
        number,
        number,
        number,
        fc.double({ noNaN: true, min: 0, max: 1 }),
        operator,
        (a, b, threshold, share, by) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          const point = Math.min(high, Math.max(low, low + share * (high - low)));
          const answer = compareRange({ low, high }, by, threshold);
          return answer === null || answer === holds[by](point, threshold);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('of a range with both ends in it is decided by the ends', () => {
    expect(compareRange({ low: 1, high: 2 }, 'greaterThan', 1)).toBeNull();
    expect(compareRange({ low: 1, high: 2, lowOpen: true }, 'greaterThan', 1)).toBe(true);
    expect(compareRange({ low: 1, high: 2 }, 'lessThan', 2)).toBeNull();
    expect(compareRange({ low: 1, high: 2, highOpen: true }, 'lessThan', 2)).toBe(true);
    expect(compareRange({ low: 1, high: 1 }, 'equal', 1)).toBe(true);
  });

  it('of a number with a list is unknown, as is the number of a text', () => {
    const inList: Leaf = { ...lab('$.value', 'equal', 1), operator: 'in' };
    expect(judged(inList, { magnesium: known(1) })).toBeNull();
    const text: Fact = { state: 'known', value: 'low', evidence: [] };
    expect(judged(lab('$.value', 'greaterThan', 1), { magnesium: text })).toBeNull();
    expect(judged(lab('$.value', 'equal', 1), { magnesium: text })).toBeNull();
  });

  const lab = (
    path: '$.value' | '$.lowerLimit' | '$.highest',
    by: Operator,
    value: Leaf['value'],
    test = 'magnesium',
  ): Leaf => ({
    fact: 'lab',
    params: { test, unit: test === 'magnesium' ? 'mg/dL' : 'mmol/L', within: 'P3D', lowerLimit: 1.7 },
    path,
    operator: by,
    value,
  });
  const judged = (condition: Leaf, answers: Readonly<Record<string, Fact>>): Truth => {
    const questions = new FactRequests();
    const compiled = compileRule(ruleOf({ all: [condition] }), questions);
    return compiled.conditions.test((index) => {
      const fact = answers[String(questions.list[index]?.params.test)];
      if (!fact) throw new Error(`no answer to question ${index}`);
      return fact;
    });
  };
  const known = (value: number, more: { range?: Range; lowerLimit?: number } = {}): Fact => ({
    state: 'known',
    value,
    evidence: [],
    ...more,
  });
  const missing: Fact = { state: 'missing', cause: 'absent', reasons: [], evidence: [] };
  const stale: Fact = { state: 'stale', cause: 'absent', reasons: [], evidence: [] };

  it('of a plain value is plain, for 5 operators on both sides of 1.0 and on it', () => {
    for (const by of operators) {
      for (const value of [0.99, 1, 1.01]) {
        expect(judged(lab('$.value', by, 1), { magnesium: known(value) }), `${value} ${by}`).toBe(
          holds[by](value, 1),
        );
      }
    }
  });

  it.each([
    ['missing', missing],
    ['stale', stale],
  ] as const)('of a value that is %s is unknown for every operator', (_name, fact) => {
    for (const by of operators) expect(judged(lab('$.value', by, 1), { magnesium: fact })).toBeNull();
  });

  const below = { range: { low: 0, high: 0.5, highOpen: true } };
  it.each([
    ['lessThan', 1, true],
    ['lessThan', 0.5, true],
    ['lessThan', 0.4, null],
    ['greaterThan', 0.5, false],
    ['greaterThanInclusive', 0.5, false],
    ['greaterThan', 0.4, null],
    ['equal', 0.5, false],
    ['equal', 0.4, null],
  ] as const)('`< 0.5` %s %d is %j', (by, threshold, expected) => {
    expect(judged(lab('$.value', by, threshold), { magnesium: known(0.5, below) })).toBe(expected);
  });

  it.each([
    ['greaterThanInclusive', 0.5, known(0.5, below), false],
    ['greaterThanInclusive', 0.4, known(0.5, below), true],
    ['greaterThan', 0.4, known(0.5, below), true],
    ['greaterThan', 0.5, known(0.5, { range: { low: 0, high: 0.5 } }), false],
    ['greaterThanInclusive', 0.5, known(0.5, { range: { low: 0, high: 0.5 } }), true],
    ['greaterThanInclusive', 0.5, known(0.5), true],
    ['greaterThanInclusive', 0.5, known(0.4), false],
    ['greaterThanInclusive', 0.5, missing, null],
  ] as const)('the most that it may be %s %d: case %#', (by, threshold, fact, expected) => {
    expect(judged(lab('$.highest', by, threshold), { magnesium: fact })).toBe(expected);
  });

  const ownLimit = { fact: 'lab', params: lab('$.value', 'equal', 0).params, path: '$.lowerLimit' } as const;
  it.each([
    ['1.6 under its own lower limit of 1.7', known(1.6, { lowerLimit: 1.7 }), true],
    ['1.7 under 1.7', known(1.7, { lowerLimit: 1.7 }), false],
    ['1.6 under 1.5', known(1.6, { lowerLimit: 1.5 }), false],
    ['`< 0.5` under 1.7', known(0.5, { ...below, lowerLimit: 1.7 }), true],
    ['a value without a limit', known(1.6), null],
    ['no value', missing, null],
  ] as const)('%s', (_name, fact, expected) => {
    expect(judged(lab('$.value', 'lessThan', ownLimit), { magnesium: fact })).toBe(expected);
  });

  it('reads the path it is given: a lower limit of 1.5 is below 1.6, whatever the value', () => {
    const under = lab('$.lowerLimit', 'lessThan', 1.6);
    expect(judged(under, { magnesium: known(1.9, { lowerLimit: 1.5 }) })).toBe(true);
    expect(judged(under, { magnesium: known(1.0, { lowerLimit: 1.7 }) })).toBe(false);
    expect(judged(under, { magnesium: known(0.5, { ...below, lowerLimit: 1.7 }) })).toBe(false);
    expect(judged(under, { magnesium: known(1.0) })).toBeNull();
  });

  it('with another fact that is a range is decided only when all of it decides', () => {
    const other = {
      fact: 'lab',
      params: lab('$.value', 'equal', 0, 'potassium').params,
      path: '$.value',
    } as const;
    const under = lab('$.value', 'lessThan', other);
    const from = (low: number): Fact => known(low, { range: { low, high: Number.POSITIVE_INFINITY } });
    const upTo = (high: number): Fact => known(high, { range: { low: 0, high, highOpen: true } });
    expect(judged(under, { magnesium: known(1), potassium: known(2) })).toBe(true);
    expect(judged(under, { magnesium: known(1), potassium: missing })).toBeNull();
    expect(judged(under, { magnesium: known(1), potassium: upTo(4) })).not.toBe(true);
    expect(judged(under, { magnesium: known(3), potassium: from(2) })).not.toBe(false);
  });

  it.each([
    ['in a list', 'in', ['home', 'ambulatory'], 'home', true],
    ['not in a list', 'in', ['home', 'ambulatory'], 'inpatient', false],
    ['a part of a member of a list', 'in', ['home', 'ambulatory'], 'ambul', false],
    ['equal', 'equal', 'home', 'home', true],
    ['not equal', 'equal', 'home', 'Home', false],
  ] as const)('a text that is %s', (_name, by, value, found, expected) => {
    const questions = new FactRequests();
    const condition: Leaf = {
      fact: 'encounter',
      params: {},
      operator: by,
      value: typeof value === 'string' ? value : [...value],
    };
    const compiled = compileRule(ruleOf({ all: [condition] }), questions);
    expect(compiled.conditions.test(() => ({ state: 'known', value: found, evidence: [] }))).toBe(expected);
    expect(compiled.conditions.test(() => missing)).toBeNull();
  });
});

describe('a fact that throws', () => {
  const adult: Leaf = {
    fact: 'age',
    params: { unit: 'year' },
    path: '$.value',
    operator: 'greaterThanInclusive',
    value: 18,
  };
  const child: Leaf = { ...adult, operator: 'lessThan' };
  const female: Leaf = { fact: 'sex', params: {}, operator: 'equal', value: 'female' };
  const rules: readonly {
    id: string;
    conditions: Conditions;
    unless?: Conditions;
    outcome: string;
    what: string;
  }[] = [
    { id: 'ZZ-001', conditions: { all: [female] }, outcome: 'error', what: 'that needs it' },
    {
      id: 'ZZ-002',
      conditions: { all: [adult, female] },
      outcome: 'error',
      what: 'that needs it beside another',
    },
    { id: 'ZZ-003', conditions: { not: female }, outcome: 'error', what: 'that needs its opposite' },
    { id: 'ZZ-004', conditions: { all: [adult] }, outcome: 'fired', what: 'that does not ask it' },
    { id: 'ZZ-005', conditions: { any: [adult, female] }, outcome: 'fired', what: 'that is true without it' },
    {
      id: 'ZZ-006',
      conditions: { any: [female, adult] },
      outcome: 'fired',
      what: 'that is true without it, asked last',
    },
    {
      id: 'ZZ-007',
      conditions: { all: [child, female] },
      outcome: 'not-fired',
      what: 'that is false without it',
    },
    {
      id: 'ZZ-008',
      conditions: { all: [adult] },
      unless: { all: [female] },
      outcome: 'fired',
      what: 'that it would exempt',
    },
  ];
  const ruleset = createRuleset(
    rules.map(({ id, conditions, unless }) => ({
      where: id,
      json: { ...ruleOf(conditions, unless), id, name: id, event: { type: id }, hooks: ['patient-view'] },
    })),
  );
  const patient = { resourceType: 'Patient', id: '1', gender: 'female', birthDate: '1960-05-17' };
  const intake = intakeOfHook('patient-view', { patientId: '1', userId: 'Practitioner/1' }, { patient });
  const at = Date.parse('2026-01-31T12:00:00Z');
  const { chart, notices } = buildChart(intake, at);
  const context = createContext(chart, at, notices);
  const broken: FactRequest[] = ruleset.requests.map((question) =>
    question.fact === 'sex'
      ? {
          ...question,
          compute() {
            throw new Error('a bug');
          },
        }
      : question,
  );
  const evaluated = () => evaluateAll({ ...ruleset, requests: broken }, context, 'patient-view');

  it.each(rules)('leaves a rule $what: $outcome', ({ id, outcome }) => {
    const evaluation = evaluated().evaluations.find(({ rule }) => rule === id);
    expect(evaluation?.outcome).toBe(outcome);
    expect(evaluation?.shown).toBe(outcome === 'fired');
    if (outcome === 'error') expect(evaluation?.why).toEqual({ code: 'rule-failed' });
  });

  it('loses no answer: 8 evaluations, their traces and all facts can still be read', () => {
    const { evaluations, answers } = evaluated();
    expect(evaluations).toHaveLength(8);
    for (const evaluation of evaluations) expect(() => evaluation.trace()).not.toThrow();
    expect(answers()).toMatchObject([
      {
        fact: 'sex',
        state: 'missing',
        cause: 'error',
        reasons: [{ code: 'computation-failed' }],
        evidence: [],
      },
      { fact: 'age', state: 'known', value: 65 },
    ]);
  });

  it('is computed once and not again for each of 7 rules', () => {
    let asked = 0;
    const counted: FactRequest[] = ruleset.requests.map((question) => ({
      ...question,
      compute(now: EvaluationContext) {
        asked += 1;
        return question.compute(now);
      },
    }));
    evaluateAll({ ...ruleset, requests: counted }, context, 'patient-view').answers();
    expect(asked).toBe(2);
  });
});

describe('the trace of a leaf', () => {
  const condition: Leaf = {
    fact: 'lab',
    params: { test: 'magnesium', unit: 'mg/dL', within: 'P3D' },
    path: '$.value',
    operator: 'lessThan',
    value: 1,
  };
  const traced = (leafOf: Leaf, fact: Fact): Trace | undefined => {
    const trace = compileRule(ruleOf({ all: [leafOf] }), new FactRequests()).conditions.trace(() => fact);
    return 'all' in trace ? trace.all[0] : undefined;
  };
  const range = { low: 0.5, high: Number.POSITIVE_INFINITY };
  it.each<[string, Fact, object]>([
    ['a value', { state: 'known', value: 0.9, evidence: [] }, { factValue: 0.9, truth: true }],
    [
      'a range that does not decide',
      { state: 'known', value: 0.5, range, evidence: [] },
      { factValue: { low: 0.5 }, truth: null, missing: [{ code: 'not-decided' }] },
    ],
    [
      'nothing',
      { state: 'missing', cause: 'absent', reasons: [{ code: 'no-stay' }], evidence: [] },
      { factValue: 'missing', truth: null, missing: [{ code: 'no-stay' }] },
    ],
    [
      'a value that is too old',
      { state: 'stale', cause: 'absent', reasons: [{ code: 'stale', time: null }], evidence: [] },
      { factValue: 'stale', truth: null, missing: [{ code: 'stale', time: null }] },
    ],
  ])('that found %s is the condition with what was found', (_name, fact, expected) => {
    expect(traced(condition, fact)).toEqual({ ...condition, question: 0, ...expected });
  });

  it('without a path has none', () => {
    const found = traced(leaf('dialysis'), { state: 'known', value: true, evidence: [] });
    expect(found).toEqual({ ...leaf('dialysis'), question: 0, factValue: true, truth: true });
  });

  it('is made once for a rule and one set of facts', () => {
    const questions = new FactRequests();
    const [one, other] = ['dialysis', 'asthma'].map((name) =>
      compileRule(ruleOf({ all: [leaf(isLeafName(name) ? name : 'dialysis')] }), questions),
    );
    if (!one || !other) throw new Error('two rules');
    const facts = factsFor(questions, { dialysis: true, asthma: false });
    const trace = traceOf(one, facts);
    expect(trace.truth).toBe(true);
    expect(traceOf(other, facts).truth).toBe(false);
    expect(traceOf(one, facts)).toBe(trace);
    expect(traceOf(one, factsFor(questions, { dialysis: false, asthma: false })).truth).toBe(false);
  });
});

describe('the evidence of a finding', () => {
  const item = (reference: string, group: string): Evidence => ({
    reference,
    used: { kind: 'condition', group },
    time: null,
    notes: [],
  });
  const evidence = {
    dialysis: [item('Condition/1', 'dialysis'), item('Condition/1', 'dialysis')],
    asthma: [item('Condition/1', 'asthma'), item('Condition/2', 'dialysis')],
  };
  const questions = new FactRequests();
  const compiled = compileRule(ruleOf({ any: [leaf('dialysis'), leaf('asthma')] }), questions);
  const facts =
    (asthma: boolean): FactStore =>
    (index) =>
      index === 0
        ? { state: 'known', value: true, evidence: evidence.dialysis }
        : { state: 'known', value: asthma, evidence: evidence.asthma };
  it('is that of every true part', () => {
    expect(evidenceOfRule(compiled, facts(true))).toEqual([
      item('Condition/1', 'dialysis'),
      item('Condition/1', 'dialysis'),
      item('Condition/1', 'asthma'),
      item('Condition/2', 'dialysis'),
    ]);
  });
  it('of a part that is false does not count', () => {
    expect(evidenceOfRule(compiled, facts(false))).toEqual(evidence.dialysis);
  });
});

describe('the facts of one decision', () => {
  const questions = new FactRequests();
  for (const name of ['dialysis', 'asthma', 'migraine'] as const) {
    questions.of('condition', leaf(name).params);
  }
  const patient = { resourceType: 'Patient', id: '1' };
  const { chart } = buildChart(intakeOfHook('patient-view', { patientId: '1' }, { patient }), 0);
  const context = createContext(chart, 0, []);
  it('know which were asked for', () => {
    const facts = createFactStore(questions.list, context);
    expect(facts.requested?.()).toEqual([]);
    facts(2);
    facts(0);
    facts(0);
    expect(facts.requested?.()).toEqual([0, 2]);
  });
  it('are the same object each time', () => {
    const facts = createFactStore(questions.list, context);
    expect(facts(1)).toBe(facts(1));
  });
  it('answer no question that there is not', () => {
    expect(() => createFactStore(questions.list, context)(3)).toThrow('no fact request 3');
  });
});

describe('a rule that throws', () => {
  const questions = new FactRequests();
  const compiled: CompiledRule = compileRule(ruleOf({ all: [leaf('dialysis')] }), questions);
  it('is an error, and never an exception', () => {
    const bug: FactStore = () => {
      throw new Error('a bug with a name in it: Jane');
    };
    const judgement = evaluateRule(compiled, bug);
    expect(judgement.outcome).toBe('error');
    expect(judgement.why).toEqual({ code: 'rule-failed' });
  });
});

describe('the rule these tests borrow', () => {
  it('is a valid rule with the conditions of this file', () => {
    const rule = parseRule(
      structuredClone(ruleOf({ all: [leaf('dialysis')] }, { any: [leaf('asthma')] })),
      'here',
    );
    expect(rule.conditions).toEqual({ all: [leaf('dialysis')] });
  });
});

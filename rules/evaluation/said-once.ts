/**
 * One lack is said once: a finding that asks for a test, or the card of open checks that does, whichever is graver.
 */
import type { Fact } from '../facts/fact.ts';
import { restsOnPregnancy } from '../facts/kidney-in-pregnancy.ts';
import {
  isForGood,
  isForSteadyCreatinine,
  lackingTests,
  saysUnsteadyCreatinine,
  testsSaidLacking,
} from '../facts/lacks.ts';
import type { TestsAtHand } from '../facts/ordered-tests.ts';
import { type CompiledRule, traceOf } from '../rule/compile.ts';
import type { FactRequest, FactStore } from '../rule/fact-store.ts';
import { type Indicator, severityRank } from '../rule/severity.ts';
import { contributingLeaves, decisiveLeaves } from '../rule/trace.ts';
import type { LabTest } from '../terminology/labs.ts';
import { type OrderedTest, testsOrderedBy } from '../terminology/service-tests.ts';
import type { UndecidedCheck, Wait } from './open-checks.ts';

/** Tests that a finding says are lacking. */
const askedFor = (compiled: CompiledRule, facts: FactStore): LabTest[] =>
  [...decisiveLeaves(traceOf(compiled, facts), true)].flatMap(({ fact, params, question }) =>
    testsSaidLacking(fact, params, facts(question)),
  );

/** The answer once the result is there. */
const isThere: Fact = { state: 'known', value: true, evidence: [] };
/** What a result says that is normal: it satisfies no comparison. */
const normal: Fact = { state: 'known', value: Number.NaN, evidence: [] };

/** Whether nothing but the result of tests that are ordered is lacking. */
const isAwaited = (
  { fact: name, params }: FactRequest,
  fact: Fact,
  awaited: ReadonlySet<OrderedTest>,
): boolean => {
  const tests = fact.state === 'known' ? [] : lackingTests(name, params, fact);
  return tests.length > 0 && tests.every((test) => awaited.has(test));
};

/**
 * Whether a finding says nothing but that there is no result of tests that are ordered: it would not hold if they were
 * back and normal.
 */
export function asksOnlyForOrdered(
  { conditions }: CompiledRule,
  asked: readonly FactRequest[],
  facts: FactStore,
  awaited: ReadonlySet<OrderedTest>,
): boolean {
  if (awaited.size === 0) return false;
  const back: FactStore = (index) => {
    const [fact, request] = [facts(index), asked[index]];
    const tests = request ? testsSaidLacking(request.fact, request.params, fact) : [];
    if (tests.some((test) => awaited.has(test))) return isThere;
    return request && isAwaited(request, fact, awaited) ? normal : fact;
  };
  return conditions.test(back) === false;
}

/** What a finding says is lacking. */
interface SaidLacking {
  tests: ReadonlySet<OrderedTest>;
  steadyCreatinine: boolean;
}

const isLackOf =
  ({ tests, steadyCreatinine }: SaidLacking) =>
  ({ tests: own, fact }: Wait): boolean =>
    (own.length > 0 && own.every((test) => tests.has(test))) ||
    (steadyCreatinine && isForSteadyCreatinine(fact));

/** What the card of open checks is where this check stands on it. */
const graveness = ({ rule }: UndecidedCheck): Indicator =>
  rule.card.indicator === 'critical' ? 'warning' : 'info';

const isAsGrave = (one: Indicator, other: Indicator): boolean => severityRank[one] <= severityRank[other];

/** The orders of this moment that a rule rests on. */
const ordersOf = (compiled: CompiledRule, facts: FactStore): ReadonlySet<string> =>
  new Set(
    [...contributingLeaves(traceOf(compiled, facts))].flatMap(({ question }) =>
      facts(question).evidence.flatMap(({ order, reference }) => (order === 'selected' ? [reference] : [])),
    ),
  );

/** Tests that the buttons of a finding order. */
const offeredBy = ({ rule }: CompiledRule, { awaited, fresh }: TestsAtHand): ReadonlySet<OrderedTest> =>
  new Set(
    (rule.card.suggestions ?? [])
      .flatMap((one) => (one.type === 'order-service' ? testsOrderedBy([one], []) : []))
      .filter((test) => !awaited.has(test) && !fresh.has(test)),
  );

/** Of a check that is not critical: a finding about its very order offers the tests that it lacks, and it lacks no more. */
const isOfferedFor = (check: UndecidedCheck, offered: ReadonlySet<OrderedTest>): boolean =>
  check.rule.card.indicator !== 'critical' &&
  check.waits.every(({ tests }) => tests.length > 0 && tests.every((test) => offered.has(test)));

/** In pregnancy no estimate will be had; a finding that says the kidneys are impaired says what can be said. */
const isSaidOfPregnancy = ({ waits }: UndecidedCheck): boolean =>
  waits.some(({ fact }) => isForGood(fact) && fact.state === 'known' && restsOnPregnancy(fact));

const meets = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].some((each) => other.has(each));

/** Whether what is said of some orders is said of these: of another drug nobody would read it there. */
const isOfOneOf = (orders: ReadonlySet<string>, of: ReadonlySet<string>): boolean =>
  of.size === 0 || orders.size === 0 || meets(of, orders);

/**
 * Checks but for those that a finding which is shown says better, and those whose lack it says, or offers the test for, at
 * least as gravely as the card would.
 */
export function notSaidByFindings(
  checks: readonly UndecidedCheck[],
  findings: readonly CompiledRule[],
  facts: FactStore,
  atHand: TestsAtHand,
): UndecidedCheck[] {
  const asked = findings.map((finding) => ({
    indicator: finding.rule.card.indicator,
    lacking: {
      tests: new Set(askedFor(finding, facts)),
      steadyCreatinine: [...decisiveLeaves(traceOf(finding, facts), true)].some(({ fact, params }) =>
        saysUnsteadyCreatinine(fact, params),
      ),
    },
    orders: ordersOf(finding, facts),
    offered: offeredBy(finding, atHand),
    saysOfPregnancy: [...decisiveLeaves(traceOf(finding, facts), true)].some(({ question }) => {
      const fact = facts(question);
      return fact.state === 'known' && restsOnPregnancy(fact);
    }),
  }));
  const better = new Set(findings.flatMap(({ rule }) => rule.supersedes ?? []));
  const isSaid = (check: UndecidedCheck): boolean => {
    const own = ordersOf(check.compiled, facts);
    return asked.some(({ indicator, lacking, orders, offered, saysOfPregnancy }) => {
      if (!isAsGrave(indicator, graveness(check))) return false;
      if (check.waits.every(isLackOf(lacking)) && isOfOneOf(orders, own)) return true;
      return (
        meets(orders, own) && (isOfferedFor(check, offered) || (saysOfPregnancy && isSaidOfPregnancy(check)))
      );
    });
  };
  return checks.filter((check) => !better.has(check.rule.id) && (check.failed || !isSaid(check)));
}

/** Findings that say nothing but what the card of these checks says more gravely, or as gravely and with more. */
export function saidByChecks(
  checks: readonly UndecidedCheck[],
  findings: readonly CompiledRule[],
  facts: FactStore,
): CompiledRule[] {
  const said = new Set(checks.flatMap(({ waits }) => waits.flatMap(({ tests }) => tests)));
  // A creatinine gives its eGFR: whoever asks for either asks for both.
  if (said.has('creatinine')) said.add('egfr');
  return findings.filter((finding) => {
    const tests = askedFor(finding, facts);
    return (
      finding.rule.card.indicator === 'info' && tests.length > 0 && tests.every((test) => said.has(test))
    );
  });
}

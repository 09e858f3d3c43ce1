/**
 * One lack is said once: a finding that asks for a test, or the card of open checks that does, whichever is graver.
 */
import type { Fact } from '../facts/fact.ts';
import { isForSteadyCreatinine, saysUnsteadyCreatinine, testsSaidLacking } from '../facts/lacks.ts';
import { type CompiledRule, traceOf } from '../rule/compile.ts';
import type { FactRequest, FactStore } from '../rule/fact-store.ts';
import { type Indicator, severityRank } from '../rule/severity.ts';
import { decisiveLeaves } from '../rule/trace.ts';
import type { LabTest } from '../terminology/labs.ts';
import type { UndecidedCheck, Wait } from './open-checks.ts';

/** Tests that a finding says are lacking. */
const askedFor = (compiled: CompiledRule, facts: FactStore): LabTest[] =>
  [...decisiveLeaves(traceOf(compiled, facts), true)].flatMap(({ fact, params, question }) =>
    testsSaidLacking(fact, params, facts(question)),
  );

/** The answer once the result is there. */
const isThere: Fact = { state: 'known', value: true, evidence: [] };

/**
 * Whether a finding says nothing but that there is no result of tests that are ordered: it would not hold if they were
 * back.
 */
export function asksOnlyForOrdered(
  { conditions }: CompiledRule,
  asked: readonly FactRequest[],
  facts: FactStore,
  awaited: ReadonlySet<LabTest>,
): boolean {
  if (awaited.size === 0) return false;
  const back: FactStore = (index) => {
    const [fact, request] = [facts(index), asked[index]];
    const tests = request ? testsSaidLacking(request.fact, request.params, fact) : [];
    return tests.some((test) => awaited.has(test)) ? isThere : fact;
  };
  return conditions.test(back) === false;
}

/** What a finding says is lacking. */
interface SaidLacking {
  tests: ReadonlySet<LabTest>;
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

/**
 * Checks but for those that a finding which is shown says better, and those whose lack it says at least as gravely as the
 * card would.
 */
export function notSaidByFindings(
  checks: readonly UndecidedCheck[],
  findings: readonly CompiledRule[],
  facts: FactStore,
): UndecidedCheck[] {
  const asked = findings.map((finding) => ({
    indicator: finding.rule.card.indicator,
    lacking: {
      tests: new Set(askedFor(finding, facts)),
      steadyCreatinine: [...decisiveLeaves(traceOf(finding, facts), true)].some(({ fact, params }) =>
        saysUnsteadyCreatinine(fact, params),
      ),
    },
  }));
  const better = new Set(findings.flatMap(({ rule }) => rule.supersedes ?? []));
  return checks.filter(
    (check) =>
      !better.has(check.rule.id) &&
      (check.failed ||
        !asked.some(
          ({ indicator, lacking }) =>
            isAsGrave(indicator, graveness(check)) && check.waits.every(isLackOf(lacking)),
        )),
  );
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

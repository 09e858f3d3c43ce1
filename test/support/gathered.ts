/**
 * What is gathered, held against the whole record: what each rule of the hook says, and what must never happen when a
 * part was not read.
 */
import type { Decision } from '../../rules/decide.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import worth from '../../rules/evaluation/worth.json' with { type: 'json' };
import { factOf } from '../../rules/facts/facts.ts';
import type { Hook } from '../../rules/fhir/hooks.ts';
import type { NoticeCode } from '../../rules/fhir/notice.ts';
import { requestsOfRule } from '../../rules/rule/compile.ts';
import type { Rule } from '../../rules/rule/document.ts';

type Decided = Decision | { refused: string };

/** Rules that speak at the hook. Those about the data say more where data is missing, as they should. */
const rulesOf = ({ rules }: Ruleset, hook: Hook, which: 'all' | 'clinical') =>
  rules.filter(({ hooks, isAboutData }) => hooks.has(hook) && (which === 'all' || !isAboutData));

interface View {
  /** `MG-001 fired shown`, with what an undecided rule waits for. */
  findings: string[];
  /** Indicator, summary and detail. */
  cards: string[];
}

/** What gathered and whole must have in common where all could be read. */
function viewOf(decided: Decided, ruleset: Ruleset, hook: Hook): View {
  if ('refused' in decided) return { findings: [decided.refused], cards: [] };
  const spoken = new Set(rulesOf(ruleset, hook, 'all').map(({ rule }) => rule.id));
  const ofHook = decided.evaluations.filter(({ rule }) => spoken.has(rule));
  return {
    findings: ofHook.map(({ rule, outcome, shown, missing }) => {
      const waits = missing.map(({ fact, params }) => ` ${fact}${JSON.stringify(params)}`);
      return `${rule} ${outcome}${shown ? ' shown' : ''}${waits.join('')}`;
    }),
    cards: decided.cards.map(({ indicator, summary, detail }) => `${indicator}: ${summary}\n${detail ?? ''}`),
  };
}

/** Lines that one of the two has, and not the other; empty where both say the same. */
export function differencesOf(whole: Decided, gathered: Decided, ruleset: Ruleset, hook: Hook): string[] {
  const [before, after] = [viewOf(whole, ruleset, hook), viewOf(gathered, ruleset, hook)];
  return (['findings', 'cards'] as const).flatMap((part) => [
    ...before[part].filter((line) => !after[part].includes(line)).map((line) => `whole: ${line}`),
    ...after[part].filter((line) => !before[part].includes(line)).map((line) => `gathered: ${line}`),
  ]);
}

type Outcomes = ReadonlyMap<string, Decision['evaluations'][number]['outcome']>;
/** Null where the call was refused: then nothing was said of any rule. */
function outcomesOf(decided: Decided, ruleset: Ruleset, hook: Hook): Outcomes | null {
  if ('refused' in decided) return null;
  const clinical = new Set(rulesOf(ruleset, hook, 'clinical').map(({ rule }) => rule.id));
  return new Map(
    decided.evaluations.filter(({ rule }) => clinical.has(rule)).map(({ rule, outcome }) => [rule, outcome]),
  );
}

/** What fired, of the clinical rules of the hook. */
export const firedIn = (decided: Decided, ruleset: Ruleset, hook: Hook): string[] =>
  [...(outcomesOf(decided, ruleset, hook) ?? [])]
    .filter(([, outcome]) => outcome === 'fired')
    .map(([rule]) => rule);

/** Notices that say that something was not read. */
const saysMissing: ReadonlySet<NoticeCode> = new Set([
  'fhir-fetch-failed',
  'category-incomplete',
  'category-missing',
  'patient-missing',
  'prefetch-error',
  'fhir-server-unusable',
  'fhir-server-not-registered',
]);

/** Whether the rule is a check of this very order: what nobody sends is a card for no other (docs/adr/0020). */
const isCheckOfOrder = ({ facts }: Decision, rule: string): boolean =>
  facts().some(
    ({ fact, evidence }) => fact === 'checkNotMade' && evidence.some(({ reference }) => reference === rule),
  );

/** Whether it waits for a test that nobody asks for but with a second reason, such as an ECG. */
const asksWithSecondReason = (rule: Rule): boolean =>
  requestsOfRule(rule).some(({ fact, params }) =>
    factOf(fact)
      .tests(params)
      .some((test) => worth.only.some(({ tests, low }) => !low && tests.includes(test))),
  );

/**
 * Rules that quote an estimate of kidney function of which the card says that dialysis and pregnancy could not be checked:
 * only what is documented suppresses it (docs/data.md).
 */
function quotesUnchecked(part: Decision, { rules }: Ruleset): Set<string> {
  const doubted = new Set(
    part
      .facts()
      .filter(({ evidence }) =>
        evidence.some(({ notes }) => notes.some(({ code }) => code === 'dialysis-and-pregnancy-unchecked')),
      )
      .map(({ fact, params }) => JSON.stringify([fact, params])),
  );
  return new Set(
    rules
      .filter((compiled) =>
        requestsOfRule(compiled.rule).some(({ fact, params }) => doubted.has(JSON.stringify([fact, params]))),
      )
      .map(({ rule }) => rule.id),
  );
}

/** Rules that the whole record decides and this does not. */
export function leftOpen(whole: Decided, part: Decided, ruleset: Ruleset, hook: Hook): string[] {
  const [before, after] = [outcomesOf(whole, ruleset, hook), outcomesOf(part, ruleset, hook)];
  return [...(after ?? [])]
    .filter(([rule, outcome]) => outcome === 'indeterminate' && before?.get(rule) !== 'indeterminate')
    .map(([rule]) => rule);
}

/**
 * What must not be, as sentences; empty where the part says nothing that the whole record does not: no rule that the
 * whole record fires is cleared, no finding is gained but one that says that not all was read, and what is left open is
 * said in a notice - and on a card, where the whole record shows a critical finding of it and it is a check of the order. A finding that only an
 * exemption ends is none that is gained: what is not known exempts nobody (rules/evaluation/evaluate-rule.ts).
 * @param strict a rule that the whole record leaves undecided is not cleared either
 */
export function wrongsOf(
  whole: Decided,
  part: Decided,
  ruleset: Ruleset,
  hook: Hook,
  strict = false,
): string[] {
  if ('refused' in part) return part.refused.startsWith('412') ? [] : [`refused: ${part.refused}`];
  const before = outcomesOf(whole, ruleset, hook);
  const after = outcomesOf(part, ruleset, hook);
  const evaluations = 'refused' in whole ? [] : whole.evaluations;
  const exempt = new Set(evaluations.filter(({ why }) => why?.code === 'exempt').map(({ rule }) => rule));
  const inPart = new Set(part.evaluations.filter((one) => one.inPart === true).map(({ rule }) => rule));
  const unchecked = quotesUnchecked(part, ruleset);
  const wrong = [...(after ?? [])].flatMap(([rule, outcome]) => {
    const truth = before?.get(rule) ?? 'indeterminate';
    const isAllowed = outcome === 'indeterminate' || outcome === truth;
    const isSaidToBeOfPart = outcome === 'fired' && (exempt.has(rule) || inPart.has(rule));
    const isOfDoubt = outcome === 'fired' && unchecked.has(rule);
    const isOpenInBoth = !strict && outcome === 'not-fired' && truth === 'indeterminate';
    return isAllowed || isOpenInBoth || isOfDoubt || isSaidToBeOfPart
      ? []
      : [`${rule}: ${outcome}, and the whole record says ${truth}`];
  });
  const open = leftOpen(whole, part, ruleset, hook);
  const isSaid = part.notices.some(({ code }) => saysMissing.has(code));
  const shown = new Set(evaluations.filter((one) => one.shown).map(({ rule }) => rule));
  const critical = rulesOf(ruleset, hook, 'clinical')
    .filter(({ rule }) => rule.card.indicator === 'critical' && shown.has(rule.id) && open.includes(rule.id))
    .filter(({ rule }) => isCheckOfOrder(part, rule.id) && !asksWithSecondReason(rule))
    .map(({ rule }) => rule.id);
  return [
    ...wrong,
    ...(open.length > 0 && !isSaid ? [`no notice says why ${open.join(', ')} are open`] : []),
    ...(critical.length > 0 && part.cards.length === 0
      ? [`no card says that ${critical.join(', ')} are open`]
      : []),
  ];
}

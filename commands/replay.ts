/**
 * `npm run replay`: stored decisions again. Under their own rules, by both evaluators, each must come out equal to
 * the byte; under candidate rules it counts the findings gained and lost per rule.
 *
 *   npm run replay -- [--from 2026-01-01] [--to 2026-01-31] [--tenant local] [--ruleset candidate/]
 *
 * A candidate is a folder with rule.json files at any depth; each replaces the shipped rule of its id.
 * Exit 0: all equal, or compared. 1: some decision is not equal. 2: it could not be done.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../functions/config/settings.ts';
import { compareRulesets } from '../functions/log/comparison.ts';
import type { StoredDecision } from '../functions/log/decision-log.ts';
import { inClear } from '../functions/log/older-records.ts';
import { createRulesets, type StoredRuleset } from '../functions/log/rulesets.ts';
import { iterateDecisions } from '../functions/service/decision-stream.ts';
import { replay } from '../functions/service/replay-decision.ts';
import { createRuleset, type Ruleset } from '../rules/evaluation/ruleset.ts';
import { differingParts } from '../rules/evaluation/ruleset-digest.ts';
import { spanOf } from '../rules/fhir/time.ts';
import { library } from '../rules/library/library.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { parseRule } from '../rules/rule/document.ts';
import { runCommand, UsageError } from './command-line.ts';
import { openLog } from './open-log.ts';

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  tenant: { type: 'string', default: 'local' },
  ruleset: { type: 'string' },
} as const;
type Values = { readonly [name in keyof typeof options]?: string | undefined } & { readonly tenant: string };

function time(value: string | undefined, end: 'from' | 'to'): string | undefined {
  if (value === undefined) return undefined;
  const span = spanOf(value);
  if (!span) throw new UsageError(`\`--${end}\` must be a date or a time such as 2026-01-31T12:00:00Z`);
  return new Date(span[end]).toISOString();
}

/** The shipped library with the rules of the folder in place of its own. */
function candidate(folder: string): Ruleset {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (cause) {
    throw new UsageError(`\`--ruleset\` must be a folder that can be read, and \`${folder}\` is none`, {
      cause,
    });
  }
  const files = names.filter((name) => name.endsWith('rule.json'));
  if (files.length === 0) throw new Error(`there is no rule.json in \`${folder}\``);
  const own = new Map(
    files.map((name) => {
      const where = join(folder, name);
      const json: unknown = JSON.parse(readFileSync(where, 'utf8'));
      return [parseRule(json, where).id, { where, json }];
    }),
  );
  const kept = library.filter(({ where, json }) => !own.has(parseRule(json, where).id));
  return createRuleset([...kept, ...own.values()]);
}

type Decisions = AsyncIterable<StoredDecision>;
type RulesetAt = ReturnType<typeof createRulesets>;

/** Which findings a candidate would have gained and lost. */
async function printComparison(decisions: Decisions, rulesetAt: RulesetAt, after: Ruleset): Promise<void> {
  const ofTheDay = async ({ ruleset }: StoredDecision) => (await rulesetAt(ruleset.digest))?.ruleset ?? null;
  const { compared, skipped, flipped, byRule } = await compareRulesets(decisions, ofTheDay, after);
  for (const [rule, { gained, lost, examples }] of [...byRule].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${rule}  +${gained} -${lost}  ${examples.join(' ')}`);
  console.log(`${compared} decisions compared, ${flipped} flip, ${skipped} without anything to replay`);
}

/** What is other than on the day: the drugs, the tests. */
function changesOf({ parts, ruleset }: StoredRuleset): string {
  const names = parts ? differingParts(parts, ruleset.parts) : [];
  return names.length > 0 ? `changed: ${names.join(', ')}` : 'terminology or code has changed';
}

/** @returns whether every decision came out equal */
async function replayAll(decisions: Decisions, rulesetAt: RulesetAt): Promise<boolean> {
  const count = { equal: 0, different: 0, erased: 0, skipped: 0 };
  for await (const decision of decisions) {
    if (decision.erased) {
      count.erased += 1;
      continue;
    }
    const own =
      decision.chart && decision.schema !== inClear ? await rulesetAt(decision.ruleset.digest) : null;
    if (!own) {
      count.skipped += 1;
      continue;
    }
    const { equal, differences, cardsDiffer } = await replay(decision, own.ruleset);
    count[equal ? 'equal' : 'different'] += 1;
    if (!equal) {
      const rules = differences.map(({ rule, stored, replayed }) => `${rule}: ${stored} is ${replayed}`);
      const terms = own.exact ? '' : ` (${changesOf(own)} since)`;
      console.log(
        `${decision.decisionId} is not equal${terms}: ${rules.join(', ') || `its cards differ (${cardsDiffer.join(', ')})`}`,
      );
    }
  }
  console.log(
    `${count.equal} decisions equal, ${count.different} not, ${count.erased} erased, ${count.skipped} without anything to replay`,
  );
  return count.different === 0;
}

async function run(values: Values): Promise<number> {
  const [from, to] = [time(values.from, 'from'), time(values.to, 'to')];
  const after = values.ruleset === undefined ? null : candidate(values.ruleset);
  const settings = readSettings(process.env);
  const opened = await openLog(settings);
  try {
    const rulesetAt = createRulesets(opened.client, settings.table, shippedRuleset());
    const filter = { ...(from ? { from } : {}), ...(to ? { to } : {}) };
    const decisions = iterateDecisions(opened.log, values.tenant, filter);
    if (after === null) return (await replayAll(decisions, rulesetAt)) ? 0 : 1;
    await printComparison(decisions, rulesetAt, after);
    return 0;
  } finally {
    await opened.close();
  }
}

await runCommand(
  {
    about: `Replays stored decisions. Under their own rules, by both evaluators, each must come out equal to the byte; under
a candidate, a folder with rule.json files at any depth, it counts the findings gained and lost per rule.
Exit code 0: all equal, or compared. 1: some decision is not equal. 2: it could not be done.`,
    calls: [
      'npm run replay -- [--from 2026-01-01] [--to 2026-01-31] [--tenant local] [--ruleset candidate/]',
    ],
    options,
  },
  ({ values }) => run(values),
);

/** `npm run evaluate -- bundle.json [--hook order-sign] [--at 2026-01-31T12:00:00Z] [--patient id]` */

import { readFileSync } from 'node:fs';
import { loadProducts } from '../functions/config/product-index.ts';
import { readSettings } from '../functions/config/settings.ts';
import { Problem } from '../functions/http/outcome.ts';
import { parseJson } from '../functions/http/parse-json.ts';
import { readQuery } from '../functions/service/evaluate-query.ts';
import { explainOutcome } from '../rules/cards/explanation.ts';
import { type Decision, decide } from '../rules/decide.ts';
import { Refused } from '../rules/intake/refused.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { runCommand, UsageError } from './command-line.ts';

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = (text: string): string => paint(1, text);
const faint = (text: string): string => paint(2, text);
const marks = { critical: 31, warning: 33, info: 36 } as const;

function print(decision: Decision): void {
  const { cards, evaluations, notices, evaluatedAt, hook } = decision;
  console.log(
    faint(`${hook} at ${evaluatedAt}, ruleset ${decision.ruleset.digest.slice(0, 19)}… (not recorded)\n`),
  );
  console.log(bold(`Cards: ${cards.length}`));
  for (const card of cards) {
    console.log(`\n  ${paint(marks[card.indicator], card.indicator.toUpperCase())} ${bold(card.summary)}`);
    for (const line of card.detail.split('\n')) if (line) console.log(`    ${line.replace(/\*\*|\\/g, '')}`);
    for (const { label, actions } of card.suggestions ?? []) {
      console.log(
        `    [ ${label} ] ${faint(actions.map(({ type, description }) => `${type}: ${description}`).join('; '))}`,
      );
    }
  }
  console.log(`\n${bold('Rules')}`);
  const order = { fired: 0, indeterminate: 1, error: 2, 'not-fired': 3 } as const;
  for (const evaluation of [...evaluations].sort((a, b) => order[a.outcome] - order[b.outcome])) {
    const { why: because, missing } = explainOutcome(evaluation);
    const why = because ?? missing.map((item) => `needs ${item}`).join('; ');
    const text = `  ${evaluation.rule}  ${evaluation.outcome.padEnd(13)}${evaluation.shown ? 'shown' : '     '}`;
    console.log(why ? `${text}  ${faint(why)}` : text);
  }
  console.log(`\n${bold(`Notices: ${notices.length}`)}`);
  for (const { code, reference, message } of notices)
    console.log(`  ${code}  ${reference ?? ''}  ${faint(message)}`);
}

/** @throws UsageError when the file cannot be read, or an option is not what it must be */
function evaluate(file: string, options: Readonly<Record<string, string | undefined>>): Decision {
  const now = new Date();
  const { request, evaluatedAt, presentation } = requestOf(parseJson(contentOf(file)), options, now);
  const ruleset = shippedRuleset(loadProducts(readSettings(process.env)));
  const clock = { decisionId: 'not recorded', decidedAt: now.toISOString(), evaluatedAt };
  return decide(request, ruleset, clock, presentation);
}

function requestOf(body: unknown, options: Readonly<Record<string, string | undefined>>, now: Date) {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(options)) if (value !== undefined) query[name] = value;
  try {
    return readQuery(query, now, body);
  } catch (error) {
    throw error instanceof Problem ? new UsageError(error.message, { cause: error }) : error;
  }
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UsageError(`\`${file}\` cannot be read`, { cause });
  }
}

if (import.meta.main) {
  await runCommand(
    {
      about:
        'Evaluates a FHIR bundle or a recorded CDS Hooks request in the terminal. Nothing is recorded.\nThe hook is patient-view and the time is now, unless they are given.',
      calls: [
        'npm run evaluate -- <bundle.json> [--hook order-sign] [--at 2026-01-31T12:00:00Z] [--patient id] [--units si]',
      ],
      options: {
        hook: { type: 'string' },
        at: { type: 'string' },
        patient: { type: 'string' },
        units: { type: 'string' },
      },
      positionals: [1, 1],
      failed: 1,
    },
    ({ values, positionals: [file = ''] }) => {
      try {
        print(evaluate(file, values));
      } catch (error) {
        if (!(error instanceof Problem || error instanceof Refused)) throw error;
        throw new Error(`cannot be evaluated: ${error.message}`, { cause: error });
      }
    },
  );
}

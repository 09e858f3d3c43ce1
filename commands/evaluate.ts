/** `npm run evaluate -- bundle.json [--hook order-sign] [--at 2026-01-31T12:00:00Z] [--patient id]` */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadProducts } from '../functions/config/product-index.ts';
import { readSettings } from '../functions/config/settings.ts';
import { readQuery } from '../functions/evaluate.ts';
import { Problem } from '../functions/http/outcome.ts';
import { parseJson } from '../functions/http/parse-json.ts';
import { type Decision, decide } from '../rules/decide.ts';
import { shippedRuleset } from '../rules/evaluation/ruleset.ts';
import { Refused } from '../rules/intake/intake.ts';

const usage =
  'npm run evaluate -- bundle.json [--hook order-sign] [--at 2026-01-31T12:00:00Z] [--patient id]';

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
    const why = evaluation.why ?? evaluation.missing.map((item) => `needs ${item}`).join('; ');
    const text = `  ${evaluation.rule}  ${evaluation.outcome.padEnd(13)}${evaluation.shown ? 'shown' : '     '}`;
    console.log(why ? `${text}  ${faint(why)}` : text);
  }
  console.log(`\n${bold(`Notices: ${notices.length}`)}`);
  for (const { code, reference, message } of notices)
    console.log(`  ${code}  ${reference ?? ''}  ${faint(message)}`);
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { hook: { type: 'string' }, at: { type: 'string' }, patient: { type: 'string' } },
  });
  const [file] = positionals;
  if (!file) throw new Error(`name a file: ${usage}`);
  const body = parseJson(readFileSync(file));
  const query = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const now = new Date();
  const { request, evaluatedAt } = readQuery(query as Record<string, string>, now, body);
  print(
    decide(request, shippedRuleset(loadProducts(readSettings(process.env))), {
      decisionId: 'not recorded',
      decidedAt: now.toISOString(),
      evaluatedAt,
    }),
  );
} catch (error) {
  const known = error instanceof Problem || error instanceof Refused;
  console.error(
    known ? `cannot be evaluated: ${error.message}` : error instanceof Error ? error.message : usage,
  );
  process.exit(1);
}

#!/usr/bin/env bash
# json-rules-engine 7.3.1: of several runs of one Engine at the same time all but the first lose rules, without an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund json-rules-engine@7.3.1

cat >finding.mjs <<'EOF'
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { Engine } from 'json-rules-engine';

const { version } = createRequire(import.meta.url)('json-rules-engine/package.json');
const engine = new Engine();
engine.addFact('creatinine', async () => {
  await setTimeout(5);
  return 4;
});
for (const priority of [1, 2, 3]) {
  const conditions = { all: [{ fact: 'creatinine', operator: 'greaterThan', value: 2 }] };
  engine.addRule({ name: `rule ${priority}`, priority, conditions, event: { type: `rule ${priority}` } });
}

const count = async () => (await engine.run()).events.length;
const alone = [await count(), await count(), await count()];
const together = await Promise.all([count(), count(), count()]);
console.log(`json-rules-engine ${version}, one Engine, three rules of three priorities that all hold`);
console.log('events of three runs one after the other:', alone.join(', '));
console.log('events of three runs at the same time:   ', together.join(', '));

const same = alone.every((events) => events === 3) && together[0] === 3 && together.slice(1).every((events) => events < 3);
console.log(same ? 'as known: the end of one run stops the others, and no error says so' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

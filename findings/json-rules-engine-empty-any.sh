#!/usr/bin/env bash
# json-rules-engine 7.3.1: a rule with `any: []` fires for everybody, although none of its conditions holds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund json-rules-engine@7.3.1

cat >finding.mjs <<'EOF'
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { Engine } from 'json-rules-engine';

const { version } = createRequire(import.meta.url)('json-rules-engine/package.json');

/** Whether a rule with these conditions fires without any fact. */
async function fires(conditions) {
  const engine = new Engine([{ conditions, event: { type: 'card' } }]);
  return (await engine.run()).events.length > 0;
}

const seen = {
  'any: []': await fires({ any: [] }),
  'not: { any: [] }': await fires({ not: { any: [] } }),
  'all: [{ any: [] }]': await fires({ all: [{ any: [] }] }),
};
console.log(`json-rules-engine ${version}, no facts at all`);
for (const [conditions, fired] of Object.entries(seen)) console.log(`${conditions} ->`, fired ? 'fires' : 'does not fire');
console.log('by logic, and by Array.prototype.some: ', [].some(Boolean));

const known = { 'any: []': true, 'not: { any: [] }': false, 'all: [{ any: [] }]': true };
const same = isDeepStrictEqual(seen, known);
console.log(same ? 'as known: the last condition taken away turns a rule into one for everybody' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

#!/usr/bin/env bash
# json-rules-engine 7.3.1: of a fact that is not there, one mode fires the negated rule and the other loses every rule.
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
const low = { fact: 'egfr', operator: 'lessThan', value: 30 };
const rules = {
  'eGFR below 30': { all: [low] },
  'not (eGFR below 30)': { all: [{ not: low }] },
  'route is not oral': { all: [{ fact: 'route', operator: 'notEqual', value: 'oral' }] },
  'magnesium below 1': { all: [{ fact: 'magnesium', operator: 'lessThan', value: 1 }] },
};

/** Which of the rules fire for a patient with a magnesium of 0.9 and nothing else on file. */
async function fired(options) {
  const engine = new Engine([], options);
  for (const [type, conditions] of Object.entries(rules)) engine.addRule({ conditions, event: { type } });
  try {
    return (await engine.run({ magnesium: 0.9 })).events.map(({ type }) => type).sort();
  } catch (error) {
    return `rejected: ${error.code}`;
  }
}

const seen = { lenient: await fired({ allowUndefinedFacts: true }), strict: await fired({}) };
console.log(`json-rules-engine ${version}, facts: { magnesium: 0.9 }; no eGFR and no route`);
console.log('allowUndefinedFacts: true  ->', seen.lenient);
console.log('allowUndefinedFacts: false ->', seen.strict);

const known = {
  lenient: ['magnesium below 1', 'not (eGFR below 30)', 'route is not oral'],
  strict: 'rejected: UNDEFINED_FACT',
};
const same = isDeepStrictEqual(seen, known);
console.log(same ? 'as known: no mode in between says "unknown"' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

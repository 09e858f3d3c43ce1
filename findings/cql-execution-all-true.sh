#!/usr/bin/env bash
# cql-execution 3.3.2: `AllTrue({ true, null })` is true, where `true and null` is null.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund cql-execution@3.3.2

cat >finding.mjs <<'EOF'
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import cql from 'cql-execution';

const { version } = createRequire(import.meta.url)('cql-execution/package.json');
const type = (name) => `{urn:hl7-org:elm-types:r1}${name}`;
const literal = (value) => ({ type: 'Literal', valueType: type('Boolean'), value: String(value) });
const unknown = { type: 'As', asType: type('Boolean'), operand: { type: 'Null' } };
const list = (...element) => ({ type: 'List', element });

const expressions = {
  'true and null': { type: 'And', operand: [literal(true), unknown] },
  'AllTrue({ true, null })': { type: 'AllTrue', source: list(literal(true), unknown) },
  'AllTrue({ null })': { type: 'AllTrue', source: list(unknown) },
  'false or null': { type: 'Or', operand: [literal(false), unknown] },
  'AnyTrue({ false, null })': { type: 'AnyTrue', source: list(literal(false), unknown) },
};
const def = Object.entries(expressions).map(([name, expression]) => ({ name, context: 'Unfiltered', expression }));
const library = new cql.Library({
  library: {
    identifier: { id: 'Finding', version: '1' },
    schemaIdentifier: { id: 'urn:hl7-org:elm', version: 'r1' },
    usings: { def: [{ localIdentifier: 'System', uri: 'urn:hl7-org:elm-types:r1' }] },
    statements: { def },
  },
});
const nobody = { currentPatient: () => undefined, nextPatient: () => undefined };
const { unfilteredResults: seen } = await new cql.Executor(library).exec(nobody);

console.log(`cql-execution ${version}`);
for (const [name, value] of Object.entries(seen)) console.log(`${name} ->`, value);
const known = {
  'true and null': null,
  'AllTrue({ true, null })': true,
  'AllTrue({ null })': true,
  'false or null': null,
  'AnyTrue({ false, null })': false,
};
const same = isDeepStrictEqual({ ...seen }, known);
console.log(same ? 'as known: the aggregates drop what is unknown, the operators keep it' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

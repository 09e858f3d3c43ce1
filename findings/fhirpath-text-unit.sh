#!/usr/bin/env bash
# fhirpath 5.2.2: of a result whose unit is text only, `=` is false and `!=` is true, where unknown is meant.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund fhirpath@5.2.2

cat >finding.mjs <<'EOF'
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';

const { version } = createRequire(import.meta.url)('fhirpath/package.json');
const coded = { value: 0.9, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' };
const text = { value: 0.9, unit: 'mg/dL' };
const ask = (valueQuantity, expression) =>
  fhirpath.evaluate({ resourceType: 'Observation', status: 'final', valueQuantity }, expression, undefined, r4);

const seen = [coded, text].flatMap((quantity) =>
  ["Observation.value = 0.9 'mg/dL'", "Observation.value != 0.9 'mg/dL'"].map((expression) => ask(quantity, expression)),
);
const apart = ["1 'mmol/L' = 2 'mg/dL'", "1 'mmol/L' < 2 'mg/dL'"].map((expression) => ask(coded, expression));
console.log(`fhirpath ${version}; an Observation of 0.9 mg/dL`);
console.log('unit as UCUM code:  = 0.9 mg/dL', seen[0], ' != 0.9 mg/dL', seen[1]);
console.log('unit as text only:  = 0.9 mg/dL', seen[2], ' != 0.9 mg/dL', seen[3]);
console.log("units that cannot be compared:  1 'mmol/L' = 2 'mg/dL'", apart[0], "  1 'mmol/L' < 2 'mg/dL'", apart[1]);

const known = [[[true], [false], [false], [true]], [[false], []]];
const same = isDeepStrictEqual([seen, apart], known);
console.log(same ? 'as known: `<` of units that cannot be compared is empty, but equality never is' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

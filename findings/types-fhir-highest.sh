#!/usr/bin/env bash
# @types/fhir: the highest version, 3.0.2, is FHIR STU3; R4 and R5 are in the lower number 0.0.44.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --save-exact typescript@6.0.3
npm install --silent --no-audit --no-fund --no-save stu3@npm:@types/fhir@3.0.2 r4@npm:@types/fhir@0.0.44

cat >finding.mjs <<'EOF'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import ts from 'typescript';

// A MedicationRequest with the R4 element `reasonCode`, and one whose `medication` is R5's CodeableReference.
const programs = {
  'fhir/r4': "import type { MedicationRequest } from 'fhir/r4';\nexport const reasons = (one: MedicationRequest) => one.reasonCode;\n",
  'fhir/r5': "import type { MedicationRequest } from 'fhir/r5';\nexport const drug = (one: MedicationRequest) => one.medication.concept;\n",
};
mkdirSync('node_modules/@types', { recursive: true });

/** Whether TypeScript finds the types of each FHIR version in the package that stands in this folder. */
function finds(folder) {
  renameSync(`node_modules/${folder}`, 'node_modules/@types/fhir');
  const { version } = JSON.parse(readFileSync('node_modules/@types/fhir/package.json', 'utf8'));
  const found = Object.entries(programs).map(([name, text]) => {
    writeFileSync('program.ts', text);
    const options = { strict: true, noEmit: true, types: [], module: ts.ModuleKind.NodeNext };
    const program = ts.createProgram(['program.ts'], options);
    return [name, ts.getPreEmitDiagnostics(program).length === 0];
  });
  renameSync('node_modules/@types/fhir', `node_modules/${folder}`);
  return [version, Object.fromEntries(found)];
}

const seen = Object.fromEntries([finds('stu3'), finds('r4')]);
for (const [version, found] of Object.entries(seen)) console.log(`@types/fhir ${version}:`, found);
const known = { '3.0.2': { 'fhir/r4': false, 'fhir/r5': false }, '0.0.44': { 'fhir/r4': true, 'fhir/r5': true } };
const same = isDeepStrictEqual(seen, known);
console.log(same ? 'as known: a higher number is an older FHIR' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

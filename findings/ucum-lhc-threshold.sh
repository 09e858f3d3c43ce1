#!/usr/bin/env bash
# @lhncbc/ucum-lhc 7.1.9: 30 mL/min converted to mL/min is 29.999999999999996, and so "below 30".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @lhncbc/ucum-lhc@7.1.9

cat >finding.mjs <<'EOF'
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import lhc from '@lhncbc/ucum-lhc';

const { version } = createRequire(import.meta.url)('@lhncbc/ucum-lhc/package.json');
const ucum = lhc.UcumLhcUtils.getInstance();
const convert = (from, value, to) => ucum.convertUnitTo(from, value, to).toVal;

const seen = [
  convert('mL/min', 30, 'mL/min'),
  convert('mL/min/{1.73_m2}', 30, 'mL/min/{1.73_m2}'),
  convert('10*3/uL', 100, '10*9/L'),
];
console.log(`@lhncbc/ucum-lhc ${version}`);
console.log('30 mL/min            -> mL/min           ', seen[0], seen[0] < 30 ? '(below 30)' : '');
console.log('30 mL/min/{1.73_m2}  -> mL/min/{1.73_m2} ', seen[1], seen[1] < 30 ? '(below 30)' : '');
console.log('100 10*3/uL          -> 10*9/L           ', seen[2], seen[2] < 100 ? '(below 100)' : '');
const moved = Array.from({ length: 100 }, (_, index) => index + 1).filter((value) => convert('mL/min', value, 'mL/min') !== value);
console.log('whole mL/min of 1 to 100 that do not come back as they are:', moved.join(', '));

const known = [29.999999999999996, 29.999999999999996, 99.99999999999999];
const same = isDeepStrictEqual(seen, known);
console.log(same ? 'as known: a value on a threshold may end on its other side' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

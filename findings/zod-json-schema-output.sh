#!/usr/bin/env bash
# zod 4.6.7: toJSONSchema describes what parse returns, so its schema refuses files that parse takes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0

cat >finding.mjs <<'EOF'
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import Ajv from 'ajv/dist/2020.js';
import * as z from 'zod/mini';

const { version } = createRequire(import.meta.url)('zod/package.json');
const schema = z.object({ id: z.string(), profile: z._default(z.enum(['generic', 'epic']), 'generic') });
const files = [{ id: 'a' }, { id: 'a', profile: 'epic', comment: 'a key that parse leaves out' }];

const accepts = (options) => {
  const validate = new Ajv.default().compile(z.toJSONSchema(schema, options));
  return files.map((file) => validate(file));
};
const seen = {
  parse: files.map((file) => z.safeParse(schema, file).success),
  output: accepts({}),
  input: accepts({ io: 'input' }),
};
console.log(`zod ${version}; a file without the member that has a default, and one with a further key`);
console.log('schema.parse takes them:                     ', seen.parse.join(', '));
console.log("z.toJSONSchema(schema) takes them:           ", seen.output.join(', '));
console.log("z.toJSONSchema(schema, { io: 'input' }) does:", seen.input.join(', '));

const known = { parse: [true, true], output: [false, false], input: [true, true] };
const same = isDeepStrictEqual(seen, known);
console.log(same ? 'as known: a schema for who writes the file has to be asked for with io: input' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

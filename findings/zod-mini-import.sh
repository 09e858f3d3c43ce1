#!/usr/bin/env bash
# zod 4.6.7 with esbuild 0.28.2: `import { z } from 'zod/mini'` makes a bundle thirty times that of `import * as z`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund zod@4.6.7 esbuild@0.28.2

cat >finding.mjs <<'EOF'
import { createRequire } from 'node:module';
import { build, version } from 'esbuild';

const zod = createRequire(import.meta.url)('zod/package.json').version;
const schema = 'console.log(z.safeParse(z.strictObject({ id: z.string() }), { id: "MG-001" }).success);';

/** Bytes of the minified bundle of one schema. */
async function size(statement) {
  const stdin = { contents: `${statement}\n${schema}`, resolveDir: process.cwd() };
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: 'esm', platform: 'node', write: false });
  return outputFiles[0].contents.length;
}

const statements = [
  "import * as z from 'zod/mini';",
  "import { z } from 'zod/mini';",
  "import * as z from 'zod';",
  "import { z } from 'zod';",
];
const sizes = await Promise.all(statements.map(size));
console.log(`zod ${zod}, esbuild ${version}; one schema, minified`);
for (const [index, statement] of statements.entries()) console.log(statement.padEnd(32), `${Math.round(sizes[index] / 1024)} KB`);

const [star = 0, named = 0, whole = 0] = sizes;
const same = star < 20_000 && named > 300_000 && named > 3 * whole;
console.log(same ? 'as known: the small one by its name is larger than the whole one by a star' : 'changed');
process.exitCode = same ? 0 : 1;
EOF
node finding.mjs

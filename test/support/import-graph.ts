/** Who imports whom, read by TypeScript's parser: types, re-exports and dynamic imports included. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

export const root = resolve(import.meta.dirname, '..', '..');

export interface Source {
  /** From the root of the project, as in `rules/decide.ts`. */
  file: string;
  tree: ts.SourceFile;
}

/** One import; `to` is a file of the project, or the name of a package. */
export interface Arrow {
  from: string;
  to: string;
  isOurs: boolean;
}

export const sourceOf = (file: string, text: string): Source => ({
  file,
  tree: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true),
});

/** Every TypeScript file under a folder, parsed. */
export const readSources = (folder: string): Source[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ['.ts', '.tsx'].some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => sourceOf(relative(root, path), readFileSync(path, 'utf8')));

/** Every node of a tree, parents first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  // `forEachChild` takes no generator.
  const children: ts.Node[] = [];
  node.forEachChild((child) => {
    children.push(child);
  });
  for (const child of children) yield* nodesOf(child);
}

/** What one node imports: `import … from`, `export … from`, `import(…)` and `import('…').Type`. */
function importedBy(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return node.arguments[0];
  return undefined;
}

export function arrowsOf({ file, tree }: Source): Arrow[] {
  return [...nodesOf(tree)].flatMap((node) => {
    const specifier = importedBy(node);
    if (!specifier || !ts.isStringLiteralLike(specifier)) return [];
    const isOurs = specifier.text.startsWith('.');
    const to = isOurs ? relative(root, resolve(root, dirname(file), specifier.text)) : specifier.text;
    return [{ from: file, to, isOurs }];
  });
}

/** The shortest way from a file back to itself, both ends included; null when there is none. */
function wayBack(start: string, next: ReadonlyMap<string, readonly string[]>): string[] | null {
  const ways = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const file of next.get(way.at(-1) ?? start) ?? []) {
      if (file === start) return [...way, file];
      if (!seen.has(file)) ways.push([...way, file]);
      seen.add(file);
    }
  }
  return null;
}

/** Import cycles, types included: one shortest for each file that is in one, every set of files once. */
export function cyclesIn(arrows: readonly Arrow[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of arrows) next.set(from, [...(next.get(from) ?? []), to]);
  const cycles = new Map<string, string[]>();
  for (const start of [...next.keys()].sort()) {
    const way = wayBack(start, next);
    const key = [...new Set(way)].sort().join();
    if (way && !cycles.has(key)) cycles.set(key, way);
  }
  return [...cycles.values()];
}

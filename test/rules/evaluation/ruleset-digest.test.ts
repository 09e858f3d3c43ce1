/** What the digest of a ruleset is of: everything that decides what a chart means. */
import { basename } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { canonicalJson, sha256 } from '../../../rules/digest/digest.ts';
import {
  differingParts,
  digestOfParts,
  partsOf,
  type RulesetParts,
} from '../../../rules/evaluation/ruleset-digest.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { nodesOf, readSources } from '../../support/import-graph.ts';

const { digest, documents, parts } = shippedRuleset();

test('every table that the code under rules/ reads is in the digest', () => {
  const tables = new Map<string, Set<string>>();
  for (const { file, tree } of readSources('rules').filter(
    (source) => !source.file.startsWith('rules/library/'),
  ))
    for (const node of nodesOf(tree))
      if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
        const name = basename(node.moduleSpecifier.text);
        if (name.endsWith('.json')) tables.set(name, (tables.get(name) ?? new Set()).add(file));
      }
  expect(tables.size).toBeGreaterThan(10);
  for (const [name, files] of tables)
    expect([name, files.has('rules/evaluation/ruleset-digest.ts')]).toEqual([name, true]);
});

test('it can be computed from the parts that are kept, and they from the rules', () => {
  expect(digest).toBe(`sha256:${sha256(canonicalJson(parts))}`);
  expect(parts.rules).toBe(`sha256:${sha256(canonicalJson(documents))}`);
});

describe('another digest', () => {
  test.each(Object.keys(parts))('with other %s', (name) => {
    const other: RulesetParts = { ...parts, [name]: 'sha256:other' };
    expect(digestOfParts(other)).not.toBe(digest);
    expect(differingParts(parts, other)).toEqual([name]);
  });

  test('with a product index, and with another one', () => {
    const [one, other] = [partsOf(documents, 'a'), partsOf(documents, 'b')];
    expect(new Set([digest, digestOfParts(one), digestOfParts(other)]).size).toBe(3);
    expect(differingParts(parts, one)).toEqual(['products']);
    expect(differingParts(one, parts)).toEqual(['products']);
  });
});

/** Arithmetic that is the same on every Node. */
import { createHash } from 'node:crypto';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { ckdEpi2021Creatinine } from '../../../rules/facts/equations.ts';
import { power } from '../../../rules/facts/power.ts';
import { nodesOf, readSources } from '../../support/import-graph.ts';

test('a power is that of the mathematicians', () => {
  for (const base of [0.01, 0.5, 0.9938, 1, 1.7, 12]) {
    for (const exponent of [-1.2, -0.302, 0, 1, 18, 99.5])
      expect(power(base, exponent) / base ** exponent).toBeCloseTo(1, 12);
    expect(power(base, 0)).toBe(1);
  }
  expect(power(1, -1.2)).toBe(1);
});

// Node 20.20.2 and 24.21.0 gave this digest; with `**` they gave two.
test('estimates are equal to the bit on every Node', () => {
  const hash = createHash('sha256');
  for (let age = 18; age < 110; age += 1)
    for (const creatinineMgdl of [0.3, 0.7, 0.9, 1, 1.37, 2.4, 9.9])
      for (const sex of ['male', 'female'] as const)
        hash.update(`${ckdEpi2021Creatinine({ creatinineMgdl, ageYears: age + 0.37, sex })}\n`);
  expect(hash.digest('hex').slice(0, 16)).toBe('394030d750598de9');
});

test('no code under rules/ uses an operation that is not', () => {
  const inexact = new Set(['pow', 'sin', 'cos', 'tan', 'cbrt', 'hypot', 'expm1', 'log1p', 'log10', 'log2']);
  for (const { file, tree } of readSources('rules'))
    for (const node of nodesOf(tree)) {
      const isPower =
        ts.isBinaryExpression(node) &&
        [ts.SyntaxKind.AsteriskAsteriskToken, ts.SyntaxKind.AsteriskAsteriskEqualsToken].includes(
          node.operatorToken.kind,
        );
      const isCall =
        ts.isPropertyAccessExpression(node) &&
        node.expression.getText() === 'Math' &&
        inexact.has(node.name.text);
      expect([file, isPower || isCall]).toEqual([file, false]);
    }
});

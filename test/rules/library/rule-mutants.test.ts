/**
 * Every mutant of rule content is killed by a case of its rule, or its survival is explained beside the rule in
 * `mutants.json`: `[{ "mutant": "...", "reason": "..." }]`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseCases } from '../../../rules/library/case.ts';
import { library } from '../../../rules/library/library.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { mutantsOf, survivorsOf } from '../../support/rule-mutants.ts';

const root = resolve(import.meta.dirname, '../../../rules/library');
const explained = z.array(z.strictObject({ mutant: z.string(), reason: z.string().check(z.minLength(20)) }));

const rules = library.map(({ where, json }) => {
  const rule = parseRule(json, where);
  const read = (file: string): unknown => JSON.parse(readFileSync(join(root, where, file), 'utf8'));
  const reasons = existsSync(join(root, where, 'mutants.json')) ? explained.parse(read('mutants.json')) : [];
  const { survivors, count } = survivorsOf(rule, parseCases(read('cases.json'), where));
  const open = survivors.filter((name) => !reasons.some(({ mutant }) => mutant === name));
  const idle = reasons.filter(({ mutant }) => !survivors.includes(mutant)).map(({ mutant }) => mutant);
  return { id: rule.id, rule, survivors, open, idle, count };
});

/** Share of mutants of the whole library that is killed or explained; raised as cases are added. */
const floor = 1;

describe('mutants of rule content', () => {
  it(`at least ${floor * 100} % over the library are killed or explained`, () => {
    const count = rules.reduce((sum, rule) => sum + rule.count, 0);
    const open = rules.reduce((sum, rule) => sum + rule.open.length, 0);
    const whole = rules.filter((rule) => rule.open.length === 0).length;
    console.info(
      `rule content: ${count} mutants, ${count - open} killed or explained (${((1 - open / count) * 100).toFixed(1)} %); ${whole} of ${rules.length} rules without an open one`,
    );
    expect(1 - open / count).toBeGreaterThanOrEqual(floor);
  });

  it.each(rules)('$id: no reason is given for a mutant that a case kills', ({ idle }) =>
    expect(idle).toEqual([]),
  );

  it('a threshold, an operator, a window and a branch are among what is changed', () => {
    const names = rules.flatMap(({ rule }) => mutantsOf(rule).map(({ name }) => name)).join('\n');
    for (const kind of [
      / -> lessThanInclusive/,
      /within P\dD -> /,
      /without all\[/,
      /without any\[/,
      /role \w+ -> /,
    ]) {
      expect(names).toMatch(kind);
    }
  });
});

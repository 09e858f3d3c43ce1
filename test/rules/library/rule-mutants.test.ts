/**
 * Every mutant of rule content is killed by a case of its rule, or by the catalogue for its severity; or its survival is explained beside the rule in
 * `mutants.json`: `[{ "mutant": "...", "reason": "..." }]`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseCases } from '../../../rules/library/case.ts';
import { catalogue } from '../../../rules/library/catalogue.ts';
import { lintCatalogue } from '../../../rules/library/catalogue-lint.ts';
import { library } from '../../../rules/library/library.ts';
import { parseRule, type Rule } from '../../../rules/rule/document.ts';
import { indicatorMutantsOf, mutantsOf, survivorsOf } from '../../support/rule-mutants.ts';

const root = resolve(import.meta.dirname, '../../../rules/library');
const explained = z.array(z.strictObject({ mutant: z.string(), reason: z.string().check(z.minLength(20)) }));

const documents = library.map(({ where, json }) => ({ where, rule: parseRule(json, where) }));

/** Severities that no clause of the catalogue minds. */
function severitiesUnnoticed(rule: Rule): { survivors: string[]; count: number } {
  const rows = catalogue.filter(({ clauses }) => clauses.some(({ by }) => by?.includes(rule.id)));
  const mutants = indicatorMutantsOf(rule);
  const survivors = mutants.filter(({ rule: mutated }) => {
    const all = documents.map((other) => (other.rule === rule ? mutated : other.rule));
    return lintCatalogue(rows, all).length === 0;
  });
  return { survivors: survivors.map(({ name }) => name), count: mutants.length };
}

const rules = documents.map(({ where, rule }) => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(root, where, file), 'utf8'));
  const reasons = existsSync(join(root, where, 'mutants.json')) ? explained.parse(read('mutants.json')) : [];
  const found = [survivorsOf(rule, parseCases(read('cases.json'), where)), severitiesUnnoticed(rule)];
  const survivors = found.flatMap((part) => part.survivors);
  const count = found.reduce((sum, part) => sum + part.count, 0);
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
    const unexplained = rules.flatMap((rule) => rule.open.map((name) => `${rule.id} ${name}`));
    expect(unexplained).toEqual([]);
    expect(1 - open / count).toBeGreaterThanOrEqual(floor);
  });

  it.each(rules)('$id: no reason is given for a mutant that a case kills', ({ idle }) =>
    expect(idle).toEqual([]),
  );

  it('a threshold, an operator, a window, a branch, a drug class, an exemption and a severity are among what is changed', () => {
    const names = rules
      .flatMap(({ rule }) => [...mutantsOf(rule), ...indicatorMutantsOf(rule)].map(({ name }) => name))
      .join('\n');
    for (const kind of [
      / -> lessThanInclusive/,
      /within P\dD -> /,
      /without all\[/,
      /without any\[/,
      /role \w+ -> /,
      /classes without /,
      /without unless/,
      /indicator critical -> warning/,
    ]) {
      expect(names).toMatch(kind);
    }
  });
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Engine, Rule as EngineRule, type RuleProperties } from 'json-rules-engine';
import { describe, expect, it } from 'vitest';
import { casesModule, libraryModule, newRule } from '../../../commands/rule-new.ts';
import { explainOutcome } from '../../../rules/cards/explanation.ts';
import type { Decision } from '../../../rules/decide.ts';
import type { Evaluation } from '../../../rules/evaluation/findings.ts';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import { factNames } from '../../../rules/facts/facts.ts';
import { ingredientsOf } from '../../../rules/facts/selection.ts';
import { hooks } from '../../../rules/fhir/hooks.ts';
import { type Case, parseCases } from '../../../rules/library/case.ts';
import { library } from '../../../rules/library/library.ts';
import { type LintEntry, lintLibrary, registryProblems } from '../../../rules/library/lint.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { leavesOf } from '../../../rules/rule/conditions.ts';
import { parseRule, type Rule } from '../../../rules/rule/document.ts';
import { decideCase } from '../../support/case.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../../rules/library/', import.meta.url));
const ruleset = shippedRuleset();

const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((domain) =>
    readdirSync(join(root, domain.name), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${domain.name}/${entry.name}`),
  )
  .sort();

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const documents = library.map(({ where, json }) => ({
  where,
  json,
  rule: parseRule(json, where),
  cases: parseCases(readJson(join(root, where, 'cases.json')), `${where}/cases.json`),
}));

const evaluate = (one: Case, rule: Rule) => decideCase(one, rule, ruleset);

/** Shown as one card (clinical decision 5). */
const sharesCard = ['DQ-003', 'DQ-004'];

/** The card that says a finding, and how; what is listed with a worse finding stands on that one's card. */
function cardOf({ id }: Rule, { card: listedWith }: Evaluation, { cards }: Decision) {
  const codes = sharesCard.includes(id) ? sharesCard : [listedWith ?? id];
  const card = cards.find(({ source }) => codes.includes(source.topic.code));
  if (!card) return undefined;
  const words = listedWith ? card.detail.replaceAll('\\', '') : card.summary;
  return { summary: card.summary, isOwn: listedWith === undefined, words: words.toLowerCase() };
}

const everyCase = documents.flatMap(({ rule, cases }) =>
  cases.map((one): [name: string, one: Case, rule: Rule] => [`${rule.id}: ${one.name}`, one, rule]),
);
// Names hold `%`, which `test.each` would read.
describe('every case of every rule says what its rule must say', () => {
  for (const [name, one, rule] of everyCase) {
    it(name, () => {
      const { decision, evaluation: said } = evaluate(one, rule);
      const evaluation = explainOutcome(said);
      const card = cardOf(rule, said, decision);
      expect(evaluation.outcome).toBe(one.expect);
      for (const words of one.missing ?? []) expect(evaluation.missing.join('; ')).toContain(words);
      if (one.shown !== undefined) {
        expect(evaluation.shown, evaluation.why ?? '').toBe(one.shown);
        expect(card !== undefined).toBe(one.shown);
      }
      if (one.why !== undefined) expect(evaluation.why).toContain(one.why);
      if (one.summary !== undefined) expect(card?.words).toContain(one.summary.toLowerCase());
      if (card) {
        expect(card.summary).not.toMatch(card.isOwn ? /[{}!]|…$/ : /[{}!]/);
        expect(card.summary.length).toBeLessThanOrEqual(139);
      }
    });
  }
});

const entries: LintEntry[] = documents.map(({ where, rule, cases }) => ({
  where,
  rule,
  cases: cases.map((one) => evaluate(one, rule).lint),
}));

describe('the library', () => {
  it('has no lint', () => {
    expect(lintLibrary(entries)).toEqual([]);
  });

  it('registers every folder, and is written as rule:new writes it', () => {
    expect(
      registryProblems(
        library.map(({ where }) => where),
        folders,
      ),
    ).toEqual([]);
    expect(readFileSync(join(root, 'library.ts'), 'utf8')).toBe(libraryModule(folders));
    expect(readFileSync(join(root, 'cases.ts'), 'utf8')).toBe(casesModule(folders));
    for (const { where, json } of documents) expect(json).toEqual(readJson(join(root, where, 'rule.json')));
  });

  it('has every fact and hook of the schema in docs/rules.md', () => {
    const text = readFileSync(fileURLToPath(new URL('../../../docs/rules.md', import.meta.url)), 'utf8');
    for (const name of [...factNames, ...hooks]) expect(text).toContain(`\`${name}\``);
  });

  it.each(documents)('$rule.id loads unchanged in json-rules-engine', ({ json }) => {
    const properties = json as RuleProperties;
    const before = JSON.stringify(json);
    const loaded = new EngineRule(properties);
    // It adds its own default priority to every `all`, `any` and `not`, and nothing else.
    const conditions = JSON.stringify(loaded.toJSON(false).conditions, (key, value) =>
      key === 'priority' ? undefined : value,
    );
    expect(JSON.parse(conditions)).toEqual(properties.conditions);
    expect(new Engine([properties]).removeRule(loaded.name)).toBe(true);
    expect(JSON.stringify(json)).toBe(before);
  });
});

describe('RF-005, a missing body weight', () => {
  const drugsOf = ({ conditions }: Rule): string[] =>
    [...leavesOf(conditions)].flatMap(({ fact, params }) =>
      fact === 'drug' || fact === 'dailyDose' ? [...ingredientsOf(params)] : [],
    );

  it('names only drugs of which a shown rule waits for a creatinine clearance', () => {
    const waiting = documents.filter(
      ({ rule }) =>
        rule.status === 'active' &&
        [...leavesOf(rule.conditions)].some(({ fact }) => fact === 'creatinineClearance'),
    );
    const checked = new Set(waiting.flatMap(({ rule }) => drugsOf(rule)));
    const named = documents.filter(({ rule }) => rule.id === 'RF-005').flatMap(({ rule }) => drugsOf(rule));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !checked.has(name))).toEqual([]);
  });
});

describe('the linter can fail', () => {
  const entry = (id: string): LintEntry => {
    const found = entries.find(({ rule }) => rule.id === id);
    if (!found) throw new Error(`no rule ${id}`);
    return structuredClone(found);
  };
  const lintOf = (id: string, change: (one: LintEntry) => void): string[] => {
    const one = entry(id);
    change(one);
    return lintLibrary([one, ...entries.filter(({ rule }) => rule.id !== id)]);
  };
  const without = (one: LintEntry, test: (one: LintEntry['cases'][number]) => boolean): void => {
    one.cases = one.cases.filter((each) => !test(each));
  };

  it.each<[string, string, (one: LintEntry) => void, string]>([
    ['a folder that is not the id', 'MG-001', (one) => (one.where = 'magnesium/MG-100'), 'lies in'],
    ['a folder that is not the domain', 'MG-001', (one) => (one.rule.domain = 'cardiac'), 'lies in'],
    ['a name that is not the id', 'MG-001', (one) => (one.rule.name = 'x'), '`name`'],
    ['an event that is not the id', 'MG-001', (one) => (one.rule.event.type = 'x'), '`event.type`'],
    [
      'no case that fires',
      'MG-001',
      (one) => without(one, ({ expect: e }) => e === 'fired'),
      'no case is fired',
    ],
    [
      'no case that does not fire',
      'DQ-001',
      (one) => without(one, ({ expect: e }) => e === 'not-fired'),
      'no case is not-fired',
    ],
    [
      'no undecided case',
      'MG-001',
      (one) => without(one, ({ expect: e }) => e === 'indeterminate'),
      'no case is indeterminate',
    ],
    [
      'two cases of one name',
      'MG-001',
      (one) => (one.cases = [...one.cases, ...one.cases.slice(0, 1)]),
      'two cases are called',
    ],
    [
      'a threshold without a case just below',
      'MG-001',
      (one) => {
        const [leaf] = [...leavesOf(one.rule.conditions)].filter(({ fact }) => fact === 'lab');
        if (leaf) leaf.value = 0.5;
      },
      'lab magnesium lessThan 0.5',
    ],
    [
      'an age limit without a case on both sides',
      'MG-002',
      (one) => {
        const [leaf] = [...leavesOf(one.rule.conditions)].filter(({ fact }) => fact === 'age');
        if (leaf) leaf.value = 30;
      },
      'age greaterThanInclusive 30',
    ],
    [
      'a stage without a case above it',
      'RF-001',
      (one) => {
        for (const leaf of leavesOf(one.rule.conditions)) leaf.operator = 'equal';
        without(one, ({ facts }) =>
          facts.some(
            (answer) => answer.fact === 'akiStage' && answer.state === 'known' && answer.value === 2,
          ),
        );
      },
      'no case just above `akiStage equal 1`',
    ],
    [
      'a laboratory limit without a case on both sides',
      'MG-003',
      (one) =>
        without(one, ({ facts }) =>
          facts.some(
            (answer) =>
              answer.fact === 'lab' &&
              answer.state === 'known' &&
              answer.lowerLimit !== undefined &&
              Number(answer.value) >= answer.lowerLimit,
          ),
        ),
      'lab magnesium lessThan $.lowerLimit',
    ],
    [
      'an exemption that saves no case',
      'IV-004',
      (one) => without(one, ({ name }) => /torsades/.test(name)),
      'saved by the exemption `condition torsades`',
    ],
    [
      'exemptions in one leaf',
      'IV-004',
      (one) => {
        const [leaf] = leavesOf(one.rule.unless ?? one.rule.conditions);
        if (leaf) leaf.params.groups = ['torsades', 'eclampsia'];
      },
      'one condition each',
    ],
    [
      'an exemption that need not be confirmed',
      'IV-004',
      (one) => {
        const [leaf] = leavesOf(one.rule.unless ?? one.rule.conditions);
        if (leaf) delete leaf.params.confirmed;
      },
      '`confirmed`',
    ],
    [
      'an unknown rule superseded',
      'MG-001',
      (one) => (one.rule.supersedes = ['MG-999']),
      'supersedes MG-999',
    ],
    [
      'a band that reads its lower end at the value',
      'IV-005',
      (one) => {
        for (const leaf of leavesOf(one.rule.conditions))
          if (leaf.path === '$.highest') leaf.path = '$.value';
      },
      'is the lower end of a band',
    ],
    [
      'an exemption that reads what a value may be at most',
      'RD-025',
      (one) => {
        for (const leaf of one.rule.unless ? leavesOf(one.rule.unless) : [])
          if (leaf.fact === 'creatinineClearance') leaf.path = '$.highest';
      },
      'exempts nobody',
    ],
    [
      'an order that the summary does not name',
      'RF-002',
      (one) => (one.rule.card.orderSummary = '{values}'),
      'needs `relevantTo` and a `{drug}`',
    ],
    [
      'an unknown placeholder',
      'MG-001',
      (one) => (one.rule.card.summary = '{magnesium} low'),
      'no placeholder',
    ],
    ['a placeholder twice', 'MG-001', (one) => (one.rule.card.summary = '{values} {values}'), 'only once'],
    ['values without a value', 'CH-001', (one) => (one.rule.card.summary = '{values}'), '`{values}` needs'],
    ['a drug without a drug', 'MG-001', (one) => (one.rule.card.summary = '{drug}'), '`{drug}` needs'],
    [
      'a summary too long',
      'MG-001',
      (one) => (one.rule.card.summary = `{values} ${'x'.repeat(120)}`),
      'leaves 18',
    ],
    ['an exclamation mark', 'MG-001', (one) => (one.rule.card.detail = 'Stop!'), 'exclamation'],
    [
      'an active rule without an exact source',
      'MG-001',
      (one) => {
        for (const source of one.rule.sources) delete source.section;
      },
      'needs a source with its `section`',
    ],
    ['a wrong attribute of sex', 'RD-001', (one) => (one.rule.sourceAttributes.usesSex = false), '`usesSex`'],
    [
      'a wrong attribute of birth date',
      'MG-009',
      (one) => (one.rule.sourceAttributes.usesDateOfBirth = true),
      '`usesDateOfBirth`',
    ],
    ['a review in the past', 'MG-001', (one) => (one.rule.reviewBy = '2020-01-01'), '`reviewBy`'],
    ['a version without its date', 'MG-001', (one) => (one.rule.version = '9.0.0'), 'version 9.0.0'],
    [
      'no date at all',
      'MG-001',
      (one) => (one.rule.sourceAttributes.releaseAndRevisionDates = 'soon'),
      'names no date',
    ],
  ])('%s', (_, id, change, expected) => {
    const found = lintOf(id, change);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((problem) => problem.startsWith(`${id}: `))).toBe(true);
    expect(found.join('\n')).toContain(expected);
  });

  it('a folder that is not registered, an entry without a folder, an entry twice', () => {
    expect(registryProblems(['a/A', 'c/C', 'c/C'], ['a/A', 'b/B'])).toEqual([
      'b/B is not in library.ts',
      'c/C has no folder',
      'c/C has no folder',
      'c/C is in library.ts twice',
    ]);
  });

  it('asks no undecided case of a rule that is always decided', () => {
    expect(entry('DQ-001').cases.some(({ expect: e }) => e === 'indeterminate')).toBe(false);
  });
});

describe('cases are read strictly', () => {
  it('refuses a misspelt key, naming the file and the place', () => {
    const misspelt = [{ name: 'x', given: { lab: [] }, expect: 'fired' }];
    expect(() => parseCases(misspelt, 'magnesium/MG-001')).toThrow(/magnesium\/MG-001: 0\.given/);
  });

  it('refuses a drug and a condition that are in no table', () => {
    const [mg] = documents;
    if (!mg) throw new Error('the library is empty');
    const given = (one: Case['given']): Case => ({ name: 'x', given: one, expect: 'fired' });
    expect(() => evaluate(given({ active: [{ drug: 'unobtainium' }] }), mg.rule)).toThrow(/no ingredient/);
    expect(() => evaluate(given({ conditions: ['no-such-group'] }), mg.rule)).toThrow(/no group/);
  });
});

describe('rule:new', () => {
  const wanted = {
    id: 'MG-004',
    domain: 'magnesium',
    title: 'Life-threatening hypomagnesemia',
    today: '2026-11-20',
  };

  it('writes a draft without lint and registers it', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'library.ts'), libraryModule(['zinc/ZN-001']));
    expect(newRule(folder, wanted)).toBe('magnesium/MG-004');
    const json = readJson(join(folder, 'magnesium/MG-004/rule.json'));
    const rule = parseRule(json, 'MG-004');
    expect(rule.status).toBe('draft');
    expect(rule.reviewBy).toBe('2027-11-20');
    const cases = parseCases(readJson(join(folder, 'magnesium/MG-004/cases.json')), 'MG-004');
    const own = createRuleset([{ where: 'magnesium/MG-004', json }]);
    const linted = cases.map((one) => {
      const { evaluation, lint } = decideCase(one, rule, own);
      expect(evaluation.outcome).toBe(one.expect);
      return lint;
    });
    expect(lintLibrary([{ where: 'magnesium/MG-004', rule, cases: linted }])).toEqual([]);
    expect(readFileSync(join(folder, 'library.ts'), 'utf8')).toBe(
      libraryModule(['magnesium/MG-004', 'zinc/ZN-001']),
    );
  });

  it('refuses an existing id, in whatever domain, and what is no id, domain or title', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'library.ts'), libraryModule([]));
    newRule(folder, wanted);
    expect(() => newRule(folder, wanted)).toThrow(/MG-004 exists/);
    expect(() => newRule(folder, { ...wanted, domain: 'cardiac' })).toThrow(/MG-004 exists/);
    expect(() => newRule(folder, { ...wanted, id: 'mg-5' })).toThrow(/MG-004/);
    expect(() => newRule(folder, { ...wanted, id: 'MG-005', domain: '../x' })).toThrow(/domain/);
    expect(() => newRule(folder, { ...wanted, id: 'MG-005', title: ' ' })).toThrow(/title/);
  });
});

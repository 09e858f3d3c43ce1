/** A fact is one whole definition: what is left out is a type error, and what is derived from it holds for each. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { questionsOf } from '../../../commands/facts-table.ts';
import { roundedBeside } from '../../../rules/cards/finding-values.ts';
import type { KnownFact } from '../../../rules/facts/fact.ts';
import { categoriesRead, type FactName, factNames, factOf, type Params } from '../../../rules/facts/facts.ts';
import { categories } from '../../../rules/fhir/categories.ts';
import { labTestNames, labTests } from '../../../rules/terminology/labs.ts';

// --- The types ---------------------------------------------------------------------------------------------

/** Every member of a definition, as source. */
const members = {
  name: `'weightChange'`,
  params: 'z.strictObject({ test: labTest, within: duration })',
  description: `'What changed.'`,
  kind: `'number'`,
  paths: `['$.value']`,
  stratum: '1',
  part: `'finding'`,
  categories: `() => ['labs']`,
  tests: '({ test }) => [test]',
  reach: '({ test }) => [{ test }]',
  uses: '{ sex: false, birthDate: false, categories: [], drugIdentity: false }',
  dataNeeds: `({ test, within }) => [{ type: 'Observation', tests: [test], within }]`,
  isPlainResult: 'false',
  computedFrom: '() => []',
  isWhole: '() => false',
  describe: `({ test, within }) => [test, within].join(' within ')`,
  ask: `({ test }) => ['change of', test].join(' ')`,
  need: '() => null',
  word: `({ value }, { test }) => [test, 'changed by', value].join(' ')`,
  fills: `() => ['values']`,
  heads: '() => null',
  compute: `() => () => missing('absent', [])`,
} as const;
type Member = keyof typeof members;
const memberNames = Object.keys(members) as Member[];

const sourceOf = (parts: Partial<Record<Member, string>>): string =>
  [
    `import * as z from 'zod/mini';`,
    `import { defineFact, missing } from '../../../rules/facts/fact.ts';`,
    `import { duration, labTest } from '../../../rules/facts/parameters.ts';`,
    'void [z, missing, duration, labTest];',
    'export const fact = defineFact({',
    ...Object.entries(parts).map(([name, text]) => `  ${name}: ${text},`),
    '});',
  ].join('\n');

const without = (name: Member): string => {
  const { [name]: _, ...rest } = members;
  return sourceOf(rest);
};
const having = (change: Partial<Record<Member, string>>): string => sourceOf({ ...members, ...change });

/** Errors of each source, as the compiler says them with the options of tsconfig.json; nothing is written. */
function errorsOf(sources: ReadonlyMap<string, string>): Map<string, string[]> {
  const root = resolve(import.meta.dirname, '../../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const fileOf = (name: string): string => join(import.meta.dirname, `${name}.ts`);
  const texts = new Map([...sources].map(([name, text]) => [fileOf(name), text]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.readFile = (file) => texts.get(file) ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const text = texts.get(file);
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, rest[0]);
  };
  const program = ts.createProgram({ rootNames: [...texts.keys()], options, host });
  return new Map(
    [...sources.keys()].map((name) => {
      const file = program.getSourceFile(fileOf(name));
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

/** What is wrong, its source, and what the error names. */
const wrong: readonly (readonly [name: string, source: string, words: string])[] = [
  ['kind', having({ kind: `'amount'` }), '"amount"'],
  ['stratum', having({ stratum: '3' }), '3'],
  ['tests', having({ tests: `() => ['no-such-test']` }), '"no-such-test"'],
  ['categories', having({ categories: `() => ['weights']` }), '"weights"'],
  ['a parameter that is not there', having({ describe: '({ unit }) => unit' }), "'unit'"],
  ['a parameter of another type', having({ isWhole: '({ within }) => within' }), "'string'"],
  ['a member more', sourceOf({ ...members, ...{ colour: `'red'` } }), "'colour'"],
];

const errors = errorsOf(
  new Map([
    ['whole', sourceOf(members)],
    ...memberNames.map((name): [string, string] => [`without ${name}`, without(name)]),
    ...wrong.map(([name, source]): [string, string] => [`wrong ${name}`, source]),
  ]),
);
/** Of an overload or a union the compiler says more than one line. */
const errorOf = (name: string): string => errors.get(name)?.join('\n') ?? 'not compiled';

describe('a definition of a fact', () => {
  it('with every member has no type error', () => expect(errors.get('whole')).toEqual([]));

  it('has the members of every definition there is', () => {
    for (const name of factNames) expect(Object.keys(factOf(name)).sort()).toEqual([...memberNames].sort());
  });

  it.each(memberNames)('without `%s` is a type error that names it', (name) => {
    expect(errorOf(`without ${name}`)).toContain(`'${name}'`);
  });

  it.each(wrong)('with a wrong %s is a type error', (name, _, words) => {
    expect(errorOf(`wrong ${name}`)).toContain(words);
  });
});

// --- What is derived from each -----------------------------------------------------------------------------

const drugs = { classes: ['magnesium'], role: 'any' };
const fall = { within: 'P30D', span: 'P365D', over: 'P90D' };

/** Parameters to ask facts with: one for each way it words itself. What is not here is asked by its schema. */
const byHand: Readonly<Partial<Record<FactName, readonly Params[]>>> = {
  age: [{ unit: 'year' }, { unit: 'day' }],
  sex: [{}],
  lab: labTestNames.map((test) => ({ test, unit: labTests[test].unit, within: 'P3D', lowerLimit: 1 })),
  hasLab: [
    { tests: ['creatinine', 'egfr'], within: 'P7D' },
    { tests: ['magnesium'], within: 'admission' },
  ],
  labNewer: [{ test: 'calcium-ionized', than: 'calcium-corrected', within: 'P3D', orOlderBy: 'PT24H' }],
  labTrend: ['rise', 'fall', 'ratio'].map((change) => ({
    test: 'creatinine',
    unit: 'mg/dL',
    within: 'P3D',
    span: 'PT48H',
    change,
  })),
  egfr: [{ within: 'P90D' }],
  creatinineClearance: [{ within: 'P90D' }],
  akiStage: [{ within: 'P7D' }],
  egfrHighest: [{ within: 'P365D', over: 'P90D' }],
  egfrFall: ['percent', 'categories', 'perYear'].map((as) => ({ ...fall, as })),
  drug: [
    { ...drugs, role: 'active', route: 'oral', forAtLeast: 'P90D' },
    { ...drugs, endedWithin: 'P30D' },
  ],
  drugCount: ['class', 'ingredient', 'order'].flatMap((by) => [
    { ...drugs, by },
    { ...drugs, by, within: 'P3D' },
  ]),
  dailyDose: [
    { ...drugs, unit: 'mg' },
    { ...drugs, unit: 'mg/kg', elementalMagnesium: true },
  ],
  dose: [
    { ...drugs, unit: 'mg' },
    { ...drugs, unit: 'mg/kg' },
  ],
  doseFrequency: [drugs],
  infusionRate: [{ ingredients: ['magnesium sulfate'], unit: 'g/h' }],
  cumulativeDose: [{ ...drugs, unit: 'g', within: 'PT48H' }],
  allergy: [{ classes: ['fluoroquinolone'] }],
  allergyToOrder: [{}],
  duplicateOrder: [{}],
  condition: [
    { groups: ['dialysis'], status: 'active' },
    { groups: ['torsades', 'eclampsia'], status: 'ever', confirmed: true },
  ],
  pregnancy: [{}],
  gestation: [{}],
  encounter: [{}],
  notice: [{ codes: ['drug-unresolved', 'lab-conflict'] }],
  checkNotMade: [{}],
};
const rulesPage = readFileSync('docs/rules.md', 'utf8');
const asked = (name: FactName): readonly Params[] =>
  byHand[name] ?? questionsOf(factOf(name)).filter((params) => factOf(name).params.safeParse(params).success);
const questions = factNames.flatMap((name) =>
  asked(name).map((params): [name: FactName, params: Params] => [name, params]),
);
const numbers = questions.filter(([name]) => factOf(name).kind === 'number');

/** Both ends are always known: the person was born, and no pregnancy is endless. */
const bounded: readonly FactName[] = ['age', 'gestation'];

/** As fine as anything that is measured. */
const thousandths = fc.nat({ max: 100_000_000 }).map((count) => count / 1000);

/** A known value, alone or as an end of a range. */
const known = (name: FactName, params: Params): fc.Arbitrary<KnownFact> => {
  const { unit } = params;
  const amount = factOf(name).isWhole(params) ? fc.nat({ max: 40_000 }) : thousandths;
  const open = Number.POSITIVE_INFINITY;
  return fc
    .record({ value: amount, more: amount, shape: fc.constantFrom('point', 'between', 'from', 'to') })
    .map(({ value, more, shape }): KnownFact => {
      const fact: KnownFact = { state: 'known', value, evidence: [] };
      if (typeof unit === 'string') fact.unit = unit;
      const isBounded = bounded.includes(name) && shape !== 'point';
      if (isBounded || shape === 'between') fact.range = { low: value, high: value + more };
      else if (shape === 'from') fact.range = { low: value, high: open };
      else if (shape === 'to') fact.range = { low: 0, high: value };
      return fact;
    });
};

describe('what is derived from each fact', () => {
  it('names are unique', () => {
    expect(factNames.length).toBeGreaterThanOrEqual(27);
    expect(new Set(factNames).size).toBe(factNames.length);
  });

  it.each(factNames)('%s is asked with parameters that are valid', (name) => {
    expect(asked(name).length).toBeGreaterThan(0);
    for (const params of asked(name)) expect(factOf(name).params.safeParse(params).error).toBeUndefined();
  });

  it.each(questions)('%s %j: it says what it asks', (name, params) => {
    const { describe: says, ask } = factOf(name);
    for (const words of [says(params), ask(params)]) {
      expect(words.trim()).not.toBe('');
      expect(words).not.toMatch(/undefined|null|NaN|\[object/);
    }
  });

  it.each(questions)('%s %j: what it needs is known', (name, params) => {
    const fact = factOf(name);
    for (const test of fact.tests(params)) expect(labTestNames).toContain(test);
    for (const category of categoriesRead(name, params)) expect(categories).toContain(category);
    for (const need of fact.dataNeeds(params)) {
      if (need.type === 'Observation') expect(need.tests.length).toBeGreaterThan(0);
    }
  });

  it.each(factNames)('%s stands in docs/rules.md with its kind and the kinds of data it looks at', (name) => {
    const rows = rulesPage.split('\n').filter((line) => line.startsWith(`| \`${name}\` |`));
    expect(rows).toHaveLength(1);
    const [, , kind, kindsOfData = ''] = rows[0]?.split(' | ') ?? [];
    for (const params of asked(name)) {
      for (const category of categoriesRead(name, params)) expect(kindsOfData).toContain(`\`${category}\``);
    }
    expect(kind).toBe(factOf(name).kind);
  });

  it.each(numbers)(
    '%s %j: every value is worded with a name or a unit, never a bare number',
    (name, params) => {
      fc.assert(
        fc.property(known(name, params), fc.array(thousandths), (fact, limits) => {
          const words = factOf(name).word(fact, params, (value, decimals) =>
            roundedBeside(value, decimals, limits),
          );
          expect(words).toMatch(/\d/);
          expect(words).toMatch(/\p{L}|%/u);
          expect(words).not.toMatch(/undefined|null|NaN|Infinity|\de[+-]/);
        }),
      );
    },
  );

  it.each(questions.filter(([name]) => factOf(name).kind !== 'number'))(
    '%s %j: a truth or a text has no words of its own',
    (name, params) => {
      const fact: KnownFact = {
        state: 'known',
        value: factOf(name).kind === 'truth' || 'male',
        evidence: [],
      };
      expect(factOf(name).word(fact, params, String)).toBeNull();
    },
  );
});

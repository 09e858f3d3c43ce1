/**
 * `npm run rule:new -- MG-004 magnesium "Life-threatening hypomagnesemia"`: a folder with a rule.json and a
 * cases.json that pass the schema and the linter, as a draft, registered in library.ts. See CONTRIBUTING.md.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { library } from '../rules/library/library.ts';
import { parseRule } from '../rules/rule/document.ts';
import { families, familyNames, isFamily } from '../rules/rule/override-reasons.ts';
import { runCommand, UsageError } from './command-line.ts';

export interface NewRule {
  id: string;
  domain: string;
  title: string;
  /** `2026-11-20`: the date of version 1.0.0. */
  today: string;
}

interface Registry {
  file: string;
  comment: string;
  name: string;
  type: string;
}

function moduleText(folders: readonly string[], { file, comment, name, type }: Registry): string {
  const sorted = [...folders].sort();
  const nameOf = (where: string): string => (where.split('/')[1] ?? where).replace('-', '');
  const imports = sorted.map(
    (where) => `import ${nameOf(where)} from './${where}/${file}' with { type: 'json' };`,
  );
  const entries = sorted.map((where) => `  { where: '${where}', json: ${nameOf(where)} },`);
  return [
    ...imports,
    ...(imports.length > 0 ? [''] : []),
    comment,
    `export const ${name}: ${type} = [${entries.length > 0 ? '' : '];'}`,
    ...entries,
    ...(entries.length > 0 ? ['];'] : []),
    '',
  ].join('\n');
}

/** The text of rules/library/library.ts for these folders. */
export const libraryModule = (folders: readonly string[]): string =>
  moduleText(folders, {
    file: 'rule.json',
    comment: '/** Every rule that ships, in the order of their folders. `npm run rule:new` keeps it. */',
    name: 'library',
    type: 'readonly { where: string; json: unknown }[]',
  });

/** The text of rules/library/cases.ts: apart, so that only what shows the cases carries them. */
export const casesModule = (folders: readonly string[]): string =>
  moduleText(folders, {
    file: 'cases.json',
    comment: '/** The cases of every rule, in the order of their folders. `npm run rule:new` keeps it. */',
    name: 'cases',
    type: 'readonly { where: string; json: unknown }[]',
  });

const registeredIn = (text: string): string[] =>
  [...text.matchAll(/where: '([^']+)'/g)].map((match) => match[1] ?? '');

const yearAfter = (date: string): string =>
  `${Number(date.slice(0, 4)) + 1}${date.slice(4).replace('-02-29', '-02-28')}`;

function skeleton({ id, domain, title, today }: NewRule): Record<string, unknown> {
  return {
    // For editors: names of facts, drugs and tests are completed.
    $schema: '../../../../docs/schemas/rule.schema.json',
    name: id,
    conditions: {
      all: [
        {
          fact: 'age',
          params: { unit: 'year' },
          path: '$.value',
          operator: 'greaterThanInclusive',
          value: 18,
        },
      ],
    },
    event: { type: id },
    id,
    version: '1.0.0',
    title,
    domain,
    status: 'draft',
    hooks: ['order-sign'],
    card: {
      indicator: 'info',
      summary: title,
      detail: 'Why it matters and what the options are, in one to three sentences.',
    },
    rationale: 'Why these conditions, thresholds and windows; which of them are local decisions.',
    sources: [
      {
        key: 'SOURCE',
        title: 'Document, authors, publisher',
        short: 'Two to five words',
        year: Number(today.slice(0, 4)),
        read: false,
      },
    ],
    sourceAttributes: {
      bibliographicCitation: 'Document, authors, publisher, year',
      developer: 'Epsom maintainers',
      fundingSource: 'none',
      releaseAndRevisionDates: `1.0.0 released ${today}`,
      usesRace: false,
      usesEthnicity: false,
      usesLanguage: false,
      usesSexualOrientation: false,
      usesGenderIdentity: false,
      usesSex: false,
      usesDateOfBirth: true,
      usesSocialDeterminants: false,
      usesHealthStatusAssessments: false,
    },
    owner: 'Epsom maintainers',
    reviewBy: yearAfter(today),
  };
}

const skeletonCases = [
  { name: 'an adult of 18 fires', given: { age: 18 }, expect: 'fired' },
  { name: 'a child of 17 does not', given: { age: 17 }, expect: 'not-fired' },
  {
    name: 'without a birth date it is undecided',
    given: { age: null },
    expect: 'indeterminate',
    missing: ['birth date'],
  },
];

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** @throws UsageError when id, domain or title are not written as they must be */
function checkSpelling({ id, domain, title }: NewRule): void {
  if (!/^[A-Z]{2}-\d{3}$/.test(id)) throw new UsageError(`\`${id}\` is no rule id: write it like MG-004`);
  if (!/^[a-z]+(-[a-z]+)*$/.test(domain))
    throw new UsageError(`\`${domain}\` is no domain: write it like iv-magnesium`);
  if (title.trim() === '') throw new UsageError('the rule needs a title');
}

/**
 * @param root the folder of the library
 * @returns the new folder under it: `magnesium/MG-004`
 * @throws UsageError when id, domain or title are not written as they must be; Error when the id is taken
 */
export function newRule(root: string, wanted: NewRule): string {
  const { id, domain } = wanted;
  checkSpelling(wanted);
  const taken = readdirSync(root, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && existsSync(join(root, entry.name, id)),
  );
  if (taken) throw new Error(`${id} exists: ${join(taken.name, id)}`);
  const where = `${domain}/${id}`;
  const rule = skeleton(wanted);
  parseRule(rule, where);
  const registry = join(root, 'library.ts');
  const folders = [...registeredIn(readFileSync(registry, 'utf8')), where];
  mkdirSync(join(root, where), { recursive: true });
  writeFileSync(join(root, where, 'rule.json'), json(rule));
  writeFileSync(join(root, where, 'cases.json'), json(skeletonCases));
  writeFileSync(registry, libraryModule(folders));
  writeFileSync(join(root, 'cases.ts'), casesModule(folders));
  return where;
}

/** The domains of the library, as its folders have them. */
export const domainsOf = (folders: readonly string[]): string[] =>
  [...new Set(folders.map((where) => where.split('/')[0] ?? where))].sort();

/**
 * Whether a rule fits into the library as it is: its domain has a page, and its two letters have override reasons.
 *
 * @param domains those of the library
 * @param beginsDomain whether a new domain is meant
 * @throws UsageError that names what there is, and how to begin something new
 * @example
 * checkPlace({ id: 'MG-004', domain: 'magnesium', title, today }, ['cardiac', 'magnesium'], false);
 */
export function checkPlace(wanted: NewRule, domains: readonly string[], beginsDomain: boolean): void {
  checkSpelling(wanted);
  const { id, domain } = wanted;
  const family = id.slice(0, 2);
  if (!isFamily(family))
    throw new UsageError(
      `\`${family}\` of \`${id}\` is no family of rules: there are ${familyNames.join(', ')}, and a new one begins in \`families\` of rules/rule/override-reasons.ts`,
    );
  if (domains.includes(domain) || beginsDomain) return;
  throw new UsageError(
    `\`${domain}\` is no domain yet: there are ${domains.join(', ')}, and \`--new-domain\` begins a new one`,
  );
}

if (import.meta.main) {
  const shipped = library.map(({ where }) => where);
  await runCommand(
    {
      about: [
        'Makes a draft rule with its cases, which passes as it is, and registers it. How to go on: CONTRIBUTING.md.',
        `Domains: ${domainsOf(shipped).join(', ')}; --new-domain begins another one.`,
        `The two letters of the id: ${familyNames.map((name) => `${name} ${families[name].title}`).join(', ')}.`,
      ].join('\n'),
      calls: ['npm run rule:new -- <id> <domain> "<title>" [--new-domain]'],
      options: { 'new-domain': { type: 'boolean' } },
      positionals: [3, 3],
      failed: 1,
    },
    ({ values, positionals: [id = '', domain = '', title = ''] }) => {
      const wanted = { id, domain, title, today: new Date().toISOString().slice(0, 10) };
      checkPlace(wanted, domainsOf(shipped), values['new-domain'] === true);
      const where = newRule(fileURLToPath(new URL('../rules/library/', import.meta.url)), wanted);
      console.log(
        [
          `rules/library/${where}: write rule.json and cases.json, then`,
          '  npx vitest run test/rules/library/library.test.ts',
          '  npm run format && npm run docs && npm run rule:lock',
          '  UPDATE_DOCS=1 npx vitest run test/docs/docs.test.ts',
        ].join('\n'),
      );
    },
  );
}

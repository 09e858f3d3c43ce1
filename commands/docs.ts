/**
 * `npm run docs`: writes the generated pages - one per domain of the rule library, what the library does not cover,
 * the table of the claims this project started from, the table of facts in docs/rules.md, the lengths in
 * docs/gathering.md, and the override reasons as FHIR. A test fails when they
 * are stale.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { textForReader } from '../rules/cards/reader-units.ts';
import { factOf } from '../rules/facts/facts.ts';
import { type ClauseOfRow, clausesOf, clausesWithoutRule } from '../rules/library/catalogue.ts';
import { library } from '../rules/library/library.ts';
import { notCovered } from '../rules/library/not-covered.ts';
import { askingsIn, type Demand, textAskingAll } from '../rules/rule/asking.ts';
import type { Condition, Leaf } from '../rules/rule/conditions.ts';
import { parseRule, type Rule } from '../rules/rule/document.ts';
import {
  families,
  familyNames,
  overrideReasonSystem,
  overrideReasons,
  overrideReasonVersion,
  reasonsOf,
} from '../rules/rule/override-reasons.ts';
import { waysOutOf } from '../rules/rule/way-out.ts';
import { runCommand } from './command-line.ts';
import { factsTable } from './facts-table.ts';
import { schemaFiles } from './schemas.ts';
import { templatesTable } from './templates-table.ts';

const root = resolve(import.meta.dirname, '..');

const claimSchema = z.array(
  z.strictObject({
    id: z.string().check(z.regex(/^S\d+$/)),
    disposition: z.enum(['adopt', 'adopt-modified', 'context-only', 'reject-as-advice']),
    claim: z.string().check(z.minLength(1)),
    rules: z.array(z.string()),
    behaviour: z.optional(z.string()),
    reason: z.optional(z.string()),
  }),
);
export type Claim = z.infer<typeof claimSchema>[number];

const claimsFile = join(root, 'rules/library/claims.json');
export const readClaims = (): Claim[] =>
  existsSync(claimsFile) ? claimSchema.parse(JSON.parse(readFileSync(claimsFile, 'utf8'))) : [];

const words: Readonly<Record<string, string>> = {
  lessThan: '<',
  lessThanInclusive: '≤',
  greaterThan: '>',
  greaterThanInclusive: '≥',
  equal: '=',
  in: 'one of',
};

function leafText(leaf: Leaf): string {
  const name = factOf(leaf.fact).describe(leaf.params);
  const what = leaf.path === '$.highest' ? `the most that ${name} may be` : name;
  const { value } = leaf;
  if (typeof value === 'boolean') return value ? what : `no ${what}`;
  const unit = typeof leaf.params.unit === 'string' && leaf.fact === 'lab' ? ` ${leaf.params.unit}` : '';
  if (typeof value === 'object' && !Array.isArray(value)) {
    return `${what} ${words[leaf.operator]} lower limit of the laboratory (else ${leaf.params.lowerLimit}${unit})`;
  }
  return `${what} ${words[leaf.operator]} ${Array.isArray(value) ? value.join(', ') : value}${unit}`;
}

function conditionText(node: Condition): string {
  if ('all' in node) return node.all.map(inner).join(' **and** ');
  if ('any' in node) return node.any.map(inner).join(' **or** ');
  if ('not' in node) return `not (${conditionText(node.not)})`;
  return leafText(node);
}
const inner = (node: Condition): string =>
  'all' in node || 'any' in node ? `(${conditionText(node)})` : conditionText(node);

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** What a rule says of the catalogue, with how it is asked otherwise, and what no rule says. */
function clauseLine({ row, clause, of, decision, as }: ClauseOfRow): string {
  const otherwise = Object.entries(as ?? {}).map(
    ([word, how]) => `${word === 'words' ? '' : `${word}: `}${how}`,
  );
  const notes = decision === undefined ? otherwise : [`no rule. ${decision}`];
  const place = `${row}${of ? ', card' : ''}`;
  return `- ${place}: \`${clause}\`${notes.length > 0 ? `: ${notes.join('; ')}` : ''}`;
}

function clausesText(id: string): string[] {
  const clauses = clausesOf(id);
  return clauses.length > 0 ? [`**Catalogue clauses**\n\n${clauses.map(clauseLine).join('\n')}`] : [];
}

/** A text of a card with all that it asks for. */
const pageText = (text: string): string => textForReader(textAskingAll(text), undefined);

const wordDemand = ({ verb, things }: Demand): string => `${verb} ${things.join(' and ')}`;

/** What a card does not ask for where it is at hand, and what it says instead. */
function atHandText({ card: { summary, orderSummary = '', detail, brief = '' } }: Rule): string[] {
  const lines = [summary, orderSummary, detail, brief]
    .flatMap(askingsIn)
    .map(({ anyOf, words: asked, instead }) => {
      const left = textForReader(asked, undefined);
      const said = instead ? `: ${textForReader(instead, undefined)}` : '';
      return `- ${anyOf.map(wordDemand).join(' or ')}: \`${left}\`${said}`;
    });
  return lines.length > 0 ? [`Left out where it is at hand:\n\n${[...new Set(lines)].join('\n')}`] : [];
}

function ruleText(rule: Rule): string {
  const sources = rule.sources.map(
    ({ title, section, year, url, read }) =>
      `- ${title}${section ? `, ${section}` : ''} (${year})${read ? '' : ', not read'}${url?.startsWith('http') ? ` <${url}>` : ''}`,
  );
  return [
    `## ${rule.id} ${rule.title}`,
    `${rule.card.indicator}, ${rule.status}, version ${rule.version}; ${rule.hooks.join(', ')}; review by ${rule.reviewBy}`,
    `**When** ${conditionText(rule.conditions)}`,
    ...(rule.unless ? [`**Unless** ${conditionText(rule.unless)}`] : []),
    `**Card** ${pageText(rule.card.summary)}`,
    pageText(rule.card.detail),
    ...(rule.card.orderSummary ? [`Beside such an order: ${pageText(rule.card.orderSummary)}`] : []),
    ...(rule.card.brief ? [`On the card in short: ${pageText(rule.card.brief)}`] : []),
    ...atHandText(rule),
    `Way out: ${[...waysOutOf(rule)].join(', ') || 'of its own'}.`,
    `Override reasons: ${reasonsOf(rule).join(', ')}.`,
    ...(rule.supersedes ? [`Supersedes ${rule.supersedes.join(', ')}.`] : []),
    `**Why so** ${rule.rationale}`,
    sources.join('\n'),
    ...clausesText(rule.id),
  ].join('\n\n');
}

const notice =
  'Generated from the rule library by `npm run docs`. Decision support for review by a qualified clinician; not a medical device. Local clinical governance must approve rules before use.';

function domainPage(domain: string, rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ id, title, card, status }) =>
      `| [${id}](#${`${id} ${title}`
        .toLowerCase()
        .replace(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-')}) | ${cell(title)} | ${card.indicator} | ${status} |`,
  );
  return [
    `# Rules: ${domain}`,
    notice,
    ['| rule | title | indicator | status |', '|---|---|---|---|', ...rows].join('\n'),
    ...rules.map(ruleText),
    '',
  ].join('\n\n');
}

function notCoveredPage(rules: readonly Rule[]): string {
  const drugs = notCovered(rules).map(
    ({ drug, limit, source, read }) => `| ${drug} | ${limit} | ${cell(source)}${read ? '' : ', not read'} |`,
  );
  const clauses = clausesWithoutRule().map(
    ({ row, clause, decision }) => `| ${row} | \`${cell(clause)}\` | ${cell(decision ?? '')} |`,
  );
  return [
    '# Not covered',
    'Where nothing speaks, nothing was checked. A drug that stands here may be ordered at any kidney function without a card; so may what the clauses below name.',
    notice,
    `## Drugs with a limit for the kidney in their label, and no active rule about it (${drugs.length})`,
    'Not a complete list of such drugs, and no advice on doses: the limit is only named.',
    ['| drug | limit of the label | source |', '|---|---|---|', ...drugs].join('\n'),
    `## Clauses of the catalogue that no rule says (${clauses.length})`,
    ['| row | clause | why |', '|---|---|---|', ...clauses].join('\n'),
    '',
  ].join('\n\n');
}

function claimsPage(claims: readonly Claim[], ids: ReadonlySet<string>): string {
  const rows = claims.map(({ id, disposition, claim, rules, behaviour, reason }) => {
    const there = rules.filter((rule) => ids.has(rule));
    const lacking = rules.filter((rule) => !ids.has(rule));
    const leads = [
      there.join(', '),
      lacking.length > 0 ? `not in the library yet: ${lacking.join(', ')}` : '',
      behaviour ?? '',
      reason ?? '',
    ].filter((part) => part !== '');
    return `| ${id} | ${cell(claim)} | ${disposition} | ${cell(leads.join('; '))} |`;
  });
  return [
    '# The claims this project started from',
    'Three articles about magnesium infusions made 59 claims. Only adopted ones may become advice; a rejected one may lead to a safety card, never to a recommendation to infuse.',
    notice,
    ['| claim | what it says | disposition | where it went |', '|---|---|---|---|', ...rows].join('\n'),
    '',
  ].join('\n\n');
}

const published = {
  version: overrideReasonVersion,
  status: 'active',
  experimental: false,
  publisher: 'Epsom maintainers',
} as const;

/** https://hl7.org/fhir/R4/codesystem.html */
const codeSystem = () => ({
  resourceType: 'CodeSystem',
  id: 'override-reason',
  url: overrideReasonSystem,
  name: 'EpsomOverrideReason',
  title: 'Epsom override reasons',
  ...published,
  description:
    'Why a clinician decides otherwise than a card says. A code is never taken away or given another meaning.',
  caseSensitive: true,
  content: 'complete',
  count: Object.keys(overrideReasons).length,
  property: [
    {
      code: 'durable',
      uri: `${overrideReasonSystem}#durable`,
      description: 'The reason stays true as long as the facts do: it may withhold the same finding later.',
      type: 'boolean',
    },
  ],
  concept: Object.entries(overrideReasons).map(([code, { display, definition, durable }]) => ({
    code,
    display,
    definition,
    property: [{ code: 'durable', valueBoolean: durable }],
  })),
});

/** https://hl7.org/fhir/R4/valueset.html: what the rules of one family offer. */
function valueSet(name: (typeof familyNames)[number]) {
  const { title, usual, also } = families[name];
  return {
    resourceType: 'ValueSet',
    id: `override-reason-${name.toLowerCase()}`,
    url: `${overrideReasonSystem}:${name.toLowerCase()}`,
    name: `EpsomOverrideReason${name}`,
    title: `Epsom override reasons: ${title} (${name})`,
    ...published,
    compose: {
      include: [
        {
          system: overrideReasonSystem,
          version: overrideReasonVersion,
          concept: [...usual, ...also].map((code) => ({ code, display: overrideReasons[code].display })),
        },
      ],
    },
  };
}

/**
 * A page of which a part is generated: between `<!-- name -->` and `<!-- /name -->`.
 * @throws Error when the page does not have both
 */
export function withSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no part ${begin} … ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every generated page: its path from the root, and its text. */
export function pages(): Map<string, string> {
  const rules = library.map(({ where, json }) => parseRule(json, where));
  const domains = Map.groupBy(rules, ({ domain }) => domain);
  const generated = new Map<string, string>();
  for (const [domain, members] of domains) {
    generated.set(
      `docs/rules/${domain}.md`,
      domainPage(
        domain,
        members.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      ),
    );
  }
  generated.set('docs/rules/not-covered.md', notCoveredPage(rules));
  generated.set('docs/fhir/CodeSystem-override-reason.json', jsonText(codeSystem()));
  for (const name of familyNames) {
    generated.set(`docs/fhir/ValueSet-override-reason-${name.toLowerCase()}.json`, jsonText(valueSet(name)));
  }
  const claims = readClaims();
  if (claims.length > 0)
    generated.set('docs/claims.md', claimsPage(claims, new Set(rules.map(({ id }) => id))));
  const aboutRules = 'docs/rules.md';
  generated.set(aboutRules, withSection(readFileSync(join(root, aboutRules), 'utf8'), 'facts', factsTable()));
  const aboutGathering = 'docs/gathering.md';
  generated.set(
    aboutGathering,
    withSection(readFileSync(join(root, aboutGathering), 'utf8'), 'lengths', templatesTable()),
  );
  for (const [path, text] of schemaFiles()) generated.set(path, text);
  return generated;
}

if (import.meta.main) {
  await runCommand(
    {
      about:
        'Writes the generated pages: docs/rules, docs/claims.md, the tables in docs/rules.md and docs/gathering.md, the override reasons as FHIR in docs/fhir, and the schemas.',
      calls: ['npm run docs'],
      options: {},
    },
    () => {
      for (const folder of ['docs/rules', 'docs/fhir', 'docs/schemas'])
        mkdirSync(join(root, folder), { recursive: true });
      for (const [path, text] of pages()) writeFileSync(join(root, path), text);
    },
  );
}

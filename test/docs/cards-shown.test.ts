/** docs/cards.md shows a card of each domain. Each is what a case of the rule gives, word for word. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Card } from '../../rules/cards/types.ts';
import { parseCases } from '../../rules/library/case.ts';
import { library } from '../../rules/library/library.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { parseRule } from '../../rules/rule/document.ts';
import { decideCase } from '../support/case.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const ruleset = shippedRuleset();
const rules = new Map(library.map(({ where, json }) => [parseRule(json, where).id, { where, json }]));

/** As quoted in the page. */
function quoted({ indicator, summary, detail, suggestions = [] }: Card): string {
  const buttons = suggestions.map(({ label }) => `\`${label}\``).join(' ');
  const text = [`**${indicator}** · ${summary}`, detail, ...(buttons ? [buttons] : [])].join('\n\n');
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

const section = read('../../docs/cards.md').split('## A card of each domain\n')[1] ?? '';
const shown = [...section.matchAll(/### (\S+): (\S+), (.+)\n\n((?:>.*\n)+)/g)].map(
  ([, domain = '', id = '', name = '', text = '']) => ({ domain, id, name, text: text.trim() }),
);

describe('the cards that docs/cards.md shows', () => {
  it('are one of each domain', () => {
    const domains = new Set(library.map(({ where }) => where.split('/')[0]));
    expect(shown.map(({ domain }) => domain).sort()).toEqual([...domains].sort());
  });

  it.each(shown)('$domain: $id, $name', ({ domain, id, name, text }) => {
    const { where, json } = rules.get(id) ?? { where: '', json: {} };
    expect(where.split('/')[0]).toBe(domain);
    const cases = parseCases(JSON.parse(read(`../../rules/library/${where}/cases.json`)), where);
    const one = cases.find((given) => given.name === name);
    if (!one) throw new Error(`${id} has no case \`${name}\``);
    const { decision } = decideCase(one, parseRule(json, where), ruleset);
    const card = decision.cards.find(({ source }) => source.topic.code === id);
    expect(text).toBe(card && quoted(card));
  });
});

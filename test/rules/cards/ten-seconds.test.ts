/**
 * Cards as a clinician reads them who has ten seconds, over every case of the library: nothing cut in the middle,
 * nothing twice, no number without its owner, no line against another.
 */
import { describe, expect, test } from 'vitest';
import type { Card } from '../../../rules/cards/types.ts';
import { decide } from '../../../rules/decide.ts';
import { parseCases } from '../../../rules/library/case.ts';
import { requestOf } from '../../../rules/library/case-request.ts';
import { cases } from '../../../rules/library/cases.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import { drugClasses } from '../../../rules/terminology/drugs/ingredients.ts';
import { decisionOf } from '../../support/metamorphic/input.ts';
import { recordInputs } from '../../support/metamorphic/inputs.ts';
import { presented } from '../../support/presented.ts';
import { clock } from '../../support/rule-documents.ts';

const ruleset = shippedRuleset();
const rules = new Map(ruleset.documents.map((rule) => [rule.id, rule]));

/** @param every of so many cases one */
function cardsOf(profile: 'generic' | 'cerner', every = 1): { where: string; card: Card }[] {
  return cases.flatMap(({ where, json }) => {
    const hooks = rules.get(where.split('/')[1] ?? '')?.hooks ?? [];
    const hook = hooks.find((one) => one === 'order-sign') ?? hooks[0];
    return hook
      ? parseCases(json, where)
          .filter((_, index) => index % every === 0)
          .flatMap((one) =>
            decide(requestOf(one, hook), ruleset, clock, presented({ profile }))
              .cards.filter(({ source }) => rules.get(source.topic.code)?.about === undefined)
              .filter(({ source }) => source.topic.system === 'urn:epsom:rule')
              .map((card) => ({ where: `${where}: ${one.name}`, card })),
          )
      : [];
  });
}
const all = cardsOf('generic');
const summaries = [...new Set(all.map(({ card }) => card.summary))];
const linesOf = ({ detail }: Card): string[] =>
  detail.split('\n').flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : []));
const found = (text: string, expression: RegExp): string[] =>
  [...text.matchAll(expression)].map(([match]) => `${match} in: ${text}`);

describe('the summary', () => {
  test('is whole: values make room for the way out', () => {
    expect(all.length).toBeGreaterThan(1000);
    // What is said of magnesium by vein is cut before what it may lead to, never inside it.
    const cut = summaries.filter((summary) => summary.includes('…'));
    expect(cut.filter((summary) => !/magnesium sulfate by injection accumulates…/.test(summary))).toEqual([]);
  });

  test('of a critical card ends in nothing that is cut, in the handed records and vignettes either', () => {
    const records = recordInputs().flatMap((input) => {
      const decision = decisionOf(input, ruleset);
      return 'refused' in decision ? [] : decision.cards.map((card) => ({ where: input.name, card }));
    });
    expect(records.length).toBeGreaterThan(50);
    const cut = [...all, ...records].filter(
      ({ card }) => card.indicator === 'critical' && card.summary.endsWith('…'),
    );
    expect(cut.map(({ where, card }) => `${where}: ${card.summary}`)).toEqual([]);
  });

  test('where there is less room, a way out is whole or left out', () => {
    const cut = cardsOf('cerner', 4).filter(({ card }) => card.summary.includes('…'));
    expect(cut.length).toBeGreaterThan(0);
    const inside = cut.filter(({ card }) => {
      const whole = card.detail.split('\n')[0]?.replaceAll('\\', '') ?? '';
      const clauses = whole.replace(/(?:; also .*| \(\+\d+ more findings?\))$/, '').split('; ');
      const wayOut = clauses.length > 1 ? (clauses.at(-1) ?? '') : '';
      const begun = wayOut.split(' ').slice(0, 2).join(' ');
      return begun !== '' && card.summary.includes(`; ${begun}`) && !card.summary.includes(wayOut);
    });
    expect(inside.map(({ card }) => card.summary)).toEqual([]);
  });

  test('says whose an amount is, where it names several drugs', () => {
    const unowned = /^[^:]* \+ [^:,]*(?:, [^:]*?)?, [\d.]+ (?:mg|g)(?: a dose|\/day)[^:]*:/;
    // A sum of several is of all of them.
    const unclear = summaries.filter((summary) => unowned.test(summary) && !summary.includes('elemental'));
    expect(unclear).toEqual([]);
  });

  test('has one grammar for one drug and for several', () => {
    expect(summaries.filter((summary) => / \+ \S+ (?:is|was|has) /.test(summary))).toEqual([]);
    expect(summaries.filter((summary) => / with [^:]* (?:rose|fell|falls) /.test(summary))).toEqual([]);
  });
});

describe('the detail', () => {
  test('holds a value against a limit once in each direction', () => {
    const twice =
      /\((?:at least|above) [^()]*\band (?:at least|above)|\((?:at most|below) [^()]*\band (?:at most|below)/g;
    expect(all.flatMap(({ card }) => linesOf(card).flatMap((line) => found(line, twice)))).toEqual([]);
  });

  test('counts in the right number', () => {
    const wrong =
      /(?<![\d.])1 (?:doses|drugs|orders|kinds|categories)\b|(?<![\d.])(?:[02-9]|\d{2,}) (?:dose|drug|order|kind) (?=a day|and|\))/g;
    expect(all.flatMap(({ card }) => found(card.detail, wrong))).toEqual([]);
  });

  test('shows a result in one line', () => {
    const lines = all.flatMap(({ where, card }) => {
      const bold = linesOf(card).flatMap((line) => {
        const [, value, time] = /^\*\*([^*]+)\*\*.*? · (\d{4}-\d\d-\d\d \d\d:\d\d)/.exec(line) ?? [];
        return value ? [`${value} · ${time}`.toLowerCase()] : [];
      });
      return linesOf(card)
        .filter((line) => bold.some((value) => line.toLowerCase().startsWith(value)))
        .map((line) => `${where}: ${line}`);
    });
    expect(lines).toEqual([]);
  });

  test('never says that there is none of a drug that it names', () => {
    const against = all.flatMap(({ where, card }) => {
      const text = `${card.summary}\n${linesOf(card).join('\n')}`.toLowerCase();
      return linesOf(card).flatMap((line) => {
        const none = /^No (?!start of |order of )((?!.* within ).*)$/.exec(line)?.[1]?.toLowerCase();
        const drugs = none?.split(' or ') ?? [];
        return drugs.some((drug) => text.replaceAll(line.toLowerCase(), '').includes(drug))
          ? [`${where}: ${line}`]
          : [];
      });
    });
    expect(against).toEqual([]);
  });

  test('has no name of a class that only a table reads', () => {
    const short = [...drugClasses.keys()].filter((name) => /^[a-z0-9]{3,5}$/.test(name));
    const names = new RegExp(String.raw`\b(?:${short.join('|')}|qt prolonging|p gp)\b`, 'g');
    const texts = all.flatMap(({ card }) =>
      card.detail.split('\n').filter((line) => /^(- No|\*\*Not)/.test(line)),
    );
    expect([...new Set(texts)].flatMap((line) => found(line, names))).toEqual([]);
  });

  test('names the year of a source once', () => {
    const years = all.flatMap(({ card }) =>
      found(/^Source: .*$/m.exec(card.detail)?.[0] ?? '', /\((\d{4})\) \1/g),
    );
    expect([...new Set(years)]).toEqual([]);
  });
});

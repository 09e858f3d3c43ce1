import { describe, expect, it } from 'vitest';
import { ingredientByName } from '../../../../rules/terminology/drugs/ingredients.ts';
import { resolveDrug } from '../../../../rules/terminology/drugs/resolve.ts';
import table from '../../../../rules/terminology/drugs.json' with { type: 'json' };
import extra from '../../../data/drug-names-extra.json' with { type: 'json' };
import orders from '../../../data/order-names.json' with { type: 'json' };
import { allNames, resolveText, ruleNames } from '../../../support/drugs.ts';

interface OrderName {
  name: string;
  rule: string[];
  other: string[];
  route?: string;
  why?: string;
}
const names: readonly OrderName[] = extra.names;

/** What the look-alike must not be, as far as it is an ingredient; "alone" and the like are in the words of the list. */
const forbidden = (words: readonly string[]): string[] =>
  words.flatMap((word) => ingredientByName(word.replace(/ \(.*\)$/, ''))?.name ?? []);

describe('341 names of orders, packs and brands', () => {
  it('are all there, with 74 look-alikes', () => {
    expect(names).toHaveLength(341);
    expect(extra.lookAlikes).toHaveLength(74);
  });

  it('resolve to what they hold, at least 99 of 100, and none to anything else', () => {
    const wrong: string[] = [];
    const unresolved: string[] = [];
    for (const { name, rule } of names) {
      const resolution = resolveText(name);
      const got = ruleNames(resolution).join(' + ');
      const want = rule.toSorted().join(' + ');
      if (resolution.resolvedBy === 'unresolved') unresolved.push(name);
      else if (got !== want) wrong.push(`${name}: ${got} instead of ${want}`);
    }
    expect(wrong).toEqual([]);
    expect(unresolved).toEqual(['Gaviscon']);
  });

  it('name the ingredients that no rule asks for', () => {
    for (const { name, other } of names) {
      const resolution = resolveText(name);
      if (resolution.resolvedBy !== 'unresolved')
        expect(allNames(resolution), name).toEqual(expect.arrayContaining(other));
    }
  });

  it('tell the route that their source gives', () => {
    const routed = names.filter(({ route }) => route !== undefined);
    expect(routed.length).toBeGreaterThan(5);
    for (const { name, route } of routed) expect(resolveText(name).route, name).toBe(route);
  });
});

describe('a look-alike', () => {
  for (const { name, is, not } of extra.lookAlikes)
    it(`"${name}" is ${is}, never ${not.join(', ')}`, () => {
      const resolution = resolveText(name);
      const alone = not
        .filter((word) => word.endsWith(' alone'))
        .map((word) => word.slice(0, -' alone'.length));
      expect(ruleNames(resolution).filter((ingredient) => forbidden(not).includes(ingredient))).toEqual([]);
      for (const ingredient of alone) expect(ruleNames(resolution)).not.toEqual([ingredient]);
      const isOther = not.some((word) => /external|IV$|systemic|nephrotoxin/.test(word));
      if (isOther && resolution.resolvedBy !== 'unresolved')
        expect(['topical', 'ophthalmic', 'other', 'oral']).toContain(resolution.route);
    });
});

describe('a UNII code', () => {
  const coded = table.ingredients.flatMap(({ name, unii, classes }) =>
    unii === null ? [] : [{ name, unii, classes }],
  );

  it.each(['http://fdasis.nlm.nih.gov', 'https://fdasis.nlm.nih.gov', 'urn:oid:2.16.840.1.113883.4.9'])(
    'of the system %s is its ingredient, in any letter case',
    (system) => {
      expect(coded.length).toBeGreaterThan(100);
      for (const { name, unii, classes } of coded)
        for (const code of [unii, unii.toLowerCase()])
          expect(resolveDrug([{ system, code }], undefined), name).toMatchObject({
            ingredients: [{ name, classes }],
            resolvedBy: 'unii',
          });
    },
  );

  it('of another drug, or of another system, says nothing', () => {
    for (const system of ['http://fdasis.nlm.nih.gov', 'http://example.org/unii']) {
      const code = system.includes('fdasis') ? 'ZZZZZZZZZZ' : 'DE08037SAB';
      expect(resolveDrug([{ system, code }], undefined).resolvedBy).toBe('unresolved');
    }
  });
});

/** Each with all its ingredients, those of rules first; none where it must stay unresolved. */
interface Sibling {
  kind: string;
  names: Readonly<Record<string, string>>;
}
const siblings: readonly Sibling[] = orders.kinds;

describe.each(siblings.map(({ kind, names: rows }) => [kind, Object.entries(rows)] as const))(
  '%s',
  (_kind, rows) => {
    it.each(rows)('"%s" is %s', (name, expected) => {
      const [want = '', route] = expected.split(' @ ');
      const resolution = resolveText(name);
      const got = resolution.resolvedBy === 'unresolved' ? 'unresolved' : allNames(resolution).join(' + ');
      expect(got).toBe(want);
      if (route !== undefined) expect(resolution.route ?? 'none').toBe(route);
    });
  },
);

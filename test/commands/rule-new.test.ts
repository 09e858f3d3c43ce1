/** Where a new rule may begin. What `newRule` writes is tested with the library: test/rules/library. */
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../commands/command-line.ts';
import { checkPlace, domainsOf } from '../../commands/rule-new.ts';
import { library } from '../../rules/library/library.ts';

const domains = domainsOf(library.map(({ where }) => where));
const wanted = {
  id: 'MG-099',
  domain: 'magnesium',
  title: 'Life-threatening hypomagnesemia',
  today: '2026-11-20',
};

describe('the place of a new rule', () => {
  it('is one of the domains of the library', () => {
    expect(domains).toContain('magnesium');
    for (const domain of domains)
      expect(() => checkPlace({ ...wanted, domain }, domains, false)).not.toThrow();
  });

  it('is no other domain: the answer names those there are and how to begin a new one', () => {
    const place = () => checkPlace({ ...wanted, domain: 'zinc' }, domains, false);
    expect(place).toThrow(UsageError);
    expect(place).toThrow(
      `\`zinc\` is no domain yet: there are ${domains.join(', ')}, and \`--new-domain\` begins a new one`,
    );
  });

  it('is a new domain where one is meant', () => {
    expect(() => checkPlace({ ...wanted, domain: 'zinc' }, domains, true)).not.toThrow();
  });

  it('is in a family that has override reasons, whatever the domain', () => {
    const place = () => checkPlace({ ...wanted, id: 'ZN-001', domain: 'zinc' }, domains, true);
    expect(place).toThrow(UsageError);
    expect(place).toThrow(
      /^`ZN` of `ZN-001` is no family of rules: there are MG, IV, .*override-reasons\.ts$/,
    );
  });

  it.each([
    [{ ...wanted, id: 'mg-5' }, '`mg-5` is no rule id: write it like MG-004'],
    [{ ...wanted, domain: '../x' }, '`../x` is no domain: write it like iv-magnesium'],
    [{ ...wanted, title: ' ' }, 'the rule needs a title'],
  ])('%j is not written as it must be', (one, message) => {
    expect(() => checkPlace(one, domains, true)).toThrow(new UsageError(message));
  });
});

describe('the domains of the library', () => {
  it('are its folders, each once', () => {
    expect(domainsOf(['b/MG-001', 'a/MG-002', 'b/MG-003'])).toEqual(['a', 'b']);
  });
});

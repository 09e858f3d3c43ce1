/** Versions, review dates and attributes of the rule library. */
import { describe, expect, it } from 'vitest';
import { digestOf, extended, type Lock, lockProblems, readLock } from '../../../commands/rule-lock.ts';
import { library } from '../../../rules/library/library.ts';
import { parseRule, type Rule } from '../../../rules/rule/document.ts';

const rules = library.map(({ where, json }) => parseRule(json, where));
const [first] = rules;
if (!first) throw new Error('the library is empty');

/** Rules past their review date on a day, as `MG-001 since 2027-11-20`. */
const overdue = (list: readonly Rule[], today: string): string[] =>
  list.filter(({ reviewBy }) => reviewBy < today).map(({ id, reviewBy }) => `${id} since ${reviewBy}`);

describe('versions', () => {
  it('no rule says something else under a version that is written down', () => {
    expect(lockProblems(rules, readLock())).toEqual([]);
  });
  it('a changed threshold under the same version is named', () => {
    const changed = { ...first, card: { ...first.card, summary: 'something else' } };
    const lock: Lock = { [first.id]: { [first.version]: digestOf(first) } };
    expect(lockProblems([changed], lock)).toEqual([
      expect.stringContaining(`${first.id} changed and is still version`),
    ]);
    expect(lockProblems([{ ...changed, version: '1.0.1' }], lock)).toEqual([
      expect.stringContaining('rule:lock'),
    ]);
  });
  it('writing down never overwrites a version', () => {
    const lock: Lock = { [first.id]: { [first.version]: 'as it was' } };
    expect(extended([first], lock)).toEqual(lock);
    expect(extended([{ ...first, version: '99.0.0' }], lock)[first.id]).toMatchObject({
      [first.version]: 'as it was',
    });
  });
  it('a rule that is gone is named', () => {
    expect(lockProblems([], { 'MG-999': { '1.0.0': 'x' } })).toEqual([
      expect.stringContaining('MG-999 is gone'),
    ]);
  });
});

describe('review dates', () => {
  it('a rule past its date is named, and it is a warning only', () => {
    expect(overdue([{ ...first, reviewBy: '2027-11-20' }], '2027-11-20')).toEqual([]);
    expect(overdue([{ ...first, reviewBy: '2027-11-20' }], '2027-11-21')).toEqual([
      `${first.id} since 2027-11-20`,
    ]);
    // The day of a run decides nothing but whether a warning is printed.
    const late = overdue(rules, new Date().toISOString().slice(0, 10));
    if (late.length > 0) console.warn(`review overdue: ${late.join(', ')}`);
  });
});

describe('the 13 source attributes', () => {
  it.each(Object.keys(first.sourceAttributes))('a rule without `%s` is refused', (attribute) => {
    const { [attribute as keyof Rule['sourceAttributes']]: _, ...rest } = first.sourceAttributes;
    expect(() => parseRule({ ...first, sourceAttributes: rest }, first.id)).toThrow(/not a valid rule/);
  });
  it('are 13', () => expect(Object.keys(first.sourceAttributes)).toHaveLength(13));
});

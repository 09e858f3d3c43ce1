/** Rule documents that a log of engine 0.1.0 kept read as today's. */
import { describe, expect, test } from 'vitest';
import { library } from '../../../rules/library/library.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import { upgradeDocument } from '../../../rules/rule/older-documents.ts';

/** As version 0.1.0 wrote it: without `about` and `brief`. */
const asBefore = (json: unknown): unknown => {
  const { about: _, card, ...rule } = parseRule(json, 'shipped');
  const { brief: __, ...text } = card;
  return { ...rule, card: text };
};

/** Rules that no earlier version had, and those whose narrow text is not what follows from today's `detail`. */
const since = new Set([
  'data-quality/DQ-007',
  'iv-magnesium/IV-021',
  'iv-magnesium/IV-006',
  'iv-magnesium/IV-019',
  'renal-dosing/RD-004',
]);

describe('a document of an earlier version', () => {
  test.each(
    library.filter(({ where }) => !since.has(where)).map(({ where, json }) => [where, json] as const),
  )('%s reads as today', (where, json) => {
    expect(parseRule(upgradeDocument(asBefore(json)), where)).toEqual(parseRule(json, where));
  });
  test('says what it says: a text of its own is kept', () => {
    const own = { id: 'AA-001', card: { detail: 'One. Two. Options: three.', brief: 'own' } };
    expect(upgradeDocument(own)).toEqual(own);
    expect(upgradeDocument({ id: 'AA-001', card: { detail: 'One. Two. Options: three.' } })).toEqual({
      id: 'AA-001',
      card: { detail: 'One. Two. Options: three.', brief: 'One. Options: three.' },
    });
  });
  test('cuts no sentence at a number or an abbreviation, and takes no other word for the options', () => {
    const detail =
      'It accumulates, e.g. in dialysis at 1.5 g. It was seen before. Option: stop it. Options are a lower dose. No Option C. Optional x.';
    expect(upgradeDocument({ card: { detail } })).toEqual({
      card: {
        detail,
        brief: 'It accumulates, e.g. in dialysis at 1.5 g. Option: stop it. Options are a lower dose.',
      },
    });
  });
  test('that is no document stays what it is', () => {
    expect(upgradeDocument(null)).toBeNull();
    expect(upgradeDocument([1])).toEqual([1]);
    expect(upgradeDocument({ id: 1, card: 'x' })).toEqual({ id: 1, card: 'x' });
  });
});

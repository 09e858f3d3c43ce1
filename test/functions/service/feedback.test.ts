/** Feedback as the specification, the sandbox and Epic send it. The server's side of it is in server.test.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FeedbackSource, mostItems, readFeedback, sumUp } from '../../../functions/service/feedback.ts';
import { isObject } from '../../../rules/fhir/json.ts';

const from: FeedbackSource = {
  tenant: 'local',
  client: 'local',
  service: 'order-sign',
  receivedAt: '2026-01-31T12:00:00.000Z',
};
const card = '4e0a3a1e-8d83-4477-a9f4-8b0b6b1f2f6d';
const item = (more: Record<string, unknown> = {}) => ({
  card,
  outcome: 'overridden',
  outcomeTimestamp: '2026-01-31T12:00:00Z',
  ...more,
});
const read = (...feedback: unknown[]) => {
  const batch = readFeedback({ feedback }, from);
  if (!batch) throw new Error('no batch');
  return batch;
};
const kept = (...feedback: unknown[]) => read(...feedback).items.map((one) => one.feedback);

describe('limits', () => {
  const many = (count: number): unknown[] => Array.from({ length: count }, () => ({}));

  test('of items: what is more is refused as a whole, in one sentence', () => {
    expect(read(...many(mostItems)).bad.length).toBe(mostItems);
    expect(() => read(...many(mostItems + 1))).toThrow(
      'send at most 100 items of feedback at once: these are 101',
    );
  });

  test('of suggestions: the item says how many it may hold', () => {
    const accepted = (count: number) =>
      item({ outcome: 'accepted', acceptedSuggestions: Array.from({ length: count }, () => ({ id: card })) });
    expect(kept(accepted(20)).length).toBe(1);
    expect(read(accepted(21), item())).toMatchObject({
      items: [{ place: 'feedback[1]' }],
      bad: ['feedback[0]: `acceptedSuggestions` may name at most 20: these are 21'],
    });
  });

  test('of what an answer says: the first ten faults are named, the rest counted', () => {
    expect(sumUp(['a', 'b'])).toBe('a; b');
    expect(sumUp(Array.from({ length: 12 }, (_, index) => `f${index}`))).toBe(
      'f0; f1; f2; f3; f4; f5; f6; f7; f8; f9; and 2 more',
    );
    expect(sumUp(read(...many(mostItems)).bad).length).toBeLessThan(1000);
  });
});

describe('a batch', () => {
  test.each([[null], [[]], [{}], [{ feedback: [] }], [{ feedback: {} }], ['x'], [undefined]])(
    '[57] %j is none',
    (body) => {
      expect(readFeedback(body, from)).toBeNull();
    },
  );

  test('[61] of several cards and several hookInstances, one card twice: each item is kept', () => {
    const { items, bad } = read(
      item(),
      item({ card: 'fc2b5a3e-0a3e-4b7e-8a54-1d0f5ad3c1d2' }),
      item({ outcome: 'accepted', acceptedSuggestions: [{ id: card }] }),
    );
    expect(bad).toEqual([]);
    expect(items.map(({ feedback }) => feedback.card)).toEqual([
      card,
      'fc2b5a3e-0a3e-4b7e-8a54-1d0f5ad3c1d2',
      card,
    ]);
    expect(new Set(items.map(({ eventId }) => eventId)).size).toBe(3);
  });

  test('[61] the same item again is the same event, whenever it arrives; another time of it is another', () => {
    const [first] = read(item()).items;
    const later = readFeedback({ feedback: [item()] }, { ...from, receivedAt: '2026-02-01T00:00:00.000Z' });
    expect(later?.items[0]?.eventId).toBe(first?.eventId);
    expect(read(item({ outcomeTimestamp: '2026-01-31T12:00:01Z' })).items[0]?.eventId).not.toBe(
      first?.eventId,
    );
  });

  test.each<[string, unknown, string]>([
    ['no object', 7, 'must be an object'],
    ['no card', item({ card: undefined }), '`card`'],
    ['a card that is a sentence', item({ card: 'the red one' }), '`card`'],
    ['[58] another outcome', item({ outcome: 'ignored' }), '`outcome`'],
    ['[58] no time', item({ outcomeTimestamp: undefined }), '`outcomeTimestamp`'],
    ['[58] a date alone', item({ outcomeTimestamp: '2026-01-31' }), '`outcomeTimestamp`'],
    ['[58] a 13th month', item({ outcomeTimestamp: '2026-13-31T12:00:00Z' }), '`outcomeTimestamp`'],
    ['[59] accepted without suggestions', item({ outcome: 'accepted' }), '`acceptedSuggestions`'],
    [
      '[59] accepted with a suggestion without id',
      item({ outcome: 'accepted', acceptedSuggestions: [{}] }),
      '`acceptedSuggestions`',
    ],
  ])('%s: named by its index, and the good items beside it are kept', (_, wrong, words) => {
    const { items, bad } = read(item(), wrong, item({ card: '123456' }));
    expect(items).toHaveLength(2);
    expect(bad).toHaveLength(1);
    expect(bad[0]).toMatch(/^feedback\[1\]: /);
    expect(bad[0]).toContain(words);
    expect(bad[0]).not.toContain('the red one');
  });
});

describe('an item', () => {
  test('[58] [63] a time with milliseconds or an offset is kept as UTC', () => {
    const times = ['2026-01-31T12:00:00.123Z', '2026-01-31T13:00:00+01:00', '2026-01-31T12:00:00.123456Z'];
    expect(
      kept(...times.map((outcomeTimestamp) => item({ outcomeTimestamp }))).map((one) => one.outcomeTimestamp),
    ).toEqual(['2026-01-31T12:00:00.123Z', '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.123Z']);
  });

  test('[59] the suggestions that were accepted are kept by id', () => {
    const [one] = kept(item({ outcome: 'accepted', acceptedSuggestions: [{ id: card }, { id: '2' }, {}] }));
    expect(one).toMatchObject({
      outcome: 'accepted',
      acceptedSuggestions: [card, '2'],
      overrideReason: null,
    });
  });

  test.each<[string, Record<string, unknown>, unknown, boolean]>([
    [
      '[60] a reason with a comment',
      { overrideReason: { reason: { system: 's', code: 'emergency', display: 'x' }, userComment: 'ZZ' } },
      { system: 's', code: 'emergency' },
      true,
    ],
    ['[60] a comment alone', { overrideReason: { userComment: 'ZZ' } }, null, true],
    ['[60] neither', { overrideReason: {} }, null, false],
    ['no reason', {}, null, false],
    [
      '[64] a reason without display',
      { overrideReason: { reason: { code: 'emergency' } } },
      { code: 'emergency' },
      false,
    ],
    [
      'Epic: overrideReasons as an object, with its own reason in an extension',
      {
        overrideReasons: {
          extension: {
            'com.epic.cdshooks.feedback.overrideReason.reasonCategory': '45',
            'com.epic.cdshooks.feedback.overrideReason.reasonTitle': 'ZZ',
            'com.epic.cdshooks.feedback.overrideReason.reasonDisplay': 'ZZ',
          },
          userComment: 'ZZ',
        },
      },
      { code: '45', system: 'com.epic.cdshooks.feedback.overrideReason.reasonCategory' },
      true,
    ],
    [
      'Epic: overrideReasons as a list, of which the second has the code and the first the comment',
      { overrideReasons: [{ userComment: 'ZZ' }, { reason: { code: 'emergency', system: 's' } }] },
      { code: 'emergency', system: 's' },
      true,
    ],
    [
      'a code that is a sentence',
      { overrideReason: { reason: { code: 'ZZ because I say so' } } },
      null,
      false,
    ],
  ])('%s', (_, more, reason, hasComment) => {
    const [one] = kept(item(more));
    expect(one).toMatchObject({ overrideReason: reason, hasComment });
    expect(JSON.stringify(one)).not.toContain('ZZ');
  });

  test('whatever is sent: nothing throws, and each item is either kept or named', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(item(), item({ outcome: 'accepted' })));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (feedback) => {
        const { items, bad } = read(...feedback);
        expect(items.length + bad.length).toBe(feedback.length);
      }),
    );
  });
});

const examples = resolve(import.meta.dirname, '../../../../shared/examples/cds-hooks');
const files = existsSync(examples)
  ? readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /feedback.*\.json$/.test(name),
    )
  : [];
describe.skipIf(files.length === 0)(
  'feedback of the specification, the sandbox and Epic (skipped where ../shared/examples is absent)',
  () => {
    test.each(files)('%s: every item is kept', (name) => {
      const parsed: unknown = JSON.parse(readFileSync(join(examples, name), 'utf8'));
      const body = isObject(parsed) && isObject(parsed.body) ? parsed.body : parsed;
      const batch = readFeedback(body, from);
      expect(batch?.bad).toEqual([]);
      expect(batch?.items.length).toBeGreaterThan(0);
    });
  },
);

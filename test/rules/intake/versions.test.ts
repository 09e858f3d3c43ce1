import { describe, expect, it } from 'vitest';
import { intakeOfHook } from '../../../rules/intake/intake.ts';
import type { IntakeItem } from '../../../rules/intake/types.ts';
import { latestOf, usedOf } from '../../../rules/intake/versions.ts';
import {
  bundle,
  codes,
  context,
  messages,
  observation,
  order,
  patient,
  post,
  type Resource,
  references,
  searchset,
  sign,
} from '../../support/intakes.ts';

describe('draft orders', () => {
  it('win over the same order in the prefetch', () => {
    const intake = sign({ requests: order('a', { status: 'active' }) }, searchset([order('a')]));
    expect(intake.items).toMatchObject([
      { reference: 'MedicationRequest/a', from: 'draft', resource: { status: 'draft' } },
    ]);
  });
});

describe('a posted bundle', () => {
  describe('with several versions of a resource', () => {
    const version = (value: number, meta: Resource): Resource =>
      observation('o', { valueQuantity: { value }, meta });
    const early = { lastUpdated: '2026-01-01T10:00:00Z' };
    const late = { lastUpdated: '2026-01-01T10:00:00+00:00' };
    it.each([
      ['the newest first', [version(2, { lastUpdated: '2026-01-02T00:00:00Z' }), version(1, early)], 2],
      ['the newest last', [version(1, early), version(2, { lastUpdated: '2026-01-02T00:00:00Z' })], 2],
      [
        'the newest by an offset',
        [
          version(1, { lastUpdated: '2026-01-02T01:00:00+02:00' }),
          version(2, { lastUpdated: '2026-01-02T00:00:00Z' }),
        ],
        2,
      ],
      [
        'the newest between 2 others',
        [
          version(1, early),
          version(3, { lastUpdated: '2026-01-03T00:00:00Z' }),
          version(2, { lastUpdated: '2026-01-02T00:00:00Z' }),
        ],
        3,
      ],
    ])('uses the newest: %s', (_, versions, expected) => {
      const intake = post(
        bundle(
          'history',
          versions.map((resource) => ({ resource })),
        ),
      );
      expect(intake.items).toMatchObject([
        { reference: 'Observation/o', resource: { valueQuantity: { value: expected } } },
      ]);
      expect(codes(intake)).toContain('resource-repeated');
    });

    const draft = (meta: Resource): Resource => order('a', { meta });
    const signed = (meta: Resource): Resource => order('a', { status: 'active', meta });
    it.each<[string, Resource, Resource, string]>([
      ['signed since', signed({ versionId: '2' }), draft({ versionId: '1' }), 'active'],
      ['not signed any more', signed({ versionId: '1' }), draft({ versionId: '2' }), 'draft'],
      ['not known to be signed since', signed({}), draft({}), 'draft'],
    ])('of an order that was %s', (_, one, other, status) => {
      for (const versions of [
        [one, other],
        [other, one],
      ]) {
        const { items } = post(
          bundle(
            'history',
            versions.map((resource) => ({ resource })),
          ),
        );
        expect(items).toMatchObject([
          { from: status === 'draft' ? 'draft' : 'bundle', resource: { status } },
        ]);
      }
    });

    it.each<[string, Resource, Resource, number[]]>([
      ['no meta', {}, {}, [1, 2]],
      ['a meta in the second only', {}, { versionId: '2' }, [1, 2]],
      ['one time', early, early, [1, 2]],
      ['one time and another number', { ...early, versionId: '1' }, { ...early, versionId: '2' }, [2]],
      ['one number', { versionId: '2' }, { versionId: '2' }, [1, 2]],
      ['numbers of which one is none', { versionId: 'W/"3"' }, { versionId: '2' }, [1, 2]],
      ['a time in the first only: by number', { ...early, versionId: '1' }, { versionId: '2' }, [2]],
      ['a time in the second only: by number', { versionId: '1' }, { ...early, versionId: '2' }, [2]],
    ])('that have %s uses the newest, else both, in either order', (_, first, second, expected) => {
      const entry = [version(1, first), version(2, second)].map((resource) => ({ resource }));
      for (const entries of [entry, [...entry].reverse()]) {
        const intake = post(bundle('history', entries));
        const values = intake.items.map(
          ({ resource }) => (resource.valueQuantity as Resource | undefined)?.value,
        );
        expect(values.sort()).toEqual(expected);
        expect(messages(intake)).toContain(expected.length > 1 ? 'all 2 are used' : 'the newest version');
      }
    });

    it('of which one is a part of the other uses that other, and says nothing', () => {
      const part = { resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/1' } };
      for (const versions of [
        [part, version(1, {})],
        [version(1, {}), part],
      ]) {
        const intake = post(
          bundle(
            'collection',
            versions.map((resource) => ({ resource })),
          ),
        );
        expect(intake.items).toMatchObject([{ resource: { valueQuantity: { value: 1 } } }]);
        expect(codes(intake)).toEqual([]);
      }
    });

    it('says nothing of 2 identical copies', () => {
      const intake = post(
        bundle('collection', [{ resource: version(1, late) }, { resource: version(1, late) }]),
      );
      expect(references(intake)).toEqual(['Observation/o']);
      expect(codes(intake)).toEqual([]);
    });
  });
});

describe('a part that cannot be read', () => {
  it('of 2 versions without a time the one with versionId 10 is used, not 9', () => {
    const version = (versionId: string, gender: string): Resource => ({
      ...patient,
      meta: { versionId },
      gender,
    });
    const intake = intakeOfHook('patient-view', context, {
      a: version('9', 'male'),
      b: version('10', 'female'),
    });
    expect(intake.items.map(({ resource }) => resource.gender)).toEqual(['female']);
  });
});

describe('which of two versions is used', () => {
  const early = '2026-01-01T10:00:00Z';
  const late = '2026-01-01T10:00:00.001Z';
  it.each<[string, unknown, unknown, boolean]>([
    ['a later time', { lastUpdated: late }, { lastUpdated: early }, true],
    ['an earlier time', { lastUpdated: early }, { lastUpdated: late }, false],
    ['the same time', { lastUpdated: early }, { lastUpdated: early }, false],
    [
      'a later time and an earlier number',
      { lastUpdated: late, versionId: '1' },
      { lastUpdated: early, versionId: '2' },
      true,
    ],
    ['a later number, of 2 digits', { versionId: '10' }, { versionId: '9' }, true],
    ['a number that is none', { versionId: 'x' }, { versionId: '1' }, false],
    ['a time that is none', { lastUpdated: 'today' }, { lastUpdated: early }, false],
    ['nothing', undefined, { versionId: '1' }, false],
    ['a text for its meta', 'x', 'x', false],
  ])('%s is newer', (_name, meta, metaBefore, expected) => {
    const [one, before] = [{ resource: { meta } }, { resource: { meta: metaBefore } }];
    expect(latestOf([one, before]).length === 1 && latestOf([before, one])[0] === one).toBe(expected);
  });

  const item = (from: IntakeItem['from'], versionId?: string): IntakeItem => ({
    type: 'MedicationRequest',
    resource: { meta: { versionId } },
    reference: 'MedicationRequest/a',
    from,
    selected: false,
  });
  it.each<[string, IntakeItem, IntakeItem, boolean, boolean]>([
    ['a newer one of the record', item('fetch', '2'), item('prefetch', '1'), false, true],
    ['an older one of the record', item('fetch', '1'), item('prefetch', '2'), false, false],
    ['a draft, older than the record', item('draft', '1'), item('prefetch', '2'), false, true],
    ['the record, newer than a draft', item('prefetch', '2'), item('draft', '1'), false, false],
    ['an entry', item('entry'), item('prefetch'), false, true],
    ['a posted draft, signed since', item('draft', '1'), item('bundle', '2'), true, false],
    ['the posted order that it was signed as', item('bundle', '2'), item('draft', '1'), true, true],
    ['a posted draft of no version', item('draft'), item('bundle'), true, true],
    ['a posted order of no version', item('bundle'), item('draft'), true, false],
  ])('%s replaces the other', (_name, one, before, isPosted, expected) => {
    expect(usedOf([one, before], isPosted)).toEqual([expected ? one : before]);
    expect(usedOf([before, one], isPosted)).toEqual([expected ? one : before]);
  });
});

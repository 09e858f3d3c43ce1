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

describe('orders of this moment with one id', () => {
  const drug = (text: string, more: Resource = {}): Resource =>
    order('x', { medicationCodeableConcept: { text }, ...more });
  const used = (intake: ReturnType<typeof sign>): unknown[] =>
    intake.items
      .filter(({ type }) => type === 'MedicationRequest')
      .map(({ from, resource }) => [from, (resource.medicationCodeableConcept as Resource).text]);
  const [early, late] = ['2026-01-31T11:59:01Z', '2026-01-31T11:59:02Z'];
  it.each<[string, Resource, Resource]>([
    ['a time each', { lastUpdated: late }, { lastUpdated: early }],
    ['a version each', { versionId: '1' }, { versionId: '2' }],
    ['a time and a version', { lastUpdated: late }, { versionId: '2' }],
    ['nothing', {}, {}],
  ])('are two orders, with %s, in either order, brought or posted', (_name, one, other) => {
    const two = [drug('paracetamol', { meta: one }), drug('magnesium sulfate', { meta: other })];
    const entries = (list: readonly Resource[]) => list.map((resource) => ({ resource }));
    for (const list of [two, [...two].reverse()]) {
      const read = [sign({ patient }, searchset(list)), post(bundle('collection', entries(list)))];
      for (const intake of read) {
        expect(used(intake).sort()).toEqual([
          ['draft', 'magnesium sulfate'],
          ['draft', 'paracetamol'],
        ]);
        expect(messages(intake)).toContain('are not one order, so all 2 are used');
        expect(new Set(references(intake).slice(-2)).size).toBe(2);
      }
    }
  });

  const coded = (code: string, text?: string): Resource => ({
    medicationCodeableConcept: { coding: [{ system: 'urn:s', code }], ...(text ? { text } : {}) },
  });
  it.each<[string, Resource, Resource, boolean]>([
    ['another text', drug('digoxin'), drug('spironolactone'), false],
    ['the same text', drug('Digoxin'), drug('digoxin'), true],
    ['another strength', drug('Digoxin 0.125 MG Oral Tablet'), drug('digoxin 250 ug'), true],
    ['another salt', drug('magnesium oxide 400 MG'), drug('magnesium sulfate 1 G'), false],
    ['a figure first', drug('24 HR metoprolol'), drug('24 HR nifedipine'), false],
    ['another code', order('x', coded('1')), order('x', coded('2')), false],
    ['a code in common', order('x', coded('1', 'Lanoxin')), order('x', coded('1', 'digoxin')), true],
    ['a code and no code', order('x', coded('1')), drug('digoxin'), false],
    ['no drug in the draft', drug('digoxin'), order('x'), true],
    [
      'another reference',
      order('x', { medicationReference: { reference: 'Medication/1' } }),
      order('x', { medicationReference: { reference: 'Medication/2' } }),
      false,
    ],
    [
      'the same reference, R5',
      order('x', { medicationReference: { reference: 'Medication/1' } }),
      order('x', { medication: { reference: { reference: 'https://a/fhir/Medication/1' } } }),
      true,
    ],
    [
      'another contained drug',
      order('x', {
        contained: [{ id: 'm', code: { text: 'digoxin' } }],
        medicationReference: { reference: '#m' },
      }),
      order('x', {
        contained: [{ id: 'm', code: { text: 'spironolactone' } }],
        medicationReference: { reference: '#m' },
      }),
      false,
    ],
  ])('replace one of the record: %s', (_name, ofRecord, draft, isOne) => {
    const active = { ...ofRecord, status: 'active' };
    const brought = sign({ patient, x: active }, searchset([draft]));
    const posted = post(bundle('collection', [{ resource: active }, { resource: draft }]));
    for (const { items } of [brought, posted]) {
      const kept = items
        .filter(({ type }) => type === 'MedicationRequest')
        .map(({ from }) => from === 'draft');
      expect(kept.sort()).toEqual(isOne ? [true] : [false, true]);
    }
  });

  it('of which one was signed since keep the other', () => {
    const signed = drug('digoxin', { status: 'active', meta: { versionId: '2' } });
    const list = [
      signed,
      drug('digoxin', { meta: { versionId: '1' } }),
      drug('potassium', { meta: { versionId: '3' } }),
    ];
    const intake = post(
      bundle(
        'collection',
        list.map((resource) => ({ resource })),
      ),
    );
    expect(used(intake).sort()).toEqual([
      ['bundle', 'digoxin'],
      ['draft', 'potassium'],
    ]);
  });

  it.each<[string, Resource, Resource, string]>([
    ['none', {}, {}, 'no version says which is newer: the draft is used'],
    ['a later one', { versionId: '1' }, { versionId: '2' }, 'the newest version is used'],
    ['an earlier one', { versionId: '2' }, { versionId: '1' }, 'the newest version is used'],
  ])('and an order that was signed, with a version of %s, say which is used', (_name, one, other, said) => {
    const list = [drug('digoxin', { status: 'active', meta: one }), drug('digoxin', { meta: other })];
    const intake = post(
      bundle(
        'collection',
        list.map((resource) => ({ resource })),
      ),
    );
    expect(messages(intake)).toContain(said);
  });

  it('of the record, that a request names, are versions of one', () => {
    const active = (versionId: string): Resource =>
      drug('digoxin', { status: 'active', meta: { versionId } });
    const intake = intakeOfHook(
      'order-dispatch',
      { ...context, dispatchedOrders: ['MedicationRequest/x'] },
      { a: active('1'), b: active('2') },
    );
    expect(intake.items).toMatchObject([{ from: 'draft', resource: { meta: { versionId: '2' } } }]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Completeness } from '../../../rules/fhir/categories.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { intakeOfBundle, intakeOfHook } from '../../../rules/intake/intake.ts';
import type { Intake } from '../../../rules/intake/types.ts';
import {
  codes,
  condition,
  context,
  drafts,
  messages,
  order,
  patient,
  type Resource,
  references,
  searchset,
  sign,
  subject,
  view,
} from '../../support/intakes.ts';

describe('draft orders', () => {
  it.each([
    [
      'a Bundle without type and fullUrl (the sandbox)',
      { resourceType: 'Bundle', entry: [{ resource: order('a') }] },
    ],
    ['a Bundle without resourceType', { entry: [{ resource: order('a') }] }],
    ['a Bundle with 1 entry that is no list', { resourceType: 'Bundle', entry: { resource: order('a') } }],
    [
      'a collection with fullUrl',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ fullUrl: 'urn:uuid:a', resource: order('a') }],
      },
    ],
    ['a bare MedicationRequest', order('a')],
    ['a list of resources', [order('a')]],
    ['a list of entries', [{ fullUrl: 'urn:uuid:a', resource: order('a') }]],
    ['a Bundle whose entry is the resource itself', { resourceType: 'Bundle', entry: [order('a')] }],
    ['a Bundle that is a list of 1 Bundle', [{ resourceType: 'Bundle', entry: [{ resource: order('a') }] }]],
    [
      'a category that is an object (the sandbox)',
      { entry: [{ resource: order('a', { category: { text: 'x' } }) }] },
    ],
  ])('%s is 1 selected order', (_, draftOrders) => {
    const intake = sign({ patient }, draftOrders);
    expect(drafts(intake)).toEqual([['MedicationRequest/a', true]]);
    expect(intake.completeness.orders).toBe('known');
    expect(codes(intake)).toEqual([]);
  });

  it('an order without an id and fullUrl is named by its place', () => {
    const { id: _, ...nameless } = order('a');
    expect(drafts(sign({ patient }, { entry: [{ resource: nameless }] }))).toEqual([
      ['MedicationRequest (context.draftOrders.entry[0])', true],
    ]);
  });

  it('2 orders without ids are 2 orders', () => {
    const { id: _, ...nameless } = order('a');
    expect(
      drafts(sign({ patient }, { entry: [{ resource: nameless }, { resource: nameless }] })),
    ).toHaveLength(2);
  });

  it.each([
    ['absent', undefined],
    ['null', null],
    ['a text', 'x'],
    ['a number', 7],
    ['an object that is no resource', {}],
  ])('that are %s leave the orders absent, with a notice', (_, draftOrders) => {
    const intake = sign({ patient }, draftOrders);
    expect(intake.completeness.orders).toBe('absent');
    expect(codes(intake)).toContain('order-unchecked');
    expect(messages(intake)).toContain('draftOrders');
  });

  it('are not expected in patient-view: no notice, and the orders are known to be none', () => {
    const intake = view({ patient });
    expect(intake.completeness.orders).toBe('known');
    expect(codes(intake)).toEqual([]);
  });

  it('that are an empty Bundle are known to be none', () => {
    const intake = sign({ patient }, { resourceType: 'Bundle' });
    expect(intake.completeness.orders).toBe('known');
    expect(codes(intake)).toEqual([]);
  });

  it('may hold the Medication they refer to, without a fullUrl (Epic)', () => {
    const medication = { resourceType: 'Medication', id: 'm', code: { text: 'x' } };
    const intake = sign({ patient }, { entry: [{ resource: order('a') }, { resource: medication }] });
    expect(drafts(intake)).toEqual([['MedicationRequest/a', true]]);
    expect(intake.definitionOf('Medication/m', null)?.resource).toEqual(medication);
  });

  describe('in order-select', () => {
    const select = (selections: unknown, ...ids: string[]): Intake =>
      intakeOfHook(
        'order-select',
        { ...context, selections, draftOrders: { entry: ids.map((id) => ({ resource: order(id) })) } },
        { patient },
      );
    const marked = (intake: Intake): string[] =>
      drafts(intake).flatMap(([name, selected]) => (selected ? [name] : []));

    it.each([
      ['1 of 2 by its reference', ['MedicationRequest/a'], ['MedicationRequest/a']],
      [
        'both',
        ['MedicationRequest/b', 'MedicationRequest/a'],
        ['MedicationRequest/a', 'MedicationRequest/b'],
      ],
      ['1 by its bare id', ['b'], ['MedicationRequest/b']],
      [
        '1 by an absolute reference',
        ['https://ehr.example/fhir/MedicationRequest/b'],
        ['MedicationRequest/b'],
      ],
      ['1 beside a number', ['MedicationRequest/a', 7, null], ['MedicationRequest/a']],
    ])('the selections mark %s', (_, selections, expected) => {
      const intake = select(selections, 'a', 'b');
      expect(marked(intake)).toEqual(expected);
      expect(drafts(intake)).toHaveLength(2);
      expect(codes(intake)).toEqual([]);
    });

    it('the selections mark 1, and a notice names the number that did not come', () => {
      const intake = select(['MedicationRequest/a', 'MedicationRequest/z'], 'a', 'b');
      expect(marked(intake)).toEqual(['MedicationRequest/a']);
      expect(intake.notices).toMatchObject([{ code: 'order-unchecked' }]);
      expect(messages(intake)).toContain('names 1 order(s) that did not come');
    });

    it.each([
      ['absent', undefined],
      ['a text', 'MedicationRequest/a'],
      ['empty', []],
      ['of an order that is not there', ['MedicationRequest/z']],
      ['of another type', ['ServiceRequest/a']],
      ['part of an id', ['A', 'edicationRequest/a']],
    ])('selections that are %s select both orders, with a notice', (_, selections) => {
      const intake = select(selections, 'a', 'b');
      expect(marked(intake)).toEqual(['MedicationRequest/a', 'MedicationRequest/b']);
      expect(intake.notices).toMatchObject([{ code: 'context-missing' }]);
      expect(messages(intake)).toContain('selections');
    });

    it('the selections mark 2 of 3 by their bare ids', () => {
      expect(marked(select(['a', 'c'], 'a', 'b', 'c'))).toEqual([
        'MedicationRequest/a',
        'MedicationRequest/c',
      ]);
    });

    it('`a` does not select `ba`', () => {
      expect(marked(select(['MedicationRequest/a'], 'a', 'ba'))).toEqual(['MedicationRequest/a']);
      expect(marked(select(['a'], 'a', 'ba'))).toEqual(['MedicationRequest/a']);
    });

    it('selections play no part in order-sign', () => {
      const intake = intakeOfHook(
        'order-sign',
        {
          ...context,
          selections: ['MedicationRequest/a'],
          draftOrders: { entry: [{ resource: order('b') }] },
        },
        { patient },
      );
      expect(marked(intake)).toEqual(['MedicationRequest/b']);
      expect(codes(intake)).toEqual([]);
    });
  });
});

describe('the rest of the context', () => {
  it.each([
    ['a bare id', 'e1', 'e1'],
    ['a reference', 'Encounter/e1', 'e1'],
    ['absent', undefined, null],
    ['a number', 7, null],
  ])('an encounterId that is %s', (_, encounterId, expected) => {
    expect(view({ patient }, { encounterId }).encounterId).toBe(expected);
  });

  it.each(['<img src=x>', 'Encounter/"e1"', "e'1", 'https://ehr.example/Encounter/<b>'])(
    'an encounterId that is %s is not used, with 1 notice',
    (encounterId) => {
      const { encounterId: used, notices } = view({ patient }, { encounterId });
      expect(used).toBeNull();
      expect(notices).toMatchObject([
        { code: 'context-missing', message: 'context.encounterId is no id: not used' },
      ]);
    },
  );

  it('a missing userId is 1 notice', () => {
    const intake = intakeOfHook('patient-view', { patientId: '1' }, { patient });
    expect(intake.notices).toMatchObject([{ code: 'context-missing' }]);
    expect(messages(intake)).toContain('userId');
  });

  it.each<[Hook, Resource, string[]]>([
    ['patient-view', {}, ['context.userId did not come']],
    ['patient-view', { userId: 'Practitioner/1' }, []],
    ['encounter-start', {}, ['context.userId did not come', 'context.encounterId did not come']],
    ['encounter-discharge', { userId: 'Practitioner/1', encounterId: 'e1' }, []],
    ['medication-refill', { medications: { entry: [] } }, []],
    ['medication-refill', {}, ['context.medications did not come: no order could be checked']],
    [
      'medication-verify',
      { userId: 'Practitioner/1' },
      ['context.medication did not come: no order could be checked'],
    ],
    ['order-dispatch', {}, ['context.dispatchedOrders did not come: no order could be checked']],
    [
      'allergyintolerance-create',
      { userId: 'Practitioner/1' },
      ['context.allergyIntolerance did not come: nothing new could be checked'],
    ],
    [
      'problem-list-item-create',
      { userId: 'Practitioner/1' },
      ['context.conditions did not come: nothing new could be checked'],
    ],
  ])('at %s with %j: %j', (hook, more, expected) => {
    const { notices } = intakeOfHook(hook, { patientId: '1', ...more }, { patient });
    expect(notices.map(({ code, message }) => [code, message])).toEqual(
      expected.map((message) => [/checked$/.test(message) ? 'order-unchecked' : 'context-missing', message]),
    );
  });

  it('an encounterId plays no part in order-dispatch, which has none', () => {
    expect(
      intakeOfHook('order-dispatch', { ...context, encounterId: 'e1' }, { patient }).encounterId,
    ).toBeNull();
  });

  it('key names that are no codes are not repeated in a notice', () => {
    expect(messages(view({ patient, 'Jane Doe, room 7': null }))).not.toContain('Jane');
  });
});

describe('orders that order-dispatch names', () => {
  const active = (id: string, more: Resource = {}): Resource => order(id, { status: 'active', ...more });
  const dispatch = (dispatchedOrders: unknown, prefetch: Resource = {}): Intake =>
    intakeOfHook(
      'order-dispatch',
      { ...context, dispatchedOrders },
      { patient, medicationRequests: searchset([active('a'), active('b')]), ...prefetch },
    );
  const dispatched = ({ items }: Intake): string[] =>
    items.flatMap(({ reference, from, selected }) => (from === 'draft' && selected ? [reference] : []));

  it.each<[string, unknown, string[]]>([
    ['1 by its reference', ['MedicationRequest/a'], ['MedicationRequest/a']],
    ['both', ['MedicationRequest/b', 'MedicationRequest/a'], ['MedicationRequest/a', 'MedicationRequest/b']],
    ['1 by its address', ['https://ehr.example/fhir/MedicationRequest/b'], ['MedicationRequest/b']],
    ['1 by a Reference', [{ reference: 'MedicationRequest/b' }], ['MedicationRequest/b']],
    ['1 beside what is no reference', [7, 'MedicationRequest/a', null], ['MedicationRequest/a']],
    ['1 that is no list', 'MedicationRequest/a', ['MedicationRequest/a']],
  ])('are those of the prefetch: %s', (_, named, expected) => {
    const intake = dispatch(named);
    expect(dispatched(intake)).toEqual(expected);
    expect(references(intake)).toEqual(['Patient/1', 'MedicationRequest/a', 'MedicationRequest/b']);
    expect(intake.completeness).toMatchObject({ orders: 'known', medications: 'known' });
    expect(codes(intake)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['absent', undefined],
    ['an empty list', []],
    ['a list of what is no reference', [7, {}]],
  ])('are unknown where the field is %s', (_, named) => {
    const intake = dispatch(named);
    expect(dispatched(intake)).toEqual([]);
    expect(intake.completeness.orders).toBe('absent');
    expect(intake.notices).toMatchObject([
      {
        code: 'order-unchecked',
        message: 'context.dispatchedOrders did not come: no order could be checked',
      },
    ]);
  });

  it.each<[string, string[], Completeness, number]>([
    ['1 of 2 requests', ['MedicationRequest/a', 'MedicationRequest/z'], 'partial', 1],
    ['2 requests', ['MedicationRequest/y', 'MedicationRequest/z'], 'partial', 2],
    ['what DSTU2 calls a request', ['MedicationOrder/z'], 'partial', 1],
    ['an id without its type', ['z'], 'partial', 1],
    // Of other kinds of orders no rule asks.
    ['a service', ['MedicationRequest/a', 'ServiceRequest/s'], 'known', 1],
  ])('that did not come: of %s the orders are %s', (_, named, is, lost) => {
    const intake = dispatch(named);
    expect(intake.completeness.orders).toBe(is);
    const [code, tail] = is === 'known' ? ['context-missing', ''] : ['order-unchecked', ': not checked'];
    expect(intake.notices).toMatchObject([
      { code, message: `context.dispatchedOrders names ${lost} order(s) that did not come${tail}` },
    ]);
  });

  it.each([
    ['first', '2', '1'],
    ['last', '1', '2'],
  ])('and came twice are used as the newest, which came %s', (_, first, second) => {
    const version = (versionId: string) => searchset([active('a', { meta: { versionId } })]);
    const intake = dispatch(['MedicationRequest/a'], {
      medicationRequests: version(first),
      dispatchedOrders: version(second),
    });
    expect(dispatched(intake)).toEqual(['MedicationRequest/a']);
    expect(intake.items).toMatchObject([{}, { resource: { meta: { versionId: '2' } } }]);
    expect(codes(intake)).toEqual([]);
  });
});

describe('an allergy or problem just entered', () => {
  const allergy = (id: string, more: Resource = {}): Resource => ({
    resourceType: 'AllergyIntolerance',
    id,
    patient: subject,
    ...more,
  });
  const enter = (entered: unknown, prefetch: Resource = {}): Intake =>
    intakeOfHook(
      'allergyintolerance-create',
      { ...context, allergyIntolerance: entered },
      { patient, ...prefetch },
    );
  const origins = ({ items }: Intake): [string, string, boolean][] =>
    items.map(({ reference, from, selected }) => [reference, from, selected]);

  it.each<[string, unknown]>([
    ['a resource', allergy('new')],
    ['a resource inside `resource`', { resource: allergy('new') }],
    ['a Bundle', { resourceType: 'Bundle', entry: [{ resource: allergy('new') }] }],
    ['a Bundle without its type', { entry: [{ resource: allergy('new') }] }],
  ])('comes first, as %s, and makes nothing known of the others', (_, entered) => {
    const intake = enter(entered);
    expect(origins(intake)).toEqual([
      ['AllergyIntolerance/new', 'entry', false],
      ['Patient/1', 'prefetch', false],
    ]);
    expect(intake.completeness.allergies).toBe('absent');
    expect(codes(intake)).toEqual([]);
  });

  it('is one of those that are known, and comes before them', () => {
    const intake = enter(allergy('new'), { allergies: searchset([allergy('a'), allergy('b')]) });
    expect(references(intake)).toEqual([
      'AllergyIntolerance/new',
      'Patient/1',
      'AllergyIntolerance/a',
      'AllergyIntolerance/b',
    ]);
    expect(intake.completeness.allergies).toBe('known');
  });

  it('wins over the same one in the record', () => {
    const low = allergy('a', { criticality: 'low' });
    const intake = enter(allergy('a', { criticality: 'high' }), { allergies: searchset([low]) });
    expect(intake.items).toMatchObject([{ from: 'entry', resource: { criticality: 'high' } }, {}]);
    expect(codes(intake)).toEqual(['resource-repeated']);
  });

  it('with a part that cannot be read leaves its kind known in part, and the orders as they are', () => {
    const intake = enter({ entry: [{ resource: allergy('new') }, 7] }, { allergies: null });
    expect([...intake.incomplete]).toEqual(['allergies']);
    expect(intake.completeness.allergies).toBe('partial');
    const problem = intakeOfHook(
      'problem-list-item-create',
      { ...context, conditions: { entry: [7] } },
      { patient },
    );
    expect([...problem.incomplete]).toEqual(['conditions']);
  });

  it.each<[string, Resource, Completeness]>([
    ['absent', {}, 'absent'],
    ['known', { medicationRequests: null }, 'known'],
    ['known in part', { medicationRequests: searchset([], { total: 1 }) }, 'partial'],
  ])('therapy stands for orders: %s', (_, prefetch, is) => {
    const { completeness } = enter(allergy('new'), prefetch);
    expect([completeness.orders, completeness.medications]).toEqual([is, is]);
  });

  it('of a posted bundle is all of its kind, which is known', () => {
    const entry = [patient, condition('c'), allergy('a')].map((resource) => ({ resource }));
    const intake = intakeOfBundle({ resourceType: 'Bundle', entry }, null, 'allergyintolerance-create');
    expect(origins(intake)).toEqual([
      ['AllergyIntolerance/a', 'entry', false],
      ['Patient/1', 'bundle', false],
      ['Condition/c', 'bundle', false],
    ]);
    expect(intake.completeness).toMatchObject({ allergies: 'known', conditions: 'known' });
  });
});

describe('what is said, word for word', () => {
  const said = ({ notices }: Intake): string[] => notices.map(({ code, message }) => `${code}: ${message}`);

  it('of draft orders that are one resource, and of selections that name nothing', () => {
    expect(references(sign({ patient }, order('a')))).toEqual(['Patient/1', 'MedicationRequest/a']);
    const select = (draftOrders: unknown, prefetch: Resource = {}) =>
      intakeOfHook('order-select', { ...context, draftOrders, selections: [] }, { patient, ...prefetch });
    expect(said(select({ resourceType: 'Bundle' }))).toEqual([]);
    const medication = { resourceType: 'Medication', id: 'm' };
    expect(
      said(select({ resourceType: 'Bundle', entry: [{ resource: medication }] }, { order: order('a') })),
    ).toEqual([]);
    expect(said(select({ resourceType: 'Bundle', entry: [{ resource: order('a') }] }))).toEqual([
      'context-missing: context.selections names none of the draft orders: all of them were checked',
    ]);
  });

  it('of an encounter in context with its type before it', () => {
    expect(view({ patient }, { encounterId: 'Encounter/7' }).encounterId).toBe('7');
    expect(view({ patient }, { encounterId: 'x-Encounter/7' }).encounterId).toBe('x-Encounter/7');
    expect(view({ patient }).encounterId).toBeNull();
  });
});

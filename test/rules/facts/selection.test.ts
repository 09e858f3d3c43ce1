/** Which medications a fact means, what was not read of them, and what they rest on. Charts by hand. */
import { describe, expect, it } from 'vitest';
import type { Chart, Medication, ServiceOrder } from '../../../rules/chart/types.ts';
import { createContext } from '../../../rules/facts/context.ts';
import { originOf, sumOfTherapies, therapyKindOf } from '../../../rules/facts/one-therapy.ts';
import {
  byRoute,
  endedEvidence,
  hasRole,
  isMeant,
  medicationEvidence,
  type Role,
  routeUnknown,
  unknownRole,
  unreadDoses,
  unreadPast,
  type WantedRoute,
} from '../../../rules/facts/selection.ts';
import type { Route } from '../../../rules/terminology/drugs/routes.ts';
import { ask, at, chartWith, day, order, therapy } from '../../support/charts.ts';

type Given = Parameters<typeof chartWith>[0];
const contextOf = (given: Given) => createContext(chartWith(given), at, []);
const moment = (time: number) => ({ from: time, to: time });
const digoxin = ['digoxin'];
const names = new Set(digoxin);

describe('a route', () => {
  it.each<[Route | null, WantedRoute, boolean | null]>([
    ['oral', undefined, true],
    [null, undefined, true],
    ['oral', 'oral', true],
    ['rectal', 'oral', false],
    [null, 'oral', null],
    // Without a documented route a drug counts as systemic.
    [null, 'systemic', true],
    ['oral', 'systemic', true],
    ['topical', 'systemic', false],
    ['ophthalmic', 'systemic', false],
    ['otic', 'systemic', false],
    ['nasal', 'systemic', false],
    ['vaginal', 'systemic', false],
    ['inhaled', 'systemic', false],
  ])('%s, where %s is wanted: %s', (route, wanted, expected) =>
    expect(byRoute(route, wanted)).toBe(expected),
  );
});

describe('a medication', () => {
  it.each<[string, Partial<Medication>, Role, boolean]>([
    ['taken', {}, 'active', true],
    ['taken, of any', {}, 'any', true],
    ['taken, where orders are asked', {}, 'ordered', false],
    ['taken and under review, where orders are asked', { underReview: true }, 'ordered', true],
    ['taken and under review', { underReview: true }, 'active', true],
    ['ordered, where therapy is asked', { role: 'ordered' }, 'active', false],
    ['over', { role: 'inactive' }, 'any', false],
    [
      'over and under review, where orders are asked',
      { role: 'inactive', underReview: true },
      'ordered',
      true,
    ],
    ['renewed by a refill, of any', { renewed: true }, 'any', false],
    ['renewed by a refill, as therapy', { renewed: true }, 'active', true],
  ])('has the role: %s', (_, more, role, expected) =>
    expect(hasRole(therapy('t', digoxin, more), role)).toBe(expected),
  );

  it.each<[string, Medication, WantedRoute, boolean | 'open']>([
    ['of the drug', therapy('t', digoxin), undefined, true],
    ['of another', therapy('t', ['aspirin']), undefined, false],
    ['of the drug and another', therapy('t', ['aspirin', 'digoxin']), undefined, true],
    [
      'of which nobody knows whether it is taken',
      therapy('t', digoxin, { uncertain: true }),
      undefined,
      'open',
    ],
    ['without a route', therapy('t', digoxin), 'oral', 'open'],
    ['by another route', therapy('t', digoxin, { route: 'rectal' }), 'oral', false],
    ['that is not recognised', therapy('t', []), undefined, 'open'],
    ['that is not recognised, by another route', therapy('t', [], { route: 'topical' }), 'oral', false],
    ['another of which nobody knows', therapy('t', ['aspirin'], { uncertain: true }), undefined, false],
  ])('is meant: %s', (_, medication, wanted, expected) =>
    expect(isMeant(medication, names, wanted)).toBe(expected),
  );

  it('whose route decides is named by its drugs that are meant', () => {
    const several = [
      therapy('a', ['aspirin', 'digoxin']),
      therapy('b', ['magnesium oxide', 'magnesium citrate'], { routeUnread: 'several' }),
    ];
    expect(routeUnknown(several, new Set(['digoxin', 'magnesium oxide', 'magnesium citrate']))).toEqual({
      code: 'route-unknown',
      medications: [
        { reference: 'MedicationRequest/a', name: 'digoxin' },
        { reference: 'MedicationRequest/b', name: 'magnesium oxide + magnesium citrate', unread: 'several' },
      ],
    });
  });
});

describe('the time of it', () => {
  const [began, last] = [moment(at - 9 * day), moment(at - day)];
  it.each<[string, Partial<Medication>, string | null]>([
    ['its beginning', { started: began }, '2026-01-22'],
    ['none', {}, null],
    ['of a dose that was given its end', { started: began, given: true, ended: last }, '2026-01-30'],
    ['of an infusion that runs its beginning', { started: began, given: true }, '2026-01-22'],
    ['of therapy that is over its beginning', { started: began, ended: last }, '2026-01-22'],
  ])('is %s', (_, more, expected) =>
    expect(medicationEvidence(therapy('t', digoxin, more)).time).toBe(expected),
  );

  it.each<[string, Partial<Medication>, object]>([
    ['known to the day', { ended: last }, { time: '2026-01-30', notes: [], used: { state: 'last dose' } }],
    [
      'between two days',
      { ended: { from: at - 3 * day, to: at - day } },
      { time: null, notes: [{ code: 'last-dose', from: '2026-01-28', to: '2026-01-30' }] },
    ],
    [
      'at the latest',
      { ended: { from: null, to: at - day } as never },
      { time: null, notes: [{ code: 'last-dose', from: null, to: '2026-01-30' }] },
    ],
    ['not over', {}, { used: { state: 'active' } }],
  ])('of the last dose: %s', (_, more, expected) => {
    expect(endedEvidence(therapy('t', digoxin, more), names)).toMatchObject(expected);
  });
});

describe('what was not read', () => {
  const administrations: Chart['unread'] = [{ category: 'medications', of: 'administrations' } as never];
  const past: Chart['unread'] = [{ category: 'pastMedications' } as never];
  const labs: Chart['unread'] = [{ category: 'labs', of: 'laboratory' }];
  it.each<[string, Chart['unread'], Role, boolean, boolean]>([
    ['nothing', undefined, 'any', false, false],
    ['results', labs, 'any', false, false],
    ['doses that were given', administrations, 'any', true, false],
    ['doses, of orders', administrations, 'ordered', false, false],
    ['doses, and results', [...(labs ?? []), ...(administrations ?? [])], 'active', true, false],
    ['therapy that is over', past, 'active', false, true],
    ['therapy that is over, of orders', past, 'ordered', false, false],
    ['therapy that is over, and results', [...(labs ?? []), ...(past ?? [])], 'any', false, true],
  ])('%s', (_, unread, role, doses, over) => {
    const context = contextOf(unread ? { unread } : {});
    expect([unreadDoses(context, role) !== null, unreadPast(context, role) !== null]).toEqual([doses, over]);
  });

  it.each<[string, Given, Role, string | null]>([
    ['all came', {}, 'any', null],
    ['orders lack', { completeness: { orders: 'absent' } }, 'any', 'orders'],
    ['orders lack, of therapy', { completeness: { orders: 'absent' } }, 'active', null],
    ['therapy lacks', { completeness: { medications: 'partial' } }, 'any', 'medications'],
    ['therapy lacks, of orders', { completeness: { medications: 'partial' } }, 'ordered', null],
    ['both lack', { completeness: { orders: 'absent', medications: 'absent' } }, 'any', 'orders'],
    ['doses lack', { unread: administrations as never }, 'active', 'pastMedications'],
  ])('the lists of a role: %s', (_, given, role, expected) => {
    expect(unknownRole(contextOf(given), role)?.category ?? null).toBe(expected);
  });
});

describe('one therapy of several resources', () => {
  it.each<[string, Partial<Medication>, string]>([
    ['a request', {}, 'order'],
    ['a draft, whatever it is', { role: 'ordered', plan: true } as never, 'order'],
    ['a plan', { plan: true } as never, 'plan'],
    ['a statement', { statement: true }, 'statement'],
    ['a dose', { given: true, statement: true }, 'given'],
  ])('%s', (_, more, kind) => expect(therapyKindOf(therapy('t', digoxin, more))).toBe(kind));

  const chain = (length: number, more: Partial<Medication> = {}): Medication[] =>
    Array.from({ length }, (_, index) =>
      therapy(`t${index}`, digoxin, { sameAs: [`MedicationRequest/t${index + 1}`], ...more }),
    );
  const originIn = (medications: Medication[]): string | undefined => {
    const context = contextOf({ medications });
    const first = context.chart.medications.find(({ reference }) => reference === 'MedicationRequest/t0');
    return first && originOf(context, first).reference.replace('MedicationRequest/', '');
  };
  it('follows what it repeats, five links far, and never in a circle', () => {
    expect(originIn([therapy('t0', digoxin)])).toBe('t0');
    expect(originIn([...chain(2), therapy('t2', digoxin)])).toBe('t2');
    expect(originIn(chain(9))).toBe('t5');
    expect(
      originIn([
        therapy('t0', digoxin, { sameAs: ['MedicationRequest/gone', 'MedicationRequest/u'] }),
        therapy('u', digoxin),
      ]),
    ).toBe('u');
    expect(
      originIn([
        therapy('t0', digoxin, { sameAs: ['MedicationRequest/t1'] }),
        therapy('t1', digoxin, { sameAs: ['MedicationRequest/t0'] }),
      ]),
    ).toBe('t1');
  });

  const sum = (...amounts: [Medication, number][]): number => {
    const context = contextOf({ medications: amounts.map(([medication]) => medication) });
    return sumOfTherapies(
      context,
      amounts.map(([medication, value]) => ({ medication, value })),
    );
  };
  const of = (id: string, more: Partial<Medication> = {}) => therapy(id, digoxin, more);
  const same = (id: string) => ({ sameAs: [`MedicationRequest/${id}`] });
  const oral = { route: 'oral' } as const;
  it.each<[string, [Medication, number][], number]>([
    [
      'two orders are two',
      [
        [of('a'), 1],
        [of('b'), 2],
      ],
      3,
    ],
    [
      'an order and a statement: the larger',
      [
        [of('a'), 1],
        [of('s', { statement: true }), 2],
      ],
      2,
    ],
    [
      'a plan too',
      [
        [of('a'), 1],
        [of('p', { plan: true } as never), 3],
        [of('s', { statement: true }), 2],
      ],
      3,
    ],
    [
      'an order and one that carries it out: the larger',
      [
        [of('a'), 3],
        [of('b', same('a')), 1],
      ],
      3,
    ],
    [
      'two that carry it out are added',
      [
        [of('a'), 3],
        [of('b', same('a')), 2],
        [of('c', same('a')), 2],
      ],
      4,
    ],
    [
      'a draft comes to what is taken',
      [
        [order('d', digoxin), 1],
        [of('s', { statement: true }), 2],
      ],
      3,
    ],
    [
      'unless it goes on with it',
      [
        [order('d', digoxin, same('s')), 1],
        [of('s', { statement: true }), 2],
      ],
      2,
    ],
    [
      'and to the order',
      [
        [order('d', digoxin), 1],
        [of('a'), 2],
        [of('s', { statement: true }), 2],
      ],
      3,
    ],
    [
      'by two routes they are two therapies',
      [
        [of('a', oral), 1],
        [of('s', { statement: true, route: 'rectal' }), 2],
      ],
      3,
    ],
    [
      'by one route and none they are one',
      [
        [of('a', oral), 1],
        [of('s', { statement: true }), 2],
      ],
      2,
    ],
    [
      'beside two routes one without stands alone',
      [
        [of('a', oral), 1],
        [of('b', { route: 'rectal' }), 2],
        [of('s', { statement: true }), 4],
      ],
      7,
    ],
    [
      'of two of one route, beside another',
      [
        [of('a', oral), 1],
        [of('s', { ...oral, statement: true }), 5],
        [of('b', { route: 'rectal' }), 2],
      ],
      7,
    ],
  ])('%s', (_, amounts, expected) => expect(sum(...amounts)).toBe(expected));
});

describe('whether a drug is there', () => {
  const drug = (medications: Medication[], params: object, given: Given = {}) => {
    const fact = ask('drug', { ingredients: digoxin, role: 'any', ...params }, { medications, ...given });
    return fact.state === 'known' ? fact.value : fact.missing;
  };
  const over = (ended: Medication['ended'], more: Partial<Medication> = {}) =>
    therapy('t', digoxin, { role: 'inactive', ...(ended ? { ended } : {}), ...more });
  const lately = { endedWithin: 'P7D' };
  const edge = at - 7 * day;
  it.each<[string, Medication[], object, boolean | RegExp]>([
    ['over at the edge of the window', [over(moment(edge))], lately, true],
    ['over before it', [over(moment(edge - 1))], lately, false],
    ['over, perhaps before it', [over({ from: edge - 1, to: edge })], lately, /end/],
    ['over, nobody knows since when', [over({ from: null, to: at } as never)], lately, /end/],
    ['over, without a time', [over(undefined)], lately, false],
    ['over, and a dose before the last one', [over(moment(at - day), { earlier: true })], lately, false],
    ['begun at the edge', [therapy('t', digoxin, { started: moment(edge) })], { forAtLeast: 'P7D' }, true],
    ['begun after it', [therapy('t', digoxin, { started: moment(edge + 1) })], { forAtLeast: 'P7D' }, false],
    [
      'begun after it at the latest',
      [therapy('t', digoxin, { started: moment(edge + 1), startedAtLatest: true } as never)],
      { forAtLeast: 'P7D' },
      /start/,
    ],
    [
      'begun perhaps before it',
      [therapy('t', digoxin, { started: { from: edge, to: edge + 1 } })],
      { forAtLeast: 'P7D' },
      /start/,
    ],
    ['of unknown beginning', [therapy('t', digoxin)], { forAtLeast: 'P7D' }, /start/],
    [
      'one of which nobody knows whether it is taken',
      [therapy('t', digoxin, { uncertain: true })],
      {},
      /whether|taken|use/,
    ],
    [
      'a dose that was given and is over, where it must run',
      [therapy('t', digoxin, { given: true, ended: moment(at) })],
      { running: true },
      false,
    ],
    ['a dose that runs', [therapy('t', digoxin, { given: true })], { running: true }, true],
    ['without a route', [therapy('t', digoxin)], { route: 'oral' }, /route/],
  ])('%s', (_, medications, params, expected) => {
    const found = drug(medications, params);
    if (typeof expected === 'boolean') expect(found).toBe(expected);
    else expect(found).toMatch(expected);
  });

  it.each<[string, Medication[], Given, boolean | RegExp]>([
    ['an order of what is not taken', [], {}, true],
    ['of what is', [therapy('t', digoxin)], {}, false],
    ['of what was given once', [therapy('t', digoxin, { given: true, ended: moment(at - day) })], {}, true],
    ['of what runs', [therapy('t', digoxin, { given: true })], {}, false],
    ['of what is over', [therapy('t', digoxin, { role: 'inactive', ended: moment(at - day) })], {}, true],
    ['of what may be taken', [therapy('t', digoxin, { uncertain: true })], {}, /start/],
    ['beside what is not recognised', [therapy('t', [])], {}, /start/],
    ['beside another drug', [therapy('t', ['aspirin'])], {}, true],
    ['where therapy came in part', [], { completeness: { medications: 'partial' } }, /start/],
  ])('starts: %s', (_, taken, given, expected) => {
    const found = drug([order('o', digoxin), ...taken], { role: 'ordered', starting: true }, given);
    if (typeof expected === 'boolean') expect(found).toBe(expected);
    else expect(found).toMatch(expected);
  });
});

describe('an examination with contrast', () => {
  const study = (contrast: object, more: Partial<ServiceOrder> = {}): ServiceOrder => ({
    reference: 'ServiceRequest/s',
    codes: [{ system: 's', code: 'x' }],
    selected: true,
    contrast: contrast as never,
    ...more,
  });
  const found = (params: object, orders: ServiceOrder[]) =>
    ask('contrastStudy', { agent: 'iodinated', ...params }, { serviceOrders: orders });
  const venous = study({ contrast: 'iodinated' });
  const arterial = study({ contrast: 'iodinated', arterial: true });
  it.each<[string, object, ServiceOrder[], boolean]>([
    ['of the agent', {}, [venous], true],
    ['of the other', { agent: 'gadolinium' }, [venous], false],
    ['into an artery', { intraArterial: true }, [arterial], true],
    ['not into an artery', { intraArterial: true }, [venous], false],
    ['without contrast', {}, [{ reference: 'ServiceRequest/s', codes: [], selected: true }], false],
  ])('%s', (_, params, orders, expected) =>
    expect(found(params, orders)).toMatchObject({ state: 'known', value: expected }),
  );

  it('is named by what it is, and its codes', () => {
    expect(found({}, [venous]).evidence).toMatchObject([
      { name: 'iodinated contrast', received: 'x', order: 'selected' },
    ]);
    expect(found({}, [{ ...arterial, selected: false }]).evidence).toMatchObject([
      { name: 'angiography with contrast', order: 'background' },
    ]);
    expect(found({}, [{ ...venous, codes: [] }]).evidence[0]?.received).not.toBe('x');
  });
});

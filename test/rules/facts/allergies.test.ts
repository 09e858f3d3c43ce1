/** Allergies against orders: what is said first, by which group, and what leaves it open. Charts by hand. */
import { describe, expect, it } from 'vitest';
import type { Allergy, Chart, Medication } from '../../../rules/chart/types.ts';
import { createContext } from '../../../rules/facts/context.ts';
import type { Evidence, Fact } from '../../../rules/facts/fact.ts';
import { factOf, type Params } from '../../../rules/facts/facts.ts';
import { allergyTo, at, chartWith, order, therapy } from '../../support/charts.ts';

type Given = Parameters<typeof chartWith>[0];
const answer = (
  given: Given,
  name: 'allergy' | 'allergyToOrder' = 'allergyToOrder',
  params: Params = {},
): Fact => factOf(name).compute(params)(createContext(chartWith(given), at, []));
const said = (fact: Fact): boolean | string =>
  fact.state === 'known' ? fact.value === true : fact.category ? `no ${fact.category}` : fact.cause;
const references = ({ evidence }: Fact): string[] =>
  evidence.map(({ reference }) => reference.replace(/^[^/]+\//, ''));
const notesOf = ({ evidence }: Fact): Evidence['notes'] => evidence.flatMap(({ notes }) => notes);
const groupAllergy = (id: string, ...groups: string[]): Allergy => allergyTo(id, [], { groups });
const unread = (id: string, more: Partial<Allergy> = {}): Allergy => allergyTo(id, [], more);
const ofGroup = (id: string): Medication =>
  order(id, [], { codes: [{ system: 'http://www.whocc.no/atc', code: 'J01C' }] });

describe('what is said first', () => {
  it('orders by the name of the drug, then by their own; allergies by theirs, but what was just entered', () => {
    const fact = answer({
      medications: [
        order('o3', ['gabapentin']),
        order('o2', ['digoxin'], { route: 'oral' }),
        order('o1', ['digoxin']),
      ],
      allergies: [
        allergyTo('a4', ['digoxin']),
        allergyTo('a3', ['gabapentin']),
        allergyTo('a9', ['gabapentin'], { entered: true }),
        allergyTo('a5', ['digoxin']),
      ],
    });
    expect(references(fact)).toEqual(['o1', 'o2', 'o3', 'a9', 'a3', 'a4', 'a5']);
  });

  it('drugs of a group by name, each with the group unless the allergy is to it', () => {
    const fact = answer({
      medications: [
        order('o1', ['omeprazole']),
        order('o2', ['dexlansoprazole']),
        order('o3', ['tenatoprazole']),
      ],
      allergies: [groupAllergy('a1', 'ppis'), allergyTo('a2', ['pantoprazole'], { why: 'rash' })],
    });
    const drugs = ['dexlansoprazole', 'omeprazole', 'tenatoprazole'];
    expect(references(fact)).toEqual(['o2', 'o1', 'o3', 'a1', 'a2']);
    expect(notesOf(fact)).toEqual([
      { code: 'same-group', drugs, group: null },
      { code: 'same-group', drugs, group: 'proton pump inhibitors' },
      { code: 'charted', words: 'rash' },
    ]);
  });

  it('the drug itself needs no group, and one that is known by its group alone has no name', () => {
    const itself = answer({
      medications: [order('o', ['digoxin'])],
      allergies: [allergyTo('a', ['digoxin'])],
    });
    expect(notesOf(itself)).toEqual([]);
    expect(itself.evidence.map(({ name }) => name)).toEqual(['digoxin', 'digoxin']);
    const byGroup = answer({ medications: [ofGroup('o')], allergies: [allergyTo('a', ['amoxicillin'])] });
    expect(notesOf(byGroup)).toContainEqual({ code: 'same-group', drugs: [], group: 'penicillins' });
    expect(byGroup.evidence.map(({ name }) => name)).toEqual([undefined, 'amoxicillin']);
  });

  it('orders that are known by their codes alone by name, and only those in question', () => {
    const allergies = [allergyTo('a', ['amoxicillin'])];
    const two = [{ ...ofGroup('o2'), route: 'oral' as const }, ofGroup('o1')];
    expect(references(answer({ medications: two, allergies }))).toEqual(['o1', 'o2', 'a']);
    const taken: Medication = { ...ofGroup('t'), role: 'active', selected: false };
    expect(said(answer({ medications: [taken, order('d', ['digoxin'])], allergies }))).toBe(false);
  });

  it('groups of one allergy go before its drugs', () => {
    const fact = answer({
      medications: [order('o', ['omeprazole'])],
      allergies: [allergyTo('a', ['omeprazole'], { groups: ['ppis'] })],
    });
    expect(fact.evidence.slice(1).map(({ name }) => name)).toEqual(['proton pump inhibitors', 'omeprazole']);
  });
});

describe('an order is in question', () => {
  it.each<[string, Partial<Medication>, boolean]>([
    ['where it is selected', {}, true],
    ['not where another one is', { selected: false }, false],
    ['not as therapy', { role: 'active' }, false],
    ['as therapy under review', { role: 'active', selected: false, underReview: true }, true],
  ])('%s', (_, more, isHit) => {
    const fact = answer({
      medications: [order('o', ['digoxin'], more)],
      allergies: [allergyTo('a', ['digoxin'])],
    });
    expect(said(fact)).toBe(isHit);
  });

  it('and an allergy that is over hits none', () => {
    const over = allergyTo('a', ['digoxin'], { status: 'inactive' });
    expect(said(answer({ medications: [order('o', ['digoxin'])], allergies: [over] }))).toBe(false);
  });
});

describe('what leaves it open', () => {
  const digoxin = order('o', ['digoxin']);
  const pill = order('pill', []);
  // No table has it.
  const another = order('other', ['another drug'], { resolvedBy: 'rxnorm-ingredient' });
  const half = order('half', ['digoxin', 'another drug'], { resolvedBy: 'rxnorm-ingredient' });

  it.each<[string, Medication[], Allergy[], boolean | string, string[]]>([
    ['an allergy to nothing that is known', [digoxin], [unread('a')], 'unresolved', ['a']],
    ['one that is to more', [digoxin], [allergyTo('a', ['aspirin'], { open: true })], 'unresolved', ['a']],
    ['one to a drug that no table has', [digoxin], [allergyTo('a', ['another drug'])], 'unresolved', ['a']],
    ['one to a group is none', [digoxin], [groupAllergy('a', 'ppis')], false, []],
    ['two of them, by name', [digoxin], [unread('b'), unread('a')], 'unresolved', ['a', 'b']],
    ['without an order nothing', [], [unread('a')], false, []],
    ['an order of nothing that is known', [pill], [allergyTo('a', ['aspirin'])], 'unresolved', ['pill']],
    ['without an allergy not', [pill], [], false, []],
    [
      'two orders, by name',
      [order('b', [], { route: 'oral' }), order('a', [])],
      [allergyTo('x', ['aspirin'])],
      'unresolved',
      ['a', 'b'],
    ],
    ['an order whose codes say the group', [ofGroup('o')], [allergyTo('a', ['digoxin'])], false, []],
    [
      'a drug that no table has beside an allergy to one drug',
      [another],
      [allergyTo('a', ['digoxin'])],
      false,
      [],
    ],
    ['beside an allergy to a group', [another], [groupAllergy('a', 'ppis')], 'unresolved', ['other']],
    ['beside one to a drug of a group', [another], [allergyTo('a', ['omeprazole'])], 'unresolved', ['other']],
    [
      'beside one of each',
      [another],
      [allergyTo('a', ['digoxin']), groupAllergy('b', 'ppis')],
      'unresolved',
      ['other'],
    ],
    ['a product of which one drug is known', [half], [groupAllergy('a', 'ppis')], 'unresolved', ['half']],
    ['both', [pill, digoxin], [unread('a')], 'unresolved', ['a', 'pill']],
  ])('%s', (_, medications, allergies, expected, named) => {
    const fact = answer({ medications, allergies });
    expect(said(fact)).toBe(expected);
    const reasons = fact.state === 'known' ? [] : fact.reasons;
    expect(
      reasons.flatMap((reason) =>
        reason.code === 'allergies-open'
          ? reason.references
          : reason.code === 'could-be-one'
            ? [reason.reference]
            : [],
      ),
    ).toEqual(
      named.map(
        (id) =>
          [...medications.map(({ reference }) => reference)].find((one) => one.endsWith(`/${id}`)) ??
          `AllergyIntolerance/${id}`,
      ),
    );
  });

  it.each<[string, Medication[], Allergy[], string[]]>([
    ['the orders, where nothing was entered', [digoxin], [unread('a')], ['o']],
    ['what was just entered', [digoxin], [unread('a', { entered: true })], ['a']],
    [
      'not what was entered and is known',
      [digoxin],
      [unread('a'), allergyTo('b', ['aspirin'], { entered: true })],
      ['o'],
    ],
    [
      'what was entered and is known, of an order that is not',
      [pill],
      [allergyTo('b', ['aspirin'], { entered: true })],
      ['b'],
    ],
  ])('rests on %s', (_, medications, allergies, expected) => {
    const fact = answer({ medications, allergies });
    expect(said(fact)).toBe('unresolved');
    expect(references(fact)).toEqual(expected);
  });

  it.each<
    [
      string,
      Chart['completeness']['orders'],
      Chart['completeness']['allergies'],
      Medication[],
      boolean | string,
    ]
  >([
    ['allergies that never came', 'known', 'absent', [digoxin], 'no allergies'],
    ['allergies that came in part', 'known', 'partial', [digoxin], 'no allergies'],
    ['orders that never came', 'absent', 'known', [], 'no orders'],
    ['orders that came in part, one of them known', 'partial', 'known', [digoxin], false],
  ])('%s', (_, orders, allergies, medications, expected) => {
    const fact = answer({ medications, completeness: { orders, allergies } });
    expect(said(fact)).toBe(expected);
    if (expected === 'no allergies') expect(references(fact)).toEqual(['o']);
  });

  it('without orders, what was entered is what waits for them', () => {
    const allergies = [allergyTo('a', ['aspirin'], { entered: true }), allergyTo('b', ['digoxin'])];
    const fact = answer({ allergies, completeness: { orders: 'absent' } });
    expect(said(fact)).toBe('no orders');
    expect(fact.evidence).toEqual([
      { reference: 'AllergyIntolerance/a', used: { kind: 'just-entered' }, time: null, notes: [] },
    ]);
  });
});

describe('a documented allergy to a drug', () => {
  const to = (allergies: Allergy[], params: Params, more: Given = {}): Fact =>
    answer({ allergies, ...more }, 'allergy', params);
  const ppi = { classes: ['ppi'] };
  it.each<[string, Allergy[], Params, boolean | string]>([
    ['to it', [allergyTo('a', ['omeprazole'])], ppi, true],
    ['to its group', [groupAllergy('a', 'ppis')], ppi, true],
    [
      'to a group that holds one of them',
      [groupAllergy('a', 'ppis')],
      { ingredients: ['digoxin', 'omeprazole'] },
      true,
    ],
    ['to another', [allergyTo('a', ['digoxin'])], ppi, false],
    ['to another group', [groupAllergy('a', 'statins')], ppi, false],
    ['to a group that no table has', [groupAllergy('a', 'no such group')], ppi, false],
    ['that is over', [allergyTo('a', ['omeprazole'], { status: 'inactive' })], ppi, false],
    ['that is not understood', [unread('a')], ppi, 'unresolved'],
    ['that is not understood, beside one that is', [unread('a'), allergyTo('b', ['omeprazole'])], ppi, true],
  ])('%s', (_, allergies, params, expected) => expect(said(to(allergies, params))).toBe(expected));

  it('says to what, and what the chart says of it', () => {
    const { evidence } = to(
      [allergyTo('a', ['omeprazole'], { groups: ['ppis', 'no such group'], why: 'hives' })],
      ppi,
    );
    expect(evidence).toEqual([
      {
        reference: 'AllergyIntolerance/a',
        used: { kind: 'allergy', to: ['proton pump inhibitors', 'omeprazole'] },
        time: null,
        notes: [{ code: 'charted', words: 'hives' }],
      },
    ]);
    expect(notesOf(to([allergyTo('a', ['omeprazole'])], ppi))).toEqual([]);
  });

  it('of a list that came in part nobody knows', () => {
    expect(said(to([], ppi, { completeness: { allergies: 'partial' } }))).toBe('no allergies');
  });

  it('therapy has no part in it', () => {
    const medications = [therapy('t', ['omeprazole'])];
    expect(said(to([allergyTo('a', ['digoxin'])], ppi, { medications }))).toBe(false);
  });
});

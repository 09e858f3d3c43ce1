import { describe, expect, it } from 'vitest';
import { wordEvidence } from '../../../rules/cards/wording.ts';
import type { Chart } from '../../../rules/chart/types.ts';
import { ingredientsOf, medicationEvidence } from '../../../rules/facts/selection.ts';
import { allergyTo, ask, at, day, order, therapy } from '../../support/charts.ts';

const taken = (id: string, name: string) => ({
  reference: `MedicationRequest/${id}`,
  name,
  received: `c-${id}`,
  used: `${name}, active`,
  time: null,
});
const ordered = (id: string, name: string) => ({
  ...taken(id, name),
  used: `${name}, ordered`,
  order: 'selected',
});
const none = { state: 'known', value: false, evidence: [] };

const worded = (...asked: Parameters<typeof medicationEvidence>) =>
  wordEvidence(medicationEvidence(...asked));

describe('what a selector means', () => {
  it('are the members of its classes and its ingredients, without the exceptions', () => {
    expect([...ingredientsOf({ ingredients: ['digoxin'] })]).toEqual(['digoxin']);
    expect(ingredientsOf({}).size).toBe(0);
    const ppi = ingredientsOf({ classes: ['ppi'] });
    expect(ppi.has('omeprazole')).toBe(true);
    expect(ppi.has('digoxin')).toBe(false);
    expect(ingredientsOf({ classes: ['ppi'], exceptIngredients: ['omeprazole'] }).size).toBe(ppi.size - 1);
    expect(ingredientsOf({ classes: ['not-in-the-table'] }).size).toBe(0);
  });
});

describe('the evidence of a medication', () => {
  it('names the ingredients meant, the codes, route, role and start', () => {
    const medication = therapy('1', ['losartan', 'hydrochlorothiazide'], {
      route: 'oral',
      codes: [
        { system: 's', code: 'a' },
        { system: 's', code: 'b' },
      ],
      started: { from: Date.parse('2026-01-02T00:00:00Z'), to: Date.parse('2026-01-02T23:59:59Z') },
    });
    const common = { reference: 'MedicationRequest/1', received: 'a, b', time: '2026-01-02' };
    expect(worded(medication)).toEqual({
      ...common,
      name: 'losartan + hydrochlorothiazide',
      used: 'losartan + hydrochlorothiazide, oral, active',
    });
    expect(worded(medication, new Set(['losartan']))).toEqual({
      ...common,
      name: 'losartan',
      used: 'losartan, oral, active',
    });
  });
  it('says how it was matched, where not by its ingredient, and what is to be known of it', () => {
    const note = (more: Parameters<typeof therapy>[2]) => worded(therapy('1', ['digoxin'], more)).note;
    expect(note({})).toBeUndefined();
    expect(note({ resolvedBy: 'name' })).toBe('matched by name');
    expect(note({ why: 'status unknown' })).toBe('status unknown');
    expect(note({ resolvedBy: 'name', why: 'status unknown' })).toBe('matched by name; status unknown');
  });
  it('of one without codes that matches nothing says so', () => {
    expect(worded(therapy('1', [], { codes: [] }))).toEqual({
      reference: 'MedicationRequest/1',
      received: 'text',
      used: 'not matched to an ingredient, active',
      time: null,
      note: 'matched by unresolved',
    });
  });
  it('of an order says whether it is the one selected', () => {
    expect(worded(order('1', ['digoxin'])).order).toBe('selected');
    expect(worded(order('1', ['digoxin'], { selected: false })).order).toBe('background');
    expect(worded(therapy('1', ['digoxin']))).not.toHaveProperty('order');
  });
});

describe('drug', () => {
  const digoxin = { ingredients: ['digoxin'], role: 'active' } as const;
  const open = (what: string, ...ids: string[]) =>
    `${what} (${ids.map((id) => `MedicationRequest/${id}`).join(', ')} could be one: ingredient, route or start not known)`;
  it('that is there is evidence, each of them', () => {
    const medications = [therapy('1', ['digoxin']), therapy('2', ['aspirin']), therapy('3', ['digoxin'])];
    expect(ask('drug', digoxin, { medications })).toEqual({
      state: 'known',
      value: true,
      evidence: [taken('1', 'digoxin'), taken('3', 'digoxin')],
    });
  });
  it('that is not there is false', () => {
    expect(ask('drug', digoxin, { medications: [therapy('2', ['aspirin'])] })).toEqual(none);
  });
  it('that was given and is over counts for a day, and not where it must be running', () => {
    const hours = 3_600_000;
    const bolus = {
      ...therapy('1', ['digoxin']),
      given: true as const,
      ended: { from: at - 10 * hours, to: at - 10 * hours },
    };
    const infusion = { ...therapy('2', ['digoxin']), given: true as const };
    expect(ask('drug', digoxin, { medications: [bolus] })).toMatchObject({ value: true });
    expect(ask('drug', { ...digoxin, running: true }, { medications: [bolus] })).toEqual(none);
    expect(ask('drug', { ...digoxin, running: true }, { medications: [infusion] })).toMatchObject({
      value: true,
    });
  });
  it('that may be one of two unrecognised is unknown and names both', () => {
    expect(ask('drug', digoxin, { medications: [therapy('1', []), therapy('2', [])] })).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing: open('drug digoxin active', '1', '2'),
      evidence: [{ reference: 'MedicationRequest/1' }, { reference: 'MedicationRequest/2' }],
    });
  });
  it.each([
    [90, 90, true],
    [89, 89, false],
    [91, 89, null],
  ])('taken since between %d and %d days ago, for at least 90 days: %s', (from, to, expected) => {
    const started = { from: at - from * day, to: at - to * day };
    const fact = ask(
      'drug',
      { ...digoxin, forAtLeast: 'P90D' },
      { medications: [therapy('1', ['digoxin'], { started })] },
    );
    expect(fact.state === 'known' ? fact.value : null).toBe(expected);
  });
  it('that began exactly five days ago is not taken for more than five', () => {
    const asked = (from: number, to = from) =>
      ask(
        'drug',
        { ...digoxin, forMoreThan: 'P5D' },
        { medications: [therapy('1', ['digoxin'], { started: { from, to } })] },
      );
    expect(asked(at - 5 * day)).toMatchObject({ value: false });
    expect(asked(at - 5 * day - 1)).toMatchObject({ value: true });
    expect(asked(at - 5 * day - 1, at - 5 * day)).toMatchObject({ state: 'missing' });
  });
  it('that began exactly 90 days ago, or a millisecond after, to the millisecond', () => {
    const asked = (from: number, more: { startedAtLatest?: boolean } = {}) =>
      ask(
        'drug',
        { ...digoxin, forAtLeast: 'P90D' },
        {
          medications: [therapy('1', ['digoxin'], { started: { from, to: from }, ...more })],
        },
      );
    expect(asked(at - 90 * day)).toMatchObject({ value: true });
    expect(asked(at - 90 * day + 1)).toEqual(none);
    expect(asked(at - 90 * day + 1, { startedAtLatest: true })).toMatchObject({ state: 'missing' });
  });

  describe('that is started now', () => {
    const starting = { classes: ['ppi'], role: 'ordered', starting: true } as const;
    const asked = (given: Partial<Chart>, completeness: Partial<Chart['completeness']> = {}) =>
      ask('drug', starting, { ...given, completeness });
    const omeprazole = order('9', ['omeprazole']);
    it('is not already taken', () => {
      expect(asked({ medications: [omeprazole, therapy('1', ['digoxin'])] })).toMatchObject({ value: true });
      expect(asked({ medications: [omeprazole, therapy('1', ['digoxin', 'omeprazole'])] })).toEqual(none);
      expect(
        asked({ medications: [omeprazole, therapy('1', ['omeprazole'], { role: 'inactive' })] }),
      ).toMatchObject({
        value: true,
      });
    });
    it('is meant of the class asked for: another ingredient of the order may be taken already', () => {
      const both = order('9', ['omeprazole', 'aspirin']);
      expect(asked({ medications: [both, therapy('1', ['aspirin'])] })).toMatchObject({ value: true });
    });
    it('is unknown while what is taken is not all known', () => {
      expect(asked({ medications: [omeprazole, therapy('1', []), therapy('2', ['digoxin'])] })).toMatchObject(
        {
          state: 'missing',
          missing: open('drug ppi ordered', '9'),
        },
      );
      expect(asked({ medications: [omeprazole] }, { medications: 'absent' })).toMatchObject({
        state: 'missing',
      });
      expect(asked({ medications: [omeprazole] }, { medications: 'partial' })).toMatchObject({
        state: 'missing',
      });
    });
  });

  it.each([
    ['active', 'medications', 'orders'],
    ['ordered', 'orders', 'medications'],
  ] as const)('in the role %s needs the %s, and not the %s', (role, needed, other) => {
    const asked = (category: keyof Chart['completeness'], state: 'absent' | 'partial') =>
      ask('drug', { ingredients: ['digoxin'], role }, { completeness: { [category]: state } });
    const word = needed === 'orders' ? 'draft orders' : 'medications';
    expect(asked(needed, 'absent')).toEqual({
      state: 'missing',
      cause: 'category',
      category: needed,
      missing: `drug digoxin ${role} (no ${word} came)`,
      evidence: [],
    });
    expect(asked(needed, 'partial')).toMatchObject({
      cause: 'incomplete',
      missing: `drug digoxin ${role} (${word} came in part)`,
    });
    expect(asked(other, 'absent')).toEqual(none);
    expect(
      ask('drug', { ingredients: ['digoxin'], role: 'any' }, { completeness: { [needed]: 'absent' } }),
    ).toMatchObject({
      category: needed,
    });
  });
});

describe('infusionRate', () => {
  const params = { ingredients: ['magnesium sulfate'], unit: 'g/h' } as const;
  const rated = (id: string, gramsAnHour: number) =>
    order(id, ['magnesium sulfate'], {
      dosing: { instructions: [{ perHour: [{ value: gramsAnHour, unit: 'g' as const }] }] },
    });
  it('is the fastest of the orders', () => {
    for (const medications of [
      [rated('1', 1), rated('2', 3)],
      [rated('2', 3), rated('1', 1)],
    ]) {
      expect(ask('infusionRate', params, { medications })).toEqual({
        state: 'known',
        value: 3,
        unit: 'g/h',
        evidence: [{ ...ordered('2', 'magnesium sulfate'), used: '3 g/h', note: 'rate as ordered' }],
      });
    }
  });
  it('of two equally fast ones is that of the first', () => {
    expect(
      ask('infusionRate', params, { medications: [rated('1', 2), rated('2', 2)] }).evidence[0]?.reference,
    ).toBe('MedicationRequest/1');
  });
  it('is at least that where another order states none', () => {
    expect(
      ask('infusionRate', params, { medications: [rated('1', 2), order('2', ['magnesium sulfate'])] }),
    ).toMatchObject({
      value: 2,
      range: { low: 2, high: Number.POSITIVE_INFINITY },
    });
  });
  it('is unknown where no order states one, or there is no order', () => {
    expect(
      ask('infusionRate', params, { medications: [order('1', ['magnesium sulfate', 'aspirin'])] }),
    ).toEqual({
      state: 'missing',
      cause: 'absent',
      missing:
        'infusion rate magnesium sulfate (MedicationRequest/1 states no rate that gives grams an hour)',
      evidence: [ordered('1', 'magnesium sulfate')],
    });
    for (const medications of [[], [therapy('1', ['magnesium sulfate'])], [order('1', ['aspirin'])]]) {
      expect(ask('infusionRate', params, { medications })).toEqual({
        state: 'missing',
        cause: 'absent',
        missing: 'infusion rate magnesium sulfate',
        evidence: [],
      });
    }
  });
});

describe('allergy', () => {
  const params = { ingredients: ['ciprofloxacin'] };
  it('that is documented is evidence, with all it names', () => {
    expect(
      ask('allergy', params, {
        allergies: [allergyTo('1', ['aspirin']), allergyTo('2', ['aspirin', 'ciprofloxacin'])],
      }),
    ).toEqual({
      state: 'known',
      value: true,
      evidence: [{ reference: 'AllergyIntolerance/2', used: 'aspirin, ciprofloxacin', time: null }],
    });
  });
  it('is unknown beside an active one that matches nothing', () => {
    const unmatched = allergyTo('1', []);
    expect(ask('allergy', params, { allergies: [unmatched] })).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing: 'allergy ciprofloxacin (AllergyIntolerance/1 could be one)',
      evidence: [{ reference: 'AllergyIntolerance/1', used: 'not matched to an ingredient', time: null }],
    });
    expect(ask('allergy', params, { allergies: [{ ...unmatched, status: 'inactive' }] })).toEqual(none);
  });
  it('is a group that is named, if it holds the drug', () => {
    const quinolones = allergyTo('1', [], { groups: ['quinolones'] });
    expect(ask('allergy', params, { allergies: [quinolones] })).toMatchObject({
      value: true,
      evidence: [{ used: 'quinolones' }],
    });
    expect(ask('allergy', { ingredients: ['omeprazole'] }, { allergies: [quinolones] })).toEqual(none);
  });
  it('is false where another is documented, or one that is over', () => {
    expect(ask('allergy', params, { allergies: [allergyTo('1', ['aspirin'])] })).toEqual(none);
    expect(
      ask('allergy', params, { allergies: [allergyTo('1', ['ciprofloxacin'], { status: 'inactive' })] }),
    ).toEqual(none);
  });
  it('is unknown where no allergies came', () => {
    expect(ask('allergy', params, { completeness: { allergies: 'absent' } })).toMatchObject({
      missing: 'allergy ciprofloxacin (no allergies came)',
    });
  });
});

describe('allergyToOrder', () => {
  const asked = (given: Partial<Chart>, completeness: Partial<Chart['completeness']> = {}) =>
    ask('allergyToOrder', {}, { ...given, completeness });
  const levofloxacin = order('1', ['aspirin', 'levofloxacin']);
  const documented = (id: string, name: string, note?: string) => ({
    reference: `AllergyIntolerance/${id}`,
    name,
    used: `allergy to ${name}`,
    time: null,
    ...(note ? { note } : {}),
  });
  it('is the ordered ingredient itself, and another of its class', () => {
    const allergies = [allergyTo('1', ['levofloxacin'])];
    const medications = [order('2', ['ciprofloxacin']), levofloxacin];
    expect(asked({ medications, allergies })).toEqual({
      state: 'known',
      value: true,
      evidence: [
        ordered('2', 'ciprofloxacin'),
        ordered('1', 'levofloxacin'),
        documented('1', 'levofloxacin', 'ciprofloxacin is of the same group: quinolones'),
      ],
    });
  });
  it('is another of its class', () => {
    expect(asked({ medications: [levofloxacin], allergies: [allergyTo('1', ['ciprofloxacin'])] })).toEqual({
      state: 'known',
      value: true,
      evidence: [
        ordered('1', 'levofloxacin'),
        documented('1', 'ciprofloxacin', 'levofloxacin is of the same group: quinolones'),
      ],
    });
  });
  it('names every allergy and every order, whatever the order of entries', () => {
    const allergies = [
      allergyTo('3', ['aspirin']),
      allergyTo('1', ['omeprazole']),
      allergyTo('2', ['ciprofloxacin']),
      allergyTo('0', ['metformin']),
    ];
    const medications = [order('2', ['omeprazole']), levofloxacin];
    const found = asked({ medications, allergies });
    expect(found).toEqual({
      state: 'known',
      value: true,
      evidence: [
        ordered('1', 'aspirin'),
        ordered('1', 'levofloxacin'),
        ordered('2', 'omeprazole'),
        documented('1', 'omeprazole'),
        documented('2', 'ciprofloxacin', 'levofloxacin is of the same group: quinolones'),
        documented('3', 'aspirin'),
      ],
    });
    const turned = { medications: medications.toReversed(), allergies: allergies.toReversed() };
    expect(asked(turned)).toEqual(found);
  });
  it('is a member of a group that is named', () => {
    const allergies = [allergyTo('1', [], { groups: ['penicillins'], why: 'not confirmed' })];
    expect(asked({ medications: [order('1', ['amoxicillin'])], allergies })).toEqual({
      state: 'known',
      value: true,
      evidence: [
        ordered('1', 'amoxicillin'),
        documented('1', 'penicillins', 'amoxicillin is among them; not confirmed'),
      ],
    });
    expect(asked({ medications: [levofloxacin], allergies })).toEqual(none);
  });
  it('is found by the code of an order that has no name', () => {
    const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
    const coded = (code: string) => order('1', [], { codes: [{ system: rxnorm, code }] });
    const allergies = [allergyTo('1', [], { groups: ['penicillins'] })];
    expect(asked({ medications: [coded('723')], allergies })).toMatchObject({ value: true });
    expect(asked({ medications: [coded('6809')], allergies })).toEqual(none);
    expect(asked({ medications: [coded('1')], allergies })).toMatchObject({ cause: 'unresolved' });
  });
  it('is unknown of a drug that no table has, on either side: two such are not the same', () => {
    const unknownDrug = order('1', ['another drug']);
    expect(
      asked({ medications: [unknownDrug], allergies: [allergyTo('1', ['another drug'])] }),
    ).toMatchObject({
      missing:
        'allergy to the ordered drug or its class (AllergyIntolerance/1 could be one) (MedicationRequest/1 could be one)',
    });
    expect(asked({ medications: [unknownDrug], allergies: [allergyTo('1', ['aspirin'])] })).toMatchObject({
      cause: 'unresolved',
    });
  });
  it('is hit although part of the allergy is not understood, and else open', () => {
    const allergies = [allergyTo('1', ['aspirin'], { open: true })];
    expect(asked({ medications: [levofloxacin], allergies })).toMatchObject({ value: true });
    expect(asked({ medications: [order('1', ['omeprazole'])], allergies })).toMatchObject({
      missing: 'allergy to the ordered drug or its class (AllergyIntolerance/1 could be one)',
    });
  });
  it.each<[string, Partial<Chart>]>([
    [
      'an allergy that is over',
      { medications: [levofloxacin], allergies: [allergyTo('1', ['levofloxacin'], { status: 'inactive' })] },
    ],
    [
      'an allergy to another class',
      { medications: [levofloxacin], allergies: [allergyTo('1', ['omeprazole'])] },
    ],
    [
      'an order that is not selected',
      {
        medications: [order('1', ['levofloxacin'], { selected: false })],
        allergies: [allergyTo('1', ['levofloxacin'])],
      },
    ],
    [
      'a drug that is taken',
      {
        medications: [therapy('1', ['levofloxacin'], { selected: true })],
        allergies: [allergyTo('1', ['levofloxacin'])],
      },
    ],
    ['no order', { allergies: [allergyTo('1', [])] }],
    ['an unrecognised order and no allergy', { medications: [order('1', [])] }],
    [
      'an unrecognised drug that is taken',
      { medications: [therapy('1', [], { selected: true })], allergies: [allergyTo('1', ['aspirin'])] },
    ],
    [
      'an unrecognised order that is not selected',
      { medications: [order('1', [], { selected: false })], allergies: [allergyTo('1', ['aspirin'])] },
    ],
  ])('is not: %s', (_name, given) => {
    expect(asked(given)).toEqual(none);
  });
  it('is unknown beside an allergy that matches nothing, which it names', () => {
    expect(
      asked({ medications: [levofloxacin], allergies: [allergyTo('1', ['omeprazole']), allergyTo('2', [])] }),
    ).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing: 'allergy to the ordered drug or its class (AllergyIntolerance/2 could be one)',
      evidence: [ordered('1', 'aspirin'), ordered('1', 'levofloxacin')],
    });
  });
  it('is unknown of an order that matches nothing, which it names', () => {
    expect(asked({ medications: [order('1', [])], allergies: [allergyTo('1', ['aspirin'])] })).toEqual({
      state: 'missing',
      cause: 'unresolved',
      missing: 'allergy to the ordered drug or its class (MedicationRequest/1 could be one)',
      evidence: [],
    });
  });
  it('is unknown where no allergies came, unless nothing is ordered', () => {
    expect(asked({ medications: [order('1', ['levofloxacin'])] }, { allergies: 'absent' })).toEqual({
      state: 'missing',
      cause: 'category',
      category: 'allergies',
      missing: 'allergy to the ordered drug or its class (no allergies came)',
      evidence: [ordered('1', 'levofloxacin')],
    });
    expect(asked({}, { allergies: 'absent' })).toEqual(none);
    expect(asked({ medications: [order('1', [])] }, { allergies: 'absent' })).toMatchObject({
      state: 'missing',
    });
  });
});

describe('drugCount', () => {
  it('by class counts a combination once for each of its classes', () => {
    const params = { classes: ['ppi', 'thiazide-diuretic', 'loop-diuretic'], role: 'any', by: 'class' };
    const both = therapy('1', ['omeprazole', 'hydrochlorothiazide']);
    expect(ask('drugCount', params, { medications: [both] })).toMatchObject({ state: 'known', value: 2 });
    expect(
      ask('drugCount', params, { medications: [both, therapy('2', ['esomeprazole', 'aspirin'])] }),
    ).toMatchObject({ value: 2 });
  });
});

describe('duplicateOrder', () => {
  const asked = (given: Partial<Chart>, completeness: Partial<Chart['completeness']> = {}) =>
    ask('duplicateOrder', {}, { ...given, completeness });
  const digoxin = order('1', ['digoxin', 'aspirin']);
  it('is an ingredient that is taken too, or ordered twice', () => {
    expect(asked({ medications: [digoxin, therapy('2', ['omeprazole', 'digoxin'])] })).toEqual({
      state: 'known',
      value: true,
      evidence: [ordered('1', 'digoxin'), taken('2', 'digoxin')],
    });
    expect(asked({ medications: [digoxin, order('2', ['digoxin'], { selected: false })] })).toMatchObject({
      value: true,
    });
  });
  it('is no salt of a maintenance fluid, and two fluids are', () => {
    const salts = ['calcium chloride', 'potassium chloride', 'sodium lactate'];
    const fluid = (id: string) => order(id, salts, { route: 'parenteral' });
    const tablet = order('1', ['potassium chloride'], { route: 'oral' });
    expect(asked({ medications: [tablet, fluid('2')] })).toMatchObject({ value: false });
    expect(asked({ medications: [fluid('1'), fluid('2')] })).toMatchObject({ value: true });
  });
  it('names all of them, whatever the order of entries', () => {
    const medications = [
      therapy('4', ['digoxin']),
      digoxin,
      therapy('3', ['aspirin']),
      order('2', ['digoxin'], { selected: false }),
    ];
    const found = asked({ medications });
    expect(found).toMatchObject({
      evidence: [
        { reference: 'MedicationRequest/1', name: 'aspirin' },
        { reference: 'MedicationRequest/3', name: 'aspirin' },
        { reference: 'MedicationRequest/1', name: 'digoxin' },
        { reference: 'MedicationRequest/2', name: 'digoxin' },
        { reference: 'MedicationRequest/4', name: 'digoxin' },
      ],
    });
    expect(asked({ medications: medications.toReversed() })).toEqual(found);
  });
  it('is not one that is over, nor the order itself', () => {
    expect(asked({ medications: [digoxin] })).toEqual(none);
    expect(asked({ medications: [digoxin, therapy('2', ['digoxin'], { role: 'inactive' })] })).toEqual(none);
    expect(asked({ medications: [therapy('2', ['digoxin']), therapy('3', ['digoxin'])] })).toEqual(none);
  });
  it('is unknown where no medications came, unless nothing is ordered', () => {
    expect(asked({ medications: [digoxin] }, { medications: 'absent' })).toMatchObject({
      state: 'missing',
      missing: 'the ordered drug already taken or ordered (no medications came)',
    });
    expect(asked({}, { medications: 'absent' })).toEqual(none);
  });
});

describe('a drug that is planned for a time', () => {
  const params = { classes: ['magnesium'], role: 'ordered', plannedForMoreThan: 'P5D' };
  const planned = (more: Parameters<typeof order>[2]) =>
    ask('drug', params, { medications: [order('1', ['magnesium sulfate'], more)] });

  it('states it in its dosage or by its end', () => {
    expect(planned({ dosing: { instructions: [{ runsHours: 121 }] } })).toMatchObject({ value: true });
    expect(planned({ dosing: { instructions: [{ runsHours: 120 }] } })).toMatchObject({ value: false });
    const until = (days: number) => ({ from: at + days * day, to: at + days * day });
    expect(planned({ ends: until(6) })).toMatchObject({ value: true });
    expect(planned({ ends: until(5) })).toMatchObject({ value: false });
    expect(planned({ started: until(1), ends: until(5) })).toMatchObject({ value: false });
  });
  it('is none where nothing is stated', () => {
    expect(planned({})).toMatchObject({ value: false });
  });
});

describe('a drug by the rectum', () => {
  const params = { classes: ['sodium-phosphate'], role: 'ordered', route: 'rectal' };
  const given = (route: 'rectal' | 'oral' | null) =>
    ask('drug', params, { medications: [order('1', ['sodium phosphate'], { route })] });
  it('is known by its route, and open without one', () => {
    expect(given('rectal')).toMatchObject({ value: true });
    expect(given('oral')).toMatchObject({ value: false });
    expect(given(null)).toMatchObject({ state: 'missing' });
  });
});

import { describe, expect, it } from 'vitest';
import { ask, at, day, labOf, order, therapy } from '../../support/charts.ts';

const unbounded = Number.POSITIVE_INFINITY;

describe('drugCount', () => {
  const drugs = { classes: ['ppi', 'nsaid'], role: 'active' } as const;
  const both = [
    therapy('1', ['omeprazole', 'aspirin', 'digoxin']),
    therapy('2', ['ibuprofen']),
    therapy('3', ['naproxen']),
    therapy('4', ['omeprazole']),
    therapy('5', ['digoxin']),
  ];
  it.each([
    ['class', 2],
    ['ingredient', 3],
    ['order', 4],
  ] as const)('by %s is %d', (by, expected) => {
    const fact = ask('drugCount', { ...drugs, exceptIngredients: ['aspirin'], by }, { medications: both });
    expect(fact).toMatchObject({ state: 'known', value: expected });
    expect(fact.evidence.map(({ reference, name }) => [reference, name])).toEqual([
      ['MedicationRequest/2', 'ibuprofen'],
      ['MedicationRequest/3', 'naproxen'],
      ['MedicationRequest/1', 'omeprazole'],
      ['MedicationRequest/4', 'omeprazole'],
    ]);
    expect(fact).not.toHaveProperty('range');
  });
  it('without classes counts no class', () => {
    expect(
      ask('drugCount', { ingredients: ['digoxin'], role: 'active', by: 'class' }, { medications: both }),
    ).toEqual({
      state: 'known',
      value: 0,
      evidence: [],
    });
  });
  it('counts the role asked for alone', () => {
    const medications = [
      therapy('1', ['omeprazole']),
      order('2', ['ibuprofen']),
      therapy('3', ['naproxen'], { role: 'inactive' }),
    ];
    const count = (role: 'active' | 'ordered' | 'any') =>
      ask('drugCount', { ...drugs, role, by: 'order' }, { medications });
    expect(count('active')).toMatchObject({ value: 1 });
    expect(count('ordered')).toMatchObject({ value: 1 });
    expect(count('any')).toMatchObject({ value: 2 });
  });
  it('is at least that beside a medication that was not recognised', () => {
    const open = { low: 1, high: unbounded };
    expect(
      ask(
        'drugCount',
        { ...drugs, by: 'order' },
        { medications: [therapy('1', ['omeprazole']), therapy('2', [])] },
      ),
    ).toMatchObject({
      value: 1,
      range: open,
    });
    expect(
      ask(
        'drugCount',
        { ...drugs, by: 'order' },
        { medications: [therapy('1', ['omeprazole']), therapy('2', ['digoxin'])] },
      ),
    ).not.toHaveProperty('range');
  });
  it('by a route counts what is known to go that way, and leaves open what is not', () => {
    const medications = [
      therapy('1', ['omeprazole'], { route: 'oral' }),
      therapy('2', ['ibuprofen'], { route: 'parenteral' }),
    ];
    const params = { ...drugs, by: 'order', route: 'oral' } as const;
    expect(ask('drugCount', params, { medications })).toMatchObject({ value: 1 });
    expect(ask('drugCount', params, { medications })).not.toHaveProperty('range');
    expect(
      ask('drugCount', params, { medications: [...medications, therapy('3', ['naproxen'])] }),
    ).toMatchObject({
      value: 1,
      range: { low: 1, high: unbounded },
    });
  });
  it('within 30 days counts what began then, an order whenever it began, and leaves open what has no date', () => {
    const params = { ...drugs, role: 'any', by: 'order', within: 'P30D' } as const;
    const began = (id: string, before: number) =>
      therapy(id, ['omeprazole'], { started: { from: at - before, to: at - before } });
    expect(
      ask('drugCount', params, { medications: [began('1', 30 * day), began('2', 30 * day + 1)] }),
    ).toMatchObject({
      value: 1,
      evidence: [{ reference: 'MedicationRequest/1' }],
    });
    expect(ask('drugCount', params, { medications: [began('2', 30 * day + 1)] })).not.toHaveProperty('range');
    expect(ask('drugCount', params, { medications: [order('3', ['omeprazole'])] })).toEqual(
      expect.objectContaining({ value: 1 }),
    );
    expect(ask('drugCount', params, { medications: [order('3', ['omeprazole'])] })).not.toHaveProperty(
      'range',
    );
    expect(ask('drugCount', params, { medications: [therapy('4', ['omeprazole'])] })).toMatchObject({
      value: 0,
      range: { low: 0, high: unbounded },
    });
  });
  it('of lists that did not come is unknown, or at least what is there', () => {
    const params = { ...drugs, by: 'order' } as const;
    expect(ask('drugCount', params, { completeness: { medications: 'absent' } })).toEqual({
      state: 'missing',
      cause: 'category',
      category: 'medications',
      missing: 'number of ppi or nsaid active by order (no medications came)',
      evidence: [],
    });
    expect(
      ask('drugCount', params, {
        medications: [therapy('1', ['omeprazole'])],
        completeness: { medications: 'partial' },
      }),
    ).toMatchObject({
      value: 1,
      range: { low: 1, high: unbounded },
    });
  });
});

const daily = (grams: number | null) => ({
  ...(grams === null ? {} : { doses: [{ value: grams, unit: 'g' as const }] }),
  timesADay: 1,
});

describe('dailyDose', () => {
  const params = { ingredients: ['magnesium oxide', 'magnesium'], role: 'any', unit: 'mg' } as const;
  const dosed = (id: string, name: string, gramsPerDay: number | null, more = {}) =>
    therapy(id, [name], { dosing: { instructions: [daily(gramsPerDay)] }, ...more });
  it('is the sum of all of them, each as evidence', () => {
    const medications = [
      dosed('1', 'magnesium oxide', 0.4),
      { ...dosed('2', 'magnesium', 0.1), role: 'ordered' as const },
      dosed('3', 'digoxin', 1),
    ];
    const fact = ask('dailyDose', params, { medications });
    expect(fact).toMatchObject({ state: 'known', value: 500, unit: 'mg' });
    expect(fact).not.toHaveProperty('range');
    expect(fact.evidence.map(({ used }) => used)).toEqual(['400 mg a day', '100 mg a day']);
  });
  it('of elemental magnesium takes the share of the salt', () => {
    const fact = ask(
      'dailyDose',
      { ...params, elementalMagnesium: true },
      { medications: [dosed('1', 'magnesium oxide', 0.4)] },
    );
    expect(fact).toMatchObject({ value: 241.2 });
    expect(fact.evidence.map(({ used }) => used)).toEqual(['241.2 mg elemental magnesium a day']);
  });
  it.each([
    ['role', { ...params, role: 'ordered' }, [dosed('1', 'magnesium oxide', 0.4)], 0],
    ['route', { ...params, route: 'oral' }, [dosed('1', 'magnesium oxide', 0.4, { route: 'parenteral' })], 0],
    ['route', { ...params, route: 'oral' }, [dosed('1', 'magnesium oxide', 0.4, { route: 'oral' })], 400],
  ] as const)('counts only the %s asked for', (_name, asked, medications, expected) => {
    const fact = ask('dailyDose', asked, { medications: [...medications] });
    expect(fact).toMatchObject({ state: 'known', value: expected, evidence: expected === 0 ? [] : [{}] });
    expect(fact).not.toHaveProperty('range');
  });
  it.each([
    ['states no dose', [dosed('1', 'magnesium oxide', null)]],
    ['has no dosing', [therapy('1', ['magnesium oxide'])]],
    [
      'is a combination',
      [
        therapy('1', ['magnesium oxide', 'digoxin'], {
          dosing: { instructions: [daily(1)] },
        }),
      ],
    ],
  ])('of one that %s cannot be computed', (_name, medications) => {
    expect(ask('dailyDose', params, { medications })).toMatchObject({
      state: 'missing',
      cause: 'unresolved',
      missing:
        'daily dose of magnesium oxide or magnesium any (the dose of MedicationRequest/1 cannot be computed)',
      evidence: [{ reference: 'MedicationRequest/1' }],
    });
  });
  it('of a salt whose share is not listed cannot be computed as elemental', () => {
    const lactate = { ingredients: ['digoxin'], role: 'any', unit: 'mg', elementalMagnesium: true } as const;
    expect(
      ask('dailyDose', lactate, { medications: [dosed('1', 'digoxin', 1), dosed('2', 'digoxin', 1)] }),
    ).toMatchObject({
      missing:
        'daily dose of digoxin any (the dose of MedicationRequest/1, MedicationRequest/2 cannot be computed)',
    });
  });
  it.each([
    ['one whose dose cannot be computed', [therapy('2', ['magnesium oxide'])], {}],
    ['one that was not recognised', [therapy('2', [])], {}],
    ['a list that came in part', [], { medications: 'partial' }],
  ] as const)('is at least that beside %s', (_name, others, completeness) => {
    const medications = [dosed('1', 'magnesium oxide', 0.4), ...others];
    expect(ask('dailyDose', params, { medications, completeness })).toMatchObject({
      value: 400,
      range: { low: 400, high: unbounded },
    });
  });
  it('by an unknown route is not counted, and leaves the sum open', () => {
    const medications = [
      dosed('1', 'magnesium oxide', 0.4, { route: 'oral' }),
      dosed('2', 'magnesium oxide', 0.4),
    ];
    expect(ask('dailyDose', { ...params, route: 'oral' }, { medications })).toMatchObject({
      value: 400,
      range: { low: 400, high: unbounded },
    });
  });
  it('of lists that did not come is unknown', () => {
    expect(ask('dailyDose', params, { completeness: { orders: 'absent' } })).toMatchObject({
      state: 'missing',
      missing: 'daily dose of magnesium oxide or magnesium any (no draft orders came)',
    });
  });
});

describe('a dose by body weight', () => {
  const params = { ingredients: ['magnesium oxide'], role: 'any', unit: 'mg' } as const;
  const perKilogram = { doses: [{ value: 0.01, unit: 'g/kg' as const }], timesADay: 1 };
  const byWeight = (id: string, ...others: object[]) =>
    therapy(id, ['magnesium oxide'], { dosing: { instructions: [perKilogram, ...others] } });
  const what = 'daily dose of magnesium oxide any';
  const needsWeight = (...ids: string[]) => ({
    state: 'missing',
    cause: 'absent',
    missing: `${what} of ${ids.map((id) => `MedicationRequest/${id}`).join(', ')}: needs body weight within P180D`,
    evidence: ids.map((id) => ({ reference: `MedicationRequest/${id}` })),
  });
  it('takes the weight of the last 180 days', () => {
    const labs = [labOf('body-weight', 70, 24)];
    const medications = [byWeight('1')];
    expect(ask('dailyDose', params, { medications, labs })).toMatchObject({ state: 'known', value: 700 });
    expect(
      ask('dailyDose', params, { medications, labs: [labOf('body-weight', 70, 181 * 24)] }),
    ).toMatchObject(needsWeight('1'));
  });
  it('needs one that is a plain number', () => {
    const labs = [labOf('body-weight', 70, 24, { comparator: '>' })];
    expect(ask('dailyDose', params, { medications: [byWeight('1')], labs })).toMatchObject(needsWeight('1'));
  });
  it.each([
    ['beside a dose in another unit', [byWeight('1', { doses: [{ value: 1, unit: 'mL' }], timesADay: 1 })]],
    [
      'said in pieces too',
      [
        therapy('1', ['magnesium oxide'], {
          dosing: {
            instructions: [
              {
                doses: [
                  { value: 0.01, unit: 'g/kg' as const },
                  { value: 1, unit: 'piece' as const },
                ],
                timesADay: 1,
              },
            ],
          },
        }),
      ],
    ],
  ] as const)('%s needs it as well', (_name, medications) =>
    expect(ask('dailyDose', params, { medications: [...medications] })).toMatchObject(needsWeight('1')),
  );
  it('of several one of which is by weight needs it', () =>
    expect(
      ask('dailyDose', params, { medications: [byWeight('1'), therapy('2', ['magnesium oxide'])] }),
    ).toMatchObject(needsWeight('2', '1')));
  it('asked for in mg/kg needs it for a dose in grams, and does not help one without a dose', () => {
    const perKg = { ...params, unit: 'mg/kg' };
    const medications = [therapy('1', ['magnesium oxide'], { dosing: { instructions: [daily(0.4)] } })];
    expect(ask('dailyDose', perKg, { medications })).toMatchObject(needsWeight('1'));
    expect(ask('dailyDose', perKg, { medications: [byWeight('1')] })).toMatchObject({
      state: 'known',
      value: 10,
    });
    const labs = [labOf('body-weight', 70, 24)];
    expect(ask('dailyDose', perKg, { medications: [therapy('1', ['magnesium oxide'])], labs })).toMatchObject(
      {
        cause: 'unresolved',
        missing: `${what} (the dose of MedicationRequest/1 cannot be computed)`,
      },
    );
  });
});

describe('a drug that is recognised in part, or not at all', () => {
  const params = { ingredients: ['magnesium oxide'], role: 'any', unit: 'mg' } as const;
  it('in part: a dose in grams may be of the other drug', () => {
    const part = therapy('1', ['magnesium oxide'], {
      resolvedBy: 'unresolved',
      dosing: { instructions: [daily(0.4)] },
    });
    expect(ask('dailyDose', params, { medications: [part] })).toMatchObject({
      cause: 'unresolved',
      missing: 'daily dose of magnesium oxide any (the dose of MedicationRequest/1 cannot be computed)',
    });
  });
  it('not at all: nothing is known, and nothing is ruled out', () =>
    expect(ask('dailyDose', params, { medications: [therapy('1', [])] })).toEqual({
      state: 'known',
      value: 0,
      unit: 'mg',
      evidence: [],
      range: { low: 0, high: unbounded },
    }));
  it('by another route than is asked for it is ruled out', () =>
    expect(
      ask(
        'dailyDose',
        { ...params, route: 'oral' },
        { medications: [therapy('1', [], { route: 'parenteral' })] },
      ),
    ).toEqual({ state: 'known', value: 0, unit: 'mg', evidence: [] }));
});

describe('dose and doseFrequency', () => {
  const params = { ingredients: ['magnesium oxide'], role: 'any' } as const;
  const medications = [0.4, 0.2].map((grams, index) =>
    therapy(`${index}`, ['magnesium oxide'], {
      dosing: { instructions: [{ ...daily(grams), timesADay: index + 1 }] },
    }),
  );
  it('a dose is the largest of them, how often is the sum', () => {
    const dose = ask('dose', { ...params, unit: 'mg' }, { medications });
    expect(dose).toMatchObject({ state: 'known', value: 400, unit: 'mg' });
    expect(dose.evidence.map(({ used }) => used)).toEqual(['200 mg a dose', '400 mg a dose']);
    const times = ask('doseFrequency', params, { medications });
    expect(times).toMatchObject({ state: 'known', value: 3 });
    expect(times.evidence.map(({ used }) => used)).toEqual(['2 times a day', '1 times a day']);
  });
  it('of lists that did not come say what they are', () => {
    const given = { completeness: { orders: 'absent' } } as const;
    expect(ask('dose', { ...params, unit: 'mg' }, given)).toMatchObject({
      missing: 'single dose of magnesium oxide any (no draft orders came)',
    });
    expect(ask('doseFrequency', params, given)).toMatchObject({
      missing: 'doses a day of magnesium oxide any (no draft orders came)',
    });
  });
});

describe('infusionRate', () => {
  const salts = ['magnesium sulfate', 'magnesium chloride'];
  const infusion = (names: string[], gramsAMillilitre: number[]) =>
    order('1', names, {
      route: 'parenteral',
      dosing: {
        instructions: [{ perHour: [{ value: 100, unit: 'mL' }] }],
        strengths: gramsAMillilitre.map((strength, index) => ({
          ingredient: names[index] ?? '',
          gramsAMillilitre: strength,
        })),
      },
    });
  it.each([
    ['the first', infusion(salts, [0.04, 0.01])],
    ['the second', infusion(salts, [0.01, 0.04])],
    ['the one of a known strength', infusion(salts, [0.04])],
  ])('of two drugs in one bag is the faster: %s', (_name, medication) =>
    expect(
      ask('infusionRate', { ingredients: salts, unit: 'g/h' }, { medications: [medication] }),
    ).toMatchObject({
      state: 'known',
      value: 4,
      unit: 'g/h',
    }),
  );
});

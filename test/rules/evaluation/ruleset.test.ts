import { describe, expect, it } from 'vitest';
import { createRuleset } from '../../../rules/evaluation/ruleset.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import { type LabCode, type LabTest, labCodes, labTests } from '../../../rules/terminology/labs.ts';
import { engine } from '../../../rules/version.ts';
import { indexOf } from '../../support/product-index.ts';
import { compares, document, holds, type Tree } from '../../support/rule-documents.ts';

const load = (...documents: object[]) =>
  createRuleset(documents.map((json, index) => ({ where: `place-${index}`, json })));
const female = { all: [holds('sex', {}, 'female')] };
const magnesium = { test: 'magnesium', unit: 'mg/dL', within: 'P3D' };
const renal = { within: 'P90D' };
const digoxin = { classes: ['digoxin'] };
const newer = { test: 'egfr', than: 'creatinine', within: 'P90D', orOlderBy: 'P1D' };
const lasting = { within: 'P365D', over: 'P90D' };
const falling = { ...lasting, span: 'P365D', as: 'percent' };

describe('a ruleset', () => {
  it('holds the rules in the order of their ids, whatever the order of the files', () => {
    const { rules } = load(
      document('AA-003', female),
      document('AA-001', female),
      document('AA-002', female),
    );
    expect(rules.map(({ rule }) => rule.id)).toEqual(['AA-001', 'AA-002', 'AA-003']);
  });

  it('evaluates no retired rule, but its digest counts it', () => {
    const active = load(document('AA-001', female));
    const both = load(document('AA-001', female), document('AA-002', female, { status: 'retired' }));
    expect(both.rules.map(({ rule }) => rule.id)).toEqual(['AA-001']);
    expect(both.digest).not.toBe(active.digest);
    expect(both.version).toBe(engine.version);
  });

  it('has one digest for one content, whatever the order of the files', () => {
    const [one, other] = [document('AA-001', female), document('AA-002', female)];
    expect(load(one, other).digest).toBe(load(other, one).digest);
    expect(load(one, other).digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(load(one, { ...other, title: 'Another' }).digest).not.toBe(load(one, other).digest);
  });

  it('refuses an id that is there twice, and one that is superseded and not there', () => {
    expect(() => load(document('AA-001', female), document('AA-001', female))).toThrow(
      'place-1 repeats the id AA-001',
    );
    expect(() => load(document('AA-001', female, { supersedes: ['AA-002'] }))).toThrow(
      'AA-001 supersedes AA-002, which is not in the library',
    );
    expect(() =>
      load(document('AA-001', female, { supersedes: ['AA-002'] }), document('AA-002', female)),
    ).not.toThrow();
  });

  it('keeps the index of products it was given, and has none otherwise', () => {
    expect(load(document('AA-001', female))).not.toHaveProperty('products');
    const products = indexOf({ '1': [['3407', 'digoxin']] });
    expect(createRuleset([], products).products).toBe(products);
  });

  it('has another digest with another index of products, and with other rules beside one index', () => {
    const rule = (title: string) => [{ where: 'x', json: document('AA-001', female, { title }) }];
    const digoxinOnly = indexOf({ '1': [['3407', 'digoxin']] });
    const magnesiumOnly = indexOf({ '1': [['6585', 'magnesium']] });
    const digests = [
      createRuleset(rule('One')),
      createRuleset(rule('One'), digoxinOnly),
      createRuleset(rule('One'), magnesiumOnly),
      createRuleset(rule('Another'), digoxinOnly),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(4);
  });
});

describe('the kinds of data a hook needs', () => {
  const needs = (leaf: Tree, hook: Hook = 'patient-view'): string[] => [
    ...load(document('AA-001', { all: [leaf] })).needs[hook],
  ];
  it.each<[string, Tree, string[]]>([
    ['lab', compares('lab', magnesium, 'lessThan', 1), ['labs']],
    [
      'labTrend',
      compares('labTrend', { ...magnesium, span: 'P7D', change: 'rise' }, 'greaterThan', 1),
      ['labs'],
    ],
    ['labNewer', holds('labNewer', newer), ['labs']],
    ['hasLab', holds('hasLab', { tests: ['magnesium'], within: 'P3D' }), ['labs']],
    [
      'hasLab since admission',
      holds('hasLab', { tests: ['magnesium'], within: 'admission' }),
      ['labs', 'encounter'],
    ],
    ['egfrHighest', compares('egfrHighest', lasting, 'lessThan', 60), ['labs']],
    ['egfrFall', compares('egfrFall', falling, 'greaterThan', 30), ['labs']],
    ['egfr', compares('egfr', renal, 'lessThan', 30), ['labs']],
    ['creatinineClearance', compares('creatinineClearance', renal, 'lessThan', 30), ['labs']],
    ['akiStage', compares('akiStage', renal, 'equal', 1), ['labs']],
    ['drug taken', holds('drug', { ...digoxin, role: 'active' }), ['medications']],
    ['drug taken or ordered', holds('drug', { ...digoxin, role: 'any' }), ['medications']],
    ['drug ordered', holds('drug', { ...digoxin, role: 'ordered' }), ['orders']],
    [
      'drug taken until lately',
      holds('drug', { ...digoxin, role: 'any', endedWithin: 'P7D' }),
      ['medications', 'pastMedications'],
    ],
    ['dose ordered', compares('dose', { ...digoxin, role: 'ordered', unit: 'mg' }, 'equal', 1), ['orders']],
    ['dose taken', compares('dose', { ...digoxin, role: 'active', unit: 'mg' }, 'equal', 1), ['medications']],
    ['doseFrequency', compares('doseFrequency', { ...digoxin, role: 'ordered' }, 'equal', 1), ['orders']],
    [
      'cumulativeDose',
      compares('cumulativeDose', { ...digoxin, role: 'any', unit: 'g', within: 'P1D' }, 'equal', 1),
      ['medications'],
    ],
    [
      'drugCount',
      compares('drugCount', { ...digoxin, role: 'active', by: 'order' }, 'greaterThan', 1),
      ['medications'],
    ],
    [
      'dailyDose',
      compares('dailyDose', { ...digoxin, role: 'ordered', unit: 'mg' }, 'greaterThan', 1),
      ['orders'],
    ],
    ['duplicateOrder', holds('duplicateOrder', {}), ['medications']],
    ['condition', holds('condition', { groups: ['dialysis'], status: 'active' }), ['conditions']],
    ['pregnancy', holds('pregnancy', {}), ['conditions']],
    ['gestation', compares('gestation', {}, 'lessThan', 20), ['labs', 'conditions']],
    ['allergy', holds('allergy', digoxin), ['allergies']],
    ['allergyToOrder', holds('allergyToOrder', {}), ['allergies']],
    ['encounter', holds('encounter', {}, 'inpatient'), ['encounter']],
    ['sex', holds('sex', {}, 'female'), []],
    ['age', compares('age', { unit: 'year' }, 'lessThan', 18), []],
    ['notice', holds('notice', { codes: ['unit-missing'] }), []],
  ])('%s', (_fact, leaf, expected) => {
    expect(needs(leaf)).toEqual(expected);
  });

  it('are those of its own rules, exemptions too', () => {
    const { needs: all } = load(
      document('AA-001', female, {
        hooks: ['order-sign'],
        unless: { all: [holds('condition', { groups: ['dialysis'], status: 'active', confirmed: true })] },
      }),
      document('AA-002', { all: [holds('allergyToOrder', {})] }, { hooks: ['order-select'] }),
    );
    expect([...all['order-sign']]).toEqual(['conditions']);
    expect([...all['order-select']]).toEqual(['allergies']);
    expect([...all['patient-view']]).toEqual([]);
  });

  it('at an entry are those of therapy instead of orders, which none are', () => {
    const ordered = holds('drug', { ...digoxin, role: 'ordered' });
    const rule = document('AA-001', { all: [ordered, holds('allergyToOrder', {})] });
    const { needs: all } = load(rule);
    expect([...all['order-sign']]).toEqual(['orders', 'allergies']);
    expect([...all['allergyintolerance-create']]).toEqual(['allergies', 'medications']);
    expect([...all['order-dispatch']]).toEqual(['orders', 'allergies']);
  });
});

describe('prefetch templates', () => {
  const templates = (leaf: Tree, more: Tree = { hooks: ['order-sign'] }, hook: Hook = 'order-sign') =>
    load(document('AA-001', { all: [leaf] }, more)).prefetch[hook];
  const id = '{{context.patientId}}';
  const patient = `Patient/${id}`;
  const drugs = (type: string): string => `_include=${type}:medication`;
  const medicationRequests = `MedicationRequest?patient=${id}&status=active,unknown&_count=200&${drugs('MedicationRequest')}`;
  const medicationStatements = `MedicationStatement?patient=${id}&_sort=-effective&_count=200&${drugs('MedicationStatement')}`;
  const medicationAdministrations = `MedicationAdministration?patient=${id}&status=in-progress,completed,stopped,on-hold&_sort=-effective-time&_count=200&${drugs('MedicationAdministration')}`;
  const therapy = { medicationRequests, medicationStatements, medicationAdministrations };
  const problems = {
    conditions: `Condition?patient=${id}&_count=500`,
    procedures: `Procedure?patient=${id}&_sort=-date&_count=100`,
  };
  const encounter = 'Encounter/{{context.encounterId}}';
  const allergies = `AllergyIntolerance?patient=${id}&_count=200`;
  const searchFor = (codes: readonly LabCode[]): string =>
    `Observation?patient=${id}&combo-code=${codes.map(({ code }) => code).join(',')}&_sort=-date&_count=200`;
  /** What a laboratory measures under one key, everything else under another. */
  const labs = (...tests: LabTest[]): Record<string, string> => {
    const wanted = labCodes.filter(({ test }) => tests.includes(test));
    const [measured, others] = [
      wanted.filter(({ test }) => labTests[test].laboratory),
      wanted.filter(({ test }) => !labTests[test].laboratory),
    ];
    return {
      ...(measured.length > 0 ? { labs: searchFor(measured) } : {}),
      ...(others.length > 0 ? { measurements: searchFor(others) } : {}),
    };
  };
  const renalLabs = ['creatinine', 'creatinine-dialysis', 'egfr'] as const;

  it.each<[string, Tree, Record<string, string>]>([
    ['sex', holds('sex', {}, 'female'), {}],
    ['lab', compares('lab', magnesium, 'lessThan', 1), { ...labs('magnesium') }],
    [
      'corrected calcium',
      compares('lab', { ...magnesium, test: 'calcium-corrected' }, 'lessThan', 1),
      { ...labs('calcium-corrected', 'calcium-total', 'albumin') },
    ],
    [
      'labTrend',
      compares('labTrend', { ...magnesium, span: 'P7D', change: 'rise' }, 'greaterThan', 1),
      { ...labs('magnesium') },
    ],
    [
      'hasLab',
      holds('hasLab', { tests: ['magnesium', 'potassium'], within: 'P3D' }),
      { ...labs('magnesium', 'potassium') },
    ],
    [
      'egfr',
      compares('egfr', renal, 'lessThan', 30),
      { ...labs(...renalLabs, 'body-height', 'pregnancy-status'), ...problems },
    ],
    [
      'akiStage',
      compares('akiStage', renal, 'equal', 1),
      { ...labs(...renalLabs, 'body-height', 'pregnancy-status'), ...problems },
    ],
    [
      'creatinineClearance',
      compares('creatinineClearance', renal, 'lessThan', 30),
      { ...labs(...renalLabs, 'creatinine-clearance', 'body-weight', 'pregnancy-status'), ...problems },
    ],
    [
      'pregnancy',
      holds('pregnancy', {}),
      { ...labs('pregnancy-status', 'gestational-age', 'delivery-date'), ...problems },
    ],
    [
      'a value compared with another',
      compares('lab', magnesium, 'lessThan', {
        fact: 'lab',
        params: { ...magnesium, test: 'potassium' },
        path: '$.value',
      }),
      { ...labs('magnesium', 'potassium') },
    ],
    ['labNewer', holds('labNewer', newer), { ...labs('egfr', 'creatinine') }],
    [
      'labNewer than corrected calcium',
      holds('labNewer', { ...newer, test: 'magnesium', than: 'calcium-corrected' }),
      { ...labs('magnesium', 'calcium-corrected', 'calcium-total', 'albumin') },
    ],
    [
      'egfrHighest',
      compares('egfrHighest', lasting, 'lessThan', 60),
      { ...labs(...renalLabs, 'pregnancy-status'), ...problems },
    ],
    [
      'egfrFall',
      compares('egfrFall', falling, 'greaterThan', 30),
      { ...labs(...renalLabs, 'pregnancy-status'), ...problems },
    ],
    [
      'gestation',
      compares('gestation', {}, 'lessThan', 20),
      { ...labs('pregnancy-status', 'gestational-age', 'delivery-date'), ...problems },
    ],
    ['condition', holds('condition', { groups: ['dialysis'], status: 'active' }), problems],
    [
      'dose',
      compares('dose', { ...digoxin, role: 'ordered', unit: 'mg' }, 'greaterThan', 1),
      { ...labs('body-weight'), ...therapy },
    ],
    ['doseFrequency', compares('doseFrequency', { ...digoxin, role: 'ordered' }, 'greaterThan', 1), therapy],
    [
      'cumulativeDose',
      compares('cumulativeDose', { ...digoxin, role: 'any', unit: 'g', within: 'P1D' }, 'greaterThan', 1),
      { ...labs('body-weight'), ...therapy },
    ],
    [
      'a drug taken until lately',
      holds('drug', { ...digoxin, role: 'any', endedWithin: 'P7D' }),
      {
        ...therapy,
        pastMedicationRequests: `MedicationRequest?patient=${id}&status=completed,stopped,on-hold&_sort=-authoredon&_count=100&${drugs('MedicationRequest')}`,
        pastMedicationStatements: `MedicationStatement?patient=${id}&status=completed,stopped,on-hold&_sort=-effective&_count=100&${drugs('MedicationStatement')}`,
      },
    ],
    ['drug', holds('drug', { ...digoxin, role: 'active' }), therapy],
    [
      'infusionRate',
      compares('infusionRate', { ...digoxin, unit: 'g/h' }, 'greaterThan', 1),
      { ...labs('body-weight'), ...therapy },
    ],
    [
      'drugCount',
      compares('drugCount', { ...digoxin, role: 'active', by: 'order' }, 'greaterThan', 1),
      therapy,
    ],
    [
      'dailyDose',
      compares('dailyDose', { ...digoxin, role: 'ordered', unit: 'mg' }, 'greaterThan', 1),
      { ...labs('body-weight'), ...therapy },
    ],
    ['duplicateOrder', holds('duplicateOrder', {}), therapy],
    ['allergy', holds('allergy', digoxin), { allergies }],
    ['allergyToOrder', holds('allergyToOrder', {}), { allergies }],
    ['encounter', holds('encounter', {}, 'inpatient'), { encounter: 'Encounter/{{context.encounterId}}' }],
    [
      'encounter, of a list',
      holds('encounter', {}, ['inpatient', 'home'], 'in'),
      { encounter: 'Encounter/{{context.encounterId}}' },
    ],
  ])('of %s ask for that and the patient, and nothing else', (_fact, leaf, expected) => {
    expect(templates(leaf)).toEqual({ patient, encounter, ...expected });
  });

  it.each([
    ['shadow', true],
    ['active', true],
    ['draft', false],
    ['retired', false],
  ])('of a rule that is %s: %s', (status, asks) => {
    const found = templates(holds('allergyToOrder', {}), { status, hooks: ['order-sign'] });
    expect(found).toEqual(asks ? { patient, allergies, encounter } : { patient });
  });

  it('are those of the hook, exemptions too', () => {
    const unless = { all: [holds('condition', { groups: ['dialysis'], status: 'active', confirmed: true })] };
    const more = { hooks: ['order-sign'], unless };
    expect(templates(holds('sex', {}, 'female'), more, 'order-sign')).toEqual({
      patient,
      ...problems,
      encounter,
    });
    expect(templates(holds('sex', {}, 'female'), more, 'order-select')).toEqual({ patient });
  });

  it.each<[Hook, Tree, Record<string, string>]>([
    // What is dispatched, and what an allergy or problem is held against, is read whatever the rules ask.
    ['order-dispatch', holds('allergyToOrder', {}), { ...therapy, allergies }],
    ['order-sign', holds('allergyToOrder', {}), { allergies }],
    ['allergyintolerance-create', holds('allergyToOrder', {}), { ...therapy, allergies }],
    [
      'problem-list-item-create',
      holds('condition', { groups: ['dialysis'], status: 'active' }),
      { ...therapy, ...problems },
    ],
    // order-dispatch has no `encounterId` that a token could stand for.
    ['order-dispatch', holds('encounter', {}, 'inpatient'), therapy],
    ['order-sign', holds('encounter', {}, 'inpatient'), { encounter: 'Encounter/{{context.encounterId}}' }],
  ])('at %s, of the rule %j', (hook, leaf, expected) => {
    expect(templates(leaf, {}, hook)).toEqual({
      patient,
      ...(hook === 'order-dispatch' ? {} : { encounter }),
      ...expected,
    });
  });
});

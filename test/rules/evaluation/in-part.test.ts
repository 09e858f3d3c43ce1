/** What was not read decides nothing: partial results, answers that failed, and what every hook says of them. */
import { describe, expect, test } from 'vitest';
import { type Decision, decide } from '../../../rules/decide.ts';
import type { Hook } from '../../../rules/fhir/hooks.ts';
import type { Json } from '../../../rules/fhir/json.ts';
import type { GatheredData } from '../../../rules/intake/types.ts';
import { shippedRuleset } from '../../../rules/library/shipped.ts';
import {
  at,
  complete,
  condition,
  magnesiumSulfate,
  observation,
  patient,
  searchset,
} from '../../support/hook-requests.ts';
import { randomOf } from '../../support/random.ts';

const ruleset = shippedRuleset();
const clock = { decisionId: 'a'.repeat(32), decidedAt: at, evaluatedAt: at };

const decided = (hook: Hook, prefetch: Json, orders: object[] = [], fetched?: GatheredData): Decision =>
  decide(
    {
      hook,
      context: {
        patientId: 'p1',
        userId: 'Practitioner/1',
        draftOrders: { resourceType: 'Bundle', entry: orders.map((resource) => ({ resource })) },
      },
      prefetch,
      ...(fetched ? { fetched } : {}),
    },
    ruleset,
    clock,
  );
const evaluationOf = ({ evaluations }: Decision, rule: string) =>
  evaluations.find((one) => one.rule === rule);
const outcomeOf = (decision: Decision, rule: string) => evaluationOf(decision, rule)?.outcome;
const cardOf = ({ cards }: Decision, rule: string) => cards.find(({ source }) => source.topic.code === rule);

const hoursAgo = (hours: number): string => new Date(Date.parse(at) - hours * 3_600_000).toISOString();
const magnesium = (value: number, hours: number, id = `mg-${hours}`) =>
  observation(id, '19123-9', value, 'mg/dL', hoursAgo(hours));
const creatinine = (value: number, hours: number) =>
  observation(`cr-${hours}`, '2160-0', value, 'mg/dL', hoursAgo(hours));
const next = { link: [{ relation: 'next', url: 'https://ehr.example.org/r4?page=2' }], total: undefined };
const record = (labs: Json): Json => ({ ...complete([]), labs });

describe('a page of results', () => {
  test.each([
    ['a total above what came', { total: 2 }],
    ['a further page', next],
  ])('with %s: a magnesium of 2.0 is no "not fired", and the rule says what it waits for', (_, more) => {
    const decision = decided('patient-view', record({ ...searchset(magnesium(2, 10)), ...more }));
    expect(outcomeOf(decision, 'MG-001')).toBe('indeterminate');
    expect(evaluationOf(decision, 'MG-001')?.missing[0]?.reasons).toEqual([
      { code: 'category-partial', category: 'labs' },
    ]);
  });

  test('a critical magnesium on it fires, and the card says that not all results were read', () => {
    const decision = decided('patient-view', record({ ...searchset(magnesium(0.9, 10)), total: 2 }));
    expect(evaluationOf(decision, 'MG-001')).toMatchObject({ outcome: 'fired', shown: true, inPart: true });
    expect(cardOf(decision, 'MG-001')?.detail).toContain('**Not all results were read');
  });

  test('of a whole answer nothing is said', () => {
    const decision = decided('patient-view', record(searchset(magnesium(0.9, 10))));
    expect(evaluationOf(decision, 'MG-001')).not.toHaveProperty('inPart');
    expect(cardOf(decision, 'MG-001')?.detail).not.toContain('Not all results');
  });

  test('an absence is none: no magnesium within the window is undecided', () => {
    const labs = { ...searchset(creatinine(0.9, 10)), total: 2 };
    const fact = decided('patient-view', record(labs))
      .facts()
      .find((one) => one.fact === 'hasLab' && JSON.stringify(one.params).includes('magnesium'));
    expect(fact?.state).toBe('missing');
  });

  test('measurements in part leave results of the laboratory alone, and the other way round', () => {
    const measurements = { ...searchset(), total: 1 };
    const ofMeasurements = decided('patient-view', {
      ...record(searchset(magnesium(2, 10))),
      measurements,
    });
    expect(outcomeOf(ofMeasurements, 'MG-001')).toBe('not-fired');
    const qtc = observation('qtc', '8636-3', 420, 'ms', hoursAgo(5));
    const ofLabs = decided('patient-view', {
      ...record({ ...searchset(magnesium(2, 10)), total: 2 }),
      measurements: searchset(qtc),
    });
    const fact = ofLabs
      .facts()
      .find((one) => one.fact === 'lab' && JSON.stringify(one.params).includes('"qtc"'));
    expect(fact).toMatchObject({ state: 'known' });
    expect(fact).not.toHaveProperty('inPart');
  });
});

describe('the order of a page', () => {
  /** One result an hour, of which the newest is a magnesium of 2.0. */
  const potassium = (hours: number) => observation(`k-${hours}`, '2823-3', 4, 'mmol/L', hoursAgo(hours));
  const page = [
    magnesium(2, 1),
    ...Array.from({ length: 20 }, (_, hour) => (hour % 2 ? potassium(hour + 2) : creatinine(0.9, hour + 2))),
  ];
  const sorted = {
    link: [
      ...next.link,
      {
        relation: 'self',
        url: 'https://ehr.example.org/Observation?patient=p1&_sort=-date',
      },
    ],
    total: undefined,
  };
  const older = magnesium(0.9, 200);

  test('newest first, as the entries show: the newest magnesium is known, whatever is on the next page', () => {
    const decision = decided('patient-view', record({ ...searchset(...page), ...sorted }));
    expect(outcomeOf(decision, 'MG-001')).toBe('not-fired');
  });

  test('an outcome that says that something was left out says nothing of when: nothing is proven', () => {
    const outcome = {
      resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'incomplete' }] },
      search: { mode: 'outcome' },
    };
    const labs = { ...searchset(...page), ...sorted, entry: [...searchset(...page).entry, outcome] };
    expect(outcomeOf(decided('patient-view', record(labs)), 'MG-001')).toBe('indeterminate');
  });

  test('and what is older than the last of them is not known to be none', () => {
    const labs = { ...searchset(...page.slice(1)), ...sorted };
    expect(outcomeOf(decided('patient-view', record(labs)), 'MG-001')).toBe('indeterminate');
  });

  test('a stale result is not the newest of a record that was read in part', () => {
    const labs = { ...searchset(magnesium(2, 200)), ...sorted };
    const fact = decided('patient-view', record(labs))
      .facts()
      .find(
        ({ fact: name, params }) => name === 'lab' && params.test === 'magnesium' && params.within === 'P3D',
      );
    expect(fact).toMatchObject({ state: 'missing', cause: 'incomplete', category: 'labs' });
  });

  test('a trend needs what lies before the newest, as far as it looks back', () => {
    const labs = { ...searchset(...page), ...sorted };
    const stages = decided('patient-view', record(labs))
      .facts()
      .filter(({ fact }) => fact === 'akiStage');
    expect(stages.map((one) => 'inPart' in one)).not.toContain(false);
  });

  test.each([
    ['oldest first', [...page].reverse()],
    ['too few to be no chance', page.slice(0, 3)],
    ['the newest last', [...page.slice(1), magnesium(2, 1)]],
  ])('%s proves nothing', (_, entries) => {
    const labs = { ...searchset(...entries), ...sorted };
    expect(outcomeOf(decided('patient-view', record(labs)), 'MG-001')).toBe('indeterminate');
  });

  test('shuffled pages never say no where the whole record says yes (200 seeds)', () => {
    const all = [
      magnesium(0.9, 1),
      ...page.slice(1),
      older,
      ...Array.from({ length: 40 }, (_, i) => magnesium(2, 30 + i)),
    ];
    const whole = decided('patient-view', record(searchset(...all)));
    expect(outcomeOf(whole, 'MG-001')).toBe('fired');
    for (let seed = 0; seed < 200; seed += 1) {
      const random = randomOf(seed);
      const shuffled = all
        .map((resource) => ({ resource, place: random() }))
        .sort((a, b) => a.place - b.place)
        .slice(0, 1 + Math.floor(random() * 50))
        .map(({ resource }) => resource);
      const decision = decided('patient-view', record({ ...searchset(...shuffled), ...sorted }));
      expect(outcomeOf(decision, 'MG-001'), `seed ${seed}`).not.toBe('not-fired');
    }
  });
});

describe('results since a day', () => {
  const since = (date: string, ...labs: object[]): Json =>
    record({
      ...searchset(...labs),
      link: [{ relation: 'self', url: `https://ehr.example.org/Observation?patient=p1&date=ge${date}` }],
    });

  test('that lies before every window decide as if all had come, and nothing is said', () => {
    const prefetch = since('2023-01-01', magnesium(2, 10));
    const decision = decided('patient-view', prefetch);
    const whole = decided('patient-view', record(searchset(magnesium(2, 10))));
    expect(decision.evaluations.map(({ outcome }) => outcome)).toEqual(
      whole.evaluations.map(({ outcome }) => outcome),
    );
    expect(decision.chart).not.toHaveProperty('unread');
    expect(decision.notices.map(({ code }) => code)).not.toContain('category-incomplete');
  });

  test('that lies inside one leave what is older open, and say so', () => {
    const decision = decided('patient-view', since('2026-01-29', creatinine(0.9, 10)));
    const factOf = (name: string, within: string) =>
      decision
        .facts()
        .find(({ fact, params }) => fact === name && params.within === within && params.test === 'magnesium');
    expect(factOf('lab', 'P3D')).toMatchObject({ state: 'missing', cause: 'incomplete' });
    expect(decision.notices.map(({ message }) => message)).toContain(
      'labs came since 2026-01-29 only: what is older is unknown',
    );
  });

  test('and what lies inside them is known', () => {
    const decision = decided('patient-view', since('2026-01-20', magnesium(2, 10)));
    expect(outcomeOf(decision, 'MG-001')).toBe('not-fired');
  });
});

describe('an exemption', () => {
  const order = magnesiumSulfate();
  test('by results that were read in part exempts nobody', () => {
    const results = searchset(magnesium(1.2, 10), creatinine(0.9, 10));
    // IV-011: a low magnesium exempts from the warning that it lowers calcium further.
    const calcium = observation('ca', '17861-6', 6.5, 'mg/dL', hoursAgo(5));
    const labs = { ...results, entry: [...results.entry, { resource: calcium }] };
    const whole = decided('order-sign', record({ ...labs, total: 3 }), [order]);
    const part = decided('order-sign', record({ ...labs, total: 4 }), [order]);
    expect(evaluationOf(whole, 'IV-011')).toMatchObject({ outcome: 'not-fired', why: { code: 'exempt' } });
    expect(evaluationOf(part, 'IV-011')?.outcome).not.toBe('not-fired');
  });
});

describe('what a hook could not see', () => {
  const failed = (...keys: string[]): GatheredData => ({ resources: {}, failed: keys, notices: [] });
  const { labs: _, ...withoutLabs } = complete([], [condition('mg', '91637004')]);

  test('when a chart is opened: critical checks that wait for results that failed are on a card', () => {
    const decision = decided('patient-view', withoutLabs, [], failed('labs'));
    const card = cardOf(decision, 'DQ-004');
    expect(card?.indicator).toBe('info');
    expect(card?.summary).toMatch(
      /^\d+ critical safety checks could not be made\. Missing: laboratory data$/,
    );
    expect(card?.detail).toContain('CV-004');
    expect(card?.detail).toContain('This is not an all-clear');
    expect(evaluationOf(decision, 'DQ-004')).toMatchObject({ outcome: 'fired', shown: true });
  });

  test('results in part say so too', () => {
    const labs = { ...searchset(magnesium(2, 10)), total: 2 };
    expect(cardOf(decided('encounter-start', record(labs)), 'DQ-004')?.summary).toContain(
      'the whole laboratory data',
    );
  });

  test('an error instead of data is a failure', () => {
    const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] };
    expect(cardOf(decided('patient-view', { ...withoutLabs, labs: outcome }), 'DQ-004')).toBeDefined();
  });

  test('what a client never sends is a fact about the interface, and on no card', () => {
    expect(cardOf(decided('patient-view', withoutLabs), 'DQ-004')).toBeUndefined();
  });

  test('nothing failed, nothing is said', () => {
    expect(decided('patient-view', complete([])).cards).toEqual([]);
  });

  test('of an order it is the checks of that order', () => {
    const decision = decided('order-sign', withoutLabs, [magnesiumSulfate()], failed('labs'));
    expect(cardOf(decision, 'DQ-004')?.summary).toContain('of this order could not be made');
  });

  test('a finding that an order makes relevant is a check of it, where its results failed', () => {
    const { labs: _none, ...rest } = complete([]);
    const checks = cardOf(
      decided('order-sign', rest, [magnesiumSulfate()], failed('labs')),
      'DQ-004',
    )?.detail;
    expect(checks).toContain('CV-004');
    const neverSent = cardOf(decided('order-sign', rest, [magnesiumSulfate()]), 'DQ-004')?.detail;
    expect(neverSent).not.toContain('CV-004');
  });

  test('doses that failed leave a running infusion and a sum open', () => {
    const { medicationAdministrations: _none, ...rest } = complete([]);
    const drugs = (decision: Decision) =>
      decision
        .facts()
        .filter(({ fact, params }) => fact === 'drug' && params.role === 'active')
        .map(({ state }) => state);
    expect(new Set(drugs(decided('order-sign', rest)))).toEqual(new Set(['known']));
    expect(new Set(drugs(decided('order-sign', rest, [], failed('medicationAdministrations'))))).toEqual(
      new Set(['missing']),
    );
  });

  test('procedures that failed leave dialysis open, and no other problem', () => {
    const open = decided('order-sign', complete([]), [], failed('procedures'))
      .facts()
      .filter(({ fact, state }) => fact === 'condition' && state !== 'known')
      .map(({ params }) => String(params.groups));
    expect(open.length).toBeGreaterThan(0);
    expect(open.every((groups) => /dialysis|kidney-transplant|pacemaker/.test(groups))).toBe(true);
    expect(open.some((groups) => groups.includes('dialysis'))).toBe(true);
  });

  test('measurements that nobody sent are unknown, and a notice says so; a body weight that was asked for is none', () => {
    const { measurements: _none, ...rest } = complete([creatinine(0.9, 10)]);
    const weighed = (decision: Decision) =>
      decision
        .facts()
        .find(({ fact, params }) => fact === 'hasLab' && JSON.stringify(params).includes('body-weight'));
    const never = decided('order-sign', rest);
    expect(weighed(never)).toMatchObject({ state: 'missing', reasons: [{ code: 'no-measurements' }] });
    expect(never.notices.filter(({ message }) => /^no measurements/.test(message))).toHaveLength(1);
    for (const asked of [
      { ...rest, measurements: null },
      { ...rest, measurements: searchset() },
      {
        ...rest,
        all: {
          ...searchset(),
          link: [{ relation: 'self', url: 'https://ehr.example.org/Observation?patient=p1' }],
        },
      },
    ]) {
      const decision = decided('order-sign', asked);
      expect(weighed(decision)).toMatchObject({ state: 'known', value: false });
      expect(decision.notices.filter(({ message }) => /^no measurements/.test(message))).toEqual([]);
    }
    const ofLaboratory = {
      ...rest,
      all: {
        ...searchset(),
        link: [
          { relation: 'self', url: 'https://ehr.example.org/Observation?patient=p1&category=laboratory' },
        ],
      },
    };
    expect(weighed(decided('order-sign', ofLaboratory))).toMatchObject({ state: 'missing' });
  });

  test('measurements that failed are no "not pregnant"', () => {
    const { measurements: _none, ...rest } = complete([magnesium(2, 10)]);
    const pregnancyOf = (decision: Decision) =>
      decision.facts().find(({ fact, params }) => fact === 'pregnancy' && !('confirmed' in params));
    expect(pregnancyOf(decided('order-sign', rest))).not.toHaveProperty('inPart');
    expect(pregnancyOf(decided('order-sign', rest, [], failed('measurements')))).toMatchObject({
      value: false,
      inPart: true,
    });
  });
});

describe('nothing but the Patient', () => {
  test.each<[Hook, object[], boolean]>([
    ['patient-view', [], true],
    ['encounter-discharge', [], true],
    ['order-sign', [], true],
    ['order-sign', [magnesiumSulfate()], false],
  ])('at %s with %j: without data %s', (hook, orders, isWithout) => {
    expect(decided(hook, { patient }, orders).isWithoutData).toBe(isWithout);
  });

  test('an answer that there is none is data', () => {
    expect(decided('patient-view', { patient, conditions: null }).isWithoutData).toBe(false);
    expect(decided('patient-view', { patient: searchset(patient) }).isWithoutData).toBe(true);
  });
});

/** What looks like a whole answer and is none. Of each the newest magnesium, of 0.9, was not read. */
describe('an answer that is less than it looks', () => {
  const self = (query: string, type = 'Observation') => ({
    link: [{ relation: 'self', url: `https://ehr.example.org/r4/${type}?${query}` }],
  });
  const came = [magnesium(2, 30), creatinine(0.9, 30)];

  test.each<[string, Json]>([
    ['of one stay', self('patient=p1&encounter=e1')],
    ['of the compartment of a stay', self('code=19123-9', 'Encounter/e1/Observation')],
    ['before a day', self('patient=p1&date=lt2026-01-30')],
    ['since it was changed', self('patient=p1&_lastUpdated=gt2026-01-30')],
    ['of final results', self('patient=p1&status=final')],
    ['summed up', self('patient=p1&_summary=true')],
    ['of other codes', self('patient=p1&code=2160-0')],
    ['of another patient', self('patient=p2')],
    ['of a link that is called `rel`', { link: [{ rel: 'self', url: 'Observation?patient=p1&_id=7' }] }],
    ['of another separator', self('patient=p1;_id=7')],
    ['of a page of two', { ...self('patient=p1&_count=2'), total: undefined }],
    ['of a total that is a text', { total: '3' }],
    ['of a collection with a total', { type: 'collection', total: 3 }],
    ['of one result twice', { total: 3, entry: searchset(...came, magnesium(2, 30)).entry }],
    [
      'with others beside',
      {
        ...self('patient=p1'),
        total: 3,
        entry: searchset(...came, { resourceType: 'Practitioner', id: '1' }).entry,
      },
    ],
    ['with a link that leads nowhere', { link: [{ relation: 'next' }] }],
  ])('%s: undecided, and said', (_, more) => {
    const decision = decided('patient-view', record({ ...searchset(...came), total: undefined, ...more }));
    expect(outcomeOf(decision, 'MG-001')).toBe('indeterminate');
    expect(cardOf(decision, 'DQ-004')?.detail).toContain('CV-004');
    expect(decision.notices.map(({ code }) => code)).toContain('category-incomplete');
  });

  test('an extra answer for less takes nothing from the whole one beside it', () => {
    const recent = { ...searchset(magnesium(2, 10)), ...self('patient=p1&_lastUpdated=gt2026-01-30') };
    const decision = decided('patient-view', { ...record(searchset(magnesium(2, 10))), recent });
    expect(outcomeOf(decision, 'MG-001')).toBe('not-fired');
    expect(decision.chart).not.toHaveProperty('unread');
  });

  test('one code of a test is not the test, under a key that is none of ours', () => {
    const { labs: _labs, ...rest } = complete([]);
    const mine = { ...searchset(magnesium(2, 10)), ...self('patient=p1&combo-code=19123-9') };
    const failedLabs = { resources: {}, failed: ['labs'], notices: [] };
    expect(outcomeOf(decided('patient-view', { ...rest, mine }, [], failedLabs), 'MG-001')).toBe(
      'indeterminate',
    );
  });

  test('statements since a day leave the list of medications open', () => {
    const statements = {
      ...searchset(),
      ...self('patient=p1&effective=ge2026-01-30', 'MedicationStatement'),
    };
    const decision = decided('order-sign', { ...complete([]), medicationStatements: statements });
    expect(decision.chart.completeness.medications).toBe('partial');
    const active = decision.facts().filter(({ fact, params }) => fact === 'drug' && params.role === 'active');
    expect(active.every(({ state }) => state !== 'known')).toBe(true);
  });

  test('an empty list of problems of another patient is none of this one', () => {
    const conditions = { ...searchset(), ...self('patient=p2', 'Condition') };
    const decision = decided('order-sign', { ...complete([]), conditions }, [magnesiumSulfate()]);
    expect(decision.chart.completeness.conditions).not.toBe('known');
  });

  test('past therapy that failed leaves sums open', () => {
    const failedPast = { resources: {}, failed: ['pastMedicationRequests'], notices: [] };
    const sums = decided('order-sign', complete([]), [magnesiumSulfate()], failedPast)
      .facts()
      .filter(({ fact, params }) => fact === 'cumulativeDose' && params.role !== 'ordered');
    expect(sums.length).toBeGreaterThan(0);
    expect(sums.every((one) => one.state !== 'known' || 'range' in one)).toBe(true);
  });

  test('a result that never came, and an earlier one that is needed, are open where a part was not read', () => {
    const measurements = { ...searchset(), total: 1 };
    const qtc = decided('order-sign', { ...complete([]), measurements })
      .facts()
      .find(({ fact, params }) => fact === 'lab' && params.test === 'qtc');
    expect(qtc).toMatchObject({ state: 'missing', category: 'labs' });
    const stage = decided('patient-view', record({ ...searchset(creatinine(2.2, 5)), total: 2 }))
      .facts()
      .find(({ fact }) => fact === 'akiStage');
    expect(stage).toMatchObject({ state: 'missing', category: 'labs' });
  });
});

describe('a call without its Patient', () => {
  const { patient: _patient, ...rest } = complete([magnesium(0.9, 5)]);

  test('names on a card the critical checks that need age or sex', () => {
    const decision = decided('patient-view', rest);
    expect(outcomeOf(decision, 'RF-002')).toBe('indeterminate');
    expect(cardOf(decision, 'DQ-004')?.detail).toContain('RF-002');
    expect(decision.notices.map(({ code }) => code)).toContain('patient-missing');
  });

  test('so it is where the Patient that came is another', () => {
    const fetched = {
      resources: { patient: { ...patient, id: 'p2' } },
      failed: [],
      notices: [],
    };
    const decision = decided('patient-view', rest, [], fetched);
    expect(decision.chart.patientAbsent).toBe(true);
    expect(cardOf(decision, 'DQ-004')).toBeDefined();
  });
});

test('an allergy just entered, while the medications failed, is a check that is open', () => {
  const { medicationRequests: _r, medicationStatements: _s, ...rest } = complete([]);
  const decision = decide(
    {
      hook: 'allergyintolerance-create',
      context: {
        patientId: 'p1',
        userId: 'Practitioner/1',
        allergyIntolerance: {
          resourceType: 'AllergyIntolerance',
          id: 'new',
          patient: { reference: 'Patient/p1' },
          code: { coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '733' }] },
        },
      },
      prefetch: rest,
      fetched: { resources: {}, failed: ['medicationRequests', 'medicationStatements'], notices: [] },
    },
    ruleset,
    clock,
  );
  expect(outcomeOf(decision, 'DQ-005')).toBe('indeterminate');
  expect(cardOf(decision, 'DQ-004')?.detail).toContain('DQ-005');
});

describe('what is no data of the patient', () => {
  test.each<[string, Json]>([
    ['who is asking', { user: { resourceType: 'Practitioner', id: '1' } }],
    ['null under a key of nobody', { foo: null }],
    ['an empty answer to nothing that is known', { foo: searchset() }],
    [
      'an answer that was asked for less',
      {
        labs: {
          ...searchset(),
          link: [{ relation: 'self', url: 'https://ehr.example.org/Observation?_lastUpdated=gt2026' }],
        },
      },
    ],
  ])('%s: without data', (_, prefetch) => {
    expect(decided('patient-view', { patient, ...prefetch }).isWithoutData).toBe(true);
  });
});

test('what a server calls an issue is repeated only where it is an issue type', () => {
  const entryOf = (code: string) => ({
    resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] },
  });
  const words = (code: string) =>
    decided('patient-view', record({ ...searchset(), entry: [entryOf(code)] }))
      .notices.map(({ message }) => message)
      .join('\n');
  expect(words('exception')).toContain('`exception`');
  expect(words('eyJhbGciOi.Patient-p1-John')).not.toContain('eyJ');
});

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  type AkiOptions,
  akiStage,
  bedsideSchwartz,
  type Creatinine,
  ckdEpi2021Creatinine,
  cockcroftGault,
  correctedCalciumPayne,
  creatinineIsUnsteady,
  creatinineTrend,
  highestAkiStage,
} from '../../../rules/facts/equations.ts';
import { convert } from '../../../rules/terminology/units.ts';
import ownVectors from '../../data/equation-vectors.json' with { type: 'json' };

const vectorSchema = z.array(
  z.object({
    equation: z.string(),
    inputs: z.record(z.string(), z.unknown()),
    expected: z.union([z.number(), z.string()]),
    expectedByOurDefinition: z.optional(z.number()),
    decimals: z.optional(z.number()),
    kind: z.string(),
    source: z.string(),
    note: z.optional(z.string()),
  }),
);
type Vector = z.infer<typeof vectorSchema>[number];

const hour = 3_600_000;

/** A vector's inputs with a default for none: a missing or misspelt input fails the test. */
function reader(vector: Vector) {
  const inputs = vector.inputs;
  return {
    number: (name: string) => z.number().parse(inputs[name]),
    optional: (name: string) => z.optional(z.number()).parse(inputs[name]),
    numbers: (name: string) => z.array(z.number()).parse(inputs[name]),
    sex: () => z.enum(['male', 'female']).parse(inputs.sex),
    creatinineMgdl: () =>
      inputs.creatinine_umol_l === undefined
        ? z.number().parse(inputs.creatinine_mg_dl)
        : z
            .number()
            .parse(convert('creatinine', z.number().parse(inputs.creatinine_umol_l), 'umol/L', 'mg/dL')),
  };
}

/** How each equation of the vectors is computed here. */
const computations: Record<string, (vector: Vector) => number | null> = {
  ckdepi2021_cr: (vector) => {
    const read = reader(vector);
    return ckdEpi2021Creatinine({
      creatinineMgdl: read.creatinineMgdl(),
      ageYears: read.number('age'),
      sex: read.sex(),
    });
  },
  cockcroft_gault: (vector) => {
    const read = reader(vector);
    return cockcroftGault({
      creatinineMgdl: read.creatinineMgdl(),
      ageYears: read.number('age'),
      weightKg: read.number('weight_kg'),
      sex: read.sex(),
    });
  },
  // The published vectors give no age; the formula does not use it inside its range.
  bedside_schwartz: (vector) => {
    const read = reader(vector);
    return bedsideSchwartz({
      heightCm: read.number('height_cm'),
      creatinineMgdl: read.creatinineMgdl(),
      ageYears: 5,
    });
  },
  corrected_calcium_payne: (vector) => {
    const read = reader(vector);
    return correctedCalciumPayne({
      calciumMgdl: read.number('calcium_mg_dl'),
      albuminGdl: read.number('albumin_g_dl'),
    });
  },
  creatinine_umol_to_mg: (vector) =>
    convert('creatinine', reader(vector).number('umol_l'), 'umol/L', 'mg/dL'),
  creatinine_mg_to_umol: (vector) => convert('creatinine', reader(vector).number('mg_dl'), 'mg/dL', 'umol/L'),
  mg_mgdl_to_mmol: (vector) => convert('magnesium', reader(vector).number('mg_dl'), 'mg/dL', 'mmol/L'),
  mg_mgdl_to_meq: (vector) => convert('magnesium', reader(vector).number('mg_dl'), 'mg/dL', 'meq/L'),
};

/** The highest stage of the series, which is what the source of the vectors reports. */
function stageOf(vector: Vector) {
  const read = reader(vector);
  if (vector.equation === 'kdigo_aki_stage_vs_baseline') {
    const series = [{ mgdl: read.number('scr_mg_dl'), at: 0 }];
    return highestAkiStage(series, { ageYears: 40, baselineMgdl: read.number('baseline_mg_dl') });
  }
  const times = read.numbers('t_h');
  const series = read
    .numbers('scr_mg_dl')
    .map((mgdl, index) => ({ mgdl, at: z.number().parse(times[index]) * hour }));
  return highestAkiStage(series, {
    ageYears: vector.inputs.adult === true ? 40 : read.number('age'),
    baselineMgdl: read.optional('baseline'),
    egfr: read.optional('egfr'),
  });
}

function check(some: readonly Vector[]) {
  for (const vector of some) {
    const { equation, inputs, expected, expectedByOurDefinition, source } = vector;
    const stated = expectedByOurDefinition ?? expected;
    it(`${equation} of ${JSON.stringify(inputs)} is ${stated} (${source})`, () => {
      if (equation.startsWith('kdigo_aki_stage')) {
        const stage = stated === 'No AKI' ? 0 : Number(stated);
        expect(stageOf(vector)).toMatchObject({ low: stage, high: stage });
        return;
      }
      // Half a unit in the last published digit: the publication's own rounding.
      const tolerance = 0.5 * 10 ** -z.number().parse(vector.decimals) + 1e-9;
      const computed = z.number().parse(computations[equation]?.(vector));
      expect(Math.abs(computed - z.number().parse(expected))).toBeLessThanOrEqual(tolerance);
    });
  }
}

const vectors = vectorSchema.parse(ownVectors);

describe('published and derived vectors, 36 of them', () => {
  it('covers every equation named and holds 36 vectors', () => {
    const names = new Set(vectors.map(({ equation }) => equation));
    expect(vectors).toHaveLength(36);
    expect([...names].filter((name) => !name.startsWith('kdigo_aki_stage')).toSorted()).toEqual(
      Object.keys(computations).toSorted(),
    );
  });
  check(vectors);
});

const sharedVectors = new URL('../../../../shared/clinical/data/test-vectors.json', import.meta.url);
const sharedMissing = !existsSync(sharedVectors);
/** Equations of the catalogue that no fact uses. Any other that it gains has to be computed. */
const notOurs = new Set([
  ...['ckdepi2021_cr_cys', 'ckdepi2012_cys', 'ideal_body_weight_devine'],
  ...['qtc_fridericia', 'qtc_framingham'],
]);

describe.skipIf(sharedMissing)(
  `the catalogue's own vectors${sharedMissing ? ' (skipped: ../shared/clinical is not here)' : ''}`,
  () => {
    const shared = sharedMissing ? [] : vectorSchema.parse(JSON.parse(readFileSync(sharedVectors, 'utf8')));
    const computed = shared.filter(({ equation }) => !notOurs.has(equation));
    it('are at least 36', () => expect(computed.length).toBeGreaterThanOrEqual(36));
    check(computed);
  },
);

describe('eGFR and creatinine clearance', () => {
  it('CKD-EPI 2021 at the knots: 0.9 mg/dL of a man and 0.7 of a woman leave 142 x 0.9938^age (x 1.012)', () => {
    expect(ckdEpi2021Creatinine({ creatinineMgdl: 0.9, ageYears: 40, sex: 'male' })).toBeCloseTo(
      142 * 0.9938 ** 40,
      9,
    );
    expect(ckdEpi2021Creatinine({ creatinineMgdl: 0.7, ageYears: 40, sex: 'female' })).toBeCloseTo(
      142 * 0.9938 ** 40 * 1.012,
      9,
    );
  });

  it.each([17, 17.999, 0, -40, Number.NaN, Number.POSITIVE_INFINITY])(
    'at age %s the adult equations give null',
    (ageYears) => {
      const input = { creatinineMgdl: 1, weightKg: 70, ageYears, sex: 'male' } as const;
      expect(ckdEpi2021Creatinine(input)).toBeNull();
      expect(cockcroftGault(input)).toBeNull();
    },
  );

  it('at age 18 the adult equations answer', () => {
    const input = { creatinineMgdl: 1, weightKg: 72, ageYears: 18, sex: 'male' } as const;
    expect(ckdEpi2021Creatinine(input)).toBeCloseTo(111.883, 2);
    expect(cockcroftGault(input)).toBe(122);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'a creatinine, weight or height of %s gives null',
    (bad) => {
      const good = {
        creatinineMgdl: 1,
        weightKg: 70,
        heightCm: 120,
        ageYears: 40,
        sex: 'male',
      } as const;
      expect(ckdEpi2021Creatinine({ ...good, creatinineMgdl: bad })).toBeNull();
      expect(cockcroftGault({ ...good, creatinineMgdl: bad })).toBeNull();
      expect(cockcroftGault({ ...good, weightKg: bad })).toBeNull();
      expect(bedsideSchwartz({ ...good, ageYears: 5, creatinineMgdl: bad })).toBeNull();
      expect(bedsideSchwartz({ ...good, ageYears: 5, heightCm: bad })).toBeNull();
    },
  );

  it('more creatinine never gives a higher eGFR (18 to 120 years, 0.1 to 30 mg/dL)', () => {
    const creatinine = fc.double({ min: 0.1, max: 30, noNaN: true });
    fc.assert(
      fc.property(
        creatinine,
        creatinine,
        fc.integer({ min: 18, max: 120 }),
        fc.constantFrom('male', 'female'),
        (a, b, ageYears, sex) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          const at = (creatinineMgdl: number) =>
            ckdEpi2021Creatinine({ creatinineMgdl, ageYears, sex }) ?? Number.NaN;
          const slack = 1e-9;
          expect(at(high)).toBeLessThanOrEqual(at(low) + slack);
        },
      ),
    );
  });

  it('Cockcroft-Gault ends at 140 years: 139 answers, 140 is null', () => {
    const input = { creatinineMgdl: 1, weightKg: 72, sex: 'male' } as const;
    expect(cockcroftGault({ ...input, ageYears: 139 })).toBe(1);
    expect(cockcroftGault({ ...input, ageYears: 140 })).toBeNull();
  });

  it('Schwartz is for 1 year up to the 18th birthday: 0.99 and 18 give null, 1 and 17.99 answer', () => {
    const at = (ageYears: number) => bedsideSchwartz({ heightCm: 100, creatinineMgdl: 0.413, ageYears });
    expect([at(0.99), at(18), at(Number.NaN)]).toEqual([null, null, null]);
    expect(at(1)).toBeCloseTo(100, 9);
    expect(at(17.99)).toBeCloseTo(100, 9);
  });
});

describe('corrected calcium', () => {
  it('Payne leaves calcium alone at albumin 4.0, adds 0.8 mg/dL per g/dL below and takes it off above', () => {
    expect(correctedCalciumPayne({ calciumMgdl: 9, albuminGdl: 4 })).toBe(9);
    expect(correctedCalciumPayne({ calciumMgdl: 9, albuminGdl: 3 })).toBeCloseTo(9.8, 9);
    expect(correctedCalciumPayne({ calciumMgdl: 9, albuminGdl: 5 })).toBeCloseTo(8.2, 9);
    expect(correctedCalciumPayne({ calciumMgdl: 0, albuminGdl: 4 })).toBeNull();
    expect(correctedCalciumPayne({ calciumMgdl: 9, albuminGdl: -1 })).toBeNull();
  });
});

/** Creatinines in mg/dL as [hours, value]. */
const mg = (...points: [number, number][]): Creatinine[] =>
  points.map(([h, mgdl]) => ({ mgdl, at: h * hour }));
/** The same in umol/L. */
const molar = (...points: [number, number][]): Creatinine[] =>
  points.map(([h, umol]) => ({
    umol,
    mgdl: convert('creatinine', umol, 'umol/L', 'mg/dL') ?? Number.NaN,
    at: h * hour,
  }));

const adult = { ageYears: 40 };
const boundaries: { name: string; series: Creatinine[]; options?: AkiOptions; low: number; high: number }[] =
  [
    {
      name: '0.9 to 1.19 mg/dL in 24 h is no rise of 0.3',
      series: mg([0, 0.9], [24, 1.19]),
      low: 0,
      high: 0,
    },
    { name: '0.9 to 1.2 mg/dL in 24 h is a rise of 0.3', series: mg([0, 0.9], [24, 1.2]), low: 1, high: 1 },
    { name: '0.9 to 1.2 mg/dL in 48 h counts', series: mg([0, 0.9], [48, 1.2]), low: 1, high: 1 },
    { name: '0.9 to 1.2 mg/dL in 48.1 h does not', series: mg([0, 0.9], [48.1, 1.2]), low: 0, high: 0 },
    { name: '100 to 126.4 umol/L is no rise of 26.5', series: molar([0, 100], [24, 126.4]), low: 0, high: 0 },
    {
      name: '100 to 126.5 umol/L is (though 0.2998 mg/dL)',
      series: molar([0, 100], [24, 126.5]),
      low: 1,
      high: 1,
    },
    {
      name: '1.1312217195 mg/dL to 126.5 umol/L is compared in mg/dL: 0.2998 is no rise',
      series: [...mg([0, 1.1312217195]), ...molar([24, 126.5])],
      low: 0,
      high: 0,
    },
    {
      name: '1 mg/dL to 115.5 umol/L is compared in mg/dL: 0.306 is a rise',
      series: [...mg([0, 1]), ...molar([24, 115.5])],
      low: 1,
      high: 1,
    },
    {
      name: '88.4 umol/L to 1.31 mg/dL likewise',
      series: [...molar([0, 88.4]), ...mg([24, 1.31])],
      low: 1,
      high: 1,
    },
    { name: 'a ratio of 1.49 is no AKI', series: mg([0, 1], [72, 1.49]), low: 0, high: 0 },
    { name: 'a ratio of 1.5 is stage 1', series: mg([0, 1], [72, 1.5]), low: 1, high: 1 },
    { name: '80 to 120 umol/L is a ratio of 1.5', series: molar([0, 80], [72, 120]), low: 1, high: 1 },
    {
      name: '80 to 120 umol/L is a ratio of 1.5 in converted mg/dL too',
      series: mg([0, 0.904977375566], [72, 1.35746606335]),
      low: 1,
      high: 1,
    },
    { name: 'a ratio of 1.99 is stage 1', series: mg([0, 1], [72, 1.99]), low: 1, high: 1 },
    { name: 'a ratio of 2 is stage 2', series: mg([0, 1], [72, 2]), low: 2, high: 2 },
    { name: 'a ratio of 2.99 is stage 2', series: mg([0, 1], [72, 2.99]), low: 2, high: 2 },
    { name: 'a ratio of 3 is stage 3', series: mg([0, 1], [72, 3]), low: 3, high: 3 },
    { name: '0.7 to 2.1 mg/dL is a ratio of 3', series: mg([0, 0.7], [72, 2.1]), low: 3, high: 3 },
    { name: 'the lowest of 168 h counts', series: mg([0, 1], [100, 1.6], [168, 2]), low: 2, high: 2 },
    { name: 'one of 168.1 h does not', series: mg([0, 1], [100, 1.6], [168.1, 2]), low: 0, high: 0 },
    { name: '3.9 mg/dL with AKI stays stage 1', series: mg([0, 3.5], [24, 3.9]), low: 1, high: 1 },
    { name: '4.0 mg/dL with AKI is stage 3', series: mg([0, 3.7], [24, 4.0]), low: 3, high: 3 },
    { name: '4.0 mg/dL without AKI is stage 0', series: mg([0, 3.8], [24, 4.0]), low: 0, high: 0 },
    { name: '353.5 umol/L with AKI stays stage 1', series: molar([0, 320], [24, 353.5]), low: 1, high: 1 },
    { name: '353.6 umol/L with AKI is stage 3', series: molar([0, 320], [24, 353.6]), low: 3, high: 3 },
    { name: 'a falling creatinine has no stage now', series: mg([0, 3], [24, 1]), low: 0, high: 0 },
    {
      name: 'a baseline of 1.0 mg/dL makes 1.5 stage 1',
      series: mg([0, 1.5]),
      options: { ageYears: 40, baselineMgdl: 1 },
      low: 1,
      high: 1,
    },
    {
      name: 'a baseline of 1.2 mg/dL and 1.5 now is no rise within 48 h',
      series: mg([0, 1.5]),
      options: { ageYears: 40, baselineMgdl: 1.2 },
      low: 0,
      high: 0,
    },
    {
      name: 'the lower of baseline 1.0 and 7-day value 1.4 counts: 2.0 is stage 2',
      series: mg([0, 1.4], [72, 2]),
      options: { ageYears: 40, baselineMgdl: 1 },
      low: 2,
      high: 2,
    },
    {
      name: 'the lower of baseline 2.0 and 7-day value 1.0 counts: 2.0 is stage 2',
      series: mg([0, 1], [72, 2]),
      options: { ageYears: 40, baselineMgdl: 2 },
      low: 2,
      high: 2,
    },
    {
      name: 'a baseline of 0 is no baseline',
      series: mg([0, 1.5]),
      options: { ageYears: 40, baselineMgdl: 0 },
      low: 0,
      high: 3,
    },
    { name: '0.59 mg/dL alone rules out every stage', series: mg([0, 0.59]), low: 0, high: 0 },
    { name: '0.6 mg/dL alone rules out stage 2', series: mg([0, 0.6]), low: 0, high: 1 },
    { name: '0.79 mg/dL alone rules out stage 2', series: mg([0, 0.79]), low: 0, high: 1 },
    { name: '0.8 mg/dL alone rules out stage 3', series: mg([0, 0.8]), low: 0, high: 2 },
    { name: '1.19 mg/dL alone rules out stage 3', series: mg([0, 1.19]), low: 0, high: 2 },
    { name: '1.2 mg/dL alone rules out nothing', series: mg([0, 1.2]), low: 0, high: 3 },
    {
      name: '0.5 mg/dL alone at an unknown age rules out nothing',
      series: mg([0, 0.5]),
      options: {},
      low: 0,
      high: 3,
    },
    {
      name: '0.5 mg/dL alone at an age of NaN rules out nothing',
      series: mg([0, 0.5]),
      options: { ageYears: Number.NaN },
      low: 0,
      high: 3,
    },
    {
      name: '0.5 mg/dL alone at 10 years rules out nothing',
      series: mg([0, 0.5]),
      options: { ageYears: 10, egfr: 90 },
      low: 0,
      high: 3,
    },
    {
      name: 'at 17 years an eGFR of 34.9 is no stage where creatinine did not rise',
      series: mg([0, 2], [24, 2.2]),
      options: { ageYears: 17, egfr: 34.9 },
      low: 0,
      high: 0,
    },
    {
      name: 'at 17 years an eGFR that fell to 34.9 is stage 3',
      series: mg([0, 2], [24, 2.3]),
      options: { ageYears: 17, egfr: 34.9 },
      low: 3,
      high: 3,
    },
    {
      name: 'at 17 years an eGFR that fell to 35 is not',
      series: mg([0, 2], [24, 2.3]),
      options: { ageYears: 17, egfr: 35 },
      low: 1,
      high: 1,
    },
    {
      name: 'at 18 years an eGFR that fell to 20 is not',
      series: mg([0, 2], [24, 2.3]),
      options: { ageYears: 18, egfr: 20 },
      low: 1,
      high: 1,
    },
    {
      name: 'at 17 years 4.0 mg/dL after a rise is stage 3 without an eGFR: at any height it is below 35',
      series: mg([0, 3.7], [24, 4]),
      options: { ageYears: 17 },
      low: 3,
      high: 3,
    },
    {
      name: 'at 17 years without an eGFR and without a rise it is none',
      series: mg([0, 4], [24, 4.2]),
      options: { ageYears: 17 },
      low: 0,
      high: 0,
    },
    {
      name: 'at 17 years 2.3 mg/dL with an eGFR of 40, or 2.7, may have fallen below 35',
      series: [...mg([0, 2]), { mgdl: 2.3, at: 24 * 3_600_000, highest: { mgdl: 2.7 } }],
      options: { ageYears: 17, egfr: 40 },
      low: 1,
      high: 3,
    },
    {
      name: 'at 17 years without an eGFR stage 3 stays open',
      series: mg([0, 1], [72, 1.5]),
      options: { ageYears: 17 },
      low: 1,
      high: 3,
    },
    {
      name: 'at an unknown age two values decide',
      series: mg([0, 1], [72, 1.5]),
      options: {},
      low: 1,
      high: 1,
    },
    {
      name: 'two values at one time are no comparison: the higher, 1.2, counts',
      series: mg([0, 1.2], [0, 0.5]),
      low: 0,
      high: 3,
    },
    {
      name: 'NaN and 0 mg/dL are left out',
      series: mg([0, 1], [72, 2], [80, Number.NaN], [90, 0]),
      low: 2,
      high: 2,
    },
  ];

describe('KDIGO AKI stage of the latest creatinine (KDIGO 2012, section 2.1)', () => {
  for (const { name, series, options = adult, low, high } of boundaries) {
    it(`${name}: stage ${low}${high === low ? '' : ` to ${high}`}`, () => {
      expect(akiStage(series, options)).toMatchObject({ low, high });
      expect(akiStage(series.toReversed(), options)).toMatchObject({ low, high });
    });
  }

  it('no creatinine at all is null', () => {
    expect(akiStage([], adult)).toBeNull();
    expect(highestAkiStage([], adult)).toBeNull();
    expect(akiStage(mg([0, Number.NaN]), adult)).toBeNull();
  });

  it('0.7, 0.8, 1.2, 1.6, 1.0 mg/dL over 72 h: stage 0 now, stage 2 at its highest', () => {
    const series = mg([0, 0.7], [24, 0.8], [36, 1.2], [48, 1.6], [72, 1.0]);
    expect(akiStage(series, adult)).toMatchObject({ low: 0, high: 0 });
    expect(highestAkiStage(series, adult)).toMatchObject({ low: 2, high: 2 });
    expect(highestAkiStage(series.toReversed(), adult)).toMatchObject({ low: 2, high: 2 });
  });

  it('a peak 168 h before the latest value counts for the highest stage, one of 169 h does not', () => {
    expect(highestAkiStage(mg([0, 1], [24, 3], [192, 1.1]), adult)).toMatchObject({ low: 3, high: 3 });
    expect(highestAkiStage(mg([0, 1], [24, 3], [100, 1.2], [193, 1.1]), adult)).toMatchObject({
      low: 0,
      high: 0,
    });
  });

  it('a peak of 3 times the baseline counts when creatinine is back at it', () => {
    const options = { ageYears: 40, baselineMgdl: 1 };
    expect(highestAkiStage(mg([0, 3], [24, 1]), options)).toMatchObject({ low: 3, high: 3 });
    expect(highestAkiStage(mg([0, 3], [24, 1]), adult)).toMatchObject({ low: 0, high: 0 });
  });

  it('of two values with one stage the latest is what the highest stage rests on', () => {
    const basis = highestAkiStage(mg([0, 1], [24, 1.6], [48, 1.7]), adult)?.basis;
    expect(basis).toMatch(/^creatinine 1\.7 mg\/dL is 1\.7 times the reference 1 mg\/dL/);
    // Of two earlier peaks of one stage it is the first.
    const past = highestAkiStage(mg([0, 1], [24, 1.6], [48, 1.7], [72, 1]), adult)?.basis;
    expect(past).toMatch(/^creatinine 1\.6 mg\/dL/);
  });

  it('a child keeps stage 3 open while the highest stage known is 2', () => {
    expect(highestAkiStage(mg([0, 0.4], [24, 0.8], [48, 0.7]), { ageYears: 5 })).toMatchObject({
      low: 2,
      high: 3,
    });
  });

  it('the eGFR of the latest value stages no earlier one: 40 now, stage 0', () => {
    expect(highestAkiStage(mg([0, 1], [24, 1]), { ageYears: 5, egfr: 40 })).toMatchObject({
      low: 0,
      high: 0,
    });
  });

  it('says what the stage rests on, in the unit as received', () => {
    expect(akiStage(mg([0, 0.9], [24, 1.2]), adult)?.basis).toBe(
      'creatinine 1.2 mg/dL is 1.33 times the reference 0.9 mg/dL, a rise of 0.3 mg/dL or more from 0.9 mg/dL within 48 hours',
    );
    expect(akiStage(molar([0, 100], [24, 126.5]), adult)?.basis).toBe(
      'creatinine 126.5 umol/L is 1.26 times the reference 100 umol/L, a rise of 26.5 umol/L or more from 100 umol/L within 48 hours',
    );
    expect(akiStage([...mg([0, 0.9]), ...molar([24, 115])], adult)?.basis).toBe(
      'creatinine 115 umol/L is 1.45 times the reference 0.9 mg/dL, a rise of 0.3 mg/dL or more from 0.9 mg/dL within 48 hours',
    );
    expect(akiStage([...molar([0, 80]), ...mg([24, 1.3])], adult)?.basis).toBe(
      'creatinine 1.3 mg/dL is 1.44 times the reference 80 umol/L, a rise of 0.3 mg/dL or more from 80 umol/L within 48 hours',
    );
    expect(akiStage(mg([0, 1], [72, 2]), adult)?.basis).toBe(
      'creatinine 2 mg/dL is 2 times the reference 1 mg/dL',
    );
    expect(akiStage(mg([0, 1]), adult)?.basis).toBe(
      'creatinine 1 mg/dL with no other within 7 days and no baseline',
    );
    expect(akiStage(mg([0, 1]), { ageYears: 5, egfr: 20 })?.basis).toBe(
      'eGFR 20 is below 35 under 18 years of age',
    );
  });

  it('low is never above high, and the highest stage never below the present one (1,000 random series)', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 2, max: 80 }));
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 90 }),
        (points, ageYears) => {
          const series = mg(...points.map(([h, tenths]): [number, number] => [h, tenths / 10]));
          const now = akiStage(series, { ageYears });
          const highest = highestAkiStage(series, { ageYears });
          expect(now?.low).toBeLessThanOrEqual(now?.high ?? -1);
          expect(highest?.low).toBeGreaterThanOrEqual(now?.low ?? 4);
          expect(highest?.low).toBeLessThanOrEqual(highest?.high ?? -1);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a creatinine that is not at steady state', () => {
  it.each([
    ['no value', [], false],
    ['1.0 mg/dL alone', mg([0, 1]), false],
    ['0.9 to 1.2 mg/dL in 48 h', mg([0, 0.9], [48, 1.2]), true],
    ['1.2 to 0.9 mg/dL in 48 h', mg([0, 1.2], [48, 0.9]), true],
    ['0.9 to 1.19 mg/dL in 48 h', mg([0, 0.9], [48, 1.19]), false],
    ['0.9 to 1.2 mg/dL in 49 h', mg([0, 0.9], [49, 1.2]), false],
    ['126.5 to 100 umol/L in 24 h', molar([0, 126.5], [24, 100]), true],
    ['126.4 to 100 umol/L in 24 h', molar([0, 126.4], [24, 100]), false],
    ['0.6 to 0.4 mg/dL in 168 h', mg([0, 0.6], [168, 0.4]), true],
    ['0.4 to 0.6 mg/dL in 168 h', mg([0, 0.4], [168, 0.6]), true],
    ['0.6 to 0.4 mg/dL in 169 h', mg([0, 0.6], [169, 0.4]), false],
    ['0.59 to 0.4 mg/dL in 168 h', mg([0, 0.59], [168, 0.4]), false],
    ['1.0, 1.6 and, 200 h later, 1.6 mg/dL', mg([0, 1], [100, 1.6], [300, 1.6]), false],
    ['1.0, 2.0, 1.9 mg/dL over 100 h', mg([0, 1], [90, 2], [100, 1.9]), true],
    ['two values at one time, 1.0 and 1.3 mg/dL', mg([0, 1], [0, 1.3]), true],
  ] as const)('%s: %3$s', (_name, series, expected) => {
    expect(creatinineIsUnsteady(series)).toBe(expected);
    expect(creatinineIsUnsteady(series.toReversed())).toBe(expected);
  });
  it.each([
    ['no value', [], null],
    ['1.0 mg/dL alone', mg([0, 1]), null],
    ['0.9 to 1.2 mg/dL in 48 h', mg([0, 0.9], [48, 1.2]), 'rising'],
    ['0.9 to 1.2 mg/dL in 49 h', mg([0, 0.9], [49, 1.2]), null],
    ['1.2 to 0.9 mg/dL in 48 h', mg([0, 1.2], [48, 0.9]), 'falling'],
    ['100 to 126.5 umol/L in 24 h', molar([0, 100], [24, 126.5]), 'rising'],
    ['a peak: 1.0, 3.0, 1.6 mg/dL', mg([0, 1], [50, 3], [100, 1.6]), 'falling'],
    ['a trough: 3.0, 1.0, 1.6 mg/dL', mg([0, 3], [50, 1], [100, 1.6]), 'rising'],
    [
      '1.0, or 1.3, after 1.0',
      [...mg([0, 1]), { mgdl: 1, at: 3_600_000, highest: { mgdl: 1.3 } }],
      'changing',
    ],
    [
      '0.5, or 2.0, after 1.0',
      [...mg([0, 1]), { mgdl: 0.5, at: 3_600_000, highest: { mgdl: 2 } }],
      'changing',
    ],
    ['1.3, or 2.0, after 1.0', [...mg([0, 1]), { mgdl: 1.3, at: 3_600_000, highest: { mgdl: 2 } }], 'rising'],
    [
      '1.0 and 2.0 of times that overlap',
      [
        { mgdl: 1, at: 7_200_000, from: 0 },
        { mgdl: 2, at: 3_600_000, from: 3_600_000 },
      ],
      'changing',
    ],
  ] as const)('%s: %3$s', (_name, series, expected) => {
    expect(creatinineTrend(series)).toBe(expected);
    expect(creatinineTrend(series.toReversed())).toBe(expected);
  });
});

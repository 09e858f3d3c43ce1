import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amountOf,
  dailyAmountOf,
  hoursOf,
  rateOfQuantity,
  rateOfRatio,
} from '../../../rules/dosage/amounts.ts';
import { type Resource, ucum } from '../../support/dosages.ts';

describe('an amount', () => {
  it.each<[string, Resource, [number, string] | null]>([
    ['500 mg', { value: 500, unit: 'mg', code: 'mg', system: ucum }, [0.5, 'g']],
    ['500 mg by its text alone', { value: 500, unit: 'mg' }, [0.5, 'g']],
    ['2 grams', { value: 2, unit: 'grams' }, [2, 'g']],
    ['75 µg with the micro sign', { value: 75, unit: '\u00b5g' }, [0.000075, 'g']],
    ['75 μg with the Greek letter', { value: 75, unit: '\u03bcg' }, [0.000075, 'g']],
    ['75 mcg', { value: 75, code: 'mcg' }, [0.000075, 'g']],
    ['500 MG as a text', { value: 500, unit: 'MG' }, [0.5, 'g']],
    ['500 MG as unit and code', { value: 500, unit: 'MG', code: 'MG', system: ucum }, [0.5, 'g']],
    ['500 mg with the code MG', { value: 500, unit: 'mg', code: 'MG', system: ucum }, [0.5, 'g']],
    ['500 Mg as unit and code', { value: 500, unit: 'Mg', code: 'Mg', system: ucum }, null],
    ['5 G as unit and code', { value: 5, unit: 'G', code: 'G', system: ucum }, null],
    ['2 tab(s)', { value: 2, unit: 'tab(s)' }, [2, 'piece']],
    ['2 {tab(s)}', { value: 2, code: '{tab(s)}', system: ucum }, [2, 'piece']],
    ['2 Cap(s)', { value: 2, unit: 'Cap(s)' }, [2, 'piece']],
    ['50 mg/kg/dose', { value: 50, unit: 'mg/kg/dose' }, [0.05, 'g/kg']],
    ['2 g/dose', { value: 2, unit: 'g/dose' }, [2, 'g']],
    ['2 g/{dose}', { value: 2, unit: 'g/dose', code: 'g/{dose}', system: ucum }, [2, 'g']],
    ['500 Mg, a megagram', { value: 500, unit: 'Mg' }, null],
    ['5 G, a gauss', { value: 5, unit: 'G' }, null],
    ['5 mL', { value: 5, unit: 'mL', code: 'mL', system: ucum }, [5, 'mL']],
    ['0.5 L', { value: 0.5, code: 'L', system: ucum }, [500, 'mL']],
    ['1 mg/kg', { value: 1, unit: 'mg/kg', code: 'mg/kg', system: ucum }, [0.001, 'g/kg']],
    [
      '1 mg/kilogram beside the code mg/kg',
      { value: 1, unit: 'mg/kilogram', code: 'mg/kg', system: ucum },
      [0.001, 'g/kg'],
    ],
    ['15 mg/kg/d, a dose of a day', { value: 15, code: 'mg/kg/d', system: ucum }, null],
    ['100 mg/m2', { value: 100, unit: 'mg/m2', code: 'mg/m2', system: ucum }, null],
    ['5000 U', { value: 5000, unit: 'U', code: 'U', system: ucum }, [5000, 'IU']],
    ['16 mEq, as it is often sent', { value: 16, unit: 'mEq', code: 'mEq', system: ucum }, [16, 'mEq']],
    ['16 MEQ as a text', { value: 16, unit: 'MEQ' }, [16, 'mEq']],
    ['16 milliequivalents', { value: 16, unit: 'milliequivalents' }, [16, 'mEq']],
    ['20 mmol', { value: 20, unit: 'mmol', code: 'mmol', system: ucum }, [20, 'mmol']],
    ['20 mmol Mg2+', { value: 20, unit: 'mmol Mg2+', code: 'mmol', system: ucum }, [20, 'mmol']],
    ['20 mmol of magnesium', { value: 20, unit: 'mmol of magnesium' }, [20, 'mmol']],
    ['20 mmol{Mg}', { value: 20, code: 'mmol{Mg}', system: ucum }, [20, 'mmol']],
    ['20 mmol phosphate', { value: 20, unit: 'mmol phosphate' }, null],
    ['20 mmol Mg, coded as potassium', { value: 20, unit: 'mmol Mg', code: 'mmol{K}', system: ucum }, null],
    ['0.25 mmol/kg', { value: 0.25, unit: 'mmol/kg' }, [0.25, 'mmol/kg']],
    ['5000 units', { value: 5000, unit: 'units' }, [5000, 'IU']],
    ['18 [iU]/kg', { value: 18, code: '[iU]/kg', system: ucum }, [18, 'IU/kg']],
    [
      '500 mg by the OID of UCUM',
      { value: 500, code: 'mg', system: 'urn:oid:2.16.840.1.113883.6.8' },
      [0.5, 'g'],
    ],
    ['10 meq', { value: 10, code: 'meq', system: ucum }, [10, 'mEq']],
    ['2 {tbl}', { value: 2, code: '{tbl}', system: ucum }, [2, 'piece']],
    ['1 {pill} without a text', { value: 1, code: '{pill}', system: ucum }, [1, 'piece']],
    ['2 tbl with a text', { value: 2, unit: 'tablet', code: 'tbl', system: ucum }, [2, 'piece']],
    ['1 of `1`, called Tablette', { value: 1, unit: 'Tablette', code: '1', system: ucum }, [1, 'piece']],
    ['1 of `1`, called nothing', { value: 1, code: '1', system: ucum }, null],
    [
      '1 TAB',
      {
        value: 1,
        unit: 'TAB',
        code: 'TAB',
        system: 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm',
      },
      [1, 'piece'],
    ],
    [
      '1 ERTAB',
      { value: 1, code: 'ERTAB', system: 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm' },
      [1, 'piece'],
    ],
    [
      '2 PUFF',
      { value: 2, code: 'PUFF', system: 'http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm' },
      null,
    ],
    [
      '3 tablets of SNOMED CT',
      { value: 3, unit: 'tablet', code: '732936001', system: 'http://snomed.info/sct' },
      [3, 'piece'],
    ],
    [
      'a tablet of EDQM without a text',
      { value: 1, code: '15054000', system: 'http://standardterms.edqm.eu' },
      [1, 'piece'],
    ],
    [
      'a tablet by its code and mg by its text',
      { value: 3, unit: 'mg', code: '732936001', system: 'http://snomed.info/sct' },
      null,
    ],
    [
      'an unknown code of SNOMED CT with the text mg',
      { value: 3, unit: 'mg', code: '1234567', system: 'http://snomed.info/sct' },
      [0.003, 'g'],
    ],
    ['mg by its code and mL by its text', { value: 3, unit: 'mL', code: 'mg', system: ucum }, null],
    ['an unknown UCUM code with the text mg', { value: 3, unit: 'mg', code: 'x', system: ucum }, null],
    ['500 without a unit', { value: 500 }, null],
    ['a puff', { value: 1, unit: 'puff' }, null],
    ['less than 5 mg', { value: 5, unit: 'mg', comparator: '<' }, null],
    ['-5 mg', { value: -5, unit: 'mg' }, null],
    ['`5` as a string', { value: '5', unit: 'mg' }, null],
    ['a unit that every object has', { value: 5, unit: 'constructor' }, null],
    ['1 of {dose}, called tablet', { value: 1, unit: 'tablet', code: '{dose}', system: ucum }, [1, 'piece']],
    ['2 {tablet} as a text', { value: 2, unit: '{tablet}' }, [2, 'piece']],
    ['thousands of tablets', { value: 2, code: '10*3{tbl}', system: ucum }, null],
    ['thousands of tablets as a text', { value: 2, unit: '10*3{tbl}' }, null],
    ['tablet-days', { value: 2, code: '{tbl}.d', system: ucum }, null],
    ['tablet-days as a text', { value: 2, unit: '{tbl}.d' }, null],
    [
      'a volume with an annotation, called tablet',
      { value: 1, unit: 'tablet', code: 'mL{total}', system: ucum },
      null,
    ],
    ['an annotated product, called tablet', { value: 1, unit: 'tablet', code: '{x}.mL', system: ucum }, null],
    ['mg by its text, with an empty code', { value: 5, unit: 'mg', code: ' ', system: ucum }, [0.005, 'g']],
    ['mg between blanks', { value: 5, unit: ' mg ' }, [0.005, 'g']],
    ['mg / kg with blanks', { value: 5, unit: 'mg / kg' }, [0.005, 'g/kg']],
    ['MG as a UCUM code, where case counts', { value: 5, code: 'MG', system: ucum }, null],
    ['a code of no system with the text mg', { value: 5, unit: 'mg', code: 'x' }, [0.005, 'g']],
    ['mg per 10 kg', { value: 5, code: 'mg/10.kg', system: ucum }, null],
    ['mg per kilogram-hour', { value: 5, code: 'mg/kg.h', system: ucum }, null],
    ['a million tonnes', { value: 1e12, unit: 'g' }, null],
    [
      'mg of SNOMED CT without a code',
      { value: 5, unit: 'mg', system: 'http://snomed.info/sct' },
      [0.005, 'g'],
    ],
  ])('%s', (_, quantity, expected) => {
    const amount = amountOf(quantity);
    expect(amount && [amount.value, amount.unit]).toEqual(expected);
  });

  it.each<[string, unknown, [number, string] | null]>([
    ['1 g/h', { value: 1, code: 'g/h' }, [1, 'g']],
    ['150 mg/min', { value: 150, unit: 'mg/min' }, [9, 'g']],
    ['25 mL/h', { value: 25, unit: 'mL/h', code: 'mL/h', system: ucum }, [25, 'mL']],
    ['25 ml/hr', { value: 25, code: 'ml/hr', system: ucum }, [25, 'mL']],
    ['10 mg/kg/h', { value: 10, code: 'mg/kg/h', system: ucum }, [0.01, 'g/kg']],
    ['10 mg/h/kg', { value: 10, code: 'mg/h/kg', system: ucum }, [0.01, 'g/kg']],
    ['2 ug/kg/min', { value: 2, unit: 'ug/kg/min' }, [0.00012, 'g/kg']],
    ['1 mL/kg/h', { value: 1, code: 'mL/kg/h', system: ucum }, null],
    ['1 {tbl}/h', { value: 1, code: '{tbl}/h', system: ucum }, null],
    ['5 min', { value: 5, code: 'min', system: ucum }, null],
    ['10 mg/kg', { value: 10, code: 'mg/kg', system: ucum }, null],
    ['10 mg/h/h', { value: 10, code: 'mg/h/h', system: ucum }, null],
    ['10 mg/kg/kg/h', { value: 10, code: 'mg/kg/kg/h', system: ucum }, null],
    ['10 mg / kg / h with blanks', { value: 10, unit: 'mg / kg / h' }, [0.01, 'g/kg']],
    ['16 mEq/h', { value: 16, unit: 'mEq/h' }, [16, 'mEq']],
    ['2 g per hour', { value: 2, unit: 'g per hour' }, [2, 'g']],
    ['24 g / 24 h in one unit', { value: 24, unit: 'g/24 h' }, [1, 'g']],
    ['24 mg/kg/day', { value: 24, unit: 'mg/kg/day' }, [0.001, 'g/kg']],
    ['18 units/kg/h', { value: 18, unit: 'units/kg/h' }, [18, 'IU/kg']],
    ['3 tablets a day', { value: 3, unit: 'tablets/day' }, [0.125, 'piece']],
    ['25 mL/h, called mL', { value: 25, unit: 'mL', code: 'mL/h', system: ucum }, [25, 'mL']],
  ])('a rate of %s', (_, quantity, expected) => {
    const rate = rateOfQuantity(quantity)?.perHour ?? null;
    expect(rate && [rate.value, rate.unit]).toEqual(expected);
  });

  it.each<[string, Resource, [number, string] | null]>([
    ['4 g to 1 d', { numerator: { value: 4, unit: 'g' }, denominator: { value: 1, code: 'd' } }, [4, 'g']],
    [
      '3 tablets to 24 h',
      { numerator: { value: 3, unit: 'tablets' }, denominator: { value: 24, code: 'h' } },
      [3, 'piece'],
    ],
    ['1 g to 12 h', { numerator: { value: 1, unit: 'g' }, denominator: { value: 12, code: 'h' } }, [2, 'g']],
    [
      '15 mg to 1 wk',
      { numerator: { value: 15, unit: 'mg' }, denominator: { value: 1, code: 'wk' } },
      [0.00214285714286, 'g'],
    ],
    ['3 without a unit to 1 d', { numerator: { value: 3 }, denominator: { value: 1, code: 'd' } }, null],
    ['4 g to nothing', { numerator: { value: 4, unit: 'g' } }, null],
  ])('a limit of %s', (_, ratio, expected) => {
    const amount = dailyAmountOf(ratio);
    expect(amount && [amount.value, amount.unit]).toEqual(expected);
  });

  it.each<[string, unknown, [number, string] | null]>([
    ['2 g to 4 h', { numerator: { value: 2, unit: 'g' }, denominator: { value: 4, code: 'h' } }, [0.5, 'g']],
    [
      '50 mL to 30 min',
      { numerator: { value: 50, unit: 'mL' }, denominator: { value: 30, code: 'min' } },
      [100, 'mL'],
    ],
    [
      '2 tablets to 1 h',
      { numerator: { value: 2, code: '{tbl}' }, denominator: { value: 1, code: 'h' } },
      null,
    ],
    ['2 g to 0 h', { numerator: { value: 2, unit: 'g' }, denominator: { value: 0, code: 'h' } }, null],
    ['no ratio', null, null],
  ])('a rate as a ratio of %s', (_, ratio, expected) => {
    const rate = rateOfRatio(ratio)?.perHour ?? null;
    expect(rate && [rate.value, rate.unit]).toEqual(expected);
  });

  it('a limit that is null is none', () => {
    expect(dailyAmountOf(null)).toBeNull();
  });

  it.each<[string, unknown, number | null]>([
    ['90 min', { value: 90, code: 'min', system: ucum }, 1.5],
    ['2 days by the text', { value: 2, unit: ' Days ' }, 48],
    ['1 month, of 30 days', { value: 1, code: 'mo', system: ucum }, 720],
    ['1 year, of 365 days', { value: 1, code: 'a', system: ucum }, 8760],
    ['0.36 s, the shortest that counts', { value: 0.36, code: 's', system: ucum }, 0.0001],
    ['0.3 s', { value: 0.3, code: 's', system: ucum }, null],
    ['0 h', { value: 0, code: 'h', system: ucum }, null],
    ['a time without a unit', { value: 3 }, null],
    ['a unit without a number', { code: 'h', system: ucum }, null],
    ['a unit that every object has', { value: 3, unit: 'constructor' }, null],
  ])('a duration of %s', (_, duration, expected) => {
    expect(hoursOf(duration)).toBe(expected);
  });

  it('is finite and not negative, or null, for any number, unit and code', () => {
    const unit = fc.constantFrom(
      'g',
      'mg',
      'mg/kg',
      '{tbl}',
      'mL',
      'mL/h',
      'g/h',
      '1',
      '/',
      '',
      'tablet',
      'x',
    );
    const any = fc.record(
      {
        value: fc.oneof(fc.double(), fc.constant('1'), fc.constant(null)),
        unit,
        code: unit,
        system: fc.constantFrom(ucum, 'x'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (quantity) => {
        for (const read of [amountOf(quantity), rateOfQuantity(quantity)?.perHour ?? null])
          if (read !== null && !(Number.isFinite(read.value) && read.value >= 0)) return false;
        const hours = hoursOf(quantity);
        return hours === null || (Number.isFinite(hours) && hours > 0);
      }),
    );
  });

  it('scales with its unit: 1000 times as many micrograms are the same dose', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (value) => {
        const inMg = amountOf({ value, unit: 'mg' })?.value;
        return inMg !== undefined && inMg === amountOf({ value: value * 1000, unit: 'ug' })?.value;
      }),
    );
  });
});

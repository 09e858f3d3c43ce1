import { describe, expect, it } from 'vitest';
import { buildChart } from '../../../rules/chart/chart.ts';
import { intakeOfBundle } from '../../../rules/intake/intake.ts';
import {
  loincCode,
  names,
  noticeCodes,
  observation,
  only,
  patient,
  quantityOf,
  readBundle,
  readMedication,
  requestOf,
  rxnorm,
  snomed,
  subject,
} from '../../support/chart-resources.ts';
import { at, type Resource } from '../../support/readings.ts';

describe('the patient', () => {
  it.each([
    ['female, 1960-05-17', {}, { sex: 'female', birthDate: '1960-05-17' }],
    ['male', { gender: 'male' }, { sex: 'male', birthDate: '1960-05-17' }],
    ['other', { gender: 'other' }, { sex: null, birthDate: '1960-05-17' }],
    [
      'born at a time of day',
      { birthDate: '1960-05-17T08:00:00Z' },
      { sex: 'female', birthDate: '1960-05-17' },
    ],
    ['born in 1960', { birthDate: '1960' }, { sex: 'female', birthDate: '1960' }],
    ['born on 30 February', { birthDate: '1960-02-30' }, { sex: 'female', birthDate: null }],
    ['born at a number', { birthDate: 1960 }, { sex: 'female', birthDate: null }],
  ])('%s', (_, more, expected) => {
    const { chart, notices } = readBundle([{ ...patient, ...more }]);
    expect(chart.patient).toEqual({ reference: 'Patient/1', ...expected });
    expect(notices).toEqual([]);
  });

  it('that did not come is a notice', () => {
    const result = readBundle([observation({ valueQuantity: quantityOf(1) })]);
    expect(result.chart.patient).toEqual({ reference: 'Patient/1', sex: null, birthDate: null });
    expect(noticeCodes(result)).toEqual(['patient-missing']);
    expect(result.notices[0]?.message).toBe('no Patient resource came: age and sex are unknown');
  });
});

describe('names and narrative', () => {
  const canary = 'ZZCANARY';
  const planted = new Set(
    'name family given address line telecom text display note div description patientInstruction comment'.split(
      ' ',
    ),
  );
  type Plant = (value: string) => string;
  const everywhere = (value: unknown, plant: Plant): unknown => {
    if (typeof value === 'string') return plant(value);
    if (Array.isArray(value)) return value.map((entry) => everywhere(entry, plant));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, everywhere(inner, plant)]));
  };
  /** Puts the canary into every string under the keys that hold names and narrative, and into identifier values. */
  const plantIn = (value: unknown, plant: Plant, within = ''): unknown => {
    if (Array.isArray(value)) return value.map((entry) => plantIn(entry, plant, within));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const whole = planted.has(key) || (key === 'value' && within === 'identifier');
        return [key, whole ? everywhere(inner, plant) : plantIn(inner, plant, key)];
      }),
    );
  };
  const narrative = { status: 'generated', div: '<div>Jane Doe</div>' };
  const more = {
    text: narrative,
    identifier: [{ system: 'urn:mrn', value: '12345' }],
    note: [{ authorString: 'x', text: 'Jane says' }],
  };
  const concept = (system: string, code: string, display: string): Resource => ({
    coding: [{ system, code, display }],
    text: display,
  });
  const bound = { ...subject, display: 'Jane Doe', identifier: { value: '12345' } };
  const atc = 'http://www.whocc.no/atc';
  const resources: readonly Resource[] = [
    {
      ...patient,
      ...more,
      name: [{ family: 'Doe', given: ['Jane', 'Q'], text: 'Jane Doe' }],
      address: [{ line: ['1 Main St'], city: 'Town', text: 'x' }],
      telecom: [{ system: 'phone', value: '555-0100' }],
      contact: [{ name: { family: 'Doe' }, telecom: [{ value: '555-0101' }] }],
      maritalStatus: { text: 'married' },
    },
    ...[
      { valueQuantity: quantityOf(1.1) },
      { valueQuantity: { value: 1.1 } },
      { valueQuantity: quantityOf(1.1, 'furlong') },
      { valueQuantity: quantityOf(900) },
      { valueQuantity: { ...quantityOf(1.1), comparator: '<' }, status: 'unknown' },
      { dataAbsentReason: { text: 'Jane refused', coding: [{ display: 'Jane refused' }] } },
      { effectiveDateTime: undefined, valueQuantity: quantityOf(1.1) },
      { effectiveDateTime: '2027', valueQuantity: quantityOf(1.1) },
      { code: { text: 'Creatinine' }, valueQuantity: quantityOf(1.1) },
      {
        code: { coding: [{ system: 'urn:x', code: 'CREA', display: 'Creatinine' }] },
        valueQuantity: quantityOf(1.1),
      },
      { code: concept('http://loinc.org', '2345-7', 'Glucose') },
      { code: { text: 'Jane' } },
      { code: loincCode('48642-3'), valueQuantity: quantityOf(60, 'mL/min/{1.73_m2}') },
      {
        component: [
          {
            code: concept('http://loinc.org', '8480-6', 'Systolic'),
            valueQuantity: quantityOf(120, 'mm[Hg]'),
          },
        ],
      },
    ].map((given, index) =>
      observation({
        ...more,
        id: `o${index}`,
        subject: bound,
        performer: [{ display: 'Dr Who' }],
        referenceRange: [{ low: quantityOf(0.5), text: '0.5 to 1.1' }],
        interpretation: [{ text: 'high' }],
        ...given,
      }),
    ),
    ...[
      { medicationCodeableConcept: concept(rxnorm, '4603', 'furosemide') },
      { medicationCodeableConcept: concept(rxnorm, '999999999', 'Furosemide 40 MG Oral Tablet') },
      { medicationCodeableConcept: concept(atc, 'J01CA04', 'amoxicillin') },
      { medicationCodeableConcept: concept(atc, 'N05AH04', 'quetiapine') },
      { medicationCodeableConcept: concept(atc, 'R06AE07', 'cetirizine') },
      { medicationCodeableConcept: concept(snomed, '387525002', 'something else') },
      { medicationCodeableConcept: { text: 'omeprazole 20 MG / naproxen 500 MG Oral Tablet' } },
      { medicationCodeableConcept: { text: 'Naproxen sodium 500 MG Oral Tablet [Aleve]' } },
      { medicationCodeableConcept: { text: 'Metoprolol / Chlorthalidone 50 MG Oral Tablet' } },
      { medicationCodeableConcept: { text: 'Jane Doe takes 2 MG' } },
      { medicationReference: { reference: 'Medication/gone', display: 'FUROSEMIDE 40 MG PO TABS' } },
      { medicationReference: { reference: 'Medication/x', display: 'x' } },
      {
        medicationReference: { reference: '#x', display: 'x' },
        contained: [{ resourceType: 'Medication', id: 'x', code: { text: 'y' } }],
      },
      { status: 'unknown', intent: 'proposal', medicationCodeableConcept: { text: 'z' } },
      { status: 'draft', medicationCodeableConcept: concept(rxnorm, '6585', 'magnesium sulfate') },
      { status: 'draft', medicationCodeableConcept: { text: 'z' } },
    ].map((given, index) =>
      requestOf({
        ...more,
        id: `m${index}`,
        subject: bound,
        requester: { display: 'Dr Who' },
        dosageInstruction: [
          {
            text: 'by mouth',
            patientInstruction: 'with water',
            route: concept(snomed, '26643006', 'Oral'),
            doseAndRate: [{ doseQuantity: quantityOf(1, 'g'), type: { text: 'ordered' } }],
          },
        ],
        ...given,
      }),
    ),
    {
      resourceType: 'Medication',
      id: 'x',
      ...more,
      code: { text: 'x', coding: [{ system: 'urn:x', code: 'x', display: 'x' }] },
    },
    ...[
      { code: concept(snomed, '91637004', 'Myasthenia gravis'), verificationStatus: { text: 'maybe' } },
      { code: { text: 'Myasthenia gravis' } },
      { code: { text: 'sad' }, clinicalStatus: { text: 'x' } },
      { code: concept(snomed, '77386006', 'Pregnancy'), onsetDateTime: '2027' },
    ].map((given, index) => ({
      resourceType: 'Condition',
      id: `c${index}`,
      ...more,
      subject: bound,
      recorder: { display: 'Dr Who' },
      ...given,
    })),
    ...[
      { code: concept(rxnorm, '2551', 'ciprofloxacin') },
      { code: { text: 'peanuts' } },
      { code: concept(atc, 'J01CA04', 'amoxicillin') },
    ].map((given, index) => ({
      resourceType: 'AllergyIntolerance',
      id: `a${index}`,
      ...more,
      patient: bound,
      reaction: [{ description: 'rash', manifestation: [{ text: 'rash' }], note: [{ text: 'x' }] }],
      ...given,
    })),
    {
      resourceType: 'ServiceRequest',
      id: 's',
      status: 'draft',
      ...more,
      subject: bound,
      code: concept('http://loinc.org', '2160-0', 'Creatinine'),
      patientInstruction: 'fasting',
    },
    {
      resourceType: 'Encounter',
      id: 'e',
      status: 'in-progress',
      ...more,
      subject: bound,
      class: { code: 'IMP', display: 'inpatient' },
      location: [{ location: { display: 'Room 7' } }],
    },
    { resourceType: 'QuestionnaireResponse', id: 'q', ...more },
  ];

  const plants: readonly [string, Plant][] = [
    ['instead of', () => canary],
    ['before', (value) => `${canary} ${value}`],
    ['after', (value) => `${value} ${canary}`],
    ['in the name of a product instead of', () => `${canary} 10 MG Oral Tablet`],
    ['as a salt in the name of a product instead of', () => `${canary} sodium 10 MG Oral Tablet`],
    ['as a part of a product instead of', () => `omeprazole 20 MG / ${canary} 10 MG Oral Tablet [${canary}]`],
  ];
  it.each(plants)('planted %s every name and text are in no chart and no notice', (_, plant) => {
    const withCanary = plantIn(resources, plant);
    if (!Array.isArray(withCanary)) throw new Error('the planter changes no lists');
    const received = JSON.stringify(withCanary);
    expect(received.split(canary).length).toBeGreaterThan(200);
    const bundle = { resourceType: 'Bundle', entry: withCanary.map((resource) => ({ resource })) };
    const intake = intakeOfBundle(bundle, null);
    const { chart, notices } = buildChart(intake, at);
    expect(chart.labs.length).toBeGreaterThan(9);
    expect(chart.medications).toHaveLength(16);
    const kept = JSON.stringify({ chart, notices, noticesOfIntake: intake.notices }).toUpperCase();
    const place = kept.indexOf(canary);
    expect(place < 0 ? '' : kept.slice(Math.max(0, place - 200), place + 50)).toBe('');
  });

  it.each([['2 ZZCANARY'], ['2 ZZCANARY mg'], ['< 2 ZZCANARY'], ['ZZCANARY 2 mg/dL'], ['2 mg/dL ZZCANARY']])(
    'a result that is the text `%s` is not repeated',
    (valueString) => {
      const { chart, notices } = readBundle([patient, observation({ valueString })]);
      expect(JSON.stringify({ chart, notices })).not.toContain(canary);
      expect(only(chart.labs).used).toBe(false);
    },
  );

  it.each([['Jane Doe'], ['Doe, Jane'], ['Jane-Doe'], ['Featherstonehaugh'], ['Jane\nDoe']])(
    'the unit `%s` is not repeated',
    (unit) => {
      const { chart, notices } = readBundle([patient, observation({ valueQuantity: { value: 2, unit } })]);
      expect(notices.map(({ code }) => code)).toEqual(['unit-unknown']);
      expect(JSON.stringify({ chart, notices })).not.toMatch(/Jane|Feather/);
    },
  );

  it.each([['Mg/dl'], ['mg/24.h'], ['mmol/kg'], ['[iU]/L']])(
    'the unit `%s` is repeated, to say what was wrong',
    (unit) => {
      const { notices } = readBundle([patient, observation({ valueQuantity: { value: 2, unit } })]);
      expect(notices[0]?.message).toContain(`\`${unit}\``);
    },
  );

  it('a drug our table knows keeps its name: amoxicillin, which no rule asks for', () => {
    const { medication } = readMedication(
      requestOf({ medicationCodeableConcept: concept(atc, 'J01CA04', 'amoxicillin') }),
    );
    expect(names(medication)).toEqual(['amoxicillin']);
  });
});

describe('reading a chart', () => {
  it('of resources that are nonsense inside never throws, and every resource costs only itself', () => {
    const nonsense = [null, 7, 'x', [], {}, [null], { coding: 7 }, true];
    const fields =
      'code status valueQuantity component effectiveDateTime referenceRange category dosageInstruction medicationCodeableConcept medicationReference medication contained class period clinicalStatus verificationStatus onsetDateTime gender birthDate adherence effectivePeriod meta hasMember doNotPerform'.split(
        ' ',
      );
    const types = [
      'Observation',
      'MedicationRequest',
      'MedicationStatement',
      'Condition',
      'AllergyIntolerance',
      'ServiceRequest',
      'Encounter',
    ];
    for (const resourceType of types) {
      for (const field of fields) {
        for (const value of nonsense) {
          const resource = {
            resourceType,
            id: 'n',
            status: 'draft',
            subject,
            code: loincCode('2160-0'),
            [field]: value,
          };
          const { chart } = readBundle([patient, resource, observation({ valueQuantity: quantityOf(1) })]);
          expect(
            chart.labs.filter(({ used }) => used).map(({ reference }) => reference),
            `${resourceType}.${field}`,
          ).toContain('Observation/o');
        }
      }
    }
  });
});

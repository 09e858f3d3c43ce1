/**
 * CDS Hooks requests of a wanted size: an inpatient with IV magnesium being ordered, and as many results,
 * prescriptions and problems as it takes, in the proportions of a real chart (most observations concern no rule).
 */
const patient = { reference: 'Patient/bench' };
const day = 86_400_000;
const at = Date.parse('2026-01-31T12:00:00Z');
const time = (daysAgo: number): string => new Date(at - daysAgo * day).toISOString();

const loinc: readonly [string, string, string, number][] = [
  ['2160-0', 'Creatinine [Mass/volume] in Serum or Plasma', 'mg/dL', 1.1],
  ['19123-9', 'Magnesium [Mass/volume] in Serum or Plasma', 'mg/dL', 1.4],
  ['2823-3', 'Potassium [Moles/volume] in Serum or Plasma', 'mmol/L', 3.9],
  ['8480-6', 'Systolic blood pressure', 'mm[Hg]', 128],
  ['4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '%', 6.1],
  ['718-7', 'Hemoglobin [Mass/volume] in Blood', 'g/dL', 13.2],
  ['2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma', 'mg/dL', 180],
  ['6690-2', 'Leukocytes [#/volume] in Blood by Automated count', '10*3/uL', 7.2],
];
const drugs: readonly [string, string][] = [
  ['314076', 'lisinopril 10 MG Oral Tablet'],
  ['310429', 'furosemide 20 MG Oral Tablet'],
  ['198051', 'omeprazole 20 MG Delayed Release Oral Capsule'],
  ['312961', 'simvastatin 20 MG Oral Tablet'],
];

const entry = (resource: Record<string, unknown>) => ({
  fullUrl: `https://ehr.example.org/fhir/${resource.resourceType}/${resource.id}`,
  resource,
  search: { mode: 'match' },
});

function observation(number: number) {
  const [code, display, unit, value] = loinc[number % loinc.length] ?? ['2160-0', '', 'mg/dL', 1];
  return entry({
    resourceType: 'Observation',
    id: `obs-${number}`,
    meta: { versionId: '1', lastUpdated: time(number / 8) },
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'laboratory',
            display: 'Laboratory',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code, display }], text: display },
    subject: patient,
    encounter: { reference: `Encounter/enc-${number % 7}` },
    effectiveDateTime: time(number / 8),
    issued: time(number / 8),
    valueQuantity: {
      value: value + (number % 5) / 100,
      unit,
      system: 'http://unitsofmeasure.org',
      code: unit,
    },
  });
}

function prescription(number: number) {
  const [code, display] = drugs[number % drugs.length] ?? ['314076', ''];
  return entry({
    resourceType: 'MedicationRequest',
    id: `med-${number}`,
    status: number < 8 ? 'active' : 'completed',
    intent: 'order',
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code, display }],
      text: display,
    },
    subject: patient,
    authoredOn: time(200 + number),
    dosageInstruction: [
      {
        text: 'Take one daily',
        timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
        route: { coding: [{ system: 'http://snomed.info/sct', code: '26643006', display: 'Oral route' }] },
        doseAndRate: [
          { doseQuantity: { value: 1, unit: 'tablet', code: '{tbl}', system: 'http://unitsofmeasure.org' } },
        ],
      },
    ],
  });
}

const condition = (number: number) =>
  entry({
    resourceType: 'Condition',
    id: `con-${number}`,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    code: {
      coding: [
        number === 0
          ? { system: 'http://snomed.info/sct', code: '91637004', display: 'Myasthenia gravis (disorder)' }
          : {
              system: 'http://snomed.info/sct',
              code: '59621000',
              display: 'Essential hypertension (disorder)',
            },
      ],
    },
    subject: patient,
    onsetDateTime: time(1000 + number),
  });

const searchset = (entries: unknown[]) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: entries.length,
  entry: entries,
});
const list = <T>(length: number, make: (number: number) => T): T[] =>
  Array.from({ length }, (_, number) => make(number));

function request(observations: number) {
  return {
    hook: 'order-sign',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    context: {
      patientId: 'bench',
      userId: 'Practitioner/1',
      draftOrders: {
        resourceType: 'Bundle',
        entry: [
          {
            resource: {
              resourceType: 'MedicationRequest',
              id: 'draft-1',
              status: 'draft',
              intent: 'order',
              medicationCodeableConcept: {
                coding: [
                  {
                    system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
                    code: '6585',
                    display: 'magnesium sulfate',
                  },
                ],
              },
              subject: patient,
              dosageInstruction: [
                {
                  route: {
                    coding: [
                      { system: 'http://snomed.info/sct', code: '47625008', display: 'Intravenous route' },
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    },
    prefetch: {
      patient: { resourceType: 'Patient', id: 'bench', gender: 'female', birthDate: '1956-04-02' },
      labs: searchset(list(observations, observation)),
      medicationRequests: searchset(list(Math.ceil(observations / 6), prescription)),
      medicationStatements: searchset([]),
      conditions: searchset(list(Math.ceil(observations / 10), condition)),
    },
  };
}

/** JSON text of about so many characters. */
export function requestOfSize(characters: number): string {
  const unit = JSON.stringify(request(60)).length / 60;
  return JSON.stringify(request(Math.max(4, Math.round(characters / unit))));
}

/** A small order-sign request about one patient, whose cards offer an order for that patient. */
export function hookRequestOf(
  patientId: string,
  hookInstance: string,
  { at: now, magnesium }: { at: string; magnesium: number } = {
    at: new Date().toISOString(),
    magnesium: 0.9,
  },
) {
  const subject = { reference: `Patient/${patientId}` };
  return {
    hook: 'order-sign',
    hookInstance,
    context: {
      patientId,
      userId: 'Practitioner/1',
      draftOrders: {
        resourceType: 'Bundle',
        entry: [
          {
            resource: {
              resourceType: 'MedicationRequest',
              id: 'draft-1',
              status: 'draft',
              intent: 'order',
              medicationCodeableConcept: {
                coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '6585' }],
              },
              subject,
              dosageInstruction: [
                { route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] } },
              ],
            },
          },
        ],
      },
    },
    prefetch: {
      patient: { resourceType: 'Patient', id: patientId, gender: 'female', birthDate: '1954-05-02' },
      labs: searchset([
        entry({
          resourceType: 'Observation',
          id: 'mg',
          status: 'final',
          code: { coding: [{ system: 'http://loinc.org', code: '19123-9' }] },
          subject,
          effectiveDateTime: now,
          valueQuantity: {
            value: magnesium,
            unit: 'mg/dL',
            code: 'mg/dL',
            system: 'http://unitsofmeasure.org',
          },
        }),
      ]),
      medicationRequests: searchset([]),
      medicationStatements: searchset([]),
      conditions: searchset([]),
      allergies: searchset([]),
    },
  };
}

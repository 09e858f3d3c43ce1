/** CDS Hooks requests for tests: one patient, what was asked and what came. */
export const at = '2026-01-31T12:00:00.000Z';

export const searchset = (...resources: object[]) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: resources.length,
  entry: resources.map((resource) => ({ resource })),
});

export const patient = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '1954-05-02' };

export const observation = (id: string, code: string, value: number, unit: string | null, time: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [{ coding: [{ code: 'laboratory' }] }],
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: time,
  valueQuantity: { value, ...(unit ? { unit, code: unit, system: 'http://unitsofmeasure.org' } : {}) },
});

export const condition = (id: string, code: string) => ({
  resourceType: 'Condition',
  id,
  clinicalStatus: { coding: [{ code: 'active' }] },
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  code: { coding: [{ system: 'http://snomed.info/sct', code }] },
  subject: { reference: 'Patient/p1' },
});

export const magnesiumSulfate = (id = 'draft-1') => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'draft',
  intent: 'order',
  medicationCodeableConcept: {
    coding: [
      { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '6585', display: 'magnesium sulfate' },
    ],
  },
  subject: { reference: 'Patient/p1' },
  dosageInstruction: [{ route: { coding: [{ system: 'http://snomed.info/sct', code: '47625008' }] } }],
});

let instances = 0;
/** A new hookInstance each time. */
export const newInstance = (): string => {
  instances += 1;
  return `d1577c69-dfbe-44ad-ba6d-${String(instances).padStart(12, '0')}`;
};

export const hookRequest = (
  hook: string,
  prefetch: Record<string, unknown>,
  orders: object[] = [],
  more: Record<string, unknown> = {},
) => ({
  hook,
  hookInstance: newInstance(),
  context: {
    patientId: 'p1',
    userId: 'Practitioner/1',
    ...(hook === 'patient-view'
      ? {}
      : { draftOrders: { resourceType: 'Bundle', entry: orders.map((resource) => ({ resource })) } }),
    ...(hook === 'order-select'
      ? { selections: orders.map((order) => `MedicationRequest/${'id' in order ? order.id : ''}`) }
      : {}),
  },
  prefetch,
  ...more,
});

export const complete = (labs: object[], conditions: object[] = [], medications: object[] = []) => ({
  patient,
  labs: searchset(...labs),
  measurements: searchset(),
  medicationRequests: searchset(...medications),
  medicationStatements: searchset(),
  medicationAdministrations: searchset(),
  pastMedicationRequests: searchset(),
  pastMedicationStatements: searchset(),
  conditions: searchset(...conditions),
  procedures: searchset(),
  serviceRequests: searchset(),
  allergies: searchset(),
});

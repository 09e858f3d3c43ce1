/**
 * Shapes of requests in which one thing grows: many of it, or a long one. Each is valid JSON and FHIR enough to be
 * read. `npm run growth` sends them to a server, the tests count what they cost; both know them by name.
 */

import { randomUUID } from 'node:crypto';
import type { Hook } from '../rules/fhir/hooks.ts';

type Json = Record<string, unknown>;

/** A shape as a table has it: what grows with n. */
export interface Shape {
  name: string;
  /** Where it is posted. */
  path: `/cds-services/${Hook}` | '/evaluate';
  body(n: number): unknown;
}

const range = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const subject = { reference: 'Patient/p' };
const patient = { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '1950-01-01' };
const searchset = (resources: readonly Json[]) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource })),
});
const minute = 60_000;
const at = Date.now();
/** So many minutes ago. */
const ago = (minutes: number): string => new Date(at - minutes * minute).toISOString();

const loinc = 'http://loinc.org';
const snomed = 'http://snomed.info/sct';
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const ucum = 'http://unitsofmeasure.org';

/** An order of a contained Medication, instead of a name. */
const containing = (ingredient: readonly object[], others: readonly object[] = []) => ({
  medicationCodeableConcept: undefined,
  medicationReference: { reference: '#a' },
  contained: [{ resourceType: 'Medication', id: 'a', ingredient }, ...others],
});

const order = (i: number, text: string, more: Json = {}): Json => ({
  resourceType: 'MedicationRequest',
  id: `m${i}`,
  status: 'active',
  intent: 'order',
  subject,
  medicationCodeableConcept: { text },
  ...more,
});
const draft = (i: number, text: string, more: Json = {}): Json =>
  order(i, text, { status: 'draft', ...more });
const lab = (i: number, code: string, value: number, unit: string, more: Json = {}): Json => ({
  resourceType: 'Observation',
  id: `o${i}`,
  status: 'final',
  code: { coding: [{ system: loinc, code }] },
  subject,
  effectiveDateTime: ago(i),
  valueQuantity: { value, unit, system: ucum, code: unit },
  ...more,
});
const creatinine = (i: number, more: Json = {}): Json => lab(i, '2160-0', 1 + (i % 7) / 10, 'mg/dL', more);
const active = { coding: [{ code: 'active' }] };
const allergy = (i: number, text: string): Json => ({
  resourceType: 'AllergyIntolerance',
  id: `a${i}`,
  patient: subject,
  clinicalStatus: active,
  code: { text },
});
const condition = (i: number, code: Json, more: Json = {}): Json => ({
  resourceType: 'Condition',
  id: `c${i}`,
  subject,
  clinicalStatus: active,
  code,
  ...more,
});

/** With everything else answered, so that rules come as far as they can. */
const answered = (prefetch: Json): Json => ({
  patient,
  labs: searchset([]),
  medicationRequests: searchset([]),
  medicationStatements: searchset([]),
  conditions: searchset([]),
  allergies: searchset([]),
  ...prefetch,
});
const hook = (name: string, context: Json, prefetch: Json, more: Json = {}) => ({
  hook: name,
  hookInstance: randomUUID(),
  context: { patientId: 'p', userId: 'Practitioner/1', ...context },
  prefetch: answered(prefetch),
  ...more,
});
const viewed = (name: string, prefetch: (n: number) => Json, more: Json = {}): Shape => ({
  name,
  path: '/cds-services/patient-view',
  body: (n) => hook('patient-view', {}, prefetch(n), more),
});
const signed = (
  name: string,
  drafts: (n: number) => Json[],
  prefetch: (n: number) => Json = () => ({}),
): Shape => ({
  name,
  path: '/cds-services/order-sign',
  body: (n) => hook('order-sign', { draftOrders: searchset(drafts(n)) }, prefetch(n)),
});
const posted = (
  name: string,
  entries: (n: number) => Json[],
  more: (n: number) => Json = () => ({}),
): Shape => ({
  name,
  path: '/evaluate',
  body: (n) => ({
    resourceType: 'Bundle',
    type: 'collection',
    ...more(n),
    entry: [{ resource: patient }, ...entries(n)],
  }),
});
const labs = (name: string, make: (i: number) => Json): Shape =>
  viewed(name, (n) => ({ labs: searchset(range(n, make)) }));
const requests = (name: string, make: (i: number) => Json): Shape =>
  viewed(name, (n) => ({ medicationRequests: searchset(range(n, make)) }));
const selfLink = (n: number, url: string) => ({
  ...searchset([]),
  link: [{ relation: 'self', url: url.repeat(n) }],
});
const long = (n: number, text: string): string => text.repeat(n);
const oral = { coding: [{ system: snomed, code: '26643006' }] };
const dosage = (mg: number): Json => ({
  timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
  route: oral,
  doseAndRate: [{ doseQuantity: { value: mg, unit: 'mg', system: ucum, code: 'mg' } }],
});
const nested = (depth: number): Json =>
  depth === 0 ? { url: 'x', valueString: 'x' } : { url: 'x', extension: [nested(depth - 1)] };
const drugNames = [
  'furosemide 40 mg oral tablet',
  'ibuprofen 400 mg oral tablet',
  'digoxin 0.25 mg oral tablet',
  'lisinopril 10 mg oral tablet',
  'spironolactone 25 mg oral tablet',
  'metformin 500 mg oral tablet',
  'magnesium oxide 400 mg oral tablet',
  'amiodarone 200 mg oral tablet',
];
const drugName = (i: number): string => drugNames[i % drugNames.length] ?? '';

export const shapes: readonly Shape[] = [
  // Links and references.
  viewed('self link, slashes and question marks', (n) => ({
    labs: { ...searchset([]), link: [{ relation: 'self', url: `${long(n, '/Ab?')}#` }] },
  })),
  viewed('self link, with a fhirServer', (n) => ({ labs: selfLink(n, '/Ab?') }), {
    fhirServer: 'https://ehr.example.org/fhir',
  }),
  viewed('self link, many parameters', (n) => ({
    labs: { ...searchset([]), link: [{ relation: 'self', url: `Observation?${long(n, 'code=a&')}` }] },
  })),
  viewed('self link, many codes', (n) => ({
    labs: { ...searchset([]), link: [{ relation: 'self', url: `Observation?code=${long(n, 'a,')}` }] },
  })),
  viewed('links of a bundle', (n) => ({
    labs: { ...searchset([]), link: range(n, (i) => ({ relation: 'self', url: `x${i}` })) },
  })),
  viewed('reference of slashes', (n) => ({
    labs: searchset([creatinine(0, { subject: { reference: `${long(n, '/')}x` } })]),
  })),
  viewed('reference of types', (n) => ({
    labs: searchset([creatinine(0, { subject: { reference: `${long(n, 'A/a/')}?` } })]),
  })),
  viewed('reference of histories', (n) => ({
    labs: searchset([creatinine(0, { subject: { reference: `${long(n, '/_history/a')}/` } })]),
  })),
  posted('fullUrl of each entry', (n) =>
    range(n, (i) => ({ fullUrl: `https://s${i}.example.org/Observation/o${i}`, resource: creatinine(i) })),
  ),
  posted('one long fullUrl', (n) => [
    { fullUrl: `https://a/${long(n, 'b/')}Observation/o`, resource: creatinine(0) },
  ]),
  posted('servers of one patient', (n) =>
    range(n, (i) => ({
      resource: creatinine(i, { subject: { reference: `https://s${i}.example.org/Patient/p` } }),
    })),
  ),
  posted('versions of one resource', (n) =>
    range(n, (i) => ({
      resource: { ...creatinine(i), id: 'x', meta: { versionId: String(i), lastUpdated: ago(i) } },
    })),
  ),
  posted('deletions', (n) =>
    range(n, (i) => ({
      fullUrl: `https://a/Observation/o${i}`,
      request: { method: 'DELETE', url: `Observation/o${i}` },
    })),
  ),
  posted('deletions beside what they delete', (n) => [
    ...range(n, (i) => ({ fullUrl: `https://a/Observation/o${i}`, resource: creatinine(i) })),
    ...range(n, (i) => ({ request: { method: 'DELETE', url: `Observation/o${i}` } })),
  ]),
  posted('deletions of one resource', (n) => [
    ...range(n, (i) => ({ resource: { ...creatinine(i), id: 'x' } })),
    ...range(n, () => ({ request: { method: 'DELETE', url: 'Observation/x' } })),
  ]),
  posted('bundles in a bundle', (n) => range(n, (i) => ({ resource: searchset([creatinine(i)]) }))),
  posted('Provenance', (n) => [
    ...range(n, (i) => ({ resource: creatinine(i) })),
    ...range(n, (i) => ({
      resource: { resourceType: 'Provenance', id: `v${i}`, target: [{ reference: `Observation/o${i}` }] },
    })),
  ]),
  posted('targets of one Provenance', (n) => [
    { resource: creatinine(0) },
    {
      resource: {
        resourceType: 'Provenance',
        id: 'v',
        target: range(n, () => ({ reference: 'Observation/o0' })),
      },
    },
  ]),
  posted('Patients with identifiers', (n) => [
    { resource: { ...patient, identifier: range(n, (i) => ({ system: 'urn:x', value: String(i) })) } },
    { resource: creatinine(0, { subject: { identifier: { system: 'urn:x', value: '1' } } }) },
  ]),

  // One id, duplicates.
  viewed('one id, one of them large', (n) => ({
    labs: searchset([
      { ...creatinine(0), id: 'x', note: [{ text: long(n * 10, 'n') }] },
      ...range(n, () => ({ resourceType: 'Observation', id: 'x', status: 'final', subject })),
    ]),
  })),
  labs('one id, each another result', (i) => ({ ...creatinine(i), id: 'x' })),
  labs('no ids', (i) => ({ ...creatinine(i), id: undefined })),
  labs('duplicates but for the id', (i) => ({ ...creatinine(0), id: `o${i}` })),
  requests('duplicates of an order', (i) => order(i, 'furosemide 40 mg oral tablet')),
  viewed('prefetch keys', (n) =>
    Object.fromEntries(range(n, (i) => [`labs${i}`, searchset([creatinine(i)])])),
  ),
  viewed('null prefetch keys', (n) => Object.fromEntries(range(n, (i) => [`k${i}`, null]))),
  viewed('OperationOutcomes', (n) => ({
    labs: searchset(
      range(n, () => ({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'warning', code: 'not-found' }],
      })),
    ),
  })),
  viewed('issues of an OperationOutcome', (n) => ({
    labs: {
      resourceType: 'OperationOutcome',
      issue: range(n, () => ({ severity: 'error', code: 'timeout', diagnostics: 'x' })),
    },
  })),

  // Orders, therapy, allergies.
  signed(
    'allergies x orders',
    (n) => range(n, (i) => draft(i, 'furosemide 40 mg oral tablet')),
    (n) => ({ allergies: searchset(range(n, (i) => allergy(i, 'digoxin'))) }),
  ),
  signed(
    'allergies x orders that meet',
    (n) => range(n, (i) => draft(i, drugName(i))),
    (n) => ({ allergies: searchset(range(n, (i) => allergy(i, 'ibuprofen'))) }),
  ),
  signed(
    'unknown allergies',
    () => [draft(0, drugName(0))],
    (n) => ({
      allergies: searchset(range(n, (i) => allergy(i, `zzqx${i}`))),
    }),
  ),
  signed(
    'unknown allergies x orders',
    (n) => range(n, (i) => draft(i, drugName(i))),
    (n) => ({ allergies: searchset(range(n, (i) => allergy(i, `zzqx${i}`))) }),
  ),
  viewed('substances of one allergy', (n) => ({
    allergies: searchset([
      {
        ...allergy(0, 'x'),
        reaction: range(n, (i) => ({ substance: { text: `zzqx${i}` }, manifestation: [] })),
      },
    ]),
  })),
  {
    name: 'selections x drafts',
    path: '/cds-services/order-select',
    body: (n) =>
      hook(
        'order-select',
        {
          draftOrders: searchset(range(n, (i) => draft(i, drugName(i)))),
          selections: range(n, (i) => `MedicationRequest/${i === n - 1 ? `m${i}` : `x${i}`}`),
        },
        {},
      ),
  },
  {
    name: 'selections, all of them',
    path: '/cds-services/order-select',
    body: (n) =>
      hook(
        'order-select',
        {
          draftOrders: searchset(range(n, (i) => draft(i, drugName(i)))),
          selections: range(n, (i) => `MedicationRequest/m${i}`),
        },
        {},
      ),
  },
  {
    name: 'refills x therapy',
    path: '/cds-services/medication-refill',
    body: (n) =>
      hook(
        'medication-refill',
        { medications: searchset(range(n, (i) => draft(i, drugName(i)))) },
        { medicationRequests: searchset(range(n, (i) => order(i + n, drugName(i)))) },
      ),
  },
  {
    name: 'allergies that are entered x therapy',
    path: '/cds-services/allergyintolerance-create',
    body: (n) =>
      hook(
        'allergyintolerance-create',
        { allergyIntolerance: searchset(range(n, (i) => allergy(i, i % 2 ? `zzqx${i}` : 'ibuprofen'))) },
        { medicationRequests: searchset(range(n, (i) => order(i, drugName(i)))) },
      ),
  },
  requests('unresolved drugs', (i) => order(i, `zzqx${i}`)),
  signed('unresolved drafts', (n) => range(n, (i) => draft(i, `zzqx${i}`))),
  requests('unresolved codes', (i) =>
    order(i, '', {
      medicationCodeableConcept: { coding: [{ system: rxnorm, code: String(900_000_000 + i) }] },
    }),
  ),
  signed('drafts of one ingredient', (n) => range(n, (i) => draft(i, 'ibuprofen 400 mg oral tablet'))),
  signed('drafts of many ingredients', (n) => range(n, (i) => draft(i, drugName(i)))),
  signed('drafts with doses', (n) =>
    range(n, (i) => draft(i, drugName(i), { dosageInstruction: [dosage(100 + i)] })),
  ),
  signed('magnesium drafts by vein without dose', (n) =>
    range(n, (i) =>
      draft(i, 'magnesium sulfate', {
        dosageInstruction: [{ route: { coding: [{ system: snomed, code: '47625008' }] } }],
      }),
    ),
  ),
  signed('drafts without a route', (n) =>
    range(n, (i) => draft(i, i % 2 === 0 ? 'magnesium sulfate' : 'gentamicin')),
  ),
  signed(
    'therapy x orders',
    (n) => range(n, (i) => draft(i, drugName(i))),
    (n) => ({ medicationRequests: searchset(range(n, (i) => order(i + n, drugName(i + 3)))) }),
  ),
  requests('orders in chains', (i) =>
    order(i, drugName(0), { priorPrescription: { reference: `MedicationRequest/m${i + 1}` } }),
  ),
  requests('orders based on one plan', (i) =>
    order(i, drugName(i), {
      basedOn: [{ reference: 'MedicationRequest/m0' }],
      groupIdentifier: { value: 'g' },
    }),
  ),
  requests('contained substances', (i) => ({
    ...order(i, ''),
    ...containing([{ itemCodeableConcept: { text: `zzqx${i}` } }]),
  })),
  viewed('contained in one order', (n) => ({
    medicationRequests: searchset([
      {
        ...order(0, ''),
        ...containing(
          range(n, (i) => ({ itemReference: { reference: `#s${i}` } })),
          range(n, (i) => ({ resourceType: 'Substance', id: `s${i}`, code: { text: `zzqx${i}` } })),
        ),
      },
    ]),
  })),
  viewed('ingredients of one Medication', (n) => ({
    medicationRequests: searchset([
      {
        ...order(0, ''),
        ...containing(range(n, (i) => ({ itemCodeableConcept: { text: drugName(i) } }))),
      },
    ]),
  })),
  viewed('orders that share a Medication', (n) => ({
    medicationRequests: searchset([
      { resourceType: 'Medication', id: 'd', code: { text: 'furosemide' } },
      ...range(n, (i) => ({
        ...order(i, ''),
        medicationCodeableConcept: undefined,
        medicationReference: { reference: 'Medication/d' },
      })),
    ]),
  })),
  viewed('orders each with a Medication', (n) => ({
    medicationRequests: searchset([
      ...range(n, (i) => ({ resourceType: 'Medication', id: `d${i}`, code: { text: drugName(i) } })),
      ...range(n, (i) => ({
        ...order(i, ''),
        medicationCodeableConcept: undefined,
        medicationReference: { reference: `Medication/d${i}` },
      })),
    ]),
  })),
  viewed('codings of one drug', (n) => ({
    medicationRequests: searchset([
      order(0, '', {
        medicationCodeableConcept: {
          coding: range(n, (i) => ({ system: `urn:s${i}`, code: `c${i}`, display: drugName(i) })),
        },
      }),
    ]),
  })),
  viewed('dosages of one order', (n) => ({
    medicationRequests: searchset([
      order(0, drugName(0), { dosageInstruction: range(n, (i) => dosage(i + 1)) }),
    ]),
  })),
  viewed('dosages in sequence', (n) => ({
    medicationRequests: searchset([
      order(0, 'methotrexate', {
        dosageInstruction: range(n, (i) => ({
          ...dosage(i + 1),
          sequence: i + 1,
          timing: {
            repeat: {
              frequency: 1,
              period: 1,
              periodUnit: 'd',
              boundsPeriod: { start: ago(i), end: ago(i) },
            },
          },
        })),
      }),
    ]),
  })),
  viewed('times of one dosage', (n) => ({
    medicationRequests: searchset([
      order(0, 'magnesium oxide 400 mg oral tablet', {
        dosageInstruction: [{ ...dosage(1), timing: { event: range(n, ago) } }],
      }),
    ]),
  })),
  viewed('times of day of one dosage', (n) => ({
    medicationRequests: searchset([
      order(0, drugName(0), {
        dosageInstruction: [
          { ...dosage(1), timing: { repeat: { timeOfDay: range(n, () => '08:00:00'), when: ['MORN'] } } },
        ],
      }),
    ]),
  })),
  viewed('amounts of one dosage', (n) => ({
    medicationRequests: searchset([
      order(0, 'magnesium oxide 400 mg oral tablet', {
        dosageInstruction: [
          {
            ...dosage(1),
            doseAndRate: range(n, (i) => ({
              doseQuantity: { value: i, unit: 'mg', system: ucum, code: 'mg' },
            })),
          },
        ],
      }),
    ]),
  })),
  requests('orders with doses', (i) =>
    order(i, drugName(i), { authoredOn: ago(i), dosageInstruction: [dosage(40)] }),
  ),
  requests('therapy that is over', (i) => order(i, drugName(i), { status: 'completed', authoredOn: ago(i) })),
  requests('acetaminophen of a week', (i) =>
    order(i, 'acetaminophen 500 mg oral tablet', {
      status: 'completed',
      authoredOn: ago(i),
      dosageInstruction: [dosage(500)],
    }),
  ),
  viewed('administrations', (n) => ({
    medicationAdministrations: searchset(
      range(n, (i) => ({
        resourceType: 'MedicationAdministration',
        id: `g${i}`,
        status: 'completed',
        subject,
        effectiveDateTime: ago(i),
        medicationCodeableConcept: { text: 'magnesium sulfate' },
        dosage: { dose: { value: 2, unit: 'g', system: ucum, code: 'g' }, route: oral },
      })),
    ),
  })),
  viewed('statements not taken', (n) => ({
    medicationRequests: searchset(range(n, (i) => order(i, drugName(i)))),
    medicationStatements: searchset(
      range(n, (i) => ({
        resourceType: 'MedicationStatement',
        id: `s${i}`,
        status: 'not-taken',
        subject,
        medicationCodeableConcept: { text: drugName(i) },
        basedOn: [{ reference: `MedicationRequest/m${i}` }],
      })),
    ),
  })),
  viewed('reasons of one order', (n) => ({
    medicationRequests: searchset([
      order(0, drugName(0), { reasonCode: range(n, (i) => ({ text: `reason ${i}` })) }),
    ]),
  })),
  viewed('reasons by reference to what is contained', (n) => ({
    medicationRequests: searchset([
      order(0, drugName(0), {
        reasonReference: range(n, (i) => ({ reference: `#c${i}` })),
        contained: range(n, (i) => condition(i, { text: `problem ${i}` })),
      }),
    ]),
  })),
  viewed('reasons by reference', (n) => ({
    conditions: searchset(range(n, (i) => condition(i, { text: `problem ${i}` }))),
    medicationRequests: searchset([
      order(0, drugName(0), { reasonReference: range(n, (i) => ({ reference: `Condition/c${i}` })) }),
    ]),
  })),
  signed('draft tests', (n) =>
    range(n, (i) => ({
      resourceType: 'ServiceRequest',
      id: `t${i}`,
      status: 'draft',
      intent: 'order',
      subject,
      code: { coding: [{ system: loinc, code: '2160-0' }], text: 'creatinine' },
    })),
  ),
  signed('draft studies with contrast', (n) =>
    range(n, (i) => ({
      resourceType: 'ServiceRequest',
      id: `t${i}`,
      status: 'draft',
      intent: 'order',
      subject,
      code: { text: 'CT abdomen with iodinated contrast' },
    })),
  ),

  // Results.
  labs('results of one test', (i) => creatinine(i)),
  labs('results of one test, oldest first', (i) => creatinine(100_000 - i)),
  labs('results of one test, of one moment', (i) => creatinine(i, { effectiveDateTime: ago(5) })),
  labs('results of one test, by day', (i) => creatinine(i, { effectiveDateTime: ago(i * 10).slice(0, 10) })),
  labs('results without a date', (i) => creatinine(i, { effectiveDateTime: undefined })),
  labs('results that may be the same', (i) =>
    creatinine(i, { effectiveDateTime: undefined, effectivePeriod: { start: ago(i + 600), end: ago(i) } }),
  ),
  labs('results of eGFR and creatinine', (i) =>
    i % 2 === 0 ? creatinine(i) : lab(i, '98979-8', 30 + (i % 60), 'mL/min/{1.73_m2}'),
  ),
  labs('results of many tests', (i) =>
    lab(
      i,
      ['2160-0', '19123-9', '2823-3', '2951-2', '17861-6', '1751-7', '10535-3', '98979-8'][i % 8] ?? '',
      3,
      'mg/dL',
    ),
  ),
  labs('results of unknown tests', (i) => lab(i, `9999${i}-9`, 1, 'mg/dL')),
  labs('results by name alone', (i) => ({ ...creatinine(i), code: { text: `creatinine ${i}` } })),
  labs('results in unknown units', (i) => creatinine(i, { valueQuantity: { value: 1, unit: `u${i}` } })),
  labs('results in words', (i) =>
    creatinine(i, { valueQuantity: undefined, valueString: `< ${i}.5 mg/dL (H)` }),
  ),
  labs('results that are corrected', (i) => creatinine(i, { status: i % 2 ? 'corrected' : 'preliminary' })),
  labs('weights', (i) => lab(i, '29463-7', 70, 'kg')),
  labs('QTc', (i) => lab(i, '8636-3', 400 + (i % 150), 'ms')),
  labs('urine output', (i) => lab(i, '9187-6', 30, 'mL')),
  labs('pregnancy tests', (i) =>
    lab(i, '2106-3', 0, '', { valueQuantity: undefined, valueCodeableConcept: { text: 'positive' } }),
  ),
  viewed('components of one panel', (n) => ({
    labs: searchset([
      {
        ...creatinine(0),
        valueQuantity: undefined,
        component: range(n, (i) => ({
          code: { coding: [{ system: loinc, code: '2160-0' }] },
          valueQuantity: { value: i, unit: 'mg/dL', system: ucum, code: 'mg/dL' },
        })),
      },
    ]),
  })),
  viewed('members of one panel', (n) => ({
    labs: searchset([
      { ...creatinine(0), hasMember: range(n, (i) => ({ reference: `Observation/o${i + 1}` })) },
      ...range(n, (i) => creatinine(i + 1)),
    ]),
  })),
  viewed('contained results', (n) => ({
    labs: searchset([
      {
        resourceType: 'DiagnosticReport',
        id: 'r',
        status: 'final',
        subject,
        code: { text: 'panel' },
        result: range(n, (i) => ({ reference: `#o${i}` })),
        contained: range(n, (i) => creatinine(i)),
      },
    ]),
  })),
  viewed('codings of one result', (n) => ({
    labs: searchset([
      creatinine(0, { code: { coding: range(n, (i) => ({ system: loinc, code: `${i}-1` })) } }),
    ]),
  })),
  viewed('extensions of one result', (n) => ({
    labs: searchset([
      creatinine(0, { extension: range(n, (i) => ({ url: `https://x/${i}`, valueString: 'x' })) }),
    ]),
  })),
  viewed('extensions, deep', (n) => ({
    labs: searchset(range(n, (i) => creatinine(i, { extension: [nested(40)] }))),
  })),
  viewed('notes of one result', (n) => ({
    labs: searchset([creatinine(0, { note: range(n, (i) => ({ text: `hemolyzed ${i}` })) })]),
  })),
  viewed('reference ranges of one result', (n) => ({
    labs: searchset([
      creatinine(0, {
        referenceRange: range(n, (i) => ({ low: { value: i, unit: 'mg/dL' }, text: `${i} - ${i + 1}` })),
      }),
    ]),
  })),
  viewed('digits of a number', (n) => ({
    labs: searchset([creatinine(0, { valueQuantity: undefined, valueString: `1.${long(n, '0123456789')}` })]),
  })),

  // Problems, encounters and the rest.
  viewed('conditions', (n) => ({
    conditions: searchset(
      range(n, (i) => condition(i, { coding: [{ system: snomed, code: String(10_000_000 + i) }] })),
    ),
  })),
  viewed('conditions that count', (n) => ({
    conditions: searchset(
      range(n, (i) => condition(i, { coding: [{ system: snomed, code: i % 2 ? '91637004' : '709044004' }] })),
    ),
  })),
  viewed('conditions in words', (n) => ({
    conditions: searchset(
      range(n, (i) =>
        condition(i, { text: `no history of myasthenia gravis or chronic kidney disease ${i}` }),
      ),
    ),
  })),
  viewed('conditions that are open', (n) => ({
    conditions: searchset(
      range(n, (i) =>
        condition(
          i,
          { text: 'heart failure' },
          { clinicalStatus: undefined, verificationStatus: { coding: [{ code: 'provisional' }] } },
        ),
      ),
    ),
  })),
  viewed('codings of one condition', (n) => ({
    conditions: searchset([condition(0, { coding: range(n, (i) => ({ system: snomed, code: String(i) })) })]),
  })),
  viewed('stages of one condition', (n) => ({
    conditions: searchset([
      condition(
        0,
        { coding: [{ system: snomed, code: '709044004' }] },
        { stage: range(n, (i) => ({ summary: { text: `stage ${i % 6}` } })) },
      ),
    ]),
  })),
  viewed('pregnancies', (n) => ({
    conditions: searchset(
      range(n, (i) =>
        condition(i, { coding: [{ system: snomed, code: '77386006' }] }, { onsetDateTime: ago(i * 60) }),
      ),
    ),
  })),
  viewed('procedures', (n) => ({
    procedures: searchset(
      range(n, (i) => ({
        resourceType: 'Procedure',
        id: `q${i}`,
        status: 'completed',
        subject,
        performedDateTime: ago(i),
        code: { coding: [{ system: snomed, code: '302497006' }], text: 'hemodialysis' },
      })),
    ),
  })),
  viewed('encounters', (n) => ({
    encounters: searchset(
      range(n, (i) => ({
        resourceType: 'Encounter',
        id: `e${i}`,
        status: 'in-progress',
        class: { code: i % 2 ? 'IMP' : 'AMB' },
        subject,
        period: { start: ago(i + 100) },
      })),
    ),
  })),
  viewed('parts of one encounter', (n) => ({
    encounters: searchset([
      {
        resourceType: 'Encounter',
        id: 'e',
        status: 'in-progress',
        class: { code: 'IMP' },
        subject,
        period: { start: ago(9000) },
        classHistory: range(n, (i) => ({ class: { code: 'IMP' }, period: { start: ago(i) } })),
        location: range(n, (i) => ({ location: { reference: `Location/${i}` } })),
      },
    ]),
  })),
  viewed('languages and names of the patient', (n) => ({
    patient: {
      ...patient,
      communication: range(n, (i) => ({ language: { text: `l${i}` } })),
      name: range(n, (i) => ({ family: `f${i}`, given: ['a', 'b'] })),
      identifier: range(n, (i) => ({ system: 'urn:x', value: String(i) })),
    },
  })),
  viewed('lists of absence', (n) => ({
    medicationStatements: searchset(
      range(n, (i) => ({
        resourceType: 'MedicationStatement',
        id: `s${i}`,
        status: 'active',
        subject,
        medicationCodeableConcept: { text: 'no known medications' },
      })),
    ),
  })),
  viewed('resources of no kind', (n) => ({
    other: searchset(range(n, (i) => ({ resourceType: `Kind${i}`, id: `k${i}` }))),
  })),
  viewed('entries that are nothing', (n) => ({ labs: { ...searchset([]), entry: range(n, () => 0) } })),
  viewed('results of other patients', (n) => ({
    labs: searchset(range(n, (i) => creatinine(i, { subject: { reference: `Patient/other${i}` } }))),
  })),

  // One long text.
  viewed('text of a drug, words', (n) => ({
    medicationRequests: searchset([order(0, long(n, 'mag nesium 5 mg/ml, '))]),
  })),
  viewed('text of a drug, blanks', (n) => ({
    medicationRequests: searchset([order(0, `${long(n, ' ')}x`)]),
  })),
  viewed('text of a drug, digits', (n) => ({ medicationRequests: searchset([order(0, long(n, '1'))]) })),
  viewed('text of a drug, parts', (n) => ({
    medicationRequests: searchset([order(0, long(n, 'furosemide / '))]),
  })),
  viewed('text of a drug, brackets', (n) => ({ medicationRequests: searchset([order(0, long(n, '('))]) })),
  viewed('display of a drug', (n) => ({
    medicationRequests: searchset([
      order(0, '', {
        medicationCodeableConcept: { coding: [{ system: rxnorm, code: '1', display: long(n, 'a-b ') }] },
      }),
    ]),
  })),
  viewed('text of a condition, words', (n) => ({
    conditions: searchset([condition(0, { text: long(n, 'chronic kidney ') })]),
  })),
  viewed('text of a condition, negations', (n) => ({
    conditions: searchset([condition(0, { text: long(n, 'no history of ') })]),
  })),
  viewed('text of a condition, blanks', (n) => ({
    conditions: searchset([condition(0, { text: `a${long(n, ' ')}b` })]),
  })),
  viewed('text of a condition, letters', (n) => ({
    conditions: searchset([condition(0, { text: long(n, 'a') })]),
  })),
  viewed('text of an allergy, words', (n) => ({
    allergies: searchset([allergy(0, long(n, 'allergy to '))]),
  })),
  viewed('text of an allergy, commas', (n) => ({ allergies: searchset([allergy(0, long(n, 'a, '))]) })),
  viewed('name of a test', (n) => ({
    labs: searchset([creatinine(0, { code: { text: long(n, 'creatinine, ') } })]),
  })),
  viewed('a result in words', (n) => ({
    labs: searchset([creatinine(0, { valueQuantity: undefined, valueString: long(n, '1 mg ') })]),
  })),
  viewed('a result of signs', (n) => ({
    labs: searchset([creatinine(0, { valueQuantity: undefined, valueString: `<${long(n, ' ')}x` })]),
  })),
  viewed('unit of a result', (n) => ({
    labs: searchset([creatinine(0, { valueQuantity: { value: 1, unit: long(n, 'mg/') } })]),
  })),
  viewed('unit of a result, brackets', (n) => ({
    labs: searchset([creatinine(0, { valueQuantity: { value: 1, unit: long(n, '(m') } })]),
  })),
  viewed('time of a result', (n) => ({
    labs: searchset([creatinine(0, { effectiveDateTime: `2026-01-01T00:00:00.${long(n, '0')}` })]),
  })),
  viewed('note of a result', (n) => ({
    labs: searchset([creatinine(0, { note: [{ text: long(n, 'not hemolyzed ') }] })]),
  })),
  viewed('text of a dosage', (n) => ({
    medicationRequests: searchset([
      order(0, 'magnesium oxide', { dosageInstruction: [{ text: long(n, 'take 1 tablet daily, ') }] }),
    ]),
  })),
  viewed('text of a timing code', (n) => ({
    medicationRequests: searchset([
      order(0, 'magnesium oxide', {
        dosageInstruction: [{ ...dosage(1), timing: { code: { text: long(n, 'every 8 ') } } }],
      }),
    ]),
  })),
  viewed('text of a route', (n) => ({
    medicationRequests: searchset([
      order(0, 'magnesium sulfate', { dosageInstruction: [{ route: { text: long(n, 'by mouth ') } }] }),
    ]),
  })),
  viewed('text of a reference range', (n) => ({
    labs: searchset([creatinine(0, { referenceRange: [{ text: long(n, '1 - ') }] })]),
  })),
  viewed('text of a reference range, digits', (n) => ({
    labs: searchset([creatinine(0, { referenceRange: [{ text: long(n, '1') }] })]),
  })),
  viewed('narrative', (n) => ({
    labs: searchset([creatinine(0, { text: { status: 'generated', div: long(n, '<div>') } })]),
  })),
  viewed('a key', (n) => ({ labs: searchset([creatinine(0, { [long(n, 'k')]: 1 })]) })),
  viewed('an id', (n) => ({ labs: searchset([creatinine(0, { id: long(n, 'i') })]) })),
  viewed('a type', (n) => ({ labs: searchset([{ resourceType: long(n, 'A'), id: 'x' }]) })),
  viewed('a code', (n) => ({
    labs: searchset([creatinine(0, { code: { coding: [{ system: loinc, code: long(n, '9') }] } })]),
  })),
  viewed('a system', (n) => ({
    labs: searchset([creatinine(0, { code: { coding: [{ system: long(n, 'urn:'), code: '1' }] } })]),
  })),
  viewed('a status', (n) => ({
    medicationRequests: searchset([order(0, drugName(0), { status: long(n, 'a') })]),
  })),
];

/** Which kind of data a FHIR resource is, by its type and status, and which one a prefetch key asks for. */

import type { Category } from '../fhir/categories.ts';
import { asArray, type Json, statusOf } from '../fhir/json.ts';

const byType: Readonly<Record<string, Category>> = {
  Observation: 'labs',
  MedicationStatement: 'medications',
  MedicationRequest: 'medications',
  MedicationAdministration: 'pastMedications',
  MedicationDispense: 'pastMedications',
  Condition: 'conditions',
  AllergyIntolerance: 'allergies',
  Encounter: 'encounter',
};

/** Keys of our own prefetch templates, for answers that are `null` or empty and so carry no type. */
const byKey: Readonly<Record<string, Category>> = {
  labs: 'labs',
  medicationRequests: 'medications',
  medicationStatements: 'medications',
  pastMedicationRequests: 'pastMedications',
  pastMedicationStatements: 'pastMedications',
  conditions: 'conditions',
  allergies: 'allergies',
  encounter: 'encounter',
};

/**
 * Keys of our prefetch templates whose answers are known for what they hold and for nothing else: an empty one is no
 * list that is known to be empty. What a failed one leaves in doubt stands beside it.
 */
const withoutList: Readonly<Record<string, { type: string; doubts: Category | null }>> = {
  measurements: { type: 'Observation', doubts: null },
  medicationAdministrations: { type: 'MedicationAdministration', doubts: 'pastMedications' },
  // They add to the problems, and not every server has them: without them the list of problems stands for itself, as
  // it does where a session was never written down. That they could not be read is said.
  procedures: { type: 'Procedure', doubts: null },
  // Tests that are ordered: without them one may be offered again, and nothing is taken for known.
  serviceRequests: { type: 'ServiceRequest', doubts: null },
};

const typeByKey: Readonly<Record<string, string>> = {
  labs: 'Observation',
  medicationRequests: 'MedicationRequest',
  medicationStatements: 'MedicationStatement',
  pastMedicationRequests: 'MedicationRequest',
  pastMedicationStatements: 'MedicationStatement',
  conditions: 'Condition',
  allergies: 'AllergyIntolerance',
  encounter: 'Encounter',
};

/** The type that a key of ours asks for. */
export const typeOfKey = (key: string): string | undefined =>
  Object.hasOwn(typeByKey, key) ? typeByKey[key] : typeOfKeyWithoutList(key);

/** The type that a key of ours asks for without asking for a list. */
export const typeOfKeyWithoutList = (key: string): string | undefined =>
  Object.hasOwn(withoutList, key) ? withoutList[key]?.type : undefined;

/** Types of which no answer is a list: what was given, done, or ordered. Results are a list, too. */
export const isTypeWithoutList = (type: string): boolean =>
  type === 'MedicationAdministration' || type === 'Procedure' || type === 'ServiceRequest';

/** The kind of data that is in doubt where the answer to a key of ours failed. */
export const categoryInDoubt = (key: string): Category | undefined =>
  categoryOfKey(key) ??
  (Object.hasOwn(withoutList, key) ? (withoutList[key]?.doubts ?? undefined) : undefined);

/** The types of resources that the rules read. */
export const clinicalTypes: ReadonlySet<string> = new Set([
  ...Object.keys(byType),
  'Patient',
  'Medication',
  'ServiceRequest',
  // They add to the problems; that there is none no rule asks.
  'Procedure',
]);

/** Sections of sections of a document are looked at this deep. */
export const deepestSection = 5;

const hasEmptySection = (holder: Json, depth: number): boolean =>
  depth < deepestSection &&
  asArray(holder.section).some(
    (section) => section.emptyReason !== undefined || hasEmptySection(section, depth + 1),
  );

/** Whether it says why a list of the patient is empty: a List, or a section of a document. */
export const saysWhyEmpty = (type: string, resource: Json): boolean =>
  type === 'List'
    ? resource.emptyReason !== undefined
    : type === 'Composition' && hasEmptySection(resource, 0);

/** Therapy that was begun and is over, or halted: statuses of MedicationRequest and MedicationStatement. */
export const pastStatuses: ReadonlySet<string> = new Set(['completed', 'stopped', 'ended', 'on-hold']);

/** The kind of data that a search for this type of resource is for, whatever the status. */
export const categoryOfType = (type: string): Category | undefined =>
  Object.hasOwn(byType, type) ? byType[type] : undefined;

/** The kind of data that a key of our prefetch templates asks for. */
export const categoryOfKey = (key: string): Category | undefined =>
  Object.hasOwn(byKey, key) ? byKey[key] : undefined;

/** The kind of data a resource is; what is no draft order. */
export function categoryOf(type: string, resource: Json): Category | undefined {
  const category = categoryOfType(type);
  if (category !== 'medications') return category;
  return pastStatuses.has(statusOf(resource) ?? '') ? 'pastMedications' : category;
}

/** What defines a drug, and is no data about a patient. */
export const isDrugDefinition = (type: string): boolean => type === 'Medication' || type === 'Substance';

/**
 * Types that may stand among orders, in R4, R5, STU3 or DSTU2, and order no drug: other orders, and what orders refer
 * to. A type that is in no list of ours may be an order of a drug.
 */
const withoutDrug: ReadonlySet<string> = new Set(
  `ServiceRequest ProcedureRequest DiagnosticOrder DiagnosticRequest ReferralRequest DeviceRequest DeviceUseRequest
  NutritionOrder NutritionRequest SupplyRequest VisionPrescription CommunicationRequest Appointment Task
  EnrollmentRequest ImmunizationRecommendation Practitioner PractitionerRole Organization Location Coverage Device
  DeviceDefinition HealthcareService RelatedPerson Group CareTeam Specimen Procedure DiagnosticReport Provenance
  Questionnaire QuestionnaireResponse Goal DocumentReference Account EpisodeOfCare OperationOutcome Binary
  BodyStructure ImagingStudy FamilyMemberHistory Immunization AllergyIntolerance`.split(/\s+/),
);

/** Whether a resource of this type among the orders of a moment can hold no order of a drug. */
export const holdsNoOrder = (type: string): boolean => withoutDrug.has(type);

/** Whether it is a group or plan of orders, or another resource that contains an order of a drug. */
export const holdsOrders = ({ type, resource }: { type: string; resource: Json }): boolean =>
  /^(?:RequestGroup|RequestOrchestration|CarePlan)$/.test(type) ||
  (!type.startsWith('Medication') && containsOrder(resource));

/** Whether an order of a drug is contained in it. */
export const containsOrder = (resource: Json): boolean =>
  asArray(resource.contained).some(
    ({ resourceType }) => resourceType === 'MedicationRequest' || resourceType === 'MedicationOrder',
  );

/** Of therapy that is no order, whatever it is said among: what is handed out, given or told of. */
export const isTherapyWithoutOrder = (type: string): boolean =>
  type === 'MedicationDispense' || type === 'MedicationAdministration';

/**
 * Prefetch templates for what the active and shadow rules of a hook ask, with tokens of CDS Hooks 2.0.1 only
 * (https://cds-hooks.hl7.org/2.0/#prefetch-template). No parameter is repeated: clients merge repeated ones.
 */
import { categoriesRead, factOf } from '../facts/facts.ts';
import type { Category } from '../fhir/categories.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import { requestsOfRule } from '../rule/compile.ts';
import type { Rule } from '../rule/document.ts';
import { type LabTest, labCodes, labTests } from '../terminology/labs.ts';

const patient = '{{context.patientId}}';
/** With the drugs that they only refer to: one answer instead of one more for each. */
const drugsOf = (type: string): string => `_include=${type}:medication`;
const over = 'status=completed,stopped,on-hold';

/**
 * The searches that answer for a kind of data; results are asked for by their codes. Statuses are those of R4: a
 * server that knows no others may refuse the rest (https://hl7.org/fhir/R4/search.html#errors). MedicationStatement
 * has other ones in R5, so what is taken is told by the statuses that come, not by those asked for.
 */
const searches: Readonly<Record<Exclude<Category, 'labs' | 'orders'>, Readonly<Record<string, string>>>> = {
  medications: {
    medicationRequests: `MedicationRequest?patient=${patient}&status=active,unknown&_count=200&${drugsOf('MedicationRequest')}`,
    medicationStatements: `MedicationStatement?patient=${patient}&_sort=-effective&_count=200&${drugsOf('MedicationStatement')}`,
    // What runs and what was given: it counts in sums, and an infusion may have no order that came.
    medicationAdministrations: `MedicationAdministration?patient=${patient}&status=in-progress,completed,stopped,on-hold&_sort=-effective-time&_count=200&${drugsOf('MedicationAdministration')}`,
  },
  // Apart from what is taken now: one list of all that ever was would be long, and cut where it matters.
  pastMedications: {
    pastMedicationRequests: `MedicationRequest?patient=${patient}&${over}&_sort=-authoredon&_count=100&${drugsOf('MedicationRequest')}`,
    pastMedicationStatements: `MedicationStatement?patient=${patient}&${over}&_sort=-effective&_count=100&${drugsOf('MedicationStatement')}`,
  },
  conditions: {
    conditions: `Condition?patient=${patient}&_count=500`,
    // Dialysis, a transplant or a pacemaker is often no problem on the list. Codes would hide what only words name.
    procedures: `Procedure?patient=${patient}&_sort=-date&_count=100`,
  },
  allergies: { allergies: `AllergyIntolerance?patient=${patient}&_count=200` },
  encounter: { encounter: 'Encounter/{{context.encounterId}}' },
};

/**
 * Tests that are ordered and not back, so that no card asks for them. Not narrowed by category or code: local codes are
 * read by their names, and an ECG is no laboratory's.
 */
const testsOrdered = `ServiceRequest?patient=${patient}&status=active&_sort=-authored&_count=100`;

/** Results that have critical values of their own, whatever the rules of the hook ask: asked for when a chart is opened. */
const criticalTests: readonly LabTest[] = [
  'magnesium',
  'potassium',
  'calcium-total',
  'calcium-ionized',
  'albumin',
  'phosphate',
  'creatinine',
  'digoxin-level',
  'lithium-level',
  'qtc',
];

/**
 * Codes without their system: they find the result however its server writes LOINC, in a third of the length. Of a
 * panel the components hold the results: `combo-code` asks for both.
 */
const resultsOf = (tests: ReadonlySet<LabTest>, isLaboratory: boolean): string | null => {
  const codes = labCodes.filter(({ test }) => tests.has(test) && labTests[test].laboratory === isLaboratory);
  if (codes.length === 0) return null;
  return `Observation?patient=${patient}&combo-code=${codes.map(({ code }) => code).join(',')}&_sort=-date&_count=200`;
};

/** The prefetch templates of a service, by key: what its rules ask for, as FHIR searches (CDS Hooks 2.0, Prefetch). */
export function prefetchOf(rules: readonly Rule[], hook: Hook): Record<string, string> {
  const asked = rules.filter(({ status }) => status !== 'draft').flatMap(requestsOfRule);
  const tests = new Set(asked.flatMap(({ fact, params }) => factOf(fact).tests(params)));
  const read = new Set(asked.flatMap(({ fact, params }) => [...categoriesRead(fact, params)]));
  const { kind, names, encounterId } = meaningOf(hook);
  if (kind === 'chart' && rules.length > 0) for (const test of criticalTests) tests.add(test);
  // What an entry is held against, and what an order that is only named is.
  if (kind === 'entry' || names) read.add('medications');
  // A context that names an encounter may be about a stay, whatever its rules ask of it.
  if (encounterId === 'none') read.delete('encounter');
  else if (asked.length > 0) read.add('encounter');
  const isOffered = rules.some(({ card }) => card.suggestions?.some(({ type }) => type === 'order-service'));
  const [labs, measurements] = [resultsOf(tests, true), resultsOf(tests, false)];
  return {
    patient: `Patient/${patient}`,
    ...(labs ? { labs } : {}),
    ...(measurements ? { measurements } : {}),
    ...Object.fromEntries(
      Object.entries(searches).flatMap(([category, templates]) =>
        read.has(category as Category) ? Object.entries(templates) : [],
      ),
    ),
    ...(isOffered ? { serviceRequests: testsOrdered } : {}),
  };
}

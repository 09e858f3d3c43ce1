/**
 * Prefetch templates for what the active and shadow rules of a hook ask, with tokens of CDS Hooks 2.0.1 only
 * (https://cds-hooks.hl7.org/2.0/#prefetch-template). No parameter is repeated: clients merge repeated ones.
 */
import { categoriesRead, factOf } from '../facts/facts.ts';
import type { Category } from '../fhir/categories.ts';
import { type Hook, meaningOf } from '../fhir/hooks.ts';
import { requestsOfRule } from '../rule/compile.ts';
import type { Rule } from '../rule/document.ts';
import { labCodes } from '../terminology/labs.ts';

const patient = '{{context.patientId}}';
const over = 'status=completed,stopped,on-hold';

/** The searches that answer for a kind of data; laboratory data is asked for by its codes. */
const searches: Readonly<Record<Exclude<Category, 'labs' | 'orders'>, Readonly<Record<string, string>>>> = {
  medications: {
    medicationRequests: `MedicationRequest?patient=${patient}&status=active,unknown&_count=200`,
    medicationStatements: `MedicationStatement?patient=${patient}&status=active,intended,recorded,unknown&_count=200`,
  },
  // Apart from what is taken now: one list of all that ever was would be long, and cut where it matters.
  pastMedications: {
    // `ended` is of R5: https://hl7.org/fhir/R5/valueset-medicationrequest-status.html
    pastMedicationRequests: `MedicationRequest?patient=${patient}&${over},ended&_sort=-authoredon&_count=100`,
    pastMedicationStatements: `MedicationStatement?patient=${patient}&${over}&_sort=-effective&_count=100`,
  },
  conditions: { conditions: `Condition?patient=${patient}&_count=500` },
  allergies: { allergies: `AllergyIntolerance?patient=${patient}&_count=200` },
  encounter: { encounter: 'Encounter/{{context.encounterId}}' },
};

/** The prefetch templates of a service, by key: what its rules ask for, as FHIR searches (CDS Hooks 2.0, Prefetch). */
export function prefetchOf(rules: readonly Rule[], hook: Hook): Record<string, string> {
  const asked = rules.filter(({ status }) => status !== 'draft').flatMap(requestsOfRule);
  const tests = new Set(asked.flatMap(({ fact, params }) => factOf(fact).tests(params)));
  const read = new Set(asked.flatMap(({ fact, params }) => [...categoriesRead(fact, params)]));
  const { kind, names, encounterId } = meaningOf(hook);
  // What an entry is held against, and what an order that is only named is.
  if (kind === 'entry' || names) read.add('medications');
  if (encounterId === 'none') read.delete('encounter');
  // Without a system: servers that have LOINC under its other URIs find them too, and the query stays short.
  const codes = labCodes.filter(({ test }) => tests.has(test)).map(({ code }) => code);
  return {
    patient: `Patient/${patient}`,
    ...(codes.length > 0
      ? { labs: `Observation?patient=${patient}&code=${codes.join(',')}&_sort=-date&_count=200` }
      : {}),
    ...Object.fromEntries(
      Object.entries(searches).flatMap(([category, templates]) =>
        read.has(category as Category) ? Object.entries(templates) : [],
      ),
    ),
  };
}

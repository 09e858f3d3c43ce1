/** By what a medication names its drug, to tell whether two of them may be one order: no terminology is asked. */

import { asArray, asObject, asString, type Json } from '../fhir/json.ts';
import { normalReference } from '../fhir/reference.ts';

/** The words before the first figure: of "Digoxin 0.25 MG Oral Tablet" the drug. */
function wordsOf(text: unknown): string[] {
  const words = asString(text)?.trim().toLowerCase() ?? '';
  return words === '' ? [] : [`words ${/^[^\d]+/.exec(words)?.[0].trim() ?? words}`];
}

/**
 * Codes, words and references of the drug of a MedicationRequest, DSTU2 to R5: two that share none are of two drugs.
 * Empty where no drug is stated.
 */
export function drugNamesOf(resource: Json): string[] {
  const ofR5 = asObject(resource.medication);
  const stated = [resource.medicationCodeableConcept, resource.medicationReference, ofR5];
  return [...stated, ofR5?.concept, asObject(ofR5?.reference)].flatMap((one) =>
    namesIn(resource, asObject(one)),
  );
}

function namesIn(holder: Json, one: Json | null): string[] {
  const reference = asString(one?.reference);
  const isContained = reference?.startsWith('#') ?? false;
  const contained = isContained ? asArray(holder.contained).filter(({ id }) => `#${id}` === reference) : [];
  return [
    ...(reference === null || isContained ? [] : [`reference ${normalReference(reference)}`]),
    ...wordsOf(one?.display),
    ...[one, ...contained.map(({ code }) => asObject(code))].flatMap(namesOfConcept),
  ];
}

const namesOfConcept = (concept: Json | null): string[] => [
  ...wordsOf(concept?.text),
  ...asArray(concept?.coding).flatMap(({ system, code, display }) => [
    ...(asString(code) === null ? [] : [`code ${asString(system) ?? ''}|${asString(code)}`]),
    ...wordsOf(display),
  ]),
];

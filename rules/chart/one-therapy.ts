/** Which resources are about one therapy, because they say so: what carries out, repeats or replaces another one. */

import { asArray } from '../fhir/json.ts';
import type { Intake, IntakeItem } from '../intake/types.ts';
import type { Chart, Medication } from './types.ts';

/** R4 and R5; `prescription` is what an administration of DSTU2 and STU3 calls its `request`. */
const linkNames = ['basedOn', 'request', 'derivedFrom', 'partOf', 'priorPrescription', 'prescription'];

/** At most so many are kept of one resource. */
const mostLinks = 20;

/** The names of those with which it says that it is one therapy, on the server that its references are relative to. */
export function linksOf(
  { nameOf }: Intake,
  { resource, server }: Pick<IntakeItem, 'resource' | 'server'>,
): Pick<Medication, 'sameAs'> {
  const links = linkNames.flatMap((name) => asArray(resource[name]));
  const references = links.slice(0, mostLinks).flatMap((link) => nameOf(link, server) ?? []);
  return references.length > 0 ? { sameAs: [...new Set(references)] } : {};
}

/** Keeps the links that lead to medications of the chart: what else they lead to (plans of care, visits) says nothing. */
export function keepLinks({ medications }: Chart): void {
  const references = new Set(medications.map(({ reference }) => reference));
  for (const medication of medications) {
    const links = medication.sameAs?.filter(
      (reference) => reference !== medication.reference && references.has(reference),
    );
    if (links && links.length > 0) medication.sameAs = links;
    else delete medication.sameAs;
  }
}

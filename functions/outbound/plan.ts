/** What will be read for a request, decided before anything is called. Pure. */
import type { Json } from '../../rules/fhir/json.ts';
import { type MissingData, missingData, type Templates } from './missing.ts';
import { type ReferencingContext, type Referred, referencesIn } from './references.ts';

export interface ReadPlan extends MissingData {
  references: Referred[];
  /** References of all that came. */
  known: ReadonlySet<string>;
}

/**
 * @example
 * const plan = planReads({ patientId: '1' }, {}, { patient: 'Patient/{{context.patientId}}' });
 * // plan.searches is [{ key: 'patient', query: 'Patient/1', replaces: false }]
 */
export const planReads = (context: ReferencingContext, prefetch: Json, templates: Templates): ReadPlan => ({
  ...missingData(context, prefetch, templates),
  ...referencesIn(context, prefetch, templates),
});

/** Whether all that rules need came with the request. */
export const isEmptyPlan = ({ searches, pages, references }: ReadPlan): boolean =>
  searches.length + pages.length + references.length === 0;

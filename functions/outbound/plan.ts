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

/** Something to begin with, and which template it is for. */
export interface Task {
  key: string;
  begin(): Promise<void>;
}

/** How each thing of a plan is read. */
export interface Reading {
  search(one: ReadPlan['searches'][number]): Promise<void>;
  follow(one: ReadPlan['pages'][number]): Promise<void>;
  read(one: Referred): Promise<void>;
  /** Orders that the context names, together. */
  readOrders(orders: readonly Referred[]): Promise<void>;
}

/** A drug that is only referred to matters as much as what refers to it. */
const keyOfKind = { medications: 'medicationRequests', pastMedications: 'pastMedicationRequests' } as const;

export function tasksOf(plan: ReadPlan, reading: Reading): Task[] {
  const orders = plan.references.filter(({ kind }) => kind === 'dispatchedOrders');
  return [
    ...(orders.length > 0 ? [{ key: keyOfKind.medications, begin: () => reading.readOrders(orders) }] : []),
    ...plan.searches.map((one) => ({ key: one.key, begin: () => reading.search(one) })),
    ...plan.pages.map((one) => ({ key: one.key, begin: () => reading.follow(one) })),
    ...plan.references.flatMap((one) =>
      one.kind === 'dispatchedOrders' ? [] : [{ key: keyOfKind[one.kind], begin: () => reading.read(one) }],
    ),
  ];
}

/** Tasks as their keys stand in an order; those of no key of it come last. */
export function inOrder(tasks: readonly Task[], order: readonly string[]): Task[] {
  const places = new Map(order.map((key, place) => [key, place]));
  const placeOf = ({ key }: Task): number => places.get(key) ?? order.length;
  return tasks.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Prefetch templates as one server takes them: what it cannot do is left out, what it needs is added. */
import { day } from '../fhir/time.ts';

/** What the FHIR server of a client takes. */
export interface QueryShape {
  /** `_sort`: newest first. */
  sort: boolean;
  /** `_count`: how many on a page. */
  count: boolean;
  /** Results and administrations of the last three years only, for servers that answer oldest first or without end. */
  since: boolean;
}

/** Longer than any window that a rule looks back; what is older is stale everywhere. */
export const sinceDays = 3 * 366;

/** https://hl7.org/fhir/R4/observation.html#search, https://hl7.org/fhir/R4/medicationadministration.html#search */
const dateOfType: Readonly<Record<string, string>> = {
  Observation: 'date',
  MedicationAdministration: 'effective-time',
};

/**
 * @param templates by key, with tokens (`prefetchOf`)
 * @param now milliseconds since the epoch: from which day on results are asked for is counted from it
 * @example
 * shapeTemplates({ labs: 'Observation?patient=1&code=2160-0&_sort=-date' }, { sort: false, count: true, since: true }, now).labs;
 * // 'Observation?patient=1&code=2160-0&date=ge2023-01-29'
 */
export function shapeTemplates(
  templates: Readonly<Record<string, string>>,
  { sort, count, since }: QueryShape,
  now: number,
): Record<string, string> {
  const first = new Date(now - sinceDays * day).toISOString().slice(0, 10);
  const shape = (template: string): string => {
    const [type = '', query] = template.split('?');
    if (query === undefined) return template;
    const kept = query.split('&').filter((part) => {
      if (part.startsWith('_sort=')) return sort;
      return !part.startsWith('_count=') || count;
    });
    const date = since && Object.hasOwn(dateOfType, type) ? [`${dateOfType[type]}=ge${first}`] : [];
    return `${type}?${[...kept, ...date].join('&')}`;
  };
  return Object.fromEntries(Object.entries(templates).map(([key, template]) => [key, shape(template)]));
}

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
  /** `combo-code`: results by their code or by that of a component. Where it is not known, `code`: panels do not come. */
  combo: boolean;
  /** `_include`: the drugs that orders refer to, in the same answer. Left out, each is read by itself. */
  include: boolean;
}

/** Longer than any window that a rule looks back; what is older is stale everywhere. */
export const sinceDays = 3 * 366;

/**
 * A procedure has none: a transplant or a pacemaker of ten years ago counts.
 * https://hl7.org/fhir/R4/medicationadministration.html#search
 */
const dateOfType: Readonly<Record<string, string>> = {
  Observation: 'date',
  MedicationAdministration: 'effective-time',
};

/**
 * @param templates by key, with tokens (`prefetchOf`)
 * @param now milliseconds since the epoch: from which day on results are asked for is counted from it
 * @example
 * const shape = { sort: false, count: true, since: true, combo: false, include: false };
 * shapeTemplates({ labs: 'Observation?patient=1&combo-code=2160-0&_sort=-date' }, shape, now).labs;
 * // 'Observation?patient=1&code=2160-0&date=ge2023-01-29'
 */
export function shapeTemplates(
  templates: Readonly<Record<string, string>>,
  { sort, count, since, combo, include }: QueryShape,
  now: number,
): Record<string, string> {
  const first = new Date(now - sinceDays * day).toISOString().slice(0, 10);
  const shape = (template: string): string => {
    const [type = '', query] = template.split('?');
    if (query === undefined) return template;
    const kept = query.split('&').filter((part) => {
      if (part.startsWith('_sort=')) return sort;
      if (part.startsWith('_include=')) return include;
      return !part.startsWith('_count=') || count;
    });
    const named = kept.map((part) => (combo ? part : part.replace(/^combo-code=/, 'code=')));
    const date = since && Object.hasOwn(dateOfType, type) ? [`${dateOfType[type]}=ge${first}`] : [];
    return `${type}?${[...named, ...date].join('&')}`;
  };
  return Object.fromEntries(Object.entries(templates).map(([key, template]) => [key, shape(template)]));
}

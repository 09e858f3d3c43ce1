/**
 * What an order is for -> conditions: a diagnosis may stand nowhere but on the order (clinical decision 35). It is read as
 * a problem is. Where its words make it unsure whether the patient has it, it leaves the group open.
 */
import { asObject, asString, isObject, type Json } from '../fhir/json.ts';
import type { Span } from '../fhir/time.ts';
import { conditionGroupsOf } from '../terminology/conditions.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import { codingsOfConcept, standingsOf, textOfConcept } from './condition-status.ts';

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/**
 * Concepts of `reasonCode` (R4, STU3), `reason` (R5), `reasonCodeableConcept` and `reasonForUseCodeableConcept` (DSTU2). Of
 * a reference the contained Condition, or its display; a Condition that came is read by itself.
 */
function reasonsOf(resource: Json): unknown[] {
  const reasons = listOf(resource.reason).map(asObject);
  const references = [...listOf(resource.reasonReference), ...reasons.map((reason) => reason?.reference)];
  return [
    ...listOf(resource.reasonCode),
    ...listOf(resource.reasonCodeableConcept),
    ...listOf(resource.reasonForUseCodeableConcept),
    ...reasons.map((reason) => reason?.concept),
    ...references.flatMap((reference) => referredTo(asObject(reference), resource)),
  ].filter((concept) => concept !== undefined && concept !== null);
}

function referredTo(reference: Json | null, { contained }: Json): unknown[] {
  if (!reference) return [];
  const id = asString(reference.reference);
  const inside = listOf(contained)
    .map(asObject)
    .find((one) => id?.startsWith('#') && one?.resourceType === 'Condition' && `#${one.id}` === id);
  const text = asString(reference.display);
  return inside ? [inside.code] : text ? [{ text }] : [];
}

/** The patient may not have it: it is prevented, looked for or was there. */
const unsure =
  /prophyla|prevent|rule[ -]?out|\br\/o\b|\?|suspect|possible|probable|history|\bh\/o\b|risk|screen|verdacht/i;

const wordsOf = (concept: unknown): string =>
  [
    asString(textOfConcept(concept)),
    ...codingsOfConcept(concept).map(({ display }) => asString(display)),
  ].join(' ');

/** @param started since when the order holds */
export function readIndications(
  builder: ChartBuilder,
  reference: string,
  resource: Json,
  started: Span | null,
): void {
  for (const concept of reasonsOf(resource)) {
    if (!isObject(concept)) continue;
    const codings = codingsOfConcept(concept);
    const reading = conditionGroupsOf(codings, [textOfConcept(concept)]);
    // What is not understood says nothing: an order is no list of problems.
    if (reading.by === 'nothing') continue;
    const isUnsure = unsure.test(wordsOf(concept));
    const groups = isUnsure ? [] : reading.groups;
    const open = isUnsure ? [...new Set([...reading.groups, ...reading.open])] : reading.open;
    for (const said of standingsOf({ ...reading, groups, open, past: [] }, false))
      builder.chart.conditions.push({
        reference,
        codes: codesOf(codings),
        confirmed: true,
        onset: started,
        ...(reading.by === 'words' ? { byWords: true as const } : {}),
        ...said,
      });
  }
}

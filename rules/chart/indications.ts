/**
 * What an order is for -> conditions: a diagnosis may stand nowhere but on the order (clinical decision 35). It is read as
 * a problem is. Where its words make it unsure whether the patient has it, it leaves the group open.
 */
import { asArray, asObject, asString, isObject, type Json } from '../fhir/json.ts';
import type { Span } from '../fhir/time.ts';
import { conditionGroupsOf, readingsOf } from '../terminology/conditions.ts';
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
  const contained = conditionsIn(resource);
  return [
    ...listOf(resource.reasonCode),
    ...listOf(resource.reasonCodeableConcept),
    ...listOf(resource.reasonForUseCodeableConcept),
    ...reasons.map((reason) => reason?.concept),
    ...references.flatMap((reference) => referredTo(asObject(reference), contained)),
  ].filter((concept) => concept !== undefined && concept !== null);
}

/** Contained Conditions by their reference, the first of each. */
function conditionsIn({ contained }: Json): ReadonlyMap<string, Json> {
  const byReference = new Map<string, Json>();
  for (const one of asArray(contained)) {
    const reference = `#${one.id}`;
    if (one.resourceType === 'Condition' && !byReference.has(reference)) byReference.set(reference, one);
  }
  return byReference;
}

function referredTo(reference: Json | null, contained: ReadonlyMap<string, Json>): unknown[] {
  if (!reference) return [];
  const inside = contained.get(asString(reference.reference) ?? '');
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

/** No order has more reasons: so many are read of one. */
const mostReasons = 1000;
const notAllRead = `states more than ${mostReasons} reasons: the others are not read`;

/** @param started since when the order holds */
export function readIndications(
  builder: ChartBuilder,
  reference: string,
  resource: Json,
  started: Span | null,
): void {
  const reasons = reasonsOf(resource);
  if (reasons.length > mostReasons) {
    builder.lower('conditions');
    builder.addNotice('condition-uncoded', reference, notAllRead);
  }
  for (const concept of reasons.slice(0, mostReasons)) {
    if (!isObject(concept)) continue;
    const codings = codingsOfConcept(concept);
    const reading = conditionGroupsOf(codings, [textOfConcept(concept)]);
    // What is not understood says nothing: an order is no list of problems.
    if (reading.by === 'nothing') continue;
    const isUnsure = unsure.test(wordsOf(concept));
    const common = { reference, codes: codesOf(codings), confirmed: true, onset: started };
    for (const read of readingsOf(reading)) {
      const groups = isUnsure ? [] : read.groups;
      const open = isUnsure ? [...new Set([...read.groups, ...read.open])] : read.open;
      const byWords = read.by === 'words' ? { byWords: true as const } : {};
      for (const said of standingsOf({ ...read, groups, open, past: [] }, false))
        builder.chart.conditions.push({ ...common, ...byWords, ...said });
    }
  }
}

/** What says that a list holds nothing, or that nobody knows: entries, List and Composition -> completeness. */

import type { Category } from '../fhir/categories.ts';
import { asArray, asObject, asString, type Json } from '../fhir/json.ts';
import { categoryOf, deepestSection } from '../intake/resource-category.ts';
import type { IntakeItem } from '../intake/types.ts';
import {
  type Absence,
  type AbsentList,
  absenceOf,
  absenceOfEmptyReason,
  listOf,
} from '../terminology/absent.ts';
import type { ChartBuilder } from './chart-builder.ts';

/** Procedures are no kind of data that a rule needs: one that is there adds to the problems. */
const categoryOfList: Readonly<Record<AbsentList, Category | null>> = {
  problems: 'conditions',
  medications: 'medications',
  allergies: 'allergies',
  procedures: null,
};

const listNames: Readonly<Record<AbsentList, string>> = {
  problems: 'problems',
  medications: 'medications',
  allergies: 'allergies',
  procedures: 'procedures',
};

/**
 * Reads an entry that stands in place of one: none known, no information, withheld.
 * @param concept what would name the problem, drug or substance
 * @param isVoid it is refuted, entered in error or out of date, and so says nothing
 * @returns whether it is one; then it is no entry of the list
 */
export function readAbsence(
  builder: ChartBuilder,
  item: IntakeItem,
  list: AbsentList,
  concept: unknown,
  isVoid: boolean,
): boolean {
  const absence = absenceOf(concept, list);
  if (absence === null) return false;
  noteAbsence(builder, item, list, isVoid ? 'silent' : absence);
  return true;
}

/** An entry that names nothing at all: something is on the list, and nobody can say what. */
export function noteAbsence(
  builder: ChartBuilder,
  { reference }: IntakeItem,
  list: AbsentList,
  absence: Absence,
): void {
  const category = categoryOfList[list];
  if (category === null) return;
  builder.absences.push({ category, absence, reference });
  if (absence !== 'unknown') return;
  builder.addNotice(
    'category-incomplete',
    reference,
    `says that ${listNames[list]} are not known, or withheld: what is not on the list is unknown; send its entries, or a code for none known`,
  );
}

// --- List and Composition ----------------------------------------------------------------------------------

const voidStatuses: ReadonlySet<string> = new Set(['entered-in-error', 'retired', 'cancelled', 'deprecated']);

/** Reads why a List is empty (https://hl7.org/fhir/R4/list.html). */
export function readList(builder: ChartBuilder, item: IntakeItem): void {
  const { status, mode } = item.resource;
  // A list of changes does not say what is on the list.
  if (voidStatuses.has(asString(status) ?? '') || mode === 'changes') return;
  readEmptyReason(builder, item, item.resource);
}

/** Reads why sections of a document are empty (https://hl7.org/fhir/R4/composition.html). */
export function readComposition(builder: ChartBuilder, item: IntakeItem): void {
  if (voidStatuses.has(asString(item.resource.status) ?? '')) return;
  readSections(builder, item, item.resource, 0);
}

function readSections(builder: ChartBuilder, item: IntakeItem, holder: Json, depth: number): void {
  if (depth >= deepestSection) return;
  for (const section of asArray(holder.section)) {
    readEmptyReason(builder, item, section);
    readSections(builder, item, section, depth + 1);
  }
}

function readEmptyReason(builder: ChartBuilder, item: IntakeItem, holder: Json): void {
  const list = listOf(holder.code);
  const absence = list && absenceOfEmptyReason(asObject(holder.emptyReason), list);
  if (!list || !absence) return;
  if (absence === 'empty') {
    const category = categoryOfList[list];
    if (category && asArray(holder.entry).length === 0) builder.noteStatedEmpty(category);
  } else if (absence === 'unknown') noteAbsence(builder, item, list, absence);
}

// --- What follows ------------------------------------------------------------------------------------------

/**
 * Settles what is known of each list when all was read. Known-empty beside an entry is contradicted by it: the
 * entry is on the chart. Unknown, or nothing but what is about something else: the list is known in part.
 */
export function settleAbsences(builder: ChartBuilder): void {
  for (const [category, found] of Map.groupBy(builder.absences, (one) => one.category)) {
    if (found.some(({ absence }) => absence === 'unknown')) {
      builder.lower(category);
      continue;
    }
    // The same one in whatever order they came.
    const [first] = found.toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
    if (found.some(({ absence }) => absence === 'empty') || hasOtherEntries(builder, category, found.length))
      continue;
    builder.lower(category);
    builder.addNotice(
      'category-incomplete',
      first?.reference ?? null,
      `does not say that there are no ${category === 'allergies' ? 'drug allergies' : category}: they are unknown`,
    );
  }
}

const hasOtherEntries = ({ intake }: ChartBuilder, category: Category, absences: number): boolean =>
  intake.items.filter(
    ({ type, from, resource }) => from !== 'draft' && categoryOf(type, resource) === category,
  ).length > absences;

/** From all that was read to the data of one patient: each resource once, in its newest version. */

import { asArray, type Json, printableCode } from '../fhir/json.ts';
import { isModifiedByNegationAlone } from '../fhir/negation.ts';
import type { BundleItem, BundleReader } from './bundle-reader.ts';
import { bareId, namesOf, ownerOf, patientNamesIn } from './identity.ts';
import { categoryOf, clinicalTypes, isDrugDefinition } from './resource-category.ts';
import type { Intake } from './types.ts';
import { replaces } from './versions.ts';

interface AssemblyOptions {
  /** How the patient is named, see `choosePatient`; null where nothing says whose data it is. */
  patient: string | null;
  encounterId: string | null;
  /** A bundle that an engineer posted: it stands for all that there is. */
  isPosted: boolean;
}

/** Leaves out other patients, deleted and repeated resources, and indexes the medications. */
export function assembleIntake(reader: BundleReader, options: AssemblyOptions): Intake {
  const { hook, notices, completeness, incomplete, codesAsked } = reader;
  const { patient, encounterId, isPosted } = options;
  const kept = keepItems(reader, patient, isPosted);
  noteIgnored(reader);
  if (patient !== null) noteWithoutSubject(reader, patient);
  for (const category of incomplete) {
    if (completeness[category] === 'known') completeness[category] = 'partial';
  }
  // Where therapy stands for orders, what is not known of it is not known of them.
  if (reader.meaning.kind === 'entry') completeness.orders = completeness.medications;
  if (isPosted && patient === null) {
    reader.addNotice('patient-missing', null, 'nothing says which patient the data is about');
  }
  return {
    hook,
    patientId: bareId(patient),
    // What was just entered comes first: of two allergies that both matter it is the one to speak of.
    items: kept.sort((a, b) => Number(b.from === 'entry') - Number(a.from === 'entry')),
    medications: indexMedications(reader.items),
    completeness,
    incomplete,
    codesAsked,
    encounterId,
    notices,
  };
}

function indexMedications(items: readonly BundleItem[]): Map<string, Json> {
  const medications = new Map<string, Json>();
  for (const item of items) {
    if (!isDrugDefinition(item.type)) continue;
    for (const name of namesOf(item)) medications.set(name, item.resource);
  }
  return medications;
}

/** What the rules read about a patient. */
const isPatientData = ({ type }: BundleItem): boolean => clinicalTypes.has(type) && !isDrugDefinition(type);

/** Of each name the one item that is used, in the order in which the names came. */
function keepItems(reader: BundleReader, patient: string | null, isPosted: boolean): BundleItem[] {
  const names = patientNamesIn(reader.items);
  const kept = new Map<string, BundleItem>();
  for (const [index, item] of reader.items.entries()) {
    const { reference } = item;
    if (!isPatientData(item)) continue;
    if (ownerOf(item, patient, names) === 'another') leaveOutOfAnother(reader, item, isPosted);
    else if (reader.isDeleted(reference, index)) {
      reader.addNotice('resource-deleted', reference, 'the bundle says it was deleted: not used');
    } else if (isModified(item)) leaveOutModified(reader, item);
    else {
      raiseByItem(reader, item, isPosted);
      keepNewest(reader, kept, item, isPosted);
    }
  }
  return [...kept.values()];
}

/** A medication that an extension negates is read as such: see rules/chart/not-taken.ts. */
const isModified = ({ type, resource }: BundleItem): boolean =>
  asArray(resource.modifierExtension).length > 0 &&
  !(type.startsWith('Medication') && isModifiedByNegationAlone(resource));

/** An answer that mixes patients answers nothing: what it lacks of this one is unknown. */
function leaveOutOfAnother(reader: BundleReader, item: BundleItem, isPosted: boolean): void {
  const { type, reference, resource, from, searchedFor } = item;
  const what = type === 'Patient' ? 'another patient' : 'belongs to another subject';
  reader.addNotice('other-patient', reference, `${what}: left out`);
  const category = isPosted || from === 'draft' ? undefined : categoryOf(type, resource);
  if (!category) return;
  for (const mixed of [category, ...(searchedFor?.categories ?? [])]) reader.incomplete.add(mixed);
}

function leaveOutModified(reader: BundleReader, { type, reference, resource, from }: BundleItem): void {
  reader.addNotice(
    'resource-modified',
    reference,
    'has a modifierExtension that is not understood: not used',
  );
  const category = from === 'draft' ? 'orders' : categoryOf(type, resource);
  if (category) reader.incomplete.add(category);
}

/** What one resource says about its kind of data: of what came, there is some. */
function raiseByItem(reader: BundleReader, item: BundleItem, isPosted: boolean): void {
  const { type, resource, from, searchedFor } = item;
  // What was entered this moment says nothing about the rest of its kind.
  if (from === 'draft' || (from === 'entry' && !isPosted)) return;
  const category = categoryOf(type, resource);
  if (!category) return;
  if (searchedFor?.narrowed) reader.raiseCompleteness(category, 'partial');
  else if (category === 'pastMedications') raiseByPastTherapy(reader, item);
  // Whether all laboratory data came is told by its results: see ChartBuilder.
  else if (category !== 'labs') reader.raiseCompleteness(category, 'known');
}

/**
 * One therapy that is over does not make a list: not of what is taken now, and of the past only in a posted
 * bundle, where a request or statement stands for all that there is. What was given or handed out never does.
 */
function raiseByPastTherapy(reader: BundleReader, { type, from }: BundleItem): void {
  const isList = from === 'bundle' && (type === 'MedicationRequest' || type === 'MedicationStatement');
  reader.raiseCompleteness('pastMedications', isList ? 'known' : 'partial');
  if (isList) reader.raiseCompleteness('medications', 'known');
}

function keepNewest(
  reader: BundleReader,
  kept: Map<string, BundleItem>,
  item: BundleItem,
  isPosted: boolean,
): void {
  const { reference, resource } = item;
  const before = kept.get(reference);
  if (!before || replaces(item, before, isPosted)) kept.set(reference, item);
  if (before && JSON.stringify(before.resource) !== JSON.stringify(resource)) {
    reader.addNotice(
      'resource-repeated',
      reference,
      'came more than once and differs: the newest version is used',
    );
  }
}

function noteIgnored(reader: BundleReader): void {
  const ignored = reader.items.filter(({ type }) => !clinicalTypes.has(type) && !isDrugDefinition(type));
  for (const [type, items] of Map.groupBy(ignored, (item) => item.type)) {
    const name = printableCode(type) ?? 'unknown';
    reader.addNotice('resource-ignored', null, `${items.length} ${name} resource(s): no rule uses them`);
  }
}

function noteWithoutSubject(reader: BundleReader, patient: string): void {
  const names = patientNamesIn(reader.items);
  const count = reader.items.filter(
    (item) => isPatientData(item) && ownerOf(item, patient, names) === 'unstated',
  ).length;
  if (count === 0) return;
  reader.addNotice(
    'subject-missing',
    null,
    `${count} resource(s) do not say whose they are: taken as this patient's`,
  );
}

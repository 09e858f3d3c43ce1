/** From all that was read to the data of one patient: each resource once, in its newest version. */

import { asArray, printableCode } from '../fhir/json.ts';
import { isModifiedByNegationAlone } from '../fhir/negation.ts';
import { eachInSteps, type InSteps } from '../steps.ts';
import { type Addresses, identifierKeysOf } from './addresses.ts';
import type { BundleItem, BundleReader } from './bundle-reader.ts';
import { readDefinitions } from './definitions.ts';
import { deletedBy } from './deletions.ts';
import { bareId, ownerOf, type Patients } from './identity.ts';
import { mergePatients } from './patient-resource.ts';
import { isRedacted } from './redaction.ts';
import {
  categoryOf,
  clinicalTypes,
  containsOrder,
  holdsNoOrder,
  isDrugDefinition,
  isTherapyWithoutOrder,
  saysWhyEmpty,
} from './resource-category.ts';
import type { Intake, IntakeItem } from './types.ts';
import type { Unread } from './unread.ts';
import { isOfNow, isPartOf, latestOf, usedOf } from './versions.ts';

interface AssemblyOptions {
  /** The key of the patient, see `choosePatient`; null where nothing says whose data it is. */
  patient: string | null;
  /** All patients that came, with the addresses of everything. */
  patients: Patients;
  encounterId: string | null;
  /** A bundle that an engineer posted: it stands for all that there is. */
  isPosted: boolean;
  /** Nothing came of the record but who the patient is. */
  isPatientAlone: boolean;
}

/** Leaves out other patients, deleted and repeated resources, and indexes the medications. */
export function* assembleIntake(reader: BundleReader, options: AssemblyOptions): InSteps<Intake> {
  const { hook, notices, completeness, incomplete, codesAsked } = reader;
  const { patient, patients, encounterId, isPosted, isPatientAlone } = options;
  const found = yield* keepItems(reader, options);
  yield 'intake';
  const kept = namedApart(found);
  noteIgnored(reader);
  noteRedacted(reader, kept);
  for (const part of reader.lesser) {
    reader.unread.push(part);
    // Measurements and procedures make no list; of results only the tests that were asked for are known.
    if (part.of === undefined || part.of === 'laboratory') incomplete.add(part.category);
  }
  const lacksPatient = !isPosted && kept.every(({ type }) => type !== 'Patient');
  if (lacksPatient)
    reader.addNotice('patient-missing', null, 'no Patient came: what needs age or sex is indeterminate');
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
    items: [...kept].sort((a, b) => Number(b.from === 'entry') - Number(a.from === 'entry')),
    definitionOf: readDefinitions(reader, patients.addresses),
    nameOf: namesOf(found, kept, patients.addresses),
    completeness,
    incomplete,
    unread: allUnread(reader),
    hasMeasurements: isPosted || reader.hasMeasurements,
    codesAsked,
    ourCodes: reader.ourCodes,
    encounterId,
    lacksPatient,
    isPatientAlone,
    notices,
  };
}

/** Of a kind of data that is incomplete for another reason nobody can say which part. */
const allUnread = ({ incomplete, unread }: BundleReader): Unread[] => [
  ...unread,
  ...[...incomplete]
    .filter((category) => unread.every((one) => one.category !== category))
    .map((category) => ({ category })),
];

/** What the rules read about a patient. */
const isPatientData = ({ type, resource }: BundleItem): boolean =>
  (clinicalTypes.has(type) && !isDrugDefinition(type)) || saysWhyEmpty(type, resource);

/** So many items are looked at between two stops. */
const betweenStops = 500;

/** Of each name the items that are used, in the order in which the names came. */
function* keepItems(reader: BundleReader, options: AssemblyOptions): InSteps<BundleItem[]> {
  const { patient, patients, isPosted } = options;
  const groups = new Map<string, BundleItem[]>();
  const isDeleted = deletedBy(reader, patients.addresses);
  let unstated = 0;
  yield 'intake';
  for (const [index, item] of reader.items.entries()) {
    if (index % betweenStops === 0) yield 'intake';
    const { reference } = item;
    noteOrderInside(reader, item);
    if (!isPatientData(item)) {
      leaveOutUnread(reader, item);
      continue;
    }
    const owner = ownerOf(item, patient, patients);
    if (owner === 'unstated') unstated += 1;
    if (owner === 'another' || owner === 'unclear') leaveOutOfAnother(reader, item, owner, isPosted);
    else if (isDeleted(item, index) && (isPosted || !isOfNow(item))) {
      reader.addNotice('resource-deleted', reference, 'the bundle says it was deleted: not used');
    } else if (isModified(item)) leaveOutModified(reader, item);
    else {
      raiseByItem(reader, item, isPosted);
      const key = `${item.type} ${patients.addresses.keysOf(item)[0]}`;
      const group = groups.get(key);
      if (group) group.push(item);
      else groups.set(key, [item]);
    }
  }
  if (patient !== null && unstated > 0) {
    reader.addNotice(
      'subject-missing',
      null,
      `${unstated} resource(s) do not say whose they are: taken as this patient's`,
    );
  }
  const used: BundleItem[] = [];
  yield* eachInSteps('intake', groups.values(), (items) => {
    for (const item of keepUsed(reader, items, isPosted)) used.push(item);
  });
  return used;
}

/** A medication that an extension negates is read as such: see rules/chart/not-taken.ts. */
const isModified = ({ type, resource }: BundleItem): boolean =>
  asArray(resource.modifierExtension).length > 0 &&
  !(type.startsWith('Medication') && isModifiedByNegationAlone(resource));

/** Of several resources under one name those that are used; a Patient is one, whatever came of it. */
function keepUsed(reader: BundleReader, items: readonly BundleItem[], isPosted: boolean): BundleItem[] {
  const [first] = items;
  if (!first || items.length === 1) return [...items];
  if (first.type === 'Patient') return [mergePatients(reader, [first, ...items.slice(1)])];
  const used = usedOf(items, isPosted);
  const why = whyUsed(items, used, isPosted);
  if (why !== null) {
    reader.addNotice('resource-repeated', first.reference, `came more than once and differs: ${why}`);
  }
  return used;
}

/** What became of several that differ; null where the one that is used says all that the others do. */
function whyUsed(
  items: readonly BundleItem[],
  used: readonly BundleItem[],
  isPosted: boolean,
): string | null {
  const [one] = used;
  if (!one || used.length > 1) {
    return used.some((item) => isOfNow(item) && !item.ofRecord)
      ? `orders of this moment, and orders of different drugs, are not one order, so all ${used.length} are used`
      : `no version says which is newer, so all ${used.length} are used`;
  }
  const isAllOf = ({ resource }: BundleItem): boolean => isPartOf(resource, one.resource);
  if (items.every(isAllOf)) return null;
  if (isOfNow(one) && !isPosted) return 'that of this moment is used';
  if (latestOf(items).every(isAllOf)) return 'the newest version is used';
  return 'no version says which is newer: the draft is used';
}

/**
 * Two resources that are not one are not called alike: by the address of their server, else by their place. Several
 * versions of one keep its name.
 */
function namedApart(items: readonly BundleItem[]): IntakeItem[] {
  const alike = Map.groupBy(items, ({ reference }) => reference);
  const counts = new Map([...alike].map(([reference, all]) => [reference, countOf(all)]));
  const apart = (item: BundleItem): BundleItem => {
    const { all, ofNow, servers } = counts.get(item.reference) ?? countOf([item]);
    if (all === 1 || item.type === 'Patient') return item;
    const ofServer = servers.get(item.server) ?? 0;
    if (ofServer === all && ofNow === (isOfNow(item) ? 1 : 0)) return item;
    if (item.server && ofServer === 1) return { ...item, reference: item.fullUrl ?? item.reference };
    return isOfNow(item) ? { ...item, reference: `${item.reference} (${item.place})` } : item;
  };
  return items.map(apart);
}

/** By every key of an item the name it has now; null where several share it. */
function namesOf(
  found: readonly BundleItem[],
  named: readonly IntakeItem[],
  addresses: Addresses,
): Intake['nameOf'] {
  const names = new Map<string, string | null>();
  for (const [index, item] of found.entries()) {
    const name = named[index]?.reference ?? item.reference;
    for (const key of [...addresses.keysOf(item), ...identifierKeysOf(item.resource.identifier)]) {
      names.set(key, (names.get(key) ?? name) === name ? name : null);
    }
  }
  return (reference, server) => names.get(addresses.keyOf(reference, server) ?? '') ?? null;
}

/** How many are called alike, are of this moment, and of each server. */
function countOf(alike: readonly BundleItem[]): {
  all: number;
  ofNow: number;
  servers: ReadonlyMap<IntakeItem['server'], number>;
} {
  const servers = new Map<IntakeItem['server'], number>();
  for (const { server } of alike) servers.set(server, (servers.get(server) ?? 0) + 1);
  return { all: alike.length, ofNow: alike.filter(isOfNow).length, servers };
}

/** What stands among the orders of this moment, and is read as something else, or has one inside. */
function noteOrderInside(reader: BundleReader, { from, type, resource, reference }: BundleItem): void {
  if (from !== 'draft') return;
  if (isTherapyWithoutOrder(type)) reader.addUnchecked(reference, 'is not read as an order: not checked');
  else if (!type.startsWith('Medication') && containsOrder(resource)) {
    reader.addUnchecked(reference, 'contains an order of a drug: not checked; send it by itself');
  }
}

/** An order of a kind that cannot be told from one of a drug is not passed over. */
function leaveOutUnread(reader: BundleReader, { from, type, reference }: BundleItem): void {
  if (from !== 'draft' || isDrugDefinition(type) || holdsNoOrder(type)) return;
  reader.addUnchecked(reference, 'is of a type that is not read as an order: not checked');
}

const whyLeftOut = {
  another: { code: 'other-patient', why: 'belongs to another subject: left out' },
  unclear: {
    code: 'subject-unclear',
    why: 'its subject leads to nobody that came: left out; send `subject.reference` with the id of the patient',
  },
} as const;

/** An answer that mixes patients answers nothing: what it lacks of this one is unknown. */
function leaveOutOfAnother(
  reader: BundleReader,
  item: BundleItem,
  owner: 'another' | 'unclear',
  isPosted: boolean,
): void {
  const { type, reference, resource, from, searchedFor } = item;
  const { code, why } = whyLeftOut[owner];
  reader.addNotice(code, reference, type === 'Patient' ? 'another patient: left out' : why);
  if (isOfNow(item) && type !== 'Patient' && (owner === 'unclear' || !isPosted)) {
    reader.addUnchecked(reference, whyUnchecked[owner]);
    if (owner === 'unclear') reader.incomplete.add(reader.meaning.entered ?? 'orders');
  }
  const isLeftAsItIs = from === 'draft' || (isPosted && owner === 'another');
  const category = isLeftAsItIs ? undefined : categoryOf(type, resource);
  if (!category) return;
  for (const mixed of [category, ...(searchedFor?.categories ?? [])]) reader.incomplete.add(mixed);
}

const whyUnchecked = {
  another: 'names another patient: not checked',
  unclear: 'does not name the patient in a way that leads to them: not checked',
} as const;

function leaveOutModified(reader: BundleReader, { type, reference, resource, from }: BundleItem): void {
  reader.addNotice(
    'resource-modified',
    reference,
    'has a modifierExtension that is not understood: not used',
  );
  if (from === 'draft') reader.addUnchecked(reference, 'has a modifierExtension: not checked');
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

function noteIgnored(reader: BundleReader): void {
  const ignored = reader.items.filter(
    (item) => !clinicalTypes.has(item.type) && !isDrugDefinition(item.type) && !isPatientData(item),
  );
  for (const [type, items] of Map.groupBy(ignored, (item) => item.type)) {
    const name = printableCode(type) ?? 'unknown';
    reader.addNotice('resource-ignored', null, `${items.length} ${name} resource(s): no rule uses them`);
  }
}

/** Elements of them were left out, and who leaves out elements may leave out resources: their list is incomplete. */
function noteRedacted(reader: BundleReader, items: readonly IntakeItem[]): void {
  const redacted = items.filter(({ from, resource }) => from !== 'draft' && isRedacted(resource));
  for (const [category, found] of Map.groupBy(redacted, (item) => categoryOf(item.type, item.resource))) {
    if (!category) continue;
    reader.incomplete.add(category);
    reader.addNotice(
      'category-incomplete',
      found[0]?.reference ?? null,
      `${found.length} resource(s) are labelled as redacted: what is left out of ${category} is unknown`,
    );
  }
}

/** What the context of a hook says about this moment: its resources, its orders by name, and what it lacks. */

import { asObject, asString, isObject } from '../fhir/json.ts';
import { addressOf, normalReference } from '../fhir/reference.ts';
import type { Addresses } from './addresses.ts';
import type { BundleItem, BundleReader } from './bundle-reader.ts';
import type { HookContext } from './types.ts';

/**
 * The resources of this moment: a Bundle (with or without `type`), one resource, one inside `resource`, or a list of
 * resources or entries, as the pages of the hooks, their examples and clients have them.
 * @returns whether any came
 */
export function readContextResources(reader: BundleReader, context: HookContext): boolean {
  const { brings, kind } = reader.meaning;
  const from = kind === 'entry' ? 'entry' : 'draft';
  let came = false;
  for (const field of brings) {
    const value = context[field];
    if (value === undefined || value === null) continue;
    came = true;
    readField(reader, value, from, `context.${field}`);
  }
  return came;
}

function readField(reader: BundleReader, value: unknown, from: 'draft' | 'entry', place: string): void {
  if (Array.isArray(value)) {
    reader.addBundle({ entry: value }, from, place);
    return;
  }
  const given = asObject(value);
  if (given && (given.resourceType === 'Bundle' || given.entry !== undefined)) {
    reader.addBundle(given, from, place);
    return;
  }
  const resource = given && isObject(given.resource) ? given.resource : value;
  if (reader.addResource(resource, null, from, place) !== null) return;
  const { entered } = reader.meaning;
  if (entered) reader.incomplete.add(entered);
  else reader.completeness.orders = 'absent';
  reader.addUnchecked(null, `${place} could not be read: send a Bundle`);
}

/**
 * What the hook should have and did not come, each as a notice.
 * @param hasResources whether any resource of this moment came
 */
export function noteMissingContext(reader: BundleReader, context: HookContext, hasResources: boolean): void {
  const { kind, brings, userId, encounterId } = reader.meaning;
  const [field] = brings;
  if (kind === 'order' && field && !hasResources) {
    reader.completeness.orders = 'absent';
    reader.addUnchecked(null, `context.${field} did not come: no order could be checked`);
  }
  if (kind === 'entry' && !hasResources) {
    reader.addUnchecked(null, `context.${field} did not come: nothing new could be checked`);
  }
  if (userId === 'required' && asString(context.userId) === null) {
    addMissing(reader, 'context.userId did not come');
  }
  if (encounterId === 'required' && asString(context.encounterId) === null) {
    addMissing(reader, 'context.encounterId did not come');
  }
}

const addMissing = (reader: BundleReader, message: string): void =>
  reader.addNotice('context-missing', null, message);

/** References of a list, each once; one that stands for itself is a list of one. */
function referencesIn(list: unknown): unknown[] {
  const named = [list ?? []].flat().filter((entry) => normalReference(entry) !== null);
  return [...new Map(named.map((entry) => [JSON.stringify(addressOf(entry)), entry])).values()];
}

/** Of other kinds of orders no rule asks. */
function mayBeMedication(reference: unknown): boolean {
  const name = normalReference(reference) ?? '';
  return /^Medication(Request|Order)\//.test(name) || !name.includes('/');
}

/**
 * Finds the items that a reference names: by its address; by reference or bare id where an item has no address.
 * Of two drafts with one id it names both.
 */
function finderOf(
  items: readonly BundleItem[],
  addresses: Addresses,
): (reference: unknown) => readonly BundleItem[] {
  const byName = new Map<string, BundleItem[]>();
  const add = (name: string, item: BundleItem): void => {
    const named = byName.get(name);
    if (named) named.push(item);
    else byName.set(name, [item]);
  };
  for (const item of items) {
    for (const key of addresses.keysOf(item)) add(key, item);
    if (item.server) continue;
    const [, id] = item.reference.split('/');
    for (const name of id === undefined ? [item.reference] : [item.reference, id]) add(`any ${name}`, item);
  }
  return (reference) => {
    const exact = byName.get(addresses.keyOf(reference, null) ?? '');
    return exact ?? byName.get(`any ${normalReference(reference)}`) ?? [];
  };
}

/** Orders that the context only names: those that came with the prefetch are the orders of this moment. */
export function takeNamedOrders(
  reader: BundleReader,
  addresses: Addresses,
  field: string,
  list: unknown,
): void {
  const named = referencesIn(list);
  if (named.length === 0) {
    reader.completeness.orders = 'absent';
    reader.addUnchecked(null, `context.${field} did not come: no order could be checked`);
    return;
  }
  const orders = reader.items.filter(({ type }) => /(?:Request|Order)$/.test(type));
  const find = finderOf(orders, addresses);
  for (const item of named.flatMap(find)) {
    item.from = 'draft';
    item.ofRecord = true;
    item.selected = true;
  }
  noteNotCome(
    reader,
    `context.${field}`,
    named.filter((name) => find(name).length === 0),
  );
}

/** Orders that are named and did not come: of those that may be of a drug a card says so. */
function noteNotCome(reader: BundleReader, field: string, missing: readonly unknown[]): void {
  if (missing.length === 0) return;
  const message = `${field} names ${missing.length} order(s) that did not come`;
  if (!missing.some(mayBeMedication)) {
    addMissing(reader, message);
    return;
  }
  reader.incomplete.add('orders');
  reader.addUnchecked(null, `${message}: not checked`);
}

/** Marks the orders that `context.selections` names; without usable selections all drafts count. */
export function selectOrders(reader: BundleReader, addresses: Addresses, selections: unknown): void {
  const drafts = reader.items.filter(({ from, type }) => from === 'draft' && type !== 'Medication');
  const find = finderOf(drafts, addresses);
  const names = Array.isArray(selections) ? referencesIn(selections) : [];
  const found = new Set(names.flatMap(find));
  if (found.size > 0 || drafts.length === 0) {
    noteNotCome(
      reader,
      'context.selections',
      names.filter((name) => find(name).length === 0),
    );
  } else addMissing(reader, 'context.selections names none of the draft orders: all of them were checked');
  if (found.size === 0) return;
  for (const item of drafts) item.selected = found.has(item);
}

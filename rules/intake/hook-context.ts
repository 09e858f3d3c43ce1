/** What the context of a hook says about this moment: its resources, its orders by name, and what it lacks. */

import { asObject, asString, isObject } from '../fhir/json.ts';
import { normalReference } from '../fhir/reference.ts';
import type { BundleReader } from './bundle-reader.ts';
import type { HookContext } from './types.ts';

/**
 * The resources of this moment: a Bundle (with or without `type`), one resource, or one inside `resource`, as the
 * pages of the hooks and their examples have them.
 * @returns whether any came
 */
export function readContextResources(reader: BundleReader, context: HookContext): boolean {
  const { brings, kind } = reader.meaning;
  const from = kind === 'entry' ? 'entry' : 'draft';
  for (const field of brings) {
    const value = asObject(context[field]);
    if (!value) continue;
    const place = `context.${field}`;
    if (value.resourceType === 'Bundle' || value.entry !== undefined) reader.addBundle(value, from, place);
    else reader.addResource(isObject(value.resource) ? value.resource : value, null, from, place);
    return true;
  }
  return false;
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
    addMissing(reader, `context.${field} did not come: no order could be checked`);
  }
  if (kind === 'entry' && !hasResources) {
    addMissing(reader, `context.${field} did not come: nothing new could be checked`);
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

const namesIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.flatMap((entry) => normalReference(entry) ?? []) : [];

/** Of other kinds of orders no rule asks. */
const mayBeMedication = (name: string): boolean =>
  /^Medication(Request|Order)\//.test(name) || !name.includes('/');

/** Orders that the context only names: those that came with the prefetch are the orders of this moment. */
export function takeNamedOrders(reader: BundleReader, field: string, list: unknown): void {
  const names = new Set(namesIn(list));
  if (names.size === 0) {
    reader.completeness.orders = 'absent';
    addMissing(reader, `context.${field} did not come: no order could be checked`);
    return;
  }
  const missing = new Set(names);
  for (const item of reader.items) {
    if (!names.has(item.reference)) continue;
    missing.delete(item.reference);
    item.from = 'draft';
    item.selected = true;
  }
  if ([...missing].some(mayBeMedication)) reader.incomplete.add('orders');
  if (missing.size > 0)
    addMissing(reader, `context.${field} names ${missing.size} order(s) that did not come`);
}

/** Marks the orders that `context.selections` names; without usable selections all drafts count. */
export function selectOrders(reader: BundleReader, selections: unknown): void {
  const drafts = reader.items.filter(({ from, type }) => from === 'draft' && type !== 'Medication');
  const isNamedBy = (reference: string, name: string): boolean =>
    reference === name || reference.endsWith(`/${name}`);
  const names = namesIn(selections);
  const found = new Set(names.filter((name) => drafts.some(({ reference }) => isNamedBy(reference, name))));
  if (found.size === 0) {
    if (drafts.length > 0) {
      addMissing(reader, 'context.selections names none of the draft orders: all of them were checked');
    }
    return;
  }
  if (found.size < names.length) {
    addMissing(reader, `context.selections names ${names.length - found.size} order(s) that did not come`);
  }
  for (const item of drafts) item.selected = [...found].some((name) => isNamedBy(item.reference, name));
}

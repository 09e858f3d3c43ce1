/**
 * What each hook means to us, in one place: which context fields it has, which resources of the context are what
 * this moment is about, and which rules it shows. The hooks are those of
 * https://cds-hooks.hl7.org/hooks/ (versions and fields: input/pagecontent of HL7/cds-hooks-library).
 *
 * A rule names up to three hooks in its rule.json. Each hook we serve follows one of them: opening an encounter
 * is like opening a chart, a refill is like signing an order. docs/rules.md has the table.
 */

import type { Category } from './categories.ts';

/** The hooks a rule.json may name. */
export const ruleHooks = ['patient-view', 'order-select', 'order-sign'] as const;
export type RuleHook = (typeof ruleHooks)[number];

/**
 * `chart`: a chart is opened, whatever fired is shown. `order`: orders are in the making, a finding is shown if
 * one of them contributes. `entry`: a condition or an allergy was just entered, a finding is shown if that
 * contributes; the therapy the patient already has counts as ordered, since the question is whether it may go on.
 */
type Kind = 'chart' | 'order' | 'entry';

export interface HookMeaning {
  title: string;
  kind: Kind;
  follows: RuleHook;
  /** Context fields beside `patientId`. Only `patientId` is indispensable; what else lacks is a notice. */
  userId: 'required' | 'optional' | 'none';
  encounterId: 'required' | 'optional' | 'none';
  /** Fields that hold the resources of this moment: the name of the hook's page first, then older ones. */
  brings: readonly string[];
  /** Field that only names the orders of this moment; they come with the prefetch or are fetched. */
  names?: 'dispatchedOrders';
  /** Of an entry: the kind of data that was entered. */
  entered?: Extract<Category, 'conditions' | 'allergies'>;
  /** The orders renew what the patient takes, so that both together are one dose. */
  renews?: true;
}

const subject = 'Magnesium, kidney function and interacting drugs';

const table = {
  'patient-view': {
    title: `${subject}: current state`,
    kind: 'chart',
    follows: 'patient-view',
    userId: 'required',
    encounterId: 'optional',
    brings: ['draftOrders'],
  },
  'order-select': {
    title: `${subject}: selected orders`,
    kind: 'order',
    follows: 'order-select',
    userId: 'required',
    encounterId: 'optional',
    brings: ['draftOrders'],
  },
  'order-sign': {
    title: `${subject}: orders to be signed`,
    kind: 'order',
    follows: 'order-sign',
    userId: 'required',
    encounterId: 'optional',
    brings: ['draftOrders'],
  },
  'order-dispatch': {
    title: `${subject}: orders to be dispatched`,
    kind: 'order',
    follows: 'order-sign',
    userId: 'none',
    encounterId: 'none',
    brings: [],
    names: 'dispatchedOrders',
  },
  'encounter-start': {
    title: `${subject}: state on admission or arrival`,
    kind: 'chart',
    follows: 'patient-view',
    userId: 'required',
    encounterId: 'required',
    brings: ['draftOrders'],
  },
  'encounter-discharge': {
    title: `${subject}: state on discharge`,
    kind: 'chart',
    follows: 'patient-view',
    userId: 'required',
    encounterId: 'required',
    brings: ['draftOrders'],
  },
  'medication-refill': {
    title: `${subject}: refills`,
    kind: 'order',
    follows: 'order-sign',
    userId: 'optional',
    encounterId: 'optional',
    brings: ['medications'],
    renews: true,
  },
  'medication-verify': {
    title: `${subject}: order under verification`,
    kind: 'order',
    follows: 'order-sign',
    userId: 'required',
    encounterId: 'optional',
    brings: ['medication', 'order'],
  },
  'allergyintolerance-create': {
    title: 'A new allergy or intolerance against current therapy',
    kind: 'entry',
    follows: 'order-sign',
    userId: 'required',
    encounterId: 'optional',
    brings: ['allergyIntolerance', 'allergyIntolerances'],
    entered: 'allergies',
  },
  'problem-list-item-create': {
    title: 'A new problem against current therapy with magnesium and renally cleared drugs',
    kind: 'entry',
    follows: 'order-sign',
    userId: 'required',
    encounterId: 'optional',
    brings: ['conditions'],
    entered: 'conditions',
  },
} as const satisfies Readonly<Record<string, HookMeaning>>;

/** The hooks we serve; the id of the service is the name of the hook. */
export type Hook = keyof typeof table;
const names = Object.keys(table);
export const isHook = (name: unknown): name is Hook => typeof name === 'string' && Object.hasOwn(table, name);
export const hooks: readonly Hook[] = names.filter(isHook);

export const meaningOf = (hook: Hook): HookMeaning => table[hook];

/** Hooks of the library that have no service here, and why. */
export const notServed: Readonly<Record<string, string>> = {
  'appointment-book':
    'An appointment names no drug, no result and no diagnosis that a rule of ours asks for; what the chart alone says is said when it is opened, and saying it again at the booking desk would reach the wrong person.',
  'medication-prescribe': 'Deprecated in favour of order-select and order-sign, which are served.',
  'order-review': 'Deprecated in favour of order-sign, which is served.',
};

/** One value for each hook. */
export const byHook = <T>(of: (hook: Hook) => T): Readonly<Record<Hook, T>> =>
  Object.fromEntries(hooks.map((hook) => [hook, of(hook)])) as Record<Hook, T>;

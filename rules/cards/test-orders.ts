/** Orders of tests that a card offers: only what is not ordered already and was not just resulted, and once an answer. */
import type { Chart } from '../chart/types.ts';
import { derivedUuid } from '../digest/digest.ts';
import type { TestsAtHand } from '../facts/ordered-tests.ts';
import { severityRank } from '../rule/severity.ts';
import { type LabTest, labTestNames, labTests } from '../terminology/labs.ts';
import {
  isLabTest,
  type OrderedTest,
  testsOrderedBy,
  testsSuggestedBy,
} from '../terminology/service-tests.ts';
import type { Action, Card, Suggestion } from './types.ts';
import { nameOfTest, wordCreation, wordTestOrder } from './wording.ts';

/** A test, panel or other service to order. */
export interface Service {
  label: string;
  system: string;
  code: string;
  display: string;
}

/** The draft order of a service, for the patient and encounter of the chart. */
export function creationOf({ system, code, display }: Omit<Service, 'label'>, chart: Chart): Action {
  return {
    type: 'create',
    description: wordCreation(display),
    resource: {
      resourceType: 'ServiceRequest',
      status: 'draft',
      intent: 'order',
      code: { coding: [{ system, code, display }], text: display },
      ...(chart.patient.reference ? { subject: { reference: chart.patient.reference } } : {}),
      ...(chart.encounter?.reference ? { encounter: { reference: chart.encounter.reference } } : {}),
    },
  };
}

const loinc = 'http://loinc.org';

/** The order of one test; null for what nobody orders by itself. */
function serviceOf(test: OrderedTest): Service | null {
  if (!isLabTest(test)) return null;
  const { orderCode } = labTests[test];
  if (!orderCode) return null;
  // What is computed is ordered by what it is computed from: an eGFR is a creatinine.
  const ordered = labTestNames.find((one) => labTests[one].orderCode?.code === orderCode.code) ?? test;
  return { label: wordTestOrder(ordered, labTests[ordered].name), system: loinc, ...orderCode };
}

/**
 * What is left to order for a test. What is computed of a test at hand needs no other order of that one: of a corrected
 * calcium the albumin is left.
 */
function servicesOf(test: OrderedTest, atHand: TestsAtHand): Service[] {
  const service = serviceOf(test);
  if (!service) return [];
  if (!testsOrderedBy([service], []).every((one) => isAtHand(one, atHand))) return [service];
  const albumin = test === 'calcium-corrected' && !isAtHand('albumin', atHand) ? serviceOf('albumin') : null;
  return albumin ? [albumin] : [];
}

const isAtHand = (test: OrderedTest, { awaited, fresh }: TestsAtHand): boolean =>
  awaited.has(test) || fresh.has(test);

/** What is offered of a service, and names of what is left out because it is ordered. */
export interface Offer<S> {
  services: readonly (S | Service)[];
  ordered: readonly string[];
}

/**
 * What is left to order of a service: all of it, the tests of a panel that are neither ordered nor just resulted, or
 * nothing.
 */
export function offerOf<S extends Service>(service: S, chart: Chart, atHand: TestsAtHand): Offer<S> {
  const tests = testsSuggestedBy(service);
  if (tests.length === 0) {
    const isOrdered = chart.serviceOrders.some(({ codes }) =>
      codes.some(({ code }) => code === service.code),
    );
    return isOrdered ? { services: [], ordered: [service.display] } : { services: [service], ordered: [] };
  }
  const open = tests.filter((test) => !isAtHand(test, atHand));
  // What a panel brings besides may be at hand, too: a calcium that has just come.
  const isNew = testsOrderedBy([service], []).every((test) => !isAtHand(test, atHand));
  if (isNew) return { services: [service], ordered: [] };
  return {
    services: eachOnce(open.flatMap((test) => servicesOf(test, atHand))),
    ordered: tests.filter((test) => atHand.awaited.has(test)).map(nameOfTest),
  };
}

const basicPanel = {
  system: loinc,
  code: '24321-2',
  display: 'Basic metabolic 2000 panel - Serum or Plasma',
} as const;

/** Orders that bring these tests: creatinine as the panel that it comes with. */
export function servicesFor(tests: readonly LabTest[], atHand: TestsAtHand): Service[] {
  const open = tests.filter((test) => !isAtHand(test, atHand));
  const ofPanel = testsOrderedBy([basicPanel], []);
  const isOfPanel = (test: OrderedTest): boolean => ofPanel.includes(test);
  const byPanel =
    open.some((test) => test === 'creatinine' || test === 'egfr') &&
    ofPanel.every((test) => !isAtHand(test, atHand));
  const others = byPanel ? open.filter((test) => !isOfPanel(test)) : open;
  const single = others.flatMap((test) => servicesOf(test, atHand));
  const panel = byPanel ? [{ ...basicPanel, label: wordTestOrder('creatinine', null) }] : [];
  return eachOnce([...panel, ...single]);
}

const eachOnce = <S extends Service>(services: readonly S[]): S[] => [
  ...new Map(services.map((service) => [service.code, service])).values(),
];

interface Coded {
  code?: { coding?: { system: string; code: string }[] };
}

/** What a suggestion orders, where it is one order of a service and nothing else. */
function codingOf({ actions: [action, ...more] }: Suggestion): { system: string; code: string } | null {
  if (!action || more.length > 0 || action.type !== 'create') return null;
  if (action.resource?.resourceType !== 'ServiceRequest') return null;
  return (action.resource as Coded).code?.coding?.[0] ?? null;
}

/** The gravest first, and a finding before a card about the answer itself, which nobody overrides. */
const byClaim = (a: Card, b: Card): number =>
  severityRank[a.indicator] - severityRank[b.indicator] ||
  Number(a.overrideReasons === undefined) - Number(b.overrideReasons === undefined);

/** A removal of one order; null for what removes none. */
const removedBy = ({ type, resourceId }: Action): readonly string[] | null =>
  type === 'delete' && resourceId !== undefined ? [resourceId] : null;

/**
 * Each test, and each removal of an order, is offered once an answer: on the card with the best claim. A card of a
 * danger of its own, such as an allergy, keeps its removals. The order of the cards stays.
 * @param ofOwnDanger uuids of cards of a danger of their own
 */
export function offerOnce(cards: readonly Card[], ofOwnDanger: ReadonlySet<string> = new Set()): Card[] {
  const [ordered, removed] = [new Set<string>(), new Set<string>()];
  const kept = new Map<Card, Card>();
  for (const card of cards.toSorted(byClaim)) {
    const keeps = ofOwnDanger.has(card.uuid);
    const once = withoutRepeatedTests(card, ordered);
    kept.set(card, keeps ? once : withoutRepeatedRemovals(once, removed));
  }
  return cards.map((card) => kept.get(card) ?? card);
}

const withSuggestions = (card: Card, suggestions: readonly Suggestion[]): Card => {
  const isSame = suggestions.length === card.suggestions?.length;
  if (isSame && suggestions.every((one, index) => one === card.suggestions?.[index])) return card;
  const { suggestions: _, selectionBehavior: __, ...rest } = card;
  return suggestions.length > 0 ? { ...card, suggestions: [...suggestions] } : rest;
};

/** @param offered tests that the cards before it offer; those of this one are added */
function withoutRepeatedTests(card: Card, offered: Set<string>): Card {
  if (!card.suggestions) return card;
  const suggestions = card.suggestions.flatMap((suggestion) => {
    const coding = codingOf(suggestion);
    if (!coding) return [suggestion];
    const left = leftOf(suggestion, coding, offered);
    for (const each of left.flatMap((one) => codingOf(one) ?? []))
      for (const test of namesOrdered(each)) offered.add(test);
    return left;
  });
  return withSuggestions(card, suggestions);
}

/** @param removed orders that the cards before it remove; those of this one are added */
function withoutRepeatedRemovals(card: Card, removed: Set<string>): Card {
  if (!card.suggestions) return card;
  const suggestions = card.suggestions.filter(({ actions }) => {
    const done = actions.map(removedBy);
    const isRepeated = done.every((orders) => orders?.every((order) => removed.has(order)) === true);
    for (const order of done.flatMap((orders) => orders ?? [])) removed.add(order);
    return !isRepeated;
  });
  return withSuggestions(card, suggestions);
}

/** Names of tests, or the code of another service. */
function namesOrdered(coding: { system: string; code: string }): readonly string[] {
  const tests = testsOrderedBy([coding], []);
  return tests.length > 0 ? tests : [coding.code];
}

/** What of a suggestion is not offered yet: of a panel the other tests that it is suggested for. */
function leftOf(
  suggestion: Suggestion,
  coding: { system: string; code: string },
  offered: ReadonlySet<string>,
): Suggestion[] {
  const names = namesOrdered(coding);
  if (names.every((name) => offered.has(name))) return [];
  if (names.every((name) => !offered.has(name))) return [suggestion];
  const open = testsSuggestedBy(coding).filter((test) => !offered.has(test));
  const services = eachOnce(open.flatMap((test) => serviceOf(test) ?? []));
  return services.map((service) => narrowed(suggestion, service, services.length > 1));
}

/** The same suggestion of a test instead of its panel. */
function narrowed(
  suggestion: Suggestion,
  { label, ...service }: Service,
  isOneOfSeveral: boolean,
): Suggestion {
  const { system, code, display } = service;
  return {
    ...suggestion,
    label,
    uuid: isOneOfSeveral ? derivedUuid(suggestion.uuid, code) : suggestion.uuid,
    actions: suggestion.actions.map((action) => ({
      ...action,
      // Where the description is what is read, it is the label.
      description: action.description === suggestion.label ? label : wordCreation(display),
      ...(action.resource
        ? { resource: { ...action.resource, code: { coding: [{ system, code, display }], text: display } } }
        : {}),
    })),
  };
}

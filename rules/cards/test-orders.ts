/** Orders of tests that a card offers: only what is not ordered already and was not just resulted, and once an answer. */
import type { Chart } from '../chart/types.ts';
import type { TestsAtHand } from '../facts/ordered-tests.ts';
import { severityRank } from '../rule/severity.ts';
import { type LabTest, labTestNames, labTests } from '../terminology/labs.ts';
import { testsOrderedBy, testsSuggestedBy } from '../terminology/service-tests.ts';
import type { Action, Card } from './types.ts';
import { wordCreation, wordTestOrder } from './wording.ts';

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
function serviceOf(test: LabTest): Service | null {
  const { orderCode } = labTests[test];
  if (!orderCode) return null;
  // What is computed is ordered by what it is computed from: an eGFR is a creatinine.
  const ordered = labTestNames.find((one) => labTests[one].orderCode?.code === orderCode.code) ?? test;
  return { label: wordTestOrder(ordered, labTests[ordered].name), system: loinc, ...orderCode };
}

/** What is offered of a service, and whether it is left out because it is ordered. */
export interface Offer<S> {
  services: readonly (S | Service)[];
  ordered: boolean;
}

/**
 * What is left to order of a service: all of it, the tests of a panel that are neither ordered nor just resulted, or
 * nothing.
 */
export function offerOf<S extends Service>(
  service: S,
  chart: Chart,
  { awaited, fresh }: TestsAtHand,
): Offer<S> {
  const tests = testsSuggestedBy(service);
  if (tests.length === 0) {
    const ordered = chart.serviceOrders.some(({ codes }) => codes.some(({ code }) => code === service.code));
    return { services: ordered ? [] : [service], ordered };
  }
  const open = tests.filter((test) => !awaited.has(test) && !fresh.has(test));
  if (open.length === tests.length) return { services: [service], ordered: false };
  return {
    services: open.flatMap((test) => serviceOf(test) ?? []),
    ordered: open.length === 0 && tests.some((test) => awaited.has(test)),
  };
}

const basicPanel = {
  system: loinc,
  code: '24321-2',
  display: 'Basic metabolic 2000 panel - Serum or Plasma',
} as const;

/** Orders that bring these tests: creatinine as the panel that it comes with. */
export function servicesFor(tests: readonly LabTest[], { awaited, fresh }: TestsAtHand): Service[] {
  const open = tests.filter((test) => !awaited.has(test) && !fresh.has(test));
  const isOfPanel = (test: LabTest): boolean => testsOrderedBy([basicPanel], []).includes(test);
  const byPanel = open.some((test) => test === 'creatinine' || test === 'egfr') && !fresh.has('potassium');
  const others = byPanel ? open.filter((test) => !isOfPanel(test)) : open;
  const single = others.flatMap((test) => serviceOf(test) ?? []);
  const panel = byPanel ? [{ ...basicPanel, label: wordTestOrder('creatinine', null) }] : [];
  return [...new Map([...panel, ...single].map((service) => [service.code, service])).values()];
}

interface Coded {
  code?: { coding?: { system: string; code: string }[] };
}

/** What an action orders: names of tests, or the code of another service; null for what is no such order. */
function orderedBy({ type, resource }: Action): readonly string[] | null {
  if (type !== 'create' || resource?.resourceType !== 'ServiceRequest') return null;
  const [coding] = (resource as Coded).code?.coding ?? [];
  if (!coding) return null;
  const tests = testsOrderedBy([coding], []);
  return tests.length > 0 ? tests : [coding.code];
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
    const once = withoutRepeated(card, orderedBy, ordered);
    kept.set(card, keeps ? once : withoutRepeated(once, removedBy, removed));
  }
  return cards.map((card) => kept.get(card) ?? card);
}

/**
 * @param doneBy what an action does of the kind that is said once; null for another kind
 * @param offered what the cards before it offer; what this one does is added
 */
function withoutRepeated(
  card: Card,
  doneBy: (action: Action) => readonly string[] | null,
  offered: Set<string>,
): Card {
  if (!card.suggestions) return card;
  const suggestions = card.suggestions.filter(({ actions }) => {
    const done = actions.map(doneBy);
    const isRepeated = done.every((each) => each?.every((one) => offered.has(one)) === true);
    for (const one of done.flatMap((each) => each ?? [])) offered.add(one);
    return !isRepeated;
  });
  if (suggestions.length === card.suggestions.length) return card;
  const { suggestions: _, selectionBehavior: __, ...rest } = card;
  return suggestions.length > 0 ? { ...card, suggestions } : rest;
}

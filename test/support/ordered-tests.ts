/** Patients of case.ts with orders of tests: drafts of this moment, and what was signed before. */
import { type Decision, decide } from '../../rules/decide.ts';
import { type Presentation, showAll } from '../../rules/evaluation/presentation.ts';
import type { Hook } from '../../rules/fhir/hooks.ts';
import { type Case, evaluatedAt } from '../../rules/library/case.ts';
import { requestOf } from '../../rules/library/case-request.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';

export type Given = Case['given'];

/** A man of 60 in an outpatient clinic of whom everything was asked. */
export const patient = (more: Given): Given => ({
  age: 60,
  sex: 'male',
  labs: [],
  active: [],
  ended: [],
  conditions: [],
  allergies: [],
  encounter: 'ambulatory',
  ...more,
});

/** An order of a test: a code of LOINC, or what is written here. */
export type TestOrder = string | Record<string, unknown>;

const serviceRequest = (order: TestOrder, index: number, status: string): Record<string, unknown> => ({
  resourceType: 'ServiceRequest',
  id: `${status}-${index}`,
  status,
  intent: 'order',
  subject: { reference: 'Patient/case' },
  ...(typeof order === 'string'
    ? { code: { coding: [{ system: 'http://loinc.org', code: order }] } }
    : order),
});

export interface Moment {
  hook?: Hook;
  /** Among the drafts. */
  drafts?: readonly TestOrder[];
  /** Signed, and active. */
  running?: readonly TestOrder[];
  /** Signed orders of drugs: members of a MedicationRequest. */
  signed?: readonly Record<string, unknown>[];
  presentation?: Presentation;
  /** Members of the prefetch that do not come. */
  omit?: readonly string[];
}

const ruleset = shippedRuleset();

/** What the library decides of such a patient at noon of 2026-01-31. */
export function decidedWith(
  given: Given,
  { hook = 'order-sign', drafts = [], running, signed, presentation = showAll, omit = [] }: Moment = {},
): Decision {
  const request = requestOf({ name: 'x', given, hook, expect: 'fired' }, hook);
  const { draftOrders } = request.context as { draftOrders?: { entry: object[] } };
  for (const [index, one] of drafts.entries())
    draftOrders?.entry.push({ resource: serviceRequest(one, index, 'draft') });
  if (running) {
    request.prefetch.serviceRequests = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: running.map((one, index) => ({ resource: serviceRequest(one, index, 'active') })),
    };
  }
  if (signed) {
    request.prefetch.medicationRequests = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: signed.map((one, index) => ({
        resource: {
          resourceType: 'MedicationRequest',
          id: `signed-${index}`,
          status: 'active',
          intent: 'order',
          subject: { reference: 'Patient/case' },
          ...one,
        },
      })),
    };
  }
  for (const key of omit) delete request.prefetch[key];
  const clock = { decisionId: 'd', decidedAt: evaluatedAt, evaluatedAt };
  return decide(request, ruleset, clock, presentation);
}

/** The card of open checks, as far as tests ask of it. */
export function openChecksOf({ cards }: Decision) {
  const card = cards.find(({ source }) => source.topic.code === 'DQ-004');
  return (
    card && {
      indicator: card.indicator,
      summary: card.summary,
      orders: (card.suggestions ?? []).map(({ label }) => label),
    }
  );
}

/** Labels of all suggestions, by the rule of their card. */
export const offersOf = ({ cards }: Decision): [string, string][] =>
  cards.flatMap(({ source, suggestions = [] }) =>
    suggestions.map(({ label }): [string, string] => [source.topic.code, label]),
  );

/** A decision as a FHIR R4 GuidanceResponse: https://hl7.org/fhir/R4/guidanceresponse.html. Pure. */
import type { DataRequirement, GuidanceResponse, OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';
import { ruleSystem } from '../../rules/cards/types.ts';
import type { Ruleset } from '../../rules/evaluation/ruleset.ts';
import type { DataNeed } from '../../rules/facts/fact.ts';
import { factOf } from '../../rules/facts/facts.ts';
import { hour, milliseconds } from '../../rules/fhir/time.ts';
import { factNamedIn, wordMissingIn } from '../../rules/record.ts';
import { missingIn } from '../../rules/record-head.ts';
import type { FactRequest } from '../../rules/rule/fact-store.ts';
import type { MissingFact } from '../../rules/rule/trace.ts';
import { type LabTest, labCodes } from '../../rules/terminology/labs.ts';
import type { StoredDecision } from '../log/decision-log.ts';
import { patientReference, serverReference, systems } from './audit-event.ts';

/** A decision as FHIR says it (https://hl7.org/fhir/R4/guidanceresponse.html). */
export function guidanceResponse(
  decision: StoredDecision,
  ruleset: Ruleset,
  baseUrl: string,
): GuidanceResponse {
  const { decisionId, service, hookInstance, patient, status, findings, cards, chart } = decision;
  const open = undecidedRules(decision, ruleset);
  const issue = issues(decision, open);
  const messages: OperationOutcome = { resourceType: 'OperationOutcome', id: 'messages', issue };
  const encounter = chart?.encounter?.reference;
  const missing = dataRequirements(
    open.flatMap((evaluation) => missingIn(decision, evaluation)),
    ruleset.requests,
  );
  const shown = findings.filter((finding) => finding.shown);
  return {
    resourceType: 'GuidanceResponse',
    id: decisionId,
    ...(issue.length > 0 ? { contained: [messages] } : {}),
    ...(hookInstance ? { requestIdentifier: { system: systems.hookInstance, value: hookInstance } } : {}),
    identifier: [{ system: systems.decision, value: decisionId }],
    moduleUri: `${baseUrl}/${service === 'evaluate' ? service : `cds-services/${service}`}`,
    // More data may lead to more: what could not be decided is no all-clear.
    status: status !== 200 ? 'failure' : open.length > 0 ? 'data-requested' : 'success',
    ...(patient === null ? {} : { subject: patientReference(patient) }),
    ...(encounter?.startsWith('Encounter/') ? { encounter: { reference: encounter } } : {}),
    occurrenceDateTime: decision.decidedAt,
    performer: serverReference(baseUrl),
    ...(shown.length > 0
      ? {
          reasonCode: shown.map(({ rule, version, card }) => {
            const summary = cards.find(({ uuid }) => uuid === card)?.summary;
            return {
              coding: [{ system: ruleSystem, version, code: rule }],
              ...(summary ? { text: summary } : {}),
            };
          }),
        }
      : {}),
    ...(issue.length > 0 ? { evaluationMessage: [{ reference: '#messages' }] } : {}),
    ...(missing.length > 0 ? { dataRequirement: missing } : {}),
  };
}

type Evaluation = StoredDecision['evaluations'][number];

/** Rules in force for this hook that could not be decided. A rule of another ruleset counts as one of this hook. */
function undecidedRules({ evaluations, hook }: StoredDecision, { rules }: Ruleset): Evaluation[] {
  return evaluations.filter(({ rule, outcome, status }) => {
    if (outcome !== 'indeterminate' || status !== 'active') return false;
    const known = rules.find((compiled) => compiled.rule.id === rule);
    return !known || known.rule.hooks.some((one) => one === hook);
  });
}

const issueOf = (
  severity: OperationOutcomeIssue['severity'],
  code: OperationOutcomeIssue['code'],
  diagnostics: string,
): OperationOutcomeIssue => ({ severity, code, diagnostics });

function issues(decision: StoredDecision, open: readonly Evaluation[]): OperationOutcomeIssue[] {
  const { problem, status, notices, evaluations, erased } = decision;
  return [
    ...(problem ? [issueOf('error', status < 500 ? 'processing' : 'exception', problem)] : []),
    ...(erased
      ? [
          issueOf(
            'warning',
            'deleted',
            'the patient was erased: what was known, shown and missing is not kept any more',
          ),
        ]
      : []),
    ...evaluations
      .filter(({ outcome }) => outcome === 'error')
      .map(({ rule }) => issueOf('error', 'exception', `${rule} failed and was not decided`)),
    ...open.map((evaluation) =>
      issueOf(
        'information',
        'incomplete',
        `${evaluation.rule} could not be decided without: ${wordMissingIn(decision, evaluation).join('; ')}`,
      ),
    ),
    ...notices.map(({ reference, message }) =>
      issueOf('information', 'informational', reference ? `${reference}: ${message}` : message),
    ),
  ];
}

/** What was missing as data to ask for: each once. What no resource can answer is in the messages only. */
export function dataRequirements(
  missing: readonly (MissingFact | string)[],
  requests: readonly FactRequest[],
): DataRequirement[] {
  const requirements = new Map<string, DataRequirement>();
  for (const one of missing) {
    const request = typeof one === 'string' ? factNamedIn(one, requests) : one;
    for (const need of request ? factOf(request.fact).dataNeeds(request.params) : []) {
      const requirement = requirementOf(need);
      requirements.set(JSON.stringify(requirement), requirement);
    }
  }
  return [...requirements.values()];
}

function requirementOf(need: DataNeed): DataRequirement {
  switch (need.type) {
    case 'Observation':
      return observations(need.tests, need.within);
    case 'Patient':
      return { type: 'Patient', mustSupport: [need.element] };
    default:
      return { type: need.type };
  }
}

/** Results of tests by their LOINC codes, not older than a window. */
function observations(tests: readonly LabTest[], within: string | undefined): DataRequirement {
  const isWanted = (test: LabTest): boolean => tests.includes(test);
  // Since admission is no duration.
  const hours = within?.startsWith('P') ? milliseconds(within) / hour : null;
  return {
    type: 'Observation',
    codeFilter: [
      {
        path: 'code',
        code: labCodes
          .filter(({ test, raceBased }) => isWanted(test) && !raceBased)
          .map(({ code, display }) => ({ system: 'http://loinc.org', code, display })),
      },
    ],
    ...(hours === null
      ? {}
      : {
          dateFilter: [
            {
              path: 'effective',
              valueDuration: { value: hours, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' },
            },
          ],
        }),
  };
}

/** Condition, AllergyIntolerance and ServiceRequest -> conditions, allergies and service orders. */

import { asArray, asObject, asString, codeOf, codingsOf, isObject, printableCode } from '../fhir/json.ts';
import { spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { conditionGroupsOf } from '../terminology/conditions.ts';
import { resolveDrug } from '../terminology/drugs/resolve.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import { ingredientName } from './medication-name.ts';
import { clockTolerance, earliestOffset } from './observation-time.ts';
import { readWeeksCode } from './pregnancy.ts';

const activeStatuses = new Set(['active', 'recurrence', 'relapse']);
const endedStatuses = new Set(['inactive', 'remission', 'resolved']);

/** Adds a condition that belongs to a group of ours (https://hl7.org/fhir/R4/condition.html). */
export function readCondition(builder: ChartBuilder, { resource, reference, from }: IntakeItem): void {
  const verification = codeOf(resource.verificationStatus);
  if (verification === 'entered-in-error' || verification === 'refuted') return;
  const codings = codingsOf(resource.code);
  const { groups, coded } = conditionGroupsOf(codings, asObject(resource.code)?.text);
  if (!coded && groups.length === 0) {
    builder.addNotice('condition-uncoded', reference, 'has no SNOMED CT or ICD-10 code: no rule can use it');
  }
  const clinical = codeOf(resource.clinicalStatus);
  const abated = spanOf(resource.abatementDateTime) ?? spanOf(asObject(resource.abatementPeriod)?.end);
  const ended =
    (clinical !== null && endedStatuses.has(clinical)) || (abated !== null && abated.to < builder.at);
  const onset =
    spanOf(resource.onsetDateTime) ??
    spanOf(asObject(resource.onsetPeriod)?.start) ??
    spanOf(resource.recordedDate) ??
    // Its name before R4.
    spanOf(resource.assertedDate);
  if (onset && onset.from - earliestOffset > builder.at + clockTolerance) {
    builder.addNotice('condition-status', reference, 'begins after the evaluation time: not counted');
    return;
  }
  const confirmed = verification === null || verification === 'confirmed';
  if (groups.length > 0 && !ended && (clinical === null || !activeStatuses.has(clinical))) {
    builder.addNotice(
      'condition-status',
      reference,
      'has no clinical status we know: counted as active, and flagged',
    );
  }
  if (groups.length > 0 && !confirmed) {
    builder.addNotice(
      'condition-status',
      reference,
      `verification status \`${printableCode(verification) ?? 'not coded'}\`: counted, but exempts from nothing`,
    );
  }
  readWeeksCode(builder, reference, codings, spanOf(resource.recordedDate) ?? onset);
  if (groups.length === 0) return;
  builder.chart.conditions.push({
    reference,
    groups: [...groups],
    codes: codesOf(codings),
    status: ended ? 'inactive' : 'active',
    confirmed,
    onset,
    ...(from === 'entry' ? { entered: true } : {}),
  });
}

/** SNOMED CT: no known (drug, food, environmental, latex) allergy. */
const noAllergyCodes = new Set([
  '716186003',
  '409137002',
  '428607008',
  '428197003',
  '1003774007',
  '716184000',
  '716185004',
]);

/** Adds an allergy, to a drug or to something that may be one (https://hl7.org/fhir/R4/allergyintolerance.html). */
export function readAllergy(builder: ChartBuilder, { resource, reference, from }: IntakeItem): void {
  // DSTU2 has `refuted` and `entered-in-error` among its statuses.
  const verification = codeOf(resource.verificationStatus) ?? codeOf(resource.status);
  if (verification === 'entered-in-error' || verification === 'refuted') return;
  // DSTU2 says `substance` and `status`.
  const concept = asObject(resource.code) ?? asObject(resource.substance);
  const substance = resolveDrug(codingsOf(concept), concept?.text, builder.products);
  const clinical = codeOf(resource.clinicalStatus) ?? codeOf(resource.status);
  if (substance.ingredients.length === 0) {
    const kinds = [resource.category ?? []].flat();
    const notDrug = kinds.length > 0 && kinds.every((kind) => kind === 'food' || kind === 'environment');
    if (notDrug || codingsOf(concept).some(({ code }) => noAllergyCodes.has(asString(code) ?? ''))) return;
    builder.addNotice(
      'allergy-unresolved',
      reference,
      'could not be matched to an ingredient: it may be to any drug',
    );
  }
  builder.chart.allergies.push({
    reference,
    ingredients: substance.ingredients.map(ingredientName),
    status: clinical !== null && endedStatuses.has(clinical) ? 'inactive' : 'active',
    ...(from === 'entry' ? { entered: true } : {}),
  });
}

const withdrawnOrderStatuses = new Set(['entered-in-error', 'revoked', 'completed']);

/** Adds an order of this moment; of services that are running no rule asks. */
export function readServiceRequest(builder: ChartBuilder, item: IntakeItem): void {
  if (item.from !== 'draft' || item.resource.doNotPerform === true) return;
  if (withdrawnOrderStatuses.has(asString(item.resource.status) ?? '')) return;
  const code = item.resource.code;
  // A DiagnosticOrder of DSTU2 has a code for each of its items.
  const codings =
    code === undefined
      ? asArray(item.resource.item).flatMap((one) => codingsOf(one.code))
      : codingsOf(isObject(code) && isObject(code.concept) ? code.concept : code);
  builder.chart.serviceOrders.push({
    reference: item.reference,
    codes: codesOf(codings),
    selected: item.selected,
  });
}

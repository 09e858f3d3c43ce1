/** Condition, AllergyIntolerance and ServiceRequest -> conditions, allergies and service orders. */

import { asObject, asString, codeOf, codingsOf, isObject, printableCode } from '../fhir/json.ts';
import { spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { type ConditionReading, conditionGroupsOf } from '../terminology/conditions.ts';
import { resolveDrug } from '../terminology/drugs/resolve.ts';
import { readAbsence } from './absences.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import {
  activeStatuses,
  type ConditionStatus,
  codingsOfConcept,
  conceptsOf,
  isNegated,
  onsetOf,
  standingsOf,
  statusOfCondition,
  textOfConcept,
} from './condition-status.ts';
import { ingredientName } from './medication-name.ts';
import { clockTolerance, earliestOffset } from './observation-time.ts';
import { readWeeksCode } from './pregnancy.ts';

const endedStatuses = new Set(['inactive', 'remission', 'resolved']);

const isWithdrawn = (verification: string | null): boolean =>
  verification === 'entered-in-error' || verification === 'refuted';

/** Adds a condition: the groups that it is of, those that it leaves open, and that it could not be read. */
export function readCondition(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference, from } = item;
  const status = statusOfCondition(resource, builder.at);
  const concepts = conceptsOf(resource.code);
  const codings = concepts.flatMap(codingsOfConcept);
  const reading = conditionGroupsOf(codings, concepts.map(textOfConcept));
  const isOfGroup = reading.groups.length + reading.open.length + reading.past.length > 0;
  const isVoid = status.isWithdrawn || status.ended;
  if (!isOfGroup && readAbsence(builder, item, 'problems', resource.code, isVoid)) return;
  if (status.isWithdrawn) return;
  if (isNegated(resource)) {
    builder.addNotice('condition-status', reference, 'is marked as negated: not counted');
    return;
  }
  const onset = onsetOf(resource);
  if (onset && onset.from - earliestOffset > builder.at + clockTolerance) {
    builder.addNotice('condition-status', reference, 'begins after the evaluation time: not counted');
    return;
  }
  noteReading(builder, reference, reading);
  noteStatus(builder, reference, reading, status);
  readWeeksCode(builder, reference, codings, spanOf(resource.recordedDate) ?? onset);
  const common = {
    reference,
    codes: codesOf(codings),
    confirmed: status.verification === null || status.verification === 'confirmed',
    onset,
    ...(reading.by === 'words' ? { byWords: true as const } : {}),
    ...(from === 'entry' ? { entered: true as const } : {}),
  };
  for (const said of standingsOf(reading, status.ended))
    builder.chart.conditions.push({ ...common, ...said });
}

function noteReading(
  builder: ChartBuilder,
  reference: string,
  { by, coded, groups }: ConditionReading,
): void {
  if (by === 'nothing') {
    builder.addNotice(
      'condition-uncoded',
      reference,
      'has no code in our lists and no words: it may be any problem. Send `code.text`, a display, or a code of SNOMED CT or an ICD',
    );
  } else if (by === 'words' && groups.length > 0) {
    builder.addNotice(
      'condition-uncoded',
      reference,
      'is known by its words only: counted, but exempts from nothing. Send a code of SNOMED CT or an ICD',
    );
  } else if (by === 'words' && !coded) {
    builder.addNotice(
      'condition-uncoded',
      reference,
      'has no code of SNOMED CT or an ICD: only its words were read',
    );
  }
}

function noteStatus(
  builder: ChartBuilder,
  reference: string,
  { groups }: ConditionReading,
  { ended, clinical, verification }: ConditionStatus,
): void {
  if (groups.length === 0) return;
  if (!ended && (clinical === null || !activeStatuses.has(clinical))) {
    builder.addNotice(
      'condition-status',
      reference,
      'has no clinical status we know: counted as active, and flagged',
    );
  }
  if (verification !== null && verification !== 'confirmed') {
    builder.addNotice(
      'condition-status',
      reference,
      `verification status \`${printableCode(verification) ?? 'not coded'}\`: counted, but exempts from nothing`,
    );
  }
}

/** Adds an allergy, to a drug or to something that may be one (https://hl7.org/fhir/R4/allergyintolerance.html). */
export function readAllergy(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference, from } = item;
  // DSTU2 says `substance`, and in `status` what later are two statuses.
  const clinical = codeOf(resource.clinicalStatus) ?? codeOf(resource.status);
  const verification = codeOf(resource.verificationStatus) ?? codeOf(resource.status);
  const concept = asObject(resource.code) ?? asObject(resource.substance);
  const substance = resolveDrug(codingsOf(concept), concept?.text, builder.products);
  const kinds = [resource.category ?? []].flat();
  const notDrug = kinds.length > 0 && kinds.every((kind) => kind === 'food' || kind === 'environment');
  // A statement that a list is empty is one of today: not one that was withdrawn, or is over.
  const isOver = clinical !== null && endedStatuses.has(clinical);
  const isSilent = notDrug || isOver || isWithdrawn(verification);
  const isEntry = substance.ingredients.length > 0;
  if (!isEntry && readAbsence(builder, item, 'allergies', concept, isSilent)) return;
  if (isWithdrawn(verification)) return;
  if (!isEntry) {
    if (notDrug) return;
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
  const codings = codingsOf(isObject(code) && isObject(code.concept) ? code.concept : code);
  builder.chart.serviceOrders.push({
    reference: item.reference,
    codes: codesOf(codings),
    selected: item.selected,
  });
}

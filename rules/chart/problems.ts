/** Condition -> conditions; allergies are in allergies.ts. */

import { asString, type Json, printableCode } from '../fhir/json.ts';
import { spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { isBareName } from '../terminology/condition-systems.ts';
import { type ConditionReading, conditionGroupsOf, readingsOf } from '../terminology/conditions.ts';
import { printableSystem } from '../terminology/systems.ts';
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
import { clockTolerance, earliestOffset } from './observation-time.ts';
import { readWeeksCode } from './pregnancy.ts';

/** Adds a condition: the groups that it is of, those that it leaves open, and that it could not be read. */
export function readCondition(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference, from } = item;
  const status = statusOfCondition(resource, builder.at);
  const concepts = conceptsOf(resource.code);
  const codings = concepts.flatMap(codingsOfConcept);
  const reading = conditionGroupsOf(codings, concepts.map(textOfConcept));
  const isOfGroup = readingsOf(reading).some(
    ({ groups, open, past }) => groups.length + open.length + past.length > 0,
  );
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
  for (const read of readingsOf(reading)) noteReading(builder, reference, read);
  noteSystems(builder, reference, reading, codings);
  noteStatus(builder, reference, reading, status);
  readWeeksCode(builder, reference, codings, spanOf(resource.recordedDate) ?? onset);
  const common = {
    reference,
    codes: codesOf(codings),
    confirmed: status.verification === null || status.verification === 'confirmed',
    onset,
    ...(from === 'entry' ? { entered: true as const } : {}),
  };
  for (const read of readingsOf(reading)) {
    const byWords = read.by === 'words' ? { byWords: true as const } : {};
    for (const said of standingsOf(read, status.ended))
      builder.chart.conditions.push({ ...common, ...byWords, ...said });
  }
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

/** Names systems that are not known, where nothing else was read, and those that came as a bare name. */
function noteSystems(
  builder: ChartBuilder,
  reference: string,
  { by, coded }: ConditionReading,
  codings: readonly Json[],
): void {
  const bare = codings
    .map(({ system }) => (isBareName(system) ? asString(system)?.trim() : null))
    .find(Boolean);
  if (bare) {
    builder.addNotice(
      'condition-uncoded',
      reference,
      `has a code under \`${bare}\`, which is no URI: read as that system; send its URI, such as http://snomed.info/sct or http://hl7.org/fhir/sid/icd-10-cm`,
    );
  }
  if (by !== 'nothing' || coded) return;
  const unknown = codings.map(({ system }) => printableSystem(system)).find((system) => system !== null);
  if (unknown) {
    builder.addNotice(
      'condition-uncoded',
      reference,
      `has a code of \`${unknown}\`, a code system that is not read: send the URI of SNOMED CT or of an ICD, if it is one`,
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

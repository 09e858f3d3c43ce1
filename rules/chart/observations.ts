/** Observation (https://hl7.org/fhir/R4/observation.html) -> labs: status, time, unit and value, decided once. */

import {
  asArray,
  asObject,
  asString,
  codingsOf,
  isObject,
  type Json,
  printableCode,
  statusOf,
} from '../fhir/json.ts';
import type { IntakeItem } from '../intake/types.ts';
import {
  analyteNamedIn,
  codeNotUsedIn,
  type LabCode,
  type LabTest,
  labCodeOf,
  labTests,
  misnamedLabCode,
  testsApart,
} from '../terminology/labs.ts';
import { printableSystem, readsAsLoinc } from '../terminology/systems.ts';
import { contradictsProperty, lacksBodySurface } from '../terminology/units.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import {
  finalStatuses,
  isInFuture,
  type ObservationTime,
  observationTimeOf,
  periodStartOf,
  withdrawnStatuses,
} from './observation-time.ts';
import { readDeliveryDate, readPregnancyStatus } from './pregnancy.ts';
import {
  type ConvertedValue,
  convertStated,
  isComparator,
  lowerLimitOf,
  printableUnitOf,
  type Refusal,
  readStatedValue,
  readUpperEnd,
} from './stated-value.ts';
import type { Lab } from './types.ts';

const isLaboratory = (resource: Json): boolean =>
  asArray(resource.category).some((category) =>
    codingsOf(category).some((coding) => coding.code === 'laboratory' || coding.code === 'LAB'),
  );

/** Adds a lab for the Observation and for each component with a code of ours; others are counted. */
export function readObservation(builder: ChartBuilder, item: IntakeItem): void {
  const { resource } = item;
  const codings = codingsOf(resource.code);
  const code = labCodeOf(codings);
  if (code ? labTests[code.test].laboratory : isLaboratory(resource)) builder.noteLaboratory();
  noteSystem(builder, item, codings, code);
  if (code) readResult(builder, item, resource, code);
  let componentsUsed = false;
  for (const component of asArray(resource.component)) {
    const part = labCodeOf(codingsOf(component.code));
    if (!code) noteSystem(builder, item, codingsOf(component.code), part);
    if (!part) continue;
    componentsUsed = true;
    if (labTests[part.test].laboratory) builder.noteLaboratory();
    readResult(builder, item, component, part);
  }
  if (!code && !componentsUsed) noteUnused(builder, item, codings);
}

const loinc = 'http://loinc.org';

/** A code of ours under a system that is not LOINC's: used where the system says LOINC in other words. */
function noteSystem(
  builder: ChartBuilder,
  { reference }: IntakeItem,
  codings: readonly Json[],
  code: LabCode | null,
): void {
  const misnamed = misnamedLabCode(codings);
  if (!misnamed || (code && readsAsLoinc(misnamed.system) === null)) return;
  const system = printableSystem(misnamed.system);
  const what =
    misnamed.system === undefined ? 'no system' : system ? `the system \`${system}\`` : 'another system';
  builder.addNotice(
    'lab-code-system',
    reference,
    `the code ${printableCode(asString(misnamed.code)?.trim())} is one of LOINC's and comes under ${what}: ${code ? 'read as LOINC' : 'not used'}; send \`system\` ${loinc}`,
  );
}

/** An observation without a code that we know: one that names a test of ours gets a notice of its own. */
function noteUnused(
  builder: ChartBuilder,
  { resource, reference }: IntakeItem,
  codings: readonly Json[],
): void {
  // Said already, with the system that it needs.
  if (misnamedLabCode(codings)) return;
  const other = codeNotUsedIn(codings);
  if (other) {
    const { code, of, why } = other;
    builder.noteApart(code, reference, `LOINC ${code} is of ${of}, but ${why}: not used`);
    return;
  }
  const test = testNamedBy(codings, resource.code);
  if (test && (resource.valueQuantity !== undefined || resource.valueString !== undefined)) {
    const codes = codesOf(codings).map(({ code }) => code);
    const what = codes.length > 0 ? `code ${codes.join(', ')} is not one we know` : 'has no code';
    const isLoinc = codings.some(({ system }) => readsAsLoinc(system) !== null);
    const advice = isLoinc
      ? `another specimen or meaning may not stand for it; send ${labTests[test].orderCode?.code ?? 'its own code'} if it is that`
      : 'send a LOINC code';
    builder.addNotice(
      'lab-code-unknown',
      reference,
      `seems to be ${labTests[test].name} but ${what}: not used; ${advice}`,
    );
    return;
  }
  const key = printableCode(codings[0]?.code) ?? '(none)';
  builder.unusedCodes.set(key, (builder.unusedCodes.get(key) ?? 0) + 1);
}

function testNamedBy(codings: readonly Json[], concept: unknown): LabTest | null {
  for (const { display } of codings) {
    const test = typeof display === 'string' ? analyteNamedIn(display) : null;
    if (test) return test;
  }
  const label = isObject(concept) ? asString(concept.text) : null;
  return label ? analyteNamedIn(label) : null;
}

/** @param part the Observation itself, or one of its components */
function readResult(builder: ChartBuilder, item: IntakeItem, part: Json, code: LabCode): void {
  switch (code.test) {
    case 'pregnancy-status':
      readPregnancyStatus(builder, item, part);
      break;
    case 'delivery-date':
      readDeliveryDate(builder, item, part);
      break;
    default:
      readLab(builder, item, part, code);
  }
}

function readLab(
  builder: ChartBuilder,
  { resource, reference }: IntakeItem,
  part: Json,
  code: LabCode,
): void {
  const info = labTests[code.test];
  const stated = readStatedValue(part);
  const time = observationTimeOf(resource, builder.at);
  const since = periodStartOf(resource, time);
  const withdrawn = refuseWithdrawn(resource);
  // A panel or a result whose value sits in its components or members has no value of its own to miss.
  if (!withdrawn && !stated && part === resource && hasParts(resource)) return;
  const converted = withdrawn ?? convertStated(part, stated, code);
  const upper = readUpper(part, code);
  const refusal = converted.refusal ?? upper?.refusal ?? refuseTime(time, builder.at);
  const versionId = printableCode(asObject(resource.meta)?.versionId);
  const lab: Lab = {
    reference,
    test: code.test,
    loinc: code.code,
    value: converted.value,
    unit: info.unit,
    received: { value: stated?.value ?? null, unit: printableUnitOf(stated) ?? converted.statedUnit },
    statedUnit: converted.statedUnit,
    ...time,
    ...(since === null ? {} : { since }),
    used: false,
    why: null,
    ...(versionId ? { versionId } : {}),
  };
  builder.chart.labs.push(lab);
  builder.standings.set(lab, {
    yields: code.yields ?? false,
    status: statusOf(resource),
    issued: resource.issued,
    lastUpdated: asObject(resource.meta)?.lastUpdated,
  });
  if (refusal) {
    lab.why = refusal.why;
    const lack = stated && lackOf(refusal);
    if (lack) lab.unusable = lack;
    builder.addNotice(refusal.code, reference, `${info.name}: ${refusal.why}`);
    return;
  }
  lab.used = !code.raceBased;
  if (upper) takeUpperEnd(lab, upper);
  const apart = testsApart.get(code.test);
  if (apart) builder.noteApart(code.test, reference, `${info.name}: ${apart}`);
  if (isComparator(stated?.comparator)) {
    lab.comparator = stated.comparator;
    builder.addNotice(
      'value-one-sided',
      reference,
      `${info.name}: \`${stated.comparator} ${stated.value}\` decides a comparison only when all it may mean does`,
    );
  }
  if (code.method) lab.method = code.method;
  if (code.raceBased) lab.raceBased = true;
  const flags = flagLab(builder, lab, code, resource);
  if (flags.length > 0) lab.why = flags.join('; ');
  const lowerLimit = lowerLimitOf(part, code);
  if (lowerLimit !== null) lab.lowerLimit = lowerLimit;
}

/** What a number that came lacks to be used. */
function lackOf({ code }: Refusal): Lab['unusable'] | null {
  switch (code) {
    case 'unit-missing':
    case 'unit-unknown':
      return 'unit';
    case 'value-implausible':
    case 'value-not-a-number':
      return 'value';
    default:
      return null;
  }
}

interface UpperEnd extends ConvertedValue {
  received: Lab['received'];
}

/** The upper end of a range that a result states, in the test's unit. */
function readUpper(part: Json, code: LabCode): UpperEnd | null {
  const stated = readUpperEnd(part);
  if (!stated) return null;
  const converted = convertStated(part, stated, code);
  const unit = printableUnitOf(stated) ?? converted.statedUnit;
  return { ...converted, received: { value: stated.value, unit } };
}

function takeUpperEnd(lab: Lab, { value, statedUnit, received }: UpperEnd): void {
  const { reference, time } = lab;
  lab.rival = { reference, value, received, statedUnit, time, why: null };
  lab.isRange = true;
}

const hasParts = (resource: Json): boolean =>
  resource.component !== undefined || resource.hasMember !== undefined;

function refuseWithdrawn(resource: Json): ConvertedValue | null {
  const status = statusOf(resource);
  if (!status || !withdrawnStatuses.has(status)) return null;
  const refusal: Refusal = { code: 'value-withdrawn', why: `status \`${status}\`: not used` };
  return { value: null, statedUnit: null, refusal };
}

function refuseTime(time: ObservationTime, at: number): Refusal | null {
  if (!time.span) {
    const why = 'has no usable date (effective or issued): it is never recent, so not used';
    return { code: 'lab-undated', why };
  }
  return isInFuture(time, at)
    ? { code: 'lab-in-future', why: 'is dated after the evaluation time: not used' }
    : null;
}

/** Words of a specimen that may say more, or less, than is in the blood; a denial beside them denies them. */
const poorWords = [
  [/h(?:a?em|\u00e4m)oly[sz]\w*/i, 'hemolyzed'],
  [/\bclotted\b/i, 'clotted'],
  [/contaminat\w*/i, 'contaminated'],
] as const;
const denied = /\b(?:no|not|non|without|nil|negative|keine?|nicht)\b[\s-]*(?:\w+\s+){0,2}$/i;
const deniedAfter = /^[\s:]*(?:index\W+)?(?:not\b|no\b|none|absent|negative|nil|0\b)/i;

/** How a note of the laboratory, or the interpretation, calls the specimen; null where nothing does. Its words are not kept. */
function poorSpecimen(resource: Json): string | null {
  const texts = [...asArray(resource.note), ...asArray(resource.interpretation)]
    .filter(isObject)
    .flatMap((one) => [asString(one.text), ...codingsOf(one).map(({ display }) => asString(display))])
    .concat(asString(resource.comments), asString(resource.comment))
    .flatMap((one) => one ?? []);
  for (const text of texts.map((one) => one.slice(0, 500))) {
    for (const [pattern, word] of poorWords) {
      const match = pattern.exec(text);
      if (!match) continue;
      const [before, after] = [text.slice(0, match.index), text.slice(match.index + match[0].length)];
      if (!denied.test(before) && !deniedAfter.test(after)) return word;
    }
  }
  return null;
}

/** What the reader must know of a result although it is understood, each with a notice. */
function flagLab(builder: ChartBuilder, lab: Lab, code: LabCode, resource: Json): string[] {
  const status = statusOf(resource);
  const { reference, statedUnit } = lab;
  const { name } = labTests[code.test];
  const flags: string[] = [];
  if (!status || !finalStatuses.has(status)) {
    const flag =
      status && status.length < 20
        ? `status \`${printableCode(status) ?? 'unreadable'}\``
        : 'status not given';
    flags.push(flag);
    builder.addNotice('value-preliminary', reference, `${name}: ${flag}: used, and flagged`);
  }
  if (statedUnit && contradictsProperty(code, statedUnit)) {
    flags.push(`unit \`${statedUnit}\` contradicts LOINC ${code.code}`);
    builder.addNotice(
      'unit-code-mismatch',
      reference,
      `${name}: unit \`${statedUnit}\` and LOINC ${code.code} (${code.property}) disagree: read as ${lab.received.value} ${statedUnit}`,
    );
  }
  if (code.caution) flags.push(code.caution);
  const poor = poorSpecimen(resource);
  if (poor !== null) flags.push(`the laboratory notes a ${poor} specimen`);
  if (statedUnit && lacksBodySurface(code.test, statedUnit)) {
    flags.push('came without the body surface of its unit: used as reported');
  }
  if (code.raceBased) {
    flags.push('race-based equation: not used');
    builder.addNotice(
      'egfr-recomputed',
      reference,
      'eGFR from a race-based equation: not used, recomputed from creatinine',
    );
  }
  return flags;
}

/** What is shared while one chart is read. */

import { type HookMeaning, meaningOf } from '../fhir/hooks.ts';
import { asObject, asString, type Json, printableCode } from '../fhir/json.ts';
import { type Notice, type NoticeCode, notice } from '../fhir/notice.ts';
import { hour, minute, type Span, spanOf } from '../fhir/time.ts';
import { categoryOf } from '../intake/resource-category.ts';
import type { Intake, IntakeItem } from '../intake/types.ts';
import { labCodeOf } from '../terminology/labs.ts';
import type { ProductIndex } from '../terminology/products.ts';
import type { Chart, Medication } from './types.ts';

export const fiveMinutes = 5 * minute;
/** A date without an offset may have begun this much earlier somewhere on earth. */
export const earliestOffset = 14 * hour;

const patientReference = (id: string | null): string | null =>
  id === null || id.startsWith('urn:') ? id : `Patient/${id}`;

const loinc = 'http://loinc.org';

export class ChartBuilder {
  readonly chart: Chart;
  readonly notices: Notice[] = [];
  readonly at: number;
  readonly intake: Intake;
  readonly meaning: HookMeaning;
  readonly products: ProductIndex | undefined;
  /** Counts of what is not used, by code, so that a thousand observations make one notice. */
  readonly unused = new Map<string, number>();
  /** Doses given and supplies handed out; of each drug the last is kept. */
  readonly given: Medication[] = [];

  constructor(intake: Intake, at: number, products: ProductIndex | undefined) {
    this.intake = intake;
    this.meaning = meaningOf(intake.hook);
    this.at = at;
    this.products = products;
    this.chart = {
      patient: {
        reference: patientReference(intake.patientId),
        sex: null,
        birthDate: null,
      },
      encounter: null,
      labs: [],
      medications: [],
      conditions: [],
      datings: [],
      allergies: [],
      serviceOrders: [],
      completeness: { ...intake.completeness },
      ...(this.meaning.kind === 'entry' ? { therapyUnderReview: true } : {}),
      testsAsked: [
        ...new Set(
          [...intake.codesAsked].flatMap((code) => labCodeOf([{ system: loinc, code }])?.test ?? []),
        ),
      ],
    };
  }

  addNotice(code: NoticeCode, reference: string | null, message: string): void {
    this.notices.push(notice(code, reference, message));
  }

  /** A resource that could not be read: what it would have said is unknown. */
  markIncomplete({ type, from, resource }: IntakeItem): void {
    const { completeness } = this.chart;
    const category = from === 'draft' ? 'orders' : categoryOf(type, resource);
    if (category && completeness[category] === 'known') completeness[category] = 'partial';
  }

  /** Laboratory data came: whether all of it, the intake knows. */
  sawLaboratory(): void {
    const { completeness } = this.chart;
    if (completeness.labs === 'absent') {
      completeness.labs = this.intake.incomplete.has('labs') ? 'partial' : 'known';
    }
  }
}

export const codesOf = (codings: readonly Json[]): { system: string; code: string }[] =>
  codings.flatMap((coding) => {
    const code = printableCode(coding.code);
    const system = asString(coding.system);
    return code && system && system.length <= 120 ? [{ system, code }] : [];
  });

/** With 5 minutes for clocks that differ; a date or a time without an offset has begun when it has begun anywhere on earth. */
export function isInFuture({ at }: ChartBuilder, time: string | null, span: Span | null): boolean {
  if (time === null || span === null) return false;
  const hasOffset = /Z|[+-]\d\d:/.test(time);
  return (hasOffset ? span.from : span.from - earliestOffset) > at + fiveMinutes;
}

/** effectiveDateTime, else effectivePeriod.end, else issued; nothing else is a time of the specimen. */
export function observationTime(resource: Json): { time: string | null; span: Span | null } {
  const candidates = [
    resource.effectiveDateTime,
    resource.effectiveInstant,
    asObject(resource.effectivePeriod)?.end,
    resource.issued,
  ];
  for (const candidate of candidates) {
    const span = spanOf(candidate);
    if (span) return { time: candidate as string, span };
  }
  return { time: null, span: null };
}

export const withdrawn = new Set(['entered-in-error', 'cancelled', 'registered']);
export const settled = new Set(['final', 'amended', 'corrected', 'appended']);

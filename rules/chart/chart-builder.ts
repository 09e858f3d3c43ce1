/** The chart while it is made: what all its readers share. */

import type { Category } from '../fhir/categories.ts';
import { type HookMeaning, meaningOf } from '../fhir/hooks.ts';
import { type Notice, type NoticeCode, notice } from '../fhir/notice.ts';
import { categoryOf } from '../intake/resource-category.ts';
import type { Intake, IntakeItem } from '../intake/types.ts';
import { longestLookBack, type Unread } from '../intake/unread.ts';
import type { Absence } from '../terminology/absent.ts';
import { type LabTest, labCodes } from '../terminology/labs.ts';
import type { ProductIndex } from '../terminology/products.ts';
import type { Standing } from './observation-time.ts';
import type { Chart, Lab, Medication } from './types.ts';

const patientReference = (id: string | null): string | null =>
  id === null || id.startsWith('urn:') ? id : `Patient/${id}`;

/**
 * Tests that were asked for: one code of a test is not the test, since its result may come under another. Under our own
 * key the client asks by our template, of this version or of another that had fewer codes.
 */
function testsAsked({ codesAsked, ourCodes }: Pick<Intake, 'codesAsked' | 'ourCodes'>): LabTest[] {
  if (codesAsked.size === 0) return [];
  const byTest = Map.groupBy(labCodes, ({ test }) => test);
  const isAsked = (codes: readonly { code: string }[]): boolean =>
    codes.some(({ code }) => ourCodes.has(code)) || codes.every(({ code }) => codesAsked.has(code));
  return [...byTest].flatMap(([test, codes]) => (isAsked(codes) ? test : []));
}

/** Each once, in an order that does not depend on which answer came first; not what no rule looks back to. */
function distinct(parts: readonly Unread[], at: number): Unread[] {
  const matters = parts.filter(({ asked, until }) => !asked || (until ?? at) > at - longestLookBack);
  const byContent = new Map(
    matters.map(({ category, of, until, asked }) => [
      JSON.stringify([category, of ?? '', until ?? null, asked ?? null]),
      {
        category,
        ...(of ? { of } : {}),
        ...(until === undefined ? {} : { until }),
        ...(asked ? { asked } : {}),
      },
    ]),
  );
  return [...byContent].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

/** Holds the chart, its notices and what its readers ask: the evaluation time in milliseconds, the intake, the index. */
export class ChartBuilder {
  readonly chart: Chart;
  readonly notices: Notice[] = [];
  readonly at: number;
  readonly intake: Intake;
  readonly meaning: HookMeaning;
  readonly products: ProductIndex | undefined;
  /** Counts of what is not used, by code, so that a thousand observations make one notice. */
  readonly unusedCodes = new Map<string, number>();
  /** What ranks each result among those of its test and time. */
  readonly standings = new Map<Lab, Standing>();
  /** Results that no rule compares, by code: what to say of each, of the first of them, and how many there are. */
  readonly apart = new Map<string, { reference: string; message: string; count: number }>();
  /** Entries that stand in place of one: none known, no information, withheld. */
  readonly absences: { category: Category; absence: Absence; reference: string }[] = [];
  /** Procedures that no rule asks for. */
  unusedProcedures = 0;
  /** Doses given and supplies handed out; of each drug the last is kept. */
  readonly pastDoses: Medication[] = [];

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
      testsAsked: testsAsked(intake),
    };
    if (intake.lacksPatient) this.chart.patientAbsent = true;
    if (!intake.hasMeasurements) this.chart.measurementsAbsent = true;
    const unread = distinct(intake.unread, at);
    if (unread.length > 0) this.chart.unread = unread;
    for (const { asked, category, until } of unread) {
      if (!asked || until === undefined) continue;
      const since = new Date(until + 1).toISOString().slice(0, 10);
      this.addNotice(
        'category-incomplete',
        null,
        `${category} came since ${since} only: what is older is unknown`,
      );
    }
  }

  addNotice(code: NoticeCode, reference: string | null, message: string): void {
    this.notices.push(notice(code, reference, message));
  }

  /** A result that is understood, and that no limit is for. */
  noteApart(code: string, reference: string, message: string): void {
    const known = this.apart.get(code);
    if (known) known.count += 1;
    else this.apart.set(code, { reference, message, count: 1 });
  }

  /** A resource that could not be read: what it would have said is unknown. */
  markIncomplete({ type, from, resource }: IntakeItem): void {
    const { completeness } = this.chart;
    const category = from === 'draft' ? 'orders' : categoryOf(type, resource);
    if (category && completeness[category] === 'known') completeness[category] = 'partial';
  }

  /** What the list lacks is unknown; at an entry, what is not known of therapy is not known of the orders. */
  lower(category: Category): void {
    const { completeness, therapyUnderReview } = this.chart;
    if (completeness[category] === 'known') completeness[category] = 'partial';
    if (category === 'medications' && therapyUnderReview) completeness.orders = completeness.medications;
  }

  /** Somebody stated that the list is empty. */
  noteStatedEmpty(category: Category): void {
    const { completeness, therapyUnderReview } = this.chart;
    if (completeness[category] === 'absent') {
      completeness[category] = this.intake.incomplete.has(category) ? 'partial' : 'known';
    }
    if (category === 'medications' && therapyUnderReview) completeness.orders = completeness.medications;
  }

  /** Laboratory data came: whether all of it, the intake knows. */
  noteLaboratory(): void {
    const { completeness } = this.chart;
    if (completeness.labs === 'absent') {
      completeness.labs = this.intake.incomplete.has('labs') ? 'partial' : 'known';
    }
  }
}

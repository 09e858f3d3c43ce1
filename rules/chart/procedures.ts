/** Procedure -> conditions: dialysis that is given, a kidney transplant, a pacemaker that was implanted. */

import { asObject, asString, codingsOf, type Json } from '../fhir/json.ts';
import { day, type Span, spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { proceduresOf } from '../terminology/condition-codes.ts';
import type { ProcedureKind } from '../terminology/condition-table.ts';
import { conditionGroupsOf } from '../terminology/conditions.ts';
import { isDialysisSession, namesAccess } from '../terminology/procedure-codes.ts';
import { readAbsence } from './absences.ts';
import type { ChartBuilder } from './chart-builder.ts';
import { codesOf } from './codes.ts';
import { clockTolerance, earliestOffset } from './observation-time.ts';

/** Nothing was done, or it was another one's. */
const notDone: ReadonlySet<string> = new Set(['not-done', 'entered-in-error', 'preparation']);
const done: ReadonlySet<string> = new Set(['completed', 'in-progress']);

const proves: ReadonlySet<ProcedureKind> = new Set([
  'session',
  'esrd-month',
  'transplantation',
  'implantation',
]);
/** A temporary pacemaker, and a lead of what may be a defibrillator, say nothing of a lasting one. */
const saysNothing: ReadonlySet<ProcedureKind> = new Set(['temporary', 'lead']);
/** Groups that a procedure may prove. */
export const procedureGroups: ReadonlySet<string> = new Set(['dialysis', 'kidney-transplant', 'pacemaker']);

/** Milliseconds. */
const hintCounts = 14 * day;

interface Reading {
  groups: string[];
  open: string[];
  /** What was taken away. */
  ends: string[];
  byWords: boolean;
}

const takesAway = /remov|explant|extract|entfern|retrait|retirada|rimozione/i;
/** "Removal and replacement", a new generator: nothing is gone for good. */
const replaces = /replac|exchange|revision|upgrade|chang|wechsel/i;

const namesPacemaker = /pacemaker|schrittmacher|marcapaso|stimulateur cardiaque/i;
/** Whether words are about taking out. */
const isRemoval = (words: readonly unknown[]): boolean => {
  const texts = words.filter((word): word is string => typeof word === 'string' && word.length <= 500);
  return texts.some((word) => takesAway.test(word)) && !texts.some((word) => replaces.test(word));
};

/** By its codes; where none is in a list, by its words. */
function readGroups(code: unknown): Reading {
  const codings = codingsOf(code);
  const found = proceduresOf(codings).filter(({ kind }) => !saysNothing.has(kind));
  const ends = [...new Set(found.flatMap(({ group, kind }) => (kind === 'removal' ? [group] : [])))];
  const groups = new Set(found.flatMap(({ group, kind }) => (proves.has(kind) ? [group] : [])));
  if (isDialysisSession(codings)) groups.add('dialysis');
  const open = new Set(
    found.flatMap(({ group, kind }) => (groups.has(group) || kind === 'removal' ? [] : [group])),
  );
  if (groups.size + open.size > 0 || proceduresOf(codings).length > 0)
    return { groups: [...groups], open: [...open], ends, byWords: false };
  const text = asString(asObject(code)?.text);
  const said = conditionGroupsOf(codings, text);
  const read = said.groups.filter((group) => procedureGroups.has(group));
  const words = [text, ...codings.map(({ display }) => display)];
  if (words.some((word) => typeof word === 'string' && namesPacemaker.test(word)) && isRemoval(words))
    return { groups: [], open: [], ends: ['pacemaker'], byWords: true };
  // "Insertion of a hemodialysis catheter" is no dialysis yet.
  const isAccess = said.by === 'words' && namesAccess(words);
  return {
    groups: isAccess ? [] : read,
    open: [...(isAccess ? read : []), ...said.open.filter((group) => procedureGroups.has(group))],
    ends: [],
    byWords: said.by === 'words',
  };
}

/** When it was done: of what is given again and again the end, of what lasts the beginning. R5, R4, STU3. */
function timeOf(resource: Json, at: number, lasts: boolean): Span | null {
  const point = spanOf(resource.performedDateTime) ?? spanOf(resource.occurrenceDateTime);
  const period = asObject(resource.performedPeriod) ?? asObject(resource.occurrencePeriod);
  const start = point ?? spanOf(period?.start);
  if (lasts) return start ?? spanOf(period?.end);
  const begun = start === null || start.from - earliestOffset <= at + clockTolerance;
  const end = spanOf(period?.end);
  if (resource.status === 'in-progress' && begun && (end === null || end.to >= at))
    return { from: at, to: at };
  return end ?? start;
}

/** Adds what it says of the problems (https://hl7.org/fhir/R4/procedure.html); it never says that there is none. */
export function readProcedure(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference, from } = item;
  const status = asString(resource.status);
  // STU3 and DSTU2 have a member of their own for what was not done.
  if (resource.notDone === true || resource.notPerformed === true || notDone.has(status ?? '')) return;
  if (from === 'draft' || readAbsence(builder, item, 'procedures', resource.code, false)) return;
  const { groups, open, ends, byWords } = readGroups(resource.code);
  if (groups.length + open.length + ends.length === 0) {
    builder.unusedProcedures += 1;
    return;
  }
  const lasts = ![...groups, ...open].includes('dialysis');
  const onset = timeOf(resource, builder.at, lasts);
  if (onset && onset.from - earliestOffset > builder.at + clockTolerance) {
    builder.addNotice('condition-status', reference, 'is dated after the evaluation time: not counted');
    return;
  }
  // Access to dialysis is a hint for a while only: it may be made long before, and stay long after.
  if (groups.length + ends.length === 0 && !lasts && (onset === null || onset.to < builder.at - hintCounts))
    return;
  const confirmed = done.has(status ?? '');
  if (!confirmed) {
    builder.addNotice(
      'condition-status',
      reference,
      'is a procedure that is not `completed` or `in-progress`: counted, but exempts from nothing',
    );
  }
  if (onset === null && !lasts) {
    builder.addNotice(
      'condition-status',
      reference,
      'does not say when it was done: whether the patient is on dialysis now is open; send `performedDateTime`',
    );
  }
  builder.chart.conditions.push({
    reference,
    groups,
    codes: codesOf(codingsOf(resource.code)),
    status: 'active',
    confirmed,
    onset,
    ...(byWords ? { byWords: true } : {}),
    ...(open.length > 0 ? { open } : {}),
    ...(ends.length > 0 ? { ends } : {}),
    procedure: true,
  });
}

/** Procedures that no rule asks for, once. */
export function noteUnusedProcedures(builder: ChartBuilder): void {
  const { unusedProcedures: count } = builder;
  if (count > 0)
    builder.addNotice('resource-ignored', null, `${count} Procedure resource(s): no rule uses them`);
}

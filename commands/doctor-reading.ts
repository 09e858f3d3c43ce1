/** What the service would take an answer of a FHIR server for: whole, in part, or of somebody else. */
import { matchesIn } from '../functions/outbound/bundle.ts';
import type { Json } from '../rules/fhir/json.ts';
import type { NoticeCode } from '../rules/fhir/notice.ts';
import { intakeOfHook } from '../rules/intake/intake.ts';
import { answerTo } from '../rules/intake/prefetch-answer.ts';
import { selfSearchOf } from '../rules/intake/search.ts';

/** Whom the questions are about, and whom they are asked of. */
export interface Subject {
  patientId: string;
  encounterId: string | null;
  /** Base address of the server. */
  base: string;
  /** The Patient, once it was read: others may refer to it by its identifier. */
  patient: Json | null;
}

export interface Reading {
  extent: 'whole' | 'part' | 'of another patient';
  /** Why it is not whole, as clauses. Nothing of the patient is in them. */
  why: readonly string[];
  /** Results that belong to somebody else, or do not say to whom in a way that leads to the patient. */
  ofOthers: number;
}

/** Notices that say that an answer lacks something. */
const lacking: ReadonlySet<NoticeCode> = new Set([
  'category-incomplete',
  'prefetch-error',
  'resource-malformed',
]);

/** A notice without the place that it speaks of, which has a line of its own, and without what follows from it. */
const clauseOf = (message: string): string =>
  message
    .replace(/^fetched\.\w+(?:\.entry\[\d+\])? /, 'the answer ')
    .replace(/^the answer is an OperationOutcome that /, 'an OperationOutcome ')
    .replace(/: (?:what it lacks|what is left out|data may be missing|known for what).*$/, '');

/** Its page was cut at fewer results than were asked for, and nothing says that these were all. */
function cutAt(page: Json): string {
  const count = selfSearchOf(page)?.count ?? null;
  return count === null
    ? 'its self link says that something else was asked'
    : `its page was cut at ${count} results, by its self link, and nothing says that these were all`;
}

/**
 * Reads an answer as the service does.
 * @param template the key, and the query with the patient in it
 * @param answer all pages of a search as one searchset, or the resource of a read
 * @param isOnePage whether the search had no further page
 */
export function readAnswer(
  template: { key: string; query: string },
  answer: Json,
  isOnePage: boolean,
  { patientId, encounterId, base, patient }: Subject,
): Reading {
  const { key } = template;
  const intake = intakeOfHook(
    'patient-view',
    { patientId, userId: 'Practitioner/doctor', ...(encounterId === null ? {} : { encounterId }) },
    // An answer that holds nothing is no request without data.
    { patient: null },
    { resources: { ...(patient ? { patient } : {}), [key]: answer }, failed: [], notices: [] },
    base,
  );
  const ofOthers = intake.notices.filter(
    ({ code }) => code === 'other-patient' || code === 'subject-unclear',
  ).length;
  const isRead = answer.resourceType !== 'Bundle';
  const isOfOthers = ofOthers > 0 && ofOthers >= (isRead ? 1 : matchesIn(answer));
  if (isOfOthers) return { extent: 'of another patient', why: [], ofOthers };
  const why = new Set(
    intake.notices.filter(({ code }) => lacking.has(code)).map(({ message }) => clauseOf(message)),
  );
  // The outcome itself says more.
  if (why.size > 1) why.delete('the answer holds an error');
  const answered = answerTo(template, key, answer);
  if (why.size === 0 && answered !== 'whole' && (isOnePage || answered === 'none')) why.add(cutAt(answer));
  if (ofOthers > 0) why.add(`${ofOthers} results are of another patient`);
  return { extent: why.size > 0 ? 'part' : 'whole', why: [...why], ofOthers };
}

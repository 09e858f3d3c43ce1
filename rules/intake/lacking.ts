/** Why an answer holds less than what was asked for: https://hl7.org/fhir/R4/bundle.html, and what servers make of it. */
import { asArray, asString, type Json } from '../fhir/json.ts';
import { isRedacted } from './redaction.ts';
import { isNextLink, selfSearchOf } from './search.ts';

/** A number, or one that was written as a text; null where it states none. */
export function totalOf({ total }: Json): number | null {
  if (typeof total === 'number') return total;
  const text = asString(total);
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** Bundles of which a `total` counts something else than their entries. */
const countsOther: ReadonlySet<unknown> = new Set(['history', 'batch-response', 'transaction-response']);

/** No page of ours is smaller. */
const smallestPage = 100;

/**
 * Whether it is a page that was asked to be smaller than ours, is full, and does not say that this was all.
 * @param matches how many results it holds
 * @param ours how many on a page our own question asks for
 */
export function isCut(bundle: Json, matches: number, ours: number = smallestPage): boolean {
  const count = selfSearchOf(bundle)?.count ?? null;
  return count !== null && count < ours && totalOf(bundle) === null && matches >= count;
}

/**
 * @param matches how many results it holds, each once
 * @param failed an entry is an error, or could not be read
 * @returns in words; null where it holds all of it
 */
export function lackOf(bundle: Json, matches: number, failed: boolean): string | null {
  if (asArray(bundle.link).some(isNextLink)) return 'has a further page that was not followed';
  const total = countsOther.has(bundle.type) ? null : totalOf(bundle);
  if (total !== null && total > matches) return `says there are ${total} results and holds ${matches}`;
  if (isCut(bundle, matches)) return `is a full page of ${matches}, and does not say that this was all`;
  if (isRedacted(bundle)) return 'is labelled as redacted';
  return failed ? 'holds an error' : null;
}

/** Members of a Bundle, and of every resource: https://hl7.org/fhir/R5/bundle.html */
const bundleMembers: ReadonlySet<string> = new Set(
  'resourceType id meta implicitRules language identifier type timestamp total link entry signature issues text extension'.split(
    ' ',
  ),
);

/** Why a Bundle of orders may hold more than what was read of it, in words. */
export function lackOfDrafts(bundle: Json): string | null {
  const isOther = Object.entries(bundle).some(
    ([name, value]) => !bundleMembers.has(name) && !name.startsWith('_') && asArray(value).length > 0,
  );
  return isOther ? 'has members that no Bundle has, beside or instead of `entry`' : null;
}

/**
 * Issue types by which something was left out of an answer, however severe the server calls that
 * (https://hl7.org/fhir/R4/valueset-issue-type.html). A parameter that was ignored (`not-supported`) leaves nothing out,
 * and `processing` and `informational` say nothing of it: so say servers that there are no results, and what every
 * answer of theirs says.
 */
const missingBy: ReadonlySet<string> = new Set(
  'security login unknown expired forbidden suppressed too-long too-costly incomplete transient lock-error no-store exception timeout throttled'.split(
    ' ',
  ),
);

/** The others: what is of no issue type is not repeated in a notice. */
const issueTypes: ReadonlySet<string> = new Set([
  ...missingBy,
  ...'invalid structure required value invariant processing not-supported duplicate multiple-matches not-found deleted code-invalid extension business-rule conflict limited-filter informational success'.split(
    ' ',
  ),
]);

/** What an OperationOutcome beside results says is missing of them, in words; null where nothing is. */
export function lackBy(outcome: Json): string | null {
  const issues = asArray(outcome.issue);
  const named = ({ code }: Json): string => {
    const type = asString(code) ?? '';
    return issueTypes.has(type) ? ` (issue code \`${type}\`)` : '';
  };
  const error = issues.find(({ severity }) => severity === 'error' || severity === 'fatal');
  if (error) return `reports an error${named(error)}`;
  const missing = issues.find(({ code }) => missingBy.has(asString(code) ?? ''));
  return missing ? `says that something was left out${named(missing)}` : null;
}

/**
 * National Drug Codes: labeler, product and package. On packages they have ten digits in one of three forms,
 * 4-4-2, 5-3-2 or 5-4-1; RxNorm and US claims write eleven, 5-4-2 without hyphens, the short segment filled up
 * with a zero in front. https://www.fda.gov/drugs/drug-approvals-and-databases/national-drug-code-database-background-information
 * and https://www.nlm.nih.gov/research/umls/rxnorm/docs/index.html (section 6, normalizing NDC codes).
 */

/** Digits of labeler, product and package. */
const forms = new Set(['4-4-2', '5-3-2', '5-4-1', '5-4-2']);

const widths = [5, 4, 2];

const padSegments = (segments: readonly string[]): string =>
  segments.map((segment, index) => segment.padStart(widths[index] ?? 0, '0')).join('');

/**
 * What a code may be as eleven digits: one reading with hyphens or with eleven digits, three with ten digits and
 * no hyphens, none for anything else.
 */
export function ndcReadings(code: string): readonly string[] {
  if (/^\d{11}$/.test(code)) return [code];
  if (/^\d{10}$/.test(code)) {
    const cut = (labeler: number, product: number): string =>
      padSegments([
        code.slice(0, labeler),
        code.slice(labeler, labeler + product),
        code.slice(labeler + product),
      ]);
    return [...new Set([cut(4, 4), cut(5, 3), cut(5, 4)])];
  }
  // Ten or eleven digits and two hyphens: nothing longer is split.
  if (!/^[\d-]{12,13}$/.test(code)) return [];
  const segments = code.split('-');
  const form = segments.map(({ length }) => length).join('-');
  return forms.has(form) ? [padSegments(segments)] : [];
}

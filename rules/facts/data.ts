/** Facts about the data itself and, in the second stratum, about the rules: which checks could not be made. */
import * as z from 'zod/mini';
import { type NoticeCode, noticeCodes } from '../fhir/notice.ts';
import { defineFact, incompleteCategory } from './fact.ts';

const aboutTheRequest = {
  categories: () => [],
  tests: () => [],
  reach: () => [],
  uses: { sex: false, birthDate: false, categories: [], drugIdentity: false },
  dataNeeds: () => [],
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  need: () => null,
  word: () => null,
  fills: () => [],
} as const;

/** Notices about results: of those that were not read nothing could be noted. */
const isAboutResults = (codes: readonly NoticeCode[]): boolean => codes.includes('egfr-recomputed');

const notice = defineFact({
  ...aboutTheRequest,
  name: 'notice',
  categories: ({ codes }) => (isAboutResults(codes) ? ['labs'] : []),
  reach: ({ codes }) => (isAboutResults(codes) ? [{ test: 'egfr' }] : []),
  params: z.strictObject({
    codes: z.array(z.enum(Object.keys(noticeCodes) as NoticeCode[])).check(z.minLength(1)),
  }),
  description: 'Whether a notice with one of these codes was given.',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'data',
  describe: ({ codes }) => `notice ${codes.join(' or ')}`,
  ask: () => 'notice',
  heads: ({ codes }) =>
    codes.includes('order-unchecked')
      ? 'unchecked-orders'
      : codes.includes('drug-unresolved')
        ? 'unrecognised-drugs'
        : null,
  compute({ codes }) {
    const wanted: ReadonlySet<string> = new Set(codes);
    return (context) => {
      const found = context.notices.filter(({ code }) => wanted.has(code));
      const lacking =
        found.length === 0 && isAboutResults(codes) ? incompleteCategory(context, 'labs') : null;
      if (lacking) return lacking;
      return {
        state: 'known',
        value: found.length > 0,
        evidence: found.map(({ reference, message }) => ({
          reference: reference ?? '(request)',
          used: { kind: 'notice', message },
          time: null,
          notes: [],
        })),
      };
    };
  },
});

const checkNotMade = defineFact({
  ...aboutTheRequest,
  name: 'checkNotMade',
  params: z.strictObject({}),
  description: 'Whether a critical or warning rule could not be decided for want of this alone.',
  kind: 'truth',
  paths: [],
  stratum: 2,
  part: 'data',
  describe: () => 'checkNotMade',
  ask: () => 'checkNotMade',
  heads: () => 'open-checks',
  compute:
    () =>
    ({ openChecks }) => ({
      state: 'known',
      value: (openChecks ?? []).length > 0,
      evidence: (openChecks ?? []).map(({ rule }) => ({
        reference: rule,
        used: { kind: 'open-check' },
        time: null,
        notes: [],
      })),
    }),
});

export const dataFacts = [notice, checkNotMade] as const;

/** What an answer about kidney function waits for, by its own name: creatinine, weight, an earlier creatinine. */
import type { Fact, NeededInput, PlainReason } from './fact.ts';

const inputNeeds: Readonly<Record<NeededInput, string>> = {
  creatinine: 'creatinine',
  albumin: 'albumin',
  'body-weight': 'weight',
  'birth-date': 'birth date',
  sex: 'sex',
};

const reasonNeeds: Partial<Readonly<Record<PlainReason['code'], string>>> = {
  'one-creatinine': 'an earlier creatinine',
  'creatinine-changing': 'a steady creatinine',
  'no-estimate-on-dialysis': 'eGFR (none on dialysis)',
  'no-estimate-in-pregnancy': 'eGFR (none in pregnancy)',
  'no-estimate-under-18': 'eGFR (none under 18)',
  'on-dialysis': 'AKI stage (none on dialysis)',
};

/** Whether it is what codes say, without a number. */
export const isByCode = ({ evidence }: Fact): boolean => evidence[0]?.used.kind === 'condition';

/**
 * What decides it, in a word or two. Never "kidney function": where a creatinine is there, that is not what is missing.
 * @param decides what a number that is known within a range waits for
 */
export const kidneyNeed =
  (decides: string) =>
  (_: unknown, fact: Fact): string | null => {
    if (fact.state === 'known') return isByCode(fact) ? 'creatinine' : decides;
    if (fact.category || fact.cause === 'unresolved' || fact.cause === 'error') return null;
    for (const reason of fact.reasons) {
      if (reason.code === 'needs') return inputNeeds[reason.input];
      const own = Object.entries(reasonNeeds).find(([code]) => code === reason.code)?.[1];
      if (own !== undefined) return own;
    }
    return 'creatinine';
  };

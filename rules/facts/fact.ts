/** What a fact is, and how it is spoken of. The vocabulary is in rule.ts, the computations are in facts.ts. */
import type { Chart, Lab } from '../chart/types.ts';
import type { Category } from '../fhir/categories.ts';
import type { Notice } from '../fhir/notice.ts';
import type { FactName } from '../rule/document.ts';
import type { LabTest } from '../terminology/labs.ts';

export interface Evidence {
  reference: string;
  /** What a drug or condition is called. */
  name?: string;
  /** As it came; only what looks like a value, a unit or a code. */
  received?: string;
  used: string;
  time: string | null;
  note?: string;
  /** It is a draft order the clinician is working on (and selected, in order-select). */
  order?: 'selected' | 'background';
}

/** What a number may be: both ends, each in or out. A plain value has equal ends. */
export interface Range {
  low: number;
  high: number;
  lowOpen?: boolean;
  highOpen?: boolean;
}

/** A range as JSON can say it: an end that is not bounded is left out. */
export type StatedRange = Omit<Range, 'high'> & { high?: number };
export const statedRange = ({ low, high, lowOpen, highOpen }: Range): StatedRange => ({
  low,
  ...(lowOpen ? { lowOpen } : {}),
  ...(Number.isFinite(high) ? { high } : {}),
  ...(highOpen ? { highOpen } : {}),
});

export interface KnownFact {
  state: 'known';
  value: number | string | boolean;
  /** Present where the value is not a point: `value` is then only for display. */
  range?: Range;
  unit?: string;
  /** Of fact `lab`: the laboratory's lower limit, or the rule's. */
  lowerLimit?: number;
  evidence: Evidence[];
}

export type MissingCause =
  /** The whole kind of data never came. */
  | 'category'
  /** The kind of data came in part. */
  | 'incomplete'
  /** It came, without this. */
  | 'absent'
  /** Something that came could not be understood. */
  | 'unresolved'
  /** The fact has no meaning here: no eGFR on dialysis. */
  | 'not-applicable'
  /** Its computation threw: a bug here, not in the data. */
  | 'error';

export interface UnknownFact {
  state: 'missing' | 'stale';
  cause: MissingCause;
  category?: Category;
  /** What to look for: `lab magnesium within P3D (no laboratory data came)`. */
  missing: string;
  evidence: Evidence[];
}

export type Fact = KnownFact | UnknownFact;

/** What facts are computed from. */
export interface EvaluationContext {
  chart: Chart;
  /** Evaluation time, milliseconds. */
  at: number;
  notices: readonly Notice[];
  /** Usable results of a test, newest first, those without a date last. */
  labsOf(test: LabTest): readonly Lab[];
  /** What several facts rest on, computed once for this chart. */
  memo<T>(what: (context: EvaluationContext) => T): T;
  /** Rules that could not be decided for want of one thing; filled before the data-quality rules are asked. */
  checksNotMade: readonly string[];
}

export type Compute = (context: EvaluationContext) => Fact;

const fallWords: Readonly<Record<string, string>> = {
  percent: 'in per cent',
  categories: 'in GFR categories',
  perYear: 'a year',
};

/** A question as a reader would say it: `lab magnesium within P3D`. */
export function describe(fact: FactName, params: Record<string, unknown>): string {
  const list = (value: unknown): string => (Array.isArray(value) ? value.join(' or ') : String(value));
  const selector = [params.classes, params.ingredients]
    .flatMap((part) => (part ? [list(part)] : []))
    .join(' or ');
  const within =
    params.within === 'admission' ? ' since admission' : params.within ? ` within ${params.within}` : '';
  switch (fact) {
    case 'lab':
      return `lab ${params.test}${within}`;
    case 'hasLab':
      return `lab ${list(params.tests)}${within}`;
    case 'labNewer':
      return `lab ${params.test} newer than ${params.than}, or older by ${params.orOlderBy} at most,${within}`;
    case 'labTrend':
      return `lab ${params.test} ${params.change} in ${params.span}${within}`;
    case 'egfrHighest':
      return `highest egfr over at least ${params.over} up to the latest${within}`;
    case 'egfrFall':
      return `egfr fall ${fallWords[String(params.as)]} in ${params.span}${within}`;
    case 'drug':
      return `drug ${selector} ${params.role}${params.route ? ` ${params.route}` : ''}${params.forAtLeast ? ` for at least ${params.forAtLeast}` : ''}${params.endedWithin ? ` or ended within ${params.endedWithin}` : ''}`;
    case 'drugCount':
      return `number of ${selector} ${params.role} by ${params.by}${within}`;
    case 'dailyDose':
      return `daily dose of ${selector} ${params.role}`;
    case 'dose':
      return `single dose of ${selector} ${params.role}`;
    case 'doseFrequency':
      return `doses a day of ${selector} ${params.role}`;
    case 'cumulativeDose':
      return `sum of ${selector} ${params.role} in ${params.within}`;
    case 'allergyToOrder':
      return 'allergy to the ordered drug or its class';
    case 'duplicateOrder':
      return 'the ordered drug already taken or ordered';
    case 'allergy':
      return `allergy ${selector}`;
    case 'infusionRate':
      return `infusion rate ${selector}`;
    case 'condition':
      return `condition ${list(params.groups)}`;
    case 'notice':
      return `notice ${list(params.codes)}`;
    default:
      return `${fact}${within}`;
  }
}

const wordOf: Readonly<Record<Category, string>> = {
  labs: 'laboratory data',
  medications: 'medications',
  pastMedications: 'past medications',
  orders: 'draft orders',
  conditions: 'conditions',
  allergies: 'allergies',
  encounter: 'encounter',
};

/** The unknown fact of a category that is not complete; null when it is. */
export function incompleteCategory(
  context: EvaluationContext,
  category: Category,
  what: string,
): UnknownFact | null {
  const { completeness, therapyUnderReview } = context.chart;
  const state = completeness[category];
  if (state === 'known') return null;
  const lacking = category === 'orders' && therapyUnderReview ? 'medications' : category;
  const word = wordOf[lacking];
  return {
    state: 'missing',
    cause: state === 'absent' ? 'category' : 'incomplete',
    category: lacking,
    missing: `${what} (${state === 'absent' ? `no ${word} came` : `${word} came in part`})`,
    evidence: [],
  };
}

export const categoryWord = (category: Category): string => wordOf[category];

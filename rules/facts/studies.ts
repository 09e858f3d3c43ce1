/** Fact about an examination that is ordered: whether it uses contrast. */
import * as z from 'zod/mini';
import type { ServiceOrder } from '../chart/types.ts';
import {
  defineFact,
  type EvaluationContext,
  type Evidence,
  type Fact,
  incompleteCategory,
  knownFalse,
} from './fact.ts';
import { medicationNeeds } from './selection.ts';
import { therapyUses } from './therapy.ts';

const params = z.strictObject({
  agent: z.enum(['iodinated', 'gadolinium']),
  /** Only contrast through a catheter into an artery. */
  intraArterial: z.optional(z.literal(true)),
});

const studyEvidence = ({ reference, codes, contrast, selected }: ServiceOrder): Evidence => ({
  reference,
  name: contrast?.arterial ? 'angiography with contrast' : `${contrast?.contrast} contrast`,
  received: codes.length > 0 ? { kind: 'codes', codes: codes.map(({ code }) => code) } : { kind: 'text' },
  used: { kind: 'code', code: 'ordered' },
  time: null,
  notes: [],
  order: selected ? 'selected' : 'background',
});

function computeStudy(context: EvaluationContext, { agent, intraArterial }: z.infer<typeof params>): Fact {
  const found = context.chart.serviceOrders.filter(
    ({ contrast }) => contrast?.contrast === agent && (!intraArterial || contrast.arterial === true),
  );
  if (found.length > 0) return { state: 'known', value: true, evidence: found.map(studyEvidence) };
  return incompleteCategory(context, 'orders') ?? knownFalse();
}

const contrastStudy = defineFact({
  name: 'contrastStudy',
  params,
  description:
    'Whether an examination with such contrast is ordered, by its code or its words (`CT abdomen with IV contrast`).',
  kind: 'truth',
  paths: [],
  stratum: 1,
  part: 'finding',
  categories: () => ['orders'],
  tests: () => [],
  reach: () => [],
  uses: { ...therapyUses, categories: [] },
  dataNeeds: () => medicationNeeds('ordered'),
  isPlainResult: false,
  computedFrom: () => [],
  isWhole: () => false,
  describe: ({ agent, intraArterial }) =>
    `study with ${agent} contrast ordered${intraArterial ? ', into an artery' : ''}`,
  ask: ({ agent }) => `a study with ${agent} contrast`,
  need: () => null,
  word: () => null,
  fills: () => ['drug'],
  heads: () => null,
  compute: (asked) => (context) => computeStudy(context, asked),
});

export const studyFacts = [contrastStudy] as const;

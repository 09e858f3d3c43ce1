/** Which tests an order of a service asks for: a panel has several, an ECG gives the QTc. */
import * as z from 'zod/mini';
import { type LabTest, labCodes, labTestNames } from './labs.ts';
import content from './service-tests.json' with { type: 'json' };
import { plainAddress, readsAsLoinc } from './systems.ts';

/** Tests whose results no rule reads, and that cards ask for: as they are named beside others. */
export const otherTests = {
  'anti-xa': 'anti-Xa level',
  'blood-count': 'blood count',
  'methotrexate-level': 'methotrexate level',
  'parathyroid-hormone': 'parathyroid hormone',
  thyrotropin: 'TSH',
  'vitamin-d': 'vitamin D',
} as const;
export type OtherTest = keyof typeof otherTests;
export type OrderedTest = LabTest | OtherTest;
const otherTestNames = Object.keys(otherTests) as OtherTest[];
export const orderedTestNames: readonly OrderedTest[] = [...labTestNames, ...otherTestNames];

const labTestsKnown: ReadonlySet<string> = new Set(labTestNames);
/** Whether rules read results of the test. */
export const isLabTest = (test: OrderedTest): test is LabTest => labTestsKnown.has(test);

const codes = z.optional(z.array(z.string()));
const { services, systems, noise } = z
  .strictObject({
    comment: z.array(z.string()),
    systems: z.strictObject({
      loinc: z.array(z.string()),
      cpt: z.array(z.string()),
      snomed: z.array(z.string()),
    }),
    services: z.array(
      z.strictObject({
        name: z.string(),
        tests: z.array(z.enum(orderedTestNames)).check(z.minLength(1)),
        main: z.optional(z.array(z.enum(orderedTestNames)).check(z.minLength(1))),
        loinc: codes,
        cpt: codes,
        snomed: codes,
        words: codes,
      }),
    ),
    noise: z.array(z.string()),
  })
  .parse(content);

type System = keyof typeof systems;
type Entry = readonly [string, readonly OrderedTest[]];

const testsByCode: Readonly<Record<System, ReadonlyMap<string, readonly OrderedTest[]>>> = {
  loinc: new Map<string, readonly OrderedTest[]>([
    ...labCodes.map(({ code, test }): Entry => [code, [test]]),
    ...services.flatMap(({ tests, loinc = [] }) => loinc.map((code): Entry => [code, tests])),
  ]),
  cpt: new Map(services.flatMap(({ tests, cpt = [] }) => cpt.map((code) => [code, tests] as const))),
  snomed: new Map(services.flatMap(({ tests, snomed = [] }) => snomed.map((code) => [code, tests] as const))),
};
const testsByWords: ReadonlyMap<string, readonly OrderedTest[]> = new Map(
  services.flatMap(({ tests, words = [] }) => words.map((word) => [word, tests] as const)),
);
const noiseWords: ReadonlySet<string> = new Set(noise);

const systemOf = (system: unknown): System | null => {
  if (readsAsLoinc(system) !== null) return 'loinc';
  const address = plainAddress(system);
  if (address === null) return null;
  return systems.cpt.includes(address) ? 'cpt' : systems.snomed.includes(address) ? 'snomed' : null;
};

/** What a name orders; a name that holds any other word is another test. */
function testsOfName(name: string): readonly OrderedTest[] {
  if (name.length > 120) return [];
  const words = name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !noiseWords.has(word));
  return testsByWords.get(words.join(' ')) ?? [];
}

/**
 * The tests that an order asks for, by its codes and, where none is known, by its names; empty for what is no test of
 * ours.
 * @param codings of the order, as they came
 * @param names displays and text
 * @example
 * testsOrderedBy([{ system: 'http://loinc.org', code: '24321-2' }], []); // creatinine, egfr, potassium, ...
 */
export function testsOrderedBy(
  codings: readonly { system?: unknown; code?: unknown }[],
  names: readonly string[],
): OrderedTest[] {
  const byCode = codings.flatMap(({ system, code }) => {
    const known = systemOf(system);
    return known && typeof code === 'string' ? (testsByCode[known].get(code.trim()) ?? []) : [];
  });
  return [...new Set(byCode.length > 0 ? byCode : names.flatMap(testsOfName))];
}

const mainByCode: ReadonlyMap<string, readonly OrderedTest[]> = new Map(
  services.flatMap(({ main, loinc = [] }) => (main ? loinc.map((code): Entry => [code, main]) : [])),
);

/** The tests that a service is suggested for: of a panel not all that come with it. */
export const testsSuggestedBy = (coding: { system: string; code: string }): readonly OrderedTest[] =>
  mainByCode.get(coding.code) ?? testsOrderedBy([coding], []);

/** The laboratory tests, measurements and vital signs that rules know, and the LOINC codes that are read as each. */
import * as z from 'zod/mini';
import content from './labs.json' with { type: 'json' };
import otherMaterials from './labs-not-used.json' with { type: 'json' };
import { readsAsLoinc } from './systems.ts';

/** Every laboratory test, measurement and vital sign that a rule can ask for by name. */
export const labTestNames = [
  'magnesium',
  'magnesium-rbc',
  'magnesium-ionized',
  'creatinine',
  'creatinine-dialysis',
  'egfr',
  'creatinine-clearance',
  'cystatin-c',
  'potassium',
  'calcium-total',
  'calcium-corrected',
  'calcium-ionized',
  'albumin',
  'phosphate',
  'qtc',
  'qt',
  'body-weight',
  'body-height',
  'digoxin-level',
  'lithium-level',
  'vancomycin-level',
  'tacrolimus-level',
  'bun',
  'uacr',
  'hba1c',
  'heart-rate',
  'systolic-bp',
  'sodium',
  'pregnancy-status',
  'gestational-age',
  'delivery-date',
] as const;

const labTest = z.enum(labTestNames);

const property = z.enum([
  'mass',
  'molar',
  'either',
  'rate',
  'time',
  'length',
  'ratio',
  'fraction',
  'pressure',
  'nominal',
]);

const egfrMethod = z.enum([
  'CKD-EPI 2021',
  'CKD-EPI 2021 cr-cys',
  'CKD-EPI 2012 cr-cys',
  'CKD-EPI 2009',
  'cystatin C',
  'MDRD',
  'unspecified',
  'pediatric',
]);

const labCode = z.strictObject({
  test: labTest,
  code: z.string().check(z.regex(/^\d{1,7}-\d$/)),
  display: z.string(),
  property,
  method: z.optional(egfrMethod),
  raceBased: z.optional(z.literal(true)),
  yields: z.optional(z.literal(true)),
  caution: z.optional(z.string()),
  note: z.optional(z.string()),
});

const labTestInfo = z.strictObject({
  test: labTest,
  name: z.string(),
  short: z.string(),
  unit: z.string(),
  plausible: z.tuple([z.number(), z.number()]),
  decimals: z.number(),
  laboratory: z.boolean(),
  orderCode: z.nullable(z.strictObject({ code: z.string(), display: z.string() })),
});

const panel = z.strictObject({
  panel: z.enum(['basic', 'comprehensive']),
  code: z.string(),
  display: z.string(),
});

const labs = z
  .strictObject({
    comment: z.array(z.string()),
    tests: z.record(labTest, labTestInfo),
    codes: z.array(labCode),
    // Nothing reads the panels. The file is in the digest of every ruleset, so they stay as they are.
    panels: z.array(panel),
  })
  .parse(content);

export type LabTest = z.infer<typeof labTest>;

/**
 * One LOINC code. `property` is LOINC's; `method` and `raceBased` are for eGFR only. `caution` stands beside a value of
 * this code wherever it is used; one that `yields` gives way to another result of its time.
 */
export type LabCode = z.infer<typeof labCode>;

/**
 * What a test is called and how its values are kept. `unit` is the canonical unit (UCUM, empty for a nominal
 * test); `plausible` is inclusive and in that unit: outside it a value is incompatible with life or cannot be
 * measured. `decimals` is for display only. `laboratory` is false for what no laboratory measures: weight,
 * height, QT, vital signs, pregnancy and its dates. `orderCode` is the LOINC code to order it by, null where there is none.
 */
export type LabTestInfo = z.infer<typeof labTestInfo>;

/** Every test by its name. */
export const labTests: Readonly<Record<LabTest, LabTestInfo>> = labs.tests;

/** Every LOINC code that is read as a test, in the order of `labs.json`. */
export const labCodes: readonly LabCode[] = labs.codes;

const byCode: ReadonlyMap<unknown, LabCode> = new Map(labs.codes.map((entry) => [entry.code, entry]));

/** A coding of FHIR, of which nobody knows what its members are. */
interface AnyCoding {
  system?: unknown;
  code?: unknown;
}

const trimmed = (code: unknown): unknown => (typeof code === 'string' ? code.trim() : code);

/**
 * The first of `codings` that is a known LOINC code, or null. A race-based eGFR code goes before the others:
 * all codings of one observation describe the same value, so that value was adjusted for race.
 */
export function labCodeOf(codings: readonly AnyCoding[]): LabCode | null {
  let found: LabCode | null = null;
  for (const { system, code } of codings) {
    if (readsAsLoinc(system) === null) continue;
    const known = byCode.get(trimmed(code));
    if (known?.raceBased) return known;
    found ??= known ?? null;
  }
  return found;
}

/** A code of ours under a system that is not LOINC, or under a name that is no URI; undefined where there is none. */
export const misnamedLabCode = <C extends AnyCoding>(codings: readonly C[]): C | undefined =>
  codings.find(({ system, code }) => readsAsLoinc(system) !== 'uri' && byCode.has(trimmed(code)));

const notUsed = z
  .strictObject({
    comment: z.array(z.string()),
    codes: z.array(
      z.strictObject({ code: z.string().check(z.regex(/^\d{1,7}-\d$/)), of: z.string(), why: z.string() }),
    ),
  })
  .parse(otherMaterials);

/** A LOINC code of an analyte of ours in another material or meaning: `of` what, and `why` it is not read. */
export interface CodeNotUsed {
  code: string;
  of: string;
  why: string;
}

/** LOINC codes that must not be read as a test of ours, by code. */
export const codesNotUsed: ReadonlyMap<unknown, CodeNotUsed> = new Map(
  notUsed.codes.map((entry) => [entry.code, entry]),
);

/** The first of `codings` that is such a code of LOINC, or null. */
export function codeNotUsedIn(codings: readonly AnyCoding[]): CodeNotUsed | null {
  for (const { system, code } of codings) {
    const entry = readsAsLoinc(system) === null ? undefined : codesNotUsed.get(trimmed(code));
    if (entry) return entry;
  }
  return null;
}

/** Tests that are read and that no limit of another test is for, with what a reader must know of them. */
export const testsApart: ReadonlyMap<LabTest, string> = new Map([
  ['magnesium-rbc', 'magnesium in red blood cells says nothing of the serum: no rule compares it'],
  [
    'magnesium-ionized',
    'its own range, about half of total magnesium: never held against limits of the total',
  ],
  ['creatinine-dialysis', 'not comparable with other creatinines: no estimate is made of it'],
]);

const gfrWords: ReadonlySet<string> = new Set(['egfr', 'gfr', 'glomerular']);

const analyteWords: ReadonlyMap<string, LabTest> = new Map([
  ['magnesium', 'magnesium'],
  ['creatinine', 'creatinine'],
  ['potassium', 'potassium'],
  ['calcium', 'calcium-total'],
  ['albumin', 'albumin'],
  ['cystatin', 'cystatin-c'],
]);

const anyAnalyte = /magnesium|creatinine|potassium|calcium|albumin|cystatin|gfr|glomerular/i;

/**
 * The analyte that free text names as a whole word, whatever the case, or null: for a notice that an uncoded
 * result was left out, never to use its value. A GFR goes first ("GFR by creatinine"), else the first word.
 * Linear in the length of the text.
 */
export function analyteNamedIn(text: string): LabTest | null {
  // Most observations name none of them; splitting into words is for the few that may.
  if (!anyAnalyte.test(text)) return null;
  let first: LabTest | null = null;
  for (const word of text.toLowerCase().split(/[^\p{L}\p{N}]+/u)) {
    if (gfrWords.has(word)) return 'egfr';
    first ??= analyteWords.get(word) ?? null;
  }
  return first;
}

/**
 * Which order is a dose that is given fast on purpose. It is asked order by order: a loading dose exempts itself, and
 * not the infusion that is signed beside it.
 */
import type { Medication } from '../chart/types.ts';
import { doseOf, type Product, rateOf } from '../dosage/compute.ts';
import type { Instruction } from '../dosage/dosing.ts';
import { all, type Truth } from '../logic/truth.ts';
import type { EvaluationContext } from './fact.ts';
import { productOf } from './product.ts';

/**
 * A loading dose in pre-eclampsia: at most 6 g within 30 minutes, and no faster than 6 g over 15 minutes (magnesium sulfate
 * label, 2.2), or at most 4 g over 5 minutes or more (SmPC of the 20 % and 50 % injection, 4.2). A slow one keeps to the label
 * alone: for what no SmPC names, as neuroprotection. In an emergency at whatever speed: of a seizure or torsades de pointes a push in minutes.
 */
const mostGrams = 6;
const mostHours = 0.5;
const mostGramsAnHour = 24;
/** 4 g over 5 minutes, in grams an hour. */
const small = { mostGrams: 4, mostGramsAnHour: 48 };
/** Of thirds of an hour and the like. */
const slack = 1 + 1e-9;

export type Fast = 'loading' | 'slow-loading' | 'emergency';

/** What a rate comes to in the time that it is given; null where no end is stated. */
function gramsOfRun({ hours, runsHours }: Instruction, rate: number | undefined): number | null {
  const lasts = hours ?? runsHours;
  return rate === undefined || lasts === undefined ? null : rate * lasts;
}

/** Whether all of it is asked: false as soon as one part is beyond, unknown while one is not stated. */
function isFastDose(instruction: Instruction, product: Product, fast: Fast): Truth {
  const rate = rateOf(instruction, product)?.gramsAnHour;
  const grams = doseOf(instruction, product) ?? gramsOfRun(instruction, rate);
  if (grams === null) return null;
  if (grams > mostGrams * slack) return false;
  if (fast === 'emergency') return true;
  // What is given several times a day is no loading dose.
  if ((instruction.timesADay ?? 1) > 1 && instruction.count !== 1) return false;
  if (rate === undefined) return null;
  const hours = Math.max(grams / rate, instruction.hours ?? 0);
  const isSmall = fast === 'loading' && grams <= small.mostGrams * slack;
  const fastest = isSmall ? small.mostGramsAnHour : mostGramsAnHour;
  return rate <= fastest * slack && hours <= mostHours * slack;
}

/**
 * A medication without the instructions that are such a dose of the drugs meant: of a load and an infusion in one order
 * the infusion; null where nothing is left.
 */
export function withoutFast(
  context: EvaluationContext,
  medication: Medication,
  names: ReadonlySet<string>,
  fast: Fast,
): Medication | null {
  const { dosing } = medication;
  if (!dosing) return medication;
  const left = dosing.instructions.filter((instruction) => {
    const alone = { ...medication, dosing: { ...dosing, instructions: [instruction] } };
    return isGivenFast(context, alone, names, fast) !== true;
  });
  if (left.length === dosing.instructions.length) return medication;
  return left.length === 0 ? null : { ...medication, dosing: { ...dosing, instructions: left } };
}

/** Whether a medication is such a dose of the drugs meant, by each of its instructions; null where it does not say. */
export function isGivenFast(
  context: EvaluationContext,
  medication: Medication,
  names: ReadonlySet<string>,
  fast: Fast,
): Truth {
  const instructions = medication.dosing?.instructions ?? [];
  const products = medication.ingredients
    .filter(({ name }) => names.has(name))
    .map(({ name }) => productOf(context, medication, name));
  const truths = products.flatMap((product) =>
    instructions.map((instruction) => (product === null ? null : isFastDose(instruction, product, fast))),
  );
  return truths.length === 0 ? null : all(truths);
}

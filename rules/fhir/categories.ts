/** The kinds of data that a rule may rest on, each asked for and answered as a whole. */
export const categories = [
  'labs',
  'medications',
  'pastMedications',
  'orders',
  'conditions',
  'allergies',
  'encounter',
] as const;
export type Category = (typeof categories)[number];
/**
 * `absent`: never came, so nothing is known. `partial`: came, but a page was not followed or an error lay
 * beside it: known for what it holds, unknown for what it lacks. `known`: asked for and answered, maybe empty.
 */
export type Completeness = 'absent' | 'partial' | 'known';

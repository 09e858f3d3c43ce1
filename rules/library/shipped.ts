/** The library that ships with this version, as a ruleset. */
import { createRuleset, type Ruleset } from '../evaluation/ruleset.ts';
import type { ProductIndex } from '../terminology/products.ts';
import { library } from './library.ts';

/** @param products what drugs' codes are resolved with, where the operator supplied an index */
export const shippedRuleset = (products?: ProductIndex): Ruleset => createRuleset(library, products);

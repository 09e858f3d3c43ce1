/** Finding and loading the product index (rules/terminology/products.ts), where the operator made one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeProducts, type ProductIndex } from '../../rules/terminology/products.ts';
import type { Settings } from './settings.ts';

/** The file that EPSOM_TERMINOLOGY names, else the one beside the data. */
export const terminologyFile = ({ terminology, data }: Pick<Settings, 'terminology' | 'data'>): string =>
  terminology ?? join(data, 'terminology.idx');

/**
 * @returns undefined where there is none and none was asked for
 * @throws Error when EPSOM_TERMINOLOGY names a file that is not there, or the file is not usable: to go on without
 *   it would read the same charts otherwise, and nobody would notice
 */
export function loadProducts(settings: Pick<Settings, 'terminology' | 'data'>): ProductIndex | undefined {
  const file = terminologyFile(settings);
  if (!existsSync(file)) {
    if (settings.terminology === null) return undefined;
    throw new Error(
      'EPSOM_TERMINOLOGY names a file that is not there: make it with `npm run terminology:build`',
    );
  }
  return decodeProducts(readFileSync(file));
}

/** For a line at startup and for /health. */
export const inUse = (products: ProductIndex | undefined) =>
  products
    ? {
        release: products.release,
        digest: products.digest,
        products: products.products,
        packages: products.packages,
      }
    : null;

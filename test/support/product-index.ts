/** Small product indexes for tests, through the real file format. */
import {
  decodeProducts,
  encodeProducts,
  type Product,
  type ProductIndex,
} from '../../rules/terminology/products.ts';

/** RxCUI and name; a third entry is the whole of which it is the salt. */
export type Named = readonly [rxcui: string, name: string, formOf?: readonly [rxcui: string, name: string]];

export const productOf = (substances: readonly Named[], ...doseForms: string[]): Product => ({
  substances: substances.map(([rxcui, name, formOf]) => ({
    rxcui,
    name,
    formOf: formOf ? { rxcui: formOf[0], name: formOf[1] } : null,
  })),
  doseForms,
});

const drugsOf = (drugs: Readonly<Record<string, readonly Named[] | Product>>): Map<string, Product> =>
  new Map(
    Object.entries(drugs).map(
      ([code, drug]) => [code, 'substances' in drug ? drug : productOf(drug)] as const,
    ),
  );

/** Products by RxCUI, packages by NDC of eleven digits. */
export const indexOf = (
  products: Readonly<Record<string, readonly Named[] | Product>>,
  packages: Readonly<Record<string, readonly Named[] | Product>> = {},
  release: string | null = '2026-11-02',
): ProductIndex =>
  decodeProducts(encodeProducts({ release, products: drugsOf(products), packages: drugsOf(packages) }));

/**
 * The product index: which ingredients an RxNorm concept (RxCUI) or a package (NDC) has, by NLM's RxNorm release.
 * `npm run terminology:build` makes it; without one, drugs are resolved by ingredient codes and names alone. It
 * says what RxNorm says, in RxNorm's codes; what that means to our rules is decided in drugs.ts.
 */
import * as z from 'zod/mini';
import { sha256 } from '../digest.ts';

/** An ingredient as the release names it: the salt where it names one, and then what that is a form of. */
export interface Substance {
  rxcui: string;
  name: string;
  formOf: { rxcui: string; name: string } | null;
}

/** `doseForms` as RxNorm names them ("Ophthalmic Solution"); a pack may have several, an ingredient has none. */
export interface Product {
  substances: readonly Substance[];
  doseForms: readonly string[];
}

export interface ProductIndex {
  /** `sha256:` and the hash of the whole content. */
  digest: string;
  /** Date of the RxNorm release, null where it did not say. */
  release: string | null;
  products: number;
  packages: number;
  product(rxcui: string): Product | null;
  /** @param ndc eleven digits (see ndc.ts) */
  package(ndc: string): Product | null;
}

export interface IndexContent {
  release: string | null;
  /** By RxCUI. */
  products: ReadonlyMap<string, Product>;
  /** By NDC, eleven digits. */
  packages: ReadonlyMap<string, Product>;
}

/*
 * The file: a line that names the format and the SHA-256 of all that follows; a line of JSON with what many
 * products share; then two tables sorted by key, for binary search in place, little endian: RxCUI (32 bits) and
 * drug (32 bits), NDC (64-bit float, exact for eleven digits) and drug (32 bits). So loading it costs a hash and a
 * small JSON, and a lookup reads some twenty numbers: a Map of half a million strings takes a hundred times both.
 */
const format = 'epsom-products-1';
const productRow = 8;
const packageRow = 12;

const sharedSchema = z.strictObject({
  release: z.nullable(z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/))),
  products: z.number(),
  packages: z.number(),
  doseForms: z.array(z.string()),
  /** RxCUI, name, and the number of the substance it is a form of, or null. */
  substances: z.array(z.tuple([z.string(), z.string(), z.nullable(z.number())])),
  /** Numbers of substances, numbers of dose forms. */
  drugs: z.array(z.tuple([z.array(z.number()), z.array(z.number())])),
});
type Shared = z.infer<typeof sharedSchema>;

/** Gives each different text a number, in the order in which they come. */
class Numbered<T> {
  readonly list: T[] = [];
  readonly #numbers = new Map<string, number>();

  of(key: string, make: () => T): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.list.push(made);
    this.#numbers.set(key, this.list.length - 1);
    return this.list.length - 1;
  }
}

const sorted = (drugs: ReadonlyMap<string, Product>): [number, Product][] =>
  [...drugs].map(([key, drug]): [number, Product] => [Number(key), drug]).sort(([a], [b]) => a - b);

/** The same content gives the same bytes. */
export function encodeProducts({ release, products, packages }: IndexContent): Uint8Array {
  const doseForms = new Numbered<string>();
  const substances = new Numbered<Shared['substances'][number]>();
  const drugs = new Numbered<Shared['drugs'][number]>();
  const substance = ({ rxcui, name, formOf }: Substance): number => {
    const whole = formOf ? substance({ ...formOf, formOf: null }) : null;
    return substances.of(rxcui, () => [rxcui, name, whole]);
  };
  const number = (drug: Product): number => {
    const held = drug.substances.map(substance);
    const forms = drug.doseForms.map((form) => doseForms.of(form, () => form));
    return drugs.of(`${held.join()} ${forms.join()}`, () => [held, forms]);
  };
  const table = new DataView(new ArrayBuffer(products.size * productRow + packages.size * packageRow));
  let at = 0;
  for (const [rxcui, drug] of sorted(products)) {
    table.setUint32(at, rxcui, true);
    table.setUint32(at + 4, number(drug), true);
    at += productRow;
  }
  for (const [ndc, drug] of sorted(packages)) {
    table.setFloat64(at, ndc, true);
    table.setUint32(at + 8, number(drug), true);
    at += packageRow;
  }
  const shared: Shared = {
    release,
    products: products.size,
    packages: packages.size,
    doseForms: doseForms.list,
    substances: substances.list,
    drugs: drugs.list,
  };
  const content = joined([
    new TextEncoder().encode(`${JSON.stringify(shared)}\n`),
    new Uint8Array(table.buffer),
  ]);
  return joined([new TextEncoder().encode(`${format} ${sha256(content)}\n`), content]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const notUsable = (why: string): Error =>
  new Error(`not a usable product index (${why}): make it again with \`npm run terminology:build\``);

/**
 * @param bytes the whole file; kept, not copied
 * @throws Error when it is no product index, of another format, cut off or changed
 */
export function decodeProducts(bytes: Uint8Array): ProductIndex {
  const newline = 10;
  const text = new TextDecoder();
  const titleEnd = bytes.subarray(0, 200).indexOf(newline);
  const [name, hash] = text.decode(bytes.subarray(0, Math.max(titleEnd, 0))).split(' ');
  if (name !== format) throw notUsable(`it does not begin with \`${format}\``);
  const content = bytes.subarray(titleEnd + 1);
  if (sha256(content) !== hash) throw notUsable('its content does not match its digest');
  const sharedEnd = content.indexOf(newline);
  const json: unknown = JSON.parse(text.decode(content.subarray(0, Math.max(sharedEnd, 0))) || 'null');
  const parsed = sharedSchema.safeParse(json);
  if (!parsed.success) throw notUsable('it was made by another version');
  const shared = parsed.data;
  const table = content.subarray(sharedEnd + 1);
  const packagesAt = shared.products * productRow;
  if (table.length !== packagesAt + shared.packages * packageRow)
    throw notUsable('its tables have another size');

  const drugs = drugsOf(shared);
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const productKey = (row: number): number => view.getUint32(row * productRow, true);
  const packageKey = (row: number): number => view.getFloat64(packagesAt + row * packageRow, true);
  return {
    digest: `sha256:${hash}`,
    release: shared.release,
    products: shared.products,
    packages: shared.packages,
    product: (rxcui) => {
      if (!/^[1-9]\d{0,8}$/.test(rxcui)) return null;
      const row = rowOf(Number(rxcui), shared.products, productKey);
      return row === null ? null : (drugs[view.getUint32(row * productRow + 4, true)] ?? null);
    },
    package: (ndc) => {
      if (!/^\d{11}$/.test(ndc)) return null;
      const row = rowOf(Number(ndc), shared.packages, packageKey);
      return row === null ? null : (drugs[view.getUint32(packagesAt + row * packageRow + 8, true)] ?? null);
    },
  };
}

function drugsOf(shared: Shared): readonly Product[] {
  const named = shared.substances.map(([rxcui, name]) => ({ rxcui, name }));
  const substances = shared.substances.map(
    ([rxcui, name, whole]): Substance => ({
      rxcui,
      name,
      formOf: whole === null ? null : (named[whole] ?? null),
    }),
  );
  return shared.drugs.map(([held, forms]) => ({
    substances: held.flatMap((index) => substances[index] ?? []),
    doseForms: forms.flatMap((index) => shared.doseForms[index] ?? []),
  }));
}

/** Binary search; null where the key is in no row. */
function rowOf(key: number, rows: number, keyOf: (row: number) => number): number | null {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(middle) < key) low = middle + 1;
    else high = middle;
  }
  return low < rows && keyOf(low) === key ? low : null;
}

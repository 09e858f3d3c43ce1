/**
 * The product index: which ingredients an RxNorm concept (RxCUI) or a package (NDC) has, by NLM's RxNorm release.
 * `npm run terminology:build` makes it; without one, drugs are resolved by ingredient codes and names alone. It
 * says what RxNorm says, in RxNorm's codes; what that means to our rules is decided in drugs/indexed-products.ts.
 */
import * as z from 'zod/mini';
import { sha256 } from '../digest/digest.ts';

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

/** A product index that is open: lookups answer null for what it does not hold. */
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

/** What an index is made of. */
export interface IndexContent {
  release: string | null;
  /** By RxCUI. */
  products: ReadonlyMap<string, Product>;
  /** By NDC, eleven digits. */
  packages: ReadonlyMap<string, Product>;
}

/*
 * The file: a line that names the format and the SHA-256 of all that follows; a line of JSON with the names; then
 * numbers, little endian: the drugs (how many substances, which, how many dose forms, which; 32 bits each), and two
 * tables sorted by key, for binary search in place: RxCUI and place of its drug (32 bits each), NDC (64-bit float,
 * exact for eleven digits) and place of its drug. So loading it costs a hash and a small JSON, and a lookup reads
 * some thirty numbers; half a million strings in a Map take ten times the memory and the time.
 */
const format = 'epsom-products-1';
const productRow = 8;
const packageRow = 12;

const headerSchema = z.strictObject({
  release: z.nullable(z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/))),
  products: z.number(),
  packages: z.number(),
  /** Bytes of the drugs. */
  drugs: z.number(),
  doseForms: z.array(z.string()),
  /** One entry for each substance in each of the three: RxCUI, name, number of what it is a form of or -1. */
  codes: z.array(z.string()),
  names: z.array(z.string()),
  formOf: z.array(z.number()),
});

/** Gives each different text a number, in the order in which they come. */
class Numbered {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** @param first called with the number when the text is new */
  of(text: string, first?: (number: number) => void): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.texts.push(text) - 1;
    this.#numbers.set(text, number);
    first?.(number);
    return number;
  }
}

const sortByKey = (drugs: ReadonlyMap<string, Product>): [number, Product][] =>
  [...drugs].map(([key, drug]): [number, Product] => [Number(key), drug]).sort(([a], [b]) => a - b);

/** The same content gives the same bytes. */
export function encodeProducts({ release, products, packages }: IndexContent): Uint8Array {
  const doseForms = new Numbered();
  const codes = new Numbered();
  const names: string[] = [];
  const formOf: number[] = [];
  const substance = ({ rxcui, name, formOf: whole }: Substance): number => {
    const of = whole ? substance({ ...whole, formOf: null }) : -1;
    return codes.of(rxcui, (number) => {
      names[number] = name;
      formOf[number] = of;
    });
  };
  const numbers: number[] = [];
  const drugs = new Numbered();
  const places: number[] = [];
  const placeOf = (drug: Product): number => {
    const held = drug.substances.map(substance);
    const forms = drug.doseForms.map((form) => doseForms.of(form));
    const row = [held.length, ...held, forms.length, ...forms];
    const number = drugs.of(row.join(), (fresh) => {
      places[fresh] = numbers.length * 4;
      numbers.push(...row);
    });
    return places[number] ?? 0;
  };
  const tables = new DataView(new ArrayBuffer(products.size * productRow + packages.size * packageRow));
  let at = 0;
  for (const [rxcui, drug] of sortByKey(products)) {
    tables.setUint32(at, rxcui, true);
    tables.setUint32(at + 4, placeOf(drug), true);
    at += productRow;
  }
  for (const [ndc, drug] of sortByKey(packages)) {
    tables.setFloat64(at, ndc, true);
    tables.setUint32(at + 8, placeOf(drug), true);
    at += packageRow;
  }
  const drugTable = new DataView(new ArrayBuffer(numbers.length * 4));
  for (const [index, number] of numbers.entries()) drugTable.setUint32(index * 4, number, true);
  const header: z.infer<typeof headerSchema> = {
    release,
    products: products.size,
    packages: packages.size,
    drugs: drugTable.byteLength,
    doseForms: doseForms.texts,
    codes: codes.texts,
    names,
    formOf,
  };
  const text = new TextEncoder();
  const content = concatenate([
    text.encode(`${JSON.stringify(header)}\n`),
    new Uint8Array(drugTable.buffer),
    new Uint8Array(tables.buffer),
  ]);
  return concatenate([text.encode(`${format} ${sha256(content)}\n`), content]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const unusableIndex = (why: string): Error =>
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
  if (name !== format) throw unusableIndex(`it does not begin with \`${format}\``);
  const content = bytes.subarray(titleEnd + 1);
  if (sha256(content) !== hash) throw unusableIndex('its content does not match its digest');
  const headerEnd = content.indexOf(newline);
  const json: unknown = JSON.parse(text.decode(content.subarray(0, Math.max(headerEnd, 0))) || 'null');
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw unusableIndex('it was made by another version');
  const header = parsed.data;
  const body = content.subarray(headerEnd + 1);
  const productsAt = header.drugs;
  const packagesAt = productsAt + header.products * productRow;
  if (body.length !== packagesAt + header.packages * packageRow)
    throw unusableIndex('its tables have another size');

  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const substanceOf = (number: number): Substance => {
    const whole = header.formOf[number] ?? -1;
    const named = (index: number) => ({ rxcui: header.codes[index] ?? '', name: header.names[index] ?? '' });
    return { ...named(number), formOf: whole < 0 ? null : named(whole) };
  };
  const listAt = (place: number): number[] =>
    Array.from({ length: view.getUint32(place, true) }, (_, index) =>
      view.getUint32(place + 4 + index * 4, true),
    );
  const drugAt = (place: number): Product => {
    const held = listAt(place);
    const forms = listAt(place + 4 + held.length * 4);
    return {
      substances: held.map(substanceOf),
      doseForms: forms.map((form) => header.doseForms[form] ?? ''),
    };
  };
  const productKey = (row: number): number => view.getUint32(productsAt + row * productRow, true);
  const packageKey = (row: number): number => view.getFloat64(packagesAt + row * packageRow, true);
  return {
    digest: `sha256:${hash}`,
    release: header.release,
    products: header.products,
    packages: header.packages,
    product: (rxcui) => {
      if (!/^[1-9]\d{0,8}$/.test(rxcui)) return null;
      const row = rowOf(Number(rxcui), header.products, productKey);
      return row === null ? null : drugAt(view.getUint32(productsAt + row * productRow + 4, true));
    },
    package: (ndc) => {
      if (!/^\d{11}$/.test(ndc)) return null;
      const row = rowOf(Number(ndc), header.packages, packageKey);
      return row === null ? null : drugAt(view.getUint32(packagesAt + row * packageRow + 8, true));
    },
  };
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

/** What no seal covers yet of one writer. */
import type { Chains } from '../chains.ts';
import type { ManifestEntry } from '../tree.ts';

/** Records of one writer that one seal takes at most: the rest waits for the next. */
const mostOfWriter = 20_000;

export interface Unsealed {
  entries: ManifestEntry[];
  /** More follow, or a number is missing: the writer is looked at again. */
  gap: boolean;
}

/** Records of a writer after `seq`, up to the first gap. */
export async function unsealedOf(
  chains: Pick<Chains, 'after'>,
  writer: string,
  seq: number,
): Promise<Unsealed> {
  const entries: ManifestEntry[] = [];
  for await (const page of chains.after(writer, seq)) {
    entries.push(...page.entries.slice(0, mostOfWriter - entries.length));
    if (page.gap || entries.length === mostOfWriter) return { entries, gap: true };
  }
  return { entries, gap: false };
}

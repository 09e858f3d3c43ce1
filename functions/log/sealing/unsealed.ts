/** What no seal covers yet: which writers may have written, and their records up to the first gap. */
import { day } from '../../../rules/fhir/time.ts';
import type { Chains } from '../chains.ts';
import { dayOf } from '../keys.ts';
import type { Seal } from '../seal.ts';
import type { ManifestEntry } from '../tree.ts';

/** Records of one writer that one seal takes at most: the rest waits for the next. */
const mostOfWriter = 20_000;

export interface Unsealed {
  entries: ManifestEntry[];
  /** More follow, or a number is missing: the writer is looked at again. */
  gap: boolean;
}

export function createUnsealed(chains: Chains) {
  return {
    /** Writers that may have written since a seal: those of the days of the interval, and those that wait. */
    async writers(since: Pick<Seal, 'waiting' | 'interval'> | null): Promise<string[]> {
      // A writer's clock may be a little off.
      const from = since ? dayOf(new Date(Date.parse(since.interval.to) - day).toISOString()) : '0';
      const names = await chains.writersSince(from);
      for (const writer of since?.waiting ?? []) names.add(writer);
      return [...names].filter((name) => name !== '').sort();
    },

    /** Records of a writer after `seq`, up to the first gap. */
    async of(writer: string, seq: number): Promise<Unsealed> {
      const entries: ManifestEntry[] = [];
      for await (const page of chains.after(writer, seq)) {
        entries.push(...page.entries.slice(0, mostOfWriter - entries.length));
        if (page.gap || entries.length === mostOfWriter) return { entries, gap: true };
      }
      return { entries, gap: false };
    },
  };
}

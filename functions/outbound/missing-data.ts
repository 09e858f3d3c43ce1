/** What could not be read, by the reason: one notice for each. */
import { type Notice, notice } from '../../rules/fhir/notice.ts';

/** Why something could not be read, as a sentence. */
export class ReadFailed extends Error {
  /** The answer may mean that the server has no such kind of data, or no search for it. */
  readonly hasNone: boolean;
  /** Of the answer; null where none came. */
  readonly status: number | null;
  constructor(why: string, options: ErrorOptions & { hasNone?: boolean; status?: number } = {}) {
    super(why, options);
    this.hasNone = options.hasNone ?? false;
    this.status = options.status ?? null;
  }
}

export type MissingData = ReturnType<typeof createMissingData>;

export function createMissingData() {
  const byReason = new Map<string, string[]>();
  return {
    /** @param what a key of the templates, or the kind of what was referred to; once for each that failed */
    add(what: string, why: string): void {
      byReason.set(why, [...(byReason.get(why) ?? []), what]);
    },

    /** In an order that does not depend on which answer came first. */
    notices: (): Notice[] =>
      [...byReason].sort().map(([why, names]) => {
        const list = [...new Set(names)].sort().join(', ');
        const count = list.includes(',') ? '' : names.length > 1 ? ` (${names.length})` : '';
        return notice(
          'fhir-fetch-failed',
          null,
          `${list}${count} could not be read from the FHIR server: ${why}`,
        );
      }),
  };
}

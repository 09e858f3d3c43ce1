/** What the pieces of the edge need of a service, without a server, a store or a registry. */
import { readSettings } from '../../functions/config/settings.ts';
import { createInterfaceFacts } from '../../functions/service/interface-facts.ts';
import type { Service } from '../../functions/service/service.ts';
import type { DecisionRecord } from '../../rules/record-types.ts';

/** Digest and rules are those of no library: refusals only name them. */
const ruleset = { digest: 'sha256:0', version: '0', rules: [], requests: [], prefetch: {} };

/**
 * A service that only records. What a piece uses beyond that is a mistake of the test, and throws.
 * @param more replaces members
 */
export function bareService(more: Partial<Service> = {}): {
  service: Service;
  records: DecisionRecord[];
  reports: [event: string, detail: Record<string, string | number>][];
} {
  const records: DecisionRecord[] = [];
  const reports: [string, Record<string, string | number>][] = [];
  const known: Partial<Service> = {
    settings: readSettings({ EPSOM_MAX_BODY: '100' }),
    now: () => new Date('2026-01-31T12:00:00Z'),
    newId: () => '0'.repeat(32),
    open: true,
    callers: null,
    interfaces: createInterfaceFacts({ report: () => undefined }),
    report: (event, detail) => {
      reports.push([event, detail]);
    },
    ...more,
  };
  const log = {
    append: async (record: DecisionRecord) => {
      records.push(record);
      return { record, isNew: true };
    },
  };
  const service = new Proxy({ ruleset, log, ...known } as unknown as Service, {
    get(target, member) {
      if (!(member in target)) throw new Error(`the test gives no \`${String(member)}\``);
      return Reflect.get(target, member);
    },
  });
  return { service, records, reports };
}

/** What recorded purges took out of the log. */
import { isObject } from '../../../rules/fhir/json.ts';
import { decompressJson } from '../compression.ts';
import type { Item } from '../items.ts';
import { tenantIn } from '../keys.ts';
import type { ManifestEntry } from '../tree.ts';

export type IsPurged = (entry: Pick<ManifestEntry, 'name' | 'at'>) => boolean;

/** @param records every record of the log, in any order */
export async function readPurges(records: AsyncIterable<Item>): Promise<IsPurged> {
  const purges: { tenant: string; before: string }[] = [];
  for await (const item of records) {
    const record: unknown = item.record?.B ? await decompressJson(item.record.B).catch(() => null) : null;
    if (isObject(record) && record.schema === 'epsom.purge/1')
      purges.push({ tenant: String(record.tenant), before: String(record.before) });
  }
  return ({ name, at }) => purges.some(({ tenant, before }) => tenant === tenantIn(name) && at < before);
}

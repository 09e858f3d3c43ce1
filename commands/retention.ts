/**
 * What may leave the decision log. Both are recorded in it, and neither changes a hash (docs/decision-log.md).
 *
 *   npm run erase -- --patient <id> --who <you> [--tenant local]
 *     destroys the keys of one patient: the records stay, without anything clinical; exit 1 where nothing is about them
 *   npm run purge -- --before 2020-01-01 --who <you> [--tenant local]
 *     removes what is older; nothing younger than the retention of the tenant (`retentionDays` of the client registry,
 *     else EPSOM_RETENTION_DAYS), and never less than six years
 */
import { randomUUID } from 'node:crypto';
import { readSettings, type Settings } from '../functions/config/settings.ts';
import { NobodyErased, wordInClear } from '../functions/log/erasing.ts';
import { createRetention, type Retention } from '../functions/log/retention.ts';
import type { LogSource } from '../functions/log/source.ts';
import { readClients } from '../functions/trust/clients.ts';
import { clientsText } from '../functions/trust/clients-text.ts';
import { retentionDaysOf } from '../functions/trust/registry.ts';
import { spanOf } from '../rules/fhir/time.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { runCommand, UsageError } from './command-line.ts';
import { openLog } from './open-log.ts';

const options = {
  tenant: { type: 'string', default: 'local' },
  patient: { type: 'string' },
  before: { type: 'string' },
  who: { type: 'string' },
} as const;
type Values = { readonly [name in keyof typeof options]?: string | undefined } & { readonly tenant: string };

function needed(values: Values, name: keyof Values): string {
  const value = values[name];
  if (value === undefined || value === '') throw new UsageError(`\`--${name}\` is missing`);
  return value;
}

function timeOf(values: Values): string {
  const span = spanOf(needed(values, 'before'));
  if (!span) throw new UsageError('`--before` must be a date or a time such as 2020-01-01');
  return new Date(span.from).toISOString();
}

async function withRetention<T>(
  settings: Settings,
  work: (retention: Retention, source: LogSource) => Promise<T>,
): Promise<T> {
  const opened = await openLog(settings, 'writes');
  try {
    const retention = createRetention({
      client: opened.client,
      table: settings.table,
      log: opened.log,
      patients: opened.patients,
      blobs: opened.source.blobs,
      newId: () => randomUUID().replaceAll('-', ''),
      now: () => new Date(),
    });
    return await work(retention, opened.source);
  } finally {
    await opened.close();
  }
}

/** @returns exit code: 1 where nothing was erased, so that a wrong id is not taken for an erased patient */
async function erase(values: Values, settings: Settings): Promise<0 | 1> {
  const who = needed(values, 'who');
  const patient = needed(values, 'patient').replace(/^Patient\//, '');
  try {
    const { keys, decisions, inClear } = await withRetention(settings, (retention) =>
      retention.erase(values.tenant, patient, who),
    );
    console.log(
      `${keys.length} key(s) destroyed; ${decisions} decision(s) have lost what was clinical in them`,
    );
    console.log('what is decided from now on is kept, under a new key');
    if (inClear.length > 0) console.error(wordInClear(inClear));
    return inClear.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof NobodyErased)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function retentionDays(tenant: string, settings: Settings): Promise<number> {
  const registry =
    settings.clients === null
      ? null
      : readClients(await clientsText(settings.clients), {
          allowLoopback: settings.allowLoopback,
          deadlineMs: settings.deadlineMs,
          ruleIds: new Set(shippedRuleset().rules.map(({ rule }) => rule.id)),
        });
  return retentionDaysOf(registry, tenant, settings.retentionDays);
}

async function purge(values: Values, settings: Settings): Promise<void> {
  const who = needed(values, 'who');
  const before = timeOf(values);
  const days = await retentionDays(values.tenant, settings);
  const { removed } = await withRetention(settings, (retention, source) =>
    retention.purge(source, values.tenant, before, who, days),
  );
  console.log(`${removed} record(s) from before ${before} removed, which is recorded`);
  console.log('verify counts them as purged once a seal covers that record');
}

await runCommand(
  {
    about: `Takes out of the decision log what may leave it. Both are recorded in it, and neither changes a hash.
erase destroys the keys of one patient: the records stay, without anything clinical. Exit code 1 where there are none.
purge removes what is older; nothing younger than the retention of the tenant, and never less than six years.`,
    calls: [
      'npm run erase -- --patient <id> --who <you> [--tenant local]',
      'npm run purge -- --before 2020-01-01 --who <you> [--tenant local]',
    ],
    options,
    positionals: [1, 1],
  },
  async ({ values, positionals: [what = ''] }) => {
    const settings = readSettings(process.env);
    if (what === 'erase') return erase(values, settings);
    if (what === 'purge') await purge(values, settings);
    else throw new UsageError(`\`${what}\` is neither erase nor purge`);
    return 0;
  },
);

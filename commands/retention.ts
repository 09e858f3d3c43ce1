/**
 * What may leave the decision log. Both are recorded in it, and neither changes a hash (docs/decision-log.md).
 *
 *   npm run erase -- --patient <id> --who <you> [--tenant local]
 *     destroys the keys of one patient: the records stay, without anything clinical
 *   npm run purge -- --before 2020-01-01 --who <you> [--tenant local]
 *     removes what is older; nothing younger than the retention of the tenant (`retentionDays` of the client registry,
 *     else EPSOM_RETENTION_DAYS), and never less than six years
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readSettings } from '../functions/config/settings.ts';
import { createRetention } from '../functions/log/retention.ts';
import { readClients } from '../functions/trust/clients.ts';
import { clientsText } from '../functions/trust/clients-text.ts';
import { retentionDaysOf } from '../functions/trust/registry.ts';
import { shippedRuleset } from '../rules/evaluation/ruleset.ts';
import { spanOf } from '../rules/fhir/time.ts';
import { openedLog } from './opened-log.ts';

function needed(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new Error(`say \`--${name}\``);
  return value;
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tenant: { type: 'string', default: 'local' },
      patient: { type: 'string' },
      before: { type: 'string' },
      who: { type: 'string' },
    },
  });
  const [what] = positionals;
  const who = needed(values.who, 'who');
  const settings = readSettings(process.env);
  const opened = await openedLog(settings);
  try {
    const retention = createRetention({
      client: opened.client,
      table: settings.table,
      log: opened.log,
      patients: opened.patients,
      newId: () => randomUUID().replaceAll('-', ''),
      now: () => new Date(),
    });
    if (what === 'erase') {
      const patient = needed(values.patient, 'patient').replace(/^Patient\//, '');
      const { keys, decisions } = await retention.erase(values.tenant, patient, who);
      console.log(
        `${keys.length} key(s) destroyed; ${decisions} decision(s) have lost what was clinical in them`,
      );
      console.log('a server that runs forgets the key within a minute');
      return;
    }
    const given = needed(values.before, 'before');
    const span = spanOf(given);
    if (!span) throw new Error('`--before` must be a date or a time such as 2020-01-01');
    const before = new Date(span.from).toISOString();
    const registry =
      settings.clients === null
        ? null
        : readClients(await clientsText(settings.clients), {
            allowLoopback: settings.allowLoopback,
            ruleIds: new Set(shippedRuleset().rules.map(({ rule }) => rule.id)),
          });
    const days = retentionDaysOf(registry, values.tenant, settings.retentionDays);
    const { removed } = await retention.purge(opened.source, values.tenant, before, who, days);
    console.log(`${removed} record(s) from before ${before} removed, which is recorded`);
  } finally {
    await opened.close();
  }
}

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : 'could not be done');
  process.exitCode = 2;
}

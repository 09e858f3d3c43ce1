/** The decision log for a command: that of the server that runs, of the folder when none runs, or of a table on AWS. */
import { existsSync, readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isLoopback, type Settings } from '../functions/config/settings.ts';
import { createEmbeddedDynamo, createLocalDynamo, findRunningDynamo } from '../functions/host/embedded.ts';
import { createLocalLog, sealsFile } from '../functions/host/local-log.ts';
import type { Seal } from '../functions/log/seal.ts';
import type { LogSource } from '../functions/log/source.ts';
import { createTableSource } from '../functions/log/source.ts';

/** @throws Error when there is no log yet */
export async function openLog(settings: Settings) {
  const { data, table, dynamodb } = settings;
  let client: DynamoDBClient | null = null;
  let close = async (): Promise<void> => undefined;
  if (dynamodb) {
    client = isLoopback(new URL(dynamodb).hostname) ? createLocalDynamo(dynamodb) : new DynamoDBClient({});
  } else {
    client = await findRunningDynamo(data);
    if (!client) {
      if (!existsSync(data)) throw new Error(`there is no log in \`${data}\` yet: start the server once`);
      const own = await createEmbeddedDynamo(data);
      client = own.client;
      close = own.close;
    }
  }
  const local = createLocalLog({
    client,
    table,
    folder: data,
    sealInterval: settings.sealInterval,
    now: () => new Date(),
    report: (event) => console.error(event),
  });
  const source: LogSource = createTableSource(client, table, local.blobs);
  return {
    ...local,
    client,
    source,
    close: async () => {
      await local.stop();
      await close();
    },
  };
}

/** Copies of seals that were kept outside the table. */
export const readSeals = (file: string): Seal[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Seal)
    : [];

export const readSealsIn = (folder: string): Seal[] => readSeals(sealsFile(folder));

/** What the drain needs on AWS and nothing else: the table. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Settings } from '../config/settings.ts';
import { createInsert, type Insert } from '../log/insert.ts';

/** Milliseconds for the items of one message: four times what an append has. */
const patience = 6000;

export const createInsertOnAws = ({ table }: Pick<Settings, 'table'>): Insert =>
  createInsert({
    client: new DynamoDBClient({ maxAttempts: 3 }),
    table,
    patience,
    now: () => new Date(),
  });

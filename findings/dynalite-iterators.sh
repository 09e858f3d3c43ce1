#!/usr/bin/env bash
# dynalite 4.0.0: every Query leaves an iterator of its store open, so memory grows with each.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund dynalite@4.0.0 @aws-sdk/client-dynamodb@3.1162.0

cat >finding.mjs <<'EOF'
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { CreateTableCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';

const require = createRequire(import.meta.url);
const { version } = require('dynalite/package.json');
const dynalite = require('dynalite');
const fromDynalite = createRequire(require.resolve('dynalite'));
const { AbstractLevel } = fromDynalite('abstract-level');

// abstract-level tells the store of each iterator that is opened and of each that is closed.
let open = 0;
const { attachResource, detachResource } = AbstractLevel.prototype;
AbstractLevel.prototype.attachResource = function (resource) {
  if (/Iterator/.test(resource.constructor.name)) open += 1;
  return attachResource.call(this, resource);
};
AbstractLevel.prototype.detachResource = function (resource) {
  if (/Iterator/.test(resource.constructor.name)) open -= 1;
  return detachResource.call(this, resource);
};

const server = dynalite({ createTableMs: 0 });
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const client = new DynamoDBClient({
  endpoint: `http://127.0.0.1:${server.address().port}`,
  region: 'local',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const TableName = 'decisions';
await client.send(
  new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
  }),
);
const item = (sk) => ({ pk: { S: 'patient' }, sk: { S: sk } });
let ready = false;
while (!ready) {
  ready = await client.send(new PutItemCommand({ TableName, Item: item('1') })).then(() => true, () => false);
}
for (const sk of ['2', '3', '4']) await client.send(new PutItemCommand({ TableName, Item: item(sk) }));

const query = new QueryCommand({
  TableName,
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ':pk': { S: 'patient' } },
});
const before = open;
let answered = 0;
for (let asked = 0; asked < 100; asked += 1) answered += (await client.send(query)).Items.length;
const left = open - before;
console.log(`dynalite ${version}; 100 queries of 4 items each, all answered (${answered} items)`);
console.log('iterators of the store still open:', left);
client.destroy();
server.close();

const same = answered === 400 && left >= 100;
console.log(same ? 'as known: none is closed when its query has been answered' : 'changed');
process.exit(same ? 0 : 1);
EOF
node finding.mjs

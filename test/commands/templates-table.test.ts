/** The lengths of docs/gathering.md against what a server is really sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { sentLength } from '../../commands/templates-table.ts';
import { createFhirClient } from '../../functions/outbound/fhir-client.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';

test('a template is as long as the address that a server is asked for, below its base', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`);
  const client = createFhirClient(
    { base, headers: {} },
    { loopback: true, maxBytes: 1000, deadlineMs: 5000, signal: new AbortController().signal },
  );
  const templates = [
    ...Object.values(shippedRuleset().prefetch['order-sign']),
    'Observation?code=a|b,c&_count=1',
  ];
  for (const template of templates)
    await client.get(client.urlOf(template.replaceAll(/\{\{[^}]*\}\}/g, 'x'.repeat(64))));
  server.close();
  server.closeAllConnections();
  expect(templates.map(sentLength)).toEqual(asked.map((path) => path.length - '/fhir/'.length));
});

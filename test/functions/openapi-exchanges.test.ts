import { describe, expect, it } from 'vitest';
import { invariantProblems } from '../support/cds-hooks-invariants.ts';
import { exchanges } from '../support/exchanges.ts';

import { escaped, type Json, resolved, schemaProblems } from '../support/openapi.ts';
import { useServers } from '../support/openapi-servers.ts';

useServers();

describe.each(Object.entries(exchanges))('%s', (operation, sends) => {
  it.each(Object.entries(sends))('%s', async (_, send) => {
    const [method = '', path = '', status = ''] = operation.split(' ');
    const answer = await send();
    const text = await answer.text();
    expect(`${answer.status}`, text).toBe(status);
    const response = resolved(`/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`);
    const media = answer.headers.get('content-type')?.split(';')[0] ?? 'none';
    expect(Object.keys(response.value.content as Json)).toContain(media);
    // One schema for the body, or for each line of a stream.
    const bodies: unknown[] =
      media === 'text/csv'
        ? [text]
        : media === 'application/x-ndjson'
          ? text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
          : [JSON.parse(text)];
    expect(bodies.length).toBeGreaterThan(0);
    for (const one of bodies)
      expect(schemaProblems(`${response.pointer}/content/${escaped(media)}/schema`, one)).toEqual([]);
    const [body] = bodies;
    for (const name of Object.keys((response.value.headers as Json | undefined) ?? {})) {
      const header = resolved(`${response.pointer}/headers/${name}`);
      const value = answer.headers.get(name);
      if (value !== null) expect(schemaProblems(`${header.pointer}/schema`, value)).toEqual([]);
      else expect(header.value.required, `${name} is required`).not.toBe(true);
    }
    const headers = Object.keys((response.value.headers as Json | undefined) ?? {});
    if (!headers.includes('Epsom-Decision')) expect(answer.headers.get('epsom-decision')).toBeNull();

    if (status === '200' && path === '/cds-services') expect(invariantProblems(body)).toEqual([]);
    if (status === '200' && path === '/cds-services/{id}')
      expect(invariantProblems(body, 'order-sign')).toEqual([]);
    if (status === '200' && path === '/evaluate') {
      expect(invariantProblems({ cards: (body as { cards: unknown }).cards })).toEqual([]);
    }
  });
});

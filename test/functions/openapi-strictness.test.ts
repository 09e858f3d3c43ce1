// Long loops leave the server, which is in this process, time to see to its connections.
import { setImmediate as breath } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { overrideReasonSystem } from '../../rules/rule/override-reasons.ts';

import { byName, type Json } from '../support/openapi.ts';
import { at, example, hookRequest, richBundle } from '../support/openapi-requests.ts';
import { decided, get, post, running, useServers, withFeedback } from '../support/openapi-servers.ts';

useServers();

/** Every object of an answer with its place, except FHIR resources, which are not ours. */
function* ownObjects(value: unknown, place = ''): Generator<[string, Json]> {
  if (Array.isArray(value))
    for (const [index, entry] of value.entries()) yield* ownObjects(entry, `${place}/${index}`);
  else if (typeof value === 'object' && value !== null) {
    yield [place, value as Json];
    for (const [key, entry] of Object.entries(value))
      if (key !== 'resource') yield* ownObjects(entry, `${place}/${key}`);
  }
}

describe('a wrong answer does not pass', () => {
  const answers: [string, string, () => Promise<Response>][] = [
    ['EvaluateResponse', 'an evaluation', () => post(`/evaluate?at=${at}&hook=order-sign`, richBundle)],
    ['DecisionRecord', 'a record with feedback', async () => get(`/decisions/${await withFeedback()}`)],
    [
      'Proof',
      'a proof',
      async () => {
        const id = await decided();
        await running.service.sealer.seal();
        return get(`/decisions/${id}/proof`);
      },
    ],
    ['Replay', 'a replay', async () => post(`/decisions/${await decided()}/replay`, '')],
    ['HookResponse', 'a hook response', () => post('/cds-services/order-sign', hookRequest())],
    ['Discovery', 'a discovery', () => get('/cds-services')],
    ['RuleList', 'the rules', () => get('/rules')],
    ['Rule', 'a rule', () => get('/rules/IV-001')],
    ['Health', 'health', () => get('/health')],
    ['OperationOutcome', 'an error', () => get('/rules/x')],
  ];
  // All are fetched first: a loop over a large answer is longer than a connection is kept open.
  const bodies = new Map<string, unknown>();
  let card: Json = {};
  beforeAll(async () => {
    for (const [schema, , send] of answers) bodies.set(schema, await (await send()).json());
    const answer = await post(`/evaluate?at=${at}&hook=order-sign`, example('iv-magnesium-myasthenia'));
    [card = {}] = ((await answer.json()) as { cards: Json[] }).cards;
  });

  it.each(answers)('%s: one more key in any object of %s', async (schema) => {
    const body = structuredClone(bodies.get(schema));
    const passed: string[] = [];
    for (const [place, object] of ownObjects(body)) {
      await breath();
      object.surplus = { of: 'nothing' };
      if (byName(schema, body).length === 0) passed.push(place);
      delete object.surplus;
    }
    expect(passed).toEqual([]);
    expect(byName(schema, body)).toEqual([]);
  });

  it.each(answers)('%s: null instead of any list or number of %s', async (schema) => {
    const body = structuredClone(bodies.get(schema));
    const passed: string[] = [];
    for (const [place, object] of ownObjects(body)) {
      for (const [key, value] of Object.entries(object)) {
        if (!Array.isArray(value) && typeof value !== 'number') continue;
        await breath();
        object[key] = null;
        if (byName(schema, body).length === 0) passed.push(`${place}/${key}`);
        object[key] = value;
      }
    }
    // What may be unknown: records in a queue, an unused result, a dose in a fingerprint, what terminology was then.
    const mayBeNull =
      /\/(log\/waiting|differs|received\/value|labs\/\d+\/value|fingerprint\/numbers\/\d+\/(value|threshold))$/;
    expect(passed.filter((place) => !mayBeNull.test(place))).toEqual([]);
  });

  it.each<[string, (sound: Json) => Json]>([
    ['a summary of 140 characters', (sound) => ({ ...sound, summary: 'x'.repeat(140) })],
    ['the indicator `hard-stop`', (sound) => ({ ...sound, indicator: 'hard-stop' })],
    ['suggestions without selectionBehavior', ({ selectionBehavior: _, ...rest }) => rest],
    ['no suggestions but an empty list', (sound) => ({ ...sound, suggestions: [] })],
    ['a source without label', (sound) => ({ ...sound, source: { topic: (sound.source as Json).topic } })],
    [
      'an override reason without display',
      (sound) => ({ ...sound, overrideReasons: [{ system: 's', code: 'c' }] }),
    ],
    [
      'an override reason of no list of ours',
      (sound) => ({
        ...sound,
        overrideReasons: [{ system: overrideReasonSystem, code: 'because', display: 'x' }],
      }),
    ],
    [
      'a delete with a resource',
      (sound) => ({
        ...sound,
        suggestions: [
          {
            label: 'x',
            uuid: sound.uuid,
            actions: [
              { type: 'delete', description: 'x', resourceId: 'X/1', resource: { resourceType: 'X' } },
            ],
          },
        ],
      }),
    ],
  ])('a card with %s', (_, spoil) => {
    const sound = structuredClone(card);
    expect(byName('Card', sound)).toEqual([]);
    expect(byName('Card', spoil(sound))).not.toEqual([]);
  });
});

/** What only some rules and some decisions hold is in the contract, too. */
import { expect, it } from 'vitest';
import { byName, type Json } from '../support/openapi.ts';
import { at, bundleOf, draft, lab } from '../support/openapi-requests.ts';
import { get, post, useServers } from '../support/openapi-servers.ts';

useServers();

it('every rule as it is served satisfies the schema of a rule', async () => {
  const { rules } = (await (await get('/rules')).json()) as { rules: { id: string }[] };
  const problems: string[] = [];
  for (const { id } of rules) {
    const rule: unknown = await (await get(`/rules/${id}`)).json();
    problems.push(...byName('Rule', rule).map((problem) => `${id} ${problem}`));
  }
  expect(rules.length).toBeGreaterThan(100);
  expect(problems).toEqual([]);
});

/** An order of magnesium sulfate in kidney failure whose route is missing, or not understood. */
const withoutRoute = (route?: Json) =>
  bundleOf(
    { resourceType: 'Patient', id: '1', gender: 'male', birthDate: '1954' },
    lab('crea', '2160-0', 8, 'mg/dL'),
    { ...draft, dosageInstruction: [{ ...(route ? { route } : {}), text: '2 g' }] },
  );

it.each([
  ['not given', undefined, 'route-not-given'],
  ['not understood', { text: 'soak' }, 'route-not-understood'],
])('a decision about an order whose route is %s satisfies the schemas', async (_, route, topic) => {
  const answer = await post(`/evaluate?at=${at}&hook=order-sign`, withoutRoute(route));
  const body = (await answer.json()) as { cards: { source: { topic: { code: string } } }[] };
  const record: unknown = await (await get(`/decisions/${answer.headers.get('epsom-decision')}`)).json();
  expect(body.cards.map(({ source }) => source.topic.code)).toContain(topic);
  expect(byName('EvaluateResponse', body)).toEqual([]);
  expect(byName('DecisionRecord', record)).toEqual([]);
});

it('the topic of an order without a route is a topic, in letters alone too', () => {
  for (const code of ['route-not-given', 'routenotgiven', 'held-back', 'heldback', 'MG-001', 'MG001']) {
    expect(byName('CardTopic', { system: 'urn:epsom:answer', code, display: 'x' })).toEqual([]);
  }
  expect(byName('CardTopic', { system: 'urn:epsom:answer', code: 'route', display: 'x' })).not.toEqual([]);
});

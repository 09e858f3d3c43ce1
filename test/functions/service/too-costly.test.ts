/** A request whose time is over while it is worked on, over HTTP: what it is answered, and what is in the log. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { shapes } from '../../../bench/growth-shapes.ts';
import type { Running } from '../../../functions/local.ts';
import { diagnostics, get, post, serving } from '../../support/serving.ts';

let running: Running;
let time: AbortController;

beforeAll(async () => {
  running = await serving();
  const { ruleset } = running.service;
  // The time is over when the rules are first looked at: no clock decides.
  running.service.ruleset = {
    ...ruleset,
    get rules() {
      time.abort();
      return ruleset.rules;
    },
  };
});
afterAll(() => running.close());

test.each(['drafts without a route', 'allergies x orders', 'deletions beside what they delete'])(
  '%s: 503 `too-costly` that names the step, in the log too, without clinical data',
  async (name) => {
    const shape = shapes.find((one) => one.name === name);
    time = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(time.signal);
    const answer = await post(`${running.url}${shape?.path}`, shape?.body(2000));
    timeout.mockRestore();
    const problem = 'took longer than 5000 ms, and was stopped at the step `rules`: send less data';
    expect([answer.status, diagnostics(answer)]).toEqual([503, problem]);
    expect(answer.body.issue).toMatchObject([{ code: 'too-costly' }]);
    const { body } = await get(`${running.url}/decisions/${answer.headers.get('epsom-decision')}`);
    expect(body).toMatchObject({ status: 503, problem, chart: null, evaluations: [], cards: [] });
  },
);

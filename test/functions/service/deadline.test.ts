import { setImmediate as othersTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createDeadline } from '../../../functions/service/deadline.ts';
import type { InSteps, Step } from '../../../rules/steps.ts';

/** Work that stops at each of these steps, and says what it did. */
function* work(steps: readonly Step[], done: Step[]): InSteps<string> {
  for (const step of steps) {
    yield step;
    done.push(step);
  }
  return 'done';
}

describe('work in steps', () => {
  test('is done, and its result given', async () => {
    const done: Step[] = [];
    const deadline = createDeadline(new AbortController().signal, 5000);
    expect(await deadline.run(work(['intake', 'chart', 'rules'], done))).toBe('done');
    expect(done).toEqual(['intake', 'chart', 'rules']);
  });

  test('lets others have their turn between two steps that take long', async () => {
    const done: Step[] = [];
    const running = createDeadline(new AbortController().signal, 5000, 0).run(
      work(['intake', 'chart'], done),
    );
    expect(done).toEqual([]);
    await othersTurn();
    await othersTurn();
    expect(await running).toBe('done');
  });

  test('is stopped when the time is over: 503 that names the step it was at', async () => {
    const time = new AbortController();
    const done: Step[] = [];
    function* late(): InSteps<string> {
      yield* work(['intake', 'chart'], done);
      time.abort();
      return yield* work(['rules', 'cards'], done);
    }
    await expect(createDeadline(time.signal, 5000, 0).run(late())).rejects.toMatchObject({
      status: 503,
      code: 'too-costly',
      message: 'took longer than 5000 ms, and was stopped at the step `rules`: send less data',
    });
    expect(done).toEqual(['intake', 'chart']);
  });
});

describe('a step of its own', () => {
  test('is entered while there is time', async () => {
    await expect(createDeadline(new AbortController().signal, 1).enter('gather')).resolves.toBeUndefined();
  });

  test('is not entered afterwards, and the one before it is named', async () => {
    const time = new AbortController();
    const deadline = createDeadline(time.signal, 200);
    await deadline.enter('gather');
    time.abort();
    await expect(deadline.enter('intake')).rejects.toThrow('stopped at the step `gather`');
  });
});

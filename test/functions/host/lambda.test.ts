/** A handler connects once, at its first call, and again after a failure. */
import { expect, test } from 'vitest';
import { connectOnce } from '../../../functions/host/lambda.ts';

test('nothing is connected before the first call, and once for all calls at once', async () => {
  let connections = 0;
  const handler = connectOnce(async () => {
    connections += 1;
    return async (event: number) => event + 1;
  });
  expect(connections).toBe(0);
  expect(await Promise.all([1, 2, 3].map(handler))).toEqual([2, 3, 4]);
  expect(await handler(4)).toBe(5);
  expect(connections).toBe(1);
});

test('a connection that failed is tried again; a call that failed is not', async () => {
  let connections = 0;
  const handler = connectOnce(async () => {
    connections += 1;
    if (connections === 1) throw new Error('no registry');
    return async (event: number) => {
      if (event < 0) throw new Error('below 0');
      return event;
    };
  });
  await expect(handler(1)).rejects.toThrow('no registry');
  expect(await handler(1)).toBe(1);
  await expect(handler(-1)).rejects.toThrow('below 0');
  expect(await handler(2)).toBe(2);
  expect(connections).toBe(2);
});

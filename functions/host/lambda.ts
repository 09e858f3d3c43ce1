/**
 * A Lambda handler that connects at the first call of an environment, and not when its file is merely imported. What
 * could not be connected is tried again at the next call.
 * @param connect makes the handler: clients, keys, configuration
 */
export function connectOnce<E, R>(
  connect: () => Promise<(event: E) => Promise<R>>,
): (event: E) => Promise<R> {
  let connecting: Promise<(event: E) => Promise<R>> | null = null;
  return async (event) => {
    connecting ??= connect();
    const handle = await connecting.catch((error: unknown) => {
      connecting = null;
      throw error;
    });
    return handle(event);
  };
}

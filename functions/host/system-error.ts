/** Errors of the operating system as a sentence that an operator can act on. */

/** What each says, about a path, or an address and port. */
const sentences: Readonly<Record<string, (about: string) => string>> = {
  ENOENT: (about) => `${about} is not there`,
  ENOTDIR: (about) => `${about} is not a folder, or lies below a file`,
  EISDIR: (about) => `${about} is a folder, not a file`,
  EACCES: (about) => `${about} may not be read or written by this user`,
  EPERM: (about) => `${about} may not be read or written by this user`,
  EROFS: (about) => `${about} is on a disk that cannot be written`,
  ENOSPC: (about) => `the disk is full: ${about} could not be written`,
  EADDRINUSE: (about) => `${about} is in use by another process: set PORT to another port`,
  EADDRNOTAVAIL: (about) => `${about} is no address of this machine`,
  ECONNREFUSED: (about) => `nothing answers at ${about}: is it running, and is its address right?`,
  ENOTFOUND: (about) => `there is no host ${about}`,
};

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** @returns null where it is no such error */
export function systemSentence(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code, path, address, hostname, port }: Record<string, unknown> = { ...error };
  const host = textOf(address) ?? textOf(hostname);
  const place = typeof port === 'number' && host ? `${host}:${port}` : host;
  const about = textOf(path) ?? place;
  return sentences[String(code)]?.(about ? `\`${about}\`` : 'what it needs') ?? null;
}

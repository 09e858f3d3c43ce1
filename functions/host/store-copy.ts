/**
 * The store of a folder for a reader: to open LevelDB is to write to it, so what nobody has open is read as a copy beside the
 * system's temporary files. Its tables, which never change, are linked where that is possible.
 */
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a store is made of; another listing is another state of it. */
const listing = (store: string): string =>
  readdirSync(store)
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(store, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .join('\n');

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another disk, or a file of another user.
    copyFileSync(from, to);
  }
}

/**
 * @param folder with the store in `dynamodb`, which no process has open
 * @returns a folder with the same, and how it is removed
 * @throws Error where a process opens it meanwhile
 */
export function copyStore(folder: string): { folder: string; remove(): void } {
  const store = join(folder, 'dynamodb');
  const copy = mkdtempSync(join(tmpdir(), 'epsom-read-'));
  const remove = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    const before = listing(store);
    mkdirSync(join(copy, 'dynamodb'), { mode: 0o700 });
    for (const name of readdirSync(store)) {
      const [from, to] = [join(store, name), join(copy, 'dynamodb', name)];
      if (name === 'LOCK') continue;
      if (name.endsWith('.ldb')) linkOrCopy(from, to);
      else copyFileSync(from, to);
    }
    if (listing(store) !== before)
      throw new Error(`\`${folder}\` was opened by another process meanwhile: try again`);
    return { folder: copy, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

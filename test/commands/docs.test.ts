/** The generated pages are those of today's rules; the claims are all accounted for. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, readClaims } from '../../commands/docs.ts';

const root = resolve(import.meta.dirname, '../..');

describe('generated pages', () => {
  it.each([...pages()])('%s is what `npm run docs` writes', (path, text) => {
    expect(existsSync(join(root, path)), 'run npm run docs').toBe(true);
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });
});

describe.skipIf(readClaims().length === 0)(
  'the claims (skipped until rules/library/claims.json is there)',
  () => {
    it('are 59, S1 to S59, each once', () => {
      expect(readClaims().map(({ id }) => id)).toEqual(
        Array.from({ length: 59 }, (_, index) => `S${index + 1}`),
      );
    });
    it('adopted: each leads to a rule or a documented behaviour', () => {
      const lost = readClaims().filter(
        ({ disposition, rules, behaviour }) =>
          disposition.startsWith('adopt') && rules.length === 0 && !behaviour,
      );
      expect(lost).toEqual([]);
    });
    it('not adopted: each says why', () => {
      const silent = readClaims().filter(
        ({ disposition, reason }) => !disposition.startsWith('adopt') && !reason,
      );
      expect(silent).toEqual([]);
    });
  },
);

/** The generated pages are those of today's rules; the claims are all accounted for. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, readClaims, withSection } from '../../commands/docs.ts';
import { factsTable } from '../../commands/facts-table.ts';

const root = resolve(import.meta.dirname, '../..');

describe('generated pages', () => {
  it.each([...pages()])('%s is what `npm run docs` writes', (path, text) => {
    expect(existsSync(join(root, path)), 'run npm run docs').toBe(true);
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });
});

describe('the generated part of a page', () => {
  it('is written between its marks, and nothing else is', () => {
    const page = 'before\n<!-- facts -->\nold\n<!-- /facts -->\nafter\n';
    expect(withSection(page, 'facts', 'new')).toBe(
      'before\n<!-- facts -->\n\nnew\n\n<!-- /facts -->\nafter\n',
    );
  });
  it.each(['no marks', '<!-- facts -->', '<!-- /facts --> <!-- facts -->'])('`%s` is refused', (page) => {
    expect(() => withSection(page, 'facts', 'new')).toThrow('<!-- facts -->');
  });
});

describe('the table of facts', () => {
  const rows = factsTable().split('\n');
  const rowOf = (name: string) => rows.filter((row) => row.startsWith(`| \`${name}\` |`));

  it.each([
    ['age', '| `age` | `unit`: `year`, `day`; `criterion`?: `true` | number |  |'],
    ['lab', '| `lab` | `test`; `unit`; `within`; `lowerLimit`? | number | `labs` |'],
    ['hasLab', '| `hasLab` | `tests`; `within`: `admission`, or a window | truth | `labs`, `encounter` |'],
    ['egfr', '| `egfr` | `within`; `asPregnant`?: `true` | number | `labs` (`conditions`) |'],
    ['allergyToOrder', '| `allergyToOrder` |  | truth | `allergies` |'],
    ['checkNotMade', '| `checkNotMade` |  | truth |  |'],
  ])('%s has its parameters, its kind and its kinds of data', (name, begin) => {
    expect(rowOf(name)).toEqual([expect.stringContaining(begin)]);
  });
  it('a kind of data that only one value of a parameter needs is there', () => {
    expect(rowOf('drug')).toEqual([
      expect.stringContaining('| `medications`, `pastMedications`, `orders` |'),
    ]);
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

/**
 * docs/cds-hooks.md cannot lie: every requirement has a row, and every proof is a test that exists. A proof is
 * a file with a tag (`[12]` in the title of a test) or with words of a title in quotes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const page = readFileSync('docs/cds-hooks.md', 'utf8');

interface Row {
  number: number;
  asked: string;
  how: string;
  proof: string;
}
const rows: Row[] = [...page.matchAll(/^\| *(\d+) *\|(.*)\|(.*)\|(.*)\|$/gm)].map(
  ([, number, asked = '', how = '', proof = '']) => ({
    number: Number(number),
    asked: asked.trim(),
    how: how.trim(),
    proof: proof.trim(),
  }),
);

/** Titles of tests and of their tables: whatever stands in quotes in a test file. */
const textOf = new Map<string, string>();
const testText = (file: string): string => {
  let text = textOf.get(file);
  if (text === undefined) {
    text = existsSync(`test/${file}`) ? readFileSync(`test/${file}`, 'utf8') : '';
    textOf.set(file, text);
  }
  return text;
};
const quoted = (text: string): string[] =>
  [...text.matchAll(/'((?:[^'\\\n]|\\.)*)'|`([^`]*)`/g)].map(
    ([, plain, template]) => plain ?? template ?? '',
  );
/** Titles only: the first argument of a test, whether it is one of a table or not. */
const titles = (text: string): string[] =>
  [
    ...text.matchAll(/\b(?:test|it)(?:\.each(?:<[^;]*?>)?\([\s\S]*?\n? *\]?\)?)?\(\s*'((?:[^'\\\n]|\\.)*)'/g),
  ].map(([, title = '']) => title);

/** `[12]` on its own, not the index of a list. */
const tagsOf = (title: string): string[] =>
  [...title.matchAll(/(?<=^|[\s;])\[(\d+)\](?=\s|$)/g)].map(([, tag = '']) => tag);

const proofs = (proof: string) =>
  [...proof.matchAll(/`([\w/-]+\.test\.ts)` (?:\[(\d+)\]|"([^"]+)")/g)].map(
    ([all, file = '', tag, words]) => ({
      all,
      file,
      tag,
      words,
    }),
  );

describe('the requirements of CDS Hooks', () => {
  test('are 77, each with one row, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 77 }, (_, index) => index + 1));
  });

  test.each(rows)('$number says what is asked and how it is met', ({ asked, how }) => {
    expect(asked).not.toBe('');
    expect(how).not.toBe('');
  });

  test('are proved or not applicable', () => {
    for (const { number, proof } of rows) {
      if (proof === 'not applicable') continue;
      const found = proofs(proof);
      expect(found.map(({ all }) => all).join('; '), String(number)).toBe(proof);
      expect(found.length).toBeGreaterThan(0);
    }
  });

  const claims = rows.flatMap(({ number, proof }) => proofs(proof).map((claim) => ({ number, ...claim })));
  test.each(claims)('$number: $all is a test', ({ file, tag, words }) => {
    const strings = quoted(testText(file));
    const isProof = (text: string): boolean =>
      words === undefined ? tagsOf(text).includes(tag ?? '') : text.includes(words);
    expect(strings.some(isProof)).toBe(true);
    if (words !== undefined) expect(words.length).toBeGreaterThan(15);
  });

  test('every tag in a title belongs to a row that names the file', () => {
    const claimed = new Set(claims.map(({ file, tag }) => `${file} ${tag}`));
    const wrong = readdirSync('test', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts') && !file.endsWith('requirements.test.ts'))
      .flatMap((file) =>
        titles(testText(file)).flatMap((title) =>
          tagsOf(title)
            .map((tag) => `${file} ${tag}`)
            .filter((name) => !claimed.has(name)),
        ),
      );
    expect(wrong).toEqual([]);
    expect(titles(testText('functions/cds-services.test.ts')).flatMap(tagsOf).length).toBeGreaterThan(10);
  });

  test('the checks above can fail', () => {
    expect(proofs('`x.test.ts` [7]; `y.test.ts` "some words"')).toMatchObject([
      { file: 'x.test.ts', tag: '7' },
      { file: 'y.test.ts', words: 'some words' },
    ]);
    expect(proofs('x.test.ts [7]')).toEqual([]);
    expect(testText('not-there.test.ts')).toBe('');
    expect(tagsOf('feedback[1] [2] [3] of cards[4]')).toEqual(['2', '3']);
    expect(titles("test('[9] one', () => 1); it.each([1])('[8] two %s', () => 1)")).toEqual([
      '[9] one',
      '[8] two %s',
    ]);
  });
});

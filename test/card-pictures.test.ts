/**
 * How much a clinician has to read: fifteen handed situations drawn as the reference client draws them, 360 pixels wide.
 * One of them here; all of them by `npm run pictures`, which leaves pictures in reports/pictures and writes the table of
 * docs/cards-before-after.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Card } from '../rules/cards/types.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';
import { row, writePart } from './support/generated-part.ts';
import { decisionOf } from './support/metamorphic/input.ts';
import { recordInputs } from './support/metamorphic/inputs.ts';
import { referencePanelHtml } from './support/reference-panel.ts';
import { launchBrowser } from './support/side-panel.ts';

const isWhole = process.env.MODE === 'whole';
const folder = resolve(import.meta.dirname, '../reports/pictures');
const width = 360;
const screen = 640;

const situations: Readonly<Record<string, string>> = {
  'vignettes/V12': 'standard pre-eclampsia set: 4 g, then 2 g/h',
  'vignettes/V13': 'severe pre-eclampsia, creatinine 2.4, 2 g/h',
  'vignettes/V16': 'chart opened: Mg 0.17 mmol/L, Ca 1.73, K 3.2',
  'vignettes/V18': 'ondansetron at QTc 520, K 2.8, Mg 0.30 mEq/L',
  'vignettes/V23': 'baclofen on dialysis',
  'vignettes/V27': 'naproxen beside ibuprofen, lisinopril, a thiazide',
  'vignettes/V38': 'methotrexate daily, eGFR 40',
  'vignettes/V43': 'torsades on dialysis, 2 g in 2 minutes',
  'vignettes/V45': '4 g more after 24 g, eGFR 18',
  'vignettes/V46': 'furosemide raised beside digoxin, K 3.1, Mg 1.4',
  'vignettes/V50': 'chart opened: metformin, eGFR fallen to 22',
  'newcomer/m1-no-route': 'IV magnesium before the route is chosen, kidney failure',
  'newcomer/m3-k-and-mg': 'potassium and magnesium, both low',
  'newcomer/aki2-gentamicin': 'gentamicin in AKI stage 2',
  'newcomer/ivmg-aki3': 'IV magnesium in AKI stage 3',
};

interface Figures {
  cards: number;
  words: number;
  screens: number;
}

const ruleset = shippedRuleset();
const inputs = new Map(recordInputs().map((input) => [input.name.replace(/\.json$/, ''), input]));

function cardsOf(name: string): readonly Card[] {
  const input = inputs.get(name);
  const decision = input && decisionOf(input, ruleset);
  if (!decision || 'refused' in decision) throw new Error(`${name} is no record that is answered`);
  return decision.cards;
}

/** @param picture where the picture goes; null for none */
async function draw(browser: Browser, cards: readonly Card[], picture: string | null): Promise<Figures> {
  const page = await browser.newPage({ viewport: { width, height: screen }, deviceScaleFactor: 2 });
  try {
    await page.setContent(referencePanelHtml(cards, width));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    if (picture) await page.screenshot({ path: picture, fullPage: true });
    if (cards.length === 0) return { cards: 0, words: 0, screens: 0 };
    const text = await page.locator('main').innerText();
    const height = Number(await page.evaluate('document.querySelector("main").scrollHeight'));
    const words = text.split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word)).length;
    return { cards: cards.length, words, screens: rounded(height / screen) };
  } finally {
    await page.close();
  }
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

const sumOf = (all: readonly Figures[]): Figures => ({
  cards: all.reduce((sum, { cards }) => sum + cards, 0),
  words: all.reduce((sum, { words }) => sum + words, 0),
  screens: rounded(all.reduce((sum, { screens }) => sum + screens, 0)),
});

const cellsOf = ({ cards, words, screens }: Figures): string[] => [
  `${cards}`,
  `${words}`,
  screens.toFixed(1),
];

/** The figures before the cards were made shorter, of the same command. */
const before = (): Record<string, Figures> =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'data/cards-before.json'), 'utf8')) as Record<
    string,
    Figures
  >;

/** Before and after side by side, for docs/cards-before-after.md. */
function tableOf(after: Readonly<Record<string, Figures>>): string[] {
  const known = before();
  const rows = Object.entries(situations).map(([name, what]) =>
    row([
      name.split('/')[1] ?? name,
      what,
      ...[known[name], after[name]].flatMap((one) => (one ? cellsOf(one) : ['', '', ''])),
    ]),
  );
  return [
    row([
      'situation',
      'what',
      ...['before', 'after'].flatMap((when) => ['cards', 'words', 'screens'].map((of) => `${of} ${when}`)),
    ]),
    row(['---', '---', '---:', '---:', '---:', '---:', '---:', '---:']),
    ...rows,
    row(['', 'all', ...cellsOf(sumOf(Object.values(known))), ...cellsOf(sumOf(Object.values(after)))]),
  ];
}

describe('pictures of cards', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('there are fifteen situations, each a handed record', () => {
    expect(Object.keys(situations).filter((name) => inputs.has(name))).toHaveLength(15);
    expect(Object.keys(before()).toSorted()).toEqual(Object.keys(situations).toSorted());
  });

  test('the fullest of them fits the panel of the reference client, with a button for each suggestion', async () => {
    const cards = cardsOf('vignettes/V18');
    const figures = await draw(browser, cards, null);
    expect(figures.cards).toBeGreaterThan(0);
    expect(figures.words).toBeGreaterThan(20);
    expect(figures.screens).toBeGreaterThan(0);
  });

  test.runIf(isWhole)(
    'all of them, with their pictures',
    async () => {
      mkdirSync(folder, { recursive: true });
      const after: Record<string, Figures> = {};
      for (const name of Object.keys(situations))
        after[name] = await draw(browser, cardsOf(name), `${folder}/${name.replace('/', '-')}.png`);
      const table = tableOf(after);
      writePart('docs/cards-before-after.md', 'before-after', table);
      writeFileSync(`${folder}/figures.json`, `${JSON.stringify(after, null, 2)}\n`);
      console.log(`\n${table.join('\n')}\n`);
    },
    300_000,
  );
});

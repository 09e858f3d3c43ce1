/**
 * Cards as an EHR side panel shows them: a narrow column, markdown with raw HTML rendered as the reference
 * client does. For looking at, and for checking that nothing received can act in it.
 */
import chromium from '@sparticuz/chromium';
import { marked } from 'marked';
import { type Browser, chromium as playwright } from 'playwright-core';
import type { Card } from '../../rules/cards/types.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Of the package, for robots: pages of one origin may read those of another. */
const lax = new Set([
  '--disable-web-security',
  '--disable-site-isolation-trials',
  '--allow-running-insecure-content',
]);

/** @param options.isStrict keeps origins apart, as the browser of a person does */
export async function launchBrowser({ isStrict = false } = {}): Promise<Browser> {
  // The package unpacks the browser, 200 MB, into the system's temporary folder and leaves it there.
  process.env.TMPDIR = temporaryFolder();
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    // In a single process the browser ends with its first page.
    args: [
      ...chromium.args.filter(
        (arg) => arg !== '--single-process' && arg !== '--no-zygote' && !(isStrict && lax.has(arg)),
      ),
      '--no-sandbox',
    ],
    headless: true,
  });
}

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const cardHtml = ({ summary, indicator, detail, source, suggestions, overrideReasons }: Card): string => `
  <article class="${indicator}">
    <h2>${escaped(summary)}</h2>
    <div class="actions">
      ${(suggestions ?? []).map(({ label }) => `<button>${escaped(label)}</button>`).join('')}
      ${overrideReasons ? '<button class="quiet">Override…</button>' : ''}
    </div>
    <div class="detail">${marked.parse(detail, { async: false, gfm: true })}</div>
    <footer>${escaped(source.label)}</footer>
  </article>`;

/** @param width CSS pixels of the panel */
export const panelHtml = (
  cards: readonly Card[],
  width: number,
): string => `<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; padding: 12px; width: ${width - 24}px; background: #eef1f4; font: 13px/1.45 "DejaVu Sans", Arial, sans-serif; color: #1c2733; overflow-wrap: anywhere }
  article { background: #fff; border-left: 5px solid; border-radius: 4px; padding: 10px 12px; margin-bottom: 12px; box-shadow: 0 1px 3px #0003 }
  .critical { border-color: #c62828 } .warning { border-color: #e69500 } .info { border-color: #1976d2 }
  h2 { font-size: 14px; margin: 0 0 8px } p { margin: 6px 0 } ul { padding-left: 18px; margin: 6px 0 }
  .detail { font-size: 12px } .detail em { color: #5b6b7b } footer { font-size: 11px; color: #5b6b7b; margin-top: 8px }
  .actions { display: flex; flex-wrap: wrap; gap: 6px } button { font: inherit; font-size: 12px; background: #1565c0; color: #fff; border: 0; border-radius: 4px; padding: 5px 9px }
  .quiet { background: #e3e8ed; color: #1c2733 }
</style><main>${cards.map(cardHtml).join('')}</main>`;

/**
 * Cards as the public reference client draws them (cds-hooks/sandbox, card-list.jsx and card-list.css, read in 2026): the
 * summary, the source, the detail as markdown with raw HTML, a button for each suggestion, and Dismiss. Without a card it
 * says that all is clear.
 */
import { marked } from 'marked';
import type { Card } from '../../rules/cards/types.ts';

/** What the client says in place of cards. */
export const allClear = 'All clear! No clinical decision support cards are available for this context.';

const colours = { info: '#0079be', warning: '#ffae42', critical: '#c00' } as const;
const places = { critical: 0, warning: 1, info: 2 } as const;

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const button = (label: string, kind: 'contained' | 'outlined'): string =>
  `<button class="${kind}">${escaped(label)}</button>`;

const cardHtml = ({ summary, indicator, detail, source, suggestions, uuid }: Card): string => `
  <article style="border-left-color: ${colours[indicator]}">
    <h2 style="color: ${colours[indicator]}">${escaped(summary)}</h2>
    <div class="source">Source: <a>${escaped(source.label)}</a></div>
    ${marked.parse(detail, { async: false, gfm: true })}
    <div>${(suggestions ?? []).map(({ label }) => button(label, 'contained')).join('')}</div>
    ${uuid ? `<hr>${button('Dismiss', 'outlined')}` : ''}
  </article>`;

const emptyHtml = `<div class="empty"><h6>No recommendations to display</h6><p>${allClear}</p></div>`;

/** @param width CSS pixels of the panel */
export const referencePanelHtml = (
  cards: readonly Card[],
  width: number,
): string => `<!doctype html><meta charset="utf-8"><style>
  * { box-sizing: border-box }
  body { margin: 0; width: ${width}px; font: 16px/1.5 Roboto, "Open Sans", Arial, sans-serif; color: #000000de; overflow-wrap: anywhere }
  article { padding: 36px; margin: 16px 16px 16px 0; border: 1px solid #e0e0e0; border-left: 5px solid; border-radius: 12px }
  h2 { font-size: 18px; font-weight: 700; margin: 0 } .source { font-size: .85em; font-style: italic; margin-bottom: 5px } a { color: blue }
  button { font: 500 14px/1.75 inherit; font-size: 14px; line-height: 1.75; text-transform: uppercase; padding: 6px 16px; border: 0; border-radius: 4px; background: #1976d2; color: #fff }
  .outlined { background: none; color: #1976d2; border: 1px solid #1976d280; padding: 5px 15px }
  .empty { padding: 60px 20px; text-align: center } h6 { font-size: 20px; margin: 0 }
</style><main>${
  cards.length === 0
    ? emptyHtml
    : cards
        .toSorted((one, other) => places[one.indicator] - places[other.indicator])
        .map(cardHtml)
        .join('')
}</main>`;

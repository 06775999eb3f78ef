/** A text of a document in a page. */
import { markup, type Markup } from '../html/markup.js';
import { inlineParts } from './inline.js';

/** `code` and *emphasis*; everything else stays as it is. */
export function inlineHtml(text: string): Markup {
  const parts = inlineParts(text).map(({ kind, text: inside }) =>
    kind === 'code'
      ? markup`<code>${inside}</code>`
      : kind === 'emphasis'
        ? markup`<em>${inside}</em>`
        : inside,
  );
  return markup`${parts}`;
}

/** Markdown that stays Markdown whatever names a user chose: GitHub's, in which HTML is markup, too. */
import { visible } from '@ligature/core';
import { code } from '@ligature/studies';
import { markdownTable } from 'markdown-table';
import { inlineParts } from './document/inline.js';

/**
 * What would be a mark: backslashes before punctuation, code, emphasis, the middle of links, HTML, entities. What cannot
 * be one stays as it is, so that the file is read with pleasure: `snake_case`, `< 0.001`, `[0.1, 0.2]`.
 */
const MARKS =
  /\\(?=[!-/:-@[-`{-~]|$)|[`*]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|~(?=~)|(?<=~)~|\](?=[([:])|!(?=\[)|<(?=[A-Za-z/!?])|&(?=#?\w+;)/gu;

const oneLine = (text: string): string => visible(text).replaceAll(/\s*\n\s*/g, ' ');

/** A text that stands for itself, in one line. */
export function plainMarkdown(text: string): string {
  return oneLine(text).replace(MARKS, (mark) =>
    mark === '<' ? '&lt;' : mark === '&' ? '&amp;' : `\\${mark}`,
  );
}

/** A text of a document, which may have `code` and *emphasis*. */
export function inlineMarkdown(text: string): string {
  return inlineParts(oneLine(text))
    .map((part) => {
      if (part.kind === 'text') return plainMarkdown(part.text);
      if (part.kind === 'emphasis') return `*${plainMarkdown(part.text)}*`;
      // No reader that looks for HTML before it looks for code finds any.
      return /<[A-Za-z/!?]/.test(part.text) ? `<code>${plainMarkdown(part.text)}</code>` : code(part.text);
    })
    .join('');
}

/** A paragraph, or what follows the dash of a list: no heading, list or quotation begins with it. */
export function paragraph(markdown: string): string {
  return markdown
    .trimStart()
    .replace(/^(#{1,6}|[-+])(?=\s|$)|^>|^-(?=[-\s]*$)|^=(?==*$)/, '\\$&')
    .replace(/^(\d+)(?=[.)](\s|$))/, '$1\\');
}

/** A table whose first column is text and whose others are numbers; cells stand for themselves. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => plainMarkdown(cell).replaceAll('|', '\\|')));
  const align = (rows[0] ?? []).map((_, index) => (index === 0 ? 'l' : 'r'));
  return markdownTable(cells, { align, stringLength: (cell) => [...cell].length });
}

/** A configuration that can be copied into a file, folded away. */
export function configurationSection(config: unknown, command: string): string {
  return [
    `## To repeat it`,
    '',
    `Save the configuration below as \`config.json\` and run ${code(command)}.`,
    '',
    '<details><summary>Configuration</summary>',
    '',
    '```json',
    // Inside of its strings it means the same.
    visible(JSON.stringify(config, null, 2)).replaceAll(/<(?=[A-Za-z/!?])/g, '\\u003c'),
    '```',
    '',
    '</details>',
  ].join('\n');
}

/** Small helpers for Markdown that stays Markdown whatever names a user chose. */
import { code } from '@ligature/studies';
import { markdownTable } from 'markdown-table';

/** A table whose first column is text and whose others are numbers. Pipes in cells are escaped. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
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
    JSON.stringify(config, null, 2),
    '```',
    '',
    '</details>',
  ].join('\n');
}

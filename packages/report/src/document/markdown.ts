/** A study's document as Markdown: what was done, what it shows, the tables, the pictures, how to repeat it. */
import type { DocumentBlock, Medium, StudyDocument } from '@ligature/core';
import { independentLayers } from '@ligature/core';
import { formatTieMap } from '../format.js';
import { code } from '@ligature/studies';
import { configurationSection, inlineMarkdown, paragraph, plainMarkdown, table } from '../markdown.js';
import { tableRows } from './cells.js';

/** Whether a part is shown in a medium. */
export function isIn(block: DocumentBlock, medium: Medium): boolean {
  if (block.kind === 'verdict') return true;
  if (block.kind === 'chart') return (block.in ?? ['markdown', 'page']).includes(medium);
  return block.in?.includes(medium) ?? true;
}

/** The whole document; its pictures lie beside it. */
export function documentMarkdown(document: StudyDocument): string {
  const { title, lead, body, failed, config, command } = document;
  const sections = [
    `# ${plainMarkdown(title)}`,
    paragraph(inlineMarkdown(lead)),
    ...body.filter((block) => isIn(block, 'markdown')).flatMap((block) => blockMarkdown(block, document)),
    ...(failed.length === 0
      ? []
      : [
          '## Failed',
          failed
            .map(
              ({ controller, seed, message }) =>
                `- ${inlineMarkdown(code(controller))}, seed ${seed}: ${plainMarkdown(message)}`,
            )
            .join('\n'),
        ]),
    config === null ? `## To repeat it\n\nRun ${code(command)}.` : configurationSection(config, command),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function blockMarkdown(block: DocumentBlock, { verdict }: StudyDocument): string[] {
  switch (block.kind) {
    case 'heading':
      return [`## ${inlineMarkdown(block.text)}`];
    case 'text':
      return [paragraph(inlineMarkdown(block.text))];
    case 'verdict':
      return [paragraph(plainMarkdown(verdict))];
    case 'list':
      return [block.items.map((item) => `- ${paragraph(inlineMarkdown(item))}`).join('\n')];
    case 'tie-maps':
      return [
        `## ${plainMarkdown(block.title)}`,
        table([
          ['Trial', 'Tie map', 'Independent layers'],
          ...block.maps.map(({ label, map }) => [
            label,
            formatTieMap(map),
            independentLayers(map).join(', '),
          ]),
        ]),
      ];
    case 'chart':
      return block.file === undefined
        ? []
        : [`![${plainMarkdown(block.title)}](<${block.file.replaceAll(/[<>\\\n\r]/g, encodeURIComponent)}>)`];
    case 'table':
      return block.rows.length === 0
        ? []
        : [table(tableRows(block)), paragraph(inlineMarkdown(block.note ?? ''))];
  }
}

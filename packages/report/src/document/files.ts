/** The files that a study leaves in its folder, besides its result: all of them follow from its document. */
import type { StudyDocument } from '@ligature/core';
import { tableCsv } from './cells.js';
import { chartSvg } from './drawings.js';
import { documentMarkdown } from './markdown.js';
import { documentPage } from './page.js';

/** The page of a study is called so. */
export const REPORT = 'report.html';

/** Contents by relative paths, the ones for people first. @param folder of the study, in which its trials lie */
export async function documentFiles(
  document: StudyDocument,
  folder?: string,
): Promise<ReadonlyMap<string, string>> {
  const { name, body, config } = document;
  const files = new Map<string, string>([
    [REPORT, await documentPage(document, folder)],
    [`${name}.md`, documentMarkdown(document)],
  ]);
  for (const block of body) {
    if (block.kind === 'chart' && block.file !== undefined) files.set(block.file, await chartSvg(block));
  }
  for (const block of body) {
    if (block.kind === 'table' && block.file !== undefined) files.set(block.file, tableCsv(block));
  }
  if (config !== null) files.set('config.json', `${JSON.stringify(config, null, 2)}\n`);
  return files;
}

/** The page of a study. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type {
  DocumentBlock,
  DocumentCell,
  DocumentColumn,
  DocumentTable,
  FailedTrial,
  StudyDocument,
} from '@ligature/core';
import type { Chart } from '../charts/chart.js';
import type { Markup } from '../html/markup.js';
import { markup } from '../html/markup.js';
import { pageHtml, type Download } from '../html/page.js';
import { configHtml, heading, mapHtml, provenanceHtml } from '../html/parts.js';
import { tableHtml, type TableCell } from '../html/table.js';
import { readManifest, type Manifest } from '../load/run-folder.js';
import { cellNumber, cellText, shownColumns, tableCsv } from './cells.js';
import { pageChart } from './drawings.js';
import { inlineHtml } from './inline-html.js';
import { documentMarkdown, isIn } from './markdown.js';

/** HTML text of the whole page. @param folder of the study, for its manifest, logs and pages of trials */
export function documentPage(document: StudyDocument, folder?: string): Promise<string> {
  const { name, title, kind, lead, body, failed, unfinished, config, command } = document;
  const tables = body.filter((block) => block.kind === 'table');
  return pageHtml({
    ...{ title, kind },
    downloads: [
      { name: `${name}.md`, type: 'text/markdown', text: documentMarkdown(document) },
      ...tables.flatMap((table): Download[] =>
        table.file === undefined ? [] : [{ name: table.file, type: 'text/csv', text: tableCsv(table) }],
      ),
    ],
    body: [
      markup`<p class="lead">${inlineHtml(lead)}</p>`,
      ...unfinishedHtml(unfinished),
      ...body.filter((block) => isIn(block, 'page')).flatMap((block) => blockHtml(block, document, folder)),
      ...failedHtml(failed),
      provenanceHtml(manifestOf(document, folder), command),
      ...(config === null ? [] : [configHtml(config)]),
    ],
  });
}

/** A study's own manifest has no backend and no plug-ins: those of its trials are all the same. */
function manifestOf({ body }: StudyDocument, folder: string | undefined): Manifest {
  if (folder === undefined) return {};
  const own = readManifest(folder);
  const curves = body.flatMap((block) =>
    block.kind === 'chart' && block.drawing.kind === 'loss' ? block.drawing.curves : [],
  );
  const [first] = curves;
  const { backend, plugins, machine }: Manifest = first ? readManifest(join(folder, first.trial)) : {};
  return { ...(backend && { backend }), ...(plugins && { plugins }), ...(machine && { machine }), ...own };
}

function blockHtml(
  block: DocumentBlock,
  document: StudyDocument,
  folder: string | undefined,
): (Markup | Chart)[] {
  switch (block.kind) {
    case 'heading':
      return [markup`<h2>${inlineHtml(block.text)}</h2>`];
    case 'text':
      return [markup`<p class="note">${inlineHtml(block.text)}</p>`];
    case 'verdict':
      return [markup`<p>${document.verdict}</p>`];
    case 'list':
      return [markup`<ul>${block.items.map((item) => markup`<li>${inlineHtml(item)}</li>`)}</ul>`];
    case 'tie-maps':
      return [
        tableHtml({
          caption: block.title,
          headings: ['Trial', 'Tie map'],
          rows: block.maps.map(({ label, map }) => [label, { text: mapHtml(map) }]),
          words: [1],
        }),
      ];
    case 'chart': {
      const chart = pageChart(block, { folder, config: document.config });
      return chart ? [chart] : [];
    }
    case 'table':
      return tableBlock(block, folder);
  }
}

const WORDS = ['text', 'map', 'trial'];

function tableBlock(table: DocumentTable, folder: string | undefined): Markup[] {
  const { rows, footer = [], caption, note } = table;
  if (rows.length === 0) return [];
  const columns = shownColumns(table);
  return [
    tableHtml({
      caption,
      headings: columns.map(({ column }) => column.heading as string),
      rows: rows.map((row) => columns.map(({ column, at }) => cellOf(row[at] ?? null, column, folder))),
      footer: footer.map((row) => columns.map(({ column, at }) => cellOf(row[at] ?? null, column, folder))),
      words: columns.flatMap(({ column }, place) =>
        WORDS.includes(column.unit) && !isNumeric(table, columns[place]?.at ?? 0) ? [place] : [],
      ),
      tall: rows.length > 40,
    }),
    ...(note === undefined ? [] : [markup`<p class="note">${inlineHtml(note)}</p>`]),
  ];
}

/** A column of texts that are numbers, as values of a varied field are, is sorted as numbers. */
const isNumeric = ({ rows }: DocumentTable, at: number): boolean =>
  rows.every((row) => typeof row[at] === 'string' && /^-?\d/.test(row[at]) && !/-/.test(row[at].slice(1)));

function cellOf(cell: DocumentCell, column: DocumentColumn, folder: string | undefined): TableCell | string {
  if (column.unit === 'map' && Array.isArray(cell)) return { text: mapHtml(cell as readonly number[]) };
  if (column.unit === 'trial' && typeof cell === 'string') return trialLink(cell, folder);
  const sort = cellNumber(cell);
  const text = cellText(cell, column);
  return sort === undefined ? text : { text, sort };
}

function trialLink(id: string, folder: string | undefined): TableCell {
  const page = folder !== undefined && existsSync(join(folder, id, 'report.html'));
  return { text: page ? markup`<a href="${encodeURIComponent(id)}/report.html">${id}</a>` : id };
}

function unfinishedHtml(trials: number): Markup[] {
  if (trials === 0) return [];
  return [
    markup`<p class="warn">${trials} ${trials === 1 ? 'trial has' : 'trials have'} not been run to the end: it can be resumed.</p>`,
  ];
}

function failedHtml(failed: readonly FailedTrial[]): Markup[] {
  if (failed.length === 0) return [];
  return [
    heading('Failed'),
    tableHtml({
      caption: 'Trials that failed; they count nowhere above',
      headings: ['Trial', 'Seed', 'Message'],
      rows: failed.map(({ controller, seed, message }) => [controller, String(seed), message]),
      words: [2],
    }),
  ];
}

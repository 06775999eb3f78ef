/** The page of a comparison. */
import { independentLayers } from '@ligature/core';
import { comparisonCharts } from '../charts/comparison-charts.js';
import { comparisonCell, comparisonColumns } from '../columns.js';
import { comparisonCsv, comparisonTable } from '../comparison-data.js';
import { comparisonMarkdown, describeBudget, describeText } from '../comparison-markdown.js';
import { formatQuantity, quantities } from '../format.js';
import type { ComparisonRecord } from '../load/comparison-folder.js';
import { statisticsCsv, statisticsRows } from '../statistics.js';
import { markup, type Markup } from './markup.js';
import { pageHtml } from './page.js';
import { configHtml, heading, mapHtml, provenanceHtml } from './parts.js';
import { tableHtml, type TableCell } from './table.js';

/** HTML text of the whole page. */
export async function comparisonPage(record: ComparisonRecord): Promise<string> {
  const { comparison, manifest } = record;
  const { rows, config, dataset, backend, tokenizer, vocabularySize, seeds, trials } = comparison;
  const text = trials[0] ? `: ${describeText(trials[0].text)}` : '';
  const charts = comparisonCharts(record);
  const chart = (id: string) => charts.filter((one) => one.id === id);
  return pageHtml({
    title: `${rows.length} controllers on ${dataset}`,
    kind: 'comparison',
    downloads: [
      { name: 'comparison.md', type: 'text/markdown', text: comparisonMarkdown(comparison) },
      { name: 'table.csv', type: 'text/csv', text: comparisonTable(comparison, { format: 'csv' }) },
      { name: 'comparison.csv', type: 'text/csv', text: comparisonCsv(comparison) },
      { name: 'statistics.csv', type: 'text/csv', text: statisticsCsv(comparison) },
    ],
    body: [
      markup`<p class="lead">${config.model.name} with ${describeBudget(config)} on ${dataset}, tokenizer ${tokenizer} (${vocabularySize} tokens), backend ${backend}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}${text}.</p>`,
      heading('What it shows'),
      markup`<p>${comparison.verdict}</p>`,
      ...statisticsTable(comparison),
      ...chart('means'),
      ...chart('differences'),
      heading('What each controller costs and gives'),
      mainTable(comparison),
      ...chart('pareto'),
      ...chart('loss'),
      ...chart('memory'),
      heading('Final tie maps and trials'),
      trialsTable(record),
      OF_TRIALS,
      ...failuresHtml(comparison),
      ...warningsHtml(comparison),
      provenanceHtml(manifest, 'ligature compare --config config.json'),
      configHtml(config),
    ],
  });
}

type Compared = ComparisonRecord['comparison'];

function statisticsTable(comparison: Compared): Markup[] {
  const [headings, ...rows] = statisticsRows(comparison);
  if (!headings) return [];
  const { control, confidence } = comparison.statistics;
  return [
    tableHtml({
      caption: `Test loss in nats per token, and its difference from ${control}, seed by seed`,
      headings,
      rows,
      words: [headings.length - 1],
    }),
    markup`<p class="note">Intervals and p are those of Student's t, two-sided, p corrected after Holm over the controllers of this table; Hedges' g is the mean difference over the standard deviation of the differences. A difference counts as shown when the corrected p is below ${(1 - confidence).toFixed(2)}; <em>no difference shown</em> does not mean that there is none.</p>`,
  ];
}

function mainTable({ rows, seeds, config }: Compared): Markup {
  const columns = comparisonColumns(config);
  return tableHtml({
    caption:
      seeds.length > 1
        ? `Means over ${seeds.length} seeds ± sample standard deviation`
        : 'One seed: nothing is known of the spread',
    headings: ['Controller', ...columns.map(({ heading: text }) => text)],
    rows: rows.map((row) => [
      row.controller,
      ...columns.map((column) => ({
        text: comparisonCell(row, column),
        sort: column.spread(row).mean,
      })),
    ]),
  });
}

function trialsTable({ comparison: { trials }, folders }: ComparisonRecord): Markup {
  const number = (
    value: number | undefined,
    quantity: (typeof quantities)[keyof typeof quantities],
  ): TableCell => ({
    text: formatQuantity(value, quantity),
    sort: value ?? Number.NaN,
  });
  return tableHtml({
    caption: 'A line for each trial; a line below a cell means that the layer had a block of its own',
    headings: [
      'Controller',
      'Seed',
      'Final tie map',
      'Own blocks',
      'Test nats',
      'Unique params',
      'Tokens/s',
      'Folder',
    ],
    rows: trials.map((trial, index) => {
      const { name = '', page = false } = folders[index] ?? {};
      return [
        trial.controller,
        { text: String(trial.seed), sort: trial.seed },
        { text: mapHtml(trial.tieMap) },
        number(independentLayers(trial.tieMap).length, quantities.layers),
        number(trial.test['nats'], quantities.nats),
        number(trial.ledger.uniqueParameters, quantities.parameters),
        number(trial.tokensPerSecond, quantities.rate),
        { text: page ? markup`<a href="${encodeURIComponent(name)}/report.html">${name}</a>` : name },
      ];
    }),
    words: [2, 7],
  });
}

const OF_TRIALS = markup`<p class="note screen">A trial gets a page of its own by <code>ligature report</code> with its folder; made again after that, this page links to it.</p>`;

function failuresHtml({ failed }: Compared): Markup[] {
  if (failed.length === 0) return [];
  return [
    heading('Failed'),
    tableHtml({
      caption: 'Trials that failed; they count nowhere above',
      headings: ['Controller', 'Seed', 'Message'],
      rows: failed.map(({ controller, seed, message }) => [controller, String(seed), message]),
      words: [2],
    }),
  ];
}

function warningsHtml({ trials }: Compared): Markup[] {
  const rows = trials.flatMap(({ controller, seed, diagnostics }) =>
    diagnostics.map(({ code, message }) => [controller, String(seed), code, message]),
  );
  if (rows.length === 0) return [heading('Diagnostics'), markup`<p>None was raised.</p>`];
  return [
    heading('Diagnostics'),
    tableHtml({
      caption: 'What the diagnostics noticed: rules of thumb, not tests',
      headings: ['Controller', 'Seed', 'Code', 'Message'],
      rows,
      words: [2, 3],
      tall: rows.length > 20,
    }),
  ];
}

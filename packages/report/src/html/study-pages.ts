/** The pages of sweeps, landscapes and retrainings: their tables and pictures, as their Markdown has them. */
import type { FailedTrial, Landscape, Retraining, Sweep } from '@ligature/studies';
import type { Spec } from 'vega';
import { PAGE, type Chart } from '../charts/chart.js';
import { paretoSpec, rankingSpec } from '../figures/landscape.js';
import { retrainingSpec } from '../figures/retraining.js';
import { sweepSpec } from '../figures/sweep.js';
import { formatTieMap } from '../format.js';
import {
  landscapeCommand,
  landscapeMarkdown,
  landscapeSetting,
  OF_RANKING,
  OF_REGRET,
  OF_TAU,
  ofBlocks,
} from '../landscape/markdown.js';
import {
  agreementCsv,
  agreementRows,
  blockRows,
  blocksCsv,
  landscapeCsv,
  landscapeRows,
  regretCsv,
  regretRows,
} from '../landscape/tables.js';
import type { Manifest } from '../load/run-folder.js';
import {
  OF_DIFFERENCES,
  RETRAINING_LEGEND,
  retrainingMarkdown,
  retrainingSetting,
} from '../retraining/markdown.js';
import {
  retrainingCsv,
  retrainingDifferenceRows,
  retrainingDifferencesCsv,
  retrainingRows,
} from '../retraining/tables.js';
import { sweepLegend, sweepMarkdown, sweepSetting } from '../sweep-markdown.js';
import { sweepCsv, sweepRows } from '../sweep-table.js';
import { markup, type Markup } from './markup.js';
import { pageHtml, type Download } from './page.js';
import { configHtml, heading, provenanceHtml } from './parts.js';
import { tableHtml } from './table.js';

export function sweepPage(sweep: Sweep, manifest: Manifest): Promise<string> {
  const drawn = sweep.axes.length > 0 && sweep.rows.some(({ objective }) => Number.isFinite(objective.mean));
  return pageHtml({
    title: `${sweep.configurations} configurations on ${sweep.dataset}`,
    kind: 'sweep',
    downloads: [markdown('sweep', sweepMarkdown(sweep)), csv('sweep', sweepCsv(sweep))],
    body: [
      lead(sweepSetting(sweep)),
      ...unfinishedHtml(sweep.unfinished),
      heading('What it shows'),
      markup`<p>${sweep.note}</p>`,
      ...(drawn
        ? [
            figure(
              'sweep',
              `${sweep.objective.metric} over the sweep`,
              sweepSpec(sweep, sweep.axes, PAGE),
              'The best configuration lies in the outlined place; fields that are not shown are averaged over.',
            ),
          ]
        : []),
      heading('All configurations'),
      ...rowsHtml('Best first', sweepRows(sweep), sweepLegend(sweep)),
      ...rowsHtml('What was varied', [
        ['Field', 'Values'],
        ...sweep.fields.map(({ path, text }) => [path, text]),
      ]),
      ...failedHtml(sweep.failed.map(({ label, seed, message }) => ({ controller: label, seed, message }))),
      provenanceHtml(manifest, 'ligature sweep --config config.json'),
      configHtml(sweep.config),
    ],
  });
}

export function landscapePage(landscape: Landscape, manifest: Manifest): Promise<string> {
  const drawn = landscape.maps.length > 0;
  const { controllers, stability } = landscape;
  return pageHtml({
    title: `The tie maps of ${landscape.layers} layers on ${landscape.dataset}`,
    kind: 'landscape',
    downloads: [
      markdown('landscape', landscapeMarkdown(landscape)),
      csv('landscape', landscapeCsv(landscape)),
      csv('blocks', blocksCsv(landscape)),
      ...(stability.pairs.length > 0 ? [csv('stability', agreementCsv(landscape))] : []),
      ...(controllers.length > 0 ? [csv('regret', regretCsv(landscape))] : []),
    ],
    body: [
      lead(landscapeSetting(landscape)),
      ...unfinishedHtml(landscape.unfinished),
      heading('What it shows'),
      markup`<p>${landscape.verdict}</p>`,
      ...(drawn
        ? [
            figure(
              'pareto',
              'Loss against unique parameters',
              paretoSpec(landscape, PAGE),
              `On the front: ${landscape.front.join(', ')}.`,
            ),
            figure(
              'ranking',
              'Ranking of the tie maps',
              rankingSpec(landscape, PAGE),
              `Lowest mean: ${landscape.lowest?.label ?? 'none'}.`,
            ),
            heading('By the number of blocks'),
            ...rowsHtml('Maps by their number of blocks', blockRows(landscape), ofBlocks(landscape)),
          ]
        : []),
      ...(stability.pairs.length > 0
        ? [
            heading('Would another seed rank them alike?'),
            ...rowsHtml('Agreement of seeds', agreementRows(landscape), OF_TAU),
          ]
        : []),
      ...(controllers.length > 0
        ? [
            heading('Regret of controllers'),
            ...rowsHtml('Regret in nats of test loss', regretRows(landscape), OF_REGRET),
          ]
        : []),
      ...(drawn
        ? [
            heading('All maps'),
            ...rowsHtml('Lowest mean test loss first', landscapeRows(landscape), OF_RANKING),
          ]
        : []),
      ...failedHtml(landscape.failed),
      provenanceHtml(manifest, landscapeCommand(landscape)),
      configHtml(landscape.config),
    ],
  });
}

export function retrainingPage(retraining: Retraining, manifest: Manifest): Promise<string> {
  const differences = retrainingDifferenceRows(retraining);
  return pageHtml({
    title: `The tie map ${formatTieMap(retraining.run.tieMap)}, trained again`,
    kind: 'retraining',
    downloads: [
      markdown('retraining', retrainingMarkdown(retraining)),
      csv('retraining', retrainingCsv(retraining)),
      csv('differences', retrainingDifferencesCsv(retraining)),
    ],
    body: [
      lead(retrainingSetting(retraining)),
      ...unfinishedHtml(retraining.unfinished),
      heading('What it shows'),
      markup`<p>${retraining.verdict}</p>`,
      ...(retraining.rows.length > 0
        ? [
            figure(
              'retraining',
              'Test loss by what was trained',
              retrainingSpec(retraining, PAGE),
              'The table has its numbers.',
            ),
          ]
        : []),
      heading('What was trained'),
      ...rowsHtml('Test loss in nats per token', retrainingRows(retraining), RETRAINING_LEGEND),
      ...(differences.length > 1
        ? [heading('Differences'), ...rowsHtml('Seed by seed', differences, OF_DIFFERENCES)]
        : []),
      ...failedHtml(retraining.failed),
      provenanceHtml(manifest, `ligature retrain ${retraining.run.folder}`),
      configHtml(retraining.config),
    ],
  });
}

/** Text that was written for Markdown, without its marks. */
const plain = (text: string): string => text.replaceAll(/[*`]/g, '');

const lead = (text: string): Markup => markup`<p class="lead">${plain(text)}</p>`;

const markdown = (name: string, text: string): Download => ({
  name: `${name}.md`,
  type: 'text/markdown',
  text,
});
const csv = (name: string, text: string): Download => ({ name: `${name}.csv`, type: 'text/csv', text });

/** A picture of the house in the colours of the page; at the pointer it says what it was drawn from. */
function figure(id: string, title: string, spec: Spec, note: string): Chart {
  const { title: _, ...rest } = spec;
  const marks = (rest.marks ?? []).map((mark) =>
    (mark.type === 'symbol' || mark.type === 'rect') && mark.from !== undefined && 'data' in mark.from
      ? {
          ...mark,
          encode: { ...mark.encode, update: { ...mark.encode?.update, tooltip: { signal: 'datum' } } },
        }
      : mark,
  );
  return {
    id,
    title,
    alt: `${spec.description ?? title} ${note}`,
    notes: [note],
    spec: { ...rest, padding: 4, marks },
  };
}

function rowsHtml(caption: string, [headings, ...rows]: readonly string[][], note?: string): Markup[] {
  if (!headings || rows.length === 0) return [];
  return [
    tableHtml({ caption, headings, rows, tall: rows.length > 40 }),
    ...(note === undefined ? [] : [markup`<p class="note">${plain(note)}</p>`]),
  ];
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

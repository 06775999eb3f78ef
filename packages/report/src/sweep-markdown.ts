/** A sweep as Markdown: what was varied, the table, the picture, what it shows, how to repeat it. */
import type { Sweep, SweepField } from '@ligature/studies';
import { describeBudget, type Figure } from './comparison-markdown.js';
import { code, configurationSection, table } from './markdown.js';
import { sweepRows } from './sweep-table.js';

/** @param figures pictures to show, already written beside the document */
export function sweepMarkdown(
  sweep: Sweep,
  { figures = [] }: { readonly figures?: readonly Figure[] } = {},
): string {
  const sections = [
    `# ${sweep.configurations} configurations on ${sweep.dataset}`,
    sweepSetting(sweep),
    fieldTable(sweep.fields),
    '## What it shows',
    sweep.note,
    ...(sweep.rows.length > 0 ? ['## All configurations', table(sweepRows(sweep)), sweepLegend(sweep)] : []),
    ...figures.map(({ title, path }) => `![${title}](<${path}>)`),
    ...failures(sweep),
    configurationSection(sweep.config, 'ligature sweep --config config.json'),
  ];
  return `${sections.join('\n\n')}\n`;
}

export function sweepSetting({
  config,
  search,
  configurations,
  seeds,
  dataset,
  tokenizer,
  backend,
  objective,
}: Sweep): string {
  const way = search === 'grid' ? 'every combination' : `drawn at random with seed ${config.seed}`;
  return (
    `${configurations} configurations, ${way}, of ${code(config.model.name)} on ${code(dataset)}, tokenizer ${code(tokenizer)}, ` +
    `backend ${code(backend)}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}. Where a field below does not say otherwise: ` +
    `${describeBudget(config)}. Objective: ${objective.goal} ${code(objective.metric)}.`
  );
}

function fieldTable(fields: readonly SweepField[]): string {
  return table([['Field', 'Values'], ...fields.map(({ path, text }) => [path, text])]);
}

export function sweepLegend({ seeds, objective }: Sweep): string {
  const spread =
    seeds.length > 1 ? ` Numbers are means over seeds ± half of their 95 % interval (Student's t).` : '';
  return `Sorted by ${code(objective.metric)}, best first. Nats are per token; parameters are counted once per block.${spread}`;
}

function failures({ failed }: Sweep): string[] {
  if (failed.length === 0) return [];
  const lines = failed.map(
    ({ id, label, seed, message }) => `- #${id} (${code(label)}), seed ${seed}: ${message}`,
  );
  return ['## Failed', lines.join('\n')];
}

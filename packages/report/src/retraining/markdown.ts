/** A retraining as Markdown: the question, what was trained, what it shows, how to repeat it. */
import type { Retraining } from '@ligature/studies';
import { describeBudget, type Figure } from '../comparison-markdown.js';
import { formatTieMap } from '../format.js';
import { code, configurationSection, table } from '../markdown.js';
import { retrainingDifferenceRows, retrainingRows } from './tables.js';

/** @param figures pictures to show, already written beside the document */
export function retrainingMarkdown(
  retraining: Retraining,
  { figures = [] }: { readonly figures?: readonly Figure[] } = {},
): string {
  const { run, failed } = retraining;
  const differences = retrainingDifferenceRows(retraining);
  const sections = [
    `# The tie map ${formatTieMap(run.tieMap)}, trained again`,
    retrainingSetting(retraining),
    '## What it shows',
    retraining.verdict,
    '## What was trained',
    table(retrainingRows(retraining)),
    RETRAINING_LEGEND,
    ...figures.map(({ title, path }) => `![${title}](<${path}>)`),
    ...(differences.length > 0 ? ['## Differences', table(differences), OF_DIFFERENCES] : []),
    ...(failed.length > 0
      ? [
          '## Failed',
          failed
            .map(({ controller, seed, message }) => `- ${code(controller)}, seed ${seed}: ${message}`)
            .join('\n'),
        ]
      : []),
    configurationSection(retraining.config, `ligature retrain ${run.folder}`),
  ];
  return `${sections.join('\n\n')}\n`;
}

export function retrainingSetting({
  run,
  config,
  seeds,
  dataset,
  tokenizer,
  backend,
  mapsWithAsManyBlocks,
}: Retraining): string {
  return (
    `${code(run.controller)} ended its run (seed ${run.seed}, ${run.steps} of ${run.budget} steps) with ` +
    `${code(formatTieMap(run.tieMap))}, one of ${mapsWithAsManyBlocks} maps with ${run.blocks} blocks. ` +
    `${code(config.model.name)} with ${describeBudget(config)} on ${code(dataset)}, tokenizer ${code(tokenizer)}, ` +
    `backend ${code(backend)}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}.`
  );
}

export const RETRAINING_LEGEND =
  `*found*: the run's final map, fixed, from scratch. *random …*: fixed maps with as many blocks, drawn uniformly. *continued*: ` +
  `the run's model with its optimizer moments goes on for one more budget with its map frozen, on the tokens of each seed, with ` +
  `a learning-rate schedule of its own. *found-long*: the found map from scratch for as many steps as *continued* has had in ` +
  `all, under one schedule. Test loss in nats per token, lower is better.`;

export const OF_DIFFERENCES =
  `Differences are taken seed by seed; intervals and p-values are those of Student's t, two-sided, p corrected after Holm within ` +
  `each question. The test against the random maps says whether other seeds would agree on these maps, not on others.`;

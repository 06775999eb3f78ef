/** A landscape as Markdown: what was trained, what it shows, the tables, the pictures, how to repeat it. */
import type { Landscape } from '@ligature/studies';
import { describeBudget, type Figure } from '../comparison-markdown.js';
import { code, configurationSection, table } from '../markdown.js';
import { agreementRows, blockRows, landscapeRows, regretRows } from './tables.js';

/** @param figures pictures to show, already written beside the document */
export function landscapeMarkdown(
  landscape: Landscape,
  { figures = [] }: { readonly figures?: readonly Figure[] } = {},
): string {
  const { maps, controllers, stability } = landscape;
  const sections = [
    `# The tie maps of ${landscape.layers} layers on ${landscape.dataset}`,
    landscapeSetting(landscape),
    '## What it shows',
    landscape.verdict,
    ...figures.map(({ title, path }) => `![${title}](<${path}>)`),
    ...(maps.length > 0
      ? ['## By the number of blocks', table(blockRows(landscape)), ofBlocks(landscape)]
      : []),
    ...(stability.pairs.length > 0
      ? ['## Would another seed rank them alike?', table(agreementRows(landscape)), OF_TAU]
      : []),
    ...(controllers.length > 0 ? ['## Regret of controllers', table(regretRows(landscape)), OF_REGRET] : []),
    ...(maps.length > 0 ? ['## All maps', table(landscapeRows(landscape)), OF_RANKING] : []),
    ...failures(landscape),
    configurationSection(landscape.config, landscapeCommand(landscape)),
  ];
  return `${sections.join('\n\n')}\n`;
}

export function landscapeSetting({
  config,
  space,
  seeds,
  dataset,
  tokenizer,
  vocabularySize,
  backend,
}: Landscape): string {
  const which = space.sampled
    ? `${space.maps} maps drawn uniformly from the ${space.all} canonical ones`
    : space.blocks === null
      ? `All ${space.all} canonical tie maps`
      : `The ${space.maps} of ${space.all} canonical tie maps with ${space.blocks.join(', ')} blocks`;
  return (
    `${which}, each fixed from the first step on. ${code(config.model.name)} with ${describeBudget(config)} on ` +
    `${code(dataset)}, tokenizer ${code(tokenizer)} (${vocabularySize} tokens), backend ${code(backend)}, ` +
    `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ') || 'none yet'}. For a seed every map got the same tokens in the ` +
    `same order and the same initial weights.`
  );
}

export function ofBlocks({ blocksEffect: { etaSquared, epsilonSquared } }: Landscape): string {
  const share = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
  return (
    `Losses are nats per token of the test split; each map counts with its mean over the seeds. Share of the variance between ` +
    `maps that the number of blocks explains: eta squared ${share(etaSquared)}, epsilon squared (without what chance gives that ` +
    `many groups) ${share(epsilonSquared)}.`
  );
}

export const OF_TAU =
  `Kendall's tau-b: 1 where both seeds rank alike, 0 where one says nothing about the other. *Within equal blocks* counts those ` +
  `pairs of maps alone that have equally many blocks, since their number alone orders most others.`;

export const OF_REGRET =
  `Nats of test loss, with 95 % intervals over the seeds; a fixed map is best by its mean over the seeds. *Minus the best map*: ` +
  `the controller's own model minus the best fixed map of all; *as small*: of those with at most as many blocks as its final map. ` +
  `*Its map minus the best*: the final map, trained fixed, minus the best with as many blocks. *Its map minus chance*: minus the ` +
  `mean of all maps with as many blocks, tested over the seeds, p corrected after Holm over the controllers; seeds on which there ` +
  `is only one such map are left out. The best of many noisy means is too low by its luck, so regret is rather too high.`;

export const OF_RANKING =
  `*Minus the lowest* is taken seed by seed; p is that of a paired t test, corrected after Holm over all maps. On the Pareto front ` +
  `is what no map beats in loss or in parameters without losing in the other; in brackets on how many seeds alone that holds.`;

function failures({ failed }: Landscape): string[] {
  if (failed.length === 0) return [];
  const lines = failed.map(
    ({ controller, seed, message }) => `- ${code(controller)}, seed ${seed}: ${message}`,
  );
  return ['## Failed', lines.join('\n')];
}

export function landscapeCommand({ space, controllers }: Landscape): string {
  const blocks = space.blocks === null ? '' : ` --blocks ${space.blocks.join(',')}`;
  const sample = space.sampled ? ` --max-maps ${space.maps}` : '';
  const names = controllers.map(({ controller }) => controller).join(',');
  return `ligature landscape --config config.json${blocks}${sample}${names === '' ? '' : ` --controllers ${names}`}`;
}

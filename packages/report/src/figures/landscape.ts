/** The pictures of a landscape: the ranking of its maps, and their loss against their parameters. */
import type { Landscape } from '@ligature/studies';
import type { Spec } from 'vega';
import { blockColor } from '../colors.js';
import { PICTURE, renderSvg, themeOf, type Look } from './render.js';

/** Above this many maps names have no room beside their dots. */
const MOST_LABELS = 60;

/** SVG text; the same input gives the same bytes. */
export async function rankingSvg(landscape: Landscape): Promise<string> {
  return await renderSvg(rankingSpec(landscape));
}

export async function paretoSvg(landscape: Landscape): Promise<string> {
  return await renderSvg(paretoSpec(landscape));
}

/**
 * Every map on a line of its own, best first: mean, 95 % interval, the losses of the seeds, all without the seeds' own
 * levels; a colour a number of blocks.
 */
export function rankingSpec({ maps, seeds }: Landscape, look: Look = PICTURE): Spec {
  const labelled = maps.length <= MOST_LABELS;
  const row = labelled ? 16 : Math.max(2, Math.floor(960 / maps.length));
  const title = `Ranking of ${maps.length} fixed tie maps`;
  // Without the level of each seed, which all maps share and which would hide what separates them.
  const level = grandMean(maps);
  const values = maps.map(({ label, blocks, centered: { mean, low, high } }) => ({
    ...{ label, blocks, mean: level + mean, low: level + (low ?? mean), high: level + (high ?? mean) },
  }));
  const points = maps.flatMap(({ label, losses }) =>
    losses.map((loss, on) => ({ label, loss: loss - seedEffect(maps, on) })),
  );
  const place = { y: { scale: 'map', field: 'label', band: 0.5 } };
  return {
    ...frame(title, `${title} by mean test loss. Bars are 95 % intervals over ${seeds.length} seeds.`, look),
    width: 560,
    height: Math.max(1, maps.length) * row,
    data: [
      { name: 'maps', values },
      { name: 'points', values: points },
    ],
    scales: [
      {
        name: 'loss',
        type: 'linear',
        domain: extent([
          ...values.flatMap(({ low, high }) => [low, high]),
          ...points.map(({ loss }) => loss),
        ]),
        range: 'width',
        zero: false,
        nice: true,
      },
      { name: 'map', type: 'band', domain: maps.map(({ label }) => label), range: 'height' },
      blockScale(maps),
    ],
    axes: [
      {
        scale: 'loss',
        orient: 'bottom',
        grid: true,
        title: `test loss, nats per token${seeds.length > 1 ? ", without the seeds' levels, 95 % interval" : ''}`,
      },
      { scale: 'map', orient: 'left', ticks: false, domain: false, labels: labelled, title: 'tie map' },
    ],
    legends: [{ fill: 'blocks', title: 'blocks', symbolType: 'circle', symbolSize: 80 }],
    marks: [
      {
        type: 'rule',
        name: 'intervals',
        from: { data: 'maps' },
        encode: {
          enter: {
            ...place,
            x: { scale: 'loss', field: 'low' },
            x2: { scale: 'loss', field: 'high' },
            stroke: { scale: 'blocks', field: 'blocks' },
            strokeWidth: { value: Math.min(1.5, row / 2) },
          },
        },
      },
      {
        type: 'symbol',
        name: 'seeds',
        from: { data: 'points' },
        encode: {
          enter: {
            ...place,
            x: { scale: 'loss', field: 'loss' },
            size: { value: labelled ? 10 : 3 },
            fill: { value: look.faint },
          },
        },
      },
      {
        type: 'symbol',
        name: 'means',
        from: { data: 'maps' },
        encode: {
          enter: {
            ...place,
            x: { scale: 'loss', field: 'mean' },
            size: { value: labelled ? 60 : 12 },
            fill: { scale: 'blocks', field: 'blocks' },
            tooltip: { signal: "datum.label + ': ' + format(datum.mean, '.4f') + ' nats'" },
          },
        },
      },
    ],
  };
}

/** Every map as a dot, those on the front joined by steps; a cross for each seed of a controller, without the seed's level. */
export function paretoSpec({ maps, seeds, front, controllers }: Landscape, look: Look = PICTURE): Spec {
  const title = 'Loss against unique parameters';
  const values = maps.map(({ label, blocks, uniqueParameters, loss, onFront }) => ({
    ...{ label, blocks, parameters: uniqueParameters, loss: loss.mean, onFront },
  }));
  const line = front.flatMap((label) => values.filter((map) => map.label === label));
  // A controller's model ends with the parameters of its final map.
  const crosses = controllers.flatMap(({ controller, seeds: own }) =>
    own.flatMap(({ loss, blocks, seed }) => {
      const parameters = values.find((map) => map.blocks === blocks)?.parameters;
      if (parameters === undefined) return [];
      return [{ controller, seed, loss: loss - seedEffect(maps, seeds.indexOf(seed)), parameters }];
    }),
  );
  const names = [...new Set(crosses.map(({ controller }) => controller))];
  const place = { x: { scale: 'parameters', field: 'parameters' }, y: { scale: 'loss', field: 'loss' } };
  const losses = [...values, ...crosses].map(({ loss }) => loss);
  return {
    ...frame(
      title,
      `${title}: each dot is a tie map, mean over ${seeds.length} seeds. The line is the front.`,
      look,
    ),
    width: 560,
    height: 340,
    data: [
      { name: 'maps', values },
      { name: 'front', values: line },
      { name: 'named', source: 'front' },
      { name: 'crosses', values: crosses },
    ],
    scales: [
      {
        name: 'parameters',
        type: 'linear',
        domain: extent(values.map(({ parameters }) => parameters)),
        range: 'width',
        zero: false,
        nice: true,
        padding: 24,
      },
      { name: 'loss', type: 'linear', domain: extent(losses), range: 'height', zero: false, nice: true },
      blockScale(maps),
      {
        name: 'controller',
        type: 'ordinal',
        domain: names,
        // Other colours than those of the blocks beside them.
        range: names.map((_, index) => blockColor(8 + index)),
      },
    ],
    axes: [
      { scale: 'parameters', orient: 'bottom', title: 'unique parameters', format: '~s', grid: true },
      { scale: 'loss', orient: 'left', title: 'test loss, nats per token', grid: true },
    ],
    legends: [
      { fill: 'blocks', title: 'blocks', symbolType: 'circle', symbolSize: 80 },
      ...(names.length > 0
        ? [{ stroke: 'controller', title: 'controller', symbolType: 'cross', symbolSize: 80 }]
        : []),
    ],
    marks: [
      {
        type: 'line',
        name: 'front-line',
        from: { data: 'front' },
        encode: {
          enter: {
            ...place,
            interpolate: { value: 'step-after' },
            stroke: { value: look.ink },
            strokeWidth: { value: 1.25 },
            strokeDash: { value: [4, 3] },
          },
        },
      },
      {
        type: 'symbol',
        name: 'dots',
        from: { data: 'maps' },
        encode: {
          enter: {
            ...place,
            size: { signal: 'datum.onFront ? 90 : 36' },
            fill: { scale: 'blocks', field: 'blocks' },
            fillOpacity: { signal: 'datum.onFront ? 1 : 0.65' },
            stroke: { signal: `datum.onFront ? '${look.ink}' : 'transparent'` },
            tooltip: { signal: "datum.label + ': ' + format(datum.loss, '.4f') + ' nats'" },
          },
        },
      },
      {
        type: 'symbol',
        name: 'controllers',
        from: { data: 'crosses' },
        encode: {
          enter: {
            ...place,
            shape: { value: 'M-1,-1L1,1M-1,1L1,-1' },
            size: { value: 40 },
            stroke: { scale: 'controller', field: 'controller' },
            strokeWidth: { value: 2 },
          },
        },
      },
      {
        type: 'text',
        name: 'names',
        from: { data: 'named' },
        encode: {
          enter: {
            ...place,
            dy: { value: 14 },
            align: { value: 'center' },
            fontSize: { value: 10 },
            text: { field: 'label' },
          },
        },
      },
    ],
  };
}

function grandMean(maps: Landscape['maps']): number {
  return maps.reduce((sum, { loss }) => sum + loss.mean, 0) / Math.max(1, maps.length);
}

/** How far a seed lies above the others, over all maps. */
function seedEffect(maps: Landscape['maps'], on: number): number {
  const sum = maps.reduce((total, { losses }) => total + (losses[on] ?? 0), 0);
  return sum / Math.max(1, maps.length) - grandMean(maps);
}

function blockScale(maps: Landscape['maps']) {
  const numbers = [...new Set(maps.map(({ blocks }) => blocks))].sort((a, b) => a - b);
  return {
    name: 'blocks',
    type: 'ordinal' as const,
    domain: numbers,
    range: numbers.map((blocks) => blockColor(blocks - 1)),
  };
}

/** The ends of a scale; a single number gets some room around it. */
function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

const frame = (title: string, description: string, look: Look): Spec => ({
  $schema: 'https://vega.github.io/schema/vega/v6.json',
  description,
  background: look.panel,
  padding: 16,
  config: themeOf(look),
  title: { text: title, frame: 'group' },
});

/**
 * The picture of a tie map changing over time: training steps to the right, one row per layer, one colour per
 * block. A dark rule under a stretch says that the layer owned its block then; numbers repeat what colours
 * say, where there is room.
 */
import type { TrialResult } from '@ligature/core';
import type { Spec } from 'vega';
import { blockColor, inkOn } from '../colors.js';
import { PICTURE, renderSvg, themeOf, type Look } from './render.js';
import { tieMapSegments, type TieMapHistory } from './segments.js';

const WIDTH = 720;
/** Narrower stretches than this, in pixels, have no room for the owner's number. */
const LABEL_WIDTH = 16;

export interface TieMapFigure extends TieMapHistory {
  readonly title?: string;
}

/** SVG text; the same input gives the same bytes. */
export async function tieMapSvg(source: TrialResult | TieMapFigure): Promise<string> {
  return await renderSvg(tieMapSpec('ledger' in source ? fromResult(source) : source));
}

function fromResult({ controller, seed, ledger, tieMaps, steps }: TrialResult): TieMapFigure {
  return { layers: ledger.layers, tieMaps, steps, title: `${controller}, seed ${seed}: blocks in use` };
}

/** The Vega specification, for pages that draw it themselves. */
export function tieMapSpec(figure: TieMapFigure, look: Look = PICTURE): Spec {
  const { layers, steps } = figure;
  const title = figure.title ?? 'Blocks in use';
  const row = layers <= 16 ? 24 : layers <= 32 ? 15 : 9;
  const segments = tieMapSegments(figure, WIDTH).map((segment) => ({
    ...segment,
    own: segment.owner === segment.layer,
    ink: inkOn(blockColor(segment.owner)),
    labelled: row >= 12 && ((segment.to - segment.from) / Math.max(1, steps)) * WIDTH >= LABEL_WIDTH,
  }));
  const owners = [...new Set(segments.map(({ owner }) => owner))].sort((a, b) => a - b);
  const band = { scale: 'layer', field: 'layer' };
  const span = { x: { scale: 'step', field: 'from' }, x2: { scale: 'step', field: 'to' } };
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    description: `${title}. Rows are layers, colours are blocks, to the right is training time.`,
    background: look.panel,
    padding: 16,
    width: WIDTH,
    height: layers * row,
    config: themeOf(look),
    title: { text: title, frame: 'group' },
    data: [
      { name: 'segments', values: segments },
      { name: 'own', source: 'segments', transform: [{ type: 'filter', expr: 'datum.own' }] },
      { name: 'labelled', source: 'segments', transform: [{ type: 'filter', expr: 'datum.labelled' }] },
    ],
    scales: [
      { name: 'step', type: 'linear', domain: [0, steps], range: 'width', nice: false, zero: false },
      {
        name: 'layer',
        type: 'band',
        domain: Array.from({ length: layers }, (_, layer) => layer),
        range: 'height',
        paddingInner: row >= 12 ? 0.12 : 0,
      },
      { name: 'block', type: 'ordinal', domain: owners, range: owners.map((owner) => blockColor(owner)) },
      { name: 'mark', type: 'ordinal', domain: ['own block'], range: [look.ink] },
    ],
    axes: [
      { scale: 'step', orient: 'bottom', title: 'training step', tickMinStep: 1, format: 'd' },
      { scale: 'layer', orient: 'left', title: 'layer', labelOverlap: true, domain: false, ticks: false },
    ],
    legends: [
      {
        fill: 'block',
        title: 'block of layer',
        symbolType: 'square',
        symbolSize: 120,
        ...(owners.length > 12 && { columns: Math.ceil(owners.length / 16) }),
      },
      { stroke: 'mark', symbolType: 'stroke', symbolStrokeWidth: 3, title: 'independent' },
    ],
    marks: [
      {
        type: 'rect',
        name: 'stretches',
        from: { data: 'segments' },
        encode: {
          enter: {
            ...span,
            y: band,
            height: { scale: 'layer', band: 1 },
            fill: { scale: 'block', field: 'owner' },
          },
        },
      },
      {
        type: 'rect',
        name: 'independent',
        from: { data: 'own' },
        encode: {
          enter: {
            ...span,
            y: { ...band, band: 1, offset: row >= 12 ? -3 : -2 },
            height: { value: row >= 12 ? 3 : 2 },
            fill: { value: look.ink },
          },
        },
      },
      {
        type: 'text',
        name: 'owners',
        from: { data: 'labelled' },
        encode: {
          enter: {
            x: { scale: 'step', signal: '(datum.from + datum.to) / 2' },
            y: { ...band, band: 0.47 },
            align: { value: 'center' },
            baseline: { value: 'middle' },
            fontSize: { value: 10 },
            fill: { field: 'ink' },
            text: { field: 'owner' },
          },
        },
      },
    ],
  };
}

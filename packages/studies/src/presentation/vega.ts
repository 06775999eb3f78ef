/** Pieces that Vega drawings of studies share; colours are names, which whoever draws fills in. */
import type { VegaDrawing } from '@ligature/core';

export const INK = 'color(ink)';
export const FAINT = 'color(faint)';

/** Of the block that layer `owner` owns. */
export const blockColor = (owner: number): string => `color(block ${owner})`;

/** Of the curve or point number `index`. */
export const seriesColor = (index: number): string => `color(series ${index})`;

/** Large numbers as `1.5k`, zero as zero. */
export const shortLabels = {
  labels: { update: { text: { signal: "datum.value === 0 ? '0' : format(datum.value, '~s')" } } },
};

/** A legend below the chart, in as many columns as there is room for. */
export const below = (columnWidth: number, least = 1) => ({
  orient: 'bottom' as const,
  direction: 'horizontal' as const,
  columns: { signal: `max(${least}, floor(room / ${columnWidth}))` },
});

/** The ends of a scale; a single number gets some room around it. */
export function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

/** A drawing of fixed size; `wide` ones have the room that their page has. */
export const drawing = (description: string, spec: Readonly<Record<string, unknown>>): VegaDrawing => ({
  kind: 'vega',
  spec: { description, ...spec },
});

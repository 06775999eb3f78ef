import { controllerLabel } from '@ligature/run';
import type { SweepDimension } from './types.js';

/** A value of a varied field in words, as one writes it on the command line. */
export function sweepValueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isChoice(value)) return controllerLabel(value);
  return JSON.stringify(value) ?? 'undefined';
}

const isChoice = (value: unknown): value is { name: string; options: Record<string, unknown> } =>
  typeof value === 'object' && value !== null && 'name' in value && 'options' in value;

/** All values of a dimension in words: `10, 50, 100`, or `0.1 to 1, logarithmic`. */
export function sweepDimensionText(dimension: SweepDimension): string {
  if (dimension.kind === 'list') return dimension.values.map(sweepValueText).join(', ');
  const { low, high, scale, integer, step } = dimension;
  return [
    `${low} to ${high}`,
    ...(scale === 'log' ? ['logarithmic'] : []),
    ...(integer ? ['whole numbers'] : []),
    ...(step === null ? [] : [`in steps of ${step}`]),
  ].join(', ');
}

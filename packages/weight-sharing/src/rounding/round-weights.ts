/**
 * A whole file of weights with its matrices in int8. Every storage is there once, as in the file that it is made of: a block that
 * many layers use is rounded once and has one set of steps.
 */
import type { ParameterSpec, Stack, WeightsFile } from '@ligature/core';
import { blockParameters } from '../registry/block-parameters.js';
import { encodeSafetensors } from '../safetensors/encode.js';
import type { SafetensorsFile, SafetensorsTensor } from '../safetensors/types.js';
import { fromInt8, roundToInt8, type Channels } from './int8.js';

export const ROUNDINGS = ['none', 'int8'] as const;
/** How numbers are stored: `none` as they are trained, in float32. */
export type Rounding = (typeof ROUNDINGS)[number];

export interface RoundedWeights {
  /** What would be stored: of `int8` each matrix as `NAME` (I8) and the steps of its channels as `NAME.scale` (F32). */
  readonly stored: SafetensorsFile;
  /** What a model computes with: the stored numbers in float32, under the names of the stack, with the tie maps. */
  readonly restored: WeightsFile;
  /** Size of the file, header included. */
  readonly bytes: number;
  /** Tensors that were rounded, and those that stayed float32. */
  readonly rounded: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Rounds every matrix of a model; vectors (norms, biases) and whatever has more axes stay float32.
 *
 * @param file as `WeightRegistry.exportWeights` gives it; it is not changed
 * @throws ContractError (`rounding-not-finite`)
 */
export function roundWeights(file: WeightsFile, stack: Stack, rounding: Rounding): RoundedWeights {
  const { specs } = blockParameters(stack);
  const stored = new Map<string, SafetensorsTensor>();
  const restored = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  const [rounded, kept]: [string[], string[]] = [[], []];
  for (const [name, { shape, data }] of file.tensors) {
    const values = data instanceof Float32Array ? data : Float32Array.from(data);
    const channels = rounding === 'int8' ? channelsOf(specs.get(name), shape) : undefined;
    if (channels === undefined) {
      kept.push(name);
      stored.set(name, { shape, data: values });
      restored.set(name, { shape, data: values });
      continue;
    }
    rounded.push(name);
    const matrix = roundToInt8(values, shape as readonly [number, number], channels);
    stored.set(name, { shape, data: matrix.data });
    stored.set(`${name}.scale`, { shape: [matrix.scales.length], data: matrix.scales });
    restored.set(name, { shape, data: fromInt8(matrix) });
  }
  const { metadata } = file;
  const written = { tensors: stored, metadata: { ...metadata, ...(rounding !== 'none' && { rounding }) } };
  return {
    stored: written,
    restored: { tensors: restored, metadata },
    bytes: encodeSafetensors(written).length,
    ...{ rounded, kept },
  };
}

/**
 * The output channels of a matrix that is multiplied with. Global ones are tables of embeddings and heads, [vocabulary,
 * width] unless they say otherwise: a row is one token's, and where the head is the table, its output channel, too.
 */
function channelsOf(
  spec: Pick<ParameterSpec, 'rows' | 'sharing'> | undefined,
  shape: readonly number[],
): Channels | undefined {
  if (shape.length !== 2) return undefined;
  const first = spec?.rows ?? (spec?.sharing === 'global' ? 'outputs' : 'inputs');
  return first === 'outputs' ? 'rows' : 'columns';
}

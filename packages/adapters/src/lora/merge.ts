/** The adapter written into the weights, for whoever does not know it. */
import { InputError } from '@ligature/core';
import type { WeightsFile } from '@ligature/core';
import type { LoraOptionsInput } from './options.js';
import { factorName } from './pairs.js';

/** By full name. */
export type NamedWeights = WeightsFile['tensors'];

/** What the adapter was made with. */
export type MergeOptions = Pick<LoraOptionsInput, 'rank' | 'alpha'>;

type Matrix = NamedWeights extends ReadonlyMap<string, infer M> ? M : never;

const FACTOR = /^(?<prefix>(?:.*?\.)?)lora\.(?<target>.+)\.(?<factor>[AB])$/s;

/**
 * W + (alpha / rank) A B of every layer in place of W, A and B, rounded once to float32; everything else is passed on.
 *
 * @param weights of every layer under its own name: where layers are tied, what they share stands once for each, because
 *   they no longer share anything when A B is written into it
 * @throws InputError (`lora-incomplete`, `lora-shape`)
 */
export function mergeLora(weights: NamedWeights, { rank, alpha }: MergeOptions = {}): NamedWeights {
  const merged = new Map(weights);
  for (const [full, factor] of weights) {
    const parts = FACTOR.exec(full)?.groups as { prefix: string; target: string; factor: string } | undefined;
    if (!parts) continue;
    const part = (missing: string): Matrix => weights.get(missing) ?? incomplete(full, missing);
    const name = parts.prefix + parts.target;
    if (parts.factor === 'A') {
      const b = part(parts.prefix + factorName(parts.target, 'B'));
      const found = factor.shape[1] ?? 0;
      if (rank !== undefined && rank !== found) mismatch(name, factor, b, rank);
      merged.set(name, sum(name, part(name), factor, b, (alpha ?? found) / found));
    } else part(parts.prefix + factorName(parts.target, 'A'));
    merged.delete(full);
  }
  return merged;
}

function sum(name: string, w: Matrix, a: Matrix, b: Matrix, scale: number): Matrix {
  const [rows, columns] = w.shape as [number, number];
  const rank = a.shape[1]!;
  const fits = [w, a, b].every(({ shape }) => shape.length === 2);
  if (!fits || a.shape[0] !== rows || b.shape[0] !== rank || b.shape[1] !== columns)
    mismatch(name, a, b, rank, w);
  const data = new Float32Array(rows * columns);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) row[j] = w.data[i * columns + j]!;
    for (let k = 0; k < rank; k += 1) {
      const factor = scale * a.data[i * rank + k]!;
      for (let j = 0; j < columns; j += 1) row[j]! += factor * b.data[k * columns + j]!;
    }
    data.set(row, i * columns);
  }
  return { shape: w.shape, data };
}

function incomplete(factor: string, missing: string): never {
  throw new InputError('lora-incomplete', {
    asked: `Merge "${factor}"`,
    found: `there is no weight "${missing}"`,
    todo: 'Give A, B and the matrix of every layer under names of its own, those of tied layers too',
  });
}

function mismatch(name: string, a: Matrix, b: Matrix, rank: number, w?: Matrix): never {
  const shapes = [a, b, ...(w ? [w] : [])].map(({ shape }) => `[${shape.join(', ')}]`);
  throw new InputError('lora-shape', {
    asked: `Merge the difference of rank ${rank} into "${name}"`,
    found: `A has shape ${shapes[0]}, B ${shapes[1]}${w ? ` and the matrix ${shapes[2]}` : ''}`,
    todo: 'Use the weights and the options of one run',
  });
}

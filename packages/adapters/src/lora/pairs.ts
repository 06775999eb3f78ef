/** Which matrices have a low-rank difference, and what it is called. */
import { InputError, namePattern } from '@ligature/core';
import type { ParameterSpec } from '@ligature/core';
import type { LoraOptions } from './options.js';

/** A target of [rows, columns] and its factors A [rows, rank] and B [rank, columns]. */
export interface Pair {
  readonly target: ParameterSpec;
  readonly a: ParameterSpec;
  readonly b: ParameterSpec;
}

export const factorName = (target: string, factor: 'A' | 'B'): string => `lora.${target}.${factor}`;

/** @throws InputError (`lora-target-unknown`) for a pattern that no matrix of a block has */
export function pairsOf(specs: readonly ParameterSpec[], { rank, targets }: LoraOptions): Pair[] {
  const matrices = specs.filter(({ sharing, shape }) => sharing === 'block' && shape.length === 2);
  const patterns = targets.map((pattern) => ({ pattern, matches: namePattern(pattern) }));
  const idle = patterns.find(({ matches }) => !matrices.some(({ name }) => matches(name)));
  if (idle) {
    throw new InputError('lora-target-unknown', {
      asked: `Adapt the matrices "${idle.pattern}"`,
      found:
        matrices.length > 0
          ? `a layer has ${matrices.map(({ name }) => name).join(', ')}`
          : 'a layer has none',
      todo: 'Use these names, with * for any part of them',
    });
  }
  return matrices
    .filter(({ name }) => patterns.some(({ matches }) => matches(name)))
    .map((target) => pairOf(target, rank));
}

function pairOf(target: ParameterSpec, rank: number): Pair {
  const [rows, columns] = target.shape as [number, number];
  const of = (
    factor: 'A' | 'B',
    shape: number[],
    initializer: ParameterSpec['initializer'],
  ): ParameterSpec => ({
    name: factorName(target.name, factor),
    shape,
    ...(target.rows ? { rows: target.rows } : {}),
    initializer,
    sharing: 'position',
  });
  // As spread as PEFT's default, Kaiming's uniform distribution with a = sqrt(5): its variance is 1 / (3 rows).
  const spread = { kind: 'normal', standardDeviation: 1 / Math.sqrt(3 * rows) } as const;
  return {
    target,
    a: of('A', [rows, rank], spread),
    b: of('B', [rank, columns], { kind: 'constant', value: 0 }),
  };
}

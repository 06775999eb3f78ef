/** A fixed way of sharing layers: a pure map from the number of layers to a tie map. */
import { expectedRandomBlocks, InputError, tieMapFromBlocks, type TieMap } from '@ligature/core';
import type { z } from 'zod';

export interface Scheme<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** Paper, and the file that the map was read from. */
  readonly reference: string;
  readonly options: Schema;
  /** The components that the published scheme ties; left out: whole blocks. */
  readonly tiedComponents?: readonly string[];
  /**
   * The canonical tie map.
   *
   * @throws InputError (`scheme-impossible`) when a stack of so many layers cannot be shared like this
   */
  map(layers: number, options: z.output<Schema>): TieMap;
}

/** Infers the options' type from the schema; `blocks` gives the id of the block that each layer uses. */
export function defineScheme<Schema extends z.ZodObject>(
  scheme: Omit<Scheme<Schema>, 'map'> & {
    blocks(layers: number, options: z.output<Schema>): (layer: number) => unknown;
  },
): Scheme<Schema> {
  const { blocks, ...rest } = scheme;
  return {
    ...rest,
    map: (layers, options) => {
      const blockOf = blocks(layers, options);
      return tieMapFromBlocks(Array.from({ length: layers }, (_, layer) => blockOf(layer)));
    },
  };
}

/**
 * Default number of blocks: as many independent layers as uniformly random actions leave on average (H_L, rounded),
 * so that schemes are compared at the size that a controller without any skill arrives at.
 */
export function defaultBlocks(layers: number): number {
  return Math.max(1, Math.round(expectedRandomBlocks(layers)));
}

/** The divisor of `total` nearest to `wanted`; the smaller one of two equally near. */
export function nearestDivisor(total: number, wanted: number): number {
  let nearest = 1;
  for (let divisor = 2; divisor <= total; divisor += 1) {
    if (total % divisor !== 0) continue;
    if (Math.abs(divisor - wanted) < Math.abs(nearest - wanted)) nearest = divisor;
  }
  return nearest;
}

/** `1, 2, 4 or 8`, for messages. */
export function divisors(total: number): string {
  const all = Array.from({ length: total }, (_, index) => index + 1).filter((one) => total % one === 0);
  return all.length === 1 ? '1' : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

export function impossible(scheme: string, layers: number, found: string, todo: string): InputError {
  return new InputError('scheme-impossible', {
    asked: `Share ${layers} layers by the scheme "${scheme}"`,
    found,
    todo,
  });
}

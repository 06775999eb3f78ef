/** Tie maps as people write them in the options of controllers. */
import { z } from 'zod';
import type { TieMap } from '../contracts/tie-map.js';
import { assertTieMap } from '../tie-map.js';

/** Schema of the option `initial` of controllers that decide: the map that a run starts from. */
export const initialMapSchema = z
  .union([
    z.enum(['profile', 'independent', 'all-tied']),
    z.string().regex(/^\d+(-\d+)*$/, 'must be profile, independent, all-tied or a map such as 0-0-2-2'),
    z.array(z.number().int().min(0)).min(1),
  ])
  .default('profile')
  .describe(
    'the map before the first decision: independent, all-tied, a list such as 0-0-2-2, or profile: independent, ' +
      "but under the official profile the official start (every layer's weights its own, all frozen but layer 0's)",
  );

export type InitialMap = string | readonly number[];

/**
 * The map that `initial` stands for; `undefined` leaves the start to the sharing profile.
 *
 * @throws InputError (`tie-map-invalid`) when a literal map does not fit the stack.
 */
export function initialMap(option: InitialMap, layers: number): TieMap | undefined {
  if (option === 'profile') return undefined;
  if (option === 'independent') return Array.from({ length: layers }, (_, layer) => layer);
  if (option === 'all-tied') return new Array<number>(layers).fill(0);
  return writtenTieMap(option, layers);
}

/**
 * A literal map: a list, or its layers joined by dashes, `0-0-2-2`.
 *
 * @throws InputError (`tie-map-invalid`) when it does not fit the stack
 */
export function writtenTieMap(map: string | readonly number[], layers: number): TieMap {
  return assertTieMap(typeof map === 'string' ? map.split('-').map(Number) : map, layers);
}

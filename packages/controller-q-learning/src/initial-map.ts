/** The option `initial`: the map that a run starts from. */
import { assertTieMap } from '@ligature/core';
import type { TieMap } from '@ligature/core';
import { z } from 'zod';

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
 * `undefined` leaves the start to the sharing profile.
 *
 * @throws InputError (`tie-map-invalid`) when a literal map does not fit the stack.
 */
export function initialMap(option: InitialMap, layers: number): TieMap | undefined {
  if (option === 'profile') return undefined;
  if (option === 'independent') return Array.from({ length: layers }, (_, layer) => layer);
  if (option === 'all-tied') return new Array<number>(layers).fill(0);
  return assertTieMap(typeof option === 'string' ? option.split('-').map(Number) : option, layers);
}

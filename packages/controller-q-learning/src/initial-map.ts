/** The option `initial`: the map that a run starts from. */
import { assertTieMap } from '@ligature/core';
import type { TieMap } from '@ligature/core';
import { z } from 'zod';

export const initialMapSchema = z
  .union([
    z.enum(['independent', 'all-tied']),
    z.string().regex(/^\d+(-\d+)*$/, 'must be independent, all-tied or a map such as 0-0-2-2'),
    z.array(z.number().int().min(0)).min(1),
  ])
  .default('independent')
  .describe('the map before the first decision: independent, all-tied, or a list such as 0-0-2-2');

export type InitialMap = z.output<typeof initialMapSchema>;

/** @throws InputError (`tie-map-invalid`) when a literal map does not fit the stack. */
export function initialMap(option: InitialMap, layers: number): TieMap {
  if (option === 'independent') return Array.from({ length: layers }, (_, layer) => layer);
  if (option === 'all-tied') return new Array<number>(layers).fill(0);
  return assertTieMap(typeof option === 'string' ? option.split('-').map(Number) : option, layers);
}

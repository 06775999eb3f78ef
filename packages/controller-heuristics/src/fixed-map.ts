/** A controller that chooses a map before the first step and never decides again. */
import { canonicalTieMap, ContractError, writtenTieMap } from '@ligature/core';
import type { Controller, TieMap } from '@ligature/core';
import { z } from 'zod';

/** Nothing moves during a run: the configuration alone gives the map back. */
export function createFixedMap(map: TieMap): Controller {
  return {
    initial(layers) {
      if (layers !== map.length) {
        throw new ContractError('controller-layers', {
          asked: `Share ${layers} layers`,
          found: `the controller was made for ${map.length}`,
          todo: 'Make one with the number of layers of the model',
        });
      }
      return map;
    },
    snapshot: () => null,
    restore: () => undefined,
  };
}

/** Options of the controller `map`. */
export const literalMapSchema = z.strictObject({
  map: z
    .union([
      z.array(z.number().int().min(0)).min(1),
      z.string().regex(/^\d+(-\d+)*$/, 'must be layers joined by dashes, such as 0-0-2-2'),
    ])
    .describe(
      'for each layer the layer whose block it uses, itself or an earlier one: a list, or text such as 0-0-2-2',
    ),
});

export type LiteralMapOptions = z.input<typeof literalMapSchema>;

/** The canonical form of a map as a person writes it. @throws InputError (`tie-map-invalid`) */
export function literalMap({ map }: LiteralMapOptions, layers: number): TieMap {
  return canonicalTieMap(writtenTieMap(map, layers));
}

/** A controller that knows its map before the first step: it starts with it, or begins with it later. */
import { canonicalTieMap, ContractError, InputError, writtenTieMap } from '@ligature/core';
import type { Controller, Decision, Observation, TieMap } from '@ligature/core';
import { z } from 'zod';

/** The option of every fixed map, whatever it is: when it begins. */
export const beginFields = {
  begin: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      'share of the budget from which the map holds, until then every layer has its own block; then a block has the ' +
        'weights of its first layer; 0: from the first step',
    ),
};

/**
 * Nothing moves during a run: the configuration and the progress alone give the map back.
 *
 * @param begin share of the budget, 0 to 1, that is trained untied; the map is applied by the first window that opens at
 *   it or after it, as a whole. 0: the run starts with the map, and nothing is ever decided
 * @param enforced also ties what is tied otherwise in weights that the run begins from: those bring a map of their own
 * @throws InputError (`options-invalid`) for a share that there is not
 */
export function createFixedMap(map: TieMap, begin = 0, enforced = false): Controller {
  if (!(begin >= 0 && begin < 1)) {
    throw new InputError('options-invalid', {
      asked: `Begin with a map at ${begin} of the budget`,
      found: 'that is no share of it',
      todo: 'Give a number from 0 to less than 1',
    });
  }
  const checked = (layers: number): void => {
    if (layers === map.length) return;
    throw new ContractError('controller-layers', {
      asked: `Share ${layers} layers`,
      found: `the controller was made for ${map.length}`,
      todo: 'Make one with the number of layers of the model',
    });
  };
  const stateless = { snapshot: () => null, restore: () => undefined };
  if (begin === 0 && !enforced) {
    return {
      ...stateless,
      initial(layers) {
        checked(layers);
        return map;
      },
    };
  }
  return {
    ...stateless,
    initial(layers) {
      checked(layers);
      return begin === 0 ? map : Array.from({ length: layers }, (_, layer) => layer);
    },
    // Every window is about the whole map, all parts of the blocks that are tied: else parts would begin one by one.
    turn: (window) => ({ sweep: window, layer: null, component: null }),
    decide({ progress, tieMap }: Observation): Decision {
      const due = progress >= begin && canonicalTieMap(tieMap).some((root, layer) => root !== map[layer]);
      return due ? { kind: 'map', tieMap: map } : { kind: 'keep' };
    },
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
  ...beginFields,
  enforced: z
    .boolean()
    .default(false)
    .describe(
      'also tie what is tied otherwise in the weights that a run begins from (weights.from): those bring their own map',
    ),
});

export type LiteralMapOptions = z.input<typeof literalMapSchema>;

/** The canonical form of a map as a person writes it. @throws InputError (`tie-map-invalid`) */
export function literalMap({ map }: Pick<LiteralMapOptions, 'map'>, layers: number): TieMap {
  return canonicalTieMap(writtenTieMap(map, layers));
}

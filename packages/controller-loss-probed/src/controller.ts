/**
 * Loss-probed merging: starts untied, and whenever the schedule lets the stack have one block fewer, tries every merge
 * of neighbours on a fixed set of batches and makes the one that costs least there. Nothing is learnt from rewards, and
 * nothing is ever untied.
 */
import {
  assertMergeSchedule,
  mergesDue,
  parseControllerOptions,
  type Controller,
  type ControllerContext,
  type Decision,
  type TieCosts,
} from '@ligature/core';
import { cheapestMerges } from './cheapest-merges.js';
import { lossProbedOptionsSchema, type LossProbedOptionsInput } from './options.js';

/**
 * Makes the controller for a stack of `context.layers`.
 *
 * @throws InputError (`options-invalid`)
 */
export function createLossProbed(
  options: LossProbedOptionsInput,
  { layers }: Pick<ControllerContext, 'layers'>,
): Controller {
  const asked = { controller: 'loss-probed', schema: lossProbedOptionsSchema, options };
  const { adjacent, substitute, batches, ...schedule } = parseControllerOptions(asked);
  assertMergeSchedule(schedule, layers, 'loss-probed');

  return {
    initial: (depth) => Array.from({ length: depth }, (_, layer) => layer),
    wants: (observation) =>
      mergesDue(observation, schedule) > 0
        ? { measure: 'tie-cost', pairs: adjacent ? 'adjacent' : 'all', substitute, batches }
        : undefined,
    decide(observation): Decision {
      const { measured, tieMap } = observation;
      const merges = mergesDue(observation, schedule);
      // Where nobody measures there is nothing to choose by.
      if (merges === 0 || measured?.kind !== 'tie-cost') return { kind: 'keep' };
      const map = cheapestMerges(tieMap, measured.pairs, merges);
      return { kind: 'map', tieMap: map, notes: { costs: named(measured) } };
    },
    // By the observation alone: there is nothing to remember.
    snapshot: () => null,
    restore: () => undefined,
  };
}

const named = ({ pairs }: TieCosts): Record<string, number> =>
  Object.fromEntries(pairs.map(({ first, second, cost }) => [`${first}+${second}`, cost]));

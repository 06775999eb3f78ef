/**
 * Merging by chance: a stack starts untied, and whenever the schedule says that a merge is due, two random blocks become
 * one. It has all that a learner which merges has, the start, the schedule and the number of blocks at the end, and nothing
 * that it knows: what both win, nobody learnt.
 *
 * Which map it ends with. Random neighbours: what is merged is a cut between two runs of layers, every cut that is left
 * being equally likely, so that every contiguous map with k blocks ends up equally likely, 1 / C(L - 1, k - 1). Random
 * blocks: Kingman's coalescent (Stochastic Processes and their Applications 13, 1982, section 2), in which a map whose blocks
 * have l_1 .. l_k layers has the probability (L - k)! k! (k - 1)! / (L! (L - 1)!) x l_1! .. l_k!.
 */
import {
  assertMergeSchedule,
  canonicalTieMap,
  independentLayers,
  mergeablePairs,
  mergedMap,
  mergeScheduleFields,
  parseControllerOptions,
  scheduledBlocks,
} from '@ligature/core';
import type { Controller, ControllerContext, Decision, Observation, RandomStream } from '@ligature/core';
import { z } from 'zod';

/** Options of `random-merging` and of `random-adjacent-merging`; each has a default. */
export const randomMergingOptionsSchema = z.strictObject(mergeScheduleFields);

export type RandomMergingOptions = z.output<typeof randomMergingOptionsSchema>;
export type RandomMergingOptionsInput = z.input<typeof randomMergingOptionsSchema>;

/**
 * Makes the control for a stack of `context.layers`. Chance comes from the stream that `decide` is given.
 *
 * @param adjacent whether only blocks are merged that have layers next to each other
 * @throws InputError (`options-invalid`)
 */
export function createRandomMerging(
  options: RandomMergingOptionsInput,
  { layers }: Pick<ControllerContext, 'layers'>,
  adjacent: boolean,
): Controller {
  const controller = adjacent ? 'random-adjacent-merging' : 'random-merging';
  const schedule = parseControllerOptions({ controller, schema: randomMergingOptionsSchema, options });
  assertMergeSchedule(schedule, layers, controller);
  return {
    initial: () => Array.from({ length: layers }, (_, layer) => layer),
    decide({ progress, tieMap }: Observation, random: RandomStream): Decision {
      const wanted = scheduledBlocks(progress, layers, schedule);
      let map = canonicalTieMap(tieMap);
      let left = independentLayers(map).length;
      if (left <= wanted) return { kind: 'keep' };
      // Several are due at once where windows are long: one after the other, each among the blocks that are there then.
      for (; left > wanted; left -= 1) {
        const pairs = mergeablePairs(map, adjacent);
        const { first, second } = pairs[random.integer(0, pairs.length)]!;
        map = mergedMap(map, first, second);
      }
      return { kind: 'map', tieMap: map };
    },
    // Nothing to save: the map is the run's, and so is the stream.
    snapshot: () => null,
    restore: () => undefined,
  };
}

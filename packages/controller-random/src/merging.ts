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
  canonicalTieMap,
  describeIssues,
  finalBlocks,
  independentLayers,
  InputError,
  mergeablePairs,
  mergedMap,
  mergeScheduleFields,
  scheduledBlocks,
} from '@ligature/core';
import type { Controller, ControllerContext, Decision, Observation, RandomStream } from '@ligature/core';
import { z } from 'zod';

/** Options of `random-merging` and of `random-adjacent-merging`; each has a default. */
export const randomMergingOptionsSchema = z
  .strictObject(mergeScheduleFields)
  .refine(({ from, until }) => from <= until, {
    message: 'is later than until, by which the last merge is done',
    path: ['from'],
  });

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
  const parsed = randomMergingOptionsSchema.safeParse(options);
  if (!parsed.success) throw invalid(describeIssues(parsed.error), layers);
  const schedule = parsed.data;
  const blocks = finalBlocks(schedule, layers);
  if (blocks > layers) throw invalid(`blocks: ${blocks}, but there are ${layers} layers`, layers);
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

function invalid(found: string, layers: number): InputError {
  return new InputError('options-invalid', {
    asked: 'Create the controller that merges at random',
    found,
    todo: `Give 1 to ${layers} blocks, and shares of the budget from 0 to 1 with from <= until`,
  });
}

/**
 * Merging by gradient conflict: starts untied, keeps a moving average of how well the gradients of every two layers agree,
 * and merges the neighbours that agree most whenever the schedule lets the stack have one block fewer. Layers that share
 * a block are asked all the same: where they disagree it is split, and others are merged in its place.
 */
import {
  assertMergeSchedule,
  canonicalTieMap,
  mergedMap,
  mergesDue,
  mostSimilarBlocks,
  similarPairs,
  parseControllerOptions,
  type Controller,
  type ControllerContext,
  type Decision,
  type LayerTable,
  type Observation,
} from '@ligature/core';
import { exchange } from './exchange.js';
import { MovingTable } from './moving-average.js';
import { gradientConflictOptionsSchema, type GradientConflictOptionsInput } from './options.js';

/**
 * Makes the controller for a stack of `context.layers`.
 *
 * @throws InputError (`options-invalid`)
 */
export function createGradientConflict(
  options: GradientConflictOptionsInput,
  { layers }: Pick<ControllerContext, 'layers'>,
): Controller {
  const asked = { controller: 'gradient-conflict', schema: gradientConflictOptionsSchema, options };
  const { every, memory, threshold, margin, ...schedule } = parseControllerOptions(asked);
  assertMergeSchedule(schedule, layers, 'gradient-conflict');
  const average = new MovingTable(layers, memory);

  /** Nothing is decided any more: the schedule is over and the map as it shall be. */
  const isOver = (observation: Observation): boolean =>
    observation.progress >= schedule.until && mergesDue(observation, schedule) === 0;

  return {
    initial: (depth) => Array.from({ length: depth }, (_, layer) => layer),
    wants: (observation) =>
      observation.window % every === 0 && !isOver(observation) ? 'gradient-cosine' : undefined,
    decide(observation): Decision {
      const { measured, progress, tieMap } = observation;
      if (measured?.kind === 'gradient-cosine') average.add(measured.matrix);
      const { mean } = average;
      if (!mean) return { kind: 'keep' };
      const due = mergesDue(observation, schedule);
      if (due > 0) return merged(canonicalTieMap(tieMap), mean, due);
      if (progress < schedule.from || progress >= schedule.until) return { kind: 'keep' };
      const found = exchange(canonicalTieMap(tieMap), mean, { threshold, margin });
      if (!found) return { kind: 'keep' };
      const { split, merged: into } = found;
      const agreements = {
        [`${split.block}|${split.at}`]: split.agreement,
        [`${into.first}+${into.second}`]: into.agreement,
      };
      return { kind: 'map', tieMap: found.tieMap, notes: { agreements } };
    },
    snapshot: () => average.snapshot(),
    restore: (state) => average.restore(state),
  };
}

function merged(tieMap: number[], mean: LayerTable, merges: number): Decision {
  const candidates = similarPairs(tieMap, mean, true);
  const agreements = Object.fromEntries(
    candidates.map(({ first, second, similarity }) => [`${first}+${second}`, similarity]),
  );
  let map = tieMap;
  for (let merge = 0; merge < merges; merge += 1) {
    const best = mostSimilarBlocks(map, mean, true);
    if (!best) break;
    map = mergedMap(map, best.first, best.second);
  }
  return { kind: 'map', tieMap: map, notes: { agreements } };
}

/**
 * Merging greedily: every few windows the two blocks that are most alike become one. Whether that pays is not asked:
 * there is no reward, and nothing is ever untied.
 */
import {
  canonicalTieMap,
  describeIssues,
  finalBlocks,
  independentLayers,
  InputError,
  mergedMap,
  mostSimilarBlocks,
} from '@ligature/core';
import type { Controller, ControllerContext, Decision, Observation } from '@ligature/core';
import { similarityOptionsSchema, type SimilarityOptionsInput } from './options.js';

/**
 * Makes the controller for a stack of `context.layers`.
 *
 * @throws InputError (`options-invalid`)
 */
export function createSimilarity(
  options: SimilarityOptionsInput,
  { layers }: Pick<ControllerContext, 'layers'>,
): Controller {
  const parsed = similarityOptionsSchema.safeParse(options);
  if (!parsed.success) throw invalid(describeIssues(parsed.error));
  const { measure, warmup, every, threshold, adjacent } = parsed.data;
  const blocks = finalBlocks(parsed.data, layers);
  if (blocks > layers) throw invalid(`blocks: ${blocks}, but there are ${layers} layers`);

  /** By the number of the window alone, so that there is nothing to remember. */
  const due = ({ window, tieMap }: Observation): boolean =>
    window >= warmup &&
    (window - warmup) % every === 0 &&
    independentLayers(canonicalTieMap(tieMap)).length > blocks;

  return {
    wants: (observation) => (due(observation) ? measure : undefined),
    decide(observation): Decision {
      const { measured } = observation;
      if (!measured || measured.kind === 'tie-cost' || !due(observation)) return { kind: 'keep' };
      const map = canonicalTieMap(observation.tieMap);
      const pair = mostSimilarBlocks(map, measured.matrix, adjacent);
      if (!pair || pair.similarity < threshold) return { kind: 'keep' };
      return { kind: 'map', tieMap: mergedMap(map, pair.first, pair.second) };
    },
    snapshot: () => null,
    restore: () => undefined,
  };
}

function invalid(found: string): InputError {
  return new InputError('options-invalid', {
    asked: 'Create the similarity controller',
    found,
    todo: 'See similarityOptionsSchema for what it takes; blocks is at most the number of layers',
  });
}

/**
 * A stack of K blocks run B times: Relaxed Recursive Transformers (Bae et al. 2025, arXiv 2410.20672) and
 * Mixture-of-Recursions (Bae et al. 2025, arXiv 2507.10524), model/sharing_strategy/llama.py. The middle variants
 * leave the first and the last layer to themselves. The published code drops layers that do not divide; here that
 * is refused.
 */
import { z } from 'zod';
import { defaultBlocks, defineScheme, impossible, nearestDivisor } from './scheme.js';

const RECURSIVE = 'Relaxed Recursive Transformers, Bae et al. 2025, arXiv 2410.20672';
const MIDDLE = 'Mixture-of-Recursions, Bae et al. 2025, arXiv 2507.10524; model/sharing_strategy/llama.py';

const optionsSchema = z.strictObject({
  loops: z
    .number()
    .int()
    .positive()
    .optional()
    .describe(
      'times that each shared block is run, B; default: so that the number of blocks is the possible one nearest to what random actions leave on average',
    ),
});

/** Shared blocks K among `shared` layers, given B or the number wanted by default. */
function sharedBlocks(name: string, layers: number, own: number, loops: number | undefined): number {
  const shared = layers - own;
  if (shared < 1)
    throw impossible(name, layers, 'no layer is left to share', `Use ${own + 1} layers or more`);
  if (loops === undefined) return nearestDivisor(shared, Math.max(1, defaultBlocks(layers) - own));
  if (shared % loops !== 0) {
    throw impossible(
      name,
      layers,
      `${loops} loops do not divide the ${shared} shared layers`,
      'Give a number of loops that divides them',
    );
  }
  return shared / loops;
}

export const recursiveCycle = defineScheme({
  name: 'recursive-cycle',
  summary: 'a stack of K blocks run B times over: 0 1 2 0 1 2',
  reference: RECURSIVE,
  options: optionsSchema,
  blocks(layers, { loops }) {
    const count = sharedBlocks('recursive-cycle', layers, 0, loops);
    return (layer) => layer % count;
  },
});

export const recursiveSequence = defineScheme({
  name: 'recursive-sequence',
  summary: 'each of K blocks run B times in a row: 0 0 2 2 4 4',
  reference: RECURSIVE,
  options: optionsSchema,
  blocks(layers, { loops }) {
    const count = sharedBlocks('recursive-sequence', layers, 0, loops);
    return (layer) => Math.floor(layer / (layers / count));
  },
});

export const middleCycle = defineScheme({
  name: 'middle-cycle',
  summary: 'first and last layer on their own, the middle as recursive-cycle: 0 1 2 3 1 2 3 7',
  reference: MIDDLE,
  options: optionsSchema,
  blocks(layers, { loops }) {
    const count = sharedBlocks('middle-cycle', layers, 2, loops);
    return (layer) => (isEnd(layer, layers) ? `end ${layer}` : (layer - 1) % count);
  },
});

export const middleSequence = defineScheme({
  name: 'middle-sequence',
  summary: 'first and last layer on their own, the middle as recursive-sequence: 0 1 1 3 3 5 5 7',
  reference: MIDDLE,
  options: optionsSchema,
  blocks(layers, { loops }) {
    const count = sharedBlocks('middle-sequence', layers, 2, loops);
    return (layer) =>
      isEnd(layer, layers) ? `end ${layer}` : Math.floor((layer - 1) / ((layers - 2) / count));
  },
});

const isEnd = (layer: number, layers: number): boolean => layer === 0 || layer === layers - 1;

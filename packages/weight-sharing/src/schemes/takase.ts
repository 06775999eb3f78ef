/**
 * Takase & Kiyono, "Lessons on Parameter Sharing across Layers in Transformers" (arXiv 2104.06022);
 * takase/share_layer_params, fairseq/models/transformer.py:315-347. M blocks, or S layers per block.
 */
import { z } from 'zod';
import { defaultBlocks, defineScheme, impossible } from './scheme.js';

const REFERENCE =
  'Takase & Kiyono 2021, arXiv 2104.06022; takase/share_layer_params fairseq/models/transformer.py';

const sizeOptions = {
  blocks: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('number of independent blocks, M; default: what random actions leave on average'),
  groupSize: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('layers per block, S, in place of blocks: M = ceil(layers / S)'),
};

const sizeSchema = z.strictObject(sizeOptions);

function blockCount(name: string, layers: number, options: z.output<typeof sizeSchema>): number {
  const { blocks, groupSize } = options;
  if (blocks !== undefined && groupSize !== undefined) {
    throw impossible(name, layers, 'both blocks and groupSize are given', 'Give one of them');
  }
  const count = blocks ?? (groupSize === undefined ? defaultBlocks(layers) : Math.ceil(layers / groupSize));
  if (count > layers) {
    throw impossible(name, layers, `${count} blocks are more than layers`, `Give at most ${layers} blocks`);
  }
  return count;
}

export const sequence = defineScheme({
  name: 'sequence',
  summary: 'consecutive layers share: 0 0 0 0 4 4 4 4',
  reference: REFERENCE,
  options: z.strictObject({
    ...sizeOptions,
    balanced: z
      .boolean()
      .default(false)
      .describe('groups of sizes as equal as possible, floor(i M / L), where M does not divide the layers'),
  }),
  blocks(layers, { balanced, ...size }) {
    const count = blockCount('sequence', layers, size);
    if (balanced) return (layer) => Math.floor((layer * count) / layers);
    const groupSize = size.groupSize ?? Math.ceil(layers / count);
    const made = Math.ceil(layers / groupSize);
    if (made !== count) {
      throw impossible(
        'sequence',
        layers,
        `groups of ${groupSize} layers make ${made} blocks, not ${count}`,
        `Set balanced, or ask for ${made} blocks`,
      );
    }
    return (layer) => Math.floor(layer / groupSize);
  },
});

export const cycle = defineScheme({
  name: 'cycle',
  summary: 'blocks repeat in order: 0 1 2 0 1 2',
  reference: REFERENCE,
  options: sizeSchema,
  blocks(layers, options) {
    const count = blockCount('cycle', layers, options);
    return (layer) => layer % count;
  },
});

export const cycleReversed = defineScheme({
  name: 'cycle-reversed',
  summary: 'blocks repeat in order, the last time in reverse: 0 1 2 0 1 2 2 1 0',
  reference: REFERENCE,
  options: sizeSchema,
  blocks(layers, options) {
    const count = blockCount('cycle-reversed', layers, options);
    // Shorter than two cycles: the code starts the reverse cycle at once, and it stays incomplete.
    const turn = Math.max(count, layers - count);
    return (layer) => (layer < turn ? layer % count : count - 1 - ((layer - turn) % count));
  },
});

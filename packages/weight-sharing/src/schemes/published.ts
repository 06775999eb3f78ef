/** Sharing schemes of other papers, one formula each. */
import { z } from 'zod';
import { defaultBlocks, defineScheme, divisors, impossible } from './scheme.js';

const noOptions = z.strictObject({});

export const none = defineScheme({
  name: 'none',
  summary: 'every layer has a block of its own',
  reference: 'the ordinary transformer',
  options: noOptions,
  blocks: () => (layer) => layer,
});

export const allTied = defineScheme({
  name: 'all-tied',
  summary: 'all layers share one block',
  reference: 'ALBERT, Lan et al. 2020, arXiv 1909.11942',
  options: noOptions,
  blocks: () => () => 0,
});

export const albertGroups = defineScheme({
  name: 'albert-groups',
  summary: 'groups of consecutive steps share, each step runs the inner layers of its group',
  reference:
    'ALBERT, Lan et al. 2020, arXiv 1909.11942; huggingface/transformers src/transformers/models/albert/modeling_albert.py',
  options: z.strictObject({
    groups: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('groups, G; default: so that G times inner is what random actions leave on average'),
    inner: z.number().int().positive().default(1).describe('layers inside a group, I; divides the layers'),
  }),
  blocks(layers, { groups, inner }) {
    const steps = layers / inner;
    if (!Number.isInteger(steps)) {
      throw impossible(
        'albert-groups',
        layers,
        `${inner} inner layers do not divide them`,
        `Set inner to ${divisors(layers)}, or change the layers`,
      );
    }
    const count = groups ?? Math.min(steps, Math.max(1, Math.round(defaultBlocks(layers) / inner)));
    if (count > steps) {
      throw impossible(
        'albert-groups',
        layers,
        `${count} groups are more than the ${steps} steps`,
        `Give at most ${steps} groups`,
      );
    }
    // The published expression, rounding of the inner quotient included.
    const group = (step: number): number => Math.trunc(step / (steps / count));
    return (layer) => group(Math.floor(layer / inner)) * inner + (layer % inner);
  },
});

export const sandwich = defineScheme({
  name: 'sandwich',
  summary: 'all layers between the first and the last share attention and MLP, each with norms of its own',
  reference:
    'Subformer, Reid et al. 2021, arXiv 2101.00234; machelreid/subformer fairseq/models/transformer.py:437-470',
  options: noOptions,
  tiedComponents: ['attention', 'mlp'],
  blocks: (layers) => (layer) => (layer === 0 ? 'first' : layer === layers - 1 ? 'last' : 'middle'),
});

export const shareAllButLast = defineScheme({
  name: 'share-all-but-last',
  summary: 'all layers but the last share one block',
  reference:
    'Subformer code, share_encoder_parameters_last; machelreid/subformer fairseq/models/transformer.py',
  options: noOptions,
  blocks: (layers) => (layer) => layer < layers - 1,
});

export const immediate = defineScheme({
  name: 'immediate',
  summary: 'each block is run R times in a row: 0 0 2 2 4 4',
  reference:
    'MobileLLM, Liu et al. 2024, arXiv 2402.14905; facebookresearch/MobileLLM utils/modeling_llama.py:992-1016',
  options: z.strictObject({
    repeats: z
      .number()
      .int()
      .positive()
      .default(2)
      .describe('times that each block is run, R; divides the layers'),
  }),
  blocks(layers, { repeats }) {
    if (layers % repeats !== 0) {
      throw impossible(
        'immediate',
        layers,
        `${repeats} repeats do not divide them`,
        `Set repeats to ${divisors(layers)}, or change the layers`,
      );
    }
    return (layer) => Math.floor(layer / repeats);
  },
});

export const list = defineScheme({
  name: 'list',
  summary: 'any sharing: equal ids share a block',
  reference: 'shared_layer_ids of lucidrains/DALLE-pytorch',
  options: z.strictObject({
    ids: z
      .array(z.union([z.number(), z.string()]))
      .min(1)
      .describe('one block id for each layer'),
  }),
  blocks(layers, { ids }) {
    if (ids.length !== layers) {
      throw impossible('list', layers, `${ids.length} ids are given`, 'Give one id for each layer');
    }
    return (layer) => ids[layer];
  },
});

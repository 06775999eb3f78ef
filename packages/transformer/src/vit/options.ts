/** Options of ViT, their ranges and defaults, and the checks that need more than one option. */
import { z } from 'zod';
import { checkedOptions } from '../checked-options.js';
import { assertHeadsDivide, assertPatchesDivide } from '../divisors.js';

const probability = z.number().min(0).lt(1);
const count = (most: number) => z.int().min(1).max(most);
const imageSize = count(65_536);
const channels = count(65_536);

/** Options of the plug-in entry; what it leaves out of the images comes from the data. */
export const vitOptionsSchema = z.strictObject({
  layers: count(1024).default(8).describe('Layers in the stack'),
  width: count(65_536).default(64).describe('Width of the residual stream; heads must divide it'),
  heads: count(1024).default(4).describe('Attention heads'),
  intermediateSize: count(262_144)
    .optional()
    .describe('Width inside of the MLP; left out: 4 times the width'),
  imageSize: imageSize.optional().describe('Pixels of a side of the images; left out: as the data says'),
  patchSize: count(65_536).default(4).describe('Pixels of a side of a patch; it must divide the image'),
  channels: channels.optional().describe('Numbers of a pixel; left out: as the data says'),
  qkvBias: z.boolean().default(true).describe('Whether queries, keys and values have a bias'),
  dropout: probability.default(0).describe('Dropout probability at embeddings and residual branches'),
  attentionDropout: probability
    .optional()
    .describe('Dropout probability of attention probabilities; left out: as `dropout`'),
  activation: z
    .enum(['gelu_new', 'gelu'])
    .default('gelu')
    .describe('`gelu`: exact, as ViT; `gelu_new`: tanh approximation'),
  layerNormEpsilon: z.number().gt(0).max(1).default(1e-12).describe('Added to the variance in layer norms'),
});

/** The same with what the images are, as `createVit` takes them. */
export const vitConfigSchema = vitOptionsSchema.extend({
  imageSize: imageSize.describe('Pixels of a side of the images'),
  channels: channels.default(3).describe('Numbers of a pixel'),
});

export type VitOptions = z.input<typeof vitOptionsSchema>;
/** What `createVit` takes: only the size of the images has no default. */
export type VitConfig = z.input<typeof vitConfigSchema>;

type Parsed = z.output<typeof vitConfigSchema>;
export type ResolvedVitConfig = Readonly<
  Omit<Parsed, 'intermediateSize' | 'attentionDropout'> & {
    readonly intermediateSize: number;
    readonly attentionDropout: number;
  }
>;

/**
 * Fills in the defaults and checks everything.
 *
 * @throws InputError `model-options-invalid` for a value out of range or an unknown option, `heads-do-not-divide-width` and
 * `patches-do-not-divide-image` with the nearest numbers that do.
 */
export function resolveVitConfig(config: VitConfig): ResolvedVitConfig {
  const options = checkedOptions(vitConfigSchema, config, 'ViT');
  assertHeadsDivide(options.width, options.heads);
  assertPatchesDivide(options.imageSize, options.patchSize);
  return {
    ...options,
    intermediateSize: options.intermediateSize ?? 4 * options.width,
    attentionDropout: options.attentionDropout ?? options.dropout,
  };
}

/** Positions of a sequence: one for each patch, and the class token before them. */
export const positionsOf = ({ imageSize, patchSize }: ResolvedVitConfig): number =>
  1 + (imageSize / patchSize) ** 2;

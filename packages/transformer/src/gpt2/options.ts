/** Options of GPT-2, their ranges and defaults, and the checks that need more than one option. */
import { z } from 'zod';
import { checkedOptions } from '../checked-options.js';
import { assertHeadsDivide } from '../divisors.js';
import { residualScaleOption } from '../residual-scale.js';

/** Options of the plug-in entry; the vocabulary size comes from the data. */
export const gpt2OptionsSchema = z.strictObject({
  layers: z.int().min(1).max(1024).default(8).describe('Layers in the stack'),
  width: z
    .int()
    .min(1)
    .max(65_536)
    .default(64)
    .describe('Width of the residual stream; heads must divide it'),
  heads: z.int().min(1).max(1024).default(4).describe('Attention heads'),
  intermediateSize: z
    .int()
    .min(1)
    .max(262_144)
    .optional()
    .describe('Width inside of the MLP; left out: 4 times the width'),
  tiedHead: z
    .boolean()
    .optional()
    .describe('Whether the head over tokens is their embedding again; left out: it is'),
  context: z.int().min(1).max(65_536).default(64).describe('Longest sequence in tokens (learned positions)'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Dropout probability at embeddings, attention probabilities and residual branches'),
  activation: z
    .enum(['gelu_new', 'gelu'])
    .default('gelu_new')
    .describe('`gelu_new`: tanh approximation, as GPT-2; `gelu`: exact'),
  residualScale: residualScaleOption,
  layerNormEpsilon: z.number().gt(0).max(1).default(1e-5).describe('Added to the variance in layer norms'),
});

/** The same with the vocabulary size, as `createGpt2` takes them. */
export const gpt2ConfigSchema = gpt2OptionsSchema.extend({
  vocabularySize: z.int().min(1).max(16_777_216).describe('Number of token ids'),
});

export type Gpt2Options = z.input<typeof gpt2OptionsSchema>;
/** What `createGpt2` takes: only the vocabulary size has no default. */
export type Gpt2Config = z.input<typeof gpt2ConfigSchema>;
type Parsed = z.output<typeof gpt2ConfigSchema>;
export type ResolvedGpt2Config = Readonly<
  Omit<Parsed, 'intermediateSize' | 'tiedHead'> & {
    readonly intermediateSize: number;
    readonly tiedHead: boolean;
  }
>;

/**
 * Fills in the defaults and checks everything.
 *
 * @throws InputError `model-options-invalid` for a value out of range or an unknown option,
 * `heads-do-not-divide-width` with the nearest numbers of heads that do.
 */
export function resolveGpt2Config(config: Gpt2Config): ResolvedGpt2Config {
  const options = checkedOptions(gpt2ConfigSchema, config, 'GPT-2');
  assertHeadsDivide(options.width, options.heads);
  return {
    ...options,
    intermediateSize: options.intermediateSize ?? 4 * options.width,
    tiedHead: options.tiedHead ?? true,
  };
}

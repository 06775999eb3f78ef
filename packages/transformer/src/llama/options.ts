/** Options of LLaMA, their ranges and defaults, and the checks that need more than one option. */
import { InputError } from '@ligature/core';
import { z } from 'zod';
import { checkedOptions } from '../checked-options.js';
import { nearestDivisors } from '../divisors.js';
import { residualScaleOption } from '../residual-scale.js';

const factor = z
  .number()
  .gt(0)
  .max(1e6)
  .describe('How many times as long the contexts are than those of the training before');
const turns = z.number().gt(0).max(1e6);

/** Options of the plug-in entry; the vocabulary size comes from the data. */
export const llamaOptionsSchema = z.strictObject({
  layers: z.int().min(1).max(1024).default(8).describe('Layers in the stack'),
  width: z
    .int()
    .min(1)
    .max(65_536)
    .default(64)
    .describe('Width of the residual stream; heads must divide it unless headSize is given'),
  heads: z.int().min(1).max(1024).default(4).describe('Attention heads of the queries'),
  keyValueHeads: z
    .int()
    .min(1)
    .max(1024)
    .nullable()
    .default(null)
    .describe(
      'Heads of keys and values, each shared by neighbouring heads of queries: a divisor of heads; 1: multi-query; null: as many as heads',
    ),
  headSize: z
    .int()
    .min(2)
    .max(65_536)
    .nullable()
    .default(null)
    .describe('Width of one head, even (head_dim); null: width / heads'),
  intermediateSize: z
    .int()
    .min(1)
    .max(1_048_576)
    .nullable()
    .default(null)
    .describe('Width between the products of the MLP; null: 8/3 of width, up to a multiple of 8'),
  context: z.int().min(1).max(1_048_576).default(64).describe('Longest sequence in tokens'),
  attentionDropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Dropout probability at attention probabilities, the only dropout that LLaMA has'),
  ropeTheta: z.number().gt(0).max(1e12).default(10_000).describe('Base of the rotary frequencies'),
  ropeScaling: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('linear').describe('all frequencies are divided'), factor }),
      z.strictObject({
        type: z
          .literal('llama3')
          .describe('low frequencies are divided, high ones kept, those between blended'),
        factor,
        lowFrequencyFactor: turns.describe(
          'Turns in the original context below which a frequency is divided',
        ),
        highFrequencyFactor: turns.describe('Turns in the original context above which a frequency is kept'),
        originalContext: z
          .int()
          .min(1)
          .max(1_048_576)
          .describe('Tokens of the contexts of the training before'),
      }),
    ])
    .nullable()
    .default(null)
    .describe('How rotary angles are stretched: linear or llama3, with a factor; null: not at all'),
  attentionBias: z
    .enum(['none', 'queries-keys-values', 'all'])
    .default('none')
    .describe(
      'Biases of the attention: none as in LLaMA, those of queries, keys and values as in Qwen2, or all four',
    ),
  mlpBias: z.boolean().default(false).describe('Whether the products of the MLP have biases'),
  tiedHead: z
    .boolean()
    .default(false)
    .describe('Whether predicting uses the matrix of the token embedding; false: one of its own (lm_head)'),
  residualScale: residualScaleOption,
  normEpsilon: z.number().gt(0).max(1).default(1e-6).describe('Added to the mean of squares in norms'),
});

/** The same with the vocabulary size, as `createLlama` takes them. */
export const llamaConfigSchema = llamaOptionsSchema.extend({
  vocabularySize: z.int().min(1).max(16_777_216).describe('Number of token ids'),
});

export type LlamaOptions = z.input<typeof llamaOptionsSchema>;
/** What `createLlama` takes: only the vocabulary size has no default. */
export type LlamaConfig = z.input<typeof llamaConfigSchema>;
type Parsed = z.output<typeof llamaConfigSchema>;
/** What follows from other options is filled in. */
export type ResolvedLlamaConfig = Readonly<
  Omit<Parsed, 'keyValueHeads' | 'headSize' | 'intermediateSize'> & {
    keyValueHeads: number;
    headSize: number;
    intermediateSize: number;
  }
>;

/**
 * Fills in the defaults and checks everything.
 *
 * @throws InputError `model-options-invalid` for a value out of range or an unknown option, `heads-do-not-divide-width`,
 * `heads-not-shared-evenly` and `head-size-odd`, each with the nearest numbers that do.
 */
export function resolveLlamaConfig(config: LlamaConfig): ResolvedLlamaConfig {
  const options = checkedOptions(llamaConfigSchema, config, 'LLaMA');
  const { width, heads, keyValueHeads, headSize, intermediateSize } = options;
  if (headSize === null && width % heads !== 0) {
    throw new InputError('heads-do-not-divide-width', {
      asked: `Split a width of ${width} over ${heads} heads`,
      found: `${heads} does not divide ${width}`,
      todo: `Use ${nearestDivisors(width, heads).join(' or ')} heads, another width, or headSize`,
    });
  }
  const size = headSize ?? width / heads;
  if (size % 2 !== 0) {
    throw new InputError('head-size-odd', {
      asked: `Turn heads of width ${size} by rotary positions`,
      found: 'they turn pairs of numbers, and the width is odd',
      todo: `Use another number of heads, or headSize ${size + 1}`,
    });
  }
  const shared = keyValueHeads ?? heads;
  if (heads % shared !== 0) {
    throw new InputError('heads-not-shared-evenly', {
      asked: `Share ${shared} heads of keys and values among ${heads} heads of queries`,
      found: `${shared} does not divide ${heads}`,
      todo: `Use ${nearestDivisors(heads, shared).join(' or ')} keyValueHeads`,
    });
  }
  return {
    ...options,
    ...{
      headSize: size,
      keyValueHeads: shared,
      intermediateSize: intermediateSize ?? 8 * Math.ceil(width / 3),
    },
  };
}

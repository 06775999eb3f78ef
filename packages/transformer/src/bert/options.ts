/** Options of BERT, their ranges and defaults, and the checks that need more than one option. */
import { z } from 'zod';
import { checkedOptions, invalidOptions } from '../checked-options.js';
import { assertHeadsDivide } from '../divisors.js';

const probability = z.number().min(0).lt(1);
const count = (most: number) => z.int().min(1).max(most);

/** Options of the plug-in entry; the vocabulary size comes from the data. */
export const bertOptionsSchema = z.strictObject({
  layers: count(1024).default(8).describe('Layers in the stack'),
  width: count(65_536).default(64).describe('Width of the residual stream; heads must divide it'),
  heads: count(1024).default(4).describe('Attention heads'),
  intermediateSize: count(262_144)
    .optional()
    .describe('Width inside of the MLP; left out: 4 times the width'),
  context: count(65_536).default(64).describe('Longest sequence in tokens (learned positions)'),
  typeVocabularySize: count(65_536)
    .default(2)
    .describe('Kinds of segments that a token may belong to (the field `token_type_ids`)'),
  decoder: z
    .boolean()
    .default(false)
    .describe('A causal BERT: no position sees a later one, and it has the head `causal-lm`'),
  dropout: probability
    .default(0)
    .describe('Dropout probability at embeddings, residual branches and what is classified'),
  attentionDropout: probability
    .optional()
    .describe('Dropout probability of attention probabilities; left out: as `dropout`'),
  activation: z
    .enum(['gelu_new', 'gelu'])
    .default('gelu')
    .describe('`gelu`: exact, as BERT; `gelu_new`: tanh approximation'),
  tiedHead: z
    .boolean()
    .default(true)
    .describe('Whether the heads over tokens end in the word embedding, or in a weight of their own'),
  paddingToken: z
    .int()
    .min(0)
    .optional()
    .describe('Token whose embedding takes no gradient where it is read; left out: every one does'),
  layerNormEpsilon: z.number().gt(0).max(1).default(1e-12).describe('Added to the variance in layer norms'),
});

/** The same with the vocabulary size, as `createBert` takes them. */
export const bertConfigSchema = bertOptionsSchema.extend({
  vocabularySize: count(16_777_216).describe('Number of token ids'),
});

export type BertOptions = z.input<typeof bertOptionsSchema>;
/** What `createBert` takes: only the vocabulary size has no default. */
export type BertConfig = z.input<typeof bertConfigSchema>;

type Parsed = z.output<typeof bertConfigSchema>;
export type ResolvedBertConfig = Readonly<
  Omit<Parsed, 'intermediateSize' | 'attentionDropout'> & {
    readonly intermediateSize: number;
    readonly attentionDropout: number;
  }
>;

/**
 * Fills in the defaults and checks everything.
 *
 * @throws InputError `model-options-invalid` for a value out of range or an unknown option,
 * `heads-do-not-divide-width` with the nearest numbers of heads that do.
 */
export function resolveBertConfig(config: BertConfig): ResolvedBertConfig {
  const options = checkedOptions(bertConfigSchema, config, 'BERT');
  assertHeadsDivide(options.width, options.heads);
  if (options.paddingToken !== undefined && options.paddingToken >= options.vocabularySize) {
    throw invalidOptions(
      'BERT',
      `paddingToken is ${options.paddingToken}, of a vocabulary of ${options.vocabularySize}`,
    );
  }
  return {
    ...options,
    intermediateSize: options.intermediateSize ?? 4 * options.width,
    attentionDropout: options.attentionDropout ?? options.dropout,
  };
}
